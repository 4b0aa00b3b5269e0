#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Runs every lint step beside this file, all at once, and sums up. A step prints
# what is wrong and exits 1, or prints nothing and exits 0.
#
# Environment, from the Makefile: VC_BUILD, VC_CPPFLAGS, VC_WARN, VC_GST_TOOLS.
set -u
here=$(dirname "$0")
cd "$here/../.." || exit 1
: "${VC_BUILD:=$PWD/build}" "${VC_CPPFLAGS:=-Icommon -D_GNU_SOURCE=}"
: "${VC_WARN:=-Wall -Wextra}" "${VC_GST_TOOLS:=vc-capture vc-play}"
export VC_BUILD VC_CPPFLAGS VC_WARN VC_GST_TOOLS LC_ALL=C.UTF-8

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# All at once; the shell waits for each in its turn.
names=() pids=()
for step in tests/lint/*.sh; do
	name=$(basename "$step" .sh)
	[ "$name" != run ] || continue
	"$step" >"$tmp/$name" 2>&1 </dev/null &
	names+=("$name") pids+=("$!")
done

ok=0 wrong=0
for i in "${!names[@]}"; do
	name=${names[i]}
	if wait "${pids[i]}"; then
		ok=$((ok + 1))
		echo "ok    $name"
	else
		wrong=$((wrong + 1))
		echo "WRONG $name"
	fi
	sed 's/^/      | /' "$tmp/$name"
done
echo "lint: $ok ok, $wrong wrong"
[ "$wrong" -eq 0 ]
