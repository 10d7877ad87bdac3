# SPDX-License-Identifier: ISC
"""A host that lies in every string: quotes, $(), newline, ESC, C1, bidi, 0xff; its bundle is read by all commands.

usage: hostile.py SEED COUNT FOLDER MTAPIN [OPTION]...

Looked at is what comes out, as text and as JSON, by a pipe and on a terminal: no byte of it is a raw control, no character
of it reorders or hides text (the diff of `fix` by a pipe, which patch(1) reads, is the one exception); and every command
that is printed passes `sh -n`, and a shell that splits it into words runs nothing. Prints what was run; status 1: bad.
"""
import json
import os
import pty
import random
import re
import subprocess
import sys

seed, count, folder, *mtapin = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], *sys.argv[4:]
rnd = random.Random(seed)
hit = folder + "/HIT"
NONCE = b"0123456789abcdef" * 2
LIES = [b"$(touch %s)" % hit.encode(), b"`touch %s`" % hit.encode(), b";touch %s;" % hit.encode(), b"'", b'"', b"\\",
        b"\x1b[2J", b"\xc2\x9b2J", b"\xe2\x80\xae", b"\xff\xfe", b"\x7f", b"|", b"&&", b">x", b"*", b"a", b"\r", b"\x08",
        b"\xe3\x85\xa4", b"\xef\xb8\x8f", b"%s%n", b"-x", b"\xe2\x81\xa6"]
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
                    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]")


def lie(blank=False):
    text = b"".join(rnd.choice(LIES) for _ in range(rnd.randint(1, 4)))
    return text + (b" " + rnd.choice(LIES) if blank and rnd.random() < 0.3 else b"")


def maybe(text):
    """The honest word, or it and a lie, or a lie alone."""
    return rnd.choice((text, text + lie(), lie(), text))


def frame(words, data=None):
    out = NONCE + b" " + words + b"\n"
    if data is not None:
        out += NONCE + b" data %d\n" % len(data) + data + b"\n"
    return out + NONCE + b" end 0\n"


def item(path, data, mode=b"644"):
    return frame(b"file f present %s 0 0 1 1 %d %s" % (mode, len(data), path), data)


def addresses():
    iface = maybe(b"eth0")
    rows = [b"1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536", b"    inet 127.0.0.1/8 scope host lo",
            b"2: " + iface + b": <BROADCAST,%sLOWER_UP> mtu 1500" % rnd.choice((b"UP,", b"UP,", b""))]
    rows += [b"    inet 192.0.2.%d/24 scope global %s" % (n, maybe(b"eth0")) for n in (10, 11, 12)]
    rows += [b"    inet6 2001:db8::%d/64 scope global" % n for n in (10, 11, 12)]
    source = b"> 198.41.0.4 -\n198.41.0.4 via 192.0.2.1 dev %s src 192.0.2.10 uid 0\n" % maybe(b"eth0")
    source += b"> 2001:503:ba3e::2:30 -\n2001:503:ba3e::2:30 from :: via 2001:db8::1 dev eth0 src 2001:db8::12\n"
    return frame(b"probe present addr", b"\n".join(rows) + b"\n") + frame(b"probe present source", source)


def postfix(folder):
    main = b"myhostname = %s\n# %s\nsmtp_helo_name = %s\n" % (maybe(b"mail.example.org"), lie(), maybe(b"mx.example.org"))
    main += rnd.choice((b"", b"smtp_bind_address = 192.0.2.11\n", b"smtp_bind_address = " + lie() + b"\n",
                        b"inet_interfaces = 192.0.2.11, 127.0.0.1\n", b"inet_interfaces = " + lie() + b"\n"))
    main += b"relayhost = %s\n" % rnd.choice((b"", b"", b"[relay" + lie() + b"]"))
    main += b"content_filter = %s:[127.0.0.1]:10025\n" % maybe(b"scan")
    main += b"multi_instance_directories = %s\nmultid_%s = x\n" % (maybe(b"/etc/postfix-out"), lie())
    master = b"smtp inet n - y - - smtpd\nsmtp unix - - y - - smtp\n%s unix - - y - - smtp\n" % maybe(b"out")
    master += b"scan unix - - y - - smtp\n  -o smtp_bind_address=%s\n" % maybe(b"192.0.2.12")
    return (item(folder + b"/main.cf", main) + item(folder + b"/master.cf", master) +
            frame(b"probe present postfix.conf " + folder, b"mail_version = " + maybe(b"3.7.11") + b"\n") +
            frame(b"probe present postfix.master " + folder, b"pid 100\ncomm master\nstart 5\nnetns same\nunit %s\n" % maybe(b"postfix@-.service")))


