#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a stream of 3,000 packets a second loses while 30,000 a second come that
# nobody should send: broken, forged, of SSRCs without end. In turn with and
# without them, for 5 s each. And how much memory they cost.
set -eu
cd "$(dirname "$0")/../.."
: "${VC_BUILD:=build}"
[[ $VC_BUILD = /* ]] || VC_BUILD=$PWD/$VC_BUILD
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }

round()
{
	local foreign=$1 pid url before grown sent

	mkfifo "$dir/ready"
	vc-recv -q --ready="$dir/ready" --stats="$dir/stats" -o "$dir/got" \
		rtp://127.0.0.1:0 &
	pid=$!
	read -r _ url <"$dir/ready"
	before=$(rss_kb "$pid")
	read -r sent _ < <("$VC_BUILD/tests/bench/floodsend" "${url##*:}" 5 \
		3000 "$foreign" "$2")
	grown=$(($(rss_kb "$pid") - before))
	kill "$pid"
	wait "$pid"
	grep '"ended"' "$dir/stats" | jq -c --argjson sent "$sent" \
		--argjson foreign "$foreign" --argjson grown "$grown" '
		([.sources[] | select(.ssrc == 287454020).received] | add) as $n
		| { bench: "flood", foreign: $foreign, unit: "% lost",
		value: (($sent - ($n // 0)) * 10000 / $sent | round / 100),
		overflow: .recv.overflow, grown_kb: $grown }'
	rm -f "$dir"/*
}

for seed in 1 2 3; do
	round 0 $seed
	round 30000 $seed
done | tee "$dir.all"
jq -rs '["foreign a second", "% lost", "memory, kB"],
	(.[] | [.foreign, .value, .grown_kb]) | @tsv' "$dir.all" |
	column -ts $'\t' >&2
rm -f "$dir.all"
