#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# One in the room is not what he should be: the others hear and see each other
# as if he were not there. On the virtual clock.

# shellcheck disable=SC2154 # bats sets stderr
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((300 * ${VC_SLOW:-1}))
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	for who in ann bob; do
		vc-capture --virtual -t 4s --size 320x180 --fps 15 --vbitrate 200k \
			--keyint 500ms --name "$who" --cname "$who" test: >"$who.vcrtp"
	done
	vc-capture --virtual -t 4s --size 160x90 --fps 15 --vbitrate 100k \
		--keyint 500ms --name eve --cname eve test: >eve.vcrtp
}

setup()
{
	begin
	files=$BATS_FILE_TMPDIR
	bad=$BATS_TEST_DIRNAME/badroom.py
	people=("ann=$files/ann.vcrtp" "bob=$files/bob.vcrtp")
	small=(--size 640x360 --fps 15 --vbitrate 400k --keyint 500ms)
}

# mix [OPTION...] INPUT...: with what it says in err and stats.
mix()
{
	timeout -k 1 60 vc-mix "${small[@]}" --stats=stats "$@" "${people[@]}" \
		>mix.vcrtp 2>err
	run ! grep -q 'Sanitizer\|runtime error' err
	# Nothing that a terminal would obey.
	[ "$(LC_ALL=C tr -d '\n\t' <err | LC_ALL=C tr -dc '\000-\037\177' |
		wc -c)" -eq 0 ]
}

# Ann hears bob all the time, and sees him in every picture.
all_is_well()
{
	local mark

	mark=$(vc-probe --marks --json "$files/bob.vcrtp" | jq -r \
		'.sources[] | select(.kind == "video") | .marks.ids[0].id')
	vc-probe --as ann --heard bob --marks --json \
		--expect 'loss==0' --expect 'broken==0' mix.vcrtp >got.json
	jq -ce --arg mark "$mark" '[.sources[] |
		if .kind == "audio" then (.heard.bob // 0) > 0.95
		else ([.marks.ids[]? | select(.id == $mark) | .read] | add // 0)
			>= 0.95 * .frames - 6 end] | length >= 2 and all' \
		got.json >verdict || { jq -c '.sources[] | {kind, frames, heard,
			marks: [.marks.ids[]? | {id, read}]}' got.json; false; }
}

# H3, H6 to H8, P4
@test "sound and time of any shape harm nobody but their author" {
	for codec in opus pcmu pcma g722 l16; do
		vc-capture --virtual -t 4s --video none --acodec "$codec" \
			--name eve --cname eve test: >"$codec"
		kinds=(sizes extremes)
		# The rest is the packets', whatever is in them.
		case $codec in
		opus | l16) kinds+=(authors 'times 1' 'times 2' turns) ;;
		esac
		for what in "${kinds[@]}"; do
			# shellcheck disable=SC2086 # words
			"$bad" $what <"$codec" >bad
			mix eve=bad
			echo "$codec, $what"
			all_is_well
		done
	done
}

# P2
@test "pictures that claim any size are refused, or shown, and that is all" {
	for size in 0x0 1x1 0x4096 16383x16383 4096x2160 15x9; do
		"$bad" picture "$size" <"$files/eve.vcrtp" >bad
		mix eve=bad
		echo "$size"
		all_is_well
	done
	for what in authors 'times 1' 'times 2' turns; do
		# shellcheck disable=SC2086 # words
		"$bad" $what <"$files/eve.vcrtp" >bad
		mix eve=bad
		echo "$what"
		all_is_well
	done
}

@test "of 4096x2160 two are shown, others are refused and counted" {
	vc-capture --virtual -t 1500ms --size 4096x2160 --fps 2 --keyint 500ms \
		--audio none --cname big test: >big
	vc-capture --virtual -t 4s --size 16x16 --fps 15 --audio none \
		--cname tiny test: >tiny
	mix big1=big big2=big big3=big tiny=tiny
	all_is_well
	run jq -sc '[.[].mix.participants[] | select(.id | startswith("big")) |
		{id, n: .sources[0].frames, no: .sources[0].refused}] |
		group_by(.id) | [map(map(.n) | max > 0),
			map(map(.no) | max > 0)]' stats
	assert_output '[[true,true,false],[true,true,true]]'
	run jq -sc 'map(.mix.participants[] | select(.id == "tiny") |
		.sources[0].frames) | max > 50' stats
	assert_output true
}

