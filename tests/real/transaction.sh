# SPDX-License-Identifier: ISC
# transaction.sh: for tests/real/*.t that apply; sourced after lab.sh, used after lab_start.
#
#	begin			the host as at the start, without a journal; $before is its configuration
#	fix OPTION...		mtapin fix "${pin[@]}" --yes OPTION...: $status, output in $lab_run/out and err
#	said TEXT		the last one said so
#	trap_verb VERB COMMANDS	a postfix(1) that does COMMANDS first, once, when called with VERB
#	untrap			the real one is back
#	configuration		hashes of main.cf and master.cf
#	tidy			no temporary, no lock file, nothing half-made in the journal
pin=(--ip 192.0.2.11 --ip6 2001:db8::11)
old="192.0.2.10 2001:db8::12" new="192.0.2.11 2001:db8::11"
etc=$mx_root/etc/postfix
journal=$mx_root/var/lib/mtapin
postfix=$mx_root/usr/sbin/postfix

trap_verb() {
	[ -e "$postfix.real" ] || mv "$postfix" "$postfix.real"
	cat >"$postfix" <<-END
		#!/bin/sh
		for verb; do :; done
		if [ "\$verb" = $1 ] && [ -e /trap ]; then
			rm /trap
			$2
		fi
		exec /usr/sbin/postfix.real "\$@"
	END
	chmod 755 "$postfix"
	: >"$mx_root/trap"
}
untrap() { mv "$postfix.real" "$postfix"; }
configuration() { sha256sum "$etc/main.cf" "$etc/master.cf" | cut -c 1-64 | tr '\n' ' '; }
tidy() { [ -z "$(find "$etc" -name '.mtapin*' -o -name '*.tmp')" ] && [ -z "$(find "$journal/txn" -name '.*' ! -name .)" ]; }
fix() { status=0; mx mtapin fix "${pin[@]}" --yes "$@" >"$lab_run/out" 2>"$lab_run/err" || status=$?; }
begin() { lab_reset; rm -rf "$journal"; before=$(configuration); }
said() { grep -q -- "$1" "$lab_run/out" "$lab_run/err" || { note "$(cat "$lab_run/out" "$lab_run/err")"; return 1; }; }
