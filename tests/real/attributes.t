#!/bin/bash
# SPDX-License-Identifier: ISC
# What an edit of main.cf does to everything but the edited line: a table of mtapin and of what people
# use otherwise. A row holds when the file is new and all else is as it was, or when it was refused and
# nothing at all was touched or left behind. Only our column decides.
. "$(dirname "$0")/tree.sh"
tree_hurry || bail "no compiler"
tree_disk disk ext4 24 || skip "needs loop mounts"
tree_disk other ext4 24 '' -O '^has_journal' || skip "needs loop mounts"
out=$scratch/out before=$scratch/before
tools=(mtapin postconf sed augtool)

# ---- the editors: smtp_bind_address becomes 192.0.2.11 ----
edit_mtapin() { in_tree mtapin fix --ip 192.0.2.11 --ip6 keep --yes --no-service "${accept[@]}"; }
edit_postconf() { in_tree postconf -e smtp_bind_address=192.0.2.11; }
edit_sed() { in_tree sed -i 's/^smtp_bind_address.*/smtp_bind_address = 192.0.2.11/' /etc/postfix/main.cf; }
# It says "error: Failed to execute command" and ends with 0 when that was on standard input.
edit_augtool() {
	command -v augtool >/dev/null || return 127
	local said
	said=$(printf '%s\n' 'set /files/etc/postfix/main.cf/smtp_bind_address 192.0.2.11' save |
		timeout 60 augtool -r "$tree" -A --transform 'Postfix_Main incl /etc/postfix/main.cf' 2>&1)
	printf '%s\n' "$said"
	[[ $said == *"Saved 1 file"* ]]
}

# ---- what there is to see ----
line='smtp_bind_address = 192.0.2.10\n' tail=$line # a format of printf
bytes_old() {
	cat "$here/default/main.cf"
	printf "$tail"
}
bytes_new() { bytes_old | sed 's/192\.0\.2\.10$/192.0.2.11/'; }
# Everything below /etc/postfix and where links lead, but for the bytes of the edited file.
around() {
	find "$etc/" "$scratch/disk/" -xdev ! -name lost+found ! -name fill -printf '%p %y %m %U:%G %n %l\n' | sort
	getfattr -h -d -m - -R --absolute-names "$etc/"
	lsattr -aR "$etc/" | sort
} 2>/dev/null
everything() { # FILE
	around >"$1.around"
	rest >"$1"
}
rest() {
	find "$etc/" "$scratch/disk/" -xdev -type f ! -name fill -exec sha256sum {} + | sort
	find "$etc/" -xdev ! -type d -printf '%p %i %T@\n' | sort
	find "$state/" -path '*/txn/*'
}

