#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-record: what each format holds, as ffmpeg, GStreamer and tshark read it.

bats_require_minimum_version 1.5.0
load record.bash

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	for codec in vp8 vp9 h264 av1; do
		vc-capture --virtual -t 2s --name alice --size 320x180 \
			--vcodec "$codec" test: >"$codec.vcrtp"
	done
	for codec in opus pcmu pcma g722 l16; do
		vc-capture --virtual -t 2s --name alice --video none \
			--acodec "$codec" test: >"$codec.vcrtp"
	done
}

setup()
{
	begin
	in=$BATS_FILE_TMPDIR
}

@test "Matroska holds every codec, as it came" {
	local codec

	while read -r codec tracks; do
		vc-record -i "$in/$codec.vcrtp" "$codec.mkv"
		assert_equal "$(tracks "$codec.mkv")" "${tracks//,/$'\n'}"
		assert_equal "$(duration "$codec.mkv")" 2.000000
		is_sound "$codec.mkv"
		vc-record verify "$codec.mkv"
		# It knows no G.722 there.
		[ "$codec" = g722 ] || gst_plays "$codec.mkv"
	done <<-END
		h264 h264 60,opus 100
		av1 av1 60,opus 100
		vp9 vp9 60,opus 100
		pcmu pcm_mulaw 100
		pcma pcm_alaw 100
		g722 adpcm_g722 100
		l16 pcm_s16be 200
	END
	# What ffmpeg finds in it is what was sent: silence is no success.
	run ffmpeg -nostdin -v info -i pcmu.mkv -af volumedetect -f null -
	assert_output --partial 'max_volume: -9'
}

@test "WebM holds what WebM may, and says what it leaves out" {
	vc-record -i "$in/av1.vcrtp" av1.webm
	is_sound av1.webm
	run -0 vc-record -i "$in/h264.vcrtp" h264.webm
	assert_line 'vc-record: h264.webm: H264 is left out: webm holds Opus, VP8, VP9, AV1 and text (.mkv holds it)'
	assert_equal "$(tracks h264.webm)" 'opus 100'
	run -4 vc-record -i "$in/l16.vcrtp" l16.webm
	assert_line 'vc-record: l16.webm: nothing came that webm can hold'
}

# sums FILE: what is in it, decoded.
sums()
{
	vc-play --md5 "$1" | awk '{ print $2, $3 }' | sort
}

@test "Matroska plays here again, as the packets do" {
	local codec

	for codec in h264 av1 pcmu g722; do
		vc-record -i "$in/$codec.vcrtp" "$codec.mkv"
		sums "$codec.mkv" >file
		sums "$in/$codec.vcrtp" >packets
		[ "$(wc -l <file)" -ge 100 ]
		# Sound of another rate begins at another place of it.
		if [ "${codec::1}" = p ] || [ "${codec::1}" = g ]; then
			assert_equal "$(wc -l <file)" "$(wc -l <packets)"
		else
			cmp file packets
		fi
	done
}

@test "slides are a track of their own, named" {
	vc-capture --virtual -t 2s --name alice --size 320x180 --slides test: \
		--slides-size 640x360 test: >s.vcrtp
	vc-record -i s.vcrtp s.webm
	assert_equal "$(titles s.webm)" "alice alice (slides) alice "
	# Who is back goes on in each of them.
	cat s.vcrtp s.vcrtp | vc-record two.webm
	assert_equal "$(titles two.webm)" "alice alice (slides) alice "
	is_sound two.webm
	run ffprobe -v error -select_streams v -show_entries stream=width \
		-of csv=p=0 two.webm
	assert_output $'320\n640'
}

# sizes FILE: the sizes of pictures, as they are decoded.
sizes()
{
	ffprobe -v error -select_streams "$2" -show_entries frame=width,height \
		-of csv=p=0:s=x "$1" | uniq -c | sed 's/^ *//'
}

@test "pictures that change their size stay one track" {
	local codec

	for codec in vp8 h264 av1; do
		vc-capture --virtual -t 2s --name alice --size 640x360 \
			--vcodec "$codec" test: >large.vcrtp
		cat "$in/$codec.vcrtp" large.vcrtp | vc-record "$codec.mkv"
		assert_equal "$(sizes "$codec.mkv" v)" \
			$'60 320x180\n60 640x360'
		is_sound "$codec.mkv"
		gst_plays "$codec.mkv"
	done
}

