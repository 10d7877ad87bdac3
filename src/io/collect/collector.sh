# mtapin collector 1: reads, never writes, sends nothing. It is parsed as a whole before any of it runs.
# SPDX-License-Identifier: ISC
mtapin() {

# For good: a redirection of the call would leave copies of the old ones open in the watchdog, and ssh would wait for it.
exec </dev/null 2>/dev/null
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
LC_ALL=C
export PATH LC_ALL
unset CDPATH ENV BASH_ENV GREP_OPTIONS MAIL_CONFIG MAIL_VERBOSE MAIL_DEBUG TZ
set -f
umask 077
N='
'
T='	'
IFS=" $T$N"

# mksh has no built-in printf. An accidental write to a file dies (not in ksh: its $(...) uses files).
if [ -n "${KSH_VERSION-}" ]; then
	w() { print -r -- "$1"; }
else
	w() { printf '%s\n' "$1"; }
	[ -f /dev/stdout ] || [ ! -e /dev/stdout ] || ulimit -f 0
fi 2>/dev/null

n=@NONCE@
redact=@REDACT@
queries=@QUERIES@
quick=@QUICK@

draw() {
	{ read -r x </proc/sys/kernel/random/uuid; } 2>/dev/null || x=
	[ -n "$x" ] || x=$(od -An -N16 -tx1 /dev/urandom </dev/null 2>/dev/null)
	IFS="- $T$N"; set -- $x; IFS=$N
	n=
	for x; do n=$n$x; done
	[ ${#n} -eq 32 ] || exit 1
}

# ---- frames ----

text() { w "$n probe present $1$N$n data -$N$2$N$n end 0"; }
nothing() { w "$n probe $1 $2$N$n end 0"; }
opening() { w "$n probe present $1$N$n data -"; }
closing() { w "$N$n end $1"; }
# The probe $1 is what the command prints that follows, as the row for that name lets it leave.
ran() {
	item=$1
	shift
	if [ -z "$redact" ]; then
		opening "$item"
		"$@" </dev/null 2>/dev/null
		closing $?
	elif row_of "$item" && [ -n "$row" ] && [ "$awk" != none ]; then
		w "$n probe redacted $item$N$n data -"
		{ x=$({ { "$@" </dev/null 2>/dev/null 3>&- 4>&-; echo $? >&3; } | redacted -1 >&4; } 3>&1); } 4>&1
		closing $x
	else
		nothing unasked "$item"
	fi
}

# Where a program is: in $at, "" nowhere.
find_program() {
	IFS=:
	for at in $PATH; do
		at=$at/$1
		[ -x "$at" ] && [ -f "$at" ] && IFS=$N && return 0
	done
	IFS=$N; at=
	return 1
}

# ---- which files: want PATH (its contents), meta PATH (what it is); at most $files_max an instance ----

files=
rows=$N
beyond=
count=0
files_max=40
want() { add c "$1"; }
meta() { add m "$1"; }
add() {
	case $2 in
	*[!\ -~]* | */../* | //*) return ;;
	/*) ;;
	*) return ;;
	esac
	case $N$files in *"$N"[cm]"$2$N"*) return ;; esac
	count=$((count + 1))
	if [ $count -gt $files_max ]; then
		beyond=$beyond$2$N
	elif [ -n "$redact" ] && [ $1 = c ] && row_of "$2" && [ -z "$row" ]; then
		files=${files}m$2$N
	else
		files=$files$1$2$N
		rows=$rows$row$T$b$T$2$N
	fi
}
row=

# What [ -e ] does not find is absent, unless we may not look: in $is. A link that leads back to itself is there and
# cannot be opened, which [ -e ] does not tell from one that leads nowhere.
missing() {
	is=absent type='?'
	[ ! -h "$1" ] || case $(cat "$1" 2>&1 >/dev/null) in
	*'oo many levels of symbolic links' | *'ymbolic link loop') is=failed type=l; return ;;
	esac
	x=${1%/*}
	while [ -n "$x" ] && [ ! -d "$x" ]; do x=${x%/*}; done
	[ -x "${x:-/}" ] || is=denied
}

# One process for all of them. /proc/self is there for our uid and for the time: it was made just now.
stat_all() {
	set --
	for x in $files; do
		[ -e "${x#?}" ] && set -- "$@" "${x#?}"
	done
	listing=$(stat -L -c '%f %u %g %h %Y %s %n' /proc/self "$@" </dev/null 2>/dev/null)
	[ -n "$listing" ] || listing=$(ls -lLnd -- "$@" </dev/null 2>/dev/null)
}

# "81a4 0 0 1 1700000000 1338 /etc/postfix/main.cf"
parse_stat() {
	mode=$((0x$1)) uid=$2 gid=$3 links=$4 mtime=$5 size=$6
	case $((mode / 4096)) in
	8) type=f ;;
	4) type=d ;;
	1) type=p ;;
	12) type=s ;;
	2) type=c ;;
	6) type=b ;;
	*) type='?' ;;
	esac
	mode=$((mode / 512 % 8))$((mode / 64 % 8))$((mode / 8 % 8))$((mode % 8))
}

# "-rw-r--r-- 1 0 0 1338 Nov 24 03:37 /etc/postfix/main.cf"; special bits and the time are not told
parse_ls() {
	links=$2 uid=$3 gid=$4 size=$5 mtime=- mode=
	case $1 in -*) type=f ;; d*) type=d ;; p*) type=p ;; s*) type=s ;; c*) type=c ;; b*) type=b ;; *) type='?' ;; esac
	x=${1#?}
	for y in 1 2 3; do
		z=0
		case $x in r*) z=4 ;; esac
		case $x in ?w*) z=$((z + 2)) ;; esac
		case $x in ??[xst]*) z=$((z + 1)) ;; esac
		mode=$mode$z
		x=${x#???}
	done
}

# A line of either.
parse() {
	case $1 in ?[r-][w-]*) parse_ls "$@" ;; *) parse_stat "$@" ;; esac
}

budget=@BUDGET@
contents() {
	is=present why=
	if [ ! -r "$1" ]; then
		is=denied
	elif [ $type = d ]; then
		return
	elif [ $type != f ]; then
		is=failed
	elif [ $kind = m ]; then
		is=unasked
	elif [ $size -gt @ITEM@ ] || [ $size -gt $budget ]; then
		is=too-big
	else
		budget=$((budget - size))
		[ -z "$redact" ] || is=redacted
		[ $is$awk != redactednone ] || is=failed why='there is no awk to redact it with'
	fi
}

# Raw contents of all files come in one go, with $mark between them: sed would add newlines there.
send_bytes() {
	if [ -n "$redact" ]; then
		w "$n data $size"
		row_for "$1"
		redacted $size <"$1"
		w ''
	elif [ -n "$mark" ]; then
		w "$n later"
		batch=$batch$1$N$boot_id$N
	else
		w "$n data $size"
		head -c $((size + 1)) "$1" </dev/null 2>/dev/null
		w ''
	fi
}
boot_id=/proc/sys/kernel/random/boot_id
batch=
send_batch() {
	[ -n "$batch" ] || return
	w "$n batch $mark"
	cat $batch </dev/null 2>/dev/null
	w "$n end"
}

send() {
	contents "$1"
	w "$n file $type $is $mode $uid $gid $links $mtime $size $1"
	[ ! -h "$1" ] || w "$n link $(readlink -f "$1" </dev/null 2>/dev/null)"
	[ -z "$why" ] || w "$n why $why"
	case $type$is in fpresent | fredacted) send_bytes "$1" ;; esac
	w "$n end"
	seen "$1"
}

# Backends that need to know who owns what say so here.
seen() {
	case $N$owners in *"$N$1$N"*) owned=$owned$1$T$uid$N ;; esac
}
owners=
owned=

send_all() {
	{ read -r mark <$boot_id; } 2>/dev/null || mark=
	for line in $listing; do
		path=/${line#*/}
		case $path in /proc/self) continue ;; esac
		IFS=' '; parse $line; IFS=$N
		kind=c
		case $N$files in *"${N}m$path$N"*) kind=m ;; esac
		send "$path"
	done
	for x in $files; do
		path=${x#?}
		case $listing$N in *" $path$N"*) continue ;; esac
		missing "$path"
		[ ! -e "$path" ] || is=failed
		w "$n file $type $is - - - - - - $path"
		[ ! -h "$path" ] || w "$n link $(readlink "$path" </dev/null 2>/dev/null)"
		w "$n end"
	done
	for path in $beyond; do
		w "$n file ? unasked - - - - - - $path$N$n why more than $files_max files of this instance$N$n end"
	done
	send_batch
}

