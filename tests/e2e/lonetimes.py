# SPDX-License-Identifier: MIT
#
# What a live stream on stdin tells of the time: how many T frames there are,
# how many of them nothing follows that needs one, and the longest time (ms)
# between two.
import sys

import vcframes

lone, longest, was = 0, 0, None
times = []
for p in vcframes.frames(sys.stdin.buffer.read()):
    is_time = p[:2] == b"T\0"
    if is_time:
        lone += was is True
        times.append(int.from_bytes(p[2:10], "big"))
    was = is_time
for a, b in zip(times, times[1:]):
    longest = max(longest, (b - a) // 1000000)
print(len(times), lone, longest)
