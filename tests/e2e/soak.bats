#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# hostile.md X8: a call of many hours, on the virtual clock: Alice talks all the
# time over a lossy way, somebody joins every ten seconds, and every other one
# is gone without a word; sequence numbers, RTP and NTP time wrap.
#
#   VC_SOAK=86400 vbats tests/e2e/soak.bats     as long as a day (8 min); else
#                                               20 min, in seconds of the call

load ../common

export BATS_TEST_TIMEOUT=$((3600 * ${VC_SLOW:-1}))
: "${VC_SOAK:=1200}"

# Memory in kB, descriptors and threads of process $1, whose statistics are $2,
# once a fifth of the time is over.
watch()
{
	local -a kb n t

	while [ -r "/proc/$1/status" ]; do
		read -rt 0.1 <> <(:) || :
		[ "$(wc -l <"$2")" -gt $((VC_SOAK / 50)) ] || continue
		n=("/proc/$1/fd/"*)
		{
			read -ra kb < <(grep ^VmRSS "/proc/$1/status") &&
				read -ra t < <(grep ^Threads "/proc/$1/status") &&
				echo "${kb[1]} ${#n[@]} ${t[1]}"
		} 2>/dev/null
	done
	return 0
}

# Of that: memory has grown by, how many numbers of descriptors and threads. What
# was seen last may have been its end.
growth()
{
	head -n -2 "$1" | awk '
		NR == 1 { first = $1 }
		{ last = $1; fds[$2] = threads[$3] = 1 }
		END { print last - first, length(fds), length(threads) }'
}

@test "a day of coming and going leaves nothing behind" {
	local pid tool kb fds threads

	mkfifo in mid out
	touch recv.stats mix.stats
	python3 "$BATS_TEST_DIRNAME/capwrite.py" call=soak n="$VC_SOAK" >in 3>&- &
	vc-recv --stats=recv.stats --stats-interval 10s - <in >mid 3>&- &
	pids+=("$!")
	vc-mix -q --acodec pcmu --video off --stats=mix.stats \
		--stats-interval 10s mid >out 3>&- &
	pids+=("$!")
	watch "${pids[0]}" recv.stats >recv.seen 3>&- &
	pids+=("$!")
	watch "${pids[1]}" mix.stats >mix.seen 3>&- &
	pids+=("$!")
	vc-probe --json out >report
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	# All packets came, whatever wrapped, and nobody is kept: 2 of 50 lost.
	run jq -sc --argjson s "$VC_SOAK" 'last.recv |
		[.packets == $s * 72, .sources, .duplicates, .implausible,
		.evicted]' recv.stats
	assert_output '[true,0,0,0,0]'
	run jq -sc 'map(.recv.sources) | max <= 5' recv.stats
	assert_output true
	# What is heard has no hole, and ends when the call does.
	run jq -c --argjson s "$VC_SOAK" '[.sources[] | [.media.lost,
		(.span_s - $s | fabs) < 0.5]]' report
	assert_output '[[0,true]]'
	# 100 kB an hour, and what a short one may still settle by.
	for tool in recv mix; do
		read -r kb fds threads < <(growth $tool.seen)
		echo "$tool: $kb kB, $fds, $threads; $(wc -l <$tool.seen) looks"
		[ "$(wc -l <$tool.seen)" -ge 4 ]
		# Under sanitizers freed memory is kept.
		grep -q __asan_init "$(command -v vc-$tool)" ||
			[ "$kb" -le $((256 + VC_SOAK / 36)) ]
		[ "$fds" = 1 ]
		[ "$threads" = 1 ]
	done
}
