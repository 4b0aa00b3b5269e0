# SPDX-License-Identifier: MIT
#
#   zsh -f zshoffers.zsh DIR WORDS
#
# What zsh offers where WORDS were typed and then a tab, with the completions
# that are in DIR: a line each. A zsh of its own at a terminal of its own is
# asked; compadd, by which all is offered, tells.

if [[ $1 == inner ]]; then
	compadd() {
		local -a got
		# These only ask what would fit.
		if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
			builtin compadd -O got "$@"
			(($#got)) && print -rl -- "OFFER<${(@)^got}>"
		fi
		builtin compadd "$@"
	}
	is_over() { print OVER }
	comppostfuncs=(is_over)
	bindkey '^I' complete-word
	return
fi

zmodload zsh/zpty || exit
zpty z zsh -f -i
zpty -w z "stty -echo; PROMPT=; fpath=(${(q)1} \$fpath)"
zpty -w z "autoload -Uz compinit; compinit -u -D; . ${(q)0:A} inner"
zpty -w z "print re''ady"
while zpty -r z line && [[ $line != *ready* ]]; do :; done
zpty -w -n z "$2"$'\t'
while zpty -r z line && [[ $line != *OVER* ]]; do
	[[ $line == *'OFFER<'*'>'* ]] && print -r -- ${${line#*OFFER<}%%>*}
done
zpty -d z
