#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Captures of RTSP and SIP by TCP, written by tcpwrite.py: however the octets are
# cut, what vc-probe and vc-recv see in them is the same.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

make() { python3 "$BATS_TEST_DIRNAME/tcpwrite.py" "$@"; }
# Of each source what $1 says; the arguments behind it are vc-probe's.
figures() { vc-probe --json "${@:2}" | jq -c "[.sources[] | $1]"; }
# Of the whole capture.
whole() { vc-probe --json "${@:2}" 2>/dev/null | jq -c ".capture | $1"; }

# What does not depend on how it went.
sources='[.id, .kind, .codec, .packets, .octets, .loss, .media.reordered]'

@test "interleaved RTP is as it would be by UDP" {
	make what=udp >udp.pcap
	make >tcp.pcap
	run --separate-stderr figures '[.id, .packets, .octets, .loss, .delta_ms,
		.capture.dscp, .capture.ttl]' udp.pcap
	want=$output
	run figures '[.id, .packets, .octets, .loss, .delta_ms, .capture.dscp,
		.capture.ttl]' tcp.pcap
	assert_output "$want"
	# Two have payload type 96: the channel tells them apart.
	run figures '[.pt, .kind, .codec, .addr.from, .addr.to, .capture.call]' \
		tcp.pcap
	assert_output '[[96,"video","H264","10.0.0.1:554","10.0.0.2:40000",null],'\
'[96,"audio","PCMA","10.0.0.1:554","10.0.0.2:40000",null]]'
	run whole '[.segments, .other, .connections, .retransmitted, .holes,
		.interleaved, .rtsp, .given, .datagrams]' tcp.pcap
	assert_output '[414,4,1,0,0,198,1,198,0]'
	# From a pipe, and as a stream.
	vc-probe --json tcp.pcap >want
	vc-probe --json pcap:- <tcp.pcap | cmp - want
	run figures "$sources" < <(vc-recv tcp.pcap)
	assert_output "$(figures "$sources" tcp.pcap)"
	run jq -c '.capture | [.interleaved, .given, .segments, .rtsp]' \
		<(vc-recv --stats-interval 1h --stats stats -o /dev/null tcp.pcap
		tail -n 1 stats)
	assert_output '[198,198,414,1]'
	run bash -c 'vc-probe --packets=json --pt 96=H264 pcap:tcp.pcap |
		jq -c "select(.type == \"rtp\") | .seq" | wc -l'
	assert_output 196
}

@test "however it is cut, and in whatever order it comes" {
	make >want.pcap
	want=$(figures "$sources" want.pcap)
	for how in cut=1 cut=7 cut=300 join=5 'join=7 cut=333' swap=1 mute=1 \
		'cut=500 disorder=1' 'cut=200 disorder=1 wrap=1' \
		'join=3 disorder=1' 'lose=10 again=1' 'cut=2 wrap=1'; do
		# shellcheck disable=SC2086 # several
		make $how >call.pcap
		run figures "$sources" call.pcap
		assert_output "$want"
	done
	run whole '[.retransmitted > 50, .holes]' <(make cut=500 disorder=1)
	assert_output '[true,0]'
}

@test "the one who announces sends" {
	make what=announce cut=100 >call.pcap
	run figures '[.codec, .packets, .addr.from]' call.pcap
	assert_output '[["H264",98,"10.0.0.2:40000"],["PCMA",98,"10.0.0.2:40000"]]'
	run figures '[.codec, .packets]' < <(vc-recv call.pcap)
	assert_output '[["H264",98],["PCMA",98]]'
}

