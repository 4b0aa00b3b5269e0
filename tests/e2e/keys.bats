#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Key files, read by the least tool there can be, and new keys of vc-send.

bats_require_minimum_version 1.5.0
load ../common

setup()
{
	begin
	mini=$VC_BUILD/tests/e2e/minitool
	(umask 077 && vc-send --new-key >k)
}

@test "a new key: one line, of the suite asked for, another each time" {
	run -0 vc-send --new-key
	assert_output --regexp '^AEAD_AES_128_GCM inline:[A-Za-z0-9+/]{38}==$'
	[ "$output" != "$(<k)" ]
	for suite in AEAD_AES_256_GCM AES_CM_128_HMAC_SHA1_80 \
		AES_CM_128_HMAC_SHA1_32 AES_256_CM_HMAC_SHA1_80; do
		run -0 vc-send --new-key="$suite"
		assert_output --regexp "^$suite inline:[A-Za-z0-9+/]+=*\$"
		(umask 077 && echo "$output" >k2)
		run -0 "$mini" --virtual -t 1s --key-file k --key-file k2
		assert_line --index 0 "2 keys"
	done
	run -2 vc-send --new-key=NULL
	assert_output --partial "no such suite"
	run -1 bash -c 'vc-send --new-key >/dev/full'
}

@test "a file, a FIFO, a descriptor, with comments and empty lines" {
	{
		echo "# ours"
		echo
		echo "  alice=out $(<k)  "
		printf '# theirs\r\nin %s\r\n' "$(vc-send --new-key)"
		echo "$(vc-send --new-key)|2^20|7:4"
	} >all
	chmod 600 all
	run -0 "$mini" --virtual -t 1s --key-file all
	assert_line --index 0 "3 keys"
	run -0 "$mini" --virtual -t 1s --key-file fd:7 7<all
	assert_line --index 0 "3 keys"
	mkfifo pipe
	cat all >pipe &
	run -0 "$mini" --virtual -t 1s --key-file pipe
	assert_line --index 0 "3 keys"
	wait
}

@test "what others may use is warned of" {
	chmod 640 k
	run -0 "$mini" --virtual -t 1s --key-file k
	assert_line "minitool: k: others may use it (mode 0640): chmod 600"
	run -0 "$mini" --virtual -t 1s --key-file fd:7 7<k
	assert_output --partial "chmod 600"
}

@test "a wrong line: exit 2, where it is, and nothing of the key" {
	good=$(<k)
	while IFS='|' read -r line message; do
		printf '#\n%s\n' "$line" >bad
		chmod 600 bad
		run -2 "$mini" --virtual -t 1s --key-file bad
		assert_line --regexp "^minitool: bad:2: .*$message"
		refute_output --partial "${good:30:16}"
	done <<-END
		AEAD_AES_128_GCM|does not begin with inline:
		AEAD_AES_256_GCM ${good#* }|not base64 of the length
		${good%????}!!==|not base64 of the length
		$good $good|something after the key
		NULL_HMAC_SHA1_80 ${good#* }|no such suite
		a:b=$good|NAME=
	END
	printf 'in %s\nout %s\n' "$good" "$good" >bad
	chmod 600 bad
	run -2 "$mini" --virtual -t 1s --key-file bad
	assert_line --partial "bad:2: this key is there already"
	printf '# later\n\n' >bad
	run -2 "$mini" --virtual -t 1s --key-file k --key-file bad
	assert_output --partial "bad: there is no key in it"
	# A key that was written where its place belongs.
	run -2 "$mini" --virtual -t 1s --key-file "$good"
	assert_output --partial "the place of one is wanted"
	refute_output --partial "${good:30:16}"
	run -2 "$mini" --virtual -t 1s --key-file rtp:h
	assert_output --partial "--key-file"
}

@test "what cannot be read: exit 1" {
	run -1 "$mini" --virtual -t 1s --key-file missing
	assert_output --partial "missing: read keys: No such file"
	run -1 "$mini" --virtual -t 1s --key-file .
	assert_output --partial "Is a directory"
	run -1 "$mini" --virtual -t 1s --key-file fd:9
	assert_output --partial "fd:9: read keys"
}

@test "--roc takes what 32 bits hold" {
	run -0 "$mini" --virtual -t 1s --roc 4294967295
	run -2 "$mini" --virtual -t 1s --roc 4294967296
	run -2 "$mini" --virtual -t 1s --roc -1
}
