#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# A stranger at the port of a vc-recv that wants DTLS, on loopback:
#
#   dtlspeer.py clear PORT     RTP and RTCP in clear
#   dtlspeer.py garbage PORT   what begins like DTLS, and is none
#   dtlspeer.py hello PORT     a first hello: prints "silence", or whether the
#                              answer is "longer" or "not longer"
import os
import random
import socket
import struct
import sys


def record(kind, body, epoch=0, seq=0, version=0xFEFD):
    return struct.pack(">BHH", kind, version, epoch) + \
        seq.to_bytes(6, "big") + struct.pack(">H", len(body)) + body


def handshake(kind, body, number=0):
    size = len(body).to_bytes(3, "big")
    return bytes([kind]) + size + struct.pack(">H", number) + \
        b"\0\0\0" + size + body


def client_hello(cookie=b""):
    suites = struct.pack(">HHHHH", 8, 0xC02B, 0xC02F, 0xC009, 0xC013)
    srtp = struct.pack(">HHHHB", 14, 5, 2, 7, 0)
    curves = struct.pack(">HHHHH", 10, 6, 4, 0x001D, 0x0017)
    signs = struct.pack(">HHHHH", 13, 6, 4, 0x0403, 0x0401)
    ext = srtp + curves + signs
    body = b"\xfe\xfd" + os.urandom(32) + b"\0" + \
        bytes([len(cookie)]) + cookie + suites + b"\1\0" + \
        struct.pack(">H", len(ext)) + ext
    return record(22, handshake(1, body))


def open_to(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect(("127.0.0.1", port))
    return s


def clear(port):
    s = open_to(port)
    for i in range(20):
        s.send(struct.pack(">BBHII", 0x80, 111, i, i * 960, 7) + b"\xf8" * 60)
        s.send(struct.pack(">BBHIBBHI", 0x80, 201, 1, 7, 0x81, 203, 1, 7))


def garbage(port):
    rng = random.Random(1)
    for turn in range(200):
        s = open_to(port)
        hello = client_hello(b"c" * 32 if turn % 2 else b"")
        bad = bytearray(hello)
        bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        s.send(bytes(bad))
        s.send(hello[:rng.randrange(1, len(hello))])
        s.send(record(21, b"\2\x28"))
        s.send(record(23, os.urandom(40), epoch=1, seq=turn))
        s.send(bytes([rng.randrange(20, 64)]) + os.urandom(rng.randrange(1400)))
        s.close()


def hello(port):
    s = open_to(port)
    s.settimeout(3)
    mine = client_hello()
    s.send(mine)
    try:
        answer = s.recv(2048)
        print("not longer" if len(answer) <= len(mine) else "longer")
    except (TimeoutError, ConnectionRefusedError):
        print("silence")


{"clear": clear, "garbage": garbage, "hello": hello}[sys.argv[1]](
    int(sys.argv[2]))
