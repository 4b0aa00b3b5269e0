#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-probe reads captures as they are, most of them written by capwrite.py.

# shellcheck disable=SC2016,SC2154 # for bash -c; bats sets stderr
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

# In memory that does not grow with what comes. Sanitizers reserve theirs.
bounded()
{
	(
		[ -n "${SAN-}" ] || ulimit -v 600000
		exec timeout 100 "$@"
	)
}

make() { python3 "$BATS_TEST_DIRNAME/capwrite.py" "$@"; }
# Of each source what $1 says; the arguments behind it are vc-probe's.
figures() { vc-probe --json "${@:2}" | jq -c "[.sources[] | $1]"; }

@test "a capture by name, by content, from a pipe and compressed is the same" {
	make call=plain n=600 >call.pcap
	vc-probe --json call.pcap >want
	run jq -c '[.clock, .t, .total.packets, .total.duration_s]' want
	assert_output '["recorded",1700000011982000,1176,11.982]'
	vc-probe --json pcap:call.pcap | cmp - want
	vc-probe --json pcap:- <call.pcap | cmp - want
	vc-probe --json <call.pcap | cmp - want
	vc-probe --json --no-sandbox pcap:- < <(exec cat call.pcap) | cmp - want
	gzip -k call.pcap
	vc-probe --json call.pcap.gz | cmp - want
	# What vc-recv makes of it has the same figures.
	vc-recv call.pcap >call.vcrtp
	run figures '[.id, .packets, .octets, .loss, .jitter_ms, .r]' call.vcrtp
	assert_output "$(figures '[.id, .packets, .octets, .loss, .jitter_ms,
		.r]' call.pcap)"
	# As a stream, too.
	run figures '[.id, .packets, .loss]' \
		< <(vc-probe --pass --report=/dev/null pcap:call.pcap)
	assert_output '[["00001111",588,0.02],["00002222",588,0.02]]'
	run bash -c 'vc-probe --packets=json pcap:call.pcap |
		jq -c "select(.type == \"rtp\") | .seq" | wc -l'
	assert_output 1176
}

@test "a pipe is measured as it grows" {
	make n=600 >call.pcap
	mkfifo hold
	exec 9<>hold
	timeout 50 vc-probe --json --interval 1s pcap:- >lines 9>&- < <(
		exec 9>&-
		head -c 100000 call.pcap
		exec timeout 40 cat hold) &
	pid=$!
	pids+=("$pid")
	# The fourth second is told, and nobody has ended anything.
	fourth() { [ "$(wc -l <lines)" -ge 4 ]; }
	wait_for fourth
	run jq -c '[.schema, .t]' lines
	assert_line --index 3 '["vc.probe.interval/1",1700000004000000]'
	exec 9>&-
	ended
	run jq -s -c '.[-1] | [.schema, .total.packets > 300]' lines
	assert_output '["vc.probe/1",true]'
}

@test "each direction is a source with both addresses, and what IP says" {
	make >call.pcap
	run figures '[.addr, .capture.ttl, .capture.dscp]' call.pcap
	assert_output '[[{"from":"10.0.0.1:4000","to":"10.0.0.2:5000"},64,46],'\
'[{"from":"10.0.0.2:5000","to":"10.0.0.1:4000"},64,46]]'
	# So are flows that have one SSRC.
	make call=twin >call.pcap
	run figures '[.ssrc, .packets, .addr.from]' call.pcap
	assert_output '[[7,196,"10.0.0.1:4000"],[7,196,"10.0.0.2:5000"],'\
'[7,196,"10.0.0.1:4002"]]'
	# Of a stream there is no more than it says.
	run figures '[.addr.from, .addr.to, .capture]' < <(vc-recv call.pcap)
	assert_output '[[null,null,null],[null,null,null],[null,null,null]]'
}

@test "rtpdump and mjr hold one flow" {
	make call=plain >call.pcap
	vc-probe --json --select ssrc=00001111 call.pcap |
		jq -c '[.sources[0] | .packets, .loss, .jitter_ms]' >want
	for kind in rtpdump mjr; do
		make kind=$kind >"call.$kind"
		for place in "call.$kind" "$kind:call.$kind"; do
			vc-probe --json "$place" |
				jq -c '[.sources[0] | .packets, .loss, .jitter_ms]' |
				cmp - want
		done
	done
	run figures .codec mjr:<(make kind=mjr call=sip)
	assert_output '["opus"]'
	run figures .codec --pt 97=PCMU mjr:<(make kind=mjr call=sip)
	assert_output '["PCMU"]'
}

