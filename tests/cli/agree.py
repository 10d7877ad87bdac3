# SPDX-License-Identifier: ISC
"""Text and JSON of show tell the same: the text is made anew from the JSON alone, and must come out byte for byte.
And of the bindings of a host, the one that a mail gets is the first whose conditions it meets.

usage: agree.py FOLDER COMMAND...
       agree.py --generate SEED COUNT >FILE

FOLDER holds N.bundle and N.mails (tests/cases/run --bundles); for each of them COMMAND is run with `--bundle`,
for the host and for each mail ("TO [FROM]" a line). Prints what differs, then "N compared, N differ, N with a route, N
by a condition"; status 1: some differ, or none had a route or a condition. --generate writes hosts and mails in the language of tests/cases/run.c.
"""
import glob
import ipaddress
import json
import random
import subprocess
import sys


SHOWN = 5  # bindings with a condition, of a family


def place(because, instance):
    name = because["file"]
    if instance and name.startswith(instance + "/") and len(name) > len(instance) + 1:
        name = name[len(instance) + 1:]
    return "%s:%d" % (name, because["line"]) if because["line"] else name


def generated(because, instance):
    words = ["makes " + place(because["generated"], instance)] if "generated" in because else []
    for step in because.get("via", ()):
        words.append(step["kind"] + " " + step["name"] + (" of " + place(step, instance) if step["file"] else ""))
    words += ["not to be edited"] if not because.get("editable", True) else []
    return "  (%s)" % "; ".join(words) if words else ""


def network(text):
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def when(binding):
    words = {"sender": "from", "sender-domain": "from", "recipient": "to", "recipient-domain": "to", "next-hop": "via",
             "came-in-by": "in by", "other": "if"}
    return " ".join((("to" if c["by"] == "next-hop" and network(c["value"]) else words[c["by"]]) + " " +
                     (c["value"] or ("<>" if c["by"].startswith("sender") else ""))) for c in binding["when"])


def in_domain(name, domain):
    name, domain = name.lower(), domain.lower()
    return name == domain or (domain.startswith(".") and name.endswith(domain))


def holds(condition, to, sender, hop):
    """True, False; None: nobody can tell."""
    by, value = condition["by"], condition["value"]
    if by.startswith("sender") and sender is None or by == "came-in-by":
        return False
    if by == "next-hop":
        address = network(hop)
        if network(value):
            return address.subnet_of(network(value)) if address and address.version == network(value).version else (
                False if address else None)
        return in_domain(hop, value) if hop else None
    if by == "other":
        return None
    address = sender if by.startswith("sender") else to
    if by in ("sender", "recipient"):
        return address.lower() == value.lower()
    return in_domain(address.rpartition("@")[2], value)


def judged(mta, route, mail):
    """(what is wrong, how many got a binding by a condition) of this mail, by the bindings of the host."""
    to, sender = mail["to"], mail["from"]
    hop = route["next_hop"] or (to.rpartition("@")[2] if to.endswith("]") else "")
    hop = hop[1:].partition("]")[0] if hop.startswith("[") else hop.rpartition(":")[0] if hop.count(":") == 1 else hop
    path = next(p for p in mta["paths"] if p["name"] == route["path"] and (p["kind"] == "loopback") == (route["kind"] == "loopback"))
    wrong, met = [], 0
    for family in ("ipv4", "ipv6"):
        taken, untold = route["bindings"][family][0], False
        for binding in path["bindings"][family]:
            all_of = [holds(c, to, sender, hop) for c in binding["when"]]
            if False in all_of:
                continue
            if None in all_of:
                untold = True
                continue
            met += bool(binding["when"])
            if path["bindings"][family][-1]["how"] == "off":
                break  # the usual next hop has no address of this family
            # defer_transports: how this mail leaves once it does, a note tells
            if "only when the queue is flushed" in binding["note"] and taken["how"] == "deferred" and taken["note"].endswith(
                    " " + str(binding["source"])):
                break
            # A next hop of the other family, or on this host, is another matter: the kernel chooses by it.
            if not untold and taken["how"] != "off" and (taken["when"] != binding["when"] or (
                    binding["how"] in ("address", "deferred") and
                    (taken["how"], taken["source"]) != (binding["how"], binding["source"]))):
                wrong.append("%s %s: %s %s, not %s %s" % (mail, family, taken["how"], taken["source"], when(binding), binding["source"]))
            break
        if len(route["bindings"][family]) != 1:
            wrong.append("several bindings of one mail")
    return wrong, met


