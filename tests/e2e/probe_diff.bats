#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-probe diff gives back what was done to packets between two places.

# shellcheck disable=SC2016,SC2034,SC2154 # for bash -c; diff.bash; bats sets stderr
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load diff

# near.pcap and far.pcap: 2000 packets each way, one in 20 ms. From near to far
# 30 ms and up to 5 more, from far to near as much; far's clock is ahead by 3.7 s
# and runs 40 ppm fast. Upwards packets 100 to 104 and 500 are lost, 700 comes
# behind 703, 800 comes twice; three routers, and DSCP is lost.
two_sites()
{
	python3 - <<'END'
import struct
def udp(up, ttl, dscp, p):
    ends = [(b"\x0a\0\0\1", 4000), (b"\x0a\0\0\2", 5000)]
    (a, ap), (b, bp) = ends if up else ends[::-1]
    return struct.pack(">BBHHHBBH4s4sHHHH", 69, dscp << 2, 28 + len(p), 0, 0,
                       ttl, 17, 0, a, b, ap, bp, 8 + len(p), 0) + p
def rtp(ssrc, i):
    return struct.pack(">BBHII", 128, 0, (65000 + i) & 65535, i * 160, ssrc) + \
        struct.pack(">QQ", i * 7919 + ssrc, i) * 10
near, far = [], []
def clock(t):
    return int(t + 3.7e9 + t * 40e-6)
for i in range(2000):
    t = i * 20 * 10**6
    more = [0, 2, 5, 1][i % 4] * 10**6
    p = rtp(1, i)
    near.append((t, udp(True, 64, 46, p)))
    at = t + 30 * 10**6 + more
    if i == 700:
        at = 703 * 20 * 10**6 + 36 * 10**6
    if i not in (100, 101, 102, 103, 104, 500):
        far.append((clock(at), udp(True, 61, 0, p)))
    if i == 800:
        far.append((clock(at + 10**6), udp(True, 61, 0, p)))
    q = rtp(2, i)
    far.append((clock(t + 5 * 10**6), udp(False, 64, 46, q)))
    near.append((t + 35 * 10**6 + more, udp(False, 61, 46, q)))
for name, packets in ("near.pcap", near), ("far.pcap", far):
    with open(name, "wb") as f:
        f.write(struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 101))
        for t, p in sorted(packets, key=lambda x: x[0]):
            t += 1700000000 * 10**9
            f.write(struct.pack("<IIII", t // 10**9, t % 10**9, len(p), len(p))
                    + p)
END
}

diffs() { vc-probe diff --json "${@:2}" | jq -c "$1"; }

@test "on the virtual clock: what vc-impair did, to the packet and the nanosecond" {
	vc-capture --virtual -t 20s --seed 3 --size 320x180 test: >a.vcrtp
	vc-impair --seed 5 loss=5% delay=80ms <a.vcrtp >b.vcrtp
	n() { vc-probe --json "$1" | jq .total.packets; }
	lost=$(($(n a.vcrtp) - $(n b.vcrtp)))
	[ $lost -gt 100 ]
	run diffs '[.clocks.by, ([.sources[].diff.a_only] | add),
		(.sources[].diff | [.both + .a_only, .b_only, .reordered,
		.b_duplicates, .delay_ms.min, .delay_ms.max, .jitter_ms])]' \
		a.vcrtp b.vcrtp
	assert_output "[\"same\",$lost,\
$(vc-probe --json a.vcrtp | jq -c '.sources[] | [.packets, 0, 0, 0, 80, 80, 0]' |
	paste -sd,)]"
	# As a pipe, and compressed.
	want=$(diffs .sources a.vcrtp b.vcrtp)
	gzip -k b.vcrtp
	run diffs .sources a.vcrtp <(exec cat b.vcrtp.gz)
	assert_output "$want"
	# Nothing was done: nothing is found.
	run diffs '[.sources[].diff | .a_only + .b_only + .reordered +
		.delay_ms.max] | add' a.vcrtp a.vcrtp
	assert_output 0
	# Another way round it is all the same, with B first.
	run diffs '[.sources[] | .first, .diff.delay_ms.min, .diff.b_only > 0]' \
		b.vcrtp a.vcrtp
	assert_output '["b",80,true,"b",80,true]'
}

@test "duplicates and packets out of order are counted between the two" {
	vc-capture --virtual -t 10s --seed 3 --size 320x180 test: >a.vcrtp
	vc-impair --seed 5 dup=2% reorder=3%:gap=40ms <a.vcrtp >b.vcrtp 2>err ||
		vc-impair --seed 5 duplicate=2% delay=20ms jitter=15ms \
			<a.vcrtp >b.vcrtp
	run diffs '[.sources[].diff | .b_duplicates] | add' a.vcrtp b.vcrtp
	dups=$(vc-probe --json b.vcrtp |
		jq '[.sources[].media.duplicates] | add')
	[ "$dups" -gt 5 ]
	assert_output "$dups"
	run diffs '[.sources[].diff | .reordered] | add' a.vcrtp b.vcrtp
	[ "$output" -gt 5 ]
	# Each comes twice, and of one side more was read than of the other.
	vc-impair --seed 5 duplicate=100% <a.vcrtp >twice.vcrtp
	for pair in "a.vcrtp twice.vcrtp" "twice.vcrtp a.vcrtp"; do
		# shellcheck disable=SC2086 # two words
		run diffs '[.sources[].diff | .a_only, .b_only, .lost] | add' \
			$pair
		assert_output 0
	done
}

