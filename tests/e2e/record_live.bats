#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-record --compose of people who are live. Runs live, 8 s.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load record

setup() { begin; }

@test "two who are live are heard and seen in one file" {
	for who in ann bob; do
		mkfifo "$who"
		vc-capture -q -t 4s --size 320x180 --fps 15 --name "$who" \
			--cname "$who" -o "$who" test: 3>&- &
		pids+=($!)
	done
	timeout 60 vc-record -q --compose grid --size 640x360 --fps 15 \
		--vbitrate 2M --keyint 500ms -i ann -i bob c.webm
	run --separate-stderr vc-probe --heard ann,bob --json c.webm
	jq -e '([.sources[] | select(.kind == "audio") | .heard[]] |
		length == 2 and all(. > 0.5)) and
		any(.sources[]; .kind == "video")' <<<"$output"
	vc-record verify c.webm
}
