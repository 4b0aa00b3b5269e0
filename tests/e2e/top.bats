#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-probe --top: the sources on a terminal (tmux's), which is put back.

# shellcheck disable=SC2154 # from run --separate-stderr
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((90 * ${VC_SLOW:-1}))
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 6s --people 3 --size 160x90 --fps 10 test: \
		>three.vcrtp
	# In the last whole second half of his sound is missing.
	vc-capture --virtual -t 6s --video=none --name zoe test: |
		python3 "$BATS_TEST_DIRNAME/probestream.py" lose audio 4.2 4.7 \
			>zoe.vcrtp
	vc-capture --virtual -t 6s --video=none --people 40 test: >many.vcrtp
	vc-capture --virtual -t 3s --video=none --name AAAABBB --cname evil \
		test: | LC_ALL=C sed $'s/AAAABBB/\x1b[2J\xe2\x80\xae/g' >evil.vcrtp
	vc-capture --virtual -t 3s --video=none --name 名前の長い参加者さんです \
		test: >wide.vcrtp
}

setup()
{
	begin
	dir=$BATS_FILE_TMPDIR
	unset NO_COLOR COLORTERM
	export TERM=xterm-256color LC_ALL=C.UTF-8
	mkfifo pipe
}

teardown()
{
	local socket

	for socket in tmux-*; do
		tmux -S "$PWD/$socket" kill-server 2>/dev/null || true
	done
	kill_all
}

term() { tmux -S "$PWD/tmux-$terminals" -f /dev/null "$@"; }

# A new terminal of $1 columns and $2 lines that runs the shell line $3 and waits.
terminal()
{
	terminals=$((${terminals:-0} + 1))
	term new-session -d -x "$1" -y "$2" \
		"stty -g >before; $3; echo \"ended \$? \$(stty -g)\"; exec cat" \
		3>&- 9>&-
}

# The stream $1 comes and then stands still, open.
feed()
{
	exec 9>pipe
	cat "$@" >&9
}

screen() { term capture-pane -p; }
on_screen() { screen | grep -qE -- "$1"; }
shows()
{
	wait_for on_screen "$1" || {
		screen >&2
		return 1
	}
}

# The terminal is as it was: no other screen, a cursor, lines and echo.
is_back()
{
	shows "ended $1"
	[ "$(term display -p '#{alternate_on} #{cursor_flag}')" = "0 1" ]
	[ "$(term capture-pane -pJ | sed -n 's/^ended [0-9]* //p' | head -1)" = \
		"$(cat before)" ]
}

@test "sources at 80 x 24, with what the report says of the last second" {
	terminal 80 24 "vc-probe --top --json pipe >report"
	shows 'no packets yet'
	feed "$dir/three.vcrtp"
	shows '^p3 +video +VP8 '
	shows '^WHO +KIND +CODEC +KBIT/S LOSS%  ALL% JIT MS FPS/DB  MOS FRZ STATE$'
	shows '^vc-probe 0:00:0[56]  6 sources  [0-9.]+ kbit/s  0 lost of '
	shows '^p1 +video +VP8 +[0-9.]+ +0.0  0.00 +0.0 +10.0 +-   0 on$'
	shows '^p1 +audio +opus +3[0-9.]+ +0.0  0.00 +0.0 +-[0-9.]+ 4.[0-9]+   - on$'
	[ "$(term display -p '#{alternate_on} #{cursor_flag}')" = "1 0" ]
	exec 9>&-
	is_back 0
	# What it was told comes at the end, whole.
	jq -e '.total.sources == 6' report
}

@test "keys sort, turn pages, stop the picture and tell of themselves" {
	terminal 80 24 "vc-probe --top pipe >report"
	feed "$dir/many.vcrtp"
	shows '1-20 of 40 *$'
	shows '^p1 '
	term send-keys PageDown
	shows '20-39 of 40 *$'
	term send-keys Down
	shows '21-40 of 40 *$'
	term send-keys Home
	shows '1-20 of 40 *$'
	term send-keys End
	shows '21-40 of 40 *$'
	term send-keys '?'
	shows 'l  by loss, the most first'
	term send-keys '?' p
	shows 'PAUSED'
	term send-keys r
	shows '^by rate '
	term send-keys q
	is_back 0
}

