#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What vc-mix does to sound, measured in what comes out, as L16 so that no codec
# is in between. On the virtual clock.

# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	tone ann 500
	tone bob 900
	tone carl 1400
}

setup()
{
	begin
	files=$BATS_FILE_TMPDIR
	ann=ann=$files/ann.vcrtp
	bob=bob=$files/bob.vcrtp
	carl=carl=$files/carl.vcrtp
}

# Name $1 with a tone of $2 Hz; further arguments to vc-capture.
tone()
{
	vc-capture --virtual -t 3s --video none --name "$1" --cname "$1" \
		"${@:3}" "tone:$2" >"$1.vcrtp"
}

mix()
{
	vc-mix --video=off --acodec l16 "$@"
}

# Levels from $2 to $3 seconds in stream $1, of tones, as tonelevel.py has them.
levels()
{
	vc-play --wav heard.wav "$1"
	python3 "$BATS_TEST_DIRNAME/tonelevel.py" heard.wav "$2-$3" "${@:4}"
}

# near A B MAX: the numbers differ by at most that.
near()
{
	awk -v a="$1" -v b="$2" -v max="$3" 'BEGIN {
		exit !(a - b <= max && b - a <= max) }' ||
		fail "$1 is not within $3 of $2"
}

@test "gain: so many dB louder or softer, and no click" {
	local a b other step

	mix --at '1s gain ann -20' --at '2s gain a* 12.5' "$ann" "$bob" >m
	read -r a other step < <(levels m 0.3 0.95 500 900 step)
	near "$step" 0.02 0.01
	for row in '1.1 1.95 -20' '2.1 2.9 12.5'; do
		read -r from to db <<<"$row"
		read -r b same _ < <(levels m "$from" "$to" 500 900 step)
		near "$(bc <<<"$b - $a")" "$db" 0.1
		near "$same" "$other" 0.1
	done
	# Where it changes no step is larger than at its loudest.
	read -r step < <(levels m 2.1 2.9 step)
	read -r all < <(levels m 0.2 2.9 step)
	near "$all" "$step" 0.002
}

@test "gain: no more than what fits" {
	local third rms

	mix --at '100ms gain * 20' --at '100ms gain carl -60' "$ann" "$bob" "$carl" \
		>m
	read -r _ _ third rms < <(levels m 1 2 500 900 1400 rms)
	near "$rms" -3 0.2
	# Two sines that fill it; the third is not heard beside them.
	[ "${third%.*}" -lt -60 ]
}

@test "gain: what it takes" {
	for wrong in 'ann 20.1' 'ann loud' ann 'ann 1 2'; do
		run -2 vc-mix --video=off --at "0s gain $wrong" "$ann" -o m
		assert_output --partial "gain $wrong': gain WHO DB"
	done
	run -1 --separate-stderr vc-mix --video=off --at '0s gain dora 3' \
		"$ann" -o m
	assert_regex "$stderr" 'gain dora 3: nobody here is called dora'
}

@test "every codec comes out as it is asked for" {
	local row codec pt clock

	for row in opus,111,48000 g722,9,8000 pcmu,0,8000 pcma,8,8000 \
		l16,112,48000; do
		IFS=, read -r codec pt clock <<<"$row"
		vc-mix --video=off --acodec "$codec" "$ann" "$bob" >m
		run jq -c '.sources[] | [(.codec | ascii_downcase), .rate_hz,
			.media.lost]' <(vc-probe --json m)
		assert_output "[\"$codec\",$clock,0]"
		run jq -sc 'map(select(.type == "rtp") | .pt) | unique' \
			<(vc-probe --packets=json m)
		assert_output "[$pt]"
		read -r a b < <(levels m 1 2 500 900)
		near "$a" -17 0.5
		near "$b" -17 0.5
	done
}

@test "packets are as long as they are wanted" {
	local row codec ptime step

	for row in opus,10ms,480 opus,40ms,1920 opus,60ms,2880 pcmu,40ms,320 \
		g722,10ms,80 l16,10ms,480; do
		IFS=, read -r codec ptime step <<<"$row"
		vc-mix --video=off --acodec "$codec" --ptime "$ptime" "$ann" >m
		run jq -sc 'map(select(.type == "rtp") | .ts) |
			[.[1:], .[:-1]] | transpose |
			map(.[0] - .[1] | if . < 0 then . + 4294967296 else . end)
			| unique' <(vc-probe --packets=json m)
		assert_output "[$step]"
		read -r a < <(levels m 1 2 500)
		near "$a" -17 0.5
	done
}

