#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The conference of the examples on the virtual clock, and its speed.

setup()
{
	cd "$BATS_TEST_TMPDIR"
	example=$BATS_TEST_DIRNAME/../examples/conference.sh
	# Small enough for sanitizers; make demo runs it in full.
	export VC_DEMO_SIZE=320x180 VC_DEMO_GRID=640x360
}

@test "on the virtual clock: one checksum, run after run" {
	VC_DEMO=virtual VC_DEMO_OUT=a VC_DEMO_TIME=6s "$example" >a.txt
	VC_DEMO=virtual VC_DEMO_OUT=b VC_DEMO_TIME=6s "$example" >b.txt
	grep -q '^checksum [0-9a-f]\{64\}$' a.txt
	[ "$(head -n 1 a.txt)" = "$(head -n 1 b.txt)" ]
	cmp a/alice.vcrtp b/alice.vcrtp
}

@test "an expectation that fails fails the conference" {
	# Nobody speaks for long enough to be heard.
	run env VC_DEMO=virtual VC_DEMO_OUT=out VC_DEMO_TIME=1s "$example"
	[ "$status" -eq 3 ]
	[[ $output == *"heard["*"failed"* ]]
}

@test "a minute of three, 30 frames/s of 1280x720, faster than real time" {
	local time=60

	# With sanitizers it is another program.
	! grep -q __asan_init "$(command -v vc-mix)" || time=10
	for p in alice bob carol; do
		vc-capture --virtual -t "${time}s" --name "$p" --cname "$p" \
			-o "$p.talk" test: 3>&- &
	done
	wait
	TIMEFORMAT='%U %S'
	{ time vc-mix --minus-one alice=alice.talk bob=bob.talk \
		carol=carol.talk >mix.vcrtp; } 2>spent
	cat spent
	vc-probe --as alice --json mix.vcrtp >r.json
	jq -e '.sources[] | select(.kind == "video") | .frames >= '$((time * 30 - 5))' and .width == 1280' r.json
	# 20 s on two idle cores; CPU time, as others may be busy.
	[ "$time" -lt 60 ] || awk '{ exit !($1 + $2 < 60) }' spent
}
