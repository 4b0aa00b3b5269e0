#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Runs live, 95 s: devices, as far as a machine without any has them: PulseAudio's
# null sink, ALSA's null and file PCMs, Xvfb, and a made-up camera that answers
# the system calls of GStreamer's v4l2src (preload_camera.c). F6 of the hostile
# inputs, more of which is in tests/unit/test_gst_device.c.

# shellcheck disable=SC2154 # bats sets stderr
bats_require_minimum_version 1.5.0
load ../common

setup()
{
	begin
	export HOME=$BATS_TEST_TMPDIR ALSA_CONFIG_PATH=$PWD/asound.conf
	export PULSE_SERVER=unix:$PWD/pulse.sock
	unset DISPLAY
	cat >asound.conf <<-END
		pcm.nothing { type null }
		pcm.tone {
			type file
			slave.pcm nothing
			file /dev/null
			infile $PWD/tone.raw
			format raw
		}
	END
}

# A sine of 1 kHz at -23 dBov, as tone.raw and, longer, as tone.wav.
make_tone()
{
	python3 - <<-'END'
		import array, math, wave
		s = array.array("h", (round(3277 * math.sin(2 * math.pi * i / 48))
		                      for i in range(48000)))
		open("tone.raw", "wb").write(s.tobytes() * 2)
		with wave.open("tone.wav", "wb") as w:
		    w.setparams((1, 2, 48000, 0, "NONE", ""))
		    w.writeframes(s.tobytes() * 60)
	END
}

# Level of the last second of a.vcrtp in dBov, and how much of it is at 1 kHz.
heard()
{
	vc-play --wav a.wav a.vcrtp
	python3 - <<-'END'
		import array, math
		s = array.array("h", open("a.wav", "rb").read()[44:])[-72000:-24000]
		power = sum(v * v for v in s) / len(s)
		re = sum(v * math.cos(2 * math.pi * i / 48) for i, v in enumerate(s))
		im = sum(v * math.sin(2 * math.pi * i / 48) for i, v in enumerate(s))
		tone = 2 * (re * re + im * im) / len(s) ** 2
		print(round(10 * math.log10(power / 32768 ** 2 + 1e-12)),
		      round(100 * tone / (power + 1e-9)))
	END
}

# The socket is there when it takes clients.
pulse_starts()
{
	cat >pulse.pa <<-END
		load-module module-null-sink sink_name=room rate=48000
		load-module module-native-protocol-unix socket=$PWD/pulse.sock
	END
	rm -f pulse.sock
	pulseaudio -n -F pulse.pa --exit-idle-time=-1 --daemonize=no \
		--use-pid-file=no --disable-shm=yes >pulse.log 2>&1 3>&- &
	pulse=$!
	pids+=("$pulse")
	wait_for test -S pulse.sock
}

screen_starts()
{
	rm -f display
	mkfifo display
	Xvfb "$@" -displayfd 6 -screen 0 320x240x24 -nolisten tcp -noreset \
		6>display 2>/dev/null 3>&- &
	screen=$!
	pids+=("$screen")
	read -r number <display
	export DISPLAY=:$number
}

# Red, and blue from x = 160 on.
paint()
{
	python3 - <<-'END'
		row = "0x00," * 20 + "0xff," * 20
		print("#define p_width 320\n#define p_height 240",
		      "static char p_bits[] = {", row * 240, "};", sep="\n",
		      file=open("p.xbm", "w"))
	END
	xsetroot -bitmap p.xbm -fg blue -bg red
}

# The last picture of $1, 320x240, as r g b at each x,y that follows.
pixels()
{
	rm -f s.webm
	vc-record -q s.webm <"$1" >saved
	shift
	ffmpeg -nostdin -v error -y -i s.webm -f rawvideo -pix_fmt rgb24 s.rgb
	python3 - "$@" <<-'END'
		import sys
		p = open("s.rgb", "rb").read()[-320 * 240 * 3:]
		names = { (1, 0, 0): "red", (0, 0, 1): "blue" }
		def name(x, y):
		    at = 3 * (320 * y + x)
		    return names.get(tuple(v > 128 for v in p[at:at + 3]), "other")
		print(*(name(*map(int, a.split(","))) for a in sys.argv[1:]))
	END
}

