#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# The other side of vc-recv and vc-send, on loopback only.
#
#   netpeer.py SCENARIO PORT   talks to a vc-recv; fails if it gets a wrong
#                              answer (the scenarios are the functions below)
#   netpeer.py listen N FILE   opens N ports, writes rtp://127.0.0.1:PORT of each
#                              to FILE, prints a line of JSON for each datagram
#                              that comes, until all that came has said BYE
#   netpeer.py route           a virtual stream with routes that change
import json
import select
import socket
import struct
import sys
import time

NTP = 2208988800
SO_TIMESTAMPNS = 35
OPUS = b"\xf8" + b"\x55" * 60
VP8_KEY = (b"\x10\x00\x00\x00\x9d\x01\x2a\x40\x01\xf0\x00" + b"\0" * 40)
VP8_INTER = b"\x10\x01\x00\x00" + b"\0" * 40


# --- packets ---

def rtp(ssrc, seq, ts, payload=OPUS, pt=111, marker=0, first=0x80):
    return struct.pack(">BBHII", first, marker << 7 | pt, seq & 0xFFFF,
                       ts & 0xFFFFFFFF, ssrc) + payload


def sr(ssrc, ntp, ts, packets=0, octets=0):
    return struct.pack(">BBHIQIII", 0x80, 200, 6, ssrc, ntp, ts, packets,
                       octets)


def rr(ssrc):
    return struct.pack(">BBHI", 0x80, 201, 1, ssrc)


def sdes(ssrc, cname, name=None):
    items = b"\1" + bytes([len(cname)]) + cname.encode()
    if name:
        items += b"\2" + bytes([len(name)]) + name.encode()
    items += b"\0"
    items += b"\0" * (-len(items) % 4)
    return struct.pack(">BBHI", 0x81, 202, 1 + len(items) // 4, ssrc) + items


def bye(*ssrcs):
    return struct.pack(">BBH", 0x80 | len(ssrcs), 203, len(ssrcs)) + \
        b"".join(struct.pack(">I", s) for s in ssrcs)


def parts(data):
    """The packets of a compound: (type, count, body)."""
    at = 0
    while at + 4 <= len(data):
        first, kind, words = struct.unpack_from(">BBH", data, at)
        yield kind, first & 31, data[at + 4:at + 4 + 4 * words]
        at += 4 + 4 * words


def is_rtcp(data):
    return len(data) > 1 and 192 <= data[1] <= 223


def texts(body):
    """The first chunk of an SDES: its items by type."""
    found, at = {}, 4
    while at + 2 <= len(body) and body[at]:
        found[body[at]] = body[at + 2:at + 2 + body[at + 1]].decode()
        at += 2 + body[at + 1]
    return found


def ntp_now():
    return int((time.time() + NTP) * 2**32)


def stamp(s):
    """For take()."""
    s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


def take(s):
    """A datagram, where it is from, and the time when it came (of time.time()),
    however late this is asked."""
    data, notes, _, peer = s.recvmsg(9000, 128)
    (when,) = (struct.unpack_from("qq", note) for level, kind, note in notes
               if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS))
    return data, peer, when[0] + when[1] / 1e9


