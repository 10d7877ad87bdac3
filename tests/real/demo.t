#!/bin/bash
# SPDX-License-Identifier: ISC
# scripts/demo tells a program that pins from one that does not, and mtapin is one that does.
. "$(dirname "$0")/lab.sh"
fake=$lab/run/fake-mtapin-$$
mkdir -p "$lab/run"
trap 'rm -f "$fake" "$fake.log" "$fake.said" "$fake.shown"' EXIT

# demo STATUS [ARGUMENT...]
demo() {
	local wanted=$1 status=0
	shift
	"$top/scripts/demo" "$@" >"$fake.log" 2>&1 </dev/null || status=$?
	[ "$status" = "$wanted" ] || { tail -n 40 "$fake.log"; return 1; }
}
# What the real program does, by hand: with UNDO=no it forgets to undo.
fake_program() {
	cat >"$fake" <<-'FAKE'
		#!/bin/bash
		cd /etc/postfix
		case "$*" in
		show) ;;
		*-n) exit 1 ;;
		undo) [ UNDO = no ] || cp /root/old main.cf ;;
		fix*)
			cp main.cf /root/old
			case "$*" in
			*inet_interfaces) postconf -e 'inet_interfaces = 192.0.2.11, 2001:db8::11' ;;
			*) postconf -e smtp_bind_address=192.0.2.11 smtp_bind_address6=2001:db8::11 ;;
			esac ;;
		esac
		touch -d '60 seconds ago' main.cf
		case $1 in undo | fix) postfix stop; postfix start ;; esac
		exit 0
	FAKE
	sed -i "s/UNDO/$1/" "$fake"
	chmod 755 "$fake"
}

ok "with /bin/true it fails" demo 1 --mtapin /bin/true
fake_program yes
ok "with a program that pins and undoes it passes" demo 0 --mtapin "$fake"
fake_program no
ok "with one that does not undo it fails" demo 1 --mtapin "$fake"
ok "with wrong arguments it says so" demo 64 --mtapin
confined() {
	setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$top/scripts/demo" >"$fake.log" 2>&1 </dev/null
	[ $? = 77 ] && grep -q CAP_SYS_ADMIN "$fake.log" && ! grep -q seen "$fake.log"
}
ok "where namespaces are not allowed it names the right, and shows nothing" confined
ok "with mtapin it passes" demo 0
note "$(grep -a -A6 '^OLD is' "$fake.log")"
# What the README shows is what a run prints, but for the id of a transaction.
same_every_run() { sed 's/[0-9]\{8\}T[0-9]\{6\}\.[0-9]*Z-[0-9a-f]*/ID/g'; }
shown() {
	same_every_run <"$fake.log" >"$fake.said"
	awk '/^```text$/ { inside = 1; next } /^```/ { if (inside) exit } inside && NF' "$top/README.md" | same_every_run >"$fake.shown"
	[ -s "$fake.shown" ] && ! grep -vxFf "$fake.said" "$fake.shown"
}
ok "the README's transcript is what a run prints" shown
tap_end
