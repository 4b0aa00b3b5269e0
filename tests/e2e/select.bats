#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What vc-mix sends on as it is: who gets whom, by the tones and the marks that
# are in it; that payloads are the very octets that came, and that one output
# shows several people one after the other without a seam.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load heard

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	people ann bob carl -t 9s --fps 15 --vbitrate 200k --keyint 500ms
}

setup()
{
	begin
	with_people ann bob carl
}

# Whom $1 ("-": whoever) hears and sees in stream $2: "bob,carl ann,bob"
got()
{
	local as=()

	[ "$1" = - ] || as=(--as "$1")
	vc-probe "${as[@]}" --heard ann,bob,carl --marks --json "$2" >got.json \
		2>/dev/null || :
	jq -r --rawfile marks "$files/marks" '
		($marks | split("\n") | map(split("\t") | select(length == 2) |
			{ (.[0]): .[1] }) | add) as $names |
		([.sources[] | select(.kind == "audio") | .heard |
			to_entries[] | select(.value > 0.1) | .key] |
			unique | join(",")) + " " +
		([.sources[] | select(.kind == "video") | .marks.ids[] |
			select(.read > 3) | $names[.id]] | unique | join(","))' \
		got.json
}

# part STREAM FROM TO: what is in it of that time.
part()
{
	vc-impair blackout="$2" blackout=on from="$3" to=20s "$1"
}

payloads() { python3 "$BATS_TEST_DIRNAME/payloads.py" "$@"; }

# The RTP packets of kind $1 in stream $2, and what jq makes of their list.
packets()
{
	vc-probe --packets=json "$2" | jq -sc "[.[] | select(.type == \"rtp\" and
		.kind == \"$1\")] | $3"
}

# The last record of file $1 in which something was selected, and what jq makes of
# its "mix".
last()
{
	jq -sc "map(.mix | select(.selected | length > 0)) | last | $2" "$1"
}

@test "call: each gets the other, octet for octet; others are refused" {
	vc-mix --policy call "${all[@]}" --stats=stats >call.vcrtp 2>err
	run cat err
	assert_output "vc-mix: carl is refused: 2 are here"
	run got ann call.vcrtp
	assert_output "bob bob"
	run got bob call.vcrtp
	assert_output "ann ann"
	# Each is a participant for the other.
	run jq -r '[.participants[].who] | sort | join(",")' \
		<(vc-probe --json call.vcrtp)
	assert_output "ann,bob"
	for pt in 96 111; do
		for who in ann bob; do
			vc-probe --json "$files/$who.vcrtp" >"$who.json"
			payloads $pt <"$files/$who.vcrtp" >"$who.$pt"
		done
		payloads $pt <call.vcrtp | sort >out
		[ -s out ]
		# Bob gets Ann's pictures from her first key frame on when he is
		# here, the second one: there are 7 pictures before it.
		awk -v skipped=$((pt == 96 ? 7 : 0)) 'n >= skipped
			{ n += $1 }' "ann.$pt" | sort - "bob.$pt" >in
		cmp in out
	done
	# Nothing was decoded, and nothing encoded.
	run last stats '[.mixes, .views, .audio_frames, .video_frames,
		([.participants[].sources[].frames] | add),
		([.participants[] | .heard, .seen] | all)]'
	assert_output '[0,0,0,0,0,true]'
}

@test "who talks is heard and seen, without a seam; he himself gets another" {
	local at=(--at '0s mute bob' --at '0s mute carl' --at '3s mute ann'
		--at '3s unmute carl' --at '6s mute carl' --at '6s unmute bob')

	vc-mix --policy symmetric --audio=select --video=select "${at[@]}" \
		"${all[@]}" --stats=stats >mix.vcrtp
	for row in "800ms 2900ms ann bob carl bob" "3800ms 5900ms carl ann bob ann" \
		"6800ms 8900ms bob carl ann carl"; do
		# He who talks sees who was in front before him, or came first.
		read -r from to talks sees one _ <<<"$row"
		part mix.vcrtp "$from" "$to" >part.vcrtp
		assert_equal "$(got "$talks" part.vcrtp)" " $sees"
		assert_equal "$(got "$one" part.vcrtp)" "$talks $talks"
	done
	run last stats '[.selected[] | .longest_ms < 600] | all'
	assert_output true
}

