#!/bin/bash
# SPDX-License-Identifier: ISC
# The backend of doc/sample on a running host, with its mail server: what is pinned is what the far end sees, through the
# build step and a signal to the daemon; forth, back, and after a kill.
. "$(dirname "$0")/lab.sh"
lab_start || bail "the lab does not start"
lab_postfix stop

# ---- the host ----
cp -r "$top/doc/sample" "$lab_run/sample"
(
	export PKG_CONFIG_PATH=$prefix/usr/local/share/pkgconfig PKG_CONFIG_SYSROOT_DIR=$prefix
	make -s -C "$lab_run/sample" sample.so
) >"$lab_run/make" 2>&1
ok "the sample builds against the installed mtapin" test -s "$lab_run/sample/sample.so" || bail "$(cat "$lab_run/make")"
. "$here/property.sh"
property_killed "$mx_root/usr/lib/killed.so" || bail "no compiler"
mkdir -p "$mx_root/opt/backends" "$mx_root/usr/libexec" "$mx_root/var/spool/sample" "$mx_root/etc/sample.d"
cp "$lab_run/sample/sample.so" "$mx_root/opt/backends"
cp "$here/sample/generate.sh" "$mx_root/usr/sbin/sample-generate"
# Of its own name, as a daemon is that is no script.
mx sh -c 'cp "$(readlink -f /usr/bin/python3)" /usr/libexec/sampled'
sed '1s|.*|#!/usr/libexec/sampled|' "$here/sample/sampled.py" >"$mx_root/usr/sbin/sampled"
chmod 755 "$mx_root/usr/sbin/sampled"
etc=$mx_root/etc/sample.d
cat >"$etc/10-main.conf" <<'END'
# secret-remark
helo mail.example.org
source 192.0.2.10
source6 2001:db8::10
END
cat >"$etc/50-customers.conf" <<'END'
source from=customer.example 192.0.2.12
relay v4.example 198.51.100.25
relay v6.example 2001:db8:25::25
password secret-password
END
echo 'mail:secret-login' >"$mx_root/etc/sample.passwords"
chmod 600 "$mx_root/etc/sample.passwords"
mx sample-generate && mx sampled
wait_for 10 grep -q "configuration read" "$mx_root/var/log/sample.log" || bail "sampled does not start"

