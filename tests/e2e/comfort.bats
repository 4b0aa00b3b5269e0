#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Comfort noise (RFC 3389) of a sender of G.711 who is silent at times: it is
# heard, it is no voice, and no packet is missed for it. On the virtual clock.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	vc-capture --virtual -t 7s --video none --people 1 --name bob \
		--cname bob --acodec "${codec-pcmu}" --talk bob1=1s-2s,4s-5s test: \
		>plain.vcrtp
	vc-capture --virtual -t 7s --video none --people 1 --name ann \
		--cname ann --talk ann1=99s- test: >ann.vcrtp
}

comfort() { "$BATS_TEST_DIRNAME/comfort.py" "$@" <plain.vcrtp; }

# The level of file $1 between seconds $2 and $3: dBFS, whole numbers; 'none'.
level()
{
	python3 - "$@" <<-'END'
		import array
		import math
		import sys
		import wave

		w = wave.open(sys.argv[1])
		pcm = array.array("h")
		pcm.frombytes(w.readframes(w.getnframes()))
		n = w.getnchannels() * w.getframerate()
		part = pcm[int(float(sys.argv[2]) * n):int(float(sys.argv[3]) * n)]
		power = sum(v * v for v in part) / len(part) / 32768 ** 2
		print(round(10 * math.log10(power)) if power else -127)
	END
}

# It is between: within VALUE LEAST MOST
within()
{
	echo "$*"
	[ "$1" -ge "$2" ] && [ "$1" -le "$3" ]
}

@test "comfort noise is played as loud as it is said to be" {
	vc-play --wav plain.wav plain.vcrtp </dev/null
	assert_equal "$(level plain.wav 2.6 3.8)" -127
	# White of -50 dBov; then brown of -40.
	comfort 32 2819 >noise.vcrtp
	vc-play --wav noise.wav noise.vcrtp </dev/null 2>err
	assert_equal "$(cat err)" ""
	within "$(level noise.wav 1.2 1.6)" -30 -10
	within "$(level noise.wav 2.6 3.8)" -52 -39
	within "$(level noise.wav 5.6 6.8)" -52 -39
	# Nothing of it is taken for a loss.
	run -0 vc-probe --expect 'loss==0' --json noise.vcrtp
	run jq -c '[.sources[].codec]' <<<"$output"
	assert_output '["PCMU"]'
}

@test "a mixer plays it, and takes it for nobody's voice" {
	comfort 2d >noise.vcrtp
	vc-mix --minus-one --video=off bob=noise.vcrtp ann=ann.vcrtp \
		--stats=stats >mix.vcrtp
	vc-play --as ann --wav noise.wav mix.vcrtp </dev/null
	within "$(level noise.wav 2.6 3.8)" -49 -44
	within "$(level noise.wav 5.8 6.8)" -49 -44
	run jq -sc 'map(.mix.participants[] | select(.id == "bob")) |
		[(map(.sources[0].noise) | max > 150000),
		(map(.sources[0] | .concealed, .lost) | max),
		(map(.spoken_ms) | max < 2000)]' stats
	assert_output '[true,0,true]'
	run jq -sc 'map(select(.event.ev == "speaker").event.on)' \
		<(vc-probe --packets=json mix.vcrtp)
	assert_output '[true,false,true,false]'
	# Where there are more than may be heard, it holds no place.
	vc-mix --talkers 1 --minus-one --video=off bob=noise.vcrtp \
		ann=ann.vcrtp eve=ann.vcrtp >mix.vcrtp
	vc-play --as ann --wav noise.wav mix.vcrtp </dev/null
	within "$(level noise.wav 3 3.8)" -127 -80
}

@test "it goes on with what is selected, and is heard there" {
	comfort 2d >noise.vcrtp
	vc-mix --audio=select --video=off noise.vcrtp >mix.vcrtp
	run vc-probe --packets=json mix.vcrtp
	run jq -sc 'map(select(.type == "rtp")) | [([.[].pt] | unique),
		([range(1; length) as $i | (.[$i].seq - .[$i - 1].seq + 65536)
			% 65536] | unique)]' <<<"$output"
	assert_output '[[0,13],[1]]'
	vc-play --wav noise.wav mix.vcrtp </dev/null
	within "$(level noise.wav 2.6 3.8)" -49 -44
}
