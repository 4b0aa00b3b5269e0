# shellcheck shell=bash
# shellcheck disable=SC2034 # for those who load it
# SPDX-License-Identifier: MIT
#
# Who heard and saw whom, by measurement: tones and marks of the test source in
# what was received. $BATS_FILE_TMPDIR/marks says whose mark is which.

load ../common

# The streams NAME.vcrtp of people, at once: their names, then options of
# vc-capture. Whose mark is which is in 'marks' then.
people()
{
	local who names=()

	while [ $# -gt 0 ] && [[ $1 != -* ]]; do
		names+=("$1")
		shift
	done
	for who in "${names[@]}"; do
		vc-capture --virtual --size 320x180 --name "$who" \
			--cname "$who" "$@" test: >"$who.vcrtp" 3>&- &
	done
	wait
	marks_of "${names[@]}" >marks
}

# Sets 'files', where they are, and 'all', them as operands of vc-mix.
with_people()
{
	local who

	files=$BATS_FILE_TMPDIR
	for who; do
		all+=("$who=$files/$who.vcrtp")
	done
}

# Whose marks the streams NAME.vcrtp bear: a line each, the mark and NAME.
marks_of()
{
	local who

	for who; do
		vc-probe --marks --json "$who.vcrtp" | jq -r --arg who "$who" \
			'.sources[] | select(.kind == "video") |
			[.marks.ids[0].id, $who] | @tsv'
	done
}

# What is in a stream: "bob,prof ann,bob", or "-". Options are vc-probe's.
heard()
{
	local names

	names=$(cut -f 2 "$BATS_FILE_TMPDIR/marks" | paste -sd ,)
	vc-probe --heard "$names" --marks --json "$@" >got.json 2>/dev/null || :
	jq -r --rawfile marks "$BATS_FILE_TMPDIR/marks" '
		($marks | split("\n") | map(split("\t") | select(length == 2) |
			{ (.[0]): .[1] }) | add) as $names |
		([.sources[] | select(.kind == "audio") | .heard |
			to_entries[] | select(.value > 0.3) | .key] |
			unique | join(",") | if . == "" then "-" else . end) + " " +
		([.sources[] | select(.kind == "video") | .marks.ids[] |
			select(.read > 10) | $names[.id]] | unique | join(",") | if . == "" then "-" else . end)' \
		got.json
}

# Whom $1 hears and sees in stream $2; what follows is for vc-probe.
got()
{
	heard --as "$1" "${@:3}" "$2"
}

# got_all STREAM [FROM-TO [WHO...]]: a line each, of a part of it.
got_all()
{
	local who part=() whos=("${@:3}")

	[ $# -eq 1 ] || part=(--part "$2")
	[ $# -gt 2 ] ||
		mapfile -t whos < <(cut -f 2 "$BATS_FILE_TMPDIR/marks")
	for who in "${whos[@]}"; do
		echo "$who: $(got "$who" "$1" "${part[@]}")"
	done
}
