#!/bin/bash
# SPDX-License-Identifier: ISC
# fix --confirm is a promise, whoever called it and however that ends: under systemd.
. "$(dirname "$0")/inits.sh"
restart_it() { mx sh -c 'systemctl reset-failed postfix@-.service; systemctl restart postfix@-.service'; }
inits_prepare systemd && peer_network && mx_network && peer_start && mx_files || bail "the host cannot be prepared"
# Debian's own cron, of another layer; its libraries are there.
[ ! -x "$lab/overlays/exim/usr/sbin/cron" ] || cp "$lab/overlays/exim/usr/sbin/cron" "$mx_root/usr/sbin/"
printf '#%%PAM-1.0\nauth required pam_permit.so\naccount required pam_permit.so\nsession required pam_permit.so\n' >"$mx_root/etc/pam.d/cron"
mkdir -p "$mx_root/etc/systemd/logind.conf.d" "$mx_root/var/spool/cron/crontabs"
printf '[Login]\nKillUserProcesses=yes\nKillExcludeUsers=\n' >"$mx_root/etc/systemd/logind.conf.d/kill.conf"
inits_boot newaliases || bail "systemd does not boot"
. "$here/transaction.sh"
. "$here/promise.sh"
before=$(configuration)
unit() { mx systemctl show -p "$1" --value "mtapin-confirm-$id.service"; }
gone() { [ "$(mx systemctl show -p ActiveState --value "$1")" != active ]; }

promised
mx systemd-run --wait -q --unit=job mtapin fix "${confirmed_by[@]}" >>"$lab_run/daemons" 2>&1
is "systemd-run --wait: exit" $? 0
is_unconfirmed "... it"
ok "... its unit is over" gone job.service
kept_promise "systemd-run --wait" $seconds $((seconds + 3))
ok "... nobody waits any more" wait_for 5 nobody_waits
is "... and no unit is left" "$(mx systemctl list-units --all --no-legend 'mtapin-confirm*')" ""

# A session of logind, made by the call that pam_systemd(8) makes for ssh, of a user whose processes are killed.
promised
mx python3 - "mtapin fix ${confirmed_by[*]}; touch /run/said; sleep 600" >>"$lab_run/daemons" 2>&1 <<'END' &
import os, subprocess, sys, time
child = subprocess.Popen(["sh", "-c", "while [ ! -e /run/in-session ]; do sleep 0.1; done; " + sys.argv[1]], start_new_session=True)
call = ["busctl", "call", "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
        "CreateSession", "uusssssussbssa(sv)", "0", str(child.pid), "sshd", "tty", "user", "", "", "0", "", "", "true", "", "192.0.2.1", "0"]
said = subprocess.run(call, stdout=subprocess.PIPE).stdout.decode()
print(said, flush=True)
open("/run/in-session", "w").close()
while not os.path.exists("/run/said"):
    time.sleep(0.1)
session = said.split('"')[1]
print(open("/proc/%d/cgroup" % child.pid).read(), flush=True)
open("/run/scope", "w").write(open("/proc/%d/cgroup" % child.pid).read())
time.sleep(1)
subprocess.run(["loginctl", "terminate-session", session])
subprocess.run(["systemctl", "stop", "session-%s.scope" % session])
END
is_unconfirmed "a session with KillUserProcesses=yes: it"
ok "... it was one" wait_for 20 grep -q 'session-.*[.]scope' "$mx_root/run/scope"
ok "... and nothing of it is left" wait_for 9 not mx pgrep -f '^sh -c while .*in-session'
kept_promise "a session with KillUserProcesses=yes" $seconds $((seconds + 3))

if [ -x "$mx_root/usr/sbin/cron" ]; then
	promised
	printf '@reboot root mtapin fix %s >/run/cron.said 2>&1\n' "${confirmed_by[*]}" >"$mx_root/etc/cron.d/job"
	sed -i '1iPATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin' "$mx_root/etc/cron.d/job"
	mx systemd-run -q --unit=cron --property=KillMode=control-group cron -f
	is_unconfirmed "a cron job: it"
	mx systemctl stop cron
	rm -f "$mx_root/etc/cron.d/job"
	kept_promise "a cron job, and cron is stopped" $seconds $((seconds + 3))
fi

promised
mx systemd-run -q --unit=job sh -c "mtapin fix ${confirmed_by[*]}; sleep 600"
is_unconfirmed "a job that goes on: it"
mx sh -c 'systemctl kill -s TERM job; sleep 1; systemctl kill -s KILL job' 2>/dev/null
ok "... it is over" wait_for 5 gone job.service
kept_promise "TERM, then KILL of the caller's group" $seconds $((seconds + 3))

promised
fix --confirm $seconds
is_unconfirmed
ok "the waiter: a unit of its own" [ "$(unit ActiveState)" = active ]
pid=$(unit MainPID)
mx kill -KILL "$pid"
ok "... killed, it is started again" wait_for 8 eval '[ "$(unit MainPID)" != "$pid" ] && [ "$(unit MainPID)" != 0 ]'
kept_promise "kill -9 of the waiter" $seconds $((seconds + 3))

promised
fix --confirm 3600
is_unconfirmed
mx systemctl stop "mtapin-confirm-$id.service"
kept_promise "TERM to the waiter" 0 8
promised
fix --confirm 3600
is_unconfirmed
ok "confirmed" mx mtapin confirm
ok "... nobody waits any more" wait_for 5 nobody_waits

# A host whose systemd will not have it.
promised
mv "$mx_root/usr/bin/systemd-run" "$mx_root/usr/bin/systemd-run.away"
fix --confirm $seconds --json
is "no systemd-run: exit" "$status" 2
ok "... its id" grep -q '"id": "HOST-NO-WAITER"' "$lab_run/out"
is "... nothing is written" "$(configuration)" "$before"
fix --confirm $seconds --accept HOST-NO-WAITER
is "... accepted: exit" "$status" 0
is_unconfirmed
kept_promise "... by a process of its own" $seconds $((seconds + 3))
mv "$mx_root/usr/bin/systemd-run.away" "$mx_root/usr/bin/systemd-run"

promised
fix --confirm 3600
is_unconfirmed
ended() { [ ! -e "/proc/$mx_pid" ]; }
mx systemctl --no-block poweroff >/dev/null 2>&1
ok "shut down: it ends" wait_for 60 ended
boot && . "$here/transaction.sh"
is "... the old bytes are back by then, or at the boot" "$(configuration)" "$before"
ok "... and that is what history says" grep -q 'rolled-back' <<<"$(mx mtapin history)"
is "... mail leaves as before" "$(lab_sources)" "$old"

promised
fix --confirm 3600
is_unconfirmed
SECONDS=0
inits_reboot
is "power off: it boots again" $? 0
is "... the old bytes are back, $SECONDS s after the power went" "$(configuration)" "$before"
ok "... as history says" [ "$(state_of "$id")" = rolled-back ]
