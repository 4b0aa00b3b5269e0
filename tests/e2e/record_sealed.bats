#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Recordings that are encrypted: what is written, who can read it, and what is
# left when something goes wrong.

bats_require_minimum_version 1.5.0
load record

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 6s --name alice --size 160x90 --keyint 500ms \
		test: >alice.vcrtp
	umask 077
	vc-record new-key >key
	vc-record new-key >other
	{ echo '# new, then old'; cat other key; } >ring
}

setup()
{
	begin
	files=$BATS_FILE_TMPDIR
	alice=$files/alice.vcrtp
}

@test "what is decrypted is what would have been written, in all formats" {
	formats=(a.webm a.mkv a.wav a.ogg a.ivf a.vcrtp a.vcrtp.gz a.pcapng
		a.rtpdump)
	mkdir clear
	(cd clear && vc-record -i "$alice" "${formats[@]}")
	run -0 vc-record -i "$alice" --encrypt-key-file "$files/key" \
		"${formats[@]}"
	assert_equal "$output" "$(printf '%s.vcenc\n' "${formats[@]}")"
	run ! compgen -G '*.part*'
	assert_equal "$(stat -c %a ./*.vcenc | uniq)" 600
	# Nothing of it is left in clear, the files beside it included.
	run ! grep -l -e alice -e OpusHead -e vc.recording -e v=0 ./*
	for f in *.vcenc; do
		vc-record decrypt --decrypt-key-file "$files/key" "$f"
		cmp "${f%.vcenc}" "clear/${f%.vcenc}"
	done
	# The suffix may be said, too; another key that fits is found.
	run -0 vc-record -i "$alice" --encrypt-key-file "$files/key" \
		--no-sidecar b.webm.vcenc
	assert_output b.webm.vcenc
	vc-record decrypt --decrypt-key-file "$files/ring" b.webm.vcenc - |
		cmp - a.webm
	run -0 vc-record decrypt --decrypt-key-file "$files/other" \
		--decrypt-key-file fd:3 b.webm.vcenc - 3<"$files/key"
}

@test "all tools read it with the key, and none without" {
	vc-record -i "$alice" --encrypt-key-file "$files/key" a.webm a.vcrtp \
		a.vcrtp.gz a.pcapng
	key=(--decrypt-key-file "$files/key")
	why='is encrypted: --decrypt-key-file is due'
	vc-record -i "$alice" c.webm
	for f in a.webm a.vcrtp a.vcrtp.gz; do
		f=$f.vcenc
		for tool in vc-probe vc-mix vc-impair 'vc-play --md5 -i' \
			'vc-send --fast rtp://127.0.0.1:9 -i' \
			'vc-record replay' 'vc-record -f vcrtp - -i'; do
			read -ra command <<<"$tool $f"
			run -5 --separate-stderr "${command[@]}"
			[[ $stderr == *"$f: $why"* ]]
		done
		vc-record convert "${key[@]}" "$f" new.webm
		assert_equal "$(tracks new.webm)" "$(tracks c.webm)"
		rm new.webm*
	done
	vc-record replay "${key[@]}" a.vcrtp.vcenc | cmp - <(vc-record \
		-i "$alice" -f vcrtp -)
	# From a pipe, too.
	vc-record replay "${key[@]}" - < <(cat a.vcrtp.gz.vcenc) |
		cmp - <(vc-record -i "$alice" -f vcrtp -)
	run -5 vc-recv pcap:a.pcapng.vcenc
	assert_output --partial "$why"
	vc-recv "${key[@]}" pcap:a.pcapng.vcenc | vc-probe --json - >n
	assert_equal "$(jq .packets.received n)" "$(vc-record -i "$alice" \
		-f pcapng - | vc-recv pcap:- | vc-probe --json - |
		jq .packets.received)"
	run -1 vc-capture a.webm.vcenc
	assert_output --partial 'an encrypted recording'
	run -5 vc-record verify --decrypt-key-file "$files/other" a.webm.vcenc
	assert_output --partial 'is encrypted with another key'
}

@test "verify, and what is changed or cut" {
	vc-record -i "$alice" --encrypt-key-file "$files/key" a.webm
	key=(--decrypt-key-file "$files/key")
	run -0 vc-record verify "${key[@]}" a.webm.vcenc
	assert_line --regexp '^ok +authentic '
	assert_line --regexp '^ok +checksum '
	assert_line --regexp '^ok +events '
	run -5 vc-record info a.webm.vcenc
	# One octet, in the second chunk.
	cp a.webm.vcenc b.webm.vcenc
	printf '\1' | dd of=b.webm.vcenc bs=1 seek=100000 conv=notrunc \
		status=none
	run -3 vc-record verify "${key[@]}" b.webm.vcenc
	assert_line --regexp '^FAIL +authentic +only the first [0-9]+ octets'
	run -1 vc-record decrypt "${key[@]}" b.webm.vcenc
	assert_output --partial 'is not authentic'
	assert_output --partial 'b.webm.part: has the first 65536 octets'
	[ ! -e b.webm ]
	cmp -n 65536 b.webm.part <(vc-record decrypt "${key[@]}" a.webm.vcenc -)
	# Cut in the middle: what is whole is used.
	head -c 150000 a.webm.vcenc >c.webm.vcenc
	run -1 vc-record convert "${key[@]}" c.webm.vcenc c.mkv
	assert_output --partial 'truncated'
	is_sound c.mkv
	run -0 vc-record repair "${key[@]}" c.webm.vcenc d.webm.vcenc
	run -0 vc-record verify "${key[@]}" d.webm.vcenc
	run -2 vc-record repair "${key[@]}" c.webm.vcenc e.webm
	assert_output --partial 'ends in .vcenc'
}

@test "killed: the .part decrypts up to the last second, and repair mends it" {
	vc-capture --virtual -t 20s --name bob --size 160x90 --keyint 500ms \
		test: >bob.vcrtp
	killed bob.vcrtp k.webm '.record.files[0].octets > 150000' --fsync \
		--encrypt-key-file "$files/key"
	[ -e k.webm.vcenc.part ]
	run -0 vc-record repair --decrypt-key-file "$files/key" \
		k.webm.vcenc.part
	assert_output k.webm.vcenc
	run -0 vc-record verify --decrypt-key-file "$files/key" k.webm.vcenc
	vc-record decrypt --decrypt-key-file "$files/key" k.webm.vcenc
	is_sound k.webm
	assert_equal "$(titles k.webm)" 'bob bob '
	[ "$(stat -c %s k.webm)" -gt 70000 ]
	[ ! -e k.webm.vcenc.part ]
}

@test "segments, who comes late, a pipe, a full disk" {
	key=(--encrypt-key-file "$files/key")
	run -0 vc-record -i "$alice" "${key[@]}" --segment 2s --keep 3s \
		's{n}.webm'
	assert_equal "${#lines[@]}" 3
	run -0 compgen -G 's*'
	refute_line --partial s0001
	assert_line s0003.webm.events.jsonl.vcenc
	# Who comes late has a track of his own, as in clear.
	vc-capture --virtual --seed 2 -t 2s --start 3s --name late \
		--size 160x90 test: >late.vcrtp
	vc-record -i "$alice" -i late.vcrtp "${key[@]}" --no-sidecar both.webm
	vc-record -i "$alice" -i late.vcrtp clear.webm
	vc-record decrypt --decrypt-key-file "$files/key" both.webm.vcenc
	cmp both.webm clear.webm
	assert_equal "$(titles both.webm)" 'alice alice late late '
	vc-record -i "$alice" -f webm "${key[@]}" - | vc-record decrypt \
		--decrypt-key-file "$files/key" - - >live.webm
	vc-record -i "$alice" -f webm - | cmp - live.webm
	run -0 unshare -rm bash -c "mkdir d; mount -t tmpfs -o size=500k none d
		vc-record -i $alice ${key[*]} d/a.webm >out 2>err
		echo \$? >code; cp d/* ."
	assert_equal "$(cat code)" 1
	# It was all recorded, and had no room to be written anew.
	assert_equal "$(cat err)" "vc-record: d/a.webm.vcenc: finish: No \
space left on device; see d/a.webm.vcenc.part"
	run -0 vc-record info --decrypt-key-file "$files/key" \
		a.webm.vcenc.part
	run -0 vc-record repair --decrypt-key-file "$files/key" \
		a.webm.vcenc.part
	run -0 vc-record verify --decrypt-key-file "$files/key" a.webm.vcenc
}

@test "keys are kept to oneself" {
	cp "$files/key" k
	chmod 644 k
	run -0 vc-record -i "$alice" --encrypt-key-file k a.webm
	assert_output --partial 'k: others may use it (mode 0644): chmod 600'
	run -2 vc-record -i "$alice" --encrypt-key-file /dev/null b.webm
	assert_output --partial 'holds no key'
	run -1 vc-record -i "$alice" --encrypt-key-file none b.webm
	echo AAAA >bad
	chmod 600 bad
	run -2 vc-record -i "$alice" --encrypt-key-file bad b.webm
	assert_output --partial 'bad:1: '
	refute_output --partial AAAA
	run -2 vc-record -i "$alice" b.webm.vcenc
	assert_output --partial '--encrypt-key-file is due'
	run ! compgen -G 'b.webm*'
}
