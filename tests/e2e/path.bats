#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-probe path and reflect, over loopback, through vc-impair, and over a link of
# its own, which needs root. Runs live, 45 s: paths are by the clock.

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load path

@test "a path over loopback: both ways, MTU, DSCP, NAT, and the verdict" {
	reflect --key-file k rtp://127.0.0.1:0
	path -t 1s --json -e 'path.up.loss<1%' -e 'path.rtt_ms.p95<1s' \
		-e 'path.down.mtu>1500' "$url" >record
	run jq -c '.schema, .profile, (.sources[0] | .id, .answers,
		(.path | .up.sent == 50, .up.lost, .down.lost,
		.up.mtu == .down.mtu, .up.dscp.kept, .down.dscp.kept,
		.up.dscp.arrived, .nat.translated, .nat.rebinds,
		.nat.local == .nat.public, .clock.error_ms >= 0,
		.rtt_ms.p50 >= .rtt_ms.min, .counts_final))' record
	assert_output "$(printf '%s\n' '"vc.probe.path/1"' '"voice"' \
		'"ipv4"' true true 0 0 true 1 1 46 false 0 true true true true)"
	run jq -c '[.expect[].ok]' record
	assert_output '[true,true,true]'
	run ended_with '[.sessions, .answers == .probes, .strays]'
	assert_output '[1,true,0]'
}

@test "a rule that does not hold is exit 3, a wrong one usage" {
	reflect --key-file k rtp://127.0.0.1:0
	run --separate-stderr path -t 200ms --no-mtu --junit=j.xml \
		-e 'path.rtt_ms.max<1us' "$url"
	[ "$status" -eq 3 ]
	[[ $stderr == *"expected path.rtt_ms.max<1us: failed: ipv4 path: "*" ms"* ]]
	[[ $output == *"FAIL  path.rtt_ms.max<1us"* ]]
	grep -q '<failure message="path.rtt_ms.max&lt;1us' j.xml
	run -0 --separate-stderr path -t 200ms --no-mtu --tap \
		-e 'path.rtt_ms.max<1m' "$url"
	assert_line --index 1 '1..1'
	assert_line --index 2 --regexp \
		'^ok 1 - path.rtt_ms.max<1m: ipv4 path: [0-9.]+ ms$'
	run path -e 'path.rtt_ms.p59<1s' "$url"
	assert_failure 2
	assert_output --partial 'did you mean path.rtt_ms.p50?'
}

@test "profiles and traces are sent as they are" {
	reflect --key-file k rtp://127.0.0.1:0
	path -t 1s --no-mtu --profile hd --json --dscp CS3 "$url" >record
	run jq -c '.profile, .dscp, (.sources[0].path | .up.sent > 150,
		.up.dscp.arrived, .down.dscp.arrived, .up.lost)' record
	assert_output "$(printf '%s\n' '"hd"' 24 true 24 24 0)"
	printf '# a trace\n0ms 160\n20ms 1200\n\n20ms 1200\n100ms 32\n' >trace
	path --no-mtu --trace trace --json "$url" >record
	run jq -c '.profile, .sources[0].path.up.sent' record
	assert_output "$(printf '%s\n' '"trace"' 4)"
	for line in '10ms' '10 160' '10ms 20' '10ms 1401' '5ms 160 1'; do
		printf '8ms 160\n%s\n' "$line" >trace
		run path --trace trace "$url"
		assert_failure 2
		assert_output --partial 'line 2'
	done
	printf '8ms 160\n7ms 160\n' >trace
	run path --trace trace "$url"
	assert_failure 2
}

@test "nobody there, and another key: exit 4; the far end says 5" {
	run path --wait 300ms "rtp://127.0.0.1:$(free_port)"
	assert_failure 4
	assert_output --partial 'nobody listens there'
	(umask 077 && vc-send --new-key >other)
	reflect --key-file other rtp://127.0.0.1:0
	run path --wait 600ms "$url"
	assert_failure 4
	assert_output --partial 'with the same key?'
	kill "$pid"
	ended 5
	run jq -sc 'last | [.probes, .auth_failed > 0]' reflect.stats
	assert_output '[0,true]'
}

