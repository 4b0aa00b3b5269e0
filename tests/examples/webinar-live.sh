#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A webinar over UDP: everybody calls the bridge, which answers to the ports they
# call from. Eve, the host, and Dan, her guest, are on a stage, which all see; Ann
# and Bob listen, until Ann asks something. What each of them got is in NAME.vcrtp,
# and what a recorder got, who sends nothing, in webinar.webm.

type vc-capture vc-mix vc-record vc-recv vc-send >/dev/null || exit

person() # NAME URL
{
	vc-capture -t 7s --name "$1" --cname "$1" --size 320x180 --fps 15 \
		test: | vc-send --duplex "$2" >"$1.vcrtp"
}

trap 'rm -f ready back' EXIT
mkfifo ready back
vc-recv --ready=ready --stop-on empty:500ms --reply=back \
	{Eve,Dan,Ann,Bob}=rtp://127.0.0.1:0,latch=first |
	vc-mix --policy webinar --role Eve=host --role Dan=speaker \
		--out recorder --at '3500ms floor Ann' --fps 15 --keyint 1s |
	tee back | vc-record -q --as recorder webinar.webm &
for who in Eve Dan Ann Bob; do
	read -r _ url
	person "$who" "$url" &
done <ready
wait
