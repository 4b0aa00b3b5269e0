#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-record: a file each, what lies beside them, and who says when.

bats_require_minimum_version 1.5.0
load record

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 5s --name alice --keyint 500ms test: >alice.vcrtp
	vc-capture --virtual -t 3s --start 1s --name bob test: >bob.vcrtp
}

setup()
{
	begin
	alice=$BATS_FILE_TMPDIR/alice.vcrtp
	bob=$BATS_FILE_TMPDIR/bob.vcrtp
}

@test "a file a participant, with a line each, and offsets that fit" {
	run -0 --separate-stderr vc-record -i "$alice" -i "$bob" \
		--tracks=participant '{name}-{time}-{n}.webm'
	assert_equal "$(sort <<<"$output")" "alice-20000101T000000Z-0001.webm
bob-20000101T000001Z-0002.webm"
	for f in alice-*.webm bob-*.webm; do
		is_sound "$f"
		run -0 ffprobe -v error -show_entries stream=codec_name \
			-of csv=p=0 "$f"
		assert_output $'vp8\nopus'
	done
	assert_equal "$(jq '.begin_ms, .duration_ms | floor' alice-*.json \
		bob-*.json | tr '\n' ' ')" "0 5000 1000 3000 "
	# Together they are what one file of everything is.
	vc-record -i "$alice" -i "$bob" all.webm
	assert_equal "$(units alice-*.webm bob-*.webm | cut -d ' ' -f 2- |
		sort)" "$(units all.webm | cut -d ' ' -f 2- | sort)"
}

@test "a file a source: what kind it is, and whose" {
	run -0 --separate-stderr vc-record -i "$alice" --tracks=source \
		'{kind}.{name}.mkv'
	assert_equal "$(sort <<<"$output")" $'audio.alice.mkv\nvideo.alice.mkv'
	run -0 ffprobe -v error -show_entries stream=codec_name -of csv=p=0 \
		audio.alice.mkv
	assert_output opus
	ssrc=$(jq '.tracks[0].ssrcs[0]' video.alice.mkv.json)
	run -0 --separate-stderr vc-record -i "$alice" --tracks=source \
		--no-sidecar '{ssrc}.webm'
	assert_line "$(printf '%08X.webm' "$ssrc")"
	run ! compgen -G '*.webm.*'
}

@test "equal names get numbers, and what is there is kept" {
	echo mine >alice-2.webm
	echo mine >alice-3.webm.json
	for i in 1 2 3; do
		vc-capture --virtual -t 200ms --video none --name alice \
			--cname "c$i" test: >"$i.vcrtp"
	done
	run -0 --separate-stderr vc-record -i 1.vcrtp -i 2.vcrtp -i 3.vcrtp \
		--tracks=participant --overwrite '{name}.webm'
	assert_equal "$(sort <<<"$output")" \
		$'alice-4.webm\nalice-5.webm\nalice.webm'
	assert_equal "$(cat alice-2.webm alice-3.webm.json)" $'mine\nmine'
}

@test "names of strangers are part of a name and never leave the folder" {
	names=(../../etc/cron.d/x $'a\nb' CON . .. / -rf $'\x1b[2J' \
		$'\xff\xfe' "$(printf 'x%.0s' {1..255})" '{n}' '$(id)' 'a b' \
		ä/ö %s%n)
	inputs=()
	for i in "${!names[@]}"; do
		vc-capture --virtual -t 200ms --video none --cname "c$i" \
			--name "$(printf '%s' "${names[i]}" |
				LC_ALL=C tr '\0-\377' '[Q*]')" test: |
			python3 -c 'import sys
