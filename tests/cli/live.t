#!/bin/sh
# SPDX-License-Identifier: ISC
# What changes a host, and takes it back, on one that runs: fix, undo, history, confirm, recover, and the wizard in a
# terminal. The same on the real Postfix, at the sink, is tests/real's.
. "$srcdir/tests/cli/lib.sh"
. "$srcdir/tests/cli/collector-lib.sh"
. "$srcdir/tests/cli/live-lib.sh"
live_start host
etc=$root/etc/postfix txn=$root/var/lib/mtapin/txn

as_before() { printf '%s' "$live_main" | cmp - "$etc/main.cf" && printf '%s' "$live_master" | cmp - "$etc/master.cf"; }
main_has() { grep -q -x -e "$1" "$etc/main.cf"; }
pins() { mtapin fix --ip 192.0.2.11 --yes "$@"; }
id_of() { sed -n 's/^mtapin: transaction \([^ ;]*\).*/\1/p' "$dir/err" | head -n 1; }

# ---- check, with a name server ----
mtapin check -v
is 1 "check"
has out "... picks the address that fits" '^  pick IPv4  192\.0\.2\.11$'
has out "... an answer too long for UDP is had over TCP" '^  SPF mail\.example\.net  v=spf1 ip4:192\.0\.2\.11 -all$'
has out "... who takes mail for it" '^  MX of mail\.example\.net  mail\.example\.net  192\.0\.2\.11$'
has err "... what was asked" '^mtapin: asked the DNS [0-9]+ questions in [0-9]+ ms'
printf 'smtp_bind_address = 192.0.2.12\ninet_interfaces = mail.example.net\n' >>"$etc/main.cf"
printf 'localhost:10025 inet n - y - - smtpd\nmail.example.net:26 inet n - y - - smtpd\n' >>"$etc/master.cf"
mtapin check --dnsbl=zen.spamhaus.org
has out "check --dnsbl: a listed address" '^error   DNS-LISTED  192\.0\.2\.12 is listed by zen\.spamhaus\.org: 127\.0\.0\.2 SBL$'
has out "... is not picked" '^  192\.0\.2\.12 .* no +zen\.spamhaus\.org lists it \(127\.0\.0\.2 SBL\)$'
mtapin show -v
has out "show -v: where a service listens whose host is a name" '^  listens  192\.0\.2\.10:26  mail\.example\.net:26  master\.cf:6$'
has out "... or localhost" '^  listens  127\.0\.0\.1:10025  localhost:10025  master\.cf:5$'
echo 'nameserver 127.0.0.9' >"$root/etc/resolv.conf"
mtapin check
has out "check, nobody answers: nothing is called bad" '^warning DNS-NO-RESOLVER  nothing of the DNS could be determined: no resolver: nobody listens at 127\.0\.0\.9$'
hasnt out "... for that" DNS-PTR
echo 'nameserver 127.0.0.1' >"$root/etc/resolv.conf"
live_files

# ---- fix, history, undo ----
mtapin history
is 0 "before any change: history"
has err "... says that there is none" '^mtapin: no changes: /var/lib/mtapin holds no transaction$'
mtapin undo
is 2 "before any change: undo"
has err "... has nothing to take back" '^mtapin: nothing to undo: mtapin has changed nothing here$'
mtapin recover
is 0 "before any change: recover"
has err "... has nothing to do" '^mtapin: nothing is pending$'

