# SPDX-License-Identifier: ISC
"""Replay of what real builds did, on the stand-in: runs inside the lab's mail host.

usage: replay.py FOLDER TABLE. FOLDER/BUILD are the stand-ins. For each row: the control files as it says, one mail; prints
"ID BUILD RESULT SOURCE HELO TEXT MESSAGE-ID GOT": what the row says, then how the stand-in ended (K, Z, D and its text,
or "signal N").
"""
import os
import re
import subprocess
import sys

FOLDERS = {"indimail": "/etc/indimail/control"}
USUAL = {"me": "mail.host.example\\n", "smtproutes": ":10.77.0.2\\n"}


def unescape(text):
    text = re.sub(r"\\\*(\d+)(.)", lambda m: m.group(2) * int(m.group(1)), text)
    for name, byte in (("n", "\n"), ("r", "\r"), ("t", "\t"), ("0", "\0")):
        text = text.replace("\\" + name, byte)
    return re.sub(r"\\x(..)", lambda m: chr(int(m.group(1), 16)), text).encode("latin-1")


def write(folder, files):
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        path = folder + "/" + name
        os.rmdir(path) if os.path.isdir(path) else os.unlink(path)
    for name, text in files.items():
        path = folder + "/" + name
        if text == "(directory)":
            os.mkdir(path)
        elif text != "(absent)":
            with open(path, "wb") as out:
                out.write(b"" if text == "(empty)" else unescape(text))


def deliver(program, row, number):
    ident = "replay-%d@mail.host.example" % number
    host = row["to"].split("@")[1]
    sender = "" if row["from"] == "<>" else row["from"]
    done = subprocess.run([program, host, sender, row["to"]], input=b"Message-ID: <%s>\n\nreplay\n" % ident.encode(),
                          stdout=subprocess.PIPE, timeout=30)
    if done.returncode < 0:
        return ident, "signal %d" % -done.returncode
    return ident, done.stdout.split(b"\0")[-2].decode().strip().replace("\n", " / ")


def main(folder, table):
    number, head = 0, None
    for line in open(table, encoding="latin-1"):
        cells = line.rstrip("\n").split("\t")
        if line.startswith("#"):
            continue
        if head is None:
            head = cells
            continue
        row = dict(zip(head, cells))
        number += 1
        files = dict(USUAL)
        if row["files"] != "(none)":
            files.update(part.split("=", 1) for part in row["files"].split(" ; "))
        write(FOLDERS.get(row["build"], "/var/qmail/control"), files)
        ident, got = deliver(folder + "/" + row["build"], row, number)
        print("\t".join([row["id"], row["build"], row["result"], row["source"], row["helo"], row["text"], ident, got]))


main(*sys.argv[1:])
