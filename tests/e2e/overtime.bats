#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Rules over time, what is told at once of them, and the series that they are judged
# by. What a sample and a window is, is in the unit test of tool/watch.

# shellcheck disable=SC2034,SC2154 # for ended; from run --separate-stderr
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

# Al has no picture from 4 s to 6 s, and no sound from 7 s to 8 s.
setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	local lose="python3 $BATS_TEST_DIRNAME/probestream.py lose"

	vc-capture --virtual -t 10s --size 160x90 --keyint 500ms --name Al \
		--cname al test: >al.vcrtp
	$lose video 4 6 <al.vcrtp | $lose audio 7 8 >bad.vcrtp
	vc-capture --virtual -t 10s --size 160x90 --name Bo --cname bo test: \
		>bo.vcrtp
	vc-mix --policy call al.vcrtp bo.vcrtp >two.vcrtp
}

setup()
{
	begin
	al=$BATS_FILE_TMPDIR/al.vcrtp bad=$BATS_FILE_TMPDIR/bad.vcrtp
	two=$BATS_FILE_TMPDIR/two.vcrtp
}

# What each rule comes to with the stream $1: "ok measured from to", a line a row.
judged()
{
	local stream=$1 rules=()
	shift
	for rule; do
		rules+=(-e "$rule")
	done
	vc-probe -q --json "${rules[@]}" "$stream" 2>/dev/null | jq -r '
		select(.schema == "vc.probe/1").expect[] |
		"\(.ok) \(.measured) \(.from_s) \(.to_s)" +
		if .windows then " \(.failed)/\(.windows)" else "" end'
}

@test "a part of the time, windows, aggregates: what a bad stretch comes to" {
	run judged "$bad" 'video.fps>=29 before 4s' 'video.fps==0 4s..6s' \
		'video.freezes.count == 0 before 4s' \
		'video.freezes.count <= 1 from 4s to 10s' \
		'video.fps>=30 after 4s' 'video.freeze.total < 2.5 s'
	assert_output 'true 29.666667 1 4
true 0 4 6
true 0 0 4
true 1 4 10
false 18.2 4 9
true 2233.333 null null'
	run judged "$bad" 'audio.loss<1% before 7s' 'audio.media.lost==50 after 7s' \
		'audio.loss==0 for 2s' 'audio.media.loss.max<1%'
	assert_line --index 0 'true 0 0 7'
	assert_line --index 1 'true 50 7 10'
	# What did not come is known with the first packet after it.
	assert_line --index 2 --regexp '^false 0\.5 6 8 2/9$'
	assert_line --index 3 'false 0.980392 0 10'
	run judged "$bad" 'audio.mos p5 >= 4.0 before 7s' 'audio.mos.min >= 4' \
		'fps.p5>=1' 'fps.p50>=30' 'video.freezes.total_ms.max<900ms' \
		'jitter.max<1ms'
	assert_line --index 0 --regexp '^true 4\.[0-9]* 0 7$'
	assert_line --index 1 --regexp '^false [123][0-9.]* 0 10$'
	assert_line --index 2 --regexp '^false 0 1 9$'
	assert_line --index 3 --regexp '^true 30 1 9$'
	assert_line --index 4 --regexp '^false 1033.333 0 10$'
	assert_line --index 5 --regexp '^true 0 0 10$'
}

@test "a freeze is told while it goes on" {
	run judged "$bad" 'video.freezes.total_ms==0 before 4s' \
		'video.freezes.total_ms>900ms from 4s to 5s' \
		'video.freezes.total_ms>900ms from 5s to 6s' \
		'video.freezes.count==1 from 4s to 5s' \
		'video.freezes.count==0 from 5s to 10s'
	refute_line --regexp '^false'
}

