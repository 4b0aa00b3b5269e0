#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Marks, read back through what may lie between two ends: our VP8, scaling,
# a grid of nine, ffmpeg's H.264, GStreamer, Opus and G.711, a mix.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((240 * ${VC_SLOW:-1}))
load ../common

# Figures of the marks in the only source of kind $1.
marks()
{
	jq -e ".sources[] | select(.kind == \"$1\") | .marks | $2" report
}

# The media file $1 is played on the virtual clock and its marks are read.
play()
{
	vc-capture --virtual --marks=none "${@:2}" "file:$1" |
		vc-probe --marks --json >report
}

# Of the picture of alice, 5 s: all is there and in order, at most 1 % not
# read, and nobody else was read.
whole()
{
	marks video '[.ids[].who, .ids[].id] | index("alice") != null or
		index("506d") != null'
	marks video '.ids | length == 1'
	marks video '.read >= 145 and .unreadable_share < 0.01'
	marks video '.missing + .repeated + .disorder <= 3'
}

@test "a virtual stream: every frame is read, at its time, in order" {
	vc-capture --virtual -t 10s --name alice test: >a.vcrtp
	vc-probe --marks --json a.vcrtp >report
	marks video '.read == 300 and .pictures == 300 and .unreadable == 0'
	marks video '.missing == 0 and .repeated == 0 and .disorder == 0'
	marks video '.delay_ms.min > -1 and .delay_ms.max < 1'
	marks audio '.read >= 8 and .disorder == 0 and .unreadable == null'
	marks audio '.delay_ms.median > 25 and .delay_ms.median < 28'
	marks audio '.av_offset_ms < -25 and .av_offset_ms > -28'
	marks audio '.ids[0].who == "alice" and .ids[0].id == "6d"'
	cp report first
	vc-probe --marks --json a.vcrtp >report
	cmp first report
}

@test "without --marks nothing is read, and null says so" {
	vc-capture --virtual -t 2s test: >a.vcrtp
	vc-probe --json a.vcrtp >report
	jq -e '[.sources[] | .marks == null] | all' report
	vc-capture --virtual -t 2s --marks=none test: |
		vc-probe --marks --json >report
	marks video '.read == 0 and .pictures == 60'
	marks video '.delay_ms.p95 == null and .unreadable_share == null'
	run -2 vc-capture --virtual -t 2s --marks=some test:
}

@test "expectations of marks need no --marks, and fail where due" {
	vc-capture --virtual -t 4s test: >a.vcrtp
	vc-probe -e 'marks.delay_ms.p95<200' -e 'marks.missing<3' \
		-e 'video.marks.unreadable_share<1%' \
		-e 'marks.av_offset_ms>-50' a.vcrtp >table
	grep -q '^marks' table
	run -3 vc-probe -e 'video.marks.read>1000' a.vcrtp
	assert_output --partial 'failed'
	vc-capture --virtual -t 2s --marks=none test: >b.vcrtp
	run -3 vc-probe -e 'marks.delay_ms.p95<200' b.vcrtp
	assert_output --partial 'not measured'
}

@test "VP8 at 150 kbit/s" {
	vc-capture --virtual -t 5s --name alice --vbitrate 150k test: |
		vc-probe --marks --json >report
	whole
}

@test "lost packets are missing frames, with their time" {
	vc-capture --virtual -t 10s --name alice test: |
		vc-impair --seed 3 loss=2% >a.vcrtp
	vc-probe --marks --json a.vcrtp >report
	marks video '.read < 300 and .missing > 0 and .gaps > 0'
	marks video '.missing + .read + .unreadable <= 300'
	marks video '.ids[0].gaps[0] | .at_s > 0 and .missing > 0'
	marks video '.disorder == 0'
}

@test "nine in a grid of 1280x720 by vc-mix" {
	for i in 1 2 3 4 5 6 7 8 9; do
		vc-capture --virtual -t 3s --name "p$i" --seed "$i" test: \
			>"p$i.vcrtp"
	done
	vc-mix --size 1280x720 --vbitrate 1500k \
		p1.vcrtp p2.vcrtp p3.vcrtp p4.vcrtp p5.vcrtp \
		p6.vcrtp p7.vcrtp p8.vcrtp p9.vcrtp |
		vc-probe --marks --json >report
	jq -c '.sources[] | [.kind, .marks]' report >&2
	marks video '.ids | length == 9'
	# All 90 of each, but for what is still being decoded at the end.
	marks video '[.ids[].read] | min >= 88'
	marks video '.unreadable == 0 and .missing == 0 and .disorder == 0'
}

