#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# The payloads of the RTP packets in a vc stream or RFC 4571, as they come:
#
#   payloads.py PT <STREAM
#
# writes a line for each of this payload type: the marker bit, and octets.
import struct
import sys


def payload(p):
    at = 12 + 4 * (p[0] & 15)
    if p[0] & 16:
        at += 4 + 4 * struct.unpack_from(">H", p, at + 2)[0]
    return p[at:len(p) - p[-1] if p[0] & 32 else len(p)]


def main():
    data, at = sys.stdin.buffer.read(), 0
    while at + 2 <= len(data):
        n = struct.unpack_from(">H", data, at)[0]
        p, at = data[at + 2:at + 2 + n], at + 2 + n
        if n >= 12 and p[0] >> 6 == 2 and p[1] & 127 == int(sys.argv[1]) \
                and not 192 <= p[1] <= 223:
            print(p[1] >> 7, payload(p).hex())


main()
