#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-record: MP4, plain and in fragments, as ffmpeg and GStreamer read it.

bats_require_minimum_version 1.5.0
load record.bash

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 3s --name alice --vcodec h264 --size 320x180 \
		test: >a.vcrtp
	vc-capture --virtual -t 3s --name alice --vcodec h264 --size 640x360 \
		test: >large.vcrtp
	vc-capture --virtual -t 2s --name bob --size 320x180 test: >vp8.vcrtp
}

setup()
{
	begin
	in=$BATS_FILE_TMPDIR
}

# boxes FILE: the outermost ones, in order.
boxes()
{
	python3 -c '
import struct, sys
data, at = open(sys.argv[1], "rb").read(), 0
while at < len(data):
    size, kind = struct.unpack(">I4s", data[at:at + 8])
    if size == 1:
        size, = struct.unpack(">Q", data[at + 8:at + 16])
    print(kind.decode(), end=" ")
    at += size
assert at == len(data)' "$1"
}

# sound_lasts FILE FROM TO: its first and last packet, in us. Opus begins before it is
# heard, by its delay.
sound_lasts()
{
	assert_equal "$(ffprobe -v error -select_streams a -show_entries \
		packet=pts_time -of csv=p=0 "$1" | tr -d ., |
		awk 'NF { last = $1 + 0; if (!n++) print last } END { print last }')" \
		"$2"$'\n'"$3"
}

# What was recorded, of both, whichever way.
holds_all()
{
	assert_equal "$(tracks "$1")" $'h264 90\nopus 150'
	assert_equal "$(times v "$1")" '0 3000'
	sound_lasts "$1" -6500 2973500
	is_sound "$1"
}

# Both of its tracks, decoded to the end by GStreamer, without a word.
gst_plays_both()
{
	run timeout 60 gst-launch-1.0 -q filesrc location="$1" ! \
		qtdemux name=d d.video_0 ! queue ! h264parse ! openh264dec ! \
		fakesink sync=false d.audio_0 ! queue ! opusdec ! \
		fakesink sync=false
	assert_success
	refute_output
}

@test "a finished MP4 is a plain one, with its duration and names" {
	run -0 --separate-stderr vc-record -i "$in/a.vcrtp" a.mp4 b.m4v
	assert_output $'a.mp4\nb.m4v'
	cmp a.mp4 b.m4v
	assert_equal "$(boxes a.mp4)" 'ftyp mdat moov '
	assert_equal "$(duration a.mp4)" 3.000000
	holds_all a.mp4
	gst_plays_both a.mp4
	assert_equal "$(ffprobe -v error -show_entries \
		stream_tags=handler_name -of csv=p=0 a.mp4 | tr '\n' ' ')" \
		'alice alice '
	# In Matroska are the same frames at the same times.
	vc-record -i "$in/a.vcrtp" a.mkv
	for f in a.mp4 a.mkv; do
		ffmpeg -nostdin -v error -i "$f" -f framemd5 - |
			awk -F , '/^0/ { print $NF }' >"$f.md5"
	done
	cmp a.mp4.md5 a.mkv.md5
	assert_equal "$(wc -l <a.mp4.md5)" 90
}

@test "--fragmented, and a pipe, keep MP4 in fragments" {
	vc-record --fragmented -i "$in/a.vcrtp" f.mp4
	vc-record -f mp4 -i "$in/a.vcrtp" - | cat >p.mp4
	assert_regex "$(boxes f.mp4)" '^ftyp moov free (moof mdat ){3,6}mfra $'
	assert_regex "$(boxes p.mp4)" '^ftyp moov (moof mdat ){3,6}mfra $'
	for f in f.mp4 p.mp4; do
		holds_all "$f"
		gst_plays_both "$f"
	done
	# ffmpeg counts from the first packet, whose begin is not heard.
	assert_equal "$(duration f.mp4)" 3.006500
}

@test "what joins late begins late, in a plain file and in fragments" {
	vc-capture --virtual -t 4s --name bob --video none test: >b.vcrtp
	# Alice's pictures from the 2nd second on, into Bob's sound.
	vc-capture --virtual -t 4s --name alice --audio none --vcodec h264 \
		--size 320x180 test: >v.vcrtp
	python3 - v.vcrtp >late.vcrtp <<-'END'
		import sys
		from vcframes import frame, is_rtp, timed
		t0 = 0
		for now, p in timed(open(sys.argv[1], "rb").read()):
		    t0 = t0 or now
		    if not is_rtp(p) or now - t0 >= 1500000000:
		        sys.stdout.buffer.write(frame(p))
	END
	for f in plain.mp4 '--fragmented frag.mp4' ref.mkv; do
		# shellcheck disable=SC2086 # it is two words or one
		vc-record -i b.vcrtp -i late.vcrtp --no-sidecar $f
	done
	read -r begin end < <(times v ref.mkv)
	between 1400 "$begin" 4000
	for f in plain.mp4 frag.mp4; do
		read -r first last < <(times v "$f")
		between $((begin - 1)) "$first" $((begin + 1))
		between $((end - 1)) "$last" $((end + 1))
		sound_lasts "$f" -6500 3973500
		is_sound "$f"
		gst_plays_both "$f"
	done
}

