#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-send and vc-recv on a network that changes under them: two namespaces,
# 'near' and 'far', with a cable between them. Groups of many, and classes of
# service, too. Needs root.
# Runs live, 40 s: times are compared.

# shellcheck disable=SC2154 # bats sets stderr
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common
load cable

setup()
{
	begin
	lay_cable
}

teardown()
{
	kill_all
	cut_cable
}

# Runs it there; not a child of a shell, so that $! is it.
there() { exec ip netns exec "$@"; }

# Starts vc-recv in 'far' with these arguments; what comes goes to 'got'.
listen()
{
	rm -f ready
	mkfifo ready
	there "$far" vc-recv --ready=ready --stats=got.stats \
		--stats-interval 50ms "$@" >got 2>got.err 3>&- &
	pid=$!
	pids+=("$pid")
	mapfile -t urls < <(sed 's/^ready //' ready)
	port=${urls[0]##*:}
}

# Starts a sender in 'near' of the live test signal.
send()
{
	rm -f ready live
	mkfifo ready live
	vc-capture --name alice test: >live 3>&- &
	pids+=($!)
	there "$near" vc-send -i live --ready=ready --stats=stats \
		--stats-interval 50ms "$@" 2>err 3>&- &
	sender=$!
	pids+=("$sender")
	cat ready >sent.ready
}

now() { date +%s%6N; }

# Packets have come before the time $1 and none for $3 ms, and are back $2 ms
# after it at most (microseconds of wall time).
resumed()
{
	vc-probe --packets=json got |
		jq -s -e --argjson at "$1" --argjson within "$2" '
		[.[] | select(.type == "rtp") | .t] as $t |
		([$t[] | select(. < $at)] | length > 0) and
		([$t[] | select(. >= $at)][0] - $at < $within * 1000)'
}

# More packets have arrived than had when this was called.
flows()
{
	local n

	n=$(record got.stats .recv.packets)
	await got.stats ".recv.packets > $n + 20"
}

stop() { kill -TERM "$pid"; wait "$pid"; }

# --- interfaces and addresses ---

@test "a cable that is pulled out and put back: media is back at once" {
	listen rtp://10.77.0.2:0
	send "rtp://10.77.0.2:$port"
	await got.stats '.recv.packets > 20'
	ip -n "$near" link set cable down
	await stats '.destinations[0].errors.unreachable > 20'
	ip -n "$near" link set cable up
	at=$(now)
	flows
	stop
	# The kernel asks for the address of hardware anew, each second.
	resumed "$at" 2500
	run grep -c unreachable err
	[ "$output" -le 4 ]
}

@test "another address: the same port goes on from there" {
	for family in 4 6; do
		case $family in
		4) old=10.77.0.1/24 new=10.77.0.9/24 to=10.77.0.2 ;;
		6) old=fd77::1/64 new=fd77::9/64 to='[fd77::2]' ;;
		esac
		listen "rtp://$to:0,latch=always"
		send "rtp://$to:$port"
		await got.stats '.recv.packets > 20'
		run record got.stats '.sources[0].addr'
		from=${output##*:} from=${from%\"}
		ip -n "$near" address del "$old" dev cable
		if [ "$family" = 4 ]; then
			await stats '.destinations[0].errors.unreachable > 0'
		fi
		ip -n "$near" address add "$new" dev cable
		at=$(now)
		await stats '.destinations[0].reopened == 1'
		flows
		run record got.stats '.sources[].addr'
		new=${new%/*}
		assert_output --regexp "$new\]?:$from"
		stop
		resumed "$at" 1500
		kill -KILL "$sender"
	done
}

@test "what is in the way is named, counted, and no end" {
	listen rtp://10.77.0.2:0
	send "rtp://10.77.0.2:$port"
	await got.stats '.recv.packets > 20'
	for row in prohibit:denied unreachable:unreachable; do
		ip -n "$near" route add "${row%:*}" 10.77.0.2
		await stats ".destinations[0].errors.${row#*:} > 20"
		ip -n "$near" route del "${row%:*}" 10.77.0.2
		at=$(now)
		flows
	done
	# Sound still fits where pictures do not.
	ip -n "$near" link set cable mtu 600
	await stats '.destinations[0].errors.toobig > 2'
	flows
	ip -n "$near" link set cable mtu 1500
	flows
	stop
	resumed "$at" 1500
	run grep -c 'longer than the way there takes' err
	assert_output 1
	run record stats '.destinations[0].errors.other'
	assert_output 0
}

@test "a router's word on the size of packets is counted, and stops nothing" {
	listen rtp://10.77.0.2:0
	send "rtp://10.77.0.2:$port"
	await got.stats '.recv.packets > 20'
	run ip netns exec "$near" ss -uneO
	ip netns exec "$far" python3 - "$output" <<-'END'
		import re, socket, struct, sys
		src = int(re.search(r"10\.77\.0\.1:(\d+) +10\.77\.0\.2:(\d+)",
		                    sys.argv[1])[1])
		dst = int(re.search(r"10\.77\.0\.1:(\d+) +10\.77\.0\.2:(\d+)",
		                    sys.argv[1])[2])
		ip = lambda s: socket.inet_aton(s)
		inner = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 1228, 1, 0x4000,
		                    64, 17, 0, ip("10.77.0.1"), ip("10.77.0.2"))
		inner += struct.pack(">HHHH", src, dst, 1208, 0)
		icmp = struct.pack(">BBHHH", 3, 4, 0, 0, 600) + inner
		total = sum(struct.unpack(f">{len(icmp) // 2}H", icmp))
		while total >> 16:
		    total = (total & 0xFFFF) + (total >> 16)
		icmp = icmp[:2] + struct.pack(">H", ~total & 0xFFFF) + icmp[4:]
		s = socket.socket(socket.AF_INET, socket.SOCK_RAW,
		                  socket.IPPROTO_ICMP)
		s.sendto(icmp, ("10.77.0.1", 0))
	END
	await stats '.destinations[0].errors.toobig == 1'
	flows
	run record stats '.destinations[0] | [.errors.toobig, .dropped]'
	assert_output '[1,0]'
	stop
}

@test "whoever gets nothing for 15 s gets a sign of life" {
	listen rtp://10.77.0.2:0
	begin=$(now)
	send "rtp://10.77.0.2:$port,media=text" \
		"rtp://10.77.0.2:$port,media=text,rtcp=off" \
		"rtp://10.77.0.2:$port,media=text,rtcp=+1" \
		"rtp://10.77.0.2:$port,media=audio"
	await got.stats '.recv.short == 2'
	[ $(($(now) - begin)) -gt 14000000 ]
	# Each side has records of its own, from time to time.
	await stats '[.destinations[].keepalives] | add == 3'
	run record stats '[.destinations[] | [.keepalives, .rtcp_out > 0]]'
	assert_output '[[1,true],[1,false],[1,true],[0,true]]'
	await got.stats '.recv.rtcp_in > 2'
	run record got.stats '.recv.rtcp_malformed + .recv.malformed'
	assert_output 0
	stop
}

# --- which way ---

@test "iface= is the way out and in, and one that is not there is refused" {
	listen 'rtp://[::]:0,iface=cable'
	send "rtp://10.77.0.2:$port,iface=cable"
	await got.stats '.recv.packets > 20'
	stop
	kill -KILL "$sender"
	listen rtp://:0,iface=lo
	send "rtp://10.77.0.2:$port,iface=cable"
	await stats '.destinations[0].packets > 20'
	run record got.stats .recv.packets
	assert_output 0
	kill -KILL "$sender"
	run -1 vc-send rtp://127.0.0.1:5004,iface=nosuch </dev/null
	assert_output --partial "rtp://127.0.0.1:5004,iface=nosuch: open: No such device"
	run -1 vc-recv rtp://:0,iface=nosuch
	assert_output --partial "No such device"
}

@test "a host that cannot be is no such host, wherever it stands" {
	local host place

	# No label is that long, so nobody is asked.
	host=$(printf 'x%.0s' {1..70}).invalid
	run -1 vc-send "rtp://$host:5004" </dev/null
	assert_output "vc-send: rtp://$host:5004: open: no such host"
	run -2 vc-recv "rtp://:0,source=$host"
	assert_line "vc-recv: rtp://:0,source=$host: source=$host: no such host"
	for place in "tcp://$host:1" "tls://$host:1"; do
		run -1 vc-probe "$place"
		assert_output --partial "$place: open: no such host"
		run -1 vc-capture --virtual -t 100ms -o "$place" test:
		assert_output "vc-capture: $place: open: no such host"
	done
}

@test "a link-local address means one at iface=" {
	run ip -n "$far" -br address show cable
	local=$(sed -E 's/.*(fe80::[0-9a-f:]+).*/\1/' <<<"$output")
	listen "rtp://[$local]:0,iface=cable"
	send "rtp://[$local]:$port,iface=cable"
	await got.stats '.recv.packets > 20'
	stop
}

# --- groups ---

@test "groups: who has joined gets it, from the source that he wants" {
	for group in 239.77.1.1:10.77.0.1:10.77.0.5 \
		'[ff15::77]:[fd77::1]:[fd77::5]'; do
		case $group in
		239*) addr=239.77.1.1 yes=10.77.0.1 no=10.77.0.5 ;;
		*) addr='[ff15::77]' yes=fd77::1 no=fd77::5 ;;
		esac
		rm -f two three
		listen "rtp://$addr:0,iface=cable"
		first=$pid
		# Another on this machine may join it as well.
		there "$far" vc-recv --stats=two --stats-interval 50ms \
			"rtp://$addr:$port,iface=cable,source=$yes" \
			>got2 3>&- &
		pids+=($!)
		there "$far" vc-recv --stats=three --stats-interval 50ms \
			"rtp://$addr:$port,iface=cable,source=$no" \
			>got3 3>&- &
		pids+=($!)
		await three .recv
		await two .recv
		send "rtp://$addr:$port,iface=cable"
		await got.stats '.recv.packets > 20'
		await two '.recv.packets > 20'
		run record three '[.recv.datagrams, .recv.stranger]'
		assert_output '[0,0]'
		# Each member reports, and is heard.
		await stats '.destinations[0].rtcp_in >= 2'
		run record got.stats '[.sources[].ttl] | unique'
		assert_output '[1]'
		kill -KILL "$sender"
		pid=$first
		stop
	done
	run -2 vc-recv rtp://239.77.1.1:5004,source=::1
	assert_output --partial "of one family"
	run -2 vc-send --duplex rtp://239.77.1.1:5004 </dev/null
	assert_output --partial "--duplex is for one peer"
}

