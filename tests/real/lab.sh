# SPDX-License-Identifier: ISC
# lab.sh: a mail host with a real Postfix, and the rest of the world; for tests/real/*.t and scripts/.
#
# Sourced by bash. Needs root, the tree .lab/root and, for `mtapin`, the installed .lab/prefix
# (scripts/test and scripts/demo make both). Two hosts, each a copy (overlay) of that tree in mount,
# pid, uts, ipc and network namespaces of its own, which have no names and end with this shell:
#
#	mx	192.0.2.10-12/24, 2001:db8::10-12/64 on eth0, default routes by the peer; Postfix;
#		filter on 127.0.0.1:10024 (answers 554 to every other peer), LMTP on 127.0.0.1:10025
#	peer	192.0.2.1, 2001:db8::1; DNS (dnsmasq.conf names the domains); a sink on port 25, 587, 2525
#
#	lab_start [OVERLAY]		boot both, default configuration (default/), Postfix running; OVERLAY for mx, see host_boot
#	lab_reset [NAME=VALUE...]	addresses, routes, configuration and queue as at the start, with
#					these settings in main.cf; Postfix running, logs and records empty
#	lab_stop			also done at exit
#	mx COMMAND..., peer COMMAND...	run there as root; mx_user COMMAND... as an ordinary user
#	$mx_root, $peer_root		their trees as seen from here: "$mx_root/etc/postfix/main.cf"
#	lab_set NAME VALUE		a line of main.cf (replaced or added), dated back
#	lab_option SERVICE NAME VALUE	an -o of a client service of type unix in master.cf
#	lab_aged			date main.cf and master.cf back: Postfix dozes over newer ones
#	lab_postfix start|stop|reload|restart
#	lab_send RECIPIENT [SENDER]	one mail by sendmail(1), not as root; prints its Message-ID
#	lab_inject PORT RECIPIENT	the same by SMTP to 127.0.0.1:PORT
#	lab_outcome ID [SECONDS]	"192.0.2.10" (the peer that the sink saw), "bounced 5.4.4",
#					"deferred 4.4.0", "nothing" (after SECONDS, 150)
#	lab_mail RECIPIENT [SENDER]	both
#	lab_sources			outcomes for an IPv4-only and an IPv6-only MX: "192.0.2.10 2001:db8::12"
#	lab_field ID NAME		peer, helo, from, port of the record of that message
#	lab_state			bytes, inode, mode, owner, mtime of everything below /etc/postfix
#
# TAP as in tap.sh; the plan is printed at exit.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
. "$here/../../scripts/lib/common.sh"
. "$top/scripts/lib/root.sh"
. "$here/tap.sh"
lab_run=
# A setting in seconds that a test waits out (--confirm, --observe) is multiplied by this: 1 on a quiet machine, up to
# 5 on one where booting the lab took long.
pace=1
mx_pid= mx_root= peer_pid= peer_root=
mx_environment=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C)

# ---- hosts ----
inside() {
	local pid=$1
	shift
	nsenter -t "$pid" -m -u -i -n -p -- env -i "${mx_environment[@]}" "$@"
}
mx() { inside "$mx_pid" "$@"; }
peer() { inside "$peer_pid" "$@"; }
mx_user() { mx setpriv --reuid=33 --regid=33 --clear-groups "$@"; }

# A rest without a process of its own: many tests wait side by side.
rest() { read -r -t "$1" -u "$never" || :; }
exec {never}<> <(:)

# wait_for SECONDS COMMAND...: until it succeeds. A quiet machine needs SECONDS at the most; one that others
# load gets as many times that as a wait that succeeds does not cost.
wait_for() {
	local end=$((SECONDS + $1 * 8))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		rest 0.1
	done
}

# host_boot NAME HOSTNAME [OVERLAY]: boot one host; it dies with this shell. Its pid is left in
# $lab_run/NAME/pid. OVERLAY is a name of scripts/lib/overlays.sh.
host_boot() {
	local dir=$lab_run/$1
	mkdir -p "$dir/disk"
	(cd "$dir" && exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --uts --ipc --net --cgroup \
		bash "$here/boot.sh" "$2" "$root" ${3:+"$lab/overlays/$3"}) </dev/null >"$dir/console" 2>&1 &
	wait_for 20 test -s "$dir/pid" || { cat "$dir/console" >&2; return 1; }
	wait_for 20 test -e "/proc/$(<"$dir/pid")/root/run/ready" || { cat "$dir/console" >&2; return 1; }
}

