#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The mail server of doc/sample, as small as it can be: it takes mail from a spool folder and sends it by SMTP.

usage: sampled | sampled --version | sampled --check FILE

A file of the spool is a line "SENDER RECIPIENT" and a message. One that could not be sent stays, and is tried again at the next HUP.
/run/deaf: the next HUP is ignored.
"""
import errno
import ipaddress
import os
import random
import signal
import socket
import sys
import time

CONF, PID, LOG, SPOOL, DEAF = "/etc/sample.conf", "/run/sampled.pid", "/var/log/sample.log", "/var/spool/sample", "/run/deaf"


class Waits(Exception):
    pass


def log(text):
    with open(LOG, "a") as out:
        out.write("sampled[%d]: %s\n" % (os.getpid(), text))


def read(path):
    """helo, {domain: relay}, {family: [(condition, words)]}"""
    helo, relays, sources = "localhost", {}, {4: [], 6: []}
    with open(path) as lines:
        for number, line in enumerate(lines, 1):
            name, *words = line.split()
            if name == "helo" and len(words) == 1:
                helo = words[0]
            elif name == "relay" and len(words) == 2:
                relays[words[0]] = words[1]
            elif name in ("source", "source6") and words:
                family = 6 if name == "source6" else 4
                when = words.pop(0) if "=" in words[0] else ""
                if words != ["off"] and not words[0].startswith("${"):
                    for word in words:
                        if ipaddress.ip_address(word).version != family:
                            raise ValueError("%s:%d: %s is of the other family" % (path, number, word))
                sources[family].append((when, words))
            elif name != "password":
                raise ValueError("%s:%d: not understood" % (path, number))
    return helo, relays, sources


def fits(when, sender, hop):
    by, _, value = when.partition("=")
    domain = sender.partition("@")[2]
    if by == "from":
        return domain.endswith(value) if value.startswith(".") else domain == value
    return hop in ipaddress.ip_network(value)


def source_for(sources, sender, hop):
    lines = sources[hop.version]
    found = [words for when, words in lines if when and fits(when, sender, hop)] + [words for when, words in lines if not when]
    if not found:
        if any(not when for when, _ in sources[10 - hop.version]):
            raise Waits("no address for IPv%d" % hop.version)
        return ""
    if found[0] == ["off"]:
        raise Waits("IPv%d is off" % hop.version)
    return "192.0.2.12" if found[0][0].startswith("${") else random.choice(found[0])


def deliver(conf, text):
    helo, relays, sources = conf
    head, _, message = text.partition("\n")
    sender, recipient = head.split()
    hop = ipaddress.ip_address(relays[recipient.partition("@")[2]])
    source = source_for(sources, sender, hop)
    message = message.rstrip("\n").replace("\n", "\r\n")
    try:
        with socket.create_connection((str(hop), 25), 20, (source, 0) if source else None) as connection:
            smtp = connection.makefile("rw", newline="\r\n")
            for say in ("", "HELO " + helo, "MAIL FROM:<%s>" % sender, "RCPT TO:<%s>" % recipient, "DATA", message + "\r\n.", "QUIT"):
                smtp.write(say + "\r\n" if say else "")
                smtp.flush()
                answer = smtp.readline()
                if answer[:1] not in ("2", "3"):
                    raise OSError(answer.strip())
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise Waits("cannot bind %s" % source)
        raise Waits("no mail to %s: %s" % (hop, error))
    log("sent from %s" % (source or "any address"))


def attempt(conf, path):
    """In a process of its own."""
    try:
        with open(path) as mail:
            deliver(conf, mail.read())
        os.unlink(path)
    except Waits as why:
        log("%s waits: %s" % (os.path.basename(path), why))
    os._exit(0)


class Server:
    def __init__(self):
        self.ended, self.reads = False, True
        signal.signal(signal.SIGHUP, self.hup)
        signal.signal(signal.SIGTERM, self.term)

    def hup(self, *_):
        if os.path.exists(DEAF):
            os.unlink(DEAF)
        else:
            self.reads = True

    def term(self, *_):
        self.ended = True

    def run(self):
        waiting, conf = set(), None
        while not self.ended:
            if self.reads:
                self.reads = False
                conf, waiting = read(CONF), set()
                log("configuration read")
            for name in sorted(os.listdir(SPOOL)):
                path = os.path.join(SPOOL, name)
                if name.startswith(".") or name in waiting:
                    continue
                waiting.add(name)
                child = os.fork()
                if child == 0:
                    attempt(conf, path)
                os.waitpid(child, 0)
            time.sleep(0.05)
        os.unlink(PID)


def main(arguments):
    socket.setdefaulttimeout(20)
    if arguments[:1] == ["--version"]:
        print("1.0")
    elif arguments[:1] == ["--check"]:
        try:
            read(arguments[1])
        except ValueError as error:
            sys.exit(str(error))
    elif os.fork() == 0:
        os.setsid()
        for fd in range(3):
            os.dup2(os.open("/dev/null", os.O_RDWR), fd)
        server = Server()
        with open(PID, "w") as out:
            out.write("%d\n" % os.getpid())
        server.run()


main(sys.argv[1:])
