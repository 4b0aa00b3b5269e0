#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A thousand in a room, live, who all come at once; three talk, and all receive:
# vc-recv, vc-mix and vc-send to a thousand places, all three together, in per
# cents of a core, and every packet that was lost on the way.
#
# Environment: BENCH_SECONDS of conference (20).
set -eu
. "${BASH_SOURCE[0]%/*}/mixbench.bash"

seconds=${BENCH_SECONDS:-20} people=1000
ulimit -n 4096
room "$people" 3 "$seconds"

# A port that takes what comes, and never answers.
cat >sink.py <<-'END'
	import socket, sys, time
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
	s.bind(("127.0.0.1", 0))
	print(s.getsockname()[1], flush=True)
	time.sleep(600)
END
mkfifo sink one two ready
python3 sink.py >sink &
sink=$!
read -r port <sink
for ((i = 0; i < people; i++)); do
	echo "to$i=rtp://127.0.0.1:$port"
done >places

TIMEFORMAT='%U %S'
{ time vc-recv -q --ready=ready --stats=st.recv rtp://127.0.0.1:0 >one; } \
	2>t.recv &
recv=$!
{ time vc-mix -q --stats=st.mix --video=off --minus-one one >two; } 2>t.mix &
mix=$!
{ time vc-send -q --stats=st.send --dest-file places -i two; } 2>t.send &
send=$!
read -r _ input <ready
vc-send -q -i "room.$people.3" --stats=st.load "$input"
pkill -TERM -P "$recv" vc-recv
wait "$recv" "$mix" "$send" || :
kill "$sink"

percent=$(awk -v s="$seconds" '{ sum += $1 + $2 } END { print sum / s * 100 }' \
	t.recv t.mix t.send)
jq -nr --slurpfile load st.load --slurpfile recv st.recv --slurpfile mix st.mix \
	--slurpfile send st.send '
	def sum(f): [.[] | f] | add;
	($load[-1].destinations | sum(.packets)) as $in |
	($send[-1].destinations | sum(.packets)) as $out |
	{ "not received": ($in - $recv[-1].recv.datagrams),
	  "not read by the mixer": $recv[-1].out.dropped_reader,
	  "too late for it": $mix[-1].in.lag,
	  "not read by vc-send": $mix[-1].out.dropped_reader,
	  "not sent": ($send[-1].destinations | sum(.dropped)) } |
	"\(add) \($in + $out)",
	([to_entries[] | "\(.value) \(.key)"] | join(", "))' >losses
read -r lost sent <losses
tell "1,000 in a room, 3 talk, live" "$percent" "%" "a core" 100 0.3
tell "packets of it that were lost" "$lost" packets "of all" "$sent" 0
tail -n 1 losses >&2
