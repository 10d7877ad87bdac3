# SPDX-License-Identifier: ISC
# live-lib.sh: a host that lives as long as the test: a root of collector-lib.sh with the program in it, a network of its
# own with addresses, a name server and syslog ($dir/syslog). Sourced after lib.sh and collector-lib.sh; needs python3.
#
# The mail server is a stand-in of Postfix, which is down: what it says of main.cf, no more.
#
# live_start NAME	$root is that host, and its files are those of live_files
# live_files		main.cf and master.cf as they are at first; no transaction was ever made
# mtapin ARG...		as in lib.sh, but there
# live_init INIT	systemd or openrc has booted it: what is asked of it is answered, what it starts runs
# types COMMAND... <STEPS	there, in a terminal; a step is PATTERN, tab, TEXT (terminal.py); $status, $dir/screen
have python3 nsenter || skip_all "needs $have_p"

keeper='root=$1; shift
mkdir -p "$root$builddir" && mount --bind "$builddir" "$root$builddir" && mount --rbind /proc "$root/proc" || exit
for device in null urandom tty; do : >"$root/dev/$device"; mount --bind /dev/$device "$root/dev/$device" || exit; done
echo ready
exec sleep 600'
live_end() {
	# shellcheck disable=SC2046
	kill $(cat "$dir/live.pids") 2>/dev/null
	rm -rf "$dir"
}
ready() { # FILE
	ready_n=200
	until grep -q ready "$1" 2>/dev/null || [ $ready_n = 0 ]; do ready_n=$((ready_n - 1)); sleep 0.05; done
}
live_start() {
	tree "$1" gnu
	: >"$dir/live.pids"
	trap live_end EXIT
	for live_lib in $(libraries "$builddir/mtapin"); do
		mkdir -p "$root${live_lib%/*}"
		[ -e "$root$live_lib" ] || cp "$live_lib" "$root$live_lib"
	done
	[ $modules = no ] || cp -r "$dir/modules" "$root/modules"
	mkdir -p "$root/run" "$root/var/spool/postfix/pid"
	ln -s /shells/dash "$root/usr/bin/sh" && ln -s usr/bin "$root/bin" && ln -s bin "$root/usr/sbin"
	standins
	for live_a in 192.0.2.11 192.0.2.12; do ip addr add $live_a/24 dev mail; done
	ip link set other up
	ip route add unreachable 198.51.100.0/24
	live_zone
	echo 'nameserver 127.0.0.1' >"$root/etc/resolv.conf"
	python3 "$srcdir/tests/cli/world.py" 127.0.0.1 "$dir/zone" "$root/dev/log" "$dir/syslog" >"$dir/world.log" 2>&1 &
	echo $! >>"$dir/live.pids"
	ready "$dir/world.log"
	# The mounts are the keeper's alone: what removes $root does not see them.
	builddir=$builddir unshare -m sh -c "$keeper" keeper "$root" >"$dir/keeper.log" 2>&1 &
	live=$!
	echo $live >>"$dir/live.pids"
	ready "$dir/keeper.log"
	live_files
}
# Which of its addresses are good: .11 is, .12 has another name than the server says.
live_zone() {
	cat >"$dir/zone" <<-'EOF'
		11.2.0.192.in-addr.arpa PTR mail.example.net
		12.2.0.192.in-addr.arpa PTR other.example.net
		mail.example.net A 192.0.2.11
		other.example.net A 192.0.2.12
		!mail.example.net TXT v=spf1 ip4:192.0.2.11 -all
		mail.example.net MX 10 mail.example.net
		12.2.0.192.zen.spamhaus.org A 127.0.0.2
		2.0.0.127.zen.spamhaus.org A 127.0.0.2
	EOF
}
live_files() {
	rm -rf "$root/var/lib/mtapin"
	printf '%s' "$live_main" >"$root/etc/postfix/main.cf"
	printf '%s' "$live_master" >"$root/etc/postfix/master.cf"
}
live_main='# ours
myhostname = mail.example.net
inet_protocols = ipv4
'
live_master='smtp inet n - y - - smtpd
smtp unix - - y - - smtp
relay unix - - y - - smtp
  -o syslog_name=postfix/relay
