#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Comfort noise (RFC 3389) in a stream of G.711 that is silent at times:
#
#   comfort.py HEX... <STREAM
#
# puts a packet with one of these payloads, in turn, behind each packet of sound
# that is followed by more than 40 ms of nothing. It takes a place in the order,
# as with a sender who makes it, and is described.
import re
import struct
import sys

from vcframes import frame, frames, is_rtp

SOUND = (0, 8, 9)


def is_sound(p):
    return is_rtp(p) and p[1] & 127 in SOUND


def main():
    parts = list(frames(sys.stdin.buffer.read()))
    times = [struct.unpack_from(">I", p, 4)[0] for p in parts if is_sound(p)]
    payloads = [bytes.fromhex(a) for a in sys.argv[1:]]
    n = made = 0
    for p in parts:
        out, more = p, b""
        if p[:2] == b"v=":
            out = re.sub(rb"(m=audio [^\r]*)(.*?)(a=rtpmap)",
                         rb"\1 13\2a=rtpmap:13 CN/8000\r\n\3", p, flags=re.S)
        if is_sound(p):
            seq = struct.unpack_from(">H", p, 2)[0] + made
            out = p[:2] + struct.pack(">H", seq & 0xffff) + p[4:]
            n += 1
            gap = times[n] - times[n - 1] if n < len(times) else 1 << 30
            if gap & 0xffffffff > 320:
                more = struct.pack(">BBHI", 0x80, 13, seq + 1 & 0xffff,
                                   times[n - 1] + 160 & 0xffffffff) + \
                    p[8:12] + payloads[made % len(payloads)]
                made += 1
        for q in (out, more):
            if q or not p:
                sys.stdout.buffer.write(frame(q))


main()
