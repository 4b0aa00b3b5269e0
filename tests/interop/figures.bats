#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What ffmpeg and GStreamer send, captured by dumpcap: the figures of vc-probe are
# those of tshark, of all packets and of a part of them.

# shellcheck disable=SC2016 # for the other shell, and jq
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((90 * ${VC_SLOW:-1}))
load ../common

# sent FILE COMMAND...: what it sends, by dumpcap, in a network of its own.
sent()
{
	timeout 60 unshare -rn bash -c '
		set -eu
		ip link set lo up
		mkfifo said
		dumpcap -q -i lo -w "$1" -f udp -a duration:9 2>said &
		exec 3<said
		while read -r line <&3; do
			[[ $line != File:* ]] || break
		done
		timeout 20 "${@:2}" >log 2>&1
		cat <&3 >/dev/null
		wait
		rm said' sent "$@"
}

# same FILE TYPE: packets, lost, least, mean and most time between, jitter.
same()
{
	local ms='def near($x): (. - ($x | tonumber) | fabs) < 0.002;'

	tshark -r "$1" -d udp.port==5004,rtp -q -z rtp,streams 2>/dev/null |
		awk '/0x/ { print $9, $10, $12, $13, $14, $16, $17 }' >theirs
	read -r packets lost least mean most jitter jitter_max <theirs
	[ "$packets" -gt 20 ]
	run vc-probe --json --pt 111=opus "$1"
	assert_success
	run jq -c "$ms"' .sources[0] | [.media.packets == ($packets | tonumber),
		.media.lost == ($lost | tonumber),
		(.delta_ms.min | near($least)), (.delta_ms.mean | near($mean)),
		(.delta_ms.max | near($most)),
		$jitter_max == "0.000" or
		((.media.jitter_mean_ms | near($jitter)) and
		(.media.jitter_max_ms | near($jitter_max)))]' \
		--arg packets "$packets" --arg lost "$lost" \
		--arg least "$least" --arg mean "$mean" --arg most "$most" \
		--arg jitter "$jitter" --arg jitter_max "$jitter_max" <<<"$output"
	assert_output '[true,true,true,true,true,true]'
}

@test "PCMU by ffmpeg, whole and with losses" {
	sent whole.pcap ffmpeg -nostdin -re -f lavfi -i sine=440:r=8000 -t 6 \
		-c:a pcm_mulaw -f rtp rtp://127.0.0.1:5004
	same whole.pcap
	editcap whole.pcap part.pcap 5 17-19 30
	same part.pcap
	run jq -c '.sources[0] | [.rtcp.srs >= 1, .rtcp.wrong_counts,
		.rtcp.wrong_times, .marker_errors, .ts_errors]' \
		< <(vc-probe --json whole.pcap)
	assert_output '[true,0,0,0,0]'
}

@test "Opus by GStreamer" {
	sent gst.pcap gst-launch-1.0 -q audiotestsrc num-buffers=250 \
		is-live=true ! audio/x-raw,rate=48000,channels=1 ! opusenc ! \
		rtpopuspay pt=111 ! udpsink host=127.0.0.1 port=5004
	same gst.pcap
}
