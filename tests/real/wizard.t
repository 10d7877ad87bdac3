#!/bin/bash
# SPDX-License-Identifier: ISC
# The wizard in a pseudo-terminal, on the real Postfix with real name servers: to a pin that the sink sees, by Enter
# alone; back, help, junk, narrow and dumb terminals; and interrupted at every question, with nothing changed.
. "$(dirname "$0")/lab.sh"
. "$here/dns.sh"
lab_start && dns_start || { cat "$lab_run"/*/console "$lab_run/daemons" >&2; bail "the lab does not start"; }
trap 'dns_stop; lab_exit' EXIT
record=$lab_run/record rows=60 columns=80 environment=(TERM=dumb)
ask_of 10.53.0.1

# type_to COMMAND... <STEPS: in a terminal on mx; a step is PATTERN, tab, TEXT. Sets $status; $record is what was printed.
type_to() {
	status=0
	python3 "$top/tests/cli/terminal.py" "$rows" "$columns" "$record" nsenter -t "$mx_pid" -m -u -i -n -p -- \
		env -i "${mx_environment[@]}" "${environment[@]}" "$@" || status=$?
}
# wizard ANSWER...: one a question; RET is Enter alone.
wizard() {
	local answer steps=
	for answer; do steps+="(Enter: \\d+|more: Enter)[^\\n]*"$'\t'"${answer/RET/}"$'\\n\n'; done
	type_to mtapin <<<"${steps%$'\n'}"
}
printed() { grep -q -E -- "$1" "$record" || { cat -v "$record"; return 1; }; }
not() { ! "$@"; }
plain() { not grep -q "[$(printf '\033\r\b')]" "$record"; }
back_to_start() { lab_reset; ask_of 10.53.0.1; }
history_says() { mx mtapin history | grep -q -E -- "$1"; }
sent_from() { grep -o -E 'mtapin fix .*' "$record" | tail -n 1; }

# ---- Enter, Enter, Enter ----
rows=24
start=$(date +%s)
wizard RET RET RET RET RET
took=$(($(date +%s) - start))
is "by Enter alone: exit" "$status" 0
ok "... verified, with its levels" printed '^verified: config, service$'
ok "... a dumb terminal gets no ESC, CR or backspace" plain
is "... where mail leaves from, at the sink" "$(lab_sources)" "192.0.2.10 2001:db8::10"
ok "... in 60 s or less ($took s)" test "$took" -le 60
ok "... says what is left to do" printed '^now see to it: reputation'
command=$(sent_from)
is "... the same by one command" "$command" "mtapin fix --ip4 192.0.2.10 --ip6 2001:db8::10 --yes"
ok "... which the history has too" history_says '^ +mtapin fix --ip4 192\.0\.2\.10 --ip6 2001:db8::10 --yes$'
# What the README shows is what this run printed, but for lines that it leaves out.
shown() { awk '/^```text wizard/ { inside = 1; next } /^```/ { inside = 0 } inside && NF' "$top/README.md"; }
ok "the README's screens are what it prints" test "$(shown | wc -l)" -ge 10 -a -z "$(shown | grep -vxFf "$record")"
rows=60
pinned=$(sha256sum <"$mx_root/etc/postfix/main.cf")
wizard RET RET
is "again: exit" "$status" 0
ok "... there is nothing to change" printed '^There is nothing to change: it is so already\.$'
back_to_start
mx $command >>"$lab_run/daemons" 2>&1
is "that command on a second host: the same file" "$(sha256sum <"$mx_root/etc/postfix/main.cf")" "$pinned"

# ---- one service for the internet and a filter on this host: it gets a clone, and undo takes that back ----
back_to_start
lab_set content_filter 'smtp:[127.0.0.1]:10024'
lab_postfix reload
before=$(sha256sum "$mx_root"/etc/postfix/{main,master}.cf)
wizard RET RET RET
is "a service that also reaches this host: exit" "$status" 0
ok "... its hop to this host has a clone" grep -q '^smtp-loopback ' "$mx_root/etc/postfix/master.cf"
ok "... history tells the change of the way out" history_says '  fix   applied +root +smtp IPv4 kernel -> 192\.0\.2\.10; smtp IPv6 kernel -> 2001:db8::10; '
is "... undo: exit" "$(mx mtapin undo >"$lab_run/undo" 2>&1; echo $?)" 0
is "... undo gives the old bytes back" "$(sha256sum "$mx_root"/etc/postfix/{main,master}.cf)" "$before"

# ---- interrupted ----
back_to_start
before=$(lab_state)
interrupted() { # WHERE STEPS...
	local where=$1
	shift
	type_to mtapin < <(printf '%s\n' "$@")
	is "Ctrl-C $where: ends by the signal" "$status" 130
	ok "... and says so" printed '^mtapin: interrupted: nothing was changed$'
	is "... bytes, inodes, modes, times as before" "$(lab_state)" "$before"
}
interrupted "while the host is read" 'reading this host	\x03'
interrupted "at the first question" 'Enter: \d+	\x03'
interrupted "at the second" 'Enter: \d+	\n' 'Enter: \d+	\x03'
interrupted "at the last" 'Enter: \d+	\n' 'Enter: \d+	\n' 'Enter: \d+	\x03'
ask_of 10.53.0.3
interrupted "while the DNS is asked" 'asking the DNS	\x03'
ask_of 10.53.0.1
# Copies were tried beside the files by then: the folder's own time has moved, no file has.
type_to mtapin < <(printf '%s\n' 'Enter: \d+	\n' 'Enter: \d+	\n' 'Enter: \d+	\n' 'trying the new files[^\n]*\n	\x03')
is "Ctrl-C while copies are tried: ends by the signal" "$status" 130
ok "... and says so" printed '^mtapin: interrupted: nothing was changed$'
is "... every file is as before" "$(lab_state | grep -v '^\. ')" "$(grep -v '^\. ' <<<"$before")"
before=$(lab_state)
type_to mtapin < <(printf 'Enter: \\d+\t\\x04\n')
is "end of input: exit" "$status" 1
ok "... says what is true" printed '^nothing was changed$'
wizard RET RET q
is "q at the last question: exit" "$status" 1
is "... nothing was changed" "$(lab_state)" "$before"
wizard RET RET command
is "the command only: exit" "$status" 1
is "... is shown" "$(sent_from)" "mtapin fix --ip4 192.0.2.10 --ip6 2001:db8::10 --yes"
is "... nothing was changed" "$(lab_state)" "$before"

# ---- back, help, junk ----
wizard RET b 2 RET b keep q
is "back twice: exit" "$status" 1
ok "... the question comes again" [ "$(grep -c 'From which IPv4 address' "$record")" = 2 ]
ok "... the diff has the second answer" printed '^\+smtp_bind_address = 192\.0\.2\.11$'
ok "... and then the one after going back" not grep -q '^+smtp_bind_address6' <(sed -n '/^This is/h;/^This is/!H;${x;p}' "$record")
wizard '?' q
ok "? explains" printed '^The address is what other mail servers see'
wizard x 0 99 '?x' b q
is "what is no answer is asked for again" "$(grep -c 'is none of these: a number from 1 to [0-9], ?, q$' "$record")" 5
type_to mtapin < <(printf '%s\n' 'Enter: \d+	\x1b[31mevil\n1\n1\n1\n1\n' 'Enter: \d+	q\n')
is "pasted junk: exit" "$status" 1
ok "... what was behind it is no answer" [ "$(grep -c '^From which' "$record")" = 1 ]
ok "... and is shown escaped" printed '"\\x1b\[31mevil" is none of these'
type_to mtapin < <(printf '%s\n' "Enter: \\d+	$(printf '%03000d' 7)\\n" 'Enter: \d+	q\n')
is "a line of 3,000 digits: exit" "$status" 1
type_to mtapin < <(printf '%s\n' 'Enter: \d+	\n\n\n\n\n\n\n' 'Apply it(.|\n)*Enter: \d+	q\n')
is "Enter held down: exit" "$status" 1
is "... does not apply" "$(lab_state)" "$before"
wizard $(printf 'junk%.0s ' $(seq 20))
is "junk twenty times: exit" "$status" 1

# ---- terminals ----
columns=40
wizard RET RET q
# A line may be longer for a word that is, and in a diff.
too_wide() { sed '/^This is the change/,/^Apply/d' "$record" | awk 'length > 40' | sed 's/^ *//' | grep ' '; }
is "40 columns: no line is longer" "$(too_wide)" ""
columns=80 rows=10
wizard RET RET RET RET RET RET RET RET RET RET RET
ok "ten rows: page by page" printed '^-- more: Enter; q: skip it -- '
pages() { sed '/^This is the change/,$d' "$record" | awk '/^-- more|^\[Enter/ { print n; n = 0; next } { n += 1 + int((length - 1) / 80) }' | sort -n | tail -n 1; }
is "... each fits" "$(pages)" 9
rows=60 environment=(TERM=xterm)
back_to_start
before=$(lab_state)
wizard RET RET q
ok "a terminal with colours gets them" grep -q "$(printf '\033\\[1;31merror')" "$record"
environment=(TERM=xterm NO_COLOR=1)
wizard RET RET q
ok "NO_COLOR: none" plain
printf '# gr\303\266\303\237er\n' >>"$mx_root/etc/postfix/main.cf"
lab_aged
environment=(TERM=dumb LC_ALL=de_DE.ISO-8859-1)
wizard RET RET q
ok "a locale that is not UTF-8 gets ASCII" printed '^ # gr\\xc3\\xb6\\xc3\\x9fer$'
environment=(TERM=dumb LC_ALL=C.UTF-8)
wizard RET RET q
ok "one that is gets the characters" printed "^ # gr$(printf '\303\266\303\237')er\$"
environment=(TERM=dumb)
type_to sh -c 'mtapin wizard >/tmp/out 2>&1 </dev/null' < <(printf 'Enter: \\d+\tq\\n\n')
is "redirected: it asks the terminal all the same: exit" "$status" 1

# ---- who is not asked ----
environment=(TERM=dumb DEBIAN_FRONTEND=noninteractive)
type_to mtapin </dev/null
is "DEBIAN_FRONTEND=noninteractive: mtapin is show: exit" "$status" 0
ok "... asks nothing" not printed 'Enter:'
type_to mtapin fix --ip 192.0.2.11 --ip6 2001:db8::11 </dev/null
is "... fix only proposes: exit" "$status" 1
ok "... asks nothing" not printed 'Apply'
type_to mtapin wizard </dev/null
is "... the wizard says no: exit" "$status" 64
ok "... and why" printed 'DEBIAN_FRONTEND: is noninteractive: nobody is asked; see mtapin fix --yes$'
environment=(TERM=dumb)
status=0
mx setsid mtapin wizard >"$record" 2>&1 </dev/null || status=$?
is "without a terminal: exit" "$status" 64
ok "... and what to do" printed '^mtapin: /dev/tty: there is no terminal to ask on; for scripts: mtapin fix --ip ADDRESS --yes$'
type_to mtapin wizard --json </dev/null
is "wizard --json: exit" "$status" 64
type_to setpriv --reuid=33 --regid=33 --clear-groups mtapin < <(printf 'Enter: \\d+\t\\n\nEnter: \\d+\t\\n\nEnter: \\d+\t\\n\n')
is "not root: exit" "$status" 1
ok "... is told, and shown the command" printed '^Only root can apply it\.$'

# ---- the timed confirm, and watching ----
back_to_start
wizard RET RET confirm keep
is "confirm, then keep it: exit" "$status" 0
ok "... it stays" history_says '  fix   applied '
is "... at the sink" "$(lab_sources)" "192.0.2.10 2001:db8::10"
back_to_start
before=$(sha256sum <"$mx_root/etc/postfix/main.cf")
wizard RET RET confirm undo
is "confirm, then take it back: exit" "$status" 0
is "... the old file is back" "$(sha256sum <"$mx_root/etc/postfix/main.cf")" "$before"
back_to_start
type_to mtapin < <(printf '%s\n' 'Enter: \d+	\n' 'Enter: \d+	\n' 'Enter: \d+	watch\n' 'waiting up to 60 s	\x03')
ok "watching is interrupted: it ends as always" printed '^mtapin fix .* --observe 60$'
ok "... the change stays, and what was not reached is said" printed '^not observed: the waiting was interrupted$'
ok "... it is in place" grep -q '^smtp_bind_address = 192\.0\.2\.10$' "$mx_root/etc/postfix/main.cf"
back_to_start
rm "$record"
(wait_for 30 grep -q 'waiting up to' "$record" && for _ in 1 2 3 4 5 6 7 8; do lab_send user@v4.example; sleep 0.3; done >/dev/null) &
TERMINAL_WAIT=70 wizard RET RET watch
is "a mail that leaves meanwhile: exit" "$status" 0
ok "... is seen" printed '^verified: config, service, observed$'

# ---- HELO, and an address that only needs it ----
back_to_start
net "$mx_pid" ip addr add 192.0.2.14/24 dev eth0
wizard 192.0.2.14 keep RET RET
is "a PTR that is not the HELO name: exit" "$status" 0
ok "... it asks" printed '^192\.0\.2\.14 is called rfc2317\.example\.org, but the server says HELO$|^192\.0\.2\.14 is called rfc2317\.example\.org, but the server says HELO mail'
is "... and sets it" "$(mx postconf -h smtp_helo_name)" rfc2317.example.org
net "$mx_pid" ip addr del 192.0.2.14/24 dev eth0

# What a new HELO name would make good is recommended; not what is about to go.
back_to_start
lab_set smtp_helo_name other.example.org
wizard q
ok "no address is good, one lacks the HELO name: it is recommended" printed '^\*  1  192\.0\.2\.10: its PTR name is mail\.example\.org, HELO says'
net "$mx_pid" ip addr change 192.0.2.10/24 dev eth0 valid_lft forever preferred_lft 0
wizard q
ok "... not once it is deprecated" printed '^\*  [0-9]  keep: leave IPv4 as it is$'

# ---- a refusal ----
back_to_start
mx postconf -P 'smtp/inet/content_filter=smtp:[127.0.0.1]:10024'
before=$(lab_state)
wizard RET RET
is "refused: exit" "$status" 2
ok "... the reason" printed 'carries mail to the internet and to \[127\.0\.0\.1\]:10024 on this host'
ok "... and what it would have been" printed '^mtapin fix --ip4 192\.0\.2\.10 --ip6 2001:db8::10 --yes$'
is "... nothing was changed" "$(lab_state)" "$before"

# ---- what else it says when it is asked, and what the log knows ----
back_to_start
ask_of 10.53.0.1 'dnsbl good { zone = "good.bl.example" codes = {"2=listed"} }'
printf '%s mail postfix/smtp[77]: 3F1A2: to=<a@example.net>, relay=mx.example.net[198.51.100.7]:25, delay=1, delays=0/0/1/0, dsn=5.7.1, status=bounced (host mx.example.net[198.51.100.7] said: 550 5.7.1 Service unavailable; client [192.0.2.10] blocked using zen.spamhaus.org (in reply to RCPT TO command))\n' \
	"$(date -u '+%b %e %H:%M:%S')" >>"$mx_root/var/log/mail.log"
type_to mtapin wizard --dnsbl=good < <(printf 'Enter: \\d+\tq\\n\n')
ok "--dnsbl: a listed address says so" printed '192\.0\.2\.11: good lists it \(127\.0\.0\.2 listed\)'
ok "... one that is not, too" printed '^\*  1  192\.0\.2\.10: PTR and HELO are mail\.example\.org, both ways; not known to be$'
ok "the log's refusals are counted" printed '^last 7 days: 1 refusal points at the sending address$'

# ---- the method: only where the choice has consequences ----
back_to_start
lab_set inet_interfaces 192.0.2.12
lab_set inet_protocols ipv4
lab_postfix restart
asked='^There is more than one way to do it, and it matters which'
wizard RET RET q
ok "inet_interfaces decides today: the method is asked" printed "$asked"
ok "... with its consequences" printed 'inet_interfaces: the service is restarted, no mail is taken meanwhile;$'
ok "... and a default that closes nothing" printed '^\* +[0-9]+ +smtp_bind_address: .*listeners closed: 0, opened: 0'
wizard RET inet_interfaces RET
is "... the other one: exit" "$status" 0
is "... what it wrote" "$(mx postconf -h inet_interfaces)" "192.0.2.10"
back_to_start
printf 'method = inet_interfaces\n' >>"$mx_root/etc/mtapin.conf"
wizard RET RET RET q
ok "the configuration's method closes listeners: it is asked" printed "$asked"
back_to_start
wizard RET RET q
ok "else it is not" not printed "$asked"

# ---- where nothing is to be asked ----
back_to_start
lab_set relayhost '[192.0.2.1]:25'
wizard
is "a relay is all: exit" "$status" 0
ok "... no question" not printed 'Enter: '
ok "... but an answer" printed '^Nothing of this host sends to the internet by itself'