def qmail():
    home = b"/var/qmail" + rnd.choice((b"", b"", lie()))
    files = item(home + b"/control/me", maybe(b"mail.example.org") + b"\n")
    files += item(home + b"/control/smtproutes", b":" + maybe(b"relay.example.net") + b"\r\n")
    files += item(home + b"/control/outgoingip", maybe(b"192.0.2.11") + b"\n") if rnd.random() < 0.5 else b""
    files += frame(b"file d present 755 0 0 1 1 4096 " + home + b"/control")
    files += frame(b"file f unasked 711 0 0 1 1 30000 " + home + b"/bin/qmail-remote")
    told = b"home %s\ncontrol %s/control\nremote %s/bin/qmail-remote\nwrapper %s\n" % (home, home, home, maybe(b"/usr/bin/x"))
    reads = b"control/me\ncontrol/helohost\ncontrol/smtproutes\n" + rnd.choice((b"", b"control/outgoingip\n"))
    return (files + frame(b"probe present qmail.home", told) + frame(b"probe present qmail.reads", reads) +
            frame(b"probe present qmail.names", lie() + b"\noutgoingip." + lie() + b"\n"))


def dns():
    rows = b"> ptr 10.2.0.192.in-addr.arpa answered %s 0\n %s\n" % (maybe(b"192.0.2.53"), maybe(b"mail.example.org"))
    rows += b"> a mail.example.org answered 192.0.2.53 0\n 192.0.2.10\n> txt mail.example.org answered 192.0.2.53 0\n v=spf1 %s\n" % lie()
    return frame(b"probe present dns", rows)


def bundle():
    out = NONCE + b" begin mtapin 1\n" + NONCE + b" host 1764000000 raw " + maybe(b"mx1") + b"\n"
    out += addresses() + frame(b"probe present names", maybe(b"mail.example.org") + b" 192.0.2.10\n")
    out += frame(b"probe present nat", rnd.choice((b"", b"-A POSTROUTING " + lie() + b"\n")))
    out += frame(b"probe present owner", rnd.choice((b"", b"", b"plesk /x" + lie() + b"\n")))
    out += frame(b"probe present init", b"pid1 %s\ncontainer %s\nsystemd yes\n" % (maybe(b"systemd"), maybe(b"docker")))
    if rnd.random() < 0.8:
        out += frame(b"probe present postfix.user", b"uid 107\n") + postfix(b"/etc/postfix")
        out += postfix(b"/etc/postfix" + lie()) if rnd.random() < 0.3 else b""
    if rnd.random() < 0.5:
        out += qmail()
    out += frame(b"file f failed - - - - - - /etc/x" + lie(), None).replace(b"end 0", b"why " + lie() + b"\n" + NONCE + b" end")
    return out + (dns() if rnd.random() < 0.8 else b"") + NONCE + b" done\n"


def by_pipe(argv):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return done.stdout, done.stderr


def on_terminal(argv):
    """Standard output and error are one terminal."""
    main, end = pty.openpty()
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=end, stderr=end, env={**os.environ, "TERM": "dumb"})
    os.close(end)
    out = b""
    try:
        while more := os.read(main, 65536):
            out += more
    except OSError:
        pass
    child.wait()
    os.close(main)
    # The line of progress of an audit is our own; no lie makes these sequences.
    return re.sub(rb"\r(\d+ of \d+ hosts, \d+ not examined, \d+ at work)?\x1b\[K", b"", out).replace(b"\r\n", b"\n")


bad, looked, commands, quoted = [], 0, 0, 0


