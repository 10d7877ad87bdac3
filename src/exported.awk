# SPDX-License-Identifier: ISC
# exported.awk: the functions and tables that headers declare, as a list for ld --dynamic-list
/^#ifdef __cplusplus/ { skipped = 1 }
/^#endif/ { skipped = 0 }
/^#/ || skipped { next }
{ text = text " " $0 }
function print_once(name) { if (!(name in printed)) print "\t" name ";"; printed[name] }
END {
	while (at = index(text, "/*")) {
		rest = substr(text, at)
		text = substr(text, 1, at - 1) substr(rest, index(rest, "*/") + 2)
	}
	# what stands in braces is a struct, an enum or the body of an inline function
	while (match(text, /\{[^{}]*\}/)) text = substr(text, 1, RSTART - 1) ";" substr(text, RSTART + RLENGTH)
	print "{"
	n = split(text, part, ";")
	for (i = 1; i <= n; i++) {
		if (part[i] ~ /static inline|typedef/) continue
		if (match(part[i], /mt_[a-z0-9_]+\(/)) print_once(substr(part[i], RSTART, RLENGTH - 1))
		else if (part[i] ~ /extern .*mt_/ && match(part[i], /mt_[a-z0-9_]+(\[[^]]*\])? *$/)) {
			name = substr(part[i], RSTART)
			sub(/\[.*| +$/, "", name)
			print_once(name)
		}
	}
	print "};"
}
