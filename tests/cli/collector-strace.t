#!/bin/sh
# SPDX-License-Identifier: ISC
# The collector starts few programs and writes nothing: what strace sees of it, shell by shell.
. "$srcdir/tests/cli/lib.sh"
. "$srcdir/tests/cli/collector-lib.sh"
strace -f -o /dev/null true 2>/dev/null || skip_all 'strace cannot trace here'

# What a trace says after the shell itself has been started.
inner() { sed -n '/execve("\/shells\//,$p' "$1"; }
traced() { # SHELL CALLS
	collect "$1" "$dir/bundle" strace -f -qq -e signal=none -e "trace=$2" -o "$dir/trace"
	inner "$dir/trace" >"$dir/calls"
}
started() { grep -c 'execve(.*= 0$' "$dir/calls"; }
few() { # a FILES: 12, and one a file
	n=$(started)
	echo "$n processes"
	[ "$n" -gt 3 ] && [ "$n" -le "$1" ]
}
changes='execve,open,openat,openat2,creat,mkdir,mkdirat,unlink,unlinkat,rmdir,rename,renameat,renameat2,link,linkat,symlink,symlinkat,chmod,fchmod,fchmodat,chown,fchown,lchown,fchownat,truncate,ftruncate,mknod,mknodat,utimensat,utime,utimes,setxattr,fsetxattr,lsetxattr,removexattr'
# What was opened for writing or changed, but for /dev/null. ksh93 itself keeps the output of $(...) in files
# of /tmp that it makes and unlinks at once (and sets the mode of); nothing of them is left.
own='"/dev/(null|tty)"'
written() {
	grep -E 'O_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)|^[0-9]+ +(creat|mkdir|unlink|rmdir|rename|link|symlink|chmod|fchmod|chown|fchown|lchown|truncate|ftruncate|mknod|utime|setxattr|fsetxattr|lsetxattr|removexattr)[a-z0-9]*\(' "$dir/calls" |
		grep -v -E "$own"
}
silent() { ! written; }
sent() { # addresses that a socket other than netlink and unix was given
	! grep -E '(connect|sendto|sendmsg|sendmmsg|bind)\(.*sa_family=AF_INET' "$dir/calls"
}

tree gnu gnu
postfix_files
before() { (cd "$root" && { find etc var tmp usr shells ! -path tmp -printf '%p %y %m %U:%G %s %T@ %C@\n'; find tmp; } | sort); }
for mode in raw redacted; do
	script $mode
	allowed=12
	[ $mode = raw ] || allowed=15
	before >"$dir/before"
	for s in $shells; do
		own='"/dev/(null|tty)"'
		[ "$s" != ksh93 ] || own="$own"'|"/tmp/sf[^"/]*"| fchmod\([0-9]+, 0[24]00\)'
		traced "$s" execve
		ok "$s, $mode: at most 12 processes and one a file" few $allowed
		traced "$s" "$changes"
		ok "$s, $mode: the trace is one" grep -q 'open.*main\.cf' "$dir/calls"
		ok "$s, $mode: nothing is opened for writing" silent
		traced "$s" connect,sendto,sendmsg,sendmmsg,bind,execve
		ok "$s, $mode: no packet" sent
		items "$dir/bundle" >"$dir/items"
		has items "$s, $mode: complete meanwhile" '^complete '
	done
	before >"$dir/after"
	ok "$mode: no file of the root has changed" diff "$dir/before" "$dir/after"
done
done_testing
