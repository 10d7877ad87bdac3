#!/bin/bash
# SPDX-License-Identifier: ISC
# fix, undo and history on a tree that does not run (--root): an image that is mounted, with absolute links that
# on this machine lead elsewhere. Nothing of it is executed, nothing outside it is written.
. "$(dirname "$0")/lab.sh"
lab_begin
# A namespace of its own, in which the tree is mounted: the same test again, inside.
if [ "${1-}" != inside ]; then
	trap - EXIT
	rm -rf "$lab_run"
	exec unshare --mount --net bash "$0" inside
fi
cd "$lab_run" && mkdir disk && . "$here/disk.sh" "$root" || bail "the tree cannot be mounted"
mount --make-rprivate /
image=$lab_run/image
mkdir "$image" && mount --bind disk/root "$image" && chmod 755 "$image" "$lab_run"
etc=$image/etc/postfix
mtapin() { "$prefix/usr/local/sbin/mtapin" --backend-dir "$prefix/usr/local/lib/mtapin/backends" "$@"; }

# The way from / to the checkout is whoever's it is here: it is not what is tested.
foreign=(--accept HOST-FOREIGN-DIR)
outside=$(mktemp -d /etc/mtapin-test.XXXXXX)
trap 'rm -rf "$outside"; cd /; umount -l "$image" "$lab_run/disk"; lab_exit' EXIT
mkdir "$image$outside"
cp "$here/default/main.cf" "$image$outside/main.cf"
echo "not yours" >"$outside/main.cf"
rm -f "$etc/main.cf"
ln -s "$outside/main.cf" "$etc/main.cf"
cp "$here/default/master.cf" "$etc/master.cf"
# Whatever is executed there leaves a trace; a daemon that it names is somebody else's.
for program in postfix postconf postmap sendmail postalias; do
	printf '#!/bin/sh\necho "%s" >>/executed\n' "$program" >"$image/usr/sbin/$program"
done
mkdir -p "$image/var/spool/postfix/pid" "$image/proc/$$"
echo "$$" >"$image/var/spool/postfix/pid/master.pid"
before=$(find "$image$outside" "$etc" -type f -exec sha256sum {} + | sort)
fix=(fix --root "$image" --ip 192.0.2.11 --ip6 2001:db8::11)

is "proposed: exit 1" "$(mtapin "${fix[@]}" >"$lab_run/diff" 2>"$lab_run/said"; echo $?)" 1
ok "... the address is assumed, and that is said" grep -q 'assumed to be an address' "$lab_run/said"
ok "... nothing would be done to a service" grep -q 'the service: nothing to do, since nothing runs in this tree' "$lab_run/said"
is "... and nothing was written" "$(find "$image$outside" "$etc" -type f -exec sha256sum {} + | sort)" "$before"
if [ "$(stat -c %u "$(dirname "$lab")")" = 0 ]; then
	note "the folders above the tree belong to root"
else
	is "a folder above that another user owns: exit 2" "$(mtapin "${fix[@]}" --yes >/dev/null 2>&1; echo $?)" 2
fi
chmod 777 "$lab_run"
is "a folder above that anybody may write: exit 2" "$(mtapin "${fix[@]}" --yes 2>"$lab_run/said"; echo $?)" 2
ok "... named, with what overrules it" grep -q "$lab_run: another user owns or may write.*--accept HOST-FOREIGN-DIR" "$lab_run/said"
chmod 755 "$lab_run"

is "applied" "$(mtapin "${fix[@]}" "${foreign[@]}" --yes 2>"$lab_run/said"; echo $?)" "changed /etc/postfix/main.cf smtp_bind_address=192.0.2.11 smtp_bind_address6=2001:db8::11 verified=none
0"
ok "... where the link leads inside the tree" grep -q '^smtp_bind_address = 192.0.2.11' "$image$outside/main.cf"
is "... and not where it leads outside" "$(cat "$outside/main.cf")" "not yours"
ok "... the link is one still" test -L "$etc/main.cf"
ok "... the transaction lies in the tree" test -d "$image/var/lib/mtapin/txn"
is "once more: nothing changes" "$(mtapin "${fix[@]}" "${foreign[@]}" --yes 2>/dev/null; echo $?)" "unchanged /etc/postfix/main.cf verified=none
unchanged /etc/postfix/master.cf verified=none
0"
is "history of the tree" "$(mtapin history --root "$image" 2>/dev/null | grep -c ' applied ')" 1
is "undo" "$(mtapin undo --root "$image" "${foreign[@]}" 2>/dev/null; echo $?)" "changed /etc/postfix/main.cf verified=none
0"
is "... gives the old bytes" "$(find "$image$outside" "$etc" -type f -exec sha256sum {} + | sort)" "$before"
ok "nothing of the tree was executed" test ! -e "$image/executed"

usage() { is "$1: exit 64" "$(mtapin "${@:2}" >/dev/null 2>&1; echo $?)" 64; }
usage "--confirm needs a host that runs" "${fix[@]}" --confirm 60
usage "so does --restart" "${fix[@]}" --restart
usage "so does --observe" "${fix[@]}" --observe 5
usage "recover is for the running host" recover --root "$image"
usage "undo is not for a bundle" undo --bundle "$lab_run/diff"
is "a tree without a path of its own is refused" "$(mtapin fix --root "/proc/$$/root/." --ip 192.0.2.11 --yes >/dev/null 2>&1; echo $?)" 2
is "whoever is not root is refused" "$(setpriv --reuid=33 --regid=33 --clear-groups "$prefix/usr/local/sbin/mtapin" \
	--backend-dir "$prefix/usr/local/lib/mtapin/backends" "${fix[@]}" "${foreign[@]}" --yes >/dev/null 2>&1; echo $?)" 2
