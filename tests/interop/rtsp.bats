#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What others send by TCP, captured by dumpcap: RTSP by ffmpeg and by a server of
# GStreamer's, SIP by SIPp.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((90 * ${VC_SLOW:-1}))
load ../common
load figures

# Of each packet, those of each source in order: when the segment came that completed it (us), and its header.
# tshark names several packets of one segment in one line.
packets_theirs()
{
	tshark -n -r "$1" "${@:2}" -Y rtp -T fields -e frame.time_epoch \
		-e rtp.ssrc -e rtp.seq -e rtp.timestamp -e rtp.marker \
		2>/dev/null | python3 -c '
import sys
for line in sys.stdin:
    when, *rest = line.split()
    s, ns = when.split(".")
    for ssrc, *more in zip(*(r.split(",") for r in rest)):
        print(s + ns[:6], int(ssrc, 16), *more)'
}

packets_ours()
{
	vc-recv "$1" | vc-probe --packets=json | jq -r 'select(.type == "rtp") |
		"\(.t) \(.ssrc) \(.seq) \(.ts) \(if .marker then 1 else 0 end)"'
}

# What vc-recv reads in whole.pcap is what tshark does, with these options.
same_packets()
{
	packets_theirs whole.pcap "$@" | sort -s -k 1,2 >want
	[ "$(wc -l <want)" -gt 200 ]
	packets_ours whole.pcap | sort -s -k 1,2 | diff - want
}

# There are pictures in whole.pcap for who records it.
plays()
{
	vc-recv whole.pcap | vc-record -q whole.mp4
	run ffprobe -v error -show_entries stream=codec_name -of csv=p=0 \
		whole.mp4
	assert_line h264
}

@test "RTSP by ffmpeg, all within a TCP connection" {
	filter=tcp sent whole.pcap bash "$BATS_TEST_DIRNAME/rtspsend.sh"
	same_packets
	# Its -z rtp,streams takes several packets of a segment for one another's:
	# what streams there are is counted here.
	cut -d' ' -f 2 want | sort -n | uniq -c | sed 's/^ *//' >streams
	vc-probe --json whole.pcap >whole.json
	jq -r '.sources | sort_by(.ssrc)[] | "\(.packets) \(.ssrc)"' \
		whole.json | diff - streams
	run jq -r '[.sources[].addr.to] | unique[]' whole.json
	assert_output 127.0.0.1:8554
	run jq -c '.sources[] | [.kind, .codec, .loss, .rtcp.srs >= 1,
		.rtcp.wrong_counts]' whole.json
	assert_line '["video","H264",0,true,0]'
	assert_line '["audio","PCMA",0,true,0]'
	run jq -c '.capture | [.connections, .rtsp, .holes,
		.interleaved - .given, .datagrams]' whole.json
	assert_output '[1,1,0,0,0]'
	plays
}

@test "RTSP by ffmpeg, from the middle on and with parts that are missing" {
	filter=tcp sent whole.pcap bash "$BATS_TEST_DIRNAME/rtspsend.sh"
	# Neither SETUP nor ANNOUNCE; it begins where a segment does.
	editcap -r whole.pcap late.pcap 100-2000
	packets_theirs whole.pcap >all
	vc-probe --json --pt 96=H264 late.pcap >late.json
	run jq -c '[.sources[] | [.codec, .loss]] | sort' late.json
	assert_output '[["H264",0],["PCMA",0]]'
	first=$(tshark -n -r late.pcap -c 1 -T fields -e frame.time_epoch \
		2>/dev/null | tr -d . | head -c 16)
	assert_equal "$(jq .total.packets late.json)" \
		"$(awk -v t="$first" '$1 >= t' all | wc -l)"
	# Data segments of which nobody has any more.
	mapfile -t gone < <(tshark -n -r whole.pcap -Y 'rtp && tcp.len < 1400' \
		-T fields -e frame.number 2>/dev/null | sed -n '20p;50p;51p;90p')
	editcap whole.pcap part.pcap "${gone[@]}"
	lost=$(tshark -n -r whole.pcap -Y "$(printf \
		'frame.number == %s || ' "${gone[@]}")frame.number == 0" \
		-T fields -e rtp.seq 2>/dev/null | tr , '\n' | wc -l)
	vc-probe --json part.pcap >part.json
	assert_equal "$(($(wc -l <all) - $(jq .total.packets part.json)))" "$lost"
	run jq '.capture.holes' part.json
	assert_output 3
}

@test "RTSP by a server of GStreamer's that plays for ffmpeg" {
	filter=tcp sent whole.pcap bash "$BATS_TEST_DIRNAME/rtspplay.sh"
	same_packets -d "tcp.port==$(cat where),rtsp"
	vc-probe --json whole.pcap >whole.json
	run jq -r '[.sources[].addr.from] | unique[]' whole.json
	assert_output "127.0.0.1:$(cat where)"
	run jq -c '.sources[] | [.kind, .codec, .loss, .rtcp.wrong_counts]' \
		whole.json
	assert_line '["video","H264",0,0]'
	assert_line '["audio","PCMU",0,0]'
	run jq -c '.capture | [.connections, .rtsp, .holes]' whole.json
	assert_output '[1,1,0]'
	plays
}

@test "a call by SIPp whose SIP goes by TCP" {
	filter='udp or tcp' sent call.pcap bash "$BATS_TEST_DIRNAME/sipp.sh" t1
	vc-probe --json call.pcap >call.json
	same call.pcap call.json 4
	run jq -c '.sources[] | [.codec, .capture.call.caller,
		.capture.call.callee]' call.json
	assert_line --index 0 '["PCMA","alice","bob"]'
	assert_line --index 2 '["telephone-event","alice","bob"]'
	tshark -n -r call.pcap -Y sip 2>/dev/null >sip
	run jq '.capture | .sip, .sip_bad, .holes' call.json
	assert_output "$(wc -l <sip)"$'\n0\n0'
}
