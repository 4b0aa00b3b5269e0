#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# SRTP between vc-send and vc-recv, and with a scripted peer.
# Runs live, 105 s: streams are judged as they come.

# shellcheck disable=SC2016,SC2154 # for jq; bats sets stderr
bats_require_minimum_version 1.5.0

export BATS_TEST_TIMEOUT=$((90 * ${VC_SLOW:-1}))
load ../common

setup()
{
	begin
	peer=$VC_BUILD/tests/e2e/srtppeer
	umask 077
	vc-send --new-key >k
}

# Starts vc-recv on a port of the kernel's choice: $pid, $url, $port.
listen()
{
	local name=${name-r} place=${place-srtp://127.0.0.1:0}

	mkfifo "$name.ready"
	vc-recv --ready="$name.ready" --stats="$name.stats" -o "$name.vcrtp" \
		"$@" "$place" 2>"$name.err" 3>&- &
	pid=$!
	pids+=("$pid")
	url=$(sed 's/^ready //' "$name.ready")
	port=${url##*:}
}

# A recorded stream: 2 s of sound and small pictures.
film()
{
	vc-capture --virtual -t 2s --size 160x90 --fps 15 "$@" test: >v.vcrtp
}

last() { tail -n 1 "${name-r}.stats" | jq -c "$1"; }
sources() { vc-probe --json "${name-r}.vcrtp" | jq -c ".sources[] | $1"; }

@test "every suite, with a key for each direction" {
	film
	for suite in AEAD_AES_128_GCM AEAD_AES_256_GCM AES_CM_128_HMAC_SHA1_80 \
		AES_CM_128_HMAC_SHA1_32 AES_256_CM_HMAC_SHA1_80; do
		forth=$(vc-send --new-key="$suite")
		back=$(vc-send --new-key="$suite")
		printf 'in %s\nout %s\n' "$forth" "$back" >here
		printf 'out %s\nin %s\n' "$forth" "$back" >there
		name=$suite
		listen --key-file here --stop-on bye
		vc-send -i v.vcrtp --key-file there --stats=sent "$url"
		ended
		# All that left was sealed, BYE included.
		run last '.recv | [.packets > 100, .auth_failed, .replay,
			.datagrams - .packets - .rtcp_in]'
		assert_output "[true,0,0,0]"
		run sources '.net.lost'
		assert_output $'0\n0'
		# Reports came back, and were authentic.
		run jq -sc '.[-1] | [.destinations[0].rtcp_in > 0,
			.send.auth_failed]' sent
		assert_output "[true,0]"
	done
}

@test "the next key by its MKI takes over without a break" {
	film
	one=$(vc-send --new-key) two=$(vc-send --new-key)
	printf 'out %s|90|1:1\nout %s|2^20|2:1\n' "$one" "$two" >there
	printf 'in %s|2^48|1:1\nin %s|2^48|2:1\n' "$one" "$two" >here
	listen --key-file here --stop-on bye
	vc-send -i v.vcrtp --key-file there "$url"
	ended
	run last '.recv | [.auth_failed, .replay, .roc_searches]'
	assert_output "[0,0,0]"
	run sources '[.net.received == .net.expected, .net.lost]'
	assert_output $'[true,0]\n[true,0]'
}

@test "a key that is used up: nothing more, and an error" {
	film
	sed 's/$/|90/' k >short
	listen --key-file k --wait 9s --idle-timeout 1s
	run -5 --separate-stderr vc-send -i v.vcrtp --key-file short \
		--stats=sent "$url"
	[[ $stderr == *"the life of its key is over"* ]]
	run jq -sc '.[-1] | [.ended, .destinations[0].unsealed > 0]' sent
	assert_output '["error",true]'
	ended
	run last '.recv.packets'
	assert_output 90
}

@test "another key: exit 5, and a line that says so" {
	film
	vc-send --new-key >other
	listen --key-file other --stats-interval 50ms
	vc-send -i v.vcrtp --fast --key-file k "$url"
	await r.stats '.recv.auth_failed > 0'
	kill -TERM "$pid"
	ended 5
	run cat r.err
	assert_output "vc-recv: packets came, but none was authentic (the right key?)"
	run last '.recv | [.packets, .auth_failed > 0]'
	assert_output "[0,true]"
}

@test "nothing came: exit 4" {
	listen --key-file k --wait 100ms
	ended 4
}

