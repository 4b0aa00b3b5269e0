#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# The other side of repair and feedback, on loopback only.
#
#   repairpeer.py SCENARIO PORT      talks to a vc-recv; fails if it gets a
#                                    wrong answer
#   repairpeer.py greedy FILE        opens a port, writes rtp://127.0.0.1:PORT of
#                                    it to FILE and asks whoever sends there for
#                                    everything again, at each packet; then says
#                                    what it got as JSON
#   repairpeer.py curious FILE       likewise, for what was not for it
#   repairpeer.py partly -           writes a stream that is not all for bob
import json
import socket
import struct
import sys
import time

from netpeer import (VP8_INTER, Peer, bye, is_rtcp, ntp_now, parts, rr, rtp,
                     sdes, sr, stamp, take)
from vcframes import frame


def nack(media, pairs, sender=0x77777777):
    return struct.pack(">BBHII", 0x81, 205, 2 + len(pairs), sender, media) + \
        b"".join(struct.pack(">HH", *p) for p in pairs)


def asked(body):
    """The numbers of a NACK, in order."""
    out = []
    for at in range(8, len(body), 4):
        pid, blp = struct.unpack_from(">HH", body, at)
        out += [pid] + [pid + 1 + i & 0xFFFF for i in range(16) if blp >> i & 1]
    return out


def feed(p, ssrc, numbers, seconds=0.01):
    """Packets of sound, and all that is sent back meanwhile."""
    got = []
    for n in numbers:
        p.send(rtp(ssrc, n, n * 960))
        p.s.settimeout(seconds)
        try:
            got.append(p.recv())
        except TimeoutError:
            pass
    return got


def until(p, ssrc, first, kind, count=None, seconds=15):
    """Feeds until such a packet comes back: (body, compound, next number)."""
    n, end = first, time.monotonic() + seconds
    while time.monotonic() < end:
        for data in feed(p, ssrc, [n]):
            for k, c, body in parts(data):
                if k == kind and count in (None, c):
                    return body, data, n + 1
        n += 1
    raise AssertionError(f"no RTCP of type {kind}")


# --- to vc-recv ---

def hole(port, is_short=False):
    """What is missing is asked for; it comes in place, and is no duplicate
    when it comes once more."""
    p = Peer(port)
    p.hello(6, "hole")
    feed(p, 6, range(65400, 65530))
    body, data, n = until(p, 6, 65530 + 6, 205, 1)
    assert asked(body)[:6] == list(range(65530, 65536)), asked(body)
    assert struct.unpack(">I", body[4:8])[0] == 6
    kinds = [k for k, _, _ in parts(data)]
    assert kinds == ([205] if is_short else [201, 202, 205]), kinds
    time.sleep(0.08)
    feed(p, 6, list(range(65530, 65536)) * 2)
    # Nobody asks for what is here.
    assert not [d for d in feed(p, 6, range(n, n + 40))
                for k, c, b in parts(d) if k == 205]
    p.send(rr(6) + bye(6))


def hole_rsize(port):
    hole(port, True)


def fir(port):
    """Only FIR was agreed on: at once, and a second later."""
    p = Peer(port)
    p.hello(8, "fir")
    seq, commands, times = 0, [], []
    end = time.monotonic() + 10
    while len(commands) < 2 and time.monotonic() < end:
        p.send(rtp(8, seq, seq * 3000, VP8_INTER * 20, pt=96))
        seq += 1
        p.s.settimeout(0.01)
        try:
            data = p.recv()
        except TimeoutError:
            continue
        for kind, count, body in parts(data):
            assert (kind, count) != (206, 1), "a PLI"
            if (kind, count) == (206, 4):
                commands.append(struct.unpack(">IB", body[8:13]))
                times.append(p.at)
    assert commands == [(8, 0), (8, 1)], commands
    assert 0.8 < times[1] - times[0] < 2, times
    p.send(rr(8) + bye(8))


def xr(port):
    """Reference time, summary and VoIP metrics; the answer gives 250 ms,
    however late we are."""
    p = Peer(port)
    p.hello(6, "xr")
    feed(p, 6, range(0, 30), 0.001)
    body, data, n = until(p, 6, 32, 207)
    blocks, at = {}, 4
    while at < len(body):
        words = struct.unpack_from(">H", body, at + 2)[0]
        blocks[body[at]] = body[at + 4:at + 4 + 4 * words]
        at += 4 + 4 * words
    assert sorted(blocks) == [4, 6, 7], sorted(blocks)
    about, begin, after, lost = struct.unpack(">IHHI", blocks[6][:12])
    assert (about, begin) == (6, 0), (about, begin)
    assert lost == 2, lost
    us = struct.unpack(">I", body[:4])[0]
    lrr = struct.unpack(">Q", blocks[4])[0] >> 16 & 0xFFFFFFFF
    time.sleep(0.3)
    held = int((time.time() - p.at - 0.25) * 65536)
    p.send(sr(6, ntp_now(), n * 960) + struct.pack(
        ">BBHIBBHIII", 0x80, 207, 5, 6, 5, 0, 3, us, lrr, held))
    feed(p, 6, range(n, n + 150))
    p.send(rr(6) + bye(6))