# How many frames of sound or of pictures there were, by the last record.
frames() { record stats ".capture.$1_frames"; }

# RTP times of each source in $1 only grow; the gaps that are told.
judge()
{
	vc-probe --packets=json "$1" >p.json
	jq -s '[.[] | select(.type == "rtp")] | group_by(.ssrc) | map([.[].ts] |
		[.[:-1], .[1:]] | transpose | map((.[1] - .[0] + 4294967296) %
		4294967296 < 2147483648) | all) | all' p.json
	jq -rs '[.[] | .event // empty | select(.ev == "gap") | .why] | unique |
		join(" ")' p.json
}

# Is a picture taken 33 ms after the one before, or later?
spaced()
{
	vc-probe --packets=json "$1" | jq -s '[.[] | select(.type == "rtp").ts] |
		unique | [.[:-1], .[1:]] | transpose |
		map(.[1] - .[0] >= 2990) | length > 0 and all'
}

# The number of the window of $1, once there is one.
window_of()
{
	xwininfo -root -tree | awk -v n="$1" '
		index($0, n) { print $1; found = 1; exit }
		END { exit !found }'
}

refused()
{
	local words=$1
	shift
	run -1 --separate-stderr timeout 60 vc-capture -t 30s -o out "$@"
	[ "$(grep -c . <<<"$stderr")" -eq 1 ]
	[[ $stderr == "vc-capture: "*"$words"* ]] || {
		echo "$stderr"
		false
	}
}

@test "PulseAudio: what is played in the room is heard, at its level" {
	make_tone
	pulse_starts
	paplay -d room tone.wav 3>&- &
	pids+=("$!")
	vc-capture -t 8s pulse:room.monitor >a.vcrtp
	read -r level purity < <(heard)
	echo "$level dBov, $purity %"
	[ "$level" -ge -25 ]
	[ "$level" -le -21 ]
	[ "$purity" -ge 90 ]
}

