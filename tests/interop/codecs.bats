#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Every codec against ffmpeg's, both ways, without RTP in between: pictures as
# IVF and Annex B, sound as bare octets.

load ../common

codecfile()
{
	"$VC_BUILD/tests/interop/codecfile" "$@"
}

ff()
{
	ffmpeg -nostdin -v error -y "$@"
}

# The $1 frames of $2 are those of src.yuv, each above $3 dB, all above $4.
like()
{
	codecfile psnr 320 180 src.yuv "$2" >psnr
	awk -v n="$1" -v min="$3" -v mean="$4" \
		'{ exit !($1 == n && $2 >= min && $3 >= mean) }' psnr ||
		fail "$2: $(cat psnr)"
}

@test "ffmpeg decodes what we encode: VP8, VP9, AV1, H.264" {
	for codec in VP8 VP9 AV1 H264; do
		format=ivf
		[ "$codec" != H264 ] || format=h264
		codecfile encode "$codec" 320 180 50 src.yuv "a.$codec"
		ff -f "$format" -i "a.$codec" -pix_fmt yuv420p -f rawvideo \
			-fps_mode passthrough "$codec.yuv"
		like 50 "$codec.yuv" 30 38
	done
}

@test "ffmpeg takes our H.264 for constrained baseline, our AV1 for main" {
	codecfile encode H264 320 180 10 src.yuv a.h264
	run ffprobe -v error -show_entries stream=profile,width,height,has_b_frames \
		-of csv=p=0 a.h264
	assert_output 'Constrained Baseline,320,180,0'
	codecfile encode AV1 320 180 10 src.yuv a.ivf
	run ffprobe -v error -show_entries stream=profile,width,height \
		-of csv=p=0 a.ivf
	assert_output 'Main,320,180'
}

# Encodes src.yuv by ffmpeg; $1 is the format, the rest its options.
by_ffmpeg()
{
	local format=$1

	shift
	ff -f rawvideo -pix_fmt yuv420p -s 320x180 -r 30 -i src.yuv "$@" \
		-pix_fmt yuv420p -b:v 500k -g 20 -f "$format" b
}

@test "we decode what ffmpeg encodes: VP8, VP9, AV1, H.264 in three profiles" {
	codecfile encode VP8 320 180 50 src.yuv a
	by_ffmpeg ivf -c:v libvpx -deadline realtime
	codecfile decode VP8 320 180 b b.yuv
	like 50 b.yuv 28 34
	by_ffmpeg ivf -c:v libvpx-vp9 -deadline realtime -cpu-used 7
	codecfile decode VP9 320 180 b b.yuv
	like 50 b.yuv 28 34
	# With hidden frames, in superframes.
	by_ffmpeg ivf -c:v libvpx-vp9 -deadline good -cpu-used 5 \
		-auto-alt-ref 1 -lag-in-frames 10
	codecfile decode VP9 320 180 b b.yuv
	like 50 b.yuv 28 34
	by_ffmpeg ivf -c:v libaom-av1 -usage realtime -cpu-used 8
	codecfile decode AV1 320 180 b b.yuv
	like 50 b.yuv 28 34
	for profile in baseline main high; do
		by_ffmpeg h264 -c:v libx264 -preset veryfast \
			-tune zerolatency -profile:v "$profile"
		codecfile decode H264 320 180 b b.yuv
		like 50 b.yuv 28 34
	done
}

@test "G.722: octet for octet and sample for sample what ffmpeg has" {
	ff -f lavfi -i "aevalsrc='0.6*sin(2*PI*t*(200+900*t))+0.3*random(0)':s=16000:d=5" \
		-f s16le src
	codecfile pack G722 <src >ours
	ff -f s16le -ar 16000 -ac 1 -i src -c:a g722 -f g722 theirs
	cmp ours theirs
	head -c 20000 /dev/urandom >>ours
	codecfile unpack G722 <ours >ours.pcm
	ff -f g722 -i ours -f s16le theirs.pcm
	cmp ours.pcm theirs.pcm
}

@test "PCMU, PCMA and L16: ffmpeg decodes what we encode to what we decode" {
	while read -r codec format rate; do
		ff -f lavfi -i "sine=f=440:r=$rate:d=2" -f s16le src
		codecfile pack "$codec" <src >ours
		codecfile unpack "$codec" <ours >ours.pcm
		ff -f "$format" -ar "$rate" -ac 1 -i ours -f s16le theirs.pcm
		cmp ours.pcm theirs.pcm
		ff -f s16le -ar "$rate" -ac 1 -i src -f "$format" theirs
		codecfile unpack "$codec" <theirs >back.pcm
		ff -f "$format" -ar "$rate" -ac 1 -i theirs -f s16le want.pcm
		cmp back.pcm want.pcm
	done <<-'END'
	PCMU mulaw 8000
	PCMA alaw 8000
	L16 s16be 48000
	END
}

@test "Opus: ffmpeg's decoder hears our voice, mono and stereo" {
	for channels in 1 2; do
		"$VC_BUILD/tests/e2e/soundsend" alice opus 48000 "$channels" \
			20 0 | vc-record -q a.webm
		ff -i a.webm -ac 1 -ar 48000 -c:a pcm_s16le a.wav
		run "$VC_BUILD/tests/e2e/wavheard" alice bob <a.wav
		assert_line --regexp '^alice (9[0-9]|100)'
		assert_line --regexp '^bob [0-2]$'
		rm a.webm a.wav
	done
}
