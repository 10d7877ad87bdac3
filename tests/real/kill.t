#!/bin/bash
# SPDX-License-Identifier: ISC
# The program on Postfix's main.cf and master.cf (fix --ip A --ip6 off writes both), the service left
# alone: kill -9 at system calls that change something in fix, undo and recover. A sample; with
# MT_LONG=1 every such call.
. "$(dirname "$0")/sweep-tree.sh"
stride=14
! long || stride=1

kill_sweep make_old fix $stride
is "fix killed: old or new, with its backup, nothing left after the next run" $? 0
kill_sweep make_new undo $stride
is "undo killed" $? 0
kill_sweep make_pending recover $(((stride + 1) / 2))
is "recover killed in turn" $? 0
note "kill points: $kill_points, bad: $kill_bad"
