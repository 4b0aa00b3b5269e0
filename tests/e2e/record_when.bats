#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-record: when it begins, when another file goes on, and what it says of the
# time in between.

bats_require_minimum_version 1.5.0
load record

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 6s --name alice --size 160x90 --keyint 500ms \
		test: >alice.vcrtp
	vc-capture --virtual -t 3s --start 1s --name bob --size 160x90 \
		test: >bob.vcrtp
}

setup()
{
	begin
	alice=$BATS_FILE_TMPDIR/alice.vcrtp
	bob=$BATS_FILE_TMPDIR/bob.vcrtp
}

# about FILE: "BEGIN DURATION" of a recording, in milliseconds
about()
{
	jq -r '[.begin_ms, .duration_ms | floor | tostring] | join(" ")' \
		"$1.json"
}

# starts_with_key FILE: all its pictures do
starts_with_key()
{
	run -0 ffmpeg -nostdin -v error -i "$1" -map 0 -f null -
	refute_output
	run -0 ffprobe -v error -select_streams v -show_entries packet=flags \
		-read_intervals '%+#1' -of csv=p=0 "$1"
	assert_line --index 0 --partial K
}

@test "segments by time and by size lose nothing and begin with a key frame" {
	vc-record -i "$alice" -i "$bob" all.webm
	vc-record -i "$alice" -i "$bob" --segment 900ms 't{n}.webm' >list
	assert_equal "$(wc -l <list)" 6
	cmp <(units all.webm) <(units t000?.webm)
	for f in t000?.webm; do
		starts_with_key "$f"
	done
	assert_equal "$(about t0001.webm)" "0 1000"
	assert_equal "$(jq -r .ended t000?.webm.json | uniq -c |
		tr -s ' \n' ' ')" " 5 segment 1 eof "
	vc-record -i "$alice" --segment 40k 's{n}.mkv' >list
	n=$(wc -l <list)
	[ "$n" -ge 3 ]
	vc-record -i "$alice" all.mkv
	cmp <(units all.mkv) <(units s00??.mkv)
	for f in $(head -n -1 list); do
		[ "$(stat -c %s "$f")" -ge 40000 ]
	done
}

@test "segments of sound alone, and of H.264, stand alone" {
	vc-record -i "$alice" --select kind=audio --segment 1s 'a{n}.webm'
	assert_equal "$(compgen -G 'a*.webm' | wc -l)" 6
	vc-record -i "$alice" --select kind=audio all.webm
	cmp <(units all.webm) <(units a000?.webm)
	vc-capture --virtual -t 3s --vcodec h264 --size 160x90 --keyint 500ms \
		test: >h.vcrtp
	vc-record -i h.vcrtp --segment 1s 'h{n}.mkv'
	for f in h0001.mkv h0002.mkv h0003.mkv; do
		starts_with_key "$f"
	done
}

@test "what a recording begins with" {
	# The first second of the pictures' packets is lost.
	python3 -c '
import sys
from vcframes import frame, is_rtp, timed
start = None
for now, p in timed(sys.stdin.buffer.read()):
    start = start or now
    if not (is_rtp(p) and p[1] & 127 == 96 and now - start < 1.2e9):
        sys.stdout.buffer.write(frame(p))' <"$alice" >late.vcrtp
	vc-record -i late.vcrtp --start-on=keyframe k.webm
	assert_equal "$(about k.webm)" "1500 4500"
	starts_with_key k.webm
	vc-record -i late.vcrtp first.webm
	assert_equal "$(about first.webm)" "0 6000"
	# Before the first one of all.
	vc-record -i "$alice" -i "$bob" --select name=bob --start-on=now now.webm
	assert_equal "$(jq -r '.epoch, (.tracks[0].offset_ms | floor)' now.webm.json |
		tr '\n' ' ')" "2000-01-01T00:00:00.000000Z 1020 "
	# Who is silent for two seconds, as far as is heard.
	vc-capture --virtual -t 5s --name v --size 160x90 --at '0 mute' \
		--at '2s unmute' test: >v.vcrtp
	vc-record -i v.vcrtp --start-on=voice v.webm
	read -r at _ < <(about v.webm)
	[ "$at" -ge 1780 ]
	[ "$at" -le 2080 ]
}

