#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Three people meet over one bridge. Everyone hears the other two and sees a
# grid of all; what each received is recorded, and judged by measurement: the
# voices of the test signal are looked for in each mix. Leaves recordings and a
# contact sheet in $VC_DEMO_OUT (default ./vc-demo); exits 0 only if every
# expectation held.
#
#   conference.sh                   over UDP on loopback, about 20 s
#   VC_DEMO=virtual conference.sh   through pipes, on the virtual clock; prints
#                                   a checksum that is the same on every run
set -euo pipefail
type vc-{capture,mix,play,probe,record,recv,send} >/dev/null

people=(alice bob carol)
all=alice,bob,carol
t=${VC_DEMO_TIME:-15s}
size=${VC_DEMO_SIZE:-640x360}  # of each
grid=${VC_DEMO_GRID:-1280x720} # of all
out=${VC_DEMO_OUT:-vc-demo}
mkdir -p "$out"
rm -f "$out"/{alice,bob,carol}.{webm,vcrtp,json} "$out/sheet.png"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# What must hold in the stream that $1 gets.
expect()
{
	local p

	for p in "${people[@]}"; do
		if [ "$p" = "$1" ]; then
			printf '%s\n' --expect "heard[$p]<5%"
		else
			printf '%s\n' --expect "heard[$p]>80%"
		fi
	done
	printf '%s\n' --expect 'media.loss<1%' --expect 'audio.mos_lq>4' \
		--expect 'video.fps>20'
}

# Judges and records what $1 gets, from stdin. What follows $1 is for both.
ear()
{
	local who=$1 rules

	shift
	mapfile -t rules < <(expect "$who")
	vc-probe "$@" --pass --json --report="$out/$who.json" --heard "$all" \
		"${rules[@]}" | vc-record -q "$@" "$out/$who.webm" \
		"$out/$who.vcrtp" >/dev/null
}

live()
{
	local p url urls=()
	local -A at ears

	# Ears first, each on a port that the kernel chooses.
	for p in "${people[@]}"; do
		mkfifo "$tmp/$p"
		vc-recv --ready="$tmp/$p" --stop-on bye --wait 20s \
			rtp://127.0.0.1:0 | ear "$p" &
		ears[$p]=$!
		read -r _ url <"$tmp/$p"
		urls+=("$p=$url")
	done

	# The bridge, with a port for each, so that who it is is known.
	mkfifo "$tmp/bridge"
	vc-recv --ready="$tmp/bridge" --stop-on bye --wait 20s \
		"${people[@]/%/=rtp://127.0.0.1:0}" |
		vc-mix --minus-one --size "$grid" | vc-send "${urls[@]}" &
	for p in "${people[@]}"; do
		read -r _ "at[$p]"
	done <"$tmp/bridge"

	# And the people.
	for p in "${people[@]}"; do
		vc-capture -t "$t" --name "$p" --cname "$p" --size "$size" \
			test: |
			vc-send "${at[$p]}" &
	done

	for p in "${people[@]}"; do
		wait "${ears[$p]}" || failed=1
	done
	wait
}

virtual()
{
	local p outs=() listeners=()

	for p in "${people[@]}"; do
		mkfifo "$tmp/$p"
		outs+=(-o "$tmp/$p")
		ear "$p" --as "$p" <"$tmp/$p" &
		listeners+=($!)
	done
	for p in "${people[@]}"; do
		mkfifo "$tmp/$p.talk"
		vc-capture --virtual -t "$t" --seed 1 --name "$p" \
			--cname "$p" --size "$size" test: >"$tmp/$p.talk" &
	done
	vc-mix --minus-one --size "$grid" --seed 1 "${outs[@]}" -o - \
		alice="$tmp/alice.talk" bob="$tmp/bob.talk" \
		carol="$tmp/carol.talk" | sha256sum | cut -d ' ' -f 1 \
		>"$tmp/sum"
	for p in "${listeners[@]}"; do
		wait "$p" || failed=1
	done
	wait
	echo "checksum $(cat "$tmp/sum")"
}

failed=0
if [ "${VC_DEMO:-live}" = virtual ]; then
	virtual
else
	live
fi

# Who heard whom, as measured, and how good it was.
for p in "${people[@]}"; do
	jq -r --arg who "$p" '
		def pct: if . == null then "-" else "\(. * 100 | round)%" end;
		(.sources[] | select(.kind == "audio")) as $a |
		(.sources[] | select(.kind == "video")) as $v |
		"\($who) heard " + ([$a.heard | to_entries[] |
			"\(.key) \(.value | pct)"] | join(", ")) +
		"; loss \($a.media.loss | pct) MOS \($a.mos_lq * 100 | round /
			100), \($v.fps | round) frames/s"' "$out/$p.json"
done

vc-play --sheet "$out/sheet.png" --size 320x180 --columns 5 \
	--title "Three people over one bridge: what each of them saw" \
	alice="$out/alice.vcrtp" \
	bob="$out/bob.vcrtp" carol="$out/carol.vcrtp"
ls "$out"/*.webm "$out/sheet.png"
if [ "$failed" -ne 0 ]; then
	echo "an expectation failed" >&2
	exit 3
fi
