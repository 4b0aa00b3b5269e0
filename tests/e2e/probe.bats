#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-probe says what is in a stream, and never what is not.

# shellcheck disable=SC2016,SC2154,SC2238 # for bash -c; bats sets stderr; a file
bats_require_minimum_version 1.5.0
load ../common

setup_file()
{
	export STREAM="python3 $BATS_TEST_DIRNAME/probestream.py"
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 6s --name alice test: >alice.vcrtp
	vc-capture --virtual -t 6s --name bob --video=none test: >bob.vcrtp
	export ALICE=$PWD/alice.vcrtp BOB=$PWD/bob.vcrtp
}

# What jq finds by $1 in the report of a file or of the standard input.
ask()
{
	vc-probe --json "${@:2}" | jq -c "$1"
}

# --- the figures ---

@test "a test stream has the packets, frames and rates it was made with" {
	run ask '.schema, .clock, .total.duration_s, .total.participants' "$ALICE"
	assert_output $'"vc.probe/1"\n"virtual"\n6\n1'
	run ask '.sources[] | select(.kind == "video") |
		[.frames, .fps, .key_frames, .key_fps, .width, .height,
		.freezes.count, .loss]' "$ALICE"
	assert_output '[180,30,3,0.5,640,360,0,0]'
	run ask '.sources[] | select(.kind == "audio") | [.codec, .packets,
		.media.expected, .jitter_ms, .span_s, .left, .emodel.codec]' \
		"$ALICE"
	assert_output '["opus",300,300,0,5.98,"bye","assumed"]'
}

@test "who is who: id, name, and the time between sound and picture" {
	run ask '.participants[] | [.id == .cname, .id_by, .who, .name, .fps,
		.av_offset_ms, (.sources | length)]' "$ALICE"
	assert_output '[true,"cname","alice","alice",30,-20,2]'
	run ask '.expect[] | [.who, .kind]' -e 'media.loss<1%' "$ALICE"
	assert_output $'["alice","video"]\n["alice","audio"]'
	run ask '.participants[] | [.id, .id_by, .who]' "Al=$ALICE"
	assert_output '["Al","operator","Al"]'
}

@test "the same report on every run, from a file and from a pipe" {
	vc-probe --json "$ALICE" >one
	vc-probe --json <"$ALICE" >two
	# shellcheck disable=SC2002 # a pipe is what is tested
	cat "$ALICE" | vc-probe --json >three
	cmp one two
	cmp one three
}

@test "packets, loss and jitter are tshark's, across wraps" {
	$STREAM pcmu x.pcap >x.vcrtp
	tshark -r x.pcap -d udp.port==5004,rtp -q -z rtp,streams 2>/dev/null |
		awk '/0x00001234/ { print $9, $10, $(NF - 2), $(NF - 1) }' >theirs
	read -r packets lost mean max <theirs
	[ "$packets" -gt 900 ]
	run ask ".sources[0].media | .packets == $packets, .lost == $lost,
		(.jitter_mean_ms - $mean | fabs) < 0.01,
		(.jitter_max_ms - $max | fabs) < 0.01, .duplicates > 5,
		.reordered > 5, .resyncs" x.vcrtp
	assert_output $'true\ntrue\ntrue\ntrue\ntrue\ntrue\n0'
}

@test "the wire is what net events say, the newest of them" {
	run ask '.sources[0].net | [.received, .expected, .lost, .loss, .won,
		.duplicates, .reordered, .late, .jitter_ms, .jitter_max_ms,
		.rtt_ms, .octets, .rate_bps]' <($STREAM net)
	assert_output '[110,120,10,0.083333,8,2,3,1,4.25,null,80,17600,71111]'
	run ask '.sources[0] | .loss, (.mos_cq < .mos_lq), .emodel.delay_ms,
		.emodel.codec' <($STREAM net)
	assert_output $'0\ntrue\n60\n"published"'
}

