#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Calls by Janus and Chromium, captured by dumpcap: the figures of vc-probe are
# those of tshark, and of Chromium itself. Runs live, 5 s each: but judges what
# was captured, not when.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../../common
load ../figures

@test "Janus's AudioBridge mixes Opus and PCMU" {
	sent call.pcap bash "$BATS_TEST_DIRNAME/bridge.sh"
	vc-probe --json call.pcap >call.json
	same call.pcap call.json 4 -d udp.port==6000,rtp -d udp.port==6002,rtp
	# That of Opus is not known to it, without SIP.
	run awk '$9 > 0' streams
	assert_equal "${#lines[@]}" 2
	run jq -c '.total.malformed, (.sources | map(.codec) | sort)' call.json
	assert_output $'0\n["PCMU","PCMU","opus","opus"]'
	editcap call.pcap part.pcap 50-53 90 100-140
	vc-probe --json part.pcap >part.json
	same part.pcap part.json 4 -d udp.port==6000,rtp -d udp.port==6002,rtp
	run jq '.sources | map(.media.lost >= 5) | all' part.json
	assert_output true
}

# Encrypted, of a browser: the headers of RTP are in clear. Sound, pictures and
# what probes for the rate are a source each.
@test "a call by Chromium" {
	sent call.pcap bash "$BATS_TEST_DIRNAME/call.sh" 4
	jq -r .sdp said.json >sdp
	vc-probe --json --heuristic --sdp sdp call.pcap >call.json
	same call.pcap call.json "$(jq '.sources | length' call.json)" \
		--enable-heuristic rtp_udp
	run jq -c --slurpfile said said.json '. as $p | $said[0] |
		(.sent[] | select(.kind == "audio")) as $a |
		(.sent[] | select(.kind == "video")) as $v |
		def of($ssrc): $p.sources[] | select(.ssrc == $ssrc);
		[(of($a.ssrc) | .media.packets) == $a.packetsSent,
		(of($v.ssrc) | .frames) == $v.framesSent,
		(of($v.ssrc) | .key_frames_by),
		($p.sources | map(.media.packets) | add) >=
			$a.packetsSent + $v.packetsSent,
		$a.packetsSent > 100, $v.framesSent > 30,
		(.got | map(.packetsLost) | add), $p.total.loss]' call.json
	assert_output '[true,true,"size",true,true,true,0,0]'
	# The same with nothing said of it: no packet is left out.
	run jq -c '.sources | map(.media.packets) | sort' \
		< <(vc-probe --json call.pcap)
	assert_output "$(jq -c '.sources | map(.media.packets) | sort' call.json)"
	editcap call.pcap part.pcap 80-120
	vc-probe --json --heuristic --sdp sdp part.pcap >part.json
	same part.pcap part.json "$(jq '.sources | length' part.json)" \
		--enable-heuristic rtp_udp
	run jq '.total.loss > 0' part.json
	assert_output true
}
