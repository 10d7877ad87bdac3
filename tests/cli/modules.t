#!/bin/sh
# SPDX-License-Identifier: ISC
# Backends as modules: built outside the tree, and refused wherever somebody else could write.
. "$srcdir/tests/cli/lib.sh"

if [ $modules = no ]; then
	mtapin backends
	is 0 "the backends are linked in"
	has out "postfix among them" '^postfix .*linked in$'
	mtapin --backend-dir "$dir" backends
	is 64 "there is no --backend-dir in this build"
	done_testing
	exit 0
fi

unset MAKEFLAGS MAKELEVEL MFLAGS
ok "the headers can be installed" make -s -C "$builddir" install-pkgincludeHEADERS DESTDIR="$dir/inst"
headers=$(dirname "$(find "$dir/inst" -path '*/mtapin/backend.h')")/..
good=$dir/good
mkdir "$good"
ok "a backend compiles against the installed headers alone" compile_simple "$good/simple.so"

mtapin_with "$good" backends
is 0 "and is loaded"
out "from the folder named" "simple       Simple           reads and changes  $good/simple.so"
mtapin_with "$good" explain SI-ALWAYS
is 0 "its findings have their page"
mtapin explain SI-ALWAYS
is 64 "only while it is loaded"

# ---- its methods and their options are mtapin's, and no others are ----
mtapin_with "$good" fix --help
is 0 "fix --help"
has out "its methods, and none of another backend" '^ +\(auto\|simple_line\|simple_all\)$'
has out "its option" '^ +--simple-note WORDS$'
has out "and what it is for" '^ +what to say of the change$'
hasnt out "no option of another backend" '--(bare|drop-in)'
mtapin fix --help
hasnt out "without it neither" 'simple'
has out "but the options of those that are loaded" '^ +--bare '
for shell in bash zsh fish; do
	"$builddir/tests/cli/table" "$good" $shell >"$dir/out"
	has out "the completion of $shell: its methods" '[( '\''"]auto simple_line simple_all[) '\''"]'
	has out "and its option" 'simple-note'
	hasnt out "and nothing of another backend" 'inet_interfaces|drop-in'
done
mtapin_with "$good" --json backends
valid "backends --json"
ok "backends --json has the tables" python3 -c '
import json, sys
line, both = json.load(open(sys.argv[1]))["backends"][0]["methods"]
assert line["name"] == "simple_line" and line["options"] == ["simple-note"] and line["families"] is None
assert both["options"] == [] and both["families"]["other"] == "waits" and both["families"]["off"] == "none"' "$dir/out"
mtapin_with "$good" backends -v
has out "backends -v" '^  --method simple_line \[--simple-note\]$'
echo 'method = "simple_all"' >"$dir/own.conf"
chmod 644 "$dir/own.conf"
mtapin_with "$good" --config "$dir/own.conf" backends
is 0 "mtapin.conf may name its method"
mtapin --config "$dir/own.conf" backends
is 78 "only while it is loaded"
has err "and the others are named" 'own.conf:1: method "simple_all" is not known: auto, inet_interfaces, .* or domainips$'

bundle_begin "$dir/b"
bundle_file /etc/simple.conf 'smtp internet - -
'
bundle_done
fix() { mtapin_with "$good" --bundle "$dir/b" fix --ip 192.0.2.10 "$@"; }
fix --ip6 keep --method inet_interfaces
is 64 "a method that nobody loaded has"
err "and those there are" 'mtapin: --method: "inet_interfaces" is not one of auto|simple_line|simple_all'
fix --ip6 keep --bare
is 64 "an option that nobody loaded has"
err "is unknown" "mtapin: --bare: unknown option of fix"
fix --ip6 keep --simple-note
is 64 "its option needs its value"
fix --ip6 keep --simple-note 'as agreed' --method simple_line
is 1 "its option, with the method that knows it"
has err "reaches the backend" 'note: as agreed$'
fix --ip6 keep --simple-note x
is 1 "without --method: what auto takes knows it"
fix --ip6 keep --simple-note x --method simple_all
is 2 "with a method that does not know it"
has err "is refused" 'the simple_all method has no option --simple-note: leave it away, or take --method simple_line'
fix --ip6 keep --method simple_all
is 2 "a method with a rule of its own: keep cannot be kept"
has err "is refused by its id" 'Simple binds 192.0.2.10 for every destination: mail to hosts that have IPv6 alone would wait, and bounce after a day, so --ip6 keep cannot be kept'
has err "which overrules it" '--accept SI-STOPS'
fix --ip6 keep --method simple_all --accept SI-STOPS --json
is 1 "and does"
valid "as JSON"
ok "which says what waits" grep -q '"mail to hosts that have only IPv6 addresses"' "$dir/out"

