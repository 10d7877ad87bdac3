# SPDX-License-Identifier: ISC
"""Hostile and ordinary main.cf and master.cf, from a random.Random: the same seed gives the same bytes."""

ASKED = ("inet_interfaces smtp_bind_address smtp_bind_address6 inet_protocols relayhost mydestination "
         "myhostname mynetworks smtp_helo_name default_transport").split()
KNOWN = ASKED + ("mydomain myorigin smtpd_banner alias_maps compatibility_level relay_domains smtp_tls_security_level "
                 "smtpd_relay_restrictions mynetworks_style content_filter smtp_bind_address_enforce "
                 "smtpd_restriction_classes command_expansion_filter default_rbl_reply forward_path").split()
MACROS = ["pin", "pin6", "m1", "m2", "m3", "m4", "m5", "m6", "M_7"]
ODD = ["inet-interfaces", "a.b", "\u00e9t\u00e9", "\ufeffmyhostname", "x#y", "INET_INTERFACES", "${pin}", "a\u00a0b",
       "2bounce_notice_recipient", "-o", "smtp_bind_addres"]
WORDS = ["all", "192.0.2.1", "[2001:db8::1]", "localhost", "127.0.0.1", "$myhostname", "example.com,", "ipv4", "yes",
         "#x", "a#b", "hash:/etc/aliases", "=", "a=b", "\\", "\"q\"", "'", "{", "}", "{a b}", "x,y", "*", "12", "9", "010",
         "\u00fc", "\x01", "\x7f", "${", "$$", ":", "smtp:[127.0.0.1]:10025", "-", "--", ";", "0x1F", "3.6", "dane"]
BLANKS = [" ", " ", " ", "\t", "  ", " \t ", "\x0b", "\x0c", "\r"]
COMMENTS = ["#", "# text", "#inet_interfaces = all", "  # indented", "\t#x", "#  a = b\r", " \x0c#", "##"]
EMPTY = ["", " ", "\t", "  \t", "\r", " \x0b"]


