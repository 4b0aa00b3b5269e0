# SPDX-License-Identifier: MIT
#
# What measurements of vc-mix share: a folder to work in, recorded people, rooms
# of them, CPU time, the middle of several runs, and a line for a result.
#
# shellcheck shell=bash

bench=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
: "${VC_BUILD:=$bench/build}"
[[ $VC_BUILD = /* ]] || VC_BUILD=$bench/$VC_BUILD
export PATH="$VC_BUILD/bin:$VC_BUILD/tests/bench:$PATH"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1

# people N SECONDS WxH FPS RATE: p1.vcrtp to pN.vcrtp, and in[] names them all.
people()
{
	local i

	in=()
	for ((i = 1; i <= $1; i++)); do
		in+=("p$i=p$i.vcrtp")
		vc-capture --virtual -t "$2s" --size "$3" --fps "$4" \
			--vbitrate "$5" --name "p$i" --cname "p$i" \
			-o "p$i.vcrtp" test:
	done
}

# room PEOPLE TALKERS SECONDS: room.PEOPLE.TALKERS, sound only. All who are silent
# send alike: one is recorded.
room()
{
	local plan='' i recorded=$(($1 > $2 ? $2 + 1 : $1))

	for ((i = 1; i <= $2; i++)); do
		plan+="p$i=0s- "
	done
	vc-capture --virtual -t "$3s" --video none --people "$recorded" \
		--talk "$plan" -o recorded test:
	if [ "$1" -gt "$recorded" ]; then
		streamedit crowd $(($1 - recorded)) <recorded >"room.$1.$2"
	else
		mv recorded "room.$1.$2"
	fi
}

# "CPU WALL" in seconds of a command, whose output and errors are files.
spent()
{
	TIMEFORMAT='%U %S %R'
	{ time "$@" >output 2>errors; } 2>&1 | awk 'END { print $1 + $2, $3 }'
	[ "${PIPESTATUS[0]}" -eq 0 ] || {
		cat errors >&2
		return 1
	}
}

# The middle one of column $1 of file $2.
median()
{
	awk -v c="$1" '{ print $c }' "$2" | sort -n |
		awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# tell WHAT VALUE UNIT PEER ITS_VALUE [GOAL]: the ratio is to be GOAL or less.
tell()
{
	awk -v what="$1" -v v="$2" -v unit="$3" -v peer="$4" -v p="$5" \
		-v goal="${6-}" 'BEGIN {
		r = p > 0 ? v / p : 0
		printf "{\"bench\":\"%s\",\"value\":%.3f,\"unit\":\"%s\"," \
			"\"peer\":\"%s\",\"peer_value\":%.3f," \
			"\"ratio\":%.3f%s}\n", what, v, unit, peer, p, r,
			goal == "" ? "" : ",\"goal\":" goal
		printf "%-42s %8.2f %-12s %-24s %8.2f  ratio %.2f%s\n", what,
			v, unit, peer, p, r,
			goal == "" ? "" : ", goal " goal >"/dev/stderr"
	}'
}
