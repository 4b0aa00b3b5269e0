#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-play reads WebM and Matroska: ours and others', whole and cut.

bats_require_minimum_version 1.5.0
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	for name in alice bob; do
		vc-capture --virtual -t 3s --size 160x90 --name "$name" \
			test: >"$name.vcrtp"
	done
	vc-record talk.webm <alice.vcrtp >/dev/null
	vc-record -i alice.vcrtp -i bob.vcrtp both.mkv >/dev/null
}

setup()
{
	begin
	in=$BATS_FILE_TMPDIR
	unset DISPLAY WAYLAND_DISPLAY
}

# The sums of $1 (audio, video) in the lines of --md5 on stdin.
sums()
{
	awk -v kind="$1" '$2 == kind { print $3 }'
}

@test "what vc-record wrote is what was recorded" {
	for kind in audio video; do
		vc-play --md5 "$in/alice.vcrtp" | sums "$kind" >was
		vc-play --md5 "$in/talk.webm" | sums "$kind" | cmp - was
	done
	# Its time begins with the first picture.
	vc-play --y4m a.y4m --only alice "$in/talk.webm"
	vc-play --md5 "$in/talk.webm" | sums video >was
	ffmpeg -nostdin -v error -i a.y4m -f framemd5 - |
		awk -F', *' '!/^#/ { print $NF }' | cmp - was
}

@test "a participant is a track of each kind, and has its name" {
	vc-play --md5 "$in/both.mkv" >lines
	[ "$(grep -c ' alice$' lines)" -eq 90 ]
	[ "$(grep -c ' bob$' lines)" -eq 90 ]
	vc-play --wav '{name}.wav' --stats=stats \
		--stats-interval 500ms "$in/both.mkv"
	[ "$(echo *.wav)" = "alice.wav bob.wav" ]
	[ "$("$VC_BUILD/tests/e2e/wavheard" bob <bob.wav |
		awk 'NR == 2 { print ($2 >= 90) }')" = 1 ]
	# Four sources of two participants: sound and pictures in step.
	jq -s -e 'any(.[]; .play.sources | length == 4)' stats
}

@test "a pipe, a file and two files in one" {
	vc-play --md5 "$in/talk.webm" >file
	vc-play --md5 <"$in/talk.webm" | cmp - file
	tail -c +1 "$in/talk.webm" | vc-play --md5 | cmp - file
	# Octets come one by one.
	(
		head -c 3 "$in/talk.webm"
		tail -c +4 "$in/talk.webm" | head -c 1
		tail -c +5 "$in/talk.webm"
	) | vc-play --md5 | cmp - file
	# vc-record down a pipe: no sizes are known.
	vc-record -f webm - <"$in/alice.vcrtp" | vc-play --md5 | cmp - file
	vc-play --md5 "$in/talk.webm" "$in/both.mkv" >two
	[ "$(grep -c ' video ' two)" -eq 270 ]
	# With a stream of ours, too.
	vc-play --md5 "$in/talk.webm" "$in/bob.vcrtp" >mixed
	[ "$(grep -c ' video ' mixed)" -eq 180 ]
}

@test "a file of ffmpeg's, with tracks that have no name" {
	ffmpeg -nostdin -v error -f lavfi -i testsrc=s=160x90:r=25:d=2 \
		-f lavfi -i sine=d=2 -c:v libvpx -c:a libopus f.webm
	vc-play --md5 f.webm >lines
	[ "$(grep -c ' video .* track 1$' lines)" -eq 50 ]
	[ "$(grep -c ' audio ' lines)" -ge 100 ]
	ffmpeg -nostdin -v error -i f.webm -map 0:v -fps_mode passthrough \
		-f framemd5 - | awk -F', *' '!/^#/ { print $NF }' >theirs
	sums video <lines | cmp - theirs
}

@test "VP9 and AV1, too" {
	for codec in "libvpx-vp9 -row-mt 0" "libaom-av1 -cpu-used 8"; do
		# shellcheck disable=SC2086 # words
		ffmpeg -nostdin -v error -y -f lavfi \
			-i testsrc=s=160x90:r=10:d=1 \
			-pix_fmt yuv420p -c:v $codec \
			-lag-in-frames 0 -auto-alt-ref 0 f.webm
		vc-play --md5 f.webm | sums video >ours
		[ "$(wc -l <ours)" -eq 10 ]
		ffmpeg -nostdin -v error -i f.webm -fps_mode passthrough \
			-pix_fmt yuv420p -f framemd5 - |
			awk -F', *' '!/^#/ { print $NF }' | cmp - ours
	done
}

@test "what is not played is named, and alone it is an error" {
	ffmpeg -nostdin -v error -f lavfi -i testsrc=s=160x90:r=25:d=1 \
		-f lavfi -i sine=d=1 -c:v libvpx -c:a libvorbis f.webm
	run -0 vc-play --png f.png f.webm
	assert_output --partial "(A_VORBIS): left out"
	ffmpeg -nostdin -v error -i f.webm -vn -c copy v.mka
	run vc-play --wav v.wav v.mka
	assert_failure
	assert_output --partial "nothing in it can be played"
	[ ! -e v.wav ]
}

@test "cut anywhere, what came before is used" {
	size=$(stat -c %s "$in/talk.webm")
	vc-play --md5 "$in/talk.webm" | grep video >all
	for part in 20 300 500 900 990; do
		head -c $((size * part / 1000)) "$in/talk.webm" >cut.webm
		run -1 vc-play --md5 cut.webm
		assert_output --partial "truncated"
		printf '%s\n' "${lines[@]}" | grep ' video ' >some || true
		head -"$(wc -l <some)" all | cmp - some
	done
	[ "$(wc -l <some)" -gt 80 ]
	# Nothing but its head.
	head -c 40 "$in/talk.webm" >cut.webm
	run vc-play --wav c.wav cut.webm
	assert_failure
	[ ! -e c.wav ]
}

@test "damaged in the middle, it ends there or goes on" {
	size=$(stat -c %s "$in/talk.webm")
	for at in 4 60 400 $((size / 2)) $((size - 100)); do
		cp "$in/talk.webm" bad.webm
		printf '\xff\xff\xff\xff\xff\xff\xff\xff' |
			dd of=bad.webm bs=1 seek="$at" conv=notrunc status=none
		run timeout 20 vc-play --md5 bad.webm
		[ "$status" -le 4 ]
	done
	# Sizes are not believed: no memory is taken by them.
	printf '\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff' >huge.webm
	printf '\x1f\x43\xb6\x75\xff\xe7\x81\x00\xa3\x01\xff\xff\xff' >>huge.webm
	printf '\xff\xff\xff\x00\x00\x00' >>huge.webm
	run timeout 20 env time -f %M -o kilobytes vc-play --md5 huge.webm
	assert_failure
	[ "$(tail -n 1 kilobytes)" -lt 400000 ]
}

@test "every tool that reads a stream reads it" {
	run -0 vc-probe "$in/talk.webm"
	assert_line --partial 'recorded stream of 3.00 s: 1 participant, 2 sources'
	vc-mix --minus-one "$in/talk.webm" | vc-record -q mix.webm
	run -0 vc-record verify mix.webm
}
