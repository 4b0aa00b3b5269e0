#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What stays lost after repair, in percent, and the longest gap in packets: by
# NACK, by FEC (sound: RED), by both; random losses and bursts of four. First
# on a simulated clock, the same on every run (losstable.c); then vc-send, a
# relay that loses as much both ways, and vc-recv, which play for 12 s.
set -eu
cd "$(dirname "$0")/../.."
: "${VC_BUILD:=build}"
[[ $VC_BUILD = /* ]] || VC_BUILD=$PWD/$VC_BUILD
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

table()
{
	jq -rs 'group_by([.kind, .loss, .bursts, .rtt_ms])[] |
		. as $rows | .[0] | [.kind, "\(.loss) %",
		if .bursts then "bursts" else "random" end, "\(.rtt_ms) ms"] +
		[("none", "nack", "fec", "both") as $how | $rows[] |
		select(.repair == $how) | "\(.residual)" +
		if .longest then " (\(.longest))" else "" end] | @tsv' |
		{
			printf 'media\tloss\t\tround trip\tnone\tNACK\tFEC\tboth\n'
			cat
		} | column -ts $'\t'
}

# The most packets in a row that each source of stream $1 lacks.
longest()
{
	vc-probe --packets=json "$1" | jq -sc 'map(select(.type == "rtp")) |
		group_by(.ssrc) | map({ key: "\(.[0].ssrc)", value: (
		(first.seq) as $first |
		map((.seq - $first + 98304) % 65536) | unique |
		[., .[1:]] | transpose | map(select(.[1]) |
		.[1] - .[0] - 1) | max) }) | from_entries'
}

# One way of repair through a relay: its lines on stdout.
relayed()
{
	local loss=$1 bursts=$2 rtt=$3 how=$4 d=$dir/$1.$2.$3.$4 fb=rr to url relay
	local send=()

	mkdir "$d"
	mkfifo "$d/recv" "$d/relay"
	case $how in
	nack | both) fb=rr,nack,pli ;;
	esac
	case $how in
	fec | both) send=(--fec auto --red 2) ;;
	esac
	[ "$bursts" = false ] && loss=$loss% || loss=$loss%:burst=4
	vc-recv --ready="$d/recv" --idle-timeout 2s --feedback="$fb" \
		rtp://127.0.0.1:0 >"$d/got" &
	read -r _ to <"$d/recv"
	vc-impair --ready="$d/relay" -q --seed 5 "loss=$loss" \
		delay=$((rtt / 2))ms udp://127.0.0.1:0 "udp://${to#*://}" &
	relay=$!
	read -r _ url <"$d/relay"
	vc-send -q --seed 6 -i "$dir/clip" "${send[@]}" "$url"
	wait %1
	kill "$relay"
	vc-probe --json "$d/got" | jq -c --argjson loss "$1" \
		--argjson longest "$(longest "$d/got")" \
		--argjson bursts "$bursts" --argjson rtt "$rtt" \
		--arg how "$how" '.sources[] | { bench: "loss-relay", kind,
		$loss, $bursts, rtt_ms: $rtt, repair: $how,
		residual: (.media.loss * 100000 | round / 1000),
		longest: $longest["\(.ssrc)"] }'
}

"$VC_BUILD/tests/bench/losstable" | tee "$dir/sim"
table <"$dir/sim" >&2
vc-capture --virtual -t 12s --seed 2 --size 320x180 --fps 25 test: >"$dir/clip"
for loss in 1 5 10 20; do
	for rtt in 50 200; do
		pids=()
		for way in {false,true}.{none,nack,fec,both}; do
			relayed $loss "${way%.*}" $rtt "${way#*.}" \
				>"$dir/out.$loss.$rtt.$way" &
			pids+=("$!")
		done
		wait "${pids[@]}"
	done
done
cat "$dir"/out.* | tee "$dir/relay"
table <"$dir/relay" >&2
