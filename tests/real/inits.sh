# SPDX-License-Identifier: ISC
# inits.sh: a mail host that boots a real init, for tests/real/inits/*.t; sourced instead of lab.sh.
#
#	inits_start LAYER [COMMANDS]	peer and mail host of lab.sh; the host is .lab/root with .lab/overlays/LAYER
#				over it, boots /sbin/init and has Postfix running; COMMANDS change its tree
#				first (in it, by chroot)
#	inits_reboot [WITHOUT]	its init is killed (no shutdown), the same disk boots again; with an argument
#				Postfix is not waited for
#	inits_up		Postfix listens and the init has done its work
#	again [SAME]		configuration as at the start, journal away, Postfix restarted by restart_it, unless
#				SAME: the last case has not moved its listeners; nothing after a boot
#	cell CASE		what follows belongs to this column of the table of scripts/test; a column
#				that is not at home here: no_cell CASE REASON
#	case_CASE		the case as it is everywhere
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
keeper= keeper_root= init_name= without_postfix= fresh=

# ---- booting ----
keeper_start() {
	local dir=$lab_run/mx
	mkdir -p "$dir/disk"
	(cd "$dir" && exec setpriv --pdeathsig KILL unshare --mount --net bash "$here/keep.sh" "$root" "$lab/overlays/$1") \
		</dev/null >"$dir/keep" 2>&1 &
	wait_for 20 test -s "$dir/keeper" || { cat "$dir/keep" >&2; return 1; }
	keeper=$(<"$dir/keeper") keeper_root=/proc/$keeper/root$dir/disk/root
}
boot() {
	local dir=$lab_run/mx
	rm -f "$dir/pid"
	nsenter -t "$keeper" -m -n setpriv --pdeathsig KILL bash -c 'cd "$1" && echo $$ >"group/mtapin-lab-$2/cgroup.procs" &&
		exec unshare --mount --pid --fork --kill-child --uts --ipc --cgroup bash "$3/boot.sh" mail.example.org - /sbin/init' \
		- "$dir" "$keeper" "$here" </dev/null >>"$dir/console" 2>&1 &
	wait_for 20 test -s "$dir/pid" || return
	mx_pid=$(<"$dir/pid") mx_root=/proc/$mx_pid/root
	wait_for 10 test -e "$mx_root/run/lab" && wait_for 150 inits_up && fresh=yes
}
inits_up() { { [ -n "$without_postfix" ] || listening "$mx_pid" 25; } && init_ready; }
init_ready() {
	case $init_name in
	systemd) mx systemctl is-system-running | grep -q -E '^(running|degraded)' ;;
	*) ! mx pgrep -x 'rc|openrc|startpar|run_sysv_script' ;;
	esac
}
inits_reboot() { # [WITHOUT]: and Postfix is not waited for
	local without_postfix=${1-}
	kill -KILL "$mx_pid"
	wait_for 10 test ! -e "/proc/$mx_pid" && boot && . "$here/transaction.sh"
}
# The two hosts, the one with the init not booted yet; and its boot, after COMMANDS in its tree.
inits_prepare() {
	init_name=$1
	lab_begin
	[ -d "$lab/overlays/$1" ] || bail "$lab/overlays/$1 is not there: run scripts/test once"
	keeper_start "$1" && host_boot peer sink.example || return
	peer_pid=$(<"$lab_run/peer/pid") peer_root=/proc/$peer_pid/root mx_pid=$keeper mx_root=$keeper_root
}
inits_boot() {
	local begin=$SECONDS
	[ "$init_name" = systemd ] || : >"$mx_root/etc/lab-logger"
	nsenter -t "$keeper" -m -n chroot "$lab_run/mx/disk/root" sh -e -c "$1" >>"$lab_run/daemons" 2>&1 || return
	boot || { tail -n 20 "$lab_run/mx/console" >&2; return 1; }
	lab_pace "$begin" 20
}
inits_start() {
	inits_prepare "$1" && peer_network && mx_network && peer_start && mx_files || return
	inits_boot "newaliases; ${2-:}" || return
	. "$here/transaction.sh"
	before=$(configuration)
}
# What was killed leaves its control group only when it is reaped.
group_gone() {
	nsenter -t "$keeper" -m find "$lab_run/mx/group/mtapin-lab-$keeper" -depth -type d -exec rmdir {} + 2>/dev/null
	nsenter -t "$keeper" -m test ! -e "$lab_run/mx/group/mtapin-lab-$keeper"
}
lab_stop() {
	[ -z "$mx_pid" ] || kill -KILL "$mx_pid" 2>/dev/null
	[ -z "$keeper" ] || wait_for 10 group_gone
	[ -z "$peer_pid" ] || kill -KILL "$peer_pid" 2>/dev/null
	[ -z "$keeper" ] || kill -KILL "$keeper" 2>/dev/null
	wait 2>/dev/null
	[ -z "$lab_run" ] || rm -rf "$lab_run"
}

