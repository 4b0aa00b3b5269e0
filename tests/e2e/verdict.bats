#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Verdicts for build servers: rules from files, TAP, JUnit. What rules mean is in
# probe.bats.

# shellcheck disable=SC2154 # from run --separate-stderr
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 3s --size 160x90 --name 'al<i>&"#1' \
		--cname al test: >al.vcrtp
	printf '# of a call\n\n fps>50 \r\n\taudio.loss<1%%\nparticipants==1\n' \
		>rules
}

setup()
{
	begin
	al=$BATS_FILE_TMPDIR/al.vcrtp rules=$BATS_FILE_TMPDIR/rules
}

# The test suite of file $1, as others read it: its counts, and a line a case.
cases()
{
	python3 - "$1" <<-'END'
		import sys
		import xml.etree.ElementTree as tree
		suite, = tree.parse(sys.argv[1]).getroot()
		print(*(suite.get(a) for a in
		        ("name", "tests", "failures", "errors", "time")))
		for case in suite:
		    print(case.get("classname"), case.get("name"),
		          *(f"{how.tag}: {how.get('message')}" for how in case),
		          sep="|")
	END
}

@test "rules of a file are rules, beside those of the command line" {
	run -3 --separate-stderr vc-probe --json --expect-file "$rules" \
		-e 'sources==2' "$al"
	assert_equal "$(jq -c '[.expect[] | [.expect, .ok]]' <<<"$output")" \
		'[["sources==2",true],["fps>50",false],["audio.loss<1%",true],["participants==1",true]]'
	assert_equal "$stderr" \
		'vc-probe: expected fps>50: failed: al<i>&"#1 video: 30 1/s'
	echo 'packets>1' >some
	run -3 vc-probe --expect-file "$rules" --expect-file some "$al"
	assert_line --regexp '^  ok    packets>1 '
}

@test "a slip in a file is named with its line, before anything is read" {
	printf 'fps>1\n\nfsp>1\n' >bad
	run -2 vc-probe --expect-file bad "$al"
	assert_line --partial \
		"vc-probe: bad:3: 'fsp>1': no such metric: fsp; did you mean fps?"
	printf 'fps>1\n%.0s' {1..65} >many
	run -2 vc-probe --expect-file many "$al"
	assert_line --partial 'many:65: at most 64 rules'
	printf 'fps>%01000d\n' 1 >long
	run -2 vc-probe --expect-file long "$al"
	assert_line --partial 'long:1: too long'
	run -2 vc-probe --expect-file none "$al"
	assert_line --partial '--expect-file none: No such file'
	head -c 70000 /dev/zero | tr '\0' '\n' >large
	run -2 vc-probe --expect-file large "$al"
	assert_line --partial '--expect-file large: File too large'
}

@test "TAP is what prove reads" {
	run -3 --separate-stderr vc-probe --tap --expect-file "$rules" "$al"
	assert_output 'TAP version 13
1..3
not ok 1 - fps>50: al<i>&"\#1 video: 30 1/s
ok 2 - audio.loss<1%: al<i>&"\#1 audio: 0 %
ok 3 - participants==1: 1 participant'
	echo "$output" >failed
	run -1 prove --exec cat failed
	assert_line --partial 'Failed 1/3 subtests'
	vc-probe --tap -e 'fps==30' --report good "$al"
	run -0 prove --exec cat good
	assert_line 'Result: PASS'
	run -4 --separate-stderr vc-probe --tap -e 'fps==30' /dev/null
	echo "$output" >none
	run ! prove --exec cat none
	assert_line --partial 'Bailout called.  Further testing stopped:  no media: /dev/null: empty (did the command before it fail?)'
	for other in --json --packets --interval=1s; do
		run -2 vc-probe --tap $other "$al"
	done
}

