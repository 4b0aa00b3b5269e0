#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# truthstream.py CASE: a stream of which every figure is known beforehand. They
# stand beside the cases, in truth.bats.
import struct
import sys

from vcframes import frame

EPOCH = 946684800 * 10**9
MS = 10**6
SEC = 10**9
NTP = 2208988800
CAPTURE = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
CODECS = {99: "rtx/90000", 97: "EVS/16000", 0: "PCMU/8000", 8: "PCMA/8000", 9: "G722/8000", 13: "CN/8000",
          96: "VP8/90000", 111: "opus/48000/2", 98: "SECRET/90000"}
out = bytearray()


def describe(audio=(), video=(), ext=()):
    text = ("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
            "a=x-vc-clock:virtual\r\n")
    for kind, pts in (("audio", audio), ("video", video)):
        if not pts:
            continue
        text += f"m={kind} 0 RTP/AVP {' '.join(map(str, pts))}\r\n"
        text += "".join(f"a=rtpmap:{pt} {CODECS[pt]}\r\n" for pt in pts)
        text += "a=fmtp:99 apt=96\r\n" if 99 in pts else ""
        text += "".join(f"a=extmap:{i} {uri}\r\n" for i, uri in ext)
    out.extend(frame(text.encode()))


def at(ns):
    out.extend(frame(struct.pack(">BBQ", ord("T"), 0, EPOCH + ns)))


