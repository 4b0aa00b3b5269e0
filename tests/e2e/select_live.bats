#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Selecting over UDP: key frames are asked for all the way back to who sends.
#
# Runs live, 12 s: it is what comes over sockets that is judged.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

@test "a call, and who changes in front of it, with key frames by request only" {
	in=$(free_port) ann=$(free_port) bob=$(free_port) hall=$(free_port)
	for who in ann bob hall; do
		vc-recv -t 8s "rtp://127.0.0.1:${!who}" >"$who.vcrtp" \
			2>"$who.err" 3>&- &
		pids+=("$!")
	done
	mkfifo mixed
	vc-send ann=rtp://127.0.0.1:"$ann" bob=rtp://127.0.0.1:"$bob" \
		hall=rtp://127.0.0.1:"$hall" <mixed 2>send.err 3>&- &
	pids+=("$!")
	vc-recv rtp://127.0.0.1:"$in" 2>recv.err 3>&- |
		vc-mix --policy symmetric --out hall --trust-names \
			--audio=select --video=select --control=ctl \
			--stats=stats 2>mix.err >mixed 3>&- &
	pids+=("$!")
	for who in ann bob; do
		vc-capture --name "$who" --cname "$who" --size 320x180 \
			--fps 15 --vbitrate 200k --keyint 60s test: \
			2>"$who.cap" 3>&- |
			vc-send rtp://127.0.0.1:"$in" 2>"$who.send" 3>&- &
		pids+=("$!")
	done
	wait_for here ctl 3
	# First one is in front, then the other: a key frame of each is needed.
	vc-ctl ctl mute bob
	grown hall.vcrtp 100000
	vc-ctl ctl mute ann
	vc-ctl ctl unmute bob
	wait "${pids[0]}" "${pids[1]}" "${pids[2]}"
	for who in ann bob hall; do
		vc-probe --json "$who.vcrtp" >"$who.json"
	done
	# The others' pictures without a break; each sees the other only.
	run jq -s '[.[].sources[] | select(.kind == "video") |
		.frames > 40 and .broken == 0] | all' ann.json bob.json hall.json
	assert_output true
	run jq -s 'map([.sources[] | select(.kind == "video")] | length)' -c \
		ann.json bob.json hall.json
	assert_output '[1,1,1]'
	# Of both there were key frames, in one source of the hall's.
	run jq -sc '[.[] | select(.type == "rtp" and .key).csrcs[0]] |
		unique | length' <(vc-probe --packets=json hall.vcrtp)
	assert_output 2
	run jq -sc 'map(.mix | select(.selected | length > 0)) | last |
		[.keys_asked >= 2, .keys_asked < 12,
		([.participants[].sources[].frames] | add)]' stats
	assert_output '[true,true,0]'
}
