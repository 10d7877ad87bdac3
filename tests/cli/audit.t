#!/bin/sh
# SPDX-License-Identifier: ISC
# audit: which hosts, what is refused before anybody is asked, what hostile answers cost, and the reports; the
# transports are stand-ins here. tests/real/audit.t has the real ones.
. "$srcdir/tests/cli/lib.sh"
PATH=$dir/bin:$PATH export PATH
mkdir "$dir/bin"

# ---- a transport: answers by the name of the host; every call is a line of $dir/asked ----
printf '#!/bin/sh\ndir=%s\n' "$dir" >"$dir/bin/reach"
cat >>"$dir/bin/reach" <<'EOF'
host=$1
shift
echo "$host: $*" >>"$dir/asked"
cat >"$dir/script.$host"
n=$(sed -n 's/^n=\([0-9a-f]\{32\}\)$/\1/p' "$dir/script.$host")
whole() { sed "s/^0123456789abcdef0123456789abcdef/$n/" "$dir/b"; }
case $host in
endless*) exec yes 'a line without end' ;;
noline*) exec tr '\0' x </dev/zero ;;
errors*) yes 'a line without end' >&2 ;;
stall*) whole | head -n 8; exec sleep 77 ;;
mute*) exec sleep 77 ;;
nul*) printf 'a\0b\033[2J\n'; whole; printf '\033]0;owned\a\0' ;;
nologin*) echo 'This account is currently not available.'; exit 1 ;;
noise*) echo 'Welcome'; whole; echo 'Bye' ;;
title*) printf '\033]0;title\a'; whole; printf 'logout' ;;
forged*) sed 's/mail.example.net/forged.example/' "$dir/b"; whole ;;
other*) cat "$dir/b" ;;
cut*) whole | head -n 8; exit 255 ;;
half*) whole | head -n 8 ;;
watch*) whole | head -n 8; exit 75 ;;
big*)
	whole | sed '$d'
	printf '%s file f present 644 0 0 1 1 1100000 /etc/big\n%s data 1100000\n' "$n" "$n"
	head -c 1100000 /dev/zero | tr '\0' x
	printf '\n%s end\n%s done\n' "$n" "$n"
	;;
sudo*) echo 'sudo: a password is required' >&2; exit 1 ;;
gone*) echo 'Error: no such container' >&2; exit 1 ;;
left*) whole; sleep 3 & exit 0 ;;
slow*) sleep 2; whole ;;
*) whole ;;
esac
EOF
chmod 755 "$dir/bin/reach"
: >"$dir/asked"

main='myhostname = mail.example.net
inet_interfaces = all
smtp_bind_address = 192.0.2.10
'
master='smtp      inet  n       -       y       -       -       smtpd
smtp      unix  -       -       y       -       -       smtp
'
addresses='2: eth0: <BROADCAST,UP,LOWER_UP> mtu 1500
    inet 192.0.2.10/24 brd 192.0.2.255 scope global eth0
    inet 192.0.2.11/24 scope global secondary eth0
    inet6 2001:db8::10/64 scope global'
source='> 198.41.0.4 -
198.41.0.4 via 192.0.2.1 dev eth0 src 192.0.2.10 uid 0
> 2001:503:ba3e::2:30 -
2001:503:ba3e::2:30 from :: via 2001:db8::1 dev eth0 src 2001:db8::10 metric 1024'
host_bundle() { # FILE
	bundle_begin "$1" mail.example.net
	bundle_file /etc/postfix/main.cf "$main"
	bundle_file /etc/postfix/master.cf "$master"
	bundle_probe addr "$addresses"
	bundle_probe source "$source"
	bundle_done
}
host_bundle "$dir/b"
via() { mtapin audit --via 'reach {}' "$@"; }

