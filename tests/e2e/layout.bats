#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Where vc-mix puts whom: pictures against pictures that were looked at, tiles
# against what was sent, marks; no hole while things move. On the virtual clock.
#
# tests/e2e/layouts/NAME.png is what a layout looks like, without labels. After a
# change that is meant: GOLDEN=new bats tests/e2e/layout.bats, and look at them.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load heard

golden=$BATS_TEST_DIRNAME/layouts

setup_file()
{
	local how=(-t 3s --fps 15 --vbitrate 2M --keyint 1s)

	cd "$BATS_FILE_TMPDIR" || return 1
	people dora "${how[@]}" --slides test: --slides-size 320x180
	mv marks dora.mark
	people ann bob carl "${how[@]}"
	cat dora.mark >>marks
}

setup()
{
	begin
	with_people ann bob carl dora
	three=("${all[@]:0:3}") four=("${all[@]}")
}

mix()
{
	vc-mix --audio=off --size 640x360 --fps 15 --vbitrate 8M \
		--keyint 500ms "$@"
}

# The picture of stream $1 at $2 seconds, as $3.
picture()
{
	vc-play --no-names --size 640x360 --fps 15 --y4m p.y4m "$1"
	ffmpeg -v error -y -ss "$2" -i p.y4m -frames:v 1 "$3"
	rm p.y4m
}

# How alike two pictures are, in dB, after filter $3 on both.
alike()
{
	ffmpeg -nostdin -i "$1" -i "$2" -lavfi \
		"[0]${3:-null}[a];[1]${3:-null}[b];[a][b]psnr" -f null - 2>&1 |
		sed -n 's/.* average:\([0-9.inf]*\).*/\1/p'
}

# alike_by DB A B [FILTER]
alike_by()
{
	local db

	db=$(alike "$2" "$3" "${4-}")
	[ "$db" = inf ] && return 0
	echo "$2 and $3: $db dB"
	awk -v db="$db" -v least="$1" 'BEGIN { exit !(db >= least) }'
}

# looks NAME STREAM: at 2.4 s, as the picture that was looked at.
looks()
{
	picture "$2" 2.4 "$1.png"
	if [ -n "${GOLDEN-}" ]; then
		mkdir -p "$golden"
		ffmpeg -v error -y -i "$1.png" -vf scale=320:-1 "$golden/$1.png"
	fi
	ffmpeg -v error -y -i "$1.png" -vf scale=320:-1 "small-$1.png"
	alike_by 30 "small-$1.png" "$golden/$1.png"
}

# Whose marks are in stream $1 after $2 (the first 1.5 s) and before $3:
# "ann,bob"
shown()
{
	local before=(blackout="${2:-1500ms}")

	[ "${2-}" != 0s ] || before=()
	vc-impair "${before[@]}" blackout=on from="${3:-100s}" "$1" \
		2>/dev/null | vc-probe --marks --json 2>/dev/null |
		jq -r --rawfile marks "$files/marks" '
		($marks | split("\n") | map(split("\t") | select(length == 2) |
			{ (.[0]): .[1] }) | add) as $names |
		[.sources[] | select(.kind == "video") | .marks.ids[] |
			select(.read > 5) | $names[.id]] | sort | join(",")'
}

@test "layouts look as they did when they were looked at" {
	local name

	for name in grid speaker presenter side-by-side pip stage single; do
		mix --labels off --layout "$name" "${four[@]}" >out
		looks "$name" out
	done
	for name in presenter pip stage; do
		mix --labels off --layout "$name" "${three[@]}" >out
		looks "$name-no-slides" out
	done
	cat >own.layout <<-'END'
		# WHAT     X    Y    W    H
		when tiles:9
		rest       0    0  360  360
		when -
		join:2     0    0  360  360
		slides   180  180  170  170  z=2
		rest:2    20   20  120  240  z=1 shape=1:1
	END
	mix --labels off --bgcolor 203060 --layout ./own.layout "${four[@]}" >out
	looks own out
}

@test "a tile is what was sent" {
	local f

	mix --size 320x180 --labels off --layout single \
		"ann=$files/ann.vcrtp" >one
	for f in "$files/ann.vcrtp" one; do
		vc-play --no-names --size 320x180 --fps 15 --y4m p.y4m "$f"
		# But for the border.
		ffmpeg -v error -y -ss 1 -i p.y4m -frames:v 20 \
			-vf crop=310:170 "$(basename "$f").y4m"
		rm p.y4m
	done
	alike_by 45 ann.vcrtp.y4m one.y4m
	mix --labels off --layout grid "${four[@]}" >all
	# The marks of small ones are read.
	run shown all
	assert_output ann,bob,carl,dora
}

