#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-record info, verify and repair: recordings that are whole, cut, broken, killed.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 6s --size 160x90 --fps 10 --vbitrate 100k \
		--keyint 2s --name al --cname al test: >al.vcrtp
	vc-record -q -i al.vcrtp al.webm
}

setup()
{
	begin
	files=$BATS_FILE_TMPDIR
}

@test "info: tracks, where they begin and end, how large" {
	run -0 vc-record info "$files/al.webm"
	assert_line --regexp "al.webm: 6.000 s, 2 tracks, $(stat -c %s "$files/al.webm") octets"
	assert_line --regexp 'video +VP8 +0.000 +6.000 +60 +3 .* al 160x90'
	assert_line --regexp 'audio +opus +0.000 +6.000 +300 +300 .* al'
	run -0 vc-record info --json "$files/al.webm"
	run -0 jq -c '[.schema, .duration_ms, (.tracks | length), .checks]' \
		<<<"$output"
	assert_output '["vc.record/1",6000,2,null]'
}

@test "verify: a recording that is whole holds in every line, and says what it did not look at" {
	run -0 vc-record verify "$files/al.webm"
	[ "$(grep -c '^ok ' <<<"$output")" -eq 10 ]
	refute_output --partial FAIL
	run -0 vc-record verify --headers "$files/al.webm"
	assert_line --regexp '^- +decodes +not looked at: --headers'
	run -0 vc-record verify --json "$files/al.webm"
	run -0 jq -c '[.checks[].holds]' <<<"$output"
	assert_output '[true,true,true,true,true,true,true,true,true,true]'
}

