#!/bin/bash
# SPDX-License-Identifier: ISC
# A host with 2,500 client services: fix --yes with the real postconf and postmap as validators, a second run, undo,
# and kill -9 after the first file is in place, then recover.
. "$(dirname "$0")/sweep-tree.sh"
run_seconds=300
services=2500 # postconf -n costs the square of them: 14 s here, 45 s with 5,000
tree_fix=(--ip 192.0.2.11 --ip6 off)

make_large() {
	tree_reset
	printf 'sender_dependent_default_transport_maps = texthash:/etc/postfix/sender\nsmtp_helo_name = mail.example.org\n' >>"$etc/main.cf"
	awk -v n=$services 'BEGIN { for (i = 0; i < n; i++) printf "out%d unix - - y - - smtp\n", i }' >>"$etc/master.cf"
	awk -v n=$services 'BEGIN { for (i = 0; i < n; i++) printf "@c%d.example.com out%d:\n", i, i }' >"$etc/sender"
	cp "$etc/main.cf" "$etc/master.cf" "$scratch/"
}
bytes() { cmp -s "$etc/main.cf" "$scratch/main.cf" && cmp -s "$etc/master.cf" "$scratch/master.cf"; }
said() { [ "$1" = "$2" ] || sed 's/^/# /' "$scratch/said" | head -c 2000; is "$3" "$1" "$2"; }

make_large
begin=$SECONDS
do_engine fix
said $? 0 "fix --yes"
note "fix --yes: $((SECONDS - begin)) s, journal $(du -sk "$state" | cut -f1) KiB"
is "every service that sends to the internet has its edit" "$(grep -c '^  -o inet_protocols=ipv4$' "$etc/master.cf")" $((services + 1))
before=$(stat -c %i "$etc/master.cf")
do_engine fix
said $? 0 "fix --yes again"
is "... writes nothing" "$(stat -c %i "$etc/master.cf")" "$before"
do_engine undo
said $? 0 "undo"
bytes
is "... gives the bytes back" $? 0

make_large
engine fix
run -e trace=renameat2 -e inject=renameat2:signal=SIGKILL:when=2 "${argv[@]}"
ok "killed: a transaction is pending" test "$(pending)" != none
do_engine recover
said $? 0 "recover"
is "... ends it" "$(pending)" none
bytes
is "... with the old bytes" $? 0
is "... and nothing is left over" "$(stray)" ""