host_frame() {
	time=- self=
	case $listing in
	*' /proc/self'*)
		line=${listing%%$N*}
		IFS=' '; set -- $line; IFS=$N
		self=$2 time=$5
		;;
	*)
		time=$(date +%s </dev/null 2>/dev/null)
		;;
	esac
	{ read -r name </proc/sys/kernel/hostname; } 2>/dev/null || name=
	[ -n "$name" ] || { read -r name </etc/hostname; } 2>/dev/null
	x=raw
	[ -z "$redact" ] || x=redacted
	w "$n host ${time:--} $x $name"
}

# ---- what may leave: rows of the backends (mtapin/redact.h); every other byte becomes '*' ----

@ROWS@
redactor='@REDACTOR@'
awk=none

# The row that path $1 of this backend was wanted by: in $row and $b.
row_for() {
	x=${rows%%"$T$1$N"*}
	x=${x##*"$N"}
	row=${x%%"$T"*}
	b=${x#*"$T"}
}

# Standard input as $row lets it leave; $1: bytes of it, -1 not known.
redacted() {
	set_row $row
	set_backend $b
	x=${followed##*"$N$b$T"}
	[ "$x" != "$followed" ] || x=
	# To the awk of busybox a NUL ends a line.
	if [ "$awk" = busybox ]; then tr '\000' '*' | starred "$1"; else starred "$1"; fi
}
starred() {
	awk -v gather= -v "size=$1" -v "secret=$secret" -v "marks=$marks" -v "syntax=$syntax" -v "goes=$goes" \
		-v "columns=$columns" -v "keep=$keep" -v "prefixes=$prefixes" -v "cut=$cut" -v "hides=$hides" \
		-v "shows=$shows" -v "extra=${x%%"$N"*}" "$redactor" 2>/dev/null
}

# What values that leave name, of all files of this backend whose rows follow: in $followed, a line a backend.
followed=$N
follow() {
	set --
	for line in $listing; do
		path=/${line#*/}
		case $rows in *"$T$b$T$path$N"*) ;; *) continue ;; esac
		IFS=' '; parse $line; IFS=$N
		row_for "$path"
		set_row $row
		[ -n "$follows" ] && [ $type = f ] && [ "$size" -le @ITEM@ ] || continue
		set -- "$@" "syntax=$syntax" "goes=$goes" "columns=$columns" "keep=$keep" "prefixes=$prefixes" \
			"cut=$cut" "hides=$hides" "$path"
	done
	[ $# -gt 0 ] || return
	set_backend $b
	x=
	for y in $(awk -v gather=1 -v "secret=$secret" "$redactor" "$@" </dev/null 2>/dev/null); do x="$x $y"; done
	followed=$followed$b$T$x$N
}

# ---- the network ----

hops=
hop_count=0
# A literal next hop: which source would the kernel take for it? One word that is no address, and ip ends without an
# answer to any question behind it.
hop() {
	case $1 in
	0.0.0.0 | :: | *::ffff:*) return 1 ;;
	*:*:*) is_ipv6 "$1" || return ;;
	*) is_ipv4 "$1" || return ;;
	esac
	case $N$hops in *"$N$1$N"*) return ;; esac
	[ $hop_count -lt 16 ] || return 0
	hop_count=$((hop_count + 1))
	hops=$hops$1$N
}