@test "what was not measured is null in JSON and - in the table" {
	run ask '.sources[] | .net, .to, .rtcp.rtt_ms' "$BOB"
	assert_output $'null\nnull\nnull'
	run vc-probe "$BOB"
	assert_success
	refute_output --partial 'on the wire'
	refute_output --partial 'pictures'
	assert_output --regexp 'bob +140\.8 +4\.44 '
}

@test "frames that are lost freeze the picture until the next key frame" {
	run ask '.sources[] | select(.kind == "video") | .frames, .waiting,
		.freezes.count, .freezes.longest_ms, .media.loss > 0.01' \
		<($STREAM lose video 3 3.5 <"$ALICE")
	# Gone from 3 s to 3.5 s, of no use until 4 s.
	assert_output $'150\n15\n1\n1033.333\ntrue'
	run ask '.sources[] | select(.kind == "audio") | .loss' \
		<($STREAM lose video 3 3.5 <"$ALICE")
	assert_output 0
}

@test "lost sound costs quality" {
	run ask '.sources[] | select(.kind == "audio") |
		.mos_lq < 3.5, .emodel.loss_percent > 8, .loss > 0.08' \
		<($STREAM lose audio 2 2.5 <"$ALICE")
	assert_output $'true\ntrue\ntrue'
}

@test "plain packets in a file have no time, and no rates" {
	$STREAM plain <"$ALICE" >plain.4571
	run ask '.clock, .total.duration_s, (.sources[] | .rate_bps, .jitter_ms,
		.loss)' --pt 111=opus --pt 96=VP8 plain.4571
	assert_output $'"none"\nnull\nnull\nnull\n0\nnull\nnull\n0'
}

# --- who is heard ---

@test "heard: a voice in its own stream, and no other" {
	run ask '.sources[] | select(.kind == "audio") | .heard' \
		--heard alice,bob "$ALICE"
	assert_output '{"alice":1,"bob":0}'
	run vc-probe -e 'heard[bob]>90%' -e 'heard[alice]<10%' "$BOB"
	assert_success
	assert_line --regexp 'who +bob +alice'
	assert_line --regexp 'in bob +hears +100\.0 +0\.0'
	run ask '.sources[0].heard.bob' --heard bob -t 1s "$BOB"
	assert_output null
}

@test "heard: everybody in a mix, for each his own without himself" {
	vc-mix --video=off --minus-one alice="$ALICE" bob="$BOB" >mix.vcrtp
	run vc-probe --as alice -e 'heard[bob]>80%' -e 'heard[alice]<10%' \
		mix.vcrtp
	assert_success
	run vc-probe --as bob -e 'heard[alice]>80%' -e 'heard[bob]<10%' \
		mix.vcrtp
	assert_success
	run ask '[.sources[].to[]] | sort' mix.vcrtp
	assert_output '["alice","bob"]'
}

# --- expectations ---

@test "--part: a part is measured by itself" {
	vc-capture --virtual -t 6s --people 1 --talk p1=0s-3s --size 160x90 \
		--fps 10 --keyint 500ms test: >ann.vcrtp
	# All there is, in three parts; he is heard in the first only.
	for part in 0s-3s 3s-5500ms 5500ms-; do
		vc-probe --json --heard p1 --part "$part" ann.vcrtp
	done >parts
	run jq -sc 'map([.sources[] | .media.packets]) | transpose | map(add)' \
		parts
	assert_output "$(vc-probe --json ann.vcrtp |
		jq -c '[.sources[] | .media.packets]')"
	run jq -sc 'map(.sources[] | select(.heard) | (.heard.p1 // 0) > 0)' \
		parts
	assert_output '[true,false,false]'
	run jq -sc 'map(.sources[] | select(.freezes).freezes.count)' parts
	assert_output '[0,0,0]'
	run -2 vc-probe --part 5s ann.vcrtp
	assert_output --partial "--part 5s: FROM-TO"
}

