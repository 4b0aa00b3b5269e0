#!/bin/bash
# SPDX-License-Identifier: MIT
#
# 60 people in a room, live, all of whom receive: vc-recv, vc-mix and vc-send
# beside Janus AudioBridge, in turn, from the same packets of the same sockets,
# which come spread over 20 ms. Opus at 48 kHz and 32 kbit/s to the room and
# 48 from it; all packets have their level (RFC 6464). Both encode with
# complexity 4, the default of Janus.
# 3 talk, then all, of whom vc-mix mixes the three loudest unless told otherwise.
# Per cents of a core. What all got is counted, and one of them listens.
#
# Environment: BENCH_SECONDS (10), BENCH_ROUNDS (3), BENCH_PEOPLE (60).
set -eu
. "${BASH_SOURCE[0]%/*}/mixbench.bash"
# shellcheck source=tests/interop/heavy/janus.bash
. "$bench/tests/interop/heavy/janus.bash"

seconds=${BENCH_SECONDS:-10} rounds=${BENCH_ROUNDS:-3} people=${BENCH_PEOPLE:-60}
warm=4
ulimit -n 4096
command -v janus >/dev/null || {
	echo "room_janus: Janus is not installed: tests/deps.sh bench" >&2
	exit 1
}

pids=()
trap 'kill "${pids[@]}" 2>/dev/null || :; rm -rf "$tmp"' EXIT

# Those who send and receive wait for ports and process ids; $own are their ports.
load()
{
	mkfifo targets own
	roomload "$people" "$warm" "$seconds" "$people" heard.vcrtp \
		<targets >own &
	pids+=("$!")
	exec 5>targets 6<own
	read -r input own <&6
}

# run FILE PIDS: they send it; $result is what they counted.
run()
{
	local file=$1

	shift
	echo "$@" 0 >&5
	exec 5>&-
	vc-send -q -i "$file" "rtp://127.0.0.1:$input" &
	pids+=("$!")
	read -r result <&6
	exec 6<&-
}

finish()
{
	kill "${pids[@]}" 2>/dev/null || :
	wait "${pids[@]}" 2>/dev/null || :
	pids=()
}

# Janus: peer FILE.
peer()
{
	local port i=0

	load
	start_janus
	pids+=("$janus" "$speaker")
	ask attach room audiobridge
	ask room '{ "request": "create", "room": 9, "sampling_rate": 48000,
		"audiolevel_ext": true, "default_bitrate": 48000,
		"allow_rtp_participants": true }'
	for port in $own; do
		i=$((i + 1))
		ask attach "p$i" audiobridge
		ask "p$i" '{ "request": "join", "room": 9, "display": "p'$i'",
			"quality": 4, "rtp": { "ip": "127.0.0.1",
			"port": '"$port"', "payload_type": 111,
			"audiolevel_ext": 1 } }'
		said .rtp.port >&5
	done
	run "$1" "$janus"
	finish
	exec 7>&- 8<&-
}

# A command that leaves its process id.
one()
{
	echo "$BASHPID" >>made
	exec "$@"
}

# ours FILE, and options of vc-mix.
ours()
{
	local file=$1 port i=0 in=() made

	shift
	load
	for port in $own; do
		i=$((i + 1))
		in+=("p$i=rtp://127.0.0.1:0")
		echo "p$i=rtp://127.0.0.1:$port" >>places
	done
	mkfifo ready
	: >made
	one vc-recv -q --ready=ready "${in[@]}" |
		one vc-mix -q --policy symmetric --video=off --complexity 4 \
			"$@" |
		one vc-send -q --dest-file places &
	sed -n 's/^ready .*://p' ready >&5
	until [ "$(wc -l <made)" -eq 3 ]; do :; done
	mapfile -t made < <(sort -n made)
	pids+=("${made[@]}")
	run "$file" "${made[@]}"
	finish
}

# What it takes at least: bare FILE.
bare()
{
	local it port ports

	load
	# shellcheck disable=SC2086 # a word each
	exec 9< <(exec bareroom $own)
	it=$!
	pids+=("$it")
	read -r ports <&9
	for port in $ports; do
		echo "$port" >&5
	done
	run "$1" "$it"
	finish
}

# of KIND FILE ...: a round in a folder of its own; what it took to KIND.txt, in
# per cents of a core.
of()
{
	local kind=$1

	shift
	mkdir round
	cd round
	"$@"
	cd ..
	jq -r '(.cpu_s | add) / .seconds * 100' <<<"$result" >>"$kind.txt"
	echo "$kind: $result" >&2
	# Everybody got the room's 50 packets a second; a busy machine costs a few.
	jq -e --argjson n "$people" '.people == $n and .lost == 0 and
		.least >= 47 * .seconds' <<<"$result" >/dev/null || {
		echo "room_janus: $kind: not all was done" >&2
		exit 1
	}
	mv round/heard.vcrtp "$kind.vcrtp"
	rm -rf round
}

for talk in 3 "$people"; do
	plan=
	for ((i = 1; i <= talk; i++)); do
		plan+="p$i=0s- "
	done
	vc-capture --virtual -t $((seconds + warm + 3))s --video none \
		--complexity 4 --people "$people" --talk "$plan" \
		-o "room.$talk" test:
done

heard=(-e 'heard[p1]>60%' -e 'heard[p2]>60%' -e 'heard[p3]>60%')
for ((i = 0; i < rounds; i++)); do
	of ours.3 ours ../room.3
	of peer.3 peer ../room.3
	of bare.3 bare ../room.3
	for kind in ours peer; do
		vc-probe "${heard[@]}" "$kind.3.vcrtp" >probe || {
			cat probe >&2
			exit 1
		}
	done
	of ours.all ours "../room.$people"
	of peer.all peer "../room.$people"
	of whole.all ours "../room.$people" --talkers "$people"
done

name="Janus AudioBridge"
tell "room of $people, 3 talk" "$(median 1 ours.3.txt)" "% of a core" \
	"$name" "$(median 1 peer.3.txt)" 0.125
tell "room of $people, 3 talk, bare libopus" "$(median 1 bare.3.txt)" \
	"% of a core" "$name" "$(median 1 peer.3.txt)"
tell "room of $people, 3 talk" "$(median 1 ours.3.txt)" "% of a core" \
	"bare libopus and sockets" "$(median 1 bare.3.txt)"
tell "room of $people, all talk, 3 are mixed" "$(median 1 ours.all.txt)" \
	"% of a core" "$name" "$(median 1 peer.all.txt)" 1
tell "room of $people, all talk, all are mixed" "$(median 1 whole.all.txt)" \
	"% of a core" "$name" "$(median 1 peer.all.txt)" 1