@test "wrong usage" {
	for word in --acodec=vp8 --acodec=speex --ptime=15ms --ptime=10us; do
		run vc-mix "$word" "$ann"
		assert_failure 2
	done
}

@test "stereo: everybody has a place, at equal power" {
	local -A got=()
	local left right hz

	mix --stereo "$ann" "$bob" "$carl" >m
	for hz in 500 900 1400; do
		read -rd '' left right < <(levels m 1 2 "$hz") || :
		got[$hz]="$left $right"
		# Both together are as loud as he came.
		near "$(awk -v l="$left" -v r="$right" 'BEGIN {
			print 10 * log(10^(l / 10) + 10^(r / 10)) / log(10) }')" \
			-17.1 0.1
	done
	# In the middle, in the left half, in the right one.
	read -r left right <<<"${got[500]}"
	near "$left" "$right" 0.05
	read -r left right <<<"${got[900]}"
	near "$(bc <<<"$left - $right")" 7.66 0.1
	near "${got[1400]% *}" "${got[900]#* }" 0.05
	near "${got[1400]#* }" "${got[900]% *}" 0.05
}

@test "stereo: nobody hears himself, in Opus, and who is mono hears one channel" {
	local left right

	vc-mix --video=off --stereo --minus-one --abitrate 96k \
		--out-class phone:pcmu --out phone=phone \
		"$ann" "$bob" "$carl" >m
	vc-impair m >all
	run jq -sc 'map(.sources[] | [.codec, .rate_hz]) | unique' \
		<(vc-probe --json m)
	assert_output '[["PCMU",8000],["opus",48000]]'
	vc-play --as ann --wav ann.wav m
	run python3 "$BATS_TEST_DIRNAME/tonelevel.py" ann.wav 1-2 500 900 1400
	read -r left _ _ <<<"${lines[0]}"
	[ "${left%.*}" -lt -60 ]
	# Bob is left of Carl.
	read -r _ left right <<<"${lines[0]}"
	near "$left" -17.7 0.5
	near "$right" -25.4 0.7
	read -r _ left right <<<"${lines[1]}"
	near "$left" -25.4 0.7
	near "$right" -17.7 0.5
	# As loud as in a room of one channel.
	vc-play --as phone --wav phone.wav m
	run python3 "$BATS_TEST_DIRNAME/tonelevel.py" phone.wav 1-2 500 900 1400
	[ "${#lines[@]}" -eq 1 ]
	for left in $output; do
		near "$left" -17 0.3
	done
}

# A WAV of 3 s with two tones, one on each side.
two_tones()
{
	python3 - <<-'END' >two.wav
		import math, struct, sys
		w = [2 * math.pi * hz / 48000 for hz in (600, 1100)]
		pcm = b"".join(struct.pack("<2h", *(
		    int(4000 * math.sin(x * i)) for x in w))
		    for i in range(3 * 48000))
		sys.stdout.buffer.write(b"RIFF" + struct.pack(
		    "<I4s4sIHHIIHH4sI", 36 + len(pcm), b"WAVE", b"fmt ", 16, 1,
		    2, 48000, 192000, 4, 16, b"data", len(pcm)) + pcm)
	END
}

@test "stereo: a source of two channels stays as it is" {
	two_tones
	vc-capture --virtual --name dora --cname dora --stereo --abitrate 128k \
		two.wav >dora.vcrtp
	mix --stereo "$ann" dora=dora.vcrtp >m
	run levels m 1 2 600 1100
	read -r left right <<<"${lines[0]}"
	near "$left" -21.3 0.5
	[ "${right%.*}" -lt -60 ]
	read -r left right <<<"${lines[1]}"
	near "$right" -21.3 0.5
	[ "${left%.*}" -lt -60 ]
	# Of one channel it has both.
	mix "$ann" dora=dora.vcrtp >m
	run levels m 1 2 600 1100
	read -r left right <<<"$output"
	near "$left" -24.3 0.5
	near "$right" -24.3 0.5
}

