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

@test "a clock that is set is a step, and tilts nothing" {
	skew 200 30 1000 <"$al" | vc-record -q s.webm
	both s.webm '.steps == 1 and (.ppm - 200 | fabs < 1)' ||
		{ clocks s.webm && false; }
	vc-record verify s.webm
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

@test "sound and picture of a sender 500 ppm off stay together, to the end" {
	vc-capture --virtual -t 60s --size 320x180 --fps 10 --vbitrate 100k \
		--keyint 10s --name al --cname al --marks test: >al.vcrtp
	for ppm in 500 -500; do
		skew $ppm <al.vcrtp | vc-record -q s.webm
		# At the beginning, in the middle and at the end, of what is decoded.
		for part in 0s-20s 20s-40s 40s-; do
			vc-probe --marks --json --part "$part" s.webm >report
			run -0 jq -c '.sources[] | select(.kind == "audio").marks |
				[.read >= 18, (.av_offset_ms | fabs <= 10)]' report
			assert_output '[true,true]'
		done
		rm s.webm*
	done
}
