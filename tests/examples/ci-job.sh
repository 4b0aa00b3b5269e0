#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A CI job: is what a system makes of a call good enough?
#
#   ci-job.sh ffmpeg|sipp [RULE...]
#
# The system under test stands between vc-capture and vc-probe: ffmpeg, which takes a
# picture and a sound apart and sends them on, or SIPp, which sends back what it
# gets. RULEs are those of vc-impair, a bad network on the way from the system, or to
# it and back. Exits as vc-probe does: 0 when all rules held, 3 when not; which one is
# in ci-job.xml, as JUnit.
#
# Environment: PORT and PORT2, two pairs of ports for the system (5004, 5006).

case ${1-} in
ffmpeg | sipp) ;;
*)
	echo "ci-job.sh: ffmpeg or sipp?" >&2
	exit 2
	;;
esac
system=$1
needed=(vc-capture vc-impair vc-probe vc-recv vc-send "$system")
[ "$system" = ffmpeg ] || needed+=(socat)
type "${needed[@]}" >/dev/null || exit 2
shift
: "${PORT:=5004}" "${PORT2:=5006}"

dir=$(mktemp -d)
pids=()
# shellcheck disable=SC2317 # by the trap
clean()
{
	kill "${pids[@]}" 2>/dev/null
	wait
	rm -rf "$dir"
}
trap clean EXIT
mkfifo "$dir"/{open,ready,sdp,to,from}
cat >"$dir/rules" <<-'END'
	loss < 2%
	video.fps > 5 after 1s
	audio.mos >= 3.0 before 4s
END

# Sends the call to these, with options of vc-send.
send()
{
	vc-capture -t 1m --size 320x180 --fps 15 --keyint 1s --name Ann \
		--cname ann test: >"$dir/to" &
	pids+=($!)
	vc-send -q "$@" <"$dir/to" &
	pids+=($!)
}

# What is sent to $url, which it sets, comes to $1.
network() # HOST:PORT [RULE...]
{
	local to=$1
	shift
	vc-impair -q --seed 1 --ready="$dir/ready" "$@" udp://127.0.0.1:0 \
		"udp://$to" &
	pids+=($!)
	read -r _ url <"$dir/ready"
	url=rtp://${url#*://}
}

# Five seconds of what comes back are judged.
vc-recv -q --ready="$dir/open" rtp://127.0.0.1:0 >"$dir/from" &
pids+=($!)
vc-probe -q -t 5s --wait 20s --expect-file "$dir/rules" --tag "$system" \
	--junit ci-job.xml "$dir/from" &
probe=$!
read -r _ url <"$dir/open"

if [ "$system" = ffmpeg ]; then
	network "${url#*://}" "$@"
	ffmpeg -nostdin -loglevel error -protocol_whitelist file,udp,rtp \
		-analyzeduration 2M -f sdp -i "$dir/sdp" \
		-map 0:v -c copy -payload_type 96 -f rtp "$url" \
		-map 0:a -c copy -payload_type 111 -f rtp "$url" >"$dir/log" &
	pids+=($!)
	send --sdp-out="$dir/sdp" "rtp://127.0.0.1:$PORT,media=video" \
		"rtp://127.0.0.1:$PORT2,media=audio"
else
	# What comes back goes on to vc-recv: vc-send would call it a loop.
	sipp -sn uas -rtp_echo -nostdin -i 127.0.0.1 -p "$((PORT2 + 1))" \
		-mi 127.0.0.1 -mp "$PORT" >"$dir/log" &
	pids+=($!)
	socat "UDP4-DATAGRAM:127.0.0.1:$PORT" \
		"UDP4-DATAGRAM:${url#*://},bind=127.0.0.1:$PORT2" &
	pids+=($!)
	network "127.0.0.1:$PORT2" "$@"
	send "$url"
fi
wait "$probe"
