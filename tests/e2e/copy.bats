#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-capture --copy: what is in a file goes out as it is, of ours and of others.

# shellcheck disable=SC2154 # bats sets output
bats_require_minimum_version 1.5.0
load ../common

bars=testsrc=s=160x90:r=25:d=2

film()
{
	ffmpeg -nostdin -v error -f lavfi -i "$bars" -f lavfi \
		-i "sine=d=2:f=1000" -pix_fmt yuv420p "$@"
}

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 2s --size 160x90 --name alice test: >a.vcrtp
	vc-record a.webm <a.vcrtp >saved
	film -c:v libvpx-vp9 -row-mt 0 -cpu-used 8 -c:a libopus vp9.webm
	# Pictures that are not shown in the order they come in.
	film -c:v libx264 -bf 3 -g 20 -c:a libopus b.mp4
	ffmpeg -nostdin -v error -i b.mp4 -c copy b.mkv
	film -c:v mpeg4 -c:a aac none.mp4
	film -c:v libx264 -bf 0 -c:a aac half.mp4
	ffmpeg -nostdin -v error -f lavfi -i sine=d=2 -c:a libopus o.opus
	ffmpeg -nostdin -v error -f lavfi -i sine=d=2:r=8000 -c:a pcm_mulaw \
		u.wav
}

setup()
{
	begin
	in=$BATS_FILE_TMPDIR
	frames=$VC_BUILD/tests/interop/frames
	unset DISPLAY WAYLAND_DISPLAY
}

copy() { vc-capture --virtual --copy "$@"; }

# frames_of FILE KIND: time and sum of each frame, as it is in the container.
frames_of()
{
	ffmpeg -nostdin -v error -i "$1" -map "0:$2" -c copy -f framemd5 - |
		awk -F', *' '!/^#/ { print $3, $6 }'
}

# The sums alone.
sums_of() { frames_of "$@" | awk '{ print $2 }'; }

# NAL units of pictures in an Annex B stream, a sum each.
units()
{
	python3 -c 'import sys, re, hashlib
for u in re.split(b"\0\0\1", sys.stdin.buffer.read())[1:]:
    u = u.rstrip(b"\0")
    if u[0] & 31 in (1, 5):
        print(u[0] & 31, hashlib.md5(u).hexdigest())'
}

probe() { vc-probe --json | jq -c "$1"; }

@test "what was recorded and is copied is what was recorded, octet for octet" {
	copy "$in/a.webm" >s
	vc-record b.webm <s >saved
	for kind in v a; do
		frames_of "$in/a.webm" $kind >was
		[ "$(wc -l <was)" -ge 50 ]
		frames_of b.webm $kind | cmp - was
	done
	# And so are others' files.
	copy "$in/vp9.webm" | vc-record c.webm >saved
	for kind in v a; do
		frames_of c.webm $kind >is
		frames_of "$in/vp9.webm" $kind >was
		paste -d ' ' was is | awk '{ d = $1 - $3
			if ($2 != $4 || d < -2 || d > 2) exit 1 }'
	done
	# The same octets on every run.
	copy "$in/a.webm" | cmp - s
	# Announced, with the time of capture, and without a hole.
	vc-probe --json s >about
	jq -e '[.sources[] | [.kind, .codec, .media.lost]] | sort ==
		[["audio", "opus", 0], ["video", "VP8", 0]]' about
	vc-probe --packets=json s | jq -s -e '[.[] | select(has("captured")) |
		.ssrc] | unique | length == 2'
}

@test "H.264 with B pictures: all units, in order of decoding, at their time" {
	ffmpeg -nostdin -v error -i "$in/b.mp4" -c:v copy -bsf:v \
		h264_mp4toannexb -f h264 - | units >was
	[ "$(wc -l <was)" -eq 50 ]
	ffmpeg -nostdin -v error -i "$in/b.mp4" -map 0:v -c copy -f framemd5 - |
		awk -F', *' '!/^#/ { print int($3 * 90000 / 12800 + 0.5) }' >pts
	for file in b.mp4 b.mkv; do
		copy --audio none "$in/$file" >s
		copy --plain --audio none "$in/$file" | "$frames" join H264 |
			units | cmp - was
		# RTP time is of showing: as in the file, and it goes back.
		vc-probe --packets=json s | jq -s -r '[.[] |
			select(.type == "rtp" and .marker)] | .[0] as $a |
			.[] | [(.ts - $a.ts + 6442450944) % 4294967296 -
			2147483648, .t - $a.t] | join(" ")' >ts
		awk '{ print $1 }' ts | paste - pts | awk '{ d = $1 - $2
			if (d < -91 || d > 91) exit 1 }'
		run sort -n -c ts
		assert_failure
		# None comes after it is shown, or goes back in time.
		awk '$1 / 90 < $2 / 1000 - 1 || $2 < last { exit 1 }
			{ last = $2 }' ts
		vc-play --md5 s | awk '$2 == "video" { print $3 }' >ours
		[ "$(wc -l <ours)" -ge 45 ]
		ffmpeg -nostdin -v error -i "$in/b.mp4" -map 0:v -f framemd5 - |
			awk -F', *' '!/^#/ { print $NF }' |
			head -"$(wc -l <ours)" | cmp - ours
	done
	# Said in the description.
	vc-probe --json s | jq -e '.sources[0].codec == "H264"'
	grep -a -o 'profile-level-id=[0-9a-f]*' s >level
	grep -q 'profile-level-id=64' level
}

