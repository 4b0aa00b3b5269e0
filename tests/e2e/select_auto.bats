#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What is sent on as it is where that is all that somebody gets, else mixed or
# composed: nobody hears or sees a hole where one becomes the other.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load heard

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	people ann bob carl -t 8s --fps 15 --vbitrate 200k --keyint 1s
}

setup()
{
	begin
	with_people ann bob carl
}

# tone NAME HZ [OPTION...]: four seconds of his.
tone()
{
	vc-capture --virtual --video none -t 4s --name "$1" --cname "$1" \
		"${@:3}" "tone:$2" >"$1.vcrtp"
}

# The RTP packets of stream $1: how many sources, and what the steps are from one
# sequence number, and RTP time, to the next.
steps()
{
	vc-probe --packets=json "$1" | jq -sc 'map(select(.type == "rtp")) |
		[(map(.ssrc) | unique | length)] +
		([[.[1:], .[:-1]] | transpose[] | select(.[0]) |
		[(.[0].seq - .[1].seq + 65536) % 65536,
		(.[0].ts - .[1].ts + 4294967296) % 4294967296]] | unique)'
}

# How many of the 5 ms of $1 after $2 ms are quiet but for the last 100 ms.
quiet()
{
	python3 - "$@" <<-'END'
		import array, sys
		data = open(sys.argv[1], "rb").read()
		at = data.index(b"data") + 8
		pcm = array.array("h")
		pcm.frombytes(data[at:len(data) - (len(data) - at) % 2])
		pcm = pcm[int(sys.argv[2]) * 48:-4800]
		print(sum(max(pcm[i:i + 240]) < 1000
		    for i in range(0, len(pcm) - 240, 240)))
	END
}

@test "sound goes on, to the tick, from what is selected to a mix and back" {
	local how wav

	for how in "0ms 0ms 1500ms" "7ms 13ms 1504ms"; do
		read -r ann bob carl <<<"$how"
		tone ann 500 --start "$ann"
		tone bob 900 --start "$bob"
		tone carl 1400 --start "$carl" -t 1s
		vc-mix --policy symmetric --video=off --audio=auto --stats=stats \
			ann=ann.vcrtp bob=bob.vcrtp carl=carl.vcrtp -o mix.vcrtp
		# Both are selected, then there are mixes, then both again.
		run jq -sc '[.[].mix | select(.participants | length > 0) |
			[(.selected | length), .mixes]] |
			[.[0], .[1], .[3]]' stats
		assert_output '[[2,0],[0,3],[2,1]]'
		sent_to bob mix.vcrtp
		run steps got.vcrtp
		assert_output '[1,[1,960]]'
		for wav in "" "--latency=100ms"; do
			# shellcheck disable=SC2086 # or none
			vc-play --as bob $wav --wav bob.wav mix.vcrtp </dev/null
			run quiet bob.wav 100
			assert_output 0
		done
	done
}

