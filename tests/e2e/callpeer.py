#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A peer of tests/e2e/call.bats: callpeer.py SCENARIO [PORT]."""
import select
import socket
import struct
import sys
import time

SSRC = 0x11223344


def udp(host="127.0.0.1"):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((host, 0))
    s.settimeout(0.3)
    return s


def rtp(seq, more=0, ssrc=SSRC):
    return struct.pack(">BBHII", 0x80, 111, seq, seq * 960, ssrc) + (
        b"\xf8\xff\xfe" + bytes(more))


def rr(about, lsr=0):
    return struct.pack(">IIIIIIII", 0x81C90007, SSRC, about, 0, 0, 0, lsr, 0)


def cname(ssrc, text):
    item = bytes((1, len(text))) + text.encode() + b"\0"
    item += bytes(-len(item) % 4)
    return struct.pack(">IIII", 0x80C90001, ssrc,
                       0x81CA0000 | 1 + len(item) // 4, ssrc) + item


def is_rtcp(pkt):
    return 192 <= pkt[1] <= 223


def media(s, until=10):
    """The next packet of RTP, and where it came from."""
    deadline = time.monotonic() + until
    while True:
        s.settimeout(max(0.01, deadline - time.monotonic()))
        pkt, addr = s.recvfrom(9000)
        if not is_rtcp(pkt):
            return pkt, addr


def ssrc_of(pkt):
    return struct.unpack(">I", pkt[8:12])[0]


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
            left[s] -= not is_rtcp(s.recv(9000))
            if not left[s]:
                return s


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


def stranger():
    """Somebody speaks for the one who is called; then he himself does, from
    another port of his."""
    called, other, his = udp(), udp("127.0.0.9"), udp()
    print(called.getsockname()[1], flush=True)
    pkt, caller = media(called)
    ssrc = ssrc_of(pkt)
    pli = struct.pack(">III", 0x81CE0002, SSRC, ssrc)
    nack = struct.pack(">IIII", 0x81CD0003, SSRC, ssrc,
                       (struct.unpack(">H", pkt[2:4])[0] << 16) | 0xFFFF)
    bye = struct.pack(">II", 0x81CB0001, ssrc)
    for more in (b"", pli, nack, bye):
        other.sendto(rr(ssrc) + more, caller)
    his.sendto(rr(ssrc) + pli, caller)
    for _ in range(50):
        media(called)
    print("done")


def second(*_):
    """The first who comes is sent to, in place of who is called; the second,
    with an SSRC of his own, is not."""
    called, first, other = udp(), udp(), udp("127.0.0.9")
    print(called.getsockname()[1], flush=True)
    _, caller = media(called)
    for i in range(200):
        first.sendto(rtp(i, 900), caller)
    media(first)
    for i in range(200):
        other.sendto(rtp(i, 900, 99), caller)
    got = first_of([first, other], [100, 1])
    print("the first" if got is first else "the second")


def namesake(port):
    """Another host, with the same name: what is for the first stays his."""
    to = ("127.0.0.1", port)
    first, other = udp(), udp("127.0.0.9")
    for s, ssrc in ((first, 7), (other, 8)):
        s.sendto(cname(ssrc, "alice"), to)
        for i in range(200):
            s.sendto(rtp(i, 900, ssrc), to)
        if s is first:
            media(first)
    got = first_of([first, other], [100, 1])
    print("the first" if got is first else "the second")


def byes(pkt):
    """The SSRCs that a compound says BYE of."""
    found = []
    while len(pkt) >= 8:
        end = 4 * (1 + struct.unpack(">H", pkt[2:4])[0])
        if pkt[1] == 203:
            found += struct.unpack(f">{pkt[0] & 31}I",
                                   pkt[4:4 + 4 * (pkt[0] & 31)])
        pkt = pkt[end:]
    return found


def taken(answer):
    """Somebody has the SSRC that we are sent with, time and again."""
    called = udp()
    print(called.getsockname()[1], flush=True)
    ssrcs, gone = [], []
    n = 0
    called.settimeout(10)
    while n < 100:
        pkt, caller = called.recvfrom(9000)
        if is_rtcp(pkt):
            gone += byes(pkt)
            continue
        if ssrc_of(pkt) not in ssrcs:
            ssrcs.append(ssrc_of(pkt))
        n += 1
        for back in answer(pkt):
            called.sendto(back, caller)
    print("moved once" if len(ssrcs) == 2 and gone == ssrcs[:1]
          else f"{ssrcs} {gone}")


def report():
    taken(lambda pkt: [struct.pack(">II", 0x80C90001, ssrc_of(pkt))])


def echo():
    taken(lambda pkt: [pkt])


def prove(port):
    """To know an SSRC proves nothing; to know when its report came does."""
    to = ("127.0.0.1", port)
    s = udp()
    seq = 0
    lsr = None
    for seq in range(50):
        s.sendto(rtp(seq), to)
    ssrc = ssrc_of(media(s)[0])
    s.sendto(rr(ssrc, 0x12345678), to)
    try:
        for _ in range(500):
            media(s, 2)
        sys.exit("it goes on")
    except TimeoutError:
        pass
    s.settimeout(0.02)
    # RFC 3550 6.3.1 may put one off for a second interval.
    deadline = time.monotonic() + 20
    while lsr is None and time.monotonic() < deadline:
        seq += 1
        s.sendto(rtp(seq), to)
        try:
            pkt = s.recv(9000)
        except TimeoutError:
            continue
        if pkt[1] == 200:
            ssrc, lsr = struct.unpack(">I2xI", pkt[4:14])
    s.sendto(rr(ssrc, lsr), to)
    drain(s, 0.01)
    for _ in range(50):
        media(s)
    print("proved")


if __name__ == "__main__":
    globals()[sys.argv[1]](*map(int, sys.argv[2:]))
