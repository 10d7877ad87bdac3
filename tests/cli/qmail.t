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
show() { mtapin --root "$root" show "$@"; }

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
is 1 "fix proposes"
out "the whole line" '--- a/var/qmail/control/outgoingip
+++ b/var/qmail/control/outgoingip
@@ -1 +1 @@
-192.0.2.11
+192.0.2.12'
has err "and no restart" 'method outgoingip; the service: nothing to do, since nothing runs in this tree'
mtapin --root "$root" fix -n --json --ip 192.0.2.12 --helo out.example.com
valid "as JSON"
stock
mtapin --root "$root" fix -n --ip 192.0.2.12
is 2 "where the file is not read"
has err "it is refused" 'this qmail-remote \(qmail\) does not read control/outgoingip: the file would pin nothing'
has err "with the route" 'route: .*: sh -c '\''ip -4 route change \$\(ip -4 route show default \| .*\) src \$0'\'' 192\.0\.2\.12$'
has err "with source NAT" 'source NAT: mail alone: nft add table ip mail && .* snat to 192\.0\.2\.12$'
has err "with a local MTA" "smtproutes: sh -c 'echo :127.0.0.1:10025 >>\"\\\$0\"' /var/qmail/control/smtproutes$"
has err "and nothing overrules it" 'nothing overrules QM-NOT-READ$'
mtapin --root "$root" fix -n --json --ip 192.0.2.12
valid "as JSON"
printf '#!/bin/sh\nexec x\n' >"$home/bin/qmail-remote"
mtapin --root "$root" fix -n --ip 192.0.2.12
is 2 "where it cannot be told"
has err "the id" '--accept QM-UNKNOWN-BINARY overrules this$'
mtapin --root "$root" fix -n --ip 192.0.2.12 --accept QM-UNKNOWN-BINARY
is 1 "accepted"
has err "and what that means" 'accepted QM-UNKNOWN-BINARY: .* not known until a connection is seen$'

# The line for all mail of a build without the file, and what does not follow it.
stock
printf 'control/bindroutes\000' >>"$home/bin/qmail-remote"
printf '10.:192.0.2.9\n11.:192.0.2.8\n' >"$home/control/bindroutes"
mtapin --root "$root" fix -n --ip 192.0.2.12
is 1 "a build with bindroutes"
has out "its line for all mail" '^\+:192\.0\.2\.12$'
has err "the method" 'method bindroutes; the service'
has err "what does not follow" 'does not follow the pin: mail to 10\.0\.0\.0/8 and 1 more \(bindroutes:1\): mtapin show --to and --from tell$'
mtapin --root "$root" fix -n --json --ip 192.0.2.12 --method bindroutes
valid "as JSON"
has out "in JSON too" '"does not follow the pin: mail to 10\.0\.0\.0/8 and 1 more'
mtapin --root "$root" fix -n --ip6 2001:db8::1
is 2 "a build for IPv4 alone"
has err "is told what to leave away" 'sends over IPv4 alone, .*: leave --ip6 away$'
hasnt err "and nothing of a route" 'ip -6'
rm "$home/control/bindroutes"
patched
ln -s outgoingip "$home/control/loop" && mv "$home/control/outgoingip" "$home/control/kept" && mv "$home/control/loop" "$home/control/outgoingip"
show
has out "a link to itself stops all mail" '^error +QM-DEFERRED  all remote mail waits'
mtapin --root "$root" fix -n --ip 192.0.2.12
is 2 "and is refused"
has err "with what to do" 'control/outgoingip: is a symbolic link that leads back to itself: remove it first \(rm\)$'
rm "$home/control/outgoingip"
mv "$home/control/kept" "$home/control/outgoingip"
mtapin --root "$root" fix -n --ip 192.0.2.12 --helo "$(cat "$home/control/me")"
has out "the name too" '^\+mail\.example\.com$'