@test "two captures: loss, bursts, order, hops, DSCP, clocks by both ways" {
	two_sites
	run diffs '.sources[0] | [.match, .first, .a.from, .b.to]' \
		near.pcap far.pcap
	assert_output '["rtp","a","10.0.0.1:4000","10.0.0.2:5000"]'
	run diffs '.sources[0].diff | [.both, .lost, .bursts, .burst_max,
		.reordered, .reorder_max, .b_duplicates, .dscp_changed, .dscp_a,
		.dscp_b, .hops_min, .hops_max]' near.pcap far.pcap
	assert_output '[1994,6,2,5,1,6,1,1994,46,0,3,3]'
	run diffs '.sources[1] | [.first, (.diff | .both, .lost, .reordered,
		.dscp_changed, .hops_min)]' near.pcap far.pcap
	assert_output '["b",2000,0,0,0,-3]'
	# Half way between both ways, the drift apart.
	run diffs '[.clocks.by, (.clocks.offset_ms * 10 | round / 10),
		(.clocks.drift_ppm | round)]' near.pcap far.pcap
	assert_output '["both",3700.8,40]'
	# Delays are above 30 ms each way, by what the clocks drift.
	run diffs '[.sources[].diff.delay_ms | (.min > 29 and .min < 31),
		(.p95 > 34 and .p95 < 37)]' near.pcap far.pcap
	assert_output '[true,true,true,true]'
}

@test "one way alone: the smallest delay counts as none" {
	two_sites
	run bash -c 'vc-probe diff --json near.pcap <(vc-recv -q \
		--select ssrc=00000001 far.pcap) |
		jq -c "[.clocks.by, (.sources[0].diff.delay_ms.min),
		.sources[1].diff.a_only]"'
	assert_output '["min",0,2000]'
}

@test "rewritten SSRC and numbers: by the payload" {
	vc-capture --virtual -t 5s --seed 3 --size 320x180 test: >a.vcrtp
	python3 - <<'END'
import struct
data = open("a.vcrtp", "rb").read()
out, at, n = bytearray(), 0, 0
while at < len(data):
    size = struct.unpack(">H", data[at:at + 2])[0]
    f = bytearray(data[at + 2:at + 2 + size])
    if size > 12 and 128 <= f[0] <= 191 and not 192 <= f[1] <= 223:
        n += 1
        f[2:4] = struct.pack(">H", (struct.unpack(">H", f[2:4])[0] + 777) & 65535)
        f[8:12] = struct.pack(">I", struct.unpack(">I", f[8:12])[0] ^ 0x5a5a)
        if n % 50 == 0:
            f = b""
    out += struct.pack(">H", len(f)) + f
    at += 2 + size
open("b.vcrtp", "wb").write(out)
print(n // 50)
END
	want=$(vc-probe --json a.vcrtp | jq '.total.packets / 50 | floor')
	run diffs '[([.sources[].match] | unique), ([.sources[].diff.a_only] |
		add), ([.sources[].diff.b_only] | add),
		([.sources[].diff.delay_ms.max] | max)]' a.vcrtp b.vcrtp
	assert_output "[[\"payload\"],$want,0,0]"
	run diffs '[.sources[] | .match, .diff.both]' --match rtp a.vcrtp b.vcrtp
	assert_output '[null,0,null,0,null,0,null,0]'
}

@test "strangers have nothing in common, though silence is the same" {
	vc-capture --virtual -t 15s --seed 3 --name Ann --size 160x90 test: >a.vcrtp
	vc-capture --virtual -t 15s --seed 4 --name Bob --size 160x90 test: >b.vcrtp
	run -0 --separate-stderr vc-probe diff --json a.vcrtp b.vcrtp
	[[ "$stderr" == *"no packet of A is in B:"*"--match marks" ]]
	run jq -c '[.clocks.by, .clocks.drift_ppm, ([.sources[].diff.both] |
		add), ([.sources[].match] | unique),
		([.sources[].diff | .loss, .burst_mean, .jitter_ms] | unique)]' \
		<<<"$output"
	assert_output '[null,null,0,[null],[null]]'
	# By one clock or two.
	run -0 --separate-stderr vc-probe diff --clocks apart a.vcrtp b.vcrtp
	assert_output --partial 'no packet of A is in B'
	refute_output --partial drift
}

@test "a relay that runs: the same packets before and after it" {
	live_through loss=10% 2s
	run diffs '[.clocks.by, ([.sources[].diff.both] | add),
		([.sources[].diff.b_only] | add)]' a.vcrtp b.vcrtp
	assert_output "[\"min\",$(vc-probe --json b.vcrtp |
		jq '.total.packets'),0]"
}

