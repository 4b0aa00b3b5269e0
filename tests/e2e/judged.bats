#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# --vmaf and --visqol, with stand-ins for both programs (judgelike.py) that look
# at what they get and judge by what is known from elsewhere.

# shellcheck disable=SC2154 # bats sets stderr
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

setup()
{
	local who

	begin
	mkdir keep tmp
	export TMPDIR=$PWD/tmp
	for who in vmaf visqol; do
		printf '#!/bin/sh\nexec python3 "%s" %s "%s" "$@"\n' \
			"$BATS_TEST_DIRNAME/judgelike.py" $who "$PWD/keep" >$who
		chmod +x $who
	done
}

# $1 of the only source of kind $2 in the report.
is()
{
	jq -e "[.sources[] | select(.kind == \"$2\")][0] | $1" report >/dev/null ||
		{
			jq -c '.sources[] | .vmaf, .visqol' report >&2
			return 1
		}
}

# Nothing of ours stays.
is_left_clean() { [ -z "$(ls tmp)" ]; }

# A program $1 of the script in $2.
program()
{
	printf '#!/bin/sh\n%s\n' "$2" >"$1"
	chmod +x "$1"
}

@test "VMAF is given the pairs that PSNR is measured on" {
	"$VC_BUILD/tests/e2e/testy4m" Ann 321x180 30 0 90 >in.y4m
	ffmpeg -v error -y -i in.y4m -c:v libvpx -b:v 200k -deadline realtime \
		in.webm
	vc-capture --virtual --name Ann --copy in.webm >a.vcrtp
	vc-probe --vmaf ./vmaf --json a.vcrtp >report
	is '.vmaf.frames == .picture.compared and .vmaf.frames > 75 and
		(.vmaf.mean - .picture.psnr_db.mean | fabs) < 0.02 and
		(.vmaf.min - .picture.psnr_db.min | fabs) < 0.02 and
		.vmaf.harmonic_mean < .vmaf.mean and .vmaf.why == null' video
	is_left_clean
	# The reference is what was encoded, frame for frame.
	[ "$(tail -c +"$(($(head -1 keep/ref0.y4m | wc -c) + 1))" keep/ref0.y4m |
		sha256sum)" = "$(tail -c "$(($(stat -c %s keep/ref0.y4m) - \
		$(head -1 keep/ref0.y4m | wc -c)))" in.y4m | sha256sum)" ]
	# So it is of --ref.
	vc-probe --vmaf ./vmaf --ref in.y4m --json a.vcrtp >report
	is '.vmaf.frames == 90 and
		(.vmaf.mean - .picture.psnr_db.mean | fabs) < 0.02' video
}

@test "ViSQOL is given the test sound, made again: without loss, the same" {
	local codec

	for marks in --marks --marks=none; do
		vc-capture --virtual -t 4s --video=none --name Ann $marks \
			--acodec l16 test: |
			vc-probe --visqol ./visqol --json >report
		is '.visqol | .mos == 5 and .seconds >= 4 and .seconds < 4.1' \
			audio
		# But for how the chain begins and ends.
		cmp -n 380000 -i 2000 keep/ref0.wav keep/deg0.wav
	done
	# In the middle of it, and at an hour of its own.
	vc-capture --virtual --start 12345.678s -t 9s --video=none --name Bob \
		--acodec l16 test: |
		vc-probe --part 3.33s-8s --visqol ./visqol --json >report
	is '.visqol | .mos > 4.98 and .seconds > 4.5' audio
	cmp -n 430000 -i 4000 keep/ref0.wav keep/deg0.wav
	for codec in opus pcmu g722; do
		vc-capture --virtual -t 4s --video=none --name Ann \
			--acodec $codec test: >a.vcrtp
		vc-probe --visqol ./visqol --json a.vcrtp >report
		is '.visqol.mos > 4.8 and .visqol.mos < 5' audio
	done
	vc-impair loss=20% a.vcrtp |
		vc-probe --visqol ./visqol --json >lossy
	jq -e --slurpfile whole report '.sources[0].visqol.mos + 0.1 <
		$whole[0].sources[0].visqol.mos' lossy
	is_left_clean
}

