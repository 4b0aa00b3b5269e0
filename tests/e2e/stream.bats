#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What every tool does with its streams: broken ones, odd ones, ends, places.
# Runs live, 40 s: who reads loses nothing.

# shellcheck disable=SC2016,SC2030,SC2031,SC2094,SC2129,SC2154 # for bash -c; bats sets stderr
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

setup_file()
{
	export BAD="python3 $BATS_TEST_DIRNAME/badstream.py"
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 1s --name alice test: >alice.vcrtp
	vc-capture --virtual -t 1s --name bob test: >bob.vcrtp
	export ALICE=$PWD/alice.vcrtp BOB=$PWD/bob.vcrtp
}

# The packets that a stream has, by the report of vc-probe; for it, $1 is
# where it is from.
packets()
{
	vc-probe --json "$@" | jq '[.sources[].packets] | add // 0'
}

# Ends in time, whatever it says: its exit code is no signal's.
survives()
{
	local code=0

	timeout -k 1 20 "$@" || code=$?
	[ "$code" -le 4 ] || echo "$*: exit code $code" >&2
	[ "$code" -le 4 ]
}

# No control character but line ends: nothing that a terminal would obey.
harmless()
{
	[ "$(LC_ALL=C tr -d '\n\t' <"$1" | LC_ALL=C tr -dc '\000-\037\177' |
		wc -c)" -eq 0 ]
}

# --- hostile input ---

@test "a stream cut anywhere: what came before is used, the end is named" {
	$BAD cuts 60 <"$ALICE" >cuts
	while read -r octets where; do
		code=0
		head -c "$octets" "$ALICE" | timeout 20 vc-probe --json \
			>out 2>err || code=$?
		case $where in
		empty)
			[ "$code" -eq 4 ]
			grep -q 'empty (did the command before it fail?)' err ;;
		desc)
			[ "$code" -eq 1 ]
			grep -Eq 'truncated|not a vc stream' err ;;
		frame)
			[ "$code" -eq 1 ]
			grep -q 'truncated: the last frame is cut' err ;;
		edge)
			[ "$code" -eq 0 ] || [ "$code" -eq 4 ]
			run -1 grep -q truncated err ;;
		esac
	done <cuts
	[ "$(wc -l <cuts)" -ge 60 ]
}

@test "random octets are no stream, and a damaged stream breaks nothing" {
	for seed in 1 2 3 4 5 6 7 8; do
		$BAD random $seed >random
		run -1 --separate-stderr vc-mix random
		assert_equal "$stderr" 'vc-mix: random: not a vc stream (plain RFC 4571 needs --sdp FILE or --pt N=CODEC)'
		assert_output ''
		survives vc-probe --pt 96=VP8 random >out 2>err
		$BAD noise $seed <"$ALICE" >noise
		survives vc-probe noise >out 2>>err
		survives vc-mix noise >out 2>>err
		survives vc-record -i noise noise$seed.vcrtp >out 2>>err
		harmless err
	done
}

@test "what is no stream is named, with the command that reads it" {
	vc-record -q -i "$ALICE" x.webm
	ffmpeg -v error -i x.webm -c:v libx264 -c:a aac x.mp4
	echo v=0 >x.sdp
	echo '{"a":1}' >x.json
	printf '\xd4\xc3\xb2\xa1\2\0\4\0xxxxxxxx' >x.pcap
	printf '#!rtpplay1.0 127.0.0.1/5004\n' >x.rtp
	printf 'MJR00002\0\1{' >x.mjr
	echo hello, everybody >x.txt
	while IFS='|' read -r file said; do
		run -1 --separate-stderr vc-mix "$file"
		assert_equal "$stderr" "vc-mix: $file: $said"
		run -1 --separate-stderr bash -c 'vc-record x.vcrtp <"$0"' "$file"
		[[ $stderr == *": ${said%% *}"* ]]
	done <<-'END'
		x.mp4|an MP4 or MOV file, not a vc stream: `vc-capture x.mp4` reads it
		x.pcap|truncated: what came before was used
		x.rtp|truncated: what came before was used
		x.mjr|a Janus recording (mjr), not a vc stream: `vc-recv mjr:x.mjr` reads it
		x.sdp|a session description (SDP), not a vc stream: `vc-recv --sdp x.sdp` reads it
		x.json|JSON, not a vc stream: `jq . x.json` reads it
		x.txt|text, not a vc stream
	END
	# Our own recordings are streams as they are.
	vc-mix x.webm | vc-probe --json -
	# In pieces, too: so begins an empty frame.
	run -1 bash -c '$BAD piece <x.mp4 | vc-mix'
	assert_output --partial 'an MP4 or MOV file'
}

