# SPDX-License-Identifier: ISC
"""The stand-in of Postfix's master on a test host, and of the server that it sends to.

usage: master.py ROOT MASTER   by a copy of python that is called master: the pid file, and ROOT/deliver: while that is
                               there, each half second a child called smtp connects to 192.0.2.1:25, from the
                               smtp_bind_address of main.cf or from what stands in ROOT/deliver, for as many seconds as
                               that says behind it (else 2), and logs as smtp(8) does. HUP: a line in ROOT/told. TERM: the end.
       master.py ADDRESS LOG   a mail server; LOG gets the address that each connection comes from
"""
import os, re, signal, socket, sys, threading, time


def bound(root):
    found = re.findall(r"^smtp_bind_address *= *(\S+)", open(root + "/etc/postfix/main.cf").read(), re.M)
    return found[-1] if found else "0.0.0.0"


def deliver(root):
    words = open(root + "/deliver").read().split()
    source, seconds = words if len(words) == 2 else ("-", "2")
    open("/proc/self/comm", "w").write("smtp")
    link = socket.create_connection(("192.0.2.1", 25), 5, (bound(root) if source == "-" else source, 0))
    link.recv(512)
    time.sleep(float(seconds))
    link.sendall(b"QUIT\r\n")
    link.recv(512)
    link.close()
    with open(root + "/var/log/mail.log", "a") as log:
        log.write("%s mail postfix/smtp[%d]: 4F2: to=<a@b.example>, relay=mx.b.example[192.0.2.1]:25, delay=0.1, "
                  "delays=0/0/0.1/0, dsn=2.0.0, status=sent (250 ok)\n" % (time.strftime("%b %e %H:%M:%S"), os.getpid()))


def master(root):
    pid_file = root + "/var/spool/postfix/pid/master.pid"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, lambda *_: open(root + "/told", "a").write("reload\n"))
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    with open(pid_file + ".new", "w") as file:
        file.write("%d\n" % os.getpid())
    os.rename(pid_file + ".new", pid_file)
    while True:
        if os.path.exists(root + "/deliver") and os.fork() == 0:
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            try:
                deliver(root)
            finally:
                os._exit(0)
        time.sleep(0.5)


def serve(link, log):
    link.sendall(b"220 mx.b.example ESMTP\r\n")
    for line in link.makefile("rb"):
        link.sendall(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 mx.b.example\r\n")
    link.close()


def peer(address, path):
    server = socket.create_server((address, 25))
    log = open(path, "a", buffering=1)
    print("ready", flush=True)
    while True:
        link, source = server.accept()
        print(source[0], file=log)
        threading.Thread(target=serve, args=(link, log), daemon=True).start()


if sys.argv[2] == "MASTER":
    master(sys.argv[1])
else:
    peer(*sys.argv[1:])
