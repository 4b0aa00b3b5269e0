#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-send and vc-recv, with each other and with a scripted peer, on loopback.
# Runs live, 90 s: times and rates are compared.

# shellcheck disable=SC2016,SC2154 # for bash -c; bats sets stderr
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	peer="python3 $BATS_TEST_DIRNAME/netpeer.py"
}

# Starts vc-recv with the options given, on a port of the kernel's choice unless
# an operand is among them; the stream goes to 'got', the port to $port.
listen()
{
	case "$*" in
	*rtp://*) ;;
	*) set -- "$@" rtp://127.0.0.1:0 ;;
	esac
	rm -f ready
	mkfifo ready
	vc-recv --ready=ready --stats=stats "$@" >got 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	mapfile -t urls < <(sed 's/^ready //' ready)
	url=${urls[0]}
	port=${url##*:}
}

# Runs vc-recv against a scenario of netpeer.py.
meet()
{
	local scenario=$1

	shift
	listen "$@"
	$peer "$scenario" "$port"
	ended
}

# What jq finds in the last record, in the events and in the packets of 'got'.
last() { tail -n 1 stats | jq -c "$1"; }
events() { vc-probe --packets=json got | jq -c "select(.type == \"event\") | .event | select(.ev == \"$1\") | $2"; }
packets() { vc-probe --packets=json got | jq -c "select(.type == \"$1\") | $2"; }

# Starts netpeer.py listening on $1 ports; their addresses are then $urls, what
# comes goes to the file 'heard'.
hear()
{
	rm -f ports
	mkfifo ports
	$peer listen "$1" ports >heard 2>hear.err 3>&- &
	hear=$!
	pids+=("$hear")
	mapfile -t urls <ports
}

heard() { jq -c "$1" heard; }

# A second and a half of the test signal, made at once.
talk() { vc-capture --virtual -t 1500ms --name alice --cname alice "$@" test:; }

# --- end to end ---

said_bye() { events leave .why 2>&1 | grep -q bye; }

@test "what the kernel had no room for is counted" {
	local n

	listen
	vc-capture --virtual -t 60s --size 640x360 --vbitrate 4M test: >much
	talk >rest
	kill -STOP "$pid"
	vc-send --fast -i much --stats=much.stats "$url"
	kill -CONT "$pid"
	vc-send -i rest --stats=rest.stats "$url"
	wait_for said_bye
	kill -INT "$pid"
	wait "$pid"
	n=$(tail -qn 1 much.stats rest.stats |
		jq -s 'map(.destinations[0].packets) | add')
	run last ".recv | [.overflow > 1000, .overflow + .datagrams - $n]"
	assert_output '[true,0]'
}

@test "a stream arrives as it was sent: packets, names, times, BYE" {
	listen --stop-on bye
	talk >sent
	vc-send -i sent "$url"
	ended
	run events source '[.name, .cname, .id, .id_by, .kind]'
	assert_line '["alice","alice","alice","cname","audio"]'
	assert_line '["alice","alice","alice","cname","video"]'
	run events leave .why
	assert_output $'"bye"\n"bye"'
	packets rtp '[.pt, .payload]' | sort >a
	vc-probe --packets=json sent |
		jq -c 'select(.type == "rtp") | [.pt, .payload]' | sort >b
	cmp a b
	run last '[.recv.packets == .recv.datagrams - .recv.rtcp_in,
		.recv.overflow, .out.dropped_reader, .ended]'
	assert_output '[true,0,0,"bye"]'
	# Sound and picture keep their distance, by sender reports.
	vc-probe --json sent >a.json
	vc-probe --json got >b.json
	a=$(jq '.participants[0].av_offset_ms // 0' a.json)
	b=$(jq '.participants[0].av_offset_ms // 0' b.json)
	awk "BEGIN { d = $a - $b; exit !(d < 1 && d > -1) }"
	run jq '[.sources[].net.lost] | add' b.json
	assert_output 0
	run jq -c '[.sources[] | .net.octets == .octets and
		.net.rate_bps == .rate_bps and .octets > 1000]' b.json
	assert_output '[true,true]'
}