@test "expectations that hold" {
	run vc-probe -e 'audio.loss<1%' -e 'video.fps>=30' -e 'fps>29' \
		-e 'freezes.count==0' -e 'mos_lq>4' -e 'codec==opus' "$ALICE"
	assert_failure 2 # codec is no metric
	run vc-probe -e 'audio.loss<1%' -e 'video.fps>=30' -e 'fps>29' \
		-e 'freezes.count==0' -e 'mos_lq>4' -e 'duration_s>5s' \
		-e 'sources==2' -e 'total.participants==1' \
		-e 'total.packets>500' -e 'audio.media.packets==300' -e 'media.jitter_ms<1ms' "$ALICE"
	assert_success
	assert_line --regexp '^  ok    audio.loss<1% +alice audio: 0 %$'
}

@test "one that fails: exit 3, told on stderr and in the report" {
	run --separate-stderr vc-probe -e 'fps>50' -e 'loss<1%' "$ALICE"
	assert_failure 3
	assert_line --regexp '^  FAIL  fps>50 +alice video: 30 1/s$'
	assert_line --regexp '^  ok    loss<1% '
	assert_equal "$stderr" \
		'vc-probe: expected fps>50: failed: alice video: 30 1/s'
	vc-probe --json -e 'fps>50' "$ALICE" >out 2>err || code=$?
	assert_equal "$code" 3
	run jq -c '.expect[] | [.expect, .ok, .measured]' out
	assert_output '["fps>50",false,30]'
}

@test "what is not measured fails" {
	run --separate-stderr vc-probe -e 'net.loss<100%' "$ALICE"
	assert_failure 3
	assert_equal "$stderr" \
		'vc-probe: expected net.loss<100%: failed: not measured'
	run --separate-stderr vc-probe -e 'fps>1' "$BOB"
	assert_failure 3
}

@test "whom a rule is for is named where nobody is called so" {
	local when

	for when in '' ' after 1s'; do
		run -3 --separate-stderr vc-probe -q -e "loss<1% for eve$when" \
			"$ALICE"
		assert_equal "$stderr" "vc-probe: expected loss<1% for eve$when: \
failed: not measured: no source has the name or id eve, and a time is written 5s"
	done
	vc-probe -e 'loss<1% for alice' "$ALICE"
}

@test "what --max-sources refused, and the buffer of --buffer, are in the report" {
	run -0 vc-probe --max-sources 1 --buffer 60ms,1s "$ALICE"
	assert_line --regexp '[0-9] refused by --max-sources$'
	assert_line --regexp '^  who .* late 60ms %  late 1s %$'
	assert_line --regexp '^  alice .* 0\.00 +0\.00$'
	run -0 vc-probe "$ALICE"
	refute_output --regexp 'refused|late 60ms'
}

@test "a rule must hold for every source" {
	run vc-probe -e 'packets<400' "$ALICE"
	assert_failure 3
	run vc-probe -e 'audio.packets<400' "$ALICE"
	assert_success
}

@test "an unknown metric is refused, the nearest one named" {
	run --separate-stderr vc-probe -e 'audio.los<1%' "$ALICE"
	assert_failure 2
	[[ $stderr == *"no such metric: los; did you mean loss?"* ]]
	run vc-probe -e 'jitter_ms<' "$ALICE"
	assert_failure 2
}

