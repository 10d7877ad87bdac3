# SPDX-License-Identifier: ISC
# toy.sh: what sweep.sh needs to know of the toy folder that tests/apply/driver makes. Sourced by bash, after
# $driver and $toy are set. With making=make-built there is a file that a program makes of the other two.
execs=1 making=make
engine() { argv=("$driver" "$1" "$toy"); }
make_old() { rm -rf "$toy"; "$driver" $making "$toy"; }
make_new() { make_old; do_engine fix; }
# committed and killed
make_pending() {
	make_old
	engine fix
	run -e trace=renameat2 -e inject=renameat2:signal=SIGKILL:when=2 "${argv[@]}"
}
state() {
	local a=BAD b=BAD
	case $(cat "$toy/etc/a.cf" 2>/dev/null) in
	"$(printf '# head\npin = 192.0.2.1\ntail = 1')") a=OLD ;;
	"$(printf '# head\npin = 192.0.2.2\ntail = 1')") a=NEW ;;
	esac
	[ "$(stat -c %a "$toy/etc/a.cf" 2>/dev/null)" = 640 ] || a=BAD
	case $(cat "$toy/etc/b.cf" 2>/dev/null) in
	"$(printf 'one\npin6 = 2001:db8::1')") b=OLD ;;
	"$(printf 'one\npin6 = 2001:db8::2')") b=NEW ;;
	esac
	[ $a = BAD ] || [ $b = BAD ] && { echo BAD; return; }
	[ $making = make ] || made_state $a $b || return 0
	[ $a = $b ] && echo $a || echo MIXED
}
# Of the file that is made of the two. Its program writes in place and syncs nothing, so that half of it may be all that
# the power left: MIXED too, which a recover must end.
made_state() {
	local c=BAD
	case $(cat "$toy/var/all.cf" 2>/dev/null) in
	"$(printf '# head\npin = 192.0.2.1\ntail = 1\none\npin6 = 2001:db8::1')") c=OLD ;;
	"$(printf '# head\npin = 192.0.2.2\ntail = 1\none\npin6 = 2001:db8::2')") c=NEW ;;
	esac
	[ $c = "$1" ] || { echo MIXED; return 1; }
}
backed_up() {
	[ "$(state)" = OLD ] && return 0
	local f
	for f in "$toy"/state/txn/2*/0.before; do
		[ -e "$f" ] && grep -q '^pin = 192.0.2.1$' "$f" && return 0
	done
	return 1
}
stray() { ls -A "$toy/etc" | grep -vx '[ab]\.cf'; ls -A "$toy/state/txn" 2>/dev/null | grep '^\.'; }
pending() { "$driver" pending "$toy"; }