@test "verify: what ffprobe counts is what it counts" {
	local kind

	vc-record info --json "$files/al.webm" >ours
	for kind in audio video; do
		run -0 ffprobe -v error -select_streams "${kind:0:1}" \
			-count_packets -show_entries stream=nb_read_packets \
			-of csv=p=0 "$files/al.webm"
		[ "$output" = "$(jq ".tracks[] |
			select(.kind == \"$kind\").units" ours)" ]
	done
}

# "SIZE,PLACE" of each unit of file $1, as ffmpeg finds them.
units()
{
	ffprobe -v error -show_entries packet=size,pos -of csv=p=0 "$1"
}

@test "verify: a cut recording fails, exit 3; repair makes it whole and takes the .part away" {
	local size whole

	size=$(stat -c %s "$files/al.webm")
	head -c $((size / 2)) "$files/al.webm" >b.webm.part
	run -3 vc-record verify b.webm.part
	assert_line --regexp '^FAIL +finished +ends in the middle; `vc-record repair`'
	run -1 --separate-stderr vc-record info b.webm.part
	assert_line --partial 'tracks'
	run -0 --separate-stderr vc-record repair b.webm.part
	assert_output b.webm
	[ ! -e b.webm.part ]
	[ ! -e b.webm.mended.part ]
	run -0 vc-record verify b.webm
	# All units that lay whole in the half are there, but one at its end.
	ffmpeg -v error -i b.webm -f null -
	whole=$(units "$files/al.webm" | awk -F, -v half=$((size / 2)) \
		'$1 + $2 <= half' | wc -l)
	[ "$whole" -gt 100 ]
	[ "$(units b.webm | wc -l)" -ge $((whole - 1)) ]
}

@test "repair: a whole recording comes out as it was, unit by unit" {
	vc-record repair "$files/al.webm" new.webm
	for file in "$files/al.webm" new.webm; do
		ffprobe -v error -show_packets -show_data_hash md5 -show_entries \
			packet=stream_index,pts,flags,data_hash -of csv "$file"
	done >both
	split -n l/2 both half.
	[ -s half.aa ]
	diff half.aa half.ab
	[ -e "$files/al.webm" ]
}

@test "repair: never over what is there, nor without a name" {
	cp "$files/al.webm" c.webm.part
	echo mine >c.webm
	run -1 vc-record repair c.webm.part
	assert_output --partial 'c.webm: is there already: --overwrite replaces it'
	[ "$(cat c.webm)" = mine ]
	vc-record repair --overwrite c.webm.part
	run -0 vc-record verify c.webm
	run -2 vc-record repair c.webm
	assert_output --partial 'has no .part at its end: name the NEW file'
	run -1 vc-record repair nosuch.webm
	assert_output --partial 'nosuch.webm: open: No such file or directory'
	run -2 vc-record repair c.webm d.txt
	assert_output --partial '.webm, .mkv, .mp4, .ogg, .wav or .ivf is due'
}

@test "verify: octets that were changed are found" {
	local at

	# In the middle of the first key frame: its size says another picture.
	at=$(grep -abo $'\x9d\x01\x2a' "$files/al.webm" | head -n 1 | cut -d : -f 1)
	cp "$files/al.webm" bad.webm
	printf '\x00' | dd of=bad.webm bs=1 seek="$at" conv=notrunc status=none
	run -3 vc-record verify bad.webm
	assert_line --regexp '^FAIL +(readable|decodes)'
	# Nonsense where an element begins.
	cp "$files/al.webm" worse.webm
	at=$(($(stat -c %s worse.webm) / 2))
	head -c 2000 /dev/zero |
		dd of=worse.webm bs=1 seek="$at" conv=notrunc status=none
	run -3 vc-record verify worse.webm
	assert_line --regexp '^FAIL +readable'
}

@test "other files, none, and wrong usage: a line each" {
	run -1 vc-record verify /etc/passwd
	assert_output 'vc-record verify: /etc/passwd: is text: a recording is due'
	run -1 vc-record info .
	assert_output 'vc-record info: .: open: Is a directory'
	mkfifo pipe
	run -1 vc-record info pipe
	assert_output 'vc-record info: pipe: open: not a regular file'
	run -2 vc-record verify
	run -2 vc-record verify a b
	run -0 vc-record --help
	assert_line --regexp '^  verify FILE +proves'
	run -0 vc-record verify --help
	assert_output --partial '--headers'
}

@test "killed at any moment, it opens, plays, and is mended" {
	local at total made=0

	total=$(stat -c %s "$files/al.vcrtp")
	mkfifo in
	for n in {1..20}; do
		vc-record -q -i in "$n.webm" 3>&- &
		pids=("$!")
		exec {keep}>in
		at=$((total * n / 21))
		head -c "$at" "$files/al.vcrtp" >&"$keep"
		# At a time when there is something, and whenever that is.
		[ "$n" -le 8 ] || wait_for [ -s "$n.webm.part" ]
		kill -KILL "${pids[0]}"
		wait "${pids[0]}" || :
		exec {keep}>&-
		# It may not have come to it yet.
		[ -s "$n.webm.part" ] || continue
		ffmpeg -v error -i "$n.webm.part" -f null -
		vc-record repair "$n.webm.part"
		vc-record verify "$n.webm"
		made=$((made + 1))
	done
	[ "$made" -ge 12 ]
}

@test "killed after so much has come: all but the last second of it is there" {
	local from

	mkfifo in
	vc-record -q -i in --stats=stats al.webm 3>&- &
	pids=("$!")
	exec {keep}>in
	head -c $(($(stat -c %s "$files/al.vcrtp") * 4 / 5)) "$files/al.vcrtp" \
		>&"$keep"
	# Its first record is that of the first second.
	until from=$(head -n 1 stats | jq .t) && [ -n "$from" ] &&
		jq -e "select(.t >= $from + 3000000)" stats; do :; done
	kill -KILL "${pids[0]}"
	exec {keep}>&-
	# It may end in the middle of a unit, or behind one.
	run --separate-stderr vc-record info --json al.webm.part
	run -0 jq '.tracks | all(.to_ms >= 3000)' <<<"$output"
	assert_output true
	vc-record repair al.webm.part
	vc-record verify al.webm
}

@test "verify: what lies beside a recording must be about it" {
	cp "$files"/al.webm* .
	run -0 vc-record verify al.webm
	assert_line --regexp '^ok +checksum +SHA-256 [0-9a-f]{16}\.\.\. as written'
	assert_line --regexp '^ok +manifest +2 tracks in the manifest, 2 in the file'
	assert_line --regexp '^ok +events '
	# One more unit than there is; another track's end.
	jq -c '.tracks[1].units += 1' <al.webm.json >x && mv x al.webm.json
	run -3 vc-record verify al.webm
	assert_line --regexp '^FAIL +manifest +track 2 has another number of units'
	jq -c '.tracks[1].units -= 1 | .tracks[0].end_ms += 100' <al.webm.json >x
	mv x al.webm.json
	run -3 vc-record verify al.webm
	assert_line --regexp '^FAIL +manifest +track 1 ends at another time'
	# Events that somebody wrote into, or took away.
	cp "$files/al.webm.json" .
	sed -i 's/"join"/"leave"/' al.webm.events.jsonl
	run -3 vc-record verify al.webm
	assert_line --regexp '^FAIL +events .* is not what was written'
	rm al.webm.events.jsonl
	run -3 vc-record verify al.webm
	assert_line --regexp '^FAIL +events +no FILE.events.jsonl'
	# Another recording, which is sound in itself.
	cp "$files"/al.webm.events.jsonl .
	vc-record -q --overwrite --no-sidecar -i "$files/al.vcrtp" -t 3s al.webm
	run -3 vc-record verify al.webm
	assert_line --regexp '^ok +decodes'
	assert_line --regexp '^FAIL +checksum .* is not what was written'
	# None: that is said.
	rm al.webm.*
	run -0 vc-record verify al.webm
	assert_line --regexp '^- +checksum +not looked at: no FILE.json beside it'
	echo '{}' >al.webm.json
	run -0 vc-record verify al.webm
	assert_line --regexp '^- +checksum +not looked at: FILE.json is no manifest'
}

@test "convert: a recording of packets becomes the WebM that was written at once, and back again" {
	vc-record convert "$files/al.vcrtp" new.webm
	cmp new.webm "$files/al.webm"
	vc-record convert new.webm back.vcrtp.gz
	vc-record convert back.vcrtp.gz again.webm
	vc-record verify again.webm
	for file in new.webm again.webm; do
		ffprobe -v error -show_packets -show_data_hash md5 -show_entries \
			packet=stream_index,pts,data_hash -of csv "$file" >"$file.csv"
	done
	[ "$(wc -l <new.webm.csv)" -eq 360 ]
	diff new.webm.csv again.webm.csv
	run -2 vc-record convert new.webm
	run -2 vc-record convert -i new.webm a.webm b.webm
	assert_output --partial '-i is not for this'
}

@test "replay: packets come as they came, bit for bit; of WebM a stream is made" {
	vc-record replay "$files/al.vcrtp" | cmp - "$files/al.vcrtp"
	vc-record replay "$files/al.webm" | vc-record -q again.webm
	vc-record verify again.webm
	run -2 vc-record replay "$files/al.webm" b.webm
	assert_output --partial 'it goes to stdout'
}

# packets: al.vcrtp in all formats of packets.
packets()
{
	cp "$files/al.vcrtp" al.vcrtp
	vc-record -q -i al.vcrtp al.vcrtp.gz al.pcapng al.rtpdump
}

@test "packets: what is in them, source by source, and that they are whole" {
	local all pictures

	packets
	vc-probe --packets=json al.vcrtp >packets.json
	all=$(jq -s 'map(select(.type | . == "rtp" or . == "rtcp")) | length' \
		packets.json)
	pictures=$(jq -s 'map(select(.type == "rtp" and .pt == 96)) | length' \
		packets.json)
	for suffix in vcrtp vcrtp.gz pcapng rtpdump; do
		run -0 vc-record verify al.$suffix
		assert_line --regexp "^ok +readable +$all packets, 0 broken"
		assert_line --regexp '^ok +finished'
		assert_line --regexp '^ok +sequence +0 packets missing'
		assert_line --regexp "^ +1 .* $pictures .* al"
		assert_line --regexp '^ +2 .* 300 .* al'
	done
	run -0 vc-record verify --headers --json al.vcrtp.gz
	run -0 jq -c '[.tracks[] | .codec, .units, .missing], .tracks[0].width,
		[.checks[].holds], .duration_ms' <<<"$output"
	assert_output "[\"VP8\",$pictures,0,\"opus\",300,0]"$'\n160\n[true,true,true,true,true]\n6000'
	(umask 077; vc-record new-key >k)
	vc-record -q -i al.vcrtp --encrypt-key-file k safe.vcrtp
	run -0 vc-record verify --decrypt-key-file k safe.vcrtp.vcenc
	assert_line --regexp '^ok +authentic'
	head -c 100000 safe.vcrtp.vcenc >cut.vcrtp.vcenc.part
	run -3 vc-record verify --decrypt-key-file k cut.vcrtp.vcenc.part
	run -0 --separate-stderr vc-record repair --decrypt-key-file k \
		cut.vcrtp.vcenc.part cut.vcrtp.vcenc
	vc-record verify --decrypt-key-file k cut.vcrtp.vcenc
}

# plain FILE: as it is before gzip, as far as that goes.
plain() { if [[ $1 == *.gz* ]]; then gzip -dc "$1" 2>/dev/null || :; else cat "$1"; fi; }

@test "packets: cut anywhere they are cut back to the last whole one" {
	local size at

	packets
	for suffix in vcrtp vcrtp.gz pcapng rtpdump; do
		size=$(stat -c %s al.$suffix)
		for n in {1..10} end; do
			at=$((n == end ? size - 1 : size * n * n / 121 + n))
			head -c $at al.$suffix >b.$suffix.part
			run --separate-stderr vc-record repair b.$suffix.part
			if [ "$status" -eq 4 ]; then
				[ ! -e b.$suffix ]
				[ $at -lt 2500 ]
				continue
			fi
			assert_output b.$suffix
			[ ! -e b.$suffix.part ]
			run -0 vc-record verify b.$suffix
			# Nothing but the piece that was cut is missing.
			plain b.$suffix >plain.b
			head -c $at al.$suffix >part.gz
			[ $suffix = vcrtp.gz ] || mv part.gz part
			[ $suffix != vcrtp.gz ] || plain part.gz >part
			cmp -n "$(stat -c %s plain.b)" part plain.b
			[ $(($(stat -c %s part) - $(stat -c %s plain.b))) -lt 1500 ]
			rm b.$suffix
		done
	done
	head -c 40000 al.vcrtp >c.vcrtp.part
	run -3 vc-record verify c.vcrtp.part
	assert_line --regexp '^FAIL +finished +ends in the middle; .* repair'
	run -1 --separate-stderr vc-record info c.vcrtp.part
	run -2 vc-record repair c.vcrtp.part c.webm
	assert_output --partial 'c.webm: .vcrtp is due, as c.vcrtp.part is'
	echo mine >c.vcrtp
	run -1 vc-record repair c.vcrtp.part
	[ "$(cat c.vcrtp)" = mine ]
}

# without N [FROM TO]: a stream without the Nth packet of media; FROM in its
# description is TO.
without()
{
	PYTHONPATH=$BATS_TEST_DIRNAME python3 -c '
import sys
from vcframes import frame, frames, is_rtp
n, left = 0, int(sys.argv[1])
for p in frames(sys.stdin.buffer.read()):
    n += is_rtp(p)
    if is_rtp(p) and n == left:
        continue
    if p[:2] == b"v=" and sys.argv[2:]:
        p = p.replace(sys.argv[2].encode(), sys.argv[3].encode())
    sys.stdout.buffer.write(frame(p))' "$@"
}

# net SSRC LOST: a frame in which a socket says so.
net()
{
	local event="{\"ev\":\"net\",\"ssrc\":$1,\"lost\":$2}"

	printf "\\x00\\x$(printf %02x ${#event})%s" "$event"
}

@test "packets: what is missing, changed, or of no format is found" {
	local at ssrc event

	without 100 <"$files/al.vcrtp" >a.vcrtp
	run -0 vc-record verify a.vcrtp
	assert_line --regexp '^- +sequence +1 packets missing, and nothing says why'
	assert_line --regexp '^ +1 packets missing'
	# The network lost it; and another one that it did not lose.
	ssrc=$(vc-record info --json a.vcrtp |
		jq '.tracks[] | select(.missing == 1) | .ssrc')
	net "$ssrc" 1 >>a.vcrtp
	run -0 vc-record verify a.vcrtp
	assert_line --regexp '^ok +sequence +1 packets missing, the network lost 1'
	# As many as it lost came twice, which a socket counts against each other.
	without 101 <"$files/al.vcrtp" | without 100 >dup.vcrtp
	ssrcs=$(vc-record info --json dup.vcrtp | jq '.tracks[].ssrc')
	for ssrc in $ssrcs; do
		net "$ssrc" '0,"dup":2' >>dup.vcrtp
	done
	run -0 vc-record verify dup.vcrtp
	assert_line --regexp '^ok +sequence +2 packets missing, the network lost 4'
	for ssrc in $ssrcs; do
		net "$ssrc" '-3,"dup":3' >>dup.vcrtp
	done
	run -3 vc-record verify dup.vcrtp
	assert_line --regexp '^FAIL +sequence .* the network lost 0'
	without 105 <a.vcrtp | without 104 | without 103 >b.vcrtp
	run -3 vc-record verify b.vcrtp
	assert_line --regexp '^FAIL +sequence +track 2: 4 packets missing, of which the network lost 1$'
	without 0 opus/48000 other/8000 <"$files/al.vcrtp" |
		without 0 111 112 >c.vcrtp
	run -3 vc-record verify c.vcrtp
	assert_line --regexp '^FAIL +described +300 packets'
	# Nonsense where a frame begins, and in a gzip file.
	at=$(($(stat -c %s "$files/al.vcrtp") / 2))
	cp "$files/al.vcrtp" d.vcrtp
	head -c 3000 /dev/zero | tr '\0' '\377' |
		dd of=d.vcrtp bs=1 seek=$at conv=notrunc status=none
	run -3 vc-record verify d.vcrtp
	assert_line --regexp '^FAIL +finished +ends in the middle; .* repair'
	gzip -c a.vcrtp >e.vcrtp.gz
	head -c 300 /dev/zero |
		dd of=e.vcrtp.gz bs=1 seek=$at conv=notrunc status=none
	run -3 vc-record verify e.vcrtp.gz
	assert_line --regexp '^FAIL +readable +malformed near octet'
	echo words | gzip >f.vcrtp.gz
	run -3 vc-record verify f.vcrtp.gz
	run -4 vc-record repair f.vcrtp.gz g.vcrtp.gz
	[ ! -e g.vcrtp.gz ]
}

@test "packets: of more sources than can be looked at nothing is promised" {
	# crowd N: a packet of each of N others behind the stream.
	crowd()
	{
		PYTHONPATH=$BATS_TEST_DIRNAME python3 -c '
import sys
from vcframes import frame, frames, is_rtp
octets = sys.stdin.buffer.read()
sys.stdout.buffer.write(octets)
one = next(p for p in frames(octets) if is_rtp(p))
for n in range(int(sys.argv[1])):
    sys.stdout.buffer.write(frame(one[:8] + n.to_bytes(4, "big") + one[12:]))
' "$1"
	}
	crowd 510 <"$files/al.vcrtp" >full.vcrtp
	run -0 vc-record verify full.vcrtp
	assert_line --regexp '^ok +order'
	assert_line --regexp '^ok +sequence'
	crowd 513 <"$files/al.vcrtp" >over.vcrtp
	run -0 vc-record verify over.vcrtp
	assert_line --regexp '^- +order +0 .*; 3 packets of sources over 512 not looked at'
	assert_line --regexp '^- +sequence +0 .*; 3 packets of sources over 512'
	run -0 vc-record verify --json over.vcrtp
	run -0 jq -c '[.checks[] | select(.holds == null) | .check]' <<<"$output"
	assert_output '["order","sequence"]'
}
