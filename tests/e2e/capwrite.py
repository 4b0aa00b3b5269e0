#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Captures of calls that never were. The same octets on every run.
#
#   capwrite.py [KEY=VALUE...]	writes to stdout
#
# kind=pcap|rtpdump|mjr, what of it:
#   call=plain     PCMU both ways for 'n' packets, late by up to 12 ms, some lost
#   call=sip       the same after an INVITE of Alice to Bob; payload type 97 is
#                  what nobody else calls so, opus to the one and PCMA to the other
#   call=late      the same, but the SIP is a re-INVITE in the middle
#   call=twin      two such flows that have one SSRC, as load generators send it
#   call=srtp      'plain', after SIP, sealed by the keys in it: two are offered
#                  and the second taken; Mallory's in clear beside it, and a copy
#                  of what Alice sends that goes elsewhere
#   call=rekey     the same, and a re-INVITE with other keys in the middle
#   call=crossed   the same, but each sends with the other's key
#   call=unkeyed   the same, but there is no answer
#   call=dies      Pat, who dies without a word, comes back after an hour as if new,
#                  then reports and sends no media, then sends media and does not
#                  report, 'n' packets each time; and Sam, who is there all along
#   call=diesealed the same, sealed, with another key each time (sealer(3) and on)
#   call=soak      Alice talks for 'n' seconds with two of fifty packets lost, her
#                  numbers and times about to wrap, as NTP is; every 10 s somebody
#                  new joins for 5 s, and every other one leaves without BYE
#   call=noise     datagrams of 'n' other things among few of RTP
# snap=N           keeps N octets of each packet
# step=1           a line to stderr after each packet, then waits for one on stdin
import json
import struct
import sys

from srtpwrite import Sealer

T0 = 1700000000 * 10**9
A, B = ("10.0.0.1", 4000), ("10.0.0.2", 5000)
PCMU = b"\x55" * 160
opts = {"kind": "pcap", "call": "plain", "n": "200", "snap": "65535"}


def rtp(ssrc, seq, ts, pt=0, payload=PCMU):
    return struct.pack(">BBHII", 0x80, pt, seq & 0xFFFF, ts & 0xFFFFFFFF,
                       ssrc) + payload