def source(way):
    return (way["source"] or "?") if way["how"] in ("address", "kernel") else way["how"]


class Table:
    """What one MTA's lines look like; `hidden` kinds are named below it."""

    def __init__(self, mta, hidden):
        self.mta, self.instance, self.lines, self.hidden = mta, mta["instance"], [], hidden
        shown = [p for p in mta["paths"] if p["kind"] not in hidden]
        self.most = SHOWN if hidden else 1 << 30
        ways = [w for p in shown for f in ("ipv4", "ipv6") for w in [p["bindings"][f][-1]] + p["bindings"][f][:-1][:self.most]]
        self.name = max([4] + [len(p["name"]) for p in shown])
        self.source = max([0] + [len(source(w)) for w in ways])
        self.place = max([0] + [len(place(b, self.instance)) for w in ways for b in w["because"]])
        head = mta["backend"] + (" " + mta["version"] if mta["version"] else "") + "  " + self.instance + "  "
        head += "not known whether it runs" if mta["state"] == "unknown" else mta["state"]
        self.lines.append(head + ("  HELO " + mta["helo"] if mta["helo"] else ""))

    def because(self, one):
        return place(one, self.instance).ljust(self.place) + "  " + one["text"] + generated(one, self.instance)

    def way(self, family, way, before=0):
        doubt = {"yes": "", "assumed": "  (assumed)", "no": "  (not sure)"}[way["sure"]]
        doubt = ("  HELO " + way["helo"] if "helo" in way else "") + doubt
        reasons, note = way["because"], way["note"]
        first = self.because(reasons[0]) + ("  (%s)" % note if note else "") if reasons else note
        if way["how"] == "address" and len(way["addresses"]) > 1:
            first += ("  " if first else "") + "%s of %s" % ({"any": "any", "first": "the first"}[way["pick"]], ", ".join(way["addresses"]))
        yield "%s  %s  %s%s" % (family, source(way).ljust(self.source), first, doubt)
        for reason in reasons[1:]:
            yield " " * (before + 6 + self.source + 2) + self.because(reason)

    def conditional(self, ways):
        shown = {f: ways[f][:-1][:self.most] for f in ways}
        widths = [len(when(w)) for f in shown for w in shown[f]]
        width = max([0] + [w for w in widths if w <= 40])
        for family, name in (("ipv4", "IPv4"), ("ipv6", "IPv6")):
            for way in shown[family]:
                rows = list(self.way(name, way, width + 2))
                yield from ["%s  %s" % (when(way).ljust(width), rows[0])] + rows[1:]
            if len(ways[family]) - 1 > self.most:
                yield "and %d more over %s (-v)" % (len(ways[family]) - 1 - self.most, name)

    def path(self, path):
        words = []
        if path["kind"] != "internet":
            words.append(path["kind"] + (" " + path["next_hop"] if path.get("next_hop") else ""))
        if path["helo"] and path["helo"] != self.mta["helo"]:
            words.append("HELO " + path["helo"])
        rows = ["  ".join(words)] if words else []
        if path["kind"] != "local":
            ways = path["bindings"]
            rows += [*self.way("IPv4", ways["ipv4"][-1]), *self.way("IPv6", ways["ipv6"][-1]), *self.conditional(ways)]
        self.lines.append("  " + path["name"].ljust(self.name) + "  " + (rows[0] if rows else ""))
        self.lines += ["  " + " " * self.name + "  " + row for row in rows[1:]]

    def route(self, route):
        if route["path"] is not None:
            self.path({"name": route["path"], **{k: route[k] for k in ("kind", "helo", "bindings")}})
        hop = route["next_hop"] or "the MX of the recipient's domain"
        said = "to " + hop + ("; " if route["note"] else "") if route["path"] is not None or route["next_hop"] else ""
        self.lines.append("  " + said + route["note"])
        self.lines += ["  by " + self.because(one) for one in route["because"]]


def findings(report):
    for f in report["findings"]:
        yield "%-8s%s  %s" % (f["severity"], f["id"], " ".join(f["message"].split()))
        for b in f["where"]:
            yield " " * 8 + place(b, "") + ("  " + b["text"] if b["text"] else "")
        if f["fix"]:
            yield " " * 8 + " ".join(f["fix"].split())


