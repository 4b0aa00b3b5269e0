#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# vc-capture: the same octets, files, key frames, rates, ends.

bats_require_minimum_version 1.5.0

setup()
{
	cd "$BATS_TEST_TMPDIR"
}

sum()
{
	vc-capture --virtual -t 5s "$@" test: >sum
	[ -s sum ]
	sha256sum <sum
}

@test "one seed, one stream; another seed or name, another one" {
	a=$(sum --seed 1)
	[ "$a" = "$(sum --seed 1)" ]
	[ "$a" = "$(sum)" ]
	[ "$a" != "$(sum --seed 2)" ]
	[ "$a" != "$(sum --name alice)" ]
}

@test "the sum does not depend on how fast the reader reads" {
	a=$(sum --seed 1)
	b=$(vc-capture --virtual -t 5s --seed 1 test: |
		dd bs=777 status=none | sha256sum)
	[ "$a" = "$b" ]
}

@test "three captures with one seed have SSRCs of their own" {
	for p in alice bob carol; do
		vc-capture --virtual -t 1s --seed 1 --name "$p" test: |
			vc-probe --json | jq -r '.sources[].ssrc'
	done | sort | uniq -d >same
	[ ! -s same ]
}

@test "ten seconds are 500 packets of sound and 300 pictures" {
	vc-capture --virtual -t 10s test: | vc-probe --json >r.json
	[ "$(jq '.sources[] | select(.kind == "audio").media.expected' r.json)" -eq 500 ]
	[ "$(jq '.sources[] | select(.kind == "video").frames' r.json)" -eq 300 ]
	[ "$(jq '[.sources[].media.lost] | add' r.json)" -eq 0 ]
}

@test "SR and SDES stand before the first packet of each source" {
	vc-capture --virtual -t 3s --name alice test: |
		vc-probe --packets=json >p.json
	jq -r 'select(.type == "rtp" or .type == "rtcp") | .type' p.json |
		head -n 1 | grep -qx rtcp
	# And once a second: 2 sources, 0 1 2 s and the one with the BYE.
	[ "$(jq -c 'select(.type == "rtcp")' p.json | wc -l)" -ge 8 ]
}

