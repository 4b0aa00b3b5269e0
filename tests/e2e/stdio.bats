#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# hostile.md F1: whatever stdin and stdout are, what is written is whole records
# or a clean end, and nobody spins.

# shellcheck disable=SC2154 # bats sets stderr
bats_require_minimum_version 1.5.0

load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 4s --seed 2 --video none test: >clip
	python3 "$BATS_TEST_DIRNAME/capwrite.py" n=200 >call.pcap
}

setup()
{
	begin
	clip=$BATS_FILE_TMPDIR/clip
	pcap=$BATS_FILE_TMPDIR/call.pcap
}

# Everybody who writes a stream, as he writes it to stdout.
writers()
{
	cat <<-END
		vc-capture --virtual -t 4s --video none test:
		vc-recv $pcap
		vc-mix $clip
		vc-impair loss=1% $clip
		vc-probe --pass $clip
	END
}

# And who reads one from stdin.
readers()
{
	cat <<-END
		vc-mix
		vc-impair loss=1% -
		vc-probe -
		vc-send --fast rtp://127.0.0.1:9
		vc-record -o out.vcrtp
		vc-play --quiet out.wav
	END
}

# 'stdio HOW COMMAND...' runs COMMAND with a stdout of that kind, whose octets are
# written to 'out'.
stdio() { python3 "$BATS_TEST_DIRNAME/stdio.py" "$@"; }

@test "stdout that is closed or full: exit 1, and which it was" {
	local line

	while read -r line; do
		run -1 bash -c "$line >/dev/full"
		assert_output --partial 'No space left on device'
		run -1 bash -c "$line >&-"
		assert_output --regexp 'Bad file descriptor|not open|closed'
	done < <(writers)
}

@test "stdin that is closed, empty, a folder or no stream: an error, and no crash" {
	local line from

	while read -r line; do
		for from in '<&-' '</dev/null' '</' '</dev/urandom'; do
			run timeout 20 bash -c "$line $from"
			echo "$line $from: $status"
			[[ $status = [1234] ]]
			[ "${#lines[@]}" -ge 1 ]
			[ "${#lines[@]}" -le 3 ]
		done
	done < <(readers)
}

@test "a reader that leaves in the middle of a frame: an orderly end" {
	local line n

	while read -r line; do
		for n in 1 1001 20001; do
			run bash -c "$line 2>/dev/null | head -c $n | wc -c
				echo \${PIPESTATUS[0]}"
			assert_output "$n"$'\n0'
		done
	done < <(writers)
}

@test "a pipe of one page, read in bits; one that does not block; a socket" {
	local line how often=(bits socket)

	while read -r line; do
		bash -c "$line" >want
		often=("${often[1]}" "${often[0]}")
		for how in nonblock "${often[0]}"; do
			rm -f out
			stdio "$how" bash -c "exec $line"
			cmp out want
		done
	done < <(writers)
}

@test "a slow reader of a live stream: whole frames, and the writer sleeps" {
	stdio stop vc-capture -t 4s --acodec l16 --video none test: >took
	# It has dropped, said so, and what came are whole frames to the end.
	run vc-probe --json out
	run jq -c '[.sources[0].left, .total.malformed // 0]' <<<"$output"
	assert_output '["bye",0]'
	vc-probe --packets=json out | grep -q '"why":"reader"'
	run jq -c '.cpu_s < 1' took
	assert_output true
}
