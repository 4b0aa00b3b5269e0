#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-play into files and pipes: pictures, sound, sums; who is seen and heard.

bats_require_minimum_version 1.5.0
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	for name in alice bob; do
		vc-capture --virtual -t 3s --size 320x180 --name "$name" \
			test: >"$name.vcrtp"
	done
}

setup()
{
	begin
	alice=$BATS_FILE_TMPDIR/alice.vcrtp
	bob=$BATS_FILE_TMPDIR/bob.vcrtp
	unset DISPLAY WAYLAND_DISPLAY
}

# The sums that ffmpeg finds of what is in file $1, one a frame.
ffmpeg_sums()
{
	ffmpeg -nostdin -v error -i "$1" -f framemd5 - |
		awk -F', *' '!/^#/ { print $NF }'
}

# The sums of pictures in the lines of --md5 on stdin.
picture_sums()
{
	awk '$2 == "video" { print $3 }'
}

# frames FILE: how many, how large, how fast.
frames()
{
	ffprobe -v error -count_frames -show_entries \
		stream=width,height,r_frame_rate,nb_read_frames -of csv=p=0 "$1"
}

# pixel X Y FILE: its colour there, as RRGGBB.
pixel()
{
	ffmpeg -nostdin -v error -i "$3" -frames:v 1 \
		-vf "format=rgb24,crop=1:1:$1:$2" -f rawvideo - | xxd -p
}

# heard FILE NAME: how much of the time its voice is heard, in percent.
heard()
{
	"$VC_BUILD/tests/e2e/wavheard" "$2" <"$1" | awk 'NR == 2 { print $2 }'
}

# --- pictures ---

@test "--y4m has each picture of the source once, at its time" {
	vc-play --only alice --y4m a.y4m "$alice"
	run frames a.y4m
	assert_output 320,180,30/1,91
	vc-play --md5 "$alice" | picture_sums >sums
	[ "$(wc -l <sums)" -eq 90 ]
	# All pictures are others; the sound's first packet comes after 20 ms,
	# so the first frame is black.
	[ "$(sort -u sums | wc -l)" -eq 90 ]
	ffmpeg_sums a.y4m | tail -n +2 | cmp - sums
	# Without sound nothing is late.
	vc-capture --virtual -t 3s --size 320x180 --name alice --audio=none \
		test: | vc-play --only alice --y4m v.y4m
	ffmpeg_sums v.y4m | cmp - sums
}

@test "another decoder finds the same pictures" {
	vc-record a.webm <"$alice"
	ffmpeg -nostdin -v error -i a.webm -map 0:v -fps_mode passthrough \
		-f framemd5 - | awk -F', *' '!/^#/ { print $NF }' >theirs
	vc-play --md5 "$alice" | picture_sums | cmp - theirs
}

@test "--y4m is the same on every run, through a pipe too" {
	vc-play --y4m 1.y4m --fps 10 --size 640x360 "$alice" "$bob"
	vc-play --y4m - --fps 10 --size 640x360 "$alice" "$bob" | cat >2.y4m
	cmp 1.y4m 2.y4m
	run frames 1.y4m
	assert_output 640,360,10/1,31
}

@test "--fps and --size give that rate and size, whatever the source has" {
	vc-play --only alice --y4m a.y4m --fps 25 --size 160x120 "$alice"
	run frames a.y4m
	assert_output 160,120,25/1,76
	# Letter-boxed: black above and below.
	ffmpeg -nostdin -v error -ss 2 -i a.y4m -frames:v 1 a.png
	[ "$(pixel 80 4 a.png)" = 000000 ]
	[ "$(pixel 4 30 a.png)" != 000000 ]
	vc-play --only alice --y4m - --fps 30000/1001 "$alice" |
		head -1 >first
	grep -q ' F30000:1001 ' first
}