# sizes FILE: the sizes of pictures, as they are decoded.
sizes()
{
	ffprobe -v error -select_streams v -show_entries frame=width,height \
		-of csv=p=0:s=x "$1" | uniq -c | sed 's/^ *//'
}

@test "pictures that change their size stay one track, of two entries" {
	cat "$in/a.vcrtp" "$in/large.vcrtp" >both.vcrtp
	vc-record -i both.vcrtp --no-sidecar a.mp4
	vc-record -i both.vcrtp --no-sidecar --fragmented f.mp4
	vc-record -f mp4 - <both.vcrtp >p.mp4
	for f in a.mp4 f.mp4 p.mp4; do
		assert_equal "$(sizes "$f")" $'90 320x180\n90 640x360'
		assert_equal "$(tracks "$f")" $'h264 180\nopus 300'
		is_sound "$f"
		gst_plays_both "$f"
	done
	assert_equal "$(duration a.mp4)" 6.000000
	# In the first moov, which is dead by then, and in the last; down a pipe
	# the head is gone by then.
	assert_equal "$(grep -ao avcC a.mp4 | wc -l)" 4
	assert_equal "$(grep -ao avcC f.mp4 | wc -l)" 2
	assert_equal "$(grep -ao avcC p.mp4 | wc -l)" 1
}

@test "SIGKILL leaves fragments that play up to the last second" {
	vc-capture --virtual -t 6s --size 320x180 --vcodec h264 test: \
		>long.vcrtp
	killed long.vcrtp k.mp4 '.record.files[0].units >= 350'
	refute [ -e k.mp4 ]
	is_sound k.mp4.part
	read -r _ end < <(times v k.mp4.part)
	between 3000 "$end" 6000
}

@test "what MP4 does not hold is named, with the suffix that does" {
	run -0 --separate-stderr vc-record -i "$in/vp8.vcrtp" v.mp4
	assert_equal "$stderr" \
		'vc-record: v.mp4: VP8 is left out: mp4 holds H264 and Opus (.webm holds it)'
	assert_equal "$(tracks v.mp4)" 'opus 100'
	is_sound v.mp4
	vc-capture --virtual -t 4s --video none --acodec pcmu test: >u.vcrtp
	run -4 --separate-stderr vc-record -i u.vcrtp u.mp4
	assert_regex "$stderr" 'PCMU is left out: .*\(\.mkv holds it\)'
	refute [ -e u.mp4 ]
}

# sums FILE: what is in it, decoded.
sums()
{
	vc-play --md5 "$1" | awk '{ print $2, $3 }' | sort
}

@test "MP4 is read again: info, verify, convert, and by every tool" {
	vc-record -i "$in/a.vcrtp" a.mp4 a.mkv
	vc-record --fragmented -i "$in/a.vcrtp" f.mp4
	sums a.mkv >want
	[ "$(wc -l <want)" -ge 200 ]
	for f in a.mp4 f.mp4; do
		vc-record verify "$f"
		assert_equal "$(vc-record info --json "$f" | jq -c \
			'.duration_ms, [.tracks[] | .name, .units, .from_ms]' |
			tr '\n' ' ')" \
			'3000 ["alice",90,0,"alice",150,0] '
		sums "$f" | diff want -
		vc-record convert "$f" "$f.mkv"
		assert_equal "$(tracks "$f.mkv")" $'h264 90\nopus 150'
		is_sound "$f.mkv"
	done
	# What is not whole is told, and its octets are looked at.
	head -c 100000 a.mp4 >cut.mp4
	run -3 vc-record verify cut.mp4
	assert_line --regexp '^FAIL  finished .*ends in the middle'
	assert_line --regexp '^ok +decodes'
	printf x | dd of=f.mp4 bs=1 seek=50000 conv=notrunc status=none
	run -3 vc-record verify f.mp4
	assert_line --regexp '^FAIL  checksum'
}

@test "repair makes a plain MP4 of what was cut, or something else" {
	vc-record --no-sidecar -i "$in/a.vcrtp" a.mp4
	head -c 100000 a.mp4 >cut.mp4.part
	run -0 --separate-stderr vc-record repair cut.mp4.part
	assert_output cut.mp4
	refute [ -e cut.mp4.part ]
	assert_equal "$(boxes cut.mp4)" 'ftyp mdat moov '
	is_sound cut.mp4
	run -0 vc-record verify cut.mp4
	vc-record repair a.mp4 b.mkv
	assert_equal "$(tracks b.mkv)" $'h264 90\nopus 150'
	is_sound b.mkv
}

@test "MP4 of others, which only tables tell, is refused with who reads it" {
	vc-record --no-sidecar -i "$in/a.vcrtp" a.mp4
	ffmpeg -nostdin -v error -i a.mp4 -c copy foreign.mp4
	run -1 --separate-stderr vc-record info foreign.mp4
	assert_equal "$stderr" "vc-record info: foreign.mp4: is MP4 without \
fragments, which is not read: \`vc-capture --copy\` makes a stream of it"
	run -1 --separate-stderr vc-record convert foreign.mp4 x.mkv
	assert_regex "$stderr" 'an MP4 or MOV file.*vc-capture foreign.mp4'
	vc-capture --virtual --copy foreign.mp4 | vc-record x.mkv
	assert_equal "$(tracks x.mkv)" $'h264 90\nopus 150'
}
