#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Pictures in RTP between us and ffmpeg and GStreamer: VP8, VP9, and H.264 with
# packetization-mode 0 and 1 and with parameter sets that are in the SDP only.
# What is seen is what was sent, picture by picture. Neither ffmpeg nor GStreamer
# of Debian 12 has AV1 in RTP: its payload format is tested against the examples
# of its specification (tests/unit), its bitstream in codecs.bats.
# Runs live, 70 s: peers send at the pace of their media.

# shellcheck disable=SC2154 # bats sets output
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	# As good as the original.
	vc-capture --virtual -t 20s --audio none --fps 25 --size 320x180 \
		--vbitrate 20M --name alice test: |
		vc-play --only alice --fps 25 --y4m film.y4m
}

setup()
{
	begin
	film=$BATS_FILE_TMPDIR/film.y4m
}

# describe CODEC [FMTP]: as 96, in peer.sdp.
describe()
{
	printf '%s\r\n' v=0 'o=- 0 0 IN IP4 127.0.0.1' s=- 't=0 0' \
		'm=video 0 RTP/AVP 96' "a=rtpmap:96 $1/90000" \
		${2:+"a=fmtp:96 $2"} >peer.sdp
}

# Three seconds of what comes to $port go to 'got'.
receive()
{
	rm -f ready
	mkfifo ready
	vc-recv --ready=ready --sdp peer.sdp -t 3s rtp://127.0.0.1:0 >got \
		2>err 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ url <ready
	port=${url##*:}
}

# The pictures of film $1 are those that were sent, in their order: $2 of them
# at least, each above $3 dB, all above $4.
like()
{
	"$VC_BUILD/tests/interop/filmlike" "$film" "$1" >like
	awk -v n="$2" -v least="$3" -v mean="$4" '{ exit !($4 >= n &&
		$6 == 0 && $8 >= least && $10 >= mean) }' like ||
		fail "$1: $(cat like)"
}

# seen CODEC: what is in 'got' is whole, and the film.
seen()
{
	ended
	run cat err
	assert_output ""
	vc-probe --json got >r.json
	# The end may come in the middle of a picture.
	run jq -c '[.malformed // 0, .sources[].malformed // 0],
		(.sources[] | [.codec, .media.lost, .broken <= 1, .waiting,
		.width, .height, .key_frames > 0])' r.json
	assert_line "[\"$1\",0,true,0,320,180,true]"
	assert_line '[0,0]'
	vc-play --fps 25 --y4m shown.y4m --only "$(jq -r '.sources[].id' r.json)" \
		got
	# How many there are is up to the machine: 75 if it is idle.
	like shown.y4m 10 34 40
	rm shown.y4m
}

# ffmpeg_send OPTION...: the film to $port.
ffmpeg_send()
{
	ffmpeg -nostdin -v error -re -i "$film" -b:v 500k -g 25 \
		-pix_fmt yuv420p "$@" -f rtp "rtp://127.0.0.1:$port" \
		>ff.out 2>ff.err 3>&- &
	pids+=($!)
}

# gst_send ELEMENT...: the film through these to $port.
gst_send()
{
	gst-launch-1.0 -q filesrc location="$film" ! y4mdec ! \
		"$@" pt=96 ! udpsink host=127.0.0.1 port="$port" 2>gst.err \
		3>&- &
	pids+=($!)
}

@test "ffmpeg's VP8 and VP9 are seen" {
	describe VP8
	receive
	ffmpeg_send -c:v libvpx -deadline realtime -cpu-used 8
	seen VP8
	describe VP9
	receive
	ffmpeg_send -c:v libvpx-vp9 -strict experimental -deadline realtime \
		-cpu-used 8
	seen VP9
}

@test "ffmpeg's H.264 is seen: in fragments, and in single units" {
	describe H264 packetization-mode=1
	receive
	ffmpeg_send -c:v libx264 -preset ultrafast -tune zerolatency
	seen H264
	describe H264 packetization-mode=0
	receive
	ffmpeg_send -c:v libx264 -preset ultrafast -tune zerolatency \
		-x264-params slice-max-size=1100 -rtpflags h264_mode0
	seen H264
}

@test "ffmpeg's H.264 is seen with its parameter sets in the SDP only" {
	local sets=(-c:v libx264 -preset ultrafast -tune zerolatency -flags:v
		+global_header)

	# It writes the SDP when it starts: once to learn it, then for good.
	ffmpeg -nostdin -v error -i "$film" -frames:v 1 -b:v 500k -g 25 \
		-pix_fmt yuv420p "${sets[@]}" -sdp_file ff.sdp -f rtp \
		"rtp://127.0.0.1:$(free_port)" >/dev/null
	run sed -n 's/^a=fmtp:96 //p' ff.sdp
	assert_output --partial sprop-parameter-sets=
	describe H264 "${output%$'\r'}"
	receive
	ffmpeg_send "${sets[@]}"
	seen H264
}

