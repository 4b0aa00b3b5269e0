#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Every codec through the tools that hear and see: what a voice is sent in changes
# nothing about who is heard, and pictures are there one by one.

load ../common

# A line each: codec, clock, channels, milliseconds a packet.
codecs()
{
	cat <<-'END'
	opus 48000 2 20
	opus 48000 1 60
	G722 8000 1 20
	G722 8000 1 40
	PCMU 8000 1 20
	PCMA 8000 1 10
	L16 48000 1 10
	L16 24000 2 20
	L16 16000 1 20
	END
}

send()
{
	"$VC_BUILD/tests/e2e/soundsend" "$@"
}

# The voice of $2 is heard in WAV $1 from $3 to $4 percent of its 4 s.
heard()
{
	"$VC_BUILD/tests/e2e/wavheard" "$2" <"$1" >heard
	[ "$(awk -v min="$3" -v max="$4" 'NR == 1 { ok = $2 > 3.9 && $2 < 4.3 }
		NR == 2 { print (ok && $2 >= min && $2 <= max) }' heard)" = 1 ]
}

@test "vc-play hears every codec, and its length is right" {
	while read -r codec; do
		# shellcheck disable=SC2086 # a list
		send alice $codec 0 | vc-play --wav a.wav
		heard a.wav alice 90 100 || fail "$codec: $(cat heard)"
		heard a.wav bob 0 2 || fail "$codec: $(cat heard)"
	done < <(codecs)
}

@test "vc-mix hears every codec, and vc-probe too" {
	while read -r codec; do
		# shellcheck disable=SC2086
		send alice $codec 0 >a.vcrtp
		vc-mix a.vcrtp | vc-play --wav a.wav
		heard a.wav alice 90 100 || fail "$codec: $(cat heard)"
		vc-probe --heard alice --json a.vcrtp >probe.json
		run jq -e '[.. | .heard? // empty | .alice // empty] |
			any(. > 0.9)' probe.json
		assert_success
	done < <(codecs)
}

@test "a tenth lost: still heard, and as long" {
	while read -r codec; do
		# shellcheck disable=SC2086
		send alice $codec 10 | vc-play --wav a.wav
		heard a.wav alice 60 100 || fail "$codec: $(cat heard)"
	done < <(codecs)
}

# How many pictures of stream $1 there are to be seen, that differ.
pictures()
{
	vc-play --md5 - "$1" | awk '$2 == "video" { print $3 }' | sort -u | wc -l
}

@test "pictures of every codec are seen, by vc-play and by vc-mix" {
	for codec in vp8 vp9 h264 av1; do
		vc-capture --virtual -t 2s --size 320x180 --vcodec "$codec" \
			test: >a.vcrtp
		n=$(pictures a.vcrtp)
		[ "$n" -ge 55 ] || fail "$codec: $n pictures"
		vc-mix --size 320x180 a.vcrtp >m.vcrtp
		n=$(pictures m.vcrtp)
		[ "$n" -ge 40 ] || fail "$codec, mixed: $n pictures"
	done
}

@test "the same octets from every codec, every time" {
	for codec in vp8 vp9 h264 av1; do
		for i in 1 2; do
			vc-capture --virtual -t 500ms --size 640x360 --seed 3 \
				--vcodec "$codec" test: >"$i.vcrtp"
		done
		cmp 1.vcrtp 2.vcrtp
	done
}
