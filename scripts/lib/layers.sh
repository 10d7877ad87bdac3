# SPDX-License-Identifier: ISC
# layers.sh: the layers of scripts/test. A function layer_NAME writes lines "PASS|FAIL|SKIP TEXT".

# result TEXT COMMAND...: one result from one exit status (77 is a skip).
result() {
	local text=$1 status=0
	shift
	"$@" || status=$?
	case $status in
	0) say "PASS $text" ;;
	77) say "SKIP $text" ;;
	*) say "FAIL $text (status $status)" ;;
	esac
}

# ---- builds ----
build_install_destdir() {
	local dir=$lab/destdir
	rm -rf "$dir"
	make -C "$lab/build/gcc" install DESTDIR="$dir" || return
	[ -x "$dir/usr/local/sbin/mtapin" ] || { echo "no mtapin below $dir"; return 1; }
	# Nothing outside the prefix, the configuration and the state folder.
	(cd "$dir" && ! find . -type f | grep -v -E '^[.]/(usr/local|etc|var/lib/mtapin)/')
}
# Configured again, a tree builds again what names the folders, and no more.
build_again() {
	local dir=$lab/build/clang arguments=(--enable-werror CC=clang) objects
	touch "$dir/.before"
	configure_there "${arguments[@]}" --prefix=/opt/pin --sysconfdir=/opt/pin.etc --localstatedir=/opt/pin.var &&
		make -C "$dir" -j"$jobs" || return
	"$dir/mtapin" --help | grep -F 'instead of /opt/pin.etc/mtapin.conf' && grep -F /opt/pin.var/lib/mtapin "$dir/built/man/mtapin.8" &&
		strings "$dir/mtapin" | grep -Fx /opt/pin.var/lib/mtapin && strings "$dir/mtapin" | grep -Fx /opt/pin/lib/mtapin/backends || return
	objects=$(find "$dir/src" -name '*.o' -newer "$dir/.before" | wc -l)
	[ "$objects" -gt 3 ] && [ "$objects" -lt 12 ] || { echo "$objects objects were built again"; return 1; }
	configure_there "${arguments[@]}" && make -C "$dir" -j"$jobs"
}
configure_there() { (cd "$lab/build/clang" && "$top/configure" --cache-file="$(build_cache clang)" "$@"); }
# The archive holds what git holds: all that the README's commands need.
build_archive() {
	make -C "$lab/build/gcc" dist || return
	local archive
	archive=$(echo "$lab"/build/gcc/mtapin-*.tar.xz)
	diff <(tracked | sort) <(tar -tf "$archive" | sed -n 's|^[^/]*/\(.*[^/]\)$|\1|p' | sort) | grep '^<' && return 1
	tar -xf "$archive" --to-stdout --wildcards '*/MANIFEST' | diff <(tracked) -
}
build_dist() { make -C "$lab/build/gcc" -j"$jobs" distcheck DISTCHECK_CONFIGURE_FLAGS=--disable-tests; }

# The toy's driver is a program of make check; a test of the layer real needs it too, which may run before.
build_for_tests() { build_one gcc all -- $(check_arguments gcc) && make -C "$lab/build/gcc" tests/apply/driver; }

layer_build() {
	# Two at a time: configure uses one core only.
	{
		result "gcc, with the tests" step build-gcc build_for_tests
		result "--enable-sanitizers" step build-asan build_one asan all -- $(check_arguments asan)
	} &
	result "--disable-modules" step build-static build_one static all -- $(check_arguments static)
	result "clang" step build-clang build_one clang all -- --enable-werror CC=clang
	wait
	result "the program for the labs" step build-product build_product
	result "make install DESTDIR=" step build-destdir build_install_destdir
	result "configured again for other folders" step build-again build_again
	result "make dist holds all that is in git" step build-archive build_archive
	[ "$long" = no ] || result "make distcheck" step build-distcheck build_dist
}

# ---- install: by the README's own lines, in a tree without anything of it ----
layer_install() { real_seconds=2400 real_all 1 "$top/tests/install/readme.t"; }

