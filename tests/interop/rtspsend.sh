#!/bin/bash
# SPDX-License-Identifier: MIT
#
# ffmpeg sends 7 s of H264 and PCMA to another one that listens, by RTSP on the
# loopback interface: ANNOUNCE and RECORD, all within the one connection. What
# the pictures are only the description says (sprop-parameter-sets).
set -eu

url=rtsp://127.0.0.1:8554/x
timeout 60 ffmpeg -nostdin -v error -rtsp_flags listen -i $url -c copy -f null - \
	>listen.log 2>&1 &
until grep -q ":$(printf %04X 8554) 00000000:0000 0A" /proc/net/tcp; do
	read -r -t 0.05 <> <(:) || :
done
timeout 60 ffmpeg -nostdin -v error -re -f lavfi -i testsrc=size=320x240:rate=25 \
	-re -f lavfi -i sine=440:r=8000 -t 7 -c:v libx264 -preset ultrafast \
	-tune zerolatency -g 50 -c:a pcm_alaw \
	-f rtsp -rtsp_transport tcp $url
wait $!