@test "a start reaches back, from a key frame" {
	vc-record -i "$alice" --start-on=command --at '3s start' c.webm
	vc-record -i "$alice" --start-on=command --at '3s start' \
		--pre-roll 1200ms b.webm
	read -r at _ < <(about c.webm)
	[ "$at" -ge 2960 ]
	[ "$at" -le 3000 ]
	read -r at _ < <(about b.webm)
	[ "$at" -ge 1760 ]
	[ "$at" -le 1800 ]
	starts_with_key b.webm
	# All that the other one has, too, and nothing twice.
	vc-record -i "$alice" all.webm
	assert_equal "$(units b.webm | sort | uniq -d)" ""
	run -0 comm -13 <(units all.webm | sort) <(units b.webm | sort)
	assert_equal "${#lines[@]}" 0
	run -0 comm -23 <(units c.webm | sort) <(units b.webm | sort)
	assert_equal "${#lines[@]}" 0
	# Nobody said so: nothing, and a clear word.
	run -4 vc-record -i "$alice" --start-on=command n.webm
	assert_output 'vc-record: n.webm: nothing was recorded'
	run ! compgen -G 'n.webm*'
}

# gaps FILE KIND: "WHY FROM TO" in milliseconds of stream time
gaps()
{
	jq -sr --arg kind "$2" '(map(select(.ev == "join" and .kind == $kind)) |
		map(.ssrc)) as $mine | map(select(.ev == "gap" and (.ssrc == null or
			(.ssrc | IN($mine[]))))) | sort_by(.from)[] |
		[.why, (.from, .to | . / 1000 - 946684800000 | floor |
			tostring)] | join(" ")' "$1.events.jsonl"
}

# are GOT...: lines of "WHY FROM TO", each time within 100 ms
are()
{
	python3 -c 'import sys
got = [line.split() for line in sys.stdin.read().splitlines()]
want = [w.split() for w in sys.argv[1:]]
print("got", got, "want", want)
assert [g[0] for g in got] == [w[0] for w in want]
for g, w in zip(got, want):
    assert all(abs(int(a) - int(b)) <= 100 for a, b in zip(g[1:], w[1:]))
' "$@"
}

@test "gaps are told apart: DTX, mute, loss, stall, pause, leave" {
	# A blackout of 10 s, and a sender that stands still for 3 s; what the
	# stream itself says of gaps is left out in the second one.
	vc-capture --virtual -t 32s --name m --size 160x90 --fps 10 \
		--keyint 500ms --dtx --at '3s mute' --at '5500ms unmute' \
		test: >m.vcrtp
	cat >edit.py <<-'END'
		import sys
		from vcframes import frame, is_rtcp, is_rtp, timed
		said, start = sys.argv[1] == "said", 0
		for now, p in timed(sys.stdin.buffer.read()):
		    start = start or now
		    if p[:1] == b"T" and now - start >= 25e9:
		        p = p[:2] + (now + 3 * 10**9).to_bytes(8, "big")
		    is_media = is_rtp(p) or is_rtcp(p)
		    if is_media and 10e9 <= now - start < 20e9:
		        continue
		    if not said and p[:12] == b'{"ev":"gap",':
		        continue
		    sys.stdout.buffer.write(frame(p))
	END
	python3 edit.py said <m.vcrtp >said.vcrtp
	python3 edit.py unsaid <m.vcrtp >unsaid.vcrtp
	vc-record -i unsaid.vcrtp --at '30s pause' --at '32s resume' u.webm
	gaps u.webm audio >got
	are <got "dtx 3200 5500" "loss 10000 20000" \
		"stall 25000 28000" "pause 30000 32000"
	gaps u.webm video | grep -v loss | are "stall 25000 28000" \
		"pause 30000 32000"
	vc-record -i said.vcrtp s.webm
	gaps s.webm audio | grep -v dtx | are "mute 3000 5500" \
		"loss 10000 20000" "stall 25000 28000"
	# What was guessed says so.
	assert_equal "$(jq -sc 'map(select(.ev == "gap" and .guessed) | .why) |
		unique' u.webm.events.jsonl)" '["dtx","stall"]'
	# Who leaves and comes back, and who sends nothing for two seconds.
	vc-capture --virtual -t 8s --start 10s --seed 2 --name m --cname c \
		--size 160x90 --at '2s pause' --at '4s resume' test: >b.vcrtp
	vc-capture --virtual -t 2s --name m --cname c --size 160x90 \
		test: >a.vcrtp
	python3 edit.py unsaid <b.vcrtp >b2.vcrtp
	vc-record -i a.vcrtp -i b2.vcrtp r.webm
	gaps r.webm audio | head -n 2 | are "leave 2000 10000" \
		"mute 12000 14000"
}