@test "who is in which layout" {
	mix --layout single "${four[@]}" >out
	run shown out
	assert_output ann
	mix --layout side-by-side "${three[@]}" >out
	run shown out
	assert_output ann,bob
	mix --layout side-by-side "${four[@]}" >out
	run shown out
	assert_output ann,dora
	# Slides are large until they end; the strip is too small to be read.
	vc-capture --virtual -t 1s --size 320x180 --fps 15 --slides test: \
		--slides-size 320x180 --name dora --cname dora --video none \
		--audio none test: >slides.vcrtp
	vc-capture --virtual -t 3s --size 320x180 --fps 15 --vbitrate 2M \
		--keyint 1s --name dora --cname dora test: >camera.vcrtp
	mix --layout presenter "ann=$files/ann.vcrtp" slides.vcrtp camera.vcrtp \
		>out
	run shown out 0s 900ms
	assert_output dora
	run shown out
	assert_output ann
}

@test "pin and layout change what is shown, at once and without a new source" {
	mix --layout single --at '1s pin bob' --at '2s pin -' "${three[@]}" >out
	run shown out 0s 900ms
	assert_output ann
	run shown out 1100ms 1900ms
	assert_output bob
	run shown out 2100ms
	assert_output ann
	mix --layout single --at '1s layout grid' --at '2s layout speaker' \
		"${three[@]}" >out
	run shown out 0s 900ms
	assert_output ann
	run shown out 1100ms 1900ms
	assert_output ann,bob,carl
	run jq '[.sources[] | select(.kind == "video")] | length' \
		< <(vc-probe --json out)
	assert_output 1
	# Where a layout has a place for who is pinned, he is there only.
	printf 'speaker 0 0 180 360\npinned 180 0 180 360\n' >two.layout
	mix --layout ./two.layout --at '0s pin carl' "${three[@]}" >out
	run shown out
	assert_output ann,carl
}

@test "a wrong layout, or a name that nobody has, changes nothing and says so" {
	run -2 mix --layout moon "${three[@]}"
	assert_output --partial 'no such layout: grid, speaker, presenter, side-by-side, pip, stage, single'
	run -2 mix --layout ./none "${three[@]}"
	assert_output --partial 'No such file'
	printf 'rest 0 0 360 360\nmoon 0 0 1 1\n' >bad.layout
	run -2 mix --layout ./bad.layout "${three[@]}"
	assert_output --partial "line 2: 'moon'"
	echo '* - * layout=./bad.layout' >bad.policy
	run -2 mix --policy ./bad.policy "${three[@]}"
	assert_output --partial "line 1: layout=./bad.layout: line 2: 'moon'"
	for word in --bgcolor=12345 --bgcolor=12345g --bgcolor=-12345 \
		--bgcolor=0x1234 --labels=maybe --layout-dump=moon; do
		run -2 mix "$word" "${three[@]}"
	done
	run -2 mix --layout-dump moon
	assert_output --partial 'no such layout: grid, speaker,'
	run -2 mix --at '1s layout gird' "${three[@]}"
	assert_output --partial "--at '1s layout gird': no such layout: grid,"
	run -2 mix --video=select --at '1s layout grid' "${three[@]}"
	assert_output --partial "--at '1s layout grid': no picture is composed here"
	run -0 mix --policy webinar --at '1s layout grid' "${three[@]}" -o a
	assert_output --partial 'layout grid: each row of the policy has its own'
	mix --layout grid "${three[@]}" >a
	mix --layout grid --at '1s layout ./none' --at '1s layout ./bad.layout' \
		--at '1s pin zoe' --at '1s pin *' "${three[@]}" >b 2>said ||
		code=$?
	assert_equal "${code-0}" 1
	run cat said
	assert_output --partial 'No such file'
	assert_output --partial "line 2: 'moon'"
	assert_output --partial 'nobody here is called zoe'
	assert_output --partial 'one only: 3 are called *'
	cmp a b
	for name in grid presenter stage; do
		vc-mix --layout-dump "$name" >"./$name.layout"
		mix --layout "$name" "${three[@]}" >a
		mix --layout "./$name.layout" "${three[@]}" | cmp - a
	done
}

@test "rows of a policy have layouts, also from files" {
	echo 'speaker 0 0 360 360' >one.layout
	cat >my.policy <<-'END'
		ann  - *  layout=./one.layout
		bob  - *  layout=side-by-side
		*    - *,self
	END
	mix --policy ./my.policy --at '1s layout single' "${three[@]}" >out
	run jq '[.sources[] | select(.kind == "video")] | length' \
		< <(vc-probe --json out)
	assert_output 3
	vc-probe --as ann --marks --json out >ann.json 2>/dev/null
	run jq -c '[.sources[] | .marks.ids | map(select(.read > 5)) | length]' ann.json
	assert_output '[1]'
}

