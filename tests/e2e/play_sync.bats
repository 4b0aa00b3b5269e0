#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Lip sync: a flash and a beep of the same moment are played at the same one,
# whichever of them comes late, as sender reports say. On the virtual clock.

bats_require_minimum_version 1.5.0
load ../common

# A film of 4 s: bright from 2 s on, for three pictures of 30 a second, and a
# beep $1 later.
film()
{
	local at=$1

	shift
	ffmpeg -nostdin -v error -f lavfi -i "color=black:s=160x90:r=30:d=4,
		drawbox=c=white:t=fill:enable='between(n,60,62)'" \
		-f lavfi -i "sine=f=1000:r=48000:d=4,
		volume='between(t,$at,$at+0.1)':eval=frame" "$@"
}

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	film 2 -c:v libvpx -b:v 500k -c:a pcm_s16le together.mkv
	film 2.3 -c:v libvpx -b:v 500k -c:a pcm_s16le apart.mkv
	for name in together apart; do
		vc-capture --virtual --size 160x90 --name al \
			"file:$name.mkv" >"$name.vcrtp"
	done
}

setup()
{
	begin
	here=$BATS_TEST_DIRNAME
	in=$BATS_FILE_TMPDIR
	unset DISPLAY WAYLAND_DISPLAY
}

# lead FILE: how much later the beep is than the flash when that is played, in
# ms.
lead()
{
	vc-play --only al --only "track 1" --y4m f.y4m --wav f.wav "$1"
	python3 "$here/lipsync.py" f.y4m f.wav >sync
	cat sync >&2
	cut -d' ' -f3 <sync
}

# within A B: less than a picture of 30 a second apart.
within()
{
	local off=$(($1 - $2))

	[ "${off#-}" -le 34 ]
}

@test "a flash and a beep of one moment are played at one moment" {
	within "$(lead "$in/together.vcrtp")" 0
	# And where they were not together, they are not.
	within "$(lead "$in/apart.vcrtp")" 300
}

@test "the sums say the same" {
	vc-play --md5 "$in/together.vcrtp" >lines
	# The first picture that is another one.
	flash=$(awk '$2 == "video" && $1 > 1 {
		if (sum && $3 != sum) { print int($1 * 1000); exit }
		sum = $3
	}' lines)
	lead "$in/together.vcrtp"
	beep=$(cut -d' ' -f2 <sync)
	within "$flash" "$beep"
}

@test "what is late by itself is played with the other, by sender reports" {
	vc-impair --select kind=audio "$in/together.vcrtp" -o a.vcrtp
	vc-impair --select kind=video "$in/together.vcrtp" -o v.vcrtp
	vc-impair delay=150ms a.vcrtp -o late-a.vcrtp
	vc-impair delay=200ms v.vcrtp -o late-v.vcrtp
	vc-record -i late-a.vcrtp -i v.vcrtp 1.vcrtp
	vc-record -i a.vcrtp -i late-v.vcrtp 2.vcrtp
	within "$(lead 1.vcrtp)" 0
	within "$(lead 2.vcrtp)" 0
	# Later than at first: it did come late.
	[ "$(cut -d' ' -f1 <sync)" -ge 2150 ]
}

@test "a WebM of another program's, and ours" {
	film 2 -c:v libvpx -b:v 500k -c:a libopus -b:a 64k theirs.webm
	within "$(lead theirs.webm)" 0
	vc-record ours.webm <"$in/together.vcrtp"
	within "$(lead ours.webm)" 0
}