@test "a far end that answers with another key is exit 5" {
	a=$(sed 's/^/in /' k)
	(umask 077 && vc-send --new-key >other)
	(umask 077 && { echo "$a" && sed 's/^/out /' other; } >theirs)
	(umask 077 && { sed 's/^/out /' k &&
		vc-send --new-key | sed 's/^/in /'; } >ours)
	reflect --key-file theirs rtp://127.0.0.1:0
	run timeout 20 vc-probe path --key-file ours --wait 600ms "$url"
	assert_failure 5
}

@test "IPv6" {
	reflect --key-file k rtp://:0
	port=${url##*:}
	path -6 -t 300ms --json "rtp://[::1]:$port" >record
	run jq -c '.sources | length, .[0].id, .[0].path.up.lost' record
	assert_output "$(printf '%s\n' 1 '"ipv6"' 0)"
}

@test "what a NAT knows after a silence" {
	reflect --key-file k rtp://127.0.0.1:0
	path -t 200ms --no-mtu --nat-idle 1s --json "$url" >record
	run jq -c '.sources[0].path.nat | .idle_s, .kept_in, .kept_out' record
	assert_output "$(printf '%s\n' 1 true true)"
}

@test "no answer without a key, none that is longer, none twice" {
	reflect --key-file k rtp://127.0.0.1:0
	run python3 - "${url##*:}" <<-'END'
		import os, socket, struct, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.connect(("127.0.0.1", int(sys.argv[1])))
		s.settimeout(1)
		for n in range(3000):
		    # RTP with our magic in clear, its own SSRC each; rubbish;
		    # RTCP
		    head = struct.pack(">BBHII", 128, 126, n, n, n)
		    s.send((head + b"vcQ1" + bytes(180), os.urandom(200),
		        b"\x80\xc8" + os.urandom(60))[n % 3])
		try:
		    print(len(s.recv(2048)))
		except TimeoutError:
		    print("nothing")
	END
	assert_output nothing
	# It serves who has the key, meanwhile and after that.
	path -t 200ms --no-mtu --json "$url" >record
	run jq .sources[0].path.up.lost record
	assert_output 0
	run ended_with '[.probes < 100, .sessions,
		.auth_failed + .untried > 1000]'
	assert_output '[true,1,true]'
}

# Records what goes to the reflector, and sends it again to a new one.
@test "probes that are sent again get nothing but the answer to a hello" {
	reflect --key-file k rtp://127.0.0.1:0
	port=$(free_port)
	cat >relay.py <<-'END'
		import pickle, socket, sys
		a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		a.bind(("127.0.0.1", int(sys.argv[1])))
		b.connect(("127.0.0.1", int(sys.argv[2])))
		a.settimeout(3)
		kept = []
		try:
		    while True:
		        p, who = a.recvfrom(3000)
		        kept.append(p)
		        b.send(p)
		        b.settimeout(2)
		        a.sendto(b.recv(3000), who)
		except TimeoutError:
		    pickle.dump(kept, open("kept", "wb"))
	END
	python3 relay.py "$port" "${url##*:}" 3>&- &
	relay=$!
	pids+=("$relay")
	path -t 500ms --no-mtu --json "rtp://127.0.0.1:$port" >record
	wait "$relay"
	cat >again.py <<-'END'
		import pickle, socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.connect(("127.0.0.1", int(sys.argv[1])))
		kept = pickle.load(open("kept", "rb"))
		sent = got = 0
		for p in kept * 2:
		    s.send(p)
		    sent += len(p)
		s.settimeout(1)
		n = 0
		try:
		    while True:
		        got += len(s.recv(3000))
		        n += 1
		except TimeoutError:
		    print(len(kept) > 20, n, got < sent / 20)
	END
	# The same one knows them all.
	run python3 again.py "${url##*:}"
	assert_output 'True 0 True'
	kill "$pid"
	wait "$pid" || :
	reflect --key-file k rtp://127.0.0.1:0
	run python3 again.py "${url##*:}"
	assert_output 'True 1 True'
}

