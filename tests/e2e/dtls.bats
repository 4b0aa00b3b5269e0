#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# DTLS-SRTP between vc-send and vc-recv: roles, fingerprints, bad networks,
# those who begin anew. Runs live, 100 s: live streams are judged.

# shellcheck disable=SC2016,SC2154 # for jq; bats sets stderr
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((90 * ${VC_SLOW:-1}))
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	export KEPT=$PWD
	umask 077
	for who in here there other; do
		vc-send --new-dtls-cert "$who.pem" >"$who.fp"
	done
	vc-capture --virtual -t 2s --size 160x90 --fps 15 test: >v.vcrtp
}

setup()
{
	begin
	umask 077
	peer="python3 $BATS_TEST_DIRNAME/dtlspeer.py"
}

# The options of who he is, and of whom he knows.
is() { own=(--dtls-cert "$KEPT/$1.pem"); }
knows() { knows=(--dtls-fingerprint "${2:+$2=}$(<"$KEPT/$1.fp")"); }

# Starts vc-recv as `here`, who knows `there`, at $place: $pid, $url, $port.
listen()
{
	local name=${name-r} place=${place-dtls+rtp://127.0.0.1:0} print

	is here
	knows "${known-there}"
	mkfifo "$name.ready"
	vc-recv "${own[@]}" "${knows[@]}" --ready="$name.ready" \
		--stats="$name.stats" -o "$name.vcrtp" "$@" "$place" \
		2>"$name.err" 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ url print <"$name.ready"
	[ "$print" = "$(<"$KEPT/here.fp")" ]
	port=${url##*:}
}

# Sends as `there`, who knows `here`.
send()
{
	is there
	knows "${known-here}"
	vc-send "${own[@]}" "${knows[@]}" --stats=sent "$@" 3>&-
}

last() { tail -n 1 "${name-r}.stats" | jq -c "$1"; }
sources() { vc-probe --json "${name-r}.vcrtp" | jq -c ".sources[] | $1"; }

two_ports() { a=$(free_port) b=$(free_port); }

@test "the sender begins, and all of a recording arrives, sealed" {
	listen --stop-on bye
	[[ $url == dtls+rtp://127.0.0.1:* ]]
	send -i "$KEPT/v.vcrtp" "$url"
	ended
	run last '.recv | [.packets > 100, .auth_failed, .replay, .notrtp]'
	assert_output "[true,0,0,0]"
	run last '.dtls[] | [.handshakes, .failures, .early]'
	assert_output "[1,0,0]"
	run sources '[.net.received == .net.expected, .net.lost]'
	assert_output $'[true,0]\n[true,0]'
	# Reports came back, and were authentic.
	run jq -sc '.[-1] | .destinations[0] as $d | [$d.rtcp_in > 0,
		.send.auth_failed, $d.waiting, $d.unsealed, $d.dtls.handshakes,
		$d.dtls.state]' sent
	assert_output '[true,0,0,0,1,"up"]'
	run jq -sc '.[0].destinations[0].dtls.peers[0].suite' sent
	assert_output '"AEAD_AES_128_GCM"'
}

@test "the receiver begins: who is passive has a port, and is told where" {
	two_ports
	place=dtls+rtp://127.0.0.1:$a,source=127.0.0.1:$b
	listen --dtls-setup active --stop-on bye
	send --dtls-setup passive -i "$KEPT/v.vcrtp" \
		"dtls+rtp://127.0.0.1:$a,bind=127.0.0.1:$b"
	ended
	run sources '[.net.received == .net.expected, .net.lost]'
	assert_output $'[true,0]\n[true,0]'
	# actpass lets the other one begin, who has a port for IPv6 as well.
	place=dtls+rtp://:$b,source=127.0.0.1:$a
	name=again
	listen --dtls-setup active --stop-on bye
	send --dtls-setup actpass -i "$KEPT/v.vcrtp" \
		"dtls+rtp://127.0.0.1:$b,bind=127.0.0.1:$a"
	ended
	run last '.dtls[0].handshakes'
	assert_output 1
}

@test "SDPs tell fingerprint and role" {
	two_ports
	is there
	knows here
	vc-send "${own[@]}" "${knows[@]}" -i "$KEPT/v.vcrtp" --sdp-out o.sdp \
		"dtls+rtp://127.0.0.1:$a" 3>&- &
	pids+=("$!")
	wait_for test -s o.sdp
	grep -q "^m=audio $a UDP/TLS/RTP/SAVPF " o.sdp
	grep -qF "a=fingerprint:$(<"$KEPT/there.fp")" o.sdp
	grep -q '^a=setup:active' o.sdp
	is here
	vc-recv "${own[@]}" --sdp o.sdp --stop-on bye --stats=r.stats \
		-o r.vcrtp 2>err 3>&-
	run sources '.net.lost'
	assert_output $'0\n0'
	# That nobody was there before is no reason to shake hands again.
	run last '.dtls[0].handshakes'
	assert_output 1
	# The other way: the peer's, of what comes back.
	sed "s/^a=fingerprint:.*/a=fingerprint:$(<"$KEPT/here.fp")/
		s/^a=setup:.*/a=setup:passive/" o.sdp >peer.sdp
	listen --stop-on bye
	is there
	vc-send "${own[@]}" -i "$KEPT/v.vcrtp" "$url,sdp=peer.sdp" 3>&-
	ended
	sed 's/^a=setup:.*/a=setup:active/' peer.sdp >active.sdp
	run -2 --separate-stderr vc-send --dtls-setup active \
		-i "$KEPT/v.vcrtp" "$url,sdp=active.sdp"
	[[ $stderr == *"who begins?"* ]]
	sed 's/^a=fingerprint:.*/a=fingerprint:sha-1 AA:BB/' o.sdp >weak.sdp
	run -2 --separate-stderr vc-recv --sdp weak.sdp
	[[ $stderr == *"not safe any more"* ]]
}

@test "another certificate at the receiver: exit 5 on both sides" {
	listen --wait 5s
	known=other run -5 --separate-stderr send -i "$KEPT/v.vcrtp" "$url"
	[[ $stderr == *"handshake: another certificate"* ]]
	[[ $stderr == *"nothing is sent"* ]]
	run jq -sc '.[-1] | [.ended, .destinations[0].dtls.state,
		.destinations[0].packets]' sent
	assert_output '["error","failed",0]'
	ended 5
	run last '[.recv.packets, .dtls[0].handshakes]'
	assert_output "[0,0]"
	run cat r.err
	assert_output --partial "but no DTLS handshake to its end"
}

@test "another certificate at the sender: exit 5 on both sides" {
	known=other listen --wait 13s
	run -5 --separate-stderr send -i "$KEPT/v.vcrtp" "$url"
	[[ $stderr == *"does it know our fingerprint?"* ]]
	ended 5
	run cat r.err
	assert_output --partial "handshake: another certificate"
	assert_output --partial "but no DTLS handshake to its end"
	run last '[.recv.packets, .dtls[0].handshakes]'
	assert_output "[0,0]"
}

@test "nobody there: exit 5; a receiver that nobody comes to: 4" {
	two_ports
	run -5 --separate-stderr send -i "$KEPT/v.vcrtp" \
		"dtls+rtp://127.0.0.1:$a"
	[[ $stderr == *"no end within 10 s"* ]]
	mkfifo silent
	run -5 --separate-stderr send --dtls-setup passive --wait 300ms \
		"dtls+rtp://127.0.0.1:$a,bind=127.0.0.1:$b" 0<>silent
	[[ $stderr == *"nothing was sent"* ]]
	listen --wait 100ms
	ended 4
}

@test "without a fingerprint it does not start, or it says so loudly" {
	is here
	run -2 --separate-stderr vc-recv "${own[@]}" dtls+rtp://127.0.0.1:0
	[[ $stderr == *"whose certificate is it?"* ]]
	run -2 --separate-stderr vc-send dtls+rtp://127.0.0.1:9
	[[ $stderr == *"whose certificate is it?"* ]]
	run -2 vc-recv --dtls-fingerprint "md5 AA:BB" dtls+rtp://127.0.0.1:0
	assert_output --partial "not safe any more"
	run -2 vc-recv --dtls-fingerprint "sha-256 AA:BB" dtls+rtp://:0
	assert_output --partial "sha-256 AA:BB"
	run -2 vc-recv --dtls-cert missing.pem dtls+rtp://127.0.0.1:0
	assert_output --partial "missing.pem: certificate: No such file"
	knows there
	run -2 vc-recv "${knows[@]}" dtls+rtp://127.0.0.1:0,rtcp=+1
	assert_output --partial "rtcp=mux|off"
	run -2 vc-recv "${knows[@]}" --dtls-setup active dtls+rtp://:0
	assert_output --partial "source=ADDR:PORT"
	run -2 vc-send "${knows[@]}" rtp://127.0.0.1:9 dtls+rtp://127.0.0.1:9
	assert_output --partial "no SRTP key to send with"
	for word in "--dtls-fingerprint x" "--dtls-setup active" \
		"--dtls-cert $KEPT/here.pem"; do
		# shellcheck disable=SC2086 # two words
		run -2 vc-send $word rtp://127.0.0.1:9
		assert_output --partial "there is no dtls+rtp:// place"
		# shellcheck disable=SC2086
		run -2 vc-recv $word rtp://127.0.0.1:0
		assert_output --partial "there is no dtls+rtp:// place"
	done
	run -1 vc-send --new-dtls-cert "$KEPT/here.pem"
	assert_output --partial "File exists"
	mkfifo ready
	vc-recv -q --insecure --ready=ready --stop-on bye -o r.vcrtp \
		dtls+rtp://127.0.0.1:0 2>r.err 3>&- &
	pid=$!
	pids+=("$pid")
	# Both are ephemeral: each run has another.
	read -r _ url print <ready
	[ "$print" != "$(<"$KEPT/here.fp")" ]
	vc-send --dtls-fingerprint "$print" -i "$KEPT/v.vcrtp" "$url"
	ended
	run cat r.err
	assert_output --partial "--insecure: CERTIFICATES"
}

# A relay that loses: $port.
relay()
{
	mkfifo relay
	vc-impair -q --ready=relay udp://127.0.0.1:0 "$@" \
		"udp://127.0.0.1:$port" 2>relay.err 3>&- &
	pids+=("$!")
	port=$(sed 's/.*://' relay)
}

@test "what is lost of a handshake is sent again" {
	listen --stop-on bye --repair none
	relay --seed 5 --up 'loss=30%' --down 'loss=30%'
	send -i "$KEPT/v.vcrtp" "dtls+rtp://127.0.0.1:$port"
	ended
	run last '[.recv.packets > 50, .recv.auth_failed, .dtls[0].handshakes]'
	assert_output "[true,0,1]"
}

@test "a sender that was killed begins anew at the same address" {
	two_ports
	place=dtls+rtp://127.0.0.1:$a
	listen --idle-timeout 4s
	is there
	knows here
	vc-capture --video none test: 3>&- |
		vc-send "${own[@]}" "${knows[@]}" --stats=first \
			"$url,bind=127.0.0.1:$b" 3>&- &
	pids+=("$!")
	first=$!
	await first '.destinations[0].packets > 20'
	kill -KILL "$first"
	wait "$first" || :
	send -i "$KEPT/v.vcrtp" "$url,bind=127.0.0.1:$b"
	ended
	run last '[.dtls[0].handshakes, .recv.collisions, .recv.auth_failed]'
	assert_output "[2,0,0]"
	vc-probe --json r.vcrtp | jq -e '.sources | length == 3' >report
}

@test "a receiver that begins anew gets the stream again" {
	two_ports
	place=dtls+rtp://127.0.0.1:$a
	listen -t 1s
	is there
	knows here
	vc-capture --size 160x90 --fps 15 test: 3>&- |
		vc-send "${own[@]}" "${knows[@]}" --stats=sent "$url" \
			2>sent.err 3>&- &
	pids+=("$!")
	ended
	name=again
	# With goodbye; and without a word.
	listen
	await again.stats '.recv.packets > 50'
	kill -KILL "$pid"
	wait "$pid" || :
	name=third
	listen -t 1s
	ended
	run last '[.recv.auth_failed >= 0, .dtls[0].handshakes,
		.recv.packets > 30]'
	assert_output "[true,1,true]"
	# A picture begins with a key frame.
	run sources '.codec'
	assert_line '"VP8"'
}

@test "several peers have keys of their own, and names" {
	listen --dtls-fingerprint "eve=$(<"$KEPT/other.fp")" --stop-on bye
	send -i "$KEPT/v.vcrtp" "$url" &
	pids+=("$!")
	is other
	knows here
	vc-send "${own[@]}" "${knows[@]}" -i "$KEPT/v.vcrtp" "$url" 3>&-
	ended
	run last '[.dtls[0].handshakes, .recv.auth_failed, .recv.collisions]'
	assert_output "[2,0,0]"
	run bash -c "vc-probe --packets=json r.vcrtp | jq -rc 'select(
		.type == \"event\") | .event | select(.ev == \"source\") |
		[.id == \"eve\", .id_by]' | sort -u"
	assert_line '[true,"key"]'
	assert_line '[false,"cname"]'
}

@test "nothing in clear is taken, and garbage is none of its business" {
	listen --stats-interval 50ms
	$peer clear "$port"
	await r.stats '.recv.datagrams > 10'
	kill -TERM "$pid"
	ended 5
	run last '[.recv.packets, .recv.datagrams > 10, .dtls[0].early > 10]'
	assert_output "[0,true,true]"
	run cat r.err
	assert_output --partial "but no DTLS handshake to its end"
	name=second
	listen --stop-on bye --stats-interval 50ms
	mkfifo live
	vc-capture --size 160x90 --fps 15 -o live test: 3>&- &
	capture=$!
	send -i live "$url" &
	pids+=("$capture" "$!")
	# From strangers, and in between.
	await second.stats '.dtls[0].handshakes == 1'
	$peer clear "$port"
	$peer garbage "$port"
	kill -INT "$capture"
	ended
	run last '[.recv.auth_failed > 10, .dtls[0].strays > 100,
		.dtls[0].handshakes, .dtls[0].failures]'
	assert_output "[true,true,1,0]"
	run sources '[.net.received == .net.expected, .net.lost]'
	assert_output $'[true,0]\n[true,0]'
}

@test "who may not come gets no answer" {
	listen --allow 192.0.2.0/24 --stats-interval 50ms
	run $peer hello "$port"
	assert_output "silence"
	await r.stats '.recv.stranger > 0'
	kill -TERM "$pid"
	ended 4
	name=open
	listen
	run $peer hello "$port"
	assert_output "not longer"
}

@test "two ends call each other" {
	two_ports
	is here
	knows there
	vc-capture -t 4s --size 160x120 --name alice test: 3>&- |
		vc-send --duplex --dtls-setup passive "${own[@]}" \
			"${knows[@]}" \
			"bob=dtls+rtp://127.0.0.1:$b,bind=127.0.0.1:$a" \
			>alice.vcrtp 2>alice.err 3>&- &
	pids+=("$!")
	is there
	knows here
	vc-capture -t 4s --size 160x120 --name bob test: 3>&- |
		vc-send --duplex "${own[@]}" "${knows[@]}" \
			"alice=dtls+rtp://127.0.0.1:$a,bind=127.0.0.1:$b" \
			>bob.vcrtp 2>bob.err 3>&- &
	pids+=("$!")
	wait "${pids[@]}"
	run cat alice.err bob.err
	assert_output ""
	run vc-probe -e 'heard[bob]>60%' -e 'video.fps>10' -e 'net.lost==0' \
		alice.vcrtp
	assert_success
	run vc-probe -e 'heard[alice]>60%' bob.vcrtp
	assert_success
}

@test "a bridge answers under the keys of each, and follows who is rebound" {
	mkfifo back forth
	vc-mix --minus-one --video off -o back <forth 2>mix.err 3>&- &
	pids+=("$!")
	is here
	mkfifo ready
	vc-recv "${own[@]}" --reply=back -o forth --ready=ready --stats=r.stats \
		--dtls-fingerprint "alice=$(<"$KEPT/there.fp")" \
		--dtls-fingerprint "bob=$(<"$KEPT/other.fp")" \
		dtls+rtp://127.0.0.1:0 2>r.err 3>&- &
	recv=$!
	pids+=("$recv")
	read -r _ url _ <ready
	port=${url##*:}
	relay rebind=2500ms
	for who in alice bob; do
		cert=there at=dtls+rtp://127.0.0.1:$port
		[ $who = alice ] || cert=other at=$url
		is $cert
		knows here
		vc-capture -t 6s --video none --name $who test: 3>&- |
			vc-send --duplex "${own[@]}" "${knows[@]}" "$at" \
				>$who.vcrtp 2>$who.err 3>&- &
		calls+=("$!")
	done
	pids+=("${calls[@]}")
	wait "${calls[@]}"
	kill -INT "$recv"
	wait "$recv"
	run cat alice.err bob.err r.err
	assert_output ""
	vc-probe -e 'heard[bob]>60%' alice.vcrtp >/dev/null
	vc-probe -e 'heard[alice]>60%' bob.vcrtp >/dev/null
	run jq -sc '[.[].destinations[]?.to] | unique | length' r.stats
	assert_output 2
	run last '[.dtls[0].handshakes, .recv.auth_failed]'
	assert_output "[2,0]"
}

@test "a destination is added while others run, and those in clear refuse" {
	listen --stop-on bye
	one=$pid
	first=$url
	name=second
	listen --stop-on bye
	is there
	knows here
	vc-capture -t 4s --video none test: 3>&- |
		vc-send "${own[@]}" "${knows[@]}" --control ctl --stats=sent \
			--at "1s add $url" "$first" 2>sent.err 3>&- &
	pids+=("$!")
	ended
	pid=$one
	ended
	run last '[.recv.packets > 50, .recv.auth_failed]'
	assert_output "[true,0]"
	run cat sent.err
	assert_output ""
}
