#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A capture of RTP of 20 sources, 186 octets each, measured by vc-probe beside
# tshark's -z rtp,streams, in turns on the same warm file: CPU seconds, and what
# is resident at most, of one file and of one four times as long. Then what
# `vc-probe --pass` costs beyond the same stream read and passed on by the same
# means without measuring (barepass), and beyond cat.
set -eu

packets=${BENCH_PACKETS:-1000000} rounds=${BENCH_ROUNDS:-3}
tmp=$(mktemp -d)
: "${VC_BUILD:=build}"
[[ $VC_BUILD = /* ]] || VC_BUILD=$PWD/$VC_BUILD
export PATH="$VC_BUILD/bin:$VC_BUILD/tests/bench:$PATH"
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

# Packets $1 in all.
capture()
{
	python3 - "$1" <<'END'
import struct, sys
out = sys.stdout.buffer
out.write(struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 101))
for i in range(int(sys.argv[1])):
    t = 1700000000 * 10**9 + i // 20 * 20000000 + i % 20 * 100000
    n, s = i // 20, i % 20
    out.write(struct.pack("<IIII", t // 10**9, t % 10**9, 226, 226) +
              struct.pack(">BBHHHBBH4s4sHHHH", 0x45, 0, 226, 0, 0, 64, 17, 0,
                          b"\x0a\0\0\1", b"\x0a\0\0\2", 4000 + 2 * s,
                          5000 + 2 * s, 206, 0) +
              struct.pack(">BBHII", 0x80, 0, n & 0xffff,
                          n * 160 & 0xffffffff, 0x1000 + s) + b"U" * 186)
END
}

ours() { vc-probe --json call.pcap >probe.json; }
peer()
{
	tshark -n -r call.pcap -o rtp.heuristic_rtp:TRUE -q -z rtp,streams \
		>tshark.txt 2>/dev/null
}
pass() { vc-probe --pass --report=/dev/null - < <(exec cat call.vcrtp) | cat >/dev/null; }
idle() { barepass - < <(exec cat call.vcrtp) | cat >/dev/null; }
bare() { cat < <(exec cat call.vcrtp) | cat >/dev/null; }

# CPU seconds of one run.
spent()
{
	TIMEFORMAT='%U %S'
	{ time "$1" 2>errors; } 2>&1 | awk 'END { print $1 + $2 }'
}
# KiB that were resident at most.
resident() { /usr/bin/env time -o kib -f %M vc-probe --json "$1" >probe.json && cat kib; }
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

capture "$packets" >call.pcap
for ((i = 0; i < rounds; i++)); do
	spent ours >>ours.txt
	spent peer >>peer.txt
done
# Both have seen all of it.
[ "$(jq .total.packets probe.json)" -eq "$packets" ]
[ "$(grep -c '0x0000' tshark.txt)" -eq 20 ]
awk -v a="$(median ours.txt)" -v b="$(median peer.txt)" -v n="$packets" 'BEGIN {
	printf "{\"bench\":\"measure a capture\",\"value\":%.3f," \
		"\"unit\":\"CPU us/packet\",\"peer\":\"tshark -z " \
		"rtp,streams\",\"peer_value\":%.3f,\"ratio\":%.4f}\n",
		a * 1e6 / n, b * 1e6 / n, a / b
	printf "\nread %d packets, CPU s: vc-probe %.2f, tshark %.2f: " \
		"%.1f times as fast, %.2f million packets/s\n",
		n, a, b, b / a, n / a / 1e6 >"/dev/stderr"
}'

short=$(resident call.pcap)
capture $((4 * packets)) >long.pcap
long=$(resident long.pcap)
rm long.pcap
echo "{\"bench\":\"measure a capture, resident\",\"value\":$long," \
	"\"unit\":\"KiB\",\"peer\":\"a quarter of it\",\"peer_value\":$short}"
echo "resident: $short KiB, of a file four times as long $long KiB" >&2

vc-recv -q call.pcap >call.vcrtp
for ((i = 0; i < rounds; i++)); do
	spent pass >>pass.txt
	spent idle >>idle.txt
	spent bare >>bare.txt
done
awk -v a="$(median pass.txt)" -v b="$(median idle.txt)" \
	-v c="$(median bare.txt)" -v n="$packets" 'BEGIN {
	printf "{\"bench\":\"what vc-probe --pass measures\"," \
		"\"value\":%.3f,\"unit\":\"CPU us/packet\"}\n", (a - b) * 1e6 / n
	printf "{\"bench\":\"vc-probe --pass beyond cat\"," \
		"\"value\":%.3f,\"unit\":\"CPU us/packet\"}\n", (a - c) * 1e6 / n
	printf "--pass: measuring takes %.0f ns a packet, all beyond cat %.0f\n",
		(a - b) * 1e9 / n, (a - c) * 1e9 / n >"/dev/stderr"
}'
