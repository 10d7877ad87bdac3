#!/bin/sh
# SPDX-License-Identifier: ISC
# run.sh PROGRAM: what make check runs a test program by. cmocka 1.1 prints a skipped test as "not ok N # SKIP",
# which is a failure for everybody else who reads TAP.
exec 4>&1
status=$({ { "$@" 3>&- 4>&- || echo $? >&3; } | sed 's/^not \(ok [0-9]* # SKIP\)/\1/' >&4; } 3>&1)
exit "${status:-0}"
