# Every instance: its files, the tables that choose transports, what postconf computes, its master.
# SPDX-License-Identifier: ISC
#
# The lists of parameters are those of parameters.tsv: $postfix_names is asked of postconf, $postfix_tables may name
# tables, $postfix_ends are ends of such names.

postfix_asked=
postfix_dirs=
postfix_user=

# A word of a value. A type and a name: text is read, the rest is only named, and asked when there are queries.
postfix_word() {
	x=${1#!}
	x=${x#proxy:}
	case $x in
	\$config_directory/*) x=$d/${x#*/} ;;
	\$\{config_directory\}/*) x=$d/${x#*/} ;;
	*:\$config_directory/*) x=${x%%:*}:$d/${x#*/} ;;
	*:\$\{config_directory\}/*) x=${x%%:*}:$d/${x#*/} ;;
	esac
	case $x in
	hash:/* | btree:/* | lmdb:/* | cdb:/* | dbm:/* | sdbm:/*)
		want "${x#*:}"
		postfix_index
		postfix_query "$x"
		;;
	texthash:/*) want "${x#*:}" ;;
	regexp:/* | pcre:/* | cidr:/*)
		want "${x#*:}"
		postfix_query "$x"
		;;
	/*) [ -d "$x" ] || want "$x" ;;
	mysql:* | pgsql:* | ldap:* | sqlite:* | mongodb:* | memcache:* | socketmap:* | tcp:* | nis:* | nisplus:* | netinfo:* | unix:*)
		meta "${x#*:}"
		postfix_query "$x"
		;;
	esac
}

# When postmap made it; beyond the number of files of an instance.
postfix_index() {
	held=$count
	case $x in
	hash:* | btree:*) meta "${x#*:}.db" ;;
	lmdb:*) meta "${x#*:}.lmdb" ;;
	cdb:*) meta "${x#*:}.cdb" ;;
	*) meta "${x#*:}.pag" ;;
	esac
	count=$held
}

postfix_query() {
	case $N$postfix_asked in *"$N$d$T$1$N"*) return ;; esac
	postfix_asked=$postfix_asked$d$T$1$N
}

# Without postconf, or when it dies of the file: the same parameters as they stand there.
postfix_raw() {
	x=
	for y in $postfix_tables multi_instance_directories mail_owner queue_directory data_directory inet_interfaces; do
		x="$x/^${y}[[:space:]]*=/,/^[^[:space:]#]/p$N"
	done
	sed -n -e '/^[[:space:]]*#/d' -e "$x" "$d/main.cf" </dev/null 2>/dev/null
}

# "name = value" lines into what is needed of them.
postfix_values() {
	queue=/var/spool/postfix data=/var/lib/postfix user=postfix more= classes= hosts=
	for x in $1; do
		y=${x#*=}
		y=${y# }
		case $x in
		[\ $T]*) [ -z "$hosts" ] || postfix_interfaces "$x" ;;
		*) hosts= ;;
		esac
		case $x in
		queue_directory*=*) queue=$y ;;
		data_directory*=*) data=$y ;;
		mail_owner*=*) user=$y ;;
		multi_instance_directories*=*) more=$y ;;
		smtpd_restriction_classes*=?*) classes=$y ;;
		inet_interfaces*=*)
			hosts=1
			postfix_interfaces "$y"
			;;
		esac
	done
	postfix_words "$1"
	[ -z "$postconf" ] || [ -z "$classes" ] || postfix_classes
	z=
	for y in $postfix_tables $postfix_ends; do z="$z/${y}[[:space:]]*=.*:/{${N}p${N}b${N}}$N"; done
	z=$(sed -n -e '/^[[:space:]]*#/d' -e "$z" -e '/inet_interfaces[[:space:]]*=/p' "$d/master.cf" </dev/null 2>/dev/null)
	postfix_words "$z"
	for x in $z; do
		# "-o inet_interfaces=A,B -o X", "-o { inet_interfaces = A, B }"
		case $x in
		*\{*inet_interfaces*=*) x=${x#*inet_interfaces*=} && postfix_interfaces "${x%%\}*}" ;;
		*inet_interfaces=*) x=${x#*inet_interfaces=} && postfix_interfaces "${x%%[ $T]*}" ;;
		esac
	done
	postfix_macros
}

postfix_words() {
	IFS=" $T$N,{}="
	for y in $1; do
		IFS=$N
		postfix_word "$y"
	done
	IFS=$N
}

# Restrictions that have a name of their own.
postfix_classes() {
	IFS=" $T,"
	postfix_words "$(postconf -c "$d" -x $classes </dev/null 2>/dev/null)"
	IFS=$N
}

postfix_interfaces() {
	case $1 in all | loopback-only) return ;; esac
	IFS=" $T,"
	for y in $1; do
		IFS=$N
		y=${y#\[}
		case $y in
		# in no list of hosts; the value of a password may be next, also on lines that go on
		*=*)
			hosts=
			break
			;;
		*:* | *\]) ;;
		*\$*) macros=$macros$y$N ;;
		*) resolve "$y" ;;
		esac
	done
	IFS=$N
}
macros=

# Words with a $name, which postconf expands as each service sees them; without it main.cf is looked at.
postfix_macros() {
	z=$macros
	macros=
	[ -n "$z" ] || return 0
	if [ -n "$postconf" ]; then
		for x in $(postconf -c "$d" -Px '*/*/inet_interfaces' </dev/null 2>/dev/null); do
			postfix_interfaces "${x#*= }"
		done
	else
		for x in $z; do
			y=${x#*\$}
			y=${y#[\{\(]}
			y=${y%%[!A-Za-z0-9_]*}
			z=${x#*"$y"}
			z=${z#[\}\)]}
			[ -z "$y" ] || postfix_expand
		done
	fi
	macros=
}

# $x is the word, $y the name in it, $z what follows. myhostname is gethostname() where main.cf is silent.
postfix_expand() {
	set -- "${x%%\$*}" "$z"
	z=$(sed -n "s/^$y[[:space:]]*=[[:space:]]*//p" "$d/main.cf" </dev/null 2>/dev/null)
	case $y:$z in
	myhostname:)
		{ read -r z </proc/sys/kernel/hostname; } 2>/dev/null
		case $z in *.*) ;; *) z=$z.localdomain ;; esac
		;;
	esac
	[ -z "$z" ] || postfix_interfaces "$1$z$2"
}