# ---- what each test of an init says of it ----
#	by			how mtapin names who restarts it, a pattern; reload_by, if that is another one
#	restart_it		the administrator's own restart
#	cared			the daemon is under the init's care
by= reload_by=

# ---- cases ----
cell() { printf '# cell %s\n' "$1"; }
no_cell() { printf '# no cell %s\n' "$*"; }
master() {
	local pid
	read -r pid <"$mx_root/var/spool/postfix/pid/master.pid" && echo "$pid"
}
running() {
	local pid
	read -r pid <"$mx_root/var/spool/postfix/pid/master.pid" && [ -d "$mx_root/proc/$pid" ] && listening "$mx_pid" 25
}
again() {
	if [ -z "$fresh" ]; then
		[ ! -e "$postfix.real" ] || untrap
		lab_configuration
		rm -rf "$journal"
		[ $# != 0 ] || restart_it >>"$lab_run/daemons" 2>&1
		wait_for 20 running || note "Postfix does not run again"
		: >"$peer_root/run/record"
	fi
	lab_aged
	fresh=
}
# when_pinned COMMANDS [ELSE]: what a start does as long as main.cf has the pin, and what it does first else.
when_pinned() {
	[ -e "$postfix.real" ] || mv "$postfix" "$postfix.real"
	cat >"$postfix" <<-END
		#!/bin/sh
		for verb; do :; done
		case \$verb in start | start-fg)
			if grep -q '^inet_interfaces = 192' /etc/postfix/main.cf; then
				$1
			else
				${2:-:}
			fi ;;
		esac
		exec /usr/sbin/postfix.real "\$@"
	END
	chmod 755 "$postfix"
}
# ... fails, and the log says why.
start_fails_when_pinned() { when_pinned "postlog -t postfix/lab -p fatal 'not with this address'; exit 1"; }
start_hangs_when_pinned() { when_pinned "sleep 600"; }
port_taken_when_pinned() {
	printf '%s\n' 'import socket, time' 's = socket.create_server(("192.0.2.11", 25))' 'open("/run/thief", "w").close()' \
		'time.sleep(600)' >"$mx_root/thief.py"
	when_pinned "setsid python3 /thief.py </dev/null >/dev/null 2>&1 & while [ ! -e /run/thief ]; do sleep 0.05; done" \
		'pkill -f /thief.py; sleep 0.2'
}
not() { ! "$@"; }
# No daemon at all.
no_master() { mx sh -c '! pgrep -x master'; }

