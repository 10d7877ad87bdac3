# SPDX-License-Identifier: ISC
"""What the property test needs to know of Postfix: dimensions, a configuration for a choice of each, a goal.

Addresses and names are those of tests/real/tree.sh and lab.sh; HOSTS goes into /etc/hosts.
"""
DIRECTORY = "/etc/postfix"
HOSTS = """192.0.2.10 mail.example.org mail
127.0.0.1 localhost
::1 localhost ip6-localhost ip6-loopback
192.0.2.11 out.example.org
192.0.2.10 two.example.org
192.0.2.11 two.example.org
192.0.2.11 dual.example.org
2001:db8::11 dual.example.org
2001:db8::10 six.example.org
"""
WATCHED = ("main.cf", "master.cf")  # files that mtapin may write

# Each value comes equally often. One that is named twice comes twice as often.
DIMENSIONS = {
    "method": ("auto", "smtp_bind_address", "service", "inet_interfaces"),
    "ip6": ("address", "off", "keep", "any"),
    "ip4": ("address", "address", "address", "first", "any"),
    "interfaces": ("all", "name", "list", "other"),
    "filter": ("none", "shared", "shared", "own"),
    "lmtp": ("no", "no", "yes"),
    "senders": ("no", "pinned", "plain"),
    "relay": ("no", "no", "transport_maps", "relayhost"),
    "bind": ("none", "none", "main", "odd"),
    "protocols": ("unset", "all", "option", "one"),
    "text": ("plain", "multiline", "comments", "mixed"),
    "options": ("few", "braces", "glued", "one-line"),
    "networks": ("set", "set", "unset"),
    "listeners": ("few", "many"),
    "end": ("newline", "newline", "none"),
    "broken": ("no", "no", "no", "no", "no", "no", "yes"),
    "helo": ("no", "no", "yes"),
    "extra": ("none", "none", "bare", "path-all"),
    "macros": ("no", "no", "yes"),
}


def goal(rng, choice):
    """The options of `mtapin fix`."""
    argv = ["--ip4", {"address": "192.0.2.11", "first": "192.0.2.10", "any": "any"}[choice["ip4"]],
            "--ip6", {"address": "2001:db8::11"}.get(choice["ip6"], choice["ip6"])]
    if choice["method"] != "auto":
        argv += ["--method", choice["method"]]
    if choice["extra"] == "bare" and choice["method"] == "inet_interfaces":
        argv += ["--bare"]
    if choice["extra"] == "path-all":
        argv += ["--path", "all"]
    elif choice["relay"] == "relayhost" and rng.random() < 0.7:
        argv += ["--path", "smtp"]
    if choice["helo"] == "yes":
        argv += ["--helo", rng.choice(("out.example.org", "mail.example.org"))]
    return argv


def interfaces(rng, kind):
    return rng.choice({
        "all": ("all",),
        "name": ("out.example.org", "$myhostname, localhost", "two.example.org", "dual.example.org",
                 "127.0.0.1, out.example.org", "out.example.org, six.example.org", "localhost, mail.example.org"),
        "list": ("192.0.2.10, 2001:db8::10", "127.0.0.1, 192.0.2.11", "192.0.2.10, 192.0.2.11",
                 "[::1], 192.0.2.10", "127.0.0.1, [::1], 192.0.2.10, [2001:db8::10]", "192.0.2.11 [2001:db8::11]",
                 "192.0.2.11, 2001:db8::10", "[2001:db8::11], [2001:db8::10], 192.0.2.10"),
        "other": ("loopback-only", "localhost", "192.0.2.11", "192.0.2.10", "$pin", None, "127.0.0.1",
                  "[2001:db8::11]", "192.0.2.10, 192.0.2.10"),
    }[kind])


def binds(rng, kind):
    """smtp_bind_address, smtp_bind_address6 of main.cf; None: not set."""
    if kind == "main":
        return rng.choice((("192.0.2.10", None), ("192.0.2.10", "2001:db8::10"), (None, "2001:db8::10"),
                           ("$pin", "$pin6"), ("[192.0.2.11]", None), ("192.0.2.11", "2001:db8::11")))
    if kind == "odd":
        return rng.choice((("0.0.0.0", None), ("", ""), ("203.0.113.9", None), ("192.0.2.10", "2001:db8::99"),
                           ("${pin?{$pin}}", None), (None, "::"), ("", "2001:db8::10"), ("$undefined", None)))
    return None, None


