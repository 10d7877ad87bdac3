#!/bin/bash
# SPDX-License-Identifier: ISC
# As kill.t, and the power is cut at that moment: main.cf and master.cf are on one file system, the journal
# and the backups on another, both shut down without a flush. What one of them wrote meanwhile may be
# there and what the other wrote may not: just before the cut an unrelated file is synced on one of them.
# Then each fsync of fix in turn does nothing, to see that this is noticed. A sample; with MT_LONG=1
# every system call that changes something, on each file system, and every fsync on each.
. "$(dirname "$0")/sweep-tree.sh"
power_points=0 power_bad=0 spared=() names=()
fs= options=

# ---- two disks ----
each_disk() { "$1" config && "$1" journal; }
plug() { mount -o "loop${options:+,$options}" "$scratch/$1.img" "$scratch/$1"; }
unmount() {
	local n=0
	until umount "$1" 2>/dev/null; do
		mountpoint -q "$1" || return 0
		[ $((n += 1)) -lt 400 ] || return 1 # a child of the killed one may end only now
		sleep 0.02
	done
}
unplug() { unmount "$scratch/$1"; }
remove() { unmount "$etc" && unmount "$state" && each_disk unplug; }
insert() { each_disk plug && tree_put config && tree_put journal state; }
# disks FS [MOUNT-OPTIONS]: new ones
disks() {
	fs=$1 options=${2:-}
	[ ! -d "$scratch/config" ] || remove || bail "busy"
	tree_disk config "$fs" 320 "$options" && tree_disk journal "$fs" 320 "$options" || skip "needs loop mounts"
	tree_put config && tree_put journal state || bail "cannot mount"
	cp -a "$root/etc/postfix/." "$etc/"
}
noise() { dd if=/dev/zero of="$scratch/$1/noise" bs=1 count=1 conv=fsync 2>/dev/null; }
dark() { xfs_io -x -c shutdown "$scratch/$1"; }
power_cut() { # config|journal|neither: what was synced at the last moment
	[ "$1" = neither ] || noise "$1"
	each_disk dark && remove && insert || bail "the power does not come back"
}

# ---- what must hold ----
# What the last transaction says of itself is what is there.
truthful() {
	local all=("$state"/txn/2*) last
	last=${all[-1]}
	[ -e "$last" ] || return 0
	case $(tail -n 1 "$last/state" | tr -d '\000') in
	*' applied') [ "$was" = "$(grep -q '^kind undo' "$last/plan" && echo OLD || echo NEW)" ] ;;
	*' rolled-back') [ "$was" = OLD ] ;;
	esac
}
# sets was; $1: what it must be, or "" when the command had not ended
after_power() {
	local honest=yes open
	was=$(state) open=$(pending)
	truthful || honest="the journal says: $(tail -n 1 "$state"/txn/2*/state | tr '\n\000' '  ')"
	after_kill
	[ "$honest" = yes ] || was="$was, $honest"
	[ -z "$1" ] || [ "$was:$open" = "$1:none" ] || was="$was, pending: $open, not $1"
}
sound() { case $was in OLD | NEW | MIXED) ;; *) false ;; esac; }

begin() {
	"$1"
	sync -f "$etc" "$state"
}
cut_at() { # SETUP COMMAND GOAL CALL K KIND
	local wanted=
	[ "$4" != exit_group ] || wanted=$3 # it had said so
	begin "$1"
	engine "$2"
	run -e trace="$4" -e inject="$4:signal=SIGKILL:when=$5" "${argv[@]}"
	power_cut "$6"
	after_power "$wanted"
}
power_sweep() { # SETUP COMMAND GOAL STRIDE
	local n=0 bad=0 call k kind kinds=(config journal) begun=$SECONDS
	begin "$1"
	points "$2" "$changing" "$4" >"$scratch/points"
	while read -r call k; do
		kinds=(config journal)
		[ "$call" != exit_group ] || kinds=(neither)
		long || kinds=("${kinds[n % ${#kinds[@]}]}")
		for kind in "${kinds[@]}"; do
			n=$((n + 1))
			cut_at "$1" "$2" "$3" "$call" "$k" "$kind"
			sound || { bad=$((bad + 1)) && note "$2 cut at $call $k ($kind): $was"; }
		done
	done <"$scratch/points"
	power_points=$((power_points + n)) power_bad=$((power_bad + bad))
	note "$fs${options:+ $options}, $2: power cut at $n points, $bad bad, $((SECONDS - begun)) s"
	[ $bad -eq 0 ] && [ $n -gt 0 ]
}
# It had ended well, and nothing was synced since.
durable() { # SETUP COMMAND GOAL
	begin "$1"
	do_engine "$2" || return
	power_cut neither
	after_power "$3"
	sound || { note "$2: $was"; false; }
}

