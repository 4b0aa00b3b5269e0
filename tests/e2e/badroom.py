#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# A participant whom no room should have, made of a good one's stream. All but
# his packets stays as it is.
#
#   badroom.py swarm N      N more sources behind the first second, all with
#                           two packets of his sound and a picture of his
#   badroom.py crowd N PACKETS  N newcomers likewise, each of PCMU as loud as can
#                           be (a square wave), and who say so, for so many
#                           packets, 20 ms apart
#   badroom.py sizes        every other packet of sound has 0, 1, 3, 9000 octets
#   badroom.py extremes     ... has payloads of 0x00, 0x80, 0xff, 0x7f
#   badroom.py authors      ... says that it is of fifteen others
#   badroom.py times SEED   time stamps and sequence numbers jump anywhere
#   badroom.py turns        each packet is said to be of another format
#   badroom.py picture WxH  key frames claim to be of that size
import random
import struct
import sys

from vcframes import frame, frames, is_rtp, payload_at

SOUND = (0, 8, 9, 10, 111)


def is_time(p):
    return p[:1] == b"T" and p[1] == 0


def copy_of(p, ssrc, seq):
    return p[:2] + struct.pack(">H", seq) + p[4:8] + \
        struct.pack(">I", ssrc) + p[12:]


def swarm(parts, n):
    rtp = [p for p in parts if is_rtp(p)]
    sound = [p for p in rtp if p[1] & 127 in SOUND][20:22]
    picture = [p for p in rtp if p[1] & 127 not in SOUND][:1]
    times = [i for i, p in enumerate(parts) if is_time(p)]
    begin = times[len(times) // 4]
    left = len([i for i in times if i >= begin])
    made = 0
    for i, p in enumerate(parts):
        yield p
        if i < begin or not is_time(p):
            continue
        for _ in range(n // left + 1):
            if made == n:
                break
            for k, q in enumerate(sound):
                yield copy_of(q, 0x1000000 + made, k)
            yield copy_of(picture[0], 0x2000000 + made, 0)
            made += 1


def crowd(parts, n, packets):
    sound = next(p for p in parts if is_rtp(p) and p[1] & 127 in SOUND)
    first = struct.unpack_from(">I", sound, 4)[0]
    square = (b"\x00" * 10 + b"\x80" * 10) * 8
    # RFC 8285, RFC 6464: id 1, one octet, voice at 0 dBov
    level = bytes.fromhex("bede0001" "10800000")
    begin = base = None
    made, busy = 0, []
    last = [p for p in parts if is_time(p)][-1]
    end = struct.unpack_from(">Q", last, 2)[0]
    for p in parts:
        yield p
        if not is_time(p):
            continue
        now = struct.unpack_from(">Q", p, 2)[0]
        base = base or now
        begin = base + (end - base) // 4
        due = max(0, n * (now - begin) // (end - begin))
        while made < due:
            busy.append([0x1000000 + made, now, 0])
            made += 1
        for one in busy:
            while one[2] < packets and now >= one[1] + one[2] * 20_000_000:
                ts = first + (one[1] - base) // 125_000 + one[2] * 160
                yield struct.pack(">BBHII", 0x90, 0, one[2], ts & 0xffffffff,
                                  one[0]) + level + square
                one[2] += 1
        busy = [one for one in busy if one[2] < packets]


def pictured(p, width, height):
    at = p.find(b"\x9d\x01\x2a", 12)
    if p[1] & 127 != 96 or at < 0:
        return p
    return p[:at + 3] + struct.pack("<HH", width, height) + p[at + 7:]


def main():
    what, args = sys.argv[1], sys.argv[2:]
    parts = list(frames(sys.stdin.buffer.read()))
    rand = random.Random(int(args[0]) if what == "times" else 1)
    out, n = [], 0
    if what == "swarm":
        out = swarm(parts, int(args[0]))
        parts = []
    elif what == "crowd":
        out = crowd(parts, *map(int, args))
        parts = []
    for p in parts:
        if not is_rtp(p):
            out.append(p)
            continue
        n += 1
        at = payload_at(p)
        is_sound = p[1] & 127 in SOUND
        if what == "sizes" and is_sound and n % 2:
            p = p[:at] + rand.randbytes((0, 1, 3, 9000)[n // 2 % 4])
        elif what == "extremes" and is_sound and n % 2:
            p = p[:at] + b"\0\x80\xff\x7f"[n // 2 % 4:][:1] * (len(p) - at)
        elif what == "authors":
            p = bytes([0x8f | p[0] & 16]) + p[1:12] + \
                b"".join(p[8:12] if k % 2 else struct.pack(">I", k)
                         for k in range(15)) + p[12 + 4 * (p[0] & 15):]
        elif what == "times" and n > 40 and n % 7 == 0:
            p = p[:2] + rand.randbytes(6) + p[8:]
        elif what == "turns" and n > 40:
            p = p[:1] + bytes([p[1] & 128 | rand.choice(
                (0, 8, 9, 96, 98, 102, 111, 127))]) + p[2:]
        elif what == "picture":
            p = pictured(p, *map(int, args[0].split("x")))
        out.append(p)
    for p in out:
        sys.stdout.buffer.write(frame(p))


main()