@test "SIP tells what payload types are, and whose call it is" {
	make call=sip >call.pcap
	run figures '[.codec, .packets, .capture.call.id,
		.capture.call.caller, .capture.call.callee]' call.pcap
	assert_output '[["opus",196,"one@10.0.0.1","alice","bob"],'\
'["PCMA",196,"one@10.0.0.1","alice","bob"]]'
	run figures .codec --pt 97=PCMU call.pcap
	assert_output '["PCMU","PCMU"]'
	make call=late n=400 >call.pcap
	run figures '[.codec, .packets, .capture.call.caller]' call.pcap
	assert_output '[["PCMU",392,"alice"],["PCMU",392,"alice"]]'
	for word in call=alice 'call=one@*,kind=audio'; do
		make call=srtp n=400 >call.pcap
		run figures '[.packets, .capture.call.srtp]' \
			--select "$word" call.pcap
		assert_output '[[392,true],[392,true]]'
	done
	run -4 vc-probe --select call=carol call.pcap
}

@test "RTSP tells what payload types are, of who answered to who asked" {
	python3 - >call.pcap <<'END'
import struct, sys
out = sys.stdout.buffer
out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
A, B = b"\x0a\0\0\1", b"\x0a\0\0\2"
def put(t, proto, a, b, rest):
    q = struct.pack(">BBHHHBBH4s4s", 69, 0, 20 + len(rest), 0, 0, 64, proto, 0,
                    a, b) + rest
    out.write(struct.pack("<IIII", 1000, t, len(q), len(q)) + q)
sdp = ("v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=camera\r\nt=0 0\r\n"
       "m=video 0 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\na=control:1\r\n"
       "m=audio 0 RTP/AVP 98\r\na=rtpmap:98 PCMA/8000\r\na=control:2\r\n")
put(0, 6, B, A, struct.pack(">HHIIBBHHH", 40000, 554, 1, 1, 0x50, 24, 9, 0, 0) +
    b"DESCRIBE rtsp://10.0.0.1/ RTSP/1.0\r\nCSeq: 2\r\n\r\n")
put(1, 6, A, B, struct.pack(">HHIIBBHHH", 554, 40000, 1, 1, 0x80, 24, 9, 0, 0) +
    b"\1" * 12 + ("RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: "
    "application/sdp\r\nContent-Length: %d\r\n\r\n" % len(sdp)).encode() +
    sdp.encode())
for i in range(20):
    for pt, port in ((97, 6000), (98, 6002)):
        for a, b in ((A, B), (B, A)):
            p = struct.pack(">BBHII", 128, pt, i, i * 160, pt) + b"\x41" * 50
            put(10 + i, 17, a, b, struct.pack(">HHHH", port, port, 8 + len(p), 0)
                + p)
END
	run --separate-stderr figures 'select(.addr.to[:8] == "10.0.0.2") |
		[.addr.from, .kind, .codec, .rate_hz, .capture.call]' call.pcap
	assert_output '[["10.0.0.1:6000","video","H264",90000,null],'\
'["10.0.0.1:6002","audio","PCMA",8000,null]]'
	# What goes back is nothing that it tells of.
	run --separate-stderr figures .codec --select 'addr=10.0.0.2:*' call.pcap
	refute_output --partial PCMA
	run bash -c 'vc-probe --json call.pcap 2>/dev/null | jq -c .capture.rtsp'
	assert_output 1
}

@test "with --sdp its ports are taken, and no others" {
	make >call.pcap
	printf '%s\r\n' v=0 'o=- 0 0 IN IP4 127.0.0.1' s=- 't=0 0' \
		'm=audio 5000 RTP/AVP 0' >a.sdp
	run figures '[.codec, .id]' --sdp a.sdp call.pcap
	assert_output '[["PCMU","00001111"]]'
	run figures .id --sdp a.sdp --heuristic call.pcap
	assert_output '["00001111","00002222"]'
}

