#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The conferences of the examples, on the virtual clock: who heard and saw whom,
# before and after each change, by what is in the stream of each.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load heard

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	people Ann Bob Carl Dan Eve Prof -t 1s --fps 15 --keyint 200ms
}

setup()
{
	begin
	examples=$BATS_TEST_DIRNAME/../examples
}

@test "call: each gets the other, a third is refused" {
	run "$examples"/call.sh
	assert_output "vc-mix: Carl is refused: 2 are here"
	run got_all call.vcrtp 0s-6s Ann Bob Carl
	assert_output "Ann: Bob Bob
Bob: Ann Ann
Carl: - -"
}

@test "meeting: one comes late, one leaves early" {
	"$examples"/meeting.sh
	run got_all meeting.vcrtp 0s-2900ms Ann Bob
	assert_output "Ann: Bob Ann,Bob
Bob: Ann Ann,Bob"
	run got_all meeting.vcrtp 3500ms-5900ms Ann Bob Carl
	assert_output "Ann: Bob,Carl Ann,Bob,Carl
Bob: Ann,Carl Ann,Bob,Carl
Carl: Ann,Bob Ann,Bob,Carl"
	run got_all meeting.vcrtp 6500ms-9s Bob Carl
	assert_output "Bob: Carl Bob,Carl
Carl: Bob Bob,Carl"
}

@test "panel: the floor is given to a listener, and taken back" {
	"$examples"/panel.sh
	for part in 0s-2900ms 6100ms-9s; do
		run got_all panel.vcrtp "$part" Prof Bob Ann Carl
		assert_output "Prof: Bob Bob,Prof
Bob: Prof Bob,Prof
Ann: Bob,Prof Bob,Prof
Carl: Bob,Prof Bob,Prof"
	done
	run got_all panel.vcrtp 3100ms-5900ms Prof Bob Ann Carl
	assert_output "Prof: Ann,Bob Ann,Bob,Prof
Bob: Ann,Prof Ann,Bob,Prof
Ann: Bob,Prof Ann,Bob,Prof
Carl: Ann,Bob,Prof Ann,Bob,Prof"
}

@test "lesson: the lecturer hears and sees all, who hear and see him; another takes over" {
	"$examples"/lesson.sh
	run got_all lesson.vcrtp 0s-2900ms Prof Ann Bob
	assert_output "Prof: Ann,Bob Ann,Bob
Ann: Prof Prof
Bob: Prof Prof"
	run got_all lesson.vcrtp 3100ms-6s Prof Ann Bob
	assert_output "Prof: Bob Bob
Ann: Bob Bob
Bob: Ann,Prof Ann,Prof"
}

@test "broadcast: one is heard and seen, then another" {
	"$examples"/broadcast.sh
	run got_all broadcast.vcrtp 0s-2900ms Eve Dan Ann
	assert_output "Eve: - -
Dan: Eve Eve
Ann: Eve Eve"
	run got_all broadcast.vcrtp 3100ms-6s Eve Dan Ann
	assert_output "Eve: Dan Dan
Dan: - -
Ann: Dan Dan"
}

@test "webinar: who is on the stage is heard and seen, in the recording too" {
	"$examples"/webinar.sh
	run got_all webinar.vcrtp 0s-2900ms Eve Dan Ann Bob recorder
	assert_output "Eve: Dan Dan,Eve
Dan: Eve Dan,Eve
Ann: Dan,Eve Dan,Eve
Bob: Dan,Eve Dan,Eve
recorder: Dan,Eve Dan,Eve"
	run got_all webinar.vcrtp 3100ms-6s Eve Dan Ann Bob recorder
	assert_output "Eve: Ann,Dan Ann,Dan,Eve
Dan: Ann,Eve Ann,Dan,Eve
Ann: Dan,Eve Ann,Dan,Eve
Bob: Ann,Dan,Eve Ann,Dan,Eve
recorder: Ann,Dan,Eve Ann,Dan,Eve"
	vc-capture --virtual --copy webinar.webm >recording.vcrtp
	run heard --part 0s-2900ms recording.vcrtp
	assert_output "Dan,Eve Dan,Eve"
	run heard --part 3100ms- recording.vcrtp
	assert_output "Ann,Dan,Eve Ann,Dan,Eve"
}

@test "the same octets every time" {
	"$examples"/panel.sh
	mv panel.vcrtp before.vcrtp
	"$examples"/panel.sh
	cmp panel.vcrtp before.vcrtp
}