@test "a group on this machine, and ttl=" {
	ip -n "$far" route add 239.0.0.0/8 dev lo
	listen rtp://239.77.1.2:0,iface=lo
	near=$far send "rtp://239.77.1.2:$port,iface=lo,ttl=9"
	await got.stats '.recv.packets > 20'
	run record got.stats '[.sources[].ttl] | unique'
	assert_output '[9]'
	stop
}

@test "in a group reports are few, and what is missing is asked for by order only" {
	ip -n "$near" route add 239.0.0.0/8 dev cable
	for feedback in auto rr,nack; do
		listen --feedback="$feedback" rtp://239.77.1.3:0,iface=cable
		rm -f relay
		mkfifo relay
		there "$near" vc-impair --ready=relay --seed 3 loss=10% \
			udp://127.0.0.1:0 "udp://239.77.1.3:$port" 3>&- &
		pids+=($!)
		read -r _ url <relay
		send "rtp://${url#*://}"
		# In 4 s, in which two alone would send three reports at least.
		await got.stats '.sources | length == 2 and all(.expected > 200)'
		run record got.stats '.recv | [.xr_out <= 2, .nack_out > 0]'
		if [ "$feedback" = auto ]; then
			assert_output '[true,false]'
		else
			assert_output --partial ',true]'
		fi
		stop
	done
}