@test "packets that were not captured whole count by their original length" {
	make >whole.pcap
	make snap=60 >cut.pcap
	run --separate-stderr figures '[.packets, .octets, .loss, .capture.cut]' \
		cut.pcap
	assert_output '[[196,31360,0.02,196],[196,31360,0.02,196]]'
	assert_equal "$stderr" "vc-probe: cut.pcap: 392 packets were not captured \
whole: they count by their original length, what was in them is not known \
(tcpdump -s 0 keeps all)"
	run figures '[.packets, .octets, .loss, .capture.cut]' whole.pcap
	assert_output '[[196,31360,0.02,0],[196,31360,0.02,0]]'
}

@test "among other traffic what looks like RTP is measured" {
	make call=noise n=500 >call.pcap
	run bash -c 'vc-probe --json call.pcap | jq -c "[.total.packets,
		.capture.not_rtp, .capture.given]"'
	assert_output '[16,500,18]'
}

@test "what is not what its payload type is taken for is measured all the same" {
	python3 - >call.pcap <<'END'
import struct, sys
out = sys.stdout.buffer
out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
for i in range(100):
    p = struct.pack(">BBHII", 128, 96, i, i * 3000, 7) + b"\xff" * 40
    ip = struct.pack(">BBHHHBBH4s4sHHHH", 69, 0, 28 + len(p), 0, 0, 64, 17, 0,
                     b"\x0a\0\0\1", b"\x0a\0\0\2", 4000, 5000, 8 + len(p), 0)
    for pt, port in ((96, 5000), (18, 5002), (85, 5004)):
        q = bytearray(ip + p)
        q[22:24] = struct.pack(">H", port)
        q[29] = pt
        q[39] = port & 255
        out.write(struct.pack("<IIII", 1000, i * 10000, len(q), len(q)) + q)
END
	run --separate-stderr figures '[.pt, .kind, .codec, .rate_hz, .packets]' \
		call.pcap
	assert_output '[[96,"video","none",90000,100],[18,"audio","none",8000,100],'\
'[85,"application","none",0,100]]'
	assert_equal "$stderr" "vc-probe: payload type 96 is taken for VP8, which \
its packets are not: its codec is not known (cure: --sdp FILE or --pt 96=CODEC)"
}

@test "cut anywhere: what came before is used, and the exit code says so" {
	make n=4 >call.pcap
	size=$(stat -c %s call.pcap)
	[ "$size" -gt 1000 ]
	run -0 vc-probe call.pcap
	# Ends of packets, of which nothing can be missing.
	python3 - call.pcap >ends <<'END'
import struct, sys
data = open(sys.argv[1], "rb").read()
at = 24
while at < len(data):
    print(at)
    at += 16 + struct.unpack("<I", data[at + 8:at + 12])[0]
END
	found=4
	for ((n = 0; n < size; n++)); do
		# Of the packets all but the first their first octets.
		[ $n -lt 150 ] || grep -qx -e $n -e $((n - 1)) -e $((n - 17)) \
			ends || continue
		code=0
		head -c $n call.pcap | timeout 20 vc-probe -q pcap:- \
			>/dev/null 2>&1 || code=$?
		want=1
		[ $n -eq 0 ] && want=4
		# Ends of packets: no RTP yet, and from some place on there is.
		if grep -qx $n ends; then
			[ $code -ne 0 ] || found=0
			want=$found
		fi
		[ $code -eq $want ] || {
			echo "$n octets: $code, not $want"
			return 1
		}
	done
	[ $found -eq 0 ]
}

