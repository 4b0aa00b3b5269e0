#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# make install, and make uninstall after it.
# Runs plain: it is about files.

load ../common

# What is built is what there is; the make that runs the tests is another.
target()
{
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS \
		make -s -C "$BATS_TEST_DIRNAME/../.." -o all O="$VC_BUILD" \
		DESTDIR="$PWD/root" PREFIX=/usr "$1"
}

@test "what one puts there runs from there, and the other takes away" {
	target install
	for tool in "$VC_BUILD"/bin/vc-*; do
		name=${tool##*/}
		"root/usr/bin/$name" --version
		[ -s "root/usr/share/man/man1/$name.1" ]
		[ -s "root/usr/share/bash-completion/completions/$name" ]
		[ -s "root/usr/share/fish/vendor_completions.d/$name.fish" ]
	done
	[ -s root/usr/share/man/man7/vc-stream.7 ]
	[ -s root/usr/share/zsh/site-functions/_vc ]
	[ -s root/usr/share/doc/vc/LICENSE ]
	[ -x root/usr/share/doc/vc/examples/conference.sh ]
	# With the plugins' part, which is a library of ours.
	root/usr/bin/vc-capture --virtual -t 100ms test: >a
	root/usr/bin/vc-record -q -i a a.webm
	root/usr/bin/vc-capture --virtual a.webm >b
	target uninstall
	run find root ! -type d
	assert_output ''
}
