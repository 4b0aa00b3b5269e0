#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# A camera in several sizes: what vc-capture sends of it, and which of them
# those take who show, mix and record it.

# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 3s --name Alice --fps 15 \
		--simulcast 640x360@400k,160x90@60k,320x180@150k test: \
		>alice.vcrtp
	for name in bob carol dave; do
		vc-capture --virtual -t 3s --name "$name" --fps 15 \
			--size 160x90 --audio=none test: >"$name.vcrtp"
	done
}

setup()
{
	begin
	files=$BATS_FILE_TMPDIR
	alice=$files/alice.vcrtp
}

# What vc-capture makes of the layers with the options given.
layers()
{
	vc-capture --virtual --name Alice --fps 15 --audio=none \
		--simulcast 160x90@60k,320x180@150k "$@" test:
}

# Lines "RID VALUE" of the sources of pictures on stdin, VALUE as jq finds it.
each()
{
	vc-probe --json | jq -r "[.sources[] | select(.kind == \"video\")] |
		sort_by(.rid) | .[] | .rid + \" \" + ($1 | tostring)"
}

# The RTP packets of pictures in stream $1, and what jq makes of their list.
pictures()
{
	vc-probe --packets=json "$1" | jq -sc "[.[] | select(.type == \"rtp\" and
		.kind == \"video\")] | $2"
}

@test "three sources of one participant, in the sizes and rates asked for" {
	run each '"\(.width)x\(.height) \(.fps | round)"' <"$alice"
	assert_output $'1 160x90 15\n2 320x180 15\n3 640x360 15'
	# One person, whose sound has no layer.
	run jq -c '[(.participants | length), .participants[0].who,
		([.sources[].ssrc] | unique | length),
		(.sources[] | select(.kind == "audio") | .rid)]' \
		<(vc-probe --json "$alice")
	assert_output '[1,"Alice",4,null]'
	# Marks and time cost the smallest more than it has.
	run each '.rate_bps' <"$alice"
	[ "$(awk '{ low = $1 == 1 ? 40e3 : $1 == 2 ? 90e3 : 240e3
		high = $1 == 1 ? 130e3 : $1 == 2 ? 230e3 : 520e3
		n += $2 >= low && $2 <= high } END { print n }' \
		<<<"$output")" -eq 3 ]
	run vc-probe "$alice"
	assert_line --regexp 'Alice +video 3 +640x360 '
}

@test "every codec has layers" {
	local codec

	for codec in vp9 h264 av1; do
		layers -t 500ms --vcodec "$codec" >"$codec.vcrtp"
		run each '"\(.width)x\(.height)"' <"$codec.vcrtp"
		assert_output $'1 160x90\n2 320x180'
		# Their sizes are seen before they are decoded.
		run awk '$2 == "video"' <(vc-play --md5 "$codec.vcrtp")
		assert_equal "${#lines[@]}" 8
		vc-play --only Alice --y4m "$codec.y4m" "$codec.vcrtp"
		assert_regex "$(head -n 1 "$codec.y4m")" ' W320 H180 '
	done
}

@test "the description names them, the best one first" {
	run jq -rs '[.[] | select(.type == "desc")][0].sdp' \
		<(vc-probe --packets=json "$alice")
	output=${output//$'\r'/}
	assert_output --partial $'a=rid:3 send max-width=640;max-height=360
a=rid:2 send max-width=320;max-height=180
a=rid:1 send max-width=160;max-height=90
a=simulcast:send 3;2;1'
	assert_output --partial 'a=mid:video'
	assert_output --partial \
		'a=extmap:6 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id'
}

@test "MID and RID: in key frames, in the first second, then now and then" {
	# A source has one RID, and MID with it.
	run pictures "$alice" 'map(select(.rid)) |
		[(map(.mid) | unique), (group_by(.ssrc) |
		map(map(.rid) | unique) | sort)]'
	assert_output '[["video"],[["1"],["2"],["3"]]]'
	# All packets of key frames: with one time stamp as their first.
	run pictures "$alice" 'group_by([.ssrc, .ts]) |
		map(select(any(.key))) |
		[length >= 6, all(.[]; all(.[]; .rid != null))]'
	assert_output '[true,true]'
	run pictures "$alice" '(map(.t) | min) as $t0 |
		map(select(.t - $t0 < 900000)) | all(.[]; .rid != null)'
	assert_output true
	# Afterwards some, but never half a second and a picture without.
	run pictures "$alice" 'group_by(.ssrc) | map(map(select(.rid) | .t) |
		[.[1:], .[:-1]] | transpose | map(.[0] - .[1]) | max) | max < 570000'
	assert_output true
	run pictures "$alice" '[(map(select(.rid)) | length), length] |
		.[0] * 4 < .[1] * 3'
	assert_output true
}

