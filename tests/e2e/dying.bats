#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# hostile.md X6: a peer that dies. He is of a capture, so that an hour takes a
# second.

load ../common

# Pat's life with these options of vc-recv: what is said of it is in 'got' and
# 'stats'. 3 s of packets, then no BYE; after an hour he is back with another
# SSRC and other numbers (sealed: another key); then he sends reports alone,
# then media alone.
live()
{
	local call=$1

	shift
	python3 "$BATS_TEST_DIRNAME/capwrite.py" call="$call" n=150 |
		vc-recv --stats=stats --stats-interval 10s "$@" - >got
	vc-probe --packets=json got | jq -c '.event // empty' >events
}

# The ends of sources: [SSRC, why, seconds].
ends()
{
	jq -sc 'map(select(.ev == "leave") |
		[.ssrc, .why, (.t / 1e6 - 1.7e9 | round)])' events
}

# What came of each source, by whom.
came()
{
	vc-probe --json got |
		jq -c '[.sources[] | [.id, .net.received, .net.lost]]'
}

# Each ends 25 s after his last packet, five intervals of RFC 3550, but Sam, who
# was there all along; reports alone are no source of media.
check()
{
	run ends
	assert_output '[[4369,"timeout",28],[8738,"timeout",3628],[17476,"timeout",3828],[21845,"eof",3995]]'
	# Nothing of the dead is held on to.
	run jq -sc 'map(.recv.sources) | [max, .[100], .[-1]]' stats
	assert_output '[2,1,0]'
	run jq -sc 'last.recv | [.packets, .duplicates, .evicted]' stats
	assert_output '[1250,0,0]'
}

@test "a peer that dies is told after five intervals, and may come back" {
	live dies
	check
	run came
	assert_output '[["pat",150,0],["sam",800,0],["pat",150,0],["ssrc:00004444",150,0]]'
}

@test "the same with SRTP, under another key each time" {
	python3 - >k <<-'END'
		import base64
		for n, who in enumerate(("pat", "pat", "pat", "pat", "sam"), 3):
		    key = bytes((n * 31 + i * 7) & 255 for i in range(30))
		    print(f"{who}=in AES_CM_128_HMAC_SHA1_32 inline:" +
		          base64.b64encode(key).decode())
	END
	chmod 600 k
	live diesealed --key-file k
	check
	# A key says who it is, also without a report.
	run came
	assert_output '[["pat",150,0],["sam",800,0],["pat",150,0],["pat",150,0]]'
	run jq -sc 'last | [.. | .auth_failed? // empty] | add' stats
	assert_output 0
}
