#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A broadcast: all hear and see the one who speaks, first Eve and then Dan. What
# Ann sends goes nowhere. On the virtual clock. What each of them got: vc-probe
# --as Ann broadcast.vcrtp

person()
{
	vc-capture --virtual -t 6s --name "$1" --cname "$1" --size 320x180 \
		--fps 15 test:
}

vc-mix --policy broadcast --role Eve=speaker --fps 15 --keyint 1s \
	--at '3s role Eve listener' --at '3s role Dan speaker' \
	Eve=<(person Eve) Dan=<(person Dan) Ann=<(person Ann) >broadcast.vcrtp
