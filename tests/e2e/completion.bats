#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The completions offer what the tool accepts, in a shell that runs them.
# Runs plain: what is asked of tools is their list of options.

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
		printf 'stop\ts\tbye|empty:T|T\nfix\t-\tauto|rtx,nack\n'
		printf 'form\tf\tjson\n'
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

zsh_offers()
{
	HOME=$PWD zsh -f "$BATS_TEST_DIRNAME/zshoffers.zsh" \
		"$here/completions" "$1" | sort -u
}

@test "bash offers long options, '=' after those with an argument" {
	run bash_offers vc-send --
	assert_success
	assert_output $'--size=\n--loop \n--pace=\n--stop=\n--fix=\n--form='
}

@test "bash offers choices, and files where there are none" {
	run bash_offers vc-send --pace = m
	assert_output media
	run bash_offers vc-send -p ''
	assert_output $'off\nmedia'
	run bash_offers vc-send --stop =
	assert_output $'bye\nempty:'
	run bash_offers vc-send --form =
	assert_output json
	run bash_offers vc-send --fix =
	assert_output $'auto\nrtx\nnack'
	run bash_offers vc-send --fix = rtx,n
	assert_output rtx,nack
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

# The command of tool $1 that has option $2; none: the tool itself.
whose()
{
	local verb

	while read -r verb; do
		"$1" "$verb" --dump-options </dev/null | grep -q "^$2	" || continue
		"$1" --usage </dev/null | tr -d ' \n' | grep -qF "[--$2=" ||
			echo "$verb"
		return
	done < <("$1" --help </dev/null |
		sed -n '/^Commands/,/^$/s/^  \([a-z][a-z-]*\).*/\1/p')
}

# Each tool is asked as a shell would ask it, by what it says of itself.
@test "what is offered is taken, and nothing like it" {
	for tool in "$VC_BUILD"/bin/vc-*; do
		while IFS=$'\t' read -r long _ arg; do
			[[ $long != - && $arg == *'|'* ]] || continue
			run bash_offers "$tool" "--$long" =
			[ "${#lines[@]}" -gt 0 ] || continue
			read -ra with < <(whose "$tool" "$long" || :) || with=()
			for word in "${lines[@]}"; do
				# What goes behind it is not a word.
				[[ $word != *: ]] || continue
				echo "${tool##*/} --$long=$word"
				"$tool" "${with[@]}" "--$long=$word" --version
			done
			code=0
			"$tool" "${with[@]}" "--$long=${word}xy" --version ||
				code=$?
			[ "$code" -eq 2 ]
		done < <("$tool" --dump-options </dev/null)
	done
}

@test "zsh offers long options, choices, and files where there are none" {
	run zsh_offers 'vc-send --'
	assert_output $'--fix\n--form\n--loop\n--pace\n--size\n--stop'
	run zsh_offers 'vc-send --pace='
	assert_output $'media\noff'
	run zsh_offers 'vc-send --stop='
	assert_output $'bye\nempty:'
	run zsh_offers 'vc-send --form='
	assert_output json
	run zsh_offers 'vc-send --fix=n'
	assert_output nack
	run zsh_offers 'vc-send --fix=rtx,n'
	assert_output nack
	run zsh_offers 'vc-send --size=cl'
	assert_output clip.vcrtp
}

@test "zsh offers every option of every tool" {
	for tool in "$VC_BUILD"/bin/vc-*; do
		PATH=$VC_BUILD/bin:$PATH run zsh_offers "${tool##*/} --"
		assert_success
		for long in $("$tool" --dump-options </dev/null | cut -f 1); do
			[ "$long" = - ] || assert_line -- "--$long"
		done
	done
}

@test "fish offers long options and choices" {
	run fish_offers 'vc-send --'
	assert_output $'--fix\n--form\n--loop\n--pace\n--size\n--stop'
	run fish_offers 'vc-send --pace='
	assert_output $'--pace=media\n--pace=off'
	run fish_offers 'vc-send --stop='
	assert_output $'--stop=bye\n--stop=empty:'
	run fish_offers 'vc-send --form='
	assert_output --form=json
	run fish_offers 'vc-send --fix=rtx,n'
	assert_output --fix=rtx,nack
}
