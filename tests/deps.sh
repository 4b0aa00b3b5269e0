#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Makes sure that Debian packages are installed.
#
#   deps.sh [--list] GROUP...
#
# GROUP is build, demo, test, bench or interop. Finds out what is missing and
# installs it with apt, as root or through sudo if that asks no question; else
# prints the one command to run and exits 1. --list only prints the names.
set -u

build=(gcc libc6-dev pkg-config libjansson-dev zlib1g-dev libopus-dev
	libvpx-dev libopenh264-dev libaom-dev libdav1d-dev libyuv-dev
	libpango1.0-dev libcairo2-dev libspeexdsp-dev libgstreamer1.0-dev
	libgstreamer-plugins-base1.0-dev libxcb1-dev libx11-dev libsrtp2-dev
	libssl-dev libpcap0.8-dev libmicrohttpd-dev)

# What the tools use when they run: plugins for devices and files, a font.
demo=(gstreamer1.0-plugins-base gstreamer1.0-plugins-good fonts-dejavu-core jq)

test=(libcmocka-dev bats bats-support bats-assert shellcheck mandoc clang
	clang-format libclang-rt-14-dev tshark ffmpeg tmux gstreamer1.0-tools
	gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-x jq
	valgrind socat xvfb iproute2
	pulseaudio pulseaudio-utils gstreamer1.0-pulseaudio gstreamer1.0-alsa
	fonts-wqy-microhei fonts-noto-color-emoji
	x11-xserver-utils x11-utils procps time python3 zsh fish openssl
	sip-tester baresip-core wireshark-common pipewire-bin
	libspa-0.2-modules gstreamer1.0-pipewire
	gir1.2-gst-rtsp-server-1.0 python3-gi)

# Whom measurements and tests are beside.
bench=(janus)

interop=(chromium janus)

list=
if [ "${1-}" = --list ]; then
	list=1
	shift
fi
want=()
for group; do
	case $group in
	build) want+=("${build[@]}") ;;
	demo) want+=("${demo[@]}") ;;
	test) want+=("${test[@]}") ;;
	bench) want+=("${bench[@]}") ;;
	interop) want+=("${interop[@]}") ;;
	*)
		echo "deps.sh: $group: no such group (build, demo, test," \
			"bench, interop)" >&2
		exit 2
		;;
	esac
done
if [ -n "$list" ]; then
	printf '%s\n' "${want[@]}" | sort -u
	exit 0
fi

if ! command -v dpkg-query >/dev/null; then
	echo "deps.sh: not Debian; trusting that what corresponds to these" \
		"packages is there: ${want[*]}" >&2
	exit 0
fi

look()
{
	local have package

	have=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' \
		"${want[@]}" 2>/dev/null)"
	missing=()
	for package in "${want[@]}"; do
		case "$have ${missing[*]} " in
		*" installed:$package "* | *" $package "*) ;;
		*) missing+=("$package") ;;
		esac
	done
	[ "${#missing[@]}" -eq 0 ]
}

look && exit 0

become=()
if [ "$(id -u)" -ne 0 ]; then
	become=(sudo -n)
	if ! sudo -n true 2>/dev/null; then
		echo "deps.sh: packages are missing, and it takes root to" \
			"install them. Run:" >&2
		echo "  sudo apt-get update && sudo apt-get install" \
			"--no-install-recommends ${missing[*]}" >&2
		exit 1
	fi
fi

# Without a terminal and without a question.
apt()
{
	"${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@"
}

echo "Installing: ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt update && apt install --no-install-recommends "${missing[@]}"; } \
	>"$log" 2>&1 </dev/null; then
	tail -n 30 "$log" >&2
	echo "deps.sh: apt could not install: ${missing[*]}" >&2
	exit 1
fi
look && exit 0
echo "deps.sh: still missing: ${missing[*]}" >&2
exit 1
