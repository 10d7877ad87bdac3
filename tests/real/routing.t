#!/bin/bash
# SPDX-License-Identifier: ISC
# `show --to` over generated configurations against the real trivial-rewrite(8).
. "$(dirname "$0")/lab.sh"
lab_start || bail "the lab does not start"
seed=20261124 configurations=30
[ "${MT_LONG-no}" = no ] || seed=$RANDOM configurations=1000
note "seed $seed"
answers=$lab_run/answers
route() { python3 -B "$here/routing.py" "$mx_pid" "$configurations" 8 "$seed" >"$answers" || { cat "$answers"; return 1; }; }
ok "$configurations configurations, 8 mails each: the same service and next hop" route
note "$(tail -n 1 "$answers")"