@test "lengths that lie, orders of octets, links that nobody knows" {
	python3 - <<'END'
import struct
def ip(i):
    p = struct.pack(">BBHII", 128, 0, i, i * 160, 7) + b"\x55" * 160
    return struct.pack(">BBHHHBBH4s4sHHHH", 69, 184, 28 + len(p), 0, 0, 9, 17,
                       0, b"\x0a\0\0\1", b"\x0a\0\0\2", 4000, 5000,
                       8 + len(p), 0) + p
def pcap(name, order, magic, link, n=50, lie=None):
    with open(name, "wb") as f:
        f.write(struct.pack(order + "IHHIIII", magic, 2, 4, 0, 0, 65535, link))
        for i in range(n):
            q = ip(i)
            size = lie if lie is not None and i == n - 1 else len(q)
            f.write(struct.pack(order + "IIII", 1000, i * 20000, size, size) + q)
def block(order, kind, body):
    body += b"\0" * (-len(body) % 4)
    n = 12 + len(body)
    return struct.pack(order + "II", kind, n) + body + struct.pack(order + "I", n)
def ng(name, order, n=50):
    with open(name, "wb") as f:
        f.write(block(order, 0x0a0d0d0a, struct.pack(order + "IHHq", 0x1a2b3c4d,
                                                     1, 0, -1)))
        f.write(block(order, 1, struct.pack(order + "HHI", 101, 0, 0)))
        f.write(block(order, 0x0bad, b"x" * 30))
        for i in range(n):
            q, t = ip(i), 1000 * 10**6 + i * 20000
            f.write(block(order, 6, struct.pack(order + "IIIII", 0, t >> 32,
                          t & 0xffffffff, len(q), len(q)) + q))
pcap("little.pcap", "<", 0xa1b2c3d4, 101)
pcap("big.pcap", ">", 0xa1b2c3d4, 101)
pcap("nano.pcap", ">", 0xa1b23c4d, 228)
ng("little.pcapng", "<")
ng("big.pcapng", ">")
pcap("link.pcap", "<", 0xa1b2c3d4, 147)
pcap("gigabyte.pcap", "<", 0xa1b2c3d4, 101, lie=1 << 30)
pcap("minus.pcap", "<", 0xa1b2c3d4, 101, lie=0xffffffff)
pcap("none.pcap", "<", 0xa1b2c3d4, 101, n=0)
END
	for f in little.pcap big.pcap nano.pcap little.pcapng big.pcapng; do
		run figures '[.packets, .octets, .capture.dscp, .capture.ttl]' $f
		assert_output '[[50,8000,46,9]]'
	done
	run -4 vc-probe link.pcap
	assert_output --partial "50 packets of a link layer that is not understood"
	for f in gigabyte minus; do
		run -1 --separate-stderr vc-probe --json $f.pcap
		run jq -c '[.sources[].packets]' <<<"$output"
		assert_output '[49]'
	done
	run -4 vc-probe none.pcap
	run -1 vc-probe mjr:little.pcap
	assert_output --partial "a packet capture (pcap), not a Janus recording"
	echo hello >text
	run -1 vc-probe pcap:text
	assert_output --partial "text, not a packet capture"
	: >empty
	run -4 vc-probe pcap:empty
	assert_output --partial "empty (did the command before it fail?)"
	run -1 vc-probe pcap:nosuch
	assert_output --partial "No such file"
}

@test "names and calls of strangers are harmless in the report" {
	make call=sip | sed 's/alice/a\x1b[2J/g' >call.pcap
	vc-probe call.pcap >table
	vc-probe --json call.pcap >json
	run -1 grep -c $'\x1b' table json
	jq -e . json
}

@test "an interface is measured live" {
	unshare -rn bash -c '
		set -eu
		ip link set lo up
		mkfifo ready
		timeout 50 vc-probe --iface lo --filter "udp port 5004" \
			--stop-on bye --ready=ready --json >report.json &
		probe=$!
		read -r _ <ready
		vc-capture --virtual -t 1s --cname alice test: |
			vc-send --dscp EF rtp://127.0.0.1:5004
		wait "$probe"'
	run jq -c '[.clock, (.sources[] | [.id, .kind, .addr.to, .capture.dscp,
		.left, .loss])]' report.json
	assert_output '["live",["alice","video","127.0.0.1:5004",46,"bye",0],'\
'["alice","audio","127.0.0.1:5004",46,"bye",0]]'
	run -1 vc-probe --iface nosuch
	assert_output --partial "vc-probe: nosuch: open:"
	run -2 vc-probe --filter udp
	assert_output --partial "--filter is for --iface"
	run -2 vc-probe --iface lo --pass
	assert_output --partial "vc-recv --iface"
}

