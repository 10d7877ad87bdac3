#!/bin/sh
# SPDX-License-Identifier: ISC
# The one command that show and check end with, on every host of two case files: text and JSON name the same one, a plan
# is made of it and not refused, and it is gone with -q. Findings name no command of mtapin.
. "$srcdir/tests/cli/lib.sh"
mkdir "$dir/cases"
"$builddir/tests/cases/run" --bundles "$dir/cases" "$srcdir/tests/cases/unchosen.case" "$srcdir/tests/cases/check.case"
said() { sed -n 's/^remedy  mtapin //p' "$dir/out"; }
in_json() { sed -n '/^  "remedy": \[/,/\]/p' "$dir/out" | sed -n 's/^ *"mtapin \(.*\)",\{0,1\}$/\1/p'; }
# What findings say, without the remedy itself.
others() { grep -v '^remedy  ' "$dir/out" | grep 'mtapin fix'; }
hosts=0 advised=0 differ='' refused='' quiet='' named=''
for bundle in "$dir"/cases/*.bundle; do
	hosts=$((hosts + 1))
	for command in show check; do
		mtapin "$command" --bundle "$bundle"
		words=$(said)
		[ -z "$(others)" ] || named="$named $bundle:$command"
		mtapin "$command" --bundle "$bundle" --json
		[ "$(in_json)" = "$words" ] || differ="$differ $bundle:$command"
		mtapin "$command" --bundle "$bundle" -q
		[ -z "$(said)" ] || quiet="$quiet $bundle:$command"
		case $words in '' | *auto) continue ;; esac
		advised=$((advised + 1))
		eval "mtapin $words --bundle \"\$bundle\" -n"
		[ "$status" = 1 ] || refused="$refused $words:$status"
	done
done
echo "# $hosts hosts, $advised commands with addresses"
[ -z "$differ$refused$quiet$named" ] || echo "# $differ / $refused / $quiet / $named"
: >"$dir/out"; : >"$dir/err"
ok "there are hosts, and commands" test "$hosts" -gt 50 -a "$advised" -gt 5
ok "text and JSON name the same one" test -z "$differ"
ok "a change comes of each" test -z "$refused"
ok "-q leaves it out" test -z "$quiet"
ok "nothing else names a command" test -z "$named"

done_testing
