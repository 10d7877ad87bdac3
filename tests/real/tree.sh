# SPDX-License-Identifier: ISC
# tree.sh: a Debian with the real Postfix, which does not run, in mount, pid and network namespaces that
# end with the test: for tests that break mtapin hundreds of times. Sourced by bash, as the first thing;
# what is above the line that sources it runs twice. Needs what lab.sh needs.
#
#	$tree, $scratch		its root, a folder; both gone afterwards
#	$etc, $state		/etc/postfix and /var/lib/mtapin in it, as seen from here
#	in_tree COMMAND...	run there with an environment of its own
#	tree_engine fix|undo|recover	sets argv: the real program, the service left alone; see tree_fix
#	tree_reset		configuration as at the start, no transaction
#	tree_disk NAME FS MIB [MOUNT-OPTIONS [MKFS-OPTIONS...]]	a new file system, mounted at $scratch/NAME
#	tree_put NAME		that one holds /etc/postfix; tree_put NAME state: /var/lib/mtapin; tree_take both
#	compile PROGRAM		from PROGRAM.c of this folder, into $scratch; compile_shared for LD_PRELOAD
#	long			true when all of it shall run, else a sample
#
# TAP as in tap.sh; the plan is printed at exit.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
. "$here/../../scripts/lib/common.sh"
. "$top/scripts/lib/root.sh"
. "$here/tap.sh"

# Process 1 of the new pid namespace is this test, started again.
if [ $$ != 1 ]; then
	root_allowed
	[ -e "$root_stamp" ] || bail "$root is not there: run scripts/test or scripts/demo once"
	mkdir -p "$lab/run"
	exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --uts --ipc --net --propagation private "$BASH" "$0" "$@"
fi

scratch=$lab/run/tree # a tmpfs that nobody else sees
tree=$scratch/root
etc=$tree/etc/postfix state=$tree/var/lib/mtapin
tree_fix=(--ip 192.0.2.11 --ip6 off)
tree_env=() # env NAME=VALUE...: more environment for the program

tree_network() {
	echo 0 | tee /proc/sys/net/ipv6/conf/*/disable_ipv6 /proc/sys/net/ipv6/conf/*/accept_dad >/dev/null
	ip link set lo up
	ip link add eth0 type veth peer name peer0
	ip link set eth0 up
	ip link set peer0 up
	local a
	for a in 192.0.2.10/24 192.0.2.11/24 2001:db8::10/64 2001:db8::11/64; do ip addr add "$a" dev eth0; done
	ip route add default via 192.0.2.1
	ip -6 route add default via 2001:db8::1
}
tree_make() {
	mkdir -p "$scratch"
	mount -t tmpfs -o mode=755 tree "$scratch" || return
	mkdir "$scratch"/{lower,up,work,root}
	mount --bind "$root" "$scratch/lower"
	(cd "$scratch" && mount -t overlay -o lowerdir=lower,upperdir=up,workdir=work tree root) || return
	mount -t proc proc /proc && mount --rbind /proc "$tree/proc" && mount --rbind /dev "$tree/dev" || return
	cp -a "$prefix/." "$tree/"
	mkdir -p "$state"
	printf '192.0.2.10 mail.example.org mail\n127.0.0.1 localhost\n' >"$tree/etc/hosts"
	tree_network
}
# Postfix's readers wait while main.cf is less than two seconds old; here their clock is ahead.
tree_hurry() {
	compile_shared ahead || return
	cp "$scratch/ahead.so" "$tree/usr/lib/"
	local program
	mkdir "$tree/usr/lib/ahead"
	for program in postconf postmap; do
		mv "$tree/usr/sbin/$program" "$tree/usr/lib/ahead/" # they say their own names
		printf '#!/bin/sh\nLD_PRELOAD=/usr/lib/ahead.so exec /usr/lib/ahead/%s "$@"\n' "$program" >"$tree/usr/sbin/$program"
		chmod 755 "$tree/usr/sbin/$program"
	done
}
tree_path=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
in_tree() { env -i PATH="$tree_path" chroot "$tree" "$@"; }
tree_engine() {
	argv=(env -i PATH="$tree_path" chroot "$tree" "${tree_env[@]}" /usr/local/sbin/mtapin "$1")
	[ "$1" != fix ] || argv+=("${tree_fix[@]}" --yes)
	argv+=(--no-service)
}
tree_reset() {
	rm -rf "$etc"/{main,master}.cf* "$etc"/.[!.]* "${state:?}"/*
	cp "$here/default/main.cf" "$here/default/master.cf" "$etc/"
	chmod 640 "$etc/main.cf"
	chmod 644 "$etc/master.cf"
}
long() { [ "${MT_LONG:-no}" != no ]; }

# ---- file systems of our own ----
tree_disk() {
	local name=$1 fs=$2 size=$3 options=${4:-}
	shift 3
	[ $# = 0 ] || shift
	rm -f "$scratch/$name.img"
	truncate -s "${size}M" "$scratch/$name.img" &&
		"mkfs.$fs" -q "$@" "$scratch/$name.img" &&
		mkdir -p "$scratch/$name" &&
		mount -o "loop${options:+,$options}" "$scratch/$name.img" "$scratch/$name"
}
tree_put() {
	local place=$etc
	[ "${2:-}" != state ] || place=$state
	mkdir -p "$scratch/$1/${place##*/}"
	mount --bind "$scratch/$1/${place##*/}" "$place"
}
tree_take() { umount -l "$etc" "$state" 2>/dev/null; }

# ---- programs of our own ----
compile() { gcc -std=gnu11 -O1 -Wall -Wextra -Werror -o "$scratch/$1" "$here/$1.c"; }
compile_shared() { gcc -std=gnu11 -O1 -Wall -Wextra -Werror -shared -fPIC -o "$scratch/$1.so" "$here/$1.c" -ldl; }

tree_exit() {
	local status=$?
	trap - EXIT
	[ "$tap_count" = 0 ] || tap_end || status=1
	exit "$status"
}
trap tree_exit EXIT
trap 'exit 143' TERM INT HUP
tree_make || bail "the tree cannot be made"
