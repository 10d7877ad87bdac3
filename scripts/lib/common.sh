# SPDX-License-Identifier: ISC
# common.sh: what every script needs: where things are, how to speak, how to run one step.
#
# Sourced by bash. Sets top (the checkout), lab (its .lab folder, never in git) and log; nothing is
# read from the terminal or from the environment of the caller.
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
lab=$top/.lab
log=$lab/log
prefix=$lab/prefix # the installed program, as seen from a root: /usr/local/sbin/mtapin
suite=bookworm
export LC_ALL=C TZ=UTC DEBIAN_FRONTEND=noninteractive PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
unset CDPATH ENV BASH_ENV GREP_OPTIONS POSIXLY_CORRECT MAKEFLAGS MAKELEVEL CFLAGS CPPFLAGS LDFLAGS CC
umask 022
[ ! -t 0 ] || exec </dev/null
mkdir -p "$log" || exit 2

say() { printf '%s\n' "$@"; } # a line an argument
complain() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# The files of this checkout; an archive that was unpacked has a list of them (dist-hook in Makefile.am).
tracked() { if [ -e "$top/.git" ]; then git -C "$top" ls-files; else cat "$top/MANIFEST"; fi; }

# Something this machine does not allow: neither passed nor failed.
refused() {
	complain "cannot run here: $*"
	exit 77
}

# step NAME COMMAND...: its output goes to .lab/log/NAME.log, whose end is shown if it fails.
step() {
	local name=$1 status=0
	shift
	"$@" >"$log/$name.log" 2>&1 </dev/null || status=$?
	if [ "$status" != 0 ] && [ "$status" != 77 ]; then
		complain "$name failed (status $status); the end of $log/$name.log:"
		tail -n 25 "$log/$name.log" >&2
	fi
	return "$status"
}

# One at a time in this checkout; the lock goes with the process.
lock_setup() {
	exec 8>"$lab/lock" || exit 2
	flock 8
}
unlock_setup() { exec 8>&-; }