pins
is 0 "fix --yes"
out "... a line a file" "changed /etc/postfix/main.cf smtp_bind_address=192.0.2.11 verified=config"
ok "... the line is there" main_has 'smtp_bind_address = 192.0.2.11'
has err "... what is left to do: what partners let through" 'now see to it: firewalls, .* let 192\.0\.2\.10 through must let 192\.0\.2\.11$'
first=$(id_of)
pins
is 0 "once more"
out "... changes nothing" "unchanged /etc/postfix/main.cf verified=config
unchanged /etc/postfix/master.cf verified=config"
mtapin history
has out "history: what it was and what it is" "^$first  fix +applied +root +smtp IPv4 kernel -> 192\.0\.2\.11; relay IPv4 kernel -> 192\.0\.2\.11$"
has out "... the command" "^        mtapin .*fix --ip 192\.0\.2\.11 --yes$"
mtapin history --json
valid "history --json"
mtapin undo -n
is 1 "undo -n"
has out "... is the diff" '^-smtp_bind_address = 192\.0\.2\.11$'
ok "... and no more" main_has 'smtp_bind_address = 192.0.2.11'
mtapin undo --json
is 0 "undo --json"
valid "... is of the schema"
has out "... says what became of the file" '"fate": "changed"'
ok "... the old bytes are back" as_before
mtapin undo
is 2 "a second undo"
has err "... has nothing left" 'nothing to undo: every change is undone already'
mtapin undo "$first"
is 2 "undo of one that is undone"
has err "... says that it is" "is undone already|was undone"
mtapin undo nonsense
is 2 "undo of no id"
has err "... says where ids are" 'not a transaction id: see mtapin history$'
mtapin undo 20200101T000000.000Z-abcdef
is 2 "undo of an id that is not there"
has err "... says so" 'there is no|no such'

logged() { grep -q -E "$1" "$dir/syslog"; }
ok "syslog: the change, by whom, from what to what" logged "^<2[12]>.*mtapin.*$first.*root.*192\.0\.2\.11"
ok "syslog: a line each" test "$(wc -l <"$dir/syslog")" = 2

# ---- edits of others ----
pins
printf '# theirs\n' >>"$etc/main.cf"
mtapin undo
is 0 "undo, somebody added a line"
has err "... says that it stays" 'somebody edited it after us; only our lines are taken back$'
ok "... it stays" main_has '# theirs'
ok "... ours is gone" sh -c '! grep -q smtp_bind "$1"' - "$etc/main.cf"
live_files
pins
sed -i 's/^smtp_bind_address.*/smtp_bind_address = 192.0.2.12/' "$etc/main.cf"
mtapin undo
is 3 "undo, somebody edited our line"
out "... keeps it" "kept /etc/postfix/main.cf verified=none"
has err "... says where the old file is" 'somebody edited our lines after us: .* is in /var/lib/mtapin/txn/'
ok "... it is theirs still" main_has 'smtp_bind_address = 192.0.2.12'
live_files

# ---- what does not work out ----
printf '#!/shells/dash\necho "postmap: fatal: no, thanks" >&2\nexit 1\n' >"$root/usr/bin/postmap.new"
mv "$root/usr/bin/postmap" "$root/usr/bin/postmap.good"
cp "$root/usr/bin/postmap.new" "$root/usr/bin/postmap" && chmod 755 "$root/usr/bin/postmap"
pins
is 2 "Postfix refuses the new file"
ok "... the old one is there" as_before
mv "$root/usr/bin/postmap.good" "$root/usr/bin/postmap"
pins --probe 198.51.100.1
is 2 "--probe, and there is no way"
ok "... nothing was changed" as_before
pins --json
is 0 "fix --json --yes"
valid "... is of the schema"
has out "... with the levels" '"config"'
mtapin undo -q
pins --probe 192.0.2.12:9
is 0 "--probe, and somebody refuses"
has err "... there is a way, so it goes on" 'probe: from 192\.0\.2\.11 to 192\.0\.2\.12 port 9: it refuses: .*, and the change goes on$'
mtapin undo -q

# ---- confirm ----
pins --confirm 60
is 2 "--confirm where no boot would roll it back"
has err "... says so" '^mtapin: --confirm: no init here would roll it back at the next boot$'
on_trial() { pins --confirm 60 --accept HOST-NO-BOOT-HOOK; }
on_trial
is 0 "accepted"
has err "... says until when" 'is not confirmed: at 20..-.*Z it is rolled back; mtapin undo does that now$'
trial=$(id_of)
mtapin history
has out "history says until when" '^        until 20..-'
mtapin show
has err "show reminds of it" "transaction $trial can be confirmed until"
mtapin fix --ip 192.0.2.12 --yes
is 2 "another change meanwhile"
has err "... is refused with what to do" "mtapin confirm"
mtapin confirm
is 0 "confirm"
has err "... names it" "^mtapin: transaction $trial is confirmed; mtapin undo takes it back$"
mtapin confirm
is 2 "a second confirm"
mtapin undo -q
ok "undo gives the old bytes" as_before
on_trial
mtapin undo
is 0 "undo before the deadline"
ok "... gives the old bytes" as_before
on_trial
mtapin recover --booted
is 0 "after a boot: recover --booted"
ok "... gives the old bytes" as_before
mtapin history
has out "... and the history says so" '  fix +rolled-back '

