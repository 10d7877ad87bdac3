#!/bin/sh
# SPDX-License-Identifier: ISC
# sample-generate [FOLDER FILE]: makes the one file that sampled reads of those that people edit.
# /run/die: the program that called it is killed when half of the file is there.
LC_ALL=C
export LC_ALL
echo "${1:-live}" >>/run/generated
from=${1:-/etc/sample.d} to=${2:-/etc/sample.conf}
cat "$from"/*.conf | grep '^[a-z]' >"$to.new" || exit
if [ -e /run/die ] && [ $# = 0 ]; then
	head -c 20 "$to.new" >"$to"
	rm /run/die "$to.new"
	kill -KILL $PPID
	exit 1
fi
chmod 644 "$to.new" && mv "$to.new" "$to"