@test "a key frame of one layer, by name and by SSRC" {
	local ssrc

	layers -t 2s --keyint 1m --at '1s keyframe Alice/2' >a.vcrtp
	run each '.key_frames' <a.vcrtp
	assert_output $'1 1\n2 2'
	ssrc=$(each '.ssrc' <a.vcrtp | sed -n 's/^1 //p')
	layers -t 2s --keyint 1m --at "1s keyframe $ssrc" >a.vcrtp
	run each '.key_frames' <a.vcrtp
	assert_output $'1 2\n2 1'
	# By the person: of all.
	layers -t 2s --keyint 1m --at '1s keyframe Alice' >a.vcrtp
	run each '.key_frames' <a.vcrtp
	assert_output $'1 2\n2 2'
}

@test "the bit rate: of all in proportion, of one at most its own" {
	local rates='.capture | [.vbitrate, (.layers | sort_by(.rid)[] | .vbitrate)]'

	while IFS='|' read -r command expected; do
		layers -t 500ms --stats=stats --at "200ms $command" >a.vcrtp
		run jq -c "$rates" <(tail -n 1 stats)
		assert_output "$expected"
	done <<-'END'
		bitrate 420k|[420000,120000,300000]
		bitrate 140k Alice|[140000,40000,100000]
		bitrate 42k|[60000,30000,30000]
		bitrate 100k Alice/2|[160000,60000,100000]
		bitrate 900k Alice/2|[210000,60000,150000]
	END
}

@test "vc-play shows one person once, by the largest layer" {
	vc-play --only Alice --md5 --y4m a.y4m "$alice" | grep video >all
	vc-play --md5 --select rid=3 --select kind=audio "$alice" |
		grep video >one
	cmp all one
	assert_regex "$(head -n 1 a.y4m)" ' W640 H360 '
	[ "$(wc -l <all)" -eq 45 ]
	# By option another one.
	vc-play --only Alice --select rid=1 --y4m small.y4m "$alice"
	assert_regex "$(head -n 1 small.y4m)" ' W160 H90 '
	vc-play --select rid=2 --md5 "$alice" | grep video >two
	run comm -12 <(cut -d ' ' -f 3 all | sort) <(cut -d ' ' -f 3 two | sort)
	assert_output ''
}

@test "a layer that is paused: the next one is played, recorded, and back" {
	layers -t 6s --keyint 500ms --at '1500ms pause video Alice/2' \
		--at '4s resume video Alice/2' >a.vcrtp
	# Nothing is left out for longer than it takes to be sure.
	run awk '$2 == "video" { if ($1 - last > gap) gap = $1 - last
		last = $1; n++ } END { print n, gap, last }' \
		<(vc-play --md5 a.vcrtp)
	awk '{ exit !($1 >= 60 && $1 <= 90 && $2 < 1.8 && $3 > 5.8) }' \
		<<<"$output"
	run -0 vc-record -i a.vcrtp a.webm
	run ffprobe -v error -show_entries stream=codec_name,width -of csv=p=0 \
		a.webm
	assert_output vp8,320
	run ffmpeg -nostdin -v error -i a.webm -f null -
	assert_output ''
	run ffprobe -v error -show_entries packet=pts_time -of csv=p=0 a.webm
	awk -F , '{ if ($1 - last > gap) gap = $1 - last; last = $1 }
		END { exit !(NR >= 60 && gap < 1.8 && last > 5.8) }' \
		<<<"$output"
}

