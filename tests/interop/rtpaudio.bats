#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Sound in RTP between us and ffmpeg and GStreamer: Opus, G.722, PCMU, PCMA and
# L16. A tone of 450 Hz at -20 dBFS comes through as such, as loud and as pure
# as the codec leaves it.
# Runs live, 60 s: peers send at the pace of their media.

# shellcheck disable=SC2154 # bats sets output
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((180 * ${VC_SLOW:-1}))
load ../common

# A line each: codec/clock/channels, payload type, the least distance of the
# tone from all else in dB, the elements of GStreamer, the options of ffmpeg.
# GStreamer gets G.722 in octets that ffmpeg made, as its encoder is there.
codecs()
{
	cat <<-'END'
	opus/48000/2 97 20 opusenc!rtpopuspay -ac 1 -c:a libopus
	opus/48000/2 97 20 opusenc!rtpopuspay -ac 2 -c:a libopus -frame_duration 60
	PCMU/8000 0 30 mulawenc!rtppcmupay -ar 8000 -c:a pcm_mulaw
	PCMA/8000 8 30 alawenc!rtppcmapay -ar 8000 -c:a pcm_alaw
	G722/8000 9 30 rtpg722pay -ar 16000 -c:a g722
	L16/48000/2 97 60 audioconvert!rtpL16pay -ac 2 -c:a pcm_s16be
	L16/44100 11 50 audioconvert!rtpL16pay -ar 44100 -c:a pcm_s16be
	END
}

# describe CODEC/CLOCK/CHANNELS PT
describe()
{
	printf '%s\r\n' v=0 'o=- 0 0 IN IP4 127.0.0.1' s=- 't=0 0' \
		"m=audio 0 RTP/AVP $2" "a=rtpmap:$2 $1" >peer.sdp
}

