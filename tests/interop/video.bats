#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Payload formats of video against other programs' packets, both ways, with
# frames of real encoders: what comes out decodes to the same pictures. Debian's
# ffmpeg and GStreamer have none for AV1: its frames meet our own packets only.

export BATS_TEST_TIMEOUT=90
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	local src=testsrc=size=320x180:rate=30

	# Slices, and parameter sets with each key frame.
	ffmpeg -v error -f lavfi -i "$src" -frames:v 20 -pix_fmt yuv420p \
		-c:v libx264 -preset ultrafast -x264-params keyint=8:slices=3 \
		x264.h264
	# Bi-predicted frames, of a high profile.
	ffmpeg -v error -f lavfi -i "$src" -frames:v 20 -pix_fmt yuv420p \
		-c:v libx264 -x264-params keyint=10 high.h264
	ffmpeg -v error -f lavfi -i "$src" -frames:v 20 -pix_fmt yuv420p \
		-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 8 vp9.ivf
	# Alternate reference frames: superframes.
	ffmpeg -v error -f lavfi -i "$src" -frames:v 40 -pix_fmt yuv420p \
		-c:v libvpx-vp9 -auto-alt-ref 1 -lag-in-frames 16 \
		-cpu-used 5 altref.ivf
	ffmpeg -v error -f lavfi -i "$src" -frames:v 8 -pix_fmt yuv420p \
		-c:v libaom-av1 -usage realtime -cpu-used 8 -g 4 aom.ivf
	ffmpeg -v error -f lavfi -i "$src" -frames:v 8 -pix_fmt yuv420p \
		-c:v libvpx -deadline realtime -cpu-used 8 -g 4 vp8.ivf
	for f in *.h264 *.ivf; do
		pictures "$f" >"$f.md5"
		[ -s "$f.md5" ]
	done
}

