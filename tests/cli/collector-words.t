#!/bin/sh
# SPDX-License-Identifier: ISC
# Words of configuration files that are asked of ip: literals, and nothing else. ip ends at the first word that is none,
# and every network fact behind it would be missing. Words are drawn: 3,000 through the function itself, in each shell,
# and files full of them for the whole collector; 30,000 and 200 with MT_LONG. SEED=N draws the same ones again.
. "$srcdir/tests/cli/lib.sh"
. "$srcdir/tests/cli/collector-lib.sh"
words=3000 bundles=10
[ "${MT_LONG:-no}" = no ] || words=30000 bundles=200
seed=${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
echo "# seed $seed, $words words in each of: $shells; $bundles bundles"

# A literal, one that was bent, or noise. draw COUNT SEED FORM: FORM words, or lines of a control file.
draw() {
	awk -v count="$1" -v seed="$2" -v form="$3" '
		function below(n) { return int(rand() * n) }
		function pick(s) { return substr(s, below(length(s)) + 1, 1) }
		function v4() { return below(256) "." below(256) "." below(256) "." below(256) }
		function v6(  i, s, gap) {
			gap = below(9)
			for (i = 0; i < 8; i++) {
				if (i == gap) { s = s (i ? ":" : "::"); i += below(8 - i); continue }
				s = s sprintf("%x", below(2) ? below(65536) : below(16)) (i < 7 ? ":" : "")
			}
			return below(6) ? s : s ":" v4()
		}
		function bend(s,  at, how) {
			at = below(length(s) + 1)
			how = below(4)
			if (how == 0) return substr(s, 1, at) pick("0123456789abcdefg.:/%|*-") substr(s, at + 1)
			if (how == 1) return substr(s, 1, at) substr(s, at + 2)
			if (how == 2) return substr(s, 1, at) substr(s, at, 3) substr(s, at + 1)
			return substr(s, 1, at) below(1000) substr(s, at + 1)
		}
		function noise(  s, n) {
			for (n = 1 + below(24); n > 0; n--) s = s pick("0123456789abcdef.:.:.:")
			return s
		}
		function word(  s, n) {
			if (!below(6)) return noise()
			s = below(2) ? v4() : v6()
			for (n = below(4) - 1; n > 0; n--) s = bend(s)
			return s
		}
		function key() { return below(3) ? (below(2) ? "x" below(99) ".example" : word()) : "" }
		function line(  kind) {
			kind = below(7)
			if (kind == 0) return word()
			if (kind == 1) return key() ":" word()
			if (kind == 2) return key() ":" word() ":" below(70000)
			if (kind == 3) return key() ":[" word() "]:25|user|word"
			if (kind == 4) return key() "|" word()
			if (kind == 5) return "name = " word() ", smtp:[" word() "]:25 " word()
			return "11.:10.77.0.11"
		}
		BEGIN { srand(seed); while (count-- > 0) print form == "words" ? word() : line() }'
}

tree gnu gnu
script raw
# ---- the function ----
draw "$words" "$seed" words >"$root/tmp/words"
sed -n "/^hops=\$/,/^names=\$/p; s/^N='\$/&/p" "$dir/script" >"$dir/functions"
{
	printf "N='\n'\nhop_count=0\nLC_ALL=C\nset -f\n"
	grep -v "^N='" "$dir/functions"
	echo 'while IFS= read -r word; do hop_count=0 hops=; IFS=$N; hop "$word" && echo "$word"; done </tmp/words'
	echo 'exit 0'
} >"$root/tmp/hop"
"$tool" addresses <"$root/tmp/words" | grep -v -x -e '0\.0\.0\.0' -e '::' -e '.*::ffff:.*' >"$dir/wanted"
literals=$(wc -l <"$dir/wanted")
ok "words and literals are both there ($literals of $words)" \
	[ "$literals" -gt $((words / 10)) -a "$literals" -lt $((words / 2)) ]
for s in $shells; do
	# shellcheck disable=SC2046
	chroot "$root" $(shell "$s") /tmp/hop >"$dir/$s.asked" 2>"$dir/$s.err"
	ok "$s: asked is what is an address" diff "$dir/wanted" "$dir/$s.asked"
done
sed 's/.*/route get &\nlink show dev lo/' "$dir/wanted" | ip -o -force -batch - >"$dir/out" 2>"$dir/err"
ok "ip answers to the end" [ "$(grep -c '^1: lo:' "$dir/out")" = "$literals" ]

# ---- the whole ----
control='me helohost outgoingip outgoingip6 outgoingips domainips bindroutes bindroutes6 domainbindings domainbindings6
	helohostbindings helohostbyip smtproutes qmtproutes locals virtualdomains rcpthosts'
qmail_program() { printf '\177ELF\000/var/qmail\000control/me\000control/helohost\000control/smtproutes\000'; }
postconf_out='config_directory = /etc/postfix
mail_version = 3.7.11
queue_directory = /var/spool/postfix
data_directory = /var/lib/postfix
transport_maps = hash:/etc/postfix/transport'
fake_postconf
answered() { # every question that was put was answered, and a literal among the junk was asked
	item ip "$dir/bundle" >"$dir/ip"
	asked=$(grep -c '^link show dev lo' "$dir/ip")
	[ "$asked" -gt 5 ] && [ "$(grep -c '^1: lo:' "$dir/ip")" = "$asked" ] && grep -q "^route get 198\.51\.100\.$1$" "$dir/ip"
}
: >"$dir/out"
n=0
while [ $n -lt "$bundles" ]; do
	n=$((n + 1)) which=postfix
	rm -rf "$root/var/qmail" "$root/etc/postfix"
	mkdir -p "$root/etc/postfix" "$root/var/qmail/bin" "$root/var/qmail/control"
	case $((n % 2)) in
	0)
		printf '%s\n' "$postconf_out" >"$root/etc/postfix/postconf.out"
		for file in main.cf master.cf transport; do
			{ [ $file != main.cf ] || echo "relayhost = [198.51.100.$((n % 250))]"; draw 12 "$seed$n${#file}" lines; } >"$root/etc/postfix/$file"
		done
		;;
	1)
		which=qmail
		qmail_program >"$root/var/qmail/bin/qmail-remote"
		for file in $control; do draw 12 "$seed$n${#file}" lines >"$root/var/qmail/control/$file"; done
		echo "x.example:198.51.100.$((n % 250))" >"$root/var/qmail/control/me" # what is read first counts first
		;;
	esac
	collect dash "$dir/bundle"
	ok "files of junk, $n, $which: every question is answered" answered $((n % 250))
done
done_testing
