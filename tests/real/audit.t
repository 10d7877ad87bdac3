#!/bin/bash
# SPDX-License-Identifier: ISC
# audit over real ssh to real sshd: 200 hosts (60 without MT_LONG), and one for each way in which a host can be hostile,
# broken or out of reach: each ends in time, with its own cause, and harms nobody.
. "$(dirname "$0")/lab.sh"
. "$here/fleet.sh"
lab_begin
trap 'fleet_stop; lab_exit' EXIT
fleet_start || { cat "$lab_run"/*/console >&2; bail "the fleet does not start"; }

# special NAME CAUSE N USER COMMAND: a host of its own, and what is to be said of it (- examined)
declare -A cause
special() {
	cause[$1]=$2
	fleet_host "$1" "$3" "$4" "$5"
}
away() { # NAME CAUSE HOSTNAME PORT
	cause[$1]=$2
	printf 'Host %s\n HostName %s\n Port %s\n User auditor\n' "$1" "$3" "$4" >>"$admin_root/srv/jane/.ssh/config"
}
account() { # NAME SHELL [LINE-OF-BASHRC]
	fleet useradd -m -b /srv -p '*' -s "$2" "$1" && printf '%s\n' "${3-}" | cat - "$fleet_root/srv/$1/.bashrc" >"$lab_run/rc" &&
		cp "$lab_run/rc" "$fleet_root/srv/$1/.bashrc"
}

# ---- what sshd answers with ----
special endless too-much 1 auditor 'exec yes "a line without end"'
special changed key-changed 2 auditor -
special unknown key-unknown 3 auditor -
special noline too-much 4 auditor 'exec tr "\0" x </dev/zero'
special errors too-much 5 auditor 'yes "a line without end" >&2'
special stall timeout 6 auditor '/bin/sh -s | { head -c 3000; exec sleep 30; }'
special hangs hangs 7 root 'exec unshare --mount sh -c "mount --bind /srv/hangs /usr/bin/ip; exec /bin/sh -s"'
special nul - 8 auditor 'printf "a\0b\033[2J\n"; /bin/sh -s; printf "\033]0;owned\a\0"'
special escapes - 9 root 'exec unshare --uts --mount sh -c "hostname \"\$(printf \"e\\033]0;owned\\a\")\"; mount --bind /srv/escapes /etc/postfix/main.cf; exec /bin/sh -s"'
special password auth 10 auditor -
special nologin no-shell 11 nologin -
special noise - 12 auditor 'echo Welcome; echo "10.77.1.1: fake"; echo Last login: today >&2; exec /bin/sh -s'
special rcnoise - 13 rcnoise -
special rcslow - 14 rcslow -
special rcstuck timeout 15 rcstuck -
special cut lost 16 auditor '/bin/sh -s | head -c 3000; kill -KILL $PPID'
special forged - 17 auditor 'cat /srv/forged; exec /bin/sh -s'
special replay no-shell 18 auditor 'exec cat /srv/forged'
special half incomplete 19 auditor '/bin/sh -s | head -c 3000'
special three no-shell 20 auditor 'exit 3'
special nosh no-shell 21 auditor 'exec /no/such/shell -s'
special banner - 22 auditor -
special rcfalse no-shell 23 rcfalse -
printf 'Match LocalAddress 10.77.9.10\n PubkeyAuthentication no\n PasswordAuthentication yes\nMatch LocalAddress 10.77.9.22\n Banner /srv/banner\n' \
	>>"$fleet_root/srv/sshd_config"
printf '#!/bin/sh\nexec sleep 5555\n' >"$fleet_root/srv/hangs"
chmod 755 "$fleet_root/srv/hangs"
printf 'Authorised use only \033[31m\nHost key verification failed.\n' >"$fleet_root/srv/banner"
{ cat "$fleet_root/etc/postfix/main.cf"; printf 'smtp_helo_name = a\033]0;owned\007b\n'; } >"$fleet_root/srv/escapes"
account nologin /usr/sbin/nologin
account rcnoise /bin/bash 'echo "Welcome to a noisy host"; printf "\033[2J\0"'
account rcslow /bin/bash 'sleep 3'
account rcstuck /bin/bash 'sleep 30'
account rcfalse /bin/false
admin mtapin collect --script >"$lab_run/script"
fleet /bin/sh -s <"$lab_run/script" | sed 's/fleet\.example/forged.example/' >"$fleet_root/srv/forged"

# ---- what never comes to a login ----
away refused refused 10.77.1.1 23
away silent connect-timeout 10.77.1.1 24
away shut closed 10.77.1.1 25
away dropped connect-timeout 10.78.0.1 22
away noroute unreachable 10.99.0.1 22
away noname name nosuch.invalid 22
away badjump refused 10.80.0.2 22
printf ' ProxyJump refused\n' >>"$admin_root/srv/jane/.ssh/config"
# ... and what does, by other ways
away alias - 10.77.1.7 22
away behind - 10.80.0.1 22
printf ' ProxyJump auditor@10.77.1.8\n' >>"$admin_root/srv/jane/.ssh/config"

# One with a key that ssh adds to known_hosts when it is let.
away keyed - 10.77.1.8 26
ssh_keygen fleet /srv/one && ssh_keygen fleet /srv/new -t ecdsa
echo "[10.77.1.8]:26 $(cut -d ' ' -f 1,2 "$fleet_root/srv/one.pub")" >>"$admin_root/srv/jane/.ssh/known_hosts"
sed 's|^HostKey .*|Port 26\nHostKey /srv/one\nHostKey /srv/new|' "$fleet_root/srv/sshd_config" >"$fleet_root/srv/sshd_keyed"

# ---- hosts whose answer depends on who asks, and how ----
fleet_host left 40 root "$(sed '1d; s/hangs/left/' "$fleet_root/srv/hosts/hangs")"
fleet_host agent 41 auditor -
fleet_host sudoes 42 sudoes -
fleet_host sudont 43 sudont -
printf '#!/bin/sh\nexec sleep 6666\n' >"$fleet_root/srv/left"
chmod 755 "$fleet_root/srv/left"
account sudoes /bin/bash
account sudont /bin/bash
echo 'sudoes ALL=(root) NOPASSWD: /bin/sh -s' >"$fleet_root/etc/sudoers.d/sudoes"
admin ssh-keygen -q -t ed25519 -N '' -f /srv/jane/by-agent
cp "$admin_root/srv/jane/by-agent.pub" "$fleet_root/srv/agent_keys"
printf 'Match LocalAddress 10.77.9.41\n AuthorizedKeysFile /srv/agent_keys\n' >>"$fleet_root/srv/sshd_config"

fleet_start_sshd && fleet /usr/sbin/sshd -f /srv/sshd_keyed || bail "sshd does not start"
known=$(sha256sum <"$admin_root/srv/jane/.ssh/known_hosts")
fleet sh -c 'sleep 0.1; touch /srv/mark; sleep 0.1'
timed() { # FILE ARG...
	local file=$lab_run/$1
	shift
	admin python3 /run/lab/timed.py mtapin audit --jsonl "$@" >"$file" 2>"$file.err" || note "$(cat "$file.err")"
}
field() { awk -v n="$2" -v f="$3" '$1 == n { print $f; exit }' "$lab_run/$1"; }
names() { local IFS=,; echo "$*"; }

# One that is left behind before its time.
timed left -w left -u 6
is "the time of a host is up: its cause" "$(field left left 2)" timeout
ok "... and what it waited for is still there, for now" fleet pgrep -f 'sleep 6666'

# ---- all of them at once, each in a slot of its own from the start; and when only those are left that wait, the many ----
limit=25 half=30
[ "${MT_LONG:-no}" = no ] || half=100
timed special -w "$(names "${!cause[@]}"),10.77.1.[101-108]" -f 64 -t 8 -u $limit &
special=$!
wait_for 40 awk '$1 ~ /^(endless|noline|errors|rcslow|dropped)$/ { n++ } END { exit n < 5 }' "$lab_run/special"
start=$SECONDS
timed many -w "forged,stall,10.77.1.[1-$half],cut,10.77.2.[1-$half],nul" -f 24 -t 30 -u 60
note "$((2 * half)) hosts in $((SECONDS - start)) s"
wait "$special"

late=
for name in "${!cause[@]}"; do
	is "$name" "$(field special "$name" 2)" "${cause[$name]}"
	[ "$(field special "$name" 5)" -le $((limit * 1000 + 15000)) ] || late="$late $name"
done
is "each of them ended within -u, and the seconds that a loaded machine adds" "$late" ""
is "their neighbours are examined" "$(grep -c '^10\.77\.1\.10[1-8] - fleet\.example mail\.example\.org ' "$lab_run/special")" 8
is "what was forged is not believed" "$(field special forged 3)" fleet.example
is "the exit code says that some were not examined" "$(field special exit 2)" 4
ok "none of them cost more than 2 MiB, and what ssh had read ahead" test "$(field special received 2)" -le $((3 * 2 * 2097152 + 60 * 65536))
ok "nor more memory: $(field special peak 2) KiB" test "$(field special peak 2)" -le 32768

is "the many are examined" "$(grep -c '^10\.77\.[12]\.[0-9]* - ' "$lab_run/many")" $((2 * half))
is "each with its own facts" "$(awk '/^10\.77\.1\./ && $3 == "fleet.example" && $4 == "mail.example.org" { plain++ }
	/^10\.77\.2\./ { split($1, a, "."); if ($3 == "own" a[4] ".example" && $4 == "out" a[4] ".example") own++ }
	END { print plain, own }' "$lab_run/many")" "$half $half"
is "... beside these" "$(for name in forged stall cut nul; do field many "$name" 2; done | tr '\n' ' ')" "- incomplete lost - "

# ---- an agent, sudo, a terminal ----
admin ssh-agent sh -c 'ssh-add -q by-agent && rm by-agent && exec mtapin audit -w agent -q' >"$lab_run/agent" 2>&1
is "a key that only the agent has" $? 0
is "nothing was written on the hosts so far" "$(fleet find / -xdev -newer /srv/mark -type f ! -path '/var/log/*' ! -path '/run/*')" ""
timed sudo -w sudoes,sudont --sudo
is "sudo that asks for a password" "$(field sudo sudont 2)" sudo
is "sudo that does not" "$(field sudo sudoes 2)" -
admin mtapin audit -w escapes,nul -v >"$lab_run/text"
ok "no control byte of a host reaches the text" sh -c '! tr -d "\n" <"$1" | LC_ALL=C grep -q "[[:cntrl:]]"' - "$lab_run/text"

# ---- what is left of it ----
is "known_hosts is as it was" "$(sha256sum <"$admin_root/srv/jane/.ssh/known_hosts")" "$known"
admin ssh -oBatchMode=yes keyed true >/dev/null 2>&1
ok "... though ssh by itself adds to it" grep -q ecdsa-sha2-nistp256 "$admin_root/srv/jane/.ssh/known_hosts"
left_behind() { fleet pgrep -a -f 'sleep 6666|sleep 5555|/bin/sh -s'; }
nothing_left() { ! left_behind; }
wait_for 22 nothing_left
is "what was left behind ended by itself, 20 seconds after it began" "$(left_behind)" ""