# ---- nobody is asked ----
# refused NAME STDERR ARG...
refused() {
	name=$1 message=$2
	shift 2
	mtapin audit "$@"
	is 64 "$name: exit code"
	err "$name: message" "mtapin: $message"
}
cd "$dir" || exit 99
refused "no host" "audit: no host is named: -w HOSTS or --hostfile FILE"
printf '# nobody\n' >none
refused "an empty file" "audit: no host is named: -w HOSTS or --hostfile FILE" --hostfile none --via 'reach {}'
refused "all excluded" "audit: no host is named: -w HOSTS or --hostfile FILE" -w 'a[1-3]' -x 'a[1-9]' --via 'reach {}'
refused "a bad range" '-w: "a[3-1]" has a range that runs backwards' -w 'ok,a[3-1]' --via 'reach {}'
refused "over 100000" '-w: "a[0-100000]" names more than 100000 hosts' -w 'a[0-100000]' --via 'reach {}'
refused "a name that starts with a hyphen" '-w: "-oProxyCommand" is not a host name: it starts with a hyphen' -w ok,-oProxyCommand --via 'reach {}'
printf 'ok\n-v\n' >list
refused "... in a file" 'list:2: "-v" is not a host name: it starts with a hyphen' --hostfile list --via 'reach {}'
printf 'ok\r\n' >list
refused "CR" 'list:1: has a carriage return in it: lines end with a line feed alone' --hostfile list --via 'reach {}'
refused "LF" '-w: has a line feed in it' -w 'ok
b' --via 'reach {}'
printf 'ok\na\0b\n' >list
refused "NUL" 'list:2: has a NUL byte in it' --hostfile list --via 'reach {}'
printf 'ok\nb port=3\n' >list
refused "an unknown expectation" 'list:2: "port=3" is not known: what can be expected is ip=, ip6= and helo=' --hostfile list --via 'reach {}'
printf '\nb ip=192.0.2.1\n' >list
refused "an expectation of a host that is not asked" 'list:2: "b" is not among the hosts that are asked' -w ok --expect list --via 'reach {}'
refused "a file that is not there" 'absent: cannot be read: No such file or directory' --hostfile absent --via 'reach {}'
refused "standard input twice" '--hostfile: standard input is read by -w already' -w - --hostfile - --via 'reach {}' -w ok
refused "a fanout of none" '-f: "0" is not a number from 1 to 1024' -w ok -f 0 --via 'reach {}'
refused "a bad time" '-u: "1m" is not a number from 1 to 86400' -w ok -u 1m --via 'reach {}'
refused "--via without a place" "--via: has no {} for the host: --via 'docker exec -i {}'" -w ok --via reach
refused "--via that runs the host" "--via: names no program" -w ok --via '{} x'
refused "--via with an open quote" "--via: has a quote that is not closed" -w ok --via "reach '{}"
refused "--via with options of ssh" "--ssh-option: cannot be had together with --via" -w ok --via 'reach {}' --ssh-option Port=22
refused "an ssh option without a value" '--ssh-option: "Port" is not NAME=VALUE, as ssh -o takes it' -w ok --ssh-option Port
refused "host keys checked less" "--ssh-option: an audit never checks host keys less than ssh does: put the keys into known_hosts" \
	-w ok --ssh-option 'stricthostkeychecking no'
for weak in StrictHostKeyChecking=accept-new VerifyHostKeyDNS=yes 'verifyhostkeydns = true' "VerifyHostKeyDNS='yes'" \
	NoHostAuthenticationForLocalhost=yes 'nohostauthenticationforlocalhost true'; do
	refused "... $weak" "--ssh-option: an audit never checks host keys less than ssh does: put the keys into known_hosts" -w ok --ssh-option "$weak"
done
refused "two formats" "audit: only one of --json, --jsonl and --nagios can be had" -w ok --jsonl --nagios --via 'reach {}'
refused "stored and live" "--bundles: asks no host: it stands without -w, --hostfile, --save, --via, --sudo and --ssh-option" -w ok --bundles .
refused "one bundle" "--bundle: audit works on running hosts only" -w ok --bundle b
mkdir empty
refused "no bundle" "empty: holds no bundle" --bundles empty
ok "nobody was asked" test ! -s asked

# ---- asking ----
via -w 'ok[08-10],joe@ok8,ok08' -x ok09 -q
is 1 "hosts are asked; a warning makes 1"
sort asked >sorted
printf 'joe@ok8: /bin/sh -s\nok08: /bin/sh -s\nok10: /bin/sh -s\n' | sort >wanted
ok "each once, with what is to be run" diff wanted sorted
ok "what is run is the whole collector" sh -n script.ok08
ok "the nonce is another for each" sh -c '! cmp -s script.ok08 script.ok10'
via -w "ok1" --sudo -q
ok "--sudo asks sudo not to ask" grep -q -x 'ok1: sudo -n /bin/sh -s' asked
: >asked
printf '  hosts (2):\n    ok1\n    ok2\n' >list
if [ $modules = yes ]; then set -- --backend-dir "$dir/modules"; else set --; fi
status=0
"$builddir/mtapin" "$@" audit --hostfile - --via "reach '{}' \"a b\"" <list >out 2>err || status=$?
is 1 "hosts from standard input, as ansible prints them"
ok "--via is split like argv" grep -q -x 'ok1: a b /bin/sh -s' asked
status=0
"$builddir/mtapin" "$@" audit -w - --via "reach {}" <list >out 2>err || status=$?
is 1 "-w - reads them too"

