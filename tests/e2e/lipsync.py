#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""lipsync.py FILM.y4m SOUND.wav: prints when the first bright picture is, when
the first loud sample, and how much later that is: all in ms."""
import array
import sys

with open(sys.argv[2], "rb") as f:
    samples = array.array("h", f.read()[44:])
beep = next(i for i, v in enumerate(samples) if abs(v) > 1000) / 48

with open(sys.argv[1], "rb") as f:
    head = f.readline().decode().split()
    width = int(head[1][1:])
    height = int(head[2][1:])
    num, den = map(int, head[3][1:].split(":"))
    size = width * height
    n = 0
    while f.readline() == b"FRAME\n":
        luma = f.read(size)
        f.read(2 * ((width + 1) // 2) * ((height + 1) // 2))
        if sum(luma) > 120 * size:
            break
        n += 1
flash = 1000 * n * den / num
print(f"{flash:.0f} {beep:.0f} {beep - flash:.0f}")
