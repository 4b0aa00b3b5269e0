#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Names of any script on the mixer's tiles, as they are decoded: Chinese, Japanese
# and Korean ones, those that are read from right to left, and emoji.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((240 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	# What boxes look like: no font but one has the letters.
	cat >boxes.conf <<-END
		<?xml version="1.0"?>
		<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
		<fontconfig>
		<dir>/usr/share/fonts/truetype/dejavu</dir>
		<include>/etc/fonts/conf.d</include>
		<cachedir>$PWD/cache</cachedir>
		</fontconfig>
	END
}

# label NAME FILE: a camera of that name in a tile, as pixels of 640x360, RGB.
label()
{
	vc-capture --virtual -t 400ms --size 320x180 --fps 15 --audio none \
		--name "$1" --cname who color:224466 |
		vc-mix --size 640x360 --fps 15 --vbitrate 4M |
		vc-record -q --overwrite "$2.webm" >/dev/null
	ffmpeg -nostdin -v error -sseof -0.1 -i "$2.webm" -frames:v 1 -f rawvideo \
		-pix_fmt rgb24 -y "$2"
}

# compare A B: how many pixels differ clearly; how many of A are of a bright
# colour; the rightmost column of its label, and its rows.
compare()
{
	python3 - "$@" <<-'END'
		import sys

		a, b = (open(f, "rb").read() for f in sys.argv[1:])
		assert len(a) == len(b) == 640 * 360 * 3
		differ = bright = right = 0
		rows = set()
		for i in range(0, len(a), 3):
		    p, q = a[i:i + 3], b[i:i + 3]
		    differ += max(abs(x - y) for x, y in zip(p, q)) > 60
		    bright += max(p) - min(p) > 110
		    if max(p) < 50 or min(p) > 150:
		        x, y = i // 3 % 640, i // 3 // 640
		        if 8 <= x < 632 and 8 <= y < 352:
		            right = max(right, x)
		            rows.add(y)
		print(differ, bright, right, min(rows), max(rows))
	END
}

@test "letters of all scripts are drawn, and emoji in colour: no boxes" {
	local what name differ bright right top bottom

	while read -r what name; do
		label "$name" all
		FONTCONFIG_FILE=$PWD/boxes.conf label "$name" boxes
		read -r differ bright right top bottom < <(compare all boxes)
		echo "$what $name: $differ $bright, to $right, rows $top-$bottom"
		case $what in
		# As without the fonts: what has none is a box in both, and
		# letters that the one font has are not.
		same) [ "$differ" -eq 0 ] ;;
		cjk) [ "$((differ >= 100 && bright == 0))" -eq 1 ] ;;
		emoji) [ "$((differ >= 40 && bright >= 20))" -eq 1 ] ;;
		esac
		# In its place, at the bottom of the tile, and so high as letters
		# must be to be read.
		[ "$right" -lt 600 ]
		[ "$top" -ge 310 ]
		[ "$((bottom - top))" -ge 15 ]
	done <<-'END'
		same Jürgen
		same 𐿰𐿱𐿲
		same שלום
		same محمد
		cjk 李小龍
		cjk さくら
		cjk 김철수
		emoji 🎉🎈
		emoji 👩‍💻
	END
}

@test "a name that is too long ends within its tile, whole to the letter" {
	local name=李小龍王菲 right

	for _ in 1 2 3; do
		name+=$name
	done
	label "$name" long
	label "${name:0:30}" short
	read -r _ _ right _ _ < <(compare long short)
	echo "$right"
	[ "$right" -ge 500 ]
	[ "$right" -lt 632 ]
	# As long as a name may be, it comes whole.
	vc-capture --virtual -t 100ms --audio none --name "$name$name" \
		--cname who color:224466 >long.vcrtp
	run jq -r 'select(.event.ev == "source").event.name' \
		<(vc-probe --packets=json long.vcrtp)
	refute_output --partial "�"
	[ "${#lines[0]}" -eq 80 ]
}
