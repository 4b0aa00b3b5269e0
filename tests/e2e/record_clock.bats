#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What a recording says of its senders' clocks, and where it puts their media.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=120
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 60s --size 160x90 --fps 5 --vbitrate 50k \
		--keyint 10s --name al --cname al test: >al.vcrtp
}

setup()
{
	begin
	al=$BATS_FILE_TMPDIR/al.vcrtp
}

skew() { python3 "$BATS_TEST_DIRNAME/skew.py" "$@"; }

# What the sidecar of $1 says of both clocks: an array.
clocks()
{
	jq -s 'map(select(.ev == "clock"))' "$1.events.jsonl"
}

# Is $2 true of both clocks of $1?
both()
{
	clocks "$1" | jq -e "length == 2 and all($2)"
}

@test "the clock of each source is measured by all its reports" {
	for ppm in 500 -500 0 37.5; do
		skew $ppm <"$al" | vc-record -q s.webm
		both s.webm '.by == "reports" and .pairs >= 59 and .steps == 0 and
			(.ppm - '$ppm' | fabs < 1) and .residual_ms < 0.1 and
			.span_ms > 58000' || { clocks s.webm && false; }
		rm s.webm*
	done
}

@test "a clock that is set is a step, tilts nothing, and moves no media" {
	for by in 1000 -1000 -86400000; do
		skew 200 30 $by <"$al" | vc-record -q s.webm
		both s.webm '.steps == 1 and (.ppm - 200 | fabs < 1)' ||
			{ clocks s.webm && false; }
		vc-record verify --headers s.webm
		run -0 jq -c '[.tracks[] | .units, (.end_ms - 60000 | fabs < 5),
			.gaps, .dropped]' s.webm.json
		assert_output '[300,true,0,0,3000,true,0,0]'
		rm s.webm*
	done
}

@test "without reports arrival is the clock, and it is said" {
	cat >quiet.py <<-'END'
		import sys
		sys.path.insert(0, sys.argv[1])
		from vcframes import frame, frames, is_rtcp
		for p in frames(sys.stdin.buffer.read()):
		    if not (is_rtcp(p) and p[1] == 200):
		        sys.stdout.buffer.write(frame(p))
	END
	python3 quiet.py "$BATS_TEST_DIRNAME" <"$al" >no.vcrtp
	skew 300 <no.vcrtp | vc-record -q s.webm
	both s.webm '.by == "arrival" and (.ppm - 300 | fabs < 20)' ||
		{ clocks s.webm && false; }
}

@test "sound and picture stay together: clocks off, loss, late reports" {
	# An hour of it: tests/interop/heavy/avsync.bats.
	MINUTES=1 "$BATS_TEST_DIRNAME/avsync.sh" 500,500 -500,500
}
