#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What a recording says of its senders' clocks, and where it puts their media.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load record

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 60s --size 160x90 --fps 5 --vbitrate 50k \
		--keyint 10s --name al --cname al test: >al.vcrtp
}

setup()
{
	begin
	al=$BATS_FILE_TMPDIR/al.vcrtp
}

skew() { python3 "$BATS_TEST_DIRNAME/skew.py" "$@"; }

# What the sidecar of $1 says of both clocks: an array.
clocks()
{
	jq -s 'map(select(.ev == "clock"))' "$1.events.jsonl"
}

# Is $2 true of both clocks of $1?
both()
{
	clocks "$1" | jq -e "length == 2 and all($2)"
}

@test "the clock of each source is measured by all its reports" {
	for ppm in 500 -500 0 37.5; do
		skew $ppm <"$al" | vc-record -q s.webm
		both s.webm '.by == "reports" and .pairs >= 59 and .steps == 0 and
			(.ppm - '$ppm' | fabs < 1) and .residual_ms < 0.1 and
			.span_ms > 58000' || { clocks s.webm && false; }
		rm s.webm*
	done
}

@test "a clock that is set is a step, tilts nothing, and moves no media" {
	for by in 1000 -1000 -86400000; do
		skew 200 30 $by <"$al" | vc-record -q s.webm
		both s.webm '.steps == 1 and (.ppm - 200 | fabs < 1)' ||
			{ clocks s.webm && false; }
		vc-record verify --headers s.webm
		run -0 jq -c '[.tracks[] | .units, (.end_ms - 60000 | fabs < 5),
			.gaps, .dropped]' s.webm.json
		assert_output '[300,true,0,0,3000,true,0,0]'
		rm s.webm*
	done
}

# quiet ALL|sound [CAPTURE] [UNTIL]: sender reports are receiver reports, up to
# that many seconds, and with CAPTURE no packet says either when it was captured.
quiet()
{
	cat >quiet.py <<-'END'
		import struct, sys
		from vcframes import frame, frames, is_rtcp, is_rtp, timed
		whose, says = sys.argv[1], sys.argv[2:3] == ["capture"]
		until = float(sys.argv[3]) * 1e9 if sys.argv[3:] else 1e18
		octets = sys.stdin.buffer.read()
		sound = {p[8:12] for p in frames(octets)
		         if is_rtp(p) and p[1] & 127 == 111}
		begin = 0
		for now, p in timed(octets):
		    begin = begin or now
		    ssrc = p[4:8] if is_rtcp(p) else p[8:12]
		    if (whose == "all" or ssrc in sound) and now - begin < until:
		        if is_rtcp(p) and p[1] == 200:
		            words = struct.unpack(">H", p[2:4])[0] - 5
		            p = p[:1] + struct.pack(">BH", 201, words) + p[4:8] + p[28:]
		        if says and is_rtp(p) and p[0] & 16:
		            words = struct.unpack(">H", p[14:16])[0]
		            p = bytes([p[0] & 0xef]) + p[1:12] + p[16 + 4 * words:]
		    sys.stdout.buffer.write(frame(p))
	END
	python3 quiet.py "$@"
}

@test "what packets say of their capture is as good as reports" {
	quiet all <"$al" | skew 300 | vc-record -q s.webm
	both s.webm '.by == "abs-capture-time" and .pairs >= 59 and
		(.ppm - 300 | fabs < 1)' || { clocks s.webm && false; }
	run -0 jq -c '[.guessed[] | select(.what == "offset")]' s.webm.json
	assert_output '[]'
	# The first report takes over, whose clock may be another.
	quiet all no 20 <"$al" | skew 300 5 3600000 | vc-record -q t.webm
	both t.webm '.by == "reports" and .steps == 1'
	run -0 jq -c '[.tracks[] | .units, .gaps, .dropped]' t.webm.json
	assert_output '[300,0,0,3000,0,0]'
}

