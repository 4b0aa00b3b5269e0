#!/bin/bash
# SPDX-License-Identifier: MIT
#
#   baresip.sh CODEC
#
# A call between two baresips on the loopback interface, with a tone each way.
set -eu

lib=/usr/lib/baresip/modules

# side NAME PORT
side()
{
	mkdir "$1"
	cat >"$1/config" <<-END
		sip_listen 127.0.0.1:$2
		net_interface 127.0.0.1
		rtp_ports $(($2 + 1000))-$(($2 + 1005))
		audio_source ausine,440
		audio_player aufile,$PWD/$1/heard.wav
		ausrc_srate 48000
		auplay_srate 48000
		ausrc_channels 2
		module_path $lib
		module g711.so
		module opus.so
		module ausine.so
		module aufile.so
		module_tmp uuid.so
		module_tmp account.so
		module_app menu.so
	END
	echo "<sip:$1@127.0.0.1:$2>;regint=0;answermode=auto;audio_codecs=$codec" \
		>"$1/accounts"
	: >"$1/contacts"
	echo "$1" >"$1/uuid"
}

codec=$1
side alice 5060
side bob 5070
# They end by themselves; who is called says when he is there.
mkfifo bob/log
baresip -f bob -t 7 >bob/log 2>&1 </dev/null &
bob=$!
exec 4<bob/log
until read -r line <&4 && [[ $line == *"is ready"* ]]; do :; done
cat <&4 >bob/rest &
baresip -f alice -e "/dial sip:bob@127.0.0.1:5070" -t 4 </dev/null
wait $bob
