# SPDX-License-Identifier: ISC
# scale.sh: what plan and diff of a large configuration cost: `mtapin fix -n --bundle` of generated hosts
# (scale.c), as the README's table. Sourced by scripts/bench.

scale_set_up() {
	root_allowed
	lock_setup
	tools "building" "${build_tools[@]}" || exit 2
	step autogen build_autogen && step build-product build_product && step bench-build scale_harness || exit 2
	unlock_setup
	dir=$(mktemp -d) || exit 2
	trap 'rm -rf "$dir"' EXIT
	mtapin=("$prefix/usr/local/sbin/mtapin" --backend-dir "$prefix/usr/local/lib/mtapin/backends")
}
scale_harness() {
	local build
	build=$(built)
	mkdir -p "$lab/bench"
	gcc -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -o "$lab/bench/cost" "$top/tests/bench/cost.c" &&
		gcc -std=gnu11 -O2 -Wall -Wextra -fno-builtin -I"$top/include" \
			-Wl,--wrap=memcpy,--wrap=memchr,--wrap=memcmp,--wrap=strlen \
			-o "$lab/bench/scale" "$top/tests/bench/scale.c" "$build/libbackends.a" "$build/libcore.a" -lmd
}

# scale_run KIND N: "N CPU-MS WALL-MS PEAK-KIB"; fails when mtapin does anything but propose.
scale_run() {
	local options status
	read -r -a options < <("$lab/bench/scale" options "$1" "$2")
	"$lab/bench/cost" "${mtapin[@]}" --bundle "$dir/$2" fix -n "${options[@]}" \
		3>"$dir/cost" >"$dir/diff" 2>"$dir/err" </dev/null || return
	read -r _ _ _ status <"$dir/cost"
	[ "$status" = 1 ] && [ -s "$dir/diff" ] || { sed 's/^/  /' "$dir/err" >&2; return 1; }
	echo "$2 $(cut -d' ' -f1-3 "$dir/cost")"
}

# scale_row TITLE KIND N: N/8, N/4, N/2 and N in turn, so that what else the machine does meets them all. Least and
# median of N; the ratios are those of the least CPU times.
scale_row() {
	local sizes=($(($3 / 8)) $(($3 / 4)) $(($3 / 2)) "$3") n round least median wall peak worst
	for n in "${sizes[@]}"; do "$lab/bench/scale" bundle "$2" "$n" >"$dir/$n" || return; done
	for ((round = 0; round < rounds; round++)); do
		for n in "${sizes[@]}"; do scale_run "$2" "$n" || return; done
	done >"$dir/runs"
	read -r least median wall peak worst < <(sort -n -k1,1 -k2,2 "$dir/runs" | awk -v n="$3" '
		!($1 in least) { least[$1] = $2; if (before) { r = $2 / least[before]; if (r > worst) worst = r } before = $1 }
		$1 == n { cpu[++k] = $2; if (!wall || $3 < wall) wall = $3; if ($4 > peak) peak = $4 }
		END { printf "%s %s %s %s %.2f\n", cpu[1], cpu[int((k + 1) / 2)], wall, peak, worst }')
	row "$1" "$least ms CPU (median $median), $wall ms in all; $((peak / 1024)) MiB; twice as many: ${worst}x" "1 s; 64 MiB; 2.2x" \
		"$(holds "$wall <= 1000 && $peak <= 65536 && $worst <= 2.2")"
}

scale_measure() {
	say "| plan and diff | measured | aim |" "|---|---|---|"
	scale_row "10,000 client services, \`--method service --ip6 off\`" services 10000 &&
		scale_row "10,000 services with pins of their own, \`--path all\`" pins 10000 &&
		scale_row "10,000 rows of a sender map" rows 10000 &&
		scale_row "2,000 addresses, each with a service and in inet_interfaces" addresses 2000 &&
		scale_row "100,000 lines of domainbindings (qmail)" bindings 100000
}