@test "without reports arrival is the clock, and it is said" {
	quiet all capture <"$al" | skew 300 | vc-record -q s.webm
	both s.webm '.by == "arrival" and (.ppm - 300 | fabs < 20)' ||
		{ clocks s.webm && false; }
	run -0 jq -c '[.guessed[] | select(.what == "offset") | .track]' \
		s.webm.json
	assert_output '[1,2]'
}

@test "--sync-policy=require: who never reports is left out, and it is said" {
	vc-record -q -i "$al" --sync-policy=require r.webm
	vc-record -q -i "$al" --sync-policy=guess g.webm
	cmp r.webm g.webm
	quiet sound capture <"$al" >q.vcrtp
	run -3 --separate-stderr vc-record -i q.vcrtp --sync-policy=require \
		q.webm
	assert_output q.webm
	[[ $stderr == *", opus: left out: no sender report came"* ]]
	run -0 jq -c '[(.tracks[] | .kind), (.left_out[] | .kind, .why)]' \
		q.webm.json
	assert_output '["video","audio","no sender report came"]'
	grep -q '"ev":"left_out"' q.webm.events.jsonl
	vc-record verify --headers q.webm
	# Nobody does: there is nothing to record.
	quiet all capture <"$al" >n.vcrtp
	run -4 vc-record -q -i n.vcrtp --sync-policy=require n.webm
	# For reports that come a little late it is waited.
	quiet all capture 2 <"$al" | vc-record -q --sync-policy=require l.webm
	run -0 jq -c '[.tracks[] | .units, (.end_ms - 60000 | fabs < 5)]' \
		l.webm.json
	assert_output '[300,true,3000,true]'
}

# joined FIRST SECOND [none]: of one source, four seconds of the first, then from
# there what the second one sends, and with none it has no reports.
joined()
{
	cat >joined.py <<-'END'
		import struct, sys
		from vcframes import frame, frames, is_rtcp, is_rtp, timed
		seq, begin, ssrc = 0, None, None
		texts = [next(frames(open(a, "rb").read())).decode()
		         for a in sys.argv[1:3]]
		lines = [l for l in texts[1].splitlines()
		         if l.startswith(("a=rtpmap", "a=fmtp"))]
		line = [l for l in texts[0].splitlines() if l[:8] == "m=audio "][0]
		pt = [l for l in texts[1].splitlines() if l[:8] == "m=audio "][0]
		pt = pt.split()[3]
		text = texts[0].replace(line, line + " " + pt)
		text += "".join(l + "\r\n" for l in lines if pt in l)
		sys.stdout.buffer.write(frame(text.encode()))
		for i, name in enumerate(sys.argv[1:3]):
		    for now, p in list(timed(open(name, "rb").read()))[1:]:
		        begin = begin or now
		        if (now - begin > 4e9) != (i == 1) or p[:1] == b"{":
		            continue
		        if is_rtp(p):
		            ssrc = ssrc or p[8:12]
		            p = p[:2] + struct.pack(">H", seq) + p[4:8] + ssrc + p[12:]
		            seq += 1
		        elif is_rtcp(p) and i == 1 and (p[1] != 200 or "none" in sys.argv):
		            continue
		        elif is_rtcp(p) and i == 1:
		            p = p[:4] + ssrc + p[8:28]
		        sys.stdout.buffer.write(frame(p))
	END
	python3 joined.py "$@"
}

@test "a codec with another RTP clock goes on in time, there and back" {
	for codec in opus pcmu l16; do
		vc-capture --virtual -t 8s --video none --acodec $codec \
			--name al --cname al test: >$codec.vcrtp
	done
	for with in reports none; do
		joined opus.vcrtp pcmu.vcrtp $with >there.vcrtp
		joined pcmu.vcrtp opus.vcrtp $with >back.vcrtp
		joined l16.vcrtp pcmu.vcrtp $with >l16too.vcrtp
		for file in there back l16too; do
			run -0 --separate-stderr vc-record -i $file.vcrtp \
				$file.mkv
			[[ $stderr != *"left out"* ]]
			ffmpeg -nostdin -v error -i $file.mkv -map 0 -f null -
			run -0 jq -c '[.tracks[] | .units, .dropped] +
				[(.tracks[0].end_ms, .tracks[1].offset_ms |
					. - 4000 | fabs < 15),
				(.duration_ms - 8000 | fabs < 15)]' \
				$file.mkv.json
			[[ $output == "[200,0,200,0,true,true,true]" ||
				$output == "[400,0,200,0,true,true,true]" ]]
			rm $file.mkv*
		done
	done
}