@test "who comes back with the same numbers begins anew, and nothing of it is late" {
	listen --stop-on bye --feedback=rr
	talk --size 160x90 >sent
	from=$(free_port)
	# The same SSRCs and numbers, from the same port.
	for _ in 1 2; do
		vc-send -i sent --seed 4 "$url,bind=127.0.0.1:$from"
	done
	ended
	run last '.recv | [.duplicates, .implausible, .collisions]'
	assert_output '[0,0,0]'
	run bash -c 'vc-probe --json got | jq -c ".sources |
		[(map(.ssrc) | unique | length), (map(.who) | unique | length),
		map(.net.lost + .media.duplicates + .media.late +
			.media.resyncs + (.waiting // 0)),
		map(.frames // empty)]"'
	assert_output '[2,1,[0,0,0,0],[45,45]]'
	vc-play --stats=play --wav w.wav got
	run jq -sc '.[-1].play | [.lost, .late < 3]' play
	assert_output '[0,true]'
}

@test "IPv4 and IPv6 come by one port; RTCP by the next one too" {
	listen --stop-on bye rtp://:0
	talk --video=none >sent
	vc-send -i sent --seed 1 "rtp://127.0.0.1:$port" 3>&- &
	pids+=($!)
	vc-send -i sent --seed 2 "rtp://[::1]:$port,rtcp=+1"
	ended
	run events source .addr
	assert_line --regexp '^"127\.0\.0\.1:[0-9]+"$'
	assert_line --regexp '^"\[::1\]:[0-9]+"$'
	run last '[.recv.packets, .recv.sources]'
	assert_output '[150,0]'
}

@test "-4 and -6 choose" {
	listen -4 --wait 1ms rtp://:0
	ended 4
	run cat err
	assert_output --partial "no media came"
	run -1 vc-recv -4 'rtp://[::1]:0'
	run -1 vc-send -6 rtp://127.0.0.1:5004 </dev/null
	assert_output --partial "rtp://127.0.0.1:5004: open:"
}

@test "the operator's word is who it is, by the port" {
	listen --stop-on bye bob=rtp://127.0.0.1:0
	talk --video=none | vc-send "$url"
	ended
	run events source '[.id, .id_by, .name]'
	assert_line '["bob","operator","alice"]'
}

@test "who joins late has a picture within a second: PLI goes all the way" {
	mkfifo first
	listen -t 2500ms
	vc-capture -t 10s --keyint 100s test: | vc-send -q --ready=first \
		"$url" 3>&- &
	pids+=($!)
	cat first >/dev/null
	ended
	run packets rtp 'select(.key and .marker == false) | .ts'
	# One beginning. Whoever comes now finds no key frame but by asking.
	first=$output
	vc-recv -t 1s --wait 5s "$url" >got
	run packets rtp 'select(.key) | .ts'
	[ "${#lines[@]}" -ge 1 ]
	refute_output "$first"
}

# --- what vc-recv lets in ---

@test "what is no RTP of ours is dropped and counted, each by its name" {
	meet junk --stop-on first-frame
	run last '.recv | [.short, .toobig, .notrtp, .malformed, .pt,
		.rtcp_malformed, .packets]'
	assert_output '[5,2,15,5,3,5,1]'
	# No more than one of them is named in a second.
	run grep -c 'payload type' err
	assert_output 1
}

@test "strangers need two packets in a row, who has a name one" {
	meet probation -t 300ms --wait 5s
	run packets rtp '[.ssrc, .seq]'
	assert_output $'[3,65535]\n[3,0]\n[4,9]'
	run last .recv.candidates
	assert_output 4
}

@test "a flood of SSRCs gets 16 places, others are served meanwhile" {
	meet flood -t 2s
	run packets rtp 'select(.ssrc == 9999) | .seq'
	[ "${#lines[@]}" -eq 20 ]
	run bash -c 'vc-probe --packets=json got |
		jq "select(.type == \"rtp\") | .ssrc" | sort -u | wc -l'
	assert_output 17
	run last '.recv.host_full'
	assert_output 384
	meet flood -t 2s --max-sources 5
	run last '[.recv.full > 0, .recv.packets]'
	assert_output '[true,10]'
	run grep -c 'sources are here' err
	assert_output 1
}

@test "nobody can take over, rename or end another's source" {
	meet forged --stop-on bye
	run last '.recv | [.packets, .rtcp_foreign, .collisions]'
	assert_output '[20,3,2]'
	run events source '[.id, .addr]'
	refute_output --partial mallory
	refute_output --partial 127.0.0.2
	run packets rtcp '.packets[] | select(.type == "BYE") | .type'
	assert_output '"BYE"'
}

@test "order of arrival at once; in order with --latency, no longer than that" {
	meet order --stop-on bye
	run packets rtp .seq
	assert_output $'65533\n65534\n0\n65535\n1\n3\n4\n5'
	run events net '[.received, .expected, .lost, .dup, .reordered]'
	assert_line '[9,9,0,1,1]'
	meet order --stop-on bye --latency 200ms
	run packets rtp .seq
	assert_output $'65533\n65534\n65535\n0\n1\n3\n4\n5'
	# The hole made them wait 200 ms, and not for the packet after 400.
	run bash -c 'vc-probe --packets=json got | jq "
		if .type == \"rtp\" and .seq == 4 then \"four\"
		elif .type == \"rtp\" and .seq == 5 then \"five\"
		else empty end" | tr -d "\n"'
	assert_output '"four""five"'
}

@test "a payload type that is something else is named once, with the cure" {
	meet habit --wait 3s || ended 4
	run cat err
	assert_line --partial "payload type 96 is described as VP8, which its packets are not: dropped (cure: --sdp FILE or --pt 96=opus, or if it is SRTP --key-file FILE)"
	[ "$(grep -c 'payload type' err)" -eq 1 ]
	run last '[.recv.unfit, .recv.packets]'
	assert_output '[50,0]'
	meet habit --stop-on bye --pt 96=opus
	run last '[.recv.unfit, .recv.packets]'
	assert_output '[0,50]'
	run cat err
	assert_output ""
}

@test "two ports that number differently become one stream" {
	cat >opus.sdp <<-'END'
		v=0
		o=- 0 0 IN IP4 127.0.0.1
		s=-
		t=0 0
		m=audio 0 RTP/AVP 96
		a=rtpmap:96 opus/48000/2
	END
	sed 's/audio/video/; s/opus.*/VP8\/90000/' opus.sdp >vp8.sdp
	listen --stop-on bye a=rtp://127.0.0.1:0,sdp=opus.sdp \
		b=rtp://127.0.0.1:0,sdp=vp8.sdp
	$peer twins "$port" "${urls[1]##*:}"
	ended
	run bash -c 'vc-probe --packets=json got |
		jq -c "select(.type == \"rtp\") | [.pt, .codec]" | sort | uniq -c'
	assert_line --regexp '^ *50 \[96,"opus"\]$'
	assert_line --regexp '^ *50 \[97,"VP8"\]$'
	run bash -c 'vc-probe --packets=json got |
		jq -c "select(.type == \"rtp\") | .ssrc" | sort -u'
	[ "${#lines[@]}" -eq 2 ]
	# Names and BYE go with the new number.
	run bash -c 'vc-probe --json got |
		jq -c ".sources[] | [.id, .kind, .media.packets]" | sort'
	assert_output $'["a","audio",50]\n["b","video",50]'
}

@test "--sdp may say where to listen, each section by its port" {
	cat >both.sdp <<-END
		v=0
		o=- 0 0 IN IP4 127.0.0.1
		s=-
		c=IN IP4 127.0.0.1
		t=0 0
		m=audio $(free_port) RTP/AVP 96
		a=rtpmap:96 opus/48000/2
		m=video $(free_port) RTP/AVP 96
		a=rtpmap:96 VP8/90000
	END
	rm -f ready
	mkfifo ready
	vc-recv --ready=ready --sdp both.sdp --stop-on bye >got 3>&- &
	pid=$!
	pids+=("$pid")
	mapfile -t urls < <(sed 's/^ready //' ready)
	[ "${#urls[@]}" -eq 2 ]
	$peer twins "${urls[0]##*:}" "${urls[1]##*:}"
	ended
	run bash -c 'vc-probe --json got | jq -c ".sources[] |
		[.kind, .codec, .media.packets]" | sort'
	assert_output $'["audio","opus",50]\n["video","VP8",50]'
}

# --- RTCP of vc-recv ---

@test "receiver reports: what was lost, when the last SR was, within 5 %" {
	meet report --stop-on bye --feedback=rr
	run last '.recv.rtcp_out >= 1'
	assert_output true
	run bash -c 'vc-probe --json got |
		jq ".sources[0].net | [.lost, .expected - .received]" -c'
	assert_output '[25,25]'
}

@test "RTCP on the next port is answered there" {
	meet rtcp_next --stop-on bye
	run events source .id
	assert_line '"next"'
}

@test "a picture is asked for, once a second however often that is wanted" {
	listen --stop-on bye --control ctl
	$peer pli "$port" 3>&- &
	scenario=$!
	pids+=("$scenario")
	run -1 vc-ctl ctl keyframe 77
	assert_output --partial "no such source"
	while kill -0 "$scenario" 2>/dev/null; do
		vc-ctl ctl keyframe >/dev/null 3>&- || :
	done
	wait "$scenario"
	ended
	run last '.recv.pli_out >= 2 and .recv.pli_out <= 4'
	assert_output true
}

# --- ends ---

@test "who falls silent has left: BYE and leave" {
	meet silent --timeout 500ms --stop-on empty:100ms
	run last .ended
	assert_output '"empty"'
	run events leave .why
	assert_output '"timeout"'
	run packets rtcp '.packets[] | select(.type == "BYE") | .type'
	assert_output '"BYE"'
}

# Waits until $1 have left, and it has looked around after that.
left_and_on()
{
	until [ "$(grep -ao '"ev":"leave"' got | wc -l)" -ge "$1" ]; do
		pause
	done
	await stats ".seq >= $(record stats .seq) + 4"
	[ "$(record stats '.ended // "goes on"')" = '"goes on"' ]
}

@test "--stop-on bye: by nobody who is only silent, unless he was so before" {
	listen --timeout 500ms --stop-on bye --stats-interval 100ms
	$peer silent "$port"
	left_and_on 1
	$peer bye_then_silent "$port"
	left_and_on 3
	$peer silent_then_bye "$port"
	ended
	run last .ended
	assert_output '"bye"'
	run bash -c 'grep -ao "\"why\":\"[a-z]*" got | sort | uniq -c | tr -s " "'
	assert_output $' 2 "why":"bye\n 3 "why":"timeout'
}

@test "no media: exit 4; idle: an orderly end; duration: by media time" {
	listen --wait 100ms
	ended 4
	meet silent --idle-timeout 200ms
	run last .ended
	assert_output '"idle"'
	listen -t 1s
	vc-capture -t 3s test: | vc-send -q "$url"
	ended
	run last .ended
	assert_output '"duration"'
	run bash -c 'vc-probe --json got | jq "[.sources[].media.packets > 40] | all"'
	assert_output true
}

@test "SIGTERM: BYE for all that is here, exit 0" {
	listen --stats-interval 10ms
	$peer silent "$port"
	await stats '.recv.packets >= 10'
	kill -TERM "$pid"
	ended
	run events leave .why
	assert_output '"eof"'
	run last .ended
	assert_output '"signal"'
}

@test "wrong usage of vc-recv: exit 2, and what is wrong" {
	while IFS='|' read -r args message; do
		eval "run -2 vc-recv $args"
		assert_output --partial "$message"
	done <<-'END'
		|where to listen?
		5004|not an address to listen on
		tcp://127.0.0.1:5004|not an address to listen on
		'rtp://:5004?sdp=a'|rtp://:5004,sdp=a
		rtp://::1:5004|brackets
		rtp://:5004,lash=first|no such key: lash=
		rtp://:5004,latch=maybe|latch=off|first|always
		rtp://:5004,rtcp=maybe|rtcp=mux|+1|PORT|off
		srtp://:5004|no SRTP key
		--pt 200=opus rtp://:5004|--pt 200=opus
		--pt 96=what rtp://:5004|--pt 96=what
	END
}

# --- vc-send ---

@test "own SSRC, sequence and time: contiguous, announced, ended; by the seed" {
	talk >sent
	for run in 1 2; do
		hear 1
		vc-send -i sent --seed 7 "${urls[0]}"
		wait "$hear"
		heard 'select(.kind == "rtp") | [.ssrc, .seq, .ts]' >"run$run"
	done
	cmp run1 run2
	hear 1
	vc-send -i sent --seed 8 "${urls[0]}"
	wait "$hear"
	heard 'select(.kind == "rtp") | [.ssrc, .seq, .ts]' >run3
	run ! cmp run1 run3
	# SR and SDES before the first packet of each, BYE at its end.
	for pt in 111 96; do
		ssrc=$(jq "select(.pt == $pt) | .ssrc" heard | head -n 1)
		jq -c "select(.ssrc == $ssrc)" heard >one
		run jq -c '[.types, .cname, .name, .packets]' <(head -n 1 one)
		assert_output '[[200,202],"alice","alice",0]'
		run jq -c '[.types, .bye == [.ssrc]]' <(tail -n 1 one)
		assert_output '[[200,202,203],true]'
		sent=$(jq -c 'select(.kind == "rtp")' one | wc -l)
		run jq .packets <(tail -n 1 one)
		assert_output "$sent"
		# The NTP time is the stream's, the line that of the packets, to
		# a tick of rounding at each end.
		rate=$([ "$pt" = 111 ] && echo 48000 || echo 90000)
		run jq -s --argjson rate "$rate" 'map(select(.types)) |
			(.[-1].ntp - .[0].ntp) as $s |
			((.[-1].ts - .[0].ts + 4294967296) % 4294967296) as $d |
			($d - $s * $rate | fabs) <= 2' one
		assert_output true
		run jq -s 'map(select(.kind == "rtp") | .seq) |
			[range(1; length) as $i |
			(.[$i] - .[$i - 1] + 65536) % 65536] | unique' -c one
		assert_output '[1]'
	done
	run jq -s '[.[].ssrc | select(. != null)] | unique | length' heard
	assert_output 2
}

@test "media= sends each kind its way; many destinations get the same" {
	hear 4
	talk | vc-send "${urls[0]},media=audio" "${urls[1]},media=video" \
		"${urls[2]}" "${urls[3]}"
	wait "$hear"
	run bash -c 'jq -c "select(.kind == \"rtp\") | [.at, .pt]" heard | sort -u'
	assert_output $'[0,111]\n[1,96]\n[2,111]\n[2,96]\n[3,111]\n[3,96]'
	heard 'select(.at == 2 and .kind == "rtp") | [.ssrc, .seq, .ts]' >a
	heard 'select(.at == 3 and .kind == "rtp") | [.ssrc, .seq, .ts]' >b
	cmp a b
}

@test "routes: each name one continuous stream, the others what is for all" {
	hear 3
	$peer route >routed
	vc-send -i routed --pace=off "alice=${urls[0]}" "bob=${urls[1]}" \
		"${urls[2]}"
	wait "$hear"
	for at in 0 1; do
		heard "select(.at == $at and .kind == \"rtp\")" >one
		run jq -s '[length, (map(.ssrc) | unique | length)]' -c one
		assert_output '[100,1]'
		# Without a jump over the switch: to the tick, in both.
		run jq -s '[range(1; length) as $i | [
			(.[$i].seq - .[$i - 1].seq + 65536) % 65536,
			(.[$i].ts - .[$i - 1].ts + 4294967296) % 4294967296]] |
			unique' -c one
		assert_output '[[1,960]]'
	done
	# Everybody's is A; nobody gets C.
	run bash -c 'jq -c "select(.at == 2 and .kind == \"rtp\") | .ssrc" heard |
		sort -u | wc -l'
	assert_output 1
	run bash -c 'jq -s "map(select(.at == 2 and .kind == \"rtp\")) | length" heard'
	assert_output 100
}

@test "recorded streams go at their own pace, or at once, or at a rate" {
	talk >sent
	for pace in media off 1M; do
		hear 1
		vc-send -i sent --pace="$pace" "${urls[0]}"
		wait "$hear"
		cp heard "$pace"
	done
	run jq -s '.[-1].t | . > 1.3 and . < 3' media
	assert_output true
	run jq -s '.[-1].t < 1.2' off
	assert_output true
	# Never more than rate * time + burst, and two packets to measure by.
	most='[foreach .[] as $p (0; . + $p.len * 8; . - 1e6 * $p.t)] | max'
	run jq -s "$most < 24000 + 20000" 1M
	assert_output true
	# There is something to spread: by the clip's own times, as a live
	# receiver may see a burst late.
	run jq -s "[.[] | select(.type == \"rtp\")] | .[0].t as \$t0 |
		map({ t: ((.t - \$t0) / 1e6), len: .size }) | $most > 60000" \
		<(vc-probe --packets=json sent)
	assert_output true
}

@test "a destination that refuses is named once; the others get all" {
	listen
	kill -KILL "$pid"
	wait "$pid" || :
	hear 1
	talk --video=none >sent
	run -0 --separate-stderr vc-send -i sent --pace=off \
		"rtp://127.0.0.1:$port" "${urls[0]}"
	wait "$hear"
	[ "$(jq -r 'select(.kind == "rtp") | .kind' heard | wc -l)" -eq 75 ]
	assert_equal "$stderr" "vc-send: rtp://127.0.0.1:$port: refused: nobody listens there; sending goes on"
}

@test "reports of the receiver are in the statistics" {
	listen --stop-on bye
	vc-capture -t 5s --video=none test: |
		vc-send --stats=sent.json "$url"
	ended
	run jq -sc '.[-1].destinations[0] | [.rtcp_in >= 1,
		.feedback[0].lost, .feedback[0].rtt_ms >= 0,
		.feedback[0].rtt_ms < 500]' sent.json
	assert_output '[true,0,true,true]'
}