def text_of(report):
    lines, width = [], 4
    for mta in report["mtas"]:
        table = Table(mta, () if "route" in mta else ("local", "unused"))
        if "route" in mta:
            table.route(mta["route"])
        else:
            for path in mta["paths"]:
                if path["kind"] not in table.hidden:
                    table.path(path)
            for kind in table.hidden:
                names = [p["name"] for p in mta["paths"] if p["kind"] == kind]
                if names:
                    table.lines.append("  %s: %s" % (kind, ", ".join(names)))
        lines, width = lines + table.lines, table.name
    if not report.get("mail"):
        for seen in report["observed"]:
            at = "[%s]" % seen["source"] if ":" in seen["source"] else seen["source"]
            lines.append("  %s  %s:%d x %d%s" % ("seen".ljust(width), at, seen["port"], seen["connections"],
                                                 "" if seen["ours"] else "  (owner not known)"))
    # With --to notes are left out.
    lines += [line for line in findings({**report, "findings": [
        f for f in report["findings"] if "mail" not in report or f["severity"] != "note"]})]
    return lines + ["remedy  " + command for command in report.get("remedy", ())]


def harmless(value):
    """Foreign bytes as text shows them."""
    if isinstance(value, str):
        return "".join("\\x%02x" % ord(c) if c < " " or c == "\x7f" else c for c in value)
    if isinstance(value, list):
        return [harmless(one) for one in value]
    return {k: harmless(v) for k, v in value.items()} if isinstance(value, dict) else value