@test "who is of another codec comes with a key frame; till then the old one goes on" {
	local who

	# Key frames are far apart, and at other times.
	for who in ann carl; do
		vc-capture --virtual -t 8s --size 320x180 --fps 15 --keyint 2s \
			--name $who --cname $who test: >$who.vcrtp
	done
	vc-capture --virtual --start 700ms -t 8s --size 320x180 --fps 15 \
		--keyint 2s --vcodec h264 --name bob --cname bob test: >bob.vcrtp
	vc-mix --policy symmetric --audio=select --video=select \
		--at '0s mute carl' --at '1s mute bob' --at '3s mute ann' \
		--at '3s unmute bob' --at '5s mute bob' --at '5s unmute ann' \
		ann=ann.vcrtp bob=bob.vcrtp carl=carl.vcrtp >mix.vcrtp
	# Of each: when (ms) another source begins, with a key frame or not; and has
	# he a picture each 66.7 ms?
	for who in ann bob carl; do
		vc-impair --as $who mix.vcrtp >got.vcrtp
		packets video got.vcrtp '[.[].t] as $t | . as $p | [range(1; length) as $i |
			$t[$i] - $t[$i - 1]] as $steps |
			[[range(1; length) as $i |
			select($p[$i].csrcs != $p[$i - 1].csrcs) |
			"\($p[$i].codec) \(($t[$i] - $t[0]) / 1000) \($p[$i].key)"],
			($steps | max < 70000)]'
	done >got
	run cat got
	assert_output - <<-'END'
		[["VP8 0 true","H264 2700 true"],true]
		[[],true]
		[["H264 4700 true","VP8 6000 true"],true]
	END
}

@test "one output for everybody: numbers, time and ids go on at each change" {
	vc-mix --audio=select --video=select --at '0s mute bob' \
		--at '0s mute carl' --at '3s mute ann' --at '3s unmute carl' \
		--at '6s mute carl' --at '6s unmute bob' --stats=stats \
		"${all[@]}" >mix.vcrtp
	for who in ann -; do
		run got "$who" mix.vcrtp
		assert_output "ann,bob,carl ann,bob,carl"
	done
	for kind in audio video; do
		run packets $kind mix.vcrtp '[([.[].ssrc] | unique | length),
			([.[].csrcs[0]] | unique | length),
			([range(1; length) as $i |
			(.[$i].seq - .[$i - 1].seq) % 65536] | unique)]'
		assert_output '[1,3,[1]]'
	done
	# 20 ms each: nothing overlaps, and nothing is missing.
	run packets audio mix.vcrtp '[range(1; length) as $i |
		.[$i].ts - .[$i - 1].ts] | unique'
	assert_output '[960]'
	# A picture each 66.7 ms, but that the new one's grid is another.
	run packets video mix.vcrtp 'map(select(.marker).ts) |
		[range(1; length) as $i | .[$i] - .[$i - 1]] |
		[length > 125, min >= 0, max <= 12000]'
	assert_output '[true,true,true]'
	run jq -c '.sources[] | select(.kind == "video") |
		[.broken, .waiting]' <(vc-probe --json mix.vcrtp)
	assert_output '[0,0]'
	# Who is shown has his name in SDES.
	run last stats '[.selected[].switches]'
	assert_output '[2,2]'
}

@test "a class takes the layer of its size; nothing is decoded for it" {
	vc-capture --virtual -t 4s --name ann --cname ann --fps 15 --keyint 500ms \
		--audio none \
		--simulcast 640x360@400k,160x90@60k,320x180@150k test: >layers.vcrtp
	cat >room.policy <<-'END'
		video select
		ann    - -
		phone  - ann  class=low
		hall   - ann  class=high
		*      - ann
	END
	vc-mix --policy ./room.policy --out phone --out hall --size 320x180 \
		--out-class low:160x90,high:1280x720 --stats=stats \
		ann=layers.vcrtp >mix.vcrtp
	for row in phone:160x90 hall:640x360 nobody:320x180; do
		run jq -r '.sources[] | "\(.width)x\(.height) \(.broken)"' \
			<(vc-probe --as "${row%:*}" --json mix.vcrtp)
		assert_output "${row#*:} 0"
	done
	run last stats '[(.selected | length), .views,
		([.participants[].sources[].frames] | add)]'
	assert_output '[3,0,0]'
}