@test "outputs of their own rate and codec, as every tool reads them" {
	local row who pt want level
	local classes='phone:pcmu,desk:g722,hall:l16/48000/2,old:l16/44100'
	local outs=(--out p=phone --out d=desk --out h=hall --out o=old)

	vc-mix --minus-one --video=off --out-class "$classes" "${outs[@]}" \
		--stats one "$ann" "$bob" "$carl" >/dev/null
	vc-mix --minus-one --video=off --out-class "$classes" "${outs[@]}" \
		--out p2=phone --stats two "$ann" "$bob" "$carl" >m
	# Of the two phones there is one mix, encoded once.
	run jq -sc 'map(.mix.mixes) | max' two
	assert_output "$(jq -sc 'map(.mix.mixes) | max' one)"
	for row in 'p 0 -17.1 mulaw -ar 8000' 'd 9 -17.1 g722' \
		'h 112 -20.1 s16be -ar 48000 -ac 2' \
		'o 113 -17.1 s16be -ar 44100' 'p2 0 -17.1 mulaw -ar 8000'; do
		read -r who pt want row <<<"$row"
		read -ra format <<<"$row"
		vc-record --as "$who" -i m "$who.vcrtp"
		# By another decoder than ours, and by ours.
		python3 "$BATS_TEST_DIRNAME/payloads.py" "$pt" \
			<"$who.vcrtp" | cut -d' ' -f2 | xxd -r -p |
			ffmpeg -v error -f "${format[@]}" -i - "$who.ff.wav"
		vc-play --wav "$who.wav" "$who.vcrtp"
		for file in "$who.ff.wav" "$who.wav"; do
			run python3 "$BATS_TEST_DIRNAME/tonelevel.py" "$file" \
				1-2 500
			for level in $output; do
				near "$level" "$want" 0.2
			done
		done
	done
	# Participants have what the options say.
	run jq -sc 'map(.sources[] | [.codec, .rate_hz, .pt]) | unique' \
		<(vc-probe --json m)
	assert_output '[["G722",8000,9],["L16",44100,113],["L16",48000,112],["PCMU",8000,0],["opus",48000,111]]'
}

@test "a class by the row of the policy" {
	cat >room.policy <<-'END'
		bob  * - class=phone
		*    * -
	END
	vc-mix --policy ./room.policy --video=off --out-class phone:pcma@8k \
		"$ann" "$bob" "$carl" >m && fail "pcma has one rate only"
	vc-mix --policy ./room.policy --video=off --out-class phone:pcma \
		"$ann" "$bob" "$carl" >m
	run jq -sc 'map(.sources[].codec) | sort' <(vc-probe --as bob --json m)
	assert_output '["PCMA"]'
	run jq -sc 'map(.sources[].codec) | sort' <(vc-probe --as ann --json m)
	assert_output '["opus"]'
	vc-play --as bob --wav bob.wav m
	run python3 "$BATS_TEST_DIRNAME/tonelevel.py" bob.wav 1-2 500 900 1400
	read -r a b c <<<"$output"
	near "$a" -17 0.3
	near "$c" -17 0.3
	[ "${b%.*}" -lt -60 ]
}

@test "one room of every codec, rate and number of channels that come in" {
	local row hz codec level in=() hzs=()

	two_tones
	for row in opus,500 pcmu,700 pcma,900 g722,1200 l16,1500; do
		IFS=, read -r codec hz <<<"$row"
		tone "$codec" "$hz" --acodec "$codec"
		in+=("$codec=$codec.vcrtp")
		hzs+=("$hz")
	done
	vc-capture --virtual --name dora --cname dora --stereo --abitrate 128k \
		two.wav >dora.vcrtp
	mix --talkers 9 "${in[@]}" dora=dora.vcrtp >m
	run levels m 1 2 "${hzs[@]}"
	for level in $output; do
		near "$level" -17 0.3
	done
	# What comes out as L16 of two channels and 44.1 kHz goes in again.
	mix --out-class 'cd:l16/44100/2' --out cd=cd "$ann" >m
	vc-mix --as cd --video=off --acodec l16 "$bob" cd=m >again
	run levels again 1 2 500 900
	for level in $output; do
		near "$level" -17 3.2
	done
}