class Peer:
    def __init__(self, port, host="127.0.0.1", local=0):
        self.s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.s.bind((host, local))
        stamp(self.s)
        self.to = ("127.0.0.1", port)
        self.sent = 0

    def send(self, data):
        self.s.sendto(data, self.to)
        self.sent += len(data)

    def recv(self):
        """What came, 'at' its time."""
        data, _, self.at = take(self.s)
        return data

    def hello(self, ssrc, cname, name=None):
        self.send(sr(ssrc, ntp_now(), 0) + sdes(ssrc, cname, name))

    def wait(self, kind, seconds=10):
        """The next RTCP packet of a kind: (count, body, all of it)."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.s.settimeout(max(end - time.monotonic(), 0.001))
            try:
                data = self.recv()
            except TimeoutError:
                break
            for k, count, body in parts(data):
                if k == kind:
                    return count, body, data
        return None


def end(port):
    """Two packets of a source of their own: with --stop-on first-frame the
    receiver ends here, and has taken all that came before."""
    p = Peer(port)
    p.send(rtp(0xFFFFFFFF, 1, 0))
    p.send(rtp(0xFFFFFFFF, 2, 960))


# --- to vc-recv ---

def junk(port):
    p = Peer(port)
    for n in (0, 1, 4, 7):
        p.send(b"\x80" * n)                     # 4 short
    p.send(b"\x80\x6f" + b"\0" * 9)             # short for RTP
    p.send(rtp(1, 1, 0, b"\xf8" * 2037))        # 2049: toobig
    p.send(rtp(1, 1, 0, b"\xf8" * 60000))       # toobig
    for first in (0, 1, 3, 16, 19, 20, 63, 64, 79, 4, 15, 80, 127, 192, 255):
        p.send(bytes([first]) + b"\0" * 30)     # 15 notrtp
    p.send(rtp(1, 1, 0, b"", first=0x8F))       # CC 15, no room
    p.send(rtp(1, 1, 0, b"\0\0\0", first=0x90))  # X, 3 octets left
    p.send(rtp(1, 1, 0, b"\xbe\xde\xff\xff", first=0x90))
    p.send(rtp(1, 1, 0, b"\xf8\0", first=0xA0))  # P, count 0
    p.send(rtp(1, 1, 0, b"\xf8\x09", first=0xA0))  # P, more than there is
    for pt in (5, 77, 127):
        p.send(rtp(1, 1, 0, pt=pt))             # 3 pt
    for data in (rr(1)[:4] + b"\0\0\0\0\xff",   # not a multiple of 4
                 sdes(1, "x"),                  # not SR or RR first
                 rr(1) + sdes(1, "x")[:-4],     # longer than it is
                 sr(1, 1, 1)[:20],
                 struct.pack(">BBHI", 0x9F, 201, 1, 1)):
        p.send(data)                            # 5 rtcp_malformed
    end(port)


def probation(port):
    lone = Peer(port)
    lone.send(rtp(1, 100, 0))
    lone.send(rtp(2, 100, 0))
    lone.send(rtp(2, 5000, 960))    # not in a row
    two = Peer(port)
    two.send(rtp(3, 65535, 0))
    two.send(rtp(3, 0, 960))
    known = Peer(port)
    known.hello(4, "known", "Known")
    known.send(rtp(4, 9, 0))        # vouched for: at once


def flood(port):
    p = Peer(port)
    for ssrc in range(1, 401):
        p.send(rtp(ssrc, 1, 0))
        p.send(rtp(ssrc, 2, 960))
    legit = Peer(port, host="127.0.0.2")
    legit.hello(9999, "legit")
    for i in range(20):
        legit.send(rtp(9999, i, i * 960))


def forged(port):
    p = Peer(port)
    p.hello(7, "alice", "Alice")
    for i in range(10):
        p.send(rtp(7, i, i * 960))
    liar = Peer(port, host="127.0.0.2")
    liar.send(rr(7) + bye(7))
    liar.send(rr(8) + bye(7))
    liar.send(sr(7, ntp_now(), 1) + sdes(7, "mallory"))
    liar.send(rtp(7, 11, 0))
    near = Peer(port)               # the same host, another port
    near.send(rtp(7, 12, 0))
    for i in range(10, 20):
        p.send(rtp(7, i, i * 960))
    p.send(rr(7) + bye(7))


def order(port):
    p = Peer(port)
    p.hello(5, "order")
    for seq in (65533, 65534, 0, 65535, 1, 1, 3, 4):    # 2 never comes
        p.send(rtp(5, seq, seq * 960))
    time.sleep(0.4)
    p.send(rtp(5, 5, 5 * 960))
    p.send(rr(5) + bye(5))


def report(port):
    p = Peer(port)
    mid = ntp_now()
    sent = time.monotonic()
    p.send(sr(6, mid, 0) + sdes(6, "report"))   # before it is admitted
    for i in range(100):
        if i % 4 != 3:              # a quarter is lost, but not the last
            p.send(rtp(6, 65500 + i, i * 960))
        time.sleep(0.002)
    p.send(rtp(6, 65600, 100 * 960))
    got, i = None, 101
    while not got and i < 800:      # and from now on nothing
        got = p.wait(201, 0.01)
        p.send(rtp(6, 65500 + i, i * 960))
        i += 1
    assert got, "no receiver report"
    count, body, data = got
    assert count == 1, count
    assert len(data) <= p.sent / 20, "more than 5 %"
    about, lost, high, _, lsr, dlsr = struct.unpack(">IIIIII", body[4:28])
    assert about == 6, about
    assert 65500 < high < 65500 + i, high
    if high >= 65600:               # else it came before all were lost
        assert lost & 0xFFFFFF == 25, lost
        assert lost >> 24 == 25 * 256 // (high - 65499), (lost, high)
    assert lsr == mid >> 16 & 0xFFFFFFFF, lsr
    assert 0 < dlsr / 65536 <= time.monotonic() - sent, dlsr
    kinds = [k for k, _, _ in parts(data)]
    assert kinds == [201, 202], kinds
    p.send(rr(6) + bye(6))


def rtcp_next(port):
    """RTCP by the next port, from one of its own."""
    p, c = Peer(port), Peer(port + 1)
    c.hello(6, "next")
    for i in range(100):
        p.send(rtp(6, i, i * 960))
    c.hello(6, "next")
    assert c.wait(201), "no report by the next port"
    c.send(rr(6) + bye(6))


def pli(port):
    """A picture that begins in the middle is asked for, and no oftener than
    once a second, however often the control socket says so."""
    p = Peer(port)
    p.hello(8, "video")
    begin = time.time()
    asked, seq = [], 0
    p.s.setblocking(False)
    while time.time() - begin < 2.5:
        for _ in range(3):
            p.send(rtp(8, seq, seq // 3 * 3000, VP8_INTER * 20, pt=96))
            seq += 1
        select.select([p.s], [], [], 0.01)
        try:
            data = p.recv()
        except BlockingIOError:
            continue
        for kind, count, body in parts(data):
            if (kind, count) == (206, 1):
                assert struct.unpack(">I", body[4:8])[0] == 8
                asked.append(p.at)
        assert len(asked) <= 4, asked
    assert len(asked) >= 2, asked
    assert asked[0] - begin < 0.9, asked[0] - begin
    assert all(b - a > 0.8 for a, b in zip(asked, asked[1:])), asked
    p.send(rr(8) + bye(8))


def silent(port):
    p = Peer(port)
    p.hello(9, "silent")
    for i in range(10):
        p.send(rtp(9, i, i * 960))


def bye_then_silent(port):
    """Two, of whom one leaves; the other goes on, and is then silent."""
    two(port, 20, 21)


def silent_then_bye(port):
    two(port, 23, 22)


def two(port, first, second):
    p = Peer(port)
    for i in range(20):
        for ssrc in (first, second):
            if i == 0:
                p.hello(ssrc, f"two{ssrc}")
            p.send(rtp(ssrc, i, i * 960))
    if first < second:
        p.send(rr(first) + bye(first))
    time.sleep(0.2)
    p.send(rtp(second, 20, 20 * 960))
    if first > second:
        p.send(rr(second) + bye(second))


def habit(port):
    """Opus under the type that is VP8's by default."""
    p = Peer(port)
    p.hello(10, "habit")
    for i in range(50):
        p.send(rtp(10, i, i * 960, pt=96))
    p.send(rr(10) + bye(10))