@test "nothing in clear is taken, no BYE either" {
	listen --key-file k --stop-on bye
	$peer "$port" sdes clear=20 send=50 clear=20 clearbye tiny=5 bad=5 \
		send=50 bye <k
	ended
	run last '.recv | [.packets, .auth_failed, .replay]'
	assert_output "[100,51,0]"
	# Those that could be his by their length.
	run sources '.net.auth_failed'
	assert_output 45
}

# K4
@test "without keys what is sealed looks like another format: both cures are named" {
	film
	place=rtp://127.0.0.1:0
	listen --stop-on bye --stop-on empty:1s --wait 5s
	vc-send -i v.vcrtp --key-file k "$url"
	wait "$pid" || :
	run cat r.err
	assert_line --partial "which its packets are not: dropped (cure: --sdp FILE or --pt"
	assert_line --partial ", or if it is SRTP --key-file FILE)"
}

@test "RTCP that is signed, but in clear, is not taken" {
	vc-send --new-key=AES_CM_128_HMAC_SHA1_80 >k
	listen --key-file k --stop-on bye
	$peer "$port" sdes send=50 <k
	python3 "$BATS_TEST_DIRNAME/srtpsigned.py" "$port" 1000 <k
	# He is still here, and 3 s later, too.
	$peer "$port" seq=150 pace=60 send=50 sdes sdes bye <k
	ended
	run last '.recv | [.packets, .auth_failed]'
	assert_output "[100,1]"
	run bash -c "vc-probe --packets=json r.vcrtp | jq -c 'select(
		.type == \"event\") | .event | select(.ev == \"leave\").why'"
	assert_output '"bye"'
}

@test "what comes again is refused" {
	listen --key-file k --stop-on bye
	$peer "$port" send=1000 replay=1 replay=128 replay=1000 bye <k
	ended
	run last '.recv | [.packets, .replay, .duplicates]'
	assert_output "[1000,1129,0]"
	run sources '[.net.received, .net.lost]'
	assert_output "[1000,0]"
}

@test "a wrap in the first packets, and half of them lost" {
	listen --key-file k --stop-on bye
	$peer "$port" seq=65530 send=3 skip=3 send=1 skip=2 send=2 bye <k
	ended
	run last '.recv | [.packets, .auth_failed]'
	assert_output "[6,0]"
}

@test "who joins after three wraps is found" {
	listen --key-file k -v --stop-on bye
	$peer "$port" roc=3 seq=5000 pace=20 send=150 bye <k
	ended
	run last '.recv | [.packets > 50, .roc_found, .sources]'
	assert_output "[true,1,0]"
	run grep -c "roll-over count 3 found" r.err
	assert_output 1
}

@test "numbers wrap in a blackout: sound is back at once" {
	# Once, as in a second or ten; and so far that a minute of a fast
	# sender is meant, whose count has to be searched for.
	for row in '400 1200 200' '70000 1200 190'; do
		read -r lost dark least <<<"$row"
		name=$lost
		listen --key-file k --stop-on bye
		$peer "$port" seq=65400 pace=10 send=100 skip="$lost" \
			wait="$dark" send=100 bye <k
		ended
		run last ".recv | [.packets >= $least, .roc_found <= 1,
			.sources]"
		assert_output "[true,true,0]"
		# The gap is no longer than the blackout and the search.
		vc-probe --packets=json "$name.vcrtp" | jq -s '
			map(select(.type == "rtp").t) | [range(1; length) as $i |
			.[$i] - .[$i - 1]] | max / 1000' >gap
		run jq ". >= $dark and . < $dark + 2000" gap
		assert_output true
	done
}

@test "--roc says where it begins" {
	listen --key-file k --roc 70000 --stop-on bye
	$peer "$port" roc=70000 seq=5000 send=50 bye <k
	ended
	run last '.recv | [.packets, .auth_failed, .roc_searches]'
	assert_output "[50,0,0]"
}

@test "the name of a key is who it is, whatever he says" {
	film --name mallory
	alice=$(vc-send --new-key) bob=$(vc-send --new-key)
	printf 'alice=in %s\nbob=in %s\n' "$alice" "$bob" >here
	echo "$alice" >alice
	echo "$bob" >bob
	listen --key-file here --stop-on bye
	vc-send -i v.vcrtp --key-file alice "$url" &
	pids+=("$!")
	vc-send -i v.vcrtp --key-file bob "$url"
	ended
	run bash -c "vc-probe --packets=json r.vcrtp | jq -rc 'select(
		.type == \"event\") | .event | select(.ev == \"source\") |
		[.id, .id_by, .name]' | sort -u"
	assert_line '["alice","key","mallory"]'
	assert_line '["bob","key","mallory"]'
	refute_line --partial '"id_by"'
}

