#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# RTP to and from ffmpeg and GStreamer, and figures beside tshark's; on loopback
# only. Runs live, 40 s: peers send at the pace of their media.

# shellcheck disable=SC2016,SC2154 # for bash -c; bats sets output
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((90 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	e2e=$BATS_TEST_DIRNAME/../e2e
}

# Two even ports that are free, and so are the next ones.
ports() { a=$(free_port) b=$(free_port); }

# Sends the test signal for 20 s to $a and $b; returns when o.sdp is there.
play()
{
	mkfifo sdp
	vc-capture -t 20s --keyint 1s test: 3>&- | vc-send --sdp-out sdp \
		"rtp://127.0.0.1:$a,media=audio" \
		"rtp://127.0.0.1:$b,media=video" 2>send.err 3>&- &
	pids+=($!)
	cat sdp >o.sdp
}

# Starts vc-recv on two ports of its own choice; they are then $a and $b.
receive()
{
	mkfifo ready
	vc-recv --ready=ready --stats=stats "$@" rtp://127.0.0.1:0 \
		rtp://127.0.0.1:0 >got 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	mapfile -t urls < <(sed 's/^ready rtp:..127.0.0.1://' ready)
	a=${urls[0]} b=${urls[1]}
}

# ffmpeg's sender: pictures to $1, sound to $2, with its own payload types. In
# the background it is its own process.
ffmpeg_send()
{
	exec ffmpeg -nostdin -v error -re \
		-f lavfi -i testsrc=size=320x240:rate=25 \
		-f lavfi -i sine=frequency=440:sample_rate=48000 -t 6 \
		-map 0 -c:v libvpx -deadline realtime -b:v 300k -g 25 \
		-f rtp "rtp://127.0.0.1:$1" -map 1 -c:a libopus \
		-f rtp "rtp://127.0.0.1:$2" -sdp_file ff.sdp 3>&-
}

# --- what we send ---

@test "ffmpeg plays --sdp-out: two seconds of sound and pictures" {
	ports
	play
	timeout 40 ffmpeg -nostdin -v error -protocol_whitelist file,udp,rtp \
		-i o.sdp -t 2 -c:a pcm_s16le -c:v ffv1 out.mkv 3>&-
	run ffprobe -v error -count_frames -of csv -show_entries \
		stream=codec_type,width,height,nb_read_frames out.mkv
	# Which of them it begins with is up to it.
	assert_line --regexp '^stream,video,640,360,[1-9][0-9]'
	assert_line --regexp '^stream,audio,([5-9][0-9]|1[0-9][0-9])'
	# Its address and formats were right: nothing was refused or dropped.
	run cat send.err
	refute_output --partial "two sections on one port"
}

# A word every 300 ms, of which it reads four.
@test "ffmpeg reads our text" {
	ports
	mkfifo sdp
	words=()
	for ((i = 1; i < 60; i++)); do
		words+=(--at "$((i * 300))ms text Wörter$i")
	done
	vc-capture -t 20s --text /dev/null --text-bare "${words[@]}" 3>&- |
		vc-send --sdp-out sdp "rtp://127.0.0.1:$a" 3>&- &
	pids+=($!)
	cat sdp >o.sdp
	timeout 40 ffmpeg -nostdin -v error -protocol_whitelist file,udp,rtp \
		-i o.sdp -frames:s 4 -f srt - >srt 3>&-
	grep -o 'Wörter[0-9]*' srt >got
	[ "$(wc -l <got)" -ge 4 ]
	n=$(head -n 1 got | tr -dc 0-9)
	while read -r word; do
		[ "$word" = "Wörter$n" ]
		n=$((n + 1))
	done <got
}

@test "GStreamer plays --sdp-out: fifty buffers of sound, thirty pictures" {
	ports
	play
	timeout 40 gst-launch-1.0 -q filesrc location=o.sdp ! sdpdemux name=d \
		d.stream_0 ! queue ! rtpopusdepay ! opusdec ! \
		fakesink num-buffers=50 d.stream_1 ! queue ! rtpvp8depay ! \
		vp8dec ! video/x-raw,width=640,height=360 ! \
		fakesink num-buffers=30 3>&-
}

# --- what we receive ---

@test "ffmpeg's RTP is understood by its own SDP: pictures 96, sound 97" {
	# It writes the SDP when it starts: once to learn it, then for good.
	ports
	ffmpeg_send "$a" "$b" &
	pids+=($!)
	wait_for grep opus ff.sdp
	kill "$!"
	wait "$!" || :
	run cat ff.sdp
	assert_line --regexp "m=video $a RTP/AVP 96"
	assert_line --regexp "m=audio $b RTP/AVP 97"
	mkfifo ready
	vc-recv --ready=ready --sdp ff.sdp -t 3s >got 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	cat ready >/dev/null
	ffmpeg_send "$a" "$b" &
	pids+=($!)
	wait "$pid"
	run cat err
	assert_output ""
	vc-probe --json got >r.json
	run jq -c '.sources[] | [.kind, .codec, .media.lost, .malformed // 0]' r.json
	assert_line '["audio","opus",0,0]'
	assert_line '["video","VP8",0,0]'
	# How fast ffmpeg is on a busy machine is not ours to judge.
	run jq -c '[.sources[] | .net.received > 20] | all' r.json
	assert_output true
}

@test "ffmpeg's 97 is named with the cure, and the cure works" {
	receive -t 2s
	ffmpeg_send "$a" "$b" &
	pids+=($!)
	wait "$pid"
	run grep -o "payload type 97 .*--pt 97=opus" err
	assert_success
	[ "$(grep -c 'payload type' err)" -eq 1 ]
	run bash -c 'vc-probe --json got | jq -r ".sources[].kind"'
	assert_output video
	rm ready
	receive -t 2s --pt 97=opus
	ffmpeg_send "$a" "$b" &
	pids+=($!)
	wait "$pid"
	run cat err
	assert_output ""
	run bash -c 'vc-probe --json got | jq -r ".sources[].kind" | sort'
	assert_output $'audio\nvideo'
}

@test "GStreamer's 96 for everything is named with the cure, which works" {
	gst_send()
	{
		exec gst-launch-1.0 -q videotestsrc is-live=true num-buffers=150 ! \
			video/x-raw,width=320,height=240 ! \
			vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay ! \
			udpsink host=127.0.0.1 port="$a" \
			audiotestsrc is-live=true num-buffers=500 \
			samplesperbuffer=480 ! opusenc ! rtpopuspay pt=96 ! \
			udpsink host=127.0.0.1 port="$b" 3>&-
	}
	receive -t 2s
	gst_send &
	pids+=($!)
	wait "$pid"
	run grep -o "payload type 96 is described as VP8.*--pt 96=opus" err
	assert_success
	[ "$(grep -c 'payload type' err)" -eq 1 ]
	# Two ports, each with its own SDP.
	printf '%s\r\n' v=0 'o=- 0 0 IN IP4 127.0.0.1' s=- 't=0 0' \
		'm=audio 0 RTP/AVP 96' 'a=rtpmap:96 opus/48000/2' >opus.sdp
	rm ready
	mkfifo ready
	vc-recv --ready=ready -t 2s rtp://127.0.0.1:0 \
		rtp://127.0.0.1:0,sdp=opus.sdp >got 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	mapfile -t urls < <(sed 's/^ready rtp:..127.0.0.1://' ready)
	a=${urls[0]} b=${urls[1]}
	gst_send &
	pids+=($!)
	wait "$pid"
	run cat err
	assert_output ""
	vc-probe --json got >r.json
	run jq -c '.sources[] | [.kind, .codec, .media.lost]' r.json
	assert_line '["audio","opus",0]'
	assert_line '["video","VP8",0]'
}

# --- beside tshark ---

# Captures on loopback what goes to port $1, $2 packets, in a namespace of its
# own where that is what it takes.
measure()
{
	cat >inside <<-'END'
		set -eu
		ip link set lo up 2>/dev/null || :
		mkfifo ready
		# Nothing is asked for: what comes late is late, not won.
		vc-recv --ready=ready --stop-on bye --feedback=rr \
			rtp://127.0.0.1:0 >got &
		read -r _ url <ready
		port=${url##*:}
		echo "$port" >port
		# RTP of type 0 only, not the RTCP beside it.
		timeout 60 dumpcap -q -i lo -s 128 -c 990 -w cap.pcapng -f \
			"udp dst port $port and udp[9] & 0x7f = 0" 2>cap.err &
		cap=$!
		until grep -q File: cap.err; do kill -0 "$cap"; done
		vc-send -i sent "$url"
		wait
	END
	if dumpcap -D 2>/dev/null | grep -qw lo; then
		bash inside 3>&-
	else
		unshare -rn bash inside 3>&-
	fi
}

@test "packets, loss and jitter are tshark's" {
	python3 "$e2e/probestream.py" pcmu >sent
	measure
	vc-probe --json got >r.json
	tshark -r cap.pcapng -d "udp.port==$(cat port),rtp" -q -z rtp,streams \
		>streams 2>/dev/null
	# Start, end, from, port, to, port, SSRC, payload, packets, lost (%),
	# then deltas and jitter: min, mean, max.
	row=$(grep 0x streams | tr -d '()%')
	read -r packets lost mean max < <(awk '{ n = NF
		while ($n !~ /^[0-9.]+$/) n--
		for (i = 1; i <= NF; i++) if ($i ~ /^0x/) s = i
		for (i = s + 1; $i !~ /^[0-9]+$/; i++);
		print $i, $(i + 1), $(n - 1), $n }' <<<"$row")
	echo "tshark: $packets $lost $mean $max"
	jq -c '.sources[0].net' r.json
	run jq -c --argjson p "$packets" --argjson l "$lost" \
		--argjson m "$mean" --argjson x "$max" '.sources[0].net |
		[.received == $p, .lost == $l,
		(.jitter_mean_ms - $m | fabs) <= 0.01,
		(.jitter_max_ms - $x | fabs) <= 0.01]' r.json
	assert_output '[true,true,true,true]'
	# It was a stream with trouble in it.
	run jq -c '.sources[0].net | [.lost, .duplicates, .jitter_max_ms > 5]' \
		r.json
	assert_output '[10,27,true]'
}
