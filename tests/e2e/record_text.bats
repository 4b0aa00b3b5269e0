#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-record: what people write, as subtitles in a recording and as WebVTT beside
# it, and back. All on the virtual clock but one, which waits for a crash.

bats_require_minimum_version 1.5.0
load record

small=(--size 160x90 --fps 5 --marks=none)

setup()
{
	begin
}

# capture T ARGS...: Alice on the virtual clock, in 's'.
capture()
{
	vc-capture --virtual -t "$1" --name Alice "${small[@]}" "${@:2}" >s
}

# cues FILE: "START DURATION TEXT" of its subtitles, in milliseconds, as ffmpeg
# reads them.
cues()
{
	ffprobe -v error -select_streams s -show_entries \
		packet=pts_time,duration_time,data -show_data -of json "$1" |
		jq -r '.packets[] | [(.pts_time, .duration_time | tonumber *
			1000 | round), (.data | split("\n") |
			map(select(. != "") | .[51:]) | join(""))] |
			map(tostring) | join(" ")'
}

# The same as a file of its own: times are to the millisecond, without the
# encoder's delay.
extract()
{
	ffmpeg -nostdin -v error -copyts -i "$1" -map 0:s -c:s "$2" -f "$2" -
}

@test "text is a track of the file, and WebVTT beside it, of the same times" {
	capture 12s --at '1s text one & <two> {x}' --at '6s text "a --> b"' test:
	vc-record a.webm a.mkv talk.vtt <s
	cat >want <<-'END'
		WEBVTT

		00:00:01.000 --> 00:00:05.000
		<v Alice>one &amp; &lt;two&gt; {x}

		00:00:06.000 --> 00:00:10.000
		<v Alice>a --&gt; b

	END
	cmp talk.vtt want
	assert_equal "$(tracks a.webm | xargs)" "vp8 60 opus 600 webvtt 2"
	assert_equal "$(tracks a.mkv | xargs)" "vp8 60 opus 600 subrip 2"
	assert_equal "$(titles a.webm)" "Alice Alice Alice "
	for f in a.webm a.mkv; do
		run -0 ffmpeg -nostdin -v error -i "$f" -map 0 -c:s copy -f null -
		refute_output
		assert_equal "$(duration "$f")" 12.000000
		assert_equal "$(cues "$f" | cut -d ' ' -f 1,2 | xargs)" \
			"1000 4000 6000 4000"
		run -0 vc-record verify "$f"
		refute_line --regexp '^(FAIL|-)'
		assert_equal "$(jq -c '.tracks[] | select(.kind == "text") |
			[.codec, .name, .offset_ms, .end_ms, .units]' "$f.json")" \
			'["t140","Alice",1000,10000,2]'
	done
	# As others read it: GStreamer, and FFmpeg's other formats.
	gst_plays a.webm
	gst_plays a.mkv
	run -0 bash -c "timeout 60 gst-launch-1.0 -q filesrc location=a.mkv ! \
		matroskademux name=d d.video_0 ! queue ! fakesink \
		d.audio_0 ! queue ! fakesink d.subtitle_0 ! queue ! fdsink"
	assert_output $'one &amp; &lt;\u2060two&gt; {\u2060x}a --&gt; b'
	extract a.webm srt >got.srt
	grep -qx '00:00:01,000 --> 00:00:05,000' got.srt
	grep -qx 'a --> b' got.srt
	extract a.mkv webvtt | grep -qx 'a --> b'
	# The same on every run.
	sha256sum a.webm talk.vtt >sum
	vc-record --overwrite a.webm talk.vtt <s
	sha256sum -c --quiet sum
}

@test "a cue is what was meant: corrections, lines, pauses" {
	printf 'helo\blo\nnext\n' | capture 9s --text - --at '7s text bye' \
		test:
	vc-record talk.vtt a.webm <s
	run -0 grep -v -e '^$' talk.vtt
	assert_output "WEBVTT
00:00:00.000 --> 00:00:01.000
<v Alice>hello
00:00:00.001 --> 00:00:04.000
<v Alice>next
00:00:07.000 --> 00:00:11.000
<v Alice>bye"
	# Text alone makes no recording longer.
	assert_equal "$(duration a.webm)" 9.000000
	assert_equal "$(jq .duration_ms a.webm.json)" 9000
	assert_equal "$(jq .duration_ms talk.vtt.json)" 9000
}