# ---- lint ----
layer_lint() { "$top/scripts/lint" 2>&1 | tee "$log/lint.log" | grep -E '^(PASS|FAIL|SKIP) '; }

# ---- what make check runs: unit, cases, cli ----
check_arguments() {
	case $1 in
	gcc) echo --enable-werror ;;
	static) echo --enable-werror --disable-modules ;;
	asan) echo --enable-werror --enable-sanitizers ;;
	esac
}
# shellcheck disable=SC2046
check_build() {
	local only=()
	# A sanitizer makes system calls of its own, the shells' script is the same in every build, and so are the
	# objects that the test of purity makes; a program without modules differs in its command line and in what it links.
	case $1 in
	asan) only=(apply_tests=tests/cli/diff.t collector_tests= qmail_tests=tests/cli/qmail.t cli_tests="$(echo tests/cli/{help,settings,modules,show,fix,postfix,process}.t)") ;;
	static) only=(TESTS="tests/cases/all.t $(echo tests/cli/{help,modules,settings,show,fix,postfix,qmail}.t)") ;;
	esac
	build_one "$1" all -- $(check_arguments "$1") && MT_LONG=$long make -C "$lab/build/$1" -j"$((2 * jobs))" -k check "${only[@]}"
}
# Run make check once in each build; later layers only read its results.
check_all() {
	local build
	[ -z "$checks" ] || return
	checks=$log/checks.results
	for build in $checked; do
		find "$lab/build/$build/tests" -name '*.trs' -delete 2>/dev/null
		step "check-$build" check_build "$build" || say "FAIL tests/check $build: make check"
		[ ! -d "$lab/build/$build/tests" ] || check_results "$lab/build/$build" "$build"
		[ "$build" != gcc ] || check_times "$lab/build/$build" >>"$log/times"
	done >"$checks"
}
# check_times FOLDER: how long each test of make check took: its log is made when it starts, its result written when it ends.
check_times() {
	find "$1/tests" -name '*.trs' -printf '%p\n' | while IFS= read -r trs; do
		echo "$(($(stat -c %Y "$trs") - $(stat -c %W "${trs%.trs}.log"))) ${trs#"$1/"}"
	done | sed 's/[.]trs$//'
}
# Never more than one layer at a time writes a line of it, and lines are short.
slowest() {
	[ -s "$log/times" ] || return 0
	say "the five slowest:"
	sort -rn "$log/times" | head -n 5 | sed 's/^\([0-9]*\) \(.*\)/  \1 s  \2/'
}
layer_unit() {
	check_all
	grep -v -E '^[A-Z]+ tests/(cases|cli)(/|\.)' "$checks"
}
layer_cases() {
	check_all
	grep -E '^[A-Z]+ tests/cases(/|\.)' "$checks"
}
layer_cli() {
	check_all
	grep -E '^[A-Z]+ tests/cli(/|\.)' "$checks"
}

# ---- differential: against the real programs of the Debian root ----
layer_differential() {
	local run=$top/tests/differential/run arguments=("$root")
	[ -x "$run" ] || return 0
	[ "$long" = no ] || arguments=(--long "$root")
	(cd "$top" && builddir=$lab/build/gcc srcdir=$top "$run" "${arguments[@]}") >"$log/differential.log" 2>&1 </dev/null ||
		say "FAIL tests/differential/run: status $?"
	tap_results "$log/differential.log" differential
}

