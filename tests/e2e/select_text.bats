#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Text and digits where vc-mix sends on what it gets: who reads and hears whose,
# that it is what was typed and dialled, and that payloads are the octets that
# came.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load heard

# capture NAME ARGS...: somebody who says nothing himself, in NAME.vcrtp.
capture()
{
	vc-capture --virtual -t 4s --size 160x90 --fps 5 --name "$1" \
		--cname "$1" "${@:2}" test: >"$1.vcrtp"
}

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	capture ann --at '500ms text Grüße' --at '1s dtmf 12#' \
		--at '2500ms text ann again'
	capture bob --at '700ms text hello' --at '1100ms dtmf *70' \
		--at '2500ms text bob again'
	capture carl --acodec pcmu --at '600ms text ahoy' --at '900ms dtmf 55' \
		--at '2700ms text carl again'
}

setup()
{
	begin
	with_people ann bob carl
}

# What $1 reads in stream $2, each writer's in order: "bob: hello, bob: bob again".
reads()
{
	vc-play --as "$1" --text - "$2" 2>/dev/null | cut -d' ' -f2- |
		LC_ALL=C sort -s -t: -k1,1 | paste -sd, | sed 's/,/, /g'
}

# What is dialled in the sound that $1 gets of stream $2: "bob *70 ann 12#".
dials()
{
	vc-probe --as "$1" --json "$2" | jq -r '[.sources[] |
		select(.dtmf) | "\(.id) \(.dtmf)"] | sort | join(" ")'
}

ann='ann: Grüße, ann: ann again'
bob='bob: hello, bob: bob again'
carl='carl: ahoy, carl: carl again'

# The RTP packets of stream $1, and what jq makes of their list.
packets()
{
	vc-probe --packets=json "$1" | jq -sc "[.[] | select(.type == \"rtp\")] |
		$2"
}

payloads() { python3 "$BATS_TEST_DIRNAME/payloads.py" "$@"; }

@test "call: each reads and hears what the other typed and dialled" {
	vc-mix --policy call "${all[@]:0:2}" >call.vcrtp 2>err
	run cat err
	assert_output ""
	assert_equal "$(reads ann call.vcrtp)" "$bob"
	assert_equal "$(reads bob call.vcrtp)" "$ann"
	assert_equal "$(dials ann call.vcrtp)" "bob *70"
	assert_equal "$(dials bob call.vcrtp)" "ann 12#"
	# The octets that came: text in RED, digits among sound.
	for pt in 116 110; do
		for who in ann bob; do
			payloads $pt <"$files/$who.vcrtp"
		done | sort >in
		payloads $pt <call.vcrtp | sort >out
		[ -s out ]
		cmp in out
	done
	# Of the same participants as their sound, digits in its very source;
	# numbers go on, and the CSRC says whose it was.
	run packets call.vcrtp '[group_by(.ssrc)[] |
		select(.[0].kind != "video") |
		[.[0].kind, ([.[].pt] | unique), ([.[].csrcs[0]] | unique |
			length), ([range(1; length) as $i |
		(.[$i].seq - .[$i - 1].seq) % 65536] | unique)]] | sort'
	assert_output '[["audio",[110,111],1,[1]],["audio",[110,111],1,[1]],["text",[116],1,[1]],["text",[116],1,[1]]]'
	run jq -c '[.sources[].id] | unique' <(vc-probe --json call.vcrtp)
	assert_output '["ann","bob"]'
	# All of it is described.
	run head -c 4000 call.vcrtp
	for line in 'rtpmap:110 telephone-event/48000' 'rtpmap:116 red/1000' \
		'fmtp:116 117/117/117' 'rtpmap:117 t140/1000'; do
		assert_output --partial "a=$line"
	done
}