def twins(port):
    """Equal SSRCs at two ports, as arguments; each with its own types."""
    a, b = Peer(port), Peer(int(sys.argv[3]))
    a.hello(11, "a")
    b.hello(11, "b")
    for i in range(50):
        a.send(rtp(11, i, i * 960, pt=96))
        b.send(rtp(11, i, i * 3000, VP8_KEY, pt=96, marker=1))
    a.send(rr(11) + bye(11))
    b.send(rr(11) + bye(11))


# --- what vc-send sends ---

def describe(data):
    if not is_rtcp(data):
        v, pt, seq, ts, ssrc = struct.unpack_from(">BBHII", data)
        return {"kind": "rtp", "ssrc": ssrc, "seq": seq, "ts": ts,
                "pt": pt & 127, "marker": pt >> 7, "len": len(data),
                "first": data[12 + 4 * (v & 15):][:8].hex()}
    line = {"kind": "rtcp", "types": [], "bye": [], "len": len(data)}
    for kind, count, body in parts(data):
        line["types"].append(kind)
        if kind == 200:
            ssrc, ntp, ts, packets, octets = struct.unpack_from(">IQIII", body)
            line.update(ssrc=ssrc, ntp=ntp / 2**32, ts=ts, packets=packets,
                        octets=octets)
        elif kind == 202:
            line["cname"] = texts(body).get(1)
            line["name"] = texts(body).get(2)
        elif kind == 203:
            line["bye"] += struct.unpack(f">{count}I", body[:4 * count])
    return line


