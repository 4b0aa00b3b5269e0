#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Every codec through the tools, without and with 3 % of its packets lost: what
# is shown and heard is as good as the bounds in the tables say, key frames come
# when they are asked for, and the bit rate follows. On the virtual clock: the
# figures are the same on every run with the same libraries.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((180 * ${VC_SLOW:-1}))
load ../common

# A line each: codec, its name in SDP, the least mean PSNR in dB without loss
# (of luma and chroma), and of what is seen with 3 % lost where nobody asks for
# key frames: a second each that is often frozen, of a picture that never rests.
video()
{
	cat <<-'END'
	vp8 VP8 43 18
	vp9 VP9 44 18
	h264 H264 44 18
	av1 AV1 44 18
	END
}

# A line each: codec, its name, and how far a tone stands out in dB, without
# loss and with 3 % lost.
audio()
{
	cat <<-'END'
	opus opus 25 10
	pcmu PCMU 33 8
	pcma PCMA 33 8
	g722 G722 33 8
	l16 L16 60 8
	END
}

capture()
{
	vc-capture --virtual --name alice "$@"
}

# The mean PSNR of films $1 and $2.
psnr()
{
	ffmpeg -nostdin -i "$1" -i "$2" -lavfi psnr -f null - 2>&1 |
		sed -n 's/.* average:\([^ ]*\).*/\1/p'
}

# at_least BOUND VALUE WHAT
at_least()
{
	awk -v min="$1" -v v="$2" \
		'BEGIN { exit !(v == "inf" || v + 0 >= min + 0) }' ||
		fail "$3: $2, not $1"
}

