#!/bin/bash
# SPDX-License-Identifier: ISC
# scripts/demo tells a program that pins from one that does not, and mtapin is one that does.
. "$(dirname "$0")/lab.sh"
fake=$lab/run/fake-mtapin-$$
mkdir -p "$lab/run"
trap 'rm -rf "$fake" "$fake.log" "$fake.shown" "$fake.d"' EXIT

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
# What the README shows is what a run prints, in its order: command by command, each from its first line on ("..." stands for
# the rest), and `undo` below the transaction that it takes back. Ids are drawn in every run: they are counted as they come up.
# commands FILE NAME: a file each, $fake.d/NAME.NN, without what only the demo says and what depends on time.
commands() {
	awk -v to="$fake.d/$2" '
		/^# / { name = sprintf("%s.%02d", to, ++n) }
		/^$/ || /^mtapin: [.][.][.] waiting / { next }
		/: two mails by sendmail/ || /^OLD is/ { name = "" }
		name { print >name }' "$1"
}
id='[0-9]{8}T[0-9]{6}[.][0-9]+Z-[0-9a-f]+'
numbered() {
	cat "$@" | awk -v id="${id//\\/}" '{
		line = ""
		while (match($0, id)) {
			word = substr($0, RSTART, RLENGTH)
			if (!(word in seen)) seen[word] = "ID" ++n
			line = line substr($0, 1, RSTART - 1) seen[word]
			$0 = substr($0, RSTART + RLENGTH)
		}
		print line $0
	}'
}
# as_far_as SHOWN RUN: what RUN printed, as far as SHOWN goes
as_far_as() { if [ "$(tail -n 1 "$1")" = ... ]; then head -n $(($(wc -l <"$1") - 1)) "$2" && echo ...; else cat "$2"; fi; }
shown() {
	local want at=0 run pair=()
	rm -rf "$fake.d" && mkdir "$fake.d" || return
	commands "$fake.log" run
	awk '/^```text$/ { inside = 1; next } /^```/ { if (inside) exit } inside' "$top/README.md" >"$fake.shown"
	commands "$fake.shown" shown
	run=("$fake.d"/run.*)
	for want in "$fake.d"/shown.*; do
		while [ $at -lt ${#run[@]} ] && ! diff -q <(numbered "$want") <(as_far_as "$want" "${run[at]}" | numbered); do at=$((at + 1)); done
		[ $at -lt ${#run[@]} ] || { echo "not in the run, or not behind what stands above it:"; cat "$want"; return 1; }
		as_far_as "$want" "${run[at]}" >"$fake.d/same.$at"
		pair+=("$fake.d/same.$at")
		at=$((at + 1))
	done >"$fake.d/compared"
	[ ${#pair[@]} -ge 4 ] && grep -q '^# mtapin undo$' "$want" && diff <(numbered "$fake.d"/shown.*) <(numbered "${pair[@]}")
}
ok "the README's transcript is what a run prints" shown
tap_end