# speech NAME DBFS NOISE: 8 s of something like it.
speech()
{
	python3 "$BATS_TEST_DIRNAME/speechlike.py" 8 "$2" "$3" >"$1.wav"
	vc-capture --virtual --name "$1" --cname "$1" --abitrate 96k "$1.wav" \
		>"$1.vcrtp"
}

@test "agc: a quiet and a loud speaker are alike, silence stays silent" {
	local quiet loud hiss

	speech quiet -40 -80
	speech loud -6 -80
	speech hiss -200 -60
	for who in quiet loud hiss; do
		mix --agc --stats "$who.json" "$who.vcrtp" >m
		printf -v "$who" %s "$(levels m 4.1 7.4 rms)"
	done
	near "$quiet" "$loud" 1.5
	near "$quiet" -28 3
	run jq -sc 'map(.mix.participants[]?.agc_db) | max, min' quiet.json \
		loud.json
	[ "${lines[0]}" -gt 8 ]
	[ "${lines[1]}" -lt -15 ]
	# Even noise is no speech, whoever sends it: not much louder.
	near "$hiss" -62 6.5
	# All the same in two channels, and what the operator says is added.
	mix --agc --stereo --at '100ms gain quiet 6' quiet.vcrtp >m
	run levels m 4.1 7.4 rms
	near "${lines[0]}" "$(bc <<<"$quiet + 6 - 3")" 0.3
	near "${lines[1]}" "${lines[0]}" 0.1
}

@test "comfort noise: where nobody is heard, and without a click" {
	local rms step

	# Sound from 1 to 2 s.
	vc-capture --virtual -t 4s --video none --name ann --cname ann \
		--at '0s mute' --at '1s unmute' --at '2s mute' tone:500 >a
	mix --comfort-noise -60 a >m
	mix a >plain
	for row in '0.5 0.9' '2.6 3.5'; do
		read -r from to <<<"$row"
		read -r rms < <(levels m "$from" "$to" rms)
		# As RFC 6464 counts, a sine of -57.
		near "$rms" -57 0.7
		read -r rms < <(levels plain "$from" "$to" rms)
		[ "${rms%.*}" -lt -90 ]
	done
	# It comes with a ramp, and in the sound there is none of it.
	read -r step < <(levels m 0.05 0.9 step)
	near "$step" 0 0.004
	levels m 1.2 1.9 500 rms step >with
	levels plain 1.2 1.9 500 rms step >without
	run cmp with without
	assert_success
	# Who alone speaks has it too; the seed says which.
	mix --minus-one --comfort-noise -70 a >m
	vc-play --as ann --wav ann.wav m
	run python3 "$BATS_TEST_DIRNAME/tonelevel.py" ann.wav 1.3-1.9 rms
	near "$output" -67 1
	mix --comfort-noise -60 a | cmp - <(mix --comfort-noise -60 a)
	run cmp <(mix --comfort-noise -60 --seed 2 a | tail -c 9000) \
		<(mix --comfort-noise -60 a | tail -c 9000)
	assert_failure
	# In two channels as well.
	mix --stereo --comfort-noise -60 a >m
	run levels m 2.6 3.5 rms
	near "${lines[0]}" -57 0.7
	near "${lines[1]}" -57 0.7
}

# A WAV of a tone: RATE HZ SECONDS
announcement()
{
	python3 - "$@" <<-'END'
		import math, struct, sys
		rate, hz, s = (float(a) for a in sys.argv[1:])
		rate = int(rate)
		pcm = b"".join(struct.pack("<h", int(8000 * math.sin(
		    2 * math.pi * hz * i / rate))) for i in range(int(s * rate)))
		sys.stdout.buffer.write(b"RIFF" + struct.pack(
		    "<I4s4sIHHIIHH4sI", 36 + len(pcm), b"WAVE", b"fmt ", 16, 1,
		    1, rate, 2 * rate, 2, 16, b"data", len(pcm)) + pcm)
	END
}