# ---- the log of this host ----
live_files
mtapin log
is 2 "log, and there is none"
has err "... says where it looked" 'no mail log found on this host \(/var/log/mail\.log, .*the journal'
refusal() { # SECONDS from now, ADDRESS that is blamed
	date -d "@$(($(date +%s) + $1))" '+%b %e %H:%M:%S mail postfix/smtp[3]: 4F1: to=<a@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=5.7.25, status=bounced (host mx.b.example[198.51.100.1] said: 550-5.7.25 ['"$2"'] The IP address sending this message does not have a PTR record setup (in reply to end of DATA command))'
}
mkdir -p "$root/var/log"
refusal -60 192.0.2.10 >"$root/var/log/mail.log"
mtapin log
is 0 "log, by itself"
has out "... whose address the reply names" 'names 192\.0\.2\.10, the address of mail that the kernel chooses here; no line pins any$'
pins
refusal 60 192.0.2.10 >>"$root/var/log/mail.log"
mtapin log --around last
has out "log --around last: what is pinned now" 'names 192\.0\.2\.10, the address .*; mail is pinned to 192\.0\.2\.11 now$'
has out "... since the change" '^  since then +0 +0 +1 +1$'
mtapin log --around last --json
valid "... as JSON"
for address in 192.0.2.11 192.0.2.12 203.0.113.1; do
	refusal 0 $address >"$root/var/log/named"
	mtapin log /var/log/named
	case $address in
	192.0.2.11) note='names 192\.0\.2\.11, a secondary address here \(mail\); smtp is pinned to it \(/etc/postfix/main\.cf:4\)$' ;;
	192.0.2.12) note='names 192\.0\.2\.12, a secondary address here \(mail\); mail is pinned to 192\.0\.2\.11 now$' ;;
	*) note='names 203\.0\.113\.1, no address of this host: NAT, a relay behind it, or an earlier host of the mail$' ;;
	esac
	has out "log: a reply that names $address" "$note"
done
rm "$root/var/log/named"
mv "$root/var/log/mail.log" "$root/var/journal.text"
mkdir -p "$root/run/systemd/journal"
printf '#!/shells/dash\necho "$*" >/asked\nexec cat /var/journal.text\n' >"$root/usr/bin/journalctl"
chmod 755 "$root/usr/bin/journalctl"
mtapin log
is 0 "log, where there is a journal only"
has out "... is of it" '^the journal: '
has out "... all of it" '^3\. refused or deferred: 2, of which 2 point at the sending address$'
ok "... mail alone was asked for" grep -q 'SYSLOG_FACILITY=2' "$root/asked"
printf '#!/shells/dash\nexit 3\n' >"$root/usr/bin/journalctl"
mtapin log
is 2 "log, and the journal cannot be read"
has err "... says so" '^mtapin: the journal: journalctl ended with exit code 3$'
mv "$root/var/journal.text" "$root/var/log/mail.log"
rm -r "$root/run/systemd"
live_files

