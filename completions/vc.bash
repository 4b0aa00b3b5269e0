# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Completion of the vc tools in bash. Options come from the tool itself
# (--dump-options: long name, key or -, argument or -), when they are asked for.

# The argument of option $2 (--long or -k) of tool $1; fails if it takes none.
_vc_argument()
{
	local long key arg

	while IFS=$'\t' read -r long key arg; do
		if [[ $2 == "--$long" || ($key != - && $2 == "-$key") ]]; then
			[[ $arg != - ]] && printf '%s' "$arg"
			return
		fi
	done < <("$1" --dump-options 2>/dev/null </dev/null)
	return 1
}

# Files; and the choices of an argument such as "off|media|every:T|RATE|a,b,c",
# which is "off", "media", what begins with "every:", and a list of a, b and c.
_vc_values()
{
	local cur=$1 arg=$2 words=() word before list=()

	before=${cur%"${cur##*,}"}
	while IFS= read -r word; do
		if [[ $word =~ ^[a-z-]+: ]]; then
			words+=("${BASH_REMATCH[0]}")
		elif [[ $word == *[A-Z]* ]]; then
			continue
		elif [[ $word == *,* ]]; then
			# shellcheck disable=SC2206 # words of letters
			list+=(${word//,/ })
		else
			words+=("$word")
		fi
	done < <(tr '|' '\n' <<<"$arg")
	if [[ $arg == *'|'* || $arg =~ ^[a-z]+$ ]]; then
		[[ $arg == *[:,]* ]] && compopt -o nospace 2>/dev/null
		[[ -n $before ]] && words=()
		words+=("${list[@]/#/$before}")
		mapfile -t COMPREPLY < <(compgen -W "${words[*]}" -- "$cur")
	else
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	fi
}

_vc()
{
	local tool=$1 cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local long key arg

	COMPREPLY=()
	# "--option=value" is three words to bash, or two while it is empty.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = && $COMP_CWORD -ge 2 ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if [[ $prev == -* ]] && arg=$(_vc_argument "$tool" "$prev") &&
		[[ -n $arg ]]; then
		_vc_values "$cur" "$arg"
		return
	fi
	if [[ $cur != -* ]]; then
		_vc_values "$cur" ""
		return
	fi
	while IFS=$'\t' read -r long key arg; do
		[[ $long != - && "--$long" == "$cur"* ]] || continue
		if [[ $arg == - ]]; then
			COMPREPLY+=("--$long ")
		else
			COMPREPLY+=("--$long=")
		fi
	done < <("$tool" --dump-options 2>/dev/null </dev/null)
	compopt -o nospace 2>/dev/null || true
}

complete -F _vc vc-capture vc-send vc-recv vc-mix vc-record vc-probe vc-play \
	vc-ctl vc-impair
