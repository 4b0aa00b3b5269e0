#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What vc-capture reads by itself, and what comes through pipes; files that lie.

# shellcheck disable=SC2154,SC2002 # bats sets stderr; pipes are meant
bats_require_minimum_version 1.5.0
load ../common

# $1: seconds, $2: rate, $3: form of pixels; colour bars.
y4m()
{
	ffmpeg -nostdin -v error -f lavfi -i "smptebars=d=$1:r=$2:s=320x240" \
		-pix_fmt "${3-yuv420p}" -strict -1 -f yuv4mpegpipe -
}

# $1: seconds, $2: rate, $3: channels; a sine of about -21 dBov.
wav()
{
	ffmpeg -nostdin -v error -f lavfi -i "sine=d=$1:r=$2:f=1000" \
		-ac "${3-1}" -f wav -
}

# jq on what vc-probe says of the standard input.
probe() { vc-probe --json | jq -c "$1"; }

about="[.sources[] | [.kind, .frames // .media.expected, .media.lost]]"

@test "raw: Y4M of any rate and form becomes pictures of --fps and --size" {
	while read -r rate form; do
		y4m 2 "$rate" "$form" >a.y4m
		vc-capture --virtual --size 320x240 raw:a.y4m >s
		echo "$rate $form: $(probe "$about" <s)"
		n=$(probe '.sources[0].frames' <s)
		[ "$n" -ge 58 ]
		[ "$n" -le 62 ]
		[ "$(probe '[.sources[0] | .width, .height]' <s)" = '[320,240]' ]
		rm -f s.webm
		vc-record -q s.webm <s >saved
		ffmpeg -nostdin -v error -y -i s.webm -frames:v 1 -f rawvideo \
			-pix_fmt gray s.gray
		ffmpeg -nostdin -v error -y -i a.y4m -frames:v 1 -f rawvideo \
			-pix_fmt gray a.gray
		python3 - <<-'END'
			a, b = open("a.gray", "rb").read(), open("s.gray", "rb").read()
			assert len(a) == len(b) == 320 * 240
			err = sum((x - y) ** 2 for x, y in zip(a, b)) / len(a)
			assert err < 150, err
		END
	done <<-'END'
		30 yuv420p
		25 yuv422p
		60 yuv444p
		30000/1001 gray
		7 yuv420p
	END
}

@test "raw: WAV of any rate, mono and stereo, keeps its length and level" {
	while read -r rate channels; do
		wav 2 "$rate" "$channels" >a.wav
		for more in "" --stereo; do
			# shellcheck disable=SC2086 # none or one
			vc-capture --virtual $more raw:a.wav >s
			echo "$rate $channels $more: $(probe "$about" <s)"
			[ "$(probe "$about" <s)" = '[["audio",100,0]]' ]
		done
	done <<-'END'
		48000 1
		44100 2
		8000 1
		96000 2
		22050 1
	END
	vc-play --wav b.wav s
	python3 - <<-'END'
		import array, math
		s = array.array("h", open("b.wav", "rb").read()[44:])[24000:72000]
		db = 10 * math.log10(sum(v * v for v in s) / len(s) / 32768 ** 2)
		assert -23 < db < -20, db
	END
}

@test "speech: begins again when it ends" {
	wav 1.3 44100 >a.wav
	vc-capture --virtual -t 5s speech:a.wav >s
	[ "$(probe "$about" <s)" = '[["audio",250,0]]' ]
	vc-capture --virtual -t 5s speech:a.wav | cmp - s
	vc-capture --virtual -t 5s --video test: --audio speech:a.wav |
		probe '[.sources[].kind] | sort' >kinds
	[ "$(cat kinds)" = '["audio","video"]' ]
	run -1 vc-capture --virtual -t 1s -o out speech:/dev/null
	[[ $output == *"not a regular file"* ]]
}

@test "raw: from pipes and FIFOs, both media at once" {
	y4m 2 25 | vc-capture --virtual raw:- | probe "$about" >got
	[ "$(cat got)" = '[["video",60,0]]' ]
	wav 2 44100 | vc-capture raw:- | probe "$about" >got
	[ "$(cat got)" = '[["audio",100,0]]' ]
	mkfifo v a
	# It opens both before it writes to either.
	ffmpeg -nostdin -v error -y -f lavfi -i testsrc=d=2:r=25:s=320x240 \
		-f lavfi -i sine=d=2 -map 0 -pix_fmt yuv420p \
		-f yuv4mpegpipe v -map 1 -f wav a 3>&- &
	pids+=("$!")
	# It also holds sound back while it writes pictures: on the live clock
	# both are read as they come.
	vc-capture --video raw:v --audio raw:a | probe "$about | sort" >got
	[ "$(cat got)" = '[["audio",100,0],["video",60,0]]' ]
}

