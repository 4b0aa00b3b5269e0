#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Figures of decoded sound and picture, against streams in which they are known
# because they were made so.

# shellcheck disable=SC2154 # bats sets stderr
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

setup_file()
{
	export STREAM="python3 $BATS_TEST_DIRNAME/probestream.py"
}

# Whether jq finds $1 true of the only source of kind $2 in the report.
is()
{
	jq -e "[.sources[] | select(.kind == \"$2\")][0] | $1" report >/dev/null ||
		{
			jq -c '.sources[] | .sound, .picture' report >&2
			return 1
		}
}

# A WAV of an ffmpeg source $1 in $2 channels, $3 seconds of it.
wav()
{
	ffmpeg -v error -y -f lavfi -i "$1" -t "$3" -ac "$2" -ar 48000 \
		-c:a pcm_s16le in.wav
}

# in.wav through codec $1, with what is said behind.
hear()
{
	vc-capture --virtual --marks=none --video=none --name Ann \
		--acodec "$1" "${@:2}" in.wav |
		vc-probe --decode --json >report
}

# in.y4m through VP8 at $1.
see()
{
	vc-capture --virtual --marks=none --audio=none --name Ann \
		--vbitrate "$1" in.y4m | vc-probe --decode --json >report
}

# --- sound ---

@test "a sine of 1 kHz has its level, peak and loudness" {
	# -20 dBFS of peak: -23.01 of level, and -23.0 LUFS in one channel.
	wav 'aevalsrc=0.1*sin(2*PI*1000*t):s=48000' 1 6
	hear l16
	is '.sound | .channels == 1 and .silence.share == 0 and
		(.level_dbfs.mean + 23.01 | fabs) < 0.05 and
		(.level_dbfs.peak + 20 | fabs) < 0.05 and
		(.lufs.integrated + 23.01 | fabs) < 0.1 and
		(.lufs.momentary_max + 23.01 | fabs) < 0.1 and
		(.lufs.short_term_max + 23.01 | fabs) < 0.1' audio
	hear opus
	is '.sound | (.lufs.integrated + 23.01 | fabs) < 0.3' audio
	hear pcmu
	is '.sound | (.lufs.integrated + 23.01 | fabs) < 0.3' audio
}

@test "two channels are 3 LU louder than one" {
	wav 'aevalsrc=0.1*sin(2*PI*1000*t)|0.1*sin(2*PI*1000*t):s=48000' 2 6
	hear opus --stereo
	is '.sound | .channels == 2 and
		(.lufs.integrated + 20 | fabs) < 0.3 and
		(.level_dbfs.mean + 23.01 | fabs) < 0.3' audio
}

@test "silence: its share, and the longest" {
	# Silent from 2 s to 3 s and from 6 s to 8 s of 10 s.
	wav "aevalsrc='0.1*sin(2*PI*440*t)*(1-between(t,2,2.9999)-between(t,6,7.9999))':s=48000" 1 10
	hear l16
	is '.sound | (.silence.share - 0.3 | fabs) < 0.005 and
		(.silence.longest_ms - 2000 | fabs) <= 20' audio
	# What is quiet is not silent.
	wav 'aevalsrc=0.003*sin(2*PI*440*t):s=48000' 1 4
	hear l16
	is '.sound.silence.share == 0' audio
}

@test "clipping: how many samples" {
	# 1 kHz, twice full scale: 17 of the 24 samples of a half wave are cut.
	wav "aevalsrc='clip(2*sin(2*PI*1000*t),-1,1)':s=48000" 1 2
	hear l16
	is '.sound.clipping | .runs >= 3900 and .runs <= 4100 and
		(.share - 17 / 24 | fabs) < 0.01' audio
	wav 'aevalsrc=0.99*sin(2*PI*1000*t):s=48000' 1 2
	hear l16
	is '.sound.clipping | .runs == 0 and .samples == 0 and .share == 0' \
		audio
	wav 'aevalsrc=sin(2*PI*997*t):s=48000' 1 2
	hear l16
	is '.sound.clipping.runs == 0 and .sound.level_dbfs.peak > -0.01' audio
}