def loop(port):
    """Our SSRC in somebody else's report is a collision, then a loop."""
    p, other = Peer(port), Peer(port)
    p.hello(6, "loop")
    body, data, n = until(p, 6, 0, 201)
    us = struct.unpack(">I", body[:4])[0]
    other.send(sr(us, ntp_now(), 0) + sdes(us, "other"))
    body, data, n = until(p, 6, n, 203)
    assert struct.unpack(">I", body[:4])[0] == us, "not our BYE"
    while True:
        body, data, n = until(p, 6, n, 201)
        now = struct.unpack(">I", body[:4])[0]
        if now != us:
            break
    other.send(sr(now, ntp_now(), 0) + sdes(now, "other"))
    body, data, n = until(p, 6, n, 201)
    assert struct.unpack(">I", body[:4])[0] == now, "changed for a loop"
    p.send(rr(6) + bye(6))


# --- from vc-send ---

def greedy(place):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    stamp(s)
    with open(place, "w") as f:
        f.write(f"rtp://127.0.0.1:{s.getsockname()[1]}\n")
    seen, seconds, again = set(), {}, 0
    ssrcs, byes, packets = {}, 0, 0
    while not ssrcs or byes < len(ssrcs):
        data, peer, at = take(s)
        if is_rtcp(data):
            byes += sum(c for k, c, _ in parts(data) if k == 203)
            continue
        pt, seq, ssrc = data[1] & 127, *struct.unpack_from(">H4xI", data, 2)
        ssrcs[ssrc] = seq
        is_again = pt == 97 or (ssrc, seq) in seen
        seen.add((ssrc, seq))
        row = seconds.setdefault(int(at * 10), [0, 0])
        row[is_again] += len(data)
        again += is_again
        packets += 1
        # The last 1088 numbers, then never-sent ones, then all in turn.
        first = (seq - 1088, seq + 100, packets * 1088)[packets % 3]
        pairs = [(first + 17 * i & 0xFFFF, 0xFFFF) for i in range(64)]
        for media in list(ssrcs) + [0xDEADBEEF]:
            s.sendto(rr(0x77777777) + sdes(0x77777777, "greedy") +
                     nack(media, pairs), peer)
    slots = sorted(seconds)
    worst = max(sum(seconds.get(b, [0, 0])[1] for b in range(a, a + 10)) /
                max(sum(seconds.get(b, [0, 0])[0]
                        for b in range(a - 1, a + 10)), 1)
                for a in range(slots[0], slots[-1] - 8))
    media = sum(r[0] for r in seconds.values())
    print(json.dumps({"again": again, "worst": worst, "share":
                      sum(r[1] for r in seconds.values()) / media}))


# --- a stream that is not always for everybody ---

PACKETS, AWAY = 160, range(60, 100)


def partly(place):
    """Writes a stream of sound to stdout; packets AWAY are not for bob."""
    out = sys.stdout.buffer
    sdp = b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" \
        b"a=x-vc-clock:virtual\r\nm=audio 0 RTP/AVP 0\r\n"
    start = 946684800 * 10 ** 9

    def route(n, **who):
        event = {"ev": "route", "t": start // 1000 + n * 20000, "ssrc": 7}
        out.write(frame(json.dumps({**event, **who}).encode()))

    out.write(frame(sdp))
    for n in range(PACKETS):
        out.write(frame(b"T\0" + struct.pack(">Q", start + n * 20 * 10 ** 6)))
        if n == AWAY.start:
            route(n, to="*", **{"except": ["bob"]})
        if n == AWAY.stop:
            route(n, to="*")
        out.write(frame(rtp(7, 65500 + n, n * 160, bytes([n]) * 160, pt=0)))


def curious(place):
    """Bob, who asks for every number that he has not got, and now and then
    for one that he has: once again he gets what he got, and nothing else."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    stamp(s)
    with open(place, "w") as f:
        f.write(f"rtp://127.0.0.1:{s.getsockname()[1]}\n")
    first, got, lost, again = None, {}, set(), 0
    while True:
        data, peer, at = take(s)
        if is_rtcp(data):
            if 203 in (k for k, _, _ in parts(data)):
                break
            continue
        seq, ts, ssrc = struct.unpack_from(">HII", data, 2)
        first = seq if first is None else first
        n = seq - first & 0xFFFF
        if n % 10 == 3 and n not in lost:
            lost.add(n)  # at first
        else:
            assert n not in got or got[n] == data, n
            again += n in lost and n not in got
            got[n] = data
        missing = [i for i in range(max(got, default=0)) if i not in got]
        pairs = [(first + i & 0xFFFF, 0) for i in missing[-64:]]
        if pairs:
            s.sendto(rr(0x77777777) + sdes(0x77777777, "bob") +
                     nack(ssrc, pairs), peer)
    print(json.dumps({"again": again, "got": sorted(
        {data[-1] for data in got.values()}),
        # No number is kept for what was not for him.
        "straight": all(data[-1] == n + len(AWAY) * (n >= AWAY.start)
                        for n, data in got.items())}))


if __name__ == "__main__":
    what, where = sys.argv[1], sys.argv[2]
    is_text = what in ("greedy", "curious", "partly")
    globals()[what](where if is_text else int(where))