class Generator:
    def __init__(self, random):
        self.r = random

    def chance(self, percent):
        return self.r.random() * 100 < percent

    def pick(self, items):
        return items[self.r.randrange(len(items))]

    def blank(self):
        return self.pick(BLANKS) if self.chance(15) else " "

    # ---- $name ----

    def name(self):
        return self.pick(MACROS if self.chance(60) else KNOWN if self.chance(80) else ["no_such", "n1"])

    def operand(self, depth):
        if depth <= 0 or self.chance(40):
            return self.pick(["a", "b", "", "10", "9", "010", "9a", "99999999999999999999", "yes", "3.6", "a b", "x{y}z"])
        return self.expression(depth - 1)

    def braced(self, depth):
        pad = self.pick(["", "", " ", "\t"])
        return pad + "{" + self.operand(depth) + "}" + self.pick(["", "", " "])

    def condition(self, depth):
        if self.chance(65):
            return self.pick(["", "", " "]) + self.name() + self.pick(["", "", " "])
        operator = self.pick(["==", "!=", "<", "<=", ">=", ">", "=", "=~", "<=>", "==level", "<level", ">=level", "==x"]
                             if self.chance(25) else ["==", "!=", "<", "<=", ">=", ">"])
        left = self.braced(depth)
        if operator.endswith("level"):
            left = "{" + self.pick(["3.6", "2", "3", "$compatibility_level", "3.6.1", "x", "3.", "-1", " 2"]) + "}"
        return left + operator + self.braced(depth)

    def branches(self, depth):
        kind = self.r.randrange(6)
        if kind == 0:
            return "?" + self.operand(depth)
        if kind == 1:
            return ":" + self.operand(depth)
        if kind == 2:
            return "?" + self.braced(depth)
        if kind == 3:
            return ":" + self.braced(depth)
        if kind == 4:
            return "?" + self.braced(depth) + ":" + self.operand(depth)
        return "?" + self.braced(depth) + ":" + self.braced(depth)

    def expression(self, depth=2):
        kind = self.r.randrange(8)
        if kind == 0:
            return "$$"
        if kind <= 2:
            return "$" + self.name()
        if kind == 3:
            return "$(" + self.name() + ")"
        if kind == 4:
            return "${" + self.name() + "}"
        text = self.condition(depth) + (self.branches(depth) if self.chance(90) else "")
        return ("${" + text + "}") if self.chance(85) else ("$(" + text + ")")

    def mutate(self, text):
        at = self.r.randrange(len(text) + 1)
        if self.chance(50):
            return text[:at] + text[at + 1:]
        return text[:at] + self.pick(list("${}()?:=<>! ab1_-")) + text[at:]

    # ---- main.cf ----

    def value(self, wild):
        words = []
        for _ in range(self.pick([0, 1, 1, 1, 2, 2, 3, 5])):
            if self.chance(35):
                word = self.expression()
                if wild and self.chance(6):
                    word = self.mutate(word)
            else:
                word = self.pick(WORDS if wild else WORDS[:9])
                if word == "${" and not self.chance(5):
                    word = "x"
            words.append(word)
        return words

    def between(self, wild):
        """Lines that do not end a value."""
        return [self.pick(COMMENTS if self.chance(60) else EMPTY) for _ in range(self.pick([0, 0, 1, 1, 2]) if wild else 0)]

    def entry(self, wild, name):
        lines, line = [], name + (self.blank() if self.chance(85) else "")
        if wild and self.chance(4):
            lines += [line] + self.between(True)
            line = self.pick([" ", "\t", "  "])
        line += "=" + (self.blank() if self.chance(85) else "")
        for word in self.value(wild):
            if self.chance(25):
                lines += [line] + self.between(wild)
                line = self.pick(["    ", "\t", " ", " \x0c"] if wild else ["    ", "\t"])
            line += word + self.pick(["", " ", " ", "  ", "\t"])
        return lines + [line]

    def nested(self):
        """A chain of references around the nesting limit of 100."""
        n = self.pick([10, 48, 49, 50, 51, 98, 99, 100, 101, 102, 110])
        lines = ["m1 = $d0", "m2 ="]
        for i in range(n):
            lines.append("d%d = %s" % (i, self.pick(["$d%d", "${d%d}", "x$d%d", "${pin:$d%d}"][:3 if n > 60 else 4]) % (i + 1)))
        return lines + ["d%d = end" % n]

    def broken_line(self):
        return self.pick(["foo bar", "= x", "foo", "foo: bar", "\x00", "pin", "}", "inet_interfaces all"])

    def main(self):
        wild = self.chance(70)
        lines = []
        if wild and self.chance(4):
            lines += [self.pick([" pin = x", "\tfoo", "  # x", " \x0c"])]
        for _ in range(self.pick([0, 1, 3, 6, 10, 20])):
            if self.chance(30):
                lines.append(self.pick(COMMENTS if self.chance(70) else EMPTY))
            else:
                known = self.chance(90)
                lines += self.entry(wild, self.pick((MACROS + KNOWN) if known else ODD))
        if wild and self.chance(3):
            lines += self.nested()
        if wild and self.chance(4):
            lines.insert(self.r.randrange(len(lines) + 1), self.broken_line())
        if self.chance(97):
            at = self.r.randrange(len(lines) + 1)
            while at < len(lines) and lines[at][:1] in " \t\x0b\x0c\r#":
                at += 1
            lines.insert(at, "mynetworks = 127.0.0.0/8 [::1]/128")
        return self.finish(lines, wild)

    def finish(self, lines, wild):
        eol = "\r\n" if wild and self.chance(8) else "\n"
        data = "".join(line + eol for line in lines).encode("utf-8")
        if wild and self.chance(3):
            at = self.r.randrange(len(data) + 1)
            data = data[:at] + self.pick([b"\0", b"\xe9", b"\xff", b"\0\n", b"\r"]) + data[at:]
        if self.chance(20):
            data = data.rstrip(b"\r\n") if self.chance(70) else data[:-1]
        return data

    # ---- master.cf ----

    def option(self, wild):
        name = self.pick(["smtp_bind_address", "smtp_bind_address6", "inet_interfaces", "pin", "myhostname", "syslog_name",
                          "a", "a", "smtp_helo_name"])
        value = self.pick(["", "192.0.2.2", "all", "$pin", "x#y", "a=b", "${pin?{1}:{2}}", "postfix/$service_name", "{x}",
                           "$process_name", "yes"])
        kind = self.r.randrange(12)
        if kind <= 5 or not wild:
            return ["-o", name + "=" + value]
        if kind == 6:
            return ["-o", "{" + self.pick(["", " "]) + name + self.pick([" = ", "=", "= ", "\t=\x0c"]) + value +
                    self.pick(["", " z", " z y"]) + self.pick(["", " "]) + "}"]
        if kind == 7:
            return ["-v" if self.chance(50) else "-D"]
        if kind == 8:
            return ["-vo", name + "=" + value]
        if kind == 9 and self.chance(60):
            return ["-oa=" + self.pick(["", "1", "{ x }", "192.0.2.3"])]
        if kind == 10 and self.chance(40):
            return [self.pick(["-o x", "-o {a=b", "-o { a=b }c", "-o{ a = b }", "-o a = b", "-o", "-o ${", "-o a=${x",
                               "-o {}", "-o { = }", "-x"])]
        return ["-o", self.pick(["{ " + name + " = " + value + "\n   more }", name + "=" + value])]

    def service(self, wild):
        name = self.pick(["smtp", "relay", "lmtp", "out1", "smtp-amavis", "smtp", "127.0.0.1:10025", "x"])
        kind = self.pick(["unix"] * 8 + ["inet", "inet", "fifo", "pass", "unix-dgram"])
        fields = [name, kind, "n" if kind == "inet" else self.pick("-yn"), self.pick("-yn"), self.pick("-yn"),
                  self.pick(["-", "300", "1000?", "0"]), self.pick(["-", "1", "100"]),
                  self.pick(["smtp", "lmtp", "smtpd", "pipe", "/usr/lib/smtp", "local"])]
        if wild and self.chance(4):
            at = self.r.randrange(8)
            fields[at] = self.pick(["?", "x", "-?", "1x", "Y", "", "{a b}", "--", "{", "}"])
        words = [f for f in fields]
        for _ in range(self.pick([0, 0, 1, 2, 3, 6])):
            words += self.option(wild)
        if self.chance(10):
            words += self.pick([["flags=R", "user=x", "argv=/bin/x", "{a  b}", "c{d", "#e"], ["{a b}", "{c d}"], ["--", "-o", "z=1"],
                                ["#", "comment"], ["foo"]])
        return words

    def layout(self, words, wild):
        lines, line = [], ""
        for i, word in enumerate(words):
            if "\n" in word:
                first, rest = word.split("\n")
                lines += [line + " " + first] + self.between(wild)
                line = rest
                continue
            if i > 1 and self.chance(30):
                lines += [line] + self.between(wild)
                line = self.pick(["  ", "\t", "    "]) + word
            else:
                line += (self.pick([" ", "  ", "\t", "      "]) if line else "") + word
        return lines + [line + self.pick(["", "", " ", "\t"])]

    def master(self):
        wild = self.chance(60)
        lines = []
        for _ in range(self.pick([0, 1, 2, 4, 8])):
            if self.chance(30):
                lines.append(self.pick(COMMENTS if self.chance(70) else EMPTY))
            lines += self.layout(self.service(wild), wild)
        if wild and self.chance(3):
            lines.insert(0, self.pick(["  -o a=b", " x unix - - n - - smtp"]))
        if wild and self.chance(2):
            lines.append(self.pick(["smtp unix - - n", "x", "\x00"]))
        return self.finish(lines, wild)