@test "a picture is written at once, and at each time" {
	vc-play --png a.png --only alice --size 320x180 "$alice"
	run frames a.png
	assert_output --partial 320,180
	vc-play --png 'p-{n}.png' --every 1s "$alice" "$bob"
	[ "$(echo p-*)" = "p-0000.png p-0001.png p-0002.png p-0003.png" ]
	run frames p-0002.png
	assert_output --partial 1280,720
	vc-play --png '{time}.png' --every 2s --only bob "$bob"
	[ "$(echo 2*.png)" = "20000101T000000Z.png 20000101T000002Z.png" ]
	vc-play --png 'one-{name}.png' "$alice" "$bob"
	[ "$(echo one-*)" = "one-alice.png one-bob.png" ]
	# The same picture as in the film.
	vc-play --y4m a.y4m --only alice "$alice"
	vc-play --png 'f-{n}.png' --every 1s --only alice "$alice"
	ffmpeg -nostdin -v error -i a.y4m -vf 'select=eq(n\,30)' \
		-frames:v 1 -f rawvideo -pix_fmt rgb24 film
	ffmpeg -nostdin -v error -i f-0001.png -f rawvideo -pix_fmt rgb24 still
	[ "$(stat -c %s film)" -eq "$(stat -c %s still)" ]
}

# --- a file for each ---

@test "a file for each participant, all from the beginning" {
	vc-capture --virtual -t 1s --start 2s --size 320x180 --name carol \
		test: >carol.vcrtp
	vc-play --wav '{name}.wav' --y4m '{name}-{kind}.y4m' "$alice" \
		carol.vcrtp
	[ "$(echo *.wav)" = "alice.wav carol.wav" ]
	[ "$(echo *.y4m)" = "alice-video.y4m carol-video.y4m" ]
	[ "$(stat -c %s alice.wav)" -eq "$(stat -c %s carol.wav)" ]
	[ "$(heard alice.wav alice)" -ge 90 ]
	[ "$(heard alice.wav carol)" -le 2 ]
	[ "$(heard carol.wav alice)" -le 2 ]
	run frames carol-video.y4m
	assert_output 320,180,30/1,91
	# Not seen before he was there.
	ffmpeg_sums carol-video.y4m >sums
	[ "$(head -60 sums | sort -u | wc -l)" -eq 1 ]
	[ "$(tail -n +62 sums | sort -u | wc -l)" -eq 30 ]
}

@test "names from the network never become paths" {
	mkdir inner
	cd inner
	vc-capture --virtual -t 1s --name AAAAAAAAAAA test: |
		LC_ALL=C sed $'s/AAAAAAAAAAA/\\/..\\/..\\/.x\x1b;/g' >h.vcrtp
	vc-play --wav '{name}.wav' h.vcrtp
	[ "$(ls -A)" = "$(printf '%s\n' _.._.._.x__.wav h.vcrtp)" ]
	[ "$(ls -A ..)" = inner ]
	# Nor do they write over what is there.
	echo mine >alice.wav
	vc-play --wav '{name}.wav' "$alice"
	[ "$(cat alice.wav)" = mine ]
	[ -s alice-2.wav ]
	[ "$(stat -c %a alice-2.wav)" = 600 ]
}

@test "two of one name have a file each" {
	vc-capture --virtual -t 1s --seed 1 --name eve test: >1.vcrtp
	vc-capture --virtual -t 1s --seed 2 --name eve test: >2.vcrtp
	vc-play --wav '{name}.wav' 1.vcrtp 2.vcrtp
	[ "$(echo *.wav)" = "eve-2.wav eve.wav" ]
}

# --- sums ---

@test "--md5 has a line for each picture and each 20 ms of sound" {
	vc-play --md5 "$alice" "$bob" >1.md5
	vc-play --md5 "$alice" "$bob" >2.md5
	cmp 1.md5 2.md5
	run awk '$2 == "video" && $4 == "bob"' 1.md5
	[ "${#lines[@]}" -eq 90 ]
	# The sums are those of the sound file.
	vc-play --wav w.wav "$alice" "$bob"
	awk '$2 == "audio" { print $1, $3 }' 1.md5 >sums
	while read -r at sum; do
		n=$(awk -v t="$at" 'BEGIN { printf "%d", t * 96000 + 45.5 }')
		[ "$(tail -c "+$n" w.wav | head -c 1920 | md5sum)" = "$sum  -" ]
	done < <(sed -n '1p;50p;100p' sums)
	[ "$(wc -l <sums)" -ge 145 ]
}

