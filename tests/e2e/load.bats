#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-probe load against peers that send back, through a relay, and against some
# that do not. Runs live, 25 s: sessions are by the clock.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((90 * ${VC_SLOW:-1}))
load ../common

# A peer that sends everything back; 'url' is where.
echo_peer()
{
	rm -f ready
	mkfifo ready
	timeout 60 vc-probe reflect --plain --ready=ready rtp://127.0.0.1:0 \
		2>echo.err 3>&- &
	pids+=("$!")
	read -r _ url <ready
}

load_it() { timeout 40 vc-probe load "$@"; }

@test "thirty sessions, each of which gets what it sent" {
	echo_peer
	load_it --sessions 30 --ramp 20/s -t 3s --json --got got.vcrtp \
		-e 'load.loss<5%' -e 'load.corrupt==0' -e 'total.silent==0' \
		"$url" >record
	run jq -c '.schema, (.sources | length, (map(.load.sent) |
		(first > last), min > 50), all(.ok),
		(map(.load.sources) | unique), all(.load.rtt_ms.p50 > 0)),
		.total.sessions, .total.silent' record
	assert_output "$(printf '%s\n' '"vc.probe.load/1"' 30 true true true \
		'[2]' true 30 0)"
	# The pictures and the sound of the first, with their marks.
	timeout 30 vc-probe --marks --json got.vcrtp >marks
	run jq -c '[.sources[] | select(.kind == "video") |
		.width, .marks.read > 50, .marks.missing]' marks
	assert_output '[320,true,0]'
}

@test "two runs of a seed send the same, sessions do not" {
	cat >collect.py <<-'END'
		import socket, struct, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.bind(("127.0.0.1", 0))
		s.settimeout(30)
		print(s.getsockname()[1], flush=True)
		seen, left = {}, set()
		while len(left) < 6:
		    p, who = s.recvfrom(3000)
		    while p and 192 <= p[1] <= 223: # a compound packet
		        n = 4 * struct.unpack(">H", p[2:4])[0] + 4
		        if p[1] == 203: # BYE
		            at = range(4, 4 + 4 * (p[0] & 31), 4)
		            left |= {p[i:i + 4] for i in at}
		        p = p[n:]
		    if p:
		        seen.setdefault(p[8:12].hex(), []).append(
		            struct.unpack(">H", p[2:4])[0])
		for v in seen.values():
		    assert [(x - v[0]) % 65536 for x in v] == list(range(len(v)))
		print(*sorted(seen))
	END
	for i in 1 2; do
		mkfifo ports$i
		timeout 40 python3 collect.py >ports$i 3>&- &
		pids+=("$!")
		exec 5<ports$i
		read -r port <&5
		load_it --sessions 3 -t 500ms --seed 7 \
			"rtp://127.0.0.1:$port" >table 2>err || code=$?
		[ "$code" -eq 4 ]
		read -r ssrcs <&5
		exec 5<&-
		echo "$ssrcs" >ssrcs$i
		[ "$(wc -w <ssrcs$i)" -eq 6 ]
	done
	cmp ssrcs1 ssrcs2
}

@test "what is lost on the way back is that session's" {
	# Sends back all but what comes from the second port that it sees, and
	# of the third one every second packet; of the fourth other octets.
	cat >some.py <<-'END'
		import socket
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.bind(("127.0.0.1", 0))
		print(s.getsockname()[1], flush=True)
		known, n = [], 0
		while True:
		    p, who = s.recvfrom(3000)
		    if who not in known:
		        known.append(who)
		    n += 1
		    i = known.index(who)
		    if i == 3:
		        p = p[:-1] + b"?"
		    if i != 1 and not (i == 2 and p[3] % 2):
		        s.sendto(p, who)
	END
	mkfifo port
	timeout 40 python3 some.py >port 3>&- &
	pids+=("$!")
	read -r port <port
	run --separate-stderr load_it --sessions 4 --ramp 10/s -t 2s --json \
		"rtp://127.0.0.1:$port"
	[ "$status" -eq 3 ]
	[[ $stderr == *"1 of 4 sessions got nothing"* ]]
	[[ $stderr == *"1 sessions got other octets than they sent"* ]]
	run jq -c '[.sources[] | .ok], [.sources[].load | .received > 0],
		(.sources[2].load.loss * 10 | round),
		.sources[1].load.loss, (.sources[3].load.corrupt > 50)' \
		<<<"$output"
	assert_output "$(printf '%s\n' '[true,false,true,false]' \
		'[true,false,true,true]' 5 null true)"
}

@test "by a port of its own, that it tells" {
	# Sends what comes to the port that it is told.
	cat >there.py <<-'END'
		import socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.bind(("127.0.0.1", 0))
		print(s.getsockname()[1], flush=True)
		to = int(open("ready").read().strip().split(":")[-1])
		while True:
		    s.sendto(s.recv(3000), ("127.0.0.1", to))
	END
	mkfifo port ready
	timeout 40 python3 there.py >port 3>&- &
	pids+=("$!")
	read -r port <port
	load_it --sessions 5 -t 1s --json --listen rtp://127.0.0.1:0 \
		--ready=ready "rtp://127.0.0.1:$port" >record
	run jq -c '.total.silent, .total.strays, all(.sources[]; .ok)' record
	assert_output "$(printf '%s\n' 0 0 true)"
}

@test "nobody there is exit 4, a signal an orderly end" {
	run load_it --sessions 2 -t 500ms "rtp://127.0.0.1:$(free_port)"
	assert_failure 4
	assert_output --partial 'nothing came back to any session: refused'
	echo_peer
	timeout 60 vc-probe load -t 1h --sessions 2 --json --stats=stats \
		--stats-interval 100ms "$url" >record 3>&- &
	pid=$!
	pids+=("$pid")
	await stats '.received > 10'
	pkill -INT -P "$pid"
	ended
	run jq -c '.total.silent, (.total.received > 10)' record
	assert_output "$(printf '%s\n' 0 true)"
	run jq -sr 'last.ended' stats
	assert_output signal
}

@test "wrong usage" {
	for ramp in 10 10/m x/s 0/s; do
		run load_it --ramp $ramp rtp://127.0.0.1:9
		assert_failure 2
	done
	run load_it --sessions 0 rtp://127.0.0.1:9
	assert_failure 2
	run load_it
	assert_failure 2
	run load_it -e 'load.corupt<1' rtp://127.0.0.1:9
	assert_failure 2
	assert_output --partial 'did you mean load.corrupt?'
}