# ---- at the next boot ----
for init in systemd openrc; do
	live_init $init
	case $init in
	systemd) hook=/etc/systemd/system/mtapin-confirm.service link=/etc/systemd/system/multi-user.target.wants/mtapin-confirm.service ;;
	openrc) hook=/etc/init.d/mtapin-confirm link=/etc/runlevels/default/mtapin-confirm ;;
	esac
	accepts= # what a shell has started lives as long as its control group, which cannot be left here
	[ $init = systemd ] || accepts='--accept HOST-NO-WAITER'
	mtapin fix --ip 192.0.2.11 --confirm 60
	is 1 "$init: --confirm is proposed"
	has err "$init: ... and what the boot does" "at the next boot, by $hook, which is there until then$"
	ok "$init: ... nothing is written" test ! -e "$root$hook"
	# shellcheck disable=SC2086
	pins --confirm 60 $accepts
	is 0 "$init: --confirm"
	ok "$init: what rolls back at the boot is there" grep -q 'mtapin recover --booted$' "$root$hook"
	ok "$init: ... and enabled" test -L "$root$link"
	mtapin confirm -q
	is 0 "$init: confirm"
	ok "$init: ... leaves nothing of it" test ! -e "$root$hook" -a ! -L "$root$link" -a ! -e "$root/run/mtapin.unconfirmed"
	ok "$init: ... but the change" main_has 'smtp_bind_address = 192.0.2.11'
	# shellcheck disable=SC2086
	mtapin undo -q && pins --confirm 60 $accepts
	mtapin undo
	is 0 "$init: undo before the deadline"
	ok "$init: ... leaves nothing of it" test ! -e "$root$hook" -a ! -L "$root$link"
	ok "$init: ... gives the old bytes" as_before
done
rm -rf "$root/run/openrc"

# ---- asked on a terminal ----
# typed PATTERN TEXT COMMAND...
typed() {
	printf '%s\t%s\n' "$1" "$2" >"$dir/steps"
	shift 2
	types "$@" <"$dir/steps"
}
typed 'Apply\?' 'n\n' fix --ip 192.0.2.11
is 1 "fix on a terminal: no"
ok "... changes nothing" as_before
typed 'Apply\?' 'YES\n' fix --ip 192.0.2.11
is 0 "fix on a terminal: yes"
ok "... is applied" main_has 'smtp_bind_address = 192.0.2.11'

# ---- the wizard ----
# wizard ANSWER...: one a question; RET is Enter alone
wizard() {
	: >"$dir/steps"
	for wizard_a; do
		[ "$wizard_a" != RET ] || wizard_a=
		printf '(Enter: \\d+|more: Enter)[^\\n]*\t%s\\n\n' "$wizard_a" >>"$dir/steps"
	done
	types wizard <"$dir/steps"
}
new() { live_files && printf '%s\n' "$@" >>"$etc/main.cf"; }
live_files
wizard RET RET
is 0 "wizard: by Enter alone"
has screen "... says where mail leaves from" '^IPv4 mail \(smtp, relay\): 192\.0\.2\.10; kernel'
has screen "... and why it is wrong" '^error   DNS-PTR-MISSING  192\.0\.2\.10, from which mail leaves, has no PTR record$'
has screen "... recommends the address that fits" '^\*  2  192\.0\.2\.11: PTR and HELO are mail\.example\.net, both ways$'
has screen "... shows the diff" '^\+smtp_bind_address = 192\.0\.2\.11$'
has screen "... with what the log says" '^last 7 days: 2 refusals point at the sending address$'
has screen "... applies it" '^changed /etc/postfix/main\.cf smtp_bind_address=192\.0\.2\.11 verified=config$'
ok "... it is there" main_has 'smtp_bind_address = 192.0.2.11'
has screen "... the same by one command" '^mtapin fix .*--ip4 192\.0\.2\.11 --yes$'
wizard RET
is 0 "wizard: once more"
has screen "... there is nothing to change" '^There is nothing to change: it is so already\.$'
live_files
wizard '?' 9 RET '?' command
is 1 "wizard: help, and the command only"
has screen "... explains what an address is looked at for" '^The address is what other mail servers see:'
has screen "... says what is no answer" '^"9" is none of these: a number from 1 to 4, \?, q$'
has screen "... explains what applying is" '^mtapin undo takes it back at any time\.$'
has screen "... says the command" '^This does it:$'
has screen "... and that nothing was changed" '^nothing was changed$'
ok "... which is true" as_before
wizard q
is 1 "wizard: q"
ok "... changes nothing" as_before
wizard 192.0.2.12 RET b b keep
is 0 "wizard: back twice, to keep"
has screen "... asks for the name of an address that has another" '^192\.0\.2\.12 is called other\.example\.net, but the server says HELO$'
has screen "... which is set with it" '^\+smtp_helo_name = other\.example\.net$'
has screen "... keeping is no change" '^There is nothing to change: it is so already\.$'
ok "... which is true" as_before
wizard 3 keep quit
is 1 "wizard: another address, its name kept"
has screen "... is in the diff" '^\+smtp_bind_address = 192\.0\.2\.12$'
hasnt screen "... without a name" '^\+smtp_helo'
wizard RET confirm keep
is 0 "wizard: on trial, and kept"
has screen "... is confirmed" 'is confirmed; mtapin undo takes it back$'
ok "... it is there" main_has 'smtp_bind_address = 192.0.2.11'
has screen "... the command says all of it" '--confirm 300 --accept HOST-NO-BOOT-HOOK$'
live_files
wizard RET confirm undo
is 0 "wizard: on trial, and taken back"
ok "... nothing is left" as_before
wizard RET confirm later
is 0 "wizard: on trial, decided later"
ok "... it is there" main_has 'smtp_bind_address = 192.0.2.11'
mtapin history
has out "... on trial" '  fix +unconfirmed '
wizard q
has screen "... of which the next one reminds" 'can be confirmed until'
mtapin undo
is 0 "... undo takes it back"