@test "broadcast to a hundred: one output, and nobody is decoded" {
	local outs=()

	for i in {1..100}; do
		outs+=(--out "guest$i")
	done
	vc-mix --policy broadcast --role ann=speaker --audio=select \
		--video=select "${outs[@]}" "${all[@]}" --stats=stats >mix.vcrtp
	run last stats '[(.selected | map([.kind, .shows, .switches])),
		([.participants[].sources[].frames] | add)]'
	assert_output '[[["video","ann",0],["audio","ann",0]],0]'
	for who in guest1 guest100 bob stranger; do
		assert_equal "$(got "$who" mix.vcrtp)" "ann ann"
	done
	assert_equal "$(got ann mix.vcrtp)" " "
	for pt in 96 111; do
		cmp <(payloads $pt <"$files/ann.vcrtp") <(payloads $pt <mix.vcrtp)
	done
}

@test "auto: as it is where that is all, else mixed" {
	vc-capture --virtual --start 3s -t 3s --size 320x180 --fps 15 \
		--keyint 500ms --name carl --cname carl test: >late.vcrtp
	vc-mix --policy symmetric --audio=auto --video=auto --size 320x180 \
		--fps 15 \
		ann="$files/ann.vcrtp" bob="$files/bob.vcrtp" \
		carl=late.vcrtp --stats=stats >mix.vcrtp
	for row in "800ms 2900ms bob bob 2 0" "3800ms 5800ms bob,carl bob 0 3" \
		"6800ms 8800ms bob bob 2 0"; do
		read -r from to hears _ <<<"$row"
		part mix.vcrtp "$from" "$to" >part.vcrtp
		run got ann part.vcrtp
		assert_output --regexp "^$hears "
	done
	# Two get each other; three are mixed; then two again, once he who
	# left is gone, too.
	run jq -sc '[.[].mix | select(.participants | length > 0) |
		[([.selected[] | select(.kind == "audio")] | length), .mixes]] |
		[.[2], .[4], .[8]]' stats
	assert_output '[[2,0],[0,3],[2,0]]'
}

@test "a pinned picture goes before who talks; mute and role hold at once" {
	vc-mix --policy panel --role '*=speaker' --audio=select --video=select \
		--pick=all --at '3s mute ann' --at '3s vmute bob' \
		--at '6s role carl listener' "${all[@]}" >mix.vcrtp
	part mix.vcrtp 500ms 2900ms >one
	part mix.vcrtp 3s 5900ms >two
	part mix.vcrtp 6s 8900ms >three
	assert_equal "$(got ann one)" "bob,carl ann,bob,carl"
	assert_equal "$(got ann two)" "bob,carl ann,carl"
	assert_equal "$(got bob two)" "carl ann,carl"
	assert_equal "$(got ann three)" "bob ann"
	assert_equal "$(got carl three)" "bob ann"
	vc-mix --policy symmetric --audio=off --video=select \
		--at '0s pin carl' --at '4s pin -' "${all[@]}" >mix.vcrtp
	part mix.vcrtp 800ms 3900ms >one
	part mix.vcrtp 5s 8900ms >two
	assert_equal "$(got bob one)" " carl"
	assert_equal "$(got bob two)" " ann"
}

@test "what cannot be is said" {
	run -2 vc-mix --audio=choose "${all[@]}"
	assert_output --partial "mix"
	run -2 vc-mix --audio=auto --latency=2s "${all[@]}"
	assert_output --partial "a --latency of 1s at most"
	run -2 vc-mix --audio=off --video=off "${all[@]}"
	assert_output --partial "nothing is left"
	echo '* * * select=some' >bad.policy
	run -2 vc-mix --policy ./bad.policy "${all[@]}"
	assert_output --partial "line 1: 'select=some': select=speaker or select=all"
	vc-capture --virtual -t 1s --video none --acodec l16 --name bob test: \
		>l16.vcrtp
	vc-mix --audio=select ann="$files/ann.vcrtp" l16.vcrtp 2>err >mix.vcrtp
	run cat err
	assert_output --partial "is not selected: dropped"
	echo hello | vc-capture --virtual -t 1s --video none --text - \
		--name bob --at '500ms dtmf 12' test: >talk.vcrtp
	vc-mix --policy call "$files/ann.vcrtp" talk.vcrtp 2>err >mix.vcrtp
	run cat err
	assert_output ""
	vc-mix --policy symmetric "$files/ann.vcrtp" talk.vcrtp 2>err >mix.vcrtp
	run cat err
	assert_output --partial ": text is not mixed: dropped"
	refute_output --partial telephone-event
	# A digit of another clock than that of the sound.
	LC_ALL=C sed 's,telephone-event/48000,telephone-event/16000,' \
		talk.vcrtp >clock.vcrtp
	vc-mix --policy call "$files/ann.vcrtp" clock.vcrtp 2>err >mix.vcrtp
	run cat err
	assert_output --partial ": telephone-event is not selected: dropped"
	[ "${#lines[@]}" -eq 1 ]
}

