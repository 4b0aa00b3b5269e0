#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# vc-send and vc-recv with ffmpeg, GStreamer and tshark, on loopback.

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	pids=()
}

teardown()
{
	local pid

	for pid in "${pids[@]}"; do
		kill -KILL "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
}

# A port that is free now, for a program that cannot say which it took.
free_port()
{
	local url

	rm -f ready0
	mkfifo ready0
	vc-recv --ready=ready0 --wait 1ms rtp://127.0.0.1:0 >/dev/null 2>&1 3>&- &
	read -r _ url <ready0
	wait $! || :
	echo "${url##*:}"
}

# vc-recv with options $@ into got.vcrtp; its endpoint is $url, its pid $recv.
listen()
{
	mkfifo ready
	vc-recv --ready=ready --wait 20s --stop-on bye --idle-timeout 2s \
		-o got.vcrtp "$@" rtp://127.0.0.1:0 2>err 3>&- &
	recv=$!
	pids+=("$recv")
	read -r _ url <ready
}

# Ten seconds to two ports, described by x.sdp; a key frame each half second.
send()
{
	local audio video

	audio=$(free_port)
	video=$(free_port)
	vc-capture -t 10s --keyint 500ms test: 3>&- |
		vc-send -q --sdp-out x.sdp \
			"rtp://127.0.0.1:$audio,media=audio,rtcp=+1" \
			"rtp://127.0.0.1:$video,media=video,rtcp=+1" \
			2>send.err 3>&- &
	pids+=("$!")
	# The file is there, whole, once vc-send has opened everything.
	timeout 10 bash -c 'until [ -s x.sdp ]; do read -rt 0.05 <> <(:) || :; done'
}

@test "ffmpeg plays --sdp-out" {
	send
	timeout 30 ffmpeg -v error -nostdin -protocol_whitelist file,udp,rtp \
		-i x.sdp -t 4 -c copy out.mkv
	ffprobe -v error -count_packets -show_entries \
		stream=codec_type,nb_read_packets -of csv=p=0 out.mkv >streams
	awk -F, '$1 == "video" && $2 >= 30 { v = 1 }
		$1 == "audio" && $2 >= 100 { a = 1 } END { exit !(a && v) }' streams
}

@test "GStreamer plays --sdp-out" {
	send
	timeout 30 gst-launch-1.0 -q filesrc location=x.sdp ! \
		sdpdemux name=d timeout=0 \
		d. ! application/x-rtp,media=audio ! queue ! rtpopusdepay ! \
		opusdec ! audioconvert ! \
		audio/x-raw,format=S16LE,channels=1,rate=48000 ! \
		identity eos-after=100 ! filesink location=a.raw \
		d. ! application/x-rtp,media=video ! queue ! rtpvp8depay ! \
		vp8dec ! identity eos-after=30 ! filesink location=v.raw
	[ "$(stat -c %s a.raw)" -ge $((90 * 1920)) ]
	[ "$(stat -c %s v.raw)" -ge $((28 * 640 * 360 * 3 / 2)) ]
}

# What ffmpeg sends by itself: 96 for video, 97 for audio.
ffmpeg_sends()
{
	timeout 30 ffmpeg -v error -nostdin -re -f lavfi -i sine=d=3 \
		-re -f lavfi -i testsrc=d=3:s=320x240:r=15 \
		-map 1:v -c:v libvpx -f rtp "$url" \
		-map 0:a -c:a libopus -f rtp "$url" >/dev/null
}

@test "ffmpeg's 96 and 97: the cure is named, and works" {
	listen
	ffmpeg_sends
	wait "$recv"
	grep -q -- '--pt 97=opus' err
	[ "$(grep -c 'payload type 97' err)" -eq 1 ]
	rm ready got.vcrtp
	listen --pt 97=opus
	ffmpeg_sends
	wait "$recv"
	vc-probe --json got.vcrtp >r.json
	jq -e '[.sources[].media.lost] | add == 0' r.json
	jq -e '.sources[] | select(.kind == "video") | .frames >= 40' r.json
	jq -e '.sources[] | select(.kind == "audio") | .media.packets >= 140' r.json
}

gst_sends()
{
	timeout 30 gst-launch-1.0 -q audiotestsrc num-buffers=150 is-live=true \
		samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=1 ! \
		opusenc ! rtpopuspay ! \
		udpsink host=127.0.0.1 port="${url##*:}"
}

@test "GStreamer's 96 for sound: the cure is named, and works" {
	listen
	gst_sends
	wait "$recv" || :
	grep -q -- '--pt 96=opus' err
	rm -f ready got.vcrtp
	listen --pt 96=opus
	gst_sends
	wait "$recv"
	vc-probe --json got.vcrtp >r.json
	jq -e '.sources[] | .codec == "opus" and .media.packets >= 145 and .media.lost == 0' r.json
}

@test "tshark counts what vc-probe counts, jitter within 0.01 ms" {
	listen
	port=${url##*:}
	mkfifo said
	tshark -q -i lo -f "udp port $port" -w cap.pcapng 2>said 3>&- &
	shark=$!
	pids+=("$shark")
	exec 5<said
	timeout 20 sed -n '/Capture started/q' <&5
	vc-capture -t 5s --acodec pcmu --video none test: | vc-send "$url"
	wait "$recv"
	kill -INT "$shark"
	cat <&5 >/dev/null
	wait "$shark"
	tshark -r cap.pcapng -d "udp.port==$port,rtp" -q -z rtp,streams \
		2>/dev/null | grep g711U >streams
	# ... g711U packets lost (lost%) delta*3 jitter min, mean, max
	read -r packets lost mean max < <(awk '{
		for (i = 1; i <= NF; i++)
			if ($i == "g711U")
				print $(i + 1), $(i + 2), $(i + 8), $(i + 9)
	}' streams)
	vc-probe --json got.vcrtp >r.json
	cat streams
	jq -c '.sources[0].net' r.json
	jq -e --argjson p "$packets" --argjson l "$lost" --argjson mean "$mean" \
		--argjson max "$max" '.sources[0].net |
		.received == $p and .lost == $l and
		(.jitter_mean_ms - $mean | fabs) <= 0.01 and
		(.jitter_max_ms - $max | fabs) <= 0.01' r.json
}

@test "ffplay plays a recording to its end" {
	vc-capture --virtual -t 2s test: | vc-record -q rec.webm
	SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy \
		timeout 30 ffplay -v error -autoexit rec.webm 2>errors
	[ ! -s errors ]
}
