#!/bin/bash
# SPDX-License-Identifier: ISC
# A first install, by the README's own lines and nothing else: in a Debian that has Postfix and what the README
# says a build needs, built and checked by an ordinary user, installed with the default prefix; then used.
. "$(dirname "$0")/../real/lab.sh"
prefix=/nonexistent # nothing is there before
home=/srv/admin tree=/srv/admin/mtapin

# The lines of the README's block marked `text build`, without what is for another distribution.
readme_lines() { awk '/^```text build/ { inside = 1; next } /^```/ { inside = 0 } inside && !/dnf/' "$top/README.md"; }
as_admin() {
	mx setpriv --reuid=admin --regid=admin --init-groups env -i HOME=$home USER=admin PATH="${mx_environment[0]#PATH=}" \
		sh -c 'cd "$0" && "$@"' $tree "$@"
}
admit() {
	mx useradd -m -d $home admin && echo 'admin ALL=(ALL) NOPASSWD: ALL' >"$mx_root/etc/sudoers.d/admin" && mx mkdir $tree &&
		(cd "$top" && tracked | tar -c -T -) | mx tar -x -C $tree && mx chown -R admin: $home &&
		# What the lab has beside it is not there for him.
		mx sh -c 'for p in python3 python3.11 patch busybox getfacl setfacl getfattr setfattr; do chmod 700 /usr/bin/$p || exit; done'
}
run_line() { as_admin sh -c "$1" >"$log/install-line.log" 2>&1 </dev/null; }
counts() { # of what automake summed up
	sed -n "s/^# $1: *\([0-9]*\)$/\1/p" "$log/install-make.log" | tail -n 1
}
mail_from() { lab_outcome "$(lab_send user@v4.example)"; }

lab_start toolchain || bail "the lab does not start"
ok "a user with the sources" admit
ok "there is nothing of it yet" mx sh -c '! command -v mtapin && ! ls -d /etc/mtapin* /var/lib/mtapin /usr/local/lib/mtapin 2>/dev/null'
# On a host without compiler and libraries: all at once, and as the README names it.
bare() { # COMMAND...: there, in a copy of the sources
	peer mkdir -p /srv/mtapin && mx tar -c -C $tree . | peer tar -x -C /srv/mtapin --no-same-owner &&
		! peer sh -c 'cd /srv/mtapin && "$@"' - "$@" >"$lab_run/said" 2>&1 && [ "$(wc -l <"$lab_run/said")" -le 4 ]
}
named() { sed -n "s/^  $1: *//p" "$lab_run/said"; }
ok "without anything autogen.sh fails, in a few lines" bare ./autogen.sh
is "... and names every package" "sudo $(named 'Debian, Ubuntu')" "$(readme_lines | head -n 1)"
mapfile -t lines < <(readme_lines)
is "the README has two lines for Debian" "${#lines[@]}" 2
for line in "${lines[@]}"; do
	ok "$line" run_line "$line"
done
grep -a -E '^(FAIL|ERROR): ' "$log/install-line.log" | sed 's/^/# /'
cp "$log/install-line.log" "$log/install-make.log"
ok "configure fails where nothing is" bare ./configure
is "... and names what is needed for it at once" "$(named Fedora)" \
	"$(sed -n 's/^sudo \(dnf install\) autoconf automake libtool/\1/p' "$top/README.md")"
without_cmocka() {
	mx sh -c 'chmod 0 $(find /usr -name cmocka.pc)' && as_admin ./configure >"$lab_run/said" 2>&1 &&
		grep -q 'the tests are off' "$lab_run/said" && run_line 'make && make check' && grep -q 'the tests are off' "$log/install-line.log"
}
ok "make check ran something ($(counts PASS))" test "$(counts PASS)" -gt 300
is "... and nothing failed" "$(counts FAIL):$(counts ERROR)" 0:0
note "make check as a user with what the README names: $(counts PASS) passed, $(counts SKIP) skipped"
ok "no .la file beside the modules" mx sh -c 'ls /usr/local/lib/mtapin/backends/postfix.so && ! ls /usr/local/lib/mtapin/backends/*.la'
ok "no state folder before it is needed" mx sh -c '! ls -d /var/lib/mtapin'

mx mtapin history >"$lab_run/out" 2>"$lab_run/err"
is "history of a host without one" "$?:$(<"$lab_run/out"):$(<"$lab_run/err")" "0::mtapin: no changes: /var/lib/mtapin holds no transaction"
mx mtapin undo >"$lab_run/out" 2>"$lab_run/err"
is "undo of nothing" "$?:$(<"$lab_run/err")" "2:mtapin: nothing to undo: mtapin has changed nothing here"
ok "show" mx mtapin show
ok "fix --yes" mx mtapin fix --ip 192.0.2.11 --ip6 2001:db8::11 --yes
is "mail leaves from there" "$(mail_from)" 192.0.2.11
is "the state folder is root's alone" "$(mx stat -c '%u %a' /var/lib/mtapin)" "0 700"
ok "history" mx sh -c 'mtapin history | grep -q " applied "'
ok "undo" mx mtapin undo
is "mail leaves as before" "$(mail_from)" 192.0.2.10
printf 'ip4 = 192.0.2.12\nip6 = "2001:db8::12"\n' >"$mx_root/etc/mtapin.conf"
mx mtapin fix -n >"$lab_run/out" 2>&1
is "/etc/mtapin.conf is read" "$?:$(grep '^+smtp_bind_address' "$lab_run/out" | tr -d '\n')" \
	"1:+smtp_bind_address = 192.0.2.12+smtp_bind_address6 = 2001:db8::12"
ok "without cmocka it builds, and says that there are no tests" without_cmocka
ok "make uninstall leaves nothing of it" run_line 'sudo make uninstall && ! find /usr/local -name "*mtapin*" -type f -o -name "postfix*" | grep .'