program() { status=0; mx mtapin --backend-dir /opt/backends "$@" >"$lab_run/out" 2>"$lab_run/err" || status=$?; }
said() { grep -q -- "$1" "$lab_run/out" "$lab_run/err" || { note "$(cat "$lab_run/out" "$lab_run/err")"; return 1; }; }
# spool RECIPIENT [SENDER]: hand over a mail; its Message-ID. send: the address that the sink saw
spool() {
	local id
	id=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')@mail.example.org
	printf '%s %s\nMessage-ID: <%s>\n\nsample\n' "${2:-user@mail.example.org}" "$1" "$id" >"$mx_root/var/spool/sample/.new"
	mv "$mx_root/var/spool/sample/.new" "$mx_root/var/spool/sample/$id"
	echo "$id"
}
send() { lab_outcome "$(spool "$@")" 20; }
sources() { echo "$(send user@v4.example) $(send user@v6.example)"; }
files() { (cd "$mx_root/etc" && sha256sum sample.conf sample.d/*; stat -c '%a %u %g %n' sample.conf sample.d/*); }
pid() { cat "$mx_root/run/sampled.pid"; }
tidy() { [ -z "$(find "$mx_root"/etc/sample* -name '.*' -o -name '*.new')" ] && [ -z "$(find "$mx_root/var/lib/mtapin/txn" -name '.*' ! -name .)" ]; }
# generated: how the build step was run since the last time
generated() { sed 's|^/var.*|private|' "$mx_root/run/generated" | tr '\n' ' '; : >"$mx_root/run/generated"; }
pin=(--ip 192.0.2.11 --ip6 2001:db8::11)
old="192.0.2.10 2001:db8::10" new="192.0.2.11 2001:db8::11"
: >"$mx_root/run/generated"

# ---- what is there ----
program show -v
is "show" "$status" 0
ok "its version, and that it runs" said '^sample 1.0  /etc/sample.d  running  HELO mail.example.org$'
ok "both ends of a line" said '10-main.conf:3 *source 192.0.2.10  (makes /etc/sample.conf:2)'
is "mail leaves from there" "$(sources)" "$old"
is "of a customer by the line for him" "$(send user@v4.example a@customer.example)" 192.0.2.12
program show --to user@v4.example --from a@customer.example
ok "as show --to --from says" said '^  smtp  IPv4  192.0.2.12 '
program collect
is "collect" "$status" 0
ok "what the rows name leaves the host" said '^source from=customer.example 192.0.2.12$'
ok "the kernel was asked about the relays" said '^198.51.100.25 '
is "and no secret" "$(grep -a -c secret "$lab_run/out")" 0

# ---- forth and back ----
before=$(files) daemon=$(pid)
program fix -n "${pin[@]}"
is "fix -n" "$status" 1
ok "shows what people edit" said '^+source 192.0.2.11$'
is "and changes nothing" "$(files)$(generated)" "$before"
program fix --yes "${pin[@]}"
is "fix --yes" "$status" 0
ok "the edited file and the generated one" said '^changed /etc/sample.d/10-main.conf '
ok "are told" said '^changed /etc/sample.conf '
ok "the daemon was told" said 'signal 1'
is "it was generated on private copies first" "$(generated)" "private private live "
is "what it reads is what was planned" "$(grep -h '^source' "$mx_root/etc/sample.conf" | head -n 2)" $'source 192.0.2.11\nsource6 2001:db8::11'
is "the same daemon" "$(pid)" "$daemon"
is "mail leaves from the pin" "$(sources)" "$new"
is "of the customer as before" "$(send user@v4.example a@customer.example)" 192.0.2.12
ok "nothing is left over" tidy
program fix --yes "${pin[@]}"
is "a second time: nothing to do" "$status$(generated)" 0
program history
ok "history" said '192.0.2.11'
program undo
is "undo" "$status" 0
is "both files are back, to mode and owner" "$(files)" "$before"
is "by generating again" "$(generated)" "private private live "
is "mail leaves from where it did" "$(sources)" "$old"
# One that is slow to greet is still connected when somebody looks.
: >"$peer_root/run/slow"
reads() { grep -c "configuration read" "$mx_root/var/log/sample.log"; }
reads_before=$(reads)
(
	wait_for 20 eval '[ "$(reads)" -gt "$reads_before" ]'
	spool user@v4.example
) >"$lab_run/spooled" &
program fix --yes --observe $((20 * pace)) "${pin[@]}"
wait $!
rm "$peer_root/run/slow"
wait_for 10 grep -q "$(<"$lab_run/spooled") waits" "$mx_root/var/log/sample.log"
is "fix --observe" "$status" 0
ok "sees the daemon's connection from the pin" said 'verified: config, service, observed'
program undo
is "undone" "$(files)" "$before"
is "the mail that waited leaves once the daemon is told" "$(lab_outcome "$(<"$lab_run/spooled")" 20)" 192.0.2.10
program fix --yes --restart --ip 192.0.2.10 --ip6 2001:db8::10
is "--restart waits for it to end, and starts it" "$status" 0
[ "$(pid)" != "$daemon" ]
is "another process" $? 0
is "that sends" "$(sources)" "$old"

# ---- what goes wrong ----
: >"$mx_root/run/deaf"
program fix --yes "${pin[@]}"
is "a daemon that does not read its file" "$status" 2
ok "is found out by its log" said 'its log does not say "configuration read"'
is "and all is as before" "$(files)" "$before"
is "mail too" "$(sources)" "$old"
echo 'helo else.example.org' >"$etc/60-else.conf"
program fix --yes "${pin[@]}"
is "somebody else's edit does not go live with ours" "$status" 2
ok "the refusal has an id" said 'accept SM-PENDING'
rm "$etc/60-else.conf"
: >"$mx_root/run/generated"

# pending COMMENT: what was cut off is in the journal, and recover takes it back
pending() {
	program show
	ok "$1: somebody must know" said 'recover'
	program recover
	is "$1: recover" "$status" 0
	is "$1: both files are as before" "$(files)" "$before"
	is "$1: mail leaves from where it did" "$(sources)" "$old"
	ok "$1: nothing is left over" tidy
}
mx env LD_PRELOAD=/usr/lib/killed.so KILL_AT=1 mtapin --backend-dir /opt/backends fix --yes "${pin[@]}" >"$lab_run/out" 2>"$lab_run/err"
is "killed behind the edit: not generated yet" "$? $(generated)" "137 private private "
is "half the way" "$(grep -c 192.0.2.11 "$etc/10-main.conf") $(grep -c 192.0.2.11 "$mx_root/etc/sample.conf")" "1 0"
pending "killed behind the edit"
: >"$mx_root/run/die"
program fix --yes "${pin[@]}"
is "killed while it generates" "$status $(stat -c %s "$mx_root/etc/sample.conf")" "137 20"
pending "killed while it generates"