@test "raw: what comes before its time from a pipe is not held back for good" {
	local ticks='[.[] | select(.type == "rtp" and .pt == 96).ts] |
		(last - first + 4294967296) % 4294967296'

	# All of it is here sooner: that is gained, up to 500 ms.
	y4m 2 30 | vc-capture raw:- | vc-probe --packets=json |
		jq -s "$ticks" >got
	cat got
	[ "$(cat got)" -ge $((59 * 3000 - 45000 - 5)) ]
	[ "$(cat got)" -le $((59 * 3000 - 3000)) ]
	# With sound from another pipe they stay in step.
	wav 1 48000 >a.wav
	y4m 2 30 | vc-capture --video raw:- --audio raw:a.wav |
		vc-probe --packets=json | jq -s "$ticks" >got
	[ "$(cat got)" -eq $((59 * 3000)) ]
	# On the virtual clock each has the time that the file says.
	y4m 2 30 | vc-capture --virtual raw:- | vc-probe --packets=json |
		jq -s "$ticks" >got
	[ "$(cat got)" -eq $((59 * 3000)) ]
}

# hostile.md F3
@test "endless pipes: as much as is asked for, in bounded memory" {
	wav 1 48000 >head.wav
	cat head.wav /dev/zero 2>/dev/null |
		/usr/bin/time -f %M -o kb vc-capture --virtual -t 600s \
			--audio raw:- | probe "$about" >got
	[ "$(cat got)" = '[["audio",30000,0]]' ]
	{
		y4m 1 30
		while y4m 1 30 | tail -c +"$((1 + $(y4m 0.04 30 | head -n 1 |
			wc -c)))"; do :; done
	} 2>/dev/null |
		/usr/bin/time -f %M -o kb2 vc-capture --virtual -t 3s raw:- |
		probe "$about" >got
	[ "$(cat got)" = '[["video",90,0]]' ]
	cat kb kb2
	# Sanitizers need room of their own.
	nm "$VC_BUILD/bin/vc-capture" 2>/dev/null | grep -q __asan || {
		[ "$(cat kb)" -lt 65536 ]
		[ "$(cat kb2)" -lt 65536 ]
	}
}

@test "native sources do without GStreamer's start" {
	wav 1 48000 >a.wav
	y4m 1 30 >a.y4m
	for source in raw:a.wav raw:a.y4m speech:a.wav test:; do
		GST_REGISTRY=$PWD/registry GST_DEBUG=1 \
			vc-capture --virtual -t 500ms -o out "$source"
		[ ! -e registry ]
	done
	# The way to look is right.
	GST_REGISTRY=$PWD/registry vc-capture --virtual -t 500ms -o out a.wav
	[ -e registry ]
}

@test "file:- is a container from a pipe, in pieces of any size" {
	ffmpeg -nostdin -v error -f lavfi -i testsrc=d=2:r=25:s=320x240 \
		-f lavfi -i sine=d=2 -c:v libvpx -deadline realtime \
		-c:a libopus -f matroska - >a.mkv
	cat a.mkv | vc-capture --virtual file:- >s
	probe "$about" <s
	probe "[.sources[] | .kind, .frames // .media.expected] | length == 4" <s
	[ "$(probe '[.sources[].media.lost] | add' <s)" = 0 ]
	[ "$(probe '[.sources[] | select(.kind == "video").frames][0] >= 58' <s)" = true ]
	# Live, and octet by octet at first.
	{
		head -c 3 a.mkv
		read -r -t 0.1 < <(exec sleep 0.1) || :
		tail -c +4 a.mkv
	} | vc-capture file:- | probe '[.sources[].media.lost] | add' >got
	[ "$(cat got)" = 0 ]
	# The same as a file: it can be wound back.
	vc-capture --virtual --loop -t 5s file:- <a.mkv | probe "$about"
	cat a.mkv | vc-capture --virtual --loop file:- |
		probe '[.sources[].media.lost] | add'
}