@test "--sdp-out: addresses, the formats that are sent first, the warning" {
	talk >sent
	hear 1
	run -0 --separate-stderr vc-send -i sent --pace=off \
		--sdp-out one.sdp "${urls[0]}"
	p=${urls[0]##*:}
	assert_equal "$stderr" "vc-send: one.sdp: two sections on one port, which ffmpeg cannot read; for it: rtp://127.0.0.1:$p,media=audio rtp://127.0.0.1:$((p + 2)),media=video"
	run tr -d '\r' <one.sdp
	assert_line "m=audio $p RTP/AVP 111"
	assert_line "m=video $p RTP/AVP 96 97"
	assert_line "a=fmtp:97 apt=96"
	assert_line "a=rtcp-fb:96 nack"
	assert_line "c=IN IP4 127.0.0.1"
	refute_output --partial x-vc
	hear 2
	run -0 --separate-stderr vc-send -i sent --pace=off --sdp-out two.sdp \
		"${urls[0]},media=audio" "${urls[1]},media=video"
	assert_equal "$stderr" ""
	# Through vc-recv all default formats are described.
	listen --stop-on bye --pt 100=VP8
	vc-send -i sent --pace=off "$url"
	ended
	vc-send -i got --pace=off --sdp-out many.sdp "${urls[0]}" 2>/dev/null \
		|| :
	run tr -d '\r' <many.sdp
	assert_line --regexp '^m=audio [0-9]+ RTP/AVP 111 '
	assert_line --regexp '^m=video [0-9]+ RTP/AVP 96 '
}

@test "bind= and ready lines: the local port" {
	hear 1
	rm -f ready
	mkfifo ready
	talk --video=none >sent
	vc-send -i sent --pace=off --ready=ready \
		"${urls[0]},bind=127.0.0.1:0" 3>&- &
	pid=$!
	pids+=("$pid")
	read -r word local <ready
	[ "$word" = ready ]
	[[ $local =~ ^rtp://127\.0\.0\.1:[1-9][0-9]*$ ]]
	ended
}

@test "wrong usage of vc-send: exit 2, and what is wrong" {
	while IFS='|' read -r args message; do
		eval "run -2 vc-send $args </dev/null"
		assert_output --partial "$message"
	done <<-'END'
		|where to?
		a.vcrtp|not an address to send to
		rtp://:5004|where to?
		rtp://127.0.0.1:0|where to?
		rtp://127.0.0.1:5004,media=smell|media=audio
		rtp://127.0.0.1:5004,rtcp=x|rtcp=mux
		rtp://127.0.0.1:5004,bind=nonsense|bind=nonsense
		rtp://127.0.0.1:5004,ttl=900|ttl=1 to 255
		rtp://127.0.0.1:5004,face=lo|no such key: face=
		--pace=fast rtp://127.0.0.1:5004|--pace
		--pace=5 rtp://127.0.0.1:5004|--pace
	END
}

@test "no input: exit 4, and which command failed" {
	run -4 vc-send rtp://127.0.0.1:5004 </dev/null
	assert_output --partial "empty (did the command before it fail?)"
}