@test "vc-record: the largest into WebM, everything into a stream" {
	run -0 vc-record -i "$alice" a.webm a.vcrtp
	run ffprobe -v error -show_entries stream=codec_type,width \
		-count_packets -show_entries stream=nb_read_packets \
		-of csv=p=0 a.webm
	assert_output $'audio,150\nvideo,640,45'
	run each '.frames' <a.vcrtp
	assert_output $'1 45\n2 45\n3 45'
}

@test "vc-mix decodes the layer that suits the tile, and no other" {
	local decoded='map(select(.mix.participants != [])) | last |
		.mix.participants[] | select(.name == "Alice") |
		[.sources[] | select(.wanted != null)] | sort_by(.width) |
		map([.width, .frames > 30, .frames == 0])'

	while IFS='|' read -r size others expected; do
		# shellcheck disable=SC2086 # names
		vc-mix --size "$size" --fps 15 --audio=off --stats=stats \
			"$alice" $others >mix.vcrtp
		run jq -sc "$decoded" stats
		assert_output "$expected"
		run vc-probe -e 'width>=160' -e 'freezes.count==0' \
			-e 'fps>=14.9' mix.vcrtp
		assert_success
	done <<-END
		640x360|$files/bob.vcrtp $files/carol.vcrtp $files/dave.vcrtp|[[160,false,true],[320,true,false],[640,false,true]]
		320x180|$files/bob.vcrtp|[[160,true,false],[320,false,true],[640,false,true]]
		640x360|$files/bob.vcrtp|[[160,false,true],[320,true,false],[640,false,true]]
	END
	# Whose picture it is says the CSRC: that of the layer.
	ssrc=$(each '.ssrc' <"$alice" | sed -n 's/^2 //p')
	run pictures mix.vcrtp "map(.csrcs // [] | index($ssrc) != null) |
		map(select(.)) | length > 30"
	assert_output true
}

@test "vc-mix: a layer that ends is replaced, and comes back" {
	layers -t 6s --keyint 500ms --at '1500ms pause video Alice/2' \
		--at '4s resume video Alice/2' >a.vcrtp
	vc-mix --size 320x180 --fps 15 --audio=off --stats=stats a.vcrtp \
		>mix.vcrtp
	each '.ssrc' <a.vcrtp >ssrcs
	# Whose picture it is, in turn.
	vc-probe --packets=json mix.vcrtp | jq -r 'select(.type == "rtp") |
		.csrcs[0]' | uniq >shown
	run awk 'NR == FNR { rid[$2] = $1; next } { print rid[$1] }' ssrcs shown
	assert_output $'2\n1\n2'
	run jq -sc 'map(select(.mix.participants != [])) | last |
		.mix.participants[0].sources | sort_by(.width) |
		map(.frames > 20 and .frames < 80)' stats
	assert_output '[true,true]'
}

@test "who joins late: layers are told apart with their first key frame" {
	local cut

	for cut in 0.2 1.1; do
		python3 "$BATS_TEST_DIRNAME/probestream.py" lose video 0 "$cut" \
			<"$alice" >late.vcrtp
		vc-play --md5 late.vcrtp | grep video >late.md5
		vc-play --md5 --select rid=3 late.vcrtp | grep video >one.md5
		# From the key frame at 2 s on.
		cut -d ' ' -f 3 late.md5 | cmp - <(cut -d ' ' -f 3 one.md5)
		[ "$(wc -l <late.md5)" -eq 15 ]
		vc-record --overwrite -i late.vcrtp late.webm
		run ffprobe -v error -select_streams v -show_entries \
			stream=width -of csv=p=0 late.webm
		assert_output 640
		vc-mix --size 320x180 --fps 15 --audio=off --stats=stats \
			late.vcrtp >mix.vcrtp
		run jq -sc 'map(select(.mix.participants != [])) | last |
			.mix.participants[0].sources | map(select(.wanted != null)) |
			sort_by(.width) | map(.frames > 9)' stats
		assert_output '[false,true,false]'
	done
}