# Calls of 5 packets one after the other, $1 in all, each with a flow of its own
# and half of them with a BYE.
crowd()
{
	python3 - "$1" <<'END'
import struct, sys
out = sys.stdout.buffer
out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
head = struct.pack(">BBHHHBBH", 69, 0, 60, 0, 0, 64, 17, 0)
bodies = [struct.pack(">BBHI", 128, 0, i, i * 160) for i in range(5)]
for s in range(int(sys.argv[1])):
    ssrc = struct.pack(">I", s)
    packets = [b + ssrc + b"x" * 20 for b in bodies]
    if not s & 1:
        packets.append(b"\x80\xc9\0\1" + ssrc + b"\x81\xcb\0\1" + ssrc)
    ends = struct.pack(">IIHH", 0x0a000000 + (s >> 14), 0x0b000000,
                       2 + (s & 0x3fff) * 2, 5000)
    for i, p in enumerate(packets):
        t = s * 10000 + i * 1000
        size = 28 + len(p)
        out.write(struct.pack("<IIII", 1000 + t // 10**6, t % 10**6, size, size)
                  + head[:2] + struct.pack(">H", size) + head[4:] + ends +
                  struct.pack(">HH", 8 + len(p), 0) + p)
END
}

@test "--calls: a record of each source as it ends, and the report last" {
	crowd 400 >call.pcap
	vc-probe --json --calls --tag x call.pcap >lines
	[ "$(wc -l <lines)" -eq 401 ]
	run jq -s -c '.[-1] | [.schema, .total.sources, .total.packets,
		.total.loss, (.sources | length), .total.forgotten]' lines
	assert_output '["vc.probe/1",400,2000,0,0,0]'
	run jq -s -c '.[:-1] | [(map(.schema) | unique), (map(.tag) | unique),
		(map(.packets) | unique), (map(.ssrc) | unique | length),
		(map(.left) | group_by(.) | map([.[0], length]))]' lines
	assert_output '[["vc.probe.source/1"],["x"],[5],400,'\
'[["bye",200],["eof",200]]]'
	run jq -c 'select(.ssrc == 0) | [.left, .addr.from, .t]' lines
	assert_output '["bye","10.0.0.0:2",1000004000]'
	# It is told when it ends: its BYE is 2 s old, and others are there yet.
	[ "$(jq .ssrc lines | grep -nx 0 | cut -d: -f1)" -lt 10 ]
	# Without it all is kept.
	vc-probe --json call.pcap >report
	run jq -c '[.total.packets, (.sources | length)]' report
	assert_output '[2000,400]'
	run -2 vc-probe --calls call.pcap
	run -2 vc-probe --json --calls -e 'loss<1%' call.pcap
}

@test "a million sources: memory is bounded, and nothing is lost untold" {
	# Of one flow, all within 10 s: there is room for some, the rest is
	# refused, and counted.
	python3 - >call.pcap <<'END'
import struct, sys
out = sys.stdout.buffer
out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
ip = struct.pack(">BBHHHBBH4s4sHHHH", 69, 0, 48, 0, 0, 64, 17, 0, b"\x0a\0\0\1",
                 b"\x0a\0\0\2", 4000, 5000, 28, 0)
for i in range(1000004):
    t = i * 10
    out.write(struct.pack("<IIII", 1000 + t // 10**6, t % 10**6, 48, 48) + ip +
              struct.pack(">BBHII8s", 128, 0, i & 65535, i, max(3, i), b"x" * 8))
END
	bounded vc-probe --json call.pcap >report
	run jq -c '[.total.packets + .total.refused, (.sources | length),
		.capture.flows]' report
	assert_output '[1000004,4096,1]'
	# One after the other, each with a flow of its own.
	crowd 20000 >call.pcap
	bounded vc-probe --json --max-sources 100 call.pcap >report
	run jq -c '[.total.packets + .total.refused, (.sources | length) < 8193,
		.capture.flows]' report
	assert_output '[100000,true,20000]'
}

@test "a flow that begins out of order has lost nothing" {
	vc-capture --virtual -t 10s --name alice test: |
		vc-impair delay=50ms jitter=20ms >late.vcrtp
	vc-record -q -i late.vcrtp late.pcapng
	vc-probe -e 'loss==0' late.vcrtp
	vc-probe -e 'loss==0' late.pcapng
}

@test "what SIP names without a clock is measured by one that is assumed" {
	make call=sip n=40 >call.pcap
	LC_ALL=C sed 's/a=rtpmap:97/a=xtpmap:97/g' call.pcap >odd.pcap
	run ! cmp -s call.pcap odd.pcap
	run jq -c '[.sources[] | [.codec, .rate_hz, .packets]]' \
		<(vc-probe --json odd.pcap)
	assert_output --partial '["none",90000,39]'
}
