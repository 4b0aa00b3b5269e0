#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Captures that dumpcap, tshark and editcap write: our readers see in them what
# tshark does. All on interfaces of a network of their own.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((90 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	capdump=${VC_BUILD:-build}/tests/interop/capdump
	[[ $capdump = /* ]] || capdump=$BATS_TEST_DIRNAME/../../$capdump
	cat >traffic.py <<-'END'
		import socket, struct
		def send(family, host, n, **opts):
		    s = socket.socket(family, socket.SOCK_DGRAM)
		    if family == socket.AF_INET:
		        s.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0xb8)
		        if opts:
		            s.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS,
		                         b"\1\1\1\1")
		    elif opts:
		        s.setsockopt(socket.IPPROTO_IPV6, 59, b"\0\0\1\4\0\0\0\0")
		    for i in range(n):
		        p = struct.pack(">BBHIIB", 128, 96, i, i * 90, 7, i)
		        s.sendto(p * (i % 5 + 1), (host, 5004))
		send(socket.AF_INET, "127.0.0.1", 20)
		send(socket.AF_INET, "127.0.0.1", 5, options=True)
		send(socket.AF_INET6, "::1", 20)
		send(socket.AF_INET6, "::1", 5, options=True)
		socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(
		    b"x" * 65000, ("127.0.0.1", 9))
		END
}

# capture IFACE FILE OPTION...: what traffic.py sends, through dumpcap, which
# says when it has begun and ends after as many packets. What refuses them is
# as many as the kernel likes, and left out.
capture()
{
	local iface=$1 file=$2

	shift 2
	# shellcheck disable=SC2016 # it is for the other shell
	unshare -rn bash -c '
		set -eu
		ip link set lo up
		rm -f said
		mkfifo said
		dumpcap -i "$1" -w "$2" -f "not icmp and not icmp6" -c 51 \
			"${@:3}" 2>said &
		exec 3<said
		while read -r line <&3; do
			[[ $line != File:* ]] || break
		done
		python3 traffic.py
		cat <&3 >/dev/null
		wait $!
	' bash "$iface" "$file" "$@"
}

fields()
{
	tshark -n -r "$1" -Y udp -T fields -e frame.time_epoch -e ip.src -e ipv6.src \
		-e udp.srcport -e ip.dst -e ipv6.dst -e udp.dstport \
		-e ip.dsfield.dscp -e ipv6.tclass.dscp -e ip.ttl -e ipv6.hlim \
		-e udp.length -e udp.payload --disable-protocol rtp \
		--disable-protocol rtcp --disable-protocol discard 2>/dev/null |
		tr -s '\t' | awk -F'\t' -v OFS='\t' '{ $8 -= 8; print }'
}

same()
{
	fields "$1" >want
	run --separate-stderr "$capdump" "$1"
	assert_success
	[ "$(wc -l <want)" -eq 51 ]
	diff want - <<<"$output"
}

@test "pcapng of the loopback interface" {
	capture lo lo.pcapng -n
	same lo.pcapng
}

@test "pcap, in microseconds and nanoseconds" {
	capture lo lo.pcap -P
	same lo.pcap
	editcap -F nsecpcap lo.pcap ns.pcap
	same ns.pcap
}

@test "\"any\" gives Linux cooked capture, of either version" {
	capture any sll.pcapng -n -y LINUX_SLL
	same sll.pcapng
	capture any sll2.pcapng -n -y LINUX_SLL2
	same sll2.pcapng
}

@test "cut packets keep their length" {
	capture lo cut.pcapng -n -s 100
	same cut.pcapng
}

# --- through vc-recv ---

# Runs "$@" and vc-send of 'sent' to port 5004, captured meanwhile into $1.
send_captured()
{
	local file=$1

	shift
	# shellcheck disable=SC2016 # it is for the other shell
	unshare -rn bash -c '
		set -eu
		ip link set lo up
		mkfifo said
		dumpcap -q -i lo -w "$1" -f "udp port 5004" 2>said &
		dump=$!
		exec 3<said
		while read -r line <&3; do
			[[ $line != File:* ]] || break
		done
		mkfifo ready
		"${@:2}" --stop-on bye --ready=ready rtp://127.0.0.1:5004 \
			>sock.vcrtp &
		read -r _ <ready
		vc-send -i sent rtp://127.0.0.1:5004
		wait $!
		kill -INT $dump
		cat <&3 >/dev/null
		wait $dump
	' bash "$file" "$@"
}

packets()
{
	vc-probe --packets=json "$1" |
		jq -c 'select(.type == "rtp") | [.ssrc, .seq, .ts, .pt, .payload]'
}

@test "a captured call is the call that a socket received, and plays" {
	vc-capture --virtual -t 2s --cname alice -o sent test:
	send_captured call.pcapng vc-recv
	vc-recv call.pcapng >cap.vcrtp
	packets sock.vcrtp >want
	[ "$(wc -l <want)" -gt 200 ]
	packets cap.vcrtp | cmp - want
	vc-recv call.pcapng | cmp - cap.vcrtp
	run jq -r '.sources[].id' <(vc-probe --json cap.vcrtp)
	assert_output $'alice\nalice'
	vc-recv call.pcapng | vc-record -q call.webm
	run ffprobe -v error -count_frames -show_entries \
		stream=codec_name,nb_read_frames -of csv=p=0 call.webm
	assert_line 'vp8,60'
	assert_line --regexp '^opus,(99|100|101)$'
}

@test "loss and jitter are what tshark makes of the same file" {
	python3 "$BATS_TEST_DIRNAME/../e2e/capwrite.py" n=1000 >call.pcap
	tshark -n -r call.pcap -d udp.port==4000,rtp -d udp.port==5000,rtp \
		-q -z rtp,streams 2>/dev/null | sed 's/[(%)]//g' |
		awk '$7 ~ /^0x/ { print $7, $9, $10, $16, $17 }' | sort >want
	[ "$(wc -l <want)" -eq 2 ]
	vc-recv call.pcap | vc-probe --json | jq -r '.sources[].net |
		[.received, .lost, .jitter_mean_ms, .jitter_max_ms] | @tsv' >got
	paste -d' ' want got | tr '\t' ' ' | awk '
		function off(a, b) { return a > b ? a - b : b - a }
		{ bad += $2 != $6 || $3 != $7 ||
			off($4, $8) > 0.002 || off($5, $9) > 0.002 }
		END { exit NR != 2 || bad }' || {
		paste want got
		false
	}
}