@test "call: digits of G.711, and text without RED" {
	vc-capture --virtual -t 3s --video none --name tom --cname tom \
		--text-bare --at '500ms text bare' test: >tom.vcrtp
	vc-mix --policy call carl="$files/carl.vcrtp" tom=tom.vcrtp >call.vcrtp
	assert_equal "$(dials tom call.vcrtp)" "carl 55"
	assert_equal "$(reads carl call.vcrtp)" "tom: bare"
	run packets call.vcrtp '[.[].pt] | unique'
	assert_output '[0,96,101,111,116,117]'
}

@test "three: text of all goes to all, digits go with the sound" {
	vc-mix --policy symmetric --audio=select --video=select --pick=all \
		"${all[@]}" >every.vcrtp
	assert_equal "$(dials ann every.vcrtp)" "bob *70 carl 55"
	assert_equal "$(dials bob every.vcrtp)" "ann 12# carl 55"
	assert_equal "$(dials carl every.vcrtp)" "ann 12# bob *70"
	# Ann talks and is in front; carl has his say after her digits.
	vc-mix --policy symmetric --audio=select --video=off --cname mix \
		--at '0s mute carl' --at '3s unmute carl' "${all[@]}" \
		>front.vcrtp
	assert_equal "$(dials bob front.vcrtp)" "mix 12#"
	assert_equal "$(dials carl front.vcrtp)" "mix 12#"
	assert_equal "$(dials ann front.vcrtp)" "mix *70"
	# Also where pictures alone are, and where sound may be.
	vc-mix --policy symmetric --video=select "${all[@]}" >sound.vcrtp
	vc-mix --policy symmetric --audio=off --video=select "${all[@]}" \
		>off.vcrtp
	vc-mix --policy symmetric --audio=auto --video=off "${all[@]}" \
		>auto.vcrtp
	for stream in every sound off auto; do
		assert_equal "$(reads ann $stream.vcrtp)" "$bob, $carl"
		assert_equal "$(reads bob $stream.vcrtp)" "$ann, $carl"
		assert_equal "$(reads carl $stream.vcrtp)" "$ann, $bob"
		assert_equal "$(reads stranger $stream.vcrtp)" \
			"$ann, $bob, $carl"
		# One source for each who types, whoever reads it.
		run packets $stream.vcrtp '[.[] | select(.kind == "text").ssrc] |
			unique | length'
		assert_output 3
	done
}

@test "without a policy everybody reads everybody" {
	vc-mix --audio=select --video=off "${all[@]}" >mix.vcrtp
	for who in ann stranger; do
		assert_equal "$(reads $who mix.vcrtp)" "$ann, $bob, $carl"
	done
}

@test "auto: digits go where his sound goes as it is" {
	vc-mix --policy symmetric --audio=auto --video=off --cname mix \
		"${all[@]:0:2}" >two.vcrtp
	assert_equal "$(dials ann two.vcrtp)" "mix *70"
	assert_equal "$(dials bob two.vcrtp)" "mix 12#"
	# Also when the last packets of one come while he makes sounds again.
	run jq -c '[.sources[] | select(.kind == "audio") |
		[.media.lost, .media.reordered]] | unique' \
		<(vc-probe --json two.vcrtp)
	assert_output '[[0,0]]'
}

@test "who is in front stays there while he dials" {
	# She makes no other sound; he begins to talk while she does.
	capture dora --video none --at '0s mute' --at '1s dtmf 0123456789'
	capture emil --video none --at '0s mute' --at '1500ms unmute'
	capture fred --video none --at '0s mute'
	vc-mix --policy symmetric --audio=select --video=off --cname mix \
		dora=dora.vcrtp emil=emil.vcrtp fred=fred.vcrtp >mix.vcrtp
	assert_equal "$(dials fred mix.vcrtp)" "mix 0123456789"
}

