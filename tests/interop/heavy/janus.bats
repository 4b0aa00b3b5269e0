#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What vc-send sends, as Janus takes it: its Streaming plugin, in clear and
# SRTP, and its AudioBridge, which mixes it and sends it back to the port it came
# from. Runs live: live sound is judged.

# shellcheck disable=SC2154 # $reply
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((90 * ${VC_SLOW:-1}))
load ../../common

# shellcheck source=tests/interop/heavy/janus.bash
. "$BATS_TEST_DIRNAME/janus.bash"

setup()
{
	begin
	start_janus
	pids+=("$janus" "$speaker")
}

teardown()
{
	exec 7>&- 8<&-
	kill_all
	cat ask.err
	tail -n 20 janus.log
}

# The payloads of a payload type in a stream.
payloads() { python3 "$BATS_TEST_DIRNAME/../../e2e/payloads.py" "$2" <"$1"; }

# A mountpoint with this in its request besides formats and ports; it records
# what comes. $audio and $video are its ports.
mountpoint()
{
	ask attach s streaming
	ask s '{ "request": "create", "type": "rtp", "id": 7, "name": "x",
		"media": [
		{ "type": "audio", "mid": "a", "port": 0, "pt": 111,
			"codec": "opus" },
		{ "type": "video", "mid": "v", "port": 0, "pt": 96,
			"codec": "vp8" } ] '"$1 }"
	ports=$(said '.stream.ports | map(.port) | join(" ")')
	read -r audio video < <(tr -d '"' <<<"$ports")
	ask s '{ "request": "recording", "action": "start", "id": 7, "media": [
		{ "mid": "a", "filename": "'"$PWD"'/a" },
		{ "mid": "v", "filename": "'"$PWD"'/v" } ] }'
	assert_equal "$(said .streaming)" '"ok"'
}

# All that was sent arrived and is as it was.
recorded()
{
	ask s '{ "request": "info", "id": 7 }'
	run said '.info.media | map(.age_ms < 5000) | all'
	assert_output true
	ask s '{ "request": "recording", "action": "stop", "id": 7 , "media": [
		{ "mid": "a" }, { "mid": "v" } ] }'
	vc-recv a.mjr >a.vcrtp
	vc-recv v.mjr >v.vcrtp
	payloads a.vcrtp 111 >a.got
	payloads v.vcrtp 96 >v.got
	payloads clip 111 >a.sent
	payloads clip 96 >v.sent
	[ "$(wc -l <a.sent)" -ge 100 ]
	[ "$(wc -l <v.sent)" -ge 100 ]
	cmp a.got a.sent
	cmp v.got v.sent
}

@test "Streaming takes sound and pictures" {
	vc-capture --virtual -t 2s --size 320x180 --fps 25 test: >clip
	mountpoint ''
	vc-send -i clip "rtp://127.0.0.1:$audio,media=audio" \
		"rtp://127.0.0.1:$video,media=video"
	recorded
}

@test "Streaming takes SRTP" {
	vc-capture --virtual -t 2s --size 320x180 --fps 25 test: >clip
	(umask 077; vc-send --new-key=AES_CM_128_HMAC_SHA1_80 >k)
	key=$(sed 's/.*inline:\([^|]*\).*/\1/' k)
	mountpoint ', "srtpsuite": 80, "srtpcrypto": "'"$key"'"'
	vc-send -i clip --key-file k "srtp://127.0.0.1:$audio,media=audio" \
		"srtp://127.0.0.1:$video,media=video"
	recorded
}

@test "AudioBridge mixes those who call it, and each hears the other" {
	ask attach room audiobridge
	ask room '{ "request": "create", "room": 9, "sampling_rate": 48000,
		"allow_rtp_participants": true }'
	for who in alice bob; do
		port=$(free_port)
		ask attach $who audiobridge
		ask $who '{ "request": "join", "room": 9, "display": "'$who'",
			"rtp": { "ip": "127.0.0.1", "port": '"$port"',
			"payload_type": 111 } }'
		assert_equal "$(said .audiobridge)" '"joined"'
		vc-capture -t 5s --video none --name $who test: 3>&- |
			vc-send --duplex \
			"rtp://127.0.0.1:$(said .rtp.port),bind=127.0.0.1:$port" \
			>$who.vcrtp 3>&- &
		pids+=("$!")
	done
	wait "${pids[@]:2}"
	ask room '{ "request": "listparticipants", "room": 9 }'
	run said '.participants | map(.display) | sort'
	assert_output '["alice","bob"]'
	vc-probe -e 'heard[bob]>60%' -e 'heard[alice]<5%' alice.vcrtp
	vc-probe -e 'heard[alice]>60%' -e 'heard[bob]<5%' bob.vcrtp
}
