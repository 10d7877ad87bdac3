#!/bin/bash
# SPDX-License-Identifier: ISC
# What cannot work on this host is refused before a byte, an inode or a time below /etc/postfix changes,
# and mail goes on leaving as before.
. "$(dirname "$0")/lab.sh"
lab_start || bail "the lab does not start"
lab_reset

# refuses STATUS TEXT COMMAND...
refuses() {
	local wanted=$1 text=$2 before status=0
	shift 2
	before=$(lab_state)
	"$@" >"$lab_run/out" 2>"$lab_run/err" || status=$?
	is "$text: exit status" "$status" "$wanted"
	ok "$text: a reason on stderr" grep -q . "$lab_run/err"
	is "$text: nothing changed" "$(lab_state)" "$before"
}
fix() { mx mtapin fix --yes "$@"; }

refuses 2 "IPv4 alone on a host that sends over IPv6 too" fix --ip 192.0.2.11
refuses 2 "an address of no interface" fix --ip 192.0.2.99 --ip6 keep
refuses 2 "an IPv6 address of no interface" fix --ip 192.0.2.11 --ip6 2001:db8::99
refuses 2 "loopback" fix --ip 127.0.0.1 --ip6 keep
refuses 2 "link-local" fix --ip 192.0.2.11 --ip6 "$(net "$mx_pid" ip -6 -o addr show dev eth0 scope link | awk '{ sub("/.*", "", $4); print $4 }')"
refuses 2 "0.0.0.0" fix --ip 0.0.0.0 --ip6 keep
refuses 2 "multicast" fix --ip 224.0.0.1 --ip6 keep
refuses 2 "broadcast" fix --ip 192.0.2.255 --ip6 keep
refuses 64 "a name" fix --ip mail.example.org --ip6 keep
refuses 64 "an unknown path" fix --ip 192.0.2.11 --ip6 keep --path nowhere

net "$mx_pid" sh -c 'ip link add spare0 type veth peer name spare1 && ip addr add 198.18.0.5/24 dev spare0'
refuses 2 "an interface that is down" fix --ip 198.18.0.5 --ip6 keep
net "$mx_pid" sh -c 'cd /proc/sys/net/ipv6/conf/spare0 && echo 1 >accept_dad && echo 200 >dad_transmits
	ip link set spare1 up && ip link set spare0 up && ip addr add 2001:db8:5::5/64 dev spare0'
ok "the address is tentative" grep -q tentative <<<"$(net "$mx_pid" ip addr show spare0)"
refuses 2 "a tentative address" fix --ip 192.0.2.11 --ip6 2001:db8:5::5
net "$mx_pid" ip link del spare0

refuses 2 "not root" mx_user /usr/local/sbin/mtapin fix --ip 192.0.2.11 --ip6 keep --yes
lab_reset inet_interfaces=localhost
refuses 2 "a listener on a loopback-only host" fix --ip 192.0.2.11 --ip6 keep --method inet_interfaces

lab_reset
for file in main.cf master.cf; do
	cp "$mx_root/etc/postfix/$file" "$lab_run/$file"
	printf 'x\0y\n' >>"$mx_root/etc/postfix/$file"
	lab_aged
	refuses 2 "NUL in $file" fix --ip 192.0.2.11 --ip6 keep
	head -c 8400000 /dev/zero | tr '\0' '#' >>"$mx_root/etc/postfix/$file"
	lab_aged
	refuses 2 "$file of more than 8 MiB" fix --ip 192.0.2.11 --ip6 keep
	rm "$mx_root/etc/postfix/$file"
	refuses 2 "no $file" fix --ip 192.0.2.11 --ip6 keep
	mkdir "$mx_root/etc/postfix/$file"
	refuses 2 "$file is a folder" fix --ip 192.0.2.11 --ip6 keep
	rmdir "$mx_root/etc/postfix/$file"
	mx mkfifo "/etc/postfix/$file"
	refuses 2 "$file is a FIFO" timeout 60 nsenter -t "$mx_pid" -m -u -i -n -p -- /usr/local/sbin/mtapin fix --yes --ip 192.0.2.11 --ip6 keep
	rm "$mx_root/etc/postfix/$file"
	cp "$lab_run/$file" "$mx_root/etc/postfix/$file"
	lab_aged
done
is "mail leaves as ever" "$(lab_sources)" "192.0.2.10 2001:db8::12"
