#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# A stream whose senders' RTP clocks are off:
#
#   skew.py PPM[,PPM] [STEP_AT STEP_MS] <STREAM
#
# RTP time, in packets and sender reports, runs so many parts in a million fast:
# the sound's, and the pictures' where a second number is given. From the
# STEP_ATth report of a source on its NTP clock has been set forward.
import struct
import sys

from vcframes import frame, frames, is_rtcp, is_rtp

SOUND = (0, 8, 9, 111)

first = {}
seen = {}
kind = {}


def fast(ssrc, ts, ppm):
    base = first.setdefault(ssrc, ts)
    off = (ts - base + (1 << 31)) % (1 << 32) - (1 << 31)
    return (base + off + round(off * ppm / 1e6)) & 0xffffffff


def report(p, ppms, at, ms):
    ssrc, sec, fraction, ts = struct.unpack_from(">IIII", p, 4)
    ppm = ppms[kind.get(ssrc, 0)]
    seen[ssrc] = seen.get(ssrc, 0) + 1
    ntp = (sec << 32) + fraction
    if at and seen[ssrc] >= at:
        ntp += (ms << 32) // 1000
    return p[:8] + struct.pack(">QI", ntp, fast(ssrc, ts, ppm)) + p[20:]


def main():
    ppms = [float(a) for a in sys.argv[1].split(",")] * 2
    at, ms = (int(a) for a in (sys.argv[2:4] or (0, 0)))
    octets = sys.stdin.buffer.read()
    for p in frames(octets):
        if is_rtp(p):
            ssrc = struct.unpack_from(">I", p, 8)[0]
            kind[ssrc] = int(p[1] & 127 not in SOUND)
    for p in frames(octets):
        if is_rtcp(p) and p[1] == 200:
            p = report(p, ppms, at, ms)
        elif is_rtp(p):
            ts, ssrc = struct.unpack_from(">II", p, 4)
            by = ppms[kind[ssrc]]
            p = p[:4] + struct.pack(">I", fast(ssrc, ts, by)) + p[8:]
        sys.stdout.buffer.write(frame(p))


main()
