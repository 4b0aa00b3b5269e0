# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # for those who load it; of cable.bash
# SPDX-License-Identifier: MIT
#
# Far ends of vc-probe path, and what may lie between.

load ../common
load cable

setup()
{
	begin
	(umask 077 && vc-send --new-key >k)
}

teardown()
{
	kill_all
	cut_cable
}

# Starts a reflector with these options; 'url' is where.
reflect()
{
	rm -f ready
	mkfifo ready
	timeout 100 vc-probe reflect --stats=reflect.stats --ready=ready \
		--stats-interval 200ms "$@" 2>reflect.err 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ url <ready
}

# What the reflector counted at its end.
ended_with()
{
	kill "$pid"
	wait "$pid" || :
	tail -n 1 reflect.stats | jq -c "$1"
}

path() { timeout 40 vc-probe path --key-file k "$@"; }

# Puts a relay with these rules before the reflector; 'url' is then that.
relay()
{
	rm -f ready
	mkfifo ready
	timeout 60 vc-impair --ready=ready "$@" udp://127.0.0.1:0 \
		"udp://${url#*://}" 2>relay.err 3>&- &
	pids+=("$!")
	read -r _ url <ready
	url=rtp://${url#*://}
}

# At the end of a cable.
reflect_far()
{
	lay_cable
	mkfifo ready
	ip netns exec "$far" timeout 100 vc-probe reflect --key-file k \
		--ready=ready rtp://10.77.0.2:0 2>reflect.err 3>&- &
	pids+=("$!")
	read -r _ url <ready
}