# ---- network ----
net() {
	local pid=$1
	shift
	nsenter -t "$pid" -n "$@"
}
peer_network() {
	net "$peer_pid" sh -e -c '
		echo 0 | tee /proc/sys/net/ipv6/conf/*/accept_dad >/dev/null
		ip link add eth0 type veth peer name eth0 netns "$1"
		ip link set lo up
		ip link set eth0 up
		for a in 198.51.100.25/32 203.0.113.25/32 2001:db8:25::25/128 2001:db8:26::25/128; do ip addr add "$a" dev lo; done
		ip addr add 192.0.2.1/24 dev eth0
		ip addr add 2001:db8::1/64 dev eth0 nodad' - "$mx_pid"
}
mx_network() {
	net "$mx_pid" sh -e -c '
		echo 0 | tee /proc/sys/net/ipv6/conf/*/disable_ipv6 /proc/sys/net/ipv6/conf/*/accept_dad >/dev/null
		ip link set lo up
		ip link set eth0 up
		ip addr flush dev eth0 scope global
		for a in 192.0.2.10/24 192.0.2.11/24 192.0.2.12/24; do ip addr add "$a" dev eth0; done
		for a in 2001:db8::10/64 2001:db8::11/64 2001:db8::12/64; do ip addr add "$a" dev eth0 nodad; done
		ip route replace default via 192.0.2.1
		ip -6 route replace default via 2001:db8::1'
}

# ---- services around Postfix ----
# daemon PID COMMAND...: in the background there, without our descriptors.
daemon() { inside "$@" </dev/null >>"$lab_run/daemons" 2>&1 & }

peer_start() {
	daemon "$peer_pid" dnsmasq --keep-in-foreground --conf-file=/run/lab/dnsmasq.conf
	daemon "$peer_pid" python3 /run/lab/sink.py /run/record '[::]:25' '[::]:587' '[::]:2525'
	wait_for 10 listening "$peer_pid" 25 && wait_for 10 listening "$peer_pid" 53
}
world_start() {
	daemon "$mx_pid" python3 /run/lab/sink.py /run/record --only 127.0.0.1 127.0.0.1:10024
	daemon "$mx_pid" python3 /run/lab/sink.py /run/record 127.0.0.1:10025
	peer_start && wait_for 10 listening "$mx_pid" 10024 && wait_for 10 listening "$mx_pid" 10025
}
# A TCP port that is listened on in the network of PID, at any address.
listening() {
	local port four six
	printf -v port %04X "$2"
	mapfile -d '' -t four 2>/dev/null <"/proc/$1/net/tcp" && mapfile -d '' -t six 2>/dev/null <"/proc/$1/net/tcp6" || return
	[[ ${four[0]}${six[0]} =~ :$port\ [0-9A-F:]*\ 0A\  ]]
}

# ---- Postfix ----
# mx_files: what the host's tree needs besides the packages; the tree may be one that does not run yet.
mx_files() {
	printf '192.0.2.10 mail.example.org mail\n127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' >"$mx_root/etc/hosts"
	echo 'nameserver 192.0.2.1' >"$mx_root/etc/resolv.conf"
	echo mail.example.org >"$mx_root/etc/mailname"
	mkdir -p "$mx_root/usr/local"
	[ ! -d "$prefix" ] || cp -a "$prefix/." "$mx_root/"
	lab_configuration
}
mx_prepare() {
	mx_files
	# As `postfix start` does: what the chrooted services read, folders of the queue that are missing.
	mx sh -c 'newaliases && /usr/lib/postfix/configure-instance.sh - && postfix check' >>"$lab_run/daemons" 2>&1
}
lab_configuration() {
	local etc=$mx_root/etc/postfix
	find "$etc" -mindepth 1 -maxdepth 1 ! -name 'postfix-*' ! -name 'dynamicmaps*' ! -name sasl ! -name post-install ! -name makedefs.out \
		-exec chattr -i {} + -exec rm -rf {} + 2>/dev/null
	cp "$here/default/main.cf" "$here/default/master.cf" "$etc/"
	chmod 644 "$etc/main.cf" "$etc/master.cf"
	lab_aged
}
lab_aged() { touch -h -d '60 seconds ago' "$mx_root"/etc/postfix/main.cf "$mx_root"/etc/postfix/master.cf; }
lab_set() {
	local file=$mx_root/etc/postfix/main.cf
	sed -i "/^$1[ \t]*=/d" "$file"
	printf '%s = %s\n' "$1" "$2" >>"$file"
	lab_aged
}
lab_option() {
	mx postconf -P "$1/unix/$2=$3" && lab_aged
}
# The daemon itself as seen by its lock; stop it even where the postfix command refuses. It is over when none of its
# children is left: one that it was just about to start holds its lock or its port for a moment.
mx_stop() {
	mx sh -c 'read -r p </var/spool/postfix/pid/master.pid && kill "$p" || exit 0
		n=0
		while { [ -e "/proc/$p" ] || pgrep -g "$p" >/dev/null; } && [ $n -lt 600 ]; do sleep 0.05; n=$((n + 1)); done' 2>/dev/null
}
lab_postfix() {
	case $1 in
	restart) mx_stop && mx_start ;; # without what the postfix command looks at and waits for
	*) mx postfix "$1" >>"$lab_run/daemons" 2>&1 ;;
	esac
}
mx_start() { mx /usr/lib/postfix/sbin/master -w >>"$lab_run/daemons" 2>&1; }

# lab_begin: the scratch folder, which goes with this shell.
lab_begin() {
	root_allowed
	[ -e "$root_stamp" ] || bail "$root is not there: run scripts/test or scripts/demo once"
	lab_run=$lab/run/$$
	rm -rf "$lab_run"
	mkdir -p "$lab_run"
	trap lab_exit EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}
lab_start() {
	local begin=$SECONDS
	lab_begin
	host_boot mx mail.example.org "${1-}" && host_boot peer sink.example || return
	mx_pid=$(<"$lab_run/mx/pid") mx_root=/proc/$mx_pid/root
	peer_pid=$(<"$lab_run/peer/pid") peer_root=/proc/$peer_pid/root
	peer_network && mx_network && mx_prepare && world_start && mx_start && lab_pace "$begin"
}
lab_pace() {
	pace=$((1 + (SECONDS - $1) / ${2:-8})) && pace=$((pace > 5 ? 5 : pace))
	lab_settings
}
# No mtapin.conf; but where all takes longer, more time than usual for a restart.
lab_settings() {
	rm -f "$mx_root/etc/mtapin.conf"
	[ "$pace" = 1 ] || [ ! -d "$prefix" ] || echo "service_timeout = $((30 * pace))" >"$mx_root/etc/mtapin.conf"
}
lab_reset() {
	mx_stop
	lab_configuration
	mx_network
	mx sh -c 'cd /var/spool/postfix && find active bounce corrupt defer deferred hold incoming maildrop saved trace -type f -delete
		rm -f /var/log/mail.log /var/log/syslog; rm -rf /var/lib/mtapin/* /var/mail/*; : >/run/record'
	: >"$peer_root/run/record"
	local setting
	for setting; do lab_set "${setting%%=*}" "${setting#*=}"; done
	mx_start || {
		note "Postfix does not start"
		tap_explain
	}
}
lab_stop() {
	[ -z "$mx_pid" ] || kill -KILL "$mx_pid" 2>/dev/null
	[ -z "$peer_pid" ] || kill -KILL "$peer_pid" 2>/dev/null
	mx_pid= peer_pid=
	wait 2>/dev/null
	[ -z "$lab_run" ] || rm -rf "$lab_run"
}
lab_exit() {
	local status=$?
	trap - EXIT HUP INT TERM
	lab_stop
	[ "$tap_count" = 0 ] || tap_end || status=1
	exit "$status"
}

# ---- mail ----
lab_send() {
	local id status=0
	id=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')@mail.example.org
	printf 'Message-ID: <%s>\nSubject: lab\nFrom: <%s>\nTo: <%s>\n\nlab\n' "$id" "${2:-user@mail.example.org}" "$1" |
		mx_user sendmail -f "${2:-user@mail.example.org}" "$1" >>"$lab_run/daemons" 2>&1 || status=$?
	[ "$status" = 0 ] && echo "$id" || echo "refused-$status"
}
lab_inject() {
	local id status=0
	id=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')@mail.example.org
	mx timeout 20 bash -c '
		exec 3<>"/dev/tcp/127.0.0.1/$1" || exit
		reply() { while read -r line <&3; do case $line in [23]??\ *) return 0 ;; [45]??\ *) exit 1 ;; esac; done; exit 1; }
		reply
		for command in "HELO injector" "MAIL FROM:<user@mail.example.org>" "RCPT TO:<$2>" DATA \
			"Message-ID: <$3>"$'"'\r\n'"'"Subject: lab"$'"'\r\n\r\n.'"' QUIT; do
			printf "%s\r\n" "$command" >&3
			reply
		done' - "$1" "$2" "$id" >>"$lab_run/daemons" 2>&1 || status=$?
	[ "$status" = 0 ] && echo "$id" || echo "refused-$status"
}
lab_field() {
	grep -h -F "\"message_id\": \"$1\"" "$peer_root/run/record" "$mx_root/run/record" 2>/dev/null |
		sed -n "s/.*\"$2\": \"\{0,1\}\([^\",]*\).*/\1/p" | head -n 1
}
# What Postfix's log says of a message: "bounced 5.4.4", "deferred 4.4.0"; nothing yet: fails.
lab_logged() {
	awk -v id="$1" '
		index($0, "message-id=<" id ">") { for (i = 1; i < NF; i++) if ($i ~ /^message-id=/ || $(i + 1) ~ /^message-id=/) { q = $i; break } }
		q && index($0, q " to=<") && /status=(bounced|deferred)/ {
			dsn = status = $0
			sub(/.*dsn=/, "", dsn); sub(/,.*/, "", dsn)
			sub(/.*status=/, "", status); sub(/ .*/, "", status)
			last = status " " dsn
		}
		END { if (last == "") exit 1; print last }' "$mx_root/var/log/mail.log" 2>/dev/null
}
# Is there anything to look at: a record of it, or a delivery that failed? Asked ten times a second, without a process.
lab_news() {
	local file text
	for file in "$peer_root/run/record" "$mx_root/run/record"; do
		mapfile -d '' -t text 2>/dev/null <"$file" && [[ ${text[0]-} == *"$1"* ]] && return
	done
	mapfile -d '' -t text 2>/dev/null <"$mx_root/var/log/mail.log" &&
		[[ ${text[0]-} == *status=bounced* || ${text[0]-} == *status=deferred* ]]
}
lab_outcome() {
	local id=$1 end=$((SECONDS + ${2:-150})) got
	case $id in refused-*) echo "refused ${id#refused-}"; return ;; esac
	while [ "$SECONDS" -lt "$end" ]; do
		got=
		if lab_news "$id"; then
			got=$(lab_field "$id" peer)
			[ -n "$got" ] || got=$(lab_logged "$id")
		fi
		if [ -n "$got" ]; then
			echo "$got"
			return
		fi
		rest 0.1
	done
	echo nothing
}
lab_mail() { lab_outcome "$(lab_send "$@")"; }
lab_sources() {
	local four six
	four=$(lab_send user@v4.example) six=$(lab_send user@v6.example)
	echo "$(lab_outcome "$four") $(lab_outcome "$six")"
}
# What is left to read of a test that failed elsewhere is its log.
tap_explain() {
	[ -n "$mx_pid" ] && [ -d "$mx_root/etc/postfix" ] || return 0
	{
		echo "load $(</proc/loadavg), pace $pace"
		mx timeout 20 mailq | grep . | tail -n 12
		for file in "$mx_root/var/log/mail.log" "$mx_root/run/record" "$peer_root/run/record" "$lab_run/daemons"; do
			[ ! -s "$file" ] || { echo "the end of ${file#/proc/}:" && tail -n 16 "$file"; }
		done
	} 2>&1 | cut -c 1-240 | sed 's/^/#   /'
}
lab_state() {
	(cd "$mx_root/etc/postfix" && find . -printf '%p %y %m %U:%G %i %n %T@ %l\n' | sort && find . -type f -exec sha256sum {} + | sort)
}
