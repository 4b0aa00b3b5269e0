#!/bin/bash
# SPDX-License-Identifier: MIT
#
# ffmpeg asks a server of GStreamer's for 5 s of H264 and PCMU, by RTSP on the
# loopback interface: DESCRIBE, SETUP and PLAY, all within the one connection.
# Writes the server's port into a file.
set -eu

mkfifo port
timeout 60 /usr/bin/python3 - >port 2>server.log <<'END' &
import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer

Gst.init(None)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    "( videotestsrc is-live=true ! video/x-raw,width=320,height=240,"
    "framerate=25/1 ! x264enc tune=zerolatency speed-preset=ultrafast "
    "key-int-max=50 ! rtph264pay name=pay0 pt=96 config-interval=1 "
    "audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! mulawenc "
    "! rtppcmupay name=pay1 )")
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
server.get_mount_points().add_factory("/x", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
END
server=$!
read -r number <port
echo "$number" >where
timeout 60 ffmpeg -nostdin -v error -rtsp_transport tcp \
	-i "rtsp://127.0.0.1:$number/x" -t 5 -c copy -f null -
kill "$server"
