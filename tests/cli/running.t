#!/bin/sh
# SPDX-License-Identifier: ISC
# fix on a small host whose mail server runs: how it is driven, and what is seen of it: by whom it is told, from which
# address a connection comes, and that a wrong one takes the change back.
. "$srcdir/tests/cli/lib.sh"
. "$srcdir/tests/cli/collector-lib.sh"
. "$srcdir/tests/cli/live-lib.sh"
live_start host
live_run

main_has() { grep -q -x -e "$1" "$root/etc/postfix/main.cf"; }
as_before() { printf '%s' "$live_main" | cmp - "$root/etc/postfix/main.cf"; }
told() { [ "$(cat "$root/told")" = "$1" ]; }
seen_from() { [ "$(sort -u "$dir/peer")" = "$1" ]; }
pins() { # OPTION...
	live_files
	: >"$root/told"
	: >"$dir/peer"
	mtapin fix --ip 192.0.2.11 --yes "$@"
	rm -f "$root/deliver"
}

mtapin show
has out "it runs, and where it listens is not guessed" '^postfix 3\.7\.11  /etc/postfix  running  HELO mail\.example\.net$'
pins --probe 192.0.2.1 --prove user@b.example
is 0 "--probe and --prove"
out "... three levels" "changed /etc/postfix/main.cf smtp_bind_address=192.0.2.11 verified=config,service,observed"
has err "... the greeting that the probe got" 'probe: from 192\.0\.2\.11 to 192\.0\.2\.1 port 25: 220 mx\.b\.example ESMTP$'
has err "... whose the connection was" '^mtapin: observed: IPv4 from 192\.0\.2\.11 to 192\.0\.2\.1 port 25; a process of postfix held it'
ok "... it was reloaded, then asked" told "postfix reload
reload
sendmail -C /etc/postfix -bv user@b.example"
ok "... at the other end, nothing else was seen" seen_from 192.0.2.11

echo 192.0.2.12 3 >"$root/deliver"
pins --observe 20
is 2 "--observe, and it leaves from another address"
has err "... which is said" '^mtapin: rolled-back: postfix: the pin does not hold: a connection IPv4 from 192\.0\.2\.12 to 192\.0\.2\.1 port 25 began after the change'
ok "... the old bytes are back" as_before
ok "... and the service reads them" told "postfix reload
reload
postfix reload
reload"

# Once it was told: a delivery from the old source that ends beside it would leave it open which one the log means.
(n=600; until told "postfix reload
reload" || [ $n = 0 ]; do n=$((n - 1)); sleep 0.05; done; echo - 0 >"$root/deliver") &
teller=$!
pins --observe 20
wait $teller
is 0 "--observe, and it has ended when it is looked at"
has err "... the log proves it" '^mtapin: observed: IPv4 from 192\.0\.2\.11 to 192\.0\.2\.1 port 25; the kernel announced its end, and the log of postfix names the server$'

pins --observe 1
is 0 "--observe, and nothing leaves"
out "... is no proof" "changed /etc/postfix/main.cf smtp_bind_address=192.0.2.11 verified=config,service"
has err "... which is said" '^mtapin: not observed: in 1 s no connection from a pinned address to port 25, 465 or 587 was seen; the kernel announces each that ends$'

printf '#!/shells/dash\nread -r pid </var/spool/postfix/pid/master.pid\nkill -HUP $pid\necho "x postfix/master[$pid]: fatal: bind 192.0.2.99 port 25: Cannot assign requested address" >>/var/log/mail.log\n' >"$root/usr/bin/postfix.bad"
mv "$root/usr/bin/postfix" "$root/usr/bin/postfix.good"
cp "$root/usr/bin/postfix.bad" "$root/usr/bin/postfix" && chmod 755 "$root/usr/bin/postfix"
pins
is 2 "its log complains after the reload"
has err "... in its own words" 'rolled-back: .*fatal: bind 192\.0\.2\.99 port 25: Cannot assign requested address'
ok "... the old bytes are back" as_before
mv "$root/usr/bin/postfix.good" "$root/usr/bin/postfix"

pins --restart
is 0 "--restart, nobody else in charge"
has err "... by whom" '^mtapin: restarted by its own commands$'
ok "... is stop and start" told "postfix stop
postfix start"
live_init openrc
printf '#!/shells/dash\necho "rc-service $*" >>/told\n[ "$2" = status ] || { postfix stop; postfix start; }\n' >"$root/usr/bin/rc-service"
printf '#!/shells/dash\n' >"$root/etc/init.d/postfix"
chmod 755 "$root/usr/bin/rc-service" "$root/etc/init.d/postfix"
pins --restart
is 0 "--restart below OpenRC"
has err "... by whom" '^mtapin: restarted by openrc, postfix$'
ok "... it was asked for its state, and told" sh -c 'grep -q "^rc-service postfix status$" "$1" && grep -q "^rc-service postfix restart$" "$1"' - "$root/told"
done_testing