# ---- hostile and broken hosts: each its cause, bounded, the others unharmed ----
hostile='endless,noline,errors,stall,mute,nul,nologin,noise,title,watch,forged,other,cut,half,big,gone,left,sudo'
start=$(date +%s)
via -w "$hostile,ok[1-20]" -u 20 --json
took=$(($(date +%s) - start))
is 4 "some are not examined"
ok "in time, where those that hang do so for 77 s: $took s" test $took -le 60
valid "--json is of the schema"
cat >judge.py <<'EOP'
import json
d = json.load(open("out"))
got = {h["name"]: h.get("cause", "") for h in d["hosts"]}
wanted = dict(endless="too-much", noline="too-much", errors="too-much", stall="timeout", mute="timeout", nul="", nologin="via", noise="", title="", watch="hangs",
              forged="", other="no-shell", cut="lost", half="incomplete", big="", gone="via", left="", sudo="via")
wanted.update({f"ok{i}": "" for i in range(1, 21)})
assert got == wanted, {k: (got.get(k), wanted.get(k)) for k in set(got) | set(wanted) if got.get(k) != wanted.get(k)}
for h in d["hosts"]:
    if h["examined"]:
        assert h["host"] == "mail.example.net", h["host"]
        assert [p["ipv4"]["source"] for p in h["mtas"][0]["paths"]] == ["192.0.2.10"], h["name"]
s = d["summary"]
assert s["hosts"] == 38 and s["examined"] == 26 and s["not_examined"] == 12, s
assert {c["cause"]: c["names"] for c in s["causes"]}["too-much"] == "endless,noline,errors", s["causes"]
EOP
ok "each with its own cause, and the facts of its own" python3 judge.py
via -w "nul,mute,half" -u 1
ok "no control byte reaches the text" sh -c "! LC_ALL=C grep -q '[[:cntrl:]]' out"
has out "the cause in words" '^mute +not examined: it did not finish in time$'
has out "and the one thing to do" '^        look at what its login scripts do; -u waits longer$'
mtapin audit -w 'ok[1-3]' --via 'no-such-program {}'
is 2 "nothing could be started"
has out "... and why" 'no-such-program: no such file or directory'

# ---- the same over a stand-in for ssh ----
cat >bin/ssh <<EOF
#!/bin/sh
printf '%s\n' "\$@" >>$dir/args
env | sort >>$dir/env
while [ "\$1" != -- ]; do shift; done
case \$2 in
changed) echo '@@@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @@@' >&2; echo 'Host key verification failed.' >&2; exit 255 ;;
refused) echo x >>$dir/tries; echo "ssh: connect to host \$2 port 22: Connection refused" >&2; exit 255 ;;
esac
exec $dir/bin/reach "\$2" "\$3"
EOF
chmod 755 bin/ssh
for strong in VerifyHostKeyDNS=no NoHostAuthenticationForLocalhost=No UserKnownHostsFile=/tmp/mine 'KnownHostsCommand=/bin/false %H' ProxyCommand=none; do
	mtapin audit -w ok1 --ssh-option "$strong"
	is 1 "what is the user's own business: $strong"
done
rm -f args env
: >tries
HOME=/srv/jane SSH_AUTH_SOCK=/run/agent MAIL_CONFIG=/x export HOME SSH_AUTH_SOCK MAIL_CONFIG
mtapin audit -w joe@ok1 --ssh-option Port=2222 -t 7
is 1 "by ssh"
cat >wanted <<'EOF'
-T
-a
-x
-oBatchMode=yes
-oUpdateHostKeys=no
-oLogLevel=ERROR
-oClearAllForwardings=yes
-oPermitLocalCommand=no
-oRemoteCommand=none
-oConnectTimeout=7
-o
Port=2222
--
joe@ok1
exec /bin/sh -s
EOF
ok "what ssh is told" diff wanted args
ok "ssh finds the agent and the home of the user" sh -c 'grep -qx SSH_AUTH_SOCK=/run/agent env && grep -qx HOME=/srv/jane env'
ok "and English" grep -qx LC_ALL=C env
ok "... and nothing else" sh -c "! grep -q '^MAIL_CONFIG\|^builddir' env"
mtapin audit -w refused,changed,ok1 --jsonl
is 4 "refused and changed"
ok "the causes" python3 -c '
import json
assert {h["name"]: h.get("cause") for h in map(json.loads, open("out"))} == {"refused": "refused", "changed": "key-changed", "ok1": None}'
ok "a connection that does not come about is tried three times" test "$(wc -l <tries)" = 3
head -n 1 out >one && mv one out
valid "a line of --jsonl is of the schema"