@test "pictures that were held up and come at once have their own times" {
	# A packet of the picture of 1.5 s comes 160 ms later.
	python3 - "$alice" late <<-'END'
		import sys
		d = open(sys.argv[1], "rb").read()
		frames, at = [], 0
		while at < len(d):
		    n = int.from_bytes(d[at:at + 2], "big")
		    frames.append(d[at:at + 2 + n])
		    at += 2 + n
		first = now = held = out = None
		with open(sys.argv[2], "wb") as f:
		    for x in frames:
		        if x[2:4] == b"T\0":
		            now = int.from_bytes(x[4:12], "big")
		            first = first or now
		            if held and now >= out:
		                f.write(x)
		                x, held = held, None
		        rtp = len(x) > 14 and x[2] >> 6 == 2 and x[3] & 127 == 96
		        if rtp and not out and now - first >= 1.5e9:
		            held, out = x, now + 160e6
		            continue
		        f.write(x)
		END
	run -1 cmp -s late "$alice"
	for kind in audio video; do
		vc-play --latency 100ms --md5 "$alice" | grep " $kind " >was
		vc-play --latency 100ms --md5 late | grep " $kind " |
			cmp - was
	done
	for only in '' '--only alice'; do
		# shellcheck disable=SC2086 # none or two words
		vc-play --latency 100ms $only --y4m was.y4m "$alice"
		# shellcheck disable=SC2086
		vc-play --latency 100ms $only --y4m is.y4m late
		cmp was.y4m is.y4m
	done
}

# --- stereo ---

