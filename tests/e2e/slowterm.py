#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""slowterm.py COMMAND...: runs it on a terminal that takes next to nothing,
80 x 24, and passes on its exit code. Prints what state the terminal is left in:
"same" or "other", and whether its last words put the screen back."""
import os
import pty
import subprocess
import sys
import termios

ours, theirs = pty.openpty()
termios.tcsetwinsize(theirs, (24, 80)) if hasattr(
    termios, "tcsetwinsize") else None
before = termios.tcgetattr(theirs)
child = subprocess.Popen(sys.argv[1:], stdin=theirs, stdout=theirs,
                         start_new_session=True)
# Nothing is read until it has ended but what makes room for its last words.
os.set_blocking(ours, False)
words = b""
while True:
    try:
        code = child.wait(timeout=0.2)
        break
    except subprocess.TimeoutExpired:
        try:
            words += os.read(ours, 16)
        except BlockingIOError:
            pass
after = termios.tcgetattr(theirs)
try:
    while True:
        more = os.read(ours, 65536)
        if not more:
            break
        words += more
except (BlockingIOError, OSError):
    pass
print("same" if before == after else "other")
print("back" if words.rstrip().endswith(b"\x1b[?1049l") else "not back")
sys.exit(code)