@test "a VP8 header of 16383x16383 is no reason to allocate" {
	$BAD huge <"$ALICE" >huge
	run -1 cmp -s huge "$ALICE"
	for tool in 'vc-probe' 'vc-mix --minus-one' 'vc-play --sheet x.png' \
		'vc-record x.webm -i' 'vc-record x.vcrtp -i'; do
		# shellcheck disable=SC2086 # words
		survives /usr/bin/time -f %M -o peak $tool huge >out 2>err
		harmless err
		# KiB; sanitizers take their share.
		[ "$(tail -n 1 peak)" -le 600000 ]
	done
}

@test "a participant named ESC[2J/../x stays text, on terminals and in files" {
	$BAD name <"$ALICE" >name
	mkdir in
	cd in
	survives vc-probe ../name >out 2>err
	grep -q 'x1b\[2J/../x' out
	survives vc-probe --json ../name >json 2>>err
	survives vc-probe --packets ../name >packets 2>>err
	survives vc-mix -v --minus-one ../name 2>>err | vc-probe >mixed 2>>err
	survives vc-play --sheet s.png ../name >played 2>>err
	survives vc-record -i ../name '{name}.vcrtp' >recorded 2>>err
	for file in out json packets mixed played recorded err; do
		harmless $file
	done
	jq -e . json >parsed
	# Nothing was written elsewhere.
	[ "$(find .. -newer ../name -name '*x*' ! -path '../in/*' | wc -l)" -eq 0 ]
}

@test "frames that mean nothing change nothing, and reserved ones go through" {
	$BAD fill <"$ALICE" >fill
	[ "$(packets fill)" -eq "$(packets "$ALICE")" ]
	vc-mix "$ALICE" >one
	vc-mix --stats=stats fill >two
	[ "$(packets one)" -eq "$(packets two)" ]
	[ "$(vc-probe --packets=json two | jq -c 'select(.type == "other")' | wc -l)" -gt 0 ]
	run jq -s 'last.in | .toobig > 0 and .malformed > 0' stats
	assert_output true
}

@test "time that goes back is malformed, but not behind a description" {
	$BAD back <"$ALICE" >back
	run -1 --separate-stderr vc-probe back
	assert_equal "$stderr" 'vc-probe: back: malformed: time that goes back'
	[ "$(cat "$ALICE" "$ALICE" | packets)" -eq $((2 * $(packets "$ALICE"))) ]
	cat "$ALICE" "$BOB" "$ALICE" >three
	run -0 vc-probe three
	vc-mix three >mix
	run -0 vc-probe --expect 'video.fps>25' mix
}

@test "descriptions: the same again, another clock, no time at all" {
	$BAD again <"$ALICE" >again
	[ "$(packets again)" -eq "$(packets "$ALICE")" ]
	$BAD turn <"$ALICE" >turn
	# shellcheck disable=SC2002 # live in a file would be a recording
	run -1 bash -c 'cat turn | vc-probe'
	assert_line 'vc-probe: -: description: another clock than before'
	$BAD notime <"$ALICE" >notime
	survives vc-mix notime >mix
	vc-mix notime >mix2
	cmp mix mix2
	# A description, and nothing else.
	head -c "$($BAD cuts 9 <"$ALICE" | awk '$2 == "edge" { print $1; exit }')" \
		"$ALICE" >desc
	run -4 --separate-stderr vc-mix desc
	assert_equal "$stderr" 'vc-mix: no media came'
}

@test "the end of all time, twenty times" {
	$BAD far <"$ALICE" >far
	survives vc-probe far >out 2>err
	grep -q 'malformed: time' err
	survives vc-mix far >out 2>err
}

# --- ends ---

