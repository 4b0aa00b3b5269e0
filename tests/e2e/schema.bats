#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What is in a report of vc-probe is said somewhere: each member is a metric of
# --list-metrics or stands in the page.

# shellcheck disable=SC2154 # from run --separate-stderr
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((90 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	page=$BATS_TEST_DIRNAME/../../man/vc-probe.1
	vc-capture --virtual -t 4s --size 160x90 --fps 10 --name al test: \
		>al.vcrtp
	vc-probe --list-metrics | awk '{ print $1 }' >metrics
}

# Are the members of the JSON lines $1 known? Prints those that are not.
unknown()
{
	python3 - "$1" metrics "$page" <<-'END'
		import json, re, sys
		metrics = {re.sub(r"\[.*", "", m) for m in open(sys.argv[2]).read().split()}
		metrics |= {".".join(m.split(".")[:n]) for m in metrics
		            for n in range(1, m.count(".") + 1)}
		page = open(sys.argv[3]).read()
		words = set(re.findall(r"^\.(?:Li|It Li|Pq Li|No .* Li) (.*)$", page, re.M))
		words = {w.strip("[]()") for line in words
		         for w in re.split(r"[\s,:;]+", line)} | {
		         w.split(".")[-1] for line in words
		         for w in re.split(r"[\s,:;]+", line)}
		bad = set()
		def look(j, path):
		    if isinstance(j, list):
		        for each in j:
		            look(each, path)
		    if not isinstance(j, dict):
		        return
		    for key, value in j.items():
		        name = re.sub(r"^(sources|total|participants)\.", "",
		                      f"{path}.{key}" if path else key)
		        # Of what has names or times for members these are no words.
		        if path in ("sources.heard", "sources.late", "sources.seen"):
		            continue
		        if name not in metrics and key not in words:
		            bad.add(name)
		        look(value, f"{path}.{key}" if path else key)
		for line in open(sys.argv[1]):
		    look(json.loads(line), "")
		print(*sorted(bad), sep="\n")
	END
}

@test "each member of the report is a metric or in the page" {
	vc-probe --json --marks --heard al --buffer 60ms -e 'loss<1%' al.vcrtp \
		>report
	run unknown report
	assert_success
	assert_output ''
	python3 "$BATS_TEST_DIRNAME/probestream.py" net >net.vcrtp
	vc-probe --json net.vcrtp >report
	run unknown report
	assert_output ''
}

@test "each member of a line of a series is in the page" {
	vc-probe --json --interval 1s al.vcrtp >lines
	run unknown lines
	assert_output ''
	# And one that is nowhere is found.
	sed 's/"fps":/"nowhere_said":/g' lines >bad
	run unknown bad
	assert_line nowhere_said
}

@test "the figures of a series have units, and all are in its lines" {
	vc-probe --csv --interval 1s al.vcrtp | head -1 | tr -d '\r' |
		tr ',' '\n' | sort >columns
	vc-probe --json --interval 1s al.vcrtp | head -1 |
		jq -r '(.sources[0] | keys[]), "t", "at_s"' |
		grep -v '^whole$' | sort >members
	diff columns members
}

@test "each member of what diff says is a metric or in the page" {
	vc-probe diff --list-metrics | awk '{ print $1 }' >metrics
	for match in rtp marks; do
		vc-probe diff --json --match $match -e 'diff.loss<1%' al.vcrtp \
			al.vcrtp >report
		run unknown report
		assert_success
		assert_output ''
	done
}
