#!/bin/sh
# SPDX-License-Identifier: ISC
# --help, the man page and the completion against the option table; usage errors (tests/unit/options.c has those of the parser).
. "$srcdir/tests/cli/lib.sh"
"$builddir/tests/cli/table" "$dir/modules" >"$dir/table" || exit 99
commands=$(sed -n 's/^command //p' "$dir/table")
ok "the table has commands and options" test "$(grep -c '^command' "$dir/table")" -ge 8 -a "$(grep -c '^option' "$dir/table")" -ge 20

mtapin --help
is 0 "mtapin --help"
ok "--help says nothing on stderr" test ! -s "$dir/err"
for command in $commands; do
	has out "mtapin --help names $command" "^  $command +[A-Z]"
done

# options_of COMMAND: the long names that the table gives it
options_of() {
	while read -r word name letter argument takers; do
		[ "$word" = option ] || continue
		case " $takers " in *" $1 "* | " all ") echo "--$name" ;; esac
	done <"$dir/table" | sort
}
for command in $commands; do
	mtapin "$command" --help
	is 0 "$command --help"
	options_of "$command" >"$dir/wanted"
	sed -n 's/^ \{2,6\}\(-., \)\{0,1\}\(--[a-z0-9-]*\).*/\2/p' "$dir/out" | sort >"$dir/shown"
	ok "$command --help shows the options of the table and no other" diff "$dir/wanted" "$dir/shown"
	ok "$command --help fits 100 columns" test "$(awk '{ if (length > max) max = length } END { print max }' "$dir/out")" -le 100
done
# ---- exit codes: those of the README, word for word ----
cell() { sed -n '/^| exit |/,/^$/p' "$srcdir/README.md" | awk -F' *[|] *' -v c="$1" '$2 ~ /^[0-9]$/ && $c != "" { print "  " $2 " " $c }'; }
for command in $commands; do
	mtapin "$command" --help
	sed -n '/^Exit code:$/,$p' "$dir/out" | sed 1d >"$dir/codes"
	printf '  64 usage\n  78 configuration file\n' >"$dir/tail"
	case $command in
	show | explain | history | log | backends | collect) cell 3 | cat - "$dir/tail" >"$dir/wanted" ;;
	fix | undo | confirm | recover | wizard) cell 4 | cat - "$dir/tail" >"$dir/wanted" ;;
	check) printf '  %s\n' '0 nothing of warning or worse' '1 warning or worse' '2 could not read' '0, 1, 2, 3 with --nagios: OK, WARNING, CRITICAL, UNKNOWN' | cat - "$dir/tail" >"$dir/wanted" ;;
	audit) tr '\n' ' ' <"$srcdir/README.md" | grep -o 'Exit code: 0 nothing of warning or worse, .* 4 some hosts were not examined\.' | sed 's/^Exit code: //; s/\.$//; s/, \([0-9]\) /\n\1 /g' | sed 's/^/  /' | cat - "$dir/tail" >"$dir/wanted" ;;
	*) : >"$dir/wanted" ;;
	esac
	ok "$command --help has the exit codes of the README" diff "$dir/wanted" "$dir/codes"
done
# ---- every command of the README is one ----
awk '/^```sh/ { inside = 1; next } /^```/ { inside = 0 } inside' "$srcdir/README.md" | sed -n 's/ *#.*//; s/^\(.*| \)\{0,1\}mtapin /mtapin /p' | sed 's/ [>|].*//' >"$dir/readme"
slips=
while read -r line; do
	eval "mtapin ${line#mtapin } --help"
	[ $status = 0 ] || slips="$slips $line;"
done <"$dir/readme"
ok "the README names $(grep -c . "$dir/readme") commands, and the parser takes each" test -z "$slips" -a "$(grep -c . "$dir/readme")" -gt 10

sed -n 's/^option \([^ ]*\) .*/\1/p' "$dir/table" | while read -r name; do
	grep -q "^\.It.* Fl Fl $name\( \|\$\)" "$srcdir/man/mtapin.8" || echo "$name"
done >"$dir/missing"
ok "mtapin(8) has every option" test ! -s "$dir/missing"
for command in $commands; do
	grep -q "^\.It.*Cm $command\( \|\$\)" "$srcdir/man/mtapin.8" || echo "$command"
done >"$dir/missing"
ok "mtapin(8) has every command" test ! -s "$dir/missing"
grep -o 'Fl Fl [a-z0-9-]*' "$srcdir/man/mtapin.8" | sed 's/Fl Fl //' | sort -u >"$dir/named"
sed -n 's/^option \([^ ]*\) .*/\1/p' "$dir/table" | sort >"$dir/wanted"
# a program without modules has no option for their folder; the page is one for both
[ $modules = yes ] || { echo backend-dir; cat "$dir/wanted"; } | sort -o "$dir/wanted"
ok "mtapin(8) has no option that does not exist" sh -c "! comm -23 '$dir/named' '$dir/wanted' | grep ."

