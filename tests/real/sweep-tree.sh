# SPDX-License-Identifier: ISC
# sweep-tree.sh: what tests/apply/sweep.sh needs to know of tree.sh. Sourced by bash, first thing in a test.
. "$(dirname "${BASH_SOURCE[0]}")/tree.sh"
. "$top/tests/apply/sweep.sh"
strace_works || skip "strace cannot trace here"
tree_hurry || bail "no compiler"
execs=3 # env, chroot, mtapin
engine() { tree_engine "$1"; }

make_old() { tree_reset; }
make_new() {
	tree_reset
	cp "$scratch/made/"*.cf "$etc/"
	cp -a "$scratch/made/state/." "$state/"
}
# main.cf is new, master.cf is old: killed between the two
make_pending() {
	tree_reset
	engine fix
	run -e trace=renameat2 -e inject=renameat2:signal=SIGKILL:when=2 "${argv[@]}"
}
of() { # FILE MODE: OLD, NEW or BAD
	[ "$(stat -c %a "$etc/$1" 2>/dev/null)" = "$2" ] || { echo BAD; return; }
	if cmp -s "$etc/$1" "$here/default/$1"; then echo OLD
	elif cmp -s "$etc/$1" "$scratch/made/$1"; then echo NEW
	else echo BAD; fi
}
state() {
	case "$(of main.cf 640) $(of master.cf 644)" in
	*BAD*) echo BAD ;;
	"OLD OLD") echo OLD ;;
	"NEW NEW") echo NEW ;;
	*) echo MIXED ;;
	esac
}
# 0 is main.cf, 1 is master.cf, in the first transaction.
backed_up() {
	[ "$(of main.cf 640)" = OLD ] || cmp -s "$here/default/main.cf" "$(first_backup 0)" || return
	[ "$(of master.cf 644)" = OLD ] || cmp -s "$here/default/master.cf" "$(first_backup 1)"
}
first_backup() {
	local all=("$state"/txn/2*/"$1".before)
	printf '%s' "${all[0]}"
}
stray() {
	local f
	for f in "$etc"/.mtapin-* "$etc"/*.tmp "$state"/txn/.[!.]*; do
		[ ! -e "$f" ] && [ ! -L "$f" ] || echo "${f##*/}"
	done
}
pending() {
	local f
	for f in "$state"/txn/2*; do
		case $(tail -n 1 "$f/state" 2>/dev/null | tr -d '\000') in
		*' applied' | *' rolled-back' | *' stuck') ;;
		*) [ ! -e "$f" ] || { echo "${f##*/}"; return; } ;;
		esac
	done
	echo none
}

tree_reset
engine fix
quiet "${argv[@]}" || bail "fix: $(cat "$scratch/said")"
mkdir "$scratch/made"
cp "$etc"/{main,master}.cf "$scratch/made/"
cp -a "$state" "$scratch/made/state"
[ "$(state)" = NEW ] && grep -q '^smtp_bind_address = 192.0.2.11$' "$etc/main.cf" && grep -q 'inet_protocols=ipv4' "$etc/master.cf" ||
	bail "fix does not edit both files"
