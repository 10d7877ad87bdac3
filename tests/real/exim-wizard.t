#!/bin/bash
# SPDX-License-Identifier: ISC
# The wizard on Debian's Exim, with real name servers: by Enter alone to a pin that the sink sees; IPv6 `off` is never what
# it recommends, and what that costs is said before the change, also where it would be taken back.
. "$(dirname "$0")/lab.sh"
. "$here/exim.sh"
. "$here/dns.sh"
exim_start && dns_start || { cat "$lab_run"/*/console "$lab_run/daemons" >&2; bail "the lab does not start"; }
trap 'dns_stop; lab_exit' EXIT
record=$lab_run/record etc=$mx_root/etc/exim4
ask_of 10.53.0.1

# wizard ANSWER...: one a question; RET is Enter alone. Sets $status; $record is what was printed.
wizard() {
	local answer steps=
	for answer; do steps+="(Enter: \\d+|more: Enter)[^\\n]*"$'\t'"${answer/RET/}"$'\\n\n'; done
	status=0
	python3 "$top/tests/cli/terminal.py" 60 80 "$record" nsenter -t "$mx_pid" -m -u -i -n -p -- \
		env -i "${mx_environment[@]}" TERM=dumb mtapin <<<"${steps%$'\n'}" || status=$?
}
printed() { grep -q -E -- "$1" "$record" || { cat -v "$record"; return 1; }; }
unasked() { ! grep -q -E -- "$1" "$record"; }
state() { (cd "$mx_root" && find etc/exim4 var/lib/exim4 -type f -exec sha256sum {} + | sort); }

start=$(state)
wizard RET RET RET
is "by Enter alone: exit" "$status" 0
ok "... verified, with its levels" printed '^verified: config(, service)?(, observed)?$'
is "... where mail leaves from, at the sink" "$(lab_sources)" "192.0.2.10 2001:db8::10"
ok "... Debian's macro" grep -q -x 'REMOTE_SMTP_INTERFACE = <; 192\.0\.2\.10 ; 2001:db8::10' "$etc/exim4.conf.localmacros"
is "... the same by one command" "$(grep -o -E '^mtapin fix .*' "$record" | tail -n 1)" "mtapin fix --ip4 192.0.2.10 --ip6 2001:db8::10 --yes"
ok "... IPv6 off is offered, with what it costs" printed '^ +[0-9]+  off: .*bounce'
mx mtapin undo >>"$lab_run/daemons" 2>&1
is "... undo gives the old files back" "$(state)" "$start"

# No IPv6 address is good: still not off.
for a in 10 11 12; do net "$mx_pid" ip addr del "2001:db8::$a/64" dev eth0; done
net "$mx_pid" ip addr add 2001:db8::77/64 dev eth0 nodad
wizard RET q
ok "no IPv6 address is good: off is not recommended" unasked '^\* +[0-9]+  off:'
wizard RET off q
is "off, then q: exit" "$status" 1
ok "... what that costs is said before the change" printed 'no undo and no'
is "... nothing was changed" "$(state)" "$start"

# It would be taken back, what has bounced would not.
wizard RET off confirm undo
ok "off, to be confirmed: it is said that bounced mail does not come back" printed 'no undo and no'
is "... the old files are back" "$(state)" "$start"
