#!/bin/sh
# SPDX-License-Identifier: ISC
# mtapin.conf: a row for each way in which it can be wrong; exit 78 before anything is read.
. "$srcdir/tests/cli/lib.sh"
conf=$dir/mtapin.conf

try() { mtapin --config "$conf" --bundle "$dir/never-read" explain HOST-NAT; }
good() { # NAME TEXT
	printf '%s' "$2" >"$conf"
	try
	is 0 "$1"
}
bad() { # NAME TEXT LINE REASON
	printf '%s' "$2" >"$conf"
	chmod 644 "$conf"
	try
	is 78 "$1: exit code"
	has err "$1: message" "^mtapin: $conf:$3: $4"
	ok "$1: nothing on stdout" test ! -s "$dir/out"
}

good "empty" ""
good "every key" 'method = "service"
ip4 = 192.0.2.10
ip6 = "off" # a comment
helo = "mail.example.net"
keep_backups = 5
service_timeout = 30
resolvers = {"192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:53"}
preferred = {"192.0.2.10", "2001:db8::10"}
dnsbl zen.spamhaus.org {}
dnsbl ours { zone = "bl.example.org" codes = {"2=spam", "127.0.0.3-4=!dynamic", "9"} ipv6 = true }
'
good "without a final newline" 'ip4 = "any"'
good "eight levels in a comment and in a string are no nesting" '# {{{{{{{{{
/* {{{{{{{{{ */
// {{{{{{{{{
'
bad "unknown key" 'method = "auto"
colour = "blue"
' 2 "no such option 'colour'"
bad "wrong type" 'keep_backups = "many"' 1 "invalid integer value"
bad "number out of range" '
keep_backups = 0' 2 "keep_backups must be 1 to 10000"
bad "negative number" 'service_timeout = -1' 1 "service_timeout must be 1 to 600"
bad "number too large for any type" 'service_timeout = 99999999999999999999' 1 ""
bad "unknown method" 'method = "magic"' 1 'method "magic" is not known'
bad "address of the other family" 'ip4 = "2001:db8::1"' 1 'ip4 "2001:db8::1" is neither'
bad "not an address" 'ip6 = "192.0.2.300"' 1 "ip6 "
bad "short form of an address" 'ip4 = "10.1"' 1 "ip4 "
bad "HELO name without a dot" 'helo = "localhost"' 1 "helo "
bad "syntax" 'method "auto"' 1 ""
bad "unfinished string" 'method = "auto' 1 ""
bad "a resolver that is a name" 'resolvers = {"192.0.2.53", "dns.example.org"}' 1 'resolvers: "dns\.example\.org" is not'
bad "a resolver with port 0" 'resolvers = {"192.0.2.53:0"}' 1 'resolvers: "192\.0\.2\.53:0" is not'
bad "a resolver with half a bracket" 'resolvers = {"[2001:db8::53:53"}' 1 'resolvers: '
bad "a preferred address that is none" 'preferred = {"192.0.2.256"}' 1 'preferred: "192\.0\.2\.256" is not'
bad "a blacklist that is dead" 'dnsbl dnsbl.sorbs.net {}' 1 'dnsbl dnsbl\.sorbs\.net is not asked: it was switched off'
bad "a blacklist that is not known" 'dnsbl ours {}' 1 'dnsbl ours is not known: it needs zone and codes'
bad "a blacklist without codes" 'dnsbl ours { zone = "bl.example.org" }' 1 'dnsbl ours needs codes'
bad "codes that are none" 'dnsbl ours { zone = "bl.example.org" codes = {"256=x"} }' 1 'dnsbl ours: codes are'
bad "a zone that is none" 'dnsbl ours { zone = "bl example" codes = {"2"} }' 1 'dnsbl ours: zone '
bad "section" 'mail { }' 1 "no such option 'mail'"
bad "include" 'include("/etc/passwd")' 1 "no such option 'include'"
bad "variable" 'helo = "${HOME}"' 1 '.*variables are not expanded'
bad "nested nine deep" 'x {
{{{{{{{{ ' 2 "nested too deeply"
printf 'helo = "a.b\000"\n' >"$conf"
try
is 78 "NUL: exit code"
has err "NUL: message" "^mtapin: $conf:1: holds a NUL byte"
{ printf 'ip4 = any\n'; head -c 70000 /dev/zero | tr '\0' ' '; } >"$conf"
try
is 78 "over 64 KiB: exit code"
has err "over 64 KiB: message" "^mtapin: $conf:1: is larger than 64 KiB"
{ head -c 65530 /dev/zero | tr '\0' ' '; echo; } >"$conf"
try
is 0 "just under 64 KiB"

printf 'ip4 = any\n' >"$conf"
chmod 666 "$conf"
try
is 78 "writable by others: exit code"
has err "writable by others: message" "^mtapin: $conf:1: mode 0666: others may write it"
chmod 644 "$conf"
mkdir "$dir/open"
chmod 777 "$dir/open"
cp "$conf" "$dir/open/c"
mtapin --config "$dir/open/c" explain HOST-NAT
is 78 "in a folder that others may write: exit code"
has err "in a folder that others may write: message" "^mtapin: $dir/open/c:1: $dir/open: mode 0777"
mtapin --config "$dir/absent" explain HOST-NAT
is 78 "a file that was named must be there"
mtapin --config "$dir" explain HOST-NAT
is 78 "a folder is no configuration"
rm -f "$conf"
mkfifo "$conf"
try
is 78 "a FIFO is no configuration (and is not waited for)"
if [ "$(id -u)" = 0 ]; then
	rm -f "$conf"
	printf 'ip4 = any\n' >"$conf"
	chown 12345 "$conf"
	try
	is 78 "another user's file: exit code"
	has err "another user's file: message" "^mtapin: $conf:1: belongs to user 12345"
fi
mtapin --config "$conf" --help
is 0 "--help needs no configuration"
# ---- doc/mtapin.conf and mtapin.conf(5): what they call the default is it ----
"$builddir/tests/cli/table" "$dir/modules" settings </dev/null >"$dir/defaults"
sed -n 's/^#\([a-z0-9_]* = .*\)/\1/p' "$srcdir/doc/mtapin.conf" >"$dir/shown"
"$builddir/tests/cli/table" "$dir/modules" settings <"$dir/shown" >"$dir/same"
ok "doc/mtapin.conf shows five defaults, and they are" test "$(grep -c . "$dir/shown")" = 5 -a "$(cat "$dir/same")" = "$(cat "$dir/defaults")"
conf=$dir/examples.conf
sed -n 's/^# \([a-z0-9]* = .*\)/\1/p; s/^# \(dnsbl .*\)/\1/p' "$srcdir/doc/mtapin.conf" >"$conf"
chmod 644 "$conf"
try
is 0 "its examples are taken"
ok "... and there are five" test "$(grep -c . "$conf")" = 5
while read -r key _ value; do
	sed -n "/^\.It Ic $key/,/^\.It /p" "$srcdir/man/mtapin.conf.5" | grep -q "^The default is $value[.:]" || echo "$key"
done <"$dir/shown" >"$dir/differs"
ok "mtapin.conf(5) names the same defaults" test ! -s "$dir/differs"
done_testing