name = sys.argv[1].encode("utf-8", "surrogateescape")
sys.stdout.buffer.write(
    sys.stdin.buffer.read().replace(b"Q" * len(name), name))' \
				"${names[i]}" >"$i.vcrtp"
		inputs+=(-i "$PWD/$i.vcrtp")
	done
	mkdir -p up/in
	cd up/in
	run -0 --separate-stderr vc-record "${inputs[@]}" --tracks=participant \
		'{name}.webm'
	assert_equal "${#lines[@]}" "${#names[@]}"
	assert_equal "$(ls ..)" in
	assert_equal "$(compgen -G '*.webm' | wc -l)" "${#names[@]}"
	# Plain letters, none of them first a dot, at most 64 and a number.
	run find . -mindepth 1 -regextype posix-extended \
		-not -regex '\./[A-Za-z0-9_-][A-Za-z0-9._-]{0,90}'
	refute_output
	assert_equal "$(find . -mindepth 1 -type d)" ""
	# What they call themselves is in the manifest, as JSON.
	assert_equal "$(jq -s 'map(.tracks[0].name) | index("a b") != null' \
		./*.json)" true
	run -0 python3 -c 'import glob, json
for f in glob.glob("*.jsonl"):
    data = open(f, "rb").read()
    assert all(c >= 32 or c == 10 for c in data), f
    for line in data.decode("utf-8").splitlines():
        json.loads(line)'
}

# record ARG...: a recorder that listens to "pipe", which is then open as 4.
record()
{
	mkfifo pipe
	vc-record -i pipe --control=sock "$@" >out 2>err 3>&- &
	recorder=$!
	pids+=("$recorder")
	exec 4>pipe
	until vc-ctl sock state >/dev/null 2>&1; do
		kill -0 "$recorder"
	done
}

@test "a folder that becomes a link in the meantime changes nothing" {
	mkdir dir elsewhere
	record --tracks=participant 'dir/{name}.webm'
	mv dir was
	ln -s elsewhere dir
	cat "$alice" >&4
	exec 4>&-
	wait "$recorder"
	assert_equal "$(ls elsewhere)" ""
	assert_equal "$(ls was)" $'alice.webm
alice.webm.events.jsonl
alice.webm.json'
	assert_equal "$(cat out)" dir/alice.webm
}

@test "who is killed leaves what plays, and what happened until then" {
	record k.webm
	head -c 400000 "$alice" >&4
	until grep -q '"at_ms":2[0-9]*.*}$' k.webm.events.jsonl.part; do
		kill -0 "$recorder"
	done
	kill -KILL "$recorder"
	wait "$recorder" || true
	exec 4>&-
	assert_equal "$(ls k.*)" $'k.webm.events.jsonl.part\nk.webm.part'
	run -0 ffmpeg -nostdin -v error -i k.webm.part -map 0 -f null -
	# It may end within a cluster.
	assert_equal "$(grep -v 'File ended prematurely' <<<"$output")" ""
	run -0 jq -sc 'map(.ev) | [first, (index("join") > 0)]' \
		k.webm.events.jsonl.part
	assert_output '["begin",true]'
	# What is in the way of the next is named; mended, it takes all along.
	mv k.webm.part aside
	run -1 vc-record k.webm <"$alice"
	assert_output --partial 'k.webm.events.jsonl.part: is there already'
	mv aside k.webm.part
	run -1 vc-record k.webm <"$alice"
	assert_output --partial ' k.webm.part: is there already'
	vc-record repair k.webm.part
	assert_equal "$(ls k.*)" $'k.webm\nk.webm.events.jsonl'
	rm k.webm k.webm.events.jsonl
	run -0 vc-record k.webm <"$alice"
}

@test "repair says why a track is left out" {
	vc-record -q mine.webm <"$alice"
	vc-record repair mine.webm mine.mp4 2>err
	assert_equal "$(cat err)" "vc-record repair: mine.webm: track 1: VP8 has\
 no place in the new file (in .mkv it has): left out"
	ffmpeg -v error -i mine.webm -c:v mpeg4 -an other.mkv
	run -4 vc-record repair other.mkv new.webm
	assert_line --partial 'track 1: V_MPEG4/ISO/ASP is not read: left out'
}

