# SPDX-License-Identifier: ISC
"""Ask trivial-rewrite(8) and `mtapin show --to` for the same mail, over generated configurations.

usage: routing.py PID CONFIGURATIONS MAILS SEED

PID is process 1 of a lab host with Postfix up; its /etc/postfix is rewritten, from default/ beside this file. Half of
the configurations rewrite addresses: their mails go through cleanup(8), which holds them, and trivial-rewrite(8) is
asked about the addresses that are then in the queue. A tenth of the configurations has tables that only Postfix can read, for which
mtapin asks the host anew for each mail; the others are collected once. Prints every answer that differs with
the settings behind it, then "N answers, N differ, N not had, N unsure, N of mails that were rewritten". Status 1: some differ, or none was had.
"""
import json
import os
import random
import socket
import subprocess
import sys
import time

pid, configurations, mails, seed = map(int, sys.argv[1:])
root = "/proc/%d/root" % pid
defaults = os.path.join(os.path.dirname(os.path.abspath(__file__)), "default")
rnd = random.Random(seed)
ETC = "/etc/postfix"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CLASS_VIRTUAL = 1 << 10  # RESOLVE_CLASS_VIRTUAL of src/global/resolve_clnt.h
CLIENTS = ("slow", "cust", "out1", "out2")
DOMAINS = ("one.example sub.one.example deep.sub.one.example two.example three.example ONE.example mail.example.org"
           " localhost box.example sub.box.example [192.0.2.10] [198.51.100.9] [IPv6:2001:db8::10]").split()
LOCALS = "user user+ext User a.b postmaster owner-x".split()
SENDERS = ("root@mail.example.org owner-x@one.example s@one.example s+x@one.example S@two.example <>"
           " s@sub.one.example").split()
TRANSPORTS = ("slow:|cust:[10.9.9.9]|out1:hop.example|out2:[hop.example]:587|relay:|smtp:|smtp:[10.1.1.1]:2525|:"
              "|:[nh.example]|out1|lmtp:inet:[127.0.0.1]:24|error:5.1.1 no|local:|nosuch:").split("|")
KEYS = ("one.example .one.example sub.one.example .example * two.example user@one.example user+ext@one.example"
        " user@sub.one.example [198.51.100.9] mail.example.org user@ box.example example").split()


