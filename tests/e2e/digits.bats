#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Telephone events from a microphone over the network into events again.
# Runs live, 10 s: an end that never comes is waited for.

# shellcheck disable=SC2154 # bats sets stderr
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

listen()
{
	mkfifo ready
	vc-recv --ready=ready "$@" rtp://127.0.0.1:0 >got 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ url <ready
	port=${url##*:}
}

# The dtmf events of 'got', as [digit, ms].
heard()
{
	vc-probe --packets=json got | jq -sc '[.[] | .event // empty |
		select(.ev == "dtmf") | [.digit, .ms]]'
}

@test "what is dialled is heard at the other end, each digit once" {
	for codec in opus pcmu; do
		rm -f ready
		listen --stop-on bye --stop-on empty:1s
		vc-capture -t 3s --video none --acodec "$codec" \
			--at '500ms dtmf 11#' test: | vc-send "$url"
		ended
		run heard
		assert_output '[["1",100],["1",100],["#",100]]'
	done
}

# hostile.md P5
@test "events of strange length, without end, and no digits" {
	listen -t 20s --idle-timeout 5s
	python3 - "$port" <<-'END'
		import socket, struct, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		seq = 0
		def send(ts, event, end, duration, ssrc=7):
		    global seq
		    s.sendto(struct.pack(">BBHIIBBH", 0x80, 110, seq, ts, ssrc,
		                         event, end << 7 | 10, duration),
		             ("127.0.0.1", int(sys.argv[1])))
		    seq += 1
		for n in range(20):             # the end 20 times, out of order
		    send(1000, 5, n % 2, 4800)
		send(20000, 200, 1, 0xffff)     # no digit
		for n in range(200):            # a volley of one event
		    send(90000, 3, 0, 960 * (n % 60 + 1))
		send(90000, 3, 0, 0xffff)       # and no end
		s.sendto(b"\x80\x6e\0\0\0\0\0\0\0\0\0\7\1", # 1 octet of an event
		         ("127.0.0.1", int(sys.argv[1])))
	END
	ended
	run heard
	assert_output '[["5",100],["200",1365],["3",1365]]'
}