# Four numbers up to 255; ip would take 010 for 8.
is_ipv4() {
	case $1 in
	*[!0-9.]* | .* | *. | *..* | *.*.*.*.*) return 1 ;;
	*.*.*.*) ;;
	*) return 1 ;;
	esac
	IFS=.; set -- $1; IFS=$N
	for octet; do
		case $octet in
		[0-9] | [1-9][0-9] | 1[0-9][0-9] | 2[0-4][0-9] | 25[0-5]) ;;
		*) return 1 ;;
		esac
	done
}

# Eight groups of up to four digits; "::" stands, once, for at least one; an IPv4 address may be the last two.
is_ipv6() {
	group=$1
	case $group in
	*.*)
		octet=${group##*:}
		group=${group%"$octet"}0:0
		is_ipv4 "$octet" || return
		;;
	esac
	case $group in
	*[!0-9a-fA-F:]* | *:::* | *::*::* | :[!:]* | *[!:]: | *[!:][!:][!:][!:][!:]*) return 1 ;;
	*::*) octet=7 ;;
	*) octet=8 ;;
	esac
	IFS=:; set -- $group; IFS=$N
	group=0
	for digits; do [ -z "$digits" ] || group=$((group + 1)); done
	[ $group -eq $octet ] || { [ $octet = 7 ] && [ $group -lt 7 ]; }
}

