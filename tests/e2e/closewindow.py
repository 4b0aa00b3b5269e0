#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Closes all windows of a display as a window manager would."""
import ctypes
import sys

x = ctypes.CDLL("libX11.so.6")
Window = ctypes.c_ulong
x.XOpenDisplay.restype = ctypes.c_void_p
x.XDefaultRootWindow.restype = Window
x.XInternAtom.restype = ctypes.c_ulong


class Message(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong),
                ("send_event", ctypes.c_int), ("display", ctypes.c_void_p),
                ("window", Window), ("message_type", ctypes.c_ulong),
                ("format", ctypes.c_int), ("data", ctypes.c_long * 5),
                ("pad", ctypes.c_long * 24)]


display = ctypes.c_void_p(x.XOpenDisplay(None))
if not display:
    sys.exit("closewindow: no display")
root, parent, children = Window(), Window(), ctypes.POINTER(Window)()
n = ctypes.c_uint()
x.XQueryTree(display, Window(x.XDefaultRootWindow(display)),
             ctypes.byref(root), ctypes.byref(parent), ctypes.byref(children),
             ctypes.byref(n))
for i in range(n.value):
    message = Message(type=33, window=children[i], format=32)
    message.message_type = x.XInternAtom(display, b"WM_PROTOCOLS", 0)
    message.data[0] = x.XInternAtom(display, b"WM_DELETE_WINDOW", 0)
    x.XSendEvent(display, Window(children[i]), 0, ctypes.c_long(0),
                 ctypes.byref(message))
x.XSync(display, 0)
sys.exit(0 if n.value else "closewindow: no window")
