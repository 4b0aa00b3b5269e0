#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-recv reads captures, most of them written here by capwrite.py.

# shellcheck disable=SC2016,SC2154 # for bash -c; bats sets stderr
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

make() { python3 "$BATS_TEST_DIRNAME/capwrite.py" "$@"; }

# What is in a stream: per source the figures named, in order of appearance.
figures() { vc-probe --json | jq -c "[.sources[] | $1]"; }
# Its packets, without times.
packets()
{
	vc-probe --packets=json "$1" |
		jq -c 'select(.type == "rtp") | [.ssrc, .seq, .ts, .pt, .payload]'
}

@test "a capture is a recorded stream, and the same octets on every run" {
	make call=plain n=600 >call.pcap
	vc-recv --stats=stats call.pcap >got
	run figures '[.net.received, .net.lost, .codec, .id]' <got
	assert_output '[[588,12,"PCMU","00001111"],[588,12,"PCMU","00002222"]]'
	run jq -c 'select(.ended) | [.ended, .recv.packets, .recv.rtcp_in,
		.recv.rtcp_out, .capture.packets, .capture.given]' stats
	assert_output '["eof",1176,2,0,1178,1178]'
	grep -a -q '^a=x-vc-clock:recorded' got
	# By another name, from a pipe, compressed, in the sandbox or not.
	vc-recv call.pcap | cmp - got
	vc-recv pcap:call.pcap | cmp - got
	vc-recv - <call.pcap | cmp - got
	vc-recv --no-sandbox pcap:- < <(exec cat call.pcap) | cmp - got
	gzip call.pcap
	vc-recv call.pcap.gz | cmp - got
	# Times are the capture's own: 12 s.
	run jq -s '.[-1].t' stats
	assert_output 1700000011982000
}

@test "a capture is not read from a terminal" {
	local place

	for place in - pcap:-; do
		run -2 timeout 20 script -qec "vc-recv $place >got" screen \
			</dev/null
		assert_output --partial '| vc-recv pcap:-`'
	done
}

@test "rtpdump and mjr hold the same packets" {
	make call=plain >call.pcap
	vc-recv --select ssrc=00001111 call.pcap >want
	[ "$(packets want | tee want.json | wc -l)" -eq 196 ]
	for kind in rtpdump mjr; do
		make kind=$kind >"call.$kind"
		vc-recv "call.$kind" >got
		packets got | cmp - want.json
		vc-recv "$kind:call.$kind" | cmp - got
		vc-recv "$kind:-" <"call.$kind" | cmp - got
	done
}

@test "a recording of Janus describes itself, but the operator's word is stronger" {
	make kind=mjr call=sip >call.mjr
	run figures .codec < <(vc-recv call.mjr)
	assert_output '["opus"]'
	vc-recv call.mjr >got
	run -1 grep -a VP8 got
	run figures .codec < <(vc-recv --pt 97=PCMU call.mjr)
	assert_output '["PCMU"]'
	run figures .id < <(vc-recv alice=call.mjr)
	assert_output '["alice"]'
}

@test "a pipe is read as it grows" {
	make >call.pcap
	mkfifo hold
	exec 9<>hold
	for opt in --live --rebase; do
		vc-recv "$opt" --stop-on first-frame pcap:- >got 9>&- < <(
			exec 9>&-
			head -c 2000 call.pcap
			exec cat hold)
		run vc-probe --json got
		assert_success
	done
	exec 9>&-
}

@test "--live plays at the capture's pace, --rebase moves it" {
	make n=26 >call.pcap
	began=${EPOCHREALTIME/./}
	vc-recv --live call.pcap >got
	[ $((${EPOCHREALTIME/./} - began)) -ge 480000 ]
	grep -a -q '^a=x-vc-clock:live' got
	run figures '[.net.received, .net.lost]' <got
	assert_output '[[26,0],[26,0]]'
	vc-recv --rebase call.pcap --stats=stats >got
	run jq -s -c '.[-1].t' stats
	assert_output 946684800511000
	run vc-mix --minus-one got <(vc-capture --virtual -t 500ms test:)
	assert_success
}

