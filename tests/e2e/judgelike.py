#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stand-ins for programs that are not in Debian: `judgelike.py vmaf KEEP ...`
takes the arguments of libvmaf's vmaf, `judgelike.py visqol KEEP ...` those of
ViSQOL. They look at what they are given as closely as these would, and judge by
what can be checked from outside: the "VMAF" is ffmpeg's PSNR of luma, the "MOS"
is 1 + 4 x the correlation of both sounds. Files go to KEEP as well."""

import argparse
import array
import json
import math
import os
import re
import shutil
import subprocess
import sys
import wave


def frames_of(path):
    """The first line, and how many whole pictures there are."""
    with open(path, "rb") as f:
        head = f.readline()
        word = dict((w[:1], w[1:]) for w in head.decode().split()[1:])
        w, h = int(word["W"]), int(word["H"])
        assert head.startswith(b"YUV4MPEG2 ") and word["C"].startswith("420")
        size, n = w * h + 2 * ((w + 1) // 2) * ((h + 1) // 2), 0
        while line := f.readline():
            assert line == b"FRAME\n", line
            assert len(f.read(size)) == size, "cut short"
            n += 1
    return head, n


def vmaf(args):
    p = argparse.ArgumentParser(allow_abbrev=False)
    p.add_argument("--reference", required=True)
    p.add_argument("--distorted", required=True)
    p.add_argument("--json", action="store_true", required=True)
    p.add_argument("--output", required=True)
    o = p.parse_args(args)
    head, n = frames_of(o.reference)
    assert (head, n) == frames_of(o.distorted), "the two differ in shape"
    said = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-i", o.distorted, "-i",
         o.reference, "-lavfi", "psnr=stats_file=-", "-f", "null", "-"],
        check=True, capture_output=True, text=True).stdout
    each = [min(float(v), 100.0) for v in re.findall(r"psnr_y:(\S+)", said)]
    assert len(each) == n
    pooled = {"min": min(each), "max": max(each), "mean": sum(each) / n,
              "harmonic_mean": n / sum(1 / v for v in each)}
    with open(o.output, "x", encoding="ascii") as f:
        json.dump({"version": "2.3.1", "fps": 30.0, "frames":
                   [{"frameNum": i, "metrics": {"vmaf": v}}
                    for i, v in enumerate(each)],
                   "pooled_metrics": {"vmaf": pooled},
                   "aggregate_metrics": {}}, f)
    return o.reference, o.distorted


def samples_of(path):
    with wave.open(path) as w:
        assert (w.getnchannels(), w.getsampwidth()) == (1, 2)
        assert w.getframerate() == 48000
        pcm = array.array("h", w.readframes(w.getnframes()))
        assert len(pcm) == w.getnframes()
        assert os.path.getsize(path) == 44 + 2 * len(pcm)
    return pcm


def visqol(args):
    p = argparse.ArgumentParser(allow_abbrev=False)
    p.add_argument("--reference_file", required=True)
    p.add_argument("--degraded_file", required=True)
    p.add_argument("--output_debug", required=True)
    o = p.parse_args(args)
    a, b = samples_of(o.reference_file), samples_of(o.degraded_file)
    assert len(a) == len(b), "the two differ in length"
    power = math.sqrt(sum(x * x for x in a) * sum(x * x for x in b))
    mos = 5.0 if a == b else 1 + 4 * sum(x * y for x, y in zip(a, b)) / power
    print(f"ViSQOL conformance version: 310\nAudio mode\nMOS-LQO:\t\t{mos}")
    with open(o.output_debug, "a", encoding="ascii") as f:
        json.dump({"moslqo": mos, "vnsim": 1, "fvnsim": [1, 1]}, f)
    return o.reference_file, o.degraded_file


def main():
    who, keep, args = sys.argv[1], sys.argv[2], sys.argv[3:]
    assert set(os.environ) - {"LC_CTYPE", "PWD", "OLDPWD", "SHLVL", "_"} == \
        {"PATH", "LC_ALL", "TMPDIR"}, os.environ
    for path in {"vmaf": vmaf, "visqol": visqol}[who](args):
        shutil.copy(path, keep)


main()