# ---- a row ----
clean() {
	umount "$etc/main.cf" "$etc" 2>/dev/null
	mountpoint -q "$etc" && umount -l "$etc"
	[ ! -L "$tree/etc/postfix" ] || { rm "$tree/etc/postfix" && mkdir "$tree/etc/postfix"; }
	mount -o remount,rw "$scratch/disk"
	chattr -R -ia "$scratch/disk" 2>/dev/null
	rm -rf "$scratch/disk"/* "${state:?}"/*
	tree_put disk
	cp -a "$root/etc/postfix/." "$etc/"
	cp "$here/default/master.cf" "$etc/"
	bytes_old >"$etc/main.cf"
	chmod 644 "$etc"/m*.cf
	accept=()
}
content() { # of a file: OLD, NEW or how it is else
	cmp -s "$1" <(bytes_old) && echo OLD && return
	cmp -s "$1" <(bytes_new) && echo NEW && return
	[ -e "$1" ] && echo "$(wc -c <"$1") bytes" || echo missing
}
# kept: the file is new, the rest as it was
kept() { [ "$status" = 0 ] && [ "$(content "$etc/main.cf")" = NEW ] && around >"$out.after" && diff "$before.around" "$out.after" >"$out.diff"; }
# refused: as it was to the last inode; ours says why with exit code 2
refused() {
	[ "$status" != 0 ] && everything "$out.after" && diff "$before" "$out.after" >"$out.diff" &&
		diff "$before.around" "$out.after.around" >"$out.diff" || return
	[ "$tool" != mtapin ] || { [ "$status" = 2 ] && grep -q '^mtapin: .' "$out"; }
}
declare -A cell passed=()
count=0
for tool in "${tools[@]}"; do passed[$tool]=0; done

mark() { # TOOL VERDICT: a row of one tool
	cell[$1]=$2
	case $2 in kept | refused) passed[$1]=$((passed[$1] + 1)) ;; esac
}
print_row() {
	count=$((count + 1))
	note "$(printf '%-34s %-22s %-22s %-22s %-22s' "$1" "${cell[mtapin]}" "${cell[postconf]}" "${cell[sed]}" "${cell[augtool]}")"
}
why() {
	if [ "$tool" = mtapin ] && [ "$verdict" != kept ] && [ "$verdict" != refused ]; then
		note "exit $status, $(content "$etc/main.cf")"
		note "$(cat "$out" "$out.diff" 2>/dev/null | tail -n 25)"
	fi
}
# row TEXT SETUP CHECK [OURS]: CHECK is what holds where the edit was made; for us the verdict must be OURS.
row() {
	local text=$1 setup=$2 check=$3 ours=${4:-kept} verdict
	for tool in "${tools[@]}"; do
		clean
		"$setup" || bail "$text: cannot be set up"
		everything "$before"
		status=0
		rm -f "$out.diff"
		"edit_$tool" >"$out" 2>&1 </dev/null || status=$?
		if [ "$status" = 127 ]; then verdict=-
		elif refused; then verdict=refused
		elif "$check"; then verdict=kept
		elif [ "$status" = 0 ]; then verdict="LOST, exit 0"
		else verdict="exit $status, left over"; fi
		[ "$tool" != mtapin ] || [ "$verdict" != "$ours" ] || [ "$ours" != refused ] || said=$(cat "$out")
		mark "$tool" "$verdict"
		why
	done
	print_row "$text"
	is "$text" "${cell[mtapin]}" "$ours"
}

# ---- attributes ----
plain() { :; }
with_mode() { chmod 640 "$etc/main.cf"; }
with_owner() { chown 1234:5678 "$etc/main.cf"; }
with_acl() { setfacl -m u:1:r,g:2:rw "$etc/main.cf"; }
with_xattr() { setfattr -n "$1" -v value "$etc/main.cf"; }
with_user() { with_xattr user.note; }
with_trusted() { with_xattr trusted.note; }
with_label() { with_xattr security.selinux; }
with_flags() { chattr +dA "$etc/main.cf"; }
with_link() { ln "$etc/main.cf" "$etc/main.other"; }
both_new() { kept && [ "$etc/main.cf" -ef "$etc/main.other" ]; }
linked_file() { mkdir "$scratch/disk/real" && mv "$etc/main.cf" "$scratch/disk/real/" && ln -s ../../mnt/real/main.cf "$etc/main.cf"; }
linked_new() { kept && [ "$(content "$scratch/disk/real/main.cf")" = NEW ]; }
linked_folder() {
	umount "$etc" && rmdir "$etc" && ln -s ../mnt/postfix "$tree/etc/postfix"
}
mounted() { cp -p "$etc/main.cf" "$scratch/disk/source.cf" && mount --bind "$scratch/disk/source.cf" "$etc/main.cf"; }
read_only() { mount -o remount,ro "$scratch/disk"; }
immutable() { chattr +i "$etc/main.cf"; }
appending() { chattr +a "$etc/main.cf"; }
immutable_folder() { chattr +i "$etc"; }
overlay() {
	chmod 640 "$etc/main.cf" && chown 0:77 "$etc/main.cf" && mkdir "$scratch/disk"/{up,work} &&
		mount -t overlay -o "lowerdir=$scratch/disk/postfix,upperdir=$scratch/disk/up,workdir=$scratch/disk/work" over "$etc"
}
overlay_new() {
	[ "$status" = 0 ] && [ "$(content "$etc/main.cf")" = NEW ] &&
		[ "$(stat -c '%a %u:%g %h' "$etc/main.cf")" = "640 0:77 1" ] &&
		[ "$(content "$scratch/disk/postfix/main.cf")" = OLD ]
}
full() { dd if=/dev/zero of="$scratch/disk/fill" bs=1k 2>/dev/null; sync -f "$scratch/disk"; :; }
planted() {
	local name
	for name in main.cf.tmp main.cf.bak main.cf.augsave main.cf.augnew main.cf~ .mtapin-0000000000000000 master.cf.tmp; do
		ln -s ../../mnt/victim "$etc/$name"
	done
	echo secret >"$scratch/disk/victim"
	chmod 600 "$scratch/disk/victim"
}
# Its own leavings, dead links of the same name, may go.
planted_new() { [ "$status" = 0 ] && [ ! -L "$etc/main.cf" ] && [ "$(content "$etc/main.cf")" = NEW ] && [ "$(cat "$scratch/disk/victim")" = secret ]; }
foreign() { chown 1234:1234 "$etc" "$etc/main.cf"; }
foreign_accepted() { foreign; accept=(--accept HOST-FOREIGN-DIR); }

rm -rf "$etc"
mkdir "$etc"
mount --bind "$scratch/disk" "$tree/mnt"
note "$(printf '%-34s %-22s %-22s %-22s %-22s' "" mtapin "postconf -e" "sed -i" augtool)"
row "mode 0640" with_mode kept
row "owner 1234:5678" with_owner kept
row "ACL" with_acl kept
row "attribute user." with_user kept
row "attribute trusted." with_trusted kept
row "attribute security.selinux" with_label kept
row "flags of chattr +dA" with_flags kept
row "hard link" with_link both_new refused
ok "... --accept is named" grep -q -e '--accept HOST-HARD-LINK' <<<"$said"
row "symlinked file" linked_file linked_new
row "symlinked folder" linked_folder kept
row "bind-mounted file" mounted kept refused
ok "... the message names its source" grep -q 'mounted here from /mnt/source.cf: edit that file instead' <<<"$said"
row "read-only file system" read_only kept refused
row "chattr +i on the file" immutable kept refused
ok "... the message names the way out" grep -q "chattr -i '/etc/postfix/main.cf'" <<<"$said"
row "chattr +a on the file" appending kept refused
row "chattr +i on the folder" immutable_folder kept refused
row "lower file of an overlay" overlay overlay_new
umask 077
row "umask 077" plain kept
umask 022
row "disk full" full kept refused
row "links at names of temporaries" planted planted_new refused
row "folder and file of another user" foreign kept refused
ok "... the message names it" grep -q "/etc/postfix: another user owns" <<<"$said"
row "... accepted" foreign_accepted kept

# ---- bytes: the rest of the file is as it was, and Postfix reads the new value, or the tool refused ----
starts_as_before() { cmp -s -n "$(wc -c <"$here/default/main.cf")" "$here/default/main.cf" "$etc/main.cf"; }
reads() { [ "$(in_tree postconf -h "$1" 2>/dev/null)" = "$2" ]; }
ends_with() { tail -c "$(printf "$1" | wc -c)" "$etc/main.cf" | cmp -s - <(printf "$1"); }
value_new() { [ "$status" = 0 ] && starts_as_before && reads smtp_bind_address 192.0.2.11 && reads smtp_helo_name a.example; }
comment_whole() { value_new && grep -c -q -a -P '^# a\x00b$' "$etc/main.cf"; }
eol_kept() { value_new && ends_with 'smtp_bind_address = 192.0.2.11\r\nsmtp_helo_name = a.example\r\n'; }
tail='smtp_bind_address =\n    192.0.2.10\nsmtp_helo_name = a.example\n'
row "continued value" plain value_new
tail='smtp_bind_address = 192.0.2.1\nsmtp_bind_address = 192.0.2.10\nsmtp_helo_name = a.example\n'
row "parameter set twice" plain value_new
tail='smtp_helo_name = a.example\n# a\0b\nsmtp_bind_address = 192.0.2.10\n'
row "NUL in a comment" plain comment_whole refused
tail='smtp_bind_address = 192.0.2.10\r\nsmtp_helo_name = a.example\r\n'
row "lines that end in CR LF" plain eol_kept
tail=$line

# ---- others at the same time ----
# Held by strace: with --seccomp-bpf it is stopped at a rename only (and for a moment at a fork).
held() { ps -s "$1" -o stat= | grep -q '^t'; }
# An editor saves while the rename, which takes six seconds, is about to happen. $lasted: it was in time.
while_edited() {
	local pid n=0 seen=0
	lasted=no
	setsid strace -f --seccomp-bpf -qq -o /dev/null -e trace=rename,renameat2 -e inject=rename,renameat2:delay_enter=6000000:when=1 \
		"$BASH" -c "$(declare -p tree tree_path accept); $(declare -f "edit_$tool" in_tree); edit_$tool" >"$out" 2>&1 </dev/null &
	pid=$!
	until [ $seen = 3 ] || [ $((n += 1)) -gt 600 ]; do
		if held "$pid"; then seen=$((seen + 1)); else seen=0; fi
		sleep 0.05
	done
	sed -i '$a admin_edit = yes' "$etc/main.cf"
	kill -0 "$pid" 2>/dev/null && lasted=yes
	wait "$pid"
}
for tool in "${tools[@]}"; do
	clean
	command -v augtool >/dev/null || [ "$tool" != augtool ] || { cell[$tool]=-; continue; }
	status=0
	while_edited || status=$?
	mark "$tool" "LOST, exit $status"
	! grep -q '^admin_edit = yes$' "$etc/main.cf" || mark "$tool" kept
	[ $lasted = yes ] || note "$tool: the editor came too late"
	[ "$tool" != mtapin ] || ours="$lasted $status $(grep -o 'theirs was kept' "$out")"
done
print_row "an editor saves before the rename"
is "an editor saves before the rename: detected, its edit kept" "${cell[mtapin]} $ours" "kept yes 2 theirs was kept"

# writer N: once; mtapin shares the file with postconf -e. It may be told that somebody else is at it.
writer_mtapin() {
	local n=0 goal=(--ip 192.0.2.11 --ip6 keep)
	case $1 in
	1) ;;
	2) goal=(--ip 192.0.2.11 --ip6 2001:db8::11) ;;
	3) goal+=(--helo mail.example.net) ;;
	*) writer_postconf "$1"; return ;;
	esac
	until in_tree mtapin fix "${goal[@]}" --yes --no-service; do [ $((n += 1)) -lt 60 ] || return; done
}
writer_postconf() { in_tree postconf -e "writer_$1 = $1"; }
writer_sed() { in_tree sed -i "\$a writer_$1 = $1" /etc/postfix/main.cf; }
writer_augtool() {
	command -v augtool >/dev/null && printf '%s\n' "set /files/etc/postfix/main.cf/writer_$1 $1" save |
		augtool -r "$tree" -A --transform 'Postfix_Main incl /etc/postfix/main.cf'
}
# Those who were told that all is well and whose line is not there.
lost() {
	local n=0 i wanted
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		wanted="writer_$i = $i"
		[ "$tool" != mtapin ] || case $i in
			1) wanted="smtp_bind_address = 192.0.2.11" ;;
			2) wanted="smtp_bind_address6 = 2001:db8::11" ;;
			3) wanted="smtp_helo_name = mail.example.net" ;;
		esac
		[ ! -e "$out.told.$i" ] || grep -q -x -F "$wanted" "$etc/main.cf" || n=$((n + 1))
	done
	echo $n
}
for tool in "${tools[@]}"; do
	clean
	rm -f "$out".told.*
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		{ "writer_$tool" "$i" >"$out.$i" 2>&1 </dev/null && : >"$out.told.$i"; } &
	done
	wait
	mark "$tool" "$(lost) lost of $(ls "$out".told.* 2>/dev/null | wc -l)"
	[ "$tool" != mtapin ] || [ "${cell[mtapin]}" = "0 lost of 12" ] || note "$(cat "$out".[123])"
	[[ ${cell[$tool]} != "0 lost of "[1-9]* ]] || passed[$tool]=$((passed[$tool] + 1))
done
print_row "12 writers at the same time"
is "12 writers, three of them mtapin, nine postconf -e" "${cell[mtapin]}" "0 lost of 12"

# ---- names that nobody can guess, guessed: the random bytes are zeros ----
random_traced() { # OPTION...
	strace -qq -o "$out.trace" -e trace=getrandom "$@" env -i PATH="$tree_path" chroot "$tree" mtapin fix --ip 192.0.2.11 \
		--ip6 keep --yes --no-service
}
clean
random_traced >"$out" 2>&1 || bail "fix: $(cat "$out")"
kth=$(grep '^getrandom' "$out.trace" | awk '/, 32, 0\)/ { print NR; exit }')
clean
ln -s ../../mnt/victim "$etc/.mtapin-0000000000000000"
echo secret >"$scratch/disk/victim"
tool=mtapin status=0
everything "$before"
random_traced -e inject=getrandom:poke_exit=@arg1="$(printf %064d 0)":when="$kth" >"$out" 2>&1 || status=$?
refused
is "a link planted at the random name of our temporary: refused, nothing touched" $? 0
ok "... by the name" grep -q 'cannot make a temporary file: File exists' "$out"

# ---- the backup on another file system than the configuration ----
clean
tree_put other state
edit_mtapin >"$out" 2>&1 || note "$(cat "$out")"
is "the backup is on another file system: the file is new" "$(content "$etc/main.cf")" NEW
ok "... the backup has the old bytes" cmp "$state"/txn/2*/0.before <(bytes_old)
is "... at two devices" "$([ "$(stat -c %d "$state")" != "$(stat -c %d "$etc")" ] && echo two)" two
note "totals: ${passed[mtapin]} ${passed[postconf]} ${passed[sed]} ${passed[augtool]} of $count"
