#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# One UDP port to the world for programs that send and receive by several:
#
#   oneport.py FILE TO [FAR]
#
# opens two ports and writes "IN OUT" to FILE. What comes to IN goes out by OUT
# to port FAR, or to where packets came from last; what comes to OUT goes to
# port TO. All on loopback, until it is killed.
import select
import socket
import sys

inner, outer = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                for _ in "io")
for s in (inner, outer):
    s.bind(("127.0.0.1", 0))
to = ("127.0.0.1", int(sys.argv[2]))
far = ("127.0.0.1", int(sys.argv[3])) if len(sys.argv) > 3 else None
with open(sys.argv[1], "w") as f:
    print(inner.getsockname()[1], outer.getsockname()[1], file=f)
while True:
    for s in select.select([inner, outer], [], [])[0]:
        try:
            data, peer = s.recvfrom(65536)
            if s is inner and far:
                outer.sendto(data, far)
            elif s is outer:
                far = peer
                inner.sendto(data, to)
        except ConnectionRefusedError:
            pass
