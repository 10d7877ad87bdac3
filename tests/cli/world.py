# SPDX-License-Identifier: ISC
"""A name server, and what takes the lines of syslog(3), for one test. usage: world.py ADDRESS ZONE SOCKET LOG

ZONE holds a record a line: NAME TYPE VALUE (A, AAAA, PTR, MX, TXT), PREFERENCE before the name of an MX. Any other
name does not exist. What stands behind a "!" is too long for UDP, and answered over TCP alone. LOG gets what is sent to SOCKET, a line each. Prints "ready" once both listen; runs until it is killed.
"""
import ipaddress, os, select, socket, sys, threading

TYPES = {"A": 1, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}


def packed(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split(".") if label) + b"\0"


def data(kind, words):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(words[0]).packed
    if kind == "PTR":
        return packed(words[0])
    if kind == "MX":
        return int(words[0]).to_bytes(2, "big") + packed(words[1])
    text = " ".join(words).encode()
    return bytes([len(text)]) + text


def answer(query, zone, cut):
    records, names, long = zone
    end = 12
    while query[end]:
        end += query[end] + 1
    name, kind = query[12:end + 1].lower(), int.from_bytes(query[end + 1:end + 3], "big")
    if cut and (name, kind) in long:
        return query[:2] + b"\x87\x80\0\1\0\0\0\0\0\0" + query[12:end + 5]
    found = records.get((name, kind), [])
    head = query[:2] + b"\x85" + (b"\x80" if name in names else b"\x83") + b"\0\1" + len(found).to_bytes(2, "big") + b"\0\0\0\0"
    answers = [b"\xc0\x0c" + kind.to_bytes(2, "big") + b"\0\1\0\0\0\x3c" + len(d).to_bytes(2, "big") + d for d in found]
    return head + query[12:end + 5] + b"".join(answers)


def over_tcp(link, zone):
    file = link.makefile("rb")
    while head := file.read(2):
        whole = answer(file.read(int.from_bytes(head, "big")), zone, False)
        link.sendall(len(whole).to_bytes(2, "big") + whole)
    link.close()


def main():
    records, names, long = zone = {}, set(), set()
    for line in open(sys.argv[2]):
        name, kind, *words = line.lstrip("!").split()
        names.add(packed(name.lower()))
        records.setdefault((packed(name.lower()), TYPES[kind]), []).append(data(kind, words))
        if line.startswith("!"):
            long.add((packed(name.lower()), TYPES[kind]))
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((sys.argv[1], 53))
    server = socket.create_server((sys.argv[1], 53))
    syslog = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    syslog.bind(sys.argv[3])
    os.chmod(sys.argv[3], 0o666)
    log = open(sys.argv[4], "ab", buffering=0)
    print("ready", flush=True)
    while True:
        ready = select.select([sock, server, syslog], [], [])[0]
        if syslog in ready:
            log.write(syslog.recv(4096).rstrip(b"\0\n") + b"\n")
        if server in ready:
            threading.Thread(target=over_tcp, args=(server.accept()[0], zone), daemon=True).start()
        if sock in ready:
            query, peer = sock.recvfrom(4096)
            sock.sendto(answer(query, zone, True), peer)


main()
