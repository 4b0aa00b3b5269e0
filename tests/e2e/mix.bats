#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-mix with real streams: who hears whom, who is shown, what is said about
# it, and what is survived.

# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	for name in alice bob carol; do
		vc-capture --virtual -t 4s --size 160x90 --fps 15 \
			--name "$name" test: >"$name.vcrtp"
	done
}

setup()
{
	begin
	files=$BATS_FILE_TMPDIR
	all=("alice=$files/alice.vcrtp" "bob=$files/bob.vcrtp"
		"carol=$files/carol.vcrtp")
	small=(--size 320x180 --fps 15 --vbitrate 200k)
}

# The events of stream $1, a line each, those of name $2.
events()
{
	vc-probe --packets=json "$1" | jq -c --arg ev "$2" \
		'select(.event.ev == $ev) | .event'
}

# Whom output number $2 (from 0) of sound in stream $1 carries.
heard()
{
	vc-probe --heard alice,bob,carol --json "$1" |
		jq -c --argjson n "$2" '[.sources[] | select(.kind == "audio")]
			[$n].heard | with_entries(select(.value > 0.5)) | keys'
}

@test "one mix for all carries all" {
	vc-mix "${small[@]}" "${all[@]}" >mix.vcrtp
	run heard mix.vcrtp 0
	assert_output '["alice","bob","carol"]'
	run vc-probe --json mix.vcrtp
	assert_success
	run jq -c '[.sources[] | .kind] | sort' <<<"$output"
	assert_output '["audio","video"]'
	run vc-probe --expect 'loss==0' --expect 'fps>14' \
		--expect 'freezes.count==0' mix.vcrtp
	assert_success
}

@test "with --minus-one nobody hears himself, and routes say so" {
	vc-mix --minus-one "${small[@]}" "${all[@]}" >mix.vcrtp
	run heard mix.vcrtp 0
	assert_output '["bob","carol"]'
	run heard mix.vcrtp 1
	assert_output '["alice","carol"]'
	run heard mix.vcrtp 2
	assert_output '["alice","bob"]'
	run jq -sc '[.[].to[]] | unique' <(events mix.vcrtp route)
	assert_output '["alice","bob","carol"]'
	# Each before the first packet of its source.
	run jq -s '[.[] | select(.event.ev == "route" or
			(.type == "rtp" and .pt == 111))
		| {s: (.event.ssrc // .ssrc), r: (.event != null)}]
		| group_by(.s) | length == 3 and all(.[0].r)' \
		<(vc-probe --packets=json mix.vcrtp)
	assert_output true
}

@test "one input may hold many" {
	vc-mix --minus-one "${small[@]}" "${all[@]}" >one.vcrtp
	vc-mix "${small[@]}" --video=off one.vcrtp >two.vcrtp
	run heard two.vcrtp 0
	assert_output '["alice","bob","carol"]'
}

# Mixers of one seed would send with the same SSRCs.
@test "what was mixed is mixed again, and again" {
	local mix=(vc-mix "${small[@]}")

	"${mix[@]}" "${all[0]}" | "${mix[@]}" | "${mix[@]}" >row.vcrtp
	# The sound of the first is there before that of the second comes.
	"${mix[@]}" "${all[0]}" <("${mix[@]}" <("${mix[@]}" --minus-one \
		"${all[@]:1}")) --stats=stats >tree.vcrtp
	"${mix[@]}" --audio=select --video=select "${all[@]}" |
		"${mix[@]}" --audio=select --video=select >picks.vcrtp
	run heard row.vcrtp 0
	assert_output '["alice"]'
	run heard tree.vcrtp 0
	assert_output '["alice","bob","carol"]'
	for row in row:58 tree:58 picks:50; do
		run -0 vc-probe -e 'loss==0' -e 'broken==0' -e 'freezes.count==0' \
			-e "frames>=${row#*:}" "${row%:*}.vcrtp"
	done
	run jq -c '.in.refused' <(tail -n 1 stats)
	assert_output 0
}

@test "the same octets every time, whatever the threads do" {
	vc-mix --minus-one "${small[@]}" "${all[@]}" | sha256sum >a
	vc-mix --minus-one "${small[@]}" "${all[@]}" | sha256sum >b
	vc-mix --minus-one --threads 4 "${small[@]}" "${all[@]}" |
		sha256sum >c
	vc-mix --minus-one --seed 2 "${small[@]}" "${all[@]}" | sha256sum >d
	run cmp a b
	assert_success
	run cmp a c
	assert_success
	run cmp a d
	assert_failure
}

@test "what does not jitter waits for the least; a fixed latency is fixed" {
	local rows='[.mix.participants[].sources[]
		| [.latency_ms, .target_ms, .stretched // 0, .late]] | unique'

	vc-mix "${small[@]}" --stats auto.json "${all[@]}" >auto.vcrtp
	run jq -sc "map(select(.mix.participants != [])) | last | $rows" auto.json
	assert_output '[[20,20,0,0]]'
	vc-mix "${small[@]}" --latency auto "${all[@]}" | cmp - auto.vcrtp
	vc-mix "${small[@]}" --latency 60ms --stats fixed.json "${all[@]}" \
		>fixed.vcrtp
	run jq -sc "map(select(.mix.participants != [])) | last | $rows" fixed.json
	assert_output '[[60,60,0,0]]'
	run vc-mix "${small[@]}" --latency soon "${all[@]}"
	assert_failure 2
}

@test "sound is a frame later than its jitter buffer is asked for" {
	local before after ms

	delay()
	{
		vc-probe --marks --json "$1" | jq '.sources[] |
			select(.kind == "audio") | .marks.delay_ms.max'
	}
	before=$(delay "$files/alice.vcrtp")
	for ms in 20 60 100; do
		vc-mix --video=off --latency "${ms}ms" "$files/alice.vcrtp" \
			>mix.vcrtp
		after=$(delay mix.vcrtp)
		# A frame, and the 6.5 ms that an Opus encoder looks ahead.
		run jq -n "$after - $before - $ms | . >= 0 and . <= 26.6"
		assert_output true
	done
}

@test "who joins late and leaves early" {
	vc-mix --minus-one "${small[@]}" alice="$files/alice.vcrtp" \
		bob=<(vc-capture --virtual --start 1s -t 500ms --name bob \
			--size 160x90 --fps 15 test:) >mix.vcrtp
	run jq -c 'select(.id == "bob") | [.on, (.t / 1000000 | floor)
		- 946684800]' <(events mix.vcrtp speaker)
	assert_line --index 0 '[true,1]'
	assert_line --index 1 '[false,2]'
	# His mix begins when he comes and ends 2 s after his BYE.
	run jq -c '[.sources[] | select(.kind == "audio")
		| [(.begin_s | round), (.span_s | round), .left]]' \
		<(vc-probe --json mix.vcrtp)
	assert_output '[[0,4,"bye"],[1,2,"bye"]]'
}

