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
property_hosts >"$tree/etc/hosts"
rm -f "$etc"/{main,master}.cf

# Each part has folders of its own for the configuration and the state.
part() { # I/N
	local own=$scratch/part${1%/*}
	mkdir -p "$own/state" && cp -a "$etc" "$own/etc" || return
	unshare --mount --propagation private sh -c 'mount --bind "$1/etc" "$2" && mount --bind "$1/state" "$3" && shift 3 && exec "$@"' - \
		"$own" "$etc" "$state" "$top/tests/property/run" postfix "$tree" "$count" "$seed" --part "$1" ${MT_ONLY:+--only "$MT_ONLY"} -- \
		env -i PATH="$tree_path" chroot "$tree" >"$own/out" 2>&1
}
note "seed $seed, $count triples"
parts=${MT_ONLY:+1} parts=${parts:-2}
for ((i = 0; i < parts; i++)); do
	part "$i/$parts" &
done
wait
property_report "$scratch"/part*/out