@test "of every source, of any, of some" {
	run judged "$two" 'loss<1% for every source after 1s'
	assert_equal "${#lines[@]}" 4
	refute_line --regexp '^false'
	run judged "$two" 'fps.min>=25 any' 'participants==2 after 1s' \
		'packets>=1 for bo' 'packets.min>=1 for Bo' 'loss<1% for e*'
	assert_line --index 0 --regexp '^true 30 '
	assert_line --index 1 --regexp '^true 2 1 10'
	assert_line --index 6 'false null null null'
	run judged "$two" 'packets.min>=1 for B?'
	assert_equal "${#lines[@]}" 2
}

@test "who fails is told at once, and when it holds again" {
	mkfifo in
	vc-probe -q -e 'video.fps>=20 for 1s' in >report 2>told &
	pids+=($!)
	pid=$!
	exec 7>in
	# Up to 6.5 s or so: it fails, and the stream goes on.
	head -c $(($(stat -c %s "$bad") * 55 / 100)) "$bad" >&7
	wait_for grep -q '"held":false' told
	run jq -c '[.ev, .expect, .held, .measured, .source, .kind, .from_s]' told
	assert_line --index 0 \
		'["expect","video.fps>=20 for 1s",false,0,"al","video",4]'
	[ ! -s report ]
	tail -c +$(($(stat -c %s "$bad") * 55 / 100 + 1)) "$bad" >&7
	exec 7>&-
	ended 3
	run jq -cR 'fromjson? | [.held, .t]' told
	assert_output '[false,946684805000000]
[true,946684807000000]'
	assert_equal "$(grep -v '^{' told)" \
		'vc-probe: expected video.fps>=20 for 1s: failed: Al video: 0 1/s, 4s..5s, 2 of 8 windows'
}

@test "it is told among the lines of the report, where it has lines" {
	run -3 --separate-stderr vc-probe -q --json --interval 500ms \
		-e 'video.fps>=20 for 500ms' "$bad"
	assert_equal "$(jq -c 'select(.ev) | [.held, .to_s]' <<<"$output")" \
		'[false,4.5]
[true,6.5]'
	# With the interval that it is of, and not after it.
	run jq -rn 'reduce inputs as $i ([]; if $i.ev then . + [.[-1] + 0]
		elif $i.at_s then . + [$i.at_s] else . end) | .[8:11] | @csv' \
		<<<"$output"
	assert_output '4.5,4.5,5'
	run -3 --separate-stderr vc-probe -q --interval 1s \
		-e 'video.fps>=20 for 1s' "$bad"
	assert_line --regexp '^\{"ev":"expect",.*"held":false'
	refute_regex "$stderr" '"ev"'
	run -3 --separate-stderr vc-probe -q --tap -e 'fps>=20 for 1s' "$bad"
	assert_output 'TAP version 13
1..1
not ok 1 - fps>=20 for 1s: Al video: 0 1/s, 4s..5s, 2 of 8 windows'
	assert_regex "$stderr" '^\{"ev":"expect",'
}

@test "those who follow events at the control socket are told too" {
	mkfifo in
	vc-probe -q --control c -e 'video.fps>=20 for 1s' in >report 2>said &
	pids+=($!)
	pid=$!
	exec 7>in
	head -c 100000 "$bad" >&7
	wait_for test -S c
	vc-ctl c events >events 7>&- &
	pids+=($!)
	wait_for told c help .ok
	tail -c +100001 "$bad" >&7
	exec 7>&-
	ended 3
	wait_for grep -q '"held":true' events
	grep -q '"held":false' events
}

@test "JUnit says when it was" {
	run -3 vc-probe -q --junit j.xml -e 'video.fps>=20 for 1s' \
		-e 'video.fps.min>=20 before 4s' "$bad"
	assert_equal "$(grep -c '<testcase' j.xml)" 2
	grep -qF 'message="video.fps&gt;=20 for 1s: 0 1/s, 4s..5s, 2 of 8 windows"' j.xml
}