@test "scaled to 320x180 by ffmpeg" {
	vc-capture --virtual -t 5s --name alice --size 1280x720 test: |
		vc-record a.webm
	ffmpeg -v error -i a.webm -vf scale=320:180 -c:v libvpx \
		-deadline realtime -cpu-used 8 -b:v 150k \
		-c:a copy b.webm
	play b.webm --size 320x180 --vbitrate 300k
	whole
	ffmpeg -v error -i b.webm -vf scale=1280:720 -c:v libvpx \
		-deadline realtime -cpu-used 8 -b:v 1M -c:a copy c.webm
	play c.webm --size 1280x720
	whole
}

@test "transcoded to H.264 by ffmpeg" {
	vc-capture --virtual -t 5s --name alice test: | vc-record a.webm
	ffmpeg -v error -i a.webm -c:v libx264 -preset veryfast -b:v 150k \
		-maxrate 150k -bufsize 300k -c:a aac b.mp4
	play b.mp4
	whole
	marks audio '.read >= 3 and .disorder == 0'
}

@test "decoded, scaled and encoded by GStreamer" {
	vc-capture --virtual -t 5s --name alice test: | vc-record a.webm
	gst-launch-1.0 -q filesrc location=a.webm ! matroskademux ! vp8dec ! \
		videoscale ! video/x-raw,width=480,height=270 ! \
		vp8enc target-bitrate=200000 deadline=1 ! webmmux ! \
		filesink location=b.webm
	play b.webm --audio none
	whole
}

@test "any file is stamped" {
	ffmpeg -v error -f lavfi -i testsrc2=size=640x360:rate=30 -f lavfi \
		-i anoisesrc=amplitude=0.02 -t 6 -c:v libvpx \
		-deadline realtime -cpu-used 8 -b:v 1M \
		-c:a libopus a.webm
	play a.webm
	marks video '.read == 0'
	marks audio '.read == 0'
	vc-capture --virtual --marks --name alice a.webm |
		vc-probe --marks --json >report
	marks video '.read >= 178 and .unreadable == 0 and .ids[0].who == "alice"'
	marks audio '.read >= 4'
}

@test "sound marks after Opus at 16 kbit/s and PCMU, and voices are heard" {
	vc-capture --virtual -t 20s --name p1 --video none --abitrate 16k \
		test: | vc-probe --marks --heard p1,p2 --json >report
	marks audio '.read >= 14 and .disorder == 0'
	jq -e '.sources[0].heard | .p1 > 0.95 and .p2 < 0.02' report
	vc-capture --virtual -t 20s --name p1 --video none --acodec pcmu \
		test: | vc-probe --marks --heard p1,p2 --json >report
	marks audio '.read >= 18 and .disorder == 0 and .ids[0].who == "p1"'
	jq -e '.sources[0].heard | .p1 > 0.95 and .p2 < 0.02' report
}

@test "sound marks of three in one mix" {
	for i in 1 2 3; do
		vc-capture --virtual -t 20s --name "p$i" --seed "$i" \
			--video none test: >"p$i.vcrtp"
	done
	vc-mix --video off p1.vcrtp p2.vcrtp p3.vcrtp |
		vc-probe --marks --heard p1,p2,p3,p4 --json >report
	jq -c '.sources[] | [.id, .marks, .heard]' report >&2
	jq -e '[.sources[] | select(.marks.read > 0) | .marks.ids | length]
		| max == 3' report
	jq -e '[.sources[] | select(.marks.read > 0) | .marks.ids[].read]
		| min >= 10' report
}

@test "the delay on the live clock" {
	vc-capture -t 4s --name alice test: |
		vc-probe --marks --json >report
	marks video '.read > 0 and .delay_ms.median > 0'
	marks video '.delay_ms.median < 5000 and .disorder == 0'
	marks audio '.ids | length == 1'
}