@test "a process that was stopped goes on at the present, with all of a file" {
	wav 3 48000 >a.wav
	for source in raw:a.wav file:a.wav; do
		vc-capture --stats=stats -o s "$source" 3>&- &
		pid=$!
		pids+=("$pid")
		grown s 2000
		kill -STOP "$pid"
		read -r -t 1 < <(exec sleep 1) || :
		kill -CONT "$pid"
		ended
		probe '.sources[] | [.media.packets, .span_s]' <s
		# One packet each time is given up; the others came later.
		[ "$(jq -s '.[-1].capture.skipped >= 1' stats)" = true ]
		[ "$(jq -s ".[-1].capture | .audio_frames + .skipped" stats)" = 150 ]
		[ "$(probe '.sources[0].span_s > 3.5' <s)" = true ]
		rm s stats
	done
}

# One clear line, exit 1.
refused()
{
	local words=$1
	shift
	run -1 --separate-stderr timeout 60 vc-capture --virtual -t 1h -o out "$@"
	[ "$(grep -c . <<<"$stderr")" -eq 1 ]
	[[ $stderr == "vc-capture: "*"$words"* ]] || {
		echo "$stderr"
		false
	}
}

# hostile.md F3
@test "files that are empty, cut short, or something else" {
	: >empty
	echo hello >text
	# Of a pipe ffmpeg cannot say how long it is.
	wav 1 48000 | ffmpeg -v error -i - -c copy a.wav
	y4m 1 30 >a.y4m
	head -c 50000 a.wav >cut.wav
	head -c 300000 a.y4m >cut.y4m
	head -c 30 a.wav >head.wav
	head -c 30 a.y4m >head.y4m
	ffmpeg -nostdin -v error -i a.wav -c:a pcm_f32le float.wav
	y4m 1 30 yuv420p10le >deep.y4m
	refused "raw:empty: open: an empty file" raw:empty
	refused "raw:text: open: text, neither Y4M nor WAV" raw:text
	refused "raw:missing: open: No such file or directory" raw:missing
	refused "raw:cut.wav: read: cut short" raw:cut.wav
	refused "raw:cut.y4m: read: cut short" raw:cut.y4m
	refused "raw:head.wav: open: it ends before its samples" raw:head.wav
	refused "raw:head.y4m: open: no Y4M" raw:head.y4m
	refused "other than 16-bit PCM" raw:float.wav
	refused "other than 8-bit" raw:deep.y4m
	refused "raw:a.y4m: open: a Y4M file" --audio raw:a.y4m --video none
	refused "speech:a.y4m: open: not a WAV file" speech:a.y4m
	for source in raw:- file:-; do
		refused "$source: open: an empty file" "$source" <empty
		refused "$source: open: " "$source" < <(cat text)
		refused "$source: open: " "$source" < <(head -c 100000 /dev/urandom)
	done
	refused "raw:-: read: cut short" raw:- < <(cat cut.y4m)
}