@test "an input that breaks off costs the others nothing" {
	head -c 60000 "$files/bob.vcrtp" >cut.vcrtp
	run --separate-stderr vc-mix "${small[@]}" \
		alice="$files/alice.vcrtp" bob=cut.vcrtp -o mix.vcrtp
	assert_failure 1
	assert_regex "$stderr" 'bob=cut.vcrtp: truncated'
	run vc-probe --expect 'loss==0' --expect 'fps>14' --json mix.vcrtp
	assert_success
	run jq '.total.duration_s >= 4' <<<"$output"
	assert_output true
}

@test "an empty input is named, the others are mixed" {
	run --separate-stderr vc-mix "${small[@]}" \
		alice="$files/alice.vcrtp" bob=/dev/null -o mix.vcrtp
	assert_failure 1
	assert_regex "$stderr" 'bob=/dev/null: empty'
	run heard mix.vcrtp 0
	assert_output '["alice"]'
}

@test "no input but an empty one: no media" {
	run --separate-stderr vc-mix -o mix.vcrtp </dev/null
	assert_failure 4
	assert_regex "$stderr" 'vc-mix: -: empty'
}

@test "a source that begins again with another size" {
	vc-capture --virtual -t 1s --size 320x240 --name alice test: >big.vcrtp
	cat "$files/alice.vcrtp" big.vcrtp >both.vcrtp
	run --separate-stderr vc-mix "${small[@]}" --stats=stats.json \
		both.vcrtp -o mix.vcrtp
	assert_success
	assert_equal "$stderr" ''
	run vc-probe --expect 'loss==0' --expect 'broken==0' mix.vcrtp
	assert_success
}

@test "sound or picture alone" {
	vc-mix --video=off "${all[@]}" >sound.vcrtp
	run jq -c '[.sources[].kind]' <(vc-probe --json sound.vcrtp)
	assert_output '["audio"]'
	vc-mix --audio=off "${small[@]}" "${all[@]}" >picture.vcrtp
	run jq -c '[.sources[].kind]' <(vc-probe --json picture.vcrtp)
	assert_output '["video"]'
	run vc-mix --audio=off --video=off "${all[@]}"
	assert_failure 2
}

@test "wrong usage" {
	local word

	for word in --size=321x180 --vcodec=theora --acodec=vp8 --ptime=15ms \
		--audio=loud --threads=0; do
		run vc-mix "$word" "$files/alice.vcrtp"
		assert_failure 2
	done
}

