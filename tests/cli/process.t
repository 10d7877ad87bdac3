#!/bin/sh
# SPDX-License-Identifier: ISC
# What mtapin inherits decides nothing: environment, signals, limits, umask, closed descriptors.
. "$srcdir/tests/cli/lib.sh"
have python3 || skip_all 'needs python3'

# hostile COMMAND...: every signal blocked, SIGCHLD ignored, soft limits that hurt, an environment, umask 777
cat >"$dir/hostile.py" <<'EOF'
import os, resource, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
os.umask(0o777)
env = dict(os.environ, TZ=":/etc/passwd", SUDO_USER="jane", TERM="vt100", TMPDIR="/nonexistent", MAIL_CONFIG="/x",
           PATH="/nonexistent", LC_ALL="C.UTF-8", LC_CTYPE="C", LANG="C", DEBIAN_FRONTEND="noninteractive",
           BASH_ENV="/x", IFS="m", LC_MESSAGES="x", LOCPATH="/x")
os.execve(sys.argv[1], sys.argv[1:], env)
EOF
hostile() {
	status=0
	timeout 60 python3 "$dir/hostile.py" "$@" 2>"$dir/err" </dev/null | cat >"$dir/out"
	status=$?
}

start=$(date +%s)
if [ $modules = yes ]; then set -- --backend-dir "$dir/modules"; else set --; fi
hostile "$builddir/mtapin" "$@" collect
took=$(($(date +%s) - start))
ok "collect ends" grep -q ' done$' "$dir/out"
ok "... at once, not at a deadline" test $took -lt 20
if [ $modules = no ]; then
	done_testing
	exit 0
fi

mkdir "$dir/spy"
cat >"$dir/spy.c" <<'EOF'
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
__attribute__((constructor)) static void spy(void)
{
	struct rlimit limit;
	struct sigaction action;
	sigset_t mask;
	int blocked = 0;
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int i = 1; i < 32; i++)
		blocked += sigismember(&mask, i) == 1;
	sigaction(SIGCHLD, NULL, &action);
	getrlimit(RLIMIT_FSIZE, &limit);
	for (char **e = environ; *e; e++)
		fprintf(stderr, "spy env %s\n", *e);
	fprintf(stderr, "spy blocked %d child %s limit %s umask %03o\n", blocked,
		action.sa_handler == SIG_DFL ? "default" : "not default",
		limit.rlim_cur == limit.rlim_max ? "hard" : "soft", (unsigned)umask(022));
}
EOF
# shellcheck disable=SC2086
ok "the spy compiles" $CC -shared -fPIC -o "$dir/spy/spy.so" "$dir/spy.c"
hostile "$builddir/mtapin" --backend-dir "$dir/spy" backends
grep '^spy env' "$dir/err" | sort >"$dir/env"
printf 'spy env %s\n' DEBIAN_FRONTEND=noninteractive LANG=C LC_ALL=C.UTF-8 LC_CTYPE=C SUDO_USER=jane TERM=vt100 >"$dir/wanted"
ok "the environment is who asked, whether he can be asked, and the terminal" cmp "$dir/env" "$dir/wanted"
has err "signals, limits and umask are its own" '^spy blocked 0 child default limit hard umask 022$'
done_testing
