#!/bin/bash
# SPDX-License-Identifier: ISC
# As kill.t, on Debian's Exim with the real update-exim4.conf: fix, undo and recover killed at system calls that change
# something, and around that program. Two sources and the file that is made of them: after recover all old or all new.
# A sample; with MT_LONG=1 every such call.
. "$(dirname "$0")/sweep-exim.sh"
stride=89
! long || stride=1

kill_sweep make_old fix $stride
is "fix killed: old or new, with its backup, nothing left after the next run" $? 0
kill_sweep make_new undo $stride
is "undo killed" $? 0
kill_sweep make_pending recover $((stride / 30 + 1))
is "recover killed in turn" $? 0

# Where the files are put in place, and where the program is started and waited for.
changing='^renameat2[(]|^linkat[(]|^(v?fork|clone3?|wait4|waitid|poll)[(]'
stride=5
! long || stride=1
kill_sweep make_old fix $stride
is "fix killed around the build" $? 0
kill_sweep make_new undo $stride
is "undo killed around the build" $? 0
note "kill points: $kill_points, bad: $kill_bad"