@test "lost sound is made up: how often and how much" {
	vc-capture --virtual -t 6s --video=none --name Ann test: >a.vcrtp
	vc-probe --decode --json a.vcrtp >report
	is '.sound.concealed | .count == 0 and .total_ms == 0 and .share == 0' \
		audio
	# Three packets of 20 ms at 2 s, two at 4 s.
	$STREAM lose audio 1.999 2.059 <a.vcrtp >b.vcrtp
	$STREAM lose audio 3.999 4.039 <b.vcrtp >c.vcrtp
	vc-probe --decode --json c.vcrtp >report
	is '.media.lost == 5' audio
	is '.sound.concealed | .count == 2 and
		(.total_ms + .fec_ms == 100)' audio
	run -3 vc-probe -e 'sound.concealed.share<1%' c.vcrtp
	run -0 vc-probe -e 'sound.concealed.share<2%' c.vcrtp
}

@test "pauses in which nothing is sent" {
	vc-capture --virtual -t 10s --video=none --people 1 --dtx \
		--talk 'p1=0s-4s,8s-' test: >a.vcrtp
	vc-probe --decode --json a.vcrtp >report
	is '.sound | .dtx_share > 0.36 and .dtx_share < 0.42 and
		.concealed.count == 0 and .concealed.total_ms == 0' audio
}

# --- pictures ---

@test "black: since when and how long" {
	ffmpeg -v error -f lavfi -i testsrc2=size=320x180:rate=30 -t 6 \
		-pix_fmt yuv420p -vf "drawbox=t=fill:c=black:enable='between(t,2,3.49)'" \
		in.y4m
	see 500k
	is '.picture.black | .count == 1 and
		(.total_ms - 1500 | fabs) < 34 and
		(.share - 0.25 | fabs) < 0.01' video
}

@test "frozen: the picture stands while packets come" {
	# 45 more of picture 60.
	ffmpeg -v error -f lavfi -i testsrc2=size=320x180:rate=30 -t 3 \
		-pix_fmt yuv420p plain.y4m
	python3 - plain.y4m >in.y4m <<-'END'
		import sys
		head, *frames = open(sys.argv[1], "rb").read().split(b"FRAME\n")
		frames[60:60] = [frames[60]] * 45
		sys.stdout.buffer.write(b"FRAME\n".join([head] + frames))
	END
	see 800k
	is '.freezes.count == 0' video
	is '.picture.frozen | .count == 1 and
		(.total_ms - 1500 | fabs) < 140 and
		.longest_ms == .total_ms' video
	mv plain.y4m in.y4m
	see 800k
	is '.picture.frozen | .count == 0 and .share == 0' video
}

@test "blocky: more so the less bits there are" {
	local crf last=0

	ffmpeg -v error -f lavfi -i mandelbrot=size=320x180:rate=15 -t 2 \
		-pix_fmt yuv420p in.y4m
	for crf in 20 30 40; do
		ffmpeg -v error -y -i in.y4m -c:v libx264 -preset veryfast \
			-bf 0 -x264opts no-deblock -crf "$crf" in.mp4
		vc-capture --virtual --copy in.mp4 |
			vc-probe --decode --json >report
		is ".picture.blockiness.mean > 1.2 * $last" video
		last=$(jq '.sources[0].picture.blockiness.mean' report)
	done
	is '.picture.blockiness | .mean > 4 and .max >= .p95' video
}

# --- against what it was before ---

@test "a picture without loss is exactly the test picture, drawn again" {
	local first

	# Numbers of more than 15 bits, too: the mark has no more.
	for first in 0 40000; do
		"$VC_BUILD/tests/e2e/testy4m" Ann 320x180 30 "$first" 60 >in.y4m
		ffmpeg -v error -y -i in.y4m -c:v libvpx-vp9 -lossless 1 \
			-deadline realtime -cpu-used 8 in.webm
		vc-capture --virtual --name Ann --copy in.webm |
			vc-probe --decode --json >report
		is '.picture | .compared + .not_compared.early == 60 and
			.compared > 48 and .psnr_db.min == 100 and
			.ssim.min == 1' video
	done
}

@test "PSNR and SSIM are those of ffmpeg" {
	local psnr ssim

	"$VC_BUILD/tests/e2e/testy4m" Ann 320x180 30 0 90 >in.y4m
	ffmpeg -v error -y -i in.y4m -c:v libx264 -preset veryfast -bf 0 \
		-b:v 200k in.mp4
	vc-capture --virtual --name Ann --copy in.mp4 |
		vc-probe --decode --json >report
	# Without the first pictures, as here.
	ffmpeg -v error -y -i in.mp4 -i in.y4m -lavfi "[0]trim=start_frame=9,split[a][b];
		[1]trim=start_frame=9,split[c][d];
		[a][c]psnr=stats_file=psnr[e];[b][d]ssim=stats_file=ssim[f]" \
		-map '[e]' -map '[f]' -f null -
	psnr=$(awk '{ sub(".*psnr_y:", ""); s += $1 } END { print s / NR }' psnr)
	ssim=$(awk '{ sub(".*Y:", ""); s += $1 } END { print s / NR }' ssim)
	is ".picture | .compared == 81 and
		(.psnr_db.mean - $psnr | fabs) < 0.05 and
		(.ssim.mean - $ssim | fabs) < 0.003" video
}