class Writer:
    """Text in the chosen manner: values over several lines, comments and blank lines where nobody expects them."""

    def __init__(self, rng, choice):
        self.rng, self.text, self.options = rng, choice["text"], choice["options"]

    def is_multiline(self):
        return self.text in ("multiline", "mixed") and self.rng.random() < 0.6

    def aside(self):
        if self.text in ("comments", "mixed") and self.rng.random() < 0.4:
            return self.rng.choice(("# a comment\n", "\n", "#smtp_bind_address = 192.0.2.99\n", "   # indented\n", " \t\n"))
        return ""

    def parameter(self, name, value):
        words = value.split(" ") if value else []
        if words and self.is_multiline():
            out = "%s =" % name
            for word in words:
                out += self.rng.choice((" ", "\n    ", "\n\t")) + word
                if out.endswith("\n"):
                    continue
                aside = self.aside()
                if aside:
                    out += "\n" + aside + "   "
            return out.rstrip(" ") + "\n"
        return name + self.rng.choice((" = ", " = ", "=", "\t= ")) + value + self.rng.choice(("\n", "\n", "  \n"))

    def option(self, name, value):
        if self.options == "braces" or " " in value:
            return "-o { %s = %s }" % (name, value)
        return ("-o%s=%s" if self.options == "glued" and self.rng.random() < 0.5 else "-o %s=%s") % (name, value)

    def service(self, columns, options=()):
        gap = self.rng.choice(("  ", "\t", " "))
        out = gap.join(columns.split())
        for name, value in options:
            aside = "" if self.options == "one-line" else self.aside()
            out += " " if self.options == "one-line" and self.rng.random() < 0.8 else "\n" + aside + self.rng.choice(("  ", "\t"))
            out += self.option(name, value)
        return out + "\n" + self.aside()


def client_options(rng, choice):
    options = []
    if rng.random() < 0.5:
        options.append(("syslog_name", "postfix/$service_name"))
    if choice["protocols"] == "option" and rng.random() < 0.5:
        options.append(("inet_protocols", rng.choice(("ipv4", "all", "ipv4, ipv6"))))
    if choice["bind"] == "odd" and rng.random() < 0.4:
        options.append(rng.choice((("smtp_bind_address", ""), ("smtp_bind_address", "192.0.2.10"),
                                   ("smtp_bind_address6", "2001:db8::10"), ("inet_interfaces", "192.0.2.10"),
                                   ("smtp_bind_address", "$pin"), ("inet_interfaces", "all"))))
    if rng.random() < 0.2:
        options.append(("smtp_helo_name", "helo.example.org"))
    if rng.random() < 0.3:
        options.append(("smtp_tls_security_level", "may"))
    rng.shuffle(options)
    return options


def main_cf(rng, choice, writer):
    settings = [("myhostname", "mail.example.org"), ("mydestination", "$myhostname, localhost"),
                ("compatibility_level", "3.6"), ("pin", "192.0.2.10"), ("pin6", "2001:db8::10"),
                ("smtpd_relay_restrictions", "permit_mynetworks permit_sasl_authenticated defer_unauth_destination")]
    if choice["networks"] == "set":
        settings.append(("mynetworks", "127.0.0.0/8 [::1]/128"))
    if choice["protocols"] in ("all", "one"):
        settings.append(("inet_protocols", "all" if choice["protocols"] == "all" else rng.choice(("ipv4", "ipv4, ipv6"))))
    value = interfaces(rng, choice["interfaces"])
    if choice["macros"] == "yes" and value and " " not in value and "$" not in value:
        settings.append(("own", value))
        value = "$own"
    if choice["broken"] == "yes":
        value = rng.choice(("203.0.113.9", "192.0.2.10, 203.0.113.9", "nowhere.example.org", "192.0.2.10/24"))
        if rng.random() < 0.3:  # what no other program than Postfix's own would find
            value = None
            settings.append(rng.choice((("default_process_limit", "abc"), ("mydomain", "<NAME>"))))
    if value is not None:
        settings.append(("inet_interfaces", value))
    for name, value in zip(("smtp_bind_address", "smtp_bind_address6"), binds(rng, choice["bind"])):
        if value is not None:
            settings.append((name, value))
    settings += filters(rng, choice)
    if choice["lmtp"] == "yes":
        settings.append(("virtual_transport", "lmtp:inet:[127.0.0.1]:10025"))
        settings.append(("virtual_mailbox_domains", "box.example"))
    if choice["senders"] != "no":
        settings.append(("sender_dependent_default_transport_maps", "texthash:/etc/postfix/senders"))
    if choice["relay"] == "transport_maps":
        settings.append(("transport_maps", "texthash:/etc/postfix/transport"))
        settings.append(("relay_domains", "relay.example"))
    elif choice["relay"] == "relayhost":
        settings.append(("relayhost", rng.choice(("[192.0.2.1]:587", "[relay.example]", "[out.example.org]", "[2001:db8::1]"))))
    rng.shuffle(settings)
    if rng.random() < 0.2:  # an earlier one of the same name
        settings.insert(0, (rng.choice(settings)[0], rng.choice(("all", "192.0.2.10"))))
    return "".join(writer.aside() + writer.parameter(*s) for s in settings)


