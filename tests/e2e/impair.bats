#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-impair: the filter on the virtual clock, where all can be counted, and
# live; the relay between sockets of relaypeer.py. Runs live, 45 s.

# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 10s --size 160x90 --fps 15 test: >a.vcrtp
}

setup()
{
	begin
	a=$BATS_FILE_TMPDIR/a.vcrtp
	relay=(python3 "$BATS_TEST_DIRNAME/relaypeer.py")
}

# What jq finds in vc-probe's report of stream $1.
probe() { vc-probe --json "$1" | jq -c "$2"; }
# In the counters of the last record of 'stats'.
last() { tail -n 1 stats | jq -c ".impair | $1"; }
# The packets of stream $1 and type $2 (rtp, rtcp), one a line, by jq.
packets()
{
	vc-probe --packets=json "$1" |
		jq -c "select(.type == \"$2\") | ${3-.}"
}

@test "a perfect network changes no octet" {
	vc-impair "$a" >b.vcrtp
	cmp "$a" b.vcrtp
	vc-impair delay=0 loss=off rate=off <"$a" -o c.vcrtp
	cmp "$a" c.vcrtp
}

@test "a rule without its = and ends that are none say what to write" {
	run -2 vc-impair loss 2% in
	assert_output --partial 'loss: no file; a rule is written loss=2%'
	run -2 vc-impair delay
	assert_output --partial 'delay: no file; a rule is written delay=VALUE'
	run -2 vc-impair rtp://127.0.0.1:5004 rtp://127.0.0.1:5006 loss=2%
	assert_output --partial \
		'rtp://127.0.0.1:5004: a relay has two ends, as udp://'
}

@test "the same seed gives the same octets, another one others" {
	local opts=(loss=5%:burst=3 delay=50ms jitter=20ms reorder=2%:gap=3
		duplicate=1% corrupt=1% rate=1M)

	vc-impair "${opts[@]}" "$a" >b.vcrtp
	vc-impair "${opts[@]}" "$a" >c.vcrtp
	vc-impair "${opts[@]}" --seed 2 "$a" >d.vcrtp
	cmp b.vcrtp c.vcrtp
	run ! cmp -s b.vcrtp d.vcrtp
	# And it is a stream still, to the end.
	run vc-probe -q b.vcrtp
	assert_success
}

@test "losses are seen by vc-probe, and said by nobody" {
	vc-impair loss=10% only=rtp --stats=stats "$a" >b.vcrtp
	lost=$(last .loss)
	[ "$lost" -gt 0 ]
	all=$(packets "$a" rtp | wc -l)
	left=$(packets b.vcrtp rtp | wc -l)
	[ $((all - left)) -eq "$lost" ]
	run last .passed
	assert_output "$left"
	# vc-probe knows of no loss after the last packet that came.
	seen=$(probe b.vcrtp '[.sources[].media.lost] | add')
	[ "$seen" -le "$lost" ]
	[ "$seen" -ge $((lost - 10)) ]
	diff <(packets "$a" event) <(packets b.vcrtp event)
	diff <(packets "$a" rtcp .packets) <(packets b.vcrtp rtcp .packets)
}

@test "every Nth packet, and those of a list" {
	all=$(packets "$a" rtp | wc -l)
	vc-impair drop=every:10:rtp "$a" >b.vcrtp
	[ "$(packets b.vcrtp rtp | wc -l)" -eq $((all - all / 10)) ]
	vc-impair drop=1,5-9:rtp "$a" >b.vcrtp
	[ "$(packets b.vcrtp rtp | wc -l)" -eq $((all - 6)) ]
	vc-impair drop=1-:rtcp "$a" >b.vcrtp
	[ "$(packets b.vcrtp rtp | wc -l)" -eq "$all" ]
	[ "$(packets b.vcrtp rtcp | wc -l)" -eq 0 ]
}

@test "a delay moves arrivals, and keeps the order" {
	vc-impair delay=150ms "$a" >b.vcrtp
	first=$(packets "$a" rtp .t | head -n 1)
	delayed=$(packets b.vcrtp rtp .t | head -n 1)
	[ $((delayed - first)) -eq 150000 ]
	diff <(packets "$a" rtp '[.ssrc, .seq]') \
		<(packets b.vcrtp rtp '[.ssrc, .seq]')
	run probe b.vcrtp '[.sources[].media.lost] | add'
	assert_output 0
}

