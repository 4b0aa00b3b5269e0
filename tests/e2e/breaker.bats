#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Circuit breakers (RFC 8083): vc-send to peers that say nothing, or nothing
# good.
# Runs live, 120 s: rates are by the clock.

# shellcheck disable=SC2154 # bats and the helpers set what is used
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load bwe

@test "who says nothing at all gets nothing more, until he does" {
	local quiet off

	meet silent
	quiet=$url
	# Meanwhile: nobody needs to report on this machine, or where it is off.
	for off in auto off; do
		mkfifo "$off"
		python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
open(sys.argv[1], "w").write(f"rtp://127.0.0.1:{s.getsockname()[1]}\n")
while True: s.recv(9000)' "$off" 3>&- &
		pids+=("$!")
		read -r url <"$off"
		capture 18s --video none | vc-send --breaker="$off" \
			--stats="$off.stats" "$url" 3>&- &
		pids+=("$!")
	done
	capture 38s --video none | vc-send --breaker=on --stats=send.stats \
		--stats-interval 200ms --control ctl "$quiet" 2>err 3>&- &
	pids+=("$!")
	wait_for test -S ctl
	vc-ctl ctl events >events 3>&- &
	pids+=("$!")
	wait "${pids[5]}"
	wait "${pids[0]}"
	cat peer err
	run jq -c '[.stop > 14 and .stop < 18, .back > 33 and .back < 35,
		.end > 36, .rtcp >= 2]' peer
	assert_output '[true,true,true,true]'
	run grep -c 'stopped: nobody there has reported' err
	assert_output 1
	run grep -c 'sending goes on' err
	assert_output 1
	run sent '.breaker | [.state, .trips, .stopped > 500]'
	assert_output '["closed",1,true]'
	run jq -sc 'map(select(.ev == "breaker") | [.state, .why])' events
	assert_output '[["open","silence"],["closed","fine"]]'
	for off in auto off; do
		run jq -sc 'last.destinations[0] | [.breaker.trips,
			.breaker.stopped, .packets > 800]' "$off.stats"
		assert_output '[0,0,true]'
	done
}

@test "a long blackout stops it, and its end lets it go on at once" {
	listen
	relay blackout=20s from=6s
	capture 31s --video none | vc-send --stats=send.stats "$url" 2>err
	wait "$recv"
	run grep -c 'stopped: no report came for so long' err
	assert_output 1
	run sent '.breaker | [.state, .trips]'
	assert_output '["closed",1]'
	# How long nothing came, in us; and a second later all comes.
	run jq -sc 'map(select(.type == "rtp") | .t) as $t |
		([range(1; $t | length)] | max_by($t[.] - $t[. - 1])) as $i |
		[$t[$i] - $t[$i - 1] < 21000000, ([$t[] | select(. > $t[$i] +
			1000000 and . < $t[$i] + 2000000)] | length) > 45]' \
		<(vc-probe --packets=json got)
	assert_output '[true,true]'
}

@test "reports that nothing arrives stop it, ones that something does do not" {
	meet stalled
	capture 12s --video none | vc-send --stats=send.stats \
		--stats-interval 100ms "$url" 2>err
	wait "${pids[0]}"
	cat peer
	run grep -c 'stopped: reports say that nothing arrives' err
	assert_output 1
	# A little is tried, of this sound at 48 kbit/s nearly all.
	run jq -c '.rate | [.[0] > 30, .[10] > 40]' peer
	assert_output '[true,true]'
	run sent '.breaker | [.trips, .stopped > 0]'
	assert_output '[1,true]'
	run jq -sc '[.[].destinations[0].breaker.why] | unique' send.stats
	assert_output '["fine","nothing arrives"]'
}

@test "nothing but loss stops it, and a command lets it go on" {
	meet lossy
	capture 12s --video none | vc-send --stats=send.stats --control ctl \
		--stats-interval 100ms "$url" 2>err 3>&- &
	pids+=("$!")
	wait_for grep 'nearly all of it is lost' err
	wait_for vc-ctl ctl resume
	run -1 vc-ctl ctl resume nobody
	wait "${pids[1]}"
	run grep -c 'sending goes on' err
	assert_output 1
	run sent '[.breaker.trips >= 2, .breaker.state, .breaker.why]'
	assert_output '[true,"open","loss"]'
}

@test "ten times what TCP would get: a tenth is sent" {
	meet congested
	capture 20s --audio none --vbitrate 2M | vc-send --stats=send.stats \
		--stats-interval 200ms "$url" 2>err
	wait "${pids[0]}"
	cat peer
	run grep -c 'congested: a tenth is sent' err
	[ "$output" -ge 1 ]
	run jq -c '.octets | max > 100000 and (.[3:18] | min) < max / 5' peer
	assert_output true
	run sent '.dropped > 20'
	assert_output true
}
