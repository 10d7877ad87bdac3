# SPDX-License-Identifier: ISC
"""A name server, and what takes the lines of syslog(3), for one test. usage: world.py ADDRESS ZONE SOCKET LOG

ZONE holds a record a line: NAME TYPE VALUE (A, AAAA, PTR, MX, TXT), PREFERENCE before the name of an MX. Any other
name does not exist. LOG gets what is sent to SOCKET, a line each. Prints "ready" once both listen; runs until it is killed.
"""
import ipaddress, os, select, socket, sys

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


def main():
    records, names = {}, set()
    for line in open(sys.argv[2]):
        name, kind, *words = line.split()
        names.add(packed(name.lower()))
        records.setdefault((packed(name.lower()), TYPES[kind]), []).append(data(kind, words))
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((sys.argv[1], 53))
    syslog = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    syslog.bind(sys.argv[3])
    os.chmod(sys.argv[3], 0o666)
    log = open(sys.argv[4], "ab", buffering=0)
    print("ready", flush=True)
    while True:
        if syslog in select.select([sock, syslog], [], [])[0]:
            log.write(syslog.recv(4096).rstrip(b"\0\n") + b"\n")
            continue
        query, peer = sock.recvfrom(4096)
        end = 12
        while query[end]:
            end += query[end] + 1
        name, kind = query[12:end + 1].lower(), int.from_bytes(query[end + 1:end + 3], "big")
        found = records.get((name, kind), [])
        head = query[:2] + b"\x85" + (b"\x80" if name in names else b"\x83") + b"\0\1" + len(found).to_bytes(2, "big") + b"\0\0\0\0"
        answers = [b"\xc0\x0c" + kind.to_bytes(2, "big") + b"\0\1\0\0\0\x3c" + len(d).to_bytes(2, "big") + d for d in found]
        sock.sendto(head + query[12:end + 5] + b"".join(answers), peer)


main()
