#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What vc-mix does to sound, measured in what comes out, as L16 so that no codec
# is in between. On the virtual clock.

# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	tone ann 500
	tone bob 900
	tone carl 1400
}

setup()
{
	begin
	files=$BATS_FILE_TMPDIR
	ann=ann=$files/ann.vcrtp
	bob=bob=$files/bob.vcrtp
	carl=carl=$files/carl.vcrtp
}

# Name $1 with a tone of $2 Hz; further arguments to vc-capture.
tone()
{
	vc-capture --virtual -t 3s --video none --name "$1" --cname "$1" \
		"${@:3}" "tone:$2" >"$1.vcrtp"
}

mix()
{
	vc-mix --video=off --acodec l16 "$@"
}

# Levels from $2 to $3 seconds in stream $1, of tones, as tonelevel.py has them.
levels()
{
	vc-play --wav heard.wav "$1"
	python3 "$BATS_TEST_DIRNAME/tonelevel.py" heard.wav "$2-$3" "${@:4}"
}

# near A B MAX: the numbers differ by at most that.
near()
{
	awk -v a="$1" -v b="$2" -v max="$3" 'BEGIN {
		exit !(a - b <= max && b - a <= max) }' ||
		fail "$1 is not within $3 of $2"
}

@test "gain: so many dB louder or softer, and no click" {
	local a b other step

	mix --at '1s gain ann -20' --at '2s gain a* 12.5' "$ann" "$bob" >m
	read -r a other step < <(levels m 0.3 0.95 500 900 step)
	near "$step" 0.02 0.01
	for row in '1.1 1.95 -20' '2.1 2.9 12.5'; do
		read -r from to db <<<"$row"
		read -r b same _ < <(levels m "$from" "$to" 500 900 step)
		near "$(bc <<<"$b - $a")" "$db" 0.1
		near "$same" "$other" 0.1
	done
	# Where it changes no step is larger than at its loudest.
	read -r step < <(levels m 2.1 2.9 step)
	read -r all < <(levels m 0.2 2.9 step)
	near "$all" "$step" 0.002
}

@test "gain: no more than what fits" {
	local rms

	mix --at '100ms gain * 20' --at '100ms gain carl -60' "$ann" "$bob" "$carl" \
		>m
	read -r _ _ carl rms < <(levels m 1 2 500 900 1400 rms)
	near "$rms" -3 0.2
	# Two sines that fill it; the third is not heard beside them.
	[ "${carl%.*}" -lt -60 ]
}

@test "gain: what it takes" {
	run --separate-stderr vc-mix --video=off --stats=stats \
		--at '0s gain ann 20.1' --at '0s gain ann loud' \
		--at '0s gain ann' --at '0s gain dora 3' "$ann" -o m
	assert_regex "$stderr" 'gain ann 20.1: gain WHO DB, of -60 to 20'
	assert_regex "$stderr" 'gain ann loud: gain WHO'
	assert_regex "$stderr" 'gain dora 3: nobody here is called that'
}

@test "every codec comes out as it is asked for" {
	local row codec pt clock

	for row in opus,111,48000 g722,9,8000 pcmu,0,8000 pcma,8,8000 \
		l16,112,48000; do
		IFS=, read -r codec pt clock <<<"$row"
		vc-mix --video=off --acodec "$codec" "$ann" "$bob" >m
		run jq -c '.sources[] | [(.codec | ascii_downcase), .rate_hz,
			.media.lost]' <(vc-probe --json m)
		assert_output "[\"$codec\",$clock,0]"
		run jq -sc 'map(select(.type == "rtp") | .pt) | unique' \
			<(vc-probe --packets=json m)
		assert_output "[$pt]"
		read -r a b < <(levels m 1 2 500 900)
		near "$a" -17 0.5
		near "$b" -17 0.5
	done
}

@test "packets are as long as they are wanted" {
	local row codec ptime step

	for row in opus,10ms,480 opus,40ms,1920 opus,60ms,2880 pcmu,40ms,320 \
		g722,10ms,80 l16,10ms,480; do
		IFS=, read -r codec ptime step <<<"$row"
		vc-mix --video=off --acodec "$codec" --ptime "$ptime" "$ann" >m
		run jq -sc 'map(select(.type == "rtp") | .ts) |
			[.[1:], .[:-1]] | transpose |
			map(.[0] - .[1] | if . < 0 then . + 4294967296 else . end)
			| unique' <(vc-probe --packets=json m)
		assert_output "[$step]"
		read -r a < <(levels m 1 2 500)
		near "$a" -17 0.5
	done
}

@test "wrong usage" {
	for word in --acodec=vp8 --acodec=speex --ptime=15ms --ptime=10us; do
		run vc-mix "$word" "$ann"
		assert_failure 2
	done
}
