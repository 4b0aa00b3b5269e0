#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Destinations of vc-send that come and go while it runs.
# Runs live, 15 s: times are compared.

# shellcheck disable=SC2154 # bats sets stderr
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

# Starts vc-recv named $1, with these options: its port becomes ${port[$1]}, its stream the file
# $1, its records $1.stats.
declare -gA port receiver
listen()
{
	mkfifo "$1.ready"
	vc-recv -q --ready="$1.ready" --stats="$1.stats" \
		--stats-interval 50ms "${@:2}" rtp://127.0.0.1:0 >"$1" 3>&- &
	receiver[$1]=$!
	pids+=($!)
	read -r _ url <"$1.ready"
	port[$1]=${url##*:}
}

# Starts vc-send of the live test signal.
send()
{
	mkfifo live ready
	vc-capture --name alice test: >live 3>&- &
	pids+=($!)
	vc-send -i live --control ctl --ready=ready --stats=stats \
		--stats-interval 50ms "$@" 2>err 3>&- &
	sender=$!
	pids+=("$sender")
	cat ready >/dev/null
}

# More packets arrive there from now on.
flows()
{
	local n

	n=$(record "$1.stats" .recv.packets)
	await "$1.stats" ".recv.packets > $n + 20"
}

# None do: a second packet elsewhere is there before one here.
stands()
{
	local n

	n=$(record "$1.stats" .recv.packets)
	flows "$2"
	[ "$(record "$1.stats" .recv.packets)" = "$n" ]
}

# What came to $1 has ended: to $2, and nothing is wrong with it.
judge()
{
	kill -TERM "${receiver[$1]}"
	wait "${receiver[$1]}"
	run --separate-stderr vc-probe --json "$1"
	assert_equal "$status $stderr" "0 "
	run jq -c "$2" <<<"$output"
	assert_output "$3"
}

list() { vc-ctl ctl list | jq -c '[.destinations[] | [.name, .to]]'; }

@test "add, list, remove: BYE to him alone; the others notice nothing" {
	for who in a b c; do
		listen "$who"
	done
	send "rtp://127.0.0.1:${port[a]}"
	flows a
	vc-ctl ctl add "bob=rtp://127.0.0.1:${port[b]}"
	vc-ctl ctl add "rtp://127.0.0.1:${port[c]},media=audio"
	flows b
	flows c
	run list
	assert_output "[[null,\"rtp://127.0.0.1:${port[a]}\"],[\"bob\",\"rtp://127.0.0.1:${port[b]}\"],[null,\"rtp://127.0.0.1:${port[c]},media=audio\"]]"
	run bash -c 'vc-ctl ctl list | jq -r ".destinations[].from"'
	assert_line --regexp '^127\.0\.0\.1:[1-9][0-9]*$'
	vc-ctl ctl remove bob
	await b.stats '.recv.sources == 0'
	stands b a
	vc-ctl ctl remove "rtp://127.0.0.1:${port[c]},media=audio"
	await c.stats '.recv.sources == 0'
	# Again: as if for the first time.
	vc-ctl ctl add "bob=rtp://127.0.0.1:${port[b]}"
	flows b
	kill -TERM "$sender"
	wait "$sender"
	judge b '[.sources[].left]' '["bye","bye","bye","bye"]'
	# a had the same sources all the time, and nothing missing.
	judge a '[.sources[].net.lost]' '[0,0]'
	run cat err
	assert_output ""
}

@test "what cannot be added is refused, with why, and nothing changes" {
	listen a
	send "rtp://127.0.0.1:${port[a]}"
	flows a
	while IFS='|' read -r args message; do
		eval "run -1 vc-ctl ctl $args"
		assert_output --partial "$message"
	done <<-END
		add|[NAME=]rtp://ADDR:PORT
		add a b|[NAME=]rtp://ADDR:PORT
		add nowhere|not an address to send to
		add rtp://localhost:5004|names are looked up at the start only
		add rtp://127.0.0.1:0|where to?
		add rtp://127.0.0.1:5004,colour=red|no such key: colour=
		add rtp://127.0.0.1:5004,dscp=XX|dscp= is a class
		add rtp://127.0.0.1:5004,iface=nosuch|No such device
		add rtp://127.0.0.1:5004,bind=:${port[a]}|Address already in use
		add rtp://127.0.0.1:5004,bind=localhost:0|names are looked up
		add 'a/b=rtp://127.0.0.1:5004'|not an address to send to
		remove|remove NAME
		remove nobody|no such destination
		list all|list has no argument
	END
	run list
	assert_output "[[null,\"rtp://127.0.0.1:${port[a]}\"]]"
	flows a
	run -2 vc-send --duplex --dest-file x rtp://127.0.0.1:5004 </dev/null
	assert_output --partial "--dest-file: not with --duplex"
}

@test "--dest-file: SIGHUP reads it again; who stays keeps all he has" {
	for who in a b c; do
		listen "$who"
	done
	cat >dests <<-END
		# who listens
		alice=rtp://127.0.0.1:${port[a]}

		  bob=rtp://127.0.0.1:${port[b]},media=audio
	END
	send --dest-file dests
	flows a
	flows b
	from=$(vc-ctl ctl list | jq -c '.destinations[0]')
	cat >dests <<-END
		carol=rtp://127.0.0.1:${port[c]}
		alice=rtp://127.0.0.1:${port[a]}
	END
	kill -HUP "$sender"
	flows c
	await b.stats '.recv.sources == 0'
	run list
	assert_output "[[\"alice\",\"rtp://127.0.0.1:${port[a]}\"],[\"carol\",\"rtp://127.0.0.1:${port[c]}\"]]"
	run bash -c 'vc-ctl ctl list | jq -c ".destinations[0]"'
	assert_output "$from"
	# A bad line: nothing of it is done.
	while IFS='|' read -r line message; do
		cat >dests <<-END
			bob=rtp://127.0.0.1:${port[b]}
			carol=rtp://127.0.0.1:${port[c]}
			$line
		END
		: >err
		kill -HUP "$sender"
		wait_for test -s err
		run cat err
		assert_output "vc-send: --dest-file dests: $message: nothing is changed"
		run list
		assert_output "[[\"alice\",\"rtp://127.0.0.1:${port[a]}\"],[\"carol\",\"rtp://127.0.0.1:${port[c]}\"]]"
	done <<-END
		nonsense|3: not an address to send to, as rtp://192.0.2.1:5004
		rtp://localhost:5004|3: names are looked up at the start only: give an address
		carol=rtp://127.0.0.1:${port[c]}|3: the same as line 2
		bob=rtp://127.0.0.1:${port[b]}|3: the same as line 1
		rtp://127.0.0.1:5004,iface=nosuch|3: open: No such device
		$(printf 'x%.0s' {1..500})|3: too long
	END
	rm dests
	: >err
	kill -HUP "$sender"
	wait_for test -s err
	run cat err
	assert_output "vc-send: --dest-file dests: No such file or directory: nothing is changed"
	stands b a
	# Nobody is a list too.
	: >dests
	kill -HUP "$sender"
	await stats '.destinations == []'
	judge a '[.sources[].net.lost]' '[0,0]'
	kill -TERM "$sender"
	wait "$sender"
}

@test "a file that is bad at the start: exit 2, and which line" {
	printf 'rtp://127.0.0.1:5004\n\nrtp://[::1]:x\n' >dests
	run -2 vc-send --dest-file dests </dev/null
	assert_output --partial "--dest-file dests: 3: not a port"
	run -2 vc-send --dest-file none </dev/null
	assert_output --partial "--dest-file none: No such file"
	run -2 vc-send --dest-file - </dev/null
	assert_output --partial "--dest-file -: not a file"
}

# [NAME, RTCP that came, was anything refused?] of some destinations.
heard()
{
	tail -n 1 stats | jq -c '[.destinations[] |
		select(.name == ("a", "b", "six", "four", "gone", "past")) |
		[.name, .rtcp_in > 0, .errors.refused > 0]]'
}

