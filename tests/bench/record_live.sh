#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Fifty people with a camera (640x360 at 30 frames/s) and a microphone, 1 Mbit/s
# each, live over loopback, recorded into a WebM file of each: vc-recv and
# vc-record beside one gst-launch-1.0, for each a jitter buffer and a depayloader
# into webmmux, from the same packets, in turn. Per cents of a core, and packets
# that were lost.
#
# Environment: BENCH_PEOPLE (50), BENCH_SECONDS (10), BENCH_ROUNDS (3).
set -eu
. "${BASH_SOURCE[0]%/*}/mixbench.bash"

people=${BENCH_PEOPLE:-50} seconds=${BENCH_SECONDS:-10}
rounds=${BENCH_ROUNDS:-3} warm=4
ulimit -n 4096

vc-capture --virtual -t $((warm + seconds + 2))s --size 640x360 --fps 30 \
	--vbitrate 950k --name p --cname p -o p.vcrtp test:

# A command that leaves its process id.
one()
{
	echo "$BASHPID" >>made
	exec "$@"
}

# load NUMBER TO_ONE: waits for so many processes and for the ports, and sends.
load()
{
	local port awaited=()

	until [ -s made ] && [ "$(wc -l <made)" -eq "$1" ]; do sleep 0.1; done
	for ((port = 0; port < ${#ports[@]}; port += 1 + $2)); do
		awaited+=("$(printf ':%04X ' "${ports[port]}")")
	done
	until [ "$(grep -cFf <(printf '%s\n' "${awaited[@]}") /proc/net/udp)" \
		-ge "${#awaited[@]}" ]; do sleep 0.1; done
	echo "$(sort -n made | tr '\n' ' ') 0 $2" >&5
	exec 5>&-
	read -r -a result <&6
	exec 6<&-
}

# round KIND: in a folder of its own; its CPU goes to KIND.txt.
round()
{
	local kind=$1 n

	rm -rf round
	mkdir round
	cd round
	mkfifo to from
	recordload ../p.vcrtp "$people" "$warm" "$seconds" <to >from &
	exec 5>to 6<from
	read -r -a ports <&6
	"$kind"
	n=${#result[@]}
	printf '%s\n' "${result[@]:0:n-1}" | awk -v s="$seconds" \
		'{ sum += $1 } END { print sum / s * 100 }' >>"../$kind.txt"
	[ "$(find . -name '*.webm' -size +100k | wc -l)" -eq "$people" ] || {
		echo "record_live: $kind: not all were recorded" >&2
		exit 1
	}
	cd ..
}

ours()
{
	local i in=()

	for ((i = 0; i < people; i++)); do
		in+=("p$i=rtp://127.0.0.1:${ports[2 * i]}")
	done
	one vc-recv -q --stats=st.recv "${in[@]}" |
		one vc-record -q --stats=st.record --ready=ready \
			--tracks=participant '{name}.webm' >/dev/null &
	# It reads from then on.
	until [ -e ready ]; do sleep 0.1; done
	load 2 1
	kill -TERM "$(sort -n made | head -n 1)" 2>/dev/null || :
	wait $! || :
	jq -s '.[-1].record | .packets, .lost' st.record | tr '\n' ' ' >counts
	echo "${result[-1]}" >>counts
	cat counts >>../counts
}

peer()
{
	local i words=()
	local v='application/x-rtp,media=video,clock-rate=90000,encoding-name=VP8,payload=96'
	local a='application/x-rtp,media=audio,clock-rate=48000,encoding-name=OPUS,payload=111'

	for ((i = 0; i < people; i++)); do
		words+=(webmmux name="m$i" ! filesink location="p$i.webm"
			udpsrc address=127.0.0.1 port="${ports[2 * i]}"
			caps="$v" ! rtpjitterbuffer ! rtpvp8depay ! queue !
			"m$i." udpsrc address=127.0.0.1
			port="${ports[2 * i + 1]}" caps="$a" !
			rtpjitterbuffer ! rtpopusdepay ! opusparse ! queue ! "m$i.")
	done
	one gst-launch-1.0 -q -e "${words[@]}" >gst.log 2>&1 &
	load 1 0
	kill -INT "$(cat made)" 2>/dev/null || :
	wait $! || :
	[ ! -s gst.log ] || cat gst.log >&2
}

for ((i = 0; i < rounds; i++)); do
	round ours
	round peer
done
tell "$people people, 1 Mbit/s each, a file each" "$(median 1 ours.txt)" \
	"% of a core" "gstreamer" "$(median 1 peer.txt)"
tell "$people people, 1 Mbit/s each, a file each" "$(median 1 ours.txt)" \
	"% of a core" allowed 25 1
tell "packets of it that were lost" \
	"$(awk '{ lost += $3 - $1 + $2 } END { print lost }' counts)" packets \
	"of all" "$(awk '{ sent += $3 } END { print sent }' counts)" 0
