#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Calls: media both ways on one port. A bridge that answers whoever comes, and
# two ends that call each other.
# Runs live, 55 s: sound is judged as it comes.

# shellcheck disable=SC2154 # bats sets stderr
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	peer="python3 $BATS_TEST_DIRNAME/callpeer.py"
}

# A bridge with the options and operand given: $url, $recv, $mix.
bridge()
{
	mkfifo back forth ready
	vc-mix --minus-one --video off -o back <forth 2>mix.err 3>&- &
	mix=$!
	vc-recv --reply=back --ready=ready --stats=stats -o forth "$@" \
		2>recv.err 3>&- &
	recv=$!
	pids+=("$mix" "$recv")
	url=$(sed 's/^ready //' ready)
}

# Somebody calls the bridge for a while: what he hears is in NAME.vcrtp.
call()
{
	local name=$1 t=$2

	shift 2
	vc-capture -t "$t" --video none --name "$name" test: 3>&- |
		vc-send --duplex "$url" >"$name.vcrtp" 2>"$name.err" 3>&- &
	pids+=("$!")
}

hang_up()
{
	kill -INT "$recv"
	wait "$recv"
	wait "$mix"
	run cat recv.err mix.err
	assert_output ""
}

@test "a bridge answers on the port that people call" {
	bridge rtp://127.0.0.1:0,latch=first
	call alice 4s
	call bob 4s
	wait "${pids[@]:2}"
	hang_up
	run cat alice.err bob.err
	assert_output ""
	# One may have come later than the other.
	vc-probe -e 'heard[bob]>40%' -e 'heard[alice]<5%' -e 'net.lost==0' \
		alice.vcrtp >/dev/null
	vc-probe -e 'heard[alice]>40%' -e 'heard[bob]<5%' bob.vcrtp >/dev/null
	run jq -s '.[-1].destinations | length' stats
	assert_output 0
}

@test "a mixer that stands still for 10 s blocks nobody for longer" {
	bridge rtp://127.0.0.1:0,latch=first
	call alice 16s
	call bob 16s
	# It runs: both are sent to.
	await stats '[.destinations[]? | select(.packets > 10)] | length == 2'
	kill -STOP "$mix"
	sleep 10 # what is asked for: a mixer that does nothing for so long
	kill -CONT "$mix"
	wait "${pids[@]:2}"
	hang_up
	# Each hears the other one and nobody else, in one stream that went on
	# when the mixer did: before it stood there was a second of sound.
	for pair in alice:bob bob:alice; do
		me=${pair%:*} other=${pair#*:}
		vc-probe --json --heard alice,bob "$me.vcrtp" >"$me.json"
		# Which streams they were, if it is not one.
		vc-probe --packets=json "$me.vcrtp" | jq -sc '
			map(select(.type == "rtp")) | group_by(.ssrc)[] |
			[.[0].ssrc, length, .[0].t, .[-1].t]'
		run jq -c --arg me "$me" --arg other "$other" \
			'[.sources[] | .heard[$me] == 0, .heard[$other] > 0.1,
			.net.received > 100]' "$me.json"
		assert_output '[true,true,true]'
	done
}

@test "two ends call each other" {
	a=$(free_port) b=$(free_port)
	vc-capture -t 4s --size 160x120 --name alice test: 3>&- |
		vc-send --duplex "bob=rtp://127.0.0.1:$b,bind=127.0.0.1:$a" \
			>alice.vcrtp 3>&- &
	pids+=("$!")
	vc-capture -t 4s --size 160x120 --name bob test: 3>&- |
		vc-send --duplex "alice=rtp://127.0.0.1:$a,bind=127.0.0.1:$b" \
			>bob.vcrtp 3>&- &
	pids+=("$!")
	wait "${pids[@]}"
	run vc-probe -e 'heard[bob]>60%' -e 'video.fps>10' alice.vcrtp
	assert_success
	run vc-probe -e 'heard[alice]>60%' bob.vcrtp
	assert_success
	# Whoever comes by that port is whom the operator named.
	run jq -r '.sources[].id_by' <<<"$(vc-probe --json alice.vcrtp)"
	assert_line operator
	refute_line cname
}

@test "nothing is sent back where an address is not believed" {
	run -2 vc-recv --reply=/dev/null rtp://127.0.0.1:0
	assert_output --partial "latch=first"
	run -2 vc-send -o x rtp://127.0.0.1:5004
	assert_output --partial "--duplex"
	run -2 vc-recv rtp://127.0.0.1:0,latch=maybe
	assert_output --partial "latch=off|first|always"
	run -2 vc-recv --allow 10.0.0.0/33 rtp://127.0.0.1:0
	assert_output --partial "10.0.0.0/33"
}

