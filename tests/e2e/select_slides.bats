#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Slides that are selected: a presenter's camera and slides go out whole, as two
# sources, and those of who presents next take their places. Marks in the
# pictures tell whose they are, and ffmpeg decodes them. On the virtual clock.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	for who in dora carl; do
		vc-capture --virtual -t 4s --size 320x180 --fps 15 --keyint 500ms \
			--vbitrate 200k --slides test: --slides-size 640x360 \
			--slides-fps 5 --slides-bitrate 200k \
			--name "$who" --cname "$who" test: >"$who.vcrtp"
	done
	vc-capture --virtual -t 4s --video none --name bob --cname bob test: \
		>bob.vcrtp
	all=(dora=dora.vcrtp carl=carl.vcrtp bob=bob.vcrtp)
}

# The marks of kind $1 in what bob gets of stream $2: ids and how many were read.
marks()
{
	vc-probe --as bob --marks --json "$2" | jq -c --arg kind "$1" \
		'[.sources[] | select(.kind == $kind) | .broken // 0,
			(.marks.ids[] | [.id, .read])]'
}

# The only mark of kind $1 that $2 sends.
mark()
{
	vc-probe --marks --json "$2.vcrtp" | jq -r --arg kind "$1" \
		'.sources[] | select(.kind == $kind).marks.ids[0].id'
}

# What ffmpeg decodes of what bob gets, without an error: pictures of each track.
decoded()
{
	vc-record -q -i "$1" --as bob bob.webm >/dev/null
	ffprobe -v error -select_streams v -count_frames -show_entries \
		stream=width,nb_read_frames -of csv=p=0 bob.webm | sort
	ffmpeg -v error -xerror -i bob.webm -map 0:v -f null - 2>&1
	rm bob.webm
}

@test "a presenter's camera and slides go out whole, octet for octet" {
	local pt

	vc-mix --policy broadcast --role dora=speaker --audio=select \
		--video=select --stats=stats "${all[@]}" >mix.vcrtp
	for pt in 96 104; do
		python3 "$BATS_TEST_DIRNAME/payloads.py" "$pt" <dora.vcrtp >in
		python3 "$BATS_TEST_DIRNAME/payloads.py" "$pt" <mix.vcrtp >out
		[ -s in ]
		cmp in out
	done
	assert_equal "$(marks video mix.vcrtp)" "[0,[\"$(mark video dora)\",60]]"
	assert_equal "$(marks slides mix.vcrtp)" \
		"[0,[\"$(mark slides dora)\",20]]"
	run decoded mix.vcrtp
	assert_output $'320,60\n640,20'
	# The slides are described as such, and named.
	grep -aq 'a=content:slides' mix.vcrtp
	run jq -sc 'map(.mix | select(.selected | length > 0)) | last |
		[(.selected | map(.shows) | unique), .views,
		([.participants[].sources[].frames] | add)]' stats
	assert_output '[["dora"],0,0]'
}

@test "slides of who presents next take the place of those before" {
	vc-mix --policy symmetric --audio=select --video=select \
		--at '2s vmute dora' --stats=stats "${all[@]}" >mix.vcrtp
	for kind in video slides; do
		vc-impair blackout=on from=1900ms to=20s mix.vcrtp >one
		vc-impair blackout=2600ms mix.vcrtp >two
		run marks "$kind" one
		assert_output --regexp "^\[0,\[\"$(mark "$kind" dora)\",[0-9]+\]\]$"
		run marks "$kind" two
		assert_output --regexp "^\[0,\[\"$(mark "$kind" carl)\",[0-9]+\]\]$"
		# In one source, at a key frame: nothing was broken at the change.
		run marks "$kind" mix.vcrtp
		assert_output --regexp '^\[0,\[[^]]*\],\[[^]]*\]\]$'
	done
	run decoded mix.vcrtp
	assert_output --regexp $'^320,5[0-9]\n640,1[89]$'
	# That was waited for as long as the senders' own key frames took.
	run jq -sc 'map(.mix.selected[]? | select(.kind == "video" and
		.switches == 1).longest_ms) | [length >= 2, max <= 520]' stats
	assert_output '[true,true]'
}
