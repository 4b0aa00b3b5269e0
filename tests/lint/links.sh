#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Tools that do not use GStreamer do not load it, nor what mixes and plays, nor
# codecs of pictures; who only plays or reads marks loads no encoder that is a
# library apart.
set -u

wrong=0 seen=0
for tool in "$VC_BUILD"/bin/vc-*; do
	[ -x "$tool" ] || continue
	seen=$((seen + 1))
	name=${tool##*/}
	libs=$(ldd "$tool" 2>&1)
	if grep -F 'not found' <<<"$libs"; then
		echo "$name: does not find all its libraries"
		wrong=1
	fi
	case $name in
	vc-play | vc-probe)
		if grep -F libaom <<<"$libs"; then
			echo "$name: links an encoder"
			wrong=1
		fi
		;;
	esac
	case " $VC_GST_TOOLS " in
	*" $name "*) continue ;;
	esac
	heavy='libgst|libvc-gst'
	case $name in
	vc-mix | vc-record) ;;
	*) heavy+='|libpango|libcairo' ;;
	esac
	case $name in
	vc-mix | vc-probe | vc-record) ;;
	*) heavy+='|libvpx|libaom|libdav1d|libopenh264' ;;
	esac
	[ "$name" = vc-probe ] || heavy+='|libmicrohttpd'
	if bad=$(grep -oE "($heavy)[^ ]*" <<<"$libs"); then
		echo "$name: links ${bad//$'\n'/ }"
		wrong=1
	fi
done
if [ "$seen" -eq 0 ]; then
	echo "no tool in $VC_BUILD/bin: nothing was looked at"
	wrong=1
fi
exit "$wrong"
