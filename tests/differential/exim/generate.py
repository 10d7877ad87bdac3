# SPDX-License-Identifier: ISC
"""Configurations of Exim of every construct that its grammar has, from a random.Random: the same seed gives the same bytes.

Nothing is said of what they mean: the program is asked. Each file says in `constructs` what it was made with.
"""
import collections
import re

BREAKS = ("macro", "condition", "include", "section", "driver", "unknown", "twice", "quote", "value", "rule", "list")
ADDRESSES = ["192.0.2.12", "2001:db8:1::12", "192.0.2.99", "0.0.0.0", "::ffff:192.0.2.12"]
INTERFACES = ["192.0.2.12", "<; 192.0.2.12 ; 2001:db8:1::12", "<;192.0.2.12;2001:db8:1::12", "<, 192.0.2.12, 2001:db8:1::12",
              "192.0.2.12 : 2001::db8::1::::12", "192.0.2.12 : 2001:db8:1::12", "192.0.2.12 ; 2001:db8:1::12", "[192.0.2.12]",
              "192.0.2.12 # text", "eth0", "", "<; ; 192.0.2.12", "192.0.2.12   192.0.2.13", "  <;  192.0.2.12",
              "${lookup{$sender_address_domain}lsearch*{/etc/mailips}{$value}}", "<; ${if exists{/etc/mailips}{${lookup"
              "{$sender_address_domain}lsearch{/etc/mailips}{$value}fail}}}", "${if exists{/x}", "$h_from:", "a\\ b"]
QUOTED = ['"192.0.2.12"', '"<\\n 192.0.2.12 \\n 2001:db8:1::12"', '"<\\x7f 192.0.2.12"', '"\\101\\x42c\\7"', '"a \\"b\\" \\\\c"',
          '"192.0.2.12 # text"', '"  two  blanks "', '""', '"\\t\\b\\f\\r\\v"', '"\\q\\8\\x"', '"\\0x"', '"\\400\\1234"']
TEXTS = ["mail.example.org", "$primary_hostname", "${lookup dnsdb{ptr=$sending_ip_address}{$value}{$primary_hostname}}", "*",
         "a : b : c", "+local", "x  y", "", "a=b", "a # b", "\\N^x\\N", "${x", "\u00fc", "mx1.example.org::25 : mx2", "\"a\"b"[1:]]
DRIVERS = {"transports": {"smtp": [], "appendfile": ["file = /var/mail/u", "directory = /m\n maildir_format"], "pipe": ["command = /bin/x"],
                          "autoreply": [], "lmtp": ["socket = /run/lmtp", "command = /bin/l"]},
           "routers": {"accept": ["transport = t1", "verify_only"], "dnslookup": ["transport = t1"],
                       "manualroute": ["route_list = * mx.example.org", "route_data = mx.example.org"],
                       "redirect": ["data = :blackhole:", "file = /etc/aliases"], "ipliteral": ["transport = t1"],
                       "queryprogram": ["command = /bin/q\n command_user = mail"]},
           "authenticators": {"plaintext": ["server_condition = 1", "client_send = ^x"], "cram_md5": ["server_secret = x"], "external": []}}
SMTP = {"text": "helo_data hosts fallback_hosts port tls_sni authenticated_sender hosts_try_auth dkim_domain headers_remove".split(),
        "bool": "allow_localhost hosts_override gethostbyname keepalive hosts_randomize delivery_date_add body_only".split(),
        "expand": "multi_domain retry_include_ip_address".split(), "time": "connect_timeout data_timeout final_timeout".split(),
        "int": "hosts_max_try max_rcpt size_addition connection_max_messages".split()}
MAIN = {"text": "qualify_domain smtp_active_hostname dns_ipv4_lookup local_interfaces pid_file_path smtp_banner host_lookup "
                "acl_smtp_rcpt helo_allow_chars tls_advertise_hosts extra_local_interfaces".split(),
        "bool": "disable_ipv6 split_spool_directory queue_only smtp_enforce_sync log_timezone allow_mx_to_ip".split(), "expand": [],
        "time": "ignore_bounce_errors_after timeout_frozen_after receive_timeout dns_retrans smtp_receive_timeout".split(),
        "int": "dns_retry smtp_accept_max message_body_visible bounce_return_size_limit check_spool_space received_headers_max".split()}
