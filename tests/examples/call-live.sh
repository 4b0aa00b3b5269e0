#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A call over UDP: both call the bridge, which passes on to each what the other
# sends, as it is, and answers to the ports they call from. What each of them got
# is in Ann.vcrtp and Bob.vcrtp.

type vc-capture vc-mix vc-recv vc-send >/dev/null || exit

person() # NAME URL
{
	vc-capture -t 5s --name "$1" --cname "$1" --size 320x180 --fps 15 \
		--keyint 1s test: | vc-send --duplex "$2" >"$1.vcrtp"
}

trap 'rm -f ready back' EXIT
mkfifo ready back
vc-recv --ready=ready --stop-on empty:500ms --reply=back \
	{Ann,Bob}=rtp://127.0.0.1:0,latch=first | vc-mix --policy call >back &
for who in Ann Bob; do
	read -r _ url
	person "$who" "$url" &
done <ready
wait
