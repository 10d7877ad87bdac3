#!/bin/bash
# SPDX-License-Identifier: ISC
# `show --to --from` on a real Exim: the router, transport and hosts that exim -bt names, the source of this sender, by maps of
# panels too; and nothing of the configuration that does more than to read files is evaluated unasked.
. "$(dirname "$0")/lab.sh"
lab_begin
host_boot mx mail.example.org exim && host_boot peer sink.example || bail "no hosts"
mx_pid=$(<"$lab_run/mx/pid") mx_root=/proc/$mx_pid/root
peer_pid=$(<"$lab_run/peer/pid") peer_root=/proc/$peer_pid/root
peer_network && mx_network && peer_start && mx_files || bail "no lab"
rm -rf "$mx_root/etc/postfix"
etc=$mx_root/etc/exim4 log=$mx_root/var/log/exim4
harm=$mx_root/tmp/harm
mkdir -p "$harm" && chmod 1777 "$harm"

run() {
	status=0
	mx mtapin "$@" >"$lab_run/out" 2>"$lab_run/err" || status=$?
}
# route RECIPIENT [SENDER [OPTION...]]: "TRANSPORT NEXT-HOP IPV4 IPV6 HELO".
route() {
	local to=$1 from=${2-a@b.example}
	shift $(($# < 2 ? $# : 2))
	mx mtapin show --json --to "$to" --from "$from" "$@" >"$lab_run/json" 2>"$lab_run/err"
	python3 -B -c '
import json, sys
m, = [m for m in json.load(open(sys.argv[1]))["mtas"] if m["backend"] == "exim"]
r = m["route"]
f = lambda x: (x.get("source") or x["how"]) if x else "-"
print(r["path"], r["next_hop"] or "-", f(r.get("ipv4")), f(r.get("ipv6")), r.get("helo") or "-")
print(r["note"], file=sys.stderr)' "$lab_run/json" 2>"$lab_run/note"
}
# told RECIPIENT [SENDER]: "TRANSPORT HOSTS" of exim -bt.
told() {
	mx exim4 -f "${2-a@b.example}" -bt "$1" 2>/dev/null | python3 -B -c '
import re, sys
t, hosts = None, []
for line in sys.stdin:
    found = re.search("transport = (.*)", line)
    t = found[1] if found else t
    found = re.match(r"  host (\S+) .*?(?:port=(\d+))?$", line.rstrip())
    if found and found[1] + ":" + (found[2] or "25") not in hosts:
        hosts.append(found[1] + ":" + (found[2] or "25"))
print(t, ", ".join(hosts) or "-")'
}
same_as_bt() { # NAME, addresses
	local name=$1 to shown
	shift
	for to; do
		shown=$(route "$to")
		is "$name, $to: transport and hosts of exim -bt" "${shown% * * *}" "$(told "$to")"
	done
}
set_line() { sed -i "s/^$1=.*/$1='$2'/" "$etc/update-exim4.conf.conf"; }
generate() { mx update-exim4.conf >>"$lab_run/daemons" 2>&1; }

# ---- Debian's configuration ----
set_line dc_eximconfig_configtype internet
printf 'REMOTE_SMTP_INTERFACE = <; 192.0.2.12 ; 2001:db8::11\n' >"$etc/exim4.conf.localmacros"
generate || bail "update-exim4.conf"
same_as_bt internet u@v4.example u@v6.example u@dual.example u@relayed.example
is "... from where" "$(route u@v4.example)" "remote_smtp mx4.example:25 192.0.2.12 2001:db8::11 mail.example.org"
ok "... as exim -bt says" grep -q -x 'exim -bt says so' "$lab_run/note"
route u@nowhere.example >"$lab_run/shown"
ok "a domain that is not there: what Exim says" grep -q 'is undeliverable: Unrouteable address' "$lab_run/note"
printf 'v4.example: gw.example\n*.sub.example: relay.example::2525\n' >"$etc/hubbed_hosts"
same_as_bt hubbed u@v4.example u@x.sub.example u@v6.example
rm "$etc/hubbed_hosts"
run show --to u@mail.example.org
ok "a user of the host: whose filter might be run is not asked" grep -q -e '--evaluate has it asked' "$lab_run/out"
is "... with --evaluate it is" "$(route www-data@mail.example.org a@b.example --evaluate)" 'None - - - -'
ok "... delivered here" grep -q 'delivered by mail_spool' "$lab_run/note"
set_line dc_eximconfig_configtype satellite
set_line dc_smarthost relay.example::587
generate
same_as_bt satellite u@v4.example

# ---- panels ----
printf 'mail.example.org\nhosted.example\n' >"$mx_root/etc/localdomains"
printf 'one.test: 192.0.2.12\n*: 192.0.2.11\n' >"$mx_root/etc/mailips"
printf 'one.test: out12.example.org\n' >"$mx_root/etc/mailhelo"
panel() { # INTERFACE HELO
	cat >"$etc/exim4.conf" <<-END
		primary_hostname = mail.example.org
		domainlist local_domains = lsearch;/etc/localdomains
		begin routers
		far:
		  driver = dnslookup
		  domains = ! +local_domains
		  transport = smtp
		  no_more
		near:
		  driver = accept
		  transport = box
		begin transports
		smtp:
		  driver = smtp
		  interface = $1
		  helo_data = $2
		box:
		  driver = appendfile
		  file = /dev/null
	END
}
panel '<; ${if exists {/etc/mailips}{${lookup{$sender_address_domain}lsearch*{/etc/mailips}{$value}{}}}}' \
	'${lookup{$sender_address_domain}lsearch{/etc/mailhelo}{$value}{$primary_hostname}}'
same_as_bt cPanel u@v4.example
route u@hosted.example >"$lab_run/shown"
ok "... a domain of this host" grep -q 'delivered by box, which is not an SMTP transport' "$lab_run/note"
is "cPanel: a sender" "$(route u@v4.example x@one.test)" "smtp mx4.example:25 192.0.2.12 $(mx ip -6 route get 2001:db8:25::25 | sed 's/.* src \([^ ]*\).*/\1/') out12.example.org"
is "... any other" "$(route u@v4.example x@two.test | cut -d' ' -f3,5)" "192.0.2.11 mail.example.org"
is "... the null sender" "$(route u@v4.example '<>' | cut -d' ' -f3,5)" "192.0.2.11 mail.example.org"
mkdir -p "$mx_root/etc/virtual"
printf 'one.test:192.0.2.12;2001:db8::11\n' >"$mx_root/etc/virtual/domainips"
panel '<; ${if exists{/etc/virtual/domainips}{${lookup{$sender_address_domain}lsearch*{/etc/virtual/domainips}}}}' '$primary_hostname'
is "DirectAdmin: a sender" "$(route u@v4.example x@one.test | cut -d' ' -f3,4)" "192.0.2.12 2001:db8::11"
is "... as Exim sends it" "$(mx exim4 -f x@one.test -be "$(mx exim4 -bP transport smtp | sed -n 's/^interface = //p')")" "<; 192.0.2.12;2001:db8::11"
panel '${sg{${lc:192.0.2.X}}{x}{12}}' '$primary_hostname'
is "what mtapin cannot evaluate and is harmless: Exim does" "$(route u@v4.example x@one.test | cut -d' ' -f3)" 192.0.2.12
panel '${lookup{$domain}lsearch{/etc/mailips}{$value}{192.0.2.12}}' '$primary_hostname'
printf 'v4.example: 192.0.2.11\n' >>"$mx_root/etc/mailips"
is "by the recipient: for this mail" "$(route u@relayed.example x@one.test | cut -d' ' -f3),$(route u@v4.example x@one.test | cut -d' ' -f3)" 192.0.2.12,192.0.2.11

# ---- what does something ----
left() { find "$harm" -type f -o -type p | wc -l; }
harmless() { # NAME COMMAND...
	local name=$1
	shift
	run "$@"
	is "$name: nothing is run" "$(left)" 0
}
panel '${run{/bin/touch /tmp/harm/interface}{192.0.2.12}{192.0.2.12}}' '${run{/bin/touch /tmp/harm/helo}{x}{x}}'
harmless 'an interface with ${run}' show --to u@v4.example --from x@one.test
ok "... computed, and how it is evaluated is said" grep -q -e 'interface is not evaluated (it holds ${run); --evaluate does it' "$lab_run/out"
is "... as JSON" "$(route u@v4.example x@one.test | cut -d" " -f1-4)" "smtp mx4.example:25 unknown unknown"
harmless "... show" show
harmless "... check" check
harmless "... fix" fix --ip 192.0.2.11 --ip6 keep -n
harmless "... audit" audit --via 'sh -c' mx
harmless "... collect" collect
is "... --evaluate does it" "$(route u@v4.example x@one.test --evaluate | cut -d' ' -f3)" 192.0.2.12
ok "... as Exim's own user" [ "$(mx stat -c %U /tmp/harm/interface)" = Debian-exim ]
rm -f "$harm"/*
router() { # lines before the router that takes all
	panel 192.0.2.12 '$primary_hostname'
	local line text=
	for line; do text=$text$line'\n'; done
	sed -i "s|^begin routers\$|&\n$text|" "$etc/exim4.conf"
}
for what in 'condition = ${run{/bin/touch /tmp/harm/x}{yes}{yes}}' 'address_data = ${run{/bin/touch /tmp/harm/x}}' \
	'senders = ${if eq{${run{/bin/touch /tmp/harm/x}}}{}{*}{*}}' 'transport = ${run{/bin/touch /tmp/harm/x}{smtp}{smtp}}' \
	'local_parts = ${run{/bin/touch /tmp/harm/x}{u}{u}}' 'domains = ${run{/bin/touch /tmp/harm/x}{*}{*}}' \
	'headers_add = X: ${run{/bin/touch /tmp/harm/x}}' 'require_files = ${run{/bin/touch /tmp/harm/x}}'; do
	router first: '  driver = dnslookup' "  $what" '  transport = smtp'
	case $what in transport*) sed -i '/^first:/,/^far:/{/^  transport = smtp$/d}' "$etc/exim4.conf" ;; esac
	mx exim4 -bV >/dev/null 2>&1 || bail "not accepted: $what"
	harmless "a router with ${what%% *}" show --to u@v4.example --from x@one.test
done
router first: '  driver = queryprogram' '  command = /bin/touch /tmp/harm/x' '  command_user = Debian-exim' '  command_group = Debian-exim'
harmless "a router that asks a program" show --to u@v4.example --from x@one.test
printf 'begin rewrite\n*@v4.example ${run{/bin/touch /tmp/harm/x}} T\n' >"$etc/rewriting"
panel 192.0.2.12 '$primary_hostname'
cat "$etc/rewriting" >>"$etc/exim4.conf"
harmless "a rule of rewriting" show --to u@v4.example --from x@one.test
panel '${lookup{$sender_address}wildlsearch{/etc/exim4/keys}{$value}{192.0.2.12}}' '$primary_hostname'
printf '${run{/bin/touch /tmp/harm/x}}: 192.0.2.11\n' >"$etc/keys"
harmless "a file whose keys are expanded" show --to u@v4.example --from x@one.test

# ---- addresses ----
panel '${lookup{$sender_address_domain}lsearch*{/etc/mailips}}' '$primary_hostname'
for bad in '${run{/bin/touch /tmp/harm/x}}@a.test' 'u@${run{/bin/touch /tmp/harm/x}}' '-be@a.test' 'a\b@a.test' 'a{b@a.test' $'a\nb@a.test'; do
	harmless "--to ${bad@Q}" show --to "$bad" --from x@one.test
	is "... refused" "$status" 64
	harmless "--from ${bad@Q}" show --to u@v4.example --from "$bad"
	is "... refused" "$status" 64
done
for odd in "a'b@v4.example" 'a"b@v4.example' 'a;touch /tmp/harm/x@v4.example' 'a`touch /tmp/harm/x`@v4.example' 'exim expand x@v4.example' 'a*b@v4.example'; do
	harmless "--to $odd" show --to "$odd" --from "$odd"
	is "... no refusal" "$status" 0
done
ok "no paniclog" [ ! -s "$log/paniclog" ]
