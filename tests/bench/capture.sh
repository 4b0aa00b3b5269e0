#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A capture of RTP of 20 sources, 186 octets each, read by vc-recv (and by
# vc-recv and vc-probe for the figures), beside tshark's -z rtp,streams. CPU
# seconds.
set -eu

packets=${BENCH_PACKETS:-1000000} rounds=${BENCH_ROUNDS:-3}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

python3 - "$packets" >call.pcap <<'END'
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

ours() { vc-recv call.pcap >/dev/null; }
both() { vc-recv call.pcap | vc-probe --json >probe.json; }
peer()
{
	tshark -n -r call.pcap -o rtp.heuristic_rtp:TRUE -q -z rtp,streams \
		>tshark.txt 2>/dev/null
}

# CPU seconds of one run.
spent()
{
	TIMEFORMAT='%U %S'
	{ time "$1" 2>errors; } 2>&1 | awk 'END { print $1 + $2 }'
}

for ((i = 0; i < rounds; i++)); do
	spent ours >>ours.txt
	spent both >>both.txt
	spent peer >>peer.txt
done
# Both have seen all of it.
[ "$(jq '[.sources[].net.received] | add' probe.json)" -eq "$packets" ]
[ "$(grep -c '0x0000' tshark.txt)" -eq 20 ]

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

for what in ours both; do
	awk -v a="$(median $what.txt)" -v b="$(median peer.txt)" -v n="$packets" \
		-v what=$what 'BEGIN {
		name = what == "ours" ? "vc-recv" : "vc-recv | vc-probe"
		printf "{\"bench\":\"read a capture, %s\",\"value\":%.3f," \
			"\"unit\":\"CPU us/packet\",\"peer\":\"tshark -z " \
			"rtp,streams\",\"peer_value\":%.3f,\"ratio\":%.3f}\n",
			name, a * 1e6 / n, b * 1e6 / n, a / b
		printf "\nread %d packets, CPU s: %s %.2f, tshark %.2f\n",
			n, name, a, b >"/dev/stderr"
	}'
done
