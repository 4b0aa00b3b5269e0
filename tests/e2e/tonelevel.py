#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tonelevel.py FILE.wav FROM-TO HZ...

The level of each tone between two times (seconds), in dBFS of a sine, a line for
each channel: "-12.3 -90.0". With "rms" for a tone: of all there is, and with
"step": the largest step from one sample to the next, of full scale, not in dB.
"""
import array
import math
import struct
import sys


def read(name):
    data = open(name, "rb").read()
    at = 12
    while data[at:at + 4] != b"fmt ":
        at += 8 + struct.unpack_from("<I", data, at + 4)[0]
    channels, rate = struct.unpack_from("<HI", data, at + 10)
    at = data.index(b"data", at) + 8
    pcm = array.array("h", data[at:at + (len(data) - at) // 2 * 2])
    return rate, [pcm[c::channels] for c in range(channels)]


def db(power):
    return 10 * math.log10(power) if power > 1e-12 else -120.0


def level(pcm, rate, hz):
    if hz == "rms":
        return db(2 * sum(v * v for v in pcm) / len(pcm) / 32768 ** 2)
    if hz == "step":
        return max(abs(a - b) for a, b in zip(pcm, pcm[1:])) / 32768
    # Goertzel, with a window so that the edges do not count.
    w = 2 * math.pi * float(hz) / rate
    n, k, a, b = len(pcm), 2 * math.cos(w), 0.0, 0.0
    for i, v in enumerate(pcm):
        a, b = v * (1 - math.cos(2 * math.pi * i / n)) + k * a - b, a
    return db((a * a + b * b - k * a * b) * 4 / n ** 2 / 32768 ** 2)


def main():
    rate, channels = read(sys.argv[1])
    begin, end = (int(float(t) * rate) for t in sys.argv[2].split("-"))
    for pcm in channels:
        print(*("%.3f" % level(pcm[begin:end], rate, hz)
                for hz in sys.argv[3:]))


main()