# $d is the folder, $conf what postconf said.
postfix_instance() {
	case $N$postfix_dirs in *"$N$d$N"*) return ;; esac
	postfix_dirs=$postfix_dirs$d$N
	count=0
	want "$d/main.cf"
	want "$d/master.cf"
	if [ -n "$conf" ]; then
		text "postfix.conf $d" "${conf%%"$N"transport_maps =*}"
	else
		postfix_without
	fi
	postfix_validate
	postfix_values "$conf"
	[ "${data#/}" = "$data" ] || { meta "$data"; owners=$owners$data$N; }
	postfix_user=$postfix_user$d$T$data$T$user$N
	postfix_master
}

# What every program of Postfix does first: load main.cf. Its words, and whether it lived.
postfix_validate() {
	find_program postmap || return 0
	ran "postfix.valid $d" postfix_load
}
postfix_load() {
	if [ -z "$redact" ]; then
		postmap -c "$d" -q x static:ok 2>&1
		return
	fi
	# It quotes the file: the parameter is named, and its value only where that may leave anyway.
	x=$(postmap -c "$d" -q x static:ok 2>&1)
	z=$?
	row_of "$d/main.cf"
	set_row $row
	IFS=" $T$N:=\"'"
	for y in $x; do
		case $y in *[!A-Za-z0-9_]* | [!a-z]*) continue ;; *_* | my* | relayhost) ;; *) continue ;; esac
		grep -q "^$y[[:space:]]*=" "$d/main.cf" || continue
		case " $keep " in *" $y "*) w "$x" ;; *) w "postmap: fatal: parameter $y: its value is not accepted" ;; esac
		y=
		break
	done
	IFS=$N
	[ -z "$y" ] || [ $z = 0 ] || w 'postmap: fatal: main.cf is not accepted'
	return $z
}