# Everything that moves: at no time is there more of the background than before
# and after, so no place is ever empty.
@test "no hole while people come and go and layouts change" {
	vc-capture --virtual --start 1s -t 1s --size 320x180 --fps 15 \
		--vbitrate 1M --name bob --cname bob test: >bob.vcrtp
	mix --bgcolor ff0080 --labels off "ann=$files/ann.vcrtp" \
		bob=bob.vcrtp "dora=$files/dora.vcrtp" \
		--at '300ms layout speaker' --at '600ms layout pip' \
		--at '900ms layout stage' --at '1200ms layout presenter' \
		--at '1500ms layout grid' --at '1800ms pin dora' \
		--at '2200ms layout side-by-side' --at '2500ms layout single' \
		--at '2700ms layout grid' >out
	vc-play --no-names --size 640x360 --fps 15 --y4m p.y4m out
	ffmpeg -v error -i p.y4m -f rawvideo -pix_fmt yuv420p p.yuv
	run python3 - <<-'END'
		w, h = 640, 360
		size = w * h * 3 // 2
		data = open("p.yuv", "rb").read()
		n = len(data) // size
		part = []
		for i in range(n):
		    f = data[i * size:(i + 1) * size]
		    u, v = f[w * h:w * h * 5 // 4], f[w * h * 5 // 4:]
		    back = sum(1 for a, b in zip(u, v)
		               if abs(a - 146) < 16 and abs(b - 228) < 16)
		    part.append(back / len(u))
		# Of three pictures in a row, the one in the middle of a change.
		bad = [(i, part[i - 1:i + 2]) for i in range(1, n - 1)
		       if part[i] > max(part[i - 1], part[i + 1]) + 0.01]
		print(n > 40, part[0] < 0.6, bad, max(part) < 0.7)
	END
	assert_output 'True True [] True'
}

@test "names and signs are at the edges of tiles, and can be left out" {
	mix --layout single ann="$files/ann.vcrtp" >on
	mix --layout single --labels off ann="$files/ann.vcrtp" >bare
	mix --layout single --at '1s mute ann' ann="$files/ann.vcrtp" >muted
	for f in on bare muted; do
		picture "$f" 2.4 "$f.png"
	done
	run alike_by 40 on.png bare.png crop=600:280:20:20
	assert_success
	run alike_by 30 on.png bare.png crop=60:30:6:326
	assert_failure
	run alike_by 40 on.png muted.png crop=540:320:20:20
	assert_success
	run alike_by 30 on.png muted.png crop=40:40:596:316
	assert_failure
}

@test "who sends no picture any more is grey, with a clock, and comes back" {
	vc-capture --virtual -t 9s --size 320x180 --fps 15 --vbitrate 1M \
		--keyint 500ms --name bob --cname bob test: |
		vc-impair blackout=7s from=1s >bob.vcrtp
	vc-capture --virtual -t 9s --size 320x180 --fps 15 --name ann \
		--cname ann test: >ann.vcrtp
	mix --layout grid --stats stats.json ann=ann.vcrtp bob=bob.vcrtp >out
	vc-play --no-names --size 640x360 --fps 15 --y4m p.y4m out
	# How colourful the second of two is.
	colour()
	{
		ffmpeg -v error -ss "$1" -i p.y4m -frames:v 1 -vf \
			crop=300:160:330:100,signalstats,metadata=print:file=- \
			-f null - | sed -n 's/.*SATAVG=//p'
	}
	for t in 0.8 4 7.5 8.8; do
		colour "$t"
	done >colours
	run awk '{ print ($1 > 10) }' colours
	assert_output "$(printf '1\n1\n0\n1')"
	run jq -sc '[.[].mix.participants[]? | select(.id == "bob") |
		.sources[] | select(.codec == "VP8") | .old] | unique' stats.json
	assert_output '[false,true]'
}

@test "pictures of any size and shape, and of other sizes than before" {
	local size

	for size in 1x1 2x64 64x2 90x160 161x91 16x480; do
		vc-capture --virtual -t 1s --size "$size" --fps 15 \
			--name "s$size" --audio none test: >"s$size.vcrtp"
		cat "s$size.vcrtp" >>each
		in+=("s$size.vcrtp")
	done
	mix --stats stats.json "${in[@]}" >out 2>err
	run cat err
	assert_output ''
	run jq -sc 'map(select(.mix.participants != [])) | last |
		[.mix.participants[].sources[] | .frames > 10] | unique' stats.json
	assert_output '[true]'
	run vc-probe --expect 'loss==0' --expect 'broken==0' out
	assert_success
	# One after another from the same input.
	mix each >out
	run vc-probe --expect 'loss==0' --expect 'broken==0' out
	assert_success
}

