# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What those who speak with Janus share: one of our own, and a way to ask it.

# shellcheck disable=SC2034 # for those who load it

heavy=$(cd "${BASH_SOURCE[0]%/*}" && pwd)

# A port that nobody has at the moment.
free_port()
{
	python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.'"${1-SOCK_DGRAM}"')
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# Janus in this folder, with its Streaming and AudioBridge: $janus is its process
# id, $speaker that of who speaks with it.
start_janus()
{
	local lib plugin port

	lib=$(dirname /usr/lib/*/janus/plugins)
	mkdir conf plugins transports none
	for plugin in streaming audiobridge; do
		ln -s "$lib/plugins/libjanus_$plugin.so" plugins/
	done
	ln -s "$lib/transports/libjanus_http.so" transports/
	cat >conf/janus.jcfg <<-END
		general: {
			configs_folder = "$PWD/conf"
			plugins_folder = "$PWD/plugins"
			transports_folder = "$PWD/transports"
			events_folder = "$PWD/none"
			loggers_folder = "$PWD/none"
			debug_colors = false
		}
		nat: { ice_lite = true }
		media: { ipv6 = false }
	END
	port=$(free_port SOCK_STREAM)
	cat >conf/janus.transport.http.jcfg <<-END
		general: {
			http = true
			https = false
			port = $port
			ip = "127.0.0.1"
		}
		admin: { admin_http = false }
	END
	echo 'general: {}' >conf/janus.plugin.streaming.jcfg
	echo 'general: { local_ip = "127.0.0.1" }' \
		>conf/janus.plugin.audiobridge.jcfg
	mkfifo ask answer
	janus -F conf >janus.log 2>&1 </dev/null 3>&- &
	janus=$!
	python3 "$heavy/janus.py" "$port" <ask >answer 2>ask.err 3>&- &
	speaker=$!
	exec 7>ask 8<answer
}

# What Janus answers to this line: $reply.
ask()
{
	echo "${*//$'\n'/ }" >&7
	read -r -t 30 reply <&8
}
said() { jq -c "$1" <<<"$reply"; }