case_reload() {
	local was
	cell reload
	again
	was=$(master)
	fix
	is "reload: exit" "$status" 0
	ok "... by the right one" said "reloaded by ${reload_by:-$by}\$"
	ok "... verified to service" said 'verified: config, service'
	is "... the process is the same" "$(master)" "$was"
	is "... mail leaves from the pin" "$(lab_sources)" "$new"
}
case_restart() {
	local was
	cell restart
	again same
	was=$(master)
	fix --method inet_interfaces
	is "restart: exit" "$status" 0
	ok "... by the right one" said "restarted by $by\$"
	ok "... verified to service" said 'verified: config, service'
	ok "... the process is another one" [ "$(master)" != "$was" ]
	ok "... under the same care" cared
	is "... mail leaves from the pin" "$(lab_sources)" "$new"
}
case_fails() {
	cell fails
	again
	start_fails_when_pinned
	[ -z "${supervisor:-}" ] || echo "service_timeout = $((10 * pace))" >"$mx_root/etc/mtapin.conf" # it never says that it failed
	fix --method inet_interfaces
	lab_settings
	is "a restart that fails: exit" "$status" 2
	ok "... says so" said '^rolled-back /etc/postfix/main.cf'
	ok "... quotes the log" said 'not with this address'
	is "... the old bytes are back" "$(configuration)" "$before"
	ok "... Postfix runs" wait_for 10 running
	ok "... under the same care" cared
	is "... mail leaves as before" "$(lab_sources)" "$old"
	untrap
}
hook() { mx find /etc -name '*mtapin-confirm*'; }
# Unconfirmed, then the power is cut: the boot rolls back, before Postfix starts, and clears up.
case_confirm() {
	cell confirm
	again
	mx mtapin fix "${pin[@]}" --method inet_interfaces --confirm 3600 -n >"$lab_run/diff" 2>"$lab_run/err"
	fix --method inet_interfaces --confirm 3600
	is "--confirm: exit" "$status" 0
	is "... what the next boot does is in the diff of -n, as it is written" \
		"$(sed -n '/^+++ .*mtapin-confirm/,$s/^+\([^+]\|$\)/\1/p' "$lab_run/diff")" "$(cat "$mx_root$(sed -n 's,^+++ b\(/.*mtapin-confirm[^\t]*\).*,\1,p' "$lab_run/diff")")"
	is "... mail leaves from the pin" "$(lab_sources)" "$new"
	ok "... the next boot would roll it back" [ -n "$(hook)" ]
	inits_reboot
	is "... it boots again" $? 0
	is "... the old bytes are back" "$(configuration)" "$before"
	ok "... before Postfix started" [ "$etc/main.cf" -ot "$mx_root/var/spool/postfix/pid/master.pid" ]
	is "... mail leaves as before" "$(lab_sources)" "$old"
	is "... its state" "$(mx mtapin history | awk '/^20/ { print $3 }')" rolled-back
	is "... nothing is left of it" "$(hook)" ""
	again
	fix --confirm 3600
	ok "confirmed" mx mtapin confirm
	is "... nothing is left of it" "$(hook)" ""
}
# The two lines of the FAQ, as they are typed.
case_faq() {
	local was
	cell faq
	again
	was=$(master)
	ok "the FAQ's two lines" mx sh -c 'postconf -e "inet_interfaces = 192.0.2.11" && /etc/init.d/postfix restart'
	wait_for 10 running
	ok "... Postfix was restarted" [ "$(master)" != "$was" ]
	ok "... under the same care" cared
	is "... IPv4 leaves from the pin" "$(lab_sources)" "192.0.2.11 2001:db8::12"
}
# Where another one is in charge than the script asks: it restarts nothing and says 0; a fix says who is,
# and does it. (Debian's script hands over to systemd, or to sv, whose signal ends the shell above the daemon.)
case_faq_elsewhere() {
	local was
	cell faq
	again
	was=$(master)
	mx sh -c 'postconf -e "inet_interfaces = 192.0.2.11" && /etc/init.d/postfix restart' >"$lab_run/out" 2>"$lab_run/err"
	note "the FAQ's two lines: exit $?"
	is "the FAQ's script restarts nothing here" "$(master)" "$was"
	lab_aged
	status=0
	mx mtapin fix --ip 192.0.2.11 --ip6 keep --method inet_interfaces --bare --restart --yes >"$lab_run/out" 2>"$lab_run/err" || status=$?
	is "... fix --restart: exit" "$status" 0
	ok "... says who restarted it" said "restarted by $by\$"
	ok "... the process is another one" [ "$(master)" != "$was" ]
	ok "... under its care again" wait_for 5 cared
	is "... IPv4 leaves from the pin" "$(lab_sources)" "192.0.2.11 2001:db8::12"
}