# wav FILE: its channels, and the level of each in dBov (of the middle half).
levels()
{
	python3 - "$1" <<-'END'
		import array, math, struct, sys
		d = open(sys.argv[1], "rb").read()
		n = struct.unpack("<H", d[22:24])[0]
		s = array.array("h", d[44:])
		s = s[len(s) // 4 // n * n:len(s) * 3 // 4 // n * n]
		for c in range(n):
		    e = sum(v * v for v in s[c::n]) / len(s[c::n])
		    print(round(10 * math.log10(e / 2 ** 30 + 1e-12)), end=" ")
		print()
	END
}

@test "stereo stays stereo: a tone on the left is on the left" {
	ffmpeg -nostdin -v error -f lavfi -i sine=d=2:f=1000 -af \
		'pan=stereo|c0=c0|c1=0*c0' l.wav
	vc-capture --virtual --stereo --name lee raw:l.wav >l.vcrtp
	vc-play --wav w.wav l.vcrtp
	read -r left right rest < <(levels w.wav)
	echo "$left $right"
	[ "$left" -ge -23 ]
	[ "$left" -le -20 ]
	[ "$right" -le -50 ]
	[ -z "$rest" ]
	# Mono where all is mono, also in the same octets.
	vc-play --wav m.wav "$bob"
	[ "$(levels m.wav | wc -w)" -eq 1 ]
	# With a mono voice, which is on both sides; he comes second.
	vc-capture --virtual --start 500ms --stereo --name lee raw:l.wav \
		>l2.vcrtp
	vc-play --wav x.wav "$bob" l2.vcrtp
	[ "$(levels x.wav | wc -w)" -eq 2 ]
	[ "$(heard x.wav bob)" -ge 40 ]
	vc-play --wav '{name}.wav' "$bob" l2.vcrtp
	[ "$(levels bob.wav | wc -w)" -eq 1 ]
	[ "$(levels lee.wav | wc -w)" -eq 2 ]
	# A pipe, and the sums, which are those of the file.
	vc-play --wav - l.vcrtp >p.wav
	cmp <(tail -c +45 p.wav) <(tail -c +45 w.wav)
	sum=$(vc-play --md5 l.vcrtp | awk '$2 == "audio" { n++ }
		n == 50 { print $1, $3; exit }')
	n=$(awk -v t="${sum% *}" 'BEGIN { printf "%d", t * 192000 + 45.5 }')
	[ "$(tail -c "+$n" w.wav | head -c 3840 | md5sum)" = "${sum#* }  -" ]
}

# --- who ---

@test "--mute is not heard, from its time on" {
	vc-play --mute alice --wav m.wav "$alice" "$bob"
	[ "$(heard m.wav alice)" -le 2 ]
	[ "$(heard m.wav bob)" -ge 90 ]
	# One second of three.
	vc-play --at '1s mute alice' --at '2s unmute alice' --wav c.wav "$alice"
	silent=$(tail -c +$((45 + 96000)) c.wav | head -c 96000 |
		tr -d '\0' | wc -c)
	[ "$silent" -eq 0 ]
	[ "$(tail -c +$((45 + 94000)) c.wav | head -c 2000 | tr -d '\0' |
		wc -c)" -gt 100 ]
	[ "$(tail -c +$((45 + 194000)) c.wav | head -c 2000 | tr -d '\0' |
		wc -c)" -gt 100 ]
}

@test "--only and its command choose who is seen" {
	vc-play --png all.png "$alice" "$bob"
	vc-play --png bob.png --only bob --no-names "$alice" "$bob"
	run frames bob.png
	assert_output --partial 320,180
	vc-play --y4m o.y4m --fps 2 --at '1s only bob' --at '2s only' \
		"$alice" "$bob"
	ffmpeg -nostdin -v error -i o.y4m o-%d.png
	# Two side by side leave the top free; one fills all of it.
	[ "$(pixel 300 20 o-2.png)" != "$(pixel 300 20 o-4.png)" ]
	[ "$(pixel 300 20 o-2.png)" = "$(pixel 300 20 o-6.png)" ]
	run -1 vc-play --at '1s mute mallory' --wav w.wav "$alice"
	assert_output --partial "nobody here is called"
}

@test "over a mix there is a name only if the mixer has one" {
	mix()
	{
		vc-mix --size 320x180 --fps 10 "$@" alice="$alice" bob="$bob"
	}

	mix >mix
	mix --name Hall >named
	for word in mix named; do
		vc-play --y4m "$word.y4m" "$word"
		vc-play --no-names --y4m "$word-bare.y4m" "$word"
	done
	cmp mix.y4m mix-bare.y4m
	run -1 cmp named.y4m named-bare.y4m
	# The operator's word is one.
	vc-play --y4m ours.y4m Hall=mix
	run -1 cmp ours.y4m mix-bare.y4m
}

# --- ends ---

@test "--latency: what comes later than that is lost, and nothing else" {
	vc-impair --seed 1 delay=200ms jitter=80ms:uniform "$alice" >late
	for latency in 10ms 300ms; do
		vc-play --latency "$latency" --wav a.wav --stats=stats late
		tail -n 1 stats | jq -c '[.play.late, .play.lost]'
	done >counts
	cat counts
	[ "$(sed -n 1p counts | jq '.[0] > 10')" = true ]
	[ "$(sed -n 2p counts)" = '[0,0]' ]
}

@test "no picture: exit 4 and no file" {
	vc-capture --virtual -t 1s --video=none test: >sound.vcrtp
	run -4 vc-play --y4m a.y4m sound.vcrtp
	assert_output "vc-play: a.y4m: no picture came: not written"
	run -4 vc-play --only x --y4m a.y4m "$alice"
	run -4 vc-play --png a.png sound.vcrtp
	[ "$(echo *)" = sound.vcrtp ]
}

@test "wrong usage says what would be right" {
	run -2 vc-play --y4m '{nme}.y4m' "$alice"
	assert_output --partial "{nme}: not one of tag kind"
	run -2 vc-play --wav '{name.wav' "$alice"
	assert_output --partial "a { without }"
	run -2 vc-play --png a.png --every 1s "$alice"
	assert_output --partial "{n} or {time}"
	run -2 vc-play --md5 --wav - "$alice"
	assert_output --partial "both to -"
	run -2 vc-play --y4m a.y4m --fps 0 "$alice"
	run -2 vc-play --sound --wav a.wav "$alice"
	[ -z "$(ls -A)" ]
}