# hostile.md F3
@test "sizes that lie: no more memory, no endless loop" {
	python3 - <<-'END'
		import struct
		def wav(name, size, n=48000):
		    open(name, "wb").write(b"RIFF" + struct.pack("<I", size) +
		        b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 48000,
		        96000, 2, 16) + b"data" + struct.pack("<I", size) +
		        b"\1\2" * n)
		wav("zero.wav", 0)
		wav("ffff.wav", 0xffffffff)
		wav("none.wav", 0, 0)
		wav("less.wav", 24000)
		wav("more.wav", 1 << 28)
		open("list.wav", "wb").write(b"RIFF\xff\xff\xff\xffWAVELIST\xff\xff\xff\xff"
		    + b"x" * 3000000)
		open("huge.y4m", "wb").write(b"YUV4MPEG2 W16384 H16384 C444\nFRAME\n")
		open("large.y4m", "wb").write(b"YUV4MPEG2 W4096 H4096 C444\nFRAME\nabc")
		open("fast.y4m", "wb").write(b"YUV4MPEG2 W2 H2 F1000000000:1\nFRAME\n")
		open("line.y4m", "wb").write(b"YUV4MPEG2 " + b"X" * 5000000)
		open("bad.y4m", "wb").write(b"YUV4MPEG2 W4 H4\n" + b"x" * 5000)
		open("big.ivf", "wb").write(b"DKIF\0\0\x20\0VP80" + struct.pack(
		    "<HHIIII", 320, 240, 30, 1, 1, 0) +
		    struct.pack("<IQ", 0xffffffff, 0) + b"\x10" * 5000)
		page = b"OggS" + bytes([0, 2]) + bytes(8) + b"abcd" + bytes(8) + b"\0"
		open("loop.ogg", "wb").write(page * 200000)
		open("size.mkv", "wb").write(bytes.fromhex("1a45dfa3a342868101")
		    + bytes.fromhex("18538067" "01fffffffffffffe") + b"\xec\x0f\xff\xff\xff" * 99)
	END
	for f in zero ffff; do
		vc-capture --virtual "raw:$f.wav" | probe "$about" >got
		[ "$(cat got)" = '[["audio",50,0]]' ]
		cat "$f.wav" | vc-capture --virtual raw:- | probe "$about" >got
		[ "$(cat got)" = '[["audio",50,0]]' ]
	done
	vc-capture --virtual raw:less.wav | probe "$about" >got
	[ "$(cat got)" = '[["audio",13,0]]' ]
	refused "no sound in it" raw:none.wav
	refused "cut short" raw:more.wav
	refused "no samples within its first MiB" raw:list.wav
	refused "a size that is refused" raw:huge.y4m
	refused "cut short" raw:large.y4m
	refused "over 1000 pictures a second" raw:fast.y4m
	refused "no Y4M" raw:line.y4m
	refused "broken: no picture where one is due" raw:bad.y4m
	for f in big.ivf loop.ogg size.mkv; do
		for source in "file:$f" file:-; do
			echo "$source"
			/usr/bin/time -f %M -o kb timeout 100 vc-capture \
				--virtual -o out "$source" 2>err < <(cat "$f") &&
				false
			cat err kb
			grep -q "^vc-capture: $source: " err
			[ "$(tail -n 1 kb)" -lt 400000 ]
		done
	done
}

# hostile.md F3
@test "an MP4 that is cut or lies: no more memory, no endless loop" {
	ffmpeg -nostdin -v error -f lavfi -i testsrc=d=1:r=25:s=160x120 \
		-f lavfi -i sine=d=1 -c:v libx264 -preset ultrafast \
		-pix_fmt yuv420p -c:a aac -movflags +faststart a.mp4
	python3 - <<-'END'
		import struct
		a = open("a.mp4", "rb").read()
		def box(kind):
		    return a.index(kind) - 4
		def put(name, at, octets):
		    open(name, "wb").write(a[:at] + octets + a[at + len(octets):])
		lies = b"\xff\xff\xff\xf0"
		open("head.mp4", "wb").write(a[:300])
		open("half.mp4", "wb").write(a[:len(a) // 2])
		put("moov.mp4", box(b"moov"), lies)
		put("large.mp4", box(b"mdat"), struct.pack(">I4sQ", 1, b"mdat", 1 << 63))
		put("none.mp4", box(b"trak"), bytes(4))
		# How many there are: sizes, times, places, kinds of samples.
		put("stsz.mp4", box(b"stsz") + 16, lies)
		put("stts.mp4", box(b"stts") + 12, lies)
		put("stco.mp4", box(b"stco") + 12, lies)
		put("stsc.mp4", box(b"stsc") + 12, lies)
		put("stsd.mp4", box(b"stsd") + 12, lies)
		put("size.mp4", box(b"avc1") + 32, b"\xff\xff\xff\xff")
		open("loop.mp4", "wb").write(a[:box(b"moov")] + struct.pack(
		    ">I4s", 8, b"free") * 200000)
	END
	for f in head half moov large none stsz stts stco stsc stsd size loop; do
		code=0
		/usr/bin/time -f %M -o kb timeout 100 vc-capture --virtual \
			-o out "file:$f.mp4" 2>err || code=$?
		echo "$f: exit $code, $(cat err kb)"
		[ "$code" -le 1 ]
		[ "$code" -eq 0 ] || grep -q "^vc-capture: file:$f.mp4: " err
		[ "$(tail -n 1 kb)" -lt 400000 ]
		# What was taken of it is a stream.
		[ "$code" -ne 0 ] || vc-probe --json out >r.json
		case $f in
		head | half | moov | none | stsd | loop) [ "$code" -eq 1 ] ;;
		esac
	done
}
