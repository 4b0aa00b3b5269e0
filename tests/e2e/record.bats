#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-record: files that other programs read, times that are right, and what is
# left when something goes wrong.

bats_require_minimum_version 1.5.0
load record.bash

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	for name in alice bob; do
		vc-capture --virtual -t 2s --name "$name" test: >"$name.vcrtp"
	done
}

setup()
{
	begin
	alice=$BATS_FILE_TMPDIR/alice.vcrtp
	bob=$BATS_FILE_TMPDIR/bob.vcrtp
}

# packets FILE...: a sum over the RTP packets of vc streams, as they come.
packets()
{
	cat "$@" | python3 -c '
import hashlib, sys
from vcframes import frames, is_rtp
sum = hashlib.sha256()
for p in filter(is_rtp, frames(sys.stdin.buffer.read())):
    sum.update(p)
print(sum.hexdigest())'
}

@test "ten seconds are ten seconds, sound with picture, twice the same" {
	vc-capture --virtual --duration 10s test: >ten.vcrtp
	run -0 --separate-stderr vc-record a.webm <ten.vcrtp
	assert_output a.webm
	refute [ -e a.webm.part ]
	assert_equal "$(stat -c %a a.webm)" 600
	read -r a0 a1 < <(times a a.webm)
	read -r v0 v1 < <(times v a.webm)
	between 9950 "$a1" 10050
	between 9950 "$v1" 10050
	between -20 $((a0 - v0)) 20
	# OpusHead with 312 samples of pre-skip; CodecDelay of 6.5 ms.
	run bash -c 'head -c 4000 a.webm | od -An -v -tx1 | tr -d " \n"'
	assert_output --partial 4f70757348656164010138018
	assert_output --partial 56aa83632ea0
	is_sound a.webm
	vc-record -i ten.vcrtp b.webm
	cmp a.webm b.webm
}

@test "one input, every format: the packets stay the same" {
	run -0 vc-record -i "$alice" a.webm a.mkv a.vcrtp a.vcrtp.gz
	assert_output $'a.webm\na.mkv\na.vcrtp\na.vcrtp.gz'
	cmp "$alice" a.vcrtp
	zcat a.vcrtp.gz | cmp - a.vcrtp
	vc-record -i a.vcrtp.gz again.webm
	cmp a.webm again.webm
	is_sound a.mkv
	run head -c 40 a.mkv
	assert_output --partial matroska
}

@test "a live recording says that it is one and names no control socket" {
	run -0 vc-record live.vcrtp live.vcrtp.gz live.webm \
		< <(vc-capture -t 500ms test: | tee came.vcrtp)
	assert_equal "$(packets live.vcrtp)" "$(packets came.vcrtp)"
	assert_equal "$(zcat live.vcrtp.gz | packets)" "$(packets came.vcrtp)"
	run grep -ac x-vc-clock:recorded live.vcrtp
	assert_output 1
	run ! grep -aq x-vc-control live.vcrtp
	vc-record -i live.vcrtp again.webm
	cmp live.webm again.webm
}

@test "recordings one after the other go on in the same tracks" {
	cat "$alice" "$alice" | vc-record c.webm
	assert_equal "$(titles c.webm)" "alice alice "
	assert_equal "$(duration c.webm)" 4.000000
	is_sound c.webm
	# Down a pipe bob comes too late for tracks of his own.
	vc-record -i <(cat "$alice" "$bob") -f webm - >d.webm 2>err
	grep -q 'who comes after the first second is left out' err
	assert_equal "$(titles d.webm)" "alice alice "
}

@test "merged inputs: a pair of tracks each, in both kinds of file" {
	vc-record -i "$alice" -i "$bob" m.webm m.vcrtp
	assert_equal "$(titles m.webm)" "alice bob alice bob "
	is_sound m.webm
	vc-record -i m.vcrtp n.webm
	cmp m.webm n.webm
	# The same SSRC twice.
	vc-record -i "$alice" -i "$alice" same.webm
	assert_equal "$(duration same.webm)" 2.000000
	assert_equal "$(titles same.webm)" "alice alice alice alice "
}

