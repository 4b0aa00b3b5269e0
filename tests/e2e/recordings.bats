#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Recordings of every kind, as inputs of every tool, and converted into every
# other kind.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load record.bash

# What was captured elsewhere: Janus's files of the stream $1 are $2-KIND.mjr.
as_mjr()
{
	python3 -c '
import json, sys
from vcframes import is_rtp, timed
start, out = 0, {}
for now, p in timed(open(sys.argv[1], "rb").read()):
    start = start or now
    if not is_rtp(p):
        continue
    kind = {111: "audio", 96: "video"}[p[1] & 127]
    f = out.get(kind)
    if not f:
        f = out[kind] = open("%s-%s.mjr" % (sys.argv[2], kind), "wb")
        head = json.dumps({"t": kind[0], "c": {"audio": "opus",
                           "video": "vp8"}[kind], "u": start // 1000}).encode()
        f.write(b"MJR00002" + len(head).to_bytes(2, "big") + head)
    f.write(b"MEET" + ((now - start) // 10**6).to_bytes(4, "big") +
            len(p).to_bytes(2, "big") + p)' "$1" "$2"
}

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 1s --name alice --size 160x90 test: >a.vcrtp
	vc-record -q -i a.vcrtp a.webm a.mkv a.ogg a.ivf a.vcrtp.gz a.pcapng \
		a.rtpdump
	vc-capture --virtual -t 1s --name alice --video none --acodec pcmu \
		test: | vc-record -q a.wav
	tshark -r a.pcapng -F pcap -w a.pcap 2>/dev/null
	as_mjr a.vcrtp a
}

setup()
{
	begin
	files=$BATS_FILE_TMPDIR
}

# "FILE PACKETS SOUNDS PICTURES"
each="a.webm 240 50 30
a.mkv 240 50 30
a.ogg 50 50 0
a.wav 50 50 0
a.ivf 190 0 30
a.vcrtp 240 50 30
a.vcrtp.gz 240 50 30
a.pcapng 240 50 30
a.rtpdump 240 50 30
a.pcap 240 50 30
a-audio.mjr 50 50 0
a-video.mjr 190 0 30"

@test "each tool reads each recording" {
	while read -r f _ sounds pictures; do
		vc-play --md5 "$files/$f" >sums
		assert_equal "$f $(wc -l <sums)" "$f $((sounds + pictures))"
		vc-probe --json "$files/$f" >probe
		assert_equal "$f $(jq -s '[last.sources[] | .packets] | add >= 30
			' probe)" "$f true"
		vc-mix "$files/$f" >mix
		vc-probe --json mix >probe
		assert_equal "$f $(jq -s 'last.sources |
			map(.kind) | unique | length >= 1' probe)" "$f true"
		vc-record -q --overwrite --no-sidecar -i "$files/$f" again.mkv
		vc-record verify again.mkv >table || { cat table; return 1; }
		assert_equal "$f $(tracks again.mkv | awk '
			{ n += $2 } END { print n }')" "$f $((sounds + pictures))"
	done <<<"$each"
}

@test "each recording becomes each other kind that can hold it" {
	local outs

	while read -r f _ sounds pictures; do
		outs=(o.mkv o.vcrtp o.vcrtp.gz o.pcapng o.rtpdump)
		[ "$f" = a.wav ] || outs+=(o.webm)
		[ "$f" = a.wav ] || [ "$sounds" = 0 ] || outs+=(o.ogg)
		[ "$sounds" = 0 ] || outs+=(o.wav)
		[ "$pictures" = 0 ] || outs+=(o.ivf)
		vc-record convert -q --overwrite "$files/$f" "${outs[@]}"
		for o in "${outs[@]}"; do
			case $o in
			*.ogg) n=$sounds ;;
			*.ivf) n=$pictures ;;
			*.mkv | *.webm) n=$((sounds + pictures)) ;;
			*) continue ;;
			esac
			assert_equal "$f $o $(vc-record info --json "$o" |
				jq '[.tracks[].units] | add')" "$f $o $n"
		done
		[ "$sounds" = 0 ] || between 990 "$(vc-record info --json o.wav |
			jq '.duration_ms | round')" 1010
		# Of packets the others hold what this one does.
		[ "$(rtp <o.vcrtp | wc -l)" -eq \
			$(((sounds > 0) + (pictures > 0))) ]
	done <<<"$each"
}

@test "packets come out as they went in, bit for bit" {
	local from to

	rtp <"$files/a.vcrtp" >want
	[ "$(wc -l <want)" -eq 2 ]
	for from in a.vcrtp.gz a.pcapng a.rtpdump a.pcap; do
		vc-record convert -q --overwrite "$files/$from" o.vcrtp \
			o.vcrtp.gz o.pcapng o.rtpdump
		zcat o.vcrtp.gz | cmp - o.vcrtp
		rtp <o.vcrtp | diff want -
		for to in o.pcapng o.rtpdump; do
			vc-record replay "$to" | rtp | diff want -
		done
	done
	# And all else that the file is.
	for to in vcrtp.gz vcrtp pcapng rtpdump; do
		vc-record convert -q --overwrite "$files/a.$to" "o.$to"
		cmp "$files/a.$to" "o.$to"
	done
}

@test "what a capture does not say is told by --pt and --sdp" {
	vc-capture --virtual -t 1s --name alice --video none test: |
		python3 -c 'import sys
from vcframes import frame, frames, is_rtp
for p in map(bytearray, frames(sys.stdin.buffer.read())):
    if is_rtp(p) and p[1] & 127 == 111:
        p[1] = p[1] & 128 | 100
    sys.stdout.buffer.write(frame(p.replace(b" 111", b" 100").replace(
        b":111", b":100")))' >x.vcrtp
	vc-record -q -i x.vcrtp x.pcapng
	run -4 vc-record -q -i x.pcapng none.webm
	vc-record -q -i x.pcapng --pt 100=opus/48000/2 x.webm
	assert_equal "$(tracks x.webm)" 'opus 50'
}

@test "a capture or file that is cut gives what came before, exit 1" {
	for f in a.pcapng a.rtpdump a.ogg a.wav a.ivf; do
		head -c $(($(stat -c %s "$files/$f") - 9)) "$files/$f" >"cut.$f"
		run -1 vc-play --md5 "cut.$f"
		assert_output --partial \
			'truncated: what came before was used'
		[ "${#lines[@]}" -gt 20 ]
	done
}
