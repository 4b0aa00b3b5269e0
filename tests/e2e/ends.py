#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# ends.py IN OUT...: is what the packets of IN end with, 12 octets, in any of
# the others? 0: no.
import sys

from vcframes import frames, is_rtp

LEN, LEAST = 12, 60

with open(sys.argv[1], "rb") as f:
    ends = {p[-LEN:] for p in frames(f.read()) if is_rtp(p) and len(p) >= LEAST}
ends = {e for e in ends if len(set(e)) > 4}  # not what is zeros anyway
if len(ends) < 100:
    sys.exit(f"only {len(ends)} packets to look for")
for name in sys.argv[2:]:
    with open(name, "rb") as f:
        octets = f.read()
    found = sum(e in octets for e in ends)
    if found:
        sys.exit(f"{name}: {found} of {len(ends)} are in it")
