#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Streams that vc-probe is to be right about.
#
#   probestream.py pcmu [PCAP]   PCMU with jitter, loss, duplicates, reordering
#                                and a wrap of sequence numbers and RTP time;
#                                the same packets as a capture in PCAP
#   probestream.py net           a source with `net` events
#   probestream.py names         a participant with a name that is an attack
#   probestream.py odd           packets that are none, or not described
#   probestream.py empty         a description and nothing else
#   probestream.py lose KIND FROM TO <STREAM
#                                without its packets of that time (seconds)
#   probestream.py later KIND SHARE <STREAM
#                                its packets come later by that share of the
#                                time since the beginning
#   probestream.py leap FROM YEARS <STREAM
#                                its time leaps by that much at FROM (seconds)
#   probestream.py plain <STREAM RTP and RTCP frames only
import json
import random
import struct
import sys

EPOCH = 946684800 * 10**9
MS = 10**6
PTS = {0: "PCMU/8000", 111: "opus/48000/2", 96: "VP8/90000"}


class Stream:
    def __init__(self, *pts):
        text = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
        text += "a=x-vc-clock:virtual\r\n"
        for pt in pts:
            kind = "video" if pt == 96 else "audio"
            text += f"m={kind} 0 RTP/AVP {pt}\r\na=rtpmap:{pt} {PTS[pt]}\r\n"
        self.octets = bytearray()
        self.frame(text.encode())

    def frame(self, payload):
        self.octets += struct.pack(">H", len(payload)) + payload

    def time(self, ns, kind=0):
        self.frame(struct.pack(">BBQ", ord("T"), kind, EPOCH + ns))

    def event(self, **members):
        self.frame(json.dumps(members).encode())

    def sdes(self, ssrc, cname, name):
        items = b"\1" + bytes([len(cname)]) + cname
        items += b"\2" + bytes([len(name)]) + name + b"\0"
        items += b"\0" * (-len(items) % 4)
        self.frame(struct.pack(">BBHI", 0x80, 201, 1, ssrc) +
                   struct.pack(">BBHI", 0x81, 202, 1 + len(items) // 4, ssrc) +
                   items)

    def write(self):
        sys.stdout.buffer.write(self.octets)


def rtp(ssrc, pt, seq, ts, payload, marker=0):
    return struct.pack(">BBHII", 0x80, marker << 7 | pt, seq & 0xFFFF,
                       ts & 0xFFFFFFFF, ssrc) + payload


def frames(octets):
    """Payloads of a stream, each with its stream time in ns."""
    now = at = 0
    while at + 2 <= len(octets):
        size, = struct.unpack_from(">H", octets, at)
        payload = octets[at + 2:at + 2 + size]
        at += 2 + size
        if payload[:2] == b"T\0":
            now = struct.unpack(">Q", payload[2:])[0] - EPOCH
        yield now, payload


def write_pcap(path, packets):
    """Raw IPv4, microseconds."""
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for ns, payload in packets:
            udp = struct.pack(">HHHH", 5004, 5004, 8 + len(payload), 0)
            ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 0, 0,
                             64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
            us = (EPOCH + ns) // 1000
            whole = ip + udp + payload
            f.write(struct.pack("<IIII", us // 10**6, us % 10**6, len(whole),
                                len(whole)) + whole)


def pcmu(path=None):
    roll = random.Random(7)
    packets = []
    for i in range(1000):
        if roll.random() < 0.03:
            continue
        late = roll.randrange(0, 15000) * 1000
        ns = i * 20 * MS + late
        one = rtp(0x1234, 0, 65000 + i, 2**32 - 80000 + i * 160, b"\xff" * 160)
        packets.append((ns, one))
        if roll.random() < 0.02:
            packets.append((ns + 500000, one))
        if roll.random() < 0.02:
            packets[-1] = (ns + 45 * MS, one)
    packets.sort(key=lambda p: p[0])
    s = Stream(0)
    s.time(0)
    for ns, one in packets:
        s.time(ns)
        s.frame(one)
    s.write()
    if path:
        write_pcap(path, packets)


def net():
    s = Stream(0)
    s.time(0)
    for i in range(100):
        s.time(i * 20 * MS)
        s.frame(rtp(5, 0, i, i * 160, b"\xff" * 160))
    said = {"ev": "net", "t": 1, "ssrc": 5, "expected": 120, "dup": 2,
            "reordered": 3, "late": 1, "overflow": 0, "jitter_ms": 4.25}
    s.event(**said, received=60, lost=60)
    s.event(**said, received=110, octets=17600, lost=10, rtt_ms=80,
            won={"rtx": 7, "fec": 1})
    s.event(ev="net", t=1, ssrc=6, received=1, expected=1)
    s.write()


def names():
    s = Stream(0)
    s.time(0)
    s.sdes(9, b"c\n\x1b]0;x\x07\xff\xe2\x80\xae", b"\x1b[2J/../x\xc2\x9b31m")
    for i in range(10):
        s.time(i * 20 * MS)
        s.frame(rtp(9, 0, i, i * 160, b"\xff" * 160))
    s.write()


def odd():
    s = Stream(96, 0)
    s.time(0)
    huge = b"\x10" + b"\x10\x02\x00\x9d\x01\x2a\xff\x3f\xff\x3f" + b"\0" * 60
    s.frame(rtp(1, 96, 1, 0, huge, 1))  # 16383x16383
    s.frame(b"\x80\x60")  # short
    s.frame(b"\x9f\0\0\1\0\0\0\1\0\0\0\1")  # 15 CSRCs in 12 octets
    s.frame(b"\x81\xc8\0\6" + b"\0" * 8)  # SR cut short
    s.frame(rtp(2, 77, 1, 0, b"x"))  # not described
    for i in range(5):
        s.time(i * 20 * MS)
        s.frame(rtp(3, 0, i, i * 160, b""))
    s.frame(b"{\"ev\":")
    s.event(ev="net", ssrc="x")
    s.event(ev="net", ssrc=3, received=10**18, expected=-10**18, lost=1e300)
    s.frame(b"~reserved")
    s.write()


def lose(kind, begin, end):
    begin, end = float(begin) * 1e9, float(end) * 1e9
    s = Stream()
    s.octets.clear()
    for now, payload in frames(sys.stdin.buffer.read()):
        is_rtp = payload and payload[0] >> 6 == 2 and not 192 <= payload[1] <= 223
        is_video = is_rtp and payload[1] & 127 == 96
        if is_rtp and is_video == (kind == "video") and begin <= now < end:
            continue
        s.frame(payload)
    s.write()


def leap(begin, years):
    s = Stream()
    s.octets.clear()
    for now, payload in frames(sys.stdin.buffer.read()):
        if payload[:1] == b"T" and now >= float(begin) * 1e9:
            s.time(now + int(float(years) * 365 * 86400 * 1e9), payload[1])
        else:
            s.frame(payload)
    s.write()


def later(kind, share):
    out = []
    head = bytearray()
    for now, payload in frames(sys.stdin.buffer.read()):
        is_rtp = payload and payload[0] >> 6 == 2 and not 192 <= payload[1] <= 223
        is_video = is_rtp and payload[1] & 127 == 96
        if payload[:1] == b"T":
            continue
        if payload[:1] not in (b"\x80", b"\x81", b"\x90", b"\x91", b"{"):
            head += struct.pack(">H", len(payload)) + payload
            continue
        if is_rtp and is_video == (kind == "video"):
            now += int(now * float(share))
        out.append((now, payload))
    out.sort(key=lambda one: one[0])
    s = Stream()
    s.octets = head
    last = None
    for now, payload in out:
        if now != last:
            s.time(now)
        last = now
        s.frame(payload)
    s.write()


def plain():
    s = Stream()
    s.octets.clear()
    for _, payload in frames(sys.stdin.buffer.read()):
        if payload and payload[0] >> 6 == 2:
            s.frame(payload)
    s.write()


{f.__name__: f for f in (pcmu, net, names, odd, lose, leap, later,
                              plain)}.get(
    sys.argv[1], lambda: Stream(0).write())(*sys.argv[2:])