@test "a file a participant: sound, picture and text; a talk each, too" {
	vc-capture --virtual -t 6s --people 3 --name p "${small[@]}" \
		--at '1s text p2: hello' --at '3s text p1: hi' test: >s
	vc-record --tracks=participant '{name}.webm' '{name}.vtt' <s >names
	assert_equal "$(sort names | xargs)" \
		"p1.vtt p1.webm p2.vtt p2.webm p3.webm"
	for f in p1 p2; do
		assert_equal "$(tracks $f.webm | cut -d ' ' -f 1 | sort | xargs)" \
			"opus vp8 webvtt"
		vc-record verify -q $f.webm >/dev/null
		# On one line with his sound and picture.
		assert_equal "$(jq .begin_ms $f.webm.json)" \
			"$(jq .begin_ms $f.vtt.json)"
	done
	assert_equal "$(tracks p3.webm | cut -d ' ' -f 1 | sort | xargs)" \
		"opus vp8"
	grep -qx '00:00:01.000 --> 00:00:05.000' p2.vtt
	grep -qx '<v p2>hello' p2.vtt
	run ! compgen -G '*.part'
	vc-record --tracks=source '{kind}.{name}.mkv' <s >names
	grep -qx text.p1.mkv names
	assert_equal "$(tracks text.p1.mkv)" "subrip 1"
	vc-record verify -q text.p1.mkv >/dev/null
	# Of all, who said what.
	vc-record all.vtt all.webm <s
	assert_equal "$(grep '^<v' all.vtt | xargs -d '\n')" \
		"<v p2>hello <v p1>hi"
	assert_equal "$(tracks all.webm | grep -c webvtt)" 2
}

@test "what is lost is U+FFFD, and the sidecar says where" {
	for ((i = 1; i <= 30; i++)); do
		printf 'Line %02d of Grüße, 你好 and 😀, all is well.\n' "$i"
	done >lines
	vc-capture --virtual --name Alice --text lines |
		vc-impair --seed 5 loss=20% >s
	vc-record talk.vtt a.webm <s
	assert_equal "$(sed -n 's/^<v Alice>//p' talk.vtt)" "$(cat lines)"
	assert_equal "$(jq '.tracks[0].lost' a.webm.json)" 0
	vc-capture --virtual --name Alice --text lines |
		vc-impair --seed 5 loss=75% >s
	vc-record --overwrite talk.vtt a.webm <s
	grep -q $'\xef\xbf\xbd' talk.vtt
	lost=$(jq '.tracks[0].lost' a.webm.json)
	[ "$lost" -gt 0 ]
	assert_equal "$(jq -s 'map(select(.ev == "gap" and .why == "loss") |
		.lost) | add' a.webm.events.jsonl)" "$lost"
	# No more is made of it, and it is of the file's own length.
	vc-record verify -q a.webm >/dev/null
	iconv -f UTF-8 -t UTF-16 talk.vtt >/dev/null
}

