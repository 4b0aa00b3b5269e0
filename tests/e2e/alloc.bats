#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Nothing is allocated for a packet: ten times as many cost no more calls of
# malloc(), but for what a second costs (statistics).

export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	pid=
	cc -shared -fPIC -O1 -o count.so -xc - <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <fcntl.h>
		#include <stdio.h>
		#include <stdlib.h>

		static unsigned long n;

		void *malloc(size_t size)
		{
			static void *(*next)(size_t);

			if (!next)
				*(void **)&next = dlsym(RTLD_NEXT, "malloc");
			n++;
			return next(size);
		}

		void *realloc(void *p, size_t size)
		{
			static void *(*next)(void *, size_t);

			if (!next)
				*(void **)&next = dlsym(RTLD_NEXT, "realloc");
			n++;
			return next(p, size);
		}

		/* dlsym() itself calls calloc(). */
		void *__libc_calloc(size_t a, size_t b) __attribute__((weak));

		void *calloc(size_t a, size_t b)
		{
			static void *(*next)(size_t, size_t);
			static int is_asking;

			n++;
			if (!next && !is_asking) {
				is_asking = 1;
				*(void **)&next = dlsym(RTLD_NEXT, "calloc");
			}
			return next ? next(a, b) : __libc_calloc(a, b);
		}

		static int fd = -1;

		/* Before the sandbox closes. */
		__attribute__((constructor)) static void begin(void)
		{
			const char *path = getenv("MALLOC_COUNT");

			if (path)
				fd = open(path, O_WRONLY | O_CREAT, 0600);
		}

		__attribute__((destructor)) static void tell(void)
		{
			dprintf(fd, "%lu\n", n);
		}
	END
}

teardown()
{
	[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || :
}

# How often the program that wrote log $1 called malloc() and its like.
allocs()
{
	cat "$1"
}

under()
{
	local log=$1

	shift
	MALLOC_COUNT=$log LD_PRELOAD=$PWD/count.so \
		ASAN_OPTIONS=verify_asan_link_order=0:$ASAN_OPTIONS "$@"
}

@test "vc-send: no allocation a packet" {
	local n

	for n in 60 10; do
		vc-capture --virtual -t 20s --ptime "${n}ms" --video none \
			test: >"$n.vcrtp"
		under "log$n" vc-send -q -i "$n.vcrtp" --fast --pace off \
			rtp://127.0.0.1:9
	done
	echo "allocations: $(allocs log60) for 333 packets," \
		"$(allocs log10) for 2000"
	[ "$(($(allocs log10) - $(allocs log60)))" -lt 100 ]
}

@test "vc-recv: no allocation a packet" {
	local n

	for n in 200 2000; do
		mkfifo "ready$n"
		under "log$n" vc-recv -q --ready="ready$n" \
			--idle-timeout 1s -o out rtp://127.0.0.1:0 3>&- &
		pid=$!
		url=$(sed 's/^ready //' "ready$n")
		python3 - "${url##*:}" "$n" <<-'END'
			import socket, struct, sys, time
			s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
			n = int(sys.argv[2])
			for i in range(n):
			    s.sendto(struct.pack(">BBHII", 128, 111, i, i * 960, 7)
			             + b"\xf8\xff\xfe", ("127.0.0.1", int(sys.argv[1])))
			    if i % 50 == 49:
			        time.sleep(2 * 50 / n)
		END
		wait "$pid"
		pid=
	done
	echo "allocations: $(allocs log200) for 200 packets," \
		"$(allocs log2000) for 2000"
	[ "$(($(allocs log2000) - $(allocs log200)))" -lt 300 ]
}

@test "vc-probe --pass: no allocation a packet" {
	local n

	for n in 60 10; do
		vc-capture --virtual -t 20s --ptime "${n}ms" --video none \
			test: >"$n.vcrtp"
		under "log$n" vc-probe --pass --report=report "$n.vcrtp" >passed
		cmp passed "$n.vcrtp"
	done
	echo "allocations: $(allocs log60) for 333 packets," \
		"$(allocs log10) for 2000"
	[ "$(($(allocs log10) - $(allocs log60)))" -lt 100 ]
}