# Runs a command in at most $1 kB; with sanitizers, in any.
within()
{
	python3 - "$@" <<-'END'
		import resource
		import subprocess
		import sys

		code = subprocess.call(sys.argv[2:])
		used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
		exe = open(subprocess.check_output(
		    ["which", "vc-mix"], text=True).strip(), "rb").read()
		if b"__asan_init" not in exe and used > int(sys.argv[1]):
		    sys.exit(f"{used} kB")
		sys.exit(code)
	END
}

# H9
@test "ten thousand more come: bounded, those who are too late are counted" {
	"$bad" swarm 10000 <"$files/eve.vcrtp" >bad
	cat >room.policy <<-'END'
		role ann member
		role bob member
		role:member role:member role:member
		*           role:member role:member
	END
	# Where members hear members nobody else is decoded.
	within 130000 timeout -k 1 60 vc-mix "${small[@]}" --stats=stats \
		--policy ./room.policy bad "${people[@]}" >mix.vcrtp
	all_is_well
	run jq -sc '[(map(.in.refused) | max > 10000), (map(.mix.participants |
		length) | max | . > 4000 and . <= 4096)]' stats
	assert_output '[true,true]'
	# Where all hear all, they are heard: who is there stays there.
	within 400000 timeout -k 1 60 vc-mix "${small[@]}" --stats=stats \
		--policy symmetric bad "${people[@]}" >mix.vcrtp
	vc-probe --as ann --heard bob --json --expect 'loss==0' mix.vcrtp >got
	run jq -c '[.sources[] | select(.kind == "audio") | .heard.bob >= 0.95]' got
	assert_output '[true]'
}

# In what part of ann's own mix, in mix.vcrtp, bob is from second $1 on: percent.
# The packets name who is in them.
bob_in()
{
	vc-probe --packets=json mix.vcrtp | jq -s --argjson from "$1" '
		(map(select(.type == "event").event) | map(select(.ev == "source" or
			.ev == "route"))) as $ev |
		($ev | map(select(.to == ["ann"]).ssrc) | unique) as $own |
		map(select(.type == "rtp")) | (.[0].t + 1000000 * $from) as $t |
		map(select(.t >= $t and (.ssrc | IN($own[])))) |
		[length > 100, 100 * (map(select(.csrcs // [] |
			any(. == $ssrc))) | length) / length]' \
		--argjson ssrc "$(vc-probe --json "$files/bob.vcrtp" |
			jq '.sources[] | select(.kind == "audio").ssrc')" -c
}

# H9
@test "ten thousand loud newcomers put nobody out who is speaking" {
	local what

	vc-capture --virtual -t 4s --video none --acodec pcmu \
		--name eve --cname eve test: >eve.vcrtp
	# Two packets each; some that go on for 400 ms.
	for what in '10000 2' '500 20'; do
		# shellcheck disable=SC2086 # words
		"$bad" crowd $what <eve.vcrtp >bad
		timeout -k 1 60 vc-mix --video=off --max-sources 10010 \
			--stats=stats --policy symmetric bad "${people[@]}" \
			>mix.vcrtp
		run bob_in 1
		echo "$what: $output"
		run jq -c '.[0] and .[1] >= 95' <<<"$output"
		assert_output true
	done
	# He was known to have spoken before they came.
	run jq -sc 'map(.mix.participants[] | select(.id == "bob").spoken_ms) |
		[min > 0, max > 1500]' stats
	assert_output '[true,true]'
}

@test "nothing is waited for while media runs: pipes are read at the start only" {
	mkfifo pipe empty
	vc-mix --policy-dump symmetric >pipe 3>&- &
	pids+=("$!")
	run -1 --separate-stderr timeout 60 vc-mix "${small[@]}" \
		--policy ./pipe --at '1s reload' --at '2s layout ./empty' \
		-o mix.vcrtp "${people[@]}"
	assert_regex "$stderr" 'reload.*no file, which is read at the start only'
	assert_regex "$stderr" 'layout.*no file, which is read at the start only'
	run -0 vc-probe --as ann --heard bob --expect 'loss==0' --json mix.vcrtp
	run jq -c '[.sources[] | select(.kind == "audio") |
		.heard.bob > 0.95]' <<<"$output"
	assert_output '[true]'
}
