#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A panel: Prof is its host, Bob a speaker, Ann and Carl listen. After three
# seconds the host gives Ann the floor, after six he takes it back. On the
# virtual clock. What each of them got: vc-probe --as Ann panel.vcrtp

person()
{
	vc-capture --virtual -t 9s --name "$1" --cname "$1" --size 320x180 \
		--fps 15 test:
}

vc-mix --policy panel --role Prof=host --role Bob=speaker \
	--at '3s floor Ann' --at '6s floor -' --fps 15 --keyint 1s \
	Prof=<(person Prof) Bob=<(person Bob) Ann=<(person Ann) \
	Carl=<(person Carl) >panel.vcrtp