def listen(n, path):
    socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
             for _ in range(int(n))]
    for s in socks:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        s.bind(("127.0.0.1", 0))
        stamp(s)
    with open(path, "w") as f:
        for s in socks:
            f.write("rtp://127.0.0.1:%d\n" % s.getsockname()[1])
    begin, alive, last = None, set(), time.monotonic()
    while True:
        ready, _, _ = select.select(socks, [], [], 0.3)
        if not ready:
            if begin and not alive:
                return
            assert time.monotonic() - last < 15, "nothing comes"
            continue
        for s in ready:
            data, _, at = take(s)
            last = time.monotonic()
            begin = begin or at
            line = {"at": socks.index(s), "t": round(at - begin, 4)}
            line.update(describe(data))
            if line["kind"] == "rtp":
                alive.add((line["at"], line["ssrc"]))
            for ssrc in line.get("bye", []):
                alive.discard((line["at"], ssrc))
            print(json.dumps(line))


def route():
    """Sound A is everybody's; B is alice's alone, at first. After a second
    alice gets A instead and bob B; C comes from nowhere for nobody."""
    out = sys.stdout.buffer
    epoch = 946684800 * 10**9

    def frame(payload):
        out.write(struct.pack(">H", len(payload)) + payload)

    def event(**members):
        frame(json.dumps(members).encode())

    frame(b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
          b"a=x-vc-clock:virtual\r\nm=audio 0 RTP/AVP 111\r\n"
          b"a=rtpmap:111 opus/48000/2\r\n")
    a, b, c = 0xA, 0xB, 0xC
    for i in range(100):
        now = epoch + i * 20 * 10**6
        frame(struct.pack(">BBQ", ord("T"), 0, now))
        if i == 0:
            event(ev="route", t=now // 1000, ssrc=a, to="*",
                  **{"except": ["alice"]})
            event(ev="route", t=now // 1000, ssrc=b, to=["alice"])
            event(ev="route", t=now // 1000, ssrc=c, to=["nobody"])
        if i == 50:
            event(ev="route", t=now // 1000, ssrc=b, to=["bob"])
            event(ev="route", t=now // 1000, ssrc=a, to="*",
                  **{"except": ["bob"]})
        for ssrc in (a, b, c):
            ts = i * 960 + ssrc * 1000
            if i % 50 == 0:
                ntp = (now // 10**9 + NTP) << 32
                ntp += (now % 10**9 << 32) // 10**9
                frame(sr(ssrc, ntp, ts) + sdes(ssrc, "bridge"))
            frame(rtp(ssrc, 65500 + i + ssrc, ts, OPUS + bytes([ssrc])))


if __name__ == "__main__":
    what = sys.argv[1]
    if what == "listen":
        listen(sys.argv[2], sys.argv[3])
    elif what == "route":
        route()
    else:
        globals()[what](int(sys.argv[2]))