# ---- without one fsync ----
fsyncs() { # of fix, one a line: what was synced, in their order
	begin make_old
	engine fix
	strace -y -qq -o "$scratch/trace" -e trace=fsync "${argv[@]}" >/dev/null 2>&1 </dev/null
	sed -n "s|^fsync([0-9]*<$tree\(.*\)>) .*|\1|p" "$scratch/trace" |
		sed 's/[0-9]\{8\}T[0-9.]*Z-[0-9a-f]\{6\}/ID/; s/mtapin-[0-9a-f]\{16\}/mtapin-X/' |
		awk '{ print $0 (n[$0]++ ? " again" : "") }'
}
# Sets was. K: which one does nothing; CALL "": it runs to its end
noticed() { # K CALL WHEN KIND
	local kill=()
	[ -z "$2" ] || kill=(-e "inject=$2:signal=SIGKILL:when=$3")
	begin make_old
	engine fix
	run -e trace="fsync${2:+,$2}" -e "inject=fsync:retval=0:when=$1" "${kill[@]}" "${argv[@]}"
	power_cut "$4"
	after_power "$([ -n "$2" ] || echo NEW)"
	! sound
}
# The first that notices is printed; one is enough.
mutant() { # K
	local kind call when
	for kind in neither config journal; do
		noticed "$1" "" "" $kind && { echo "at its end, $kind: $was" | head -n 1 | cut -c 1-120; return; }
	done
	while read -r call when; do
		for kind in config journal; do
			noticed "$1" "$call" "$when" $kind && { echo "at $call $when, $kind: $was" | head -n 1 | cut -c 1-120; return; }
		done
	done <"$scratch/kills"
	false
}
# What a later fsync on the same journal does as well, and copies that are only read.
spare='^(/etc/postfix|/var/lib/mtapin(/txn(/ID/state|/[.]new-ID(/state|/check/.*)?)?)?)$'
mutants=0 caught=0
declare -A caught_at
mutant_sweep() { # PATTERN
	local k synced where
	begin make_old
	points fix '^(renameat|renameat2|unlinkat|exit_group)[(]' 1 >"$scratch/kills"
	mapfile -t synced < <(fsyncs)
	for k in "${!synced[@]}"; do
		[[ ${synced[k]} =~ $1 ]] || continue
		caught_at[$k]=${caught_at[$k]:-}
		if where=$(mutant $((k + 1))); then
			caught_at[$k]+=" $fs"
			note "$fs${options:+ $options}, without fsync $((k + 1)) (${synced[k]}): noticed $where"
		else
			note "$fs${options:+ $options}, without fsync $((k + 1)) (${synced[k]}): not noticed"
		fi
	done
	names=("${synced[@]}")
}

stride=37
! long || stride=1
for kind_of_disk in ext4 "ext4 noauto_da_alloc" xfs; do
	# shellcheck disable=SC2086
	disks $kind_of_disk
	power_sweep make_old fix NEW $stride
	is "$kind_of_disk, power cut in fix: old or new, with its backup" $? 0
	power_sweep make_new undo OLD $((stride * 2 - 1))
	is "$kind_of_disk, in undo" $? 0
	power_sweep make_pending recover OLD $((stride * 2 - 1))
	is "$kind_of_disk, in recover" $? 0
	durable make_old fix NEW
	is "$kind_of_disk: what exit 0 says is durable" $? 0
	if long || [ "$fs" = xfs ]; then
		durable make_new undo OLD
		is "$kind_of_disk: undo" $? 0
		durable make_pending recover OLD
		is "$kind_of_disk: recover" $? 0
	fi
	if long; then mutant_sweep .; elif [ "$fs" = xfs ]; then mutant_sweep '/0[.]before$|again$'; fi
done
for k in "${!caught_at[@]}"; do
	mutants=$((mutants + 1))
	[ -z "${caught_at[$k]}" ] || caught=$((caught + 1))
	[ -n "${caught_at[$k]}" ] || [[ ${names[k]} =~ $spare ]] || spared+=("$((k + 1)) (${names[k]})")
done
is "without an fsync that is needed it is noticed" "${spared[*]:-}" ""
ok "... and there were some" [ $caught -ge 4 ]
# ---- a file that a program makes of the others: both, or neither ----
driver=$lab/build/gcc/tests/apply/driver toy=$scratch/toy
. "$top/tests/apply/toy.sh"
remove() { unmount "$toy/var" && unmount "$etc" && unmount "$state" && each_disk unplug; }
insert() { each_disk plug && tree_put config && tree_put journal state && mount --bind "$scratch/config/var" "$toy/var"; }
make_old() { toy_is old; }
make_new() { toy_is new; }
toy_is() {
	local dir
	for dir in etc var state; do
		find "$toy/$dir" -mindepth 1 -delete
		[ ! -d "$scratch/toy-$1/$dir" ] || cp -a "$scratch/toy-$1/$dir/." "$toy/$dir/"
	done
}
remove || bail "busy"
etc=$toy/etc
making=make-built
"$driver" $making "$toy" || bail "no toy"
mkdir -p "$toy/state"
cp -a "$toy" "$scratch/toy-old"
do_engine fix || bail "fix with a build: $(cat "$scratch/said")"
cp -a "$toy" "$scratch/toy-new"
state=$toy/state
[ "$(state)" = NEW ] || bail "fix makes nothing"
fs=xfs options=
tree_disk config $fs 320 && tree_disk journal $fs 320 && mkdir -p "$scratch/config/var" && tree_put config && tree_put journal state &&
	mount --bind "$scratch/config/var" "$toy/var" || bail "cannot mount"
power_sweep make_old fix NEW $((stride / 2 + 1))
is "with a build, power cut in fix: both, or neither, with the backup" $? 0
power_sweep make_new undo OLD $((stride * 2 - 1))
is "... in undo" $? 0
power_sweep make_pending recover OLD $((stride * 2 - 1))
is "... in recover" $? 0
durable make_old fix NEW
is "... what exit 0 says is durable" $? 0
durable make_new undo OLD
is "... undo" $? 0
note "power points: $power_points, bad: $power_bad; without one fsync: $mutants, noticed: $caught"
