#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The conferences of the examples, over UDP: who heard and saw whom, before and after
# each change, by what each of them received.
# Runs alone: people talk by the clock, and are composed as they do.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
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

# Before the change, which is after 3.5 s at the bridge, and after it.
before()
{
	for who; do
		echo "$who: $(heard --part 0s-2500ms "$who.vcrtp")"
	done
}

after()
{
	for who; do
		echo "$who: $(heard --part 4500ms- "$who.vcrtp")"
	done
}

@test "without the tools in PATH they say so, and leave nothing" {
	for f in "$examples"/*-live.sh; do
		PATH=none run -1 /bin/bash "$f"
		assert_output --partial "vc-recv: not found"
	done
	run ls
	assert_output ""
}

# The ports of the system under test.
job()
{
	PORT=$(free_port) PORT2=$(free_port) timeout 50 "$examples"/ci-job.sh \
		"$@" 3>&-
}

@test "a CI job: what ffmpeg passes on is well, and on a bad network is not" {
	run -0 job ffmpeg
	assert_line --regexp '^  ok    video.fps > 5 after 1s '
	assert_equal "$(grep -c '<failure' ci-job.xml)" 0
	run -3 job ffmpeg loss=20%
	assert_line --regexp '^  FAIL  loss < 2% '
	grep -qF '<testsuite name="vc-probe ffmpeg"' ci-job.xml
	grep -qF '<failure message="loss &lt; 2%: ' ci-job.xml
}

@test "a CI job: what SIPp sends back is well, and over a bad network is not" {
	run -0 job sipp
	assert_line --regexp '^  ok    audio.mos >= 3.0 before 4s '
	run -3 job sipp loss=20%
	grep -qF '<testsuite name="vc-probe sipp"' ci-job.xml
	grep -qF '<failure message="loss &lt; 2%: ' ci-job.xml
	run -2 job asterisk
	assert_output 'ci-job.sh: ffmpeg or sipp?'
}

@test "call: each gets the other" {
	timeout 40 "$examples"/call-live.sh 3>&-
	run before Ann Bob
	assert_output "Ann: Bob Bob
Bob: Ann Ann"
}

@test "meeting: one leaves, another comes" {
	timeout 40 "$examples"/meeting-live.sh 3>&-
	run before Ann Bob Carl
	assert_output "Ann: Bob Ann,Bob
Bob: Ann Ann,Bob
Carl: Bob Bob,Carl"
	run after Bob
	assert_output "Bob: Carl Bob,Carl"
}

@test "panel: a listener has the floor" {
	timeout 40 "$examples"/panel-live.sh 3>&-
	run before Prof Bob Ann Carl
	assert_output "Prof: Bob Bob,Prof
Bob: Prof Bob,Prof
Ann: Bob,Prof Bob,Prof
Carl: Bob,Prof Bob,Prof"
	run after Prof Bob Ann Carl
	assert_output "Prof: Ann,Bob Ann,Bob,Prof
Bob: Ann,Prof Ann,Bob,Prof
Ann: Bob,Prof Ann,Bob,Prof
Carl: Ann,Bob,Prof Ann,Bob,Prof"
}

@test "lesson: the lecturer hears and sees all, who hear and see him; another takes over" {
	timeout 40 "$examples"/lesson-live.sh 3>&-
	run before Prof Ann Bob
	assert_output "Prof: Ann,Bob Ann,Bob
Ann: Prof Prof
Bob: Prof Prof"
	run after Prof Ann Bob
	assert_output "Prof: Bob Bob
Ann: Bob Bob
Bob: Ann,Prof Ann,Prof"
}

@test "broadcast: one is heard and seen, then another" {
	timeout 40 "$examples"/broadcast-live.sh 3>&-
	run before Ann Bob Dan Eve
	assert_output "Ann: Eve Eve
Bob: Eve Eve
Dan: Eve Eve
Eve: - -"
	run after Ann Bob Dan Eve
	assert_output "Ann: Dan Dan
Bob: Dan Dan
Dan: - -
Eve: Dan Dan"
}

@test "webinar: who is on the stage is heard and seen, in the recording too" {
	timeout 40 "$examples"/webinar-live.sh 3>&-
	vc-capture --virtual --copy webinar.webm >recorder.vcrtp
	run before Eve Dan Ann Bob recorder
	assert_output "Eve: Dan Dan,Eve
Dan: Eve Dan,Eve
Ann: Dan,Eve Dan,Eve
Bob: Dan,Eve Dan,Eve
recorder: Dan,Eve Dan,Eve"
	run after Eve Dan Ann Bob recorder
	assert_output "Eve: Ann,Dan Ann,Dan,Eve
Dan: Ann,Eve Ann,Dan,Eve
Ann: Dan,Eve Ann,Dan,Eve
Bob: Ann,Dan,Eve Ann,Dan,Eve
recorder: Ann,Dan,Eve Ann,Dan,Eve"
}
