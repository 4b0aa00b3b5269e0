#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Janus's AudioBridge mixes two who call it by plain RTP, tones by ffmpeg: alice
# with Opus, bob with PCMU.
set -eu

# shellcheck source=tests/interop/heavy/janus.bash
. "${BASH_SOURCE[0]%/*}/janus.bash"
# shellcheck disable=SC2154 # $janus, $speaker
trap 'kill $janus $speaker' EXIT
start_janus

# call NAME PORT CODEC TYPE OPTION...: from this port, for 4 s.
call()
{
	ask attach "$1" audiobridge
	ask "$1" '{ "request": "join", "room": 9, "display": "'"$1"'",
		"codec": "'"$3"'", "rtp": { "ip": "127.0.0.1",
		"port": '"$2"', "payload_type": '"$4"' } }'
	echo "$reply"
	ffmpeg -nostdin -loglevel error -re -f lavfi -i sine=440:r=48000 -t 4 \
		"${@:5}" -payload_type "$4" -f rtp \
		"rtp://127.0.0.1:$(said .rtp.port)?localrtpport=$2" >/dev/null &
	calls+=("$!")
}

calls=()
ask attach room audiobridge
ask room '{ "request": "create", "room": 9, "sampling_rate": 48000,
	"allow_rtp_participants": true }'
call alice 6000 opus 111 -c:a libopus
call bob 6002 pcmu 0 -ar 8000 -c:a pcm_mulaw
wait "${calls[@]}"
