#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-record: whose files are, what becomes of them, and what when there is no
# room.

bats_require_minimum_version 1.5.0
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 6s --name alice --size 160x90 --keyint 500ms \
		test: >alice.vcrtp
}

setup()
{
	begin
	alice=$BATS_FILE_TMPDIR/alice.vcrtp
}

# on_disk OPTIONS COMMAND: in a folder that is a file system of its own, called
# d, as seen by COMMAND only.
on_disk()
{
	mkdir -p d
	unshare -rm bash -c "mount -t tmpfs -o $1 none d && $2"
}

@test "files are for whom it is said" {
	vc-record -i "$alice" --mode 0640 --group "$(id -g)" --fsync a.webm
	vc-record -i "$alice" b.webm
	cmp a.webm b.webm
	assert_equal "$(stat -c '%a %g' a.webm a.webm.json \
		a.webm.events.jsonl | uniq)" "640 $(id -g)"
	assert_equal "$(stat -c %a b.webm b.webm.json b.webm.events.jsonl |
		uniq)" 600
	run -2 vc-record -i "$alice" --mode 0999 c.webm
	assert_output --partial 'octal digits are due'
	run -2 vc-record -i "$alice" --group no/body c.webm
	assert_output --partial 'no such group'
}

@test "a full disk: what there is stays and plays, exit 1" {
	run -0 on_disk size=160k "vc-record -i $alice d/a.webm >out 2>err; \
		echo \$? >code; cp d/* ."
	assert_equal "$(cat code)" 1
	assert_equal "$(cat out)" ""
	assert_equal "$(cat err)" "vc-record: d/a.webm: write: No space left on \
device; what came before is in d/a.webm.part"
	run -0 ffmpeg -nostdin -v quiet -i a.webm.part -map 0 -f null -
	run -0 ffprobe -v quiet -count_packets -show_entries \
		stream=nb_read_packets -of csv=p=0 a.webm.part
	[ "${lines[0]}" -gt 30 ]
	run -0 jq -sr 'first.ev' a.webm.events.jsonl.part
	assert_output begin
	# It is mended where there is room, with all that was whole.
	n=$(vc-record info --json a.webm.part 2>/dev/null |
		jq -c '[.tracks[].units]')
	run -0 --separate-stderr vc-record repair a.webm.part
	assert_output a.webm
	run -0 vc-record verify a.webm
	assert_line --regexp '^ok +decodes +0 units do not'
	assert_equal "$(vc-record info --json a.webm |
		jq -c '[.tracks[].units]')" "$n"
	for f in b.mkv b.vcrtp b.pcapng; do
		run -0 on_disk size=60k "vc-record -i $alice d/$f 2>err; \
			echo \$? >code; cp d/$f.part ."
		assert_equal "$(cat code)" 1
		vc-record repair $f.part
		vc-record verify $f
	done
	# A file each: those that were complete stay complete.
	run -0 on_disk size=200k "vc-record -i $alice --segment 1s \
		'd/s{n}.webm' >out 2>err; echo \$? >code; cp d/* ."
	assert_equal "$(cat code)" 1
	assert_equal "$(head -n 1 out)" d/s0001.webm
	while read -r f; do
		run -0 ffmpeg -nostdin -v error -i "${f#d/}" -map 0 -f null -
		refute_output
		assert_equal "$(sha256sum <"${f#d/}" | cut -d ' ' -f 1)" \
			"$(jq -r .sha256 "${f#d/}.json")"
	done <out
}

@test "a folder that cannot be written to is named" {
	run -0 on_disk ro "vc-record -i $alice d/a.webm 2>err; echo \$? >code; \
		vc-record -i $alice --tracks=participant 'd/{name}.webm' \
			2>>err; echo \$? >>code"
	assert_equal "$(cat code)" $'1\n1'
	assert_equal "$(head -n 1 err)" \
		"vc-record: d/a.webm: open: Read-only file system"
	run cat err
	assert_line --index 1 --partial 'Read-only file system'
}

@test "links are not followed, whatever their name is" {
	echo hers >hers
	for f in alice.webm alice-2.webm.part alice-3.webm.json; do
		ln -s hers "$f"
	done
	run -0 --separate-stderr vc-record -i "$alice" --tracks=participant \
		'{name}.webm'
	assert_output alice-4.webm
	assert_equal "$(cat hers)" hers
}

@test "what is old, or too much, is removed, and nothing else" {
	echo mine >s0000.webm
	vc-record -i "$alice" --segment 500ms --keep 2s 's{n}.webm' >list
	assert_equal "$(wc -l <list)" 12
	run -0 compgen -G 's*.webm'
	assert_line s0000.webm
	assert_line s0012.webm
	refute_line s0001.webm
	refute_line s0005.webm
	assert_equal "$(compgen -G 's*.webm' | wc -l)" \
		"$(($(compgen -G 's*.webm.json' | wc -l) + 1))"
	assert_equal "$(compgen -G 's*.jsonl' | wc -l)" \
		"$(compgen -G 's*.webm.json' | wc -l)"
	# Of packets, too, by when each ends.
	vc-record -i "$alice" --keep 2s --at '1s split' --at '2s split' \
		--at '3s split' --at '4s split' --at '5s split' 'p{n}.vcrtp'
	assert_equal "$(echo p*)" "p0003.vcrtp p0004.vcrtp p0005.vcrtp"
	vc-record -i "$alice" --segment 500ms --keep 100k --stats=stats \
		'k{n}.webm' >list
	size=$(cat k*.webm | wc -c)
	[ "$size" -le 130000 ]
	[ "$size" -ge 40000 ]
	assert_equal "$(jq -s 'last.record.files[0] |
		.finished - .removed' stats)" "$(compgen -G 'k*.webm' | wc -l)"
	# The newest is what was recorded, however large.
	vc-record -i "$alice" --segment 2s --keep 1k 'n{n}.webm' >list
	assert_equal "$(wc -l <list)" 3
	assert_equal "$(echo n*.webm)" n0003.webm
}

@test "the disk is for others, too" {
	run -1 vc-record -i "$alice" --min-free 100000T m.webm
	assert_output --partial 'octets are free: it ends here (--min-free)'
	run ! compgen -G '*.part'
	run -0 vc-record -i "$alice" --min-free 1k l.webm
	run -2 vc-record -i "$alice" --min-free 1x n.webm
}

@test "silence ends it" {
	vc-capture --virtual -t 20s --size 160x90 --at '2s mute' test: |
		vc-record --stop-on silence:3s --stats=stats s.webm
	assert_equal "$(jq -sr last.ended stats)" silence
	ms=$(jq '.duration_ms | floor' s.webm.json)
	[ "$ms" -ge 4900 ]
	[ "$ms" -le 6000 ]
	run -2 vc-record -i "$alice" --stop-on silence n.webm
	run -2 vc-record -i "$alice" --stop-on noise n.webm
	run -0 vc-record -i "$alice" --stop-on silence:3s t.webm
	assert_equal "$(jq '.duration_ms | floor' t.webm.json)" 6000
}

@test "a reader that is slower than the writer loses nothing of what can wait" {
	local n

	vc-record -q -i "$alice" -f matroska - >all.mkv
	mkfifo out
	vc-record -q -i "$alice" -f matroska out 3>&- &
	pid=$!
	pids+=("$pid")
	exec {slow}<out
	# It waits in the middle, however long nobody reads.
	head -c 1000 <&"$slow" >got.mkv
	wait_for grep -q 'State:.S' "/proc/$pid/status"
	while n=$(stat -c %s got.mkv); do
		head -c 4000 <&"$slow" >>got.mkv
		[ "$(stat -c %s got.mkv)" -gt "$n" ] || break
		pause
	done
	exec {slow}<&-
	ended
	cmp all.mkv got.mkv
}