# ---- real: tests/real/*.t, a few at a time, each in a lab of its own ----
real_one() {
	local test=$1 name out status=0 start=$SECONDS
	name=$(basename "$test" .t)
	out=$log/real-$name.log
	(cd "$top" && MT_LONG=$long timeout -k 10 "$real_seconds" "$test") >"$out" 2>"$out.err" </dev/null || status=$?
	echo "$((SECONDS - start)) ${test#"$top/"}" >>"$log/times"
	{
		tap_results "$out" "$name"
		[ "$status" = 0 ] || [ "$status" = 1 ] || say "FAIL $name: status $status"
		[ "$status" = 0 ] || tail -n 12 "$out.err" | sed "s/^/NOTE $name: stderr: /"
	} >"$out.results"
}
# real_all JOBS TEST...: so many at a time. Their results one after the other, or two that end at once mix their lines.
real_all() {
	local most=$1 test
	shift
	export -f real_one tap_results say
	export log top long real_seconds
	for test; do rm -f "$log/real-$(basename "$test" .t).log.results"; done
	printf '%s\0' "$@" | xargs -0 -n 1 -P "$most" bash -c 'set -u; real_one "$1"' real
	for test; do cat "$log/real-$(basename "$test" .t).log.results" || say "FAIL $test: did not end"; done
}
real_first='property table-inet_interfaces promise-systemd announced property-running systemd-units systemd-late observe paths confirm table-service table-smtp_bind_address audit wizard check broken power'
layer_real() {
	local tests
	# They wait for half of their time, hence two a processor; the longest first, lest one is left over.
	mapfile -t tests < <({ printf "$top/tests/real/%s.t\n" $real_first; printf '%s\n' "$top"/tests/real/*.t; } | awk '!seen[$0]++')
	real_all "$((2 * jobs))" "${tests[@]}"
}

# ---- inits: tests/real/inits/*.t, a host with a real init each, and the table of what was tried on it ----
inits_cases='reload restart fails faq traps confirm'
layer_inits() {
	# They wait for most of their time, and for nobody but themselves: many at once, as far as memory goes.
	real_all "$((4 * jobs))" "$top"/tests/real/inits/*.t
	inits_table >"$log/inits.table"
	grep -o '[^ ]* x [^ ]* is empty' "$log/inits.table" | sed 's/^/FAIL /'
}
# A line an init, a column a case, in it how many checks held of how many; "-" with the reason the test gives.
inits_table() {
	local test name
	for test in "$top"/tests/real/inits/*.t; do
		name=$(basename "$test" .t)
		awk -v name="$name" -v cases="$inits_cases" '
		/^# cell / { at = $3 }
		/^# no cell / { why[$4] = $0; sub(/^# no cell [^ ]* */, "", why[$4]) }
		/^(not )?ok / && at { all[at]++ }
		/^ok / && at { held[at]++ }
		END {
			n = split(cases, list, " ")
			line = sprintf("%-12s", name)
			for (i = 1; i <= n; i++) {
				c = list[i]
				text = all[c] ? held[c] + 0 "/" all[c] : c in why && why[c] != "" ? "-" : "?"
				line = line sprintf(" %-9s", text)
				if (text == "-") notes = notes "  " name " x " c ": " why[c] "\n"
				if (text == "?") notes = notes "  " name " x " c " is empty\n"
			}
			printf "%s\n%s", line, notes
		}' <(cat "$log/real-$name.log" 2>/dev/null)
	done | awk -v cases="$inits_cases" '
		/^  / { notes = notes $0 "\n"; next }
		NR == 1 { n = split(cases, list, " "); printf "%-12s", ""; for (i = 1; i <= n; i++) printf " %-9s", list[i]; print "" }
		{ print }
		END { printf "%s", notes }'
}

