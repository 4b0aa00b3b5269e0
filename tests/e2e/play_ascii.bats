#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-play --ascii: into a file, and on a terminal (tmux's).
# Runs live, 12 s: paced playback on a terminal.

bats_require_minimum_version 1.5.0
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 60s --size 160x90 --fps 10 --name alice \
		test: >alice.vcrtp
	vc-capture --virtual -t 3s --size 160x90 --name "名前" test: >wide.vcrtp
}

setup()
{
	begin
	here=$BATS_TEST_DIRNAME
	alice=$BATS_FILE_TMPDIR/alice.vcrtp
	wide=$BATS_FILE_TMPDIR/wide.vcrtp
	unset DISPLAY WAYLAND_DISPLAY NO_COLOR COLORTERM
	export TERM=xterm-256color LC_ALL=C.UTF-8
}

teardown()
{
	local socket

	for socket in tmux-*; do
		tmux -S "$PWD/$socket" kill-server 2>/dev/null || true
	done
	kill_all
}

term()
{
	tmux -S "$PWD/tmux-$terminals" -f /dev/null "$@"
}

# A new terminal of 100 x 30 that runs the shell line $1 and then waits.
terminal()
{
	terminals=$((${terminals:-0} + 1))
	term new-session -d -x 100 -y 30 \
		"$1; echo \"ended \$? \$(stty -g)\"; exec cat" 3>&-
}

# The screen comes to have $1 on it, within 20 s.
shows()
{
	local end=$((SECONDS + 20))

	while [ "$SECONDS" -lt "$end" ]; do
		if term capture-pane -p | grep -q -- "$1"; then
			return
		fi
		sleep 0.1
	done
	term capture-pane -p >&2
	return 1
}

# The terminal is as it was: no other screen, a cursor, lines and echo.
is_back()
{
	shows "ended"
	[ "$(term display -p '#{alternate_on} #{cursor_flag}')" = "0 1" ]
	modes=$(term capture-pane -pJ | sed -n 's/^ended [0-9]* //p' | head -1)
	[ "$modes" = "$(cat before)" ]
}

# --- into a file ---

@test "into a pipe frames follow each other, the same on every run" {
	vc-play --ascii --fps 2 -t 3s "$alice" "$wide" >one
	vc-play --ascii --fps 2 -t 3s "$alice" "$wide" | cat >two
	cmp one two
	# 0 s to 2.5 s.
	[ "$(wc -l <one)" -eq $((6 * 24)) ]
	run grep -c "alice.*名前" one
	# Before there are pictures names stand in their places, too.
	assert_output 7
	COLORTERM=truecolor vc-play --ascii --fps 1 -t 1s "$alice" >true
	grep -q $'\x1b\[38;2;' true
	run ! grep -q $'\x1b\[38;2;' one
	grep -q $'\x1b\[38;5;' one
}

@test "without colours it is all text, and in its columns" {
	NO_COLOR=1 vc-play --ascii --fps 1 -t 2s "$alice" "$wide" >text
	run ! grep -q $'\x1b' text
	# 80 columns, of which the wide name has four in two characters.
	[ "$(wc -l <text)" -eq 48 ]
	while IFS= read -r line; do
		[ "$(wc -L <<<"$line")" -eq 80 ]
	done <text
	# Loud enough to be seen.
	grep -q '##' text
}

@test "a hostile name is shown, not carried out" {
	vc-capture --virtual -t 1s --size 160x90 --name AAAAAAAA test: |
		LC_ALL=C sed $'s/AAAAAAAA/\x1b[2J\x9b1mx/g' >h.vcrtp
	NO_COLOR=1 vc-play --ascii --fps 1 h.vcrtp >text
	run ! grep -q $'\x1b' text
	grep -qF '\x1b[2J\x9b1mx' text
}

@test "--only shows one, and more are side by side" {
	NO_COLOR=1 vc-play --ascii --fps 1 -t 1s --only 名前 "$alice" \
		"$wide" >text
	run ! grep -q alice text
	grep -q 名前 text
}

# --- on a terminal ---

@test "on a terminal the grid is drawn, q puts all back" {
	terminal "stty -g >before; vc-play --ascii '$alice' '$wide' 2>err"
	shows "alice .*名前"
	[ "$(term display -p '#{alternate_on} #{cursor_flag}')" = "1 0" ]
	term capture-pane -pe >colours
	grep -q "▀" colours
	grep -q $'\x1b\[.*m' colours
	# Another size is followed.
	term resize-window -x 60 -y 20
	sleep_until_width
	term send-keys q
	is_back
	shows "ended 0"
}

# The status line stands on the last row of the smaller screen.
sleep_until_width()
{
	local end=$((SECONDS + 20))

	while [ "$SECONDS" -lt "$end" ]; do
		if term capture-pane -p | sed -n 20p | grep -q "heard"; then
			return
		fi
		sleep 0.1
	done
	return 1
}

@test "Ctrl-C and an input that breaks off put it back" {
	terminal "stty -g >before; vc-play --ascii '$alice'"
	shows "alice"
	term send-keys C-c
	is_back
	head -c 100000 "$alice" >cut.vcrtp
	terminal "vc-play --fast --ascii cut.vcrtp"
	is_back
	shows "ended 1"
	# What was said meanwhile is said now.
	shows "truncated"
}

@test "SIGTERM and SIGKILL leave no terminal behind that is unusable" {
	for signal in TERM KILL; do
		terminal "stty -g >before
			echo \$\$ >shell; vc-play --ascii '$alice'
			until [ \"\$(stty -g)\" = \"\$(cat before)\" ]
			do true; done"
		shows "alice"
		pid=$(pgrep -P "$(cat shell)" -x vc-play)
		kill -"$signal" "$pid"
		is_back
	done
}

@test "a terminal that does not read holds nothing up" {
	run -0 python3 "$here/slowterm.py" vc-play --ascii --fps 100 -t 2s \
		--wav w.wav --stats=stats "$alice"
	assert_line same
	assert_line back
	[ "$(stat -c %s w.wav)" -ge 190000 ]
	grep -q '"ended":"duration"' stats
}
