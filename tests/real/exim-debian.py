#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""exim-debian.py BASE OUT COUNT SEED: trees with Debian sources of Exim, for exim-debian.t.

BASE is /etc/exim4 as the package installs it. Writes OUT/N/etc/exim4 and OUT/N/etc/mailname. Prints how often each construct
occurs, and "odd N" for a tree in which something stands that only sh can tell.
"""
import collections
import os
import random
import shutil
import sys

base, out, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
r = random.Random(int(sys.argv[4]))
seen = collections.Counter()
sections = ["main", "acl", "router", "transport", "retry", "rewrite", "auth"]


def chance(name, p):
    if r.random() >= p:
        return False
    seen[name] += 1
    return True


def pick(name, *values):
    value = r.choice(values)
    seen[name] += 1
    return value


def words():
    return r.choice(["", "mail.example.org", "Mail.Example.ORG", "a.example ; b.example", "a.example: b.example", "*.example",
                     "192.0.2.10", "192.0.2.10 ; 2001:db8::10", "<; 192.0.2.10 ; ::1", "127.0.0.1 ; ::1", "<, a , b",
                     "a.example ;", " a.example  \t b.example ", "[192.0.2.1]:587", "smtp.example::587", "a b c", "_x+y=z",
                     "!b.example:*", "\"a.example\"", "x;y;z;", "a.example : : ", "Grüße.example", "(x)]"])


def quoted(value, odd):
    """A word of sh that is this value."""
    form = r.randint(0, 7)
    if "'" in value:
        form = 1
    if form == 1 and '"' not in value:
        seen["double quotes"] += 1
        return '"' + value + '"'
    if form == 2 and value and not set(value) & set(" \t;<>*()[]\"'!&|~`\\$#\n"):
        seen["no quotes"] += 1
        return value
    if form == 3:
        seen["pieces"] += 1
        return "'" + value[:2] + "'" + "'" + value[2:] + "'"
    if form == 4 and chance("value of more lines", 0.5):
        return "'" + value.replace(" ", "\n ") + "'"
    if form == 5 and odd and chance("odd: expansion", 0.3):
        return "\"$(echo " + value.replace('"', "").replace("'", "").replace("(", "").replace(")", "") + ")\""
    return "'" + value + "'"


def settings(odd):
    lines = ["# /etc/exim4/update-exim4.conf.conf", "#"]

    def put(name, value, p=0.9):
        if r.random() < p:
            line = name + "=" + quoted(value, odd)
            if chance("comment behind a setting", 0.05):
                line += "  # a comment"
            elif chance("a setting behind a setting", 0.05):
                line += r.choice([" ", " ; ", "; ", "\t"]) + "other='x y'"
            lines.append(r.choice(["", "", "", " ", "\t"]) + line)

    kind = pick("type", "internet", "internet", "smarthost", "satellite", "local", "none", "Internet", "strange")
    seen["type " + kind] += 1
    put("dc_eximconfig_configtype", kind, 0.97)
    for name in ("dc_other_hostnames", "dc_local_interfaces", "dc_relay_domains", "dc_relay_nets", "dc_smarthost", "dc_readhost"):
        put(name, words())
    put("dc_minimaldns", r.choice(["false", "true", "TRUE", ""]))
    put("dc_hide_mailname", r.choice(["", "true", "True", "false"]))
    put("dc_mailname_in_oh", "true")
    put("dc_localdelivery", r.choice(["mail_spool", "maildir_home", "", "Maildir_Home"]))
    put("CFILEMODE", r.choice(["644", "640"]))
    put("dc_use_split_config", r.choice(["false", "false", "true", "true", "TRUE", "False", "", "yes"]))
    if chance("comments are kept", 0.1):
        put("ue4c_keepcomments", r.choice(["yes", "no", "maybe", ""]), 1)
    for _ in range(r.choice([0, 0, 1, 2, 3])):
        seen["macro in the settings"] += 1
        lines.append(r.choice(["REMOTE_SMTP_INTERFACE", "REMOTE_SMTP_HELO_DATA", "MAIN_X", "Xy", "A1"]) + "=" + r.choice([
            "192.0.2.12", "'192.0.2.12'", '"192.0.2.12"', "Mail.Example.ORG", "'<; 192.0.2.12 ; 2001:DB8::12'", "x # comment",
            "x  ", "'a & b'", "'a  b'", "", "x;y=z", "'a]b'", "'+]'"] + ["'a | b'"] * (r.random() < 0.1)))
    if odd:
        lines.append(r.choice(["MAIN_BACK='a\\nb'", "dc_smarthost='a\\b'", "echo hello >/dev/null", "if true; then dc_x=1; fi",
                               "export dc_x=1", "dc_x=`echo y`", "dc_smarthost=\"a\\\"b\"", "-n", "UPEX4C_version=1",
                               "dc_smarthost='-n x'", "dc_x=~root", "dc_relay_nets=\"a ; it's\"", "unset dc_x", "dc_x=1 true"]))
    head = lines[:2]
    rest = lines[2:]
    r.shuffle(rest)
    if chance("setting named in a setting", 0.1):
        rest += ["mine='a.example'", 'dc_other_hostnames="$mine:${mine}"']
    text = "\n".join(head + rest)
    return text if chance("settings without an end", 0.1) else text + "\n"


def source():
    """Lines of a file that is put in."""
    lines = []
    for _ in range(r.randint(0, 8)):
        lines.append(r.choice(["", "", "", "# a comment", "  # indented", "\t#", "FOO = bar", "  interface = <; 192.0.2.12", "begin x",
                               " ", "\t", "\r", "x \\", "Grüße = 1", "# Grüße", ".ifdef X", "#"]))
    if chance("the line for macros", 0.15):
        lines.append(r.choice(["UPEX4CmacrosUPEX4C = 1", "UPEX4CmacrosUPEX4C", "UPEX4CmacrosUPEX4C a&b \\1", " UPEX4CmacrosUPEX4C = 1"]))
    text = "\n".join(lines)
    if not text or chance("a file without an end", 0.25):
        return text
    return text + "\n"


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as f:
        f.write(text)


def split(folder):
    if chance("no conf.d", 0.03):
        return
    for section in sections:
        if chance("no folder of a section", 0.03):
            continue
        os.makedirs(os.path.join(folder, section))
        for _ in range(r.randint(0, 5)):
            kind = r.random()
            name = "%02d_%s" % (r.randint(0, 99), r.choice(["local", "exim4-config_x", "A", "a", "Z-z", "m_m"]))
            path = os.path.join(folder, section, name)
            if os.path.lexists(path):
                continue
            if kind < 0.1:
                seen["a name that is ignored"] += 1
                write(path + r.choice([".dpkg-old", "~", ".bak", ".rul", "+", ",v"]), source())
                continue
            if kind < 0.15:
                seen["a folder"] += 1
                os.makedirs(path)
                continue
            if kind < 0.2:
                seen["a link"] += 1
                os.symlink(r.choice(["nowhere", "../../update-exim4.conf.conf"]), path)
                continue
            write(path, source())
            if chance("a rule", 0.15):
                write(path + ".rul", source())
    for name in ("match", "length", ".hidden", "10", "_", "-x"):
        if chance("a strange name", 0.05):
            write(os.path.join(folder, "main", name), source())


for n in range(count):
    odd = n % 10 == 9
    if odd:
        print("odd", n)
    etc = os.path.join(out, str(n), "etc")
    exim = os.path.join(etc, "exim4")
    if r.random() < 0.2:
        seen["files of the package"] += 1
        shutil.copytree(base, exim, symlinks=True)
    else:
        os.makedirs(exim)
        if not chance("no template", 0.05):
            write(os.path.join(exim, "exim4.conf.template"), source() + "UPEX4CmacrosUPEX4C = 1\n" + source())
        split(os.path.join(exim, "conf.d"))
    if chance("localmacros", 0.5):
        write(os.path.join(exim, "exim4.conf.localmacros"), source())
    write(os.path.join(exim, "update-exim4.conf.conf"), settings(odd))
    if not chance("no mailname", 0.05):
        write(os.path.join(etc, "mailname"), r.choice(["mail.example.org\n", "Mail.Example.ORG", " mail.example.org # x\n", "a b\nc\n", "\n",
                                                       "", "a_b.example\n", "# x\n", "x@y.example z\n"]))
for name, times in sorted(seen.items()):
    print("seen", times, name)