@test "a capture that begins in the middle, and one with holes" {
	for how in 'skip=40 join=3' 'skip=43 cut=400'; do
		# shellcheck disable=SC2086 # several
		make $how >call.pcap
		run figures '[.ssrc, .packets > 80]' --pt 96=H264 call.pcap
		assert_output '[[8,true],[7,true]]'
		# No answer to DESCRIBE.
		run whole '[.connections, .rtsp, .holes]' call.pcap
		assert_output '[1,0,0]'
	done
	# What was not captured is lost, and no more than that.
	make lose=10 >call.pcap
	run --separate-stderr vc-probe --json call.pcap
	# shellcheck disable=SC2154 # bats sets it
	assert_equal "$stderr" "vc-probe: call.pcap: 19 holes in TCP connections \
of SIP or RTSP: what was there is lost"
	run jq -c '[.total.packets, .capture.holes, .capture.given]' \
		<<<"$output"
	assert_output '[177,19,179]'
	run vc-recv -o /dev/null call.pcap
	assert_output --partial "19 holes in TCP connections"
	# Nobody acknowledges anything: it ends without them.
	make lose=10 ack= >call.pcap
	for f in call.pcap 'pcap:-'; do
		run whole '[.holes, .given]' "$f" <call.pcap
		assert_output '[19,179]'
	done
	run jq .total.packets < <(vc-recv call.pcap 2>/dev/null | vc-probe --json)
	assert_output 177
	# Packets of several segments.
	make lose=10 cut=300 >call.pcap
	run whole '[.holes, .given]' call.pcap
	assert_output '[9,189]'
	# Cut by those who captured: what is in a packet is not known.
	make snap=500 >call.pcap
	run --separate-stderr figures '[.id, .packets]' --pt 96=PCMA call.pcap
	assert_output '[["audio",98]]'
}

@test "vc-probe diff: the packets are those of UDP, but for the lost ones" {
	make what=udp >udp.pcap
	make cut=100 >tcp.pcap
	run jq -c '.sources[].diff | [.both, .a_only, .b_only, .delay_ms.max]' \
		<(vc-probe diff --json udp.pcap tcp.pcap)
	assert_output $'[98,0,0,0]\n[98,0,0,0]'
	# What is behind the last hole waits for the end.
	make lose=10 ack= >tcp.pcap
	run jq -c '.sources[].diff | [.both, .a_only, .b_only, .delay_ms.max]' \
		<(vc-probe diff --json udp.pcap tcp.pcap)
	assert_output $'[85,13,0,0]\n[92,6,0,0]'
}

@test "SIP by TCP tells of calls as by UDP" {
	for how in cut=1448 cut=100 cut=1 'cut=150 disorder=1'; do
		# shellcheck disable=SC2086 # several
		make what=sip $how >call.pcap
		run figures '[.codec, .packets, .capture.call.caller,
			.capture.call.callee]' call.pcap
		assert_output '[["opus",50,"alice","bob"]]'
		run whole '[.sip, .sip_bad, .connections, .datagrams]' call.pcap
		assert_output '[4,0,1,50]'
		run figures .codec < <(vc-recv call.pcap)
		assert_output '["opus"]'
	done
}

@test "a million connections, and what is neither: memory is bounded" {
	python3 - >call.pcap <<'END'
import struct, sys
out = sys.stdout.buffer
out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
head = struct.pack(">BBHHHBBH", 69, 0, 0, 0, 0, 64, 6, 0)
says = (b"RTSP/1.0 200 OK\r\nContent-Length: 60000\r\n\r\n", b"GET / HTTP/1.1\r\n",
        b"$\0\x3f\xff\x80\x60\0\1\0\0\0\2\0\0\0\3", b"\x16\3\1\2\0", b"")
for s in range(1000000):
    ends = struct.pack(">II", 0x0a000000 + s, 0x0b000000)
    p = says[s % 5]
    flags = 2 if s % 5 == 4 else 16
    q = head[:2] + struct.pack(">H", 40 + len(p)) + head[4:] + ends + \
        struct.pack(">HHIIBBHHH", 554, 4000, s, 1, 80, flags, 0, 0, 0) + p
    out.write(struct.pack("<IIII", 1000 + s // 10**5, s % 10**5, len(q), len(q)) + q)
END
	(
		[ -n "${SAN-}" ] || ulimit -v 600000
		timeout 100 vc-probe --json call.pcap >report || [ $? -eq 4 ]
	)
	run jq -c '.capture | [.packets, .segments, .connections, .given]' report
	assert_output '[1000000,400000,400000,0]'
	run jq '.capture | .tcp_forgotten < 400000 and
		.tcp_forgotten >= 400000 - 2048' report
	assert_output true
}