@test "only what is selected, only as long as is wanted" {
	vc-record -i "$alice" -i "$bob" --select name=bob,kind=audio \
		s.webm s.vcrtp
	assert_equal "$(titles s.webm)" "bob "
	vc-record -i s.vcrtp t.webm
	cmp s.webm t.webm
	vc-record -i "$alice" -t 1s u.webm u.vcrtp
	assert_equal "$(duration u.webm)" 1.000000
	vc-record -i u.vcrtp v.webm
	cmp u.webm v.webm
}

@test "a pipe gets a file that plays" {
	# shellcheck disable=SC2016 # meant for the other shell
	run -0 bash -c 'vc-record -i "$1" -f webm - | ffprobe -v error \
		-show_entries stream=codec_name -of csv=p=0 -' - "$alice"
	assert_output $'vp8\nopus'
	vc-record -i "$alice" -f matroska - >p.mkv
	is_sound p.mkv
	# Whoever stops reading ends it in an orderly way.
	# shellcheck disable=SC2016
	run -0 bash -o pipefail -c 'vc-record -i "$1" -f webm - | head -c 5000 |
		wc -c' - "$alice"
	assert_output 5000
}

@test "plain RFC 4571 is recorded and described" {
	vc-capture --virtual -t 1s --plain test: |
		vc-record --pt 111=opus --pt 96=vp8 p.webm p.vcrtp
	is_sound p.webm
	vc-record -i p.vcrtp q.webm
	run ffprobe -v error -show_entries stream=codec_name -of csv=p=0 q.webm
	assert_output $'vp8\nopus'
}

@test "lost packets are gaps: times stay, pictures wait for a key frame" {
	vc-capture --virtual -t 6s test: | python3 -c '
import sys
from vcframes import frame, frames, is_rtp
n = 0
for p in frames(sys.stdin.buffer.read()):
    n += is_rtp(p)
    if not is_rtp(p) or n % 37:
        sys.stdout.buffer.write(frame(p))' | vc-record --stats=stats l.webm
	is_sound l.webm
	read -r _ a1 < <(times a l.webm)
	between 5900 "$a1" 6050
	run -0 jq -s 'last.record | .lost > 10 and .gaps > 10 and .waiting > 10' \
		stats
	assert_output true
}

