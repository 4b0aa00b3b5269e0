#!/bin/bash
# SPDX-License-Identifier: MIT
#
#   call.sh SECONDS
#
# call.html in Chromium; what it said is in the file 'said.json'. It does not take
# the loopback's address: it is given another in this network, which lo carries
# as well.
set -eu

ip link add v0 type veth peer name v1
ip addr add 10.9.0.1/24 dev v0
ip link set v0 up
ip link set v1 up
ip route add default via 10.9.0.2

page=$(cd "${BASH_SOURCE[0]%/*}" && pwd)/call.html
mkfifo console
chromium --headless --no-sandbox --disable-gpu --disable-quic \
	--no-first-run --disable-background-networking \
	--disable-component-update --disable-sync \
	--user-data-dir="$PWD/profile" --enable-logging=stderr \
	--autoplay-policy=no-user-gesture-required \
	--disable-features=WebRtcHideLocalIpsWithMdns \
	--remote-debugging-port=0 "file://$page#$1" >/dev/null 2>console &
browser=$!
sed -n '/"VC {/{s/.*"VC \({.*}\)", source.*/\1/p;q}' <console >said.json
kill $browser
wait $browser || :
[ -s said.json ]
