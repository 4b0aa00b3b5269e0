#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What is sent on as it is where that is all that somebody gets, else mixed or
# composed: nobody hears or sees a hole where one becomes the other.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
}

# tone NAME HZ [OPTION...]: four seconds of his.
tone()
{
	vc-capture --virtual --video none -t 4s --name "$1" --cname "$1" \
		"${@:3}" "tone:$2" >"$1.vcrtp"
}

# What vc-send gives $1 of stream $2, in got.vcrtp.
receive()
{
	local port

	port=$(free_port)
	rm -f ready
	vc-recv --ready=ready --stop-on bye -o got.vcrtp \
		"rtp://127.0.0.1:$port" 3>&- &
	pid=$!
	pids+=("$pid")
	wait_for test -s ready
	vc-send --fast -i "$2" "$1=rtp://127.0.0.1:$port"
	ended
}

# The RTP packets of stream $1: how many sources, and what the steps are from one
# sequence number, and RTP time, to the next.
steps()
{
	vc-probe --packets=json "$1" | jq -sc 'map(select(.type == "rtp")) |
		[(map(.ssrc) | unique | length)] +
		([[.[1:], .[:-1]] | transpose[] | select(.[0]) |
		[(.[0].seq - .[1].seq + 65536) % 65536,
		(.[0].ts - .[1].ts + 4294967296) % 4294967296]] | unique)'
}

# How many of the 5 ms of $1 after $2 ms are quiet but for the last 100 ms.
quiet()
{
	python3 - "$@" <<-'END'
		import array, sys
		data = open(sys.argv[1], "rb").read()
		at = data.index(b"data") + 8
		pcm = array.array("h")
		pcm.frombytes(data[at:len(data) - (len(data) - at) % 2])
		pcm = pcm[int(sys.argv[2]) * 48:-4800]
		print(sum(max(pcm[i:i + 240]) < 1000
		    for i in range(0, len(pcm) - 240, 240)))
	END
}

@test "sound goes on, to the tick, from what is selected to a mix and back" {
	local how wav

	for how in "0ms 0ms 1500ms" "7ms 13ms 1504ms"; do
		read -r ann bob carl <<<"$how"
		tone ann 500 --start "$ann"
		tone bob 900 --start "$bob"
		tone carl 1400 --start "$carl" -t 1s
		vc-mix --policy symmetric --video=off --audio=auto --stats=stats \
			ann=ann.vcrtp bob=bob.vcrtp carl=carl.vcrtp -o mix.vcrtp
		# Both are selected, then there are mixes, then both again.
		run jq -sc '[.[].mix | select(.participants | length > 0) |
			[(.selected | length), .mixes]] |
			[.[0], .[1], .[3]]' stats
		assert_output '[[2,0],[0,3],[2,1]]'
		receive bob mix.vcrtp
		run steps got.vcrtp
		assert_output '[1,[1,960]]'
		for wav in "" "--latency=100ms"; do
			# shellcheck disable=SC2086 # or none
			vc-play --as bob $wav --wav bob.wav mix.vcrtp </dev/null
			run quiet bob.wav 100
			assert_output 0
		done
	done
}
