# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What tests of vc-probe diff share: a stream as it was sent, a.vcrtp, and as it
# came through a relay, b.vcrtp.

load ../common

# live_through RULE TIME: a live test stream of that length.
live_through()
{
	local port recv to

	port=$(free_port)
	mkfifo ready relay
	timeout 50 vc-recv --stop-on bye --ready=ready -o b.vcrtp \
		rtp://127.0.0.1:0 &
	recv=$!
	pids+=("$recv")
	read -r _ to <ready
	timeout 50 vc-impair -q --seed 5 --ready=relay "$1" \
		"udp://127.0.0.1:$port" "udp://${to#rtp://}" &
	pids+=("$!")
	read -r _ _ <relay
	vc-capture -t "$2" --name Ann --size 160x90 test: |
		tee a.vcrtp | vc-send "rtp://127.0.0.1:$port"
	wait "$recv"
}