setup()
{
	begin
	frames=${VC_BUILD:-build}/tests/interop/frames
	[[ $frames = /* ]] || frames=$BATS_TEST_DIRNAME/../../$frames
	files=$BATS_FILE_TMPDIR
}

# pictures FILE: a sum for each decoded picture.
pictures()
{
	ffmpeg -v error -i "$1" -f framemd5 - | grep -v '^#' |
		awk '{ print $NF }'
}

# same FILE ORIGINAL: they decode to the same pictures.
same()
{
	pictures "$1" | cmp - "$files/$2.md5"
}

@test "frames of real encoders go through packets of any size" {
	for row in H264:x264.h264 H264:high.h264 VP9:vp9.ivf VP9:altref.ivf \
		AV1:aom.ivf VP8:vp8.ivf; do
		codec=${row%%:*} file=${row#*:}
		for max in 100 333 1200; do
			"$frames" cut "$codec" $max <"$files/$file" >rtp
			"$frames" join "$codec" <rtp >"out.${file##*.}"
			same "out.${file##*.}" "$file"
		done
	done
}

@test "GStreamer's packets of H.264, aggregated and not" {
	for mode in none zero-latency max-stap; do
		gst-launch-1.0 -q filesrc location="$files/x264.h264" ! \
			h264parse ! \
			video/x-h264,stream-format=byte-stream,alignment=au ! \
			rtph264pay aggregate-mode=$mode mtu=600 ! \
			rtpstreampay ! filesink location=rtp
		"$frames" join H264 <rtp >out.h264
		same out.h264 x264.h264
	done
}

@test "GStreamer's packets of VP9 and VP8" {
	gst-launch-1.0 -q filesrc location="$files/vp9.ivf" ! ivfparse ! \
		vp9parse ! rtpvp9pay mtu=600 ! rtpstreampay ! \
		filesink location=rtp
	"$frames" join VP9 <rtp >out.ivf
	same out.ivf vp9.ivf
	gst-launch-1.0 -q filesrc location="$files/vp8.ivf" ! ivfparse ! \
		rtpvp8pay mtu=600 ! rtpstreampay ! filesink location=rtp
	"$frames" join VP8 <rtp >out.ivf
	same out.ivf vp8.ivf
}

# gst CODEC: RFC 4571 on stdin, as GStreamer takes it.
gst()
{
	gst-launch-1.0 -q fdsrc ! "application/x-rtp-stream,media=video,encoding-name=$1,clock-rate=90000,payload=96" ! \
		rtpstreamdepay ! "${@:2}" ! filesink location=out
}

@test "GStreamer takes our packets of H.264, VP9 and VP8" {
	for max in 100 1200; do
		"$frames" cut H264 $max <"$files/x264.h264" |
			gst H264 rtph264depay ! \
				video/x-h264,stream-format=byte-stream
		mv out out.h264
		same out.h264 x264.h264
		for codec in vp9 vp8; do
			"$frames" cut $codec $max <"$files/$codec.ivf" |
				gst ${codec^^} rtp${codec}depay ! \
					${codec}dec ! video/x-raw,format=I420
			ffmpeg -v error -i "$files/$codec.ivf" -f rawvideo - |
				cmp - out
		done
	done
}

# from_ffmpeg FRAMES FILE: its packets of FILE, as RFC 4571. UDP to a socket
# that takes them all; the last frame has been sent when its marker has come.
from_ffmpeg()
{
	cat >take.py <<-'END'
		import socket, subprocess, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
		s.bind(("127.0.0.1", 0))
		s.settimeout(60)
		rtcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		rtcp.bind(("127.0.0.1", 0))
		to = "rtp://127.0.0.1:%d?rtcpport=%d&pkt_size=700" % (
		    s.getsockname()[1], rtcp.getsockname()[1])
		p = subprocess.Popen(["ffmpeg", "-v", "error", "-re", "-i",
		    sys.argv[2], "-c", "copy", "-strict", "experimental",
		    "-f", "rtp", "-payload_type", "96", to],
		    stdout=subprocess.DEVNULL)
		n = int(sys.argv[1])
		with open("rtp", "wb") as f:
		    while n:
		        d = s.recv(4096)
		        f.write(len(d).to_bytes(2, "big") + d)
		        n -= d[1] >> 7
		p.wait()
		END
	python3 take.py "$1" "$2"
}

# Runs live, 3 s.
@test "ffmpeg's packets of H.264, VP9 and VP8" {
	from_ffmpeg 20 "$files/x264.h264"
	"$frames" join H264 <rtp >out.h264
	same out.h264 x264.h264
	from_ffmpeg 20 "$files/vp9.ivf"
	"$frames" join VP9 <rtp >out.ivf
	same out.ivf vp9.ivf
	from_ffmpeg 8 "$files/vp8.ivf"
	"$frames" join VP8 <rtp >out.ivf
	same out.ivf vp8.ivf
}

# to_ffmpeg CODEC: what it decodes of RFC 4571 in file rtp, to out.md5. It is
# sent to when its sockets are there, and ends with a BYE.
to_ffmpeg()
{
	cat >give.py <<-'END'
		import socket, subprocess, sys, time
		def port():
		    while True:
		        a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		        b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		        a.bind(("127.0.0.1", 0))
		        n = a.getsockname()[1]
		        try:
		            b.bind(("127.0.0.1", n + 1))
		        except OSError:
		            continue
		        if n % 2 == 0:
		            return n
		n = port()
		open("ff.sdp", "w").write("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\n"
		    "c=IN IP4 127.0.0.1\nt=0 0\nm=video %d RTP/AVP 96\n"
		    "a=rtpmap:96 %s/90000\n" % (n, sys.argv[1]))
		p = subprocess.Popen(["ffmpeg", "-v", "error", "-y",
		    "-protocol_whitelist", "file,udp,rtp", "-buffer_size", "4M",
		    "-analyzeduration", "500k", "-i", "ff.sdp", "-vsync", "passthrough",
		    "-pix_fmt", "yuv420p", "-f", "framemd5", "out.framemd5"],
		    stdin=subprocess.DEVNULL)
		want = " 0100007F:%04X " % (n + 1)
		any_ = " 00000000:%04X " % (n + 1)
		while True:
		    t = open("/proc/net/udp").read()
		    if want in t or any_ in t:
		        break
		    time.sleep(0.02)
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		d = open("rtp", "rb").read()
		at = 0
		while at < len(d):
		    k = int.from_bytes(d[at:at + 2], "big")
		    s.sendto(d[at + 2:at + 2 + k], ("127.0.0.1", n))
		    at += 2 + k
		    time.sleep(0.002)
		bye = bytes([0x80, 201, 0, 1, 0, 0, 0, 1, 0x81, 203, 0, 1, 0, 0, 0, 1])
		while p.poll() is None:
		    s.sendto(bye, ("127.0.0.1", n + 1))
		    time.sleep(0.1)
		sys.exit(p.returncode)
		END
	python3 give.py "$1"
	grep -v '^#' out.framemd5 | awk '{ print $NF }' >out.md5
}

# Runs live, 5 s.
@test "ffmpeg takes our packets of H.264, VP9 and VP8" {
	for row in H264:x264.h264 VP9:vp9.ivf VP8:vp8.ivf; do
		codec=${row%%:*} file=${row#*:}
		"$frames" cut "$codec" 700 <"$files/$file" >rtp
		to_ffmpeg "$codec"
		# It may keep the last picture to itself.
		n=$(wc -l <out.md5)
		[ "$n" -ge $(($(wc -l <"$files/$file.md5") - 1)) ]
		head -n "$n" "$files/$file.md5" | cmp - out.md5
	done
}
