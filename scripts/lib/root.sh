# SPDX-License-Identifier: ISC
# root.sh: a private Debian with the real Postfix, below .lab/root. Built once; tests use it as the
# lower layer of an overlay, so it stays as it is.
#
# It is unpacked by debootstrap (two stages): the first stage only fetches and unpacks; the second,
# which runs maintainer scripts, has namespaces of its own without any network, so nothing in it can
# start on this machine or bind one of its ports.

root=$lab/root
root_packages=postfix,iproute2,procps,python3-minimal,dnsmasq-base,libconfuse2,libuv1,libjansson4,libmd0,libc-ares2,acl,attr,patch,diffutils,busybox
root_stamp=$lab/root.stamp

# The Debian mirror and the proxy that apt-get uses on this machine.
root_mirror() {
	apt-get indextargets --format '$(CREATED_BY) $(CODENAME) $(COMPONENT) $(ORIGIN) $(REPO_URI)' |
		awk -v s="$suite" '$1 == "Packages" && $2 == s && $3 == "main" && $4 == "Debian" { print $5; exit }' |
		sed 's/^copy:/file:/'
}
root_proxy() {
	local http= https=
	eval "$(apt-config shell http Acquire::http::Proxy https Acquire::https::Proxy)"
	[ -z "$http" ] || [ "$http" = DIRECT ] || export http_proxy=$http
	[ -z "$https" ] || [ "$https" = DIRECT ] || export https_proxy=$https
}

# root_bootstrap TREE [PACKAGES]: debootstrap in two stages. Maintainer scripts are forbidden to start
# services (policy-rc.d) and need not wait for the disk.
root_bootstrap() {
	local tree=$1 packages=${2-} mirror cache=$lab/packages
	mirror=$(root_mirror)
	[ -n "$mirror" ] || { apt-get -qq update && mirror=$(root_mirror); }
	[ -n "$mirror" ] || { echo "apt-get on this machine knows no Debian $suite"; return 1; }
	root_proxy
	mkdir -p "$cache"
	debootstrap --foreign --variant=minbase --cache-dir="$cache" ${packages:+--include="$packages"} \
		"$suite" "$tree" "$mirror" || return
	printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d"
	chmod 755 "$tree/usr/sbin/policy-rc.d"
	mkdir -p "$tree/etc/dpkg/dpkg.cfg.d"
	echo force-unsafe-io >"$tree/etc/dpkg/dpkg.cfg.d/unsafe-io"
	# Loopback only: Postfix's own scripts want one interface that is up.
	unshare --mount --pid --fork --kill-child --uts --ipc --net \
		sh -c 'ip link set lo up && exec chroot "$1" /debootstrap/debootstrap --second-stage' - "$tree"
}

root_build() {
	local tree=$lab/root.new
	rm -rf --one-file-system "$tree"
	root_bootstrap "$tree" "$root_packages" || { tail -n 20 "$tree/debootstrap/debootstrap.log"; return 1; }
	rm -rf "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/* "$root_stamp"
	rm -rf --one-file-system "$root"
	mv "$tree" "$root"
}

# Build it unless the one that is there has these packages.
root_make() {
	[ "$(cat "$root_stamp" 2>/dev/null)" = "$suite $root_packages" ] && return
	root_allowed
	say "unpacking a private Debian with Postfix"
	step root root_build || return
	printf '%s\n' "$suite $root_packages" >"$root_stamp"
}

# Exit 77, naming what is missing, where namespaces or mounts are refused.
root_allowed() {
	local flag
	[ "$(id -u)" = 0 ] || refused "root is needed (chroot, namespaces, mounts)"
	for flag in mount pid uts ipc net; do
		unshare "--$flag" --fork true 2>/dev/null || refused "a $flag namespace is not allowed (CAP_SYS_ADMIN, unshare)"
	done
	unshare --mount --fork mount -t tmpfs tmpfs /mnt 2>/dev/null || refused "mounts are not allowed (CAP_SYS_ADMIN, mount)"
}