@test "what is missing at the end: the rest is used, exit 1" {
	make >call.pcap
	head -c 50000 call.pcap >cut.pcap
	run --separate-stderr -1 bash -c 'vc-recv cut.pcap >got'
	[[ $stderr == "vc-recv: cut.pcap: truncated after "*" packets" ]]
	run figures '.net.received > 100' <got
	assert_output '[true,true]'
	{
		head -c 50000 call.pcap
		head -c 300 /dev/zero | tr '\0' '\377'
	} >broken.pcap
	run --separate-stderr -1 bash -c 'vc-recv broken.pcap >got'
	[[ $stderr == "vc-recv: broken.pcap: malformed after "*": the rest cannot be read" ]]
	run figures '.net.received > 100' <got
	assert_output '[true,true]'
}

@test "nothing in it: exit 4; no capture: named, exit 1; not there: exit 1 or 2" {
	make n=0 | head -c 24 >head.pcap
	: >empty
	run --separate-stderr -4 bash -c 'vc-recv head.pcap >got'
	assert_equal "$stderr" "vc-recv: no media came"
	run --separate-stderr -4 bash -c 'vc-recv empty >got'
	assert_equal "$stderr" \
		"vc-recv: empty: empty (did the command before it fail?)"
	make call=noise n=0 | head -c 24 >call.pcap
	vc-capture --virtual -t 100ms test: | vc-record -q clip.webm
	vc-capture --virtual -t 100ms -o clip.vcrtp test:
	echo hello >text
	echo v=0 >x.sdp
	echo '{"a":1}' >x.json
	while IFS='|' read -r args said; do
		run -1 vc-recv "$args"
		assert_output --partial "$said"
	done <<-'END'
		text|text: text, not a capture
		clip.webm|not a capture: `vc-capture clip.webm` reads it
		x.sdp|not a capture: `vc-recv --sdp x.sdp` reads it
		x.json|not a capture: `jq . x.json` reads it
		clip.vcrtp|a vc stream, not a capture
		mjr:call.pcap|a packet capture (pcap), not a Janus recording (mjr)
		pcap:none|pcap:none: open: No such file
	END
	run -2 vc-recv none.pcap
	assert_output --partial "not an address to listen on"
	run -4 vc-recv --wait 50ms pcap:- < <(exec sleep 1)
	assert_output "vc-recv: no media came"
}

@test "packets that were not captured whole are counted, not taken" {
	make snap=199 >call.pcap
	run --separate-stderr -4 bash -c 'vc-recv --stats=stats call.pcap >got'
	assert_equal "${stderr_lines[0]}" "vc-recv: call.pcap: 392 packets were \
not captured whole: dropped (tcpdump -s 0 keeps all of them)"
	run jq -c 'select(.ended) | [.capture.cut, .recv.packets, .recv.toobig]' \
		stats
	assert_output '[392,0,0]'
}

@test "among other traffic what looks like RTP is taken" {
	make call=noise n=500 >call.pcap
	vc-recv --stats=stats call.pcap >got
	run jq -c 'select(.ended) | [.recv.packets, .capture.not_rtp,
		.recv.notrtp, .recv.pt]' stats
	assert_output '[16,500,0,0]'
}

@test "SIP tells what payload types are, for each side" {
	make call=sip >call.pcap
	vc-recv call.pcap >got
	run figures '[.codec, .net.received]' <got
	assert_output '[["opus",196],["PCMA",196]]'
	# The operator's word is stronger.
	run figures .codec < <(vc-recv --pt 97=PCMU call.pcap)
	assert_output '["PCMU","PCMU"]'
}

