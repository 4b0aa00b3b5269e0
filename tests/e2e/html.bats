#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-probe --html: one page that needs nothing else, says what the report says,
# and in which nothing that strangers wrote is more than text.

# shellcheck disable=SC2154 # from run --separate-stderr
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 5s --size 160x90 --name Jürg --cname jurg \
		test: >good.vcrtp
	vc-capture --virtual -t 3s --size 160x90 --cname '"><b>&' \
		--name "'--><script>BBBB(1)</script>" test: |
		LC_ALL=C sed $'s/BBBB/\x1b[2J/g' >evil.vcrtp
	python3 "$BATS_TEST_DIRNAME/probestream.py" lose audio 2 2.5 \
		<good.vcrtp >lossy.vcrtp
}

setup()
{
	begin
	page="python3 $BATS_TEST_DIRNAME/page.py"
	good=$BATS_FILE_TMPDIR/good.vcrtp evil=$BATS_FILE_TMPDIR/evil.vcrtp
	lossy=$BATS_FILE_TMPDIR/lossy.vcrtp
}

@test "the page has every figure of the JSON report, and needs nothing" {
	vc-probe --json --html page.html --heard Jürg "$good" >report.json
	run $page figures page.html report.json
	assert_success
	assert_output --regexp '^[0-9]{2,} figures$'
	run $page text page.html
	assert_line 'Measured; nothing was expected'
	assert_line 'Jürg'
	# A source of sound and one of pictures: loss, jitter, rate and more.
	run $page plots page.html
	assert_line --regexp '^audio loss .*'
	assert_line --regexp '^video frame rate .*'
}

@test "what was expected is the verdict, and the exit code is the same" {
	vc-probe --html page.html -e 'video.fps>20' "$good" >table
	run $page text page.html
	assert_line 'Passed: 1 check held'
	run -3 vc-probe --html page.html -e 'fps>20' -e 'audio.loss<1%' "$lossy"
	run $page text page.html
	assert_line 'Failed: 1 of 2 checks did not hold'
	assert_line 'audio.loss<1%'
	assert_line '10 %'
	# As in the other reports: with units, and what a baseline came to.
	vc-probe --json "$good" >before.json
	vc-probe --html page.html --baseline before.json -e 'video.media.lost<1' \
		"$good" >table
	run $page text page.html
	assert_line '0 packets'
	assert_line --regexp '^[0-9]+ figures$'
	refute_line 'not measured'
}

@test "loss over time is drawn where it was" {
	vc-probe --html page.html --interval 500ms "$lossy" >table
	# 24 are missed when the one after them comes, at 2.5 s.
	run $page curve page.html audio loss
	assert_line '2.0 0'
	assert_line '2.5 96'
	assert_line '3.0 0'
}

@test "names that attack are text, on the page and in its plots" {
	vc-probe --html page.html -e 'loss<1%' "$evil" >table
	run $page text page.html
	assert_success
	assert_line --partial "'--><script>\\x1b[2J(1)</script>"
	assert_line '"><b>&'
	run ! grep -q $'\x1b' page.html
}

@test "a long series is merged, and says so" {
	vc-probe --html page.html --interval 10ms --part 0s-15s \
		<(python3 "$BATS_TEST_DIRNAME/probestream.py" pcmu) >table
	run $page points page.html
	assert_success
	[ "$output" -gt 400 ] && [ "$output" -le 1024 ]
	run $page text page.html
	assert_line --partial 'up to 2 are one point'
}

@test "it takes its place whole, or the old one stays" {
	echo old >page.html
	(umask 027 && vc-probe --html page.html "$good") >table
	[ "$(stat -c %a page.html)" = 640 ]
	[ ! -e page.html.part ]
	grep -q '^</body></html>$' page.html
	echo somebody >page.html.part
	run -1 vc-probe --html page.html "$good"
	assert_line --partial 'page.html: open: its .part is there'
	run -1 vc-probe --html missing/page.html "$good"
	assert_line --partial 'missing/page.html: open: No such file'
	mkdir folder
	run -1 vc-probe --html folder "$good"
	assert_line --partial 'folder: open: Is a directory'
}

@test "a run that broke off is said on the page" {
	head -c 50001 "$good" >short
	run -1 vc-probe --html page.html -e 'fps>1' short
	run $page text page.html
	assert_line --partial 'Not whole: the run failed'
	refute_line --partial 'Passed'
}