# From when to when, in ms, somebody's sound in file $1 is not silence.
sounds()
{
	python3 - "$1" <<-'END'
		import array, sys
		pcm = array.array("h", open(sys.argv[1], "rb").read()[44:])
		loud = [i for i, v in enumerate(pcm) if abs(v) > 200]
		print(loud[0] // 48, loud[-1] // 48 + 1)
	END
}

@test "play: a file is heard by all, exactly so long, and is nobody's voice" {
	local row rate

	vc-capture --virtual -t 3s --video none --name ann --cname ann \
		silence: >quiet
	for rate in 48000 8000 44100; do
		announcement "$rate" 1000 1.234 >"$rate.wav"
		mix --minus-one --out rec --at "1s play $rate.wav" \
			--stats stats --stats-interval 500ms ann=quiet >m
		# From the tick on in which it begins.
		run jq -sc 'map(.mix.playing) | .[-1], (map(select(.)) |
			length >= 2)' stats
		assert_output "false
true"
		for who in ann rec; do
			vc-play --as "$who" --wav "$who.wav" m
			run sounds "$who.wav"
			read -r from to <<<"$output"
			near "$((to - from))" 1234 1
			near "$from" 980 21
			run python3 "$BATS_TEST_DIRNAME/tonelevel.py" \
				"$who.wav" 1.3-2 1000
			near "$output" -12.25 0.1
		done
		run jq -sc 'map(select(.event.ev == "speaker")) | length' \
			<(vc-probe --packets=json m)
		assert_output 0
	done
	mix --at '1s play 8000.wav' ann=quiet | cmp - \
		<(mix --at '1s play 8000.wav' ann=quiet)
}

@test "play: the sound of Ogg, WebM and Matroska files, by this or another tool" {
	local file who from to

	vc-capture --virtual -t 3s --video none --name ann --cname ann \
		silence: >quiet
	announcement 48000 1000 1.2 >a.wav
	ffmpeg -nostdin -v error -i a.wav -c:a libopus -b:a 96k a.webm
	ffmpeg -nostdin -v error -f lavfi -i testsrc=size=320x180:rate=25 \
		-i a.wav -t 1.2 -c:v libvpx -b:v 3M -c:a libopus -b:a 96k \
		film.webm
	vc-capture --virtual --video none --acodec g722 file:a.wav |
		vc-record -q own.mkv >/dev/null
	ffmpeg -nostdin -v error -i a.wav -af "pan=stereo|c0=c0|c1=c0" \
		-c:a libopus -b:a 96k two.ogg
	vc-capture --virtual --video none file:a.wav |
		vc-record -q own.ogg >/dev/null
	cat two.ogg own.ogg >both.ogg
	for file in a.webm film.webm own.mkv two.ogg own.ogg both.ogg; do
		mix --minus-one --out rec --at "1s play $file" ann=quiet >m
		for who in ann rec; do
			vc-play --as "$who" --wav "$who.wav" m
			run sounds "$who.wav"
			echo "$file, $who: $output"
			read -r from to <<<"$output"
			case $file in
			both*) near "$to" 3030 10 ;; # the end of all
			two*) near "$((to - from))" 1200 2 ;;
			*) near "$((to - from))" 1200 25 ;;
			esac
			near "$from" 990 35
			run python3 "$BATS_TEST_DIRNAME/tonelevel.py" \
				"$who.wav" 1.3-2 1000
			near "$output" -12.25 0.5
		done
	done
	mix --at '1s play a.webm' ann=quiet | cmp - \
		<(mix --at '1s play a.webm' ann=quiet)
}

@test "play: to some, ended, and one after another, without a click" {
	local a b c

	announcement 48000 2000 9 >long.wav
	announcement 48000 3000 9 >other.wav
	mix --minus-one --out rec --at '500ms play long.wav to bob r*' \
		--at '1500ms play other.wav' --at '2500ms play -' \
		"$ann" "$bob" >m
	for row in 'ann 900 -90 -90' 'bob 500 -12.2 -90' 'rec 500 -12.2 -90'; do
		read -r who hz long other <<<"$row"
		vc-play --as "$who" --wav "$who.wav" m
		run python3 "$BATS_TEST_DIRNAME/tonelevel.py" "$who.wav" \
			0.6-1.4 "$hz" 2000 3000
		read -r a b c <<<"$output"
		near "$a" -17.1 0.3
		[ "$long" = -90 ] && [ "${b%.*}" -lt -70 ] || near "$b" "$long" 0.2
		[ "${c%.*}" -lt -70 ]
		run python3 "$BATS_TEST_DIRNAME/tonelevel.py" "$who.wav" \
			1.6-2.4 2000 3000
		read -r b c <<<"$output"
		[ "${b%.*}" -lt -70 ]
		near "$c" -12.2 0.2
		run python3 "$BATS_TEST_DIRNAME/tonelevel.py" "$who.wav" \
			2.6-2.9 2000 3000
		read -r b c <<<"$output"
		[ "${b%.*}" -lt -70 ]
		[ "${c%.*}" -lt -70 ]
		# Nowhere a larger step than in the highest tone and the other.
		run python3 "$BATS_TEST_DIRNAME/tonelevel.py" "$who.wav" \
			0.3-2.9 step
		near "$output" 0.1 0.03
	done
}

