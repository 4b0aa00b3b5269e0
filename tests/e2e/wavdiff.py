# SPDX-License-Identifier: MIT
"""wavdiff.py A B [FROM TO]: how far A (mono, 48 kHz) is from B, of which the
part from FROM to TO seconds is looked at: the worst error of 20 ms, in dB over
the level of B there (-200: none), and the largest step from sample to sample,
of A and of B."""

import array
import math
import sys

RATE, FRAME = 48000, 960


def read(path):
    data = open(path, "rb").read()
    at = data.index(b"data") + 8
    pcm = array.array("h")
    pcm.frombytes(data[at:len(data) - (len(data) - at) % 2])
    return pcm


def step(pcm):
    return max(abs(y - x) for x, y in zip(pcm, pcm[1:]))


def power(values):
    return sum(v * v for v in values) / len(values)


a, b = (read(p) for p in sys.argv[1:3])
first, last = (float(v) for v in sys.argv[3:5] or (0, 1e9))
first, last = int(first * RATE), int(min(last * RATE, len(a), len(b)))
a, b = a[first:last], b[first:last]
worst = max(power([x - y for x, y in zip(a[i:i + FRAME], b[i:i + FRAME])])
            for i in range(0, len(b) - FRAME, FRAME))
level = power(b)
db = 10 * math.log10(worst / level) if worst else -200
print(f"{db:.0f} {step(a)} {step(b)}")
