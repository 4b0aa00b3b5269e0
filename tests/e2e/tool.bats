#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What all tools share: options, control socket and vc-ctl, statistics, ready
# lines, signals and exit codes; shown on the least tool there can be.

# shellcheck disable=SC2016,SC2094 # for bash -c; that is a command, no file
bats_require_minimum_version 1.5.0
load ../common

setup()
{
	begin
	mini=$VC_BUILD/tests/e2e/minitool
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR
	mkfifo ready
}

# Starts minitool with the options given and waits until it is ready; its
# private socket is then $private, what it prints goes to the file 'out'.
start()
{
	"$mini" --control sock --ready=ready "$@" >out 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ private <ready
}

# Its exit code.
finish()
{
	local code=0

	wait "$pid" || code=$?
	pids=()
	return "$code"
}

# --- options ---

@test "--help fits 80 columns and has at most eight options under Often" {
	run "$mini" --help
	assert_success
	assert_line "Usage: minitool [OPTION...] [WORD...]"
	assert_line --partial "--paint=red|green|blue"
	[ "$(wc -L <<<"$output")" -le 80 ]
	often=$(sed -n '/^Often:/,/^$/p' <<<"$output" | grep -c '^  ')
	[ "$often" -ge 1 ]
	[ "$often" -le 8 ]
	run -0 "$mini" -h
	run -0 "$mini" --usage
	assert_line --partial "[-t|--duration=T]"
	run -0 "$mini" --version
	assert_output --regexp '^minitool [0-9.]+$'
}

@test "--dump-options is a table of three columns" {
	run "$mini" --dump-options
	assert_success
	assert_line $'duration\tt\tT'
	assert_line $'virtual\t-\t-'
	assert_line $'fail\t-\tCODES'
	refute_line --partial "latency"
	[ "$(awk -F '\t' 'NF != 3' <<<"$output" | wc -l)" -eq 0 ]
}