# An event is a frame: its length, then JSON.
frame()
{
	local LC_ALL=C

	printf '%b%s' "$(printf '\\0%03o\\0%03o' $((${#1} / 256)) \
		$((${#1} % 256)))" "$1"
}

@test "events of others go through, those about inputs end here" {
	{
		cat "$files/alice.vcrtp"
		frame '{"ev":"role","t":946684803990000,"id":"alice","role":"host"}'
		frame '{"ev":"weather","t":946684803990000,"sun":true}'
		frame '{"ev":"gap","t":946684803990000,"ssrc":1}'
	} >in.vcrtp
	vc-mix "${small[@]}" in.vcrtp >mix.vcrtp
	run events mix.vcrtp role
	assert_output --partial '"role":"host"'
	run events mix.vcrtp weather
	assert_output --partial '"sun":true'
	run events mix.vcrtp gap
	assert_output ''
}

@test "roles that inputs give end here under a policy, whatever is in them" {
	{
		cat "$files/alice.vcrtp"
		for role in '"x y\u202e"' null 5 '""' \
			"\"$(printf 'x%.0s' {1..5000})\""; do
			frame '{"ev":"role","t":946684803990000,"id":"Ann","role":'"$role}"
		done
		for id in 5 null "\"$(printf 'x%.0s' {1..256})\""; do
			frame '{"ev":"role","t":946684803990000,"id":'"$id"',"role":"host"}'
		done
		frame '{"ev":"role","t":946684803990000}'
		frame '{"ev":"weather","t":946684803990000,"sun":true}'
	} >in.vcrtp
	vc-mix "${small[@]}" in.vcrtp >free.vcrtp
	assert_equal "$(events free.vcrtp role | wc -l)" 9
	vc-mix --policy panel "${small[@]}" alice=in.vcrtp >mix.vcrtp
	run events mix.vcrtp weather
	assert_output --partial '"sun":true'
	run jq -sc 'map([.id, .role]) | unique' <(events mix.vcrtp role)
	assert_output '[["alice","listener"]]'
}

@test "a name made of escapes stays off the terminal" {
	vc-capture --virtual -t 1s --size 160x90 --name zzzzzzz test: |
		LC_ALL=C sed 's/zzzzzzz/\x1b[2J..\//g' >evil.vcrtp
	run --separate-stderr vc-mix -v "${small[@]}" --stats=stats.json \
		evil.vcrtp -o mix.vcrtp
	assert_success
	refute_regex "$stderr" $'\e'
	run jq -s '[.[].mix.participants[]?.name] | unique | length' stats.json
	assert_success
	refute_output --partial $'\e'
}

@test "a key frame when it is asked for, a rate when it is told" {
	vc-mix "${small[@]}" --keyint 60s "${all[@]}" >a.vcrtp
	vc-mix "${small[@]}" --keyint 60s --at '2s keyframe' \
		--at '2500ms keyframe' "${all[@]}" >b.vcrtp
	vc-mix "${small[@]}" --keyint 60s --at '1s bitrate 50k' "${all[@]}" \
		>c.vcrtp
	for f in a b c; do
		vc-probe --json "$f.vcrtp" | jq -c '.sources[]
			| select(.kind == "video")' >"$f.json"
	done
	# No more than one a second.
	run jq -s '[.[].key_frames]' -c a.json b.json
	assert_output '[1,3]'
	run jq -s '.[0].rate_bps > 1.5 * .[1].rate_bps' a.json c.json
	assert_output true
}

@test "pictures of every codec are mixed, and come out as one wants them" {
	for codec in vp8 vp9 h264 av1; do
		vc-capture --virtual -t 2s --name "$codec" --size 320x180 \
			--vcodec "$codec" --audio none test: >"$codec.vcrtp"
		in+=("$codec.vcrtp")
	done
	for codec in vp8 vp9 h264 av1; do
		vc-mix --size 640x360 --vcodec "$codec" "${in[@]}" >mix \
			2>err
		run cat err
		assert_output ''
		run jq -c '.sources[] | select(.kind == "video") |
			[(.codec | ascii_downcase), .frames > 55, .broken]' \
			< <(vc-probe --json mix)
		assert_output "[\"$codec\",true,0]"
		vc-play --png "$codec.png" mix
		ffmpeg -v error -i "$codec.png" -f rawvideo -pix_fmt gray \
			"$codec.gray"
	done
	# All show the same: four people and no hole.
	python3 - <<-'END'
		want = open("vp8.gray", "rb").read()
		for name in "vp9", "h264", "av1":
		    got = open(name + ".gray", "rb").read()
		    assert len(got) == len(want)
		    error = sum((a - b) ** 2 for a, b in zip(got, want))
		    assert error / len(want) < 100, (name, error / len(want))
	END
}
