#!/bin/sh
# SPDX-License-Identifier: ISC
# One bundle, whichever shell and utilities: dash, bash, busybox ash, mksh, ksh93; GNU and busybox.
. "$srcdir/tests/cli/lib.sh"
. "$srcdir/tests/cli/collector-lib.sh"

conf='mail_version = 3.7.11
config_directory = /etc/postfix
queue_directory = /var/spool/postfix
data_directory = /var/lib/postfix
mail_owner = postfix
inet_interfaces = 192.0.2.10, mail.example.net
multi_instance_directories =
transport_maps = hash:/etc/postfix/transport
relayhost = [198.51.100.7]:587'

compare() { # NAME: the bundles of all shells in $root
	for s in $shells; do
		ok "$1, $s: runs" collect "$s" "$dir/$s.raw"
		plain "$dir/$s.raw" "$dir/$s.plain"
		[ "$s" = dash ] || ok "$1, $s: the bundle of dash" diff "$dir/dash.plain" "$dir/$s.plain"
	done
	items "$dir/dash.raw" >"$dir/items"
	has items "$1: complete" '^complete '
	has items "$1: main.cf" "^file	/etc/postfix/main.cf	(present|redacted)	$(printf '%s' "$postfix_main" | wc -c)	f 644 0:0"
	has items "$1: the table" '^file	/etc/postfix/transport	(present|redacted)	'
	hasnt items "$1: no item has failed" '	failed	'
	ok "$1: the kernel's source" grep -q 'src 192\.0\.2\.10' "$dir/dash.raw"
	ok "$1: a literal next hop of main.cf" grep -q '198\.51\.100\.7 .*src' "$dir/dash.raw"
	ok "$1: a literal next hop of a table" grep -q '203\.0\.113\.9 .*src' "$dir/dash.raw"
}

for kind in $kinds; do
	ok "a root of $kind programs" tree $kind $kind
	postfix_files
	sleep 300 &
	sleeper=$!
	printf '%10d\n' $sleeper >"$root/var/spool/postfix/pid/master.pid"
	for mode in raw redacted; do
		script $mode
		compare "$kind, $mode"
	done
	printf '%s\n' "$conf" >"$root/etc/postfix/postconf.out"
	fake_postconf
	script raw
	compare "$kind, with postconf"
	item 'postfix.conf /etc/postfix' "$dir/dash.raw" >"$dir/conf"
	has conf "$kind: what postconf says" '^mail_version = 3\.7\.11$'
	item 'postfix.master /etc/postfix' "$dir/dash.raw" >"$dir/conf"
	has conf "$kind: the master runs in this or another network" '^netns (same|other)$'
	kill $sleeper
	wait $sleeper 2>/dev/null
done

# Every name that decides which addresses are own is resolved: in main.cf, in a service's -o, behind $names; where
# postconf expands them, and where there is none. What is no name is not asked.
resolved() { # SHELL NAME...: exactly these
	s=$1
	shift
	collect "$s" "$dir/names" || return
	item names "$dir/names" | sed 's/ .*//' | sort -u >"$dir/asked"
	printf '%s\n' "$@" | sort | diff - "$dir/asked"
}
root=$dir/gnu
printf 'pin = four.example\nmyhostname = mail.example.net\nmydomain = example.net\ninet_interfaces = one.example,\n  two.example [192.0.2.10]\n\t# a remark\n\t$myhostname x.$mydomain\nmydestination = not.example\n' \
	>"$root/etc/postfix/main.cf"
printf 'smtp unix - - y - - smtp -o inet_interfaces=three.example,[::1] -o smtp_helo_name=helo.example\nrelay unix - - y - - smtp\n  -o { inet_interfaces = $pin, five.example }\n#out unix - - y - - smtp -o inet_interfaces=six.example\n' \
	>"$root/etc/postfix/master.cf"
rm -f "$root/usr/bin/postconf"
script raw
for s in $shells; do
	ok "$s: names of inet_interfaces without postconf" resolved "$s" one.example two.example three.example four.example \
		five.example mail.example.net x.example.net
done
cat >"$root/usr/bin/postconf" <<'EOT'
#!/shells/dash
case $* in
*-Px*) echo 'smtp/unix/inet_interfaces = three.example,[::1]
relay/unix/inet_interfaces = four.example, five.example' ;;
*) while IFS= read -r x; do printf "%s\n" "$x"; done </etc/postfix/postconf.out ;;
esac
EOT
chmod 755 "$root/usr/bin/postconf"
printf '%s\n' "$conf" >"$root/etc/postfix/postconf.out"
for s in $shells; do
	ok "$s: names of inet_interfaces with postconf" resolved "$s" three.example four.example five.example mail.example.net