@test "PulseAudio ends: exit 1, or with --retry a gap, and it comes back" {
	pulse_starts
	mkfifo ready
	vc-capture --ready=ready --stats=stats --stats-interval 100ms -o out \
		pulse:room.monitor 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ <ready
	await stats '.capture.audio_frames > 10'
	kill "$pulse"
	ended 1
	[ "$(cat err)" = "vc-capture: pulse:room.monitor: read: Disconnected: Connection terminated" ]

	pulse_starts
	rm -f stats
	vc-capture --retry --ready=ready --stats=stats --stats-interval 100ms \
		-o a.vcrtp --video test: --audio pulse:room.monitor 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ <ready
	await stats '.capture.audio_frames > 10'
	n=$(frames audio)
	kill "$pulse"
	wait "$pulse" || :
	# The picture goes on.
	await stats ".capture.video_frames > $(frames video) + 30"
	pulse_starts
	await stats ".capture.audio_frames > $n + 100"
	kill "$pid"
	ended 0
	[ "$(cat err)" = "vc-capture: pulse:room.monitor: read: Disconnected: Connection terminated; it is tried again
vc-capture: pulse:room.monitor: is back" ]
	[ "$(judge a.vcrtp)" = $'true\nstall' ]
}

@test "PulseAudio is not there, or has no such source" {
	refused "pulse: open: Failed to connect: Connection refused" pulse:
	pulse_starts
	refused "pulse:nobody: read: Failed to connect stream: No such entity" \
		pulse:nobody
}

@test "ALSA: a device of any speed makes sound of 48 kHz" {
	# Both give as many samples as one takes, in pieces: where they meet the
	# tone is softer, the more so the busier the machine is.
	make_tone
	for pcm in nothing tone; do
		vc-capture -t 4s "alsa:$pcm" >a.vcrtp
		vc-probe --json a.vcrtp >r.json
		jq -c '.sources[] | [.media.expected, .span_s]' r.json
		jq -e '.sources[] | .media.lost == 0 and
			.media.expected > 20 and .media.expected <= 201' r.json
		[ "$(judge a.vcrtp)" = true$'\n' ] || [ "$(judge a.vcrtp)" = true ]
	done
	read -r level _ < <(heard)
	echo "$level dBov"
	[ "$level" -ge -29 ]
	[ "$level" -le -20 ]
	refused "alsa:hw:7: open: Could not open audio device" alsa:hw:7
}

@test "a screen, a part of it, one window, with and without the cursor" {
	screen_starts
	paint
	vc-capture -t 1s --size 320x240 screen: >s
	[ "$(pixels s 40,40 120,200 200,40 280,200)" = "red red blue blue" ]
	vc-capture -t 1s --size 320x240 "screen:$DISPLAY,region=160x120+80+60" >s
	[ "$(pixels s 40,40 120,200 200,40 280,200)" = "red red blue blue" ]
	vc-capture -t 1s --size 320x240 screen:,region=160x120+160+100 >s
	[ "$(pixels s 40,40 120,200 200,40 280,200)" = "blue blue blue blue" ]
	# Higher than wide: with borders.
	vc-capture -t 1s --size 320x240 screen:,region=80x240+0+0 >s
	[ "$(pixels s 40,40 160,120 280,200)" = "other red other" ]
	root=$(xwininfo -root | sed -n 's/.*Window id: \(0x[0-9a-f]*\).*/\1/p')
	vc-capture -t 1s --size 320x240 "screen:,window=$root" >s
	[ "$(pixels s 40,40 280,200)" = "red blue" ]
	# It stands in the middle, and is black and white.
	xsetroot -solid red
	xsetroot -cursor_name X_cursor
	vc-capture -t 1s --size 320x240 screen:,region=32x24+144+108 >s
	[ "$(pixels s 160,120)" = other ]
	vc-capture -t 1s --size 320x240 screen:,region=32x24+144+108,cursor=off >s
	[ "$(pixels s 160,120)" = red ]
}

@test "a screen that is not there, or less than was asked for" {
	refused "there is no such X display" screen::7777
	screen_starts
	refused "the region is not within its 320x240" \
		screen:,region=320x240+1+0
	refused "there is no window 0x7777777" screen:,window=0x7777777
	for words in size=1 region=1x1 region=0x5+1+1 region=1x1+1+1x window=0 \
		window=x cursor= region=9x9+1+1,window=5; do
		run -2 vc-capture -o out "screen:,$words"
		[[ $output == *"screen:[DISPLAY][,region=WxH+X+Y"* ]]
	done
}

@test "the X server ends: exit 1, or with --retry a gap, and it comes back" {
	screen_starts
	mkfifo ready
	vc-capture --ready=ready -o out screen: 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ <ready
	grown out 3000
	kill "$screen"
	ended 1
	[ "$(cat err)" = "vc-capture: screen: read: the X server has ended" ]

	screen_starts
	vc-capture --retry --ready=ready --stats=stats --stats-interval 100ms \
		-o a.vcrtp --video screen: --audio tone: 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ <ready
	await stats '.capture.video_frames > 5'
	kill "$screen"
	wait "$screen" || :
	wait_for grep 'tried again' err
	pictures=$(frames video) sound=$(frames audio)
	screen_starts "$DISPLAY"
	await stats ".capture | .video_frames > $pictures + 10 and
		.audio_frames > $sound"
	kill "$pid"
	ended 0
	[ "$(cat err)" = "vc-capture: screen: read: the X server has ended; it is tried again
vc-capture: screen: is back" ]
	[ "$(judge a.vcrtp)" = $'true\nstall' ]
}

@test "an X server that stands still, and a window that is closed" {
	screen_starts
	mkfifo ready
	vc-capture --ready=ready -o out screen: 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ <ready
	grown out 3000
	kill -STOP "$screen"
	ended 1
	[ "$(cat err)" = "vc-capture: screen: read: it gave nothing for 5 s" ]
	kill -CONT "$screen"

	xev -geometry 160x120+0+0 -event focus >xev.log 3>&- &
	pids+=("$!")
	wait_for window_of Tester
	rm out
	vc-capture --ready=ready -o out "screen:,window=$(window_of Tester)" \
		2>err 3>&- &
	pid=$!
	read -r _ <ready
	grown out 2000
	kill "${pids[-1]}"
	pids+=("$pid")
	ended 1
	[[ $(cat err) == *": read: the window was closed" ]]
}

# Sets cam: what is run behind it finds a camera at /dev/video42, as long as the
# file plug is there; $1 is how it is bad, or good.
camera()
{
	cam=(env ASAN_OPTIONS="verify_asan_link_order=0:${ASAN_OPTIONS-}"
		LD_PRELOAD="$VC_BUILD/tests/e2e/preload_camera.so"
		CAMERA="$1" CAMERA_PLUG="$PWD/plug")
}

@test "V4L2: the pictures of a camera that is made up, in any size" {
	camera good
	touch plug
	for size in 320x240 640x480 160x120; do
		"${cam[@]}" vc-capture -t 2s --size "$size" \
			v4l2:/dev/video42 >s
		vc-probe --json s >r.json
		jq -c '.sources[] | [.frames, .media.lost]' r.json
		# How many is up to the machine; 30 a second, and a few.
		jq -e '.sources[] | .frames > 0 and .frames <= 70 and
			.media.lost == 0' r.json
		run spaced s
		assert_output true
		[ "$(judge s)" = true ]
	done
	"${cam[@]}" vc-capture -t 2s --size 320x240 v4l2:/dev/video42 >s
	[ "$(pixels s 40,40 120,200 200,40 280,200)" = "red red blue blue" ]
	# The first one that is there.
	[ -n "$(compgen -G '/dev/video*')" ] ||
		"${cam[@]}" vc-capture -t 500ms -o out v4l2:
}

@test "V4L2: one that is busy, gives no more, is unplugged, and comes back" {
	refused()
	{
		local how=$1 words=$2
		camera "$how"
		run -1 --separate-stderr timeout 60 "${cam[@]}" vc-capture \
			-t 30s -o out v4l2:/dev/video42
		[ "$(grep -c . <<<"$stderr")" -eq 1 ]
		[[ $stderr == "vc-capture: v4l2:/dev/video42: "*"$words"* ]] || {
			echo "$stderr"
			false
		}
	}
	touch plug
	refused busy "busy"
	refused silent "read: it gave nothing for 5 s"

	mkfifo ready
	camera good
	"${cam[@]}" vc-capture --ready=ready -o out v4l2:/dev/video42 2>err \
		3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ <ready
	grown out 3000
	rm plug
	ended 1
	[ "$(cat err)" = "vc-capture: v4l2:/dev/video42: read: it was unplugged" ]
	refused good "open: No such file or directory"

	"${cam[@]}" vc-capture --retry --ready=ready -o a.vcrtp --stats=stats \
		--stats-interval 100ms --video v4l2:/dev/video42 \
		--audio tone: 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ <ready
	await stats '.capture.audio_frames > 10'
	touch plug
	await stats '.capture.video_frames > 10'
	rm plug
	wait_for grep 'read: .*; it is tried again' err
	n=$(frames video)
	await stats ".capture.audio_frames > $(frames audio)"
	touch plug
	await stats ".capture.video_frames > $n + 10"
	kill "$pid"
	ended 0
	cat err
	[ "$(grep -c 'is back' err)" -eq 2 ]
	[ "$(judge a.vcrtp)" = $'true\nstall' ]
}

@test "what is no camera" {
	echo hello >file
	refused "v4l2:/dev/video7777: open: No such file or directory" \
		v4l2:/dev/video7777
	refused "v4l2:file: open: not a camera" v4l2:file
	refused "v4l2:/dev/null: open: it is no camera, or busy" v4l2:/dev/null
	[ -n "$(compgen -G '/dev/video*')" ] ||
		refused "v4l2: open: there is no camera" v4l2:
}

@test "with --retry a device that is not there yet is waited for" {
	mkfifo ready
	vc-capture --retry --ready=ready -o a.vcrtp pulse: 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ <ready
	pulse_starts
	wait_for grep 'is back' err
	grown a.vcrtp 20000
	kill "$pid"
	ended 0
	[ "$(judge a.vcrtp)" = $'true\nstall' ]
}

# A daemon with a camera that shows a test picture, "cam", and nobody who links
# anything by himself.
pipewire_starts()
{
	cat >pipewire.conf <<-END
		context.properties = {
			core.daemon = true
			core.name = pipewire-0
			support.dbus = false
			mem.allow-mlock = false
		}
		context.spa-libs = {
			support.* = support/libspa-support
			videotestsrc = videotestsrc/libspa-videotestsrc
		}
		context.modules = [
			{ name = libpipewire-module-protocol-native }
			{ name = libpipewire-module-spa-node-factory }
			{ name = libpipewire-module-client-node }
			{ name = libpipewire-module-access }
			{ name = libpipewire-module-adapter }
			{ name = libpipewire-module-link-factory }
		]
		context.objects = [
			{ factory = spa-node-factory
			  args = {
				factory.name = videotestsrc
				node.name = cam
				media.class = Video/Source
			  } }
		]
	END
	pipewire -c "$PWD/pipewire.conf" >pipewire.log 2>&1 3>&- &
	pipewire=$!
	pids+=("$pipewire")
	wait_for bash -c 'pw-link -o | grep cam'
}

# Links it with us, as a session manager would, when we are there.
link_cam()
{
	wait_for pw-link cam:out_0 vc-capture:in_0
}

@test "PipeWire: a node's pictures, and one that goes" {
	export PIPEWIRE_RUNTIME_DIR=$PWD
	pipewire_starts
	vc-capture -t 2s --size 320x240 -o s pipewire:cam 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	link_cam
	ended 0
	cat err
	vc-probe --json s | jq -e '.sources[] | .kind == "video" and
		.frames > 0 and .media.lost == 0'
	[ "$(judge s)" = true ]
	# It is not linked with the one that has ended.
	wait_for bash -c '! pw-link -i | grep vc-capture'
	vc-capture --size 320x240 -o s pipewire:cam 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	link_cam
	grown s 3000
	kill "$pipewire"
	ended 1
	cat err
	[ "$(grep -c '^vc-capture: pipewire:cam: read: ' err)" -eq 1 ]
}

@test "PipeWire: nobody links us, there is no daemon" {
	export PIPEWIRE_RUNTIME_DIR=$PWD
	refused "pipewire:cam: open: " pipewire:cam
	pipewire_starts
	refused "pipewire:cam: read: it gave nothing for 5 s" pipewire:cam
}

@test "PipeWire is refused where its plugin is not installed" {
	# Here nowhere is, whatever the machine has.
	mkdir none
	export GST_PLUGIN_SYSTEM_PATH_1_0=$PWD/none GST_REGISTRY=$PWD/registry
	refused "pipewire: open: GStreamer's pipewiresrc is not installed (Debian: gstreamer1.0-pipewire)" pipewire:
}

@test "a device has no virtual clock" {
	for word in v4l2: alsa: pulse: screen: pipewire:; do
		run -2 vc-capture --virtual -o out "$word"
		[[ $output == *"a device has no virtual clock"* ]]
	done
}

@test "--list-devices prints the words that the options take" {
	run -0 --separate-stderr vc-capture --list-devices --json
	jq -e '.devices | type == "array"' <<<"$output"
	pulse_starts
	screen_starts
	run -0 vc-capture --list-devices
	[[ $output == *$'pulse:room.monitor\taudio\tMonitor of Null Output'* ]]
	[[ $output == *"screen:$DISPLAY"$'\tvideo\t'* ]]
	vc-capture --list-devices --json | jq -r '.devices[].source' >words
	while read -r word; do
		case $word in
		pulse:room.monitor | screen:*)
			vc-capture -t 1s -o out "$word"
			;;
		esac
	done <words
	run -1 bash -c 'vc-capture --list-devices >/dev/full'
	run -2 vc-capture --list-devices test:
	run -2 vc-capture --json -o out test:
}
