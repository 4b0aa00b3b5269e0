#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A call: each of the two gets the other's sound and picture as they are, without
# transcoding. Carl, who comes too late, is refused. On the virtual clock. What
# each of them got: vc-probe --as Ann call.vcrtp

person()
{
	vc-capture --virtual --name "$1" --cname "$1" --size 320x180 --fps 15 \
		--keyint 1s "${@:2}" test:
}

vc-mix --policy call Ann=<(person Ann -t 6s) Bob=<(person Bob -t 6s) \
	Carl=<(person Carl --start 2s -t 4s) >call.vcrtp
