#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# A mixer of which the work follows the talkers: who is in the mix, what the others
# get, and that nobody hears a change. On the virtual clock.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

# Five people: ann talks all the time, bob for a while, as carl later.
setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	room ann1=0s- bob1=2s-3s carl1=5500ms-6s dora1=99s- eve1=99s-
	vc-mix --minus-one --video=off -o mix.vcrtp --stats=stats "${all[@]}"
	# The same, but bob is not heard.
	vc-mix --minus-one --video=off -o without.vcrtp --at "1s mute bob" "${all[@]}"
}

setup()
{
	begin
	files=$BATS_FILE_TMPDIR
}

# room PLAN...: nine seconds of each, in "${all[@]}".
room()
{
	local plan who

	all=()
	for plan; do
		who=${plan%%1=*}
		vc-capture --virtual -t 9s --video none --people 1 \
			--name "$who" --talk "$plan" -o "$who.vcrtp" test:
		all+=("$who=$who.vcrtp")
	done
}

# What $1 hears of mix $2, in $3.
hear()
{
	vc-play --as "$1" --wav "$3" "$files/$2" </dev/null
}

# Sequence numbers and RTP times of stream $1 that do not follow each other.
jumps()
{
	vc-probe --packets=json "$1" | jq -sr 'map(select(.type == "rtp")) |
		(map(.ssrc) | unique | length | tostring) + " source, " +
		([.[1:], .[:-1]] | transpose | map(select(.[0] and
			((.[0].seq - .[1].seq + 65536) % 65536 != 1 or
			(.[0].ts - .[1].ts + 4294967296) % 4294967296 != 960))) |
			length | tostring) + " jumps"'
}

@test "as many encoders as there are mixes: the shared one, and who is in it" {
	# Ann; Bob; Carl, before Bob is back with the others; Ann.
	run jq -sc 'map(.mix.mixes // empty | select(. > 0)) |
		reduce .[] as $n ([]; if last == $n then . else . + [$n] end)' \
		"$files/stats"
	assert_output '[2,3,4,3,2]'
}

@test "who begins to talk, and ceases, hears no seam" {
	local err a b

	hear bob mix.vcrtp bob.wav
	hear dora mix.vcrtp dora.wav
	# An encoder of the same sound that never was another's.
	hear dora without.vcrtp never.wav
	read -r err a b < <(python3 "$BATS_TEST_DIRNAME/wavdiff.py" bob.wav \
		never.wav 0 5.4)
	echo "$err $a $b"
	[ "$err" -le -60 ]
	[ "$a" -le "$b" ]
	# He is back with the others.
	read -r err a b < <(python3 "$BATS_TEST_DIRNAME/wavdiff.py" bob.wav \
		dora.wav 7.1 7.9)
	echo "$err $a $b"
	[ "$err" -le -60 ]
	# They did hear him, as the test can tell.
	read -r err a b < <(python3 "$BATS_TEST_DIRNAME/wavdiff.py" dora.wav \
		never.wav 2.2 3)
	echo "$err $a $b"
	[ "$err" -ge -6 ]
}

# When the sound of $1 begins and ceases to be loud after a pause of half a second.
spells()
{
	python3 - "$1" <<-'END'
		import array, sys
		data = open(sys.argv[1], "rb").read()
		at = data.index(b"data") + 8
		pcm = array.array("h")
		pcm.frombytes(data[at:len(data) - (len(data) - at) % 2])
		loud = [i for i, v in enumerate(pcm) if abs(v) > 300]
		edges = loud[:1] + loud[-1:]
		for x, y in zip(loud, loud[1:]):
		    if y - x > 24000:
		        edges += [x, y]
		print(*("%.2f" % (i / 48000) for i in sorted(edges)))
	END
}

@test "who is silent is not decoded, and not a syllable is cut" {
	# Ann hears Bob and Carl, from the first sound to the last.
	hear ann mix.vcrtp some.wav
	(cd "$files" && vc-mix --minus-one --video=off --talkers 5 \
		-o all.vcrtp ann=ann.vcrtp bob=bob.vcrtp carl=carl.vcrtp \
		dora=dora.vcrtp eve=eve.vcrtp)
	hear ann all.vcrtp all.wav
	run spells some.wav
	assert_output --regexp '^2\.0[0-9] 2\.9[0-9] 5\.5[0-9] 6\.0[0-9]$'
	assert_output "$(spells all.wav)"
	# Bob and Carl for so long as they were in the mix, the others never.
	run jq -sc 'map(.mix.participants | select(length == 5)) | last |
		map({ (.id): (.sources[0] | [.frames > 380, .frames > 0,
			.unheard > 20]) }) | add' "$files/stats"
	assert_output '{"ann":[true,true,false],"bob":[false,true,true],"carl":[false,true,true],"dora":[false,false,true],"eve":[false,false,true]}'
}