@test "a switch of simulcast layers stays one track" {
	printf '%s\n' 'default-role small' 'role:large * * class=high' \
		'* * * class=low' >./policy.txt
	vc-capture --virtual -t 4s --keyint 500ms --name al \
		--simulcast 320x180@150k,640x360@500k test: >al.vcrtp
	vc-mix -q --video select --policy ./policy.txt --trust-names --out rec \
		--out-class low:320x180@200k,high:640x360@800k \
		--at '2s role rec large' al.vcrtp "$in/vp8.vcrtp" |
		vc-record -q --as rec s.webm
	is_sound s.webm
	gst_plays s.webm
	run sizes s.webm v
	assert_line --index 0 --regexp '^[1-9][0-9]* 320x180$'
	assert_line --index 1 --regexp '^[1-9][0-9]* 640x360$'
	assert_equal "${#lines[@]}" 2
}

@test "a first key frame that is lost: pictures begin with the next" {
	vc-capture --virtual -t 4s --size 320x180 --fps 10 --keyint 1s test: |
		vc-impair drop=1-4:rtp >k.vcrtp
	vc-record -q -i k.vcrtp k.webm
	is_sound k.webm
	read -r v0 v1 < <(times v k.webm)
	between 890 "$v0" 1010
	between 3890 "$v1" 4010
	assert_equal "$(jq -c '.tracks[] | select(.kind == "video") |
		[.keyframes, .dropped]' k.webm.json)" '[3,0]'
}

@test "another codec is another track" {
	cat "$in/h264.vcrtp" "$in/vp8.vcrtp" | vc-record c.mkv
	assert_equal "$(tracks c.mkv)" $'h264 60\nopus 200\nvp8 60'
	assert_equal "$(titles c.mkv)" "alice alice alice "
	is_sound c.mkv
}

@test "a source that changes its codec goes on in another track, in time" {
	vc-capture --virtual -t 4s --name alice --audio none --size 320x180 \
		--vcodec h264 test: >a.vcrtp
	vc-capture --virtual -t 4s --name alice --audio none --size 320x180 \
		--vcodec vp8 --keyint 1s test: >b.vcrtp
	# The first half of one, the second half of the other, which has to
	# begin with a key frame; numbers and SSRC go on.
	python3 - >c.vcrtp <<-'END'
		import sys
		from vcframes import frame, is_rtp, timed
		def put(p):
		    sys.stdout.buffer.write(frame(p))
		seq, t0, ssrc = 0, None, None
		for name in "a.vcrtp", "b.vcrtp":
		    for now, p in timed(open(name, "rb").read()):
		        if p[:1] == b"v":
		            if name[0] == "a":
		                # Both formats are described.
		                text = p.decode()
		                text = text.replace("RTP/AVP 102", "RTP/AVP 102 96")
		                text = text.replace("RTP/AVPF 102", "RTP/AVPF 102 96")
		                put((text + "a=rtpmap:96 VP8/90000\r\n").encode())
		            continue
		        t0 = t0 or now
		        late = now - t0 >= 2000000000
		        if late != (name[0] == "b"):
		            continue
		        if is_rtp(p):
		            ssrc = ssrc or p[8:12]
		            p = p[:2] + seq.to_bytes(2, "big") + p[4:8] + ssrc + p[12:]
		            seq += 1
		        elif p[:1] in (b"{", b"\x80", b"\x81") and name[0] == "b":
		            continue
		        put(p)
	END
	run -0 vc-record -v -i c.vcrtp c.mkv
	run tracks c.mkv
	assert_line --regexp '^h264 (59|60|61)$'
	assert_line --regexp '^vp8 (59|60|61)$'
	is_sound c.mkv
	between 3950 $(("$(duration c.mkv | tr -d .)" / 1000)) 4050
}

