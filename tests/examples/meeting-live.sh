#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A meeting over UDP: everybody calls the bridge, which answers to the ports they
# call from. When Ann has left, Carl comes. What each of them got is in Ann.vcrtp,
# Bob.vcrtp and Carl.vcrtp.

type vc-capture vc-mix vc-recv vc-send >/dev/null || exit

person() # NAME URL DURATION
{
	vc-capture -t "$3" --name "$1" --cname "$1" --size 320x180 --fps 15 \
		test: | vc-send --duplex "$2" >"$1.vcrtp"
}

trap 'rm -f ready back' EXIT
mkfifo ready back
vc-recv --ready=ready --stop-on empty:500ms --reply=back \
	{Ann,Bob,Carl}=rtp://127.0.0.1:0,latch=first |
	vc-mix --policy symmetric --fps 15 --keyint 1s >back &
mapfile -t at < <(cut -d ' ' -f 2 ready)
person Bob "${at[1]}" 8s &
person Ann "${at[0]}" 3s
person Carl "${at[2]}" 4s
wait
