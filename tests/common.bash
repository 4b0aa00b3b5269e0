# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What .bats files share: each test has a folder of its own, and what it started
# in the background, whose process ids are in 'pids', ends with it. A file with
# more to prepare has a setup() that begins with begin.

# shellcheck disable=SC2034 # for those who load it

begin()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	cd "$BATS_TEST_TMPDIR" || return 1
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR
	pids=()
}

# Also what stands still, and what was started by what was started (timeout).
kill_all()
{
	local pid

	for pid in "${pids[@]}"; do
		kill -CONT "$pid" 2>/dev/null || :
		pkill -KILL -P "$pid" 2>/dev/null || :
		kill -KILL "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
}

setup() { begin; }
teardown() { kill_all; }

# A UDP port that nobody has at the moment.
free_port()
{
	python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# Waits for $pid, which has to end with code $1 (0).
ended()
{
	local code=0

	wait "$pid" || code=$?
	[ "$code" -eq "${1-0}" ]
}

# Waits until file $1 has $2 octets.
grown()
{
	until [ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -ge "$2" ]; do
		read -r -t 0.05 < <(exec sleep 0.05) || :
	done
}
