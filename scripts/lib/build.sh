# SPDX-License-Identifier: ISC
# build.sh: builds of this checkout, each in its own folder .lab/build/NAME.

jobs=$(nproc 2>/dev/null || echo 2)

build_autogen() {
	[ ! -e "$top/config.status" ] || { echo "$top is configured in its own folder: make distclean first"; return 1; }
	if [ ! -x "$top/configure" ] || [ "$top/configure.ac" -nt "$top/configure" ] ||
		[ "$top/Makefile.am" -nt "$top/Makefile.in" ]; then
		(cd "$top" && ./autogen.sh) || return
	fi
}

# Builds that never run at the same time and have the same compiler share what configure found.
build_cache() {
	case $1 in
	gcc | asan) echo "$lab/build/cache-1" ;;
	static | product) echo "$lab/build/cache-2" ;;
	*) echo "$lab/build/cache-$1" ;;
	esac
}
# Configure again only when the script or the arguments have changed.
build_configure() {
	local dir=$1
	shift
	if [ -e "$dir/config.status" ] && [ "$dir/config.status" -nt "$top/configure" ] &&
		[ "$(cat "$dir/.arguments" 2>/dev/null)" = "$*" ]; then
		return 0
	fi
	# other flags than those that the cache is of
	[ ! -e "$dir/.arguments" ] || [ "$(cat "$dir/.arguments")" = "$*" ] || rm -f "$(build_cache "${dir##*/}")"
	rm -rf "$dir"
	mkdir -p "$dir" || return
	[ "$(build_cache "${dir##*/}")" -nt "$top/configure" ] || rm -f "$(build_cache "${dir##*/}")"
	(cd "$dir" && "$top/configure" --cache-file="$(build_cache "${dir##*/}")" "$@") || return
	printf '%s' "$*" >"$dir/.arguments"
}

# build_one NAME TARGET... -- CONFIGURE-ARGUMENT...
build_one() {
	local name=$1 targets=()
	shift
	while [ "$1" != -- ]; do
		targets+=("$1")
		shift
	done
	shift
	build_configure "$lab/build/$name" "$@" && make -C "$lab/build/$name" -j"$jobs" -k "${targets[@]}"
}

# The program of this checkout, installed below .lab/prefix: from the tests' build where there is one,
# else from a build that needs no test library.
build_product() ( # one at a time: scripts/lint and a test of scripts/demo may meet
	exec 7>"$lab/product.lock" && flock 7 || exit
	new=$lab/prefix.new name=product arguments=(--disable-tests)
	if [ -e "$lab/build/gcc/config.status" ]; then
		name=gcc arguments=()
	fi
	build_one "$name" all -- "${arguments[@]}" --enable-werror || exit
	rm -rf "$new"
	make -C "$lab/build/$name" install DESTDIR="$new" || exit
	# The same again stays where it is: a lab that starts now may be copying it.
	! diff -r --no-dereference "$new" "$prefix" >/dev/null 2>&1 || { rm -rf "$new" && exit; }
	rm -rf "$prefix"
	mv "$new" "$prefix"
)
