#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A broadcast over UDP: Eve and Dan send to the bridge, one is heard and seen, first
# Eve and then Dan. All have a port, and Ann and Bob send nothing. What they got
# is in NAME.vcrtp.

type vc-capture vc-mix vc-recv vc-send >/dev/null || exit
trap 'rm -f Ann Bob Eve Dan bridge' EXIT
mkfifo Ann Bob Eve Dan bridge
for who in Ann Bob Eve Dan; do
	vc-recv --ready="$who" --stop-on bye rtp://127.0.0.1:0 >"$who.vcrtp" &
	read -r _ url <"$who"
	to+=("$who=$url")
done
vc-recv --ready=bridge --stop-on empty:500ms {Eve,Dan}=rtp://127.0.0.1:0 |
	vc-mix --policy broadcast --role Eve=speaker --fps 15 --keyint 1s \
		--at '3500ms role Eve listener' --at '3500ms role Dan speaker' |
	vc-send "${to[@]}" &
for who in Eve Dan; do
	read -r _ url
	vc-capture -t 7s --name "$who" --cname "$who" --size 320x180 --fps 15 \
		test: | vc-send "$url" &
done <bridge
wait
