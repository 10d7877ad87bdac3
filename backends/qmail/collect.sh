# Where qmail is, which program delivers, which control files stand in it by name, and whether it runs.
# SPDX-License-Identifier: ISC

qmail_find() {
	home= home_by= control= program= program_by= wrappers= strings= sender= spawner= loggers= environment=
	qmail_processes
	qmail_home
	[ -n "$home" ] || return
	qmail_follow
	qmail_control
	meta $control
	for x in me helohost outgoingip outgoingip6 outgoingips domainips bindroutes bindroutes6 domainbindings \
		domainbindings6 helohostbindings helohostbyip smtproutes qmtproutes locals virtualdomains rcpthosts; do
		want $control/$x
	done
	set +f
	y=0
	for x in $control/outgoingip.* $control/smtproutes.d/*; do
		[ -f "$x" ] && [ $y -lt 12 ] && y=$((y + 1)) && want "$x"
	done
	set -f
	meta $program
	meta $home/queue/lock/tcpto # belongs to qmailr
	for x in $home/bin/qmailctl /usr/bin/qmailctl /usr/sbin/qmailctl /usr/local/bin/qmailctl \
		/etc/init.d/qmail; do
		[ ! -x $x ] || meta $x
	done
	# With a pin, does the name said in HELO lead back to it?
	[ ! -s $control/outgoingip ] || for y in $control/helohost $control/me; do
		[ -r $y ] || continue
		IFS=" $T"; read -r x z <$y; IFS=$N
		resolve "$x"
		break
	done
}

# Processes of this file system: qmail-send, what starts qmail-remote, what keeps logs.
qmail_processes() {
	set +f
	for y in /proc/[0-9]*; do
		{ read -r z <$y/comm; } 2>/dev/null || continue
		case $z in qmail-send | qmail-rspawn | multilog | svlogd | s6-log) ;; *) continue ;; esac
		x=
		{ read -r x <$y/cmdline; } 2>/dev/null
		[ -n "$x" ] || continue # it has ended, and nobody has asked how
		[ ! -e $y/ns/mnt ] || [ $y/ns/mnt -ef /proc/$$/ns/mnt ] || continue
		case $z in
		qmail-send) sender=${y#/proc/} ;;
		qmail-rspawn) spawner=${y#/proc/} ;;
		*) loggers=$loggers$y$N ;;
		esac
	done
	set -f
}

# The running one works in HOME/queue. Else: where the program is.
qmail_home() {
	qmail_started
	[ -z "$sender" ] || x=$(readlink /proc/$sender/cwd 2>/dev/null) || x=
	case $sender$x in
	[0-9]*/queue) home=${x%/queue} home_by=process ;;
	[0-9]*/queue/*) home=${x%/queue/*} home_by=process ;;
	esac
	[ -n "$program" ] || for x in ${home:+$home/bin} /var/qmail/bin "$(qmail_beside)" /usr/bin /usr/sbin \
		/usr/local/bin /usr/local/sbin /usr/local/qmail/bin; do
		[ -n "$x" ] && [ -f $x/qmail-remote ] && program=$x/qmail-remote program_by=place && break
	done
	[ -z "$sender" ] || [ -n "$home" ] || home=/var/qmail home_by=assumed
	[ -z "$program" ] || [ -n "$home" ] || home=${program%/*/*} home_by=assumed
	[ ! -e /var/qmail/control ] || [ -n "$home" ] || home=/var/qmail home_by=assumed
	[ -n "$program" ] || program=$home/bin/qmail-remote program_by=place
}

# The folder of the running qmail-send, else of what sendmail(1) is a link to.
qmail_beside() {
	x=/usr/sbin/sendmail
	[ -z "$sender" ] || x=/proc/$sender/exe
	[ ! -h $x ] || z=$(readlink -f $x 2>/dev/null) && w "${z%/*}"
}

