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