@test "each packet of sound and pictures says when it was captured" {
	vc-capture --virtual -t 3s --size 320x180 test: |
		vc-probe --packets=json >p.json
	# Of sound the first sample's time: the packet is 20 ms later.
	[ "$(jq -sc '[.[] | select(.type == "rtp") |
		[.kind, .t - .captured]] | unique' p.json)" = \
		'[["audio",20000],["video",0]]' ]
	# More packets than pictures.
	[ "$(jq -s '[.[] | select(.kind == "video")] | length' p.json)" -gt 95 ]
	[ "$(jq -s '[.[] | select(.kind == "audio" and .level_dbov == null)]
		| length' p.json)" -eq 0 ]
}

@test "--start moves the beginning, --size --fps the picture" {
	vc-capture --virtual -t 2s --start 30s --size 320x180 --fps 15 test: >s
	vc-probe --packets=json s | jq 'select(.type == "time").us' |
		head -n 1 | grep -qx 946684830000000
	vc-probe --json s >r.json
	[ "$(jq '.sources[] | select(.kind == "video").frames' r.json)" -eq 30 ]
	[ "$(jq '.sources[] | select(.kind == "video").width' r.json)" -eq 320 ]
}

@test "--audio none and --video none leave one medium" {
	vc-capture --virtual -t 1s --audio none test: | vc-probe --json |
		jq -r '.sources[].kind' | grep -qx video
	vc-capture --virtual -t 1s --video none test: | vc-probe --json |
		jq -r '.sources[].kind' | grep -qx audio
}

@test "every codec of sound is described and heard" {
	for codec in opus:111:250 g722:9:250 pcmu:0:250 pcma:8:250 l16:112:500; do
		name=${codec%%:*}
		vc-capture --virtual -t 5s --name zoe --acodec "$name" \
			--video none test: |
			vc-probe --heard zoe --expect 'heard[zoe]>90%' --json >r
		[ "$(jq -r '.sources[] | [(.codec | ascii_downcase), .pt,
			.media.packets] | join(":")' r)" = "$codec" ]
	done
	vc-capture --virtual -t 2s --stereo tone: >s
	vc-probe --json s | jq -e '.sources[].level_dbov | round == -20'
	run vc-capture -o out --acodec l16 --ptime 20ms test:
	[ "$status" -eq 2 ]
	run vc-capture -o out --acodec gsm test:
	[ "$status" -eq 2 ]
}

@test "a key frame on request, at most one a second" {
	vc-capture --virtual -t 5s --keyint 1m --at '1s keyframe' \
		--at '1.1s keyframe' --at '3s keyframe' test: |
		vc-probe --json >r.json
	# The first one, at 1 s, and for the request at 1.1 s one at 2 s.
	[ "$(jq '.sources[] | select(.kind == "video").key_frames' r.json)" -eq 4 ]
}

@test "bitrate changes the rate, a silly one is refused" {
	vc-capture --virtual -t 12s test: | vc-probe --json >a.json
	vc-capture --virtual -t 12s --at '1s bitrate 150k' test: |
		vc-probe --json >b.json
	q='.sources[] | select(.kind == "video").octets'
	[ "$(jq "$q" b.json)" -lt $(($(jq "$q" a.json) / 2)) ]
	run vc-capture --virtual -t 1s --at '0.5s bitrate 3' -o /dev/null test:
	[ "$status" -eq 1 ]
	[[ $output == *bitrate* ]]
}

@test "a live control socket takes commands, events follow" {
	mkfifo ready stats
	vc-capture --control cam.sock --ready=ready -o out.vcrtp --keyint 1m \
		--stats=stats --stats-interval 200ms -t 20s test: 3>&- &
	capture=$!
	# The first record tells that sound and picture have begun.
	exec 5<stats
	read -r _ <ready
	read -r _ <&5
	cat <&5 >/dev/null &
	vc-ctl cam.sock keyframe | grep -q '"ok":true'
	vc-ctl cam.sock bitrate 300k | grep -q '"bitrate":300000'
	run vc-ctl cam.sock dance
	[ "$status" -eq 1 ]
	kill -INT "$capture"
	wait "$capture"
	[ ! -e cam.sock ]
	# A BYE for each source is the last word.
	vc-probe --packets=json out.vcrtp | tail -n 20 >end
	[ "$(grep -c '"why":"bye"' end)" -eq 2 ]
}

@test "a media file becomes a stream, with its own times" {
	ffmpeg -v error -f lavfi -i testsrc=d=3:r=25:s=320x240 \
		-f lavfi -i sine=d=3 -c:v libvpx -c:a libopus in.webm
	vc-capture --virtual in.webm | vc-probe --json >r.json
	jq -e '.sources[] | select(.kind == "video") | .frames >= 88 and .frames <= 92' r.json
	jq -e '.sources[] | select(.kind == "audio") | .media.expected >= 149 and .media.expected <= 152' r.json
	# Looped: twice as long, without a seam in the numbers.
	vc-capture --virtual --loop -t 6s file:in.webm | vc-probe --json >l.json
	jq -e '.sources[] | select(.kind == "video") | .frames >= 178 and .frames <= 181' l.json
	jq -e '[.sources[].media.lost] | add == 0' l.json
}

@test "so does an MP4 of H.264 and AAC" {
	vc-capture --virtual -t 2s test: | vc-record -q clip.webm
	ffmpeg -v error -i clip.webm -c:v libx264 -c:a aac clip.mp4
	vc-capture --virtual file:clip.mp4 | vc-probe --json >out
	[ "$(jq -c '[.sources[] | [.codec, (.span_s > 1.8 and .span_s < 2.1),
		.media.lost]] | sort' out)" = '[["VP8",true,0],["opus",true,0]]' ]
}

@test "what is no media file: a clear error, exit 1" {
	echo "hello" >text.webm
	run vc-capture -o out text.webm
	[ "$status" -eq 1 ]
	[[ $output == *"text.webm: open: "* ]]
	run vc-capture -o out missing.webm
	[ "$status" -eq 1 ]
	[[ $output == *"No such file"* ]]
}

@test "wrong usage: exit 2, and a hint" {
	run vc-capture -o out test
	[ "$status" -eq 2 ]
	[[ $output == *"did you mean test:?"* ]]
	for word in http://example.com/x camera: rtsp://10.0.0.1; do
		run vc-capture -o out "$word"
		[ "$status" -eq 2 ]
		[[ $output == *"$word: ${word%%:*}: is no source: see SOURCES"* ]]
	done
	run vc-capture -o out rtp://:5004
	[ "$status" -eq 2 ]
	[[ $output == *"vc-recv rtp://:5004"* ]]
	run vc-capture -o out pcap:call.pcap
	[ "$status" -eq 2 ]
	[[ $output == *"\`vc-recv pcap:call.pcap\`"* ]]
	run vc-capture -o out
	[ "$status" -eq 2 ]
	while read -r words; do
		# shellcheck disable=SC2086 # words
		run vc-capture -o out $words
		[ "$status" -eq 2 ]
	done <<-END
		--vcodec theora test:
		test:more
		tone:333
		tone:24000
		silence:loud
		color:
		color:mauve
		--video tone: test:
		--audio color:red test:
		--video none --audio none test:
		--stereo --acodec pcmu test:
		--people 0 test:
		--people 2 --talk p3=0s-1s test:
		--people 2 --talk p1=1s-0s test:
		--people 2 --talk p1 test:
		--people 2 --talk p1=0-1 test:
		--pt video=72 test:
		--pt video=128 test:
		--pt voice=97 test:
		--pt audio=96 test:
		--ssrc audio=4294967296 test:
		--ssrc audio=7 --people 2 test:
	END
	run vc-capture -o out -t 10 test:
	[ "$status" -eq 2 ]
	[[ $output == *10s* ]]
}