@test "an input that is empty is named; the others go on" {
	run -4 --separate-stderr bash -c 'vc-mix bob=<(false)'
	assert_regex "$stderr" \
		'^vc-mix: bob=/dev/fd/[0-9]+: empty \(did the command before it fail\?\)$'
	run -1 --separate-stderr bash -c \
		'vc-mix bob=<(false) alice="$ALICE" | vc-probe --json
		exit ${PIPESTATUS[0]}'
	assert_regex "$stderr" 'bob=/dev/fd/[0-9]+: empty'
	[ "$(jq '[.sources[].packets] | add' <<<"$output")" -gt 50 ]
}

@test "a reader that leaves is an orderly end" {
	run bash -c 'vc-capture --virtual -t 10m test: | head -c 100000 |
		wc -c; echo "${PIPESTATUS[0]}"'
	assert_output $'100000\n0'
	run bash -c 'vc-capture --virtual -t 10m test: | vc-mix |
		head -c 100000 | wc -c; echo "${PIPESTATUS[@]}"'
	assert_output $'100000\n0 0 0 0'
	run bash -c 'vc-capture --virtual -t 10m test: | vc-probe -t 1s --json |
		jq .total.duration_s; echo "${PIPESTATUS[@]}"'
	assert_output $'1\n0 0 0'
}

@test "a full disk is an error" {
	run -1 bash -c 'vc-capture --virtual -t 1s test: >/dev/full'
	assert_output 'vc-capture: output: write: No space left on device'
}

@test "--wait counts before anybody has connected; -t and --idle-timeout after" {
	run -4 --separate-stderr timeout 20 vc-mix --wait 200ms unix:nobody,listen
	assert_equal "$stderr" 'vc-mix: no media came'
	[ ! -e nobody ]
	mkfifo silent
	exec 7<>silent
	run -4 timeout 20 vc-probe --wait 200ms silent
	cat "$ALICE" >&7 &
	pids+=($!)
	# Virtual: only stream time counts, and it stands still.
	run -0 timeout 20 vc-probe -t 500ms --json silent
	assert_equal "$(jq .total.duration_s <<<"$output")" 0.5
	exec 7>&-
}

@test "SIGTERM ends a tool whose input is silent, or whose reader is" {
	mkfifo silent full ready
	exec 7<>silent 8<>full
	for tool in 'vc-mix' 'vc-probe'; do
		# shellcheck disable=SC2086 # words
		# In the foreground: else the tool gets the signal twice.
		timeout --foreground -k 10 20 $tool --ready=ready silent \
			>out 2>err 7>&- 8>&- &
		pid=$!
		pids+=("$pid")
		cat ready
		kill -TERM "$pid"
		code=0
		wait "$pid" || code=$?
		[ "$code" -eq 4 ]
	done
	vc-capture --virtual -t 10m test: >full 2>err 7>&- 8>&- &
	pid=$!
	pids+=("$pid")
	# It is blocked once the pipe is full.
	wait_for grep '^State:.S' "/proc/$pid/status"
	kill -TERM "$pid"
	code=0
	wait "$pid" || code=$?
	[ "$code" -le 1 ]
	exec 7>&- 8>&-
}

# --- many inputs ---

@test "equal SSRCs are told apart" {
	vc-mix --minus-one --stats=stats a="$ALICE" b="$ALICE" >mix
	run jq -s 'last.in | [.remapped, .packets]' -c stats
	assert_output "[2,$((2 * $(packets "$ALICE")))]"
}

@test "two mixers of one seed and no name are told of, where they are merged" {
	vc-mix "$ALICE" >one
	vc-mix "$BOB" >two
	vc-mix --seed 2 "$BOB" >other
	run -0 --separate-stderr bash -c 'vc-mix --stats=stats one two >mix'
	assert_equal "$stderr" 'vc-mix: two: SSRC and CNAME are those of one: taken for one participant (cure: make them with a --name or --seed of their own)'
	# He is one participant, or two with the cure, or as the operator says.
	run jq -s '[.[].mix.participants | length] | max' stats
	assert_output 1
	for who in 'one other' 'a=one b=two'; do
		run -0 --separate-stderr bash -c "vc-mix --stats=stats $who >mix"
		assert_equal "$stderr" ''
		run jq -s '[.[].mix.participants | length] | max' stats
		assert_output 2
	done
}

