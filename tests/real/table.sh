# SPDX-License-Identifier: ISC
# table.sh: one method of `mtapin fix` against every start, every answer for IPv6; at the sink.
#
# Sourced after lab.sh; `table METHOD` runs the cells. All addresses differ: the kernel chooses
# .10 and ::12, a start names .12 and ::10, the pin is .11 and ::11. A cell checks: the exit status; the
# sources at the sink; that the printed diff, applied by patch(1), gives the same bytes; that nothing
# else below /etc/postfix changed; that the same command again changes nothing, not even the daemon;
# that no finding of warning or worse came with the edit; that 127.0.0.1:25 and [::1]:25 answer as
# before, unless IPv6 listeners were given up. Without --long a sample of the undos is made.

. "$here/findings.sh"
pin4=192.0.2.11 pin6=2001:db8::11
declare -A start_setting=(
	[all]=all
	[v4]=192.0.2.12
	[v4-v6]="192.0.2.12, 2001:db8::10"
	[localhost]=localhost
	[without-ipv6]=all
)
# Where mail comes from at the start (measured: lab.t).
declare -A start_six=([all]=2001:db8::12 [v4]=2001:db8::12 [v4-v6]=2001:db8::10 [localhost]=2001:db8::12
	[without-ipv6]="deferred 4.4.1")

start() {
	lab_reset "inet_interfaces=${start_setting[$1]}"
	[ "$1" != without-ipv6 ] || without_ipv6
}
without_ipv6() {
	net "$mx_pid" sh -c 'echo 1 | tee /proc/sys/net/ipv6/conf/*/disable_ipv6 >/dev/null'
	lab_postfix restart
}
# wanted_six START SIX METHOD. inet_interfaces names the IPv4 address alone when IPv6 is left as it is: a pin
# of IPv6 that it held goes with the IPv6 listeners.
wanted_six() {
	case $2 in
	$pin6) echo "$pin6" ;;
	off) echo "bounced 5.4.4" ;;
	keep) [ "$3" = inet_interfaces ] && echo 2001:db8::12 || echo "${start_six[$1]}" ;;
	*) echo "${start_six[$1]}" ;;
	esac
}
answers() { mx timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/25" && read -r line <&3 && [[ $line == 220* ]]' "$1" 2>/dev/null && echo yes || echo no; }
loopback_ports() { echo "127.0.0.1:$(answers 127.0.0.1) [::1]:$(answers ::1)"; }
master_pid() { tr -d ' \n' <"$mx_root/var/spool/postfix/pid/master.pid"; }

# The diff that is printed, applied to a copy of the files by patch(1).
diff_alone() {
	rm -rf "$lab_run/patched"
	mkdir -p "$lab_run/patched/etc"
	cp -a "$mx_root/etc/postfix" "$lab_run/patched/etc/"
	mx mtapin fix "$@" -n >"$lab_run/diff" 2>"$lab_run/proposal"
	status=$?
	[ "$status" != 1 ] || patch -s -d "$lab_run/patched" -p1 <"$lab_run/diff" || status=patch
	echo "$status"
}
patched_is_real() { diff -r --no-dereference -x '*.db' "$lab_run/patched/etc/postfix" "$mx_root/etc/postfix"; }

# cell START METHOD SIX: SIX is the argument of --ip6, "" to leave it out.
cell() {
	local begin=$1 method=$2 six=$3 name="from $1, --method $2${3:+ --ip6 $3}" goal before worse ports
	goal=(--ip "$pin4" ${six:+--ip6 "$six"} --method "$method")
	start "$begin"
	worse=$(findings) ports=$(loopback_ports) before=$(lab_state)
	if refuses "$begin" "$method" "$six"; then
		is "$name: refused" "$(mx mtapin fix "${goal[@]}" --yes >/dev/null 2>&1; echo $?)" 2
		is "$name: nothing changed" "$(lab_state)" "$before"
		return
	fi
	is "$name: a change is proposed" "$(diff_alone "${goal[@]}")" 1
	ok "$name: applied" mx mtapin fix "${goal[@]}" --yes
	is "$name: at the sink" "$(lab_sources)" "$pin4 $(wanted_six "$begin" "$six" "$method")"
	ok "$name: the diff gives these bytes" patched_is_real
	again "$name" "${goal[@]}"
	is "$name: no new finding" "$(findings_new "$worse" "$([ "$six" = keep ] && echo PF-IPV6-LEAK)")" ""
	[ "$six" = keep ] && [ "$method" = inet_interfaces ] || is "$name: loopback ports" "$(loopback_ports)" "$ports"
	[ "$long" = no ] && [ "$six" != off ] || undone "$name" "$before"
}
# A loopback-only host gets no listener; an address that is on no interface is no pin.
refuses() { [ "$1 $2" = "localhost inet_interfaces" ] || [ "$1 $3" = "without-ipv6 $pin6" ]; }

again() {
	local name=$1 state pid
	shift
	state=$(lab_state) pid=$(master_pid)
	ok "$name: once more" mx mtapin fix "$@" --yes
	is "$name: once more changes nothing" "$(lab_state) $(master_pid)" "$state $pid"
}
# Only what undo may leave different: inode and time of the files that were written.
lab_bytes() { awk 'NF == 2 { print } NF > 2 { print $1, $2, $3, $4 }' <<<"$1"; }
undone() {
	ok "$1: undo" mx mtapin undo
	is "$1: undo restores the bytes" "$(lab_bytes "$(lab_state)")" "$(lab_bytes "$2")"
}

long=${MT_LONG:-no}
table() {
	local begin six
	lab_start || bail "the lab does not start"
	for begin in all v4 v4-v6 localhost; do
		for six in "$pin6" off keep; do cell "$begin" "$1" "$six"; done
	done
	for six in "" off "$pin6"; do cell without-ipv6 "$1" "$six"; done
}