@test "play: what it does not" {
	echo 'no sound' >text.wav
	mkfifo fifo
	announcement 3000 100 0.1 >slow.wav
	vc-capture --virtual -t 100ms --audio none test: | vc-record mute.webm
	ffmpeg -nostdin -v error -i slow.wav -c:a flac flac.ogg
	for wrong in play 'play slow.wav ann' 'play slow.wav to' \
		'play slow.wav for ann'; do
		run -2 mix --at "1s $wrong" "$ann" -o m
		assert_output --partial "'1s $wrong': play FILE [to WHO...]|-"
	done
	run -1 --separate-stderr mix --at '1s play gone.wav' \
		--at '1s play text.wav' --at '1s play fifo' \
		--at '1s play mute.webm' --at '1s play flac.ogg' \
		--at '1s play slow.wav' --at '1s play - to ann' \
		--at '1s play slow.wav to ann dora' "$ann" -o m
	assert_regex "$stderr" 'play gone.wav: No such file'
	assert_regex "$stderr" 'play text.wav: neither WAV nor Ogg nor WebM nor Matroska'
	assert_regex "$stderr" 'play mute.webm: no sound in it'
	assert_regex "$stderr" 'play flac.ogg: no sound in it'
	assert_regex "$stderr" 'play fifo: no regular file'
	assert_regex "$stderr" 'play slow.wav: a WAV other than'
	assert_regex "$stderr" 'play - to ann: '
	assert_regex "$stderr" 'to ann dora: nobody here is called dora'
	run -2 --separate-stderr vc-mix --audio=off --at '100ms play slow.wav' \
		<(vc-capture --virtual -t 1s --audio none test:) -o m
	assert_regex "$stderr" 'no sound is mixed here'
}

# Samples that are played from copies where a tenth of what vc-mix "$@" makes of
# ann.vcrtp is lost.
won()
{
	vc-mix --name first "$@" ann.vcrtp | vc-impair loss=10% |
		vc-mix --stats=won -o /dev/null
	jq -s '[.. | .fec? // empty] | max' won
}

@test "Opus: packets that hold the one before them, and an effort of one's own" {
	local n

	vc-capture --virtual -t 5s --video none --name ann --cname ann test: \
		>ann.vcrtp
	run won
	assert_output 0
	run won --opus-fec 20%
	[ "$output" -gt 9600 ]
	# 5 is the default; less is other octets.
	vc-mix ann=ann.vcrtp >five
	cmp five <(vc-mix --complexity 5 ann=ann.vcrtp)
	run -1 cmp -s five <(vc-mix --complexity 0 ann=ann.vcrtp)
	# It is for Opus, also of a class.
	run -0 vc-mix --acodec pcmu --opus-fec 20% --complexity 3 \
		-o out ann=ann.vcrtp
	assert_line "vc-mix: --opus-fec has no effect: no sound becomes Opus"
	assert_line "vc-mix: --complexity has no effect: no sound becomes Opus"
	run -0 vc-mix --acodec pcmu --opus-fec 20% --out hall=wide \
		--out-class wide:opus -o out ann=ann.vcrtp
	refute_output
	for n in '--opus-fec 20' '--opus-fec 0%' '--complexity 11'; do
		# shellcheck disable=SC2086 # words
		run -2 vc-mix $n ann=ann.vcrtp
		assert_output --partial "$n: not "
	done
}