def rtp(seq, ts, payload, pt=0, ssrc=1, marker=False, ext=b""):
    head = struct.pack(">BBHII", 0x90 if ext else 0x80, marker << 7 | pt,
                       seq & 0xffff, ts & 0xffffffff, ssrc)
    if ext:
        ext += b"\0" * (-len(ext) % 4)
        head += struct.pack(">HH", 0xbede, len(ext) // 4) + ext
    out.extend(frame(head + payload))


def ulaw(n=160):
    return b"\xff" * n


# 60 s of PCMU; 'change' says for packet i what is other than usual.
def talk(change=lambda i: {}, n=3000):
    describe(audio=(0, 8, 13))
    packets = []
    for i in range(n):
        c = dict(seq=i, ts=160 * i, at=i * 20 * MS, payload=ulaw())
        c.update(change(i))
        if not c.pop("lost", False):
            packets.append((c.pop("at"), c))
    at(0)
    for ns, c in sorted(packets, key=lambda p: p[0]):
        at(ns)
        rtp(**c)


def clean():
    talk()


def burst():
    talk(lambda i: {"lost": i in (500, 1000, 1001, 1002, 1003, 1019, 2000,
                                  2017)})


def late():
    talk(lambda i: {"at": i * 20 * MS + (30 * MS if i % 10 == 9 else 0)})


def skew():
    talk(lambda i: {"ts": round(160 * i * (1 + 200e-6))})


def restart():
    talk(lambda i: {"seq": i + 30000, "ts": 160 * i + 10**9}
         if i >= 1500 else {})


def headers():
    talk(lambda i: {"marker": i in (0, 100, 200, 300),
                    "ts": 160 * i + (80 if i >= 1000 else 0) -
                    (480 if i >= 2000 else 0)})


# Of each second the last 300 ms are silence: a packet of comfort noise, then
# nothing.
def dtx():
    def change(i):
        k = i % 50
        return {"seq": i // 50 * 36 + min(k, 35), "lost": k > 35,
                "marker": k == 0, "pt": 13 if k == 35 else 0,
                "payload": b"\x40" if k == 35 else ulaw()}
    talk(change, n=3001)


def types():
    talk(lambda i: {"pt": 8 if i >= 2000 else 0})


def levels():
    describe(audio=(0,), ext=((3, LEVEL),))
    at(0)
    for i in range(500):
        at(i * 20 * MS)
        ext = b"\x30" + bytes([(128 if i % 4 else 0) + 20]) if i % 5 else b""
        rtp(i, 160 * i, ulaw(), ext=ext + (b"\x70\x01" if ext else b""))


def g722():
    describe(audio=(9,))
    for i in range(500):
        at(i * 20 * MS)
        rtp(i, 160 * i, b"\xfa" * 160, pt=9)


def evs():
    describe(audio=(97,))
    for i in range(500):
        at(i * 20 * MS)
        rtp(i, 320 * i, b"\x0c" * 61, pt=97)


# Ten packets at once each 100 ms.
def bursts():
    describe(video=(98,))
    at(0)
    for i in range(1001):
        at(i // 10 * 100 * MS)
        rtp(i, i // 10 * 9000, b"x" * 1000, pt=98, marker=i % 10 == 9)


def ntp(ns):
    return ((EPOCH + ns) // SEC + NTP << 32) + ((EPOCH + ns) % SEC << 32) // SEC


def rtcp(*parts):
    out.extend(frame(b"".join(parts)))


def block(ssrc, ns, wait, fraction=0, lost=0, jitter=0):
    return struct.pack(">IIIIII", ssrc, fraction << 24 | lost, 1000, jitter,
                       ntp(ns) >> 16 & 0xffffffff, round(wait * 65536))


def sr(ssrc, ns, ts, packets, cname=b"", ntp_by=0):
    head = struct.pack(">BBHIQIII", 0x80, 200, 6, ssrc, ntp(ns + ntp_by),
                       ts & 0xffffffff, packets, 160 * packets)
    if not cname:
        return head
    items = b"\1" + bytes([len(cname)]) + cname + b"\0"
    items += b"\0" * (-len(items) % 4)
    return head + struct.pack(">BBHI", 0x81, 202, 1 + len(items) // 4,
                              ssrc) + items


def rr(ssrc, *blocks):
    return struct.pack(">BBHI", 0x80 | len(blocks), 201, 1 + 6 * len(blocks),
                       ssrc) + b"".join(blocks)


# A report each 5 s. Its receiver answers 100 ms later, having waited 60 ms, and
# asks for the time a second later, which the next report answers, having waited
# all but 25 ms.
def reports():
    describe(audio=(0,))
    for i in range(3001):
        ns = i * 20 * MS
        at(ns)
        if i and i % 250 == 0:
            xr = struct.pack(">BBHIBBHIII", 0x80, 207, 5, 1, 5, 0, 3, 77,
                             ntp(ns - 3900 * MS) >> 16 & 0xffffffff,
                             round(3.875 * 65536))
            rtcp(sr(1, ns, 160 * i, i, b"me"), xr if i > 250 else b"")
        if i % 250 == 5 and i > 5:
            rtcp(rr(77, block(1, ns - 100 * MS, 0.06, 64 if i == 505 else 0,
                              8, 40)))
        if i % 250 == 55 and i > 55:
            rtcp(rr(77), struct.pack(">BBHIBBHQ", 0x80, 207, 4, 77, 4, 0, 2,
                                     ntp(ns)))
        rtp(i, 160 * i, ulaw())


# One report and no more; and reports of which one each is wrong.
def rare():
    describe(audio=(0,))
    for i in range(3001):
        at(i * 20 * MS)
        if i == 50:
            rtcp(sr(1, i * 20 * MS, 160 * i, i, b"me"))
        rtp(i, 160 * i, ulaw())


def wrong():
    describe(audio=(0,))
    for i in range(3001):
        ns = i * 20 * MS
        at(ns)
        if i and i % 250 == 0:
            rtcp(sr(1, ns, 160 * i + (24000 if i == 1000 else 0),
                    i + (500 if i == 1500 else 0), b"me",
                    300 * MS if i >= 2000 else 0))
        rtp(i, 160 * i, ulaw())


# 640x360, and each a key frame.
def vp8(n=100):
    return (b"\x10\x10\x02\x00\x9d\x01\x2a" +
            struct.pack("<HH", 640, 360)).ljust(n, b"\0")


# Sound 30 ms and pictures 110 ms after their time.
def apart(late=lambda s: 110):
    describe(audio=(0,), video=(96,))
    events = []
    for i in range(3000):
        events.append((i * 20 + 30, "a", i))
    for i in range(1500):
        events.append((i * 40 + late(i / 25), "v", i))
    for i in range(60):
        events.append((i * 1000 + 500, "sr", i))
    at(0)
    for ms, kind, i in sorted(events):
        at(round(ms * MS))
        if kind == "a":
            rtp(i, 160 * i, ulaw(), ssrc=2)
        elif kind == "v":
            rtp(i, 3600 * i, vp8(), pt=96, ssrc=1, marker=True)
        else:
            rtcp(sr(2, round(ms * MS), 8 * ms, 50 * i, b"me"))
            rtcp(sr(1, round(ms * MS), 90 * ms, 25 * i, b"me"))


def drift():
    apart(lambda s: 110 + s)


# 25 frames a second, 10 s; each 25th has 6000 octets, the others 1000, a packet
# of 1000 each 2 ms; 'what' makes the payload of a frame's k-th packet.
def frames(pt, what):
    describe(video=(pt,))
    seq = 0
    at(0)
    for i in range(250):
        n = 1 if i % 25 else 6
        for k in range(n):
            at(i * 40 * MS + k * 2 * MS)
            rtp(seq, 3600 * i, what(i, k), pt=pt, marker=k == n - 1)
            seq += 1


# VP8, from 5 s on 320x180.
def readable():
    def what(i, k):
        size = (640, 360) if i < 125 else (320, 180)
        head = b"\x10\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", *size)
        if i % 25:
            head = b"\x10\x11\x02\x00"
        return (b"\0" if k else head).ljust(1000, b"\0")
    frames(96, what)


def secret():
    frames(98, lambda i, k: bytes((i * 7 + j * 11 + k) & 255
                                  for j in range(1000)))


# Captured 'by' ms before it comes, every tenth packet 40 ms more.
def captured(by=70):
    describe(audio=(0,), ext=((5, CAPTURE),))
    at(0)
    for i in range(1000):
        ns = i * 20 * MS
        at(ns)
        t = ntp(ns - (by + (40 if i % 10 == 9 else 0)) * MS)
        rtp(i, 160 * i, ulaw(), ext=b"\x57" + struct.pack(">Q", t))


def before():
    captured(-500)


# A quarter as many packets again are RTX, of half the size.
def rtx():
    describe(video=(96, 99))
    at(0)
    for i in range(100):
        at(i * 40 * MS)
        rtp(i, 3600 * i, vp8(1000), pt=96, ssrc=1, marker=True)
        if i % 4 == 3:
            rtp(i // 4, 3600 * i, b"\0\1" + b"x" * 498, pt=99, ssrc=2)


globals()[sys.argv[1]](*sys.argv[2:])
sys.stdout.buffer.write(out)