@test "a class takes as many temporal and spatial layers as it shows" {
	cat >room.policy <<-'END'
		video select
		ann    - -
		phone  - ann  class=low
		*      - ann
	END
	for row in "vp8 L1T3 640x360 640x360" "vp9 L2T2 320x180 640x360"; do
		read -r codec layers low high <<<"$row"
		vc-capture --virtual -t 4s --name ann --cname ann --audio none \
			--size 640x360 --fps 30 --vbitrate 600k --keyint 500ms \
			--vcodec "$codec" --layers "$layers" test: >svc.vcrtp
		vc-mix --policy ./room.policy --out phone --out hall \
			--out-class low:320x180/15 --stats=stats \
			ann=svc.vcrtp >mix.vcrtp
		# What is wanted of it is known after a second.
		part mix.vcrtp 1700ms 3900ms >part.vcrtp
		for who in "phone $low 1[3-7]" "hall $high 2[89]\|3[0-2]"; do
			read -r as size fps <<<"$who"
			run jq -r '.sources[] |
				"\(.width)x\(.height) \(.broken) \(.fps | round)"' \
				<(vc-probe --as "$as" --json part.vcrtp)
			assert_output --regexp "^$size 0 (${fps/\\|/|})$"
		done
	done
}

@test "a class takes no more bits than it has" {
	local who in

	# Of sizes, and of temporal layers. What all of them take is known after
	# a second.
	vc-capture --virtual -t 5s --name ann --cname ann --fps 15 --keyint 500ms \
		--audio none \
		--simulcast 640x360@400k,160x90@60k,320x180@150k test: >sizes.vcrtp
	vc-capture --virtual -t 5s --name ann --cname ann --audio none \
		--size 320x180 --fps 30 --vbitrate 400k --keyint 500ms \
		--layers L1T3 test: >svc.vcrtp
	cat >room.policy <<-'END'
		video select
		ann    - -
		tight  - ann  class=tight
		lean   - ann  class=lean
		wide   - ann  class=wide
		*      - ann
	END
	for in in sizes svc; do
		vc-mix --policy ./room.policy --out tight --out lean --out wide \
			--out-class tight:640x360@90k,lean:640x360@250k,wide:640x360@900k \
			--stats=stats ann="$in.vcrtp" >mix.vcrtp
		part mix.vcrtp 2500ms 4900ms >part.vcrtp
		for who in tight lean wide; do
			vc-probe --as "$who" --json part.vcrtp | jq -r --arg in "$in $who" \
				'.sources[] | "\($in) \(.width)x\(.height) \(
				.broken) \(.fps | round)"'
		done
		last stats '.selected[] | [.shows, .bps > 0]' | sort -u
	done >got
	cat got
	# Fewer pictures, then a smaller one; the base in any case.
	run cat got
	assert_output --regexp '^sizes tight 160x90 0 15
sizes lean 320x180 0 15
sizes wide 640x360 0 15
\["ann",true\]
svc tight 320x180 0 [78]
svc lean 320x180 0 1[3-6]
svc wide 320x180 0 30
\["ann",true\]$'
}

@test "who talks is told by the voice flags where there are no levels" {
	LC_ALL=C sed 's/ssrc-audio-level/ssrc-audio-other/' "$files/ann.vcrtp" >ann.vcrtp
	for in in ann.vcrtp "$files/ann.vcrtp"; do
		vc-mix --video=off --audio=select "$in" >mix.vcrtp
		run jq -sc 'map(select(.event.ev == "speaker").event.on)' \
			<(vc-probe --packets=json mix.vcrtp)
		assert_output --regexp '^\[true'
	done
	run vc-probe --packets=json ann.vcrtp
	refute_output --partial level_dbov
}

# talker NAME FROM [OPTION...]: six seconds of one who talks from then on, in
# NAME.vcrtp, whose packets do not say how loud they are.
talker()
{
	vc-capture --virtual -t 6s --video none --people 1 --name "$1" \
		--cname "$1" --talk "$1""1=$2-" "${@:3}" test: |
		LC_ALL=C sed 's/ssrc-audio-level/ssrc-audio-other/' >"$1.vcrtp"
}

# When it was told that somebody talks: "NAME MILLISECONDS", in order.
told()
{
	vc-probe --packets=json "$1" | jq -r 'select(.event.ev == "speaker" and
		.event.on).event | "\(.id) \((.t - 946684800000000) / 1000)"'
}