@test "nobody takes over an SSRC with his own key" {
	alice=$(vc-send --new-key) bob=$(vc-send --new-key)
	printf 'alice=in %s\nbob=in %s\n' "$alice" "$bob" >here
	listen --key-file here --stop-on bye
	$peer "$port" ssrc=7 send=20 <<<"$alice"
	$peer "$port" ssrc=7 send=20 bye <<<"$bob"
	$peer "$port" ssrc=7 seq=120 send=20 bye <<<"$alice"
	ended
	run last '.recv | [.packets, .collisions, .rtcp_foreign]'
	assert_output "[40,20,1]"
}

@test "each destination is sent with its own key and numbers" {
	film
	alice=$(vc-send --new-key) bob=$(vc-send --new-key)
	printf 'alice=%s\nbob=%s\n' "$alice" "$bob" >both
	echo "$alice" >alice
	echo "$bob" >bob
	name=a
	listen --key-file alice --stop-on bye
	a=$url apid=$pid
	name=b
	listen --key-file bob --stop-on bye
	vc-send -i v.vcrtp --seed 7 --key-file both "alice=$a" "bob=$url"
	ended
	pid=$apid
	ended
	run bash -c 'for n in a b; do vc-probe --json $n.vcrtp |
		jq ".sources[].ssrc"; done | sort -u | wc -l'
	assert_output 4
	run -2 --separate-stderr vc-send -i v.vcrtp --key-file both "$url"
	[[ $stderr == *"no SRTP key to send with"* ]]
}

@test "a seed does not make numbers come again; --keep-ssrc keeps them" {
	film --seed 5
	for n in 1 2; do
		name=$n
		listen --key-file k --stop-on bye
		vc-send -i v.vcrtp --seed 7 --key-file k "$url"
		ended
		vc-probe --json "$n.vcrtp" | jq '.sources[].ssrc' | sort >"$n"
	done
	run comm -12 1 2
	assert_output ""
	run -2 --separate-stderr vc-send -i v.vcrtp --keep-ssrc --key-file k "$url"
	[[ $stderr == *"'out' key that nobody else has"* ]]
	echo "out $(<k)" >out
	name=kept
	listen --key-file k --stop-on bye
	vc-send -i v.vcrtp --keep-ssrc --key-file out "$url"
	ended
	vc-probe --json v.vcrtp | jq '.sources[].ssrc' | sort >was
	vc-probe --json kept.vcrtp | jq '.sources[].ssrc' | sort >is
	cmp was is
}

@test "a source that comes again with --keep-ssrc brings no number again" {
	film
	echo "out $(<k)" >out
	cat v.vcrtp v.vcrtp v.vcrtp >thrice.vcrtp
	run -0 --separate-stderr python3 "$BATS_TEST_DIRNAME/keystream.py" \
		vc-send --keep-ssrc --fec 50% --key-file out -i thrice.vcrtp
	assert_output "True True 0"
}

@test "a description that wants keys is not served in clear" {
	film
	listen --key-file k --stop-on bye
	vc-send -i v.vcrtp --key-file k --sdp-out o.sdp "$url"
	ended
	sed -e '/^a=crypto/d' -e 's|RTP/SAVP |UDP/TLS/RTP/SAVP |' o.sdp >dtls.sdp
	sed -e '/^a=crypto/s/ AEAD_AES_128_GCM / F8_128_HMAC_SHA1_80 /' \
		-e 's|RTP/SAVP |RTP/AVP |' o.sdp >other.sdp
	grep -q 'F8_128' other.sdp
	for how in "vc-recv rtp://127.0.0.1:0 --sdp=" \
		"vc-recv rtp://127.0.0.1:0,sdp=" \
		"vc-send --duplex -i v.vcrtp rtp://127.0.0.1:9,sdp="; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr ${how}dtls.sdp
		[[ $stderr == *"its SDP wants DTLS-SRTP"* ]]
		# shellcheck disable=SC2086
		run -2 --separate-stderr ${how}other.sdp
		[[ $stderr == *"no SRTP key to receive with"* ]]
	done
}

