#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-probe doctor, where something is taken away from it.

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

doctor() { timeout 60 vc-probe doctor "$@"; }

# Is $1 well, by the report in the file 'record'?
well() { jq -e --arg n "$1" '.checks[] | select(.name == $n).ok' record; }

# What is to be done for $1.
mend() { jq -r --arg n "$1" '.checks[] | select(.name == $n).mend' record; }

@test "doctor: every check has a group, a finding, and a cure where it lacks" {
	run doctor --json --need tests
	echo "$output" >record
	run jq -c '.schema, ([.checks[].name] | length == (unique | length)),
		([.checks[] | select(.found == "" or .group == null)] | length),
		([.checks[] | select(.ok and .mend != null)] | length)' record
	assert_output "$(printf '%s\n' '"vc.probe.doctor/1"' true 0 0)"
	well ipv4
	well time-stamps
	well runtime-folder
	well codecs
}

@test "doctor: few open files are said, and how to have more" {
	(ulimit -n 256 && doctor --json --need fast) >record || code=$?
	[ "$code" -eq 3 ]
	run well files
	assert_output false
	run mend files
	assert_output 'ulimit -n 4096'
	run jq -c '.ok, (.lacks > 0)' record
	assert_output "$(printf '%s\n' false true)"
	# The cure is one.
	(ulimit -n 4096 && doctor --json --need fast) >record || :
	well files
	# What is not needed is no failure.
	(ulimit -n 256 && doctor --need tests) >table || :
	run grep files table
	assert_output --regexp '^no +files +fast +256 open files at most'
}

@test "doctor: a folder of nobody, and one that is not there" {
	env -u XDG_RUNTIME_DIR vc-probe doctor --json >record || :
	run well runtime-folder
	assert_output false
	XDG_RUNTIME_DIR=$PWD/$'nowhere\e[2J' doctor >table || :
	run grep 'LACKS.*runtime-folder' table
	assert_output --partial 'nowhere\x1b[2J: cannot be used'
	# What it says helps.
	cure=$(env -u XDG_RUNTIME_DIR vc-probe doctor --json |
		jq -r '.checks[] | select(.name == "runtime-folder").mend')
	(eval "$cure" && doctor --json) >record || :
	well runtime-folder
}

@test "doctor: without rights and without a network" {
	# The loopback of a new network is down.
	unshare -rn setpriv --bounding-set -all --inh-caps -all timeout 60 \
		"$(command -v vc-probe)" doctor --json --need live,capture \
		>record || code=$?
	[ "$code" -eq 3 ]
	for name in ipv4 ipv6 packet-capture time-stamps; do
		run well "$name"
		assert_output false
	done
	run mend ipv4
	assert_output 'ip link set lo up'
	run mend packet-capture
	assert_output --partial 'setcap cap_net_raw+ep'
}

@test "doctor: wrong words are usage" {
	run doctor --need live,everything
	assert_failure 2
	run doctor this
	assert_failure 2
}
