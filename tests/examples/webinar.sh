#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A webinar: Eve, its host, and Dan, her guest, are on a stage, which all see.
# Ann and Bob listen; after three seconds Ann asks something. A recorder gets
# what they get. On the virtual clock. What each of them got is in
# webinar.vcrtp (vc-probe --as Ann webinar.vcrtp), the recording in webinar.webm.

person()
{
	vc-capture --virtual -t 6s --name "$1" --cname "$1" --size 320x180 \
		--fps 15 test:
}

vc-mix --policy webinar --role Eve=host --role Dan=speaker --out recorder \
	--at '3s floor Ann' --fps 15 --keyint 1s Eve=<(person Eve) \
	Dan=<(person Dan) Ann=<(person Ann) Bob=<(person Bob) >webinar.vcrtp
vc-record --as recorder -i webinar.vcrtp webinar.webm
