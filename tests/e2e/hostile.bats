#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Broken, odd and forged packets: into streams, at vc-recv, back at vc-send.
# Runs alone: floods take all of the processor.

# shellcheck disable=SC2030,SC2031,SC2094,SC2154 # bats has subshells
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	hostile=$VC_BUILD/tests/e2e/hostile_send
}

# Ends in time, by itself, and tells a terminal nothing that it would obey.
survives()
{
	local code=0

	timeout -k 1 20 "$@" >out 2>err || code=$?
	[ "$code" -le 4 ]
	harmless err
}

harmless()
{
	run ! grep -q 'Sanitizer\|runtime error' "$1"
	[ "$(LC_ALL=C tr -d '\n\t' <"$1" | LC_ALL=C tr -dc '\000-\037\177' |
		wc -c)" -eq 0 ]
}

# Starts vc-recv; its port is then $port.
listen()
{
	rm -f ready
	mkfifo ready
	vc-recv --ready=ready --stats=stats rtp://127.0.0.1:0 \
		>got 2>recv.err 3>&- &
	pid=$!
	pids+=("$pid")
	port=$(sed 's/.*://' ready)
}

# Ends it, as it should end: within a second (or three, on a slow machine).
hang_up()
{
	kill -TERM "$pid"
	timeout 3 tail --pid="$pid" -f /dev/null
	wait "$pid"
}

rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }

# H1 to H8, C1 to C7, P1 to P4, F5
@test "a bad packet behind each good one: every tool lives" {
	vc-capture --virtual -t 1s --name alice test: >good
	for seed in 1 2 3; do
		"$hostile" spoil "$seed" <good >bad
		survives vc-probe bad
		survives vc-probe --json bad
		jq -e '.sources | length > 0' out
		survives vc-mix bad -o mixed
		survives vc-record -i bad "$seed.webm"
		survives vc-play --sheet "$seed.png" --wav "$seed.wav" bad
		survives vc-send --fast -i bad rtp://127.0.0.1:9
	done
	# Nothing lies where a name wanted it.
	[ -z "$(find .. -maxdepth 1 -name 'x*')" ]
	run find . -type f -newer good ! -name '[1-3].*'
	refute_output --partial $'\033'
}

# H9, H10, C4
@test "a flood from strangers: bounded, unanswered, and alice is heard" {
	vc-capture --virtual -t 4s --seed 3 --name alice --cname alice test: \
		>clip
	listen
	vc-send --fast --seed 3 -i clip "rtp://127.0.0.1:$port"
	hang_up
	mv got heard
	listen
	vc-send --seed 3 -i clip "rtp://127.0.0.1:$port" 3>&- &
	sender=$!
	pids+=("$sender")
	before=$(rss_kb "$pid")
	"$hostile" flood "$port" 6000 1500 1 heard >flood
	[ $(($(rss_kb "$pid") - before)) -lt 16384 ]
	wait "$sender"
	hang_up
	harmless recv.err
	# At most a line a second of each of a handful of kinds.
	[ "$(wc -l <recv.err)" -le 20 ]
	# No more than a twentieth went back, and it all was counted.
	jq -e '.back_octets <= .octets / 20' flood
	tail -n 1 stats | jq -e '.recv | .malformed > 0 and .notrtp > 0 and
		.rtcp_malformed > 0 and .rtcp_foreign > 0 and
		.fec_refused > 0'
	vc-probe --json got >report
	jq -e '[.sources[] | select(.id == "alice") | .net] |
		length == 2 and all(.lost <= .expected / 100)' report
	sent=$(vc-probe --json clip | jq '[.sources[].packets] | add')
	jq -e --argjson sent "$sent" '[.sources[] |
		select(.id == "alice") | .packets] | add >= $sent * 0.99' \
		report
}

# Starts a script of Python, on stdin, that knows netpeer.py.
peer() { PYTHONPATH=$BATS_TEST_DIRNAME python3 - "$@"; }

last() { grep '}$' stats | tail -n 1 | jq -c "$1"; }

# C8
@test "RTCP at any rate: so much of it is taken, and media goes on" {
	listen
	peer "$port" <<-'END'
		import sys, time
		from netpeer import Peer, rr, rtp
		p = Peer(int(sys.argv[1]))
		p.hello(7, "alice")
		for i in range(100):
		    p.send(rtp(7, i, i * 960))
		    for _ in range(20):
		        p.send(rr(7))
		    time.sleep(0.005)
	END
	hang_up
	# 50 a second, and who is not here yet has no bound of his own.
	run last '.recv | [.packets, .rtcp_malformed, .rtcp_held > 1500]'
	assert_output '[100,0,true]'
}