@test "SIP in the middle of a call changes nothing that was right" {
	make call=late n=400 >call.pcap
	run figures '[.codec, .net.received, .net.lost]' < <(vc-recv call.pcap)
	assert_output '[["PCMU",392,8],["PCMU",392,8]]'
	# Who is called becomes known then.
	run figures '.net.received > 180 and .net.received < 250' \
		< <(vc-recv --select call=alice call.pcap)
	assert_output '[true,true]'
}

@test "--select picks calls, and sources by the rest" {
	make call=sip >call.pcap
	for word in call=alice call=bob 'call=one@*' 'kind=audio,call=bob'; do
		run figures .net.received < <(vc-recv --select "$word" call.pcap)
		assert_output '[196,196]'
	done
	for word in addr=10.0.0.1:4000 cname=00001111 ssrc=00001111; do
		vc-recv --select "$word" --stats=stats call.pcap >got
		run figures '[.id, .net.received]' <got
		assert_output '[["00001111",196]]'
		run jq 'select(.ended) | .recv.unselected' stats
		assert_output 196
		run vc-probe --packets=json got
		refute_output --partial 00002222
	done
	run -4 vc-recv --select call=carol call.pcap
	run -2 vc-recv --select calls=x call.pcap
	run -2 vc-probe --select call=x got
	assert_output --partial "only captures of SIP tell"
	run -2 vc-record --select call=x -i got out.vcrtp
	assert_output --partial "it is vc-recv's"
}

payloads() { python3 "$BATS_TEST_DIRNAME/payloads.py" 0 <"$1"; }
# Of the last record: what SDES keys did.
sdes() { jq -c 'select(.ended) | .capture.sdes | [.[]]' stats; }
@test "SRTP is opened by the keys that SIP tells, where they are for" {
	make call=plain n=400 >plain.pcap
	vc-recv plain.pcap >plain
	packets plain | sort >want
	payloads plain | sort -u >clear
	[ "$(wc -l <clear)" -eq 1 ]
	for call in srtp rekey; do
		make call=$call n=400 >call.pcap
		vc-recv --stats=stats --select call=alice call.pcap >got
		packets got | sort | cmp - want
		payloads got | sort -u | cmp - clear
		run figures '[.id, .net.received, .net.lost, .net.jitter_ms]' \
			<got
		assert_output "$(figures '[.id, .net.received, .net.lost,
			.net.jitter_ms]' <plain)"
		vc-recv --select call=alice call.pcap | cmp - got
	done
	run sdes
	assert_output '[4,786,0,0,0]'
	# With what goes elsewhere: in clear, and sealed as it was.
	vc-recv --stats=stats call.pcap >got
	run figures .net.received <got
	assert_output '[392,392,392,392]'
	payloads got >all
	run grep -c -xF -f clear all
	assert_output $((3 * 392))
	run sdes
	assert_output '[4,786,0,0,0]'
	# In a pipe, with ports from an SDP, in the sandbox or not.
	vc-recv --no-sandbox - <call.pcap | cmp - got
	printf '%s\r\n' v=0 'o=- 0 0 IN IP4 127.0.0.1' s=- 't=0 0' \
		'm=audio 5000 RTP/AVP 0' >a.sdp
	run figures '[.codec, .id, .net.received]' \
		< <(vc-recv --sdp a.sdp --select ssrc=00001111 call.pcap)
	assert_output '[["PCMU","00001111",392]]'
}

@test "the key of one way is none of the other" {
	make call=crossed >call.pcap
	run -5 --separate-stderr vc-recv --select call=bob --stats=stats call.pcap
	assert_equal "$stderr" "vc-recv: packets came, but none was authentic \
(the right key?)"
	run sdes
	assert_output '[2,0,394,0,0]'
}

