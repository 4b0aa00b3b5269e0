#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-probe diff --match marks: what was lost and delayed before a mixer or an
# SFU is found behind it, to the frame.

# shellcheck disable=SC2016,SC2154 # for jq; bats sets stderr
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((90 * ${VC_SLOW:-1}))
load diff

# a.vcrtp: Ann, 10 s of 10 frames, of which each is a key frame, so that nothing
# but what is dropped is lost. late.vcrtp: 80 ms later, of the packets of video 10
# and 20 to 60 are lost, and those of sound in the fourth second.
before_and_after()
{
	vc-capture --virtual -t 10s --seed 3 --name Ann --size 320x180 \
		--fps 10 --keyint 100ms --vbitrate 300k test: >a.vcrtp
	vc-impair delay=80ms drop=10,20-60:video drop=151-200:audio \
		<a.vcrtp >late.vcrtp
	# Those frames, by their RTP times: lost, in bursts, the longest.
	python3 - >truth <<'END'
import struct
data = open("a.vcrtp", "rb").read()
at, n, gone, order = 0, 0, set(), []
while at < len(data):
    size = struct.unpack(">H", data[at:at + 2])[0]
    f = data[at + 2:at + 2 + size]
    at += 2 + size
    if size > 12 and 128 <= f[0] <= 191 and f[1] & 127 == 96:
        n += 1
        if f[4:8] not in order:
            order.append(f[4:8])
        if n == 10 or 20 <= n <= 60:
            gone.add(f[4:8])
runs = "".join(" x"[t in gone] for t in order).split()
print(len(order), len(gone), len(runs), max(map(len, runs)))
END
	read -r frames lost bursts longest <truth
	[ "$frames" -eq 100 ]
	[ "$lost" -gt 5 ]
	[ "$bursts" -eq 2 ]
}

marks() { vc-probe diff --match marks --json "${@:2}" | jq -c "$1"; }

figures='[.sources[] | select(.who == "Ann") | .kind, .match, (.diff | .both,
	.lost, .bursts, .burst_max, .reordered, .b_duplicates)]'
# To 0.01 ms: sound that was made up may move a mark by a sample's part.
delays='[.sources[] | select(.who == "Ann") | .diff.delay_ms | .min, .max |
	. * 100 | round / 100]'

@test "decoded and not mixed: frames and sound that were lost, and the delay" {
	before_and_after
	run marks "$figures" a.vcrtp late.vcrtp
	assert_output "[\"video\",\"marks\",$((100 - lost)),$lost,2,$longest,0,0,\
\"audio\",\"marks\",9,1,1,1,0,0]"
	run marks "$delays" a.vcrtp late.vcrtp
	assert_output '[80,80,80,80]'
	run marks '[.unit, .clocks.by, .a.packets, .b.packets, .sources[0].id,
		.sources[1].id, .sources[0].ssrc]' a.vcrtp late.vcrtp
	assert_output "[\"mark\",\"same\",110,$((109 - lost)),\"mark:fb7a\",\
\"mark:7a\",null]"
	# As a pipe, and the other way round.
	want=$(marks .sources a.vcrtp late.vcrtp)
	run marks .sources a.vcrtp <(exec cat late.vcrtp)
	assert_output "$want"
	run marks '[.sources[] | .first, .diff.b_only, .diff.delay_ms.max]' \
		late.vcrtp a.vcrtp
	assert_output "[\"b\",$lost,80,\"b\",1,80]"
	# Nothing was done: nothing is found.
	run marks '[.sources[].diff | .lost, .b_only, .delay_ms.max] | unique' \
		a.vcrtp a.vcrtp
	assert_output '[0]'
}

