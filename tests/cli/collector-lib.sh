# SPDX-License-Identifier: ISC
# collector-lib.sh: small roots for the collector, for tests/cli/collector-*.t. Sourced after lib.sh.
#
# A root holds the shells in /shells (not in PATH), programs, and a mail server's files; the collector
# runs in it by chroot, with mount and network namespaces of its own (two addresses on a veth, no packet
# leaves). Needs root and namespaces: without them the whole file is skipped.
#
# tree NAME gnu|busybox	$root is a new root with these programs
# drop PROGRAM...	take programs out of it
# fake_postconf		a postconf that prints the values of $root/etc/postfix/postconf.out
# collect SHELL OUT [BEFORE...]	run $dir/script in $root under SHELL (`env -i`, after BEFORE)
# plain IN OUT		the bundle without what every run draws: nonce, mark, time
# items BUNDLE, item NAME BUNDLE	what the decoder says
# shells, kinds		the shells that are there, dash first, and the kinds of programs; shell NAME: its command line in the root
tool=$builddir/tests/collector/tool
programs='sed grep cat head od stat ls readlink id sleep date tr timeout getent ip env awk'

[ "$(id -u)" = 0 ] || skip_all 'needs root'
have dash ip unshare chroot || skip_all "needs $have_p"
unshare -m -n true 2>/dev/null || skip_all 'needs mount and network namespaces'
# The test runs in a network of its own; mounts are made for one run of the collector only.
if [ "${collector_inside-}" != "$PPID" ]; then
	rm -rf "$dir"
	collector_inside=$$ exec unshare -n sh -c 'sh "$0"; exit' "$0"
fi
: >"$dir/out"
: >"$dir/err"
# dash is what the others are compared with; one of them that is not here is a test skipped, and no more.
shells=dash
for lib_p in bash busybox mksh ksh93; do
	if have $lib_p; then shells="$shells $lib_p"; else skipped "the collector in $lib_p" "needs $lib_p"; fi
done
kinds=gnu
! have busybox || kinds='gnu busybox'
# No link-local address: it would be tentative in some runs.
ip link set lo up && ip link add mail type veth peer name other &&
	ip link set mail addrgenmode none up && ip link set other addrgenmode none up &&
	ip addr add 192.0.2.10/24 dev mail && ip route add default via 192.0.2.1 || exit 99
[ ! -e /proc/net/if_inet6 ] || { ip addr add 2001:db8::10/64 dev mail nodad &&
	ip -6 route add default via 2001:db8::1; } || exit 99

script() { # raw|redacted
	"$tool" script "$1" >"$dir/script"
}

libraries() { # what $1 is linked with, and the loader
	ldd "$1" 2>/dev/null | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p'
}
place() { # PROGRAM FOLDER
	place_from=$(readlink -f "$(command -v "$1")") || return 1
	cp "$place_from" "$root$2/$1"
	for place_lib in $(libraries "$place_from"); do
		mkdir -p "$root${place_lib%/*}"
		[ -e "$root$place_lib" ] || cp "$place_lib" "$root$place_lib"
	done
}
tree() {
	root=$dir/$1
	mkdir -p "$root/shells" "$root/usr/bin" "$root/proc" "$root/dev" "$root/etc/postfix" "$root/tmp" \
		"$root/var/spool/postfix/pid" "$root/var/lib/postfix" "$root/sys/module/kernel"
	for tree_p in $shells; do place "$tree_p" /shells || return 1; done
	if [ "$2" = busybox ]; then
		for tree_p in $("$root/shells/busybox" --list); do ln "$root/shells/busybox" "$root/usr/bin/$tree_p"; done
	else
		for tree_p in $programs; do place "$tree_p" /usr/bin || return 1; done
	fi
	chmod 1777 "$root/tmp"
	: >"$root/dev/null"
	: >"$root/dev/urandom"
	echo 'hosts: files' >"$root/etc/nsswitch.conf"
	echo '192.0.2.10 mail.example.net' >"$root/etc/hosts"
	echo 'postfix:x:107:107::/var/lib/postfix:/bin/false' >"$root/etc/passwd"
	chown 107:107 "$root/var/lib/postfix"
}
drop() {
	for drop_p; do rm -f "$root/usr/bin/$drop_p"; done
}
fake_postconf() {
	{
		echo '#!/shells/dash'
		echo 'while IFS= read -r x; do printf "%s\n" "$x"; done </etc/postfix/postconf.out'
	} >"$root/usr/bin/postconf"
	chmod 755 "$root/usr/bin/postconf"
}

shell() {
	case $1 in
	busybox) echo '/shells/busybox ash' ;;
	*) echo "/shells/$1" ;;
	esac
}
inside='root=$1; shift
mount --rbind /proc "$root/proc" && mount --bind /dev/null "$root/dev/null" &&
mount --bind /dev/urandom "$root/dev/urandom" && exec "$@"
exit 99'
collect() {
	collect_shell=$(shell "$1")
	collect_out=$2
	shift 2
	# shellcheck disable=SC2086
	env -i PATH="$PATH" unshare -m sh -c "$inside" inside "$root" "$@" \
		chroot $chroot_as "$root" $collect_shell <"$dir/script" >"$collect_out" 2>"$dir/collect.err"
}
chroot_as=

plain() {
	plain_n=$(LC_ALL=C sed -n 's/^\([0-9a-f]\{32\}\) begin mtapin 1$/\1/p' "$1")
	plain_m=$(LC_ALL=C sed -n "s/^$plain_n batch //p" "$1")
	LC_ALL=C sed -e "s/^$plain_n /NONCE /" -e "s/${plain_m:-@@}/MARK/" -e 's/^\(NONCE host\) [0-9]* /\1 TIME /' "$1" >"$2"
}
items() { "$tool" items <"$1"; }
item() { "$tool" item "$1" <"$2"; }

postfix_main='# a comment
myhostname = mail.example.net
inet_interfaces = 192.0.2.10, mail.example.net
relayhost = [198.51.100.7]:587
transport_maps = hash:/etc/postfix/transport
smtp_bind_address =
  # inside
  192.0.2.10
'
postfix_master='smtp inet n - y - - smtpd
smtp unix - - y - - smtp
  -o smtp_bind_address=192.0.2.10
'
postfix_files() {
	printf '%s' "$postfix_main" >"$root/etc/postfix/main.cf"
	printf '%s' "$postfix_master" >"$root/etc/postfix/master.cf"
	echo 'example.com smtp:[203.0.113.9]' >"$root/etc/postfix/transport"
	touch -d @1700000000 "$root"/etc/postfix/*
}
