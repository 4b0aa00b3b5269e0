#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-play: the contact sheet, the sound, the window (on a display in memory).

bats_require_minimum_version 1.5.0
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	for name in alice bob; do
		vc-capture --virtual -t 10s --name "$name" test: >"$name.vcrtp"
	done
}

setup()
{
	begin
	here=$BATS_TEST_DIRNAME
	alice=$BATS_FILE_TMPDIR/alice.vcrtp
	bob=$BATS_FILE_TMPDIR/bob.vcrtp
	unset DISPLAY WAYLAND_DISPLAY
}

# Waits for process $1, which ends well.
ends()
{
	local code=0

	wait "$1" || code=$?
	[ "$code" -eq 0 ] || echo "exit code $code" >&2
	return "$code"
}

# pixel X Y FILE: its colour there, "R G B".
pixel()
{
	ffmpeg -nostdin -v error -i "$3" -frames:v 1 \
		-vf "format=rgb24,crop=1:1:$1:$2" -f rawvideo - |
		od -An -tu1 | tr -s ' ' | sed 's/^ //'
}

grey="191 191 191" blue="0 0 191" black="0 0 0"
# The fields of these names.
alices="38 112 0" bobs="26 128 122"

# Two colours are the same to the eye.
is_near()
{
	echo "$1 $2" | awk '{
		for (i = 1; i <= 3; i++) {
			d = $i - $(i + 3)
			if (d < -16 || d > 16)
				exit 1
		}
		exit NF != 6
	}'
}

# heard FILE NAME: its voice is heard most of the time; unheard: never.
heard()
{
	[ "$("$VC_BUILD/tests/e2e/wavheard" "$2" <"$1" |
		awk 'NR == 2 { print ($2 >= 90) }')" = 1 ]
}

unheard()
{
	[ "$("$VC_BUILD/tests/e2e/wavheard" "$2" <"$1" |
		awk 'NR == 2 { print ($2 <= 2) }')" = 1 ]
}

seconds()
{
	"$VC_BUILD/tests/e2e/wavheard" <"$1" | sed -n 's/^seconds //p'
}

# --- the sheet ---

@test "a virtual stream gives the same sheet every time, through a pipe too" {
	vc-capture --virtual -t 10s test: | vc-play --sheet 1.png
	vc-capture --virtual -t 10s test: >test.vcrtp
	vc-play --sheet 2.png test.vcrtp
	vc-play --sheet - <test.vcrtp >3.png
	cmp 1.png 2.png
	cmp 1.png 3.png
	[ ! -e 1.png.part ]
}

@test "the sheet has a row for each, and a picture a second" {
	vc-play --sheet s.png "$alice" "$bob"
	run ffprobe -v error -show_entries stream=width,height -of csv=p=0 s.png
	# 11 columns of 160, 2 rows of 90, and what stands beside them.
	assert_output 2044,326
	# The first bar is grey, the last one blue, in both rows at all times.
	for column in 0 5 10; do
		for row in 0 1; do
			x=$((200 + column * 166)) y=$((116 + row * 96))
			is_near "$(pixel $((x + 10)) $((y + 2)) s.png)" \
				"$grey"
			is_near "$(pixel $((x + 150)) $((y + 2)) s.png)" \
				"$blue"
		done
	done
	# Each name lies on a field of its own colour.
	is_near "$(pixel 205 200 s.png)" "$alices"
	is_near "$(pixel 205 296 s.png)" "$bobs"
}

@test "the size of the sheet is chosen" {
	vc-play --sheet s.png --columns 4 --size 320x180 "$alice"
	run ffprobe -v error -show_entries stream=width,height -of csv=p=0 s.png
	# An interval of 4 s: 3 columns.
	assert_output $((200 + 3 * 326 - 6 + 24)),$((116 + 180 + 24))
}

@test "who has left is not shown any longer" {
	vc-capture --virtual -t 5s --name bob test: >short.vcrtp
	vc-play --sheet s.png "$alice" short.vcrtp
	is_near "$(pixel 1040 214 s.png)" "$grey"
	is_near "$(pixel 1206 118 s.png)" "$grey"
	is_near "$(pixel 1206 214 s.png)" "30 33 40"
}

@test "who sends no picture has a row, who is not named has none" {
	vc-capture --virtual -t 3s --name bob --video=none test: >b.vcrtp
	vc-play --sheet s.png --columns 4 "$alice" b.vcrtp
	run ffprobe -v error -show_entries stream=height -of csv=p=0 s.png
	assert_output 326
}

@test "two of one name have a row each" {
	vc-capture --virtual -t 2s --seed 1 --name eve test: >1.vcrtp
	vc-capture --virtual -t 2s --seed 2 --name eve test: >2.vcrtp
	vc-play --sheet s.png 1.vcrtp 2.vcrtp
	run ffprobe -v error -show_entries stream=height -of csv=p=0 s.png
	assert_output 326
}