@test "behind a mixer that composes: the same frames are lost" {
	before_and_after
	vc-capture --virtual -t 10s --seed 4 --name Bob --size 320x180 test: \
		>bob.vcrtp
	vc-mix --size 640x360 a.vcrtp bob.vcrtp >whole.vcrtp
	vc-mix --size 640x360 late.vcrtp bob.vcrtp >mixed.vcrtp
	run marks "$figures" a.vcrtp whole.vcrtp
	[[ "$output" == '["video","marks",100,0,0,null,0,'* ]]
	# Shown in three pictures of the canvas, or until the next one comes.
	run marks '[.sources[] | select(.who == "Ann") | .diff | .both, .lost,
		.bursts, .burst_max, .reordered, .b_duplicates > 150,
		.b_unread]' a.vcrtp mixed.vcrtp
	assert_output "[$((100 - lost)),$lost,2,$longest,0,true,0,\
9,1,1,1,0,false,0]"
	# Not one of the packets is the same, which is said.
	run -0 --separate-stderr vc-probe diff a.vcrtp mixed.vcrtp
	[[ "$stderr" == *"--match marks"* ]]
	# Of the delay what was built in: mixing takes what it takes without it,
	# up to its buffers of 20 ms and pictures of 33.
	run marks '[.sources[] | select(.who == "Ann") | .diff.delay_ms |
		.max - .min < 1]' a.vcrtp mixed.vcrtp
	assert_output '[true,true]'
	for f in whole mixed; do
		marks '[.sources[] | select(.who == "Ann") |
			.diff.delay_ms.p50]' a.vcrtp $f.vcrtp >$f.ms
	done
	run jq -nc --slurpfile a whole.ms --slurpfile b mixed.ms \
		'[0, 1] | map($b[0][.] - $a[0][.]) |
		map(. > 46 and . < 114)'
	assert_output '[true,true]'
	# Bob is there as well, and not in A.
	run marks '[.sources[] | select(.who == "Bob") | .kind, .a, .diff.both]' \
		a.vcrtp mixed.vcrtp
	assert_output '["video",null,0,"audio",null,0]'
}

@test "a canvas of half the rate loses every second frame, as the page says" {
	before_and_after
	run marks '[.sources[] | select(.kind == "video") | .diff | .bursts > 45,
		.burst_max, .loss > 0.48 and .loss < 0.52]' \
		a.vcrtp <(vc-mix --size 320x180 --fps 5 a.vcrtp)
	assert_output '[true,1,true]'
}

@test "behind an SFU that rewrites SSRC, numbers and time" {
	before_and_after
	vc-capture --virtual -t 10s --seed 4 --name Bob --size 320x180 test: \
		>bob.vcrtp
	vc-mix --video=select --audio=select --pick=all late.vcrtp bob.vcrtp \
		>selected.vcrtp
	python3 - <<'END'
import struct
data = open("selected.vcrtp", "rb").read()
out, at = bytearray(), 0
while at < len(data):
    size = struct.unpack(">H", data[at:at + 2])[0]
    f = bytearray(data[at + 2:at + 2 + size])
    if size > 12 and 128 <= f[0] <= 191 and not 192 <= f[1] <= 223:
        seq, ts, ssrc = struct.unpack(">HII", f[2:12])
        f[2:12] = struct.pack(">HII", (seq + 777) & 65535,
                              (ts + 4000000000) & 0xffffffff, ssrc ^ 0x5a5a)
    out += struct.pack(">H", len(f)) + f
    at += 2 + size
open("sfu.vcrtp", "wb").write(out)
END
	for f in selected sfu; do
		run marks "$figures" a.vcrtp $f.vcrtp
		assert_output "[\"video\",\"marks\",$((100 - lost)),$lost,2,\
$longest,0,0,\"audio\",\"marks\",9,1,1,1,0,0]"
		run marks "$delays" a.vcrtp $f.vcrtp
		assert_output '[80,80,80,80]'
	done
}

@test "frames out of order, and one that is shown twice" {
	before_and_after
	# Frames are whole packets of a pcap: two of them change places, and
	# one comes again as another frame.
	python3 - <<'END'
import struct
data = open("a.vcrtp", "rb").read()
at, frames, rest, t, desc = 0, [], [], None, None
while at < len(data):
    size = struct.unpack(">H", data[at:at + 2])[0]
    f = data[at + 2:at + 2 + size]
    at += 2 + size
    if size > 12 and 128 <= f[0] <= 191 and f[1] & 127 == 96:
        if not frames or frames[-1][0][4:8] != f[4:8]:
            frames.append([])
        frames[-1].append(f)
def moved(i, payloads):
    """The packets of frame i, with what is in another one."""
    ts = frames[i][0][4:8]
    return [(f, ts) for f in payloads]
order = list(range(100))
order[30], order[31] = 31, 30
order[50] = 49
out = open("b.pcap", "wb")
out.write(struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 101))
near = open("a.pcap", "wb")
near.write(struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 101))
def write(file, t, dscp, p):
    q = struct.pack(">BBHHHBBH4s4sHHHH", 69, dscp << 2, 28 + len(p), 0, 0, 64,
                    17, 0, b"\x0a\0\0\1", b"\x0a\0\0\2", 4000, 5000, 8 + len(p),
                    0) + p
    t += 1700000000 * 10**9
    file.write(struct.pack("<IIII", t // 10**9, t % 10**9, len(q), len(q)) + q)
seq = 0
for i in range(100):
    for p in frames[i]:
        write(near, i * 10**8, 46, p)
    for p, ts in moved(i, frames[order[i]]):
        seq += 1
        write(out, i * 10**8 + 5 * 10**6, 0, p[:2] + struct.pack(">H", seq) + ts
              + p[8:12] + p[12:])
END
	# Captures as well: DSCP of the packets that made a frame whole, and the
	# smallest delay counts as none.
	run marks '.sources[] | .kind, (.diff | .both, .lost, .reordered,
		.b_duplicates, .dscp_changed, .dscp_a, .dscp_b, .hops_min)' \
		a.pcap b.pcap
	assert_output "$(printf '%s\n' '"video"' 99 1 1 1 99 46 0 null)"
	run marks '[.clocks.by, .clocks.drift_ppm, .sources[].diff.delay_ms.p50,
		.sources[].diff.delay_ms.max]' a.pcap b.pcap
	assert_output '["min",null,100,200]'
}

