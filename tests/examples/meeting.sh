#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A meeting: everybody hears all others and sees all. Ann leaves after six
# seconds; Carl comes after three. On the virtual clock, faster than it lasts.
# What each of them got: vc-probe --as Ann meeting.vcrtp

person()
{
	vc-capture --virtual --name "$1" --cname "$1" --size 320x180 --fps 15 \
		"${@:2}" test:
}

vc-mix --policy symmetric --fps 15 --keyint 1s Ann=<(person Ann -t 6s) \
	Bob=<(person Bob -t 9s) Carl=<(person Carl --start 3s -t 6s) \
	>meeting.vcrtp