# Lines that decide about some mail: listed in their order, chosen by --from and --to, compared with all the others.
for file in outgoingips domainbindings bindroutes; do
	stock
	printf 'control/%s\000' $file >>"$home/bin/qmail-remote"
	case $file in
	bindroutes) key='198.51.100.' when='to 198\.51\.100\.0/24' mail='--to u@[198.51.100.9]' ;;
	*) key=one.example when='from one\.example' mail='--to u@far.example --from a@one.example' ;;
	esac
	for n in 1 2 3 4 5 6; do echo "198.18.$n.:192.0.2.9"; done >"$dir/more"
	[ $file = bindroutes ] || sed 's/198.18.\(.\).:/k\1.example:/' "$dir/more" >"$dir/more.by-sender"
	[ $file = bindroutes ] || mv "$dir/more.by-sender" "$dir/more"
	{ echo "$key:192.0.2.21"; cat "$dir/more"; echo ':192.0.2.22'; head -n 1 "$dir/more"; } >"$home/control/$file"
	show
	is 0 "$file: read"
	has out "$file: what holds for the rest comes first" "^  qmail-remote  IPv4  192\.0\.2\.22 +$file:8  :192\.0\.2\.22"
	has out "$file: then each with its condition" "^ +$when +IPv4  192\.0\.2\.21 +$file:1  "
	has out "$file: five of them" '^ +and 2 more over IPv4 \(-v\)$'
	has out "$file: the finding counts as many, a key that is there twice once" "^warning QM-OTHER-PIN .*decides for ${when#* } and 6 more: "
	show -v
	has out "$file: all with -v" "IPv4  192\.0\.2\.9 +$file:7  "
	hasnt out "$file: and none left" 'more over IPv4'
	show $mail
	has out "$file: one mail gets its own" "IPv4  192\.0\.2\.21 +$file:1  "
	show --to u@[203.0.113.9] --from b@two.example
	has out "$file: another what holds for the rest" "IPv4  192\.0\.2\.22 +$file:8  "
	mtapin --root "$root" show --json $mail
	valid "$file: as JSON"
	if [ $file != domainbindings ]; then # which no method writes
		mtapin --root "$root" fix -n --json --ip 192.0.2.12
		valid "$file: a plan"
		has out "$file: which tells what does not follow" 'does not follow the pin: mail .* and 6 more'
	fi
	rm -f "$home/control/$file"
done
stock
printf 'control/domainips\000' >>"$home/bin/qmail-remote"
printf 'one.example:192.0.2.21|out.example\n*:192.0.2.22\n' >"$home/control/domainips"
show
has out "domainips: its line" '^ +from one\.example  IPv4  192\.0\.2\.21 +domainips:1  .*HELO out\.example'
show --to u@far.example --from a@one.example
has out "domainips: one mail" 'IPv4  192\.0\.2\.21 +domainips:1'
has out "domainips: with its name" 'HELO out\.example'
rm "$home/control/domainips"
patched

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
	hasnt out "nothing that is no address" '^route get :([^:]|$)'
fi

# Some builds separate the password by a blank: it is not shown either.
printf ':[10.1.2.3] joe secret3\nlists.example:127.0.0.1 joe secret4\nold.example:10.4.5.6 joe secret5\r\n' >"$home/control/smtproutes"
for more in "-v" "--json" "--to a@x.example" "--to a@lists.example" "--json --to a@old.example"; do
	# shellcheck disable=SC2086 # words
	show $more
	has out "the relay, $more" '10\.1\.2\.3|127\.0\.0\.1|10\.4\.5\.6'
	hasnt out "not the password, $more" 'secret[345]'
	hasnt out "nor the user, $more" joe
done

# Another home, as the program says it.
other=$dir/other
mkdir -p "$other/usr/bin" "$other/opt/mail/control"
printf '\177ELF\000/lib64/ld.so\000/opt/mail\000control/helohost\000control/outgoingip\000' >"$other/usr/bin/qmail-remote"
echo mail.example.com >"$other/opt/mail/control/me"
echo 192.0.2.11 >"$other/opt/mail/control/outgoingip"
mtapin --root "$other" show
is 0 "a qmail elsewhere"
has out "is found by the path in its program" '^qmail  /opt/mail/control  '
has out "and so is its pin" '^  qmail-remote  IPv4  192\.0\.2\.11 '
# The NUL that ends a name counts, and what else stands in the program does not.
printf '\177ELF\000/opt/mail\000control/helohost\000Zinvalid ipaddr in control/outgoingip (#4.3.0)\n\000' >"$other/usr/bin/qmail-remote"
mtapin --root "$other" show
has out "a message is no support" '^error +QM-IGNORED '

# Without a folder of control files nothing can be said.
mv "$home/control" "$home/gone"
show
is 2 "no folder of control files"
has out "it is shown" '^error +QM-NO-CONTROL '
has err "and said" '/var/qmail/control: the folder of control files does not exist$'
mtapin --root "$root" show --json
valid "as JSON"
mtapin --root "$root" fix --ip 192.0.2.11
is 2 "fix is refused"
: >"$home/control"
show
is 2 "a file in its place"
has err "and said" 'in place of the folder of control files is something else$'
rm "$home/control"
ln -s nowhere "$home/control"
show
is 2 "a link that points nowhere"
rm "$home/control"
mv "$home/gone" "$home/control"
rm "$home/bin/qmail-remote"
mv "$home/control" "$home/gone"
show
is 2 "no program either: no qmail"
has err "and said" 'no mail server found'

for id in NO-CONTROL DEFERRED IGNORED OCTET-WRAP NO-LABEL CRASH DRAWN NO-NAME CR PIN-JUNK PIN-PRIVATE OTHER-PIN OTHER-FAMILY \
	IPV6-LEAK LOOPBACK-SOURCE HELO-BAD HELO-MISMATCH NO-FINAL-LF BACKUP-FILE SUPPORT-UNKNOWN WRAPPER SHARED-HOST HELO-PIN HELO-NUL UNKNOWN-BINARY; do
	mtapin explain QM-$id
	is 0 "explain QM-$id"
done
done_testing