# Answers of one run are played to the next one, under the same key.
@test "answers of an earlier run are none" {
	reflect --key-file k rtp://127.0.0.1:0
	cat >relay.py <<-'END'
		import select, socket, sys
		a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		a.bind(("127.0.0.1", 0))
		b.connect(("127.0.0.1", int(sys.argv[1])))
		print(a.getsockname()[1], flush=True)
		kept = []
		while select.select([a, b], [], [], 2)[0]:
		    if select.select([b], [], [], 0)[0]:
		        kept.append(b.recv(3000))
		        a.sendto(kept[-1], who)
		    else:
		        p, who = a.recvfrom(3000)
		        b.send(p)
		print(len(kept) > 20, flush=True)
		a.settimeout(20)
		p, who = a.recvfrom(3000)
		for p in kept:
		    a.sendto(p, who)
		while select.select([a], [], [], 10)[0]:
		    a.recv(3000)
	END
	mkfifo said
	timeout 60 python3 relay.py "${url##*:}" >said 3>&- &
	pids+=("$!")
	exec {fd}<said
	read -r port <&"$fd"
	path -t 500ms --no-mtu --json "rtp://127.0.0.1:$port" >record
	run jq .sources[0].answers record
	assert_output true
	read -r line <&"$fd"
	exec {fd}<&-
	[ "$line" = True ]
	run path -t 500ms --no-mtu --wait 1s "rtp://127.0.0.1:$port"
	assert_failure 4
	assert_output --partial 'with the same key?'
}

@test "only those that are let in" {
	reflect --key-file k --allow 192.0.2.0/24 rtp://127.0.0.1:0
	run path --wait 300ms "$url"
	assert_failure 4
	run ended_with '[.strangers > 0, .probes]'
	assert_output '[true,0]'
	run timeout 5 vc-probe reflect rtp://127.0.0.1:0
	assert_failure 2
	run timeout 5 vc-probe reflect --open --key-file k rtp://127.0.0.1:0
	assert_failure 2
}

@test "a reflector that is not ours: the round trip" {
	reflect --plain rtp://127.0.0.1:0
	timeout 20 vc-probe path --mode echo -t 1s --profile sd --json \
		-e 'path.loss<1%' "$url" >record
	run jq -c '.mode, (.sources[0].path | .sent == .received,
		.duplicates, .rtt_ms.p50 > 0, .up)' record
	assert_output "$(printf '%s\n' '"reflector"' true 0 true null)"
}

@test "two reflectors without keys do not play with each other" {
	reflect --plain rtp://127.0.0.1:0
	cat >between.py <<-'END'
		import select, socket, sys
		a, b = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		        for _ in range(2))
		to = ("127.0.0.1", int(sys.argv[1]))
		packet = bytes([128, 96, 0, 1]) + bytes(28)
		a.sendto(packet, to)
		n = 0
		while n < 100 and select.select([a], [], [], 1)[0]:
		    a.sendto(a.recv(3000), to)
		    n += 1
		# To another address it is another one, and so are other octets.
		b.sendto(packet, to)
		a.sendto(packet + b"x", to)
		print(n, all(select.select([s], [], [], 10)[0] for s in (a, b)))
	END
	run python3 between.py "${url##*:}"
	assert_output '1 True'
	kill "$pid"
	wait "$pid" || :
	run jq -sc 'last | [.echoed, .repeated]' reflect.stats
	assert_output '[3,1]'
}

@test "RTCP alone: what the far end reports" {
	rm -f ready
	mkfifo ready
	timeout 30 vc-recv --ready=ready --stop-on bye rtp://127.0.0.1:0 \
		>got 2>err 3>&- &
	pids+=("$!")
	read -r _ url <ready
	timeout 20 vc-probe path --mode rtcp -t 4s --json \
		-e 'path.far.loss<1%' "$url" >record
	run jq -c '.sources[0].path | .far.reports > 0, .far.lost,
		.rtt_ms.min >= 0, .rtt_ms.min < 1000' record
	assert_output "$(printf '%s\n' true 0 true true)"
}

