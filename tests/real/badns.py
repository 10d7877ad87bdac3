# SPDX-License-Identifier: ISC
# badns.py KIND ADDRESS: a name server as none of the packaged ones can be made to behave.
#   later: passes questions on to 10.54.0.2 and answers 300 ms later, each in /run/asked with its time; silent: never answers; cut: every answer has TC set and nobody listens on TCP; elsewhere: a referral, not an answer
import heapq
import select
import socket
import sys
import time

kind, address = sys.argv[1:]
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)  # SO_RCVBUFFORCE: a thousand questions may come at once
sock.bind((address, 53))


def later(server="10.54.0.2", delay=0.3):
    """One socket to the server, questions told apart by their ids, which are ours."""
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)
    asked, due, number = {}, [], 0
    record = open("/run/asked", "a", buffering=1)
    while True:
        wait = max(0, due[0][0] - time.monotonic()) if due else None
        ready = select.select([sock, out], [], [], wait)[0]
        if sock in ready:
            query, peer = sock.recvfrom(4096)
            print(f"{time.monotonic():.3f} {query[12:].hex()}", file=record)
            number = (number + 1) % 65536
            asked[number] = (query[:2], peer)
            out.sendto(number.to_bytes(2, "big") + query[2:], (server, 53))
        if out in ready:
            answer = out.recv(4096)
            name, peer = asked[int.from_bytes(answer[:2], "big")]
            heapq.heappush(due, (time.monotonic() + delay, name + answer[2:], peer))
        while due and due[0][0] <= time.monotonic():
            _, answer, peer = heapq.heappop(due)
            sock.sendto(answer, peer)


if kind == "later":
    later()
while True:
    query, peer = sock.recvfrom(4096)
    end = 12
    while query[end]:
        end += query[end] + 1
    question = query[12:end + 5]
    if kind == "cut":
        sock.sendto(query[:2] + b"\x83\x80\0\1\0\0\0\0\0\0" + question, peer)
    elif kind == "elsewhere":
        ns = b"\0\0\2\0\1\0\0\0\x3c\0\x04\2ns\0"
        sock.sendto(query[:2] + b"\x80\0\0\1\0\0\0\1\0\0" + question + ns, peer)
