# SPDX-License-Identifier: ISC
# inits.sh: the private Debian of root.sh with an init of its own, four times: what apt-get adds to that
# tree, as a layer of an overlay, below .lab/inits/NAME. Built once; needs root.sh and tools.sh.
#
# apt-get of this machine only fetches, for the package list of the tree; installing happens in the tree,
# in namespaces without any network.

inits_systemd='systemd-sysv dbus daemontools s6 runit' # the supervisors run below systemd
inits_sysvinit='sysvinit-core'
inits_openrc='openrc sysvinit-core'
inits_runit='runit-init'
inits_all='systemd sysvinit openrc runit'

inits_fetch() {
	local to=$1
	shift
	mkdir -p "$to/partial" || return
	tools_get -d -y --no-install-recommends --reinstall -o Debug::NoLocking=1 -o APT::Sandbox::User=root \
		-o Dir::State::status="$root/var/lib/dpkg/status" -o Dir::Cache::archives="$to" \
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= install "$@"
}

# In mount, pid, uts, ipc and network namespaces: LAYER becomes what installing PACKAGES/*.deb adds to TREE.
inits_install() {
	local tree=$1 packages=$2 layer=$3
	mount --make-rprivate / && mount -t tmpfs -o mode=755 layer /mnt && ip link set lo up && cd /mnt &&
		mkdir lower up work root || return
	mount --bind "$tree" lower
	mount -t overlay -o lowerdir=lower,upperdir=up,workdir=work layer root || { up=root && cp -a lower/. root/; } || return
	mkdir root/packages && cp "$packages"/*.deb root/packages/ || return
	printf '#!/bin/sh\nexit 101\n' >root/usr/sbin/policy-rc.d && chmod 755 root/usr/sbin/policy-rc.d
	mount -t proc proc root/proc && mount --rbind /dev root/dev || return
	chroot root apt-get -y -o APT::Sandbox::User=root --no-install-recommends install $(cd root && ls packages/*.deb | sed 's|^|/|') || return
	rm -rf root/packages root/usr/sbin/policy-rc.d
	umount -l root/dev root/proc
	cp -a "${up:-up}/." "$layer/"
}

inits_build() {
	local name=$1 packages="inits_$1"
	packages=${!packages}
	rm -rf --one-file-system "$lab/inits/$name" "$lab/inits/$name.new" "$lab/inits/$name.packages"
	mkdir -p "$lab/inits/$name.new" || return
	# shellcheck disable=SC2086
	inits_fetch "$lab/inits/$name.packages" $packages ||
		{ tools_get update && inits_fetch "$lab/inits/$name.packages" $packages; } || return
	export -f inits_install
	unshare --mount --pid --fork --kill-child --uts --ipc --net \
		bash -c 'set -u; inits_install "$@"' - "$root" "$lab/inits/$name.packages" "$lab/inits/$name.new" || return
	rm -rf "$lab/inits/$name.packages"
	mv "$lab/inits/$name.new" "$lab/inits/$name"
}

# Build those that are not there or belong to another root, side by side.
inits_make() {
	local name packages stamp failed=0 running=()
	mkdir -p "$lab/inits"
	for name in $inits_all; do
		packages="inits_$name" stamp="$(cat "$root_stamp") ${!packages}"
		[ "$(cat "$lab/inits/$name.stamp" 2>/dev/null)" != "$stamp" ] || continue
		[ "${#running[@]}" -gt 0 ] || say "installing four inits into private trees"
		{ step "inits-$name" inits_build "$name" && printf '%s\n' "$stamp" >"$lab/inits/$name.stamp"; } &
		running+=($!)
	done
	for name in "${running[@]}"; do wait "$name" || failed=1; done
	return "$failed"
}
