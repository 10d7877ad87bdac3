# SPDX-License-Identifier: ISC
# tap.sh: counts. A layer is a name with a number of results passed, failed and skipped.

# tap_results FILE NAME: TAP in FILE -> lines "PASS|FAIL|SKIP NAME: text". A plan that is not kept,
# a missing plan and "Bail out!" are failures too. What a failed one says of itself are lines "NOTE NAME: ...".
tap_results() {
	awk -v name="$2" '
	function out(word, text) { print word " " name ": " text; failed = word == "FAIL" }
	/^#/ { if (failed) print "NOTE " name ": " $0; else last[++comments % 12] = $0 }
	/^Bail out!/ { for (i = comments - 11; i <= comments; i++) if (i > 0) print "NOTE " name ": " last[i % 12] }
	/^Bail out!/ { out("FAIL", $0) }
	/^1\.\.[0-9]+/ { plan = substr($1, 4) + 0; planned = 1; if (plan == 0) out("SKIP", "all " $0) }
	/^(not )?ok( |$)/ {
		n++; text = $0; word = /^ok/ ? "PASS" : "FAIL"
		if (toupper(text) ~ /# *SKIP/ && word == "PASS") word = "SKIP"
		out(word, text)
	}
	END {
		if (!planned) out("FAIL", "no plan")
		else if (plan != n) out("FAIL", "planned " plan ", ran " n)
	}' "$1"
}

# check_results FOLDER LABEL: what make check left below FOLDER/tests: the TAP in the .log files, and
# the errors (exit status, plan) that only the .trs files tell.
check_results() {
	local trs name
	while IFS= read -r trs; do
		name=${trs#"$1"/}
		name="${name%.trs} ($2)"
		tap_results "${trs%.trs}.log" "$name"
		if grep -q '^:test-result: ERROR' "$trs"; then
			sed -n "s|^:test-result: ERROR|FAIL $name: error|p" "$trs"
			tail -n 15 "${trs%.trs}.log" | sed "s|^|NOTE $name: |"
		fi
	done < <(find "$1/tests" -name '*.trs' | sort)
}

# skips_unlisted FILE: the SKIP lines of FILE that no line of tests/skips.allowed (a fixed string) is part of.
skips_unlisted() {
	grep '^SKIP ' "$1" | grep -v -F -f <(grep -v '^#' "$top/tests/skips.allowed" | grep .)
}
