# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What bwe.bats, bwe_path.bats, bwe_link.bats and breaker.bats share: a sender,
# what is on its way, and who is at the end of it.

# shellcheck disable=SC2034,SC2094 # for those who load it; a FIFO
load ../common

setup()
{
	begin
	peer="python3 $BATS_TEST_DIRNAME/bwepeer.py"
}

# Starts vc-recv with these options, at $place; its address is $url. BYE may be
# lost.
listen()
{
	rm -f ready
	mkfifo ready
	vc-recv --ready=ready --stats=recv.stats --stop-on bye \
		--stop-on empty:1s "$@" \
		"${place-rtp://127.0.0.1:0}" >got 3>&- &
	recv=$!
	pids+=("$recv")
	read -r _ url _ <ready
}

# A relay with these options in front of it, which $url then is. Its rate is of
# the link layer: 14 octets more than IPv4 and UDP.
relay()
{
	rm -f relay
	mkfifo relay
	vc-impair --ready=relay --seed 3 delay=20ms overhead=42 \
		--stats=relay.stats --stats-interval 500ms "$@" \
		udp://127.0.0.1:0 "udp://${url#*://}" 3>&- &
	pids+=("$!")
	read -r _ url <relay
}

# A picture that any rate can be spent on, live, and sound, for so long.
capture() { vc-capture -t "$1" --keyint 10s "${@:2}" test: 3>&-; }

# Starts a peer of bwepeer.py; its address is $url.
meet()
{
	rm -f url
	mkfifo url
	$peer "$1" url >peer 3>&- &
	pids+=("$!")
	read -r url <url
}

sent() { tail -n 1 send.stats | jq -c ".destinations[0] | $1"; }
received() { tail -n 1 recv.stats | jq -c ".recv | $1"; }

# What a relay let through from $2 to $3 seconds after its first packet, and
# lost, in records $1: {"bps":...,"loss":...}
span()
{
	jq -sc --argjson a "$2" --argjson b "$3" '
		map(select(.impair.up.packets > 0)) as $r |
		$r[0].t as $t0 |
		[$r[] | select(.t - $t0 >= $a * 1e6 and
			.t - $t0 <= $b * 1e6)] |
		first as $x | last as $y | (($y.t - $x.t) / 1e6) as $s |
		($y.impair.up.out_packets - $x.impair.up.out_packets) as $n |
		{ bps: ((($y.impair.up.out_octets - $x.impair.up.out_octets +
			42 * $n) * 8) / $s | floor),
		  loss: (($y.impair.up.queue - $x.impair.up.queue) /
			(($y.impair.up.packets - $x.impair.up.packets) | if
			. == 0 then 1 else . end)) }' "$1"
}

# Is that within $1 to $2 bit/s, with less than $3 lost?
within()
{
	local got

	got=$(span relay.stats "$4" "$5")
	echo "$4 to $5 s: $got"
	jq -e ".bps >= $1 and .bps <= $2 and .loss < $3" <<<"$got" >/dev/null
}