@test "fewer bits, less PSNR; rates and sizes; and why there is none" {
	local rate last=0

	for rate in 100k 400k 1500k; do
		vc-capture --virtual -t 2s --audio=none --size 320x180 \
			--vbitrate "$rate" --name Ann test: |
			vc-probe --decode --json >report
		is ".picture.psnr_db | .mean > $last + 1 and .p5 <= .mean and
			.min <= .p5 + 0.1" video
		last=$(jq '.sources[0].picture.psnr_db.mean' report)
	done
	for rate in 15 29.97 60; do
		vc-capture --virtual -t 2s --audio=none --size 320x180 \
			--vbitrate 1500k --fps "$rate" --name Ann test: |
			vc-probe --decode --json >report
		is '.picture | .compared > 20 and .psnr_db.p5 > 38' video
	done
	vc-capture --virtual -t 2s --audio=none --marks=none test: |
		vc-probe --decode --json >report
	is '.picture | .psnr_db.mean == null and .ssim.p5 == null and
		.compared == 0 and .not_compared.no_mark == .decoded' video
	"$VC_BUILD/tests/e2e/testy4m" Ann 320x180 30 0 60 >in.y4m
	vc-capture --virtual --audio=none --marks=none --name Bob in.y4m |
		vc-probe --decode --json >report
	is '.picture.not_compared.no_name == .picture.decoded' video
	ffmpeg -v error -y -f lavfi -i testsrc2=size=320x180:rate=30 -t 2 \
		-pix_fmt yuv420p in.y4m
	vc-capture --virtual --audio=none --marks --name Ann in.y4m |
		vc-probe --decode --json >report
	is '.picture | .psnr_db.mean == null and .not_compared.unlike > 40' \
		video
}

@test "--ref: any picture against a file of it, from where it begins" {
	local psnr

	ffmpeg -v error -y -f lavfi -i testsrc2=size=320x180:rate=30 -t 3 \
		-pix_fmt yuv420p in.y4m
	ffmpeg -v error -y -ss 1 -i in.y4m -c:v libx264 -preset veryfast \
		-bf 0 -b:v 300k in.mp4
	vc-capture --virtual --name Ann --copy in.mp4 >a.vcrtp
	vc-probe --ref in.y4m --json a.vcrtp >report
	ffmpeg -v error -y -i in.mp4 -ss 1 -i in.y4m \
		-lavfi psnr=stats_file=psnr -f null -
	psnr=$(awk '{ sub(".*psnr_y:", ""); s += $1 } END { print s / NR }' psnr)
	is ".picture | .compared == 60 and
		(.psnr_db.mean - $psnr | fabs) < 0.05" video
	# Pictures are lost: those that come are compared with their own.
	vc-capture --virtual --marks=none --keyint 1s --size 320x180 \
		--vbitrate 800k in.y4m |
		$STREAM lose video 0.5 0.7 | vc-probe --ref in.y4m --json >report
	is '.picture | .compared == .decoded and .compared < 80 and
		.compared > 50 and .psnr_db.min > 30' video
	"$VC_BUILD/tests/e2e/testy4m" Ann 160x90 30 0 5 >small.y4m
	vc-probe --ref small.y4m --json a.vcrtp >report
	is '.picture | .compared == 0 and .not_compared.size == 60' video
	ffmpeg -v error -y -i in.y4m -frames:v 40 -pix_fmt yuv420p few.y4m
	vc-probe --ref few.y4m --json a.vcrtp >report
	is '.picture | .compared == 10 and .not_compared.past == 50' video
	run -2 vc-probe --ref in.mp4 a.vcrtp
	assert_output --partial 'no Y4M'
	run -2 vc-probe --ref . a.vcrtp
}

# --- who is seen ---

