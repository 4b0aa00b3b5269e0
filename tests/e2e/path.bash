# shellcheck shell=bash
# shellcheck disable=SC2034 # for those who load it
# SPDX-License-Identifier: MIT
#
# Far ends of vc-probe path, and what may lie between.

load ../common

setup()
{
	begin
	near=vc-near-$$ far=vc-far-$$
	(umask 077 && vc-send --new-key >k)
}

teardown()
{
	kill_all
	ip netns del "$near" 2>/dev/null || :
	ip netns del "$far" 2>/dev/null || :
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

# Two network namespaces, and a cable between them.
lay_cable()
{
	ip netns add "$near"
	ip netns add "$far"
	ip -n "$near" link add cable type veth peer name cable netns "$far"
	ip -n "$near" link set cable up
	ip -n "$far" link set cable up
	ip -n "$near" address add 10.78.0.1/24 dev cable
	ip -n "$far" address add 10.78.0.2/24 dev cable
	mkfifo ready
	ip netns exec "$far" timeout 100 vc-probe reflect --key-file k \
		--ready=ready rtp://10.78.0.2:0 2>reflect.err 3>&- &
	pids+=("$!")
	read -r _ url <ready
}
