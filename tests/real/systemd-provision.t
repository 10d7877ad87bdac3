#!/bin/bash
# SPDX-License-Identifier: ISC
# As cloud-init does it: a one-shot unit of a booted systemd pins the address at the first boot, without a terminal; at
# the second it finds it so. Then what a script sees of each refusal, and with its descriptors closed.
. "$(dirname "$0")/inits.sh"
restart_it() { mx systemctl restart postfix@-.service; }
inits_start systemd "
	printf '[Unit]\nAfter=postfix.service\n[Service]\nType=oneshot\nExecStart=/usr/local/sbin/mtapin fix --yes --ip 192.0.2.11 --ip6 2001:db8::11\nStandardOutput=append:/var/log/pin\nStandardError=append:/var/log/pin\n[Install]\nWantedBy=multi-user.target\n' \
		>/etc/systemd/system/pin.service
	systemctl enable pin.service" || bail "systemd does not boot"
pinned() { [ "$(mx systemctl show -p ActiveState -p Result --value pin.service | tr '\n' ' ')" = "success inactive " ] && grep -q '^changed\|^unchanged\|verified' "$mx_root/var/log/pin"; }
mark() { stat -c '%i %Y %s' "$mx_root/etc/postfix/main.cf"; }

ok "the unit of the first boot ends well" wait_for 30 pinned
is "... with one line a file" "$(grep -v '^mtapin: ' "$mx_root/var/log/pin")" \
	"changed /etc/postfix/main.cf smtp_bind_address=192.0.2.11 smtp_bind_address6=2001:db8::11 verified=config,service"
ok "... and asks nothing" [ -z "$(grep -a '?' "$mx_root/var/log/pin")" ]
is "... mail leaves from it" "$(lab_sources)" "192.0.2.11 2001:db8::11"
was=$(mark)
: >"$mx_root/var/log/pin"
inits_reboot
ok "the second boot: it ends well" wait_for 30 pinned
ok "... nothing to change" grep -q 'nothing to change\|verified: config, service' "$mx_root/var/log/pin"
is "... the file is the same one" "$(mark)" "$was"
is "... and one transaction is in the history" "$(mx mtapin history | grep -c '^20')" 1

# script STATUS OPTION...: no terminal, nothing on stdin; the file must not be touched.
script() {
	local wanted=$1 status=0
	shift
	mx setsid mtapin fix "$@" >"$lab_run/out" 2>"$lab_run/err" </dev/null || status=$?
	is "fix $*: exit" "$status" "$wanted"
	is "... the file is as it was" "$(mark)" "$was"
}
said() { ok "... $1" grep -q -e "$1" "$lab_run/out" "$lab_run/err"; }
script 64 --yes
said 'say from which address mail shall leave'
script 64 --yes --ip eth0
said 'is a name: an interface or a host may have several addresses'
script 64 --yes --ip mail.example.org
said 'is a name'
script 2 --yes --ip 192.0.2.99 --ip6 keep
said '192\.0\.2\.99: is on no interface'
script 2 --yes --ip 192.0.2.12 --ip6 keep --mta exim
said 'no such mail server'
script 1 --ip 192.0.2.12 --ip6 2001:db8::12
said 'nothing was changed; --yes applies this'
mx sh -c 'exec mtapin fix --yes --ip 192.0.2.12 --ip6 2001:db8::12 <&- >&- 2>&-'
is "with stdin, stdout and stderr closed: exit" $? 0
is "... it is done" "$(mx postconf -h smtp_bind_address)" 192.0.2.12