names=
name_count=0
# A host name in the configuration: what does it resolve to here?
resolve() {
	case $1 in '' | *[!A-Za-z0-9._-]* | -*) return ;; esac
	case $1 in *[!0-9.]*) ;; *) return ;; esac
	case $N$names in *"$N$1$N"*) return ;; esac
	[ $name_count -lt 8 ] || return
	name_count=$((name_count + 1))
	names=$names$1$N
}

ask() { questions="$questions$1${N}link show dev lo$N"; }
ask_source() {
	[ -z "$mta_uid" ] || ask "route get $1 uid $mta_uid"
	ask "route get $1"
}

ip_batch() {
	questions=
	ask 'addr show'
	ask 'addr show up'
	for x in $anywhere$hops; do ask_source "$x"; done
	ask 'rule show'
	ask 'route show table all'
	opening ip
	w "$questions"
	if few_routes; then
		w "$questions" | ip -o -force -batch - 2>/dev/null
	else
		w "$questions" | ip -o -force -batch - 2>/dev/null | head -c 200000
	fi
	closing 0
	[ -n "$quick" ] || [ -z "$has_ipv6" ] || ip_probe rule6 -6 rule show
}

# A router's table would not fit into the bundle.
few_routes() {
	z=0
	while IFS=' ' read -r x y; do
		case $x in *Prefixes:) z=$((z + y)) ;; esac
	done </proc/net/fib_triestat
	[ $z -gt 0 ] || return
	{ IFS=' ' read -r x x x x y </proc/net/rt6_stats; } 2>/dev/null && z=$((z + 0x$x))
	[ $z -lt 1000 ]
}

ip_probe() {
	opening $1
	shift
	ip "$@" </dev/null 2>/dev/null
	closing $?
}

# busybox
ip_singly() {
	ip_probe addr addr
	ip_probe rule rule
	ip_probe route route show table all
	opening source
	for x in $anywhere$hops; do
		w "> $x -"
		ip route get $x </dev/null 2>/dev/null
	done
	closing 0
}

proc_probe() {
	[ -r $2 ] || { nothing absent $1; return; }
	opening $1
	head -c 200000 $2 </dev/null 2>/dev/null
	closing $?
}

# One program under many names?
is_applet() {
	for x in busybox sed cat; do
		! find_program $x || [ ! "$1" -ef "$at" ] || return 0
	done
	return 1
}

addresses() {
	anywhere=198.41.0.4$N
	has_ipv6=
	{ read -r x </proc/net/if_inet6; } 2>/dev/null && has_ipv6=1 && anywhere=${anywhere}2001:503:ba3e::2:30$N
	if find_program ip; then
		if is_applet "$at"; then ip_singly; else ip_batch; fi
		return
	fi
	proc_probe addr.proc /proc/net/fib_trie
	proc_probe addr6.proc /proc/net/if_inet6
	proc_probe route.proc /proc/net/route
	proc_probe route6.proc /proc/net/ipv6_route
}

# One process looks for sockets (listening ones, and connections to remote ports 25, 465, 587; /proc shows
# the listening first) and for IP addresses in the files that are wanted.
scan_all() {
	set --
	for x in $files; do
		case $x in c*) [ ! -r "${x#c}" ] || [ ! -f "${x#c}" ] || set -- "$@" "${x#c}" ;; esac
	done
	scan=$(grep -HE -m 1000 \
		'^ *[0-9]+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:(0000 0A|0019 ..|01D1 ..|024B ..) |[0-9]\.[0-9]+\.[0-9]+\.[0-9]|\[[^]]*:' \
		/proc/net/tcp /proc/net/tcp6 "$@" </dev/null 2>/dev/null)
	for line in $scan; do
		case $line in /proc/net/tcp* | *:[\#]* | *:[\ $T][\#]*) continue ;; esac
		# HOST, HOST:PORT, KEY:HOST, KEY:HOST:PORT
		IFS=" $T,=[]|"
		for x in ${line#*:}; do
			case $x in *[0-9].*.*.* | *:*:*) ;; *) continue ;; esac
			y=${x#*:}
			hop "$x" || hop "$y" || hop "${y%:*}" || hop "${x%:*}"
		done
		IFS=$N
	done
}