@test "every metric that is listed is in a report, and can be expected" {
	$STREAM net >net.vcrtp
	vc-probe --list-metrics >list
	# A program that finds nothing is one.
	# shellcheck disable=SC2016
	printf '#!/bin/sh\nfor out; do :; done\necho {} >"$out"\n' >judge
	chmod +x judge
	vc-probe --json --marks --decode --heard NAME --seen NAME --buffer 60ms \
		--vmaf ./judge --visqol ./judge "$ALICE" >a.json
	vc-probe --json net.vcrtp >n.json
	[ "$(wc -l <list)" -gt 40 ]
	# Those that neither report has; metrics and units have no blanks in them.
	run jq -rn --rawfile list list --slurpfile a a.json --slurpfile n n.json '
		[$a[0], $n[0]] as $records |
		$list / "\n" | .[] | select(. != "") |
		capture("^(?<path>\\S+) +\\S+ +[-<>|] (now|count|share|rate) +\\S") //
			{path: "a line without a unit or a formula"} | .path |
		. as $path | (gsub("\\]"; "") | split("[.\\[]"; "")) as $keys |
		select(any($records[] | (.sources[], .total);
			(try getpath($keys[:-1]) catch null) |
			type == "object" and has($keys[-1])) | not) | $path'
	assert_output ''
	# Each is a rule, 60 of them a run.
	awk '{
		value = $2 == "share" ? ">=1%" : $2 == "s" || $2 == "ms" ? \
			">=1" $2 : $2 == "word" ? "==x" : ">=1"
		print $1 value >"rules." int(NR / 60)
	}' list
	for rules in rules.*; do
		run -3 vc-probe --tap --expect-file "$rules" --vmaf ./judge \
			--visqol ./judge net.vcrtp
	done
}

# --- passing on, looking in ---

@test "--pass copies octet for octet, the report is elsewhere" {
	vc-probe --pass <"$ALICE" >copy 2>report
	cmp "$ALICE" copy
	grep -q '^delivered$' report
	vc-probe --pass --json --report=r.json "$ALICE" | cmp - "$ALICE"
	run jq .total.packets r.json
	assert_output "$(ask .total.packets "$ALICE")"
	run vc-probe --pass --report=- "$ALICE"
	assert_failure 2
}

@test "--pass waits for a slow reader of a virtual stream" {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		cat "$ALICE"
	done >long
	[ "$(stat -c %s long)" -gt 10000000 ]
	mkfifo pipe
	vc-probe --pass --report=report long >pipe &
	exec 7<pipe
	# Nothing is read until the writer has stopped at a full pipe.
	wait_for grep '^State:.S' "/proc/$!/status"
	cmp - long <&7
	wait $!
}

@test "a reader of --pass that leaves ends it, with a report" {
	mkfifo pipe
	vc-probe --pass --report=report "$ALICE" >pipe &
	head -c 100000 <pipe >/dev/null
	wait $!
	grep -q '^virtual stream of ' report
}

@test "--packets: a line a frame, all of them" {
	vc-probe --packets=json "$ALICE" >lines
	run jq -s -c '[.[0].type, (map(select(.type == "rtp")) | length)]' lines
	assert_output "[\"desc\",$(ask .total.packets "$ALICE")]"
	run jq -s -c 'map(select(.type == "rtcp").packets[].type) | unique' lines
	assert_output '["BYE","SDES","SR"]'
	run jq -s -c 'map(select(.key)) | length' lines
	assert_output 3
	run bash -c 'vc-probe --packets "$ALICE" | head -n 3'
	assert_success
	assert_line --regexp '^ +0.000000  desc  .*111 opus/48000 audio'
	run vc-probe --packets -e 'fps>50' "$ALICE"
	assert_failure 3
}

@test "--interval: a line each T, which sum up to the whole" {
	vc-probe --json --interval 1s "$ALICE" >lines
	run jq -s -c '.[:-1] | length, (map(.sources[].packets) | add)' lines
	assert_output $'6\n'"$(ask .total.packets "$ALICE")"
	run jq -s -r '.[-1].schema, .[0].schema' lines
	assert_output $'vc.probe/1\nvc.probe.interval/1'
	run vc-probe --interval 2s "$ALICE"
	assert_line --regexp '^ +at s +who +kind +packets +kbit/s'
	assert_line --regexp '^ +2.0  alice +audio +100 '
}

