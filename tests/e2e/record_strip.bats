#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# --strip: what is private goes out of packets, and the call can still be
# judged.

bats_require_minimum_version 1.5.0
load record

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 3s --seed 1 --name 'Ann Secret' --size 160x90 \
		test: >a.vcrtp
	echo 'top secret words' | vc-capture --virtual -t 3s --seed 2 \
		--name 'Bob Private' --size 160x90 --vcodec h264 --acodec pcmu \
		--text - test: >b.vcrtp
	vc-record -i a.vcrtp -i b.vcrtp in.vcrtp
}

setup()
{
	begin
	in=$BATS_FILE_TMPDIR/in.vcrtp
}

# What a look at each packet tells, but what it carries.
shape()
{
	vc-probe --packets "$1" 2>/dev/null | grep ' rtp '
}

# What of the sources vc-probe reports, by SSRC, without their names.
figures()
{
	vc-probe --json "$1" 2>/dev/null | jq -cS '.sources[] |
		del(.name, .cname, .id, .id_by, .who, .participant)' | sort
}

# octets FILE: as they are in it.
octets()
{
	case $1 in
	*.gz) zcat "$1" ;;
	*) cat "$1" ;;
	esac
}

@test "no name, word or sound is in the octets, in any format" {
	local f cname word
	run -0 --separate-stderr vc-record convert \
		--strip=payload,addresses,names "$in" \
		out.vcrtp out.vcrtp.gz out.pcapng out.rtpdump
	assert_regex "$stderr" 'strip: .*heard and seen.*cannot be judged'
	cname=$(vc-probe --json "$in" | jq -r '.participants[].cname')
	[ "$(wc -l <<<"$cname")" = 2 ]
	for f in out.*; do
		for word in Ann Secret Bob Private secret words $cname; do
			octets "$in" | grep -aqF -e "$word"
			run -1 grep -aqF -e "$word" <(octets "$f")
		done
	done
	# Nor is the end of any packet of some length.
	python3 "$BATS_TEST_DIRNAME/ends.py" "$in" out.vcrtp out.pcapng \
		out.rtpdump
}

@test "what is not private is as it was: packets, times, pictures, key frames, reports" {
	vc-record convert --strip=payload,addresses,names "$in" out.vcrtp
	shape "$in" >want
	[ "$(wc -l <want)" -gt 300 ]
	diff want <(shape out.vcrtp)
	diff <(figures "$in") <(figures out.vcrtp)
	vc-probe --json out.vcrtp 2>/dev/null | jq -e '
		[.sources[] | select(.kind == "video")] |
		length == 2 and all(.frames == 90 and .width == 160)'
}

@test "a reader is told, and a converter goes on telling" {
	vc-record convert --strip=payload,names "$in" one.vcrtp
	vc-record convert -t 2s one.vcrtp two.vcrtp
	run -0 vc-probe two.vcrtp
	assert_output --partial \
		'two.vcrtp: was made with --strip, without payload names'
	vc-record convert --strip=payload "$in" out.pcapng
	run -0 capinfos out.pcapng
	assert_output --partial 'stripped: payload'
}

@test "addresses become those for documentation, the same the same" {
	vc-record convert --select kind=audio --select kind=video "$in" in.pcapng
	run -0 vc-record convert --strip=addresses in.pcapng out.pcapng
	tshark -r in.pcapng -T fields -e ip.src 2>/dev/null | sort | uniq -c |
		awk '{ print $1 }' | sort >want
	run -0 tshark -r out.pcapng -T fields -e ip.src
	refute_output --regexp '^192\.0\.2\.'
	assert_output --partial '203.0.113.1'
	diff want <(tshark -r out.pcapng -T fields -e ip.src 2>/dev/null |
		sort | uniq -c | awk '{ print $1 }' | sort)
}

@test "one of them alone leaves the others" {
	vc-record convert --strip=names "$in" names.vcrtp
	grep -aqF 'top secret' names.vcrtp
	run -1 grep -aqF 'Ann Secret' names.vcrtp
	vc-record convert --strip=payload "$in" payload.vcrtp
	grep -aqF 'Ann Secret' payload.vcrtp
	run -1 grep -aqF 'top secret' payload.vcrtp
}

@test "media and words that are not known are refused" {
	run -2 vc-record convert --strip=names "$in" out.webm
	assert_output --partial 'out.webm: --strip is for packets'
	run -2 vc-record convert --strip=names,face "$in" out.vcrtp
	assert_output --partial 'payload, addresses and names are known'
	run -2 vc-record convert --strip= "$in" out.vcrtp
	assert [ ! -e out.webm ]
	assert [ ! -e out.vcrtp ]
}