@test "a signal ends it, with a report of what came so far" {
	vc-capture --virtual -t 10s --name Ann --size 160x90 test: >a.vcrtp
	for match in auto marks; do
		mkfifo one two
		vc-probe diff --json --match $match one two >report 2>said &
		pid=$!
		pids=("$pid")
		# Both stay open; all but 64 kB has been read then.
		exec 8>one 9>two
		cat a.vcrtp >&8 &
		cat=$!
		cat a.vcrtp >&9
		wait "$cat"
		kill -INT "$pid"
		ended 0
		exec 8>&- 9>&-
		jq -e '.a.packets > 20 and (.sources[0].diff | .both > 20 and
			.lost == 0)' report
		# That it is not whole is no fault.
		[ ! -s said ]
		rm one two
	done
}

@test "the table fits, and says what it has left out" {
	vc-capture --virtual -t 4s --size 160x90 --name "$(printf 'A%.0s' \
		{1..40})" test: >a.vcrtp
	vc-impair --seed 5 loss=2% duplicate=2% delay=80ms jitter=20ms \
		<a.vcrtp >b.vcrtp
	for match in auto marks; do
		for columns in 60 80; do
			COLUMNS=$columns run -0 vc-probe diff --match $match \
				b.vcrtp a.vcrtp
			assert_line --regexp '^  source .* loss %'
			assert_line --partial 'no room for: '
			for line in "${lines[@]}"; do
				[ "${#line}" -le $columns ]
			done
		done
	done
}

@test "rules, and what is refused" {
	vc-capture --virtual -t 2s --size 160x90 test: >a.vcrtp
	vc-impair --seed 1 loss=20% <a.vcrtp >b.vcrtp
	run -0 vc-probe diff -e 'diff.loss<50%' a.vcrtp b.vcrtp
	assert_line --regexp '^  ok    diff.loss<50% +ssrc:[0-9a-f]{8}: [0-9.]+ %$'
	run -3 vc-probe diff -e 'diff.loss<1%' --junit=j.xml a.vcrtp b.vcrtp
	grep -q 'diff.loss' j.xml
	run -3 --separate-stderr vc-probe diff --tap -e 'diff.loss<1%' \
		-e 'diff.b_only==0' a.vcrtp b.vcrtp
	assert_line --index 1 '1..4'
	assert_line --regexp \
		'^not ok 1 - diff.loss<1%: ssrc:[0-9a-f]{8}: [0-9.]+ %$'
	assert_line --regexp '^ok 4 - diff.b_only==0: ssrc:[0-9a-f]{8}: 0 packets$'
	assert_regex "$stderr" 'expected diff.loss<1%: failed: ssrc:.*: [0-9.]+ %'
	run -1 --separate-stderr vc-probe diff --tap --junit k.xml a.vcrtp none
	assert_line --index 1 --regexp \
		'^Bail out! no media: none: open: No such file'
	grep -q 'no media came: none: open: No such file' k.xml
	run -2 vc-probe diff --tap --json a.vcrtp b.vcrtp
	run -2 vc-probe diff -e 'diff.lost_share<1' a.vcrtp b.vcrtp
	run -2 vc-probe diff a.vcrtp
	run -2 vc-probe diff --window 1ms a.vcrtp b.vcrtp
	run -2 vc-probe diff a.vcrtp rtp://127.0.0.1:5004
	echo hello >text
	: >empty
	run -1 vc-probe diff a.vcrtp text
	assert_output --partial "text: text, neither a vc stream nor a capture"
	run -4 vc-probe diff a.vcrtp empty
	assert_output --partial "empty (did the command before it fail?)"
	run -1 vc-probe diff a.vcrtp nosuch
	head -c 20000 b.vcrtp >cut.vcrtp
	run -1 vc-probe diff a.vcrtp cut.vcrtp
	assert_output --partial "cut.vcrtp: truncated: what came before was used"
	# Octets that make no sense from some place on.
	for n in 20000 20001 20002 20003; do
		{
			head -c $n b.vcrtp
			head -c 3000 /dev/zero | tr '\0' '\377'
		} >broken.vcrtp
		run -1 timeout 20 vc-probe diff a.vcrtp broken.vcrtp
	done
	vc-probe diff --list-metrics | grep -q 'diff.delay_ms.p95'
}

@test "many sources and packets: bounded, and told" {
	python3 - >many.pcap <<'END'
import struct, sys
out = sys.stdout.buffer
out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
for s in range(3000):
    for i in range(5):
        p = struct.pack(">BBHII", 128, 0, i, i * 160, s) + b"x" * 20
        q = struct.pack(">BBHHHBBH4s4sHHHH", 69, 0, 28 + len(p), 0, 0, 64, 17,
                        0, b"\x0a\0\0\1", b"\x0a\0\0\2", 4000, 5000,
                        8 + len(p), 0) + p
        out.write(struct.pack("<IIII", 1000 + s // 100, i, len(q), len(q)) + q)
END
	run diffs '[.a.sources, .a.refused > 5000, ([.sources[].diff.both] |
		add)]' many.pcap many.pcap
	assert_output '[1024,true,5120]'
}
