#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-probe --metrics: what Prometheus is told, read strictly.
# Runs live: a server answers while a stream goes on.

# shellcheck disable=SC2154 # from run --separate-stderr
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

# A stream that $1 begins and that then stands still, open, to vc-probe "$@".
# The address of its server is then in 'url'.
serve()
{
	local stream=$1

	shift
	mkfifo pipe ready
	timeout 60 vc-probe --metrics 127.0.0.1:0 --ready ready "$@" pipe >report &
	pids+=("$!")
	exec 9>pipe
	read -r _ url <ready
	cat "$stream" >&9
}

exposition() { python3 "$BATS_TEST_DIRNAME/exposition.py" "$@"; }

# Have all packets of a stream come?
come() { exposition "$url" | grep "^vc_probe_packets_total.* $1\$"; }

finish()
{
	exec 9>&-
	wait "${pids[-1]}"
}

@test "what is there is what the report says, in base units" {
	python3 "$BATS_TEST_DIRNAME/probestream.py" net >net.vcrtp
	serve net.vcrtp --json
	wait_for come 100
	exposition "$url" >metrics
	finish
	# Of a family: name, type, labels, value.
	labels='{id="ssrc:00000005",who="ssrc:00000005",kind="audio",ssrc="00000005"}'
	grep -qxF "vc_probe_net_received_packets_total counter $labels 110" metrics
	grep -qxF "vc_probe_net_bytes_total counter $labels 17600" metrics
	grep -qxF "vc_probe_net_jitter_seconds gauge $labels 0.00425" metrics
	grep -qxF "vc_probe_net_rtt_seconds gauge $labels 0.08" metrics
	grep -qxF "vc_probe_net_loss_ratio gauge $labels 0.083333" metrics
	grep -qxF "vc_probe_bytes_total counter $labels 16000" metrics
	grep -qxF "vc_probe_sources gauge {} 1" metrics
	# Not measured is not there.
	run ! grep net_overflow_packets.*nan metrics
	run ! grep -i nan metrics
	run ! grep marks_read metrics
	jq -e '.sources[0] | .net.received == 110 and .packets == 100' report
}

@test "names that attack are labels" {
	vc-capture --virtual -t 1s --video=none --name 'AAAA"} 1' \
		--cname 'a\b' test: | LC_ALL=C sed $'s/AAAA/\\\\\\\nx\x1b/g' >evil.vcrtp
	serve evil.vcrtp
	wait_for come 50
	exposition "$url" >metrics
	finish
	grep -qF 'who="\\\\\\x0ax\\x1b\"} 1",kind="audio"' metrics
	grep -qF 'id="a\\\\b"' metrics
}

@test "only what it has, only by GET and HEAD" {
	python3 "$BATS_TEST_DIRNAME/probestream.py" net >net.vcrtp
	serve net.vcrtp
	wait_for come 100
	python3 - "$url" <<-'END'
		import http.client, socket, sys, urllib.parse
		at = urllib.parse.urlsplit(sys.argv[1])
		assert at.hostname == "127.0.0.1" and at.path == "/metrics"
		def ask(method, path):
		    c = http.client.HTTPConnection(at.hostname, at.port, timeout=20)
		    c.request(method, path)
		    r = c.getresponse()
		    return r.status, r.headers, r.read()
		status, headers, body = ask("HEAD", "/metrics")
		assert (status, body) == (200, b""), status
		assert headers["Content-Type"] == \
		    "text/plain; version=0.0.4; charset=utf-8"
		assert ask("GET", "/")[0] == 200
		for method, path, want in (("GET", "/x", 404), ("GET", "/metrics/", 404),
		                           ("POST", "/metrics", 405), ("PUT", "/", 405),
		                           ("DELETE", "/metrics", 405)):
		    assert ask(method, path)[0] == want, (method, path)
		# Nonsense, and much of it.
		for what in (b"\0" * 100, b"GET /metrics HTTP/9\r\n\r\n",
		             b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20000):
		    s = socket.create_connection((at.hostname, at.port))
		    s.settimeout(1)
		    try:
		        s.sendall(what)
		        while s.recv(4096):
		            pass
		    except OSError:
		        pass
		    s.close()
		assert ask("GET", "/metrics")[0] == 200
	END
	finish
}

@test "who connects and says nothing goes after a while, and blocks nobody" {
	python3 "$BATS_TEST_DIRNAME/probestream.py" net >net.vcrtp
	serve net.vcrtp
	wait_for come 100
	python3 - "$url" <<-'END'
		import socket, sys, urllib.parse, urllib.request
		at = urllib.parse.urlsplit(sys.argv[1])
		all = [socket.create_connection((at.hostname, at.port))
		       for _ in range(20)]
		for s in all[:8]:
		    s.sendall(b"GET /metrics HTTP/1.1\r\n")
		for s in all[:16]:
		    s.settimeout(40)
		    try:
		        while s.recv(4096):
		            pass
		    except ConnectionError:
		        pass
		body = urllib.request.urlopen(sys.argv[1], timeout=20).read()
		assert b"vc_probe_packets_total" in body
	END
	finish
}

@test "of several flows with one SSRC the newest is there" {
	python3 "$BATS_TEST_DIRNAME/capwrite.py" kind=pcap call=twin n=100 >twin.pcap
	serve twin.pcap --json
	wait_for come '[0-9]*'
	exposition "$url" >metrics
	finish
	[ "$(jq '.sources | length' report)" -eq 3 ]
	[ "$(grep -c '^vc_probe_packets_total ' metrics)" -eq 1 ]
	grep -q '^vc_probe_sources_shown gauge {} 1' metrics
}

@test "a source that left stays for a minute" {
	python3 - >left.vcrtp <<-END
		import sys
		sys.path.insert(0, "$BATS_TEST_DIRNAME")
		sys.argv[1:] = ["none"]
		sys.stdout = open("/dev/null", "w")
		from probestream import MS, Stream, rtp
		s = Stream(0)
		for i in range(4000):
		    s.time(i * 20 * MS)
		    s.frame(rtp(1, 0, i, i * 160, b"x"))
		    if i < 100:
		        s.frame(rtp(2, 0, i, i * 160, b"x"))
		sys.__stdout__.buffer.write(s.octets)
	END
	serve left.vcrtp
	wait_for come 4000
	exposition "$url" >metrics
	finish
	grep -q '^vc_probe_sources gauge {} 2' metrics
	grep -q '^vc_probe_sources_shown gauge {} 1' metrics
	run ! grep 'ssrc="00000002"' metrics
}

@test "it stays in its sandbox, at this machine's own address unless told" {
	python3 "$BATS_TEST_DIRNAME/probestream.py" net >net.vcrtp
	run -2 vc-probe --metrics 9100 net.vcrtp
	assert_line --partial '--metrics 9100: ADDR:PORT'
	run -2 vc-probe --metrics http://x:1/ net.vcrtp
	run vc-probe --metrics :0 --ready ready --json net.vcrtp
	assert_success
	grep -q '^ready http://127.0.0.1:[0-9]*/metrics$' ready
	run -1 vc-probe --metrics 192.0.2.1:9100 net.vcrtp
	assert_line --partial 'vc-probe: --metrics 192.0.2.1:9100: listen: '
}