# What all of it may cost: 16 MB. A build that is watched keeps what is freed.
stays_small()
{
	local after

	after=$(rss_kb "$pid")
	echo "$((after - $1)) kB more"
	grep -aq __asan_init "/proc/$pid/exe" ||
		[ $((after - $1)) -lt 16384 ]
}

# H9
@test "a hundred thousand SSRCs from many addresses: bounded" {
	listen
	before=$(rss_kb "$pid")
	peer "$port" <<-'END'
		import sys, time
		from netpeer import Peer, rtp
		peers = [Peer(int(sys.argv[1]), f"127.0.{i % 2 + 1}.{i // 2 + 2}")
		         for i in range(400)]
		for i in range(100000):
		    for k in range(2):
		        peers[i % 400].send(rtp(0x10000 + i, k, 0))
		    if i % 50 == 49:
		        time.sleep(0.001)
	END
	stays_small "$before"
	hang_up
	run last '.recv | [.full > 0, .evicted > 0, .candidates > 10000]'
	assert_output '[true,true,true]'
	harmless recv.err
	# At most one a second.
	[ "$(wc -l <recv.err)" -le 60 ]
}

# H9, P7
@test "as many as may be, all with names, holes and parity: bounded" {
	listen
	before=$(rss_kb "$pid")
	peer "$port" <<-'END'
		import struct, sys, time
		from netpeer import Peer, rtp
		peers = [Peer(int(sys.argv[1]), f"127.0.0.{i}")
		         for i in range(2, 10)]
		for i in range(4200):
		    p, ssrc = peers[i % 8], 0x10000 + i
		    p.hello(ssrc, f"user{i}")
		    p.send(rtp(ssrc, 1, 0))
		    p.send(rtp(ssrc, 2000, 0))
		    p.send(rtp(0, 1, 0, struct.pack(
		        ">HHIIIHHI16x", 0, 0, 0, 1 << 24, ssrc, 2000, 0xFFFF,
		        0xFFFFFFFF), pt=118))
		    if i % 20 == 19:
		        time.sleep(0.005)
		for k in range(2001, 2006):
		    for i in range(4200):
		        peers[i % 8].send(rtp(0x10000 + i, k, 0))
		        if i % 40 == 39:
		            time.sleep(0.002)
	END
	stays_small "$before"
	hang_up
	run last '.recv | [.full > 0, .crowded > 0, .fec <= 4200]'
	assert_output '[true,true,true]'
	harmless recv.err
	[ "$(wc -l <recv.err)" -le 10 ]
}

# P7
@test "retransmissions of anything, of each other, from anybody: once each" {
	listen
	peer "$port" <<-'END'
		import struct, sys, time
		from netpeer import Peer, VP8_INTER, rtp
		p, other = (Peer(int(sys.argv[1])) for _ in range(2))
		p.hello(7, "alice")
		seq = 0
		def media(numbers):
		    for n in numbers:
		        p.send(rtp(7, n, n * 3000, VP8_INTER, pt=96, marker=1))
		        time.sleep(0.002)
		def again(osn, payload=VP8_INTER, who=p, pt=97):
		    global seq
		    who.send(rtp(8, seq, osn * 3000, struct.pack(">H", osn)[
		        :1 if payload is None else 2] + (payload or b""), pt=pt))
		    seq += 1
		media(n for n in range(100) if n not in (50, 60))
		time.sleep(0.1)
		for k in range(300):
		    again(k % 50)                        # had
		    again((200, 5000, 33000, 65000)[k % 4])   # not yet, or long ago
		    again(k * 217 % 65536, None)          # half a number
		    again(50, who=other)                  # a stranger's
		    again(40, struct.pack(">H", 41) + rtp(8, 0, 0, struct.pack(
		        ">H", 42) + VP8_INTER, pt=97))    # one in another
		again(50)
		again(50)
		again(60, VP8_INTER)
		again(60, b"")
		media(range(100, 150))
	END
	hang_up
	vc-probe --packets=json got | jq -sc '[.[] | select(.type == "rtp") |
		[.ssrc, .pt, .seq]] | [length, (unique | length), (map(.[2]) |
		min, max), (map(.[:2]) | unique)]' >numbers
	run cat numbers
	assert_output '[150,150,0,149,[[7,96]]]'
	run last '.recv | [.needless >= 300, .packets < 2000]'
	assert_output '[true,true]'
	harmless recv.err
	[ "$(wc -l <recv.err)" -le 10 ]
}

