#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Captures of RTSP sessions and SIP calls by TCP that never were. The same octets
# on every run.
#
#   tcpwrite.py [KEY=VALUE...]	writes to stdout
#
# what=play      a camera is asked for video (H264, payload type 96) and audio
#                (PCMA, 96 as well), 'n' packets each, interleaved; one of fifty
#                is not sent
# what=announce  the client sends them, after ANNOUNCE and RECORD
# what=udp       the packets of 'play' as datagrams, at the same times
# what=sip       a call by SIP over TCP, its media by UDP
# cut=N          segments of N octets, each stream cut anew
# join=N         writes of so many packets at once
# skip=N         the first N segments are not captured
# disorder=1     neighbours change places, some come twice, some overlap
# lose=N         every Nth segment of media is not captured; with again=1 it is
#                retransmitted 10 ms later
# snap=N         keeps N octets of each packet
# wrap=1         sequence numbers wrap
# swap=1         the audio has the lower channels
# mute=1         no answers to SETUP
# ack=           nothing is acknowledged by itself
import struct
import sys

T0 = 1700000000 * 10**9
C, S = ("10.0.0.2", 40000), ("10.0.0.1", 554)
opts = {"what": "play", "n": "100", "cut": "1448", "join": "1", "skip": "0",
        "disorder": "", "lose": "0", "again": "", "snap": "65535", "wrap": "",
        "swap": "", "mute": "", "ack": "1"}


def rtp(ssrc, seq, ts, pt, payload):
    return struct.pack(">BBHII", 0x80, pt, seq & 0xFFFF, ts & 0xFFFFFFFF,
                       ssrc) + payload


