#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A lesson: Ann and Bob hear and see the lecturer only, who hears and sees all.
# After three seconds Bob is asked to give a talk in his place. On the virtual
# clock. What each of them got: vc-probe --as Ann lesson.vcrtp

person()
{
	vc-capture --virtual -t 6s --name "$1" --cname "$1" --size 320x180 \
		--fps 15 test:
}

vc-mix --policy lesson --role Prof=lecturer --fps 15 --keyint 1s \
	--at '3s role Prof student' --at '3s role Bob lecturer' \
	Prof=<(person Prof) Ann=<(person Ann) Bob=<(person Bob) >lesson.vcrtp