done

# ---- Exim: a program that says what it reads; one that refuses it; a link to another mail server's program ----
fake_exim() { # STATUS: of -bV; what it was called with is in $root/tmp/called
	cat >"$root/usr/sbin/exim4" <<'EOT'
#!/shells/dash
say() { while IFS= read -r x; do printf '%s\n' "$x"; done <"$1"; }
[ ! -e /tmp/called ] || echo "$*" >>/tmp/called
case $* in
-bV) [ ! -e /etc/bad ] || say /etc/bad >&2; say /etc/exim.version; [ ! -e /etc/bad ] || exit 1 ;;
'-bP config') say /etc/exim.config ;;
-bP*) say /etc/exim.main ;;
esac
EOT
	chmod 755 "$root/usr/sbin/exim4"
}
exim_tree() { # KIND
	tree "exim-$1" "$1"
	mkdir -p "$root/usr/sbin" "$root/etc/exim4/conf.d/main" "$root/etc/exim4/conf.d/transport" "$root/etc/exim4/conf.d/router/folder" \
		"$root/etc/exim4/domains/one.test" "$root/etc/exim4/domains/two.test" "$root/var/lib/exim4" "$root/run/exim4"
	fake_exim
	echo 'Debian-exim:x:101:105::/:/bin/false' >>"$root/etc/passwd"
	echo 'Debian-exim:x:105:' >"$root/etc/group"
	echo "dc_use_split_config='$2'" >"$root/etc/exim4/update-exim4.conf.conf"
	echo mail.example.net >"$root/etc/mailname"
	echo '*:user:CANARY' >"$root/etc/exim4/passwd.client"
	for x in main/10_local main/20_exim4-config_x main/30.old transport/10_local.rul; do echo 'A = 1' >"$root/etc/exim4/conf.d/$x"; done
	echo 'primary_hostname = mail.example.net' >"$root/etc/exim4/exim4.conf.template"
	for x in one two; do echo 192.0.2.10 >"$root/etc/exim4/domains/$x.test/ip"; done
	echo 'one.test: 203.0.113.77' >"$root/etc/mailips"
	echo 'host: a' >"$root/etc/exim4/smtp_relay.conf"
	printf '%s\n' 'begin transports' 'out:' '  driver = smtp' '.include_if_exists /etc/exim4/part' '.include_if_exists /etc/exim4/none' \
		>"$root/var/lib/exim4/config.autogenerated"
	echo '  interface = 192.0.2.10' >"$root/etc/exim4/part"
	printf '%s\n' 'Exim version 4.96 #2 built 1' 'Support for: IPv6' 'Configuration file search path is /etc/exim4/exim4.conf:/var/lib/exim4/config.autogenerated' \
		'Configuration file is /var/lib/exim4/config.autogenerated' >"$root/etc/exim.version"
	printf '%s\n' '# 1 "/var/lib/exim4/config.autogenerated"' 'begin transports' '  out:' '    driver = smtp' '# 1 "/etc/exim4/part"' \
		'    interface = ${if exists {/etc/mailips}{${lookup{$sender_address_domain}lsearch*{/etc/mailips}}}{${readfile{/etc/exim4/domains/${lookup{$sender_address_domain}dsearch{/etc/exim4/domains}}/ip}}}}' \
		'    route_list = * ${lookup{host}lsearch{/etc/exim4/smtp_relay.conf}}' '    hosts = /etc/hosts.not' '    route_data = ${lookup{$domain}lsearch{/etc/exim4/hubbed}}' >"$root/etc/exim.config"
	printf '%s\n' 'primary_hostname = mail.example.net' 'no_disable_ipv6' 'pid_file_path = /run/exim4/exim.pid' 'spool_directory = /var/spool/exim4' \
		'exim_user = Debian-exim' >"$root/etc/exim.main"
	echo $sleeper >"$root/run/exim4/exim.pid"
	touch -d @1700000000 "$root"/etc/exim4/* "$root"/etc/exim4/conf.d/* "$root"/etc/exim4/conf.d/*/* "$root"/etc/exim4/domains/*/ip "$root"/var/lib/exim4/*
}
same() { # NAME: the bundles of all shells in $root
	for s in $shells; do
		ok "$1, $s: runs" collect "$s" "$dir/$s.raw"
		plain "$dir/$s.raw" "$dir/$s.plain"
		[ "$s" = dash ] || ok "$1, $s: the bundle of dash" diff "$dir/dash.plain" "$dir/$s.plain"
	done
	items "$dir/dash.raw" >"$dir/items"
	has items "$1: complete" '^complete '
}
sleep 600 &
sleeper=$!
for kind in $kinds; do
	for split in true false; do
		exim_tree $kind $split
		name="Exim, $kind, split $split"
		for mode in redacted raw; do
			script $mode
			same "$name, $mode"
			hasnt items "$name, $mode: no item has failed" '	failed	'
			for f in etc/exim4/part etc/mailips etc/mailname etc/exim4/conf.d/main/10_local etc/exim4/domains/one.test/ip \
				etc/exim4/domains/two.test/ip; do
				has items "$name, $mode: $f" "^file	/$f	(present|redacted)	"
			done
			for f in etc/exim4/exim4.conf etc/exim4/exim4.conf.localmacros etc/exim4/hubbed etc/exim4/none; do
				has items "$name, $mode: $f is not there" "^file	/$f	absent	"
			done
			for f in exim4/passwd.client exim4/smtp_relay.conf; do has items "$name, $mode: $f is only named" "^file	/etc/$f	unasked	0	f "; done
			hasnt items "$name, $mode: what other options name is left alone" 'hosts\.not'
			has items "$name, $mode: what it says" '^probe	exim\.config	(present|redacted)	[0-9]*	status 0'
		done
		ok "$name: no password" sh -c '! grep -a CANARY "$1"' - "$dir/dash.raw"
		item exim.user "$dir/dash.raw" >"$dir/user"
		has user "$name: who delivers" '^Debian-exim 101 105$'
		item exim.daemon "$dir/dash.raw" >"$dir/user"
		has user "$name: it runs" '^comm sleep$'
		[ $kind != gnu ] || ok "$name: the kernel is asked as that user" grep -q -a 'route get 203.0.113.77 uid 101' "$dir/dash.raw"
		case $split in
		true)
			has items "$name: parts of the package" '^file	/etc/exim4/conf\.d/main/20_exim4-config_x	present'
			hasnt items "$name: no template" 'exim4\.conf\.template'
			;;
		false)
			hasnt items "$name: not the parts of the package" '20_exim4-config_x'
			has items "$name: the template" '^file	/etc/exim4/exim4\.conf\.template	present'
			;;
		esac
	done
	# It refuses its file: nothing more is asked, files are found by their names.
	printf '%s\n' '2026-01-01 00:00:00 Exim configuration error in line 1 of /etc/exim4/part:' '  main option "CANARY" unknown' >"$root/etc/bad"
	: >"$root/tmp/called"
	script redacted
	same "Exim, $kind, refused"
	is_called=$(sort -u "$root/tmp/called")
	ok "Exim, $kind, refused: -bP is not called" test "$is_called" = -bV
	has items "Exim, $kind, refused: said so" '^probe	exim\.version	redacted	[0-9]*	status 1'
	hasnt items "Exim, $kind, refused: no -bP" '^probe	exim\.(config|main)	'
	has items "Exim, $kind, refused: what is included" '^file	/etc/exim4/part	redacted'
	ok "Exim, $kind, refused: what is wrong does not leave" sh -c '! grep -a CANARY "$1" && grep -q -a "error in line 1 of /etc/exim4/part" "$1"' - "$dir/dash.raw"
	rm "$root/etc/bad"
	# Another mail server's program under its name, and none at all.
	mv "$root/usr/sbin/exim4" "$root/usr/sbin/postfix-sendmail"
	ln -s postfix-sendmail "$root/usr/sbin/exim"
	: >"$root/tmp/called"
	same "Exim, $kind, a link to another program"
	ok "Exim, $kind: that is not called" test ! -s "$root/tmp/called"
	hasnt items "Exim, $kind: nothing of it is here" 'exim'
	# Built from source: a link to a program with its version.
	mv "$root/usr/sbin/postfix-sendmail" "$root/usr/sbin/exim-4.96-1"
	ln -sf exim-4.96-1 "$root/usr/sbin/exim"
	same "Exim, $kind, with its version in the name"
	has items "Exim, $kind, with its version: is one" '^probe	exim\.version	redacted	'
done
kill $sleeper
wait $sleeper 2>/dev/null
done_testing