@test "jitter, reordering, duplicates and corruption are counted" {
	vc-impair jitter=30ms delay=100ms reorder=5%:gap=40ms \
		duplicate=5% corrupt=5% --stats=stats "$a" >b.vcrtp
	run probe b.vcrtp '[.sources[].media.reordered] | add > 20'
	assert_output true
	run probe b.vcrtp '[.sources[].media.duplicates] | add > 20'
	assert_output true
	run last '[.corrupted, .duplicated, .reordered] | min > 10'
	assert_output true
}

@test "a rate lets no more through than it says" {
	# 20 % of the stream's own, on IPv4 and UDP.
	vc-impair only=rtp rate=64k:queue=100ms --stats=stats "$a" >b.vcrtp
	run last '(.out_octets + 28 * .out_packets) * 8 / 10.3 <= 64000'
	assert_output true
	run last '(.out_octets + 28 * .out_packets) * 8 / 10 >= 60000'
	assert_output true
	run last '.queue > 0 and .queue_max_ms <= 100'
	assert_output true
	run last '.packets == .passed + .queue'
	assert_output true
}

@test "blackouts by the clock, once and again" {
	vc-impair blackout=2s from=2s "$a" >b.vcrtp
	begin=$(packets "$a" rtp .t | head -n 1)
	packets b.vcrtp rtp "(.t - $begin) / 100000 | floor" >tenths
	run grep -cE '^(19|40)$' tenths
	refute_output 0
	run ! grep -E '^(2|3)[0-9]$' tenths
	vc-impair blackout=500ms:every=2s from=2s --stats=stats "$a" >c.vcrtp
	run last '.blackout > 100 and .blackout < .packets / 4'
	assert_output true
}

@test "commands at times change the network" {
	vc-impair --at '2001ms set loss=100%' --at '4001ms clear' \
		--at '6001ms set blackout=1s' "$a" >b.vcrtp
	vc-impair loss=100% from=2001ms to=4001ms blackout=1s from=6001ms \
		"$a" >c.vcrtp
	run ! cmp -s b.vcrtp "$a"
	diff <(packets b.vcrtp rtp '[.ssrc, .seq]') \
		<(packets c.vcrtp rtp '[.ssrc, .seq]')
	run -2 --separate-stderr vc-impair --at '2s set loss=lots' "$a" \
		-o d.vcrtp
	[[ $stderr == *"loss=lots: not loss=P%"* ]]
	run -2 --separate-stderr vc-impair --at '2s set rebind=0s' "$a" \
		-o d.vcrtp
	[[ $stderr == *"only a relay"* ]]
}

@test "packets that are too large for the MTU are dropped" {
	vc-impair mtu=576 --stats=stats "$a" >b.vcrtp
	run last '.mtu > 0 and .passed > 0'
	assert_output true
	run packets b.vcrtp rtp 'select(.size > 548)'
	assert_output ""
}

@test "what it did is written, and done again to the octet" {
	local rules

	while read -ra rules; do
		vc-impair "${rules[@]}" --acts acts "$a" >b.vcrtp
		vc-impair --replay acts --acts again --stats=stats "$a" >c.vcrtp
		cmp b.vcrtp c.vcrtp
		run ! cmp -s "$a" c.vcrtp
		diff <(grep -v '^#' acts | sort) <(sort again)
		run last .unscripted
		assert_output 0
	done <<-'ROWS'
		loss=5%:burst=3 delay=50ms jitter=20ms reorder=2%:gap=3 duplicate=3% corrupt=2% rate=1M only=rtp
		rate=80k:codel loss=2% jitter=5ms:gamma skew=400ppm drop=1:key
		jitter=30ms:ordered reorder=9%:gap=20ms duplicate=9% loss=state:5%:25% blackout=1s from=3s
	ROWS
	# Other luck changes nothing of it; other packets pass.
	vc-impair --replay acts --seed 9 "$a" | cmp - b.vcrtp
	head -n 100 acts >few
	vc-impair --replay few --stats=stats "$a" >c.vcrtp
	run last '.unscripted > 500'
	assert_output true
	run -2 --separate-stderr vc-impair --replay acts loss=5% "$a"
	[[ $stderr == *"no rules"* ]]
	echo "up 1 lost" >>few
	run -2 --separate-stderr vc-impair --replay few "$a"
	[[ $stderr == *"--replay: line 101: not as it should be"* ]]
}