def sr(ssrc, cname):
    text = b"\1" + bytes([len(cname)]) + cname.encode() + b"\0"
    text += b"\0" * (-len(text) % 4)
    return struct.pack(">BBHIQIII", 0x80, 200, 6, ssrc,
                       (T0 // 10**9 + 2208988800) << 32, 0, 0, 0) + \
        struct.pack(">BBHI", 0x81, 202, 1 + len(text) // 4, ssrc) + text


def invite(status, addr, media, cseq=1):
    who = "c=IN IP4 %s\r\n" % addr[0]
    body = "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\n%st=0 0\r\n%s" % (
        addr[0], who, media)
    first = "INVITE sip:bob@10.0.0.2 SIP/2.0" if not status else \
        "SIP/2.0 %d OK" % status
    return ("%s\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\n"
            "From: Alice <sip:alice@10.0.0.1>;tag=a1\r\n"
            "To: <sip:bob@10.0.0.2>%s\r\nCall-ID: one@10.0.0.1\r\n"
            "CSeq: %d INVITE\r\nContent-Type: application/sdp\r\n"
            "Content-Length: %d\r\n\r\n%s" % (
                first, ";tag=b1" if status or cseq > 1 else "", cseq,
                len(body), body)).encode()


def flow(src, dst, ssrc, n, pt=0, payload=PCMU, first=0):
    """(time, from, to, datagram) of a talker that loses and delays some."""
    yield T0, src, dst, sr(ssrc, "%08x" % ssrc)
    for i in range(n):
        if i % 50 == 33:
            continue
        late = i * 7919 % 13 * 1000000
        yield T0 + i * 20000000 + late, src, dst, rtp(
            ssrc, first + i, i * 160, pt, payload)


def talk(n, pt=0, to_b=PCMU, to_a=PCMU):
    return list(flow(A, B, 0x1111, n, pt, to_b, 65500)) + \
        list(flow(B, A, 0x2222, n, pt, to_a))


def offer(at, to_a, to_b, cseq=1):
    sip_a, sip_b = (A[0], 5060), (B[0], 5060)
    return [(at, sip_a, sip_b, invite(0, A, to_a, cseq)),
            (at + 1, sip_b, sip_a, invite(200, B, to_b, cseq))]


def sip(at):
    return offer(at, "m=audio 4000 RTP/AVP 97\r\na=rtpmap:97 PCMA/8000\r\n",
                 "m=audio 5000 RTP/AVP 97\r\na=rtpmap:97 opus/48000/2\r\n")


def sealer(n):
    return Sealer(bytes((n * 31 + i * 7) & 255 for i in range(30)), 4)


def sdes(at, a, b, cseq=1):
    line = "a=crypto:%d %s|2^31\r\n"
    to_a = "m=audio 4000 RTP/SAVP 0\r\n" + line % (
        1, Sealer(bytes(range(30))).sdes()) + line % (2, a.sdes())
    return offer(at, to_a, "m=audio 5000 RTP/SAVP 0\r\n" + line % (
        2, b.sdes()), cseq)


def srtp(call, n):
    seals = [sealer(1), sealer(2)]
    signs = sdes(T0 - 10**9, *seals)
    if call == "unkeyed":
        signs.pop()
    if call == "crossed":
        seals.reverse()
    out = []
    for i, p in enumerate(sorted(talk(n), key=lambda p: p[0])):
        if call == "rekey" and i == n:
            seals = [sealer(3), sealer(4)]
            signs += sdes(p[0] - 2, *seals, 2)
        data = seals[p[1] == B].seal(p[3])
        out.append((*p[:3], data))
        if p[1] == A:
            out.append((p[0] + 1, A, ("10.0.0.4", 5004), data))
    return signs + out + list(flow(
        ("10.0.0.3", 4000), ("10.0.0.4", 5000), 0x3333, n))


def dies(n, is_sealed):
    # When, SSRC, first number, is there media, are there reports?
    lives = ((0, 0x1111, 65500, True, True), (3600, 0x2222, 7, True, True),
             (3700, 0x3333, 0, False, True), (3800, 0x4444, 900, True, False))
    for life, (s, ssrc, first, media, reports) in enumerate(lives):
        seal = sealer(3 + life).seal if is_sealed else bytes
        for i in range(n):
            at = T0 + s * 10**9 + i * 20000000
            if reports and i % 50 == 0:
                yield at, A, B, seal(sr(ssrc, "pat"))
            if media:
                yield at, A, B, seal(rtp(ssrc, first + i, i * 160))
    seal = sealer(7).seal if is_sealed else bytes
    for i in range(800):
        at, there = T0 + 5 * i * 10**9, ("10.0.0.3", 4000)
        yield at, there, B, seal(sr(0x5555, "sam"))
        yield at + 1, there, B, seal(rtp(0x5555, i, i * 40000, 0, b"sam"))


def soak(n):
    def ntp(at):
        # Era 1 begins a minute after all began.
        return ((at - T0 - 60 * 10**9) * 2**32 // 10**9) & 2**64 - 1

    def report(at, ssrc, ts, cname):
        p = sr(ssrc, cname)
        return p[:8] + struct.pack(">QI", ntp(at), ts & 0xFFFFFFFF) + p[20:]

    for i in range(n * 50):
        at, ts = T0 + i * 20000000, 2**32 - 8000 + i * 160
        if i % 250 == 0:
            yield at, A, B, report(at, 0x1111, ts, "alice")
        if i * 7919 % 50 > 1:
            yield at, A, B, rtp(0x1111, 65500 + i, ts)
        guest, k = divmod(i, 500)
        ssrc, there = 0x10000 + guest, ("10.0.1.%d" % (guest % 250), 4000)
        if k == 0:
            yield at, there, B, report(at, ssrc, 0, "guest%d" % guest)
        if k < 250 and k * 7919 % 50 > 1:
            yield at, there, B, rtp(ssrc, k - 20, k * 160)
        if k == 250 and guest % 2:
            yield at, there, B, struct.pack(">BBHI", 0x80, 201, 1, ssrc) + \
                struct.pack(">BBHI", 0x81, 203, 1, ssrc)


def packets(call, n):
    if call == "soak":
        return soak(n)
    if call in ("dies", "diesealed"):
        return list(dies(n, call == "diesealed"))
    if call == "plain":
        return talk(n)
    if call == "sip":
        return sip(T0 - 10**9) + talk(n, 97, b"\xf8" + b"\x55" * 60)
    if call in ("srtp", "rekey", "crossed", "unkeyed"):
        return srtp(call, n)
    if call == "late":
        media = "m=audio %d RTP/AVP 0\r\n"
        at = T0 + n // 2 * 20000000
        return talk(n) + [
            (at, (A[0], 5060), (B[0], 5060), invite(0, A, media % 4000, 2)),
            (at, (B[0], 5060), (A[0], 5060), invite(200, B, media % 5000, 2))]
    if call == "twin":
        return list(flow(A, B, 7, n)) + list(flow(B, A, 7, n)) + \
            list(flow(("10.0.0.1", 4002), B, 7, n))
    if call == "noise":
        return talk(8) + [
            (T0 + i, ("10.0.0.3", 1024 + i % 3), ("10.0.0.4", 53),
             bytes([i & 255, i * 7 & 255]) * (6 + i % 50)) for i in range(n)]
    sys.exit("capwrite.py: call=" + call)


def pcap(all_of_it, snap):
    yield struct.pack("<IHHIIII", 0xA1B23C4D, 2, 4, 0, 0, snap, 101)
    for t, src, dst, data in all_of_it:
        ip = struct.pack(
            ">BBHHHBBH4s4sHHHH", 0x45, 0xB8, 28 + len(data), 0, 0, 64, 17, 0,
            bytes(map(int, src[0].split("."))),
            bytes(map(int, dst[0].split("."))), src[1], dst[1],
            8 + len(data), 0) + data
        yield struct.pack("<IIII", t // 10**9, t % 10**9,
                          min(snap, len(ip)), len(ip)) + ip[:snap]


def rtpdump(all_of_it):
    yield b"#!rtpplay1.0 10.0.0.2/5000\n" + struct.pack(
        ">IIIHH", T0 // 10**9, 0, 0x0A000002, 5000, 0)
    for t, _, _, data in all_of_it:
        is_rtcp = 200 <= data[1] <= 204
        yield struct.pack(">HHI", 8 + len(data), 0 if is_rtcp else len(data),
                          (t - T0) // 1000000) + data


def mjr(all_of_it, codec):
    about = json.dumps({"t": "a", "c": codec, "s": T0 // 1000,
                        "u": T0 // 1000}).encode()
    yield b"MJR00002" + struct.pack(">H", len(about)) + about
    for t, _, _, data in all_of_it:
        yield b"MEET" + struct.pack(">IH", (t - T0) // 1000000,
                                    len(data)) + data


def main():
    opts.update(a.split("=", 1) for a in sys.argv[1:])
    found = packets(opts["call"], int(opts["n"]))
    if opts["call"] != "soak":
        found = sorted(found, key=lambda p: p[0])
    if opts["kind"] == "pcap":
        pieces = pcap(found, int(opts["snap"]))
    else:
        found = [p for p in found if p[2] == B]
        if opts["kind"] == "rtpdump":
            pieces = rtpdump(found)
        else:
            pieces = mjr([p for p in found if p[3][1] != 200],
                         "opus" if opts["call"] == "sip" else "pcmu")
    for piece in pieces:
        sys.stdout.buffer.write(piece)
        if "step" not in opts:
            continue
        sys.stdout.flush()
        sys.stderr.write("\n")
        sys.stderr.flush()
        sys.stdin.readline()


main()
