#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What a tool can no longer do once it runs, and that it can do its work.

# shellcheck disable=SC2154 # bats sets stderr
bats_require_minimum_version 1.5.0
load ../common

setup()
{
	begin
	mkfifo ready
}

mini_starts()
{
	timeout 60 "$VC_BUILD/tests/e2e/minitool" --control=sock --ready=ready \
		--stats=stats "$@" >out 2>err &
	mini=$!
	pids+=("$mini")
	cat ready >/dev/null
}

attempt()
{
	vc-ctl sock attempt "$@" | jq -r .errno
}

# The parts that are on, by a tool's own word: a build with sanitizers has
# the first two only.
parts()
{
	jq -sc '.[0].sandbox' stats
}

is_whole()
{
	[ "$(parts)" = '["no_new_privs","limits","landlock","seccomp"]' ]
}

@test "a running tool neither opens, makes, forks nor executes" {
	mkdir box
	echo secret >file
	mv ready box
	cd box
	mini_starts
	run -0 grep -E '^(NoNewPrivs|Seccomp):' "/proc/$(pgrep -P "$mini" minitool)/status"
	assert_line $'NoNewPrivs:\t1'
	vc-ctl sock say hello
	kill -0 "$mini"
	for what in 'read ../file' 'read /etc/passwd' 'write new' 'remove ../file' \
		internet code thread fork local memory 'read /dev/null'; do
		# shellcheck disable=SC2086 # words
		echo "$what: $(attempt $what)"
	done >got
	vc-ctl sock stop
	wait "$mini"
	if ! is_whole; then
		[ "$(parts)" = '["no_new_privs","limits"]' ]
		return
	fi
	assert_line $'Seccomp:\t2'
	run -0 cat got
	assert_output - <<-'GOT'
		read ../file: EACCES
		read /etc/passwd: EACCES
		write new: EPERM
		remove ../file: EACCES
		internet: EPERM
		code: EPERM
		thread: EPERM
		fork: EPERM
		local: 0
		memory: 0
		read /dev/null: 0
	GOT
	[ -e ../file ]
	[ ! -e sock ]
}

@test "execve ends the process" {
	mini_starts
	vc-ctl sock say hello
	run timeout 10 vc-ctl sock attempt exec
	code=0
	wait "$mini" || code=$?
	# 31 is SIGSYS; a build that is watched becomes /bin/true.
	[ "$code" -eq $((128 + 31)) ] || [ "$code" -eq 0 ]
	[ "$code" -ne 0 ] || [ "$("$VC_BUILD/tests/e2e/minitool" -t 10ms \
		--stats-interval=10ms --stats=fd:3 3>stats >&2; parts)" = \
		'["no_new_privs","limits"]' ]
}

@test "--no-sandbox leaves everything as it was" {
	echo public >file
	mini_starts --no-sandbox
	[ "$(attempt read file)" = 0 ]
	[ "$(attempt fork)" = 0 ]
	[ "$(attempt thread)" = 0 ]
	run -0 grep -E '^(NoNewPrivs|Seccomp):' \
		"/proc/$(pgrep -P "$mini" minitool)/status"
	assert_line $'NoNewPrivs:\t0'
	assert_line $'Seccomp:\t0'
	vc-ctl sock stop
	wait "$mini"
	[ "$(parts)" = '[]' ]
}

@test "each tool says which parts are on, and does its work" {
	local whole='["no_new_privs","limits","landlock","seccomp"]'
	local some='["no_new_privs","limits"]'

	"$VC_BUILD/tests/e2e/minitool" --stats=mini -t 100ms >out
	[ "$(jq -sc '.[0].sandbox' mini)" = "$whole" ] || whole=$some
	vc-capture --stats=capture --virtual -t 1s test: >in.vcrtp
	[ "$(jq -sc '.[0].sandbox' capture)" = "$some" ]
	vc-mix --stats=mix --minus-one in.vcrtp >mixed.vcrtp
	[ "$(jq -sc '.[0].sandbox' mix)" = "$whole" ]
	mkdir to
	vc-record --stats=record -i mixed.vcrtp to/out.webm
	[ "$(jq -sc '.[0].sandbox' record)" = "$whole" ]
	[ -s to/out.webm ]
	[ ! -e to/out.webm.part ]
	vc-recv --stats=recv --ready=ready -t 500ms rtp://127.0.0.1:0 \
		>recv.vcrtp 2>err &
	pids+=($!)
	read -r _ where <ready
	vc-send --stats=send --sdp-out=to/sdp -i in.vcrtp "$where"
	wait "${pids[0]}"
	[ "$(jq -sc '.[0].sandbox' recv)" = "$whole" ]
	[ "$(jq -sc '.[0].sandbox' send)" = "$whole" ]
	grep -q '^m=video' to/sdp
	vc-probe --json recv.vcrtp | jq -e '.sources | length > 0'
}
