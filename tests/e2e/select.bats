#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What vc-mix sends on as it is: who gets whom, by the tones and the marks that
# are in it; that payloads are the very octets that came, and that one output
# shows several people one after the other without a seam.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=120
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	for who in ann bob carl; do
		vc-capture --virtual -t 9s --size 320x180 --fps 15 \
			--vbitrate 200k --keyint 500ms --name "$who" --cname "$who" test: \
			>"$who.vcrtp" 3>&- &
	done
	wait
	for who in ann bob carl; do
		vc-probe --marks --json "$who.vcrtp" | jq -r --arg who "$who" \
			'.sources[] | select(.kind == "video") |
			[.marks.ids[0].id, $who] | @tsv'
	done >marks
}

setup()
{
	begin
	files=$BATS_FILE_TMPDIR
	for who in ann bob carl; do
		all+=("$who=$files/$who.vcrtp")
	done
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
	vc-impair --blackout "0s-$2" --blackout "$3-20s" "$1"
}

payloads() { python3 "$BATS_TEST_DIRNAME/payloads.py" "$@"; }

# The RTP packets of kind $1 in stream $2, and what jq makes of their list.
packets()
{
	vc-probe --packets=json "$2" | jq -sc "[.[] | select(.type == \"rtp\" and
		.kind == \"$1\")] | $3"
}

# The last record of file $1 in which somebody was there, and what jq makes of
# its "mix".
last()
{
	jq -sc "map(.mix | select(.participants | length > 0)) | last | $2" "$1"
}

@test "call: each gets the other, octet for octet; a third is refused" {
	vc-mix --policy call "${all[@]}" --stats=stats >call.vcrtp 2>err
	run cat err
	assert_output "vc-mix: carl is refused: 2 are here"
	run got ann call.vcrtp
	assert_output "bob bob"
	run got bob call.vcrtp
	assert_output "ann ann"
	# Each is a participant for the other.
	run jq -r '[.participants[].who] | join(",")' <(vc-probe --json call.vcrtp)
	assert_output "ann,bob"
	for pt in 96 111; do
		for who in ann bob; do
			vc-probe --json "$files/$who.vcrtp" >"$who.json"
			payloads $pt <"$files/$who.vcrtp"
		done | sort >in
		payloads $pt <call.vcrtp | sort >out
		[ -s out ]
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

@test "one output for everybody: numbers, time and ids go on at each change" {
	vc-mix --audio=select --video=select --at '0s mute bob' \
		--at '0s mute carl' --at '3s mute ann' --at '3s unmute carl' \
		--at '6s mute carl' --at '6s unmute bob' --stats=stats \
		"${all[@]}" >mix.vcrtp
	run got - mix.vcrtp
	assert_output "ann,bob,carl ann,bob,carl"
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