@test "keys that were not seen: nothing is made up, and it is said" {
	make call=unkeyed >call.pcap
	run --separate-stderr bash -c 'vc-recv --stats=stats call.pcap >got'
	assert_success
	assert_equal "$stderr" "vc-recv: call.pcap: 197 packets of calls with \
SRTP whose keys SIP did not tell: dropped (cure: --key-file)"
	run sdes
	assert_output '[0,0,0,0,197]'
	# Where the operator has keys, these are tried.
	(umask 077; vc-send --new-key=AES_CM_128_HMAC_SHA1_32 >k)
	run -5 --separate-stderr vc-recv --key-file k --stats=stats call.pcap
	run sdes
	assert_output '[0,0,0,0,0]'
}

@test "flows that have one SSRC are kept apart" {
	make call=twin >call.pcap
	vc-recv call.pcap >got
	run figures '[.net.received, .net.lost, .net.duplicates]' <got
	assert_output '[[196,4,0],[196,4,0],[196,4,0]]'
	run bash -c 'vc-probe --json got | jq "[.sources[].ssrc] | unique | length"'
	assert_output 3
	vc-recv call.pcap | cmp - got
}

@test "with --sdp its ports are taken, and no others" {
	make >call.pcap
	printf '%s\r\n' v=0 'o=- 0 0 IN IP4 127.0.0.1' s=- 't=0 0' \
		'm=audio 5000 RTP/AVP 0' >a.sdp
	run figures '[.codec, .id]' < <(vc-recv --sdp a.sdp call.pcap)
	assert_output '[["PCMU","00001111"]]'
	run figures .id < <(vc-recv --sdp a.sdp --heuristic call.pcap)
	assert_output '["00001111","00002222"]'
	sed -i 's/5000/0/' a.sdp
	run figures .id < <(vc-recv --sdp a.sdp call.pcap)
	assert_output '["00001111","00002222"]'
}

@test "-t and --latency count the capture's time" {
	make n=600 >call.pcap
	run figures .net.received < <(vc-recv -t 2s call.pcap)
	assert_output '[98,98]'
	vc-recv call.pcap >a
	vc-recv --latency 100ms call.pcap >b
	packets a | sort >a.json
	packets b | sort | cmp - a.json
	run figures .media.reordered < <(vc-recv --latency 100ms call.pcap)
	assert_output '[0,0]'
}

@test "wrong usage" {
	make >call.pcap
	while IFS='|' read -r args said; do
		# shellcheck disable=SC2086 # words
		run -2 vc-recv $args
		assert_output --partial "$said"
	done <<-'END'
		call.pcap rtp://:0|a capture is read by itself
		call.pcap call.pcap|a capture is read by itself
		--iface lo call.pcap|either the one or the other
		--reply=back call.pcap|nothing is sent back
		--filter udp rtp://:0|--filter is for --iface
	END
}

@test "an interface: the same packets as by a socket, and nothing is sent back" {
	unshare -rn bash -c '
		set -eu
		ip link set lo up
		mkfifo ready.1 ready.2
		vc-recv --iface lo --filter "udp port 5004" --stop-on bye \
			--ready=ready.1 --stats=stats >cap.vcrtp &
		cap=$!
		vc-recv --stop-on bye --ready=ready.2 rtp://127.0.0.1:5004 \
			>sock.vcrtp &
		sock=$!
		read -r _ <ready.1
		read -r _ <ready.2
		vc-capture --virtual -t 1s --cname alice test: |
			vc-send rtp://127.0.0.1:5004
		wait "$cap"
		wait "$sock"'
	packets sock.vcrtp >want
	[ "$(wc -l <want)" -gt 100 ]
	packets cap.vcrtp | cmp - want
	run jq -c 'select(.ended) | [.ended, .recv.rtcp_out, .recv.pli_out]' stats
	assert_output '["bye",0,0]'
	run figures .id <cap.vcrtp
	assert_output '["alice","alice"]'
	run -1 vc-recv --iface nosuch
	assert_output --partial "vc-recv: nosuch: open:"
}