# offset FILE: of verify's av_offset: places, at the start, in the middle, at the
# end and the change, in whole milliseconds; and whether that holds.
offset()
{
	vc-record verify --headers --json "$1" >offset.json || :
	jq -c '[(.av_offset[0] | .places,
		(.start_ms, .middle_ms, .end_ms, .change_ms | round)),
		(.checks[] | select(.check == "av_offset") | .holds)]' \
		offset.json
}

# beside FILE: what lies beside s.webm lies beside that, too.
beside()
{
	cp s.webm.json "$1.json"
	cp s.webm.events.jsonl "$1.events.jsonl"
}

@test "verify: sound and pictures are where all reports together put them" {
	skew 500,-500 <"$al" | vc-record -q s.webm
	run -0 vc-record verify --headers s.webm
	assert_line --regexp '^ok +av_offset +[23][0-9] places, [0-2]\.[0-9] ms at most, al'
	assert_line --partial 'tracks 2 and 1: pictures after their sound by'
	# Each file by itself, also of sources that go on.
	vc-record -q -i "$al" --segment 20s --gap cut --at '25s pause' \
		--at '30s resume' part.webm
	for file in part.webm part-2.webm part-3.webm; do
		run -0 offset $file
		[[ $output == *",0,0,0,0,true]" ]]
	done
	vc-record -q -i "$al" --at '20s stop' --at '40s start' stop.mkv
	run -0 offset stop.mkv
	assert_output '[10,0,0,0,0,true]'
}

@test "verify: sound that is moved, at once or by and by, is found" {
	vc-record -q -i "$al" s.webm
	run -0 offset s.webm
	assert_output '[30,0,0,0,0,true]'
	# Codec delay is kept: sound begins 6.5 ms before 0, and all moves by that.
	ffmpeg -nostdin -v error -i s.webm -itsoffset 0.1 -i s.webm \
		-map 0:v -map 1:a -c copy moved.webm
	beside moved.webm
	run -0 offset moved.webm
	assert_output '[30,-93,-93,-93,0,false]'
	run -3 vc-record verify --headers moved.webm
	assert_line --regexp '^FAIL +av_offset +30 places, 9.* ms at most, al'
	ffmpeg -nostdin -v error -i s.webm -c copy -bsf:a setts=ts=TS*1.001 \
		drifts.webm
	beside drifts.webm
	run -0 offset drifts.webm
	[[ $output == "[30,"[0-7]",-"2[0-9]",-"5[0-9]","5[0-9]",false]" ]]
}

@test "verify: what is not known of sound and pictures is not judged" {
	quiet all capture <"$al" | vc-record -q s.webm
	run -0 vc-record verify --headers s.webm
	assert_line --regexp '^- +av_offset +not looked at: too little is told'
	# The first reports come too late: where it began was a guess.
	quiet all capture 5 <"$al" | vc-record -q g.webm
	run -0 vc-record verify --headers g.webm
	assert_line --regexp '^- +av_offset +30 places'
	assert_line --regexp 'changes by .*; guessed$'
	# Nor was it known whose sound and pictures those were, but it is by now.
	vc-impair --seed 2 only=rtcp delay=1500ms jitter=1500ms:uniform \
		<"$al" | vc-record -q l.webm
	run -0 jq -c '[.tracks[].cname], [.guessed[].what] | unique' l.webm.json
	assert_output $'["al"]\n["delay","end_ms","participant"]'
	run -0 vc-record verify --headers l.webm
	assert_line --regexp '^- +av_offset +30 places'
	# Only behind the last step of a clock.
	skew 0 30 1000 <"$al" | vc-record -q t.webm
	run -0 offset t.webm
	assert_output '[15,0,0,0,0,true]'
	vc-record -q -i "$al" --select kind=audio a.webm
	run -0 vc-record verify --headers a.webm
	assert_line --regexp '^- +av_offset +not looked at: no sound and pictures'
}

