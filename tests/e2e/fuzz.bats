#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# make fuzz goes on where it was; and make does, however its folder is called.

load ../common

setup()
{
	begin
	root=$BATS_TEST_DIRNAME/../..
	# Another one to find for each octet that is right.
	cat >fuzz.c <<-'C'
		#include <stddef.h>
		#include <stdint.h>
		int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);
		int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
		{
			static volatile int got;
			if (len > 0 && p[0] == 'v')
				got = 1;
			if (len > 1 && p[1] == 'c')
				got = 2;
			return 0;
		}
	C
	clang -O1 -fsanitize=fuzzer -o fuzz_one-of-two fuzz.c
	cp fuzz_one-of-two fuzz_two-of-two
}

# The script, as make calls it, for these programs.
fuzz() { VC_BUILD=$PWD/b "$root/tests/fuzz/run.sh" "$@"; }

@test "an interrupted run of fuzzing loses nothing, the next one goes on" {
	local kept

	# What a shell starts so would not hear SIGINT.
	TIME=60 VC_BUILD=$PWD/b setsid env --default-signal=INT \
		"$root/tests/fuzz/run.sh" "$PWD"/fuzz_{one,two}-of-two \
		>first 2>&1 3>&- &
	pid=$!
	pids+=("$pid")
	until [ -n "$(ls b/corpus/one-of-two 2>/dev/null)" ] &&
		grep -q INITED b/found/log; do
		read -r -t 0.05 < <(exec sleep 0.05) || :
	done
	# As from a terminal: to all of them.
	kill -INT -- "-$pid"
	ended 130
	cat first
	grep -q '^interrupted in one-of-two' first
	[ ! -e b/corpus/two-of-two ]
	[ "$(cat b/spent/one-of-two)" -lt 60 ]
	kept=$(find b/corpus/one-of-two -type f | wc -l)
	[ "$kept" -ge 1 ]
	# Who has had nothing yet is first; the log is the last one's.
	echo 5 >b/spent/one-of-two
	TIME=1 run fuzz "$PWD"/fuzz_{one,two}-of-two
	assert_success
	assert_line --index 0 --partial 'ok    two-of-two'
	assert_line --index 1 --partial 'ok    one-of-two'
	assert_line '2 passed, 0 failed'
	grep -q "INFO: *$kept files found in .*/b/corpus/one-of-two" b/found/log
	[ "$(cat b/spent/one-of-two)" -ge 6 ]
}

# In a tree of its own, which says what $1 in a header of it says.
remade()
{
	echo "#define SAID \"$1\"" >tree/common/base/said.h
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C tree O="$2" \
		"$2/libvc.a" >/dev/null
	grep -aoE 'say-[a-z]+' tree/b/obj/common/base/said.o
}

@test "a header that changed is seen, however the build folder is spelled" {
	mkdir -p tree/common/base
	cp "$root/Makefile" tree
	printf '%s\n' '#include "base/said.h"' 'const char said[] = SAID;' \
		>tree/common/base/said.c
	run remade say-one "$PWD/tree/b"
	assert_output say-one
	run remade say-two b
	assert_output say-two
	run remade say-three ./b
	assert_output say-three
	run remade say-four "$PWD/tree/b"
	assert_output say-four
}