def there(*command):
    """Run a command on the lab host; its standard output."""
    return subprocess.run(["nsenter", "-t", str(pid), "-m", "-u", "-i", "-n", "-p", "--", "env", "-i", "PATH=" + PATH,
                           "HOME=/root", *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True).stdout


def maybe(probability):
    return rnd.random() < probability


def table(keys, values, most):
    rows = {}
    for _ in range(rnd.randint(1, most)):
        key = rnd.choice(keys)
        rows.setdefault(key.lower(), (key, rnd.choice(values)))
    return "".join("%s %s\n" % row for row in rows.values())


def transport_tables(files, opaque):
    maps = ["texthash:%s/transport" % ETC]
    files["transport"] = table(KEYS, TRANSPORTS, 6)
    if maybe(.2):
        maps.insert(rnd.randint(0, 1), "inline:{%s=slow:, {two.example = cust:[1.2.3.4]}}"
                    % rnd.choice(["one.example", ".one.example", "user@one.example"]))
    if opaque:
        files["patterns"] = table(["/^user@one/", "/example$/", "/^two/", "/@sub\\./", "!/one/"], TRANSPORTS[:8], 3)
        files["indexed"] = table(KEYS, TRANSPORTS, 4)
        maps = [rnd.choice(["regexp:%s/patterns" % ETC, "hash:%s/indexed" % ETC])] + maps
    if maybe(.1):
        maps.append("static:out2:")
    return "transport_maps = %s\n" % rnd.choice([", ", " "]).join(maps)


def classes(files):
    text = ""
    if maybe(.5):
        words = ["one.example", ".one.example", "example", "texthash:%s/rows" % ETC, "!sub.one.example", "two.example",
                 "$mydestination", ETC + "/list", "inline:{one.example=x}", "!texthash:%s/rows" % ETC]
        text += "relay_domains = %s\n" % ", ".join(rnd.sample(words, rnd.randint(1, 3)))
    if maybe(.15):
        text += "parent_domain_matches_subdomains = %s\n" % rnd.choice(
            ["", "relay_domains", "transport_maps", "relay_domains transport_maps"])
    boxes = ["box.example", "texthash:%s/boxes" % ETC, "box.example, two.example", ""]
    text += "virtual_mailbox_domains = %s marker.invalid\n" % (rnd.choice(boxes) if maybe(.3) else "")
    if maybe(.3):
        text += "virtual_transport = %s\n" % rnd.choice(
            ["lmtp:inet:[127.0.0.1]:24", "lmtp:unix:private/dov", "virtual", "slow:[1.1.1.1]"])
    if maybe(.2):
        text += "virtual_alias_domains = %s\n" % rnd.choice(["two.example", "three.example, one.example"])
    if maybe(.2):
        text += "mydestination = %s\n" % rnd.choice(
            ["$myhostname, one.example", "", "texthash:%s/rows" % ETC, "localhost !one.example two.example",
             ETC + "/list"])
    files["rows"] = "".join("%s x\n" % key for key in rnd.sample(
        ["one.example", ".one.example", "sub.one.example", "three.example"], 2))
    files["list"] = "three.example two.example\n# a remark\n!sub.one.example one.example\n"
    files["boxes"] = "box.example x\nthree.example y\n"
    return text


def senders(files):
    text = ""
    if maybe(.3):
        files["hops"] = table(["s@one.example", "@one.example", "<>", "@two.example", "s+x@one.example", "one.example"],
                              ["[sr.example]", "DUNNO", "dunno", ":", "sr.example:25"], 3)
        text += "sender_dependent_relayhost_maps = texthash:%s/hops\n" % ETC
    if maybe(.4):
        files["ways"] = table(["s@one.example", "@one.example", "<>", "@two.example", "s+x@one.example", "root",
                               "owner@one.example"],
                              ["cust:", "out1:[x.example]", "DUNNO", "slow:nh.example", "out2", "dunno", ":[null.example]"], 3)
        text += "sender_dependent_default_transport_maps = texthash:%s/ways\n" % ETC
    if maybe(.1):
        text += "empty_address_relayhost_maps_lookup_key = s@one.example\n"
    if maybe(.1):
        text += "empty_address_default_transport_maps_lookup_key = s@one.example\n"
    return text


ALIASES = ("user@one.example @two.example info@three.example user user+ext user@sub.one.example @three.example"
           " root a.b@two.example box@two.example").split()
RESULTS = ("user@two.example|@box.example|info@three.example|user|root|user@sub.one.example, s@two.example|a.b@box.example|"
           "postmaster|user@one.example|x@relay").split("|")


def rewriting(files, opaque):
    """Tables that cleanup(8) goes by; whether there are any."""
    if not maybe(.5):
        return ""
    text = "header_checks = static:HOLD\n"
    for probability, name, keys in ((.7, "virtual_alias_maps", ALIASES), (.4, "canonical_maps", ALIASES + SENDERS[:5]),
                                    (.4, "sender_canonical_maps", SENDERS[:5] + ["@one.example", "root", "s"]),
                                    (.4, "recipient_canonical_maps", ALIASES)):
        if not maybe(probability):
            continue
        results = RESULTS if name == "virtual_alias_maps" else [r for r in RESULTS if "," not in r]
        files[name] = table(keys, results, 4)
        text += "%s = texthash:%s/%s\n" % (name, ETC, name)
        if opaque:
            files["asked_" + name] = table(["/^user@one/", "/^s@(.*)$/", "/^a\\.b@/"], ["$1@two.example", "user@three.example"], 2)
            files["asked_" + name] = files["asked_" + name].replace("$1@", "") if "(" not in files["asked_" + name] else (
                "/^s@(.*)$/ s1@$1\n")
            text = text.replace("%s = " % name, "%s = regexp:%s/asked_%s, " % (name, ETC, name))
    for probability, name, values in (
            (.2, "canonical_classes", ["envelope_sender", "envelope_recipient, header_sender", "header_sender"]),
            (.2, "propagate_unmatched_extensions", ["", "canonical", "virtual"]),
            (.2, "append_dot_mydomain", ["yes", "no"]),
            (.1, "myorigin", ["two.example"]),
            (.1, "receive_override_options", ["no_address_mappings"])):
        if maybe(probability):
            text += "%s = %s\n" % (name, rnd.choice(values))
    return text


def words():
    text = ""
    for probability, name, values in (
            (.3, "relayhost", ["[relay.example]", "relay.example:587", "[10.2.2.2]", "10.2.2.2"]),
            (.2, "default_transport", ["slow", "slow:", "out1:[d.example]", "smtp:d.example", "error:no"]),
            (.2, "relay_transport", ["slow", "relay:[rt.example]", "${myhostname?{slow}}:", "smtp"]),
            (.15, "local_transport", ["error:none", "slow:", "lmtp:unix:x"]),
            (.4, "recipient_delimiter", ["", "+", "-+", "."]),
            (.1, "proxy_interfaces", ["198.51.100.9"]),
            (.1, "inet_interfaces", ["127.0.0.1, 192.0.2.11", "loopback-only"])):
        if maybe(probability):
            text += "%s = %s\n" % (name, rnd.choice(values))
    return text


def options():
    """What trivial-rewrite alone is told, in master.cf."""
    if not maybe(.3):
        return ""
    return "  -o %s\n" % rnd.choice(
        ["default_transport=out2", "relayhost=[mine.example]", "transport_maps=inline:{one.example=out1:}",
         "relay_domains=two.example", "mydestination=three.example", "virtual_transport=cust:[10.3.3.3]"])


def read(path):
    with open(path) as f:
        return f.read()


def write(name, text):
    path = "%s%s/%s" % (root, ETC, name)
    with open(path, "w") as f:
        f.write(text)
    os.utime(path, (1.7e9, 1.7e9))  # Postfix dozes over newer ones


def configure(number):
    """Write one; returns what it says beyond the defaults, and whether each mail needs the host."""
    opaque, files = number % 10 == 9, {}
    settings = transport_tables(files, opaque) if opaque or maybe(.7) else ""
    rewritten = rewriting(files, opaque)
    settings += classes(files) + senders(files) + words() + rewritten
    rewrite = options()
    master = read(defaults + "/master.cf")
    master += "".join("%s unix - - y - - smtp\n" % name for name in CLIENTS)
    master = master.replace("trivial-rewrite\n", "trivial-rewrite\n" + rewrite)
    write("main.cf", read(defaults + "/main.cf") + settings.replace("marker", "marker%d" % number))
    write("master.cf", master)
    for name, text in files.items():
        write(name, text)
    if opaque:
        there("postmap", "hash:%s/indexed" % ETC)
        os.unlink(root + ETC + "/indexed")
    said = settings + rewrite + "".join("  [%s] %s\n" % (name, " ; ".join(text.splitlines()))
                                        for name, text in files.items() if "/" + name in settings)
    return said, opaque, bool(rewritten)


def resolve(sender, address):
    """The answer of trivial-rewrite: transport, nexthop, flags. None: it gave none."""
    request = b"request\0resolve\0sender\0%s\0address\0%s\0\0" % (
        b"" if sender == "<>" else sender.encode(), address.encode())
    answer = b""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(2)
        try:
            s.connect(root + "/var/spool/postfix/private/rewrite")
            s.sendall(request)
            while not (answer.endswith(b"\0\0") and b"\0recipient\0" in answer):
                part = s.recv(4096)
                if not part:
                    return None
                answer += part
        except OSError:
            return None
    fields = answer.decode().partition("\0\0")[2].split("\0")  # behind the name of the protocol; a value may be empty
    return dict(zip(fields[::2], fields[1::2]))  # "flags" comes twice: the server's, then the address's


def queued(mails):
    """The mails as cleanup puts them into the queue: (sender, first recipient, how many), None: it did not."""
    for number, (sender, address) in enumerate(mails):
        there("sh", "-c", '{ echo; head -c "$3" /dev/zero | tr "\\0" x; } | sendmail -i -f "$1" -- "$2"', "-",
              "" if sender == "<>" else sender, address, str(2000 * (number + 1)))
    end = time.monotonic() + 3
    while True:
        found = [json.loads(line) for line in there("postqueue", "-j").decode().splitlines()]
        found = [one for one in found if one["queue_name"] == "hold"]
        if len(found) == len(mails) or time.monotonic() > end:
            break
        time.sleep(.05)
    there("postsuper", "-d", "ALL")
    there("sh", "-c", "rm -f /var/spool/postfix/maildrop/*")
    answers = [None] * len(mails)
    for one in found:
        sender = one["sender"]
        answers[one["message_size"] // 2000 - 1] = ("<>" if sender == "MAILER-DAEMON" else sender,
                                                    one["recipients"][0]["address"], len(one["recipients"]))
    return answers


def anew(number):
    """Let Postfix read the configuration; true once its trivial-rewrite goes by it."""
    there("postfix", "reload")
    end = time.monotonic() + 15
    while time.monotonic() < end:
        got = resolve("<>", "x@marker%d.invalid" % number)
        if got and int(got["flags"]) & CLASS_VIRTUAL:
            return True
        time.sleep(.02)
    return False


def shown(bundle, sender, address):
    return json.loads(there("mtapin", "show", "--json", "--to", address, "--from", sender, *bundle))["mtas"][0]["route"]


def same(real, ours, address):
    if real["transport"] == "":  # "null transport is not allowed"; the flag is RESOLVE_FLAG_FAIL
        return not ours.get("path") and ours.get("note", "").startswith("a null transport")
    transport, hop, note = real["transport"], ours.get("next_hop", "").lower(), ours.get("note", "")
    if transport in CLIENTS + ("smtp", "relay", "lmtp"):
        domain = address.split("@")[1].lower()
        return ours.get("path") == transport and (hop or domain) == real["nexthop"].lower()
    if ours.get("path"):
        return False
    return ("delivered by %s," % transport in note or "%s is no service" % transport in note
            or (transport == "error" and ("its alias leads" in note or note.startswith("bounces: "))))


total = bad = lost = unsure = changed = 0
for number in range(configurations):
    said, opaque, rewritten = configure(number)
    if not anew(number):
        lost += mails
        print("# no answer by this configuration:\n" + said)
        there("postfix", "stop")  # a service that died is left alone for a minute otherwise
        there("postfix", "start")
        continue
    bundle = []
    if not opaque:
        with open(root + "/run/bundle", "wb") as f:
            f.write(there("mtapin", "collect"))
        bundle = ["--bundle", "/run/bundle"]
    asked = [(rnd.choice(SENDERS), "%s@%s" % (rnd.choice(LOCALS), rnd.choice(DOMAINS))) for _ in range(mails)]
    held = queued(asked) if rewritten else [pair + (1,) for pair in asked]
    for (sender, address), became in zip(asked, held):
        real = resolve(*became[:2]) if became else {"transport": "not accepted"}
        if not real:
            lost += 1
            continue
        ours = shown(bundle, sender, address)
        total += 1
        changed += bool(became) and became[:2] != (sender, address)
        if ours.get("note", "").startswith("unknown:"):
            unsure += 1
        good = same(real, ours, became[1]) if became else "not accepted" in ours["note"]
        if became and (became[2] > 1) != ("its alias leads to" in ours["note"]):
            good = False
        if not good:
            bad += 1
            print("# %s to %s (%s): Postfix %r, mtapin %s %s %s\n%s" % (
                sender, address, became, real, ours.get("path"), ours.get("next_hop"), ours.get("note"), said))
print("%d answers, %d differ, %d not had, %d unsure, %d of mails that were rewritten" % (total, bad, lost, unsure, changed))
sys.exit(bad > 0 or lost > 0 or total == 0 or changed == 0)
