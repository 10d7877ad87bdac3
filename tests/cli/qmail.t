#!/bin/sh
# SPDX-License-Identifier: ISC
# qmail in a tree that is not running: the FAQ's second recipe, on a qmail-remote that reads the file and on one
# that does not. The programs are stand-ins: the names that real ones hold, and nothing else.
. "$srcdir/tests/cli/lib.sh"
root=$dir/root
home=$root/var/qmail
mkdir -p "$home/bin" "$home/control" "$home/queue/lock"
stock() { printf '\177ELF\000control/me\000control/helohost\000control/smtproutes\000' >"$home/bin/qmail-remote"; }
patched() { stock; printf 'control/outgoingip\000' >>"$home/bin/qmail-remote"; }
show() { mtapin --root "$root" show; }

stock
show
hasnt out "a program without a name for HELO is no qmail" qmail
echo mail.example.com >"$home/control/me"
show
is 0 "a stock qmail"
has out "where it is" '^qmail  /var/qmail/control  .*HELO mail\.example\.com$'
hasnt out "nothing to say" QM-
echo 192.0.2.11 >"$home/control/outgoingip"
show
has out "the file is there, and nobody reads it" '^error +QM-IGNORED  control/outgoingip '
hasnt out "and it pins nothing" 'IPv4  192'
patched
show
has out "a qmail that reads it" '^  qmail-remote  IPv4  192\.0\.2\.11  outgoingip:1 '
hasnt out "is not warned" '^(error|warning)'
mtapin --root "$root" show --json
valid "as JSON"
chmod 0600 "$home/control/outgoingip"
show
if [ "$(id -u)" = 0 ]; then
	has out "a mode that keeps qmailr out" '^error +QM-DEFERRED .*qmailr, which may not read it'
	: >"$home/queue/lock/tcpto"
	chown 7796:2108 "$home/queue/lock/tcpto" "$home/control/outgoingip"
	show
	hasnt out "the owner of queue/lock/tcpto is qmailr" QM-DEFERRED
fi
chmod 0644 "$home/control/outgoingip"
mtapin --root "$root" fix -n --ip 192.0.2.12
is 2 "fix: not yet"
has err "and says so" 'this version reads qmail but does not change it$'

# The collector, with its folder moved: a relay's source is asked for, and its password stays on the host.
printf '# :10.9.9.9|old|secret0\n:10.1.2.3|joe|secret1\nlists.example:10.4.5.6\n:[10.7.8.9]:587|joe|secret2' >"$home/control/smtproutes"
mtapin collect --script
sed "s|/var/qmail|$home|" "$dir/out" >"$dir/collector"
sh "$dir/collector" >"$dir/out" 2>"$dir/err"
has out "the relay's host is there" '^:10\.1\.2\.3\|\*{3}\*\*{7}$'
hasnt out "the password is not" secret
hasnt out "nor the user" joe
if command -v ip >/dev/null; then
	has out "a relay is asked for" '^route get 10\.1\.2\.3'
	has out "with a port too" '^route get 10\.7\.8\.9'
	has out "that of one domain as well" '^route get 10\.4\.5\.6'
	hasnt out "nothing that is no address" '^route get :'
fi

for id in DEFERRED IGNORED PIN-JUNK LOOPBACK-SOURCE HELO-BAD SUPPORT-UNKNOWN NO-FINAL-LF HELO-PIN; do
	mtapin explain QM-$id
	is 0 "explain QM-$id"
done
done_testing