# of several mail servers one is meant
mkdir "$dir/both"
cp "$good/simple.so" "$dir/modules/postfix.so" "$dir/both"
bundle_begin "$dir/b"
bundle_file /etc/simple.conf 'smtp internet - -
'
bundle_file /etc/postfix/main.cf ''
bundle_file /etc/postfix/master.cf 'smtp unix - - - - - smtp
'
bundle_done
both() { mtapin_with "$dir/both" --bundle "$dir/b" fix --ip 192.0.2.10 --ip6 keep "$@"; }
both --mta postfix --simple-note x
is 2 "an option of another mail server"
has err "is refused" 'mtapin: .*--simple-note is an option of another mail server: Postfix has none of that name'
both --mta postfix --method simple_all
is 2 "a method of another mail server"
has err "is refused" 'the simple_all method is one of another mail server; here it is inet_interfaces, smtp_bind_address, service'
both --mta postfix --bare
is 2 "an option of Postfix that what auto takes does not know"
has err "is refused" 'the smtp_bind_address method has no option --bare: leave it away, or take --method inet_interfaces'
both --mta postfix --bare --method inet_interfaces
is 1 "with the method that knows it"
both --mta simple --drop-in
is 2 "and the other way round"
# The program shows its modules what the headers declare, and nothing else.
cat "$headers"/mtapin/*.h | awk -f "$srcdir/src/exported.awk" | sed -n 's/^\t\(.*\);/\1/p' | sort >"$dir/declared"
nm -D --defined-only "$builddir/mtapin" | awk '$3 ~ /^mt_/ { print $3 }' | sort >"$dir/seen"
test "$(wc -l <"$dir/declared")" -gt 80 && cmp "$dir/declared" "$dir/seen"
report $? "what the program exports is what the headers declare"
nm -D --defined-only "$builddir/mtapin" | awk '$2 ~ /[TDBR]/ && $3 !~ /^(mt_|_)/ { print $3 }' >"$dir/more"
test ! -s "$dir/more"
report $? "nothing of another name"
cxx=
for compiler in g++ clang++; do have $compiler && { cxx=$compiler; break; }; done
for header in "$headers"/mtapin/*.h; do
	[ "$cxx" ] || { skipped "${header##*/} compiles alone as C++" "needs a C++ compiler"; continue; }
	printf '#include <mtapin/%s>\nint main() { return 0; }\n' "${header##*/}" >"$dir/one.cc"
	ok "${header##*/} compiles alone as C++" $cxx -std=c++11 -Wall -Wextra -pedantic -Werror -fsyntax-only -I"$headers" "$dir/one.cc"
done
ok "mtapin.pc can be installed" make -s -C "$builddir" install-pkgconfigDATA DESTDIR="$dir/inst"
PKG_CONFIG_PATH=$(dirname "$(find "$dir/inst" -name mtapin.pc)")
export PKG_CONFIG_PATH
pkg-config --variable=backenddir mtapin >"$dir/out"
out "it names the folder of the modules" "$(sed -n 's/.*MT_BACKEND_DIR "\(.*\)"/\1/p' "$builddir/installed.h")"

# refused NAME FAULT: the module in $d is refused and FAULT named
refused() {
	mtapin_with "$d" backends
	is 2 "$1: not loaded"
	has err "$1: named" "^mtapin: $2"
}
fresh() {
	d=$dir/case/modules
	rm -rf "$dir/case"
	mkdir -p "$d"
	cp "$good/simple.so" "$d"
}