@test "an input that is silent while another one fills 64 MiB is named" {
	mkfifo silent
	exec 7<>silent
	$BAD flood 70 <"$ALICE" >flood &
	pids+=($!)
	wait "${pids[0]}"
	# Regular files wait; pipes must be read, and held.
	run -1 --separate-stderr bash -c \
		'cat flood | timeout 60 vc-mix a=- b=silent 7>&-'
	assert_equal "$stderr" 'vc-mix: a=-: 64 MiB are held while b=silent sends nothing'
	# The same behind the description of the other one.
	head -c "$($BAD cuts 9 <"$BOB" | awk '$2 == "edge" { print $1; exit }')" \
		"$BOB" >&7
	run -1 --separate-stderr bash -c \
		'cat flood | timeout 60 vc-mix a=- b=silent 7>&-'
	assert_regex "$stderr" 'vc-mix: a=-: 64 MiB are held while b=silent sends nothing'
	exec 7>&-
}

@test "recordings of other times: a warning, and --rebase" {
	$BAD late <"$BOB" >late
	run -0 --separate-stderr bash -c 'vc-mix "$ALICE" late >apart'
	assert_regex "$stderr" 'ends before late begins: --rebase moves'
	run -0 --separate-stderr bash -c 'vc-mix --rebase "$ALICE" late >together'
	assert_equal "$stderr" ''
	vc-mix "$ALICE" "$BOB" >wanted
	[ "$(packets together)" -eq "$(packets wanted)" ]
	run -1 --separate-stderr bash -c '$BAD turn <"$ALICE" | tail -c 1000 |
		cat - | vc-mix - "$ALICE" | cat >/dev/null; exit ${PIPESTATUS[3]}'
}

# --- places ---

@test "gzip is simply read: whole, many, cut, damaged" {
	vc-capture --virtual -t 1s --name alice -o alice.vcrtp.gz test:
	gzip -t alice.vcrtp.gz
	gzip -dc alice.vcrtp.gz | cmp - "$ALICE"
	n=$(packets "$ALICE")
	[ "$(packets alice.vcrtp.gz)" -eq "$n" ]
	[ "$(packets <alice.vcrtp.gz)" -eq "$n" ]
	[ "$(cat alice.vcrtp.gz alice.vcrtp.gz | packets)" -eq $((2 * n)) ]
	size=$(wc -c <alice.vcrtp.gz)
	for cut in 1 2 10 18 100 $((size / 2)) $((size - 1)); do
		head -c "$cut" alice.vcrtp.gz >cut.gz
		run -1 vc-probe cut.gz
		assert_line --regexp 'truncated|not a vc stream'
	done
	{
		head -c $((size / 2)) alice.vcrtp.gz
		head -c 100 /dev/zero
		tail -c $((size / 2 - 100)) alice.vcrtp.gz
	} >damaged.gz
	run -1 vc-probe damaged.gz
	assert_line 'vc-probe: damaged.gz: read: damaged gzip data'
}

@test "unix and tcp, listening and connecting, on either side" {
	mkfifo ready
	vc-mix "$ALICE" >wanted
	for place in unix:sock,listen tcp://127.0.0.1:0,listen; do
		# The reader listens.
		timeout 20 vc-mix --ready=ready "$place" >got 2>err &
		pid=$!
		pids+=("$pid")
		read -r _ where <ready
		vc-capture --virtual -t 1s --name alice -o "$where" test:
		wait "$pid"
		cmp got wanted
		[ ! -e sock ]
		# The writer listens, and is live.
		vc-capture --ready=ready --name alice -o "$place" test: 3>&- &
		pid=$!
		pids+=("$pid")
		read -r _ where <ready
		run -0 timeout 20 vc-probe -t 1s --json \
			--expect 'audio.loss<1%' "$where"
		kill -INT "$pid"
		wait "$pid"
		[ ! -e sock ]
	done
}

@test "many readers of one place, and one too many" {
	mkfifo ready
	vc-capture --ready=ready --video=none -o unix:sock,listen test: \
		2>err 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ where <ready
	for i in $(seq 16); do
		timeout 20 vc-record -i "$where" -t 1s "$i.vcrtp" >"out$i" &
		readers[i]=$!
		pids+=($!)
	done
	for i in $(seq 16); do
		wait "${readers[i]}"
		run -0 vc-probe --expect 'audio.loss<1%' "$i.vcrtp"
	done
	kill -INT "$pid"
	wait "$pid"
}

