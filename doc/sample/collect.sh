# SPDX-License-Identifier: ISC
# Which files sample has on a host, and what only a running one can tell.

sample_find() {
	[ -e /etc/sample.conf ] || return 0
	want /etc/sample.conf
	meta /etc/sample.passwords
	set +f
	for x in /etc/sample.d/*.conf; do [ ! -e "$x" ] || want "$x"; done
	set -f
	# From which of our addresses would the kernel connect to the relays?
	for x in $(sed -n 's/^relay  *[^ ]*  *//p' /etc/sample.conf); do hop "$x"; done
}

sample_ask() {
	[ -e /etc/sample.conf ] || return 0
	find_program sampled && ran sample.version "$at" --version
	if { read -r y </run/sampled.pid; } 2>/dev/null && process "$y"; then
		text sample.daemon "$lines"
	else
		nothing absent sample.daemon
	fi
}
