#!/bin/sh
# SPDX-License-Identifier: ISC
# Raw contents arrive byte for byte: no final newline, CRLF, NUL, Latin-1, a line of 20 kB, nothing at all,
# what looks like a frame. Redacted ones keep their size and their lines.
. "$srcdir/tests/cli/lib.sh"
. "$srcdir/tests/cli/collector-lib.sh"

long() { awk 'BEGIN { for (i = 0; i < 2500; i++) printf "mail%04d ", i; }'; }
samples() {
	mkdir "$dir/samples"
	cd "$dir/samples" || exit 99
	printf '%s' "$postfix_main" | sed '$!b' | tr -d '\r' >base
	{ cat base; printf 'mydomain = example.net'; } >no-final-newline
	{ cat base; printf 'mydomain = example.net\r\nx =\r\n  y\r\n'; } >crlf
	{ cat base; printf 'mydomain = a\000b\n\000\000\n'; } >nul
	{ cat base; printf 'mydomain = caf\351 \377\376\n'; } >latin1
	{ cat base; printf 'mynetworks = '; long; printf '\n# end\n'; } >long
	{ cat base; printf 'mynetworks = '; long; } >long-open
	{ cat base; printf '\n\n\n'; } >blank-end
	printf '\n' >newline
	: >empty
	{ cat base; printf '%s begin mtapin 1\n%s end\n%s done\n' $nonce $nonce $nonce; } >frames
}
samples
cases='base no-final-newline crlf nul latin1 long long-open blank-end newline empty frames'
# What differs has become '*'; the pin, where there is one, is as it was.
starred() {
	[ "$(wc -c <"$1")" = "$(wc -c <"$dir/got")" ] && [ "$(lines "$1")" = "$(lines "$dir/got")" ] || return
	[ "$(grep -a -c '192\.0\.2\.10' "$1")" = "$(grep -a -c '192\.0\.2\.10' "$dir/got")" ] || return
	! cmp -l "$1" "$dir/got" 2>/dev/null | grep -v '^ *[0-9]* *[0-9]* *52$'
}
lines() { tr -dc '\n' <"$1" | wc -c; }

for kind in $kinds; do
	tree $kind $kind
	postfix_files
	used=$shells
	[ $kind = gnu ] || used=busybox
	script raw
	for s in $used; do
		for c in $cases; do
			cp "$dir/samples/$c" "$root/etc/postfix/main.cf"
			collect "$s" "$dir/bundle"
			item /etc/postfix/main.cf "$dir/bundle" >"$dir/got"
			ok "$kind, $s, raw: $c" cmp "$dir/samples/$c" "$dir/got"
			item /etc/postfix/transport "$dir/bundle" >"$dir/got"
			case $c in
			newline | empty) ;;
			*) ok "$kind, $s, raw: the table after $c" cmp "$root/etc/postfix/transport" "$dir/got" ;;
			esac
		done
	done
	script redacted
	for c in $cases; do
		cp "$dir/samples/$c" "$root/etc/postfix/main.cf"
		collect "${shells##* }" "$dir/bundle"
		item /etc/postfix/main.cf "$dir/bundle" >"$dir/got"
		items "$dir/bundle" >"$dir/items"
		if [ $c != nul ] || [ "$(wc -c <"$dir/got")" -gt 0 ]; then
			ok "$kind, redacted: $c keeps its size, its lines and what leaves" starred "$dir/samples/$c"
		else
			has items "$kind, redacted: $c is not sent wrong" '^file	/etc/postfix/main\.cf	failed	0	'
		fi
	done
done
done_testing
