#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-record --gap: what a file has where nothing came, by what others decode.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load record.bash

# Ten seconds, the sound of which is missing from 2 s to 4 s, and all from 6 s
# to 8 s.
setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	cat >holes.py <<-'END'
		import sys
		from vcframes import frame, is_rtp, timed
		begin = 0
		for now, p in timed(sys.stdin.buffer.read()):
		    begin = begin or now
		    t = (now - begin) / 1e9
		    # A packet of sound comes at its end, a picture when taken.
		    if is_rtp(p) and p[1] & 127 in (0, 111):
		        if 2 < t <= 4 or 6 < t <= 8:
		            continue
		    elif is_rtp(p) and 6 <= t < 8:
		        continue
		    sys.stdout.buffer.write(frame(p))
	END
	for codec in opus pcmu; do
		vc-capture --virtual -t 10s --size 160x90 --fps 10 \
			--vbitrate 60k --keyint 1s --acodec $codec \
			--name al --cname al test: |
			python3 holes.py >$codec.vcrtp
	done
}

setup()
{
	begin
	opus=$BATS_FILE_TMPDIR/opus.vcrtp
	pcmu=$BATS_FILE_TMPDIR/pcmu.vcrtp
}

# So many milliseconds of sound come out of a decoder, whatever times say.
heard()
{
	ffmpeg -nostdin -v error -i "$1" -map 0:a -f s16le -ac 1 -ar 48000 - |
		wc -c | awk '{ print int($1 / 96) }'
}

# And it says that it lasts so long.
lasts() { duration "$1" | awk '{ print int($1 * 1000 + 0.5) }'; }

# What was made of $opus with --gap=$1: how long others hear each file, and what
# the two say that have times.
made()
{
	local file

	vc-record -q -i "$opus" --gap="$1" g.webm g.mkv g.ogg g.wav g.ivf \
		>/dev/null 2>&1
	for file in g.webm g.mkv g.ogg g.wav g.ivf; do
		is_sound $file
	done
	for file in g.webm g.mkv g.ogg g.wav; do
		heard $file
	done >got
	for file in g.webm g.ivf; do
		lasts $file
	done >>got
}

# got MS...: the lines of it, each within 30 ms.
got()
{
	local line

	paste -s -d ' ' got
	while read -r line; do
		between $(($1 - 30)) "$line" $(($1 + 30))
		shift
	done <got
	[ $# -eq 0 ]
}

# How many pictures say that they last 100 ms (BlockDuration).
pictures_that_say()
{
	python3 -c 'import re, sys
print(len(re.findall(b"\xa0(?:[\x81-\xfe]|[\x40-\x7f].)\x9b\x81\x64",
    open(sys.argv[1], "rb").read(), re.S)))' "$1"
}

@test "mark, the default: times go on, and nothing is written" {
	made mark
	got 6000 6000 10000 10000 10000 10000
	assert_equal "$(pictures_that_say g.webm)" 2
	assert_equal "$(jq -c '[.gap, .cut_ms, (.tracks[] | .filled)]' \
		g.webm.json)" '["mark",0,0,0]'
	vc-record -q -i "$opus" d.webm
	cmp d.webm g.webm
}

@test "silence: who hears one packet after the other hears all in its place" {
	made silence
	got 10000 10000 10000 10000 10000 10000
	assert_equal "$(jq -c '[.gap, .tracks[1].units - .tracks[1].filled]' \
		g.webm.json)" '["silence",300]'
	# The gaps are told nevertheless.
	assert_equal "$(jq -sc '[.[] | select(.ev == "gap" and .track == 2) |
		.why]' g.webm.events.jsonl)" '["loss","loss"]'
	# G.711 and L16 in samples.
	vc-record -q -i "$pcmu" --gap=silence p.mkv
	is_sound p.mkv
	between 9980 "$(heard p.mkv)" 10020
}

@test "hold: the same, and a picture lasts until the next" {
	made hold
	got 10000 10000 10000 10000 10000 10000
	assert_equal "$(pictures_that_say g.webm)" 0
	# Who shows it at so many pictures a second sees the same one in the gap
	# from 6 s to 8 s, and others before and behind it.
	ffmpeg -nostdin -v error -i g.webm -map 0:v -vf fps=4 -f framemd5 - |
		grep -v '^#' | tr -d ' ' | cut -d , -f 6 >shown
	assert_equal "$(wc -l <shown)" 40
	assert_equal "$(sed -n 25,32p shown | uniq | wc -l)" 1
	assert_equal "$(sort -u shown | wc -l)" 33
}

@test "cut: where nobody has anything no time passes, and it is told where" {
	made cut
	# The sound's own hole stays where pictures go on.
	got 6000 6000 6000 6000 8000 8000
	vc-record verify --headers g.webm
	run -0 jq -sc 'map(select(.ev == "cut") |
		[(.at_ms, (.to - .from) / 1000 | . / 50 | round * 50)]) +
		[[map(select(.ev == "keyframe") | .at_ms | . / 50 | round * 50) |
			.[]]]' g.webm.events.jsonl
	assert_output '[[6000,2000],[0,1000,2000,3000,4000,5000,6000,7000]]'
	run -0 jq -c '[.cut_ms, .duration_ms | . / 50 | round * 50]' g.webm.json
	assert_output '[2000,8000]'
	# A pause, too; less than a second never.
	vc-capture --virtual -t 8s --size 160x90 --fps 10 --keyint 1s test: \
		>whole.vcrtp
	vc-record -q -i whole.vcrtp --gap=cut --at '2s pause' --at '5s resume' \
		--at '6s pause' --at '6500ms resume' p.webm
	between 4900 "$(lasts p.webm)" 5100
	assert_equal "$(grep -c '"ev":"cut"' p.webm.events.jsonl)" 1
	is_sound p.webm
}