@test "who records is told what to do on a socket" {
	record c.webm
	head -c 300000 "$alice" >&4
	run -0 vc-ctl sock mark first words
	run -0 vc-ctl sock pause
	assert_output --partial '"state":"paused"'
	run -1 vc-ctl sock pause
	assert_output --partial 'it is paused'
	run -0 vc-ctl sock state
	assert_output --partial '"files":["c.webm"]'
	run -0 vc-ctl sock stop
	run -0 vc-ctl sock state
	assert_output --partial '"state":"stopped"'
	tail -c +300001 "$alice" >&4
	exec 4>&-
	wait "$recorder"
	assert_equal "$(cat out)" c.webm
	assert_equal "$(jq -r .ended c.webm.json)" stop
	assert_equal "$(jq -sr 'map(select(.ev == "mark"))[0].text' \
		c.webm.events.jsonl)" 'first words'
}

@test "wrong names are wrong usage" {
	run -2 vc-record -i "$alice" --tracks=participant a.webm
	assert_output --partial "with --tracks a name is due that differs"
	run -2 vc-record -i "$alice" --tracks=source -f webm -
	run -2 vc-record -i "$alice" '{nme}.webm'
	assert_output --partial '{nme}: not one of'
	run -1 vc-record -i "$alice" 'none/{time}.webm'
	assert_output --partial 'none/{time}.webm: open: No such file'
	assert_equal "$(ls)" ""
}

@test "files that are too many are left out, with a word" {
	inputs=()
	for i in {1..9}; do
		vc-capture --virtual -t 300ms --video none --name "p$i" \
			test: >"$i.vcrtp"
		inputs+=(-i "$i.vcrtp")
	done
	run -0 bash -c 'ulimit -n 40; vc-record "$@"' - "${inputs[@]}" \
		--stats=stats --tracks=participant '{name}.webm'
	assert_output --partial 'too many files at once'
	n=$(compgen -G '*.webm' | wc -l)
	between 2 "$n" 8
	assert_equal "$(jq -s 'last.record.files[0].no_room > 0' stats)" true
	run ! compgen -G '*.part'
}

@test "beside a recording lies what can be checked" {
	vc-record --tag studio -i "$alice" -i "$bob" a.webm
	for f in a.webm a.webm.json a.webm.events.jsonl; do
		assert_equal "$(stat -c %a $f)" 600
	done
	assert_equal "$(jq -r '.schema, .sha256, .octets, .events.sha256' \
		a.webm.json)" "vc.recording/1
$(sha256sum <a.webm | cut -d ' ' -f 1)
$(stat -c %s a.webm)
$(sha256sum <a.webm.events.jsonl | cut -d ' ' -f 1)"
	assert_equal "$(jq -r '.epoch, (.begin_ms, .duration_ms | floor),
		.ended' a.webm.json | tr '\n' ' ')" \
		"2000-01-01T00:00:00.020000Z 0 5000 eof "
	assert_equal "$(ffprobe -v error -show_entries format=duration -of \
		csv=p=0 a.webm)" 5.000000
	# Tracks: as many units as packets, key frames told one by one.
	for i in 0 1 2 3; do
		assert_equal "$(ffprobe -v error -select_streams $i \
			-count_packets -show_entries stream=nb_read_packets \
			-of csv=p=0 a.webm)" "$(jq ".tracks[$i].units" \
			a.webm.json)"
	done
	assert_equal "$(ffprobe -v error -select_streams v:0 -show_entries \
		packet=flags -of csv=p=0 a.webm | grep -c K)" \
		"$(jq -s 'map(select(.ev == "keyframe" and .track == 1)) |
			length' a.webm.events.jsonl)"
	assert_equal "$(jq -sc 'map(.ev) | [first, last]' \
		a.webm.events.jsonl)" '["begin","end"]'
	assert_equal "$(jq -sc 'map(select(.ev == "join")) |
		map([.name, .kind, .track, (.at_ms | floor)] | join(" "))' \
		a.webm.events.jsonl)" '["alice video 1 0","alice audio 2 0",'\
'"bob video 3 1000","bob audio 4 1000"]'
	# Bob leaves 4 s after the beginning, and each one begins to talk.
	assert_equal "$(jq -sc 'map(select(.ev == "leave")) |
		map([.why, .at_ms > 3900]) | .[:2]' a.webm.events.jsonl)" \
		'[["bye",true],["bye",true]]'
	assert_equal "$(jq -sc 'map(select(.ev == "speaker" and .on)) |
		length' a.webm.events.jsonl)" 2
	run -0 jq -c '.guessed | map(.what)' a.webm.json
	assert_output --partial '"delay"'
	# Again: the same octets.
	mkdir again
	vc-record --tag studio -i "$alice" -i "$bob" again/a.webm
	diff -r -x again -x '*.vcrtp' . again
}