@test "SIGKILL leaves what plays up to the last second" {
	local codec

	for codec in h264 av1; do
		vc-capture --virtual -t 6s --size 320x180 --vcodec "$codec" \
			test: >long.vcrtp
		killed long.vcrtp "$codec.mkv" '.record.files[0].units >= 350'
		refute [ -e "$codec.mkv" ]
		is_sound "$codec.mkv.part"
		read -r _ end < <(times v "$codec.mkv.part")
		between 3000 "$end" 6000
	done
}

# Two seconds of sound, two of nothing, two of sound.
holey()
{
	python3 -c '
import sys
from vcframes import frame, is_rtp, timed
t0 = None
for now, p in timed(sys.stdin.buffer.read()):
    t0 = t0 or now
    if not is_rtp(p) or not 2000000000 <= now - t0 < 4000000000:
        sys.stdout.buffer.write(frame(p))'
}

# silence FILE: "FROM TO" in ms, where nothing is heard for a second or longer.
silence()
{
	ffmpeg -nostdin -v info -i "$1" -af \
		silencedetect=noise=-60dB:duration=1 -f null - 2>&1 |
		sed -nE 's/.*silence_(start|end): (-?[0-9.]+).*/\2/p' |
		awk '{ printf "%d ", $1 * 1000 } END { print "" }'
}

@test "Ogg: one sound, its name, and a length that is right" {
	vc-record -i "$in/vp8.vcrtp" a.ogg a.opus
	cmp a.ogg a.opus
	assert_equal "$(tracks a.ogg)" 'opus 100'
	assert_equal "$(titles a.ogg)" 'alice '
	assert_equal "$(duration a.ogg)" 2.000000
	is_sound a.ogg
	gst_plays a.ogg
	vc-record -i "$in/vp8.vcrtp" -f ogg - | cat >pipe.ogg
	assert_equal "$(tracks pipe.ogg)" 'opus 100'
	assert_equal "$(duration pipe.ogg)" 2.000000
	run -0 vc-record -i "$in/pcmu.vcrtp" b.opus -i "$in/opus.vcrtp"
	assert_line 'vc-record: b.opus: PCMU is left out: opus holds Opus (.mkv holds it)'
	assert_equal "$(tracks b.opus)" 'opus 100'
}

@test "one file, one source: who else comes is named" {
	vc-capture --virtual -t 2s --name bob --video none test: >bob.vcrtp
	run -0 vc-record -i "$in/opus.vcrtp" -i bob.vcrtp a.ogg
	assert_line --partial 'a.ogg: ogg holds one source: the others are'
	assert_equal "$(tracks a.ogg)" 'opus 100'
	run -0 vc-record -i "$in/opus.vcrtp" -i bob.vcrtp --select name=bob \
		b.ogg
	refute_output --partial 'left out'
	assert_equal "$(titles b.ogg)" 'bob '
}

@test "a file a source, and a file a time, of those that hold one" {
	local file

	vc-capture --virtual -t 2s --name bob --video none test: >bob.vcrtp
	run -0 vc-record -i "$in/vp8.vcrtp" -i bob.vcrtp --tracks=source \
		--no-sidecar '{name}-{kind}.opus' '{name}-{kind}.ivf'
	refute_output --partial 'left out'
	assert_equal "$(sort <<<"$output")" \
		$'alice-audio.opus\nalice-video.ivf\nbob-audio.opus'
	assert_equal "$(duration bob-audio.opus)" 2.000000
	assert_equal "$(titles bob-audio.opus)" 'bob '
	vc-record -i bob.vcrtp --segment 1s --no-sidecar 's{n}.ogg' 's{n}.wav'
	# What ffprobe counts is with what decoders are to skip.
	assert_equal "$(tracks s0001.ogg) $(duration s0001.ogg)" \
		'opus 51 1.006500'
	assert_equal "$(tracks s0002.ogg) $(duration s0002.ogg)" \
		'opus 54 1.080000'
	is_sound s0001.ogg
	is_sound s0002.ogg
	assert_equal "$(duration s0001.wav)" 1.000000
	assert_equal "$(duration s0002.wav)" 0.993500
}

# pcm FILE...: the samples, one file behind the other.
pcm()
{
	local f
	for f; do
		ffmpeg -nostdin -v error -i "$f" -f s16le -ac 1 -
	done
}

