# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What bwe.bats, bwe_link.bats and breaker.bats share: a sender, what is on its way, and who
# is at the end of it.

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
	vc-impair --ready=relay --seed 3 --delay 20ms --overhead 42 \
		--stats=relay.stats --stats-interval 500ms "$@" \
		--relay=rtp://127.0.0.1:0 "$url" 3>&- &
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