@test "Opus in Ogg, G.711 in WAV, AV1 and both from a pipe" {
	copy "$in/o.opus" | vc-record o.webm >saved
	sums_of "$in/o.opus" a >was
	sums_of o.webm a | cmp - was
	copy "$in/u.wav" >s
	[ "$(probe '.sources[0] | [.codec, .media.expected, .media.lost]' <s)" = \
		'["PCMU",100,0]' ]
	vc-play --wav u2.wav s
	ffmpeg -nostdin -v error -i "$in/u.wav" -ar 8000 -f s16le a.raw
	python3 - <<-'END'
		import array, math
		s = array.array("h", open("u2.wav", "rb").read()[44:])[24000:72000]
		db = 10 * math.log10(sum(v * v for v in s) / len(s) / 32768 ** 2)
		assert -23 < db < -20, db
	END
	ffmpeg -nostdin -v error -f lavfi -i "$bars" -frames:v 10 \
		-pix_fmt yuv420p -c:v libaom-av1 -cpu-used 8 -usage realtime av1.mkv
	ffmpeg -nostdin -v error -i av1.mkv -f framemd5 - |
		awk -F', *' '!/^#/ { print $NF }' >was
	for file in av1.mkv av1.mp4; do
		[ -e "$file" ] || ffmpeg -nostdin -v error -i av1.mkv -c copy $file
		copy "$file" | vc-play --md5 | awk '{ print $3 }' | cmp - was
	done
	# A pipe is read as it comes.
	copy "$in/a.webm" >whole
	(
		head -c 1000 "$in/a.webm"
		tail -c +1001 "$in/a.webm"
	) | copy file:- | cmp - whole
	run -1 copy file:- < <(cat "$in/b.mp4")
	assert_output --partial "from a pipe WebM and Matroska are copied"
}

@test "what does not fit is named; one medium may be encoded" {
	run -1 copy "$in/none.mp4"
	assert_output --partial "its pictures are MPEG-4, which cannot be sent"
	assert_output --partial "without --copy"
	run -1 copy "$in/half.mp4"
	assert_output --partial "its sound is AAC, which cannot be sent as it is"
	assert_output --partial "--copy=video"
	vc-capture --virtual --copy=video "$in/half.mp4" >s
	[ "$(probe '[.sources[].codec] | sort' <s)" = '["H264","opus"]' ]
	[ "$(probe '[.sources[] | select(.codec == "H264") | .frames]' <s)" = \
		'[50]' ]
	copy --audio none "$in/half.mp4" >s
	[ "$(probe '[.sources[].codec]' <s)" = '["H264"]' ]
	# A device or a signal beside it is encoded.
	copy -t 1s --video "$in/b.mp4" --audio tone: >s
	[ "$(probe '[.sources[].codec] | sort' <s)" = '["H264","opus"]' ]
	run -2 copy test:
	assert_output --partial "--copy: of media files only"
	run -2 copy --vcodec vp8 "$in/b.mp4"
	assert_output --partial "not with --vcodec"
	run -2 copy --marks "$in/b.mp4"
	run -2 copy --dtx "$in/b.mp4"
	run -2 copy --layers L1T2 "$in/b.mp4"
	run -2 copy --copy=film "$in/b.mp4"
	run -1 copy --video none --audio none --slides "$in/b.mp4"
	assert_output --partial "slides are sent as VP8 or VP9"
	run -1 copy --video "$in/u.wav" --audio none
	assert_output --partial "no pictures in it"
}