@test "--sdp-out has the key, for its reader alone, and --sdp takes it" {
	film
	listen --key-file k --stop-on bye
	vc-send -i v.vcrtp --key-file k --sdp-out o.sdp "$url"
	ended
	[ "$(stat -c %a o.sdp)" = 600 ]
	grep -q '^m=audio .* RTP/SAVP ' o.sdp
	grep -qF "a=crypto:1 $(<k)" o.sdp
	mkfifo ready2
	vc-recv --ready=ready2 --sdp o.sdp --stop-on bye -o r2.vcrtp 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ url <ready2
	vc-send -i v.vcrtp --key-file k "$url"
	ended
	name=r2
	run sources '.net.lost'
	assert_output $'0\n0'
	sed '/^a=crypto/d' o.sdp >bare.sdp
	run -2 --separate-stderr vc-recv --sdp bare.sdp
	[[ $stderr == *"no SRTP key to receive with"* ]]
}

@test "without keys srtp:// does not start" {
	run -2 --separate-stderr vc-recv srtp://127.0.0.1:0
	[[ $stderr == *"no SRTP key to receive with"* ]]
	run -2 --separate-stderr vc-send srtp://127.0.0.1:9
	[[ $stderr == *"no SRTP key to send with"* ]]
	echo "out $(<k)" >out
	run -2 vc-recv --key-file out rtp://127.0.0.1:0
	echo "in $(<k)" >in
	run -2 vc-send --key-file in rtp://127.0.0.1:9
	run -1 vc-recv --key-file missing rtp://127.0.0.1:0
	printf 'in %s\nout %s\n' "$(<k)" "$(<k)" >twice
	run -2 --separate-stderr vc-recv --key-file twice rtp://127.0.0.1:0
	[[ $stderr == *"this key is there already"* ]]
	: >empty
	for tool in "vc-send rtp://127.0.0.1:9" "vc-recv rtp://127.0.0.1:0"; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr $tool --key-file k --key-file empty
		[[ $stderr == *"empty: there is no key in it"* ]]
		# shellcheck disable=SC2086
		run -2 --separate-stderr $tool --key-file fd:7 7</dev/null
		[[ $stderr == *"there is no key in it"* ]]
	done
}

@test "no key is told to anybody" {
	film
	listen -v --key-file k --stop-on bye
	vc-send -v -i v.vcrtp --key-file k --stats=sent "$url" 2>sent.err &
	send=$!
	pids+=("$send")
	key=$(sed 's/.*inline:\([^|]*\).*/\1/' k)
	run cat "/proc/$pid/cmdline" "/proc/$send/cmdline" \
		"/proc/$pid/environ" "/proc/$send/environ"
	refute_output --partial "$key"
	wait "$send"
	ended
	for f in r.err r.stats r.vcrtp sent sent.err; do
		[ -e "$f" ]
		run ! grep -qaF "$key" "$f"
	done
}

@test "a bridge answers sealed, and follows who is rebound" {
	mkfifo back forth relay
	vc-mix --minus-one --video off -o back <forth 2>mix.err 3>&- &
	pids+=("$!")
	{
		sed 's/^/alice=/' k
		echo "bob=$(vc-send --new-key | tee bob)"
	} >here
	listen --key-file here --reply=back -o forth
	recv=$pid
	vc-impair udp://127.0.0.1:0 rebind=2500ms --ready=relay \
		--stats=relay.stats "udp://127.0.0.1:$port" 2>relay.err 3>&- &
	pids+=("$!")
	read -r _ far <relay
	for who in alice bob; do
		file=k at=s$far
		[ $who = alice ] || file=bob at=$url
		vc-capture -t 6s --video none --name $who test: 3>&- |
			vc-send --duplex --key-file $file "$at" \
				>$who.vcrtp 2>$who.err 3>&- &
		calls+=("$!")
	done
	pids+=("${calls[@]}")
	wait "${calls[@]}"
	kill -INT "$recv"
	wait "$recv"
	run cat alice.err bob.err r.err
	assert_output ""
	# After the rebind there is sound for 3.5 s.
	vc-probe -e 'heard[bob]>60%' alice.vcrtp >/dev/null
	vc-probe -e 'heard[alice]>60%' bob.vcrtp >/dev/null
	name=alice
	run sources '[.net.received > 250, .net.auth_failed]'
	assert_line "[true,0]"
}
