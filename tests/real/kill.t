#!/bin/bash
# SPDX-License-Identifier: ISC
# The program on Postfix's main.cf and master.cf (fix --ip A --ip6 off writes both), the service left
# alone: kill -9 at system calls that change something in fix, undo and recover, and in fix --confirm and
# confirm where there is an init whose next boot would roll back (OpenRC's marks: what its boot makes of it is
# tried in tests/real/inits). A sample; with MT_LONG=1 every such call.
. "$(dirname "$0")/sweep-tree.sh"
stride=14
! long || stride=1

kill_sweep make_old fix $stride
is "fix killed: old or new, with its backup, nothing left after the next run" $? 0
kill_sweep make_new undo $stride
is "undo killed" $? 0
kill_sweep make_pending recover $(((stride + 1) / 2))
is "recover killed in turn" $? 0

# ---- --confirm: the hook of the next boot ----
mkdir -p "$tree/run/openrc" "$tree/etc/runlevels/default"
: >"$tree/run/openrc/softlevel"
hook=("$tree"/etc/init.d/mtapin-confirm "$tree"/etc/runlevels/default/mtapin-confirm "$tree"/run/mtapin.unconfirmed)
engine() {
	case $1 in
	unconfirmed) tree_engine fix; argv+=(--confirm 3600) ;;
	confirm) tree_engine fix; argv=("${argv[@]:0:5}" confirm) ;;
	recover) tree_engine recover; argv+=(--booted) ;; # what the hook runs
	*) tree_engine "$1" ;;
	esac
}
eval "$(declare -f stray | sed '1s/stray/stray_files/')"
stray() {
	local f
	stray_files
	[ "$(pending)" = none ] || return
	for f in "${hook[@]}"; do
		[ ! -e "$f" ] && [ ! -L "$f" ] || echo "${f#"$tree"}"
	done
}
make_unhooked() { tree_reset; rm -f "${hook[@]}"; }
make_unconfirmed() { make_unhooked; do_engine unconfirmed; }
make_unconfirmed
is "--confirm: the hook is there" "$(ls "${hook[@]}" 2>/dev/null | wc -l)" 3
kill_sweep make_unhooked unconfirmed $(((stride + 1) / 2))
is "fix --confirm killed: whole or not at all, and no hook without a pending transaction" $? 0
kill_sweep make_unconfirmed confirm 1
is "confirm killed" $? 0
note "kill points: $kill_points, bad: $kill_bad"