@test "what lies beside is not wanted, or of one that was removed" {
	vc-record -i "$alice" --no-sidecar a.webm
	run ! compgen -G 'a.webm?*'
	rm a.webm
	echo mine >a.webm.json
	run -0 vc-record -i "$alice" a.webm
	assert_equal "$(jq -r .file a.webm.json)" a.webm
	# Packets tell it all themselves.
	vc-record -i "$alice" p.vcrtp
	run ! compgen -G 'p.vcrtp.*'
}

@test "pause, resume, split, stop and start, when it is said" {
	run -0 --separate-stderr vc-record -i "$alice" --at '500ms mark a "b  c"' \
		--at '1s pause' --at '2s resume' --at '3s split' \
		--at '4s stop' --at '4200ms start' s.webm s.vcrtp
	assert_equal "$(sort <<<"$output")" \
		$'s-2.vcrtp\ns-2.webm\ns-3.vcrtp\ns-3.webm\ns.vcrtp\ns.webm'
	for f in s.webm s-2.webm s-3.webm; do
		is_sound $f
	done
	assert_equal "$(jq -r .ended s.webm.json s-2.webm.json s-3.webm.json |
		tr '\n' ' ')" "split stop eof "
	assert_equal "$(jq -sc 'map(select(.ev == "mark")) |
		map([.text, .t])' s.webm.events.jsonl)" \
		'[["a b  c",946684800500000]]'
	assert_equal "$(jq -sc 'map(select(.ev == "gap")) |
		map([.why, .from, .to])' s.webm.events.jsonl)" \
		'[["pause",946684801000000,946684802000000]]'
	# What was left out, and nothing else: the sound of three seconds and
	# 800 ms (all but what has a time in the pause).
	vc-record -i "$alice" all.webm
	units s.webm s-2.webm s-3.webm >got
	units all.webm >want
	awk '$2 < 965 || ($2 >= 1965 && $2 < 3965) || $2 >= 4165' want |
		grep ^1 | cmp - <(grep ^1 got)
	# Pictures begin with a key frame, each 500 ms.
	run -0 comm -13 <(sort want) <(sort got)
	refute_output
	between 100 "$(grep -c ^0 got)" 115
	# The packets: what was split is one stream again.
	cat s.vcrtp s-2.vcrtp | vc-record --no-sidecar t.webm
	run -0 ffprobe -v error -select_streams a -count_packets \
		-show_entries stream=nb_read_packets -of csv=p=0 t.webm
	assert_output 150
}

@test "a split loses nothing and doubles nothing" {
	vc-record -i "$alice" -i "$bob" all.webm
	args=()
	for at in 700 1300 2100 3900; do
		args+=(--at "${at}ms split")
	done
	vc-record -i "$alice" -i "$bob" "${args[@]}" 's{n}.webm' >list
	assert_equal "$(wc -l <list)" 5
	diff <(units all.webm) <(units s000?.webm)
	# The tracks are the same in each that both are in.
	for i in 2 3 4; do
		assert_equal "$(jq -c '.tracks | map([.name, .kind])' \
			s000$i.webm.json)" \
			"$(jq -c '.tracks | map([.name, .kind])' all.webm.json)"
	done
}

@test "commands are refused where they make no sense" {
	run -1 vc-record -i "$alice" --at '1s resume' --at '2s stop' \
		--at '3s mark x' --at '3s mark' a.webm
	assert_line 'vc-record: resume: it is recording'
	assert_line 'vc-record: mark x: it is stopped'
	run -2 vc-record -i "$alice" --at '1s puse' b.webm
	assert_output --partial 'did you mean pause?'
}
