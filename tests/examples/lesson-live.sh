#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A lesson over UDP: everybody calls the bridge, which answers to the ports they
# call from. Ann and Bob hear and see the lecturer only, who hears and sees all,
# until Bob gives a talk. What each of them got is in NAME.vcrtp.

type vc-capture vc-mix vc-recv vc-send >/dev/null || exit

person() # NAME URL
{
	vc-capture -t 7s --name "$1" --cname "$1" --size 320x180 --fps 15 \
		test: | vc-send --duplex "$2" >"$1.vcrtp"
}

trap 'rm -f ready back' EXIT
mkfifo ready back
vc-recv --ready=ready --stop-on empty:500ms --reply=back \
	{Prof,Ann,Bob}=rtp://127.0.0.1:0,latch=first |
	vc-mix --policy lesson --role Prof=lecturer \
		--at '3500ms role Prof student' --at '3500ms role Bob lecturer' --fps 15 --keyint 1s >back &
for who in Prof Ann Bob; do
	read -r _ url
	person "$who" "$url" &
done <ready
wait