def look(argv, name, out):
    global looked
    looked += 1
    try:
        text = out.decode("utf-8")
    except UnicodeDecodeError as error:
        bad.append("%s: %s: not UTF-8: %s" % (" ".join(argv), name, error))
        return
    if found := HIDDEN.search(text):
        bad.append("%s: %s: raw U+%04X in %r" % (" ".join(argv), name, ord(found.group()), text[max(0, found.start() - 40):found.end() + 20]))


def is_words(text):
    """The same words to a shell and to us; nothing is run on the way but printf."""
    global commands, quoted
    commands += 1
    quoted += "touch " in text or "/var/qmail" in text.replace("/var/qmail/", "")
    if subprocess.run(["/bin/sh", "-n", "-c", text], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return False
    split = "\n".join("show " + one for one in re.split(r" && (?=(?:[^']*'[^']*')*[^']*$)", text))
    show = "show() { for w; do printf '%s\\n' \"$w\"; done; }\n"
    done = subprocess.run(["/bin/sh", "-c", show + split], cwd=folder, env={"PATH": "/nowhere"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return done.returncode == 0 and not done.stderr and not os.path.exists(hit)


PROGRAMS = r"(mtapin|ip|nft|sh|sed|grep|systemctl) "


def commands_of(value):
    """Those that JSON names."""
    if isinstance(value, list):
        for one in value:
            yield from commands_of(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key in ("fix", "command") and isinstance(one, str) and re.match(PROGRAMS, one):
                yield one
            elif key == "remedy":
                yield from one
            else:
                yield from commands_of(one)


def run(argv, patch=False):
    out, err = by_pipe(argv)
    if not patch:
        look(argv, "pipe", out)
    look(argv, "stderr", err)
    look(argv, "terminal", on_terminal(argv))
    said = [m.group(1) for m in re.finditer(r"(?m)^(?:remedy  |        |mtapin: [^:\n]*: )(" + PROGRAMS + r".*)$", (b"" if patch else out).decode("utf-8", "replace") + err.decode("utf-8", "replace"))]
    if "--json" in argv and out:
        try:
            for line in out.decode().splitlines() if "--jsonl" in argv else [out.decode()]:
                said += commands_of(json.loads(line))
        except ValueError as error:
            bad.append("%s: no JSON: %s" % (" ".join(argv), error))
    for command in said:
        if not is_words(command):
            bad.append("%s: no words: %s" % (" ".join(argv), command))


os.makedirs(folder + "/kept", exist_ok=True)
with open(folder + "/hosts", "w") as f:
    f.write("".join("h%d ip=192.0.2.11 ip6=off helo=mail.example.org\n" % n for n in range(count)))
for n in range(count):
    path = "%s/kept/h%d.bundle" % (folder, n)
    with open(path, "wb") as f:
        f.write(bundle())
    fix = ["fix", "--bundle", path, "--ip", "192.0.2.11", "--ip6", "2001:db8::11", "-n"]
    for words in (["show", "--bundle", path], ["show", "-v", "--bundle", path], ["check", "--bundle", path],
                  ["show", "--bundle", path, "--to", "a@example.org"], ["check", "--nagios", "--bundle", path],
                  fix, ["fix", "--bundle", path, "--ip", "192.0.2.11", "-n", "--mta", "qmail"], fix + ["--mta", "postfix:/etc/postfix", "--method", "service", "--path", "all"]):
        run([*mtapin, *words], patch=words[0] == "fix")
        if "--nagios" not in words:
            run([*mtapin, *words, "--json"])
for words in ([], ["--json"], ["-v"], ["--dns"], ["--nagios"], ["--hostfile", folder + "/hosts"], ["--hostfile", folder + "/hosts", "--json"]):
    run([*mtapin, "audit", "--bundles", folder + "/kept", *words])
print("seed %d: %d hosts, %d outputs looked at, %d commands, %d with a foreign word" % (seed, count, looked, commands, quoted))
for one in bad[:12]:
    print(one.encode("ascii", "backslashreplace").decode())
if quoted < 5:
    print("hardly any command was printed")
sys.exit(1 if bad or quoted < 5 or os.path.exists(hit) else 0)
