#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""speechlike.py SECONDS DBFS NOISE_DBFS >FILE.wav

Something like speech, mono at 48 kHz: syllables of a voice's harmonics, four a
second, with a pause of 400 ms in each two seconds; DBFS is the level of a
sine as loud, while it speaks. Below it lies even noise. Speech of -200 is none.
"""
import math
import random
import struct
import sys

RATE = 48000
FORMANTS = ((500, 80), (1500, 120), (2500, 160))


def weight(hz):
    return sum(1 / (1 + ((hz - f) / w) ** 2) for f, w in FORMANTS)


def main():
    seconds, speech, noise = map(float, sys.argv[1:])
    rng = random.Random(1)
    table = [0.0] * 400         # a period of 120 Hz
    for k in range(1, 26):
        phase, amp = rng.random() * 6.28, weight(120 * k)
        for i in range(400):
            table[i] += amp * math.sin(2 * math.pi * k * i / 400 + phase)
    rms = math.sqrt(sum(v * v for v in table) / 400)
    # A sine has 3 dB less than its peak, and so do the syllables' squares.
    loud = 32768 * 10 ** (speech / 20) / math.sqrt(2) / rms * math.sqrt(8 / 3)
    hiss = 32768 * 10 ** (noise / 20) * math.sqrt(1.5)
    out = bytearray()
    for i in range(int(seconds * RATE)):
        t = i / RATE
        on = t % 2 < 1.6
        shape = math.sin(math.pi * (t * 4 % 1)) ** 2 if on else 0
        v = loud * shape * table[i % 400] + hiss * (2 * rng.random() - 1)
        out += struct.pack("<h", max(-32768, min(32767, round(v))))
    sys.stdout.buffer.write(b"RIFF" + struct.pack(
        "<I4s4sIHHIIHH4sI", 36 + len(out), b"WAVE", b"fmt ", 16, 1, 1, RATE,
        2 * RATE, 2, 16, b"data", len(out)) + out)


main()
