#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Both sides of a relaying vc-impair, on loopback only.
#
#   relaypeer.py SCENARIO [OPTION...]   starts vc-impair with the options, as a
#       relay to a socket of ours; fails if what comes out is not what should
#       (the scenarios are the functions below); prints its last record
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time


def udp(host="127.0.0.1"):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind((host, 0))
    s.settimeout(20)
    return s


class Relay:
    def __init__(self, options, near="127.0.0.1", far="127.0.0.1"):
        self.far = udp(far)
        self.options = options
        mine, its = os.pipe()
        self.process = subprocess.Popen(
            ["vc-impair", f"udp://{near}:0", f"--ready=fd:{its}",
             "--control=control", "--stats=stats", *options,
             "udp://%s:%d" % (f"[{far}]" if ":" in far else far,
                              self.far.getsockname()[1])],
            pass_fds=[its])
        os.close(its)
        with os.fdopen(mine) as ready:
            self.near = ("127.0.0.1", int(ready.readline().split(":")[-1]))

    def ask(self, line):
        s = socket.socket(socket.AF_UNIX)
        s.connect("control")
        s.sendall(line.encode() + b"\n")
        reply = json.loads(s.makefile().readline())
        assert reply["ok"], reply

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0
        with open("stats") as f:
            return json.loads(f.readlines()[-1])["impair"]

    def through(self, client, data):
        """From a client to the far side: the address it came from."""
        client.sendto(data, self.near)
        got, addr = self.far.recvfrom(65536)
        assert got == data, (got, data)
        return addr

    def back(self, addr, client, data):
        self.far.sendto(data, addr)
        got, source = client.recvfrom(65536)
        assert (got, source) == (data, self.near), (got, source, data)


def both(r):
    """Anything passes unchanged, each client has a port of his own."""
    a, b = udp(), udp()
    port_a, port_b = r.through(a, b"a"), r.through(b, b"b")
    assert port_a != port_b and r.near not in (port_a, port_b)
    for data in (b"", b"\x16\xfe\xfd hello", b"\x80\x6f" + b"x" * 1200,
                 bytes(range(256)) * 8):
        assert r.through(a, data) == port_a
        r.back(port_a, a, data)
        r.back(port_b, b, data)
    # Not from us: what a stranger sends to an outer port goes nowhere.
    udp().sendto(b"stranger", port_a)
    r.back(port_a, a, b"after him")
    # Longer than it takes.
    a.sendto(b"x" * 2049, r.near)
    assert r.through(a, b"after it") == port_a


def six(r):
    """Clients of IPv4 and IPv6, a far side of IPv6."""
    a, b = udp(), udp("::1")
    r.back(r.through(a, b"a"), a, b"to a")
    r.near = ("::1", r.near[1], 0, 0)
    r.back(r.through(b, b"b"), b, b"to b")


def counts(r):
    """12 packets each way, of which the far side and the client get these; one
    more is not lost."""
    a = udp()
    a.sendto(b"0", r.near)
    _, addr = r.far.recvfrom(100)
    for i in range(1, 12):
        a.sendto(b"%d" % i, r.near)
    for i in range(12):
        r.far.sendto(b"%d" % i, addr)
    there, back = [], []
    a.sendto(b"end", r.near)
    r.far.sendto(b"end", addr)
    while b"end" not in there:
        there.append(r.far.recv(100))
    while b"end" not in back:
        back.append(a.recv(100))
    print(*[int(x) for x in there[:-1]])
    print(*[int(x) for x in back[:-1]])


def rebind(r):
    """By command, the outer port changes and the old one is deaf."""
    a = udp()
    old = r.through(a, b"before")
    r.ask("set rebind=0s")
    r.far.sendto(b"lost", old)
    new = r.through(a, b"after")
    assert new != old
    r.back(new, a, b"to the new one")


def rebind_at(r):
    """By the clock; the option says when."""
    a = udp()
    old = r.through(a, b"x")
    while r.through(a, b"x") == old:
        time.sleep(0.02)


def ports(r):
    """A packet goes up 20 times, from that many ports, each time after a
    command or not: prints which of them came from another port than before."""
    a = udp()
    first = last = r.through(a, b"x")
    changed = []
    for i in range(2, 21):
        if "--replay" not in r.options and i in (5, 6, 17):
            r.ask("set rebind=0s")
            r.ask("set rebind=0s")
        addr = r.through(a, b"x")
        if addr != last:
            changed.append(i)
        last = addr
    assert first != last
    print(*changed)


def rate(r):
    """1,000 octets a packet at 800 kbit/s: none faster than each 10 ms."""
    a = udp()
    r.through(a, b"x" * 972)
    begin = time.monotonic()
    for _ in range(50):
        a.sendto(b"x" * 972, r.near)
    for _ in range(50):
        r.far.recv(2000)
    assert time.monotonic() - begin >= 0.49, time.monotonic() - begin


def queue(r):
    """100 ms of queue are ten such packets."""
    a = udp()
    r.through(a, b"x" * 972)
    begin = time.monotonic()
    for _ in range(200):
        a.sendto(b"x" * 972, r.near)
    took = time.monotonic() - begin
    r.far.settimeout(1)
    n = 0
    try:
        while True:
            r.far.recv(2000)
            n += 1
    except socket.timeout:
        pass
    assert 10 <= n <= 13 + took * 100, (n, took)


def blackout(r):
    a = udp()
    addr = r.through(a, b"before")
    r.ask("set blackout=10m")
    a.sendto(b"lost", r.near)
    r.far.sendto(b"lost", addr)
    r.ask("set blackout=off")
    assert r.through(a, b"after") == addr
    r.back(addr, a, b"after")