'
# What they know is defaults, and lines "name = value".
standins() {
	cat >"$root/etc/defaults" <<-'EOF'
		command_directory = /usr/bin
		config_directory = /etc/postfix
		daemon_directory = /usr/bin
		inet_interfaces = all
		inet_protocols = all
		mail_owner = postfix
		mail_version = 3.7.11
		master_service_disable =
		mydestination = $myhostname
		mynetworks = 127.0.0.0/8 192.0.2.0/24
		queue_directory = /var/spool/postfix
	EOF
	cat >"$root/usr/bin/postconf" <<-'EOF'
		#!/shells/dash
		dir=/etc/postfix from=
		while [ $# -gt 0 ]; do
			case $1 in
			-c) dir=$2; shift ;;
			-d) from=/etc/defaults ;;
			-n) exec cat "$dir/main.cf" ;;
			-P*) exit ;;
			-*) ;;
			*) break ;;
			esac
			shift
		done
		for name; do
			value=
			while IFS= read -r line; do
				case $line in "$name ="*) value=${line#*=} ;; esac
			done <<X
		$(cat /etc/defaults ${from:-"$dir/main.cf"})
		X
			[ -z "$value" ] || echo "$name =$value"
		done
	EOF
	printf '#!/shells/dash\necho ok\n' >"$root/usr/bin/postmap"
	printf '#!/shells/dash\nexit 1\n' >"$root/usr/bin/postfix"
	chmod 755 "$root"/usr/bin/post*
}
live_init() {
	case $1 in
	systemd)
		rm -rf "$root/run/openrc"
		mkdir -p "$root/run/systemd/system" "$root/etc/systemd/system"
		cat >"$root/usr/bin/systemctl" <<-'EOF'
			#!/shells/dash
			case $* in
			*is-active*) echo active ;;
			*is-system-running*) echo running ;;
			*LoadState*) echo LoadState=loaded ;;
			esac
		EOF
		printf '#!/shells/dash\nwhile [ "$1" != -- ]; do shift; done\nshift\n"$@" </dev/null >/dev/null 2>&1 &\n' >"$root/usr/bin/systemd-run"
		chmod 755 "$root"/usr/bin/system*
		;;
	openrc)
		rm -rf "$root/run/systemd"
		mkdir -p "$root/run/openrc" "$root/etc/init.d" "$root/etc/runlevels/default"
		: >"$root/run/openrc/softlevel"
		;;
	esac
}
live_there() { nsenter --mount="/proc/$live/ns/mnt" chroot "$root" "$@"; }
mtapin() {
	status=0
	[ $modules = no ] || set -- --backend-dir /modules "$@"
	live_there "$builddir/mtapin" "$@" >"$dir/out" 2>"$dir/err" </dev/null || status=$?
}
types() {
	status=0
	[ $modules = no ] || set -- --backend-dir /modules "$@"
	env -u DEBIAN_FRONTEND TERM=dumb python3 "$srcdir/tests/cli/terminal.py" "${rows:-60}" 80 "$dir/screen" nsenter --mount="/proc/$live/ns/mnt" \
		chroot "$root" "$builddir/mtapin" "$@" || status=$?
}

# ---- a mail server that runs ----
# live_run		it does, and 192.0.2.1 takes mail; $dir/peer has where that came from, $root/told what it was told
# live_down		it does not any more
live_peer='ip link set lo up && ip link set other up && ip addr add 192.0.2.1/24 dev other &&
exec python3 "$srcdir/tests/cli/master.py" 192.0.2.1 "$1"'
live_run() {
	[ -e "$dir/peer" ] || {
		: >"$dir/peer"
		unshare -n sh -c 'echo ready; exec sleep 600' >"$dir/net.log" 2>&1 &
		live_net=$!
		echo $live_net >>"$dir/live.pids"
		ready "$dir/net.log"
		ip link set other netns $live_net
		nsenter --net="/proc/$live_net/ns/net" sh -c "$live_peer" peer "$dir/peer" >"$dir/peer.log" 2>&1 &
		echo $! >>"$dir/live.pids"
		ready "$dir/peer.log"
		cp "$(python3 -c 'import os, sys; print(os.path.realpath(sys._base_executable))')" "$root/usr/bin/master"
		# By the stand-in of postfix(1), which runs where python is not.
		cat >"$root/usr/bin/postfix" <<-'EOF'
			#!/shells/dash
			for verb; do :; done
			echo "postfix $verb" >>/told
			[ $verb = start ] || read -r pid </var/spool/postfix/pid/master.pid
			case $verb in
			start) : >/start ;;
			stop) kill $pid ;;
			reload) kill -HUP $pid ;;
			esac
		EOF
		printf '#!/shells/dash\necho "sendmail $*" >>/told\necho - >/deliver\n' >"$root/usr/bin/sendmail"
		chmod 755 "$root/usr/bin/postfix" "$root/usr/bin/sendmail"
		mkdir -p "$root/var/log"
		: >"$root/var/log/mail.log"
		while sleep 0.05; do
			[ ! -e "$root/start" ] || { rm "$root/start"; live_master; }
		done &
		echo $! >>"$dir/live.pids"
	}
	: >"$root/told"
	live_master
	ready_n=200
	until [ -e "$root/var/spool/postfix/pid/master.pid" ] || [ $ready_n = 0 ]; do ready_n=$((ready_n - 1)); sleep 0.05; done
}
live_master() {
	rm -f "$root/var/spool/postfix/pid/master.pid"
	PYTHONHOME=$(python3 -c 'import sys; print(sys.base_prefix)') "$root/usr/bin/master" "$srcdir/tests/cli/master.py" "$root" MASTER \
		>>"$dir/master.log" 2>&1 &
	echo $! >>"$dir/live.pids"
}