# ---- fuzz: tests/fuzz/*.c with clang's libFuzzer, as many runs each as tests/fuzz/runs says ----
# What all of them are made of is compiled once, a folder of objects for a folder of sources.
fuzz_compile() {
	local objects=$lab/build/fuzz/objects/$1
	mkdir -p "$objects" && cd "$objects" && clang -std=gnu11 -g -O1 -Werror -fsanitize=fuzzer-no-link,address,undefined \
		-fno-sanitize-recover=all -D_GNU_SOURCE -DMT_STATIC_BACKENDS -I"$lab/build/gcc" -I"$top/include" -I"$top/src" \
		-I"$top" -c "$top/$1"/*.c
}
fuzz_build() {
	local out=$lab/build/fuzz folder pid source running=()
	rm -rf "$out/objects"
	for folder in $(cd "$top" && printf '%s\n' src/core/*/ src/io/*/ src/ui backends/*/) tests/fuzz; do
		(fuzz_compile "$folder") &
		running+=($!)
	done
	for pid in "${running[@]}"; do wait "$pid" || return; done
	rm -f "$out/all.a"
	ar crs "$out/all.a" "$out"/objects/{src/core/*,src/io/*,src/ui,backends/*}/*.o || return
	for source in "$top"/tests/fuzz/*.c; do
		clang -fsanitize=fuzzer,address,undefined -o "$out/$(basename "$source" .c)" \
			"$out/objects/tests/fuzz/$(basename "$source" .c).o" "$out/all.a" \
			-Wl,--as-needed -lmd -luv -lcares -ljansson -lconfuse -lz -lzstd -lseccomp -lresolv || return
	done
}
# Short: the same inputs from the same seed on every machine, so that a commit that passed passes again: the seeds in
# the order of their names, nothing that an earlier run found, and as many runs as take some seconds; the time is a
# lid for a slow machine. Long: by time, from a seed of chance, with what earlier runs found.
fuzz_one() {
	local out=$lab/build/fuzz name=$1 seeds
	cd "$top" || return
	seeds=$(find "tests/fuzz/corpus/$name" -type f 2>/dev/null | sort | paste -sd , -)
	set -- -timeout=60 -rss_limit_mb=1024 -max_len=65536 -error_exitcode=1 -artifact_prefix="$out/found/$name/" \
		${seeds:+-seed_inputs="$seeds"}
	if [ "$long" = yes ]; then
		mkdir -p "$out/corpus/$name"
		"$out/$name" -seed="$fuzz_seed" -max_total_time=600 "$@" "$out/corpus/$name"
	else
		"$out/$name" -seed=1 -runs="$(fuzz_runs "$name")" -max_total_time=240 "$@"
	fi
}
fuzz_runs() { awk -v name="$1" '$1 == name { print $2 }' "$top/tests/fuzz/runs"; }
# What a log must hold to see it again elsewhere: its input, as a line for the shell.
fuzz_found() {
	local found size packed
	for found in "$lab/build/fuzz/found/$1"/*; do
		[ -f "$found" ] || continue
		size=$(wc -c <"$found") packed=$(gzip -9n <"$found" | base64 -w 0)
		complain "fuzz/$1: ${found##*/}, $size bytes"
		if [ "${#packed}" -le 8192 ]; then
			complain "echo $packed | base64 -d | gunzip >input; .lab/build/fuzz/$1 input"
		else
			complain "too long to be shown: $found"
		fi
	done
}
fuzz_target() {
	local name=$1 text
	text="$(fuzz_runs "$name") runs"
	rm -rf "$lab/build/fuzz/found/$name"
	mkdir -p "$lab/build/fuzz/found/$name"
	[ "$long" = no ] || text="600 s from seed $fuzz_seed"
	[ "$text" != " runs" ] || { say "FAIL $name: tests/fuzz/runs does not say how often it runs"; return; }
	result "$name, $text" step "fuzz-$name" fuzz_one "$name"
	fuzz_found "$name"
}
# Every nth target, one after the other.
fuzz_part() { # N OF
	local n=0 source
	for source in "$top"/tests/fuzz/*.c; do
		[ $((n++ % $2)) != "$1" ] || fuzz_target "$(basename "$source" .c)"
	done
}
layer_fuzz() {
	local fuzz_seed=$((RANDOM * 32768 + RANDOM + 1)) n running=()
	[ -n "$(ls "$top"/tests/fuzz/*.c 2>/dev/null)" ] || return 0
	step fuzz-build fuzz_build || { say "FAIL the targets do not build"; return; }
	for ((n = 0; n < jobs; n++)); do
		fuzz_part "$n" "$jobs" &
		running+=($!)
	done
	wait "${running[@]}" # and not for the layers that run beside
}

# ---- machine: the tests have left it as it was ----
layer_machine() {
	machine_state >"$lab/machine.after"
	result "listening sockets, /etc and packages are as before" machine_compare
}
