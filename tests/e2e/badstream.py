#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Streams that nobody should write, made of good ones.
#
#   badstream.py cuts N <STREAM    N lines "OCTETS WHERE": where to cut it, and
#                                  what that is: empty, desc, frame or edge
#   badstream.py random SEED       octets
#   badstream.py noise SEED <STREAM  damaged octets behind the description
#   badstream.py fill <STREAM      with frames that mean nothing to anybody
#   badstream.py back <STREAM      time goes back in the middle
#   badstream.py again <STREAM     each description twice
#   badstream.py turn <STREAM      the clock turns live in the middle
#   badstream.py notime <STREAM    without a T
#   badstream.py late <STREAM      recorded, in 2026
#   badstream.py far <STREAM       twenty times, each up to the last time there is
#   badstream.py huge <STREAM      VP8 key frames that claim 16383x16383
#   badstream.py name <STREAM      a participant with a name that is an attack
#   badstream.py piece <STREAM     in pieces of one octet, then of seven
#   badstream.py flood MIB <STREAM behind it reserved frames
import random
import re
import struct
import sys

from vcframes import frame, frames, is_rtcp, is_rtp

EVIL = b"\x1b[2J/../x"
LAST = (1 << 62) - 1


def time(ns):
    return frame(struct.pack(">BBQ", ord("T"), 0, ns))


def cuts(octets, n):
    edges, at = [], 0
    for p in frames(octets):
        at += 2 + len(p)
        edges.append(at)
    rand = random.Random(n)
    wanted = {0, 1, 2, 3, 7, edges[0] - 1, edges[0], edges[0] + 1, edges[1]}
    while len(wanted) < n:
        wanted.add(rand.choice(edges) if rand.random() < 0.3
                   else rand.randrange(len(octets)))
    for cut in sorted(wanted):
        what = ("empty" if not cut else "desc" if cut < edges[0] else
                "edge" if cut in edges else "frame")
        print(cut, what)


def fill(octets):
    junk = [b"", b"\0" * 65535, b"Z", b"\x80" + b"\0" * 65534, b"{" * 65535,
            b'{"ev":7}', b'{"ev":"nonsense","ssrc":-1}', b'{"ev":"route"}',
            b'{"ev":"source","ssrc":99999999999,"id":"x","id_by":"key"}',
            b"\x80\x6f\0\1", b"\x80\xc8\0\xff", b"\x80\xc9\0\1\0\0\0\1"]
    out = b""
    for i, p in enumerate(frames(octets)):
        out += frame(p)
        # A kind 1 T speaks of what is right behind it.
        if not (p[:1] == b"T" and p[1]):
            out += frame(junk[i % len(junk)])
    return out


def change(octets, fn):
    return b"".join(frame(q) for p in frames(octets) for q in fn(p))


def huge(p):
    if not is_rtp(p) or p[1] & 127 != 96:
        return p
    at = p.find(b"\x9d\x01\x2a", 12)
    return p if at < 0 else p[:at + 3] + b"\xff\x3f\xff\x3f" + p[at + 7:]


def with_name(p):
    if not is_rtcp(p):
        return p
    ssrc = p[4:8]
    items = b"\1\x04evil\2" + bytes([len(EVIL)]) + EVIL + b"\0"
    items += b"\0" * (-len(items) % 4)
    return (struct.pack(">BB", 0x80, 201) + b"\0\1" + ssrc +
            struct.pack(">BBH", 0x81, 202, 1 + len(items) // 4) + ssrc + items)


def taken():
    """Waits until the pipe is empty, or has no reader any more."""
    import fcntl
    import select
    import termios
    poll = select.poll()
    poll.register(1, 0)
    left = True
    while left and not poll.poll(1):
        left = any(fcntl.ioctl(1, termios.FIONREAD, b"\0\0\0\0"))


def pieces(octets):
    import os
    for i in range(0, 4000):
        os.write(1, octets[i:i + 1])
        # The beginning surely comes apart.
        if i < 16:
            taken()
    for i in range(4000, len(octets), 7):
        os.write(1, octets[i:i + 7])


def main():
    what, args = sys.argv[1], [int(a) for a in sys.argv[2:]]
    rand = random.Random(*args)
    if what == "random":
        sys.stdout.buffer.write(rand.randbytes(100000))
        return
    octets = sys.stdin.buffer.read()
    if what == "piece":
        pieces(octets)
        return
    parts = list(frames(octets))
    desc = frame(parts[0])
    half = len(parts) // 2
    first = b"".join(frame(p) for p in parts[:half])
    second = b"".join(frame(p) for p in parts[half:])
    t0 = next(struct.unpack(">Q", p[2:])[0] for p in parts if p[:2] == b"T\0")
    if what == "cuts":
        cuts(octets, *args)
        return
    if what == "noise":
        body = bytearray(octets[len(desc):])
        for _ in range(len(body) // 200):
            body[rand.randrange(len(body))] = rand.randrange(256)
        out = desc + body
    elif what == "fill":
        out = fill(octets)
    elif what == "back":
        out = first + time(t0) + second
    elif what == "again":
        out = first + desc + desc + second
    elif what == "turn":
        turned = re.sub(rb"x-vc-clock:\w+", b"x-vc-clock:live", parts[0])
        out = first + frame(turned) + second
    elif what == "notime":
        out = change(octets, lambda p: [] if p[:1] == b"T" else [p])
    elif what == "late":
        add = 1793000000 * 10**9 - t0
        out = change(octets, lambda p: [
            re.sub(rb"x-vc-clock:\w+", b"x-vc-clock:recorded", p)
            if p[:1] == b"v" else p[:2] + struct.pack(
                ">Q", struct.unpack(">Q", p[2:])[0] + add)
            if p[:1] == b"T" else p])
    elif what == "far":
        out = (octets + time(LAST)) * 20
    elif what == "huge":
        out = change(octets, lambda p: [huge(p)])
    elif what == "name":
        out = change(octets, lambda p: [with_name(p)])
    elif what == "flood":
        sys.stdout.buffer.write(octets)
        for _ in range(args[0] * 16):
            sys.stdout.buffer.write(frame(b"Z" * 65534))
        return
    sys.stdout.buffer.write(out)


try:
    main()
except BrokenPipeError:
    sys.stderr.close()