@test "GStreamer's VP8, VP9 and H.264 are seen" {
	describe VP8
	receive
	gst_send vp8enc deadline=1 cpu-used=8 keyframe-max-dist=25 \
		target-bitrate=500000 ! rtpvp8pay picture-id-mode=2
	seen VP8
	describe VP9
	receive
	gst_send vp9enc deadline=1 cpu-used=8 keyframe-max-dist=25 \
		target-bitrate=500000 ! rtpvp9pay picture-id-mode=2
	seen VP9
	describe H264 packetization-mode=1
	receive
	gst_send openh264enc gop-size=25 bitrate=500000 ! h264parse ! \
		rtph264pay config-interval=-1 aggregate-mode=zero-latency
	seen H264
}

@test "GStreamer's H.264 is seen in single units" {
	describe H264 packetization-mode=0
	receive
	gst_send x264enc tune=zerolatency key-int-max=25 bitrate=500 \
		speed-preset=ultrafast option-string=slice-max-size=1100 ! \
		rtph264pay config-interval=-1 aggregate-mode=none mtu=1400
	seen H264
}

# --- what we send ---

# Sends the film in codec $1, with what follows as options; o.sdp is there then.
send()
{
	local codec=$1

	shift
	port=$(free_port)
	rm -f sdp
	mkfifo sdp
	vc-capture --virtual -t 20s --audio none --fps 25 --size 320x180 \
		--keyint 1s --vcodec "$codec" "$@" --name alice test: 3>&- |
		vc-send --sdp-out sdp "rtp://127.0.0.1:$port" 2>send.err 3>&- &
	pids+=($!)
	cat sdp >o.sdp
}

# Forty pictures of o.sdp to shown.y4m.
ffmpeg_shows()
{
	timeout 60 ffmpeg -nostdin -v error -y -protocol_whitelist \
		file,udp,rtp -i o.sdp -frames:v 40 -fps_mode passthrough \
		-f yuv4mpegpipe shown.y4m 2>ff.err 3>&-
}

# The same, through elements $1 and $2.
gst_shows()
{
	# Converted twice: y4menc takes no pictures with borders.
	# shellcheck disable=SC2086 # elements
	timeout 60 gst-launch-1.0 -q filesrc location=o.sdp ! \
		sdpdemux ! $1 ! $2 ! \
		videoconvert ! video/x-raw,format=YV12 ! \
		videoconvert ! video/x-raw,format=I420 ! \
		identity eos-after=40 ! y4menc ! \
		filesink location=shown.y4m 3>&-
}

@test "ffmpeg shows our VP8, VP9 and H.264" {
	for codec in vp8 vp9 h264; do
		send "$codec"
		ffmpeg_shows
		like shown.y4m 40 34 40
	done
}

@test "GStreamer shows our VP8, VP9 and H.264" {
	while read -r codec depay decode; do
		send "$codec"
		gst_shows "$depay" "$decode"
		like shown.y4m 38 34 40
	done <<-'END'
	vp8 rtpvp8depay vp8dec
	vp9 rtpvp9depay vp9dec
	h264 rtph264depay h264parse ! openh264dec
	END
}

@test "both show our H.264 in single units, and x264's" {
	send h264 --packetization-mode 0
	ffmpeg_shows
	like shown.y4m 40 34 40
	send h264 --encoder x264 --packetization-mode 0
	ffmpeg_shows
	like shown.y4m 40 34 40
	send h264 --packetization-mode 0
	gst_shows rtph264depay "h264parse ! openh264dec"
	like shown.y4m 38 34 40
	send h264 --encoder x264
	gst_shows rtph264depay "h264parse ! openh264dec"
	like shown.y4m 38 34 40
}

# All of them are sent, and no picture is worse than without.
@test "layers are shown: VP8's by ffmpeg and GStreamer, VP9's by GStreamer" {
	send vp8 --layers L1T3
	ffmpeg_shows
	like shown.y4m 40 34 40
	for row in vp8:L1T3 vp9:L3T3; do
		send "${row%:*}" --layers "${row#*:}"
		gst_shows "rtp${row%:*}depay" "${row%:*}dec"
		like shown.y4m 38 34 39
	done
}