@test "seen: in a picture of his own, in a grid, and only while he is there" {
	vc-capture --virtual -t 6s --name Ann test: >ann.vcrtp
	vc-capture --virtual -t 3s --name Bob test: >bob.vcrtp
	vc-probe --json --seen Ann,Bob ann.vcrtp >report
	is '.seen == {"Ann": 1, "Bob": 0}' video
	vc-mix --size 640x360 ann.vcrtp bob.vcrtp >mix.vcrtp
	vc-probe --json --seen Ann,Bob,Cid mix.vcrtp >report
	is '.seen | .Ann > 0.97 and .Cid == 0 and .Bob > 0.4 and .Bob < 0.62' \
		video
	run -3 vc-probe -e 'seen[Ann]>90%' -e 'seen[Bob]>90%' mix.vcrtp
	assert_output --partial 'seen[Bob]>90%: failed'
	refute_output --partial 'seen[Ann]>90%: failed'
	run -0 vc-probe --heard Ann --seen Ann mix.vcrtp
	assert_line --regexp 'sees +[0-9.]+'
	assert_line --regexp 'hears +[0-9.]+'
}

@test "a picture that stands for long shows nobody" {
	vc-capture --virtual -t 8s --name Ann --keyint 20s test: >a.vcrtp
	# Nothing can be decoded from 2 s on.
	$STREAM lose video 2 2.1 <a.vcrtp >b.vcrtp
	vc-probe --json --seen Ann b.vcrtp >report
	is '.seen.Ann > 0.3 and .seen.Ann < 0.45' video
}

@test "time that leaps by a century is worked out, not walked through" {
	vc-capture --virtual -t 2s --size 160x90 --name Ann test: |
		$STREAM leap 1 100 >a.vcrtp
	timeout 30 vc-probe --json --seen Ann a.vcrtp >report
	is '.seen.Ann >= 0 and .seen.Ann < 0.001' video
	timeout 30 vc-probe --interval 10ms a.vcrtp >rows
	[ "$(wc -l <rows)" -gt 100 ]
}

# --- marks, over time ---

@test "large pictures of a crowd do not take all memory" {
	vc-capture --virtual -t 400ms --fps 5 --people 8 --audio none \
		--size 4096x2160 test: >large.vcrtp
	run -0 --separate-stderr vc-probe --decode --json large.vcrtp
	echo "$output" >report
	[[ $stderr == *'64 million pixels at once are decoded, not more'* ]]
	# Seven fit; each that was one too many had been seen once.
	run jq -c '[.sources[].picture.decoded] | sort |
		[length, (map(select(. > 1)) | length >= 7), .[0]]' report
	assert_output '[8,true,1]'
	# Nor is what they may be drawn again, to be compared.
	run jq -c '[.sources[].picture | .compared,
		.not_compared.size > 0] | unique' report
	assert_output '[true,0]'
}

@test "a clock that is off: drift of delay and of lips, in ms a minute" {
	vc-capture --virtual -t 30s --name Ann test: >a.vcrtp
	vc-probe --marks --json a.vcrtp >report
	is '.marks.delay_drift | fabs < 0.5' video
	is '.marks.av_offset_drift | fabs < 1' audio
	is '.marks.av_offset_p95_ms | . > 25 and . < 29' audio
	is '.av_offset.p95 == .marks.av_offset_p95_ms and
		.latency.p95 == .marks.delay_ms.p95' audio
	# Each packet of video comes later by 1 ms in a second.
	$STREAM later video 1e-3 <a.vcrtp >b.vcrtp
	vc-probe --marks --json b.vcrtp >report
	is '.marks.delay_drift | . > 59 and . < 61' video
	is '.marks.av_offset_drift | . > 58 and . < 62' audio
	run -3 vc-probe -e 'marks.delay_drift<30' b.vcrtp
}

@test "the first frame, and what is not asked for is null" {
	vc-capture --virtual -t 3s --name Ann test: >a.vcrtp
	vc-probe --json a.vcrtp >report
	is '.first_frame_ms >= 0 and .first_frame_ms < 1' video
	is '.picture == null and .latency.by != "marks" and .seen == {}' video
	is '.sound == null and .av_offset.p95 == null' audio
	run -3 vc-probe -e 'video.latency.p95<-5ms' a.vcrtp
	run -0 vc-probe -e 'video.latency.p95<5ms' a.vcrtp
}

@test "decoded twice, the same octets" {
	vc-capture --virtual -t 4s --name Ann test: |
		vc-impair --seed 7 loss=3% >a.vcrtp
	vc-probe --decode --marks --seen Ann --heard Ann --json a.vcrtp >one
	vc-probe --decode --marks --seen Ann --heard Ann --json a.vcrtp >two
	cmp one two
}
