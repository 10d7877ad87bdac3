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
ok "a backend compiles against the installed headers alone" compile_sample "$good/sample.so"

mtapin_with "$good" backends
is 0 "and is loaded"
out "from the folder named" "sample       Sample           reads and changes  $good/sample.so"
mtapin_with "$good" explain SM-ALWAYS
is 0 "its findings have their page"
mtapin explain SM-ALWAYS
is 64 "only while it is loaded"

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
	cp "$good/sample.so" "$d"
}

fresh
compile_sample "$d/sample.so" -DSAMPLE_ABI=MT_ABI+1
refused "another interface" "$d/sample.so: built for interface [0-9]+, this mtapin has [0-9]+ "
fresh
mv "$d/sample.so" "$d/other.so"
refused "another name" "$d/other.so: the name inside differs"
fresh
echo "not a module" >"$d/sample.so"
refused "not a shared object" "$d/sample.so: .*(invalid ELF|too short)"
fresh
chmod 666 "$d/sample.so"
refused "a world-writable module" "$d/sample.so: mode 0666: others may write it"
fresh
chmod 664 "$d/sample.so"
refused "a group-writable module" "$d/sample.so: mode 0664"
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
rm "$d/sample.so"
mkdir "$d/sample.so"
refused "a folder in the module's place" "$d/sample.so: not a regular file"
fresh
rm "$d/sample.so"
mkfifo "$d/sample.so"
refused "a FIFO in the module's place" "$d/sample.so: not a regular file"
mtapin_with "$dir/nowhere" backends
is 2 "an absent folder: nothing loaded"
err "an absent folder is named" "mtapin: $dir/nowhere: No such file or directory ($dir/nowhere is not loaded)"

# links: what they lead through counts
fresh
mv "$d/sample.so" "$dir/case/real.so"
ln -s ../real.so "$d/sample.so"
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
rm "$d/sample.so"
ln -s sample.so "$d/sample.so"
refused "a link to itself" "$d/sample.so: Too many levels"
fresh
status=0
(cd "$dir/case" && "$builddir/mtapin" --backend-dir modules backends) >"$dir/out" 2>"$dir/err" || status=$?
is 0 "a relative folder is checked from the working folder down"

if [ "$(id -u)" = 0 ]; then
	fresh
	chown 12345 "$d"
	refused "a folder of another user" "$d: belongs to user 12345"
	fresh
	chown 12345 "$d/sample.so"
	refused "a module of another user" "$d/sample.so: belongs to user 12345"
	fresh
	mv "$d/sample.so" "$d/real.so"
	ln -s real.so "$d/sample.so"
	chown -h 12345 "$d/sample.so"
	refused "another user's link" "$d/sample.so: belongs to user 12345"
	fresh
	mkdir "$dir/case/sticky"
	chmod 1777 "$dir/case/sticky"
	mv "$d" "$dir/case/sticky/modules"
	mtapin_with "$dir/case/sticky/modules" backends
	is 0 "a root-owned sticky folder above is good enough"
fi

# one bad module does not stop the others
fresh
cp "$good/sample.so" "$d/broken.so"
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
