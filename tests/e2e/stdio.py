#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# stdio.py HOW COMMAND...   runs it with a stdout of that kind; what it writes
#                           goes to 'out'. Its exit code is ours.
#
#   bits      a pipe of one page, of which a few octets are read at a time
#   nonblock  the same, but it does not block
#   socket    a Unix socket with little room, likewise
#   stop      a pipe of which nothing is read for 3 s; then says as JSON what
#             processor time the command took until then
import fcntl
import json
import os
import socket
import subprocess
import sys
import time

F_SETPIPE_SZ = 1031
how, command = sys.argv[1], sys.argv[2:]

if how == "socket":
    ours, theirs = socket.socketpair()
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    r, w = ours.detach(), theirs.detach()
else:
    r, w = os.pipe()
    fcntl.fcntl(w, F_SETPIPE_SZ, 4096)
if how == "nonblock":
    os.set_blocking(w, False)
child = subprocess.Popen(command, stdout=w)
if how == "nonblock":
    # It is shared with us: whoever we are, it stays as it was.
    assert not os.get_blocking(w)
os.close(w)
if how == "stop":
    time.sleep(3)
    with open(f"/proc/{child.pid}/stat") as f:
        user, system = f.read().rsplit(")", 1)[1].split()[11:13]
    print(json.dumps({"cpu_s": (int(user) + int(system)) /
                      os.sysconf("SC_CLK_TCK")}))
with open("out", "wb") as out:
    n = 0
    while True:
        n = n * 7 % 3001 + 1
        data = os.read(r, n if how != "stop" else 65536)
        if not data:
            break
        out.write(data)
sys.exit(child.wait())
