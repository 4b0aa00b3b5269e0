#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Receivers of all kinds for the congestion control of vc-send, on loopback
# only.
#
#   bwepeer.py SCENARIO FILE   opens a port, writes rtp://127.0.0.1:PORT of it to
#                              FILE, and takes what comes until all that came
#                              has said BYE; then says what that was as JSON.
#                              The scenarios are the functions below.
import json
import socket
import struct
import sys
import time

from netpeer import is_rtcp, parts, rr, sdes, stamp, take

US = 0x77777777


def extensions(data):
    """The elements of a one-byte extension block, by id."""
    found = {}
    if not data[0] & 0x10:
        return found
    at = 12 + 4 * (data[0] & 15)
    profile, words = struct.unpack_from(">HH", data, at)
    assert profile == 0xBEDE, hex(profile)
    at, end = at + 4, at + 4 + 4 * words
    while at < end:
        if not data[at]:
            at += 1
            continue
        n = (data[at] & 15) + 1
        found[data[at] >> 4] = data[at + 1:at + 1 + n]
        at += 1 + n
    return found


def feedback(kind, fmt, media, fci):
    return struct.pack(">BBHII", 0x80 | fmt, kind, 2 + len(fci) // 4, US,
                       media) + fci


def remb(media, exp, mantissa):
    return feedback(206, 15, 0, b"REMB" + struct.pack(
        ">II", 1 << 24 | exp << 18 | mantissa, media))


def tmmbr(media, exp, mantissa):
    return feedback(205, 3, 0, struct.pack(">II", media,
                                           exp << 26 | mantissa << 9 | 40))


class Port:
    """What comes, with the time since the first packet of media."""

    def __init__(self, place):
        self.s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.s.bind(("127.0.0.1", 0))
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        stamp(self.s)
        with open(place, "w") as f:
            f.write(f"rtp://127.0.0.1:{self.s.getsockname()[1]}\n")
        self.begin, self.peer = None, None
        self.highest, self.srs, self.byes = {}, {}, 0
        self.media, self.rtcp = [], []

    def now(self):
        return time.time() - self.begin if self.begin else 0

    def send(self, data):
        self.s.sendto(rr(US) + sdes(US, "peer") + data, self.peer)

    def report(self, ssrcs, fraction=0, highest=None, rtt=0):
        """A receiver report about these."""
        blocks = b""
        for ssrc in ssrcs:
            mid, at = self.srs.get(ssrc, (0, 0))
            dlsr = int(max(self.now() - at - rtt, 0) * 65536) if mid else 0
            high = self.highest[ssrc] if highest is None else highest
            blocks += struct.pack(">IIIIII", ssrc, fraction << 24, high, 0,
                                  mid, dlsr)
        self.s.sendto(struct.pack(">BBHI", 0x80 | len(ssrcs), 201,
                                  1 + 6 * len(ssrcs), US) + blocks +
                      sdes(US, "peer"), self.peer)

    def take_rtcp(self, data, at):
        self.rtcp.append(at)
        for kind, count, body in parts(data):
            if kind == 200:
                ssrc, ntp = struct.unpack_from(">IQ", body)
                self.srs[ssrc] = (ntp >> 16 & 0xFFFFFFFF, at)
            self.byes += count if kind == 203 else 0

    def each(self, seconds=80):
        """Yields RTP packets, and None where none came for a while."""
        end = time.monotonic() + seconds
        self.s.settimeout(0.05)
        while time.monotonic() < end:
            if self.highest and self.byes >= len(self.highest):
                return
            try:
                data, self.peer, at = take(self.s)
            except TimeoutError:
                yield None
                continue
            if is_rtcp(data):
                self.take_rtcp(data, at - self.begin if self.begin else 0)
                continue
            seq, ssrc = struct.unpack_from(">H4xI", data, 2)
            self.begin = self.begin or at
            high = self.highest.get(ssrc, seq)
            self.highest[ssrc] = high + ((seq - high + 0x8000 & 0xFFFF) -
                                         0x8000)
            self.media.append(at - self.begin)
            yield data