def run(command, *more):
    return subprocess.run([*command, *more], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout.decode()


def compare(folder, command):
    compared = bad = routed = met = 0
    for bundle in sorted(glob.glob(folder + "/*.bundle")):
        with open(bundle[:-len("bundle")] + "mails") as f:
            mails = [line.split() for line in f]
        host = None
        for mail in [[]] + mails:
            asked = ["show", "--bundle", bundle]
            if mail:
                asked += ["--to", mail[0]] + (["--from", mail[1]] if len(mail) > 1 else [])
            report = harmless(json.loads(run(command, *asked, "--json")))
            compared += 1
            if "mtas" not in report:
                continue  # no mail server in it
            if not mail:
                host = report
            for mta, like in zip(report["mtas"], host["mtas"]):
                if mail and mta["route"]["path"] is not None:
                    wrong, more = judged(like, mta["route"], report["mail"])
                    met += more
                    bad += bool(wrong)
                    print("".join("# %s\n" % one for one in wrong), end="")
            text = [line.rstrip() for line in run(command, *asked).split("\n")[:-1]]
            made = [line.rstrip() for line in text_of(report)]
            routed += any((m.get("route") or {}).get("path") is not None for m in report["mtas"])
            if text != made:
                bad += 1
                if bad <= 5:
                    print("# %s" % " ".join(asked))
                    print("\n".join("# text: %s" % line for line in text if line not in made))
                    print("\n".join("# JSON: %s" % line for line in made if line not in text))
    print("%d compared, %d differ, %d with a route, %d by a condition" % (compared, bad, routed, met))
    return bad or not routed or not met


SENDER_KEYS = ["one.example", "two.example", ".example", ".one.example", "One.Example", "a@one.example", ""]
SENDERS = "control/domainbindings control/bindroutes control/outgoingips"


class Hosts:
    """Hosts where what one mail does is not what any mail does."""

    def __init__(self, seed):
        self.r = random.Random(seed)

    def some(self, probability, *choices):
        return self.r.choice(choices) if self.r.random() < probability else ""

    def postfix(self):
        pins = ["192.0.2.11", "192.0.2.12", "192.0.2.99", "127.0.0.1", "name.example", "0.0.0.0", ""]
        pins6 = ["2001:db8::11", "2001:db8::99", "::1", "[2001:db8::12]", ""]
        option = lambda p: self.some(p, *["  -o smtp_bind_address=%s\n" % a for a in pins],
                                     *["  -o smtp_bind_address6=%s\n" % a for a in pins6],
                                     "  -o inet_protocols=ipv4\n", "  -o inet_interfaces=192.0.2.12\n",
                                     "  -o smtp_helo_name=other.example\n", "  -o smtp_bind_address_enforce=yes\n")
        text = "== main.cf\n@debian\n"
        text += self.some(.4, *["smtp_bind_address = %s\n" % a for a in pins])
        text += self.some(.4, *["smtp_bind_address6 = %s\n" % a for a in pins6])
        text += self.some(.2, "inet_interfaces = 192.0.2.11\n", "inet_interfaces = 127.0.0.1, 192.0.2.11\n",
                          "inet_interfaces = mx.example\n")
        text += self.some(.2, "inet_protocols = ipv4\n", "inet_protocols = ipv6\n", "inet_protocols =\n")
        text += self.some(.3, "relayhost = [192.0.2.50]\n", "relayhost = [2001:db8::50]:587\n",
                          "relayhost = relay.example\n", "relayhost = [127.0.0.1]:26\n")
        text += self.some(.6, "sender_dependent_default_transport_maps = inline:{@one.example=out1:, "
                              "@two.example=out2:[198.51.100.9], <>=out1}\n")
        text += self.some(.3, "sender_dependent_relayhost_maps = inline:{a@one.example=[192.0.2.60]}\n")
        text += self.some(.5, "transport_maps = inline:{far.example=smtp:[198.51.100.200], six.example="
                              "out1:[2001:db8:5::1], own.example=out2:[192.0.2.10], gone.example=nosuch:}\n")
        text += self.some(.2, "relay_domains = relay.example\n")
        text += self.some(.1, "content_filter = smtp:[127.0.0.1]:10024\n", "content_filter = out1:\n")
        text += "== master.cf\n@debian\n"
        for name in ("out1", "out2"):
            text += "%s unix - - y - - %s\n%s%s" % (name, self.r.choice(["smtp"] * 5 + ["lmtp"]), option(.7), option(.3))
        return text

    def qmail(self):
        text = "== qmail %s\n" % self.r.choice(["control/outgoingip", "control/outgoingip control/outgoingip6", "none",
                                               "indimail", "indimail", "qsmtp", "control/domainips", SENDERS, SENDERS,
                                               SENDERS + " control/outgoingip"])
        text += "== control me mail.example.com\\n\n"
        for name, lines in (("outgoingip", ["192.0.2.11\\n", "192.0.2.11\\n192.0.2.12\\n", "192.0.2.99\\n", "(empty)", "junk\\n"]),
                            ("domainbindings", [self.map(SENDER_KEYS)]), ("outgoingips", [self.map(SENDER_KEYS)]),
                            ("bindroutes", [self.map(["198.51.100.9", "198.51.100.", "198.", "192.0.2.50", ""])]),
                            ("outgoingip.far.example", ["192.0.2.12\\n", "junk\\n"]),
                            ("domainips", ["one.example:192.0.2.12|other.example\\n", "*:192.0.2.11\\n", self.map(SENDER_KEYS + ["*"])]),
                            ("smtproutes", ["far.example:198.51.100.9\\n", ":192.0.2.50:587\\n"])):
            line = self.some(.4, *lines)
            text += "== control %s %s\n" % (name, line) if line else ""
        return text

    def map(self, keys):
        return "".join("%s:%s\\n" % (self.r.choice(keys), self.r.choice(["192.0.2.11", "192.0.2.12", "192.0.2.10", "192.0.2.99", "0.0.0.0",
                                                                       "2001:db8::11", "junk", ""]))
                       for _ in range(self.r.choice([1, 2, 3, 9])))

    def mails(self):
        for _ in range(2):
            to = self.r.choice(["u@example.org", "u@far.example", "u@six.example", "u@own.example", "u@gone.example",
                                "u@relay.example", "u@mail.example.com", "u@[198.51.100.9]"])
            sender = self.r.choice(["a@one.example", "b@one.example", "a@sub.one.example", "x@TWO.example", "c@two.example", "d@three.example", "<>", ""])
            yield "== to %s %s\n" % (to, sender)

    def write(self, count):
        print("generated")
        for number in range(count):
            host = self.some(.2, "no-ipv6\n") + self.some(.1, "down\n")
            print("== case %d\n%s%s" % (number, "== host\n" + host if host else "",
                                        self.qmail() if number % 4 == 3 else self.postfix()) + "".join(self.mails()), end="")


if sys.argv[1] == "--generate":
    Hosts(int(sys.argv[2])).write(int(sys.argv[3]))
else:
    sys.exit(compare(sys.argv[1], sys.argv[2:]))
