#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a room costs. On the virtual clock, vc-mix --minus-one alone: with people
# (3 talk, the others are silent and send next to nothing), and with talkers (of
# 60, all mixed). Live: a thousand in a room, three of whom talk, through vc-recv,
# vc-mix and vc-send to a thousand places: all three together, in parts of a core,
# and packets that were lost. The table: per cents of a core.
set -eu

seconds=${BENCH_SECONDS:-20}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
ulimit -n 4096

# room PEOPLE TALKERS: a stream of those.
room()
{
	local plan='' i

	for ((i = 1; i <= $2; i++)); do
		plan+="p$i=0s- "
	done
	vc-capture --virtual -t "${seconds}s" --video none --people "$1" \
		--talk "$plan" -o "room.$1.$2" test:
}

# Per cents of a core of vc-mix: room.PEOPLE.TALKERS, options.
cost()
{
	local file=$1

	shift
	TIMEFORMAT='%U %S'
	{ time vc-mix --video=off --minus-one "$@" "$file" >/dev/null \
		2>errors; } 2>&1 |
		awk -v s="$seconds" 'END { printf "%.2f\n", ($1 + $2) / s * 100 }'
}

say()
{
	printf '{"bench":"%s","value":%s,"unit":"%% of a core"}\n' "$1" "$2"
	printf '%-44s %8s\n' "$1" "$2" >&2
}

for people in 3 10 30 100 300 1000; do
	room "$people" 3
	say "room of $people, 3 talk" "$(cost "room.$people.3")"
done
for talkers in 1 3 10 30 60; do
	room 60 "$talkers"
	say "room of 60, $talkers talk and are mixed" \
		"$(cost "room.60.$talkers" --talkers "$talkers")"
done
say "room of 60, 60 talk, 3 are mixed" "$(cost room.60.60)"

# --- live ---

# A port that takes what comes, and never answers.
cat >sink.py <<-'END'
	import socket, sys, time
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
	s.bind(("127.0.0.1", 0))
	print(s.getsockname()[1], flush=True)
	time.sleep(600)
END
python3 sink.py >sink &
pids=$!
until [ -s sink ]; do :; done
for ((i = 0; i < 1000; i++)); do
	echo "to$i=rtp://127.0.0.1:$(cat sink)"
done >places
mkfifo one two
TIMEFORMAT='%U %S'
{ time vc-recv -q --ready=ready --stats=st.recv rtp://127.0.0.1:0 >one; } \
	2>t.recv &
recv=$!
{ time vc-mix -q --video=off --minus-one one >two; } 2>t.mix &
{ time vc-send -q --stats=st.send --dest-file places -i two; } 2>t.send &
send=$!
until [ -s ready ]; do :; done
vc-send -q -i room.1000.3 --stats=st.load \
	"$(sed 's/^ready //' ready)"
pkill -TERM -P "$recv" vc-recv
wait "$send" "$recv" || :
kill "$pids"
total=$(awk '{ s += $1 + $2 } END { print s }' t.recv t.mix t.send)
awk -v s="$total" -v t="$seconds" 'BEGIN { printf "%.1f\n", s / t * 100 }' >percent
say "1,000 in a room, live: recv, mix, send" "$(cat percent)"
jq -sr --slurpfile send st.send --slurpfile load st.load '
	"packets: \($load | last | .destinations[0].packets) to the room, " +
	"\(last.recv.datagrams) of them received, " +
	"\(last.out.dropped_reader) dropped before the mixer; " +
	"\([$send | last | .destinations[].packets] | add) from the room, " +
	"\([$send | last | .destinations[].dropped] | add) dropped"' \
	st.recv >&2