@test "why there is no figure" {
	ffmpeg -v error -f lavfi -i anoisesrc=d=3:r=48000:a=0.1 -ac 1 in.wav
	vc-capture --virtual --name Ann --video=none --marks=none in.wav |
		vc-probe --visqol ./visqol --json >report
	is '.visqol | .mos == null and .why == "it is no test sound"' audio
	vc-capture --virtual -t 1500ms --name Ann --marks=none test: |
		vc-probe --visqol ./visqol --vmaf ./vmaf --json >report
	is '.visqol | .mos == null and .why == "less than 2 s of sound"' audio
	is '.vmaf | .mean == null and .frames == 0 and
		.why == "no picture was compared"' video
	vc-capture --virtual -t 1s --name Ann test: | vc-probe --json >report
	is '.visqol == null' audio
	is '.vmaf == null' video
	is_left_clean
}

@test "the figure is in rule, table, CSV and list" {
	vc-capture --virtual -t 3s --size 320x180 --name Ann --acodec l16 \
		test: >a.vcrtp
	run -3 --separate-stderr vc-probe --vmaf ./vmaf --visqol ./visqol \
		-e 'video.vmaf>30' -e 'audio.visqol>4' -e 'vmaf.min>99' a.vcrtp
	assert_line --regexp '^  who .* VMAF$'
	assert_line --regexp '^  Ann  video .* [0-9]{2}\.[0-9]$'
	assert_line --regexp '^  who .* ViSQOL$'
	assert_line --regexp '^  ok    video.vmaf>30 '
	assert_line --regexp '^  ok    audio.visqol>4 '
	assert_line --regexp '^  FAIL  vmaf.min>99 '
	vc-probe --vmaf ./vmaf --csv a.vcrtp | python3 -c 'import csv, sys
rows = list(csv.DictReader(sys.stdin))
assert float(rows[0]["vmaf.mean"]) > 30 and not rows[0]["visqol.mos"], rows'
	run -0 vc-probe a.vcrtp
	refute_output --regexp 'VMAF|ViSQOL'
	run -2 vc-probe -e 'vmaf>3' a.vcrtp
	assert_output --partial "'vmaf>3': needs --vmaf EXE"
	run -2 vc-probe --vmaf ./vmaf -e 'vmaf>3 after 1s' a.vcrtp
	assert_output --partial 'vmaf is judged at the end'
	run -2 vc-probe --visqol ./visqol -e 'visqol.p5>3' a.vcrtp
	run -0 vc-probe --list-metrics
	assert_line --regexp '^visqol.mos '
	is_left_clean
}

@test "a program that is none is wrong usage; one that fails is told of" {
	vc-capture --virtual -t 2500ms --size 160x90 --name Ann test: >a.vcrtp
	run -2 vc-probe --vmaf ./none a.vcrtp
	assert_output --partial '--vmaf ./none: No such file'
	run -2 vc-probe --visqol a.vcrtp
	assert_output --partial '--visqol a.vcrtp: No such file'
	run -2 vc-probe --visqol ./a.vcrtp a.vcrtp
	assert_output --partial 'is no program'
	run -2 vc-probe --json --calls --vmaf ./vmaf a.vcrtp
	program bad 'echo one >&2; echo "no model here" >&2; exit 3'
	run -1 --separate-stderr vc-probe --json --vmaf ./bad a.vcrtp
	assert_equal "$stderr" \
		'vc-probe: --vmaf: Ann: the program failed: no model here'
	echo "$output" >report
	is '.vmaf | .mean == null and .frames > 0 and
		.why == "the program failed"' video
	# ViSQOL ends with 0 then.
	program bad 'echo "Error executing" >&2'
	run -1 --separate-stderr vc-probe --json --visqol ./bad a.vcrtp
	assert_equal "$stderr" \
		'vc-probe: --visqol: Ann: the program failed: Error executing'
	# Neither shape nor size of what it writes is believed.
	# shellcheck disable=SC2016 # it is the program's
	for text in '[]' '{"pooled_metrics":3}' \
		'{"pooled_metrics":{"vmaf":{"mean":"x"}}}'; do
		program bad "echo '$text' >\"\$7\""
		run -0 --separate-stderr vc-probe --json --vmaf ./bad a.vcrtp
		jq -e '.sources[0].vmaf | .mean == null and
			.why == "the program gave no figure"' <<<"$output"
	done
	# shellcheck disable=SC2016
	program bad 'truncate -s 100M "$7"'
	run -1 vc-probe --json --vmaf ./bad a.vcrtp
	is_left_clean
}

