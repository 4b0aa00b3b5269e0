#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Streams that were made so that a figure is known give exactly that figure
# back. Each row: the case of truthstream.py, what is asked, what it has to be.

# shellcheck disable=SC2016 # for jq
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

# Rows of CASE | JQ | VALUE on the standard input; $@: options of vc-probe.
truth()
{
	local row case query value

	# The query has bars of its own.
	while read -r row; do
		case=${row%%[ |]*}
		value=${row##*|}
		query=${row#*|}
		query=${query%|*}
		[ -e "$case.json" ] ||
			python3 "$BATS_TEST_DIRNAME/truthstream.py" "$case" |
			vc-probe --json "$@" >"$case.json"
		jq -c "(.sources | map(select(.kind == \"video\"))[0] // .[0]) | $query" "$case.json" >is || return 1
		[ "$(cat is)" = "${value# }" ] || {
			echo "$case: $query: $(cat is) is not $value"
			return 1
		}
	done
}

@test "a clean stream has nothing to say but what it is" {
	truth --buffer 1ms <<-'END'
	clean | .delta_ms                      | {"min":20,"mean":20,"p95":20,"max":20}
	clean | .delay_ms                      | {"p50":0,"p95":0,"p99":0,"max":0}
	clean | .late                          | {"1ms":0}
	clean | [.clock.skew_ppm, .clock.error_ppm] | [0,0]
	clean | .burst                         | {"count":0,"density":null,"packets":null,"ms":null}
	clean | [.markers, .marker_errors, .ts_back, .ts_steps] | [0,0,0,0]
	clean | [.dtx_share, .voice_share]     | [0,null]
	clean | .burstiness                    | {"octets_10ms":160,"peak_10ms":1.999,"octets_100ms":800,"peak_100ms":1}
	END
}

@test "bursts and gaps of losses (RFC 3611)" {
	truth <<-'END'
	burst | [.media.lost, .media.expected] | [8,3000]
	burst | .burst                         | {"count":1,"density":0.25,"packets":20,"ms":400}
	burst | .gap                           | {"density":0.001007,"ms":29800}
	burst | [.emodel.loss_percent, .emodel.burst_r] | [0.2667,1.596]
	clean | .gap                           | {"density":0,"ms":60000}
	END
}

# R, MOS by hand: Ie,eff = 95 x 0.2667 / (0.2667 / 1.596 + 25.1).
@test "what losses cost speech, in all and in the worst 5 s" {
	truth <<-'END'
	clean  | [.r, .mos_lq, .mos_lq_worst, .mos_lq_p5, .mos_cq] | [93.21,4.409,4.409,4.409,null]
	burst  | [.r, .mos_lq]                  | [92.2,4.389]
	burst  | [.mos_lq_worst, .mos_lq_p5]    | [4.272,4.272]
	g722   | [.r, .mos_lq, .emodel.scale, .emodel.codec] | [116,4.337,"wideband","assumed"]
	evs    | [.r, .mos_lq, .emodel.scale, .emodel.codec] | [140.8,4.444,"fullband","published"]
	END
}

@test "a skew that jitter may have made is not told" {
	vc-capture --virtual -t 20s --video none test: >alice.vcrtp
	skew='.sources[0].clock | [.skew_ppm, .error_ppm]'
	run jq -c "$skew | [.[0], .[1] > 20]" <(vc-impair 'delay=80ms jitter=10ms' \
		alice.vcrtp | vc-probe --json)
	assert_output '[null,true]'
	vc-impair skew=500ppm alice.vcrtp >fast.vcrtp
	run jq -c "$skew | [(.[0] + 500 | fabs < 5), .[1] < 10]" \
		<(vc-probe --json fast.vcrtp)
	assert_output '[true,true]'
	vc-impair 'delay=80ms jitter=10ms' alice.vcrtp >late.vcrtp
	run jq '.clocks.drift_ppm' <(vc-probe diff --json alice.vcrtp late.vcrtp)
	assert_output null
	run jq '.clocks.drift_ppm - 500 | fabs < 5' \
		<(vc-probe diff --json alice.vcrtp fast.vcrtp)
	assert_output true
}

@test "late packets, for each buffer" {
	truth --buffer 5ms,29ms --buffer 40ms <<-'END'
	late | .late                           | {"5ms":0.1,"29ms":0.1,"40ms":0}
	late | [.delta_ms.min, .delta_ms.max, .delay_ms.max, .delay_ms.p50] | [10,50,30,0]
	late | .media.reordered                | 299
	END
}

@test "a rule about a buffer measures it" {
	python3 "$BATS_TEST_DIRNAME/truthstream.py" late >late.vcrtp
	vc-probe -e 'late[40ms]<1%' late.vcrtp
	run -3 vc-probe -e 'late[25ms]<1%' late.vcrtp
	assert_output --partial 'late[25ms]<1%'
	run -2 vc-probe -e 'late[x]<1%' late.vcrtp
	run -2 vc-probe --buffer 0ms late.vcrtp
}

@test "clocks: skew, its error, and restarts that are none" {
	truth <<-'END'
	skew    | .clock.skew_ppm - 200 | fabs < 0.05 | true
	skew    | [.clock.error_ppm < 0.1, .clock.span_s > 58] | [true,true]
	levels  | .clock.skew_ppm              | null
	restart | [.media.resyncs, .media.loss, .clock.skew_ppm, .delay_ms.max] | [1,0,0,0]
	headers | [.clock.skew_ppm, .clock.steps] | [0,0]
	END
}

@test "headers: markers, time stamps, payload types, extensions" {
	truth <<-'END'
	headers | [.markers, .marker_errors, .ts_steps, .ts_back] | [4,3,1,1]
	types   | .payload_types | map([.pt, .codec, .packets, .octets]) | [[0,"PCMU",2000,320000],[8,"PCMA",1000,160000]]
	levels  | .extensions | map([.id, .packets]) | [[3,400],[7,400]]
	levels  | .extensions[0].uri[-16:]     | "ssrc-audio-level"
	levels  | [.voice_share, .level_dbov]  | [0.75,-20]
	bursts  | [.markers, .marker_errors, .ts_back, .ts_steps] | [100,0,null,null]
	END
}

@test "silence that was not sent" {
	truth <<-'END'
	dtx | [.dtx_share, .media.loss, .ts_steps, .marker_errors] | [0.3,0,0,0]
	dtx | .payload_types | map([.codec, .packets]) | [["PCMU",2101],["CN",60]]
	END
}

@test "packets that come at once" {
	truth <<-'END'
	bursts | .burstiness | {"octets_10ms":10000,"peak_10ms":9.99,"octets_100ms":10000,"peak_100ms":0.999}
	END
}

@test "RTCP: reports, what the far end saw, round trips from here" {
	truth <<-'END'
	reports | .rtcp | [.srs, .interval_s, .interval_max_s, .due_s, .too_rare] | [12,5,5,5,0]
	reports | .rtcp | [.wrong_counts, .wrong_times, .off_media_ms, .ntp_steps, .skew_ppm] | [0,0,0,0,0]
	reports | .rtcp.far | {"reports":11,"loss":0,"loss_max":0.25,"lost":8,"jitter_ms":5,"jitter_max_ms":5}
	reports | .rtcp | [.rtt_far_ms, .rtt_near_ms, .rtt_ms] | map(round) | [40,25,65]
	rare    | .rtcp | [.srs, .interval_s, .interval_max_s, .too_rare] | [1,null,59,1]
	wrong   | .rtcp | [.wrong_counts, .wrong_times, .off_media_ms, .ntp_steps] | [1,1,3000,1]
	clean   | .rtcp | [.srs, .too_rare, .rtt_ms] | [null,null,null]
	END
}

@test "picture and sound apart, and drifting apart" {
	truth <<-'END'
	apart | .lips | [.p50_ms, .p95_ms, .min_ms, .max_ms, .drift_ms_per_min] | [80,80,80,80,0]
	apart | .lips.series[3:5] | [{"at_s":3.5,"ms":80},{"at_s":4.5,"ms":80}]
	drift | .lips.drift_ms_per_min - 60 | fabs < 10 | true
	END
}

# The first frame is whole 10 ms late, so that the time to the last is less.
@test "frames: sizes, key frames, pacing, a change of size, and by size alone" {
	truth <<-'END'
	readable | [.frames, .fps, .key_frames, .key_fps, .key_frames_by] | [250,25.025,10,1.001,"header"]
	readable | .key_octets                 | {"min":6000,"mean":6000,"p95":6000,"max":6000}
	readable | .delta_octets               | {"min":1000,"mean":1000,"p95":1000,"max":1000}
	readable | .key_interval_s             | {"min":1,"mean":1,"p95":1,"max":1}
	readable | .pacing_ms                  | {"min":0,"mean":0.4,"p95":0,"max":10}
	readable | [.resized, .sizes]          | [1,[{"at_s":5.01,"width":320,"height":180}]]
	secret   | [.frames, .fps, .key_frames, .key_fps, .key_frames_by] | [250,25.025,10,1.001,"size"]
	secret   | [.key_octets.max, .delta_octets.max, .key_interval_s.max, .pacing_ms.max] | [6000,1000,1,10]
	secret   | [.resized, .width, .waiting] | [null,null,null]
	secret   | .freezes                    | {"count":0,"total_ms":0,"longest_ms":0}
	END
}

@test "latency by capture times, and what the clocks are worth" {
	truth <<-'END'
	captured | .captured | [.min_ms, .max_ms, .clocks] | [70,110,"one"]
	captured | [.captured.p50_ms - 70 | fabs < 0.6] | [true]
	captured | [.emodel.delay_by, .mos_cq < .mos_lq, (.emodel.delay_ms | round)] | ["capture",true,70]
	before   | .captured                   | {"min_ms":-500,"p50_ms":null,"p95_ms":null,"max_ms":null,"clocks":"apart"}
	captured | .latency | [.by, .max] | ["capture",110]
	before   | .latency.by | null
	before   | [.mos_cq, .emodel.delay_by] | [null,null]
	clean    | .captured.clocks             | null
	END
}

@test "what is there for repair, and of whom" {
	python3 "$BATS_TEST_DIRNAME/truthstream.py" rtx | vc-probe --json >rtx.json
	run jq -c '(.sources[] | [.ssrc, .codec, .repair.rtx, .repairs]),
		(.total.repair | [.rtx, .rtx_octets, .fec, .red])' rtx.json
	assert_output $'[1,"VP8",0,null]\n[2,"rtx",1,1]\n[0.2,0.111111,0,0]'
}
