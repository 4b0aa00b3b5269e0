#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""keystream.py COMMAND...: runs it with the URL of a socket behind it, and prints
how many SRTP and SRTCP packets with an AEAD suite came there, and for how many of
them SSRC and number (RFC 7714: with the key, what the key stream is made of) were
those of another one before.
"""
import socket
import struct
import subprocess
import sys


def main():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    sock.bind(("127.0.0.1", 0))
    sock.settimeout(0.2)
    url = "rtp://127.0.0.1:%d" % sock.getsockname()[1]
    child = subprocess.Popen(sys.argv[1:] + [url])
    seen, again, rtp, rtcp = {}, 0, 0, 0
    while True:
        try:
            p = sock.recv(2048)
        except socket.timeout:
            if child.poll() is not None:
                break
            continue
        if 192 <= p[1] <= 223:
            rtcp += 1
            number = "rtcp", p[4:8], struct.unpack(">I", p[-4:])[0]
        else:
            rtp += 1
            number = "rtp", p[8:12], p[2:4]
        again += seen.setdefault(number, p) != p
    print(rtp > 0, rtcp > 0, again)
    return child.returncode


sys.exit(main())