# What qmail-rspawn starts: $QMAILREMOTE where that name stands in it, else what its PATH finds.
qmail_started() {
	[ -n "$spawner" ] || return
	environment=$(tr '\000' '\n' <"/proc/$spawner/environ" 2>/dev/null |
		grep -E '^(PATH|QMAILREMOTE|OUTGOINGIP|CONTROLDIR|DOMAINBINDINGS|HELOHOSTBYIP)=')
	[ -n "$environment" ] || { environment=denied; return; }
	y=qmail-remote
	for x in $environment; do
		case $x in
		PATH=*) z=${x#PATH=} ;;
		QMAILREMOTE=?*)
			if qmail_strings "/proc/$spawner/exe" | grep -q '^QMAILREMOTE$'; then
				y=${x#*=} program_by=QMAILREMOTE
			fi
			;;
		esac
	done
	case $y in
	/*) program=$y ;;
	*)
		IFS=:
		for x in $z; do
			[ -f "$x/$y" ] && [ -x "$x/$y" ] && program=$x/$y && break
		done
		IFS=$N
		;;
	esac
	case $program in *[!\ -~]* | *' '*) program= ;; esac
	[ -z "$program" ] || program_by=${program_by:-rspawn}
}

# The ends of the strings in a program that a NUL ends.
qmail_strings() {
	tr '\n\000' '~\n' <"$1" 2>/dev/null | tr -c '\n -~' '~' | sed 's/.*~//'
}

# The name of a control file as a whole word at the end, a path, what a family is known by.
qmail_words='(^|[/ ])(me|helohost|smtproutes|outgoingip[6s]?|domainips|(bindroutes|domainbindings)6?|helohost(bindings|byip))$'
qmail_words=$qmail_words'|^/[A-Za-z0-9._/-]+$|qmail-remote|^(CONTROLDIR|OUTGOINGIP|smtproutes\.d)$|^outgoingip\.$|Zinvalid ip|ZInvalid ip'

# A script, or a program that holds no such name, starts another: followed while it names exactly one.
qmail_follow() {
	for round in 1 2 3; do
		strings=
		[ -r $program ] || return
		if [ "$(head -c 2 $program 2>/dev/null)" = '#!' ]; then
			strings='#!'
			x=$(grep -v '^[[:space:]]*#' $program 2>/dev/null | tr -c 'A-Za-z0-9._/-' '\n')
		else
			strings=$(qmail_strings $program | grep -E "$qmail_words" | head -n 200 |
				sed 's/^\(.\{200\}\).*/\1/')
			x=$strings
			case $N$strings$N in *helohost$N*) return ;; esac
		fi
		found=
		for y in $x; do
			case $y in *qmail-remote*) ;; *) continue ;; esac
			case $y in /*) ;; *) y=${program%/*}/${y##*/} ;; esac
			case $y in *[!\ -~]* | *' '*) continue ;; esac
			[ -f $y ] && [ -x $y ] && [ ! $y -ef $program ] || continue
			case $N$found in *"$N$y$N"*) ;; *) found=$found$y$N ;; esac
		done
		case $found in *?"$N"?*) return ;; ?*) ;; *) return ;; esac
		wrappers=$wrappers$program$N
		program=${found%"$N"}
	done
	strings='#!'
}

# HOME/control, or HOME/etc; another folder if the program names one.
qmail_control() {
	z=control
	case $N$strings$N in *"$N"etc/helohost"$N"*) z=etc ;; esac
	for x in $environment; do
		case $x in CONTROLDIR=/*[!A-Za-z0-9._/-]*) ;; CONTROLDIR=/*) control=${x#*=} ;; esac
	done
	[ -n "$control" ] || [ $home_by != process ] || [ ! -e $home/$z ] || control=$home/$z
	[ -n "$control" ] || for x in $strings; do
		case $x in *' '*) continue ;; */$z) y=$x ;; /*) y=$x/$z ;; *) continue ;; esac
		if [ -d $y ]; then
			control=$y
			[ $home_by = process ] || home=${y%/$z} home_by=program
			break
		fi
	done
	[ -n "$control" ] || control=$home/$z
}

qmail_ask() {
	[ -n "$home" ] || return
	lines=
	fact home $home
	fact by $home_by
	fact control $control
	fact remote $program
	fact started $program_by
	for x in $wrappers; do fact wrapper $x; done
	for x in $environment; do
		case $x in PATH=* | QMAILREMOTE=*) ;; *) fact env "$x" ;; esac
	done
	[ ! -e /usr/sbin/sendmail ] || fact sendmail "$(readlink -f /usr/sbin/sendmail 2>/dev/null)"
	for y in $loggers; do
		for x in $(tr '\000' '\n' <$y/cmdline 2>/dev/null); do
			case $x in
			/*) ;;
			./*) x=$(readlink $y/cwd 2>/dev/null)/${x#./} ;;
			*) continue ;;
			esac
			[ ! -f "$x/current" ] || fact log "$x/current"
		done
	done
	text qmail.home "$lines"
	if [ ! -e $program ]; then
		nothing absent qmail.reads
	elif [ ! -r $program ]; then
		nothing denied qmail.reads
	else
		text qmail.reads "$strings"
	fi
	qmail_names
	if [ -n "$sender" ] && process $sender; then
		text qmail.send "$lines"
	else
		nothing absent qmail.send
	fi
}

# What else lies in the folder.
qmail_names() {
	lines= y=0
	set +f
	for x in $control/*; do
		[ $y -lt 200 ] || break
		y=$((y + 1))
		case $x in *[!\ -~]*) ;; *) lines=$lines${x##*/}$N ;; esac
	done
	set -f
	text qmail.names "$lines"
}
