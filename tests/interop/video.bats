#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Payload formats of video with frames of real encoders, in packets of ours and
# of GStreamer's: what comes out decodes to the same pictures. What the tools do
# with GStreamer and ffmpeg over the network is in rtpvideo.bats. Debian's
# GStreamer has no packets for AV1: its frames meet our own only.

export BATS_TEST_TIMEOUT=$((90 * ${VC_SLOW:-1}))
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

@test "GStreamer takes what is copied out of a file, B pictures and all" {
	ffmpeg -v error -f lavfi -i testsrc=size=320x180:rate=30 -frames:v 40 \
		-pix_fmt yuv420p -c:v libx264 -bf 3 -g 15 film.mp4
	ffmpeg -v error -i film.mp4 -f framemd5 - | grep -v '^#' |
		awk '{ print $NF }' >was
	vc-capture --virtual --copy --plain --pt video=96 film.mp4 |
		gst H264 rtph264depay ! \
			video/x-h264,stream-format=byte-stream
	mv out out.h264
	pictures out.h264 | cmp - was
	ffmpeg -v error -i "$files/altref.ivf" -c copy film.webm
	vc-capture --virtual --copy --plain --pt video=96 film.webm |
		gst VP9 rtpvp9depay ! vp9dec ! video/x-raw,format=I420
	ffmpeg -v error -i "$files/altref.ivf" -f rawvideo - | cmp - out
}
