#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""plant.py DIR SEED PARAMETERS.TSV: a tree with configurations in which every value, macro and comment is a word of its own.

Writes into DIR: etc/postfix/main.cf, master.cf and tables, var/qmail/control/*, etc/whole/* and the program wholeconf that
prints a whole configuration. Prints a line a word: "may WORD" where the list of what leaves names it, "never WORD" where
not, "must WORD" where a bundle without it would be of no use. What is may and never follows from the list of parameters
and from the syntax of each file as its manual gives it, not from the code that is tested.
"""
import os
import random
import sys

top, seed, tsv = sys.argv[1], int(sys.argv[2]), sys.argv[3]
r = random.Random(seed)
listed = [line.split("\t")[0] for line in open(tsv) if not line.startswith("#") and "\t" in line]
exact = {name for name in listed if not name.startswith("*")}
ends = tuple(name[1:] for name in listed if name.startswith("*"))
secret = ("pass", "pwd", "secret", "token", "cred", "_pw")
count = 0


def say(what, text):
    print(what, text)
    return text


def word(what):
    global count
    count += 1
    # As passwords look, and as other words do; what it begins with keeps one from being part of another.
    tail = r.choice(["", "-x", ".y", "_z", "%", "!", "$$", "'", '"', "`", "\\t", "&", "*", "(q)", "Ä"])
    return say(what, "Zq%04d" % count) + tail


def leaves(name):
    return (name in exact or name.endswith(ends)) and not any(s in name.lower() for s in secret)


def write(path, text):
    path = os.path.join(top, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(text.encode("utf-8"))


def comment():
    return r.choice(["#", "# ", "##", "#\t", "  # "]) + " ".join(
        [r.choice(["the", "old", "password", "name = ", "x: ", "managed by", "# 7"]) + " " + word("never")
         for _ in range(r.randint(1, 3))]) + "\n"


def value(what):
    """A value of one or more lines, with what stays secret within one that leaves."""
    parts = [word(what) for _ in range(r.randint(1, 3))]
    if what != "never" and r.random() < 0.3:
        parts.append("mysql://user:" + word("never") + "@" + word(what))
    text = parts[0]
    for part in parts[1:]:
        if r.random() < 0.3:
            text += "\n" + (comment() if r.random() < 0.4 else "") + r.choice([" ", "\t", "   "]) + part
        else:
            text += r.choice([" ", ", ", "\t"]) + part
    if what != "never" and r.random() < 0.4:
        text += " " + hidden()
    return text


def hidden():
    """NAME = WORD with the name of a secret, in braces or not; blanks and lines that go on may stand between."""
    def gap():
        return r.choice(["", " ", "\t", "\n  ", "\r\n\t", "\n\n  ", "\n" + comment() + "  "])

    text = r.choice(["password", "auth_SECRET", "x-token"]) + gap() + "=" + gap() + word("never")
    if r.random() < 0.3:
        text = "{a@b = [h]:25}" + gap() + "{" + text + "}"
    return r.choice(["%s", "{%s}", "{ %s }", "inline:{%s}", "inline:{ %s }"]) % text


def assignment(name, text):
    return r.choice(["%s = %s", "%s=%s", "%s\t= %s", "%s =\n  %s"]) % (name, text) + r.choice(["\n", "\n", " \n", "\r\n"])


def main_cf(names):
    lines = []
    for name in names:
        if r.random() < 0.2:
            lines.append(comment())
        lines.append(assignment(name, value("must" if leaves(name) else "never")))
    # macros: what a value that leaves names, leaves; also through another, and never where its name is that of a secret
    lines.append("inner_macro = %s\n" % word("must"))
    lines.append("outer_macro = ${inner_macro} %s\n" % word("must"))
    lines.append("db_password = %s\n" % word("never"))
    lines.append("other_macro = %s\n" % word("never"))
    lines.append("hidden_by = $other_macro %s\n" % word("never"))
    # what is secret within a value names nothing that leaves
    lines.append("url_macro = %s\n" % word("never"))
    lines.append("behind_macro = %s\n" % word("never"))
    lines.append("relayhost = $outer_macro $db_password mysql://u:$url_macro@%s token = $behind_macro\n" % word("must"))
    lines.append("my_class = reject_unauth_destination %s\n" % word("must"))
    lines.append("smtpd_restriction_classes = my_class\n")
    lines.append("%s\n" % word("never"))
    r.shuffle(lines)
    text = "".join(lines)
    return text if r.random() < 0.5 else text.rstrip("\n")


def option(name):
    text = word("must" if leaves(name) else "never")
    form = r.randint(0, 6)
    if form == 0:
        return "-o %s=%s" % (name, text)
    if form == 1:
        return "-o { %s = %s }" % (name, text)
    if form == 2:
        return "-o {%s = %s %s}" % (name, text, word("must" if leaves(name) else "never"))
    if form == 3:
        return "-o%s=%s" % (name, text)
    if form == 4:
        return "-o { %s = %s %s }" % (name, text, hidden())
    if form == 5:
        return "-o %s={ %s %s }" % (name, text, hidden())
    return "-o { %s = inline:{ {a = %s}, {b = %s} } }" % (name, text, word("must" if leaves(name) else "never"))


def master_cf(names):
    text = ""
    for i in range(12):
        text += comment() if r.random() < 0.5 else ""
        text += "s%d unix - - %s - - smtp" % (i, r.choice("yn-"))
        for _ in range(r.randint(0, 5)):
            text += r.choice([" ", "\n  ", "\n\t", "\n  #" + word("never") + "\n  ", "\n\n  "])
            text += r.choice(["-v", "-vv"]) if r.random() < 0.1 else option(r.choice(names))
        text += "\n"
    for i in range(4):
        text += "p%d unix - n n - - pipe\n  flags=R user=%s argv=/usr/bin/%s --password=%s -p %s -p%s {%s} name=%s\n" % (
            (i,) + tuple(word("never") for _ in range(7)))
    return text


def whole():
    """What a program prints: sections, options, macros, look-ups with passwords, lines that go on."""
    out = ['# 1 "/etc/whole/conf.d/00"', "# " + word("never"), "MACRO = " + word("never"), "hide servers = h/db/u/" + word("never"),
           "begin routers", "smarthost:", "  driver = " + word("must"), "  route_data = ${lookup mysql{%s}}" % word("never"),
           "  transport = \\\n    " + word("must"), "begin transports", "remote_smtp:", "  driver = smtp",
           "  hide interface = <; 192.0.2.12 ; " + word("must"), "  dkim_private_key = -----BEGIN \\\n  %s \\\n  # x %s\n  %s" % (
               word("never"), word("never"), word("never")),
           "  helo_data = ${lookup mysql{servers=h/d/u/%s; select} %s}" % (word("never"), word("never")),
           "  hosts = pgsql://u:%s@%s" % (word("never"), word("must")),
           "  hosts = x://u:%s\\\n  %s\\\n%s@%s" % (word("never"), word("never"), word("never"), word("must")),
           "  hosts = x:\\\n//u\\\n:%s@%s\\\n  y://%s@%s" % (word("never"), word("never"), word("never"), word("must")),
           "  hosts = x://u:%s-pass=%s@h:25 \\\n %s" % (word("never"), word("never"), word("never")),
           "  hosts = x://h:25 \\\n  %s@h" % word("must"),
           "  hosts = %s pass\\\n  word \\\n  = %s" % (word("must"), word("never")),
           "begin authenticators", "plain:", "  client_send = <; ^%s^%s" % (word("never"), word("never")),
           "  " + word("never"), "*  *  F,2h,15m " + word("never"), "D" + word("never"), "Kldap ldap -w " + word("never")]
    return "\n".join(out) + "\n"


defaults = [n for n in os.environ["NAMES"].split() if n not in ("relayhost", "smtpd_restriction_classes", "config_directory",
                                                               "multi_instance_directories", "queue_directory")]
names = r.sample(defaults, len(defaults))
extra = ["ldap_bind_pw", "smtp_sasl_password_maps", "x_restrictions", "y_checks", "password_checks", "my_token_restrictions"]
write("etc/postfix/main.cf", main_cf(names + extra))
write("etc/postfix/master.cf", master_cf(defaults + extra))
write("var/qmail/control/me", "mail.%s\n" % word("must"))
write("var/qmail/control/helohost", "helo.%s\n" % word("must"))
write("var/qmail/control/smtproutes", "".join(
    "%s:%s:25%s%s\n" % (word("must"), word("must"), r.choice(["|", " ", "\t", "|u|"]), word("never")) for _ in range(5)) +
    "# :10.0.0.1|u|" + word("never") + "\n")
write("var/qmail/control/badmailfrom", word("never") + "\n")
write("etc/whole/client.creds", "%s:%s\n" % (word("never"), word("never")))
write("etc/whole/unlisted", word("never") + "\n")
write("etc/whole/tables", "listen %s\ntable creds { label = user:%s }\ntable src { 192.0.2.77, \"2001:db8::77\", %s }\n"
      "%s = %s\n" % (word("must"), word("never"), word("never"), word("never"), word("never")))
say("must", "192.0.2.77")
say("must", "2001:db8::77")
text = whole()
write("usr/share/whole.out", text)
write("etc/whole/whole.config", text)