@test "--series: a line an interval, beside the report; rules are judged by it" {
	vc-probe --series s.json "$bad" >report
	vc-probe --json --interval 1s "$bad" | head -n 10 >lines
	cmp s.json lines
	refute grep -q 'at s' report
	vc-probe --json --series h.json --interval 500ms "$bad" >report
	assert_equal "$(wc -l <report)" 1
	assert_equal "$(wc -l <h.json)" 20
	run jq -s 'map(.sources[].packets) | add' h.json
	assert_output "$(jq .total.packets report)"
	# The same figures, worked out by somebody else.
	run jq -s '[.[].sources[] | select(.kind == "audio").loss] | max' s.json
	assert_output "$(judged "$bad" 'audio.loss.max<1%' | cut -d ' ' -f 2)"
	run jq -s '[.[].sources[] | select(.kind == "audio").mos_lq // empty] |
		sort[0]' s.json
	assert_output "$(judged "$bad" 'audio.mos.p5>4' | cut -d ' ' -f 2)"
	run jq -s '[.[].sources[] | select(.fps and .whole).fps] | add / length |
		. * 1000 | round' s.json
	assert_output "$(judged "$bad" 'fps.mean>29' | cut -d ' ' -f 2 |
		jq '. * 1000 | round')"
	run jq -sc '[.[].sources[] | select(.frozen_ms)] |
		[(map(.freezes) | add), (map(.frozen_ms) | add) > 2000]' s.json
	assert_output '[1,true]'
}

@test "places of the series; a disk that is full" {
	vc-probe -q --report r --series - "$al" >s.json
	assert_equal "$(wc -l <s.json)" 10
	run -2 vc-probe --series - "$al"
	assert_line --partial '--series -: the report goes there'
	run -2 vc-probe --pass --series - "$al"
	assert_line --partial '--series -: the stream goes there'
	run -1 vc-probe -q --series no/s.json "$al"
	assert_line --partial 'no/s.json: open: No such file'
	run -1 --separate-stderr vc-probe -q --series /dev/full "$al"
	assert_regex "$stderr" 'series: write: No space left on device'
	vc-probe -q --pass --series s.json "$al" | cmp - "$al"
}

@test "slips are told before anything is read" {
	local rule why

	while IFS='|' read -r rule why; do
		run -2 vc-probe -e "$rule" "$al"
		assert_line --partial "--expect '$rule': $why"
	done <<-'END'
		fps>1 after 2500ms|2500ms is no whole number of intervals of 1s
		fps>1 for 90m|for at most 3600 intervals
		fps>1 afer 2s|afer? Did you mean after?
		participants>1 any|it is of the whole stream, and of no source
		loss<5ms for 1s|a share is needed, as 1% or 0.01
		audio.msos.p5>4|no such metric: msos
		rate>5ms|a number is needed (bit/s)
	END
	vc-probe -q -e 'fps>1 after 2500ms' --interval 500ms --series s "$al"
}

@test "what ended before its time, or never came, is not measured" {
	run -3 --separate-stderr vc-probe -q -e 'fps>1 after 20s' "$al"
	assert_equal "$stderr" \
		'vc-probe: expected fps>1 after 20s: failed: not measured'
	run -3 --separate-stderr vc-probe -q -e 'fps>1 for 1m' "$al"
	assert_equal "$stderr" \
		'vc-probe: expected fps>1 for 1m: failed: not measured'
	vc-probe -q --part 2s-8s -e 'fps>=29 for 2s' "$al" >report
	grep -q '6s..8s, 0 of 4 windows' report
	run -4 vc-probe -q -e 'fps>1 for 1s' /dev/null
}

@test "hostile names are text in what is told" {
	vc-capture --virtual -t 3s --size 160x90 --name x \
		--cname alice-bob test: |
		LC_ALL=C sed $'s/alice-bob/a\e[2J"\u202e/g' >bad.vcrtp
	run -3 --separate-stderr vc-probe -q -e 'video.fps>50 for 1s' bad.vcrtp
	refute_regex "$stderr" $'\e'
	refute_regex "$stderr" $'\u202e'
	assert_equal "$(jq -R 'fromjson? | .source' <<<"$stderr" |
		head -n 1 | jq -r .)" $'a\e[2J"\u202e'
}