@test "sound and picture stay together: clocks off, loss, late reports" {
	# An hour of it: tests/interop/heavy/avsync.bats.
	MINUTES=1 "$BATS_TEST_DIRNAME/avsync.sh" 500,500 -500,500 \
		-500,-500
}

@test "verify: numbers that a stranger wrote beside a recording are refused" {
	local rows rate

	vc-record -q -i "$al" s.webm
	mv s.webm.events.jsonl said
	# Both clocks say so: added without a look they would agree.
	rows=(
		'.author = 9223372036854775'
		'.t = 9223372036854775'
		'.t = 4611686018427387 | .author = 0'
		'.since = 9223372036854775807'
		'.since = -1'
		'.ppm = -1e300'
	)
	for row in "${rows[@]}"; do
		jq -c "if .ev == \"clock\" then $row else . end" said >s.webm.events.jsonl
		run -3 vc-record verify --headers s.webm
		assert_line --regexp '^- +av_offset +not looked at: too little'
	done
	for rate in 4294967295 1000000001; do
		jq -c "if .ev == \"clock\" then .rate_hz = $rate else . end" said \
			>s.webm.events.jsonl
		jq -c ".tracks[].rate_hz = $rate" s.webm.json >r.json
		cp s.webm r.webm
		cp s.webm.events.jsonl r.webm.events.jsonl
		mv r.json r.webm.json
		run -3 vc-record verify --headers r.webm
		assert_line --regexp '^- +av_offset +not looked at: too little'
	done
	for row in '.t = 9223372036854775' '.at_ms = 1e300' '.unit = -1' \
		'.track = 9223372036854775807'; do
		jq -c "if .ev == \"place\" then $row else . end" said >s.webm.events.jsonl
		run -3 vc-record verify --headers s.webm
		assert_line --regexp '^- +av_offset +not looked at: too little'
	done
}

@test "verify: however much lies beside a recording, it comes to an end" {
	vc-record -q -i "$al" s.webm
	cp s.webm.json s.json
	# Many tracks of him, pictures that are not there, clocks of no use.
	python3 - s.webm.events.jsonl >many <<-'END'
		import json, sys
		said = [json.loads(line) for line in open(sys.argv[1])]
		clocks = [s for s in said if s["ev"] == "clock"]
		places = [s for s in said if s["ev"] == "place"]
		pictures = [p for p in places if p["track"] == 1]
		sound = [p for p in places if p["track"] == 2]
		for n in range(10000):
		    for c in clocks:
		        print(json.dumps(dict(c, rate_hz=8000)))
		    p = pictures[n % len(pictures)]
		    print(json.dumps(dict(p, unit=1000 + n)))
		for n in range(3, 401):
		    print(json.dumps(dict(sound[0], track=n)))
		for s in said:
		    print(json.dumps(s))
	END
	mv many s.webm.events.jsonl
	jq -c '.tracks += [range(3; 401) as $n | .tracks[1] | .track = $n]' \
		s.json >s.webm.json
	run -3 timeout "$patience" vc-record verify --headers s.webm
	assert_line --regexp '^ok +av_offset +30 places'
	# Each track many times, also under a number that is another one's.
	jq -c '.tracks |= [range(300) as $n | .[]]' s.json >s.webm.json
	run -3 timeout "$patience" vc-record verify --headers s.webm
	assert_line --regexp '^- +av_offset +not looked at: there is too much'
	jq -c '.tracks |= [range(250) as $n | .[]]' s.json >s.webm.json
	run -3 timeout "$patience" vc-record verify --headers s.webm
	assert_line --regexp '^ok +av_offset'
}