sockets() {
	[ -r /proc/net/tcp ] || { nothing failed tcp; return; }
	opening tcp
	for line in $scan; do
		case $line in /proc/net/tcp*) w "$line" ;; esac
	done
	closing 0
}

# No connection tracking in the kernel: no NAT, and no tool of it is started (which would load it).
nat() {
	if [ -d /sys/module/kernel ] && [ ! -d /sys/module/nf_conntrack ]; then
		text nat ''
	elif [ "$self" != 0 ]; then
		nothing denied nat
	elif find_program nft; then
		opening nat
		nft list ruleset </dev/null 2>&1 | grep -iE -m 20 '[^a-z]snat|masquerade|not permitted'
		closing 0
	elif find_program iptables-save; then
		opening nat
		iptables-save -t nat </dev/null 2>&1 | grep -iE -m 20 '[^a-z]snat|masquerade|not permitted'
		closing 0
	else
		nothing failed nat
	fi
}

lookups() {
	[ -n "$names" ] || return
	find_program getent || { nothing unasked names; return; }
	limit=
	! timeout 4 true </dev/null 2>/dev/null || limit="timeout${N}4$N"
	lines=
	for name in $names; do
		found=
		for x in $(${limit}getent ahosts "$name" </dev/null 2>/dev/null); do
			case $x in
			*STREAM*)
				found=1
				lines="$lines$name ${x%%[ $T]*}$N"
				;;
			esac
		done
		[ -n "$found" ] || lines="$lines$name -$N"
	done
	text names "$lines"
}

# ---- what kind of host ----

fact() { lines="$lines$1 $2$N"; }
there() { [ ! -e "$2" ] || fact "$1" "$2"; }

init() {
	lines=
	{ read -r x </proc/1/comm; } 2>/dev/null && fact pid1 "$x"
	there systemd /run/systemd/system
	there openrc /run/openrc/softlevel
	there runit /run/runit.stopit
	there sysvinit /run/initctl
	there supervise /service
	there supervise /etc/service
	{ read -r x </run/systemd/container; } 2>/dev/null && fact container "$x"
	[ ! -e /.dockerenv ] || fact container docker
	[ ! -e /run/.containerenv ] || fact container podman
	[ ! -d /proc/vz ] || [ -d /proc/bc ] || fact container openvz
	text init "$lines"
}

# Who regenerates mail configuration (data/owners.tsv); "maybe:" are those that only may.
owner() {
	lines=
@OWNERS@
	text owner "$lines"
}

# A process: comm, start (clock ticks since boot), and whether its network is ours, as lines. A zombie is none: it has
# ended, and whoever started it has not asked how.
process() {
	lines="pid $1$N"
	{ read -r x <"/proc/$1/stat"; } 2>/dev/null || return 1
	y=${x#*\(}
	comm=${y%\)*}
	IFS=' '; set -- "$1" ${x##*\) }; IFS=$N
	case $2 in Z | X) return 1 ;; esac
	fact comm "$comm"
	fact start "${21}"
	if [ -e "/proc/$1/ns/net" ]; then
		x=other
		[ ! "/proc/$1/ns/net" -ef "/proc/$$/ns/net" ] || x=same
		fact netns $x
	fi
}

backends=@BACKENDS@
@FRAGMENTS@

# ---- the run ----

# Nothing may outlive its 20 seconds, whoever waits for it, or does no longer. The status says that this was it.
watchdog() {
	trap 'kill $s; exit 0' TERM
	sleep @SECONDS@ &
	s=$!
	wait $s
	trap '' TERM
	kill -TERM -$$ || kill -TERM $$
	sleep 1
	kill -KILL -$$ || kill -KILL $$
}

[ -n "$n" ] || draw
IFS=$N
dog=
if [ -z "$quick" ]; then
	watchdog >/dev/null &
	dog=$!
	trap 'exit 75' TERM
fi
mta_uid= self=
w "$n begin mtapin 1"
if [ -n "$redact" ] && find_program awk; then
	awk=any
	! is_applet "$at" || awk=busybox
fi
for b in $backends; do
	count=0 files_max=40
	set_backend $b
	${b}_find
done
scan_all
stat_all
host_frame
if [ -n "$redact" ]; then
	for b in $backends; do follow; done
fi
send_all
for b in $backends; do ${b}_ask; done
addresses
sockets
nat
init
owner
lookups
w "$n done"
if [ -n "$dog" ]; then
	kill $dog
	wait $dog
fi
}
mtapin
exit