postfix_without() {
	if [ -n "$postconf" ]; then
		nothing failed "postfix.conf $d"
		IFS=" $T$N"
		text "postfix.default $d" "$(postconf -d $postfix_names </dev/null 2>/dev/null)"
		IFS=$N
	else
		nothing absent "postfix.conf $d"
	fi
	[ ! -r "$d/main.cf" ] || conf=$(postfix_raw)
}

postfix_master() {
	x=$queue/pid/master.pid
	if [ ! -e "$x" ]; then
		missing "$x"
		nothing $is "postfix.master $d"
	elif { read -r y <"$x"; } 2>/dev/null; then
		y=${y##* }
		case $y in
		'' | *[!0-9]*) nothing failed "postfix.master $d" ;;
		*)
			pid=$y
			process "$pid" && postfix_care "$pid"
			text "postfix.master $d" "$lines"
			;;
		esac
	else
		nothing denied "postfix.master $d"
	fi
}

# Who has started it: the unit of its control group, with drop-ins for it, and the programs above it.
postfix_care() {
	while read -r x; do
		case $x in
		0::*.service* | *:name=systemd:*.service*)
			x=${x%.service*}.service
			fact unit "${x##*/}"
			want "/etc/systemd/system/${x##*/}.d/mtapin.conf"
			want "/etc/systemd/system/${x##*/}.d/override.conf"
			;;
		esac
	done <"/proc/$1/cgroup"
	y=$1
	for z in 1 2 3 4; do
		{ read -r x <"/proc/$y/stat"; } 2>/dev/null || return
		IFS=' '; set -- ${x##*\) }; IFS=$N
		y=$2
		[ "${y:-0}" -gt 1 ] || return
		{ read -r x <"/proc/$y/comm"; } 2>/dev/null && fact above "$x"
	done
}

postfix_conf() {
	conf=
	[ -n "$postconf" ] || return
	conf=$(postconf "$@" -x $postfix_names $postfix_tables </dev/null 2>/dev/null)
}

postfix_find() {
	find_program postconf
	postconf=$at
	postfix_conf
	d=${conf#*"$N"config_directory = }
	d=${d%%"$N"*}
	case $conf in
	*"$N"config_directory\ =*) postfix_instance ;;
	*)
		for d in /etc/postfix /usr/local/etc/postfix /opt/zimbra/common/conf; do
			[ ! -e $d/main.cf ] || { postfix_instance; break; }
		done
		;;
	esac
	[ -n "$postfix_dirs" ] || return
	first=$d
	IFS=" $T,"
	for d in $more; do
		IFS=$N
		case $d in /*) ;; *) continue ;; esac
		[ "$d" != "$first" ] || continue
		postfix_conf -c "$d"
		postfix_instance
	done
	IFS=$N
}

postfix_ask() {
	lines=
	for x in $postfix_user; do
		y=${x#*"$T"}
		data=${y%%"$T"*}
		user=${y#*"$T"}
		uid=
		for y in $owned; do
			[ "${y%"$T"*}" != "$data" ] || uid=${y##*"$T"}
		done
		case $uid in '' | 0) uid=$(id -u "$user" </dev/null 2>/dev/null) ;; esac
		[ -n "$uid" ] || continue
		fact "$user" "$uid"
		mta_uid=${mta_uid:-$uid}
	done
	[ -z "$lines" ] || text postfix.user "$lines"
	[ -n "$queries" ] && find_program postmap || return
	text postfix.queries "$queries"
	for x in $postfix_asked; do
		ran "postfix.query ${x#*"$T"}" postfix_answer
	done
}
postfix_answer() {
	w "$queries" | postmap -c "${x%%"$T"*}" -q - "${x#*"$T"}" 2>&1
}