@test "segments of sound, one behind the other, are the sound" {
	local codec

	for codec in opus pcmu l16 g722; do
		vc-record -q -i "$in/$codec.vcrtp" all.wav
		vc-record -q -i "$in/$codec.vcrtp" --segment 500ms \
			"$codec{n}.wav" >list
		[ "$(wc -l <list)" -ge 4 ]
		pcm all.wav >all
		# shellcheck disable=SC2046 # a name a line
		pcm $(cat list) | cmp - all
		rm all.wav*
	done
	# Decoders of Opus are told to begin 80 ms earlier, and are then right
	# but for little.
	vc-record -q -i "$in/opus.vcrtp" all.ogg
	vc-record -q -i "$in/opus.vcrtp" --segment 500ms 'o{n}.ogg' >list
	pcm all.ogg >all
	# shellcheck disable=SC2046 # a name a line
	pcm $(cat list) >segments
	python3 - all segments <<-'END'
		import array, sys
		a, b = (array.array("h", open(f, "rb").read())
		        for f in sys.argv[1:])
		off = sum((x - y) ** 2 for x, y in zip(a, b))
		print(len(a), len(b), (off / sum(x * x for x in a)) ** .5)
		assert len(a) == len(b) > 95000
		assert off < 0.06 ** 2 * sum(x * x for x in a)
	END
	while read -r f; do
		vc-record verify "$f"
	done <list
}

@test "gaps in Ogg and WAV are as long as they were" {
	local codec

	vc-capture --virtual -t 6s --video none test: | holey >opus.vcrtp
	vc-record -i opus.vcrtp o.ogg o.wav
	assert_equal "$(duration o.ogg)" 6.000000
	read -r from to < <(silence o.wav)
	between 1900 "$from" 2060
	between 3900 "$to" 4060
	for codec in pcmu l16 g722; do
		vc-capture --virtual -t 6s --video none --acodec "$codec" \
			test: | holey | vc-record "$codec.wav"
		assert_equal "$(duration "$codec.wav")" 6.000000
		read -r from to < <(silence "$codec.wav")
		between 1950 "$from" 2050
		between 3950 "$to" 4050
		is_sound "$codec.wav"
	done
}

@test "WAV: G.711 and L16 as they came, others decoded, read by others" {
	local codec kind rest

	while read -r codec kind rest; do
		vc-record -i "$in/$codec.vcrtp" "$codec.wav"
		run ffprobe -v error -show_entries \
			stream=codec_name,sample_rate -of csv=p=0 "$codec.wav"
		assert_output "$kind"
		is_sound "$codec.wav"
		gst_plays "$codec.wav"
		vc-record -i "$in/$codec.vcrtp" -f wav - | cat >pipe.wav
		assert_equal "$(stat -c %s pipe.wav)" \
			"$(stat -c %s "$codec.wav")"
	done <<-END
		pcmu pcm_mulaw,8000
		pcma pcm_alaw,8000
		l16 pcm_s16le,48000
		opus pcm_s16le,48000
		g722 pcm_s16le,48000
	END
	# The packets' own octets are what is in it.
	vc-record -i "$in/pcmu.vcrtp" pcmu.mkv
	ffmpeg -nostdin -v error -i pcmu.mkv -c copy -f mulaw raw
	tail -c +95 pcmu.wav | cmp - raw
	# And of Opus what ffmpeg hears, but for the rounding of another decoder.
	vc-record -i "$in/opus.vcrtp" opus.mkv
	run ffmpeg -nostdin -v info -i opus.wav -i opus.mkv -filter_complex \
		'[1]volume=-1[b];[0][b]amix=normalize=0:duration=shortest,volumedetect' \
		-f null -
	assert_output --regexp 'max_volume: -([5-9]|[1-9][0-9])[0-9]*\.'
}

@test "IVF and Annex B: pictures alone" {
	local codec

	for codec in vp8 vp9 av1; do
		run -0 vc-record -i "$in/$codec.vcrtp" "$codec.ivf"
		refute_output --partial 'left out'
		assert_equal "$(tracks "$codec.ivf")" "$codec 60"
		assert_equal "$(duration "$codec.ivf")" 2.000000
		is_sound "$codec.ivf"
		gst_plays "$codec.ivf"
	done
	vc-record -i "$in/h264.vcrtp" h264.h264
	assert_equal "$(tracks h264.h264)" 'h264 60'
	is_sound h264.h264
	run -4 vc-record -i "$in/vp8.vcrtp" x.h264
	assert_line 'vc-record: x.h264: VP8 is left out: h264 holds H264 (.webm holds it)'
	refute [ -e x.h264 ]
}

