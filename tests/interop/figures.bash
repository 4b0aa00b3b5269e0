# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What those who capture other programs share: a network to do it in, and tshark
# to compare with.

# sent FILE COMMAND...: what it sends by lo, by dumpcap, in a network of its own.
# $filter is what is captured (udp).
sent()
{
	# shellcheck disable=SC2016 # for the other shell
	timeout 80 unshare -rn bash -c '
		set -eu
		ip link set lo up
		mkfifo said
		dumpcap -q -i lo -w "$1" -f "${filter-udp}" 2>said &
		dump=$!
		exec 3<said
		while read -r line <&3; do
			[[ $line != File:* ]] || break
		done
		code=0
		timeout 60 "${@:2}" >log 2>&1 3<&- || code=$?
		kill -INT $dump
		cat <&3 >/dev/null
		wait $dump
		rm said
		exit $code' sent "$@"
}

# theirs FILE OPTION...: of each stream that tshark sees its SSRC, addresses,
# packets, lost, least, mean and most time between, mean and most jitter.
theirs()
{
	tshark -r "$1" "${@:2}" -q -z rtp,streams 2>/dev/null | awk '/0x/ {
		for (k = 1; $k !~ /%\)$/; k++)
			;
		print $7, $3 ":" $4, $5 ":" $6, $(k - 2), $(k - 1), $(k + 1),
			$(k + 2), $(k + 3), $(k + 5), $(k + 6) }'
}

# marked FILE OPTION...: the SSRC and address of each packet with a marker.
marked()
{
	tshark -n -r "$1" "${@:2}" -Y rtp.marker==1 -T fields -e rtp.ssrc \
		-e ip.src -e udp.srcport 2>/dev/null |
		awk '{ print tolower($1), $2 ":" $3 }'
}

# same FILE PROBED N OPTION...: those of vc-probe's record PROBED are the same, of
# N streams. tshark has no jitter (0) where it does not know the clock; its times
# leave packets with markers out, which matters where the first is not the only
# one.
same()
{
	# shellcheck disable=SC2016 # for jq
	local near='def near($x): (. - ($x | tonumber) | fabs) < 0.002;'
	local n=0 ssrc from to packets lost least mean most jitter jitter_max
	local markers

	theirs "$1" "${@:4}" >streams
	marked "$1" "${@:4}" >marks
	cat streams
	while read -r ssrc from to packets lost least mean most jitter \
		jitter_max; do
		n=$((n + 1))
		markers=$(grep -cxF "${ssrc,,} $from" marks) || :
		# shellcheck disable=SC2016 # for jq
		run jq -c "$near"'
			.sources | map(select(.ssrc == $ssrc and
			.addr.from == $from and .addr.to == $to))[] |
			[.media.packets == ($packets | tonumber),
			.media.lost == ($lost | tonumber),
			$markers > 1 or ((.delta_ms.min | near($least)) and
			(.delta_ms.mean | near($mean)) and
			(.delta_ms.max | near($most))),
			$jitter_max == "0.000" or
			((.media.jitter_mean_ms | near($jitter)) and
			(.media.jitter_max_ms | near($jitter_max)))]' \
			--argjson markers "$markers" \
			--argjson ssrc "$((ssrc))" --arg from "$from" \
			--arg to "$to" --arg packets "$packets" \
			--arg lost "$lost" --arg least "$least" \
			--arg mean "$mean" --arg most "$most" \
			--arg jitter "$jitter" \
			--arg jitter_max "$jitter_max" "$2"
		assert_output '[true,true,true,true]'
	done <streams
	assert_equal "$n" "$3"
}
