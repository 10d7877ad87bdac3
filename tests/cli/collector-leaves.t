#!/bin/sh
# SPDX-License-Identifier: ISC
# What leaves a host: a word of its own stands in every option, macro, argument and comment of generated configurations;
# of those that the backends' lists do not name none is in a redacted bundle, by the collector under any shell and awk,
# and by --root; and both give the same bytes. What the lists name is there.
. "$srcdir/tests/cli/lib.sh"
. "$srcdir/tests/cli/collector-lib.sh"
have python3 || skip_all 'needs python3'
awks=
for a in mawk gawk original-awk busybox; do ! have $a || awks="$awks $a"; done

NAMES=$(sed -n 's/^	{"\([a-z0-9_]*\)", .*/\1/p' "$srcdir/backends/postfix/defaults.c")
export NAMES
plant() { # SEED: into $root
	python3 "$srcdir/tests/collector/plant.py" "$root" "$1" "$srcdir/backends/postfix/parameters.tsv" >"$dir/words" || return
	sed -n 's/^never //p' "$dir/words" | sort >"$dir/never"
	sed -n 's/^must //p' "$dir/words" | sort >"$dir/must"
	[ "$(wc -l <"$dir/never")" -gt 900 ] && [ "$(wc -l <"$dir/must")" -gt 100 ]
}
none_of() { # FILE: no word that never leaves
	! LC_ALL=C grep -a -o -F -f "$dir/never" "$1" | sort -u | head -n 5 | grep .
}
all_of() { # FILE: all that have to
	LC_ALL=C grep -a -o -F -f "$dir/must" "$1" | sort -u >"$dir/found"
	comm -23 "$dir/must" "$dir/found" | head -n 5 >"$dir/missing"
	cat "$dir/missing"
	[ ! -s "$dir/missing" ]
}
same_shape() { # ITEM FILE: what differs has become '*'
	item "$1" "$dir/bundle" >"$dir/got"
	[ "$(wc -c <"$2")" = "$(wc -c <"$dir/got")" ] && ! cmp -l "$2" "$dir/got" 2>/dev/null | grep -v '^ *[0-9]* *[0-9]* *52$'
}
use_awk() {
	rm -f "$root/usr/bin/awk"
	place "$1" /usr/bin && mv "$root/usr/bin/$1" "$root/usr/bin/awk"
}
files='/etc/postfix/main.cf /etc/postfix/master.cf /var/qmail/control/smtproutes /var/qmail/control/me /etc/whole/tables /etc/whole/whole.config'
compare() { # the bundle of the collector with that of the tree
	for f in $files; do
		item "$f" "$dir/tree" >"$dir/by-tree"
		item "$f" "$dir/bundle" >"$dir/by-sh"
		cmp "$dir/by-tree" "$dir/by-sh" || return
	done
}

# A parameter that the backend reads, by itself or as a default of one that it reads, is one of parameters.tsv.
listed() {
	sed -n 's/^\([a-z0-9_]*\)	[A-Z|]*$/\1/p' "$srcdir/backends/postfix/parameters.tsv" | sort -u >"$dir/listed"
	echo $NAMES | tr ' ' '\n' | sort -u >"$dir/names"
	for f in "$srcdir"/backends/postfix/*.c; do
		case $f in */defaults.c) ;; *) grep -oE '"[a-z0-9_]+"' "$f" | tr -d '"' ;; esac
	done | sort -u | comm -12 - "$dir/names" >"$dir/read"
	while read -r name; do
		sed -n "s/^	{\"$name\", //p" "$srcdir/backends/postfix/defaults.c" | grep -oE '\$[({]?[a-z0-9_]+' | tr -d '${('
	done <"$dir/listed" | sort -u | comm -12 - "$dir/names" >>"$dir/read"
	[ "$(wc -l <"$dir/read")" -gt 60 ] && sort -u "$dir/read" | comm -23 - "$dir/listed" >"$dir/unlisted"
	cat "$dir/unlisted"
	[ ! -s "$dir/unlisted" ]
}
ok 'what the backend reads is on its list' listed