@test "the worst comes first" {
	python3 - "$dir/many.vcrtp" "$dir/zoe.vcrtp" >both <<-END
		import sys
		sys.path.insert(0, "$BATS_TEST_DIRNAME")
		out, files, sys.argv[1:] = sys.stdout, sys.argv[1:], ["none"]
		sys.stdout = open("/dev/null", "w")
		from probestream import frames, Stream
		all = [[(t, i, n, p) for n, (t, p) in
		        enumerate(frames(open(f, "rb").read()))]
		       for i, f in enumerate(files)]
		s = Stream()
		s.octets.clear()
		for t, i, n, p in sorted(sum(all, [])):
		    if not (i and p[:1] == b"v"):
		        s.frame(p)
		out.buffer.write(s.octets)
	END
	terminal 80 24 "vc-probe --top pipe >report"
	feed both
	shows '1-20 of 41 *$'
	term send-keys l
	first_is zoe
	term send-keys n
	first_is p1
	term send-keys m
	first_is zoe
	term send-keys q
	is_back 0
}

first() { screen | sed -n 4p | grep -q "^$1 "; }
first_is() { wait_for first "$1" || { screen >&2; return 1; }; }

@test "names that attack or are wide stand in their column" {
	terminal 80 24 "vc-probe --top pipe >report"
	feed "$dir/evil.vcrtp"
	shows '^.x1b\[2J.u\{202.+ +audio +opus '
	[ "$(screen | grep -c .)" -gt 3 ]
	exec 9>&-
	is_back 0
	terminal 80 24 "vc-probe --top pipe >report"
	feed "$dir/wide.vcrtp"
	shows '^名前の長い.* audio +opus '
	# On the screen the next column begins where its heading does.
	screen | grep '^名' | head -1 >line
	[ "$(sed 's/audio.*//' line | wc -L)" -eq \
		"$(screen | sed -n 's/KIND.*//p' | wc -L)" ]
}

@test "a smaller terminal is followed, and what has no room is left out" {
	terminal 80 24 "vc-probe --top pipe >report"
	feed "$dir/many.vcrtp"
	shows 'of 40 *$'
	term resize-window -x 44 -y 9
	shows '^WHO +KIND +KBIT/S LOSS%'
	on_screen '^p1 +audio '
	[ "$(screen | wc -L)" -le 44 ]
	term resize-window -x 12 -y 3
	shows '^by name '
	[ "$(screen | wc -L)" -le 12 ]
	term resize-window -x 120 -y 50
	shows '^p9 +audio +opus '
	term send-keys q
	is_back 0
}

@test "however it ends, the terminal is put back" {
	terminal 80 24 "vc-probe --top pipe >report"
	feed "$dir/three.vcrtp"
	shows '^p3 '
	term send-keys C-c
	is_back 0
	# What is said before its guard has left the other screen is lost with it.
	terminal 80 24 "sh -c 'echo \$\$ >pid; exec vc-probe --top pipe >report'
		code=\$?
		until [ \"\$(stty -g)\" = \"\$(cat before)\" ]; do :; done
		(exit \$code)"
	feed "$dir/three.vcrtp"
	shows '^p3 '
	kill -KILL "$(cat pid)"
	is_back 137
	head -c 100001 "$dir/three.vcrtp" >short
	terminal 80 24 "vc-probe --top short >report"
	is_back 1
	shows 'vc-probe: .*truncated'
}

@test "within a pipeline: the stream passes, keys are the terminal's" {
	terminal 80 24 "cat pipe | vc-probe --top --pass --report report | cat >out"
	feed "$dir/three.vcrtp"
	shows '^p3 '
	term send-keys l
	shows '^by loss'
	exec 9>&-
	is_back 0
	cmp out "$dir/three.vcrtp"
	grep -q '3 participants' report
}

@test "no colours where they are not wanted" {
	terminal 80 24 "NO_COLOR=1 vc-probe --top pipe >report"
	feed "$dir/three.vcrtp"
	shows '^p3 '
	term capture-pane -pe >colours
	run ! grep $'\x1b\[[0-9;]*[34]8;' colours
	exec 9>&-
	is_back 0
	terminal 80 24 "vc-probe --top pipe >report"
	feed "$dir/three.vcrtp"
	shows '^p3 '
	term capture-pane -pe >colours
	grep -q $'\x1b\[[0-9;]*[34]8;' colours
}

@test "without a terminal, or with another screen, it is wrong usage" {
	run -2 setsid -w vc-probe --top "$dir/three.vcrtp"
	assert_line --partial 'vc-probe: --top: no terminal to show it on: '
	run -2 vc-probe --top --packets "$dir/three.vcrtp"
	assert_line --partial '--top: not with --packets'
}