@test "lists by kind: key frames, RTCP, sound" {
	vc-impair drop=1:key drop=2-3:audio drop=every:2:rtcp --acts acts \
		--stats=stats "$a" >b.vcrtp
	vc-probe --packets=json "$a" | jq -c '
		select(.type == "rtp" or .type == "rtcp") |
		[.type, .kind, .ts, .key]' >all
	# The packets of that frame, two of sound, and half of RTCP.
	ts=$(jq 'select(.[3]) | .[2]' all | head -n 1)
	key=$(jq "select(.[1] == \"video\" and .[2] == $ts)" -c all | wc -l)
	rtcp=$(grep -c '"rtcp"' all)
	[ "$key" -gt 0 ]
	run last .loss
	assert_output $((key + 2 + rtcp / 2))
	run vc-probe --json b.vcrtp
	run jq -c '.sources[] | select(.kind == "video") | .waiting + .broken > 0' \
		<<<"$output"
	assert_output true
}

@test "a clock that is slow, and a trace of a link" {
	vc-impair skew=1000ppm "$a" >b.vcrtp
	# 10 s are 10 ms more.
	run jq -n --argjson a "$(packets "$a" rtp .t | tail -n 1)" \
		--argjson b "$(packets b.vcrtp rtp .t | tail -n 1)" \
		'$b - $a | . > 9800 and . < 10100'
	assert_output true
	# 50 opportunities a second are 601,600 bit/s.
	seq 20 20 1000 >link.ms
	vc-impair rate=trace:link.ms:queue=100ms "$a" --stats=stats >b.vcrtp
	run last '(.out_octets + 28 * .out_packets) * 8 / 10.2 <= 601600'
	assert_output true
	run -2 --separate-stderr vc-impair rate=trace:none "$a"
	[[ $stderr == *"none: read: No such file"* ]]
	printf '5\n3\n' >link.ms
	run -2 --separate-stderr vc-impair rate=trace:link.ms "$a"
	[[ $stderr == *"link.ms: line 2: not as it should be"* ]]
	vc-impair jitter=trace:link.ms:ordered "$a" >b.vcrtp
	run -2 vc-impair --at '1s set jitter=trace:link.ms' "$a" -o c.vcrtp
}

@test "presets are rules" {
	local rules

	for name in wifi lte dsl satellite; do
		vc-impair --preset-dump "$name" >dump
		rules=$(sed -n "s/^--down '\(.*\)'$/\1/p" dump)
		vc-impair --preset "$name" "$a" >b.vcrtp
		vc-impair "$rules" "$a" | cmp - b.vcrtp
		# What is said besides comes after.
		vc-impair --preset "$name" loss=off delay=1ms --stats=stats \
			"$a" >b.vcrtp
		run last .loss
		assert_output 0
	done
	run -2 vc-impair --preset cable "$a"
	run -2 vc-impair --preset-dump cable
}

@test "a bad call becomes a test: vc-probe writes its acts" {
	local rules='loss=5%:burst=2 delay=80ms jitter=15ms duplicate=2% only=audio,video'

	vc-impair --seed 4 "$rules" "$a" >bad.vcrtp
	vc-probe --impair-out acts bad.vcrtp >/dev/null
	vc-impair --replay acts --stats=stats "$a" >again.vcrtp
	run last '.loss > 20 and .duplicated > 5'
	assert_output true
	# The same packets are there, and as much later than the quickest one.
	for s in bad again; do
		packets $s.vcrtp rtp '[.ssrc, .seq]' | sort >$s.seqs
	done
	# What was lost before the first one and behind the last one is not known.
	run comm -3 bad.seqs again.seqs
	[ "$(wc -l <<<"$output")" -le 6 ]
	vc-probe --impair-out acts2 again.vcrtp >/dev/null
	diff <(head -n 200 acts | grep -c loss) <(head -n 200 acts2 | grep -c loss)
	run jq -n --argjson a "$(probe bad.vcrtp '[.sources[].media.jitter_mean_ms] | max')" \
		--argjson b "$(probe again.vcrtp '[.sources[].media.jitter_mean_ms] | max')" \
		'($a - $b) | fabs < 0.5'
	assert_output true
	run probe again.vcrtp '[.sources[].media.reordered] | add > 5'
	assert_output true
	run -2 vc-probe --impair-out /nowhere/acts bad.vcrtp
}

@test "live: the same stream, later" {
	vc-capture -t 2s --size 160x90 --fps 15 --seed 1 test: |
		vc-impair delay=200ms --stats=stats >b.vcrtp
	run probe b.vcrtp '[.sources[].media.lost] | add'
	assert_output 0
	run last '.packets == .out_packets and .held == 0'
	assert_output true
}

