#!/bin/bash
# SPDX-License-Identifier: ISC
# The lab itself: the real Postfix does there, setting by setting, what was measured before. A test
# that says "mail leaves from A" is worth nothing on a stage where that cannot be told apart.
. "$(dirname "$0")/lab.sh"
lab_start || bail "the lab does not start"

is "default: the kernel's choice" "$(lab_sources)" "192.0.2.10 2001:db8::12"
id=$(lab_send user@dual.example)
ok "a dual-stack destination gets its mail" grep -q -E '^(192.0.2.10|2001:db8::12)$' <<<"$(lab_outcome "$id")"
is "HELO is the name of the host" "$(lab_field "$id" helo)" mail.example.org
ok "the machine's own mail port is not the lab's" [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$mx_pid/ns/net")" ]

# row TEXT WANTED SETTING...
row() {
	local text=$1 wanted=$2
	shift 2
	lab_reset "$@"
	is "$text" "$(lab_sources)" "$wanted"
}
row "inet_interfaces = V4 leaks IPv6" "192.0.2.11 2001:db8::12" inet_interfaces=192.0.2.11
row "inet_interfaces = V4, V6" "192.0.2.11 2001:db8::11" "inet_interfaces=192.0.2.11, [2001:db8::11]"
row "a second IPv4 address loses the pin" "192.0.2.10 2001:db8::12" "inet_interfaces=127.0.0.1, 192.0.2.11"
row "[::1] beside it does not" "192.0.2.11 2001:db8::12" "inet_interfaces=[::1], 192.0.2.11"
row "loopback-only sends" "192.0.2.10 2001:db8::12" inet_interfaces=loopback-only
row "smtp_bind_address" "192.0.2.11 2001:db8::12" smtp_bind_address=192.0.2.11
row "smtp_bind_address and 6" "192.0.2.11 2001:db8::11" smtp_bind_address=192.0.2.11 smtp_bind_address6=2001:db8::11
row "smtp_bind_address beats inet_interfaces" "192.0.2.12 2001:db8::12" smtp_bind_address=192.0.2.12 inet_interfaces=192.0.2.11
row "an absent address leaks" "192.0.2.10 2001:db8::12" smtp_bind_address=192.0.2.99 inet_interfaces=192.0.2.11
row "or is deferred" "deferred 4.4.0 2001:db8::12" smtp_bind_address=192.0.2.99 smtp_bind_address_enforce=yes
row "inet_protocols = ipv4 bounces IPv6-only" "192.0.2.11 bounced 5.4.4" inet_protocols=ipv4 inet_interfaces=192.0.2.11

lab_reset
lab_option smtp smtp_bind_address 192.0.2.11
lab_postfix reload
is "-o of the service" "$(lab_sources)" "192.0.2.11 2001:db8::12"
lab_set relay_domains relayed.example
lab_postfix reload
ok "but relay is another one" grep -q -E '^(192.0.2.10|2001:db8::12)$' <<<"$(lab_mail user@relayed.example)"

lab_reset content_filter=smtp:[127.0.0.1]:10024
is "a content filter sees 127.0.0.1" "$(lab_mail user@v4.example)" 127.0.0.1
lab_reset content_filter=smtp:[127.0.0.1]:10024 smtp_bind_address=192.0.2.11
is "and refuses the pinned address" "$(lab_mail user@v4.example | cut -d' ' -f1)" deferred
lab_reset default_transport=lmtp:inet:[127.0.0.1]:10025
id=$(lab_send user@v4.example)
is "LMTP on loopback" "$(lab_outcome "$id") $(lab_field "$id" port)" "127.0.0.1 10025"

lab_reset smtp_bind_address=mail.example.org
is "a name as smtp_bind_address: nothing leaves" "$(lab_outcome "$(lab_send user@v4.example)" 3)" nothing
lab_reset
ok "inet_interfaces of an address that is not there" lab_set inet_interfaces 192.0.2.99
is "refuses mail of every user" "$(lab_mail user@v4.example)" "refused 75"
lab_reset
is "and the lab is as before" "$(lab_sources)" "192.0.2.10 2001:db8::12"

# ---- a test that is killed leaves nothing ----
left_behind() {
	local shell pids pid
	bash -c '. "$1"; lab_start && echo "$mx_pid $peer_pid" >"$2" && sleep 100' - "$here/lab.sh" "$lab_run/pids" >/dev/null 2>&1 &
	shell=$!
	wait_for 30 test -s "$lab_run/pids" || return
	pids=$(<"$lab_run/pids")
	for pid in $pids; do [ -e "/proc/$pid" ] || return; done
	kill -KILL "$shell"
	wait "$shell" 2>/dev/null
	for pid in $pids; do wait_for 10 [ ! -e "/proc/$pid" ] || return; done
	rm -rf "$lab/run/$shell"
}
ok "a lab ends with the shell that made it, also when that is killed" left_behind
