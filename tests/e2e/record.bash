# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What those who look at recordings share: what other programs say of a file.

here=$(realpath "${BASH_SOURCE[0]%/*}")
load "$here/../common"

# vcframes.py is there for those that are written in place.
export PYTHONPATH=$here

# times KIND FILE: "START END" of its packets in milliseconds; the last one
# lasts as long as the file says, else as long as the one before.
times()
{
	ffprobe -v error -select_streams "$1" -show_entries \
		packet=pts_time,duration_time -of csv=p=0 "$2" |
		awk -F , '
		NR == 1 { first = $1 }
		{ step = $1 - last; last = $1; d = $2 }
		END { print int(first * 1000), \
			int((last + (d > 0 ? d : step)) * 1000 + 0.5) }'
}

# The names of the tracks, in order.
titles()
{
	ffprobe -v error -show_entries stream_tags=title -of csv=p=0 "$1" |
		tr '\n' ' '
}

duration()
{
	ffprobe -v error -show_entries format=duration -of csv=p=0 "$1"
}

# Nothing to complain about for somebody who decodes it all.
is_sound()
{
	run ffmpeg -nostdin -v error -i "$1" -map 0 -f null -
	assert_success
	refute_output
}

# between LOW VALUE HIGH
between()
{
	echo "$2, which should be $1 to $3"
	[ "$1" -le "$2" ] && [ "$2" -le "$3" ]
}

# units FILE...: of each track, one after the other: when since the epoch, in
# milliseconds, and a sum of what is in it; the files one after the other.
units()
{
	local f
	for f; do
		ffprobe -v error -show_data_hash md5 -show_entries \
			packet=stream_index,pts_time,data_hash -of csv=p=0 "$f" |
			awk -F , -v at="$(jq .begin_ms "$f.json")" '
			{ printf "%s %.0f %s\n", $1, $2 * 1000 + at, $3 }'
	done | sort -s -n -k 1,1
}

# "CODEC PACKETS" of each track, in order.
tracks()
{
	ffprobe -v error -count_packets -show_entries \
		stream=codec_name,nb_read_packets -of csv=p=0 "$1" | tr , ' '
}

# rtp: the RTP packets of a stream, a sum of those of each source.
rtp()
{
	python3 -c '
import hashlib, sys
from vcframes import frames, is_rtp
sums = {}
for p in filter(is_rtp, frames(sys.stdin.buffer.read())):
    s = sums.setdefault(p[8:12], [0, hashlib.sha256()])
    s[0] += 1
    s[1].update(p)
for ssrc in sorted(sums):
    print(ssrc.hex(), sums[ssrc][0], sums[ssrc][1].hexdigest())'
}

# GStreamer decodes its (first) track to the end, without a word. Its decodebin
# sometimes waits for ever where it has several and one is read only.
gst_plays()
{
	local demux=

	[[ $1 != *.mkv && $1 != *.webm ]] || demux='matroskademux !'
	# shellcheck disable=SC2086 # it is two words or none
	run timeout 60 gst-launch-1.0 -q filesrc location="$1" ! $demux \
		decodebin ! fakesink
	assert_success
	refute_output
}

# Lets vc-record write FILE, with further OPTIONs, from a stream that does not
# end, and kills it once its statistics say JQ.
killed()
{
	local stream=$1 file=$2 jq=$3 line

	shift 3
	mkfifo pipe stats
	exec 4<>pipe 5<>stats
	cat "$stream" >&4 4>&- 5>&- 3>&- &
	pids+=($!)
	vc-record --stats=stats --stats-interval 100ms -i pipe "$@" "$file" \
		4>&- 5>&- 3>&- &
	pid=$!
	pids+=("$pid")
	while read -r -u 5 line; do
		[ "$(jq "$jq" <<<"$line")" != true ] || break
	done
	kill -KILL "$pid"
	wait "$pid" || :
	exec 4>&- 5>&-
	rm -f pipe stats
}