@test "a TCP peer says neither who it is nor when it was" {
	mkfifo ready
	timeout 20 vc-probe --ready=ready --packets=json \
		tcp://127.0.0.1:0,listen >got 2>err &
	pid=$!
	pids+=("$pid")
	read -r _ where <ready
	python3 - "${where##*:}" <<-'PYTHON'
		import socket, struct, sys
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		def frame(p):
		    s.sendall(struct.pack(">H", len(p)) + p)
		frame(b"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
		      b"m=audio 0 RTP/AVP 0\r\n")
		for i in range(20):
		    # Time jumps to and fro, and nobody cares.
		    frame(struct.pack(">BBQ", 84, 0, (20 - i) * 10**15))
		    frame(b'{"ev":"source","ssrc":7,"id":"chair","id_by":"key"}')
		    frame(b'{"ev":"role","id":"chair","role":"host"}')
		    frame(struct.pack(">BBHII", 128, 0, i, 160 * i, 7) + b"\xff" * 160)
	PYTHON
	wait "$pid"
	run jq -c 'select(.type == "event") | [.event.ev, .event.id, .event.id_by]' got
	assert_line '["source","","none"]'
	refute_line --partial chair
	refute_line --partial role
}

# A stream in which a source is said to be each of the words, one second after
# the other, and then sends.
said()
{
	python3 - "$@" <<-'PYTHON'
		import struct, sys
		def frame(p):
		    sys.stdout.buffer.write(struct.pack(">H", len(p)) + p)
		t = 946684800 * 10**9
		frame(b"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
		      b"a=x-vc-clock:virtual\r\nm=audio 0 RTP/AVP 0\r\n")
		for who in sys.argv[1:]:
		    frame(struct.pack(">BBQ", 84, 0, t))
		    frame(b'{"ev":"source","t":%d,"ssrc":7,"id":"%s",'
		          b'"id_by":"operator"}' % (t // 1000, who.encode()))
		    t += 10**9
		for i in range(10):
		    frame(struct.pack(">BBHII", 128, 0, i, 160 * i, 7) + b"\xff" * 160)
	PYTHON
}

# Is it alice, in the end?
is_alice()
{
	said "$@" >s.vcrtp
	vc-send -q --fast -i s.vcrtp --select name=alice rtp://127.0.0.1:9
}

@test "live, nobody is woken to be told the time that packets tell" {
	lone="python3 $BATS_TEST_DIRNAME/lonetimes.py"
	vc-capture -t 2s --video none test: >talks
	read -r all n longest < <($lone <talks)
	[ "$all" -ge 50 ]
	[ "$n" -le 5 ]
	[ "$longest" -lt 1000 ]
	# Where none come, it is told every 100 ms.
	vc-recv -q --wait 2s rtp://127.0.0.1:0 >silent || [ $? -eq 4 ]
	read -r all n longest < <($lone <silent)
	[ "$n" -ge 10 ]
	[ "$longest" -lt 1000 ]
}

@test "who a source is said to be last, it is, however often it is said" {
	run -0 is_alice alice
	run -0 is_alice bob bob alice
	run -0 is_alice alice bob bob alice alice
	run -4 is_alice alice alice bob bob
}

@test "plain RFC 4571, in whatever pieces it comes" {
	vc-capture --virtual --plain -t 1s --name alice test: >plain
	n=$(packets "$ALICE")
	[ "$(packets --pt 111=opus --pt 96=VP8 plain)" -eq "$n" ]
	[ "$($BAD piece <"$ALICE" | packets)" -eq "$n" ]
	run -1 vc-probe plain
	assert_line --partial 'not a vc stream (plain RFC 4571 needs --sdp FILE'
}

@test "packets that are not what they are described as are named, with the cure" {
	vc-capture --virtual --plain -t 1s --video=none test: >plain
	run vc-probe --pt 111=VP8 plain
	assert_line 'vc-probe: plain: payload type 111 is described as VP8, which its packets are not: dropped (cure: --sdp FILE or --pt 111=opus)'
}