@test "JUnit names rule, source and figure, and the report is there as well" {
	run -3 --separate-stderr vc-probe --junit j.xml --tag night \
		--expect-file "$rules" -e 'net.loss<1%' "$al"
	assert_line --regexp '^  FAIL  fps>50 '
	run cases j.xml
	assert_output 'vc-probe night 4 2 0 3.000
all|net.loss<1%|failure: net.loss<1%: not measured
al<i>&"#1 video|fps>50|failure: fps>50: 30 1/s
al<i>&"#1 audio|audio.loss<1%
all|participants==1'
	vc-probe -q --junit - --report r -e 'fps==30' "$al" >k.xml
	run cases k.xml
	assert_output 'vc-probe 1 0 0 3.000
al<i>&"#1 video|fps==30'
	vc-probe -q --pass --junit l.xml "$al" | cmp - "$al"
	run cases l.xml
	assert_output 'vc-probe 0 0 0 3.000'
	run -2 vc-probe --junit - "$al"
	assert_line --partial '--junit -: the report goes there'
	run -2 vc-probe --pass --junit - "$al"
	assert_line --partial '--junit -: the stream goes there'
}

@test "what is cut is not well, whatever rules say; a file without a rule is none" {
	head -c 9000 "$al" >cut.vcrtp
	run -1 --separate-stderr vc-probe --tap --junit j.xml -e 'fps>1' cut.vcrtp
	assert_line --index 1 '1..2'
	assert_line --index 3 \
		'not ok 2 - the run failed, or its input was not whole'
	run cases j.xml
	assert_line --index 0 --regexp '^vc-probe 2 0 1 '
	assert_line --index 2 \
		'all|run|error: the run failed, or its input was not whole'
	echo '# fps>1' >none
	run -2 vc-probe --expect-file none "$al"
	assert_line --partial '--expect-file none: no rule in it'
	vc-probe --tap --report r "$al"
	assert_equal "$(tail -n 1 r)" '1..0 # SKIP no rules'
	# No input: a build server is told all the same.
	run -1 vc-probe --tap --junit k.xml -e 'fps>1' nowhere.vcrtp
	assert_line \
		'Bail out! no media: nowhere.vcrtp: open: No such file or directory'
	run cases k.xml
	assert_line --partial \
		'all|media|error: no media came: nowhere.vcrtp: open: No such file'
}

@test "no media is an error in it; names are text; a full disk is said" {
	run -4 vc-probe --junit j.xml -e 'fps==30' /dev/null
	run cases j.xml
	assert_output 'vc-probe 1 0 1 0.000
all|media|error: no media came: /dev/null: empty (did the command before it fail?)'
	vc-capture --virtual -t 1s --size 160x90 --cname x \
		--name $'a]]>\u202e&#0;\U1f600' test: >bad.vcrtp
	run -3 vc-probe --junit k.xml -e 'fps>50' bad.vcrtp
	run cases k.xml
	assert_line --index 1 --regexp \
		'^a]]>\\u\{202e\}&#0;😀 video\|fps>50\|failure: fps>50: 30 1/s$'
	run -1 --separate-stderr vc-probe --junit /dev/full -e 'fps>1' "$al"
	assert_equal "$stderr" \
		'vc-probe: junit: close: No space left on device'
	run -1 vc-probe --junit no/j.xml "$al"
	assert_output --partial 'no/j.xml: open: No such file'
}

@test "--baseline: what is worse than in a former run is a row each" {
	vc-probe --json --interval 1s "$al" >base.json
	run -0 vc-probe --baseline base.json "$al"
	assert_line --regexp '^  ok    as good as the baseline +[0-9]+ figures$'
	python3 "$BATS_TEST_DIRNAME/probestream.py" lose video 1 2 <"$al" >bad
	run -3 --separate-stderr vc-probe --json --baseline base.json bad
	run -0 jq -c '.expect[] | [.expect, .ok, .baseline, .bound, .kind]' \
		<<<"$output"
	assert_line '["fps >= 28.5 (baseline 30)",false,30,28.5,"video"]'
	assert_line '["freezes.count <= 0 (baseline 0)",false,0,0,"video"]'
	refute_line --partial audio
}

