#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""srtpsigned.py PORT N <KEYLINE: a BYE that is authentic, but not encrypted:
SRTCP whose E bit is 0 (RFC 3711, 3.4), of the SSRC that srtppeer has, with
index N. For AES_CM_128_HMAC_SHA1_80."""
import base64
import hashlib
import hmac
import re
import socket
import struct
import subprocess
import sys

port, index = map(int, sys.argv[1:])
key = base64.b64decode(re.search(r"inline:([^|\s]+)", sys.stdin.read())[1])
master, salt = key[:16], bytearray(key[16:30])
salt[7] ^= 4  # label: authentication of SRTCP (4.3.1)
auth = subprocess.run(
    ["openssl", "enc", "-aes-128-ctr", "-K", master.hex(), "-iv",
     (bytes(salt) + bytes(2)).hex()],
    input=bytes(20), stdout=subprocess.PIPE, check=True).stdout
pkt = struct.pack(">IIII", 0x80C90001, 0x11223344, 0x81CB0001, 0x11223344)
pkt += struct.pack(">I", index)
pkt += hmac.new(auth, pkt, hashlib.sha1).digest()[:10]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(pkt, ("127.0.0.1", port))