# H6
@test "a format that changes is followed, one that is not described is not" {
	listen
	peer "$port" <<-'END'
		import sys
		from netpeer import Peer, rtp
		p = Peer(int(sys.argv[1]))
		p.hello(7, "alice")
		row = [111] * 5 + [0] * 5 + [55] * 5 + [72, 76] + [111] * 5
		for i, pt in enumerate(row):
		    data = bytes(160) if pt == 0 else b"\xf8\xff\xfe"
		    p.send(rtp(7, i, i * 960, data, pt=pt))
		p.send(rtp(7, 99, 0, pt=72, marker=1))  # RTCP, by RFC 5761
	END
	hang_up
	run bash -c 'vc-probe --packets=json got |
		jq "select(.type == \"rtp\") | .pt" | uniq -c | tr -s " "'
	assert_output $' 5 111\n 5 0\n 5 111'
	run last '.recv | [.pt, .rtcp_malformed]'
	assert_output '[7,1]'
}

# An SDP with $2 for its line about the payload type, $1 for the one before.
sdp()
{
	printf 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nt=0 0\n%b\n%b\n' "$@" >sdp
}

# It is refused, in one line that names the line $1.
refused()
{
	run -1 --separate-stderr timeout 5 vc-recv --wait 10ms --sdp sdp \
		rtp://127.0.0.1:0
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == *"sdp: line $1: "* ]]
	harmless <(echo "$stderr")
}

# D1
@test "SDPs that cannot be: refused, with the line; names are asked of nobody" {
	local good='m=audio 5004 RTP/AVP 111' map='a=rtpmap:111 opus/48000/2'

	for m in 65536 -1 5004x '' 4294967296; do
		sdp "m=audio $m RTP/AVP 111" "$map"
		refused 5
	done
	for pt in 256 4294967296 -1; do
		sdp "m=audio 5004 RTP/AVP $pt" "$map"
		refused 5
	done
	for what in opus/0 opus/4000000000 opus/48000/0 opus/48000/255; do
		sdp "$good" "a=rtpmap:111 $what"
		refused 6
	done
	sdp "$good" "$map\\r\na=x:\\0000"
	refused 7
	sdp "c=IN IP4 224.1.2.3/999\n$good" "$map"
	refused 5
	sdp "$good" "a=x:$(printf %02000d 0)"
	refused 6
	sdp "$good" "$(yes "$good" | head -n 1000)"
	refused 21
	# It is named, or kept in its place, in the terminal's language too.
	sdp "m=\\0033[2J 5004 RTP/AVP 0" "$map"
	run -4 --separate-stderr vc-recv --sdp sdp --wait 10ms \
		rtp://127.0.0.1:0
	harmless <(echo "$stderr")
	sdp "c=IN IP4 evil.example.com\n$good" "$map"
	run -2 --separate-stderr timeout 5 vc-recv --sdp sdp
	[[ $stderr == *"The SDP has a name, not an address"* ]]
	yes "$good" | head -c 100000 >sdp
	run -1 --separate-stderr timeout 5 vc-recv --wait 10ms --sdp sdp \
		rtp://127.0.0.1:0
	[[ $stderr == *"File too large"* ]]
}

# C5, C6
@test "a peer that answers with nonsense changes nothing that is sent" {
	vc-capture --virtual -t 3s --name alice test: >clip
	mkfifo ready
	"$hostile" answer ready 4 1000 1 >answer 3>&- &
	pids+=("$!")
	read -r port <ready
	timeout -k 1 20 vc-send --stats=stats -i clip "rtp://127.0.0.1:$port" \
		2>err
	harmless err
	wait "${pids[0]}"
	jq -e '.sent > 1000' answer
	sent=$(vc-probe --json clip | jq '[.sources[].packets] | add')
	jq -e --argjson sent "$sent" '.back >= $sent' answer
	[ "$(wc -l <err)" -le 5 ]
}