@test "many share a port: who reports and who refuses is told apart" {
	for who in a b four; do
		listen "$who"
	done
	mkfifo six.ready
	vc-recv -q --ready=six.ready 'rtp://[::1]:0' >six 3>&- &
	pids+=($!)
	read -r _ six <six.ready
	for n in {1..16}; do
		echo "few$n=rtp://127.0.1.$n:9"
	done >dests
	cat >>dests <<-END
		a=rtp://127.0.0.1:${port[a]}
		gone=rtp://127.0.2.1:9
		b=rtp://127.0.0.1:${port[b]},dscp=EF
		six=$six
		four=rtp://[::ffff:127.0.0.1]:${port[four]},dscp=EF
		past=rtp://[::ffff:127.0.2.4]:9
		same=rtp://127.0.0.1:${port[a]},media=video
		ttl=rtp://127.0.2.2:9,ttl=9
		next=rtp://127.0.2.3:9,rtcp=+1
	END
	send --dest-file dests
	flows a
	flows b
	flows four
	vc-ctl ctl list | jq -r '.destinations[] | .name + " " + .from' >list
	# Each of the first, and of those that ask for it, has its own.
	run bash -c 'grep -vE "^(a|b|gone|six|four|past) " list | cut -d" " -f2 |
		sort -u | wc -l'
	assert_output 19
	run bash -c 'grep -E "^(a|b|gone) " list | cut -d" " -f2 | sort -u'
	assert_output --regexp '^0\.0\.0\.0:[1-9][0-9]*$'
	run bash -c 'grep -E "^(six|four|past) " list | cut -d" " -f2 | sort -u'
	assert_output --regexp '^\[::\]:[1-9][0-9]*$'
	# RTCP and ICMP, each to whom it is of.
	await stats '[.destinations[] | select(.name == ("a", "b", "six",
		"four")) | .feedback[0].reports > 0] == [true, true, true, true]'
	await stats '[.destinations[] | select(.name == ("gone", "past")) |
		.errors.refused > 0] == [true, true]'
	run heard
	assert_output '[["a",true,false],["gone",false,true],["b",true,false],["six",true,false],["four",true,false],["past",false,true]]'
	# What comes late shares it, and who goes leaves the others.
	listen c
	vc-ctl ctl add "c=rtp://127.0.0.1:${port[c]}"
	flows c
	run bash -c "vc-ctl ctl list | jq -r '.destinations[] |
		select(.name == (\"a\", \"c\")) | .from' | sort -u | wc -l"
	assert_output 1
	vc-ctl ctl remove same
	vc-ctl ctl remove a
	await a.stats '.recv.sources == 0'
	stands a b
	flows c
	judge b '[.sources[].net.lost]' '[0,0]'
	for row in a.0 b.46 four.46; do
		run jq -c '[.sources[].dscp] | unique' \
			<(grep '"dscp"' "${row%.*}.stats" | tail -n 1)
		assert_output "[${row#*.}]"
	done
	kill -TERM "$sender"
	wait "$sender"
}

@test "strangers at a shared port: nothing of theirs is tried with a key" {
	(umask 077; vc-send --new-key >k)
	listen a --key-file k
	printf 'rtp://127.0.1.%d:9\n' {1..16} >dests
	echo "a=rtp://127.0.0.1:${port[a]}" >>dests
	send --dest-file dests --key-file k
	flows a
	from=$(vc-ctl ctl list | jq -r '.destinations[-1].from')
	python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for n in range(1000):
    s.sendto(bytes([0x80, 201, 0, 1]) + n.to_bytes(4, "big") + bytes(32),
             ("127.0.0.1", int(sys.argv[1])))' "${from##*:}"
	await stats '.send.strangers > 0 and .destinations[-1].rtcp_in > 0'
	run record stats '.send | [.auth_failed, .untried]'
	assert_output '[0,0]'
	kill -TERM "$sender"
	wait "$sender"
}

@test "more destinations than descriptors are usual" {
	for n in {1..200}; do
		echo "rtp://127.0.1.$n:9,ttl=64" # a socket each
	done >dests
	vc-capture --virtual -t 200ms --video none test: >v.vcrtp
	(
		ulimit -Sn 64
		exec vc-send -q --fast -i v.vcrtp --dest-file dests --stats=sent
	)
	run bash -c 'tail -n 1 sent | jq "[.destinations[] |
		select(.packets > 0 or .dropped > 0)] | length"'
	assert_output 200
}