@test "pictures: as good as stated, and with 3 % lost never a wrong one" {
	while read -r codec name whole lossy; do
		capture -t 5s --audio none --keyint 1s --vcodec "$codec" \
			--vbitrate 20M test: |
			vc-play --only alice --y4m best.y4m
		capture -t 5s --audio none --keyint 1s --vcodec "$codec" \
			test: >a.vcrtp
		vc-play --only alice --y4m a.y4m --md5 a.vcrtp >a.md5
		at_least "$whole" "$(psnr a.y4m best.y4m)" "$codec"
		vc-impair loss=3% --seed 2 a.vcrtp >lossy.vcrtp
		vc-play --only alice --y4m lossy.y4m --md5 lossy.vcrtp >lossy.md5
		at_least "$lossy" "$(psnr lossy.y4m best.y4m)" "$codec, 3 %"
		# Each picture is the one of that time without loss, exactly.
		run comm -13 <(sort a.md5) <(sort lossy.md5)
		assert_output ""
		[ "$(wc -l <a.md5)" -eq 150 ]
		[ "$(wc -l <lossy.md5)" -ge 40 ]
		# And vc-probe says so.
		vc-probe --json a.vcrtp >r.json
		run jq -c '.sources[] | [.codec, .frames, .key_frames, .broken,
			.waiting, .width, .height, .freezes.count]' r.json
		assert_output "[\"$name\",150,5,0,0,640,360,0]"
		vc-probe --json lossy.vcrtp >r.json
		run jq -c --argjson shown "$(wc -l <lossy.md5)" '.sources[] |
			[.codec, .media.loss > 0.02, .media.loss < 0.04,
			.frames + .broken + .waiting >= 148,
			.frames + .broken + .waiting <= 150,
			.frames - $shown <= 5, .frames >= $shown]' r.json
		assert_output "[\"$name\",true,true,true,true,true,true]"
		rm ./*.y4m
	done < <(video)
}

@test "a key frame comes with the next picture, one a second at most" {
	while read -r codec _; do
		capture -t 4s --audio none --keyint 60s --vcodec "$codec" \
			--at '2s keyframe' --at '2.1s keyframe' \
			--at '2.9s keyframe' test: >a.vcrtp
		vc-probe --json a.vcrtp >r.json
		# At 0, 2 and, for both that came too early, 3 s.
		run jq -c '.sources[] | [.frames, .key_frames]' r.json
		assert_output '[120,3]'
		# Who joins at 2 s, or 3 s, sees everything from there on.
		for at in 2:60:2 3:30:1; do
			IFS=: read -r s frames keys <<<"$at"
			vc-impair blackout="$((s * 1000 - 10))ms" a.vcrtp |
				vc-probe --json >r.json
			run jq -c '.sources[] | [.begin_s, .frames, .key_frames,
				.waiting, .broken]' r.json
			assert_output "[$s,$frames,$keys,0,0]"
		done
	done < <(video)
}

# The rate of seconds $1 to $2 of the rows in 'rows', in bit/s.
rate()
{
	jq -s --argjson from "$1" --argjson to "$2" 'map(select(.at_s? > $from
		and .at_s <= $to) | .sources[].rate_bps) | add / length | floor' rows
}

@test "the bit rate follows within a quarter, up and down" {
	while read -r codec _; do
		for rates in "600 200" "200 600"; do
			read -r from to <<<"$rates"
			capture -t 10s --audio none --vcodec "$codec" \
				--vbitrate "${from}k" --at "4s bitrate ${to}k" \
				test: |
				vc-probe --json --interval 1s >rows
			now=$(rate 1 4)
			[ "$now" -ge $((from * 750)) ] &&
				[ "$now" -le $((from * 1250)) ] ||
				fail "$codec: ${from}k: $now"
			now=$(rate 6 10)
			[ "$now" -ge $((to * 750)) ] &&
				[ "$now" -le $((to * 1250)) ] ||
				fail "$codec: ${from}k to ${to}k: $now"
		done
	done < <(video)
}

# The rate of file $1 from $2 to $3 s, in bit/s.
rate_between()
{
	vc-probe --packets=json "$1" | jq -s --argjson from "$2" \
		--argjson to "$3" 'first(.[] | select(.t) | .t) as $zero |
		[.[] | select(.type == "rtp") | select(
			.t - $zero >= $from * 1000000 and
			.t - $zero < $to * 1000000) | .payload] |
		add * 8 / ($to - $from) | floor'
}

@test "the bit rate is another one within 200 ms" {
	while read -r codec _; do
		for rates in "800 200" "200 800"; do
			read -r from to <<<"$rates"
			capture -t 6s --audio none --keyint 60s --vcodec "$codec" \
				--vbitrate "${from}k" --at "4s bitrate ${to}k" \
				test: >a.vcrtp
			now=$(rate_between a.vcrtp 4.2 5.2)
			[ "$now" -ge $((to * 750)) ] &&
				[ "$now" -le $((to * 1250)) ] ||
				fail "$codec: ${from}k to ${to}k: $now"
		done
	done < <(video)
}

@test "sizes: small, large and odd" {
	while read -r codec _; do
		for size in 176x144 1280x720 322x182 18x34 177x145; do
			# H.264 has even sides.
			[ "$codec $size" != "h264 177x145" ] || continue
			capture -t 200ms --audio none --size "$size" \
				--vcodec "$codec" test: >a.vcrtp
			capture -t 200ms --audio none --size "$size" \
				--vcodec "$codec" --vbitrate 20M test: |
				vc-play --only alice --y4m best.y4m
			vc-play --only alice --y4m a.y4m a.vcrtp
			vc-probe --json a.vcrtp >r.json
			run jq -r '.sources[] | "\(.width)x\(.height) \(.frames)"' \
				r.json
			assert_output "$size 6"
			at_least 33 "$(psnr a.y4m best.y4m)" "$codec $size"
			rm ./*.y4m
		done
	done < <(video)
}

@test "a size that the codec does not have is refused in clear words" {
	run capture -t 1s --size 321x181 --vcodec h264 -o /dev/null test:
	assert_failure 2
	assert_output --partial "--size 321x181: H264 takes even sides"
	run capture -t 1s --size 8x8 --vcodec av1 -o /dev/null test:
	assert_failure 2
	assert_output --partial "--size 8x8: AV1 takes sides of 16 and more"
}

# tone FILE.wav HZ: how loud it is in dBFS, and in dB how far above all else.
tone()
{
	python3 - "$1" "$2" <<-'END'
		import array, math, sys, wave
		with wave.open(sys.argv[1]) as w:
		    pcm = array.array("h", w.readframes(w.getnframes()))
		# Whole periods, without the beginning.
		x = [v / 32768 for v in pcm[9600:9600 + 4 * 48000]]
		n, step = len(x), 2 * math.pi * int(sys.argv[2]) / 48000
		a = 2 / n * sum(v * math.cos(step * i) for i, v in enumerate(x))
		b = 2 / n * sum(v * math.sin(step * i) for i, v in enumerate(x))
		power = (a * a + b * b) / 2
		rest = sum(v * v for v in x) / n - power
		print("%.1f %.1f" % (10 * math.log10(power),
		                     10 * math.log10(power / max(rest, 1e-12))))
		END
}

@test "sound: a tone as loud as it was, and as pure as stated" {
	while read -r codec name whole lossy; do
		capture -t 5s --video none --acodec "$codec" tone:450 >a.vcrtp
		vc-play --wav a.wav a.vcrtp
		read -r level pure < <(tone a.wav 450)
		at_least -20.5 "$level" "$codec, level"
		at_least 19.5 "${level#-}" "$codec, level"
		at_least "$whole" "$pure" "$codec"
		vc-impair loss=3% --seed 2 a.vcrtp >lossy.vcrtp
		vc-play --wav lossy.wav lossy.vcrtp
		# A twentieth less of it at most.
		read -r level pure < <(tone lossy.wav 450)
		at_least -21 "$level" "$codec, level, 3 %"
		at_least "$lossy" "$pure" "$codec, 3 %"
		vc-probe --json lossy.vcrtp >r.json
		run jq -c '.sources[] | [.codec, .media.lost > 0]' r.json
		assert_output "[\"$name\",true]"
		rm ./*.wav
	done < <(audio)
}

@test "sound: the voice is heard, with 3 % lost too" {
	while read -r codec _; do
		capture -t 6s --video none --acodec "$codec" test: |
			vc-impair loss=3% --seed 2 |
			vc-probe --json --heard alice,bob >r.json
		run jq -c '.sources[].heard | [.alice > 0.9, .bob < 0.02]' r.json
		assert_output '[true,true]'
	done < <(audio)
}
