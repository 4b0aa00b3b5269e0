#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Slips of those who call the tools: what is refused before it does harm, what
# is asked back, and what says that nothing was measured.

# shellcheck disable=SC2154 # bats sets output
bats_require_minimum_version 1.5.0
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 3s --size 160x90 --fps 15 --name alice \
		test: >a.vcrtp
	vc-record a.webm <a.vcrtp >saved
}

setup()
{
	begin
	cp "$BATS_FILE_TMPDIR/a.vcrtp" c.vcrtp
	ln c.vcrtp hard
	ln -s c.vcrtp soft
}

# The command $2... is wrong usage, and c.vcrtp, called $1, is as it was.
kept()
{
	local called=$1

	shift
	run -2 timeout 20 "$@" </dev/null
	assert_output --partial "$called: is read, and cannot be written at once"
	cmp c.vcrtp "$BATS_FILE_TMPDIR/a.vcrtp"
}

@test "an input is not written at once, whatever it is called" {
	local option

	kept c.vcrtp vc-impair loss=2% c.vcrtp -o c.vcrtp
	kept soft vc-impair loss=2% c.vcrtp -o soft
	kept hard vc-impair loss=2% soft -o hard
	kept - bash -c 'vc-impair loss=2% c.vcrtp >>c.vcrtp'
	kept c.vcrtp bash -c 'vc-impair loss=2% <c.vcrtp -o c.vcrtp'
	kept c.vcrtp vc-impair --acts c.vcrtp loss=2% c.vcrtp -o b.vcrtp
	kept c.vcrtp vc-impair --stats c.vcrtp loss=2% c.vcrtp -o b.vcrtp
	for option in report series junit html impair-out ready; do
		kept c.vcrtp vc-probe --$option c.vcrtp c.vcrtp
		kept soft bash -c "vc-probe --$option soft <c.vcrtp"
	done
	kept c.vcrtp vc-probe diff --junit c.vcrtp hard c.vcrtp
	kept c.vcrtp vc-mix alice=c.vcrtp -o c.vcrtp
	kept c.vcrtp vc-play --png c.vcrtp soft
}

@test "what is no regular file may be both, and two files are two" {
	run -0 timeout 20 vc-impair loss=2% c.vcrtp -o /dev/null
	cp c.vcrtp d.vcrtp
	run -0 timeout 20 vc-impair delay=0 c.vcrtp -o d.vcrtp
	cmp c.vcrtp d.vcrtp
}

@test "the status line is gone from the terminal before the report comes" {
	local wiped=$'\r\x1b\\[Klive stream of'

	timeout 30 script -qec "vc-capture -t 2s test: | vc-probe" screen >said
	grep -aq 'vc-probe: 0:0' screen
	grep -aq "$wiped" screen
}

@test "a part with no packet in it is no media, for JUnit and TAP as well" {
	run -4 --separate-stderr vc-probe --json --part 30s- --junit j.xml \
		-e 'loss<1%' c.vcrtp
	[[ $stderr == 'vc-probe: --part: no media came in it'* ]]
	assert_equal "$(jq -c '.sources' <<<"$output")" '[]'
	grep -q 'errors="1"' j.xml
	run -4 --separate-stderr vc-probe --part 30s- --tap c.vcrtp
	assert_line --index 1 --partial 'Bail out!'
	run -0 vc-probe --part 1s- c.vcrtp
}

@test "the loss of the whole stream is measured over time, too" {
	vc-impair loss=20% only=rtp c.vcrtp -o d.vcrtp
	run -0 vc-probe -e 'total.loss<1% for 1s' -e 'total.loss.max<1%' c.vcrtp
	run -3 vc-probe -e 'total.loss<1% for 1s' -e 'total.loss.max<1%' d.vcrtp
	refute_output --partial 'not measured'
}

@test "operands of vc-probe that are no input are asked back" {
	run -2 vc-probe dif c.vcrtp c.vcrtp
	assert_output --partial 'dif: did you mean diff?'
	run -2 vc-probe 'loss<1%' c.vcrtp
	assert_output --partial 'loss<1%: a rule needs -e'
	run -2 vc-probe c.vcrtp diff c.vcrtp
	assert_output --partial 'diff: commands come first'
	run -2 vc-probe --json diff c.vcrtp c.vcrtp
	assert_output --partial 'diff: commands come first'
	run -2 vc-probe c.vcrtp soft
	assert_output --partial 'one INPUT at most; vc-mix merges'
}

@test "a report that goes to no terminal is as wide as COLUMNS says" {
	vc-impair loss=20% c.vcrtp -o d.vcrtp
	COLUMNS=60 vc-probe d.vcrtp >narrow
	COLUMNS=200 vc-probe d.vcrtp >wide
	grep -q 'no room for' narrow
	run ! grep -q 'no room for' wide
	[ "$(head -n 1 wide | grep -c 'kbit/s')" -eq 1 ]
	run ! grep -qE '^ *(s:|kbit/s)' narrow
}

@test "diff says which packets passed B first, and no drift that it has not" {
	vc-impair delay=50ms c.vcrtp -o d.vcrtp
	run -0 vc-probe diff d.vcrtp c.vcrtp
	assert_line --regexp ' first$'
	assert_line --regexp ' B$'
	refute_output --partial 'drift - ppm'
	run -0 vc-probe diff c.vcrtp d.vcrtp
	refute_line --regexp ' B$'
}
