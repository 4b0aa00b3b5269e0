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

# A UDP port that nobody has at the moment, nor gets from the kernel: it is below
# those that are given to whoever asks for any. An even one, of which the next is
# free as well.
free_port()
{
	python3 -c 'import random, socket
while True:
    port = random.randrange(10000, 32000, 2)
    try:
        for n in (port, port + 1):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(("127.0.0.1", n))
    except OSError:
        continue
    break
print(port)'
}

# However long something may take on a busy machine: then it never comes.
patience=$((50 * ${VC_SLOW:-1}))

# Prints what jq makes with $2 of the last record of the file $1 or, as long as
# that is null or false, or the file is not there, of the first that comes for
# which it is not.
record()
(
	jq -nec "first(inputs | $2 | select(.))" < <(exec timeout $patience \
		tail --pid=$$ -s 0.1 -n 1 -F "$1" 2>/dev/null 3>&-)
)

# Waits for a record of $1 for which $2 holds.
await() { record "$1" "$2" >/dev/null; }

# Waits for $pid, which has to end with code $1 (0). Never wait for all: under
# BATS_TEST_TIMEOUT one of them is its clock.
ended()
{
	local code=0

	wait "$pid" || code=$?
	[ "$code" -eq "${1-0}" ]
}

# In a shell of its own, so that $! stays.
pause() (read -r -t 0.05 <> <(:) || :)

# Runs "$@" until it succeeds; what it says is not shown.
wait_for()
{
	local end=$((SECONDS + patience))

	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		pause
	done
}

# Does jq say yes with $3 of what the command $2 answers at the socket $1? It is
# then in the file 'told'.
told() { vc-ctl "$1" "$2" >told 2>&1 && jq -e "$3" told; }

# Are so many here at the mixer with this control socket?
here() { told "$1" list ".participants | length == $2"; }

# Waits until file $1 has $2 octets.
has() { [ "$(stat -c %s "$1")" -ge "$2" ]; }
grown() { wait_for has "$@"; }

# What vc-send gives $1 of stream $2, in got.vcrtp.
sent_to()
{
	local port

	port=$(free_port)
	rm -f ready got.vcrtp
	vc-recv --ready=ready --stop-on bye -o got.vcrtp \
		"rtp://127.0.0.1:$port" 3>&- &
	pid=$!
	pids+=("$pid")
	wait_for test -s ready
	vc-send --fast -i "$2" "$1=rtp://127.0.0.1:$port"
	ended 0
}
