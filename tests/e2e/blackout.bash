# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# For tests of blackouts: a call through a relay in which nothing passes for a
# while.

# One way of a call, 3 s long, then nothing passes for $1 seconds, then 4 s
# more; in the folder $2, with the options $3... of both ends, and that of
# vc-send in $paced. There, 'back' is how long it was dark for sound, in ms, and
# how long after that the beginning of a picture came; 'recv' and 'send' are the
# last records of statistics.
blackout()
{
	local s=$1 dir=$2 recv relay url

	shift 2
	mkdir "$dir"
	mkfifo "$dir/ready" "$dir/relay"
	vc-recv --ready="$dir/ready" --stats="$dir/recv.stats" \
		--idle-timeout "$((s + 10))s" "$@" rtp://127.0.0.1:0 >"$dir/got" 3>&- &
	recv=$!
	read -r _ url <"$dir/ready"
	vc-impair --ready="$dir/relay" -t "$((s + 20))s" \
		blackout="${s}s" from=3s delay=20ms udp://127.0.0.1:0 \
		"udp://${url#*://}" 3>&- &
	relay=$!
	read -r _ url <"$dir/relay"
	vc-capture -t "$((7 + s))s" --keyint 5m --size 320x180 --fps 15 \
		test: 3>&- |
		vc-send --stats="$dir/send.stats" ${paced:+"$paced"} "$@" \
			"$url" 3>&-
	# Not by BYE: in a minute sources have left, too.
	kill -INT "$recv" "$relay"
	wait "$recv"
	wait "$relay"
	tail -n 1 "$dir/recv.stats" >"$dir/recv"
	tail -n 1 "$dir/send.stats" >"$dir/send"
	vc-probe --packets=json "$dir/got" | jq -sc --argjson s "$s" '
		map(select(.type == "rtp")) |
		map(select(.kind == "audio")) as $sound |
		([range(1; $sound | length)] | max_by($sound[.].t -
			$sound[. - 1].t)) as $i |
		$sound[$i].t as $t |
		{ dark: (($t - $sound[$i - 1].t) / 1000 - $s * 1000),
		  picture: ((map(select(.key and .t > $t - 100000))[0].t
			- $t) / 1000) }' >"$dir/back"
	cat "$dir/back"
}

# Sound was back within a second, a picture within two.
was_soon()
{
	run jq -c '[.dark < 1000, .picture < 2000]' "$1/back"
	assert_output '[true,true]'
}

# And by one request.
was_short()
{
	was_soon "$1"
	run jq .recv.pli_out "$1/recv"
	assert_output 1
	run jq .send.keyframes "$1/send"
	assert_output 1
}

# Blackouts of so many seconds each, at once: for each one call in clear, and one
# that is sealed.
both_ways()
{
	local ways=() s

	(umask 077; vc-send --new-key >k)
	for s; do
		blackout "$s" "clear.$s" &
		ways+=("$!")
		blackout "$s" "sealed.$s" --key-file k &
		ways+=("$!")
	done
	wait "${ways[@]}"
	for s; do
		was_short "clear.$s"
		was_short "sealed.$s"
		run jq -c '.recv | [.auth_failed, .replay]' "sealed.$s/recv"
		assert_output '[0,0]'
	done
}
