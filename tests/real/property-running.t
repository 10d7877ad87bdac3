#!/bin/bash
# SPDX-License-Identifier: ISC
# As property.t, with a Postfix that runs: each fix, undo and recover reloads or restarts it. Where Postfix
# refuses the configuration it was started with another one, and has lived on. MT_SEED, MT_ONLY, MT_LONG as there.
. "$(dirname "$0")/lab.sh"
. "$here/property.sh"
count=${MT_COUNT:-20} seed=${MT_SEED:-20261201} parts=4
[ "${MT_LONG-no}" = no ] || { count=200; seed=${MT_SEED:-$RANDOM}; }

# ---- a part of them, in a lab of its own ----
if [ "${1-}" = part ]; then
	lab_start || { echo "the lab does not start"; exit 1; }
	property_hosts >"$mx_root/etc/hosts"
	property_killed "$mx_root/usr/lib/killed.so" || exit
	rm -f "$mx_root"/etc/postfix/{main,master}.cf
	inside=(nsenter -t "$mx_pid" -m -u -i -n -p -- env -i "${mx_environment[@]}")
	declare -p here mx_pid mx_root mx_environment lab_run >"$lab_run/lab"
	declare -f inside mx mx_stop mx_start >>"$lab_run/lab"
	cat >"$lab_run/start" <<-'END'
		mx_start && exit
		cd "$mx_root/etc/postfix" && mkdir "$lab_run/broken" && cp -p main.cf master.cf "$lab_run/broken/"
		cat "$here/default/main.cf" >main.cf && cat "$here/default/master.cf" >master.cf && mx_start
		cp -p "$lab_run/broken"/* . && rm -r "$lab_run/broken"
	END
	"$top/tests/property/run" postfix "$mx_root" "$count" "$3" --part "$2" ${MT_ONLY:+--only "$MT_ONLY"} \
		--running ". $lab_run/lab; . $lab_run/start" ". $lab_run/lab; mx_stop" -- "${inside[@]}"
	exit 0
fi

# ---- all parts ----
lab_begin
note "seed $seed, $count triples"
[ -z "${MT_ONLY-}" ] || parts=1
for ((i = 0; i < parts; i++)); do
	bash "$0" part "$i/$parts" "$seed" >"$lab_run/part$i" 2>&1 </dev/null &
done
wait
property_report "$lab_run"/part*
[ -n "${MT_ONLY-}" ] || ok "Postfix ran in more than half of those" \
	test $((2 * $(property_count "the service was looked at" "$lab_run"/part*))) -gt "$(property_count applied "$lab_run"/part*)"
