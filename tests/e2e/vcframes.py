# SPDX-License-Identifier: MIT
#
# The frames of a vc stream, and what is in them, for those here that make bad
# streams of good ones.
import struct


def frame(payload):
    return struct.pack(">H", len(payload)) + payload


def frames(octets):
    at = 0
    while at + 2 <= len(octets):
        size = struct.unpack_from(">H", octets, at)[0]
        yield octets[at + 2:at + 2 + size]
        at += 2 + size


# Each with the stream time that it has.
def timed(octets):
    now = 0
    for p in frames(octets):
        if p[:2] == b"T\0":
            now = int.from_bytes(p[2:10], "big")
        yield now, p


def is_rtcp(p):
    return p[:1] and 128 <= p[0] < 192 and 192 <= p[1] <= 223


def is_rtp(p):
    return p[:1] and 128 <= p[0] < 192 and not is_rtcp(p)


def payload_at(p):
    at = 12 + 4 * (p[0] & 15)
    if p[0] & 16:
        at += 4 + 4 * struct.unpack_from(">H", p, at + 2)[0]
    return at


def payload(p):
    return p[payload_at(p):len(p) - p[-1] if p[0] & 32 else len(p)]