@test "vc-mix: alone the largest; a smaller one when others come" {
	vc-capture --virtual -t 3s --start 3s --name bob --fps 15 \
		--size 160x90 --audio=none test: >late.vcrtp
	vc-capture --virtual -t 6s --name Alice --fps 15 --keyint 1s \
		--simulcast 640x360@400k,320x180@150k --audio=none test: \
		>long.vcrtp
	vc-mix --size 640x360 --fps 15 --audio=off --stats=stats \
		long.vcrtp late.vcrtp >mix.vcrtp
	run jq -sc 'map(select(.mix.participants != [])) | last |
		.mix.participants[0].sources | sort_by(.width) |
		map([.width, .frames > 20, .frames < 70, .wanted])' stats
	assert_output '[[320,true,true,true],[640,true,true,false]]'
	run vc-probe --marks --json mix.vcrtp
	run jq -c '.sources[0].marks.ids | map(.missing < 4 and .read > 30)' \
		<<<"$output"
	assert_output '[true,true]'
}

@test "many people with layers" {
	vc-capture --virtual -t 500ms --people 3 --fps 15 --audio=none \
		--simulcast 160x90@60k,320x180@150k test: >many.vcrtp
	run jq -c '[(.participants | length), (.sources | length),
		([.sources[] | [.who, .rid]] | unique | length)]' \
		<(vc-probe --json many.vcrtp)
	assert_output '[3,6,6]'
	run jq -s '[.[] | select(.type == "desc")][0].sdp |
		[scan("a=rid:")] | length' <(vc-probe --packets=json many.vcrtp)
	assert_output 2
}

@test "slides beside it are no layer" {
	layers -t 2s --slides color:red --slides-size 160x90 >a.vcrtp
	run jq -c '[.sources[] | [.kind, .rid]] | sort' \
		<(vc-probe --json a.vcrtp)
	assert_output '[["slides",null],["video","1"],["video","2"]]'
	vc-record -i a.vcrtp a.webm
	run ffprobe -v error -show_entries stream=width -of csv=p=0 a.webm
	run sort -n <<<"$output"
	assert_output $'160\n320'
}

@test "wrong usage" {
	while IFS='|' read -r args message; do
		eval "run -2 vc-capture --virtual -t 100ms $args test:"
		assert_output --partial "$message"
	done <<-'END'
		--simulcast ''|a layer is WxH@RATE
		--simulcast 320x180|320x180: a layer is WxH@RATE
		--simulcast 320x180@150k|two layers at least
		--simulcast 320x180@150k,|a layer is WxH@RATE
		--simulcast 320x180@150k,640@500k|640: a size
		--simulcast 320x180@150k,640x360@500|500: a rate
		--simulcast 320x180@150k,0x0@500k|0x0: a size
		--simulcast 320x180@150k,640x480@500k|have not one shape
		--simulcast 320x180@150k,320x180@500k|one has to be smaller
		--simulcast 2x2@10k,4x4@10k,8x8@10k,16x16@10k,32x32@10k|at most 4
		--simulcast 320x180@150k,64x36@50k --size 64x36|has its own
		--simulcast 320x180@150k,64x36@50k --vbitrate 1M|has its own
		--simulcast 320x180@150k,64x36@50k --ssrc video=1|has its own
		--simulcast 320x180@150k,16x9@50k --vcodec h264|16x9: H264 takes
		--simulcast 99999999999999999999999999999999999999999999999999x1@1M|a layer is
	END
}