# What a file needs: only seldom is it below a condition that is false.
STRUCTURE = re.compile(r"(?i)\s*(begin|driver|public_name|transport\b|command|data|file|directory|route|socket|verify_only|[a-z]\w*\s*:|accept|warn)"
                       r"|\s*[A-Z]\w*\s*=")
EXPANDED = ("smtp_active_hostname", "pid_file_path")  # when it starts
NAMES = ["OUT", "FOO", "REMOTE_SMTP_INTERFACE", "HELO", "Bar_2", "A1", "LONG_LONG_NAME", "MAIN_X", "Z"]
CLASHES = {"OUT": "OUT4", "FOO": "XFOO", "HELO": "SET_HELO", "A1": "A10", "Z": "BIG_Z_", "REMOTE_SMTP_INTERFACE": "REMOTE_SMTP_INTERFACE_V4"}
ACL = ["accept hosts = +relay", "accept", "deny message = no", "warn !hosts = :", "require verify = recipient", "accept endpass",
       "deny   !verify = sender", "set acl_m_x = 1", "message = a : b", "log_message=x", "warn set acl_c0 = $x", "drop condition = ${x",
       "defer", "discard", "control = submission/sender_retain", "warn set acl_m9x=3", "delay = 3s", "discard endpass"]
BAD_ACL = ["acceptt", "accept hosts +x", "accept host = x", "!accept", "warn !message = x", "deny endpass", "warn set x = 1",
           "warn set acl_mx = 1", "warn set acl_m0-x = 1", "accept = x", "deny malware = *", "require verify"]
RETRY = ["* * F,2h,15m; G,16h,1h,1.5; F,4d,6h", "*.example.org * F,1d,10m", "a@b timeout_connect F,1h,5m", "* quota_3d f,1h,5m",
         "* refused_MX", "* rcpt_4xx F,1h,1m", "* mail_45x senders = : F,1h,1m", "\"a b\" * H,1h,1m,2", "* auth_failed", "* data_451 G,1h,1m,1.25;",
         "* timeout_conn F,1h,1m", "* lookup", "* tls_req", "* refused", "* lost_connection senders=\"a b\" F,1w2d,3m1s"]
BAD_RETRY = ["*", "* foo F,1h,1m", "* * X,1h,1m", "* * F,1h", "* * F,1h,1x", "* * G,1h,1m", "* * F 1h", "* * F,1h,1m G,1h", "* refused_X",
             "* timeout_foo", "* rcpt_5xx", "* rcpt_4yx", "* quota_x", "* * G,1h,1m,0.5", "* * senders F,1h,1m", "* * F,1h;1m", "* * F,0s,1m"]
REWRITE = ["*@a.example $1@b.example", "^x$ y Tbcr", "\"*@a b\" \"c d\" E", "\\N^x@\\N y S", "*@x y sq w", "a b h", "* * Ffrs"]
BAD_REWRITE = ["*@a", "* * X", "* a b@c", "*@x y S", "a \"b\"c", "\"a b"]
BUILTINS = ["_HAVE_IPV6", "_HAVE_GNUTLS", "_OPT_TRANSPORT_SMTP_INTERFACE", "_OPT_MAIN_TLS_ADVERTISE_HOSTS", "_DRIVER_ROUTER_ACCEPT",
            "_HAVE_TLS_OCSP", "_OPT_ROUTERS_FAIL_VERIFY_SENDER", "_LOG_ALL", "_DKIM_SIGN_HEADERS", "_ACL_COND_HOSTS", "_OPT_TRANSPORTS_DRIVER",
            "_HAVE_TLS1_3", "_OPT_AUTHENTICATOR_PLAINTEXT_SERVER_PROMPTS"]