# --- classes of service ---

@test "--dscp by kind, dscp= for all: as they arrive, IPv4 and IPv6" {
	for to in 10.77.0.2 '[fd77::2]'; do
		listen "rtp://$to:0"
		send --dscp audio=EF,video=AF41 "rtp://$to:$port"
		await got.stats '.sources | length == 2'
		flows
		run record got.stats '[.sources[].dscp] | sort'
		assert_output '[34,46]'
		kill -KILL "$sender"
		stop
		listen "rtp://$to:0"
		send --dscp audio=EF "rtp://$to:$port,dscp=cs1"
		await got.stats '.sources | length == 2'
		flows
		run record got.stats '[.sources[].dscp] | unique'
		assert_output '[8]'
		kill -KILL "$sender"
		stop
	done
	run -2 vc-send --dscp EFF rtp://127.0.0.1:5004
	assert_output --partial "--dscp EFF: not as EF"
	run -2 vc-send rtp://127.0.0.1:5004,dscp=64
	assert_output --partial "dscp= is a class"
}

# --- X9 ---

@test "a port that is taken is refused, clearly; it stays whose it is" {
	listen rtp://:0
	run -1 ip netns exec "$far" vc-recv "rtp://:$port"
	assert_output "vc-recv: rtp://:$port: open: Address already in use"
	run -1 ip netns exec "$far" vc-send \
		"rtp://10.77.0.1:5004,bind=:$port" </dev/null
	assert_output "vc-send: rtp://10.77.0.1:5004,bind=:$port: open: Address already in use"
	run -1 ip netns exec "$far" vc-recv -4 rtp://127.0.0.1:7004 \
		rtp://127.0.0.1:7004
	assert_output --partial "Address already in use"
	send "rtp://10.77.0.2:$port"
	await got.stats '.recv.packets > 20'
	stop
}