@test "wrong usage exits 2 and quotes what is wrong" {
	while IFS='|' read -r args message; do
		eval "run -2 \"\$mini\" $args"
		assert_line "minitool: ${message//@/|}"
	done <<-'ROWS'
		--duration 10|--duration 10: 10s or 10ms?
		--duration 0s|--duration 0s: more than 0 is due
		--dur=10|--dur 10: 10s or 10ms?
		-t10|-t 10: 10s or 10ms?
		-t ten|-t ten: not a time, as 200ms 10s 1h30m
		--vbitrate 800|--vbitrate 800: 800k or 0.8k?
		--vbitrate 0|--vbitrate 0: not 6k to 50M
		--vbitrate 1k|--vbitrate 1k: not 6k to 50M
		--vbitrate 100M|--vbitrate 100M: not 6k to 50M
		--fps 0|--fps 0: more than 0, at most 1000
		--size 640|--size 640: not a size, as 640x360
		--fail 256|--fail 256: not in 0 to 255
		--seed -1|--seed -1: not in 0 to 9223372036854775807
		--paint geren|--paint geren: not one of red@green@blue; did you mean green?
		--paint $'\e[2J'|--paint \x1b[2J: not one of red@green@blue
		--stop-on never|--stop-on never: not one of bye@empty:T@eof@first-frame
		--stop-on empty:5|--stop-on empty:5: after the colon goes a time, as 10s
		--at keyframe|--at keyframe: not 'TIME COMMAND', as '10s keyframe'
		--at '1s sya x'|--at '1s sya x': no such command; did you mean say?
		--at '1s stats'|--at '1s stats': only by --control
		--at '1s say'|--at '1s say': one word, please
		--at '1s say x y'|--at '1s say x y': one word, please
		--tag a/b|--tag a/b: 1 to 64 of A-Z a-z 0-9 . _ -
		--name $'a\nb'|--name a\x0ab: has a control character
		--stats rtp://h|--stats rtp://h: no port: rtp://HOST:PORT
		--non=$'\e[2J'|unrecognized option '--non=\x1b[2J'
		--non$'\e[2J'|unrecognized option '--non\x1b[2J'
		-q$'\e'|unrecognized option '-\x1b'
		--quiet=$'\e'|option '--quiet' doesn't allow an argument
		--nonsense|unrecognized option '--nonsense'
		--sede 7|--sede: no such option; did you mean --seed?
		-q --at '1s say x' --durtion=1s|--durtion: no such option; did you mean --duration?
		--st 1|option '--st' is ambiguous; possibilities: '--stop-on' '--start' '--stats' '--stats-interval'
	ROWS
}

@test "what looks like a slip of an option may be its argument" {
	run -0 "$mini" --virtual -t 1s --name --sede --cname=--durtion
	run -0 "$mini" --virtual -t 1s -- --sede
}

@test "of a repeated option the last wins, lists add up" {
	run -0 "$mini" --virtual -t 1h -t 300ms --at '0 say a' --at '0 say b'
	assert_output --partial $'0 ms: a\n0 ms: b\n3 ticks'
}

# --- the virtual clock ---

@test "a virtual run is the same every time, commands and records too" {
	for round in 1 2; do
		run -0 "$mini" --virtual -t 10m --stats=stats --stats-interval 1m \
			--at '1m say one' --at '500ms say half' --at '1m say two'
		echo "$output" >"run$round"
		mv stats "stats$round"
	done
	cmp run1 run2
	cmp stats1 stats2
	assert_line --index 0 '500 ms: half'
	assert_line --index 1 '60000 ms: one'
	assert_line --index 2 '60000 ms: two'
	assert_line --index 3 --partial '6000 ticks'
	run -0 "$mini" --virtual -t 1s --seed 2
	refute_line --partial "$(sed -n 's/.*cname //p' run1)"
}

@test "--script does what --at does, from a file" {
	printf '# a script\n\n  200ms say "two words"\r\n100ms say first\n' >s
	run -0 "$mini" --virtual -t 1s --script s
	assert_line --index 0 '100 ms: first'
	assert_line --index 1 '200 ms: two words'
	printf '100ms say x\n1 say y\n' >s
	run -2 "$mini" --virtual --script s
	assert_line "minitool: s:2: '1 say y': not 'TIME COMMAND'"
}

@test "commands that were never due are told of" {
	run -0 --separate-stderr "$mini" --virtual -t 1s --at '2s say x' \
		--at '100ms say y' --at '1m say "z z"'
	assert_equal "$stderr" \
		'minitool: say x: not done: it ended before 2s, and 1 more'
	assert_line --index 0 '100 ms: y'
}

@test "a scripted command that is refused fails the run, which goes on" {
	run -1 "$mini" --virtual -t 1s --at '1ms refuse' --at '2ms say on'
	assert_line 'minitool: refuse: Operation not permitted'
	assert_line '2 ms: on'
}

@test "statistics: one record an interval and a last one" {
	run -0 "$mini" --virtual -t 2500ms --stats=stats --tag x --seed 7
	run -0 jq -c '[.schema, .tool, .tag, .t, .seq, .seed, .ticks, .ended]' stats
	assert_output - <<-'END'
		["vc.stats/1","minitool","x",946684801000000,0,7,9,null]
		["vc.stats/1","minitool","x",946684802000000,1,null,19,null]
		["vc.stats/1","minitool","x",946684802500000,2,null,25,"duration"]
	END
}

# --- the control socket ---

@test "vc-ctl: done, refused, unknown, nobody there" {
	start
	run -0 vc-ctl sock say hello
	assert_output '{"ok":true,"said":"hello"}'
	run -0 vc-ctl unix:sock say --tmeout
	run -0 vc-ctl --timeout 2s unix:sock say --timeout
	assert_output '{"ok":true,"said":"--timeout"}'
	run -0 vc-ctl sock say 'a "b" \c'
	assert_output '{"ok":true,"said":"a \"b\" \\c"}'
	run -0 vc-ctl sock say ''
	assert_output '{"ok":true,"said":""}'
	run -0 vc-ctl sock say -v
	assert_output '{"ok":true,"said":"-v"}'
	run -1 vc-ctl sock refuse
	assert_output '{"ok":false,"error":"Operation not permitted"}'
	run -1 vc-ctl sock say
	assert_output '{"ok":false,"error":"one word, please"}'
	run -1 vc-ctl sock sya
	assert_output '{"ok":false,"error":"no such command: sya; did you mean say?"}'
	run -1 vc-ctl sock $'say\x1b[2J'
	assert_output '{"ok":false,"error":"control character in the line"}'
	run -0 vc-ctl sock help
	run -0 jq -r '.commands[].name' <<<"$output"
	assert_output $'say\nrefuse\nflood\nrecite\nforward\nattempt\nstop\nhelp\nevents\nstats'
	run -0 vc-ctl sock stats
	run -0 jq -c '[.ok, .stats.mini]' <<<"$output"
	assert_output --partial '[true,'
	# Of what is longer than a client may keep waiting it gets none, and is
	# told so.
	run -0 vc-ctl sock recite 200000
	run -1 vc-ctl sock recite 300000
	assert_output '{"ok":false,"error":"the answer is longer than 256 KiB: ask for less"}'
	run -1 vc-ctl nobody help
	assert_output 'vc-ctl: nobody: No such file or directory'
	run -0 vc-ctl sock stop
	finish
	run -1 vc-ctl sock help
	[ ! -e sock ]
}

@test "vc-ctl events follows until the tool ends" {
	start
	vc-ctl sock events >events &
	reader=$!
	pids+=("$reader")
	# It follows once it has been told of something.
	wait_for test -s events
	run -0 vc-ctl sock say here
	run -0 vc-ctl sock stop
	wait "$reader"
	finish
	run -0 jq -c 'select(.ev == "control") | .command' events
	assert_line '"say here"'
	run -0 jq -s 'map(select(.ev == "tick")) | length > 0' events
	assert_output true
}

@test "control socket: foreign lines get an error and no more" {
	start
	[ "$(stat -c %a sock)" = 600 ]
	run -0 python3 - <<-'PYTHON'
		import json, os, socket

		def talk(data, close=True):
		    s = socket.socket(socket.AF_UNIX)
		    s.settimeout(30)
		    s.connect("sock")
		    s.sendall(data)
		    if close:
		        s.shutdown(socket.SHUT_WR)
		    got = b""
		    while True:
		        more = s.recv(65536)
		        if not more:
		            break
		        got += more
		    return [json.loads(l).get("error", "ok")[:25] for l in got.splitlines()]

		print(talk(b"nonsense\n"))
		print(talk(b"\n"))
		print(talk(b"say x\r\nsay y\nnonsense\n"))
		print(talk(b"x" * 1000000 + b"\nsay z\n"))
		print(talk(b"x" * 4095 + b"\nsay z\n"))
		print(talk(b"x" * 5000))
		print(talk(b"say z"))
		print(talk(b"say \0z\n"))
		print(talk(b"say \xff\n"))
		print(talk(bytes(range(256)) * 8 + b"\n"))
		print(talk(b'say "z\n'))
		print(talk(b"say " * 100 + b"\n"))
	PYTHON
	assert_output - <<-'END'
		['no such command: nonsense']
		['empty line']
		['ok', 'ok', 'no such command: nonsense']
		['line too long', 'ok']
		['no such command: xxxxxxxx', 'ok']
		['line too long']
		['line without an end']
		['control character in the ']
		['not UTF-8']
		['control character in the ', 'not UTF-8', 'not UTF-8', 'not UTF-8', 'not UTF-8', 'not UTF-8', 'not UTF-8', 'not UTF-8', 'not UTF-8']
		['a quote is not closed']
		['too many words']
	END
	run -0 vc-ctl sock say alive
	run -0 vc-ctl sock stop
	finish
}

@test "control socket: who does not read is dropped, others are served" {
	start
	run -0 python3 - <<-'PYTHON'
		import socket

		def client(line=b""):
		    s = socket.socket(socket.AF_UNIX)
		    s.settimeout(30)
		    s.connect("sock")
		    if line:
		        s.sendall(line)
		    return s

		slow = client(b"events\n")
		slow.recv(1)
		busy = client(b"flood\n")
		print(busy.recv(100))
		got = b""
		while True:
		    try:
		        more = slow.recv(65536)
		    except ConnectionResetError:
		        break
		    if not more:
		        break
		    got += more
		print(got.count(b"\n") < 20000)
		many = [client() for i in range(15)]
		print(client().recv(100))
		many[3].sendall(b"say x\n")
		print(many[3].recv(100))
	PYTHON
	assert_output - <<-'END'
		b'{"ok":true}\n'
		True
		b'{"ok":false,"error":"too many clients"}\n'
		b'{"ok":true,"said":"x"}\n'
	END
	run -0 vc-ctl sock stop
	finish
}

@test "control socket: a stale one is replaced, one in use is not" {
	start
	run -1 "$mini" --control sock -t 100ms
	assert_line --partial 'minitool: --control sock: Address already in use'
	kill -KILL "$pid"
	finish || [ $? -eq 137 ]
	[ -S sock ]
	start -t 100ms
	finish
	[ ! -e sock ]
	echo precious >sock
	run -1 "$mini" --control sock -t 100ms
	[ "$(cat sock)" = precious ]
}

@test "the private socket lies in a folder of ours and nowhere else" {
	start
	assert_equal "$private" "$XDG_RUNTIME_DIR/vc/minitool-$pid.sock"
	[ "$(stat -c %a vc)" = 700 ]
	[ "$(stat -c %a "$private")" = 600 ]
	run -0 vc-ctl sock forward "$private" 'say forwarded'
	assert_output '{"ok":true,"may":true}'
	run -0 vc-ctl sock forward "$PWD/sock" 'say forwarded'
	assert_output '{"ok":true,"may":false}'
	ln -s "$private" vc/link
	run -0 vc-ctl sock forward "$PWD/vc/../vc/${private##*/}" 'say no'
	assert_output '{"ok":true,"may":false}'
	run -0 vc-ctl sock forward "$PWD/vc/link" 'say no'
	assert_output '{"ok":true,"may":false}'
	chmod 755 vc
	run -0 vc-ctl sock forward "$private" 'say no'
	assert_output '{"ok":true,"may":false}'
	run -0 vc-ctl sock stop
	finish
	[ ! -e "$private" ]
	# Open to others: not used. There is the folder in /tmp, or none.
	start
	[[ $private != "$XDG_RUNTIME_DIR"/* ]]
	run -0 vc-ctl sock stop
	finish
}

# --- signals and exit codes ---

@test "SIGINT ends in order, also where it was inherited as ignored" {
	(
		trap '' INT
		exec "$mini" --stats=stats --ready=ready >out 3>&-
	) &
	pid=$!
	pids+=("$pid")
	read -r _ <ready
	kill -USR1 "$pid"
	wait_for grep keyframe out
	kill -INT "$pid"
	finish
	run -0 jq -r .ended stats
	assert_line signal
}

@test "a second signal ends at once and leaves no socket" {
	start --slow
	kill -TERM "$pid"
	wait_for grep 'not yet' out
	run -0 vc-ctl sock say still
	kill -TERM "$pid"
	code=0
	finish || code=$?
	assert_equal "$code" 143
	[ ! -e sock ]
	[ ! -e "$private" ]
}

@test "of several exit codes the strongest counts" {
	while read -r set code; do
		run -"$code" "$mini" --virtual -t 1s --fail "$set"
	done <<-'ROWS'
		0 0
		2 1
		8 3
		16 4
		24 4
		26 1
		32 5
		58 5
		62 2
	ROWS
}

@test "stdout: a full disk is a failure, a reader that left is not" {
	run -1 bash -c '"$0" --virtual -t 1s >/dev/full' "$mini"
	assert_output 'minitool: stdout: write: No space left on device'
	run -0 bash -c '"$0" --virtual -t 1h --at "1s say x" --at "2s say y" |
		true; exit ${PIPESTATUS[0]}' "$mini"
	refute_output --partial stdout
	run -1 bash -c '"$0" --virtual -t 1s >&-' "$mini"
	run -0 bash -c '"$0" --version <&- 2>&-' "$mini"
}

@test "--ready writes a line and closes; READY=1 goes to the manager" {
	run -0 python3 - "$mini" <<-'PYTHON'
		import os, socket, subprocess, sys

		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind("notify")
		s.settimeout(5)
		env = dict(os.environ, NOTIFY_SOCKET=os.path.abspath("notify"))
		p = subprocess.Popen([sys.argv[1], "--virtual", "-t", "1s",
		                      "--ready=-"], env=env, stdout=subprocess.PIPE)
		print(s.recv(100))
		print(p.stdout.readline())
		p.stdout.read()
		print(p.wait())
	PYTHON
	assert_output - <<-'END'
		b'READY=1'
		b'ready\n'
		0
	END
}

@test "the last tool of a pipeline shows a status line, the others none" {
	# A terminal of its own; the line is overdrawn and wiped at the end.
	script -qec "vc-capture -t 2s test: | vc-record a.webm" typescript >/dev/null
	grep -aq 'vc-record: 0:01' typescript
	[ "$(grep -ac 'vc-capture: 0:' typescript)" -eq 0 ]
	script -qec "vc-capture -t 2s test: | vc-record -q b.webm" typescript >/dev/null
	[ "$(grep -ac 'vc-record: 0:' typescript)" -eq 0 ]
}
