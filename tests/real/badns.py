# SPDX-License-Identifier: ISC
# badns.py KIND ADDRESS: a name server as none of the packaged ones can be made to behave.
#   silent: never answers; cut: every answer has TC set and nobody listens on TCP; elsewhere: a referral, not an answer
import socket
import sys

kind, address = sys.argv[1:]
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind((address, 53))
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