@test "a hostile name neither reaches the terminal nor another file" {
	vc-capture --virtual -t 2s --name AAAAAAAA test: |
		LC_ALL=C sed $'s/AAAAAAAA/\x1b[2J\\/..\\//g' >h.vcrtp
	grep -q $'\x1b' h.vcrtp
	vc-play -vv --sheet s.png h.vcrtp >out 2>&1
	run cat -v out
	refute_output --partial '^['
	[ "$(echo *)" = "h.vcrtp out s.png" ]
}

# --- sound ---

@test "ten seconds of voices are ten seconds of sound, in which they are heard" {
	vc-play --wav a.wav "$alice"
	run seconds a.wav
	awk -v s="$output" 'BEGIN { exit !(s >= 9.9 && s <= 10.1) }'
	heard a.wav alice
	unheard a.wav bob
	vc-play --wav ab.wav --sheet ab.png "$alice" "$bob"
	heard ab.wav alice
	heard ab.wav bob
	unheard ab.wav carol
	vc-play --wav again.wav "$alice" "$bob"
	cmp ab.wav again.wav
	run ffprobe -v error -show_entries \
		stream=codec_name,sample_rate,channels -of csv=p=0 ab.wav
	assert_output pcm_s16le,48000,1
}

@test "a mix is one row, in which all are seen and heard" {
	vc-mix --size 640x360 "$alice" "$bob" | vc-play --sheet m.png --wav m.wav
	run ffprobe -v error -show_entries stream=width,height -of csv=p=0 m.png
	assert_output 2044,230
	# Side by side, at 0:05: each on a field of his own.
	is_near "$(pixel 1102 178 m.png)" "$alices"
	is_near "$(pixel 1182 178 m.png)" "$bobs"
	heard m.wav alice
	heard m.wav bob
}

@test "--select chooses who is heard" {
	vc-play --select name=bob --wav b.wav "$alice" "$bob"
	heard b.wav bob
	unheard b.wav alice
}

@test "who joins later is heard later" {
	vc-capture --virtual -t 3s --start 3s --name bob test: >late.vcrtp
	vc-capture --virtual -t 6s --name alice --audio=none test: >long.vcrtp
	vc-play --wav w.wav long.vcrtp late.vcrtp
	run seconds w.wav
	awk -v s="$output" 'BEGIN { exit !(s >= 5.9 && s <= 6.1) }'
	# Half of it, and that not a sample early.
	[ -z "$(head -c $((44 + 96000 * 29 / 10)) w.wav | tail -c +45 |
		tr -d '\0')" ]
	run "$VC_BUILD/tests/e2e/wavheard" bob <w.wav
	assert_output --regexp $'\nbob [3-6][0-9]$'
}

@test "sound goes through a pipe under a header without a length" {
	vc-play --wav - "$alice" | cat >p.wav
	vc-play --wav f.wav "$alice"
	cmp <(tail -c +45 p.wav) <(tail -c +45 f.wav)
	run od -An -tx4 -j40 -N4 p.wav
	assert_output " ffffffff"
	run od -An -tu4 -j40 -N4 f.wav
	assert_output --partial "$(($(stat -c %s f.wav) - 44))"
	heard p.wav alice
}

@test "a reader that leaves is an orderly end" {
	set +o pipefail
	vc-play --wav - "$alice" 2>err | head -c 1000 >/dev/null
	[ "${PIPESTATUS[0]}" -eq 0 ]
	[ ! -s err ]
}

# --- ends ---

@test "no media: exit 4 and no file" {
	run -4 vc-play --sheet s.png --wav s.wav </dev/null
	vc-capture --virtual -t 1s --video=none test: >sound.vcrtp
	vc-capture --virtual -t 1s --audio=none test: >sight.vcrtp
	run -4 vc-play --sheet s.png sound.vcrtp
	assert_output "vc-play: s.png: no picture came: not written"
	run -4 vc-play --wav s.wav sight.vcrtp
	assert_output "vc-play: s.wav: no sound came: not written"
	[ "$(echo *)" = "sight.vcrtp sound.vcrtp" ]
	# One of two is still something.
	run -4 vc-play --sheet s.png --wav s.wav sight.vcrtp
	[ -s s.png ]
	[ ! -e s.wav ]
}

@test "a stream that is cut: what came is used, exit 1" {
	head -c 500000 "$alice" >cut.vcrtp
	run -1 vc-play --sheet s.png --wav s.wav cut.vcrtp
	assert_output --partial "truncated"
	[ -s s.png ]
	run seconds s.wav
	awk -v s="$output" 'BEGIN { exit !(s >= 4 && s <= 6) }'
}

@test "no stream at all: exit 1 and no file" {
	head -c 100000 /dev/urandom >noise
	run vc-play --sheet s.png noise
	assert_failure 1
	[ "$(echo *)" = noise ]
}

@test "SIGINT finishes both files" {
	mkfifo stats
	vc-capture test: | vc-play --sheet s.png --wav s.wav --stats=stats \
		--stats-interval 100ms &
	pid=$!
	pids+=("$pid")
	# Until something has been decoded; the rest is read to the end.
	exec 5<stats
	while read -r line <&5; do
		[[ $line != *'"pictures":0,'* ]] && break
	done
	kill -INT "$pid"
	cat <&5 >rest
	ends "$pid"
	grep -q '"ended":"signal"' rest
	heard_length=$(seconds s.wav)
	awk -v s="$heard_length" 'BEGIN { exit !(s > 0.02) }'
	run ffprobe -v error -show_entries stream=codec_name -of csv=p=0 s.png
	assert_output png
	[ ! -e s.png.part ]
	[ ! -e s.wav.part ]
}

