# SPDX-License-Identifier: ISC
"""A mail server that keeps nothing but a record: one JSON line a message (or a refused connection, or one that
named recipients and then sent no message).

usage: sink.py RECORD [--only ADDRESS] ADDRESS:PORT...

Speaks SMTP, or LMTP to who greets with LHLO; as many connections at a time as come. With --only it
answers 554 to every peer but that one, as a content filter does. A line has: port, peer, helo, from,
rcpt (list), message_id, verdict.
"""
import os
import re
import socket
import sys
import threading
import time

ANSWERS = "/run/answers"  # "WORD REPLY" a line: what a recipient of that name is told; "greeting": who connects
SLOW = "/run/slow"  # while it is there nobody is greeted, and then it hangs up on them
AT_ONCE = "/run/at-once"  # while it is there, without FAR
FAR = 0.02  # seconds after which a host some way off would have answered


def quote(text):
    return '"' + "".join(c if " " <= c <= "~" and c not in '"\\' else "\\u%04x" % ord(c) for c in text) + '"'


def answer(word):
    if not os.path.exists(ANSWERS):
        return ""
    with open(ANSWERS) as lines:
        found = [line.rstrip("\n").partition(" ")[2] for line in lines if line.partition(" ")[0] == word]
    return found[0] if found else ""


class Session:
    def __init__(self, sink, connection, peer, port):
        self.sink, self.connection, self.port = sink, connection, port
        self.peer = peer[7:] if peer.startswith("::ffff:") else peer
        self.file = connection.makefile("rwb")
        self.helo, self.lmtp = "", False
        self.reset()

    def reset(self):
        self.sender, self.rcpt = "", []

    def say(self, *lines):
        for line in lines:
            self.file.write(line.encode() + b"\r\n")
        self.file.flush()

    def record(self, message_id, verdict):
        fields = [("port", str(self.port)), ("peer", quote(self.peer)), ("helo", quote(self.helo)),
                  ("from", quote(self.sender)), ("rcpt", "[" + ", ".join(map(quote, self.rcpt)) + "]"),
                  ("message_id", quote(message_id)), ("verdict", quote(verdict))]
        self.sink.append("{" + ", ".join('"%s": %s' % field for field in fields) + "}\n")

    def left_early(self):
        if self.rcpt:
            self.record("", "no message")

    def content(self):
        self.say("354 go on")
        head, message_id = True, ""
        while True:
            line = self.file.readline()
            if not line:
                raise EOFError
            text = line.decode("latin-1").rstrip("\r\n")
            if text == ".":
                break
            head = head and text != ""
            found = re.match(r"message-id:\s*<([^>]*)>", text, re.I)
            if head and found:
                message_id = found.group(1)
        self.record(message_id, "accepted")
        for _ in self.rcpt if self.lmtp else [None]:
            self.say("250 2.0.0 recorded")
        self.reset()

    def command(self, line):
        word = line[:4].upper()
        if word in ("EHLO", "LHLO"):
            self.helo, self.lmtp = line[5:].strip(), word == "LHLO"
            self.say("250-sink.example", "250-8BITMIME", "250-ENHANCEDSTATUSCODES", "250 SIZE 10000000")
        elif word == "HELO":
            self.helo = line[5:].strip()
            self.say("250 sink.example")
        elif word == "MAIL":
            self.sender = re.sub(r".*?<([^>]*)>.*", r"\1", line)
            self.say("250 2.1.0 fine")
        elif word == "RCPT":
            recipient = re.sub(r".*?<([^>]*)>.*", r"\1", line)
            refused = answer(recipient.partition("@")[0])
            if refused:
                self.record("", refused)
            else:
                self.rcpt.append(recipient)
            self.say(refused or "250 2.1.5 fine")
        elif word == "DATA":
            self.content()
        elif word == "RSET":
            self.left_early()
            self.reset()
            self.say("250 2.0.0 fine")
        elif word == "QUIT":
            self.left_early()
            self.say("221 2.0.0 bye")
            return False
        else:
            self.say("250 2.0.0 fine" if word == "NOOP" else "502 5.5.2 not known here")
        return True

    def run(self):
        if self.sink.only and self.peer != self.sink.only:
            self.record("", "refused")
            self.say("554 5.7.1 only %s may speak here" % self.sink.only)
            return
        if not os.path.exists(AT_ONCE):
            time.sleep(FAR)
        if os.path.exists(SLOW):
            while os.path.exists(SLOW):
                time.sleep(0.02)
            return
        refused = answer("greeting")
        if refused:
            self.record("", refused)
            self.say(refused)
            return
        self.say("220 sink.example ESMTP")
        while True:
            line = self.file.readline()
            if not line or not self.command(line.decode("latin-1").rstrip("\r\n")):
                return


class Sink:
    def __init__(self, path, only):
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self.only = only

    def append(self, line):
        os.write(self.file, line.encode())

    def talk(self, connection, peer, port):
        connection.settimeout(60)
        try:
            Session(self, connection, peer, port).run()
        except (OSError, EOFError):
            pass
        finally:
            connection.close()

    def listen(self, address, port):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        server = socket.socket(family, socket.SOCK_STREAM)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        server.bind((address, port))
        server.listen(100)
        return server

    def accept(self, server, port):
        while True:
            connection, peer = server.accept()
            threading.Thread(target=self.talk, args=(connection, peer[0], port), daemon=True).start()


def main(arguments):
    path, only = arguments.pop(0), ""
    if arguments[0] == "--only":
        only = arguments[1]
        del arguments[:2]
    sink = Sink(path, only)
    threads = []
    for place in arguments:
        address, port = place.rsplit(":", 1)
        server = sink.listen(address.strip("[]"), int(port))
        threads.append(threading.Thread(target=sink.accept, args=(server, int(port))))
    for thread in threads:
        thread.start()


main(sys.argv[1:])
