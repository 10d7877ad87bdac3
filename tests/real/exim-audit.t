#!/bin/bash
# SPDX-License-Identifier: ISC
# A fleet with an Exim host in it, over real ssh: its row and findings beside Postfix' hosts, a redacted bundle that tells the
# same, and nothing of its configuration evaluated there.
. "$(dirname "$0")/lab.sh"
. "$here/fleet.sh"
lab_begin
trap 'fleet_stop; lab_exit' EXIT
fleet_start || { cat "$lab_run"/*/console >&2; bail "the fleet does not start"; }

# The host `exim` is the fleet's, but for what Debian's package of Exim adds; it has no Postfix.
mkdir "$fleet_root/srv/exim" "$fleet_root/srv/none"
# Without what the package takes away: those marks of an overlay are devices.
(cd "$lab/overlays/exim" && find etc usr/sbin usr/lib var/lib var/log var/spool ! -type c -print0 | tar -c --no-recursion --null -T -) |
	tar -x -C "$fleet_root/srv/exim" || bail "no Exim"
fleet_host exim 50 root 'exec unshare --mount sh -c "
	for d in /etc /usr/sbin /usr/lib /var/lib /var/log /var/spool; do mount -t overlay exim -o lowerdir=/srv/exim\$d:\$d \$d || exit; done
	mount --bind /srv/none /etc/postfix
	exec /bin/sh -s"'
printf '%s\n' 'primary_hostname = mail.example.org' 'keep_environment =' 'RELAY_PASSWORD = canary-word' 'begin routers' \
	'some:' '  driver = manualroute' '  domains = one.test' '  route_list = * relay.test' '  transport = run' \
	'out:' '  driver = dnslookup' '  transport = smtp' 'begin transports' 'smtp:' '  driver = smtp' '  interface = 10.76.0.1' \
	'run:' '  driver = smtp' '  interface = ${run{/bin/touch /tmp/evaluated}}' >"$fleet_root/srv/exim/etc/exim4/exim4.conf"
fleet_start_sshd || bail "sshd does not start"
fleet sh -c 'sleep 0.1; touch /srv/mark; sleep 0.1'
rows() { # EXPRESSION over h, the host `exim`, and p, its neighbour
	python3 -c 'import json, sys
all = {h["name"]: h for h in map(json.loads, open(sys.argv[1]))}
h, p = all["exim"], all["10.77.1.1"]
print(eval(sys.argv[2]))' "$1" "$2"
}
status=0
admin mtapin audit -w exim,10.77.1.1 --save bundles --jsonl >"$lab_run/live" 2>"$lab_run/err" || status=$?
is "a mixed fleet: exit" "$status" 1
is "... a row each" "$(rows "$lab_run/live" '[m["backend"] for m in h["mtas"] + p["mtas"]]')" "['exim', 'postfix']"
# The text of an expression stays on the host: what it makes is not known here.
is "... from where its mail leaves" "$(rows "$lab_run/live" '[(t["name"], t["ipv4"]["source"], t["ipv4"]["how"]) for t in h["mtas"][0]["paths"]]')" \
	"[('smtp', '10.76.0.1', 'address'), ('run', None, 'unknown')]"
is "... the line" "$(rows "$lab_run/live" 'h["mtas"][0]["paths"][0]["ipv4"]["because"][0]["line"]')" 16
is "... what is wrong, of it alone" "$(rows "$lab_run/live" '[any(f["id"].startswith("EX-") for f in x["findings"]) for x in (h, p)]')" "[True, False]"
ok "nothing is evaluated there" fleet test ! -e /tmp/evaluated
is "... nor written" "$(fleet find / -xdev -newer /srv/mark -type f ! -path '/var/log/*' ! -path '/run/*')" ""
bundles=$admin_root/srv/jane/bundles
ok "the bundle is there, without what is secret" eval 'grep -a -q "primary_hostname" "$bundles"/exim* && ! grep -a -q canary "$bundles"/exim*'
admin mtapin audit --bundles bundles --jsonl >"$lab_run/stored" 2>"$lab_run/err"
is "... and tells the same" "$(rows "$lab_run/stored" '(h["mtas"], h["findings"])')" "$(rows "$lab_run/live" '(h["mtas"], h["findings"])')"
admin mtapin audit -w exim,10.77.1.1 >"$lab_run/out" 2>"$lab_run/err"
ok "in text: its line" grep -E "^exim +exim \(stopped\)  IPv4 10\.76\.0\.1 " "$lab_run/out"