def filters(rng, choice):
    if choice["filter"] == "shared":
        return [("content_filter", rng.choice(("smtp:[127.0.0.1]:10024", "smtp:[127.0.0.1]:10024", "smtp:[::1]:10024",
                                               "smtp:localhost:10024", "relay:[127.0.0.1]:10024")))]
    if choice["filter"] == "own":
        return [("content_filter", rng.choice(("amavis:[127.0.0.1]:10024", "amavis:[localhost]:10024", "amavis:[::1]:10024")))]
    return []


def master_cf(rng, choice, writer):
    s = writer.service
    out = s("smtp inet n - y - - smtpd")
    if choice["listeners"] == "many":
        out += s("submission inet n - y - - smtpd", [("syslog_name", "postfix/submission"), ("smtpd_tls_security_level", "may")])
        out += s("465 inet n - y - - smtpd", [("smtpd_tls_wrappermode", "yes")])
        out += s(rng.choice(("127.0.0.1:2525", "192.0.2.10:2525", "localhost:2525")) + " inet n - y - - smtpd")
    if choice["filter"] != "none":
        out += s("127.0.0.1:10026 inet n - y - - smtpd", [("content_filter", ""), ("mynetworks", "127.0.0.0/8")])
    for line in ("pickup unix n - y 60 1 pickup", "cleanup unix n - y - 0 cleanup", "qmgr unix n - n 300 1 qmgr",
                 "tlsmgr unix - - y 1000? 1 tlsmgr", "rewrite unix - - y - - trivial-rewrite", "bounce unix - - y - 0 bounce",
                 "defer unix - - y - 0 bounce", "trace unix - - y - 0 bounce", "verify unix - - y - 1 verify",
                 "proxymap unix - - n - - proxymap", "showq unix n - y - - showq", "error unix - - y - - error",
                 "retry unix - - y - - error", "discard unix - - y - - discard", "local unix - n n - - local",
                 "virtual unix - n n - - virtual", "anvil unix - - y - 1 anvil", "scache unix - - y - 1 scache",
                 "postlog unix-dgram n - n - 1 postlogd"):
        out += s(line)
    clients = [s("smtp unix - - y - - smtp", client_options(rng, choice)),
               s("relay unix - - y - - smtp", client_options(rng, choice)),
               s("lmtp unix - - y - - lmtp")]
    if choice["filter"] == "own":
        clients.append(s("amavis unix - - y - 2 smtp", [("smtp_send_xforward_command", "yes")] + client_options(rng, choice)))
    if choice["senders"] != "no":
        for i in (0, 1, 2):
            pin = [("smtp_bind_address", "192.0.2.%d" % (10 + i % 2))] if choice["senders"] == "pinned" else []
            pin += [("smtp_bind_address6", "2001:db8::%d" % (10 + i % 2))] if pin and rng.random() < 0.7 else []
            clients.append(s("pool%d unix - - y - - smtp" % i, pin + client_options(rng, dict(choice, bind="none"))))
    if choice["relay"] == "transport_maps":
        clients.append(s("slow unix - - y - 1 smtp", client_options(rng, choice)))
    rng.shuffle(clients)
    return out + "".join(clients)


def configuration(rng, choice):
    """Name below DIRECTORY -> (bytes, mode)."""
    writer = Writer(rng, choice)
    main, master = main_cf(rng, choice, writer), master_cf(rng, choice, writer)
    if choice["end"] == "none":
        main, master = main.rstrip("\n"), master.rstrip("\n")
    files = {"main.cf": (main, rng.choice((0o644, 0o644, 0o640))), "master.cf": (master, 0o644)}
    if choice["senders"] != "no":
        files["senders"] = ("a@a.example pool0:\n@b.example pool1:\nc@c.example pool2:[192.0.2.1]\n", 0o644)
    if choice["relay"] == "transport_maps":
        files["transport"] = ("slow.example slow:\nhop.example smtp:[192.0.2.1]:25\nhere.example smtp:[127.0.0.1]:10025\n"
                              if rng.random() < 0.1 else "slow.example slow:\nhop.example smtp:[192.0.2.1]:25\n", 0o644)
    return {name: (text.encode(), mode) for name, (text, mode) in files.items()}


# The programs of the mail server itself that must take the configuration; the first that does not says why.
ACCEPTS = (["postmap", "-q", "x", "static:ok"], ["postconf", "-n"])
