#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A panel over UDP: everybody calls the bridge, which answers to the ports they
# call from. Prof is the host, Bob a speaker, Ann and Carl listen, until the
# host gives Ann the floor. What each of them got is in NAME.vcrtp.

type vc-capture vc-mix vc-recv vc-send >/dev/null || exit

person() # NAME URL
{
	vc-capture -t 7s --name "$1" --cname "$1" --size 320x180 --fps 15 \
		test: | vc-send --duplex "$2" >"$1.vcrtp"
}

trap 'rm -f ready back' EXIT
mkfifo ready back
vc-recv --ready=ready --stop-on empty:500ms --reply=back \
	{Prof,Bob,Ann,Carl}=rtp://127.0.0.1:0,latch=first |
	vc-mix --policy panel --role Prof=host --role Bob=speaker \
		--at '3500ms floor Ann' --fps 15 --keyint 1s >back &
for who in Prof Bob Ann Carl; do
	read -r _ url
	person "$who" "$url" &
done <ready
wait