@test "what is sent to him is one source, to the number and the tick" {
	sent_to bob "$files/mix.vcrtp"
	run jumps got.vcrtp
	assert_output "1 source, 0 jumps"
}

# Of vc-probe --json: four seconds of six, of sound and of pictures, and nothing
# lost.
four_of_six()
{
	run jq -c '.sources | map([.kind, .media.packets > 35 and
		.media.packets < (if .kind == "audio" then 210 else 90 end),
		.media.lost]) | sort' <<<"$1"
	assert_output '[["audio",true,0],["video",true,0]]'
}

@test "who hears and sees nobody for a while misses no number" {
	local how who

	for who in ann bob carl; do
		vc-capture --virtual -t 6s --size 160x90 --fps 10 --keyint 1s \
			--name "$who" --cname "$who" -o "$who.vcrtp" test:
		all+=("$who=$who.vcrtp")
	done
	cat >out.policy <<-'END'
		role       bob  in
		role       carl in
		role:in    ann  ann
		role:out   -    -
	END
	# Shared by the two, of whom one stays; or picked for each.
	for how in 'compose mix' 'select select'; do
		vc-mix --policy ./out.policy --size 160x90 --fps 10 \
			--video "${how% *}" --audio "${how#* }" \
			-o mix.vcrtp --at '2s role bob out' \
			--at '4s role bob in' "${all[@]}"
		sent_to bob mix.vcrtp
		echo "$how"
		four_of_six "$(vc-probe --as bob --json mix.vcrtp)"
		four_of_six "$(vc-probe --json got.vcrtp)"
	done
}

@test "the loudest two, and nobody hears himself" {
	local who

	room ann1=0s- bob1=0s- carl1=0s- dora1=2s- eve1=99s-
	vc-mix --minus-one --video=off --talkers 2 \
		-o mix.vcrtp "${all[@]}"
	for who in ann bob carl dora eve; do
		vc-probe --as "$who" --heard ann1,bob1,carl1,dora1 --json \
			mix.vcrtp | jq -r '[.sources[] | .heard // {} |
			to_entries[] | select(.value > 0.3) | .key] | join(",")'
	done >heard
	# The loudest of the first moment, who keep their places.
	run cat heard
	assert_output "carl1
ann1,carl1
ann1
ann1,carl1
ann1,carl1"
}

@test "how loud each is in a mix can be read from its packets" {
	(cd "$files" && vc-mix --video=off ann=ann.vcrtp \
		bob=bob.vcrtp carl=carl.vcrtp -o levels.vcrtp)
	# What Ann's and Bob's packets said, while both talked.
	run jq -sc 'map(select(.csrc_levels_dbov | length == 2)) |
		[length > 30, (map(.csrcs | length) | unique),
		(map(.csrc_levels_dbov[0]) | max),
		(map(.csrc_levels_dbov[1]) | max)]' \
		<(vc-probe --packets=json "$files/levels.vcrtp")
	assert_output --regexp '^\[true,\[2\],-1[0-9],-1[0-9]\]$'
}

@test "loud ones who may not be heard take no places of those who may" {
	files=$PWD
	room ann1=2s- bob1=99s- carl1=0s- dora1=0s- eve1=0s-
	cat >room.policy <<-'END'
		role ann       member
		role bob       member
		recorder       *            -
		*              role:member  -
	END
	# By who they say they are they are strangers.
	all=(ann=ann.vcrtp bob=bob.vcrtp carl.vcrtp dora.vcrtp eve.vcrtp)
	vc-mix --policy ./room.policy --video=off --talkers 1 --stats=stats \
		-o mix.vcrtp "${all[@]}"
	hear bob mix.vcrtp alone.wav
	run spells alone.wav
	assert_output --regexp '^2\.0[0-9] (8\.9|9\.0)[0-9]$'
	# They were not even decoded.
	run jq -sc 'map(.mix.participants | select(length == 5)) | last |
		map(select(.heard | not).sources[0].frames)' stats
	assert_output '[0,0,0]'
	# Nor where somebody else hears them.
	vc-mix --policy ./room.policy --video=off --talkers 1 --out recorder \
		-o mix.vcrtp "${all[@]}"
	hear bob mix.vcrtp beside.wav
	run cmp alone.wav beside.wav
	assert_success
	run -0 vc-probe --as recorder --heard eve1 --expect 'heard[eve1]>90%' \
		mix.vcrtp
}