@test "live: a seed is drawn and told, and makes the same luck again" {
	run --separate-stderr vc-impair --live loss=20% --acts acts \
		-t 500ms "$a" -o b.vcrtp
	assert_success
	[ -z "$stderr" ]
	vc-capture -t 1s --size 160x90 --fps 15 --seed 1 test: |
		vc-impair loss=20% --acts acts >b.vcrtp 2>err
	seed=$(sed -n 's/^vc-impair: luck: --seed \([0-9]*\) is .*/\1/p' err)
	vc-capture -t 1s --size 160x90 --fps 15 --seed 1 test: |
		vc-impair loss=20% --seed "$seed" --acts again >b.vcrtp
	n=$(($(wc -l <acts) * 3 / 4))
	head -n "$n" acts | grep loss >one
	head -n "$n" again | grep loss >two
	cmp one two
}

@test "wrong usage is named" {
	local row

	while read -r row; do
		eval "run -2 --separate-stderr vc-impair $row"
		[ -n "$stderr" ]
	done <<-'ROWS'
		loss=5
		loss=101%
		loss=5%:bursts=3
		loss=90%:burst=2
		loss=gemodel:
		loss=gemodel:1%:2%:3%:4%:5%
		loss=state:60%:0%:0%:0%:60%
		drop=0
		drop=9-8
		drop=every:0
		drop=every:3-4
		drop=a
		drop=1:cat
		delay=20
		delay=11m
		delay=
		jitter=5ms:often
		rate=100
		rate=1M:queue=200
		mtu=0
		blackout=2s from=4s to=2s
		blackout=0s
		blackout=2s:every=1s
		'loss=5% loss'
		'from=2s loss=5%'
		'loss=5% from=1s from=2s'
		'drop=off from=2s'
		--up loss=5%
		rebind=5s
		los=5%
		a.vcrtp b.vcrtp
		udp://127.0.0.1:0
		udp://127.0.0.1:0 udp://:0
		udp://127.0.0.1:0 udp://127.0.0.1:9,rtcp=mux
		udp://127.0.0.1:0 udp://127.0.0.1:9 udp://127.0.0.1:9
		udp://127.0.0.1:0 udp://127.0.0.1:9 a.vcrtp
		udp://127.0.0.1:0 rtp://127.0.0.1:9
		udp://127.0.0.1:0 -o out udp://127.0.0.1:9
		udp://127.0.0.1:0 --up loss udp://127.0.0.1:9
		udp://127.0.0.1:0 --down luck=5% udp://127.0.0.1:9
		udp://127.0.0.1:0 rebind=soon udp://127.0.0.1:9
	ROWS
}

@test "relay: anything passes both ways, to nobody else" {
	run "${relay[@]}" both
	assert_success
	run jq -c '[.clients, .toobig, .up.loss]' <<<"$output"
	assert_output '[2,1,0]'
}

@test "relay: IPv4 and IPv6" {
	run "${relay[@]}" six
	assert_success
}

@test "relay: each way loses its own" {
	run --separate-stderr "${relay[@]}" counts --up 'drop=2,5-7' --down 'drop=every:4'
	assert_success
	assert_line -n 0 "2 3 7 8 9 10 11"
	assert_line -n 1 "0 1 2 4 5 6 8 9 10"
}

@test "relay: operands are for both ways" {
	run --separate-stderr "${relay[@]}" counts drop=3-12
	assert_success
	assert_line -n 0 "1"
	assert_line -n 1 "0 1"
}

@test "relay: rules by kind" {
	for row in 'drop=1-:rtcp=pcmu opus vp8 stun' \
		'drop=1-:audio=vp8 rtcp stun' 'drop=1:video=pcmu opus rtcp stun' \
		'drop=1-:rtp=rtcp stun' 'drop=1:key=pcmu opus rtcp stun' \
		'only=rtcp loss=100%=pcmu opus vp8 stun'; do
		run --separate-stderr "${relay[@]}" kinds --up "${row%=*}"
		assert_success
		assert_line -n 0 "${row##*=}"
	done
	# A description says otherwise.
	run --separate-stderr "${relay[@]}" kinds --pt 111=H264 --up drop=1-:video
	assert_line -n 0 "pcmu rtcp stun"
}

