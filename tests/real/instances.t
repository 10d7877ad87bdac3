#!/bin/bash
# SPDX-License-Identifier: ISC
# Two instances of Postfix on one host, the second made as MULTI_INSTANCE_README has it (sends, listens
# nowhere): each is pinned by itself, and an undo of one leaves the other.
. "$(dirname "$0")/lab.sh"
lab_start || bail "the lab does not start"

second() {
	mx_stop
	mx sh -e -c 'mkdir -p /etc/postfix-out /var/spool/postfix-out /var/lib/postfix-out
		chown postfix: /var/lib/postfix-out
		cp -a /etc/postfix/. /etc/postfix-out/
		echo "multi_instance_directories = /etc/postfix-out" >>/etc/postfix/main.cf
		printf "%s\n" "multi_instance_name = postfix-out" "multi_instance_enable = yes" "master_service_disable = inet" \
			"queue_directory = /var/spool/postfix-out" "data_directory = /var/lib/postfix-out" >>/etc/postfix-out/main.cf'
	mx sh -c 'postmulti -e init && /usr/lib/postfix/configure-instance.sh postfix-out' >>"$lab_run/daemons" 2>&1
	touch -d '60 seconds ago' "$mx_root"/etc/postfix{,-out}/main.cf
	mx postfix start >>"$lab_run/daemons" 2>&1
}
fix() {
	local instance=$1
	shift
	mx mtapin fix --yes --mta "postfix:$instance" "$@"
}
# The source of a mail that the second instance takes.
second_mail() {
	local id
	id=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')@mail.example.org
	printf 'Message-ID: <%s>\n\nlab\n' "$id" | mx_user sendmail -C /etc/postfix-out -f user@mail.example.org "$1" >>"$lab_run/daemons" 2>&1
	lab_outcome "$id"
}
sources() { echo "$(lab_mail user@v4.example) $(second_mail user@v4.example)"; }

ok "two instances run" second
is "before: both leave from the kernel's choice" "$(sources)" "192.0.2.10 192.0.2.10"
ok "show has both, and says so" mx sh -c 'mtapin show | grep -c "^postfix .* running" | grep -x 2 && mtapin show | grep -q PF-INSTANCES'
state=$(lab_state)
is "no --mta: both are listed" "$(mx mtapin fix --ip 192.0.2.11 --ip6 keep --yes 2>&1 >/dev/null)" \
	"mtapin: --mta: several are here, say which: --mta postfix:/etc/postfix, --mta postfix:/etc/postfix-out"
is "and nothing was changed" "$(lab_state)" "$state"
ok "the second is pinned" fix /etc/postfix-out --ip 192.0.2.11 --ip6 keep
is "it alone leaves from there" "$(sources)" "192.0.2.10 192.0.2.11"
is "the first one's files are untouched" "$(lab_state)" "$state"
ok "a second run changes nothing" sh -c '! grep -q ^changed' <<<"$(fix /etc/postfix-out --ip 192.0.2.11 --ip6 keep 2>&1)"
ok "the first is pinned by inet_interfaces" fix /etc/postfix --ip 192.0.2.12 --ip6 2001:db8::12 --method inet_interfaces
is "each leaves from its own" "$(sources)" "192.0.2.12 192.0.2.11"
said=$(fix /etc/postfix-out --ip 192.0.2.12 --ip6 keep --method inet_interfaces 2>&1)
is "inet_interfaces where nothing listens: done" "$?" 0
is "and no socket is named" "$(grep -E 'listens|loopback' <<<"$said")" ""
is "both leave from the one address" "$(sources)" "192.0.2.12 192.0.2.12"
ok "undo of the last" mx mtapin undo
is "the second has its own pin again" "$(sources)" "192.0.2.12 192.0.2.11"
ok "undo of the first's" mx mtapin undo
is "only the second is pinned" "$(sources)" "192.0.2.10 192.0.2.11"
ok "undo of the first of all" mx mtapin undo
is "as at the start" "$(sources)" "192.0.2.10 192.0.2.10"
