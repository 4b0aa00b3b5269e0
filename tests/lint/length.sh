#!/bin/bash
# SPDX-License-Identifier: MIT
#
# No C file is longer than 500 lines, no function longer than 60, and the first
# line is the licence.
set -u
cd "$(dirname "$0")/../.." || exit 1

mapfile -t files < <(find common cmd tests -name '*.[ch]' | sort)
if [ "${#files[@]}" -eq 0 ]; then
	echo "no source found: nothing was looked at"
	exit 1
fi
awk '
FNR == 1 {
	if ($0 != "/* SPDX-License-Identifier: MIT */")
		bad(FILENAME ": first line is not the licence")
	begin = 0
}
FNR == 501 { bad(FILENAME ": longer than 500 lines") }
/^[^ \t#}\/].*\($|^[a-z].*\(/ { name = $0 }
/^{/ { begin = FNR }
/^}/ && begin {
	if (FNR - begin - 1 > 60 && FILENAME !~ /^tests/)
		bad(FILENAME ":" begin ": function of " FNR - begin - 1 \
		    " lines: " name)
	begin = 0
}
function bad(what) { print what; wrong = 1 }
END { exit wrong }
' "${files[@]}"