@test "relay: acts of both ways are done again" {
	run --separate-stderr "${relay[@]}" counts --acts acts --seed 7 \
		--up 'drop=3,5-7 duplicate=50%' --down 'drop=4 duplicate=40%'
	assert_success
	was=$(head -n 2 <<<"$output")
	[[ $was == *"8 8"* || $was == *"9 9"* || $was == *"10 10"* ]]
	[ "$(grep -c '^up [0-9]* loss$' acts)" -eq 4 ]
	[ "$(grep -c '^down [0-9]* loss$' acts)" -eq 1 ]
	run --separate-stderr "${relay[@]}" counts --replay acts
	assert_success
	assert_equal "$(head -n 2 <<<"$output")" "$was"
}

@test "relay: TCP to the same port goes through" {
	run "${relay[@]}" tcp loss=10% --seed 5
	assert_success
	run jq -c '.tcp | [.accepted, .failed, .octets_up, .octets_down]' \
		<<<"$output"
	assert_output '[2,1,1024000,6]'
}

@test "relay: nobody has all TCP connections, or one for ever" {
	run "${relay[@]}" tcp_idle --timeout 500ms
	assert_success
	run jq -c '.tcp | [.accepted, .expired]' <<<"$output"
	assert_output '[2,1]'
	run "${relay[@]}" tcp_full
	assert_success
	run unshare -rn sh -c 'ip link set lo up && ip addr add 10.99.0.1/32 dev lo &&
		ip addr add 10.99.0.2/32 dev lo && ip addr add 10.99.0.3/32 dev lo &&
		exec "$@"' - "${relay[@]}" tcp_share
	assert_success
	run jq -c '.tcp | [.accepted, .refused]' <<<"$output"
	assert_output '[26,1]'
}

@test "relay: how late packets are is counted" {
	run "${relay[@]}" both
	run jq -c '.up | [.late_max_ms > 0, .late_1ms <= .late_200us]' \
		<<<"$output"
	assert_output '[true,true]'
}

@test "relay: rebinding changes the outer port" {
	run "${relay[@]}" rebind
	assert_success
	run "${relay[@]}" rebind_at rebind=300ms,20s
	assert_success
}

@test "relay: other ports are acts as well" {
	run "${relay[@]}" ports --acts acts
	assert_success
	assert_line --index 0 "5 6 17"
	run grep rebind acts
	assert_output "$(printf 'up %s rebind\n' 5 6 17)"
	run "${relay[@]}" ports --replay acts --acts again
	assert_success
	assert_line --index 0 "5 6 17"
	run jq -c '[.rebinds, .up.unscripted]' <<<"${lines[1]}"
	assert_output '[3,0]'
	cmp <(grep rebind acts) <(grep rebind again)
}

@test "relay: a rate holds, and its queue" {
	run "${relay[@]}" rate --up 'rate=800k:queue=60s'
	assert_success
	run "${relay[@]}" queue --up 'rate=800k:queue=100ms'
	assert_success
}

@test "relay: blackouts and delays by command" {
	run "${relay[@]}" blackout
	assert_success
	run "${relay[@]}" delay delay=200ms
	assert_success
}

@test "relay: clients are bounded, and forgotten" {
	run "${relay[@]}" clients --max-clients 2 --timeout 1s -q
	assert_success
	run jq -c '[.full_clients > 0, .expired > 0]' <<<"$output"
	assert_output '[true,true]'
}

@test "relay: who is not let in is not relayed for" {
	run "${relay[@]}" strangers --allow 192.0.2.0/24 --allow 127.0.0.9 -q
	assert_success
	run jq -c '[.stranger, .clients, .up.packets]' <<<"$output"
	assert_output '[2,1,1]'
	run -2 vc-impair --allow 192.0.2.0/33 udp://127.0.0.1:0 \
		udp://127.0.0.1:9
	assert_output --partial "192.0.2.0/33"
}

@test "relay: nobody came" {
	run -4 --separate-stderr vc-impair --wait 100ms \
		--seed 1 udp://127.0.0.1:0 udp://127.0.0.1:9
	[ "$stderr" = "vc-impair: no media came" ]
}

@test "words of others are answered with ours" {
	for row in latency=20ms:delay= bandwidth=2M:rate= los=2%:loss=; do
		run -2 vc-impair "${row%:*}" /dev/null
		assert_line --partial "did you mean ${row##*:}?"
	done
	run -2 vc-impair preset=lte /dev/null
	assert_line --partial 'preset=lte: an option: --preset=lte'
}
