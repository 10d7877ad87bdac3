# SPDX-License-Identifier: ISC
"""Process 1 of a lab host: adopts orphans and is the system logger. With an argument: the logger alone.

Writes /var/log/mail.log and /var/log/syslog as Debian's rsyslog does ("Nov 24 09:00:00 host tag: text"),
from /dev/log and from the one that Postfix's chrooted services use. /run/ready says that it listens.
"""
import os
import re
import signal
import socket
import sys
import threading

SOCKETS = ["/dev/log", "/var/spool/postfix/dev/log"]
MAIL_FACILITY = 2
HOST = os.uname().nodename


def listen(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.lexists(path):
        os.unlink(path)
    log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    log.bind(path)
    os.chmod(path, 0o666)
    return log


def write(record):
    found = re.match(rb"<(\d+)>(\w{3} [ \d]\d \d\d:\d\d:\d\d) (.*)", record, re.S)
    if not found:
        return
    facility = int(found.group(1)) >> 3
    text = found.group(3).rstrip(b"\n\0").replace(b"\n", b"#012")
    line = found.group(2) + b" " + HOST.encode() + b" " + text + b"\n"
    name = "mail.log" if facility == MAIL_FACILITY else "syslog"
    out = os.open("/var/log/" + name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    os.write(out, line)
    os.close(out)


def serve(log):
    while True:
        write(log.recv(65536))


def main():
    # In every thread, the loggers too: one that does not block it takes the signal of a child and drops it.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    for path in SOCKETS:
        threading.Thread(target=serve, args=(listen(path),), daemon=True).start()
    if len(sys.argv) > 1:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.pause()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    open("/run/ready", "w").close()
    while True:
        signal.sigwait([signal.SIGCHLD])
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass


main()
