# SPDX-License-Identifier: ISC
# tools.sh: installs what a build, a lab or the tests need, from the Debian archive this machine uses.
#
# Nothing is asked of the archive when everything is there. Never an MTA, an init or a supervisor:
# the plan of apt-get is looked at before it is carried out.

read -ra build_tools < <("$top/scripts/needs" packages debian)
lab_tools=(debootstrap iproute2 util-linux mount)
test_tools=(clang clang-format libclang-rt-dev cppcheck mandoc xz-utils file binutils
	python3 python3-jsonschema procps strace acl attr e2fsprogs xfsprogs augeas-tools
	zsh fish dash busybox mksh ksh93u+m mawk gawk original-awk diffutils patch)
never_here='postfix|exim4.*|sendmail.*|qmail.*|opensmtpd|.*-mta|systemd-sysv|sysvinit-core|openrc|runit.*|daemontools.*|s6.*'

tools_missing() {
	local p
	for p; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || printf '%s\n' "$p"
	done
}

tools_get() { apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"; }

tools_apt() {
	tools_get update || return
	if tools_get -s --no-install-recommends install "$@" | grep -E "^Inst ($never_here) "; then
		echo "apt-get would install one of these here: refused"
		return 1
	fi
	tools_get -y --no-install-recommends install "$@"
}

# tools NAME PACKAGE...: install what is missing of the packages.
tools() {
	local name=$1 missing
	shift
	mapfile -t missing < <(tools_missing "$@")
	[ "${#missing[@]}" -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] || refused "root is needed to install ${missing[*]}"
	say "installing ${#missing[@]} packages for $name"
	step "tools-$name" tools_apt "${missing[@]}"
}
