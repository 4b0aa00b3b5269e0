#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The completions offer what the tool accepts, in a shell that runs them.

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	here=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$BATS_TEST_TMPDIR" || return 1
	: >clip.vcrtp
	mkdir -p bin
	cat >bin/vc-send <<-'TOOL'
		#!/bin/sh
		printf 'size\t-\tWxH\nloop\tl\t-\npace\tp\toff|media|RATE\n'
		printf -- '-\t4\t-\n'
	TOOL
	chmod +x bin/vc-send
	PATH=$PWD/bin:$PATH
}

# What bash offers for the words given, the last of which is being typed.
bash_offers()
{
	bash -c '. "$1" && shift && COMP_WORDS=("$@") &&
		COMP_CWORD=$(($# - 1)) && _vc "$1" &&
		printf "%s\n" "${COMPREPLY[@]}"' \
		- "$here/completions/vc.bash" "$@"
}

fish_offers()
{
	HOME=$PWD fish --no-config -c \
		"source $here/completions/vc.fish; complete -C '$1'" | sort
}

@test "bash offers long options, '=' after those with an argument" {
	run bash_offers vc-send --
	assert_success
	assert_output $'--size=\n--loop \n--pace='
}

@test "bash offers choices, and files where there are none" {
	run bash_offers vc-send --pace = m
	assert_output media
	run bash_offers vc-send -p ''
	assert_output $'off\nmedia'
	run bash_offers vc-send --size cl
	assert_output clip.vcrtp
	run bash_offers vc-send --loop cl
	assert_output clip.vcrtp
}

@test "bash offers every option of every tool" {
	for tool in "$VC_BUILD"/bin/vc-*; do
		run bash_offers "$tool" --
		assert_success
		for long in $("$tool" --dump-options </dev/null | cut -f 1); do
			[ "$long" != - ] || continue
			assert_line --regexp "^--$long(=| )$"
		done
	done
}

@test "fish offers long options and choices" {
	run fish_offers 'vc-send --'
	assert_output $'--loop\n--pace\n--size'
	run fish_offers 'vc-send --pace='
	assert_output $'--pace=media\n--pace=off'
}