if [ $modules = yes ]; then
	for shell in bash:mtapin zsh:_mtapin fish:mtapin.fish; do
		"$builddir/tests/cli/table" "$dir/modules" "${shell%:*}" >"$dir/written"
		ok "the completion of ${shell%:*} is the table's" diff -u "$srcdir/completions/${shell#*:}" "$dir/written"
	done
fi
complete() { # WORD...
	bash --norc -c '. "$1"; shift; COMP_WORDS=(mtapin "$@"); COMP_CWORD=$#; _mtapin; echo "${COMPREPLY[*]}"' \
		complete "$srcdir/completions/mtapin" "$@" >"$dir/out" 2>"$dir/err"
}
complete f
out "bash: f" fix
complete fix --res
out "bash: fix --res" --restart
complete fix --method i
out "bash: fix --method i" inet_interfaces
complete show --ip
out "bash: show has no --ip" ""
not() { ! "$@"; }
env_wait() { TERMINAL_WAIT=2 "$@"; }
# has_shell NAME: without it, one skip
has_shell() {
	have "$1" && return
	skipped "completions of $1" "needs $1"
	return 1
}
if has_shell fish; then
	fish_complete() { HOME=$dir fish --no-config -c "source '$srcdir/completions/mtapin.fish'; complete -C '$1'" 2>"$dir/err" | cut -f 1 >"$dir/out"; }
	fish_complete "mtapin fi"
	out "fish: fi" fix
	fish_complete "mtapin fix --res"
	out "fish: fix --res" --restart
	fish_complete "mtapin -q fix --method i"
	out "fish: fix --method i" inet_interfaces
	fish_complete "mtapin show --ip"
	out "fish: show has no --ip" ""
fi
# It completes on a terminal only: what it makes of a tab.
if has_shell zsh && has_shell python3; then # for its terminal
	zsh_complete() { # TYPED COMPLETED
		printf '%s\t%s\n' 'ready> ' 'fpath=($COMPLETIONS $fpath); autoload -U compinit; compinit -u -D; echo load""ed\n' \
			'loaded(.|\n)*ready> ' "$1\\t" "$2" '\x03' 'ready> ' 'exit 0\n' |
			TERMINAL_PAUSE=0.3 COMPLETIONS=$srcdir/completions HOME=$dir TERM=dumb \
				python3 "$srcdir/tests/cli/terminal.py" 24 80 "$dir/out" \
				env PS1='ready> ' zsh -f -i 2>"$dir/err" # a python3 that is a script of bash loses PS1
	}
	ok "zsh: fi" zsh_complete 'mtapin fi' 'mtapin fix'
	ok "zsh: fix --res" zsh_complete 'mtapin fix --res' '--restart'
	ok "zsh: fix --method i" zsh_complete 'mtapin fix --method i' 'inet_interfaces'
	ok "zsh: show has no --restart" not env_wait zsh_complete 'mtapin show --res' '--restart'
fi

mtapin --version
is 0 "--version"
has out "--version names the version" '^mtapin [0-9]+\.[0-9]+'
ok "... and nothing else" test "$(wc -l <"$dir/out")" = 1
mtapin --version --verbose
is 0 "--version --verbose"
has out "... names what confines" '^what reads foreign bytes is confined by: .*limits'
has out "... and what this kernel lacks" '^lacking here: '
if [ "$(id -u)" = 0 ]; then
	setpriv --reuid 1000 --regid 1000 --clear-groups "$builddir/mtapin" --version -v >"$dir/out"
	has out "... which for who is not root is another user" '^lacking here: .*another user'
fi

# wrong NAME STDERR ARG...
wrong() {
	name=$1 message=$2
	shift 2
	mtapin "$@"
	is 64 "$name: exit code"
	err "$name: message" "mtapin: $message"
	ok "$name: nothing on stdout" test ! -s "$dir/out"
}
wrong "unknown command" "chek: unknown command; mtapin --help lists them" chek
wrong "unknown command with an option of another" "chek: unknown command; mtapin --help lists them" chek --ip 192.0.2.1
wrong "unknown option" "--frob: unknown option of show" show --frob
wrong "stray argument" "extra: stray argument: show takes none" show extra
wrong "stray argument after --" "--json: stray argument: show takes none" show -- --json
wrong "missing argument" "explain: needs ID" explain
wrong "unknown id" "PF-NO-SUCH: no finding has this id" explain PF-NO-SUCH
wrong "a bundle and a tree" "--root: cannot be had together with --bundle" show --bundle x --root y
wrong "escapes are shown, not sent" '\x1b[2J\xe2\x80\xae: unknown command; mtapin --help lists them' "$(printf '\033[2J\342\200\256')"
mtapin --json frob
is 64 "an error with --json: exit code"
ok "an error with --json is JSON on stdout" python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
assert d["schema"] == "mtapin/1" and d["error"]["code"] == 64 and d["error"]["where"] == "frob"' "$dir/out"
status=0
"$builddir/mtapin" --help >/dev/full 2>"$dir/err" || status=$?
is 2 "a result that cannot be written is no success"
err "and is said" "mtapin: standard output: No space left on device"
status=0
"$builddir/mtapin" --version >&- 2>"$dir/err" || status=$?
ok "a closed stdout does no harm" test $status -le 2
done_testing