# hostile.md P6, F5
@test "hostile text and names are text" {
	printf -- '-->\n00:00:00.000 --> 99:00:00.000\n<script>x</script>\n' >lines
	printf 'NUL\0NUL\e[31mred\xe2\x80\xae|\xff|\xf0\x9f\x98\x80\r\n' >>lines
	printf 'WEBVTT\n\nNOTE x\n&lt;&amp;\n{\\an8}\n' >>lines
	vc-capture --virtual --name 'E<v>&\x0a' --text lines >s
	vc-record talk.vtt a.webm a.mkv <s
	run ! grep -qP '[\x00-\x09\x0b-\x1f\x7f]' talk.vtt
	# Only our own arrows and tags; a cue is two lines and an empty one.
	assert_equal "$(grep -c -e '-->' talk.vtt)" 8
	assert_equal "$(grep -cxP '(\d\d:){2}\d\d\.\d{3} --> (\d\d:){2}\d\d\.\d{3}' \
		talk.vtt)" 8
	assert_equal "$(grep -c '^<v E&lt;v&gt;&amp;\\\\x0a>' talk.vtt)" 8
	assert_equal "$(tr -cd '<' <talk.vtt | wc -c)" 8
	assert_equal "$(wc -l <talk.vtt)" $((2 + 3 * 8))
	want=$(printf '%s\n' '-->' '00:00:00.000 --> 99:00:00.000' \
		'<script>x</script>' $'NULNUL[31mred|\ufffd|😀' WEBVTT 'NOTE x' \
		'&lt;&amp;' '{\an8}')
	for f in a.webm a.mkv; do
		vc-record verify -q "$f" >/dev/null
		vc-record replay "$f" | vc-play --text '{cname}.txt' -
		cut -d ' ' -f 2- ./*.txt | sed 's/^[^:]*: //' >got
		assert_equal "$(cat got)" "$want"
		rm ./*.txt
	done
	extract a.mkv webvtt >got
	assert_equal "$(grep -c -e '-->' got)" 10
}

@test "a line of a megabyte is many cues" {
	python3 - <<-'END' >s
		import struct, sys
		w = sys.stdout.buffer
		def frame(b):
		    w.write(struct.pack(">H", len(b)) + b)
		frame(b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
		      b"a=x-vc-clock:virtual\r\nm=text 0 RTP/AVP 117\r\n"
		      b"a=rtpmap:117 t140/1000\r\n")
		t = 946684800 * 10**9
		for i in range(1000):
		    frame(b"T\0" + struct.pack(">q", t + i * 10**7))
		    frame(struct.pack(">BBHII", 0x80, 117, i, i * 10, 7)
		          + ("%03d" % i).encode() + b"x" * 997)
	END
	vc-record talk.vtt a.webm <s
	vc-record verify -q a.webm >/dev/null
	# None of it is lost: 10 s, 100 kB a second.
	assert_equal "$(sed -n 's/^<v[^>]*>//p' talk.vtt | tr -d '\n' | wc -c)" 1000000
	[ "$(sed -n 's/^<v[^>]*>//p' talk.vtt | wc -L)" -le 400 ]
}

@test "replay and convert give the text again" {
	capture 8s --at '1s text one' --at '4s text two' test:
	vc-record a.webm <s
	vc-record replay a.webm >r
	assert_equal "$(vc-play --text - r)" "00:00:01.000 Alice: one
00:00:04.000 Alice: two"
	vc-record convert a.webm b.mkv c.vtt
	assert_equal "$(tracks b.mkv | cut -d ' ' -f 1 | xargs)" "vp8 opus subrip"
	assert_equal "$(grep '^<v' c.vtt | xargs -d '\n')" \
		"<v Alice>one <v Alice>two"
	vc-record info a.webm | grep -qE '^ +3  text +t140 +1\.000 +8\.000 +2 '
	# As one participant.
	vc-probe --json r | jq -e '[.sources[].id] | unique | length == 1'
}

@test "what is on disk after SIGKILL has what was typed" {
	capture 4s --at '1s text begun' test:
	killed s a.webm '.record.files[0].units > 0 and .record.units > 200'
	ffprobe -v error -show_entries stream=codec_name -of csv=p=0 \
		a.webm.part | grep -qx webvtt
	extract a.webm.part webvtt | grep -qx begun
	vc-record repair a.webm.part
	assert_equal "$(cues a.webm | wc -l)" 1
	vc-record verify --headers a.webm | grep -q '^ok    finished'
}

@test "down a pipe a cue comes when it is over; a stop, a split" {
	capture 8s --at '1s text one' --at '5s text two' test:
	vc-record -f webm - <s >p.webm
	assert_equal "$(extract p.webm webvtt | grep -cx -e one -e two)" 2
	vc-record -f webvtt - <s | grep -qx '<v Alice>two'
	vc-record --at '2500ms split' '{n}.vtt' '{n}.webm' <s >names
	grep -qx '<v Alice>one' 0001.vtt
	grep -qx '<v Alice>two' 0002.vtt
	# What was begun in the first file ends with it.
	grep -q '^00:00:01.000' 0001.vtt
	assert_equal "$(tracks 0001.webm 2>&1 | grep webvtt)" "webvtt 1"
	assert_equal "$(tracks 0002.webm 2>&1 | grep webvtt)" "webvtt 1"
	vc-record verify -q 0001.webm >/dev/null
	vc-record verify -q 0002.webm >/dev/null
}

@test "no text: no WebVTT and exit 4; others say what they leave out" {
	capture 1s test:
	run -4 --separate-stderr vc-record a.vtt <s
	assert_output ""
	[[ $stderr == *"a.vtt: nothing came that webvtt can hold"* ]]
	run ! compgen -G 'a.vtt*'
	run -4 --separate-stderr vc-record a.webm b.vtt <s
	assert_output a.webm
}