# Every tenth packet of sound is lost; samples won from copies.
samples_won()
{
	vc-capture --virtual -t 5s --video none "$@" test: >whole
	python3 - <<-'END'
		data, out, n, at = open("whole", "rb").read(), b"", 0, 0
		while at < len(data):
		    end = at + 2 + int.from_bytes(data[at:at + 2], "big")
		    frame, at = data[at:end], end
		    is_sound = frame[2] >> 6 == 2 and frame[3] & 127 == 111
		    n += is_sound
		    if not (is_sound and n % 10 == 0):
		        out += frame
		open("lossy", "wb").write(out)
	END
	vc-mix --stats=stats.json lossy >mixed
	jq -s '[.. | .fec? // empty] | max' stats.json
}

@test "--opus-fec: what is lost is played from copies" {
	[ "$(samples_won)" -eq 0 ]
	[ "$(samples_won --opus-fec 20%)" -gt 9600 ]
}

@test "--opus-fec is a percentage, of Opus" {
	for wrong in 20 0% 101% % x% 1000%; do
		run vc-capture -o out --opus-fec "$wrong" test:
		[ "$status" -eq 2 ]
		[[ $output == *--opus-fec* ]]
	done
	run vc-capture -o out --opus-fec 20% --acodec pcmu test:
	[ "$status" -eq 2 ]
}

@test "a full disk ends it with exit 1" {
	run vc-capture --virtual -t 5s -o /dev/full test:
	[ "$status" -eq 1 ]
	[[ $output == *"No space left"* ]]
}

@test "a reader that goes away is an orderly end" {
	run bash -c 'set -o pipefail; vc-capture --virtual -t 60s test: | head -c 5000 >/dev/null'
	[ "$status" -eq 0 ]
}

# --- sources, people, commands ---

# jq on what vc-probe says of file $1.
probe() { vc-probe --json "$1" | jq -c "$2"; }

@test "tone, silence and colour give their one kind" {
	vc-capture --virtual -t 2s tone:500 >a
	[ "$(probe a '[.sources[] | [.kind, (.level_dbov | round)]]')" = \
		'[["audio",-20]]' ]
	vc-capture --virtual -t 2s silence: >a
	[ "$(probe a '[.sources[].level_dbov]')" = '[-127]' ]
	vc-capture --virtual -t 2s color:red >a
	[ "$(probe a '[.sources[] | [.kind, .width, .height]]')" = \
		'[["video",640,360]]' ]
	vc-play --sheet s.png --columns 2 a
	ffmpeg -v error -i s.png -f rawvideo -pix_fmt rgb24 s.rgb
	python3 - <<-'END'
		p = open("s.rgb", "rb").read()
		red = sum(p[i] > 230 and p[i + 1] < 30 and p[i + 2] < 30
		          for i in range(0, len(p), 3))
		assert red > 160 * 90 * 0.9, red
	END
}

@test "picture and sound may come from different sources" {
	vc-capture --virtual -t 2s --video color:blue --audio tone: >a
	[ "$(probe a '[.sources[].kind] | sort')" = '["audio","video"]' ]
	vc-capture --virtual -t 2s --audio tone:750 test: >c
	[ "$(probe c '[.sources[] | select(.kind == "audio")
		.level_dbov | round]')" = '[-20]' ]
}

@test "slides are a source of their own, with a=content:slides" {
	vc-capture --virtual -t 2s --slides test: --slides-size 960x540 \
		--slides-fps 10 test: >a
	[ "$(probe a '[.sources[] | select(.width) |
		[.kind, .width, .height, .frames]] | sort')" = \
		'[["slides",960,540,20],["video",640,360,60]]' ]
	grep -aq 'a=content:slides' a
}

@test "--screen-hint: the encoder is set for text or for motion" {
	sums()
	{
		for hint in "" camera motion text; do
			vc-capture --virtual -t 300ms --marks=none --audio none \
				${hint:+--screen-hint=$hint} "$@" | sha256sum
		done | uniq -c | awk '{ print $1 }' | paste -sd ' '
	}
	# Camera and motion are one; slides are text unless they are motion.
	[ "$(sums test:)" = "3 1" ]
	[ "$(sums --video none --slides test:)" = "2 1 1" ]
}