ok 'a root' tree gnu gnu
mkdir -p "$root/var/qmail/bin"
# qmail-remote, as far as the strings in it tell; and programs that say what they read
printf '\177ELF\000control/me\000control/smtproutes\000control/helohost\000' >"$root/var/qmail/bin/qmail-remote"
chmod 755 "$root/var/qmail/bin/qmail-remote"
cat >"$root/usr/bin/wholeconf" <<'EOT'
#!/shells/dash
while IFS= read -r x; do printf '%s\n' "$x"; done </usr/share/whole.out
exit 3
EOT
# What is wrong in main.cf it quotes: the first parameter that stands there.
cat >"$root/usr/bin/postmap" <<'EOT'
#!/shells/dash
while IFS= read -r x; do case $x in [a-z]*=*) break ;; esac; done </etc/postfix/main.cf
echo "postmap: fatal: bad numerical configuration: $x"
exit 1
EOT
chmod 755 "$root/usr/bin/wholeconf" "$root/usr/bin/postmap"

script redacted
for seed in 1 2 3 4; do
	ok "seed $seed: planted" plant $seed
	"$tool" root "$root" redacted >"$dir/tree"
	ok "seed $seed: --root, a bundle" test -s "$dir/tree"
	ok "seed $seed: --root, nothing that is not listed" none_of "$dir/tree"
	for a in $awks; do
		use_awk $a
		for s in $shells; do
			[ $seed = 1 ] || [ $a = mawk ] || [ $s = dash ] || continue # all pairs once
			name="seed $seed, $s, $a"
			collect $s "$dir/bundle"
			items "$dir/bundle" >"$dir/items"
			has items "$name: complete" '^complete redacted'
			hasnt items "$name: no item has failed" '	failed	'
			ok "$name: nothing that is not listed" none_of "$dir/bundle"
			ok "$name: all that is of use" all_of "$dir/bundle"
			ok "$name: the bytes that --root gives" compare
			for f in $files; do ok "$name: $f keeps its size and lines" same_shape $f "$root$f"; done
		done
	done
done

# What the program prints, its status, and what no row names.
has items 'a print is an item' '^probe	whole.config	redacted	[0-9]*	status 3'
has items 'a print that no row names is not there' '^probe	other.config	unasked	'
has items 'a file that no row names is only named' '^file	/etc/whole/unlisted	unasked	'
has items 'a file of secrets is only named' '^file	/etc/whole/client.creds	unasked	'
has items 'more than 40 files where the backend says so' '^file	/etc/whole/conf.d/99	absent	'
item whole.config "$dir/bundle" >"$dir/conf"
has conf 'sections stay' '^begin transports$'
has conf 'names stay' '^  dkim_private_key = '
has conf 'places stay' '^# 1 "/etc/whole/conf.d/00"$'

# Without awk nothing of them leaves.
rm -f "$root/usr/bin/awk"
collect dash "$dir/bundle"
items "$dir/bundle" >"$dir/items"
has items 'no awk: said' '^file	/etc/postfix/main.cf	failed	.*there is no awk'
ok 'no awk: nothing that is not listed' none_of "$dir/bundle"

# What is printed of an unredacted tree.
for how in 'show' 'show -v' '--json show' 'collect'; do
	# shellcheck disable=SC2086
	mtapin --root "$root" $how
	is 0 "$how --root"
	cat "$dir/out" "$dir/err" >"$dir/said"
	ok "$how --root: nothing that is not listed" none_of "$dir/said"
done
ok 'a tree gives a bundle that is redacted' grep -q -a '^[0-9a-f]* host [0-9]* redacted,tree' "$dir/said"
mtapin --root "$root" collect --script
is 64 'a script is of no tree'
done_testing