fresh
compile_simple "$d/simple.so" -DSIMPLE_ABI=MT_ABI+1
refused "another interface" "$d/simple.so: built for interface [0-9]+, this mtapin has [0-9]+ "
fresh
compile_simple "$d/simple.so" '-DSIMPLE_METHOD="auto"'
refused "a method called auto" "$d/simple.so: its method \"auto\" has "
compile_simple "$d/simple.so" '-DSIMPLE_METHOD="simple_line"'
refused "two methods of one name" "$d/simple.so: its method \"simple_line\" has "
compile_simple "$d/simple.so" '-DSIMPLE_METHOD="a|b"'
refused "a method whose name is no word" "$d/simple.so: its method \"a\|b\" has "
compile_simple "$d/simple.so" '-DSIMPLE_TAKES="bare"'
refused "a method with an option that there is not" "$d/simple.so: its method simple_line names an option --bare that it lacks"
compile_simple "$d/simple.so" '-DSIMPLE_OPTION="Note"' '-DSIMPLE_TAKES="Note"'
refused "an option whose name is no word" "$d/simple.so: its option \"Note\" has no good name"
compile_simple "$d/simple.so" '-DSIMPLE_STOPS="SI-NONE"'
refused "a rule with an id that no table explains" "$d/simple.so: it has no finding SI-NONE"
compile_simple "$d/simple.so" '-DSIMPLE_NAME="simple"' -DSIMPLE_ARGUMENT=NULL
compile_simple "$d/zsimple.so" '-DSIMPLE_NAME="zsimple"'
mtapin_with "$d" backends
is 0 "of two with one option the first is loaded"
has err "and the other refused if it takes a value and that one none" "zsimple.so: its option --simple-note takes a value, that of simple does not"
fresh
mv "$d/simple.so" "$d/other.so"
refused "another name" "$d/other.so: the name inside differs"
fresh
echo "not a module" >"$d/simple.so"
refused "not a shared object" "$d/simple.so: .*(invalid ELF|too short)"
fresh
chmod 666 "$d/simple.so"
refused "a world-writable module" "$d/simple.so: mode 0666: others may write it"
fresh
chmod 664 "$d/simple.so"
refused "a group-writable module" "$d/simple.so: mode 0664"
fresh
chmod 777 "$d"
refused "a world-writable folder" "$d: mode 0777: others may write it"
fresh
chmod 1777 "$d"
refused "a sticky folder as the module's own" "$d: mode 1777"
fresh
chmod 775 "$dir/case"
refused "a folder above that a group may write" "$dir/case: mode 0775"
fresh
rm "$d/simple.so"
mkdir "$d/simple.so"
refused "a folder in the module's place" "$d/simple.so: not a regular file"
fresh
rm "$d/simple.so"
mkfifo "$d/simple.so"
refused "a FIFO in the module's place" "$d/simple.so: not a regular file"
mtapin_with "$dir/nowhere" backends
is 2 "an absent folder: nothing loaded"
err "an absent folder is named" "mtapin: $dir/nowhere: No such file or directory ($dir/nowhere is not loaded)"

# links: what they lead through counts
fresh
mv "$d/simple.so" "$dir/case/real.so"
ln -s ../real.so "$d/simple.so"
mtapin_with "$d" backends
is 0 "a link to a good place is followed"
chmod 777 "$dir/case"
refused "a link to a bad place is not" "$dir/case: mode 0777"
fresh
mkdir "$dir/case/open"
chmod 777 "$dir/case/open"
ln -s "$d" "$dir/case/open/way"
d=$dir/case/open/way
refused "a way through a folder that others may write" "$dir/case/open: mode 0777"
fresh
ln -s modules "$dir/case/way"
mtapin_with "$dir/case/way" backends
is 0 "a linked folder in a good place"
fresh
rm "$d/simple.so"
ln -s simple.so "$d/simple.so"
refused "a link to itself" "$d/simple.so: Too many levels"
fresh
status=0
(cd "$dir/case" && "$builddir/mtapin" --backend-dir modules backends) >"$dir/out" 2>"$dir/err" || status=$?
is 0 "a relative folder is checked from the working folder down"

if [ "$(id -u)" = 0 ]; then
	fresh
	chown 12345 "$d"
	refused "a folder of another user" "$d: belongs to user 12345"
	fresh
	chown 12345 "$d/simple.so"
	refused "a module of another user" "$d/simple.so: belongs to user 12345"
	fresh
	mv "$d/simple.so" "$d/real.so"
	ln -s real.so "$d/simple.so"
	chown -h 12345 "$d/simple.so"
	refused "another user's link" "$d/simple.so: belongs to user 12345"
	fresh
	mkdir "$dir/case/sticky"
	chmod 1777 "$dir/case/sticky"
	mv "$d" "$dir/case/sticky/modules"
	mtapin_with "$dir/case/sticky/modules" backends
	is 0 "a root-owned sticky folder above is good enough"
fi

# one bad module does not stop the others
fresh
cp "$good/simple.so" "$d/broken.so"
mtapin_with "$d" backends
is 0 "a refused module does not stop the others"
has err "it is named all the same" "^mtapin: $d/broken.so: "
mtapin_with "$d" --json backends
ok "and in JSON" grep -q '"path": ".*broken.so"' "$dir/out"

# no environment variable has a say
status=0
MTAPIN_BACKENDS=$good LD_LIBRARY_PATH=$good "$builddir/mtapin" --backend-dir "$dir/nowhere" backends >"$dir/out" 2>"$dir/err" ||
	status=$?
is 2 "the environment names no backend"
done_testing