@test "slides of 4096x2160 are shown, two at a time; the rest is refused" {
	vc-capture --virtual -t 3s --size 4096x2160 --fps 3 --keyint 1s \
		--vbitrate 2M --name big --audio none test: >big.vcrtp
	mix --fps 15 --stats stats.json a=big.vcrtp b=big.vcrtp c=big.vcrtp \
		ann="$files/ann.vcrtp" >out
	run jq -sc 'map(select(.mix.participants != [])) | last |
		[.mix.participants[].sources[] | select(.codec == "VP8") |
		[.frames > 2, .refused > 0]]' stats.json
	assert_output '[[true,true],[true,true],[false,true],[true,false]]'
}

@test "pictures of 0x0, and of 16383x16383, are refused and hold up nobody" {
	local size

	for size in 00000000 ff3fff3f; do
		python3 - "$files/bob.vcrtp" "$size" >bad.vcrtp <<-'END'
			import sys
			data = open(sys.argv[1], "rb").read()
			start = bytes.fromhex("9d012a")
			size = bytes.fromhex("4001b400") # 320x180
			assert start + size in data
			new = data.replace(start + size,
			                   start + bytes.fromhex(sys.argv[2]))
			sys.stdout.buffer.write(new)
		END
		mix --stats stats.json "ann=$files/ann.vcrtp" bob=bad.vcrtp >out \
			2>err
		run cat err
		assert_output ''
		run jq -sc 'map(select(.mix.participants != [])) | last |
			[.mix.participants[].sources[] |
			select(.codec == "VP8") | .frames > 30]' stats.json
		assert_output '[true,false]'
		run shown out
		assert_output ann
	done
}

# The second half of the input comes when the file is another.
fed()
{
	local file=$files/ann.vcrtp half

	half=$(($(stat -c %s "$file") / 2))
	head -c "$half" "$file"
	echo "$1" >my.layout
	tail -c +$((half + 1)) "$file"
}

reread()
{
	echo 'join:1 0 0 360 360' >my.layout
	mix --layout ./my.layout --at '2s reload' \
		ann=<(fed "$1" 3>&-) "bob=$files/bob.vcrtp" >out 2>err || :
	shown out 0s 900ms
	shown out 2100ms
}

@test "a layout's file is read again; a wrong one changes nothing" {
	run reread 'join:2 0 0 360 360'
	assert_output "$(printf 'ann\nbob')"
	run cat err
	assert_output ''
	run reread 'join:2 0 0 360 361'
	assert_output "$(printf 'ann\nann')"
	run cat err
	assert_output --partial "line 1: '361': a number from 0 to 360"
}

@test "a layout's file that came by command is read again, too" {
	echo 'join:1 0 0 360 360' >my.layout
	mkfifo in
	vc-capture --size 160x90 --fps 10 test: >in 3>&- &
	pids+=("$!")
	vc-mix --audio=off --control=ctl in >out 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	wait_for here ctl 1
	vc-ctl ctl layout ./my.layout
	echo 'moon' >my.layout
	kill -HUP "$pid"
	wait_for grep "my.layout: read again: line 1: 'moon'" err
	wait_for here ctl 1
	kill "$pid"
	wait "$pid"
}

@test "of cameras that are not shown the sixteen who talked or came last are decoded" {
	vc-capture --virtual -t 6s --people 24 --size 160x90 --fps 10 \
		--vbitrate 60k --keyint 500ms --talk 'p1=0s-2s p24=3s-' \
		--name p --cname p test: >in.vcrtp
	vc-mix --layout single --size 160x90 --fps 10 --keyint 500ms \
		--stats=stats in.vcrtp >out.vcrtp
	# Who had pictures decoded in a second: the one in front and sixteen more;
	# then another is in front.
	busy() {
		jq -sc "[.[] | .mix.participants | select(length == 24) |
			map(.sources[0].frames)] | [.[$1], .[$2]] | transpose |
			map(.[1] - .[0] > 5) | [(map(select(.)) | length), .[23]]" \
			stats
	}
	run busy 0 1
	assert_output '[17,false]'
	run busy -2 -1
	assert_output '[17,true]'
	for part in 0s-2.9s 4s-6s; do
		vc-probe --part "$part" --marks --json out.vcrtp | jq -r \
			'.sources[] | select(.kind == "video").marks.ids[].id'
	done >seen
	vc-probe --marks --json in.vcrtp | jq -r '[.sources[] |
		select(.kind == "video").marks.ids[0].id] | .[0, 23]' >expected
	diff seen expected
}