@test "a loop goes on in time, and -t ends it" {
	for file in a.webm b.mp4; do
		copy --loop -t 5s "$in/$file" >s
		probe '.sources[] | .media.lost' <s | grep -qx 0
		jq -s -e '[.[] | select(.type == "time") | .us] |
			. == sort' < <(vc-probe --packets=json s)
		n=$(probe '.sources[] | select(.kind == "video") | .frames' <s)
		[ "$n" -ge 120 ]
		# Every frame of it once a round.
		[ "$(probe '.sources[] | select(.kind == "audio") |
			.media.expected' <s)" -ge 245 ]
	done
}

@test "commands: what can be done without an encoder, and what cannot" {
	copy --at '500ms pause video' --at '900ms resume video' \
		--at '600ms mute' --at '1s unmute' "$in/vp9.webm" >s
	# It goes on with a key frame; the rest of that time is left out.
	vc-play --md5 s | awk '$2 == "video" { print $3 }' >ours
	ffmpeg -nostdin -v error -i "$in/vp9.webm" -map 0:v -f framemd5 - |
		awk -F', *' '!/^#/ { print $NF }' >theirs
	[ "$(grep -c -F -x -f theirs ours)" -eq "$(wc -l <ours)" ]
	[ "$(wc -l <ours)" -lt 40 ]
	vc-probe --packets=json s | jq -r '.event // empty |
		select(.ev == "gap") | .why' | sort | xargs >gaps
	[ "$(cat gaps)" = "mute pause" ]
	for cmd in 'gain 6' 'bitrate 100k' keyframe; do
		run copy -v --stats=stats --at "100ms $cmd" -o /dev/null \
			"$in/a.webm"
		assert_output --partial "sent as it is"
	done
	jq -s -e 'last.capture.unanswered == 1' stats
	# Another file of that codec takes its place; others are refused.
	copy --audio none --at "1s source video $in/vp9.webm" \
		"$in/vp9.webm" >s
	[ "$(probe '[.sources[] | [.media.lost, .frames]]' <s)" = '[[0,75]]' ]
	run copy --audio none --at "1s source video $in/a.webm" -o /dev/null \
		"$in/vp9.webm"
	assert_output --partial "not of the codec that is sent"
	run copy --audio none --at "1s source video test:" -o /dev/null \
		"$in/vp9.webm"
	assert_output --partial "not of the codec that is sent"
}

@test "files that are cut or lie end with what came before, or a clear word" {
	for file in a.webm b.mkv b.mp4 o.opus; do
		size=$(stat -c %s "$in/$file")
		for part in 5 300 600 980; do
			head -c $((size * part / 1000)) "$in/$file" >"cut-$file"
			run timeout 20 vc-capture --virtual --copy -o cut.vcrtp \
				"cut-$file"
			[ "$status" -eq 1 ]
			[ -n "$output" ]
		done
		for at in 4 60 400 700 $((size / 2)) $((size - 100)); do
			cp "$in/$file" "bad-$file"
			printf '\xff\xff\xff\xff\xff\xff\xff\xff' |
				dd of="bad-$file" bs=1 seek="$at" \
					conv=notrunc status=none
			run timeout 20 vc-capture --virtual --copy -o bad.vcrtp \
				"bad-$file"
			[ "$status" -le 1 ]
		done
	done
	# Lengths of NAL units that reach too far: frames that are left out.
	python3 - "$in/b.mkv" <<-'END'
		import sys
		d = bytearray(open(sys.argv[1], "rb").read())
		at = d.find(b"\x1f\x43\xb6\x75")
		for i in range(at + 400, len(d) - 8, 997):
		    d[i:i + 4] = b"\x7f\xff\xff\xf0"
		open("lie.mkv", "wb").write(d)
	END
	run timeout 20 vc-capture --virtual --copy -o lie.vcrtp lie.mkv
	[ "$status" -le 1 ]
	# Sizes are not believed: no memory is taken by them.
	printf '\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff' >huge.webm
	printf '\x1f\x43\xb6\x75\xff\xe7\x81\x00\xa3\x01\xff\xff\xff' >>huge.webm
	printf '\xff\xff\xff\x00\x00\x00' >>huge.webm
	run timeout 20 env time -f %M -o kilobytes vc-capture --virtual \
		--copy -o /dev/null huge.webm
	assert_failure
	[ "$(tail -n 1 kilobytes)" -lt 400000 ]
	: >empty
	run -1 copy empty
	run -1 copy .
	run -1 copy missing.mkv
}

@test "vc-play takes H.264 of Matroska, too" {
	vc-play --md5 "$in/b.mkv" | awk '$2 == "video" { print $3 }' >ours
	ffmpeg -nostdin -v error -i "$in/b.mp4" -map 0:v -f framemd5 - |
		awk -F', *' '!/^#/ { print $NF }' | head -"$(wc -l <ours)" |
		cmp - ours
	[ "$(wc -l <ours)" -ge 45 ]
}
