#!/bin/bash
# SPDX-License-Identifier: ISC
# fix, fix again, undo and recover on generated triples of configuration, method and --ip6, with the real
# postconf and postmap and a Postfix that does not run (property-running.t: one that does).
# MT_SEED=N: another seed; MT_ONLY=N: one triple, with its files. 60 of a fixed seed, with
# MT_LONG=1: 3,000 triples of a random seed.
. "$(dirname "$0")/tree.sh"
. "$here/property.sh"
count=${MT_COUNT:-60} seed=${MT_SEED:-20261201}
! long || { count=3000; seed=${MT_SEED:-$RANDOM}; }
tree_hurry || bail "no compiler"
property_killed "$tree/usr/lib/killed.so" || bail "no compiler"
property_hosts postfix >"$tree/etc/hosts"
rm -f "$etc"/{main,master}.cf
property_parts postfix /etc/postfix
property_report "$scratch"/part*/out
