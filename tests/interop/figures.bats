#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What ffmpeg, GStreamer, SIPp and baresip send, captured by dumpcap: the figures
# of vc-probe are those of tshark, of all packets and of a part of them.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((90 * ${VC_SLOW:-1}))
load ../common
load figures

rtp=(-d "udp.port==5004,rtp")

@test "PCMU by ffmpeg, whole and with losses" {
	sent whole.pcap ffmpeg -nostdin -re -f lavfi -i sine=440:r=8000 -t 6 \
		-c:a pcm_mulaw -f rtp rtp://127.0.0.1:5004
	vc-probe --json whole.pcap >whole.json
	same whole.pcap whole.json 1 "${rtp[@]}"
	editcap whole.pcap part.pcap 5 17-19 30
	vc-probe --json part.pcap >part.json
	same part.pcap part.json 1 "${rtp[@]}"
	run jq '.sources[0].media.lost >= 4' part.json
	assert_output true
	run jq -c '.sources[0] | [.rtcp.srs >= 1, .rtcp.wrong_counts,
		.rtcp.wrong_times, .marker_errors, .ts_errors]' whole.json
	assert_output '[true,0,0,0,0]'
}

@test "Opus by GStreamer" {
	sent gst.pcap gst-launch-1.0 -q audiotestsrc num-buffers=250 \
		is-live=true ! audio/x-raw,rate=48000,channels=1 ! opusenc ! \
		rtpopuspay pt=111 ! udpsink host=127.0.0.1 port=5004
	vc-probe --json --pt 111=opus gst.pcap >gst.json
	same gst.pcap gst.json 1 "${rtp[@]}"
}

# A call by SIPp: PCMA from a capture of its own, then a digit, whose last packet
# comes three times; the other side sends both back.
@test "a call by SIPp, with echo" {
	sent call.pcap bash "$BATS_TEST_DIRNAME/sipp.sh"
	vc-probe --json call.pcap >call.json
	same call.pcap call.json 4
	# tshark knows no jitter of events.
	run awk '$9 > 0' streams
	assert_equal "${#lines[@]}" 2
	run jq -c '.sources[] | [.codec, .capture.call.caller,
		.capture.call.callee, .media.duplicates, .dtmf]' \
		call.json
	assert_line --index 0 '["PCMA","alice","bob",0,null]'
	assert_line --index 2 '["telephone-event","alice","bob",2,"1"]'
	editcap call.pcap part.pcap 20 31-36 60 62 80-99
	vc-probe --json part.pcap >part.json
	same part.pcap part.json 4
	run jq '.sources | map(select(.media.lost > 10)) | length' part.json
	assert_output 2
}

# Two of them call each other; their first RTCP is an APP by itself.
@test "a call by baresip, Opus and PCMU" {
	for codec in opus/48000/2 PCMU/8000/1; do
		sent call.pcap bash "$BATS_TEST_DIRNAME/baresip.sh" "$codec"
		vc-probe --json call.pcap >call.json
		same call.pcap call.json 2
		run awk '$9 > 0' streams
		assert_equal "${#lines[@]}" 2
		run jq .total.malformed call.json
		assert_output 0
		run jq -c '.sources[] | [.codec, .capture.call.caller,
			.capture.call.callee, .media.lost]' call.json
		assert_line --index 0 "[\"${codec%%/*}\",\"alice\",\"bob\",0]"
		assert_line --index 1 "[\"${codec%%/*}\",\"alice\",\"bob\",0]"
		rm -r alice bob call.pcap
	done
}