# ---- expectations ----
printf 'ok1 ip=192.0.2.10 helo=mail.example.net\nok2 ip=192.0.2.11 ip6=2001:db8::10\nok3 ip6=off\nok4 ip=203.0.113.9\n' >expect
via --hostfile expect -w ok5
is 1 "not as expected"
has out "complies" '^ok1 .* IPv4 192\.0\.2\.10  IPv6 2001:db8::10 \(kernel\) .*  as expected$'
has out "does not" '^ok2 .*  not as expected$'
has out "the diff that fix would make" '^\+smtp_bind_address = 192\.0\.2\.11$'
has out "what cannot be had is said" '^        203\.0\.113\.9: '
has out "in the end" '^not as expected \(3 hosts\)$'
has out "their names" '^        ok\[2-4\]$'
has out "the total" '^5 hosts: .*; 1 as expected, 3 not$'
via --hostfile expect --json
valid "expectations as JSON"
via -w 'ok[1-4]' --expect expect --nagios
is 2 "--nagios: not as expected is critical"
has out "--nagios: one line" '^MTAPIN CRITICAL - 4 hosts: .* \| hosts=4 errors=0 warnings=4 differing=3 unexamined=0$'
via -w 'gone' --nagios
is 3 "--nagios: not examined is unknown"
via -w ok1 --nagios
is 1 "--nagios: a warning"

# ---- stored bundles ----
mkdir kept
for i in 1 2 3; do cp b kept/h$i.bundle; done
cp b kept/plain
head -n 8 b >kept/torn.bundle
echo nothing >kept/bad
mtapin audit --bundles kept --json
is 4 "--bundles: two are bad"
valid "--bundles as JSON"
ok "each by its name" python3 -c '
import json
assert {h["name"]: h.get("cause") for h in json.load(open("out"))["hosts"]} == {
    "h1": None, "h2": None, "h3": None, "plain": None, "torn": "incomplete", "bad": "bundle"}'
mtapin audit --bundles kept -x bad,torn
has out "equal findings are one group" '^warning PF-IPV6-LEAK .*\(4 hosts\)$'
has out "... of these" '^        h\[1-3\],plain$'
mtapin audit --bundles absent
is 2 "no such folder"

# ---- the DNS, asked from here ----
if have python3; then
cat >resolver.py <<'EOP'
import os, socket, struct, sys
names = {(12, "10.2.0.192.in-addr.arpa"): "mail.example.net", (1, "mail.example.net"): "192.0.2.10"}
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
silent.bind(("127.0.0.1", 0))
open("silent", "w").write(str(silent.getsockname()[1]))
open("port.new", "w").write(str(s.getsockname()[1]))
os.rename("port.new", "port")
def pack(name):
    return b"".join(bytes([len(l)]) + l.encode() for l in name.split(".")) + b"\0"
while True:
    query, who = s.recvfrom(4096)
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    kind = struct.unpack(">H", query[at + 1:at + 3])[0]
    question, value = query[12:at + 5], names.get((kind, ".".join(labels).lower()))
    data = value and (pack(value) if kind == 12 else socket.inet_aton(value))
    answer = data and b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data
    s.sendto(query[:2] + struct.pack(">HHHHH", 0x8180 if data else 0x8183, 1, 1 if data else 0, 0, 0) + question + (answer or b""), who)
EOP
python3 resolver.py &
resolver=$!
n=0
while [ ! -s port ] && [ $n -lt 600 ]; do sleep 0.1 && n=$((n + 1)); done
printf 'resolvers = {"127.0.0.1:%s"}\n' "$(cat port)" >settings
via -w ok1,ok2 --config settings
hasnt out "the DNS is not asked without --dns" 'DNS-|asked'
via -w ok1,ok2 --config settings --dns --json
is 1 "--dns"
valid "--dns as JSON"
ok "who was asked, and what it says of each host" python3 -c '
import json
d = json.load(open("out"))
assert d["summary"]["resolvers"] == "127.0.0.1:" + open("port").read(), d["summary"]["resolvers"]
for h in d["hosts"]:
    rows = {r["address"]: r for r in h["check"]["addresses"]}
    assert rows["192.0.2.10"]["reverse"]["iprev"] == "pass" and rows["192.0.2.11"]["reverse"]["iprev"] == "permerror", rows'