@test "SIGKILL leaves sound and pictures up to the last second" {
	local file

	vc-capture --virtual -t 8s --size 320x180 test: >long.vcrtp
	for file in a.ogg a.wav a.ivf; do
		killed long.vcrtp "$file" '.record.packets >= 400 and
			(.record.files[0].tracks[0].end_ms // 0) >= 6000'
		refute [ -e "$file" ]
		is_sound "$file.part"
		between 5000 $(("$(duration "$file.part" | tr -d .)" / 1000)) \
			8000
	done
}

# shark FILE ARG...: tshark, which is told what is on the port.
shark()
{
	local file=$1

	shift
	tshark -r "$file" -d udp.port==5004,rtp "$@" 2>shark.err
}

@test "pcapng: tshark sees whole streams, names, addresses and times" {
	vc-capture --virtual -t 2s --name bob --video none test: >bob.vcrtp
	vc-record -i "$in/vp8.vcrtp" -i bob.vcrtp two.pcapng two.vcrtp
	run -0 shark two.pcapng -q -z rtp,streams
	assert_equal "$(grep -c '0 (0.0%)' <<<"$output")" 3
	assert_line --regexp '192.0.2.1 +5004 +198.51.100.1 +5004.*RTPType-'
	run -0 shark two.pcapng -o ip.check_checksum:TRUE \
		-o udp.check_checksum:TRUE \
		-Y 'ip.checksum.status == 0 || udp.checksum.status == 0'
	refute_output
	assert_equal "$(shark two.pcapng -T fields -e frame.comment |
		sort -u | tr '\n' ' ')" " alice bob "
	assert_equal "$(shark two.pcapng -T fields -e frame.time_epoch |
		tail -1)" 946684802.000000000
	[ "$(shark two.pcapng -Y rtcp.sdes.text | wc -l)" -ge 6 ]
	# Down a pipe; and packets as they came, of a whole input.
	run -0 bash -c 'vc-record -i two.vcrtp -f pcapng - |
		tshark -r - -d udp.port==5004,rtp -Y rtp'
	assert_equal "$(grep -c RTP <<<"$output")" \
		"$(rtp <two.vcrtp | awk '{ n += $2 } END { print n }')"
}

@test "pcapng: senders are where vc-recv saw them" {
	vc-capture --virtual -t 2s --name alice --video none test: |
		vc-record a.pcapng
	vc-recv pcap:a.pcapng | vc-record b.pcapng
	vc-recv pcap:b.pcapng >b.vcrtp
	grep -aq '"addr":"192.0.2.1:5004"' b.vcrtp
	rtp <b.vcrtp >b
	rtp <"$in/opus.vcrtp" >a
	[ -s a ]
	cmp a b
}

@test "captures are read back octet for octet" {
	local codec kind

	for codec in vp8 h264 av1 g722; do
		vc-record -i "$in/$codec.vcrtp" "$codec.pcapng" "$codec.rtpdump"
		rtp <"$in/$codec.vcrtp" >packets
		[ -s packets ]
		for kind in pcap:$codec.pcapng rtpdump:$codec.rtpdump \
			$codec.pcapng $codec.rtpdump; do
			vc-recv "$kind" | rtp >back
			cmp packets back
		done
	done
	# What was recorded of it can be recorded again, in another way.
	vc-recv pcap:vp8.pcapng | vc-record again.webm
	assert_equal "$(tracks again.webm)" $'vp8 60\nopus 100'
	assert_equal "$(titles again.webm)" "alice alice "
}

@test "SIGKILL leaves a capture up to the last second" {
	vc-capture --virtual -t 8s --video none test: >long.vcrtp
	killed long.vcrtp a.pcapng '.record.packets >= 350' --select kind=audio
	shark a.pcapng.part -T fields -e frame.time_relative |
		tail -1 | cut -d . -f 1 >last
	between 5 "$(cat last)" 8
}