@test "who is not heard is not read, who does not hear does not read" {
	# Of who is hidden it is.
	vc-mix --policy call --at '0s vmute ann' --at '1500ms mute ann' \
		"${all[@]:0:2}" >call.vcrtp
	assert_equal "$(reads bob call.vcrtp)" "ann: Grüße"
	assert_equal "$(dials bob call.vcrtp)" "ann 12#"
	assert_equal "$(reads ann call.vcrtp)" "$bob"
	# His source has ended, and there is another when he is heard again.
	vc-mix --policy call --at '0s mute ann' --at '2s unmute ann' \
		--at '0s deaf ann' "${all[@]:0:2}" >call.vcrtp
	assert_equal "$(reads bob call.vcrtp)" "ann: ann again"
	assert_equal "$(dials bob call.vcrtp)" ""
	assert_equal "$(reads ann call.vcrtp)" ""
	assert_equal "$(dials ann call.vcrtp)" ""
	# The policy says it as well.
	printf '%s\n' 'audio select' 'video select' 'ann  bob *' 'bob  - *' \
		'* - -' >room.policy
	vc-mix --policy ./room.policy "${all[@]}" >room.vcrtp
	assert_equal "$(reads ann room.vcrtp)" "$bob"
	assert_equal "$(reads bob room.vcrtp)" ""
}

@test "text alone: a participant, who reports and says BYE" {
	for who in tom tim; do
		vc-capture --virtual -t 4s --name $who --cname $who \
			--text /dev/null --at '400ms text hello' \
			--at "1s text I am $who" --at '3500ms text bye' \
			>$who.vcrtp
	done
	# Nobody was here yet to whom Tom's first words could go.
	vc-mix --policy call --video=off tom=tom.vcrtp tim=tim.vcrtp \
		>call.vcrtp
	assert_equal "$(reads tom call.vcrtp)" "tim: hello, tim: I am tim, tim: bye"
	assert_equal "$(reads tim call.vcrtp)" "tom: I am tom, tom: bye"
	vc-probe --packets=json call.vcrtp | jq -sc '
		([.[] | select(.type == "rtp")] | group_by(.ssrc)[] |
			.[0].ssrc) as $ssrc |
		[.[] | .packets[]? | select(.ssrc == $ssrc or
			.ssrcs == [$ssrc]).type] as $rtcp |
		[.[].event | select(.ssrc? == $ssrc)] as $said |
		[($rtcp | map(select(. == "SR")) | length >= 4),
		($rtcp | map(select(. == "BYE")) | length),
		($said | map(select(.ev == "route").to) | last | length),
		($said | map(select(.ev == "leave")) | length)]' >got
	run cat got
	assert_output '[true,1,1,1]
[true,1,1,1]'
}

@test "what is lost on the way in is won back by who reads" {
	vc-capture --virtual --name ann --cname ann --text - \
		<<<$'one\ntwo\nthree\nfour\nfive\nsix' |
		vc-impair --seed 5 drop=every:3 >ann.vcrtp
	# Bob is here before she writes.
	vc-mix --policy call bob="$files/bob.vcrtp" ann=ann.vcrtp >call.vcrtp
	assert_equal "$(reads bob call.vcrtp)" \
		"ann: one, ann: two, ann: three, ann: four, ann: five, ann: six"
	run jq '[.sources[] | select(.kind == "text" and .id == "ann") |
		.media.lost] | .[0] > 0' <(vc-probe --json call.vcrtp)
	assert_output true
}

@test "of more than a hundred who write, those who came first are read" {
	for ((i = 1; i <= 101; i++)); do
		echo "p$i: hello"
	done >lines
	vc-capture --virtual -t 2s --people 101 --name p --text lines \
		--video none silence: >many.vcrtp
	vc-mix --audio=select --video=off many.vcrtp >mix.vcrtp 2>err
	run cat err
	assert_output --partial ": text of more than 100: dropped"
	[ "${#lines[@]}" -eq 1 ]
	vc-play --text - mix.vcrtp >got
	[ "$(wc -l <got)" -eq 100 ]
}
