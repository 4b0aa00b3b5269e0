#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-record --cues: chapters where another person talks, and at marks.

bats_require_minimum_version 1.5.0
load record

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 45s --people 2 --name p --size 160x90 --fps 5 \
		--marks=none --talk \
		'p1=1s-12s p2=12s-14s p1=14s-14500ms p2=20s-40s' test: >s
}

setup()
{
	begin
	s=$BATS_FILE_TMPDIR/s
}

# "START END TITLE" of each, in tenths of a second, as ffprobe says.
chapters()
{
	ffprobe -v error -show_chapters -of json "$1" | jq -r '.chapters[] |
		[(.start_time, .end_time | tonumber * 10 | floor),
		.tags.title] | map(tostring) | join(" ")'
}

@test "who has the word, and marks, are chapters of the file and beside it" {
	vc-record --cues --at '25s mark Vote <b>' a.webm a.mkv b.ogg <"$s"
	for f in a.webm a.mkv; do
		assert_equal "$(chapters $f)" "10 200 p1
200 249 p2
249 450 Vote <b>"
		run -0 vc-record verify "$f"
		refute_line --regexp '^(FAIL|-)'
		# WebVTT for browsers, the same times and titles.
		assert_equal "$(sed -n 's/^\(.*\) --> .*/\1/p' \
			$f.chapters.vtt | xargs)" \
			"00:00:01.040 00:00:20.040 00:00:24.980"
		assert_equal "$(tail -n 2 $f.chapters.vtt)" "Vote &lt;b&gt;"
		assert_equal "$(jq -c '[.chapters[] | [.why, .title,
			.start_ms, .end_ms]]' $f.json)" \
			'[["talker","p1",1040,20040],'\
'["talker","p2",20040,24980],["mark","Vote <b>",24980,45000]]'
		assert_equal "$(jq -sc 'map(select(.ev == "chapter") | .title)' \
			$f.events.jsonl)" '["p1","p2","Vote <b>"]'
	done
	assert_equal "$(chapters b.ogg)" ""
	grep -qx p1 b.ogg.chapters.vtt
	gst_plays a.webm
	# The same octets again, and a name that is taken counts what is beside.
	sha256sum a.webm a.webm.chapters.vtt >sum
	vc-record --cues --at '25s mark Vote <b>' --overwrite a.webm <"$s"
	sha256sum -c --quiet sum
	mv b.ogg.chapters.vtt c-p1.webm.chapters.vtt
	run -0 --separate-stderr vc-record --cues --tracks=participant \
		'c-{name}.webm' <"$s"
	assert_output --partial c-p1-2.webm
}

@test "without talk, sidecar, file: what there is of chapters" {
	vc-record --cues --no-sidecar --at '25s mark Vote' a.webm <"$s"
	assert_equal "$(chapters a.webm | wc -l)" 3
	assert_equal "$(compgen -G 'a.webm?*')" a.webm.chapters.vtt
	vc-record b.webm <"$s"
	assert_equal "$(chapters b.webm)" ""
	run ! compgen -G 'b.webm.chapters.vtt'
	run -0 --separate-stderr vc-record --cues -f webm - <"$s"
	[[ $stderr == *"-: no chapters: they are known at the end"* ]]
	vc-record --cues --at '10s split' '{n}.webm' <"$s"
	# In a file that goes on while he talks the next one begins a chapter.
	assert_equal "$(chapters 0002.webm | cut -d ' ' -f 3)" p2
	assert_equal "$(chapters 0001.webm | cut -d ' ' -f 3)" p1
}
