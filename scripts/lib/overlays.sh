# SPDX-License-Identifier: ISC
# overlays.sh: the private Debian of root.sh with more in it: what apt-get adds to that tree, as a layer of
# an overlay, below .lab/overlays/NAME: four inits, the servers of the world around a mail host, a compiler, other mail servers. Built
# once; needs root.sh and tools.sh. `clients` is for scripts/bench fleet alone.
#
# apt-get of this machine only fetches, for the package list of the tree; installing happens in the tree,
# in namespaces without any network.

overlay_systemd='systemd-sysv dbus daemontools s6 runit' # the supervisors run below systemd
overlay_sysvinit='sysvinit-core'
overlay_openrc='openrc sysvinit-core'
overlay_runit='runit-init'
overlay_servers='openssh-server sudo nsd unbound rbldnsd'
overlay_clients='openssh-client pdsh ansible-core'
overlay_toolchain="$("$top/scripts/needs" packages debian) sudo" # what README.md says a build needs
overlay_exim='exim4-daemon-light' # other mail servers, in Postfix' place
overlay_sendmail='sendmail-bin sendmail-cf m4'
overlay_opensmtpd='opensmtpd'
overlays='systemd sysvinit openrc runit servers toolchain exim sendmail opensmtpd'

overlay_fetch() {
	local to=$1
	shift
	mkdir -p "$to/partial" || return
	tools_get -d -y --no-install-recommends --reinstall -o Debug::NoLocking=1 -o APT::Sandbox::User=root \
		-o Dir::State::status="$root/var/lib/dpkg/status" -o Dir::Cache::archives="$to" \
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= install "$@"
}

# In mount, pid, uts, ipc and network namespaces: LAYER becomes what installing PACKAGES/*.deb adds to TREE.
overlay_install() {
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

overlay_build() {
	local name=$1 packages="overlay_$1"
	packages=${!packages}
	rm -rf --one-file-system "$lab/overlays/$name" "$lab/overlays/$name.new" "$lab/overlays/$name.packages"
	mkdir -p "$lab/overlays/$name.new" || return
	# shellcheck disable=SC2086
	overlay_fetch "$lab/overlays/$name.packages" $packages ||
		{ tools_get update && overlay_fetch "$lab/overlays/$name.packages" $packages; } || return
	export -f overlay_install
	unshare --mount --pid --fork --kill-child --uts --ipc --net \
		bash -c 'set -u; overlay_install "$@"' - "$root" "$lab/overlays/$name.packages" "$lab/overlays/$name.new" || return
	rm -rf "$lab/overlays/$name.packages"
	mv "$lab/overlays/$name.new" "$lab/overlays/$name"
}

# overlays_make [NAME...]: build those that are not there or belong to another root, side by side.
overlays_make() {
	local name packages stamp failed=0 running=()
	mkdir -p "$lab/overlays"
	for name in ${*:-$overlays}; do
		packages="overlay_$name" stamp="$(cat "$root_stamp") ${!packages}"
		[ "$(cat "$lab/overlays/$name.stamp" 2>/dev/null)" != "$stamp" ] || continue
		[ "${#running[@]}" -gt 0 ] || say "installing inits and servers into private trees"
		{ step "overlay-$name" overlay_build "$name" && printf '%s\n' "$stamp" >"$lab/overlays/$name.stamp"; } &
		running+=($!)
	done
	for name in "${running[@]}"; do wait "$name" || failed=1; done
	return "$failed"
}
