#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A live mix under clients of its control socket who read nothing, write
# nonsense, or never end a line: sound and pictures go on as if they were not.
# Runs alone: a mix has ticks to miss, also for others.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }

@test "who asks and never reads is dropped, and holds up nobody" {
	mkfifo in ready
	vc-capture --size 160x90 --fps 15 --people 3 --name p test: >in 3>&- &
	capture=$!
	pids+=("$capture")
	vc-mix --minus-one --size 320x180 --fps 15 --vbitrate 200k --stats=stats \
		--control sock --ready=ready <in >out 3>&- &
	mix=$!
	pids+=("$mix")
	read -r _ <ready
	wait_for here sock 3
	before=$(rss_kb "$mix")
	python3 - <<-'END' >said
		import socket
		import time

		def client(line=b""):
		    s = socket.socket(socket.AF_UNIX)
		    s.connect("sock")
		    s.setblocking(False)
		    if line:
		        s.send(line)
		    return s

		def press(s, data):
		    """False when it was dropped."""
		    try:
		        s.send(data)
		    except BlockingIOError:
		        pass
		    except OSError:
		        return False
		    return True

		mute = [client(b"events\n") for _ in range(3)]
		asks = [client() for _ in range(4)]
		endless = client()
		junk = client()
		dropped, sent, end = set(), 0, time.monotonic() + 4
		while time.monotonic() < end:
		    for i, s in enumerate(asks):
		        if i not in dropped and \
		                not press(s, b"list\nstats\nkeyframe\nmute x\n" * 50):
		            dropped.add(i)
		    sent += press(endless, b"x" * 65536)
		    press(junk, bytes(range(256)) * 16 + b"\n")
		    time.sleep(0.002)
		# Whoever asks and does not read is gone; the socket is there for others.
		print(len(dropped) == len(asks), sent > 10)
	END
	after=$(rss_kb "$mix")
	vc-ctl sock list >list
	[ "$(jq '.participants | length' list)" -eq 3 ]
	kill "$capture"
	wait "$mix"
	[ "$(cat said)" = 'True True' ]
	run vc-probe --expect 'loss==0' --expect 'broken==0' --json out
	assert_success
	# Of some 300: the machine may be busy, and sanitizers keep what is
	# freed, and keep it busy. A client who stops the mix for as long as he
	# asks costs 200.
	ticks=30
	if grep -q __asan_init "$(command -v vc-mix)"; then
		ticks=100
	else
		[ $((after - before)) -le 16384 ]
	fi
	run jq -sc --argjson ticks $ticks \
		'[.[-1].skipped_ticks <= $ticks, .[-1].out.dropped_reader]' stats
	assert_output '[true,0]'
}