def delay(r):
    a = udp()
    begin = time.monotonic()
    addr = r.through(a, b"there")
    assert time.monotonic() - begin >= 0.2
    r.ask("set down delay=400ms")
    begin = time.monotonic()
    r.back(addr, a, b"and back")
    assert time.monotonic() - begin >= 0.4


def kinds(r):
    """RTP by payload type, RTCP and others: what gets through, by the rules."""
    a = udp()
    rtp = bytes([128, 0]) + bytes(10) + b"x" * 20
    sent = {
        "pcmu": rtp,
        "opus": bytes([128, 111]) + rtp[2:8] + b"\0\0\0\1" + rtp[12:],
        # A key frame of 320x240 begins.
        "vp8": bytes([128, 96]) + rtp[2:8] + b"\0\0\0\2" +
               b"\x10\x10\x02\x00\x9d\x01\x2a\x40\x01\xf0\x00" + b"x" * 20,
        "rtcp": bytes([128, 201, 0, 1]) + b"\0\0\0\3",
        "stun": b"\0\1" + b"\0" * 18,
    }
    for data in sent.values():
        a.sendto(data, r.near)
    a.sendto(b"end", r.near)
    got = []
    while b"end" not in got:
        got.append(r.far.recv(100))
    print(*[k for k, v in sent.items() if v in got])


def tcp(r):
    """TCP to the port goes to the far one, both ways, and ends on its own."""
    port = r.far.getsockname()[1]
    server = socket.create_server(("127.0.0.1", port))
    server.settimeout(20)
    a = socket.create_connection(r.near, 20)
    far, _ = server.accept()
    far.settimeout(20)
    big = bytes(range(256)) * 4000
    threading.Thread(target=lambda: (a.sendall(big),
                                     a.shutdown(socket.SHUT_WR))).start()
    got = b""
    while chunk := far.recv(65536):
        got += chunk
    assert got == big
    far.sendall(b"answer")
    far.close()
    assert a.recv(100) == b"answer"
    assert a.recv(100) == b""
    # Nobody listens there any more.
    server.close()
    b = socket.create_connection(r.near, 20)
    try:
        assert b.recv(100) == b""
    except ConnectionResetError:
        pass
    # And datagrams go on.
    r.through(udp(), b"datagram")


def tcp_pair(r, server, host="127.0.0.1"):
    a = socket.create_connection(r.near, 20, (host, 0))
    far, _ = server.accept()
    far.settimeout(20)
    return a, far


def is_ended(s):
    try:
        return s.recv(100) == b""
    except ConnectionResetError:
        return True


def tcp_server(r):
    server = socket.create_server(("127.0.0.1", r.far.getsockname()[1]))
    server.settimeout(20)
    return server


def tcp_idle(r):
    """Who is silent is ended, on both sides, and who goes on is not."""
    server = tcp_server(r)
    a, far_a = tcp_pair(r, server)
    b, far_b = tcp_pair(r, server)
    far_a.setblocking(False)
    is_over = False
    while not is_over:
        b.sendall(b"on")
        assert far_b.recv(2, socket.MSG_WAITALL) == b"on"
        time.sleep(0.05)
        try:
            is_over = far_a.recv(100) == b""
        except BlockingIOError:
            pass
    assert is_ended(a)
    r.through(udp(), b"datagram")


def tcp_share(r):
    """No address but loopback's has more than its share."""
    server = tcp_server(r)
    kept = [tcp_pair(r, server, "10.99.0.1") for _ in range(8)]
    s = socket.create_connection(r.near, 20, ("10.99.0.1", 0))
    assert is_ended(s)
    kept += [tcp_pair(r, server, "10.99.0.2") for _ in range(8)]
    kept += [tcp_pair(r, server) for _ in range(9)]
    kept[0][0].close()
    assert is_ended(kept[0][1])
    kept[0][1].close()
    kept.append(tcp_pair(r, server, "10.99.0.3"))
    r.through(udp(), b"datagram")


def tcp_full(r):
    """Without descriptors it does not spin, and takes who waits later."""
    server = tcp_server(r)
    r.through(udp(), b"it has begun: --ready is closed")
    pid = r.process.pid
    was = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    fds = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
    n = next(i for i in range(len(fds) + 1) if i not in fds)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (n, was[1]))
    a = socket.create_connection(r.near, 20)
    a.sendall(b"waits")

    def used():
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    before = used()
    time.sleep(2)
    ticks = used() - before
    assert ticks * 20 < os.sysconf("SC_CLK_TCK"), ticks
    resource.prlimit(pid, resource.RLIMIT_NOFILE, was)
    far, _ = server.accept()
    far.settimeout(20)
    assert far.recv(5, socket.MSG_WAITALL) == b"waits"


def clients(r):
    """Two may come; a third one when they have been silent."""
    a, b, c = udp(), udp(), udp()
    r.through(a, b"a")
    r.through(b, b"b")
    c.sendto(b"c", r.near)
    r.through(a, b"a")
    r.far.settimeout(0.1)
    while True:
        try:
            r.through(c, b"c")
            break
        except socket.timeout:
            pass


def strangers(r):
    """127.0.0.9 may come; nothing of others is passed on."""
    a, b = udp(), udp("127.0.0.9")
    a.sendto(b"a", r.near)
    a.sendto(b"a", r.near)
    r.through(b, b"b")


def main():
    places = {"near": "", "far": "::1"} if sys.argv[1] == "six" else {}
    r = Relay(sys.argv[2:], **places)
    try:
        globals()[sys.argv[1]](r)
        print(json.dumps(r.end()))
    finally:
        r.process.kill()
        r.process.wait()


main()
