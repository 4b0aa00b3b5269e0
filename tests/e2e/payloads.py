#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# The payloads of the RTP packets in a vc stream or RFC 4571, as they come:
#
#   payloads.py PT <STREAM
#
# writes a line for each of this payload type: the marker bit, and octets.
import sys

from vcframes import frames, is_rtp, payload


def main():
    for p in frames(sys.stdin.buffer.read()):
        if len(p) >= 12 and is_rtp(p) and p[1] & 127 == int(sys.argv[1]):
            print(p[1] >> 7, payload(p).hex())


main()