live_files
sed -i '/inet_protocols/d' "$etc/main.cf"
wizard RET RET quit
has screen "wizard, IPv6 too: says what the provider must do" '^No IPv6 address is good yet: ask the provider of 2001:db8::10 to set its PTR:$'
has screen "... what off means" '^   2  off: do not send over IPv6 \(mail to hosts that have nothing else bounces\)$'
has screen "... recommends to keep it" '^\*  3  keep: leave IPv6 as it is$'
wizard RET off quit
has screen "wizard, IPv6 off: by service" '^\+  -o inet_protocols=ipv4$'
new 'inet_interfaces = 192.0.2.10'
wizard 192.0.2.11 '?' inet_interfaces command
is 1 "wizard: a line of another method decides today"
has screen "... asks by which" 'There is more than one way to do it, and it matters which\. By which line\?$'
has screen "... what each costs" '^ .*  inet_interfaces: .*listeners closed: [1-9][0-9]*, opened: [1-9]'
has screen "... takes the word" '^mtapin fix .*--method inet_interfaces --yes$'
new '# This file is managed by Puppet. DO NOT EDIT'
wizard RET
is 2 "wizard: the file is another program's"
has screen "... which is named" 'Puppet writes this file and would undo the edit'
has screen "... with the command that it would have been" '^Nothing was changed\. The command would have been:$'
live_files
rows=12 wizard RET q RET RET quit
is 1 "wizard: a small screen"
has screen "... is filled a page at a time" '^-- more: Enter; q: skip it -- q$'
typed 'Enter: \d' '\x03' wizard
is 130 "wizard: Ctrl-C"
has screen "... says that nothing was changed" '^mtapin: interrupted: nothing was changed$'
ok "... which is true" as_before
typed 'Enter: \d' '\x04' wizard
is 1 "wizard: the end of input"
ok "... changes nothing" as_before
types wizard --json </dev/null
is 64 "wizard --json"
has screen "... speaks to people" 'the wizard speaks to people: see mtapin fix$'
mkdir -p "$root/etc/postfix-out"
printf 'inet_protocols = ipv4\ndata_directory = /var/lib/postfix-out\nqueue_directory = /var/spool/postfix-out\n' >"$root/etc/postfix-out/main.cf"
cp "$etc/master.cf" "$root/etc/postfix-out/master.cf"
new 'multi_instance_directories = /etc/postfix-out' 'multi_instance_enable = yes'
wizard 2 RET command
is 1 "wizard: two instances"
has screen "... asks which" '^Which mail server is it about\?$'
has screen "... and says it" '--mta postfix:/etc/postfix-out --yes$'
rm -rf "$root/etc/postfix-out"
rm -rf "$etc"
types wizard </dev/null
is 0 "wizard: a Postfix without files"
has screen "... which is wrong" '^error   PF-BROKEN  there is no main\.cf'
has screen "... and nothing to choose" '^Nothing of this host sends to the internet by itself: there is no address to$'
rm "$root"/usr/bin/post*
types wizard </dev/null
is 2 "wizard: without a mail server"
has screen "... says what it looked for" 'no mail server found \(looked for: .*Postfix'
done_testing