# When tone $2 (Hz) is in $1: from and to, in tenths of a second, and its dBFS then.
spell()
{
	python3 - "$@" <<-'END'
		import array, cmath, math, sys
		data = open(sys.argv[1], "rb").read()
		at = data.index(b"data") + 8
		pcm = array.array("h")
		pcm.frombytes(data[at:len(data) - (len(data) - at) % 2])
		turn = [cmath.exp(-2j * math.pi * int(sys.argv[2]) * i / 48000)
		    for i in range(4800)]
		level = [abs(sum(v * t for v, t in zip(pcm[i:], turn))) / 2400 / 32768
		    for i in range(0, len(pcm) - 4799, 4800)]
		on = [i for i, v in enumerate(level) if v > 0.005]
		top = level[(on[0] + on[-1]) // 2] if on else 1
		print(on[0] if on else "-", on[-1] + 1 if on else "-",
		    round(20 * math.log10(top)))
	END
}

@test "what is played is heard by those who get somebody as he is" {
	local who how room bob to rules

	tone ann 500
	tone bob 900
	python3 - <<-'END'
		import math, wave
		w = wave.open("horn.wav", "wb")
		w.setparams((1, 2, 48000, 0, "NONE", ""))
		w.writeframes(b"".join(round(8000 * math.sin(i * math.pi * 1900 /
		    24000)).to_bytes(2, "little", signed=True)
		    for i in range(48000)))
	END
	# Each hears the other; or, without a policy, all hear ann.
	for how in "symmetric bob=bob.vcrtp" "symmetric bob=bob.vcrtp bob" \
		"- --out=bob" "- --out=bob bob"; do
		read -r room bob to <<<"$how"
		rules=(--policy "$room")
		[ "$room" != - ] || rules=()
		vc-mix "${rules[@]}" "$bob" --video=off --audio=auto \
			--at "1s play horn.wav${to:+ to $to}" ann=ann.vcrtp \
			-o mix.vcrtp 2>err
		run ! grep 'does not reach' err
		for who in ann bob; do
			echo "$how: $who"
			vc-play --as $who --wav $who.wav mix.vcrtp </dev/null
			run spell $who.wav 1900
			if [ "${to:-$who}" = $who ]; then
				assert_output --regexp '^(9|10) (19|2[01]) -1[123]$'
			else
				assert_output "- - 0"
			fi
			run quiet $who.wav 100
			assert_output 0
			sent_to $who mix.vcrtp
			run steps got.vcrtp
			assert_output '[1,[1,960]]'
		done
	done
}

@test "who has a gain is not heard as he is" {
	local before

	tone ann 500
	tone bob 900
	vc-mix --policy symmetric --video=off --audio=auto ann=ann.vcrtp \
		--at '1s gain bob -20' --at '3s gain bob 0' bob=bob.vcrtp \
		-o mix.vcrtp
	for row in "ann 900 -20" "bob 500 0"; do
		read -r who hz db <<<"$row"
		vc-play --as "$who" --wav "$who.wav" mix.vcrtp </dev/null
		vc-play --wav before.wav "$([ "$who" = ann ] && echo bob || echo ann).vcrtp" </dev/null
		before=$(spell before.wav "$hz")
		run spell "$who.wav" "$hz"
		assert_regex "${output##* }" \
			"^($((${before##* } + db))|$((${before##* } + db - 1)))$"
		sent_to "$who" mix.vcrtp
		run steps got.vcrtp
		assert_output '[1,[1,960]]'
	done
	run -2 vc-mix --audio=select --video=off --at '1s gain bob -20' \
		ann=ann.vcrtp bob=bob.vcrtp
	assert_output --partial 'no sound is mixed here'
	run -2 vc-mix --policy call --at '1s gain bob -20' ann=ann.vcrtp \
		bob=bob.vcrtp
	assert_output --partial 'no sound is mixed here'
}

@test "pictures go on from what is selected to composed ones and back" {
	local who

	for who in ann bob; do
		vc-capture --virtual --audio none --size 320x180 --fps 15 -t 6s \
			--name "$who" --cname "$who" test: >"$who.vcrtp"
	done
	vc-capture --virtual --audio none --size 320x180 --fps 15 -t 1s \
		--start 1500ms --name carl --cname carl test: >carl.vcrtp
	echo '* * *' >room.policy
	vc-mix --policy ./room.policy --video=auto --audio=off --size 320x180 \
		--fps 15 --keyint 500ms ann=ann.vcrtp bob=bob.vcrtp \
		carl=carl.vcrtp -o mix.vcrtp
	sent_to ann mix.vcrtp
	# Selected, composed, selected: a picture each 66.7 ms, of one source, and
	# each can be decoded; where the grid is another, or what is selected is
	# early, it is a few milliseconds more.
	run bash -c "vc-probe --packets=json mix.vcrtp | jq -c '
		select(.event.ev == \"route\" and .event.to == [\"ann\"]).event.ssrc' |
		uniq | sort -u | wc -l"
	assert_output 3
	run bash -c "vc-probe --packets=json got.vcrtp | jq -sc '
		map(select(.type == \"rtp\")) | [(map(.ssrc) | unique | length)] +
		(map(select(.marker).ts) | [range(1; length) as \$i |
		.[\$i] - .[\$i - 1]] | [length > 85, min > 0, max < 9000])'"
	assert_output '[1,true,true,true]'
	run jq -c '.sources[] | [.broken, .waiting]' <(vc-probe --json got.vcrtp)
	assert_output '[0,0]'
	# What is for everybody, who is here as well.
	vc-mix --video=auto --audio=off --size 320x180 --fps 15 \
		--keyint 500ms --out=rec ann=ann.vcrtp carl=carl.vcrtp \
		-o mix.vcrtp
	sent_to rec mix.vcrtp
	run bash -c "vc-probe --packets=json got.vcrtp | jq -sc '
		map(select(.type == \"rtp\")) | [(map(.ssrc) | unique | length)] +
		(map(select(.marker).ts) | [range(1; length) as \$i |
		.[\$i] - .[\$i - 1]] | [length > 85, min > 0, max < 9000])'"
	assert_output '[1,true,true,true]'
}

# seen RULES N FIRST SECOND [OPTION...]: whom each sees of the first N: before 2 s;
# then with the command FIRST; and from 5 s on with SECOND. RULES: a policy, or "-".
# None of it may be broken.
seen()
{
	local rules=(--policy "$1") part who

	[ "$1" != - ] || rules=()
	vc-mix "${rules[@]}" "${@:5}" --audio=auto --video=auto -q \
		--size 320x180 --fps 15 --keyint 500ms --at "2s $3" \
		--at "5s $4" "${all[@]:0:$2}" -o mix.vcrtp
	for part in 1s-2s 2700ms-4900ms 6100ms-7900ms; do
		got_all mix.vcrtp $part | cut -d ' ' -f 1,3 | paste -sd ' '
	done
	for who in ann bob carl; do
		vc-probe --as $who --json mix.vcrtp | jq -r '.sources[] |
			select(.broken > 0) | "broken: \(.ssrc)"'
	done
}

@test "whom somebody may see no longer is gone at once, whatever comes then" {
	echo '* * *' >all.policy
	run seen ./all.policy 2 'vmute bob' 'vunmute bob'
	assert_output - <<-'END'
		ann: bob bob: ann carl: -
		ann: - bob: ann carl: ann
		ann: bob bob: ann carl: -
	END
	run seen ./all.policy 3 'vmute bob' 'vunmute bob'
	assert_output - <<-'END'
		ann: carl bob: carl carl: ann,bob
		ann: carl bob: ann,carl carl: ann
		ann: bob,carl bob: ann,carl carl: ann,bob
	END
	run seen ./all.policy 2 'vmute *' 'vunmute *'
	assert_output - <<-'END'
		ann: bob bob: ann carl: -
		ann: - bob: - carl: -
		ann: bob bob: ann carl: -
	END
	run seen ./all.policy 3 'kick carl' 'vmute bob'
	assert_output - <<-'END'
		ann: carl bob: carl carl: ann,bob
		ann: bob bob: ann carl: -
		ann: - bob: ann carl: -
	END
	run seen - 1 'vmute ann' 'vunmute ann'
	assert_output - <<-'END'
		ann: ann bob: ann carl: ann
		ann: - bob: - carl: -
		ann: ann bob: ann carl: ann
	END
}

@test "who has lost his role, the floor or his pinned picture is gone at once" {
	run seen broadcast 3 'role ann listener' 'role bob speaker' \
		--role ann=speaker
	assert_output - <<-'END'
		ann: - bob: ann carl: ann
		ann: - bob: - carl: -
		ann: bob bob: - carl: bob
	END
	run seen lesson 2 'role ann student' 'role bob lecturer' \
		--role ann=lecturer
	assert_output - <<-'END'
		ann: bob bob: ann carl: ann
		ann: - bob: - carl: -
		ann: bob bob: ann carl: bob
	END
	run seen panel 3 'floor bob' 'floor -' --layout single \
		--at '0s floor ann'
	assert_output - <<-'END'
		ann: ann bob: ann carl: ann
		ann: bob bob: bob carl: bob
		ann: - bob: - carl: -
	END
	run seen panel 3 'floor -' 'floor carl' --layout single \
		--at '0s floor ann'
	assert_output - <<-'END'
		ann: ann bob: ann carl: ann
		ann: - bob: - carl: -
		ann: carl bob: carl carl: carl
	END
	run seen panel 3 'vmute bob' 'vunmute bob' --layout single \
		--role '*=speaker' --at '0s pin bob'
	assert_output - <<-'END'
		ann: bob bob: ann carl: bob
		ann: carl bob: ann carl: ann
		ann: bob bob: ann carl: bob
	END
	run seen panel 2 'vmute *' 'vunmute bob' --layout single \
		--role '*=speaker'
	assert_output - <<-'END'
		ann: bob bob: ann carl: ann
		ann: - bob: - carl: -
		ann: bob bob: bob carl: bob
	END
}
