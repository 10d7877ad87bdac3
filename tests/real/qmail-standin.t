#!/bin/bash
# SPDX-License-Identifier: ISC
# The stand-in of qmail (tests/real/qmail) does what the real builds did: every row of the vectors, at the sink. The
# other tests of qmail run this first (qmail_proven).
. "$(dirname "$0")/lab.sh"
. "$here/qmail/lab.sh"
qmail_start || bail "the lab does not start"
qmail_replay
[ "$tap_failed" != 0 ] || qmail_sources >"$lab/standin.proven"
