#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-record --tracks of packets: a file for each participant, or source.

bats_require_minimum_version 1.5.0
load record

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 3s --name alice --size 160x90 test: >a.vcrtp
	vc-capture --virtual --seed 2 -t 2s --start 500ms --name ../bob \
		--size 160x90 test: >b.vcrtp
}

setup()
{
	begin
	in=(-i "$BATS_FILE_TMPDIR/a.vcrtp" -i "$BATS_FILE_TMPDIR/b.vcrtp")
}

# packets FILE...: of all of them, by source.
packets()
{
	local f
	for f; do
		vc-probe --json "$f" | jq -r '.sources[] |
			"\(.ssrc) \(.received)"'
	done | sort
}

@test "each participant has a file of his packets, with his name, and all are there" {
	run -0 vc-record "${in[@]}" --tracks=participant '{name}.vcrtp' \
		'{name}.vcrtp.gz'
	assert_equal "$(sort <<<"$output" | tr '\n' ' ')" \
		'_._bob.vcrtp _._bob.vcrtp.gz alice.vcrtp alice.vcrtp.gz '
	vc-record "${in[@]}" all.vcrtp
	assert_equal "$(packets alice.vcrtp _._bob.vcrtp)" "$(packets all.vcrtp)"
	assert_equal "$(packets alice.vcrtp.gz)" "$(packets alice.vcrtp)"
	assert_equal "$(packets alice.vcrtp | wc -l)" 2
	# He is known from the beginning, and on the clock of all.
	assert_equal "$(vc-probe --json _._bob.vcrtp | jq -r \
		'.participants[].name')" ../bob
	vc-record convert alice.vcrtp alice.webm
	vc-record -i "$BATS_FILE_TMPDIR/a.vcrtp" one.webm
	cmp alice.webm one.webm
	# Together they are the meeting again.
	vc-record -i alice.vcrtp -i _._bob.vcrtp both.webm
	vc-record "${in[@]}" same.webm
	assert_equal "$(tracks both.webm)" "$(tracks same.webm)"
}

@test "each source has one, for others to read, encrypted too" {
	run -0 vc-record "${in[@]}" --tracks=source '{name}-{kind}.pcapng' \
		'{ssrc}.rtpdump'
	assert_equal "$(compgen -G '*.pcapng' | sort | tr '\n' ' ')" \
		'_._bob-audio.pcapng _._bob-video.pcapng alice-audio.pcapng alice-video.pcapng '
	assert_equal "$(compgen -G '*.rtpdump' | wc -l)" 4
	for f in *.pcapng *.rtpdump; do
		run -0 vc-recv --pt 111=opus/48000/2 --pt 96=VP8 "$(kind=pcap
			[[ $f == *.pcapng ]] || kind=rtpdump
			echo "$kind:$f")"
	done
	(umask 077; vc-record new-key >k)
	run -0 vc-record "${in[@]}" --tracks=source --encrypt-key-file k \
		'{name}-{kind}.vcrtp'
	assert_line alice-audio.vcrtp.vcenc
	vc-record decrypt --decrypt-key-file k alice-audio.vcrtp.vcenc
	assert_equal "$(packets alice-audio.vcrtp | wc -l)" 1
}

@test "commands end the files, and what is no pattern is wrong" {
	run -0 vc-record "${in[@]}" --tracks=participant --at '1s split' \
		--at '2s stop' '{name}.vcrtp'
	assert_equal "$(sort <<<"$output" | tr '\n' ' ')" \
		'_._bob-2.vcrtp _._bob.vcrtp alice-2.vcrtp alice.vcrtp '
	for f in *.vcrtp; do
		run -0 vc-probe "$f"
	done
	run -2 vc-record "${in[@]}" --tracks=participant one.vcrtp
	assert_output --partial 'a name is due that differs'
	run -2 vc-record "${in[@]}" --tracks=source -f vcrtp -
}

@test "reports of 5,000 strangers leave room for who sends, and what was said of him" {
	python3 - "${in[1]}" >many.vcrtp <<-'END'
		import sys
		from vcframes import frame, frames, is_rtp
		out, began = sys.stdout.buffer, False
		for p in frames(open(sys.argv[1], "rb").read()):
		    if is_rtp(p) and not began:
		        began = True
		        for ssrc in range(5000):
		            out.write(frame(b"\x80\xc9\0\1" + ssrc.to_bytes(4, "big")))
		    out.write(frame(p))
	END
	run -0 vc-record -i many.vcrtp --tracks=participant '{name}.vcrtp'
	assert_output alice.vcrtp
	assert_equal "$(packets alice.vcrtp)" "$(packets "${in[1]}")"
}