@test "a file that is there is written over when the new one is whole" {
	echo old >s.png
	run -4 vc-play --sheet s.png </dev/null
	[ "$(cat s.png)" = old ]
	vc-play -t 1s --sheet s.png "$alice"
	run ffprobe -v error -show_entries stream=codec_name -of csv=p=0 s.png
	assert_output png
	: >t.png.part
	run -1 vc-play --sheet t.png "$alice"
	assert_output --partial "t.png: open: its .part is there"
}

@test "what cannot be written is said before anything is read" {
	run -1 vc-play --wav no/such/folder.wav <<<""
	assert_output --partial "no/such/folder.wav: open: No such file"
	run -1 vc-play --wav /dev/full "$alice"
	assert_output --partial "/dev/full: write: No space left on device"
}

@test "wrong usage exits 2 and says what would be right" {
	run -2 vc-play --sheet - --wav - "$alice"
	run -2 vc-play --sheet s.png --size 161x90 "$alice"
	assert_output --partial "--size 161x90: each even and 16 to 1024"
	run -2 vc-play --sheet s.png --columns 1 "$alice"
	run -2 vc-play --sheet s.png rtp://127.0.0.1:5004
	assert_output --partial "vc-recv rtp://127.0.0.1:5004 | vc-play"
	[ -z "$(ls -A)" ]
}

# --- the window ---

# A display in memory; $DISPLAY is set when it is ready.
display()
{
	mkfifo display
	Xvfb -displayfd 6 -screen 0 800x600x24 -nolisten tcp -noreset \
		6>display 2>/dev/null 3>&- &
	server=$!
	pids+=("$server")
	read -r number <display
	export DISPLAY=:$number
}

# What ffmpeg makes of the screen.
grab()
{
	ffmpeg -nostdin -v error -f x11grab -video_size 800x600 -i "$DISPLAY" \
		-frames:v 1 "$@"
}

# The screen at $1 $2 gets the colour $3, within 20 s.
becomes()
{
	local colour end=$((SECONDS + 20))

	while [ "$SECONDS" -lt "$end" ]; do
		grab -y now.png
		colour=$(pixel "$1" "$2" now.png)
		if is_near "$colour" "$3"; then
			return
		fi
	done
	echo "pixel $1,$2 is $colour, not $3" >&2
	return 1
}

@test "without a display: exit 1, and the ways without one are named" {
	run -1 vc-play "$alice"
	assert_output --partial "no display"
	assert_output --partial "--ascii, --sheet FILE.png and"
}

@test "the window shows the grid of all and closes with the stream" {
	display
	vc-play -t 6s --size 800x600 "$alice" "$bob" 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	# Two tiles, one above the other, 532 wide.
	becomes 160 20 "$grey"
	becomes 160 320 "$grey"
	grab -y shot.png
	for y in 20 320; do
		is_near "$(pixel 160 "$y" shot.png)" "$grey"
		is_near "$(pixel 640 "$y" shot.png)" "$blue"
	done
	is_near "$(pixel 640 260 shot.png)" "$alices"
	is_near "$(pixel 640 560 shot.png)" "$bobs"
	ends "$pid"
	becomes 640 20 "$black"
}

@test "--fullscreen fills the screen, whatever the size" {
	display
	vc-play -t 6s --fullscreen --size 320x180 "$alice" 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	# 800 x 450 in the middle of 800 x 600.
	becomes 20 90 "$grey"
	becomes 780 90 "$blue"
	grab -y shot.png
	is_near "$(pixel 780 465 shot.png)" "$alices"
	is_near "$(pixel 400 30 shot.png)" "$black"
	ends "$pid"
}

@test "the X server ends: one clear line, exit 1" {
	display
	mkfifo in
	vc-capture test: >in 2>/dev/null 3>&- &
	pids+=("$!")
	vc-play --size 640x360 in 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	becomes 40 10 "$grey"
	kill "$server"
	ended 1
	run grep -v '^vc-play: no sound' err
	assert_output "vc-play: window: the X server has ended"
}

@test "the user closes the window: an orderly end" {
	display
	mkfifo in
	vc-capture test: >in 2>/dev/null 3>&- &
	pids+=("$!")
	vc-play --size 640x360 in 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	becomes 40 10 "$grey"
	python3 "$here/closewindow.py"
	ends "$pid"
}

@test "WAV is not written under another format's name" {
	run -2 vc-play --wav x.mp3 /dev/null
	assert_output --partial '--wav x.mp3: writes WAV, and no mp3'
	run -2 vc-play --wav 'a-{name}.OGG' /dev/null
	assert_output --partial 'writes WAV, and no ogg'
	refute [ -e x.mp3 ]
}