receive()
{
	rm -f ready
	mkfifo ready
	vc-recv --ready=ready --sdp peer.sdp -t 2s rtp://127.0.0.1:0 >got \
		2>err 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ url <ready
	port=${url##*:}
}

# The tone in s16 mono at 48 kHz, file $1: how loud in dBFS, and how far above
# all else in dB, of the best half second there is: who starts late or is slow
# is not judged.
tone()
{
	python3 - "$1" <<-'END'
		import array, math, sys
		pcm = array.array("h", open(sys.argv[1], "rb").read())
		n = 24000
		c = [math.cos(2 * math.pi * 450 * i / 48000) for i in range(n)]
		s = [math.sin(2 * math.pi * 450 * i / 48000) for i in range(n)]
		best = (-99.0, -99.0)
		for at in range(4800, len(pcm) - n, 12000):
		    x = [v / 32768 for v in pcm[at:at + n]]
		    a = 2 / n * sum(map(lambda u, v: u * v, x, c))
		    b = 2 / n * sum(map(lambda u, v: u * v, x, s))
		    mean = sum(x) / n
		    power = (a * a + b * b) / 2
		    rest = sum((v - mean) ** 2 for v in x) / n - power
		    snr = 10 * math.log10(max(power, 1e-12) / max(rest, 1e-12))
		    best = max(best, (snr, 10 * math.log10(max(power, 1e-12))))
		print("%.1f %.1f" % (best[1], best[0]))
		END
}

# pure FILE DB WHAT: the tone is within 1 dB of -20 dBFS, all else DB below it.
pure()
{
	tone "$1" >tone
	awk -v min="$2" '{ exit !($1 > -21 && $1 < -19 && $2 >= min) }' tone ||
		fail "$3: $(cat tone)"
}

# What is in 'got' is whole, of codec $1, and the tone.
heard()
{
	ended
	run cat err
	assert_output ""
	vc-probe --json got >r.json
	run jq -c '.sources[] | [.codec, .media.lost, .malformed // 0]' r.json
	assert_output "[\"$1\",0,0]"
	rm -f a.wav
	vc-play --wav a.wav got
	# Of two channels where it is stereo, which the tone is in the middle of.
	ffmpeg -nostdin -v error -y -i a.wav -ac 1 -f s16le a.pcm
	pure a.pcm "$2" "$1"
}

@test "ffmpeg's sound is heard: Opus, PCMU, PCMA, G.722, L16" {
	while read -r codec pt min _ options; do
		describe "$codec" "$pt"
		receive
		# From mono to stereo it takes 3 dB off.
		db=0
		[[ $options != *"-ac 2"* ]] || db=3.0103
		# shellcheck disable=SC2086 # options
		ffmpeg -nostdin -v error -re -f lavfi -i \
			"aevalsrc=0.141421*sin(2*PI*450*t):s=48000,volume=${db}dB" \
			$options -payload_type "$pt" -f rtp \
			"rtp://127.0.0.1:$port" >ff.out 2>ff.err 3>&- &
		pids+=($!)
		heard "${codec%%/*}" "$min"
		kill "${pids[-1]}"
	done < <(codecs)
}

# The tone as raw samples at rate $1, $2 channels, for GStreamer.
raw()
{
	ffmpeg -nostdin -v error -y -f lavfi -i \
		"aevalsrc=0.141421*sin(2*PI*450*t):s=$1:d=6" -f s16le mono
	if [ "$2" -eq 2 ]; then
		ffmpeg -nostdin -v error -y -f s16le -ar "$1" -ac 1 -i mono \
			-af 'pan=stereo|c0=c0|c1=c0' -f s16le raw
	else
		mv mono raw
	fi
}

@test "GStreamer's sound is heard: Opus, PCMU, PCMA, G.722, L16" {
	while read -r codec pt min elements _; do
		IFS=/ read -r name rate channels <<<"$codec"
		describe "$codec" "$pt"
		channels=${channels:-1}
		raw "$rate" "$channels"
		if [ "$name" = G722 ]; then
			raw 16000 1
			ffmpeg -nostdin -v error -y -f s16le -ar 16000 -ac 1 \
				-i raw -f g722 g722
			# Octets of a rate, whatever they are.
			source=(filesrc location=g722 ! rawaudioparse
				format=alaw sample-rate=8000 num-channels=1 !
				capssetter join=false replace=true
				"caps=audio/G722,rate=16000,channels=1")
		else
			source=(filesrc location=raw ! rawaudioparse
				sample-rate="$rate" num-channels="$channels")
		fi
		receive
		# shellcheck disable=SC2086 # elements
		gst-launch-1.0 -q "${source[@]}" ! ${elements//!/ ! } \
			pt="$pt" ! udpsink host=127.0.0.1 port="$port" \
			2>gst.err 3>&- &
		pids+=($!)
		heard "$name" "$min"
		kill "${pids[-1]}" 2>/dev/null || :
	done < <(codecs)
}

# --- what we send ---

# The tone in codec $1 to $port; o.sdp is there then.
send()
{
	port=$(free_port)
	rm -f sdp
	mkfifo sdp
	vc-capture --virtual -t 20s --video none --acodec "$1" "${@:2}" \
		tone:450 3>&- |
		vc-send --sdp-out sdp "rtp://127.0.0.1:$port" 2>send.err 3>&- &
	pids+=($!)
	cat sdp >o.sdp
}

# A line each: codec, the least distance in dB, GStreamer's elements.
ours()
{
	cat <<-'END'
	opus 20 rtpopusdepay ! opusdec
	pcmu 30 rtppcmudepay ! mulawdec
	pcma 30 rtppcmadepay ! alawdec
	g722 30 rtpg722depay
	l16 60 rtpL16depay
	END
}

@test "ffmpeg hears our sound" {
	while read -r codec min _; do
		send "$codec"
		rm -f a.pcm
		timeout 60 ffmpeg -nostdin -v error -y -protocol_whitelist \
			file,udp,rtp -i o.sdp -t 2 -ac 1 -ar 48000 -f s16le \
			a.pcm 2>ff.err 3>&-
		pure a.pcm "$min" "$codec"
	done < <(ours)
}

# What of G.722 comes is left to ffmpeg's decoder, GStreamer's are elsewhere.
convert()
{
	[ "$1" = g722 ] ||
		echo audioconvert ! audioresample ! \
			audio/x-raw,format=S16LE,rate=48000,channels=1 !
}

@test "GStreamer hears our sound" {
	while read -r codec min elements; do
		send "$codec"
		# shellcheck disable=SC2046,SC2086 # elements
		timeout 60 gst-launch-1.0 -q filesrc location=o.sdp ! \
			sdpdemux ! $elements ! $(convert "$codec") \
			identity eos-after=100 ! filesink location=a.pcm 3>&-
		if [ "$codec" = g722 ]; then
			mv a.pcm a.g722
			ffmpeg -nostdin -v error -y -f g722 -i a.g722 -ar 48000 \
				-f s16le a.pcm
		fi
		pure a.pcm "$min" "$codec"
	done < <(ours)
}
