#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Temporal layers of VP8, spatial and temporal ones of VP9: any of them may be
# left out on the way, with or without new sequence numbers, and what is left is
# seen as it was.

# shellcheck disable=SC2154 # bats sets output
bats_require_minimum_version 1.5.0
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	capture --vcodec vp8 --layers L1T3 test: >vp8.vcrtp
	capture --vcodec vp9 --layers L3T3 test: >vp9.vcrtp
	for codec in vp8 vp9; do
		vc-play --md5 "$codec.vcrtp" >"$codec.sums"
	done
}

setup()
{
	begin
	files=$BATS_FILE_TMPDIR
}

capture()
{
	vc-capture --virtual -t 2s --audio none --name alice --size 320x192 \
		--vbitrate 500k "$@"
}

# layers STREAM [MOST]: a line for each layer: TID, SID, packets, octets of
# payload, and with MOST: "out" is the stream without packets of higher TIDs,
# whose numbers are missing then.
layers()
{
	python3 - "$@" <<-'END'
		import collections, sys
		data, at, out = open(sys.argv[1], "rb").read(), 0, b""
		most = int(sys.argv[2]) if len(sys.argv) > 2 else 7
		n, octets = collections.Counter(), collections.Counter()
		while at < len(data):
		    end = at + 2 + int.from_bytes(data[at:at + 2], "big")
		    f, whole, at = data[at + 2:end], data[at:end], end
		    if f[0] >> 6 != 2 or 192 <= f[1] <= 223:
		        out += whole
		        continue
		    p = f[12 + 4 * (f[0] & 15):]
		    if f[0] & 16:
		        p = p[4 + 4 * int.from_bytes(p[2:4], "big"):]
		    if f[1] & 127 == 96:    # X, I with 15 bits, L, T
		        assert p[0] & 128 and p[1] == 0xe0 and p[2] & 128
		        tid, sid = p[5] >> 6, 0
		    else:                   # I with 15 bits, L, not F
		        assert p[0] & 0xb0 == 0xa0 and p[1] & 128
		        tid, sid = p[3] >> 5, p[3] >> 1 & 7
		    n[tid, sid] += 1
		    octets[tid, sid] += len(p)
		    if tid <= most:
		        out += whole
		for key in sorted(n):
		    print(*key, n[key], octets[key])
		open("out", "wb").write(out)
	END
}

# shown STREAM N OPTION...: vc-play shows N pictures, each as it was in the
# whole of STREAM at that time, and misses nothing.
shown()
{
	vc-play --md5 --stats=stats "${@:3}" "$1" >sums
	[ "$(wc -l <sums)" -eq "$2" ] || fail "$(wc -l <sums) pictures"
	run jq -sc '.[-1].play | [.broken, .waiting, .late]' stats
	assert_output '[0,0,0]'
}

# width FILE: of a film.
width()
{
	head -n 1 "$1" | grep -o ' W[0-9]* H[0-9]* '
}

@test "VP8 of three temporal layers: a quarter, a half, all of the pictures" {
	shown "$files/vp8.vcrtp" 60
	for row in L1T1:15 L1T2:30 L1T3:60 L3T3:60; do
		shown "$files/vp8.vcrtp" "${row#*:}" --layers "${row%:*}"
		# The same, and at the same times.
		run grep -cvFxf "$files/vp8.sums" sums
		assert_output 0
	done
	run layers "$files/vp8.vcrtp"
	assert_line --regexp '^0 0 '
	assert_line --regexp '^2 0 '
	# The base has a quarter of the pictures, and the largest.
	awk '{ all += $4; if ($1 == 0) base = $4; if ($1 == 2) top = $4 }
		END { exit !(base > 0.3 * all && base < 0.75 * all &&
			top > 0.05 * all && top < 0.5 * all) }' <<<"$output"
}

@test "VP9 of three spatial layers: each at its size, at each of three rates" {
	for row in L1:80:48 L2:160:96 L3:320:192; do
		IFS=: read -r layer width height <<<"$row"
		for rate in T1:15 T2:30 T3:60; do
			shown "$files/vp9.vcrtp" "${rate#*:}" \
				--layers "$layer${rate%:*}"
			[ "$layer" != L3 ] ||
				[ "$(grep -cvFxf "$files/vp9.sums" sums)" = 0 ]
		done
		vc-play --only alice --layers "${layer}T1" --y4m a.y4m \
			"$files/vp9.vcrtp"
		run width a.y4m
		assert_output " W$width H$height "
	done
	run layers "$files/vp9.vcrtp"
	assert_equal "${#lines[@]}" 9
	awk '{ all += $4; sid[$2] += $4; tid[$1] += $4 }
		END { exit !(sid[0] < sid[1] && sid[1] < sid[2] &&
			sid[0] > 0.04 * all && sid[2] < 0.85 * all &&
			tid[0] > 0.3 * all && tid[0] < 0.8 * all) }' \
		<<<"$output"
}

@test "packets of upper layers that are lost on the way are not missed" {
	# What is missing is waited for, up to the end: played after that, or it
	# would bring two pictures at once.
	for codec in vp8 vp9; do
		layers "$files/$codec.vcrtp" 0
		shown out 15 --latency 2s
		run grep -cvFxf "$files/$codec.sums" sums
		assert_output 0
		# Of VP9 what is behind a hole might refer to what was in it.
		layers "$files/$codec.vcrtp" 1
		n=30
		[ "$codec" = vp8 ] || n=15
		shown out "$n" --latency 2s
		run grep -cvFxf "$files/$codec.sums" sums
		assert_output 0
		# Others see the same.
		vc-record a.webm <out
		run ffprobe -v error -count_packets -select_streams v \
			-show_entries stream=nb_read_packets -of csv=p=0 a.webm
		assert_output "$n"
		vc-probe --json out >r.json
		run jq -c '.sources[] | [.frames, .waiting, .width, .height]' \
			r.json
		assert_output "[$n,0,320,192]"
		rm a.webm
	done
}