ABSENT_BUILTINS = ["_HAVE_SPF", "_OPT_TRANSPORT_FOO", "_have_ipv6", "_HAVE_CONTENT_SCANNING", "_OPT_MAIN_PERL_STARTUP"]


class Configuration:
    """One: its files, and what they were made with."""

    def __init__(self, random, folder):
        self.r, self.folder = random, folder
        self.files, self.constructs, self.macros = {}, collections.Counter(), []
        self.wild = self.chance(11)
        self.breaks = set()
        if self.chance(29):
            self.breaks = {self.pick(BREAKS) for _ in range(self.pick([1, 2, 3, 4]))}
        self.made()

    def chance(self, percent):
        return self.r.random() * 100 < percent

    def pick(self, items):
        return items[self.r.randrange(len(items))]

    def has(self, construct):
        self.constructs[construct] = 1

    # ---- values ----

    def text(self, pool):
        if self.macros and self.chance(18):
            self.has("macro replaced")
            return self.pick(self.macros)
        if self.macros and self.chance(12):
            self.has("macro in a longer word")
            return self.pick(["x%s", "%sx", "<; %s ; ::1", "a%s.b", "%s%s"]).replace("%s", self.pick(self.macros))
        if self.chance(22):
            self.has("quoted value")
            if self.chance(50):
                self.has("escapes")
                return self.pick([q for q in QUOTED if "\\" in q])
            return self.pick(QUOTED)
        return self.pick(pool)

    def broken(self, kind, percent=60):
        if kind in self.breaks and self.chance(percent):
            self.has("broken " + kind)
            return True
        return False

    def option(self, names):
        """A line of an option of a kind by chance."""
        kind = self.pick(["text", "text", "text", "bool", "bool", "time", "int", "expand"])
        kind = kind if names[kind] else "text"
        name = self.pick(names[kind])
        if self.broken("unknown", 28):
            return self.pick(["no_such = x", "interfac = 192.0.2.1", "no_no_such", "hide nothing = 1", "x"])
        if kind == "bool" or kind == "expand":
            line = self.boolean(name, kind)
        elif kind == "text" and name in EXPANDED:
            line = name + self.equals() + self.pick(["mail.example.org", "a : b", "x  y", "\"q\"", "/run/x"])
        elif kind == "text":
            line = name + self.equals() + self.broken_quote() if self.broken("quote", 50) else name + self.equals() + self.text(TEXTS)
        else:
            line = name + self.equals() + self.number(kind)
        if self.chance(7):
            self.has("hide")
            line = self.pick(["hide ", "hide\t", "hide   "]) + line
        return line

    def broken_quote(self):
        return self.pick(['"abc', '"abc" def', '"abc\\"', '"a"# b', '"', '"\\'])

    def equals(self):
        if self.chance(12):
            self.has("no blanks around '='")
            return "="
        return self.pick([" = ", " = ", " =  ", "\t=\t", " =", "= "])

    def boolean(self, name, kind):
        if self.broken("value", 15):
            return self.pick([name + " = maybe", name + " = true x", "no_" + name + " = yes", name + " true", name + " = \"true\"", name + " # x"])
        if kind == "expand" and self.chance(50):
            self.has("boolean that is expanded")
            return name + " = " + self.pick(["${if eq{a}{b}{yes}{no}}", "\"$x\"", "$domain"])
        how = self.r.randrange(4)
        self.has(["boolean alone", "no_", "not_", "boolean with a value"][how])
        return [name, "no_" + name, "not_" + name, name + self.equals() + self.pick(["true", "yes", "no", "false", "YES", "False", ""])][how]

    def number(self, kind):
        if self.broken("value", 25):
            return self.pick(["x", "1x", "-", "1h2", "h", "99999999999", "5T", "1.5", "0x", "1m 2h", "12#3", "\"3\""])
        if kind == "time":
            self.has("time")
            return self.pick(["5m", "1h30m", "1w2d", "30s", "0h5s", "1d", "2h2h"])
        self.has("integer")
        return self.pick(["10", "0", "1K", "2m", "1G", "0x1f", "010", "-1", "100 ", "+3"])

    # ---- lines: each is one logical line, or a list of physical ones that must not be taken apart ----

    def repeated(self, lines):
        """An option once only, but for those that are to be refused."""
        kept, seen = [], set()
        for line in lines:
            words = line.replace("=", " = ").split() or [""]
            name = words[1] if words[0] == "hide" and len(words) > 1 else words[0]
            name = name[3:] if name.startswith("no_") else name[4:] if name.startswith("not_") else name
            if name in seen and name not in ("headers_remove", "headers_add", "condition"):
                continue
            seen.add(name)
            kept.append(line)
        if kept and self.broken("twice", 40):
            kept.insert(self.r.randrange(len(kept)) + 1, kept[0])
        return kept

    def macro(self):
        """A definition, perhaps a wrong one."""
        if self.broken("macro", 46):
            name = self.pick(self.macros) if self.macros else "OUT"
            clash = CLASHES.get(name, "X" + name) + " = clash"
            return self.pick([name + " = again", clash, clash, clash, "NEW_ONE == x", "NEW x", "N-X = 1", "lower = 3",
                              "X_HAVE_TLS = 1", "Long" + "g" * 62 + " = x"])
        if self.macros and self.chance(25):
            self.has("macro redefined")
            return self.pick(self.macros) + self.pick([" == ", "==", " ==", "\t== "]) + self.text(INTERFACES)
        free = [n for n in NAMES if not any(m in n for m in self.macros)]
        if not free:
            return "# no name is left"
        name = self.pick(free)
        self.has("macro")
        value = self.text(INTERFACES) if self.chance(85) else self.pick(["", "#", "smtp", "driver = smtp", "no", "FOO OUT", "disable_ipv6"])
        if not value.strip():
            self.has("macro of nothing")
        line = name + self.equals() + value
        self.macros.append(name)
        return line

    def named_list(self):
        if self.broken("list", 48):
            return self.pick(["domainlistx = a", "hostlist x", "domainlist d0 = \"a", "hostlist relay", "domainlist twice = a\ndomainlist twice = b"])
        self.has("named list")
        self.list_count += 1
        kind = self.pick(["domainlist", "hostlist", "addresslist", "localpartlist", "domainlist_cache", "hide hostlist"])
        return "%s l%d%s%s" % (kind, self.list_count, self.equals(), self.text(TEXTS))

    def main(self):
        top = [self.macro() for _ in range(self.pick([0, 1, 1, 2, 3]))]
        self.early = list(self.macros)
        lines = ["primary_hostname" + self.equals() + self.text(["mail.example.org"])] if self.chance(60) else []
        lines += [self.option(MAIN) for _ in range(self.pick([0, 2, 4, 7]))]
        if self.chance(25):
            lines += ["log_selector = +all -pid", "keep_environment ="][:self.pick([1, 2])]
        if self.chance(12):
            self.has("list of times or fixed point")
            lines.append(self.pick(["delay_warning = 4h:8h:24h", "delay_warning = 1h : 2h", "queue_only_load = 5.25", "smtp_load_reserve = 7"]
                                   if not self.broken("value") else ["delay_warning = 4h:3h", "queue_only_load = x", "delay_warning = 1h:x"]))
        if self.chance(12):
            self.has("user or group")
            lines.append(self.pick(["never_users = root : mail", "trusted_users = mail", "system_filter_user = mail", "admin_groups = mail"]))
        for kind in "value", "quote":
            if self.broken(kind, 55):
                lines.append("smtp_banner = " + self.broken_quote() if kind == "quote" else "dns_retry = " + self.pick(["x", "1x", "12#3", ""]))
        lines = self.repeated(lines)
        self.list_count = 0
        for _ in range(self.pick([0, 0, 1, 3]) if "list" not in self.breaks else 2):
            lines.insert(self.r.randrange(len(lines) + 1), self.named_list())
        lines = top + lines + [self.macro() for _ in range(self.pick([0, 0, 1]))]
        if self.broken("value", 4):
            lines.append(self.pick(["log_file_path = /x", "syslog_facility = x", "openssl_options = +all", "log_selector = all", "tls_dh_max_bits = 5",
                                    "local_sender_retain", "smtp_accept_max = 0\nsmtp_accept_queue = 3"]))
        return lines

    def driver_block(self, section, name, options=()):
        driver = self.pick(sorted(DRIVERS[section])) if section != "transports" or self.chance(35) else "smtp"
        self.has("%s" % section)
        needed = DRIVERS[section][driver]
        lines = ["driver" + self.equals() + (driver if self.chance(90) else '"%s"' % driver)]
        if section == "authenticators":
            lines.append("public_name = P" + name)
        if needed:
            lines += self.pick(needed).split("\n")
        if driver == "smtp":
            self.has("smtp transport")
            lines += self.smtp()
        elif section == "transports":
            lines += [self.pick(["user = mail", "group = mail", "debug_print = x", "return_path = ${x", "headers_add = X: y"])]
        elif section == "routers":
            lines += self.router(driver)
        lines = self.repeated(lines)
        if self.broken("driver", 45):
            lines = self.break_driver(section, lines)
        return [name + self.pick([":", ":", ":", " :", ": "])] + [self.indent() + line.strip(" ") for line in lines]

    def smtp(self):
        lines = []
        if self.chance(75):
            lines.append("interface" + self.equals() + self.text(INTERFACES))
        if self.chance(15):
            self.has("protocol")
            lines.append("protocol" + self.equals() + self.pick(["smtp", "lmtp", "smtps"]))
        return lines + [self.option(SMTP) for _ in range(self.pick([0, 1, 2, 4]))]

    def router(self, driver):
        lines = [self.pick(["domains = ! +local", "condition = ${if x}\ncondition = y", "no_more", "self = send", "unseen = $x", "headers_add = A: b",
                            "self = reroute: x.example", "more = ${if eq{a}{a}}", "user = mail", "no_verify"])
                 for _ in range(self.pick([0, 1, 2]))]
        if any("condition" in line for line in lines):
            self.has("option that may come again")
        return [part for line in lines for part in line.split("\n")]

    def break_driver(self, section, lines):
        how = self.r.randrange(9)
        if how == 0:
            return lines[1:]
        if how == 1:
            return lines[1:] + lines[:1]
        if how == 2:
            return [lines[0] + "x"] + lines[1:]
        if how == 3:
            return lines[:1] + ["Macro_In_Driver = x"] + lines[1:]
        if how == 4:
            return lines + ["d1:", "driver = accept", "d1:"]
        if how == 5 and section == "routers":
            return lines + ["pass_router = nowhere"]
        if how == 6 and section == "routers":
            return lines + ["self = foo"]
        if how == 7 and section == "transports":
            return lines + ["body_only", "headers_only", "interface = x", "interface = y"]
        return []

    def indent(self):
        return self.pick(["  ", " ", "", "\t", "    "])

    def rules(self, section):
        good, bad = {"acl": (ACL, BAD_ACL), "retry": (RETRY, BAD_RETRY), "rewrite": (REWRITE, BAD_REWRITE)}[section]
        self.has(section)
        lines = [self.pick(good) for _ in range(self.pick([0, 1, 2, 4]))]
        if self.broken("rule", 70):
            lines.insert(self.r.randrange(len(lines) + 1), self.pick(bad))
        if section != "acl":
            return [self.indent() + line for line in lines]
        if lines:
            lines.insert(0, self.pick(["accept", "warn", "accept hosts = :"]))
        lines = ["check_it:"] + [self.indent() + line for line in lines]
        if self.chance(30):
            lines += [self.macro()] if self.chance(40) else []
            lines += ["other:", " accept"]
        if self.broken("rule", 15):
            lines = self.pick([lines + ["check_it:"], lines[1:], ["acl x:"] + lines])
        return lines

    def section(self, name):
        word = name
        if self.chance(12):
            self.has("section named otherwise")
            word = self.pick([name.rstrip("s"), name.upper(), name.rstrip("s") + "s", " " + name])
        if self.broken("section", 38):
            return [self.pick(["begin foo", "begin", "begin %s\nbegin %s" % (name, name), "begin local_scan", "begin transportsss"])]
        lines = [self.pick(["begin ", "begin ", "begin ", "Begin ", "begin  "]) + word]
        if name in ("acl", "retry", "rewrite"):
            return lines + self.rules(name)
        for i in range(self.pick([1, 1, 2, 3])):
            if name != "authenticators" and self.chance(22):
                self.has("macro between drivers")
                lines.append(self.macro())
            lines += self.driver_block(name, "%s%d" % (name[0], i + 1))
        return lines

    # ---- how logical lines are laid out ----

    def split(self, line):
        """Physical lines that are one logical line."""
        if line.lstrip()[:1] in (".", "#") and not (self.wild and self.chance(10)):
            return [line]
        if not self.chance(14) or len(line) < 4:
            return [line]
        self.has("continued line")
        parts = []
        for _ in range(self.pick([1, 1, 2])):
            at = self.r.randrange(1, len(line)) if self.chance(60) or "=" not in line[:-1] else line.index("=") + 1
            if not self.wild and (line[at] in " #" or not line[:at].strip()):
                break
            parts.append(line[:at] + "\\" + self.pick(["", "", " ", "\t "]))
            line = self.pick(["  ", "\t", "", "   "]) + line[at:]
            between = self.between()
            parts += between
            if len(line) < 4:
                break
        return parts + [line]

    def between(self):
        if not self.chance(45):
            return []
        kind = self.r.randrange(4)
        self.has(["comment in a continued line", "condition in a continued line", "include in a continued line", "empty part of a line"][kind])
        if kind == 0:
            return [self.pick(["# comment", "  # comment \\", "#"])]
        if kind == 1:
            return [".ifdef NEVER", "never", ".else", ".endif"] if self.chance(70) else [".ifndef NEVER", ".endif"]
        if kind == 2:
            return [".include_if_exists %s/missing.conf" % self.folder]
        return ["  \\"]

    def conditional(self, lines):
        """Put some of the lines below conditions."""
        out, i = [], 0
        while i < len(lines):
            n = self.pick([1, 1, 2, 4])
            part = lines[i:i + n]
            i += n
            if self.chance(8):
                part = self.condition(part, 0)
            out += part
        if self.broken("condition", 75):
            at = self.r.randrange(len(out) + 1)
            out[at:at] = self.break_condition([".ifdef NEVER", "never", ".endif"])
        return out

    def test(self, true):
        """A word behind .ifdef."""
        if self.chance(20):
            self.has("built-in macro")
            return self.pick(BUILTINS if true else ABSENT_BUILTINS)
        if true and self.early:
            return self.pick(self.early) + self.pick(["", " x", "_MORE"])
        return "NEVER_DEFINED" if not true else "_HAVE_IPV6"

    def condition(self, part, depth):
        structure = not self.wild and any(STRUCTURE.match(line) for line in part)
        true = self.chance(60)
        words = self.pick(["if", "ifn"])
        self.has("." + words + "def")
        if structure:
            true = words == "if"
        taken = true if words == "if" else not true
        lines = [".%sdef %s" % (words, self.test(true))] + part
        if self.chance(25):
            self.has(".elifdef or .elifndef")
            lines += [".elif%sdef %s" % (self.pick(["", "n"]), self.test(self.chance(50))), "timezone ="] if self.chance(30) else \
                [".elifdef " + self.test(False), "never 1"]
        if self.chance(30):
            self.has(".else")
            lines += [".else"] + ([] if not taken else ["this is never read"])
        if depth < 2 and self.chance(25):
            self.has("condition in a condition")
            if self.chance(60) or structure:
                return self.condition(lines + [".endif"], depth + 1)
            return [".ifdef NEVER"] + lines + [".endif"] * 2
        return lines + [".endif"]

    def break_condition(self, lines):
        return self.pick([lines[:-1], lines + [".endif"], lines[1:], [".else"] + lines, [".ifdef NEVER"] * 11 + lines + [".endif"] * 11,
                          lines[:-1] + [".endif\t"], [".ifdef\tFOO"] + lines[1:]])

    def include(self, lines):
        """Move some of them to another file."""
        if len(lines) < 2 or not self.chance(32):
            return lines
        a = self.r.randrange(len(lines))
        b = self.r.randrange(a, min(len(lines), a + 8)) + 1
        name = self.pick(["a.conf", "b.conf", "sub/c.conf"])
        if name in self.files:
            return lines
        self.files[name] = self.finish(lines[a:b] if not self.chance(20) else self.include(lines[a:b]))
        how = self.r.randrange(4)
        self.has(["include", "include beside the file", "include in quotes", "include if there"][how])
        path = "%s/%s" % (self.folder, name)
        line = [".include " + path, ".include " + name, ".include  \"%s\" " % path, ".include_if_exists " + path][how]
        return lines[:a] + [line] + lines[b:]

    def more_includes(self, lines):
        if self.chance(12):
            self.has("include if there that is not")
            lines.insert(self.r.randrange(len(lines) + 1), ".include_if_exists %s/missing.conf" % self.folder)
        if self.broken("include", 75):
            lines.insert(self.r.randrange(len(lines) + 1),
                         self.pick([".include %s/missing.conf" % self.folder, ".include missing.conf", ".include_if_exists a.conf",
                                    ".includex", ".include_if_exists \"missing.conf\"", ".include_if_exist /x"]))
        return lines

    def comments(self, lines):
        out = []
        for line in lines:
            if self.chance(7):
                self.has("comment")
                out.append(self.pick(["# comment", "   # indented", "", "  ", "#\t", "# x = \\", "\t"]))
            out.append(line)
        return out

    def finish(self, lines):
        """Bytes."""
        end = "\n"
        if self.chance(5):
            self.has("CR LF")
            end = "\r\n"
        physical = [part for line in lines for piece in line.split("\n") for part in self.split(piece)]
        physical = [line + (self.pick([" ", "\t", "  "] if line[:1] != "." else [" "]) if self.chance(4) and self.blanks() else "") for line in physical]
        data = "".join(line + end for line in physical).encode("utf-8")
        if self.chance(10):
            self.has("no final newline")
            data = data.rstrip(b"\r\n")
        if self.wild and self.chance(50):
            data = self.mutate(data)
        return data

    def blanks(self):
        self.has("blanks behind")
        return True

    def mutate(self, data):
        self.has("mutated")
        at = self.r.randrange(len(data) + 1)
        how = self.r.randrange(4)
        if how == 0:
            return data[:at] + self.pick([b"\0", b"\xff", b"\r", b"\x0b", b"\\\n", b"\"", b"=", b" ", b"#", b"\n", b":", b"$"]) + data[at:]
        if how == 1:
            return data[:at] + data[at + self.pick([1, 1, 5, 20]):]
        if how == 2:
            lines = data.split(b"\n")
            i, j = self.r.randrange(len(lines)), self.r.randrange(len(lines))
            lines[i], lines[j] = lines[j], lines[i]
            return b"\n".join(lines)
        return data[:at]

    def made(self):
        lines = self.main()
        sections = ["acl", "routers", "transports", "retry", "rewrite", "authenticators"]
        chosen = [s for s in sections if self.chance({"transports": 92, "routers": 60}.get(s, 28)) or
                  s in ("acl", "retry", "rewrite") and "rule" in self.breaks]
        self.r.shuffle(chosen)
        for name in chosen:
            lines += self.section(name)
        lines = self.comments(self.conditional(lines))
        lines = self.more_includes(self.include(lines))
        self.files["main.conf"] = self.finish(lines)