def sr(ssrc, name):
    text = b"\1" + bytes([len(name)]) + name + b"\0"
    text += b"\0" * (-len(text) % 4)
    return struct.pack(">BBHIQIII", 0x80, 200, 6, ssrc,
                       (T0 // 10**9 + 2208988800) << 32, 0, 0, 0) + \
        struct.pack(">BBHI", 0x81, 202, 1 + len(text) // 4, ssrc) + text


def media(n):
    """(time, is audio, is RTCP, packet)"""
    yield T0 + 10**9, 0, 1, sr(7, b"video")
    yield T0 + 10**9, 1, 1, sr(8, b"audio")
    for i in range(n):
        at = T0 + 10**9 + i * 20000000
        late = i * 7919 % 13 * 1000000
        if i % 50 != 33:
            yield at + late, 0, 0, rtp(
                7, 65500 + i, i * 1800, 96, b"\x41" + bytes(
                    (i * 31 + k * 7) & 255 for k in range(900 + i * 13 % 500)))
        if i % 50 != 17:
            yield at + 1000000 + late, 1, 0, rtp(8, i, i * 160, 96,
                                                 b"\x55" * 160)


def text(first, *headers, body=""):
    if body:
        headers += ("Content-Type: application/sdp",
                    "Content-Length: %d" % len(body))
    return "\r\n".join((first,) + headers + ("", body)).encode()


SDP = ("v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=camera\r\nt=0 0\r\na=control:*\r\n"
       "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
       "a=control:trackID=1\r\n"
       "m=audio 0 RTP/AVP 96\r\na=rtpmap:96 PCMA/8000\r\n"
       "a=control:trackID=2\r\n" + "a=x-pad:%s\r\n" % ("p" * 200) * 12)
URL = "rtsp://10.0.0.1/cam?a=1"


def channels(is_audio):
    return (0 if is_audio else 2) if opts["swap"] else (2 if is_audio else 0)


def session(what):
    """(time, from client, octets)"""
    at = T0
    if what == "announce":
        yield at, 1, text("ANNOUNCE %s RTSP/1.0" % URL, "CSeq: 1", body=SDP)
        yield at + 10**6, 0, text("RTSP/1.0 200 OK", "CSeq: 1")
    else:
        yield at, 1, text("DESCRIBE %s RTSP/1.0" % URL, "CSeq: 1")
        yield at + 10**6, 0, text("RTSP/1.0 200 OK", "CSeq: 1", body=SDP)
    # The audio first: what a channel has is not told by order.
    for i in 1, 0:
        at += 10**7
        how = "RTP/AVP/TCP;unicast;interleaved=%d-%d" % (
            channels(i), channels(i) + 1)
        yield at, 1, text("SETUP %s/trackID=%d RTSP/1.0" % (URL, i + 1),
                          "CSeq: %d" % (3 - i), "Transport: " + how)
        if not opts["mute"]:
            yield at + 10**6, 0, text("RTSP/1.0 200 OK", "CSeq: %d" % (3 - i),
                                      "Session: 1", "Transport: " + how)
    play = "RECORD" if what == "announce" else "PLAY"
    yield at + 10**7, 1, text("%s %s RTSP/1.0" % (play, URL), "CSeq: 4")
    yield at + 2 * 10**7, 0, text("RTSP/1.0 200 OK", "CSeq: 4")
    wait = b""
    for i, (t, is_audio, is_rtcp, p) in enumerate(
            sorted(media(int(opts["n"])), key=lambda m: m[0])):
        wait += struct.pack(">cBH", b"$", channels(is_audio) + is_rtcp,
                            len(p)) + p
        if (i + 1) % int(opts["join"]) == 0:
            yield t, what == "announce", wait
            wait = b""
    if wait:
        yield t, what == "announce", wait
    yield t + 10**8, 1, text("TEARDOWN %s RTSP/1.0" % URL, "CSeq: 5")


def sip():
    def message(first, tag, addr, port):
        body = ("v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"
                "m=audio %d RTP/AVP 97\r\na=rtpmap:97 opus/48000/2\r\n" % (
                    addr, addr, port)) + "a=x-pad:%s\r\n" % ("p" * 300) * 8
        return ("%s\r\nVia: SIP/2.0/TCP 10.0.0.2;branch=z9hG4bK1\r\n"
                "f: <sip:alice@10.0.0.2>;tag=a1\r\n"
                "t: <sip:bob@10.0.0.1>%s\r\ni: one\r\nCSeq: 1 INVITE\r\n"
                "Content-Type: application/sdp\r\nl: %d\r\n\r\n%s" % (
                    first, tag, len(body), body)).encode()

    ack = ("ACK sip:bob@10.0.0.1 SIP/2.0\r\nf: <sip:alice@10.0.0.2>;tag=a1\r\n"
           "t: <sip:bob@10.0.0.1>;tag=b1\r\ni: one\r\nCSeq: 1 ACK\r\n"
           "Content-Length: 0\r\n\r\n").encode()
    trying = ("SIP/2.0 100 Trying\r\nf: <sip:alice@10.0.0.2>;tag=a1\r\n"
              "t: <sip:bob@10.0.0.1>\r\ni: one\r\nCSeq: 1 INVITE\r\n"
              "Content-Length: 0\r\n\r\n").encode()
    yield T0, 1, b"\r\n\r\n" * 0 + message("INVITE sip:bob@10.0.0.1 SIP/2.0",
                                           "", C[0], 5000)
    yield T0 + 10**6, 0, trying + message("SIP/2.0 200 OK", ";tag=b1", S[0],
                                          6000)
    yield T0 + 2 * 10**6, 1, b"\r\n\r\n" + ack + b"\r\n\r\n"
    yield T0 + 3 * 10**6, 0, b"\r\n"


def ip(proto, src, dst, rest):
    a = bytes(map(int, src[0].split(".")))
    b = bytes(map(int, dst[0].split(".")))
    return struct.pack(">BBHHHBBH4s4s", 69, 184, 20 + len(rest), 0, 0, 64,
                       proto, 0, a, b) + rest


def udp(src, dst, p):
    return ip(17, src, dst, struct.pack(">HHHH", src[1], dst[1], 8 + len(p), 0)
              + p)


class End:
    def __init__(self, src, dst, seq):
        self.src, self.dst, self.seq, self.back = src, dst, seq, None

    def segment(self, p, seq=None, flags=24):
        at = self.seq if seq is None else seq
        if seq is None:
            self.seq = self.seq + len(p) + (flags & 2) // 2 & 0xFFFFFFFF
        return ip(6, self.src, self.dst, struct.pack(
            ">HHIIBBHHH", self.src[1], self.dst[1], at & 0xFFFFFFFF,
            self.back.seq, 0x50, flags, 1000, 0, 0) + p)


def segments(writes):
    first = 0xFFFFF000 if opts["wrap"] else 1000
    c, s = End(C, S, first), End(S, C, first + 77)
    c.back, s.back = s, c
    out = [(T0 - 3, c.segment(b"", flags=2)), (T0 - 2, s.segment(b"", flags=18)),
           (T0 - 1, c.segment(b"", flags=16))]
    size, count, lose = int(opts["cut"]), 0, int(opts["lose"])
    for t, by_client, p in writes:
        end = c if by_client else s
        for at in range(0, len(p), size):
            part, seq = p[at:at + size], end.seq
            seg = end.segment(part)
            count += part[:1] == b"$" or at > 0
            if lose and part[:1] == b"$" and count % lose == 0:
                if opts["again"]:
                    out.append((t + 10**7, end.segment(part, seq)))
                continue
            early = 1 if opts["disorder"] and count % 5 == 2 else 0
            out.append((t - early, seg))
            if opts["disorder"] and count % 7 == 3:
                out.append((t, end.segment(part, seq)))
            if opts["disorder"] and count % 11 == 5 and len(part) > 20:
                # Overlaps, and says something else of what was said.
                out.append((t, end.segment(b"?" * 10, seq + 3)))
        if opts["ack"] and not opts["again"]:
            out.append((t, end.back.segment(b"", flags=16)))
    out.sort(key=lambda p: p[0])
    return out[int(opts["skip"]):]


def main():
    for arg in sys.argv[1:]:
        key, _, value = arg.partition("=")
        if key not in opts:
            sys.exit("tcpwrite.py: %s?" % key)
        opts[key] = value
    what = opts["what"]
    if what == "udp":
        packets = [(t, udp((S[0], 6000 + 2 * a + r), (C[0], 7000 + 2 * a + r),
                           p)) for t, a, r, p in media(int(opts["n"]))]
    elif what == "sip":
        packets = segments(sip()) + [
            (T0 + 10**9 + i * 20000000, udp((C[0], 5000), (S[0], 6000), rtp(
                9, i, i * 960, 97, b"\xf8" * 40))) for i in range(50)]
    else:
        packets = segments(session(what))
    packets.sort(key=lambda p: p[0])
    out, snap = sys.stdout.buffer, int(opts["snap"])
    out.write(struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 101))
    for t, p in packets:
        out.write(struct.pack("<IIII", t // 10**9, t % 10**9,
                              min(len(p), snap), len(p)) + p[:snap])


main()
