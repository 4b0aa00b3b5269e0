#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every tool has a page; pages are sound mdoc and have the sections that a
# reader looks for. The tests that they name are there, and vc-capture(1) names
# one for each of its sources. vc-stream(7) has all events.
set -u
cd "$(dirname "$0")/../.." || exit 1

wrong=0
say()
{
	echo "$@"
	wrong=1
}

for dir in cmd/*/; do
	tool=$(basename "$dir")
	[ "$tool" != '*' ] || continue
	[ -e "man/$tool.1" ] || say "man/$tool.1 is missing"
done
seen=0
for page in man/*.[17]; do
	[ -e "$page" ] || continue
	seen=$((seen + 1))
	mandoc -T lint -W warning "$page" || wrong=1
	sections="NAME DESCRIPTION"
	[[ $page != *.1 ]] || sections+=" SYNOPSIS EXAMPLES EXIT_STATUS"
	for section in $sections; do
		grep -qix "\.Sh \"\?${section/_/ }\"\?" "$page" ||
			say "$page: no section ${section/_/ }"
	done
	# References to pages of ours lead somewhere.
	while read -r name number; do
		[ -e "man/$name.$number" ] ||
			say "$page: refers to $name($number), which is missing"
	done < <(awk '/^\.Xr vc(-[a-z]+)? [17]/ { print $2, $3 }' "$page")
	while read -r test; do
		[ -e "tests/$test" ] || say "$page: tests/$test is missing"
	done < <(grep -oE '\b(unit|e2e|interop|sim|fuzz)/[a-z0-9_]+\.(c|bats)' \
		"$page" | sort -u)
done
tested=$(sed -n '/^\.Ss What each gives/,/^\.El/p' man/vc-capture.1)
while read -r word; do
	grep -qE "^\.It Li $word:" <<<"$tested" ||
		say "man/vc-capture.1: no test of $word:"
done < <(sed -n 's/^\t{ "\([a-z0-9]*\)",.*/\1/p' cmd/vc-capture/sources.c)
events=$(grep -rhoE 'vc_json_event\("[a-z]+"' common cmd | sort -u)
[ -n "$events" ] || say "no tool writes an event: nothing was looked at"
while IFS='"' read -r _ word _; do
	grep -q "^\.It Li $word$" man/vc-stream.7 ||
		say "man/vc-stream.7: no event $word"
done <<<"$events"
[ "$seen" -gt 0 ] || say "no page in man/: nothing was looked at"
exit "$wrong"