# shifted SECONDS FROM: from there on all of the stream comes so much later, as of
# a sender whose clocks stood still: its reports say what time it is then.
shifted()
{
	python3 -c '
import struct, sys
from vcframes import frame, is_rtcp, timed
by, after = int(sys.argv[1]), int(sys.argv[2])
begin = 0
for now, p in timed(sys.stdin.buffer.read()):
    begin = begin or now
    if now - begin >= after * 10**9:
        if p[:1] == b"T":
            p = p[:2] + struct.pack(">Q", now + by * 10**9)
        elif is_rtcp(p) and p[1] == 200:
            sec = struct.unpack(">I", p[8:12])[0]
            p = p[:8] + struct.pack(">I", sec + by) + p[12:]
    sys.stdout.buffer.write(frame(p))
' "$@"
}

@test "a meeting: whose gap it is, why, when; and the time behind a stall" {
	# Of al nothing says what his gaps are; a network has a blackout.
	vc-capture --virtual -t 34s --size 160x90 --fps 10 --keyint 500ms \
		--vbitrate 100k --name al --cname al --dtx --marks \
		--at '3s mute' --at '5500ms unmute' test: | shifted 3 25 |
		vc-impair --seed 5 delay=40ms jitter=10ms:ordered \
			blackout=10s from=10s >al.vcrtp
	vc-capture --virtual -t 37s --size 160x90 --fps 10 --keyint 500ms \
		--vbitrate 100k --name bo --cname bo --seed 2 --marks test: \
		>bo.vcrtp
	python3 -c '
import sys
from vcframes import frame, frames
for p in frames(sys.stdin.buffer.read()):
    if p[:12] != b"{\"ev\":\"gap\",":
        sys.stdout.buffer.write(frame(p))
' <al.vcrtp >unsaid.vcrtp
	vc-record -q -i unsaid.vcrtp -i bo.vcrtp --at '22s pause' \
		--at '24s resume' m.webm
	for who in al bo; do
		jq -sr --arg who $who '(map(select(.ev == "join" and
			.name == $who and .kind == "audio"))[0].ssrc) as $his |
			map(select(.ev == "gap" and (.ssrc == null or
				.ssrc == $his))) | sort_by(.from)[] |
			[.why, (.from, .to | . / 1000 - 946684800000 | floor |
			tostring)] | join(" ")' m.webm.events.jsonl >gaps.$who
	done
	# A mute of his, the first bit of which his encoder still sends.
	are <gaps.al "dtx 3200 5500" "loss 10000 20000" "pause 22000 24000" \
		"stall 25000 28000"
	are <gaps.bo "pause 22000 24000"
	# What he took at 30 s is at 33 s, beside what bo did then.
	vc-probe --marks --json --part 30s-36s m.webm >report
	run -0 jq -c '[.sources[] | select(.who == "al") |
		.marks.delay_ms.median | . - 3040 | fabs < 100]' report
	assert_output '[true,true]'
	run -0 jq -c '[.sources[] | select(.kind == "audio") |
		.marks.av_offset_ms | fabs <= 10]' report
	assert_output '[true,true]'
}
