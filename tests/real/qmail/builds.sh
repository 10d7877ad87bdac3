# SPDX-License-Identifier: ISC
# builds.sh: what stands in the qmail-remote of each build; sourced by bash. STAND-INS, no qmail.
#
#	standin_builds		names of the builds of tests/vectors/qmail/builds.tsv
#	standin_remote BUILD OUT	compile the stand-in that has the strings of that build
standin_builds='notqmail-1.09 netqmail-1.06 netqmail-oip qmail103-oip notqmail-oip sagredo giam giam6 qsmtp indimail netqmail-oips netqmail-bindroutes'

# What the build has names for: "FOLDER NAME...", then, in `more`, what else tells its family.
standin_names() {
	local stock='me helohost smtproutes'
	home=/var/qmail folder=control/ more=
	case $1 in
	notqmail-1.09 | netqmail-1.06) names=$stock ;;
	*-oip | sagredo) names="$stock outgoingip" more='Zinvalid ipaddr in control/outgoingip (#4.3.0)\n' ;;
	giam) names="$stock outgoingip bindroutes domainbindings helohostbindings" ;;
	giam6) names="$stock outgoingip outgoingip6 bindroutes bindroutes6 domainbindings domainbindings6 helohostbindings" ;;
	qsmtp)
		home=/var/qmail/control folder=
		names="$stock outgoingip outgoingip6" more='smtproutes.d\0parse error in control/outgoingip'
		;;
	indimail)
		home=/etc/indimail/control folder=
		names="$stock outgoingip outgoingip.example.net domainbindings bindroutes helohostbyip" more='CONTROLDIR\0OUTGOINGIP\0outgoingip.'
		;;
	netqmail-oips) names="$stock outgoingips" ;;
	netqmail-bindroutes) names="$stock bindroutes" ;;
	esac
}
standin_remote() {
	local home folder names more name text=
	standin_names "$1"
	for name in $names; do text="$text$folder$name\\0"; done
	cc -std=gnu11 -O1 -Wall -Wextra -Werror -D_GNU_SOURCE -DBUILD="\"$1\"" -DNAMES="\"$text\"" -DHOME="\"$home\"" \
		${more:+-DMORE="\"$more\""} -o "$2" "$here/qmail/remote.c" "$here/qmail/table.c"
}
