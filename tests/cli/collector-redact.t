#!/bin/sh
# SPDX-License-Identifier: ISC
# Canaries: what is secret never leaves in a redacted bundle; sizes and lines stay; raw has them all.
. "$srcdir/tests/cli/lib.sh"
. "$srcdir/tests/cli/collector-lib.sh"

main='smtp_sasl_password_maps = static:user:CANARY01
smtp_sasl_password_maps =
  static:user:CANARY02
# smtp_sasl_password_maps = static:user:CANARY03
#smtp_sasl_password_maps = static:user:CANARY04
smtp_sasl_password_maps = inline:{
  # inside
  { relay.example.net = user:CANARY05 }
	{ other.example.net = user:CANARY06 } }
lmtp_sasl_password_maps=$hidden
hidden = static:user:CANARY07
 CANARY08
smtp_tls_secret = CANARY09
proxy = mysql://user:CANARY10@db.example.net/mail
relayhost = [198.51.100.7]:587
transport_maps = password
  = CANARY23
default_transport = mysql://user:$in_url@db $in_value secret=$behind
in_url = CANARY24
behind = CANARY25
in_value = shown
inet_interfaces = mail.example.net, token
  =
  CANARY26
mydomain = example.net'
master='smtp unix - - y - - smtp
  -o smtp_sasl_password_maps=static:user:CANARY11
relay unix - - y - - smtp
  -o { smtp_sasl_password_maps = static:user:CANARY12 }
pool unix - - y - - smtp -o smtp_sasl_password_maps=static:user:CANARY13 -o smtp_bind_address=192.0.2.10
four unix - - y - - smtp -o {smtp_sasl_password_maps = inline:{ {a = user:CANARY14},
  {b = user:CANARY15} } }
nest unix - - y - - smtp -o { transport_maps = inline:{ {a@b = [h]:25} {password = CANARY21} } }
  -o relayhost={ password
#
  = CANARY22 }
#five unix - - y - - smtp -o smtp_sasl_password_maps=static:user:CANARY16
six unix - n n - - pipe
  flags=R user=x argv=/usr/bin/deliver --password=CANARY17 ${recipient}
'
conf='mail_version = 3.7.11
config_directory = /etc/postfix
queue_directory = /var/spool/postfix
data_directory = /var/lib/postfix
mail_owner = postfix
inet_interfaces = all
multi_instance_directories =
transport_maps = hash:/etc/postfix/transport, inline:{ example.org = CANARY18 }
relayhost = static:user:CANARY19'

hidden() { ! LC_ALL=C grep -a -n CANARY "$dir/bundle"; }
canaries() { # FILE: how many different ones
	LC_ALL=C grep -a -o 'CANARY[0-9]*' "$1" | sort -u | wc -l
}
shape() { # ITEM FILE: same size and lines, and what differs has become '*'
	item "$1" "$dir/bundle" >"$dir/got"
	cmp -l "$2" "$dir/got" >"$dir/cmp" 2>&1
	grep -v '^ *[0-9]* *[0-9]* *52$' "$dir/cmp" && return 1
	[ -s "$dir/cmp" ] && [ "$(wc -c <"$2")" = "$(wc -c <"$dir/got")" ] && [ "$(wc -l <"$2")" = "$(wc -l <"$dir/got")" ]
}
keeps() { # FILE TEXT
	item "$1" "$dir/bundle" | grep -q -F -e "$2"
}

for kind in $kinds; do
	tree $kind $kind
	postfix_files
	printf '%s' "$main" >"$root/etc/postfix/main.cf"
	printf '%s' "$master" >"$root/etc/postfix/master.cf"
	echo 'relay.example.net user:CANARY20' >"$root/etc/postfix/sasl_passwd"
	for with in no yes; do
		[ $with = no ] || { printf '%s\n' "$conf" >"$root/etc/postfix/postconf.out"; fake_postconf; }
		name="$kind, postconf: $with"
		script raw
		collect dash "$dir/bundle"
		ok "$name: a raw bundle has the canaries" test "$(canaries "$dir/bundle")" -ge 23
		script redacted
		for s in $shells; do
			collect "$s" "$dir/bundle"
			items "$dir/bundle" >"$dir/items"
			ok "$name, $s: no canary" hidden
			has items "$name, $s: says so" '^complete redacted'
			for f in main.cf master.cf; do
				has items "$name, $s: $f is redacted" "^file	/etc/postfix/$f	redacted	"
				ok "$name, $s: $f keeps its size and lines" shape "/etc/postfix/$f" "$root/etc/postfix/$f"
			done
			ok "$name, $s: names stay" keeps /etc/postfix/main.cf 'smtp_sasl_password_maps ='
			ok "$name, $s: the relay stays" keeps /etc/postfix/main.cf 'relayhost = [198.51.100.7]:587'
			ok "$name, $s: what it names stays" keeps /etc/postfix/main.cf 'in_value = shown'
			ok "$name, $s: the pin stays" keeps /etc/postfix/master.cf '-o smtp_bind_address=192.0.2.10'
		done
	done
done
done_testing