printf 'resolvers = {"127.0.0.1:%s"}\n' "$(cat silent)" >settings
start=$(date +%s)
via -w 'ok[1-40]' --config settings --dns
took=$(($(date +%s) - start))
kill $resolver
is 1 "nobody answers: what the DNS says is unknown"
has out "... of all of them" '^warning DNS-UNKNOWN .*\(40 hosts\)$'
has out "... said to be asked from here" '^the DNS was asked from here, not from the hosts: 127\.0\.0\.1:[0-9]+$'
ok "... and is not waited for at each host: $took s" test $took -le 25
else
	skipped "--dns" "needs python3"
fi

# ---- saved, and gone on with ----
: >asked
via -w 'ok[1-2],half' --save saved
is 4 "--save"
ok "whole ones are kept, for us alone" sh -c '
	test "$(ls saved | tr "\n" " ")" = "ok1.bundle ok2.bundle " && test "$(stat -c %a saved saved/ok1.bundle | tr "\n" " ")" = "700 600 "'
: >asked
head -c 300 saved/ok2.bundle >x && mv x saved/ok2.bundle
via -w 'ok[1-3]' --save saved
is 1 "gone on with"
ok "only what is not there whole is asked" sh -c 'test "$(sort asked | tr "\n" " ")" = "ok2: /bin/sh -s ok3: /bin/sh -s "'
mtapin audit --bundles saved -q
is 1 "saved bundles are stored ones"
chmod 777 saved
via -w ok1 --save saved
is 2 "a folder that others may write"
has err "... says so" '^mtapin: saved: can be written by others'

# ---- interrupted ----
if have python3; then
cat >interrupt.py <<'EOP'
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever started us may ignore it
p = subprocess.Popen(sys.argv[1:], stdout=open("out", "wb"), stderr=open("err", "wb"))
time.sleep(6)  # those that answer have done so
p.send_signal(signal.SIGINT)
sys.exit(p.wait(timeout=60))
EOP
status=0
python3 interrupt.py "$builddir/mtapin" "$@" audit -w 'ok[1-2],mute[1-4],ok[3-4]' -f 4 --via 'reach {}' --json || status=$?
is 4 "interrupted"
valid "what is known is a whole document"
ok "... with everybody in it" python3 -c '
import json
c = {h["name"]: h.get("cause") for h in json.load(open("out"))["hosts"]}
assert len(c) == 8 and c["ok1"] is None and {c["mute%d" % i] for i in (1, 2, 3, 4)} == {"interrupted"}, c'
else
	skipped "an interrupt" "needs python3"
fi

# ---- lines as they come, and progress on a terminal alone ----
cat >progress.py <<'EOP'
import json, os, pty, subprocess, sys, time
ours, theirs = pty.openpty()
start = time.monotonic()
p = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=theirs)
os.close(theirs)
came = {json.loads(line)["name"]: time.monotonic() - start for line in p.stdout}
p.wait()
seen = b""
try:
    while more := os.read(ours, 4096):
        seen += more
except OSError:  # the other end is closed
    pass
assert b"1 of 2 hosts, 0 not examined, 1 at work" in seen, seen
assert came["slow"] - came["ok1"] > 1, came
EOP
ok "a host is a line as it finishes, and a terminal sees how far it is" \
	python3 progress.py "$builddir/mtapin" "$@" audit -w slow,ok1 --via 'reach {}' --jsonl
via -w ok1 --jsonl
ok "... nobody else does" test ! -s err

# ---- a bundle that kills ----
if [ $modules = yes ] && have python3; then
	cat >killer.c <<'EOF'