@test "tables are 80 columns wide, however long names are" {
	vc-capture --virtual -t 3s --size 160x90 \
		--name 名前の長い参加者さんです-with-more-behind-it test: >long.vcrtp
	vc-probe --marks --tag a-rather-long-word-for-a-nightly-run \
		--heard alice long.vcrtp >table
	[ "$(wc -L <table)" -le 80 ]
	grep -q '^  名前の長.*\.\.  audio  opus ' table
	vc-probe --interval 1s long.vcrtp >table
	[ "$(wc -L <table)" -le 80 ]
}

# --- bad input ---

@test "a truncated stream: what came before, a warning, exit 1" {
	head -c 300001 "$ALICE" >cut
	run --separate-stderr vc-probe --json cut
	assert_failure 1
	[[ $stderr == *"truncated"* ]]
	[ "$(jq .total.packets <<<"$output")" -gt 100 ]
}

@test "no media: exit 4; no stream: exit 1 or 4, and no report" {
	run --separate-stderr vc-probe <($STREAM empty)
	assert_failure 4
	run --separate-stderr vc-probe </dev/null
	assert_failure 4
	refute_output
	head -c 5000 "$BATS_TEST_DIRNAME/probe.bats" >text
	run --separate-stderr vc-probe text
	assert_failure 1
	refute_output
}

@test "names that attack are escaped, in tables and lines" {
	$STREAM names >names.vcrtp
	for how in '' --packets --packets=json --json; do
		vc-probe $how names.vcrtp >out 2>&1
		run grep -naP '[\x00-\x09\x0b-\x1f\x7f]|\xe2\x80\xae|\xc2\x9b' out
		[ "$how" = --json ] || [ "$how" = --packets=json ] ||
			refute_output
		refute_output --regexp $'\x1b'
	done
	run vc-probe names.vcrtp
	assert_line --partial '\x1b[2J/../x'
	vc-probe --json names.vcrtp | python3 -m json.tool >/dev/null
}

@test "packets that are none are counted, the others measured" {
	run --separate-stderr vc-probe --json <($STREAM odd)
	assert_success
	[[ $stderr == *"payload type 77"* ]]
	run jq -c '.total.malformed, (.sources[] | [.ssrc, .packets, .width])' \
		<<<"$output"
	assert_output $'3\n[1,1,16383]\n[3,5,null]'
}

@test "every cut of a stream is survived" {
	$STREAM odd >odd.vcrtp
	for ((n = 0; n <= $(stat -c %s odd.vcrtp); n += 3)); do
		head -c "$n" odd.vcrtp >cut
		run vc-probe --packets --heard x cut
		[ "$status" -le 4 ]
		run vc-probe --json cut
		[ "$status" -le 4 ]
	done
}

@test "a report that cannot be written is a failure" {
	run --separate-stderr vc-probe --report=/dev/full "$ALICE"
	assert_failure 1
	[[ $stderr == *"No space left"* ]]
	run --separate-stderr bash -c 'vc-probe "$ALICE" >/dev/full'
	assert_failure 1
	run vc-probe --report=/nonexistent/x "$ALICE"
	assert_failure 1
}

# --- live ---

@test "live: from a network, what the wire did too" {
	mkfifo ready
	vc-recv -t 2s --ready=ready rtp://127.0.0.1:0 |
		vc-probe --json -e 'net.loss<5%' -e 'fps>20' >report &
	read -r _ place <ready
	vc-capture -t 4s --size 320x180 test: | vc-send "$place" || :
	wait $!
	run jq -c '.clock, ([.sources[] | .net.received > 50] | all)' report
	assert_output $'"live"\ntrue'
}

@test "live: a signal ends it with a report" {
	mkfifo pipe
	vc-probe --json --interval 100ms pipe >report &
	probe=$!
	vc-capture -t 1m test: >pipe &
	wait_for grep interval report
	kill -INT "$probe"
	wait "$probe"
	run jq -s -r '.[-1].schema' report
	assert_output vc.probe/1
}