@test "who says nothing of how loud he is, is listened to" {
	local who when

	# Opus of CELT frames, which have no voice flags; and others.
	talker ann 0s --stereo --abitrate 96k
	talker bob 2s --acodec pcmu
	talker carl 4s --acodec g722
	run bash -c "python3 '$BATS_TEST_DIRNAME/payloads.py' 111 <ann.vcrtp |
		grep -c ' [0-7]'"
	assert_output 0
	vc-mix --video=off --audio=select --policy symmetric --stats=stats \
		ann=ann.vcrtp bob=bob.vcrtp carl=carl.vcrtp >mix.vcrtp
	told mix.vcrtp | sort -u -k1,1 >begun
	run cut -d ' ' -f 1 begun
	assert_output $'ann\nbob\ncarl'
	while read -r who when; do
		echo "$who $when"
		case $who in
		ann) [ "$when" -le 500 ] ;;
		bob) [ "$when" -ge 2000 ] && [ "$when" -le 2500 ] ;;
		carl) [ "$when" -ge 4000 ] && [ "$when" -le 4500 ] ;;
		esac
	done <begun
	# All are, as they are few; and nothing else was decoded of them.
	run last stats '[.participants[].sources[] | .gauged > 20, .frames]'
	assert_output '[true,0,true,0,true,0]'
}

@test "of a crowd who says nothing of it as many as a few are listened to" {
	local codec when all n

	# Some noise: its packets are as large as those of speech.
	python3 - <<-'END'
		import random, wave
		r, w = random.Random(1), wave.open("quiet.wav", "wb")
		w.setparams((2, 2, 48000, 0, "NONE", ""))
		w.writeframes(b"".join(r.randrange(-60, 61).to_bytes(
		    2, "little", signed=True) * 2 for _ in range(6 * 48000)))
	END
	for codec in 'opus --stereo --abitrate 96k' pcmu; do
		# shellcheck disable=SC2086 # words
		vc-capture --virtual --video none --name quiet --cname quiet \
			--acodec $codec file:quiet.wav |
			LC_ALL=C sed 's/ssrc-audio-level/ssrc-audio-other/' \
				>quiet.vcrtp
		# shellcheck disable=SC2086 # words
		talker bob 3s --acodec $codec
		all=(bob=bob.vcrtp)
		for n in {1..40}; do
			all+=("quiet$n=quiet.vcrtp")
		done
		vc-mix --video=off --audio=select --policy symmetric \
			--stats=stats "${all[@]}" >mix.vcrtp
		run told mix.vcrtp
		# The first turn of his comes within a second.
		when=${lines[0]#bob }
		echo "$codec: $output"
		[ "${#lines[@]}" -eq 1 ]
		[ "$when" -ge 3000 ]
		[ "$when" -le 4500 ]
		# Sixteen at a time, all in turn.
		run last stats '[.participants[].sources[].gauged] |
			[add > 4000, add <= 16 * 301, min > 20]'
		assert_output '[true,true,true]'
	done
}

@test "who is muted, or heard by nobody, is not listened to" {
	local n all=() mute=()

	talker bob 0s --acodec pcmu
	vc-capture --virtual -t 6s --video none --name ann --cname ann test: \
		>ann.vcrtp
	# He comes to no front; from 3 s on, he does.
	for rules in "symmetric|mute bob|unmute bob" \
		"broadcast|role ann speaker|role bob speaker"; do
		IFS='|' read -r policy one two <<<"$rules"
		for t in 5900ms 3s; do
			vc-mix --video=off --audio=select --policy "$policy" \
				--at "100ms $one" --at "$t $two" --stats=stats \
				ann=ann.vcrtp bob=bob.vcrtp >"$t.vcrtp"
			last stats '.participants[] | select(.id == "bob") |
				[.sources[] | .gauged > 20, .frames]'
		done >got
		run cat got
		assert_output $'[false,0]\n[true,0]'
		run told 3s.vcrtp
		assert_output --regexp $'(^|\n)bob 3[0-4][0-9]{2}(\n|$)'
	done
	# Those who were listened to make room for others.
	for n in {1..16}; do
		all+=("loud$n=bob.vcrtp")
		mute+=(--at "2s mute loud$n")
	done
	talker carl 3s --acodec pcmu
	vc-mix --video=off --audio=select --policy symmetric "${mute[@]}" \
		"${all[@]}" carl=carl.vcrtp >mix.vcrtp
	run told mix.vcrtp
	assert_output --regexp $'\ncarl 3[0-4][0-9]{2}$'
}