@test "files that cannot be written are a failure, and no figure is said" {
	vc-capture --virtual -t 4s --size 160x90 --name Ann test: >a.vcrtp
	(
		trap '' XFSZ
		ulimit -f 200
		run -1 --separate-stderr vc-probe --json --vmaf ./vmaf \
			--visqol ./visqol a.vcrtp
		assert_equal "${stderr//tmp\/vc-??????/tmp\/vc-X}" \
			"vc-probe: --vmaf: Ann: its files: write failed (in $PWD/tmp/vc-X)
vc-probe: --visqol: Ann: its files: write failed (in $PWD/tmp/vc-X)"
		jq -e '[.sources[] | (.vmaf, .visqol | values) |
			.mean == null and .mos == null and
			.why == "its files: write failed"] == [true, true]' \
			<<<"$output"
	)
	TMPDIR=$PWD/none run -1 vc-probe --vmaf ./vmaf a.vcrtp
	assert_output --partial '--vmaf: a folder in TMPDIR: No such file'
	vc-capture --virtual -t 1s --name Ann --marks=none test: >a.vcrtp
	run -0 --separate-stderr vc-probe --vmaf ./vmaf --visqol ./visqol a.vcrtp
	assert_equal "$stderr" \
		"vc-probe: --vmaf: Ann: no figure: no picture was compared
vc-probe: --visqol: Ann: no figure: less than 2 s of sound"
	is_left_clean
}

@test "a signal ends the program, and the report is there all the same" {
	local pid

	vc-capture --virtual -t 2500ms --size 160x90 --name Ann test: >a.vcrtp
	program slow "echo \$\$ >$PWD/pid.part; mv $PWD/pid.part $PWD/pid
exec sleep 1000"
	for signal in INT TERM; do
		rm -f pid
		vc-probe --json --vmaf ./slow a.vcrtp >report 2>said &
		pid=$!
		pids=("$pid")
		wait_for test -e pid
		kill -$signal "$pid"
		ended 1
		run ! kill -0 "$(cat pid)"
		is '.vmaf | .mean == null and .why == "stopped"' video
		grep -q 'stopped: by a signal' said
		is_left_clean
	done
	rm -f pid
	vc-probe --json --vmaf ./slow a.vcrtp >report 2>said &
	pid=$!
	# shellcheck disable=SC2034 # for kill_all
	pids=("$pid")
	wait_for test -e pid
	kill -KILL "$pid"
	wait_for is_left_clean
	run ! kill -0 "$(cat pid)"
}

@test "it runs outside of a sandbox that stays as it is" {
	vc-capture --virtual -t 2500ms --size 160x90 --name Ann test: >a.vcrtp
	vc-probe --vmaf ./vmaf --stats with a.vcrtp
	vc-probe --stats without a.vcrtp
	[ "$(jq -c '.sandbox' <(head -1 with))" = \
		"$(jq -c '.sandbox' <(head -1 without))" ]
}