@test "--tolerance: by how much, of all or of one; counts are no figures" {
	local own=freeze.count=3,freeze.total=3s,freeze.longest=3s

	vc-probe --json "$al" >base.json
	python3 "$BATS_TEST_DIRNAME/probestream.py" lose video 1 2 <"$al" >bad
	run -0 vc-probe --tap --baseline base.json \
		--tolerance "90%,loss=off,$own" bad
	assert_line --regexp '^ok 1 - as good as the baseline: [0-9]+ figures$'
	run -3 --separate-stderr vc-probe --junit j.xml --baseline base.json \
		--tolerance "20%,loss=off,$own" bad
	assert_regex "$stderr" 'expected fps >= 24 \(baseline 30\): failed: '
	# Names are the same in every run.
	grep -qF 'name="fps, as in the baseline"' j.xml
	grep -qF 'message="fps &gt;= 24 (baseline 30): ' j.xml
	run -2 vc-probe --tolerance 5% "$al"
	assert_line --partial '--tolerance: of --baseline, which is not given'
	run -2 vc-probe --baseline base.json --tolerance 5 "$al"
	assert_line --partial '5% or METRIC=VALUE is needed'
	for file in "$al" "$rules" /dev/null; do
		run -2 vc-probe --baseline "$file" "$al"
		assert_line --partial 'no report of vc-probe --json is in it'
	done
	run -2 vc-probe --baseline none "$al"
	assert_line --partial '--baseline none: No such file'
}

@test "who was there and is not any more is named, as text" {
	vc-probe --json "$al" >base.json
	sed 's/"kind":"video"/"kind":"slides"/; s/"id":"al"/"id":"<\\u001b[2J>"/g' \
		base.json >hostile.json
	run -3 --separate-stderr vc-probe --junit j.xml --baseline hostile.json \
		"$al"
	assert_line --regexp '^  FAIL  slides of <\\x1b\[2J> is there'
	run cases j.xml
	assert_line --partial 'slides of <\x1b[2J> is there, as in the baseline'
}

@test "digits that were dialled are a word, each is there once" {
	vc-capture --virtual -t 4s --video none --cname al \
		--at '500ms dtmf 11#' --at '2s dtmf *D' test: >dialled
	run -3 --separate-stderr vc-probe --tap -e 'dtmf==11#*D' -e 'dtmf==11' \
		-e 'dtmf_digits==5' -e 'dtmf_digits==2 after 2s' dialled
	assert_output 'TAP version 13
1..4
ok 1 - dtmf==11\#*D: al audio: 11\#*D
not ok 2 - dtmf==11: al audio: 11\#*D
ok 3 - dtmf_digits==5: al audio: 5 digits
ok 4 - dtmf_digits==2 after 2s: al audio: 2 digits, 2s..4s'
	# The packets of digits do not change what the source is.
	run jq -r '.sources[0] | .codec, .dtmf, .dtmf_digits' \
		<(vc-probe --json dialled)
	assert_output $'opus\n11#*D\n5'
	# Who dialled nothing has not dialled the empty word.
	run -3 --separate-stderr vc-probe -q -e 'dtmf!=1' "$al"
	assert_equal "$stderr" \
		'vc-probe: expected dtmf!=1: failed: not measured'
	run jq -c '.sources[] | select(.kind == "audio") | [.dtmf]' \
		<(vc-probe --json "$al")
	assert_output '[null]'
}

@test "latency, lips and the first frame, by short names" {
	vc-capture --virtual -t 5s --size 320x180 --name Al --cname al test: >m
	run -0 vc-probe --tap -e 'first_frame < 100ms' -e 'latency.p95 < 50ms' \
		-e 'av_offset.p95 < 45ms' -e 'heard[Al] > 90%' \
		-e 'seen[Al] >= 0.9' -e 'video.freeze.total < 0.5s' \
		-e 'audio.mos p5 >= 4.0 after 3s' -e 'total.participants==1' m
	refute_line --partial 'not ok'
}

@test "the list below the tables shortens long names, messages do not" {
	long=$(printf 'A%.0s' {1..200})
	vc-capture --virtual -t 2s --size 160x90 --name "$long" test: >a.vcrtp
	run -3 --separate-stderr vc-probe -e 'loss>1%' a.vcrtp
	assert_line --partial '  FAIL  loss>1%                       AAAAAAAAAAAAAA.. video: 0 %'
	[[ "$stderr" == *"$long video: 0 %"* ]]
}
