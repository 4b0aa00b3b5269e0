#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Classes of output: what everybody's picture is made like, who shares one, and
# what is refused. On the virtual clock.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load heard

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	people ann bob carl -t 4s --fps 30 --vbitrate 300k
}

setup()
{
	begin
	with_people ann bob carl
	cat >room.policy <<-'END'
		# Everybody sees all, himself too.
		ann  * *,self class=low
		bob  * *,self class=low
		*    * *,self
	END
	classes=(--out-class 'low:320x180@150k/15,hall:640x360@900k')
}

mix()
{
	vc-mix --size 960x540 --vbitrate 1M --stats stats.json "$@" "${all[@]}"
}

# What picture $1 gets in stream $2: "SSRC SIZE FPS"
got()
{
	vc-probe --as "$1" --json "$2" 2>/dev/null | jq -r '.sources[] |
		select(.kind == "video") |
		"\(.ssrc) \(.width)x\(.height) \(.fps)"'
}

# The statistics of views while people were there: jq program $1.
views()
{
	jq -s "[.[] | .mix | select(.views > 0)] | last | $1" stats.json
}

# Bits a second of source $1 in stream $2, of 3 s from the second one on.
rate()
{
	vc-probe --packets=json "$2" | jq -s --argjson ssrc "$1" '
		[.[] | select(.type == "rtp" and .ssrc == $ssrc)] as $p |
		$p[0].t as $t | [$p[] | select(.t > $t + 1000000) | .size] |
		add * 8 / 3 | floor'
}

@test "classes have their sizes and rates, and who is alike shares" {
	local ann bob carl rec phone

	mix --policy room.policy "${classes[@]}" --out rec=hall --out phone=low \
		>mix.vcrtp
	ann=$(got ann mix.vcrtp) bob=$(got bob mix.vcrtp)
	carl=$(got carl mix.vcrtp) rec=$(got rec mix.vcrtp)
	phone=$(got phone mix.vcrtp)
	[[ $ann = *' 320x180 15' ]]
	[[ $rec = *' 640x360 30' ]]
	[[ $carl = *' 960x540 30' ]]
	# One view each: by row, by row, and over the row by --out.
	assert_equal "$bob" "$ann"
	assert_equal "$phone" "$ann"
	run views '.views, (.pictures | map("\(.width)x\(.height)/\(.every)") |
		sort | join(" "))'
	assert_line --index 0 3
	assert_line --index 1 '"320x180/2 640x360/1 960x540/1"'
	# Encodes a picture: 1 + 1 + 1/2, however many look at it.
	run views '(.video_frames / .video_ticks) | . > 2.35 and . <= 2.5'
	assert_output true
	# The rate of each within a fifth.
	run rate "${ann%% *}" mix.vcrtp
	[ "$output" -gt 120000 ]
	[ "$output" -lt 180000 ]
	run rate "${rec%% *}" mix.vcrtp
	[ "$output" -gt 720000 ]
	[ "$output" -lt 1080000 ]
}

@test "a class shows the same people, and all decoders read it" {
	mix --policy room.policy "${classes[@]}" --out rec=hall >mix.vcrtp
	for who in ann carl rec; do
		run vc-probe --as "$who" --marks --json mix.vcrtp
		run jq -c '[.sources[] | select(.kind == "video") |
			.marks.ids[] | select(.read > 30)] | length' <<<"$output"
		assert_output 3
		vc-record -q --as "$who" -i mix.vcrtp "$who.webm"
		run --separate-stderr ffmpeg -v warning -i "$who.webm" -f null -
		assert_success
		assert_equal "$stderr" ""
	done
}

@test "--out has a class without any policy, and keyint holds for it" {
	mix --keyint 1s "${classes[@]}" --out tv=low >mix.vcrtp
	run got tv mix.vcrtp
	assert_output --partial " 320x180 15"
	run got ann mix.vcrtp
	assert_output --partial " 960x540 30"
	refute_output --partial 320x180
	# Four seconds, a key frame each, at either rate.
	run views '[.pictures[] | .key_frames] | all(. >= 3 and . <= 5)'
	assert_output true
}

@test "a class of sound only leaves the picture shared" {
	vc-mix --policy room.policy --audio=off --stats stats.json \
		--size 320x180 --out-class low:pcmu "${all[@]}" >mix.vcrtp
	run views .views
	assert_output 1
}

@test "the bit rate of a class changes by its output only" {
	local low hall

	mix --policy room.policy "${classes[@]}" --out rec=hall >mix.vcrtp
	low=$(got ann mix.vcrtp) hall=$(got rec mix.vcrtp)
	mix --policy room.policy "${classes[@]}" --out rec=hall \
		--at '500ms bitrate 2M' --at "500ms bitrate 500k ${hall%% *}" \
		>less.vcrtp
	[ "$(rate "${hall%% *}" less.vcrtp)" -lt 600000 ]
	[ "$(rate "${low%% *}" less.vcrtp)" -lt 180000 ]
	run got carl less.vcrtp
	[ "$(rate "${output%% *}" less.vcrtp)" -gt 1300000 ]
}

@test "threads change nothing" {
	mix --policy room.policy "${classes[@]}" --threads 1 >one.vcrtp
	mix --policy room.policy "${classes[@]}" --threads 6 >six.vcrtp
	cmp one.vcrtp six.vcrtp
}

@test "what is wrong with classes is said" {
	run -2 mix --out-class low:320x181
	assert_output --partial "--out-class '320x181': WxH[@RATE][/FPS], even numbers"
	run -2 mix --out-class low:320x180/25
	assert_output --partial "--out-class low: its rate does not divide --fps 30"
	run -2 mix "${classes[@]}" --out-class low:pcmu
	assert_output --partial "'low': there is a class of that name"
	run -2 mix "${classes[@]}" --out rec=high
	assert_output --partial "--out rec=high: --out-class has no such class"
	run -2 mix --out =low
	assert_output --partial "NAME[=CLASS]"
	run -2 mix --policy room.policy --out-class hall:640x360
	assert_output --partial "--policy room.policy: line 2: class=low: --out-class has no such class"
	run -2 vc-mix --check-policy room.policy
	assert_output --partial "line 2: class=low"
	run vc-mix --check-policy room.policy "${classes[@]}" --as ann
	assert_success
	assert_line --partial class=low
}

@test "a policy that comes to name another class changes nothing" {
	mix --policy ./room.policy "${classes[@]}" >before.vcrtp
	cp room.policy now.policy
	mkfifo gate
	all[0]=ann=gate
	mix --policy ./now.policy "${classes[@]}" --at '1s reload' \
		--ready ready >after.vcrtp 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	# It has been read by then, and no second goes by without ann's input.
	wait_for test -s ready
	printf '* * *\nann * * class=high\n' >now.policy
	cat "$BATS_FILE_TMPDIR/ann.vcrtp" >gate
	wait "$pid" || code=$?
	assert_equal "$code" 1
	run cat err
	assert_output --partial "line 2: class=high: --out-class has no such class"
	cmp before.vcrtp after.vcrtp
}
