#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A peer of tests/e2e/call.bats: callpeer.py SCENARIO [PORT]."""
import select
import socket
import struct
import sys
import time

SSRC = 0x11223344


def udp():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    s.settimeout(0.3)
    return s


def rtp(seq, more=0):
    return struct.pack(">BBHII", 0x80, 111, seq, seq * 960, SSRC) + (
        b"\xf8\xff\xfe" + bytes(more))


def drain(s, until=0.3):
    """The octets that come until none have for a while."""
    s.settimeout(until)
    n = 0
    try:
        while True:
            n += len(s.recv(9000))
    except TimeoutError:
        return n


def first_of(socks, counts):
    """That of 'socks' which is the first to get so many packets of RTP."""
    left = dict(zip(socks, counts))
    while True:
        ready = select.select(socks, [], [], 10)[0]
        if not ready:
            sys.exit("nothing comes")
        for s in ready:
            left[s] -= not 192 <= s.recv(9000)[1] <= 223
            if not left[s]:
                return s


def ports():
    a, b = udp(), udp()
    print(a.getsockname()[1], b.getsockname()[1])


def some(port):
    s = udp()
    for i in range(10):
        s.sendto(rtp(i), ("127.0.0.1", port))


def leverage(port):
    """Few octets, and no RTCP that would prove that we are here."""
    s = udp()
    sent = 0
    for i in range(40):
        sent += s.sendto(rtp(i), ("127.0.0.1", port))
    s.settimeout(10)
    got = len(s.recv(9000))
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        got += drain(s, 0.2)
    # Receiver reports have a bound of their own, a twentieth of what came.
    print("bounded" if got <= 3.05 * sent else f"sent {sent}, got {got}")


def move(port):
    """Whoever is not followed hears nothing while the old place goes on, which
    has sent enough to be sent that much."""
    old, new = udp(), udp()
    for i in range(200):
        old.sendto(rtp(i, 900), ("127.0.0.1", port))
    first_of([old], [1])
    for i in range(200, 400):
        new.sendto(rtp(i), ("127.0.0.1", port))
    print("followed" if first_of([old, new], [100, 1]) is new
          else "not followed")


if __name__ == "__main__":
    globals()[sys.argv[1]](*map(int, sys.argv[2:]))
