#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The options of each tool and those of its page are the same, both ways, with
# the same short names and with an argument where the other has one.
set -u
cd "$(dirname "$0")/../.." || exit 1

# "LONG SHORT ARG" of each option a page has an item for; SHORT - if none, ARG
# yes or no. Items look like:  .It Fl o , Fl -output Ns = Ns Ar PLACE
of_page()
{
	awk '
	/^\.It .*Fl / {
		long = ""; short = "-"; arg = "no"
		for (i = 2; i <= NF; i++) {
			if ($i == "Ar")
				arg = "yes"
			if ($i != "Fl")
				continue
			name = $(i + 1)
			if (name ~ /^-/ || name ~ /^\\-/) {
				sub(/^(\\)?-/, "", name)
				sub(/[=,].*/, "", name)
				long = name
			} else {
				short = name
			}
		}
		print (long == "" ? "-" : long), short, arg
	}' "$1" | sort -u
}

# The same of a tool: lines of long name, key or -, argument or -.
of_tool()
{
	"$1" --dump-options </dev/null | awk -F '\t' '
	NF != 3 { print "bad line: " $0 > "/dev/stderr"; next }
	{ print $1, $2, ($3 == "-" ? "no" : "yes") }' | sort -u
}

wrong=0 seen=0
for tool in "$VC_BUILD"/bin/*; do
	[ -x "$tool" ] || continue
	name=${tool##*/}
	[ -d "cmd/$name" ] || continue
	seen=$((seen + 1))
	options=$(of_tool "$tool")
	if [ -z "$options" ]; then
		echo "$name: --dump-options printed nothing"
		wrong=1
		continue
	fi
	if [ ! -e "man/$name.1" ]; then
		echo "man/$name.1 is missing"
		wrong=1
		continue
	fi
	differ=$(diff <(of_page "man/$name.1") <(echo "$options") |
		sed -n "s/^< /only in man\/$name.1 (long, short, argument): /p
			s/^> /only in $name: /p")
	if [ -n "$differ" ]; then
		echo "$differ"
		wrong=1
	fi
done
if [ "$seen" -eq 0 ]; then
	echo "no tool in $VC_BUILD/bin: nothing was looked at"
	wrong=1
fi
exit "$wrong"