#define _GNU_SOURCE
#include <mtapin/backend.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>
/* Bugs as an attacker would use them. MARKER and PORT are where they would be noticed. */
static void attack(char c)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	char *argv[] = {"sh", "-c", "echo executed >>" MARKER, NULL};
	static const unsigned lie[] = {0, 4, 0x21212121};
	if (c == 'e')
		execv("/bin/sh", argv);
	if (c == 'o')
		dprintf(open(MARKER, O_WRONLY | O_CREAT | O_APPEND, 0666), "opened\n");
	if (c == 'n')
		connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&to, sizeof to);
	if (c == 'p')
		ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
	for (int i = 0; c == 'g' && i < 10; i++) {
		volatile char *p = malloc((size_t)1 << 30);
		if (!p)
			mt_out_of_memory();
		p[0] = 1;
	}
	if (c == 's') /* in the name of the process that examines */
		_exit(write(1, lie, sizeof lie) < 0);
	while (c == 'l')
		;
}
static void detect(struct mt_model *model, const struct mt_backend *self)
{
	(void)self;
	const struct mt_item *item = mt_snapshot_file(model->snapshot, "/etc/killer");
	char c = mt_item_readable(item) && item->bytes.n ? item->bytes.p[0] : 0;
	if (c == 'k')
		__builtin_trap();
	attack(c);
	if (c == 'm')
		mt_alloc(model->arena, (size_t)1 << 40);
}
static void examine(struct mt_model *model, struct mt_mta *mta)
{
	(void)model;
	(void)mta;
}
static const struct mt_finding_row rows[] = {{0}};
const struct mt_backend mt_backend = {
	.abi = MT_ABI, .name = "killer", .title = "Killer", .findings = rows, .detect = detect, .examine = examine};
EOF
	mkdir killer
	cat >listen.py <<'EOF'
import socket, sys
s = socket.create_server(("127.0.0.1", 0))
open("port", "w").write(str(s.getsockname()[1]))
while True:
    s.accept()
    open("marker", "a").write("connected\n")
EOF
	rm -f port marker
	python3 listen.py &
	listener=$!
	n=0
	while [ ! -s port ] && [ $n -lt 600 ]; do sleep 0.1 && n=$((n + 1)); done
	ok "the backend that dies compiles" $CC -std=gnu11 -D_GNU_SOURCE -DPORT="$(cat port)" -DMARKER="\"$PWD/marker\"" -shared -fPIC -I"$srcdir/include" -o killer/killer.so killer.c
	mkdir mixed
	for i in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20; do
		bundle_begin mixed/h$i.bundle
		case $i in
		07 | 13) bundle_file /etc/killer k ;;
		10) bundle_file /etc/killer m ;;
		11) bundle_file /etc/killer e ;;
		12) bundle_file /etc/killer o ;;
		14) bundle_file /etc/killer n ;;
		15) bundle_file /etc/killer p ;;
		16) bundle_file /etc/killer g ;;
		17) bundle_file /etc/killer s ;;
		*) bundle_file /etc/killer x ;;
		esac
		bundle_done
	done
	mtapin_with "$dir/killer" audit --bundles mixed --json
	is 4 "bundles that kill their worker"
	ok "cost their own hosts alone" python3 -c '
import json
c = {h["name"]: (h.get("cause"), h.get("detail", "")) for h in json.load(open("out"))["hosts"]}
assert len(c) == 20 and sorted(n for n in c if c[n][0]) == ["h07"] + [f"h{i}" for i in range(10, 18)], c
assert c["h07"][0] == "crash" and "signal" in c["h07"][1] and "memory" in c["h10"][1], c
assert all("may not have" in c[n][1] for n in ("h11", "h12", "h14", "h15")), c
assert "memory" in c["h16"][1] and "nonsense" in c["h17"][1], c'
	ok "... and reach nothing: no file, no program, no connection" test ! -e marker
	for command in 'show' 'show --to a@example.com --json' 'check' 'fix --ip any -n'; do
		for i in 07 10 11 12 14 15 16 17; do
			# shellcheck disable=SC2086
			mtapin_with "$dir/killer" $command --bundle mixed/h$i.bundle
			[ "$status" = 2 ] || echo "$command $i: $status"
		done
	done >statuses
	ok "... nor does a saved bundle by show, check and fix" test ! -s statuses -a ! -e marker
	if [ "${MT_LONG:-no}" = yes ]; then
		mkdir endless
		for i in 1 2 3; do
			bundle_begin endless/h$i.bundle
			case $i in 2) bundle_file /etc/killer l ;; *) bundle_file /etc/killer x ;; esac
			bundle_done
		done
		mtapin_with "$dir/killer" audit --bundles endless --json
		is 4 "a bundle without an end"
		ok "costs its own host alone" python3 -c '
import json
c = {h["name"]: h.get("detail", "") for h in json.load(open("out"))["hosts"]}
assert "20 seconds" in c["h2"] and not c["h1"] and not c["h3"], c'
	fi
	kill $listener
fi
done_testing
