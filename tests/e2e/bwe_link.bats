#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Congestion control over a link of its own, which needs root.
# Runs live, 35 s: rates are by the clock.

# shellcheck disable=SC2154 # from bwe.bash
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load bwe
load cable

setup() { begin; }

teardown()
{
	kill_all
	cut_cable
}

# Waits until media has gone for $1 seconds.
passed()
{
	wait_for jq -se --argjson s "$1" '
		map(select(.destinations[0].packets > 0)) |
		length > 0 and last.t - first.t >= $s * 1e6' send.stats
}

@test "over a link of its own, 1 Mbit/s by tbf" {
	lay_cable
	# Octets of the link layer; the queue is 150 ms long.
	tc -n "$near" qdisc add dev cable root tbf rate 1mbit burst 1540 \
		limit 18750
	mkfifo ready
	ip netns exec "$far" vc-recv --ready=ready --stop-on bye \
		--stop-on empty:1s --stats=recv.stats --stats-interval 500ms \
		rtp://10.77.0.2:0 >got 3>&- &
	recv=$!
	pids+=("$recv")
	read -r _ url <ready
	(
		passed 11
		tc -n "$near" qdisc change dev cable root tbf rate 500kbit \
			burst 1540 limit 18750
		passed 19
		tc -n "$near" qdisc change dev cable root tbf rate 1mbit \
			burst 1540 limit 18750
	) 3>&- &
	pids+=("$!")
	capture 32s | ip netns exec "$near" vc-send --bwe=twcc \
		--stats=send.stats --stats-interval 200ms "$url" 3>&-
	wait "$recv"
	# What was sent, octets of the link layer, and lost, from $1 to $2 s.
	run jq -sc '
		map(select(.destinations[0].packets > 0)) as $r |
		$r[0].t as $t0 |
		def span($a; $b): [$r[] | select(.t - $t0 >= $a * 1e6 and
			.t - $t0 <= $b * 1e6)] | first as $x | last as $y |
			($y.destinations[0].octets - $x.destinations[0].octets +
			42 * ($y.destinations[0].packets -
			$x.destinations[0].packets)) * 8e6 / ($y.t - $x.t);
		[span(5; 10), span(13; 18), span(27; 31)]' \
		send.stats
	echo "$output"
	run jq -c '[.[0] > 8e5, .[0] < 1.01e6, .[1] > 3.5e5, .[1] < 5.1e5,
		.[2] > 7e5, .[2] < 1.02e6] | all' \
		<<<"$output"
	assert_output true
	# Where it has settled, and with the drop in the middle.
	run jq -sc 'map(select(.destinations[0].packets > 0)) as $r |
		$r[0].t as $t0 |
		def lost($a; $b): [$r[] | select(.t - $t0 >= $a * 1e6 and
			.t - $t0 <= $b * 1e6) | .destinations[0] |
			[.bwe.lost, .packets]] | last[0] - first[0],
			last[1] - first[1];
		[lost(5; 13)], [lost(18; 31)], [lost(0; 32)] |
		.[0] / .[1]' send.stats
	echo "$output"
	run jq -sc '[.[0] < 0.01, .[1] < 0.01, .[2] < 0.015]' <<<"$output"
	assert_output '[true,true,true]'
}