@test "virtual streams have no way back" {
	vc-capture --virtual -t 1s test: >v.vcrtp
	run -1 vc-send --duplex -i v.vcrtp -o out rtp://127.0.0.1:9
	assert_output --partial "has to be live"
}

@test "who has not proved to be there gets three times what he sent" {
	mkfifo ready
	vc-capture -t 3s --name sun test: 3>&- |
		vc-recv --reply=- --ready=ready --stats=stats -o /dev/null \
			rtp://127.0.0.1:0,latch=first 2>err 3>&- &
	recv=$!
	pids+=("$recv")
	url=$(sed 's/^ready //' ready)
	run $peer leverage "${url##*:}"
	assert_output "bounded"
	kill -INT "$recv"
	wait "$recv" || :
	run jq -s '[.[].destinations[]?.held] | max > 0' stats
	assert_output true
}

@test "with latch=always somebody who moved is followed" {
	mkfifo ready
	vc-capture -t 5s --name sun test: 3>&- |
		vc-recv --reply=- --ready=ready -o /dev/null \
			rtp://127.0.0.1:0,latch=always 2>err 3>&- &
	pids+=("$!")
	url=$(sed 's/^ready //' ready)
	run $peer move "${url##*:}"
	assert_output "followed"
}

@test "with latch=first he is not" {
	mkfifo ready
	vc-capture -t 5s --name sun test: 3>&- |
		vc-recv --reply=- --ready=ready -o /dev/null \
			rtp://127.0.0.1:0,latch=first 2>err 3>&- &
	pids+=("$!")
	url=$(sed 's/^ready //' ready)
	run $peer move "${url##*:}"
	assert_output "not followed"
}

@test "a report proves who is there, an SSRC does not" {
	mkfifo ready
	vc-capture -t 30s --video none --name sun test: 3>&- |
		vc-recv --reply=- --ready=ready -o /dev/null \
			rtp://127.0.0.1:0,latch=first 2>err 3>&- &
	pids+=("$!")
	url=$(sed 's/^ready //' ready)
	run $peer prove "${url##*:}"
	assert_output "proved"
}

@test "another host with his name does not get what is his" {
	mkfifo ready
	vc-capture -t 20s --video none --name sun test: 3>&- |
		vc-recv --reply=- --ready=ready -o /dev/null \
			rtp://127.0.0.1:0,latch=first 2>err 3>&- &
	pids+=("$!")
	url=$(sed 's/^ready //' ready)
	run $peer namesake "${url##*:}"
	assert_output "the first"
}

# Calls the peer $1, with the keys $2: his port is known when he says it. $3
# stands for --duplex.
call_peer()
{
	mkfifo said
	$peer "$1" >said 3>&- &
	pids+=("$!")
	exec 4<said
	read -r port <&4
	vc-capture -t 20s --video none --name alice test: 3>&- 4>&- |
		vc-send "${3---duplex}" --stats=stats --stats-interval 50ms \
			"rtp://127.0.0.1:$port${2-}" >got 2>err 3>&- 4>&- &
	pids+=("$!")
	read -r word <&4
	exec 4<&-
}

# What jq finds in the last whole record.
last() { grep '}$' stats | tail -n 1 | jq -c "$1"; }

@test "nobody else speaks for the peer of a call" {
	call_peer stranger
	[ "$word" = "done" ]
	await stats '.destinations[0].rtcp_in > 0'
	run last '.destinations[0] |
		[.rtcp_foreign, .rtcp_in, .pli, .nack, .repair.asked]'
	assert_output '[4,1,1,0,0]'
}

# H9
@test "somebody has our SSRC: another one, and BYE, once" {
	call_peer report "" -q
	[ "$word" = "moved once" ]
	await stats '.send.loops > 0'
	rm said stats
	call_peer report
	[ "$word" = "moved once" ]
}

@test "a call that comes back is not taken for somebody" {
	call_peer echo
	[ "$word" = "moved once" ]
	await stats '.recv.loops > 50'
	# But for what was on its way when the SSRC changed.
	run last '[.recv.sources <= 1, .recv.packets < 50]'
	assert_output '[true,true]'
}

@test "a call with latch=first follows the first who comes, and nobody else" {
	call_peer second ,latch=first
	[ "$word" = "the first" ]
}

@test "strangers are counted and not taken" {
	mkfifo ready
	vc-recv --allow 192.0.2.0/24 --allow 2001:db8::1 --ready=ready \
		--stats=stats -o /dev/null rtp://127.0.0.1:0 2>err 3>&- &
	recv=$!
	pids+=("$recv")
	url=$(sed 's/^ready //' ready)
	$peer some "${url##*:}"
	await stats '.recv.stranger >= 10'
	kill -INT "$recv"
	code=0
	wait "$recv" || code=$?
	[ "$code" -eq 4 ]
	run jq -s '.[-1].recv.packets' stats
	assert_output 0
}