@test "an interrupt completes the files" {
	mkfifo pipe stats
	exec 4<>stats
	vc-capture test: >pipe 3>&- 4>&- &
	pids+=($!)
	vc-record --stats=stats --stats-interval 100ms i.webm i.vcrtp.gz \
		<pipe >out 3>&- 4>&- &
	recorder=$!
	pids+=("$recorder")
	# Until units are in the file.
	while read -r line <&4; do
		[[ ! $line =~ \"units\":[1-9].*\"units\":[1-9] ]] || break
	done
	kill -INT "$recorder"
	wait "$recorder"
	assert_equal "$(cat out)" $'i.webm\ni.vcrtp.gz'
	is_sound i.webm
	vc-record -i i.vcrtp.gz j.webm
	is_sound j.webm
}

@test "what is there is kept" {
	echo mine >a.webm
	run -1 vc-record a.webm <"$alice"
	assert_output "vc-record: a.webm: is there already: \
--overwrite replaces it"
	assert_equal "$(cat a.webm)" mine
	run -0 vc-record --overwrite a.webm <"$alice"
	is_sound a.webm
	echo running >b.webm.part
	run -1 vc-record --overwrite b.webm <"$alice"
	assert_output --partial 'b.webm.part: is there already'
	assert_equal "$(cat b.webm.part)" running
	# A link is replaced, never followed.
	echo hers >hers
	ln -s hers link.webm
	run -1 vc-record link.webm <"$alice"
	run -0 vc-record --overwrite link.webm <"$alice"
	assert_equal "$(cat hers)" hers
	refute [ -L link.webm ]
	ln -s hers c.webm.part
	run -1 vc-record c.webm <"$alice"
	assert_equal "$(cat hers)" hers
}

@test "no media: exit 4 and nothing left" {
	run -4 vc-record n.webm n.vcrtp </dev/null
	run -4 vc-record n.webm < <(vc-capture --virtual -t 1s --video none \
		--acodec pcmu test:)
	assert_output --partial 'n.webm: nothing came that webm can hold'
	run -1 vc-record n.webm <"$BATS_TEST_FILENAME"
	assert_output --partial 'not a vc stream'
	assert_equal "$(ls)" ""
}

@test "a full disk ends it cleanly; the others go on" {
	run -1 vc-record -f vcrtp -i "$alice" /dev/full
	assert_output 'vc-record: /dev/full: write: No space left on device'
	run -1 --separate-stderr vc-record -i "$alice" -f webm /dev/full x.webm
	assert_output x.webm
	is_sound x.webm
	# Files may have 64 kB (512 octets a block).
	run -1 bash -c 'trap "" XFSZ; ulimit -f 128; vc-record big.webm' <"$alice"
	assert_output "vc-record: big.webm: write: File too large; \
what came before is in big.webm.part"
	refute [ -e big.webm ]
	run ffprobe -v quiet -show_entries stream=codec_name -of csv=p=0 \
		big.webm.part
	assert_output $'vp8\nopus'
	[ -c /dev/full ]
}

@test "a truncated stream is used to its end" {
	size=$(stat -c %s "$alice")
	run -1 --separate-stderr vc-record t.webm < <(head -c $((size - 100)) \
		"$alice")
	assert_output t.webm
	is_sound t.webm
}

@test "a hostile name stays a name" {
	sed 's/alice/\x1b[2J\//g' "$alice" >hostile.vcrtp
	mkdir in
	cd in
	run -0 vc-record -v h.webm <../hostile.vcrtp
	refute_output --partial $'\x1b'
	assert_output --partial '\x1b[2J/: VP8'
	assert_equal "$(ls)" $'h.webm\nh.webm.events.jsonl\nh.webm.json'
	assert_equal "$(ls ..)" $'hostile.vcrtp\nin'
	assert_equal "$(titles h.webm)" '\x1b[2J/ \x1b[2J/ '
}

@test "wrong usage is named" {
	run -2 vc-record a.avi <"$alice"
	assert_output --partial 'a.avi: unknown suffix: .webm, .mkv, .mp4, '
	mkdir dir
	run -2 vc-record dir <"$alice"
	assert_line --partial 'dir: is a directory: name a file in it, as dir/{'
	rmdir dir
	run -2 vc-record verfy a.webm <"$alice"
	assert_line --partial 'verfy: did you mean vc-record verify?'
	for option in --keep --segment; do
		run -2 vc-record "$option" 3 a.webm <"$alice"
		assert_line --partial "$option 3: a time or a size is due"
	done
	run -2 vc-record - <"$alice"
	assert_output --partial 'in which format? -f webm'
	run -2 vc-record <"$alice"
	run -2 vc-record tcp://127.0.0.1:9 <"$alice"
	run -1 vc-record missing/a.webm <"$alice"
	assert_output 'vc-record: missing/a.webm: open: No such file or directory'
	assert_equal "$(ls)" ""
}

@test "VP9 is recorded as it came, and played elsewhere" {
	vc-capture --virtual -t 2s --vcodec vp9 test: >a.vcrtp
	vc-record -i a.vcrtp a.webm
	run ffprobe -v error -show_entries stream=codec_name,nb_read_packets \
		-count_packets -of csv=p=0 a.webm
	assert_line vp9,60
	assert_line opus,100
	run ffmpeg -v error -i a.webm -f null -
	assert_success
	assert_output ''
}