# One that has a port for RTCP and knows ours: reports 1 lost in 4, a jitter of 80
# units, and that it held our report for half a second.
@test "RTCP by the next port, from where we are expected" {
	cat >classic.py <<-'END'
		import socket, struct, sys, time
		ours = int(sys.argv[1])
		a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		port = int(sys.argv[2])
		a.bind(("127.0.0.1", port))
		b.bind(("127.0.0.1", port + 1))
		print(flush=True)
		while True:
		    p = b.recv(2000)
		    assert p[1] == 200
		    ssrc = p[4:8]
		    lsr = p[10:14]
		    a.setblocking(False)
		    high = 0
		    try:
		        while True:
		            high = struct.unpack(">H", a.recv(2000)[2:4])[0]
		    except BlockingIOError:
		        pass
		    time.sleep(0.5)
		    b.sendto(struct.pack(">BBHI4sIII4sI", 129, 201, 7, 1, ssrc,
		        64 << 24 | 5, high, 80, lsr, 32768),
		        ("127.0.0.1", ours + 1))
	END
	port=$(free_port) ours=$(free_port)
	mkfifo up
	timeout 30 python3 classic.py "$ours" "$port" >up 3>&- &
	pids+=("$!")
	read -r <up
	timeout 20 vc-probe path --mode rtcp -t 3s --json \
		"rtp://127.0.0.1:$port,bind=127.0.0.1:$ours,rtcp=+1" >record
	run jq -c '.sources[0].path | .far.reports > 1, .far.lost,
		.far.loss_max, .far.jitter_ms, (.rtt_ms.min < 400)' record
	assert_output "$(printf '%s\n' true 5 0.25 10 true)"
	run timeout 5 vc-probe path --key-file k "rtp://127.0.0.1:1,rtcp=+1"
	assert_failure 2
}

# The hello is the first packet of either way, then comes the pattern.
@test "what a relay loses on each way is exactly what is said" {
	reflect --key-file k rtp://127.0.0.1:0
	relay --up drop=20,40-44 --down drop=60,80-82
	path -t 3s --no-mtu --json "$url" >record
	run jq -c '.sources[0].path | .up.lost, .up.bursts, .up.burst_longest,
		.down.lost, .down.bursts, .down.burst_longest,
		(.loss * .up.sent | round), .counts_final,
		.nat.translated' record
	assert_output "$(printf '%s\n' 6 2 5 4 2 3 10 true true)"
}

@test "a relay that delays one way, and changes its port" {
	reflect --key-file k rtp://127.0.0.1:0
	relay --down delay=80ms rebind=500ms
	path -t 2s --no-mtu --json "$url" >record
	# The offset is wrong by half of the difference, as it says it may be.
	run jq -c '.sources[0].path | .nat.rebinds, .up.lost + .down.lost,
		(.rtt_ms.min > 79), (.clock.error_ms > 39),
		(.clock.offset_ms + 40 | fabs < 30)' record
	assert_output "$(printf '%s\n' 1 0 true true true)"
}

@test "both families of a name are measured, and compared" {
	reflect --key-file k rtp://:0
	printf '127.0.0.1 both.example\n::1 both.example\n' >hosts
	# Of this process alone.
	unshare -rm bash -c 'mount --bind hosts /etc/hosts && exec "$@"' - \
		timeout 30 vc-probe path --key-file k -t 500ms --no-mtu \
		--json "rtp://both.example:${url##*:}" >record
	run jq -c '[.sources[] | .id, .answers, .path.up.lost],
		(.total.ipv6_over_ipv4 | (.rtt_ms | type), .loss)' record
	assert_output "$(printf '%s\n' '["ipv4",true,0,"ipv6",true,0]' \
		'"number"' 0)"
}

@test "told to end, it says what it has" {
	reflect --key-file k rtp://127.0.0.1:0
	timeout 30 vc-probe path --key-file k -t 1h --no-mtu --json \
		--stats=path.stats --stats-interval 100ms "$url" >record 3>&- &
	path=$!
	pids+=("$path")
	await path.stats '.probes > 10'
	pkill -INT -P "$path"
	wait "$path"
	run jq '.sources[0].path | .up.sent > 10 and .up.lost == 0' record
	assert_output true
}

@test "the MTU of a link" {
	reflect_far
	ip -n "$near" link set cable mtu 1400
	ip netns exec "$near" timeout 30 vc-probe path --key-file k \
		-t 200ms --json "$url" >record
	run jq -c '.sources[0].path | .up.mtu, .down.mtu' record
	assert_output "$(printf '%s\n' 1400 1400)"
	# Only the way back is narrow: veth takes what comes.
	ip -n "$near" link set cable mtu 1500
	ip -n "$far" link set cable mtu 1300
	ip netns exec "$near" timeout 30 vc-probe path --key-file k \
		-t 200ms --json "$url" >record
	run jq -c '.sources[0].path | .down.mtu' record
	assert_output 1300
}