def numbers(place):
    """Are packets of all streams numbered in one row, with their time?
    Meanwhile malformed feedback, and limits."""
    p = Port(place)
    row, times, pts = [], [], set()
    for data in p.each():
        if data is None:
            continue
        ext = extensions(data)
        row.append(struct.unpack(">H", ext[3])[0])
        times.append(int.from_bytes(ext[2], "big") / 2**18)
        pts.add(data[1] & 127)
        ssrc = struct.unpack_from(">I", data, 8)[0]
        if len(row) == 20:
            good = struct.pack(">HHHBB", row[0], 8, 0, 0, 0)
            p.send(feedback(205, 15, ssrc, good[:4]))
            p.send(feedback(205, 15, ssrc, struct.pack(
                ">HHI", row[0], 65535, 0)))     # no chunks
            p.send(feedback(205, 15, ssrc, struct.pack(
                ">HHIHH", row[0], 8, 0, 0x2008, 0)))    # no deltas
            p.send(feedback(205, 15, ssrc, struct.pack(
                ">HHI", row[0], 0, 0)))         # about nothing
            p.send(feedback(205, 15, ssrc, struct.pack(
                ">HHIHH", row[0], 8, 0, 0x6008, 0)))    # a reserved symbol
        if len(row) == 60:
            p.send(remb(ssrc, 0, 0))
        if len(row) == 61:
            p.send(remb(ssrc, 63, 0x3FFFF))
        if len(row) == 62:
            p.send(tmmbr(ssrc, 0, 0))
        if len(row) == 64:
            p.send(tmmbr(ssrc, 63, 0x1FFFF))
            p.send(tmmbr(ssrc, 1, 100000))
            p.send(tmmbr(ssrc ^ 1, 0, 0))       # not about ours
    steps = [(b - a) & 0xFFFF for a, b in zip(row, row[1:])]
    print(json.dumps({
        "in_row": set(steps) == {1}, "pts": sorted(pts), "n": len(row),
        "slow": sum((b - a) % 64 > 1 for a, b in zip(times, times[1:])),
        "span": (times[-1] - times[0]) % 64}))


def silent(place):
    """Says nothing for 33 s, then that it is there."""
    p = Port(place)
    told = 0
    for _ in p.each():
        if p.now() > 33 and p.now() - told > 0.5:
            told = p.now()
            p.report(list(p.highest))
    gaps = [(b - a, a, b) for a, b in zip(p.media, p.media[1:])]
    dark, stop, back = max(gaps)
    print(json.dumps({
        "stop": stop, "dark": dark, "back": back, "end": p.media[-1],
        "rtcp": sum(stop < t < back for t in p.rtcp)}))


def stalled(place):
    """Reports at first that nothing more arrives; 6 s later all does."""
    p = Port(place)
    told, rate = 0, [0] * 40
    for data in p.each():
        if data:
            rate[int(p.media[-1])] += 1
        if p.highest and p.now() - told > 0.25:
            told = p.now()
            p.report(list(p.highest), highest=5 if p.now() < 6 else None)
    print(json.dumps({"rate": rate}))


def lossy(place):
    """Nearly all is lost, all the time."""
    p = Port(place)
    told = 0
    for _ in p.each():
        if p.highest and p.now() - told > 0.25:
            told = p.now()
            p.report(list(p.highest), fraction=230)
    print("{}")


def congested(place):
    """Half is lost at a round trip of 500 ms."""
    p = Port(place)
    told, octets = 0, [0] * 80
    for data in p.each():
        if data:
            octets[int(p.media[-1])] += len(data)
        # Not so soon after a sender report that it would be shorter.
        if p.highest and len(p.srs) == len(p.highest) and \
                p.now() - told > 0.6 and \
                all(p.now() - at > 0.5 for _, at in p.srs.values()):
            told = p.now()
            p.report(list(p.highest), fraction=128, rtt=0.5)
    print(json.dumps({"octets": octets}))


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2])
