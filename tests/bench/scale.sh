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

# scale_runs KIND N: rounds lines "CPU-MS WALL-MS PEAK-KIB", fails when mtapin does anything but propose.
scale_runs() {
	local options round status
	read -r -a options < <("$lab/bench/scale" options "$1" "$2")
	"$lab/bench/scale" bundle "$1" "$2" >"$dir/bundle" || return
	for ((round = 0; round < rounds; round++)); do
		"$lab/bench/cost" "${mtapin[@]}" --bundle "$dir/bundle" fix -n "${options[@]}" \
			3>"$dir/cost" >"$dir/diff" 2>"$dir/err" </dev/null || return
		read -r _ _ _ status <"$dir/cost"
		[ "$status" = 1 ] && [ -s "$dir/diff" ] || { sed 's/^/  /' "$dir/err" >&2; return 1; }
		cut -d' ' -f1-3 "$dir/cost"
	done
}

# scale_row TITLE KIND N: N/8, N/4, N/2 and N; the ratios are those of the least CPU times.
scale_row() {
	local n least median peak before=0 worst=0
	for n in $(($3 / 8)) $(($3 / 4)) $(($3 / 2)) "$3"; do
		scale_runs "$2" "$n" >"$dir/runs" || return
		read -r least median peak < <(sort -n "$dir/runs" | awk '{ cpu[NR] = $1; if ($3 > peak) peak = $3; wall[NR] = $2 }
			END { asort_wall(); print cpu[1], wall[int((NR + 1) / 2)], peak }
			function asort_wall(i, j, t) {
				for (i = 2; i <= NR; i++)
					for (j = i; j > 1 && wall[j - 1] > wall[j]; j--) { t = wall[j]; wall[j] = wall[j - 1]; wall[j - 1] = t }
			}')
		worst=$(awk -v was="$before" -v is="$least" -v worst="$worst" \
			'BEGIN { r = was > 0 ? is / was : 0; printf "%.2f", r > worst ? r : worst }')
		before=$least
	done
	row "$1" "$least ms CPU, $median ms in all, $((peak / 1024)) MiB; twice as many: ${worst}x at most" "1 s, 64 MiB, 2.2x" \
		"$(holds "$median <= 1000 && $peak <= 65536 && $worst <= 2.2")"
}

scale_measure() {
	say "| plan and diff | measured | aim |" "|---|---|---|"
	scale_row "10,000 client services, \`--method service --ip6 off\`" services 10000 &&
		scale_row "10,000 services with pins of their own, \`--path all\`" pins 10000 &&
		scale_row "10,000 rows of a sender map" rows 10000 &&
		scale_row "2,000 addresses, each with a service and in inet_interfaces" addresses 2000 &&
		scale_row "100,000 lines of domainbindings (qmail)" bindings 100000
}