@test "a call that runs: what came through a relay" {
	live_through delay=100ms 4s
	# One clock stamped both, and a stream cannot say so.
	run marks '[.clocks.by, (.sources[] | select(.kind == "video") |
		.diff | .both > 60, .b_only, .delay_ms.p50 > 90)]' \
		--clocks same a.vcrtp b.vcrtp
	assert_output '["same",true,0,true]'
}

@test "rules of one who is seen, and what is refused" {
	before_and_after
	run -0 vc-probe diff --match marks -e 'video.diff.loss<20%' \
		-e 'diff.delay_ms.p95==80 for Ann' -e 'audio.diff.lost==1' \
		a.vcrtp late.vcrtp
	assert_output --partial "ok    video.diff.loss<20%"
	assert_line --regexp '^  Ann +video +[0-9]'
	run -3 vc-probe diff --match marks -e 'video.diff.loss<1%' \
		--junit=j.xml a.vcrtp late.vcrtp
	grep -q 'video.diff.loss' j.xml
	vc-capture --virtual -t 2s --marks=none --size 160x90 test: >none.vcrtp
	run -4 vc-probe diff --match marks a.vcrtp none.vcrtp
	assert_output --partial "none.vcrtp: no marks in its pictures and sound"
	run -4 vc-probe diff --match marks none.vcrtp a.vcrtp
	run -4 --separate-stderr vc-probe diff --match marks none.vcrtp none.vcrtp
	assert_output ''
	run -2 vc-probe diff --match marks --window 1s a.vcrtp a.vcrtp
	run -2 vc-probe diff --match marks --window 5m a.vcrtp a.vcrtp
	head -c 20000 late.vcrtp >cut.vcrtp
	run -1 vc-probe diff --match marks a.vcrtp cut.vcrtp
	assert_output --partial "cut.vcrtp: truncated: what came before was used"
}

# pcap PT OCTETS N: 40 packets of each of N sources, of noise.
noise()
{
	python3 - "$@" <<'END'
import random, struct, sys
pts, size, n = [int(pt) for pt in sys.argv[1].split(",")], *map(int, sys.argv[2:])
random.seed(7)
out = sys.stdout.buffer
out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
for i in range(40):
    for s in range(n):
        p = struct.pack(">BBHII", 128, pts[s % len(pts)], i, i * 160, s + 1) + \
            random.randbytes(size)
        q = struct.pack(">BBHHHBBH4s4sHHHH", 69, 0, 28 + len(p), 0, 0, 64, 17,
                        0, b"\x0a\0\0\1", b"\x0a\0\0\2", 4000 + 2 * s,
                        5000 + 2 * s, 8 + len(p), 0) + p
        out.write(struct.pack("<IIII", 1000 + i // 4, i % 4 * 250000 + s,
                              len(q), len(q)) + q)
END
}

@test "noise in the formats that are decoded, more sources than are" {
	noise 0,8,96,98,111 160 200 >many.pcap
	run -4 timeout 60 vc-probe diff --match marks many.pcap many.pcap
	assert_output --partial "many.pcap: no marks in its pictures and sound"
	run -0 vc-probe diff --json many.pcap many.pcap
	run jq -c '[.a.sources, .a.refused]' <<<"$output"
	assert_output '[200,0]'
	noise 4 24 2 >g723.pcap
	run -4 vc-probe diff --match marks g723.pcap many.pcap
	assert_output --partial "g723.pcap: nothing in it can be decoded"
}