@test "many people from one process, who talk by a plan" {
	crowd()
	{
		vc-capture --virtual -t 6s --people 3 --video none \
			--talk 'p1=0s-2s p2=3s-5s,5500ms-' test:
	}
	crowd >a
	crowd | cmp - a
	[ "$(probe a '[.sources[].who] | sort')" = '["p1","p2","p3"]' ]
	# Speech is 100 and 125 packets; of silence every 20th or so is sent.
	[ "$(probe a '[.sources[] | {(.who): .media.packets}] | add |
		.p1 >= 100 and .p1 < 135 and .p2 >= 125 and .p2 < 165 and
		.p3 > 0 and .p3 < 40')" = true ]
}

@test "mute, gain, pause, source: what they do, and the gaps that tell" {
	vc-capture --virtual -t 8s --audio tone: --video test: \
		--at '1s mute' --at '2s unmute' --at '3s gain -20' \
		--at '4s gain 0' --at '5s pause audio' --at '6s resume audio' \
		--at '7s source audio silence:' >a
	vc-play --wav a.wav a
	python3 - <<-'END'
		import struct, math
		pcm = open("a.wav", "rb").read()[44:]
		pcm = struct.unpack(f"<{len(pcm) // 2}h", pcm)
		def level(s):
		    part = pcm[int(s * 48000):int((s + 0.4) * 48000)]
		    mean = sum(v * v for v in part) / len(part)
		    return 10 * math.log10(mean / 32768 ** 2 + 1e-12)
		got = [round(level(k + 0.3)) for k in range(8)]
		assert -21 <= got[0] <= -19 and got[1] < -70, got
		assert -21 <= got[2] <= -19 and -42 <= got[3] <= -38, got
		assert -21 <= got[4] <= -19 and got[5] < -60, got
		assert -21 <= got[6] <= -19 and got[7] < -60, got
	END
	vc-probe --packets=json a | jq -sc '[.[] | .event // empty |
		select(.ev == "gap") | [.why, (.to - .from)]]' >gaps
	[ "$(cat gaps)" = '[["mute",1000000],["pause",1000000]]' ]
}

@test "--pt and --ssrc: as one wants them" {
	vc-capture --virtual -t 1s --pt video=100 --pt audio=9 \
		--ssrc audio=0x10 --ssrc video=77 --slides test: test: >a
	[ "$(probe a '[.sources[] | [.kind, .codec, .pt, .ssrc] |
		if .[0] == "slides" then .[3] = 0 else . end] | sort')" = \
		'[["audio","opus",9,16],["slides","VP8",104,0],["video","VP8",100,77]]' ]
	vc-probe --heard test a >/dev/null
}

@test "--marks: implied by test:, for others if one wants them" {
	for args in "color:gray" "--marks color:gray" "--marks=none test:" \
		"test:" "--marks --stereo --acodec opus tone:"; do
		# shellcheck disable=SC2086 # words
		vc-capture --virtual -t 2s --name ada $args >"a ${args//\//}"
	done
	# The picture differs by its mark, the sound by its chirps.
	run -1 cmp -s 'a color:gray' 'a --marks color:gray'
	run -1 cmp -s 'a --marks=none test:' 'a test:'
}

@test "digits: three ends each, one RTP time, no sound beside them" {
	for codec in opus:110 pcmu:101; do
		IFS=: read -r name pt <<<"$codec"
		vc-capture --virtual -t 3s --video none --acodec "$name" \
			--at '1s dtmf 7#' test: >a
		vc-probe --packets=json a >p
		jq -sc --argjson pt "$pt" '[.[] | select(.pt == $pt)] |
			group_by(.ts) | map([length, ([.[] | select(.marker)] |
			length)])' p >got
		# 100 ms are a packet each 20 ms; the last one goes three times.
		[ "$(cat got)" = '[[8,1],[8,1]]' ]
		[ "$(jq -sc '[.[] | .event // empty | select(.ev == "dtmf") |
			[.digit, .ms]]' p)" = '[["7",100],["#",100]]' ]
		# 150 packets, less those in the time of the digits.
		jq -se --argjson pt "$pt" '[.[] | select(.pt and .pt != $pt)] |
			length >= 134 and length <= 141' p
	done
	run vc-capture --virtual -t 1s -o out --at '0s dtmf 12x' test:
	[ "$status" -eq 1 ]
	[[ $output == *"dtmf 12x"*"digits are"* ]]
}