@test "one goes up when the stream lets one, and down at once" {
	# A key picture at 1 s.
	vc-capture --virtual -t 2s --audio none --name alice --size 320x192 \
		--vcodec vp9 --layers L2T2 --keyint 1s test: >a.vcrtp
	vc-play --md5 a.vcrtp >all
	vc-play --md5 --layers L1T2 a.vcrtp >small
	vc-play --md5 --layers L1T1 --at '500ms layers L2T2' \
		--at '1500ms layers L1T1' a.vcrtp >sums
	grep -Fxf all sums | awk '{ print $1 }' >large
	# Large from the key picture to the command, and never anything else
	# than what was sent.
	run awk 'NR == 1 { a = $1 } END { print (a > 0.95 && a < 1.05 &&
		$1 > 1.4 && $1 < 1.55 && NR > 12 && NR < 17) }' large
	assert_output 1
	[ "$(cat all small | grep -cFxf - sums)" -eq "$(wc -l <sums)" ]
	[ "$(wc -l <sums)" -lt 50 ]
	run vc-play --layers L1T1 --at '1s layers none' --md5 a.vcrtp
	assert_output --partial "layers none"
	assert_output --partial "as L1T3"
}

@test "L1T1 is no layers; with some every run gives the same octets" {
	for codec in vp8 vp9 h264; do
		capture -t 200ms --vcodec "$codec" test: >a.vcrtp
		capture -t 200ms --vcodec "$codec" --layers L1T1 test: |
			cmp - a.vcrtp
	done
	capture -t 500ms --vcodec vp9 --layers L2T3 test: >a.vcrtp
	capture -t 500ms --vcodec vp9 --layers L2T3 test: | cmp - a.vcrtp
}

@test "in a recording a picture is one, for any decoder" {
	vc-record a.webm <"$files/vp9.vcrtp"
	awk '{ print $3 }' "$files/vp9.sums" >sums
	for decoder in vp9 libvpx-vp9; do
		ffmpeg -nostdin -v error -c:v "$decoder" -i a.webm -map 0:v \
			-fps_mode passthrough -f framemd5 - |
			awk -F', *' '!/^#/ { print $NF }' | cmp - sums
	done
}

@test "a mixer sees them" {
	for codec in vp8 vp9; do
		vc-mix --size 320x192 "$files/$codec.vcrtp" >m.vcrtp
		vc-play --md5 m.vcrtp | sort -u -k 3 >sums
		[ "$(wc -l <sums)" -ge 40 ]
	done
}

@test "layers that the codec or the size cannot have are refused" {
	while IFS=: read -r words what; do
		# shellcheck disable=SC2086 # words
		run vc-capture -o /dev/null $words test:
		assert_failure 2
		assert_output --partial "$what"
	done <<-'END'
	--layers 3:--layers 3
	--layers L4T1:L1T1 to L3T3
	--layers L1T4:L1T1 to L3T3
	--layers L2T1:VP8 has no spatial layers
	--vcodec h264 --layers L1T2:H264 has no layers here; --vcodec vp8 or vp9
	--vcodec av1 --layers L3T3:AV1 has no layers here
	--vcodec vp9 --layers L3T1 --size 60x60:L3T1 takes even sides of 64 and more
	--vcodec vp9 --layers L2T1 --size 321x180:L2T1 takes even sides of 32
	END
	run vc-play --layers 3 --md5 /dev/null
	assert_failure 2
	assert_output --partial "--layers 3: not as L1T3"
}

@test "a composed picture has temporal layers, which are left out behind it" {
	printf 'room - -\nphone - room class=low\n' >room.policy
	for codec in vp8 vp9; do
		vc-mix --audio=off --size 320x192 --fps 30 --vbitrate 500k \
			--keyint 500ms --vcodec "$codec" --layers L1T3 \
			alice="$files/vp8.vcrtp" bob="$files/vp9.vcrtp" \
			>room.vcrtp
		layers room.vcrtp | cut -d ' ' -f 1,2 >tids
		run cat tids
		assert_output $'0 0\n1 0\n2 0'
		run jq -c '.sources[] | [.broken, .frames > 50]' \
			<(vc-probe --json room.vcrtp)
		assert_output '[0,true]'
		vc-mix --audio=off --video=select --policy ./room.policy \
			--out phone --out-class low:320x192/15 \
			room=room.vcrtp >phone.vcrtp
		# What is wanted of it is known after a second.
		run jq -c '.sources[] | [.broken, .frames > 40, .frames < 50]' \
			<(vc-probe --as phone --json phone.vcrtp)
		assert_output '[0,true,true]'
	done
	for row in "L3T3 vp9" "L1T3 h264" "L2T1 vp8"; do
		read -r what codec <<<"$row"
		run -2 vc-mix --vcodec "$codec" --layers "$what" \
			"$files/vp8.vcrtp"
		assert_output --partial "--layers $what: of composed pictures L1T2 or L1T3, with --vcodec vp8 or vp9"
	done
	run vc-mix --layers L1T2 --video=select -o out "$files/vp8.vcrtp"
	assert_output --partial "--layers has no effect: no picture is composed"
}
