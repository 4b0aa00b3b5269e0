#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Text from vc-capture to vc-play: captions, subtitles, what is written down.
# Two tests are live, 8 s: one process writes what another one reads.

bats_require_minimum_version 1.5.0
load ../common

small=(--size 160x90 --fps 5 --marks=none)

# capture T ARGS...: Alice on the virtual clock, in 's'.
capture()
{
	vc-capture --virtual -t "$1" --name Alice "${small[@]}" "${@:2}" >s
}

# lines N: so many, of 50 octets and other letters than ASCII.
lines()
{
	for ((i = 1; i <= $1; i++)); do
		printf 'Line %02d of Grüße, 你好 and 😀, all is well.\n' "$i"
	done
}

# What was read, without times and names.
read_back()
{
	vc-play --text - "$@" | sed -E 's/^[0-9:.]+ (ssrc:)?[^:]*: //'
}

stat_of() { tail -n 1 stats | jq "$1"; }

@test "lines become a source of text of the same participant" {
	lines 4 >lines
	capture 3s --text lines test:
	vc-probe --json s >r.json
	[ "$(jq '[.sources[].id] | unique | length' r.json)" -eq 1 ]
	[ "$(jq -c '[.sources[] | [.kind, .codec, .pt, .media.lost]] | sort[1]' \
		r.json)" = '["text","red",116,0]' ]
	read_back s | cmp - lines
	# The same octets on every run.
	sha256sum <s >sum
	capture 3s --text lines test:
	sha256sum <s | cmp - sum
	capture 3s --text - test: <lines
	sha256sum <s | cmp - sum
	capture 3s --text fd:5 test: 5<lines
	sha256sum <s | cmp - sum
	sed '' lines | capture 3s --text - test:
	sha256sum <s | cmp - sum
}

# The description, and packets as RFC 4103 has them, read by another program.
@test "packets are RED with the two before in it, 300 ms apart" {
	capture 5s --at '1s text one' --at '1500ms text two' \
		--at '3s text three' test:
	python3 - <<-'END'
		import struct
		data, at, packets, desc = open("s", "rb").read(), 0, [], b""
		while at < len(data):
		    n = int.from_bytes(data[at:at + 2], "big")
		    f, at = data[at + 2:at + 2 + n], at + 2 + n
		    if f[:1] == b"v":
		        desc = f
		    if n > 12 and f[0] >> 6 == 2 and f[1] & 127 == 116:
		        assert f[0] == 0x80, f
		        seq, ts, ssrc = struct.unpack(">HII", f[2:12])
		        p, heads, blocks = f[12:], [], []
		        while p[0] & 128:
		            h = int.from_bytes(p[:4], "big")
		            heads.append((h >> 24 & 127, h >> 10 & 0x3fff, h & 1023))
		            p = p[4:]
		        assert p[0] == 117, p
		        p = p[1:]
		        for pt, off, size in heads:
		            assert pt == 117
		            blocks.append((off, p[:size].decode()))
		            p = p[size:]
		        packets.append((seq, ts, f[1] >> 7, blocks, p.decode()))
		assert b"m=text 0 RTP/AVP 116 117\r\n" in desc, desc
		assert b"a=rtpmap:116 red/1000\r\n" in desc
		assert b"a=fmtp:116 117/117/117\r\n" in desc
		assert b"a=rtpmap:117 t140/1000\r\n" in desc
		s, t = packets[0][0], packets[0][1]
		nl = "\u2028"
		got = [(q[0] - s, q[1] - t, q[2], q[3], q[4]) for q in packets]
		assert got == [
		    (0, 0, 1, [], "one" + nl),
		    (1, 300, 0, [(300, "one" + nl)], ""),
		    (2, 600, 0, [(600, "one" + nl), (300, "")], "two" + nl),
		    (3, 900, 0, [(600, ""), (300, "two" + nl)], ""),
		    (4, 1200, 0, [(600, "two" + nl), (300, "")], ""),
		    (5, 2000, 1, [(1100, ""), (800, "")], "three" + nl),
		    (6, 2300, 0, [(1100, ""), (300, "three" + nl)], ""),
		    (7, 2600, 0, [(600, "three" + nl), (300, "")], ""),
		], got
	END
	vc-play --text - s >text
	printf '%s Alice: %s\n' 00:00:01.020 one 00:00:01.620 two \
		00:00:03.020 three >want
	cmp text want
}

@test "a file is not read faster than 30 characters a second" {
	lines 60 >lines
	capture 30s --text lines --video none silence:
	read_back s >got
	# 300 at once, then 30 a second: 1200 in 30 s, of 42 a line.
	n=$(wc -l <got)
	[ "$n" -ge 26 ]
	[ "$n" -le 31 ]
	head -n $((n - 1)) lines | cmp - <(head -n $((n - 1)) got)
}

@test "text alone ends when all has been sent" {
	lines 3 >lines
	vc-capture --virtual --text lines >s
	read_back s | cmp - lines
	vc-probe --json s | jq -e '[.sources[].kind] == ["text"]'
	vc-capture --virtual -t 5s --text /dev/null --at '4s text late' >s
	[ "$(vc-play --text - s | wc -l)" -eq 1 ]
	printf 'no newline' | vc-capture --virtual --text - >s
	[ "$(read_back s)" = "no newline" ]
}

@test "long lines are sent whole, what is too much at once is refused" {
	long=$(printf '%3000s' '' | tr ' ' x)
	printf '%s\nend\n' "$long" | vc-capture --virtual --text - >s
	[ "$(read_back s | tr -d '\n')" = "${long}end" ]
	[ "$(read_back s | tail -n 1)" = end ]
	many=()
	for ((i = 0; i < 9; i++)); do
		many+=(--at "0s text ${long:0:1000}")
	done
	run -1 --separate-stderr vc-capture --virtual -t 1s --text /dev/null \
		"${many[@]}" -o s
	[[ $stderr == *"too much waits"* ]]
	run -1 --separate-stderr vc-capture --virtual -t 1s --text /dev/null \
		--at "0s text ${long:0:1100}" -o s
	[[ $stderr == *"the line is too long"* ]]
}

@test "3 to 20 % lost: the text is whole, from the copies" {
	lines 30 >lines
	for p in 3 10 20; do
		vc-capture --virtual --text lines --name Alice |
			vc-impair --seed 5 loss=$p% >s
		read_back --stats stats s | cmp - lines
		[ "$(stat_of .play.text_lost)" -eq 0 ]
		[ "$p" -eq 3 ] || [ "$(stat_of .play.text_filled)" -gt 0 ]
	done
	# What cannot be won is marked, and no letter is made up or said twice.
	vc-capture --virtual --text lines --name Alice |
		vc-impair --seed 5 loss=75% >s
	read_back --stats stats s >got
	[ "$(stat_of .play.text_lost)" -gt 0 ]
	grep -q $'\xef\xbf\xbd' got
	iconv -f UTF-8 -t UTF-16 got >/dev/null
}

@test "many people: a line is of the one whose name it begins with" {
	cat >lines <<-'END'
		p2: hello
		nobody: is called so
		p3: p1: hi
		p22: neither
	END
	capture 2s --people 3 --name p --text lines --at '1s text p2: bye' \
		--video none silence:
	vc-play --text - s | sed 's/^[^ ]* //' >got
	cat >want <<-'END'
		p2: hello
		p1: nobody: is called so
		p3: p1: hi
		p1: p22: neither
		p2: bye
	END
	sort got | cmp - <(sort want)
	# Of the one who is heard, too.
	vc-probe --json s | jq -e '.sources | group_by(.id) |
		map(map(.kind) | sort) == [["audio","text"],["audio","text"],
		["audio","text"]]'
	vc-play --text '{name}.txt' s
	[ "$(cut -d' ' -f2- p2.txt)" = $'p2: hello\np2: bye' ]
	[ "$(wc -l <p1.txt)" -eq 2 ]
	[ "$(wc -l <p3.txt)" -eq 1 ]
}

@test "WebVTT by its suffix, as ffmpeg reads it" {
	capture 9s --at '1s text one & <two>' --at '6s text "three --> 4"' test:
	vc-play --text c.vtt s
	cat >want <<-'END'
		WEBVTT

		00:00:01.020 --> 00:00:05.020
		<v Alice>one &amp; &lt;two&gt;

		00:00:06.020 --> 00:00:10.020
		<v Alice>three --&gt; 4

	END
	cmp c.vtt want
	ffmpeg -nostdin -v error -i c.vtt -f srt - >srt
	grep -qx '00:00:01,020 --> 00:00:05,020' srt
	vc-play --text '{cname}.vtt' s
	cmp ./*[!c].vtt want
}

# --- of others ---

@test "bare text, with a BOM, cut anywhere, and RED by its own SDP" {
	cat >peer.py <<-'END'
		import struct, sys
		w, seq = sys.stdout.buffer, [65534]
		def put(pt, ts, payload, lost=False):
		    p = struct.pack(">BBHII", 0x80, pt, seq[0] & 65535, ts, 7) + payload
		    seq[0] += 1
		    if not lost:
		        w.write(struct.pack(">H", len(p)) + p)
		text = "\ufeffGr\u00fc\u00df Gott\r\n\U0001f600 x".encode()
		for i in range(len(text)):
		    put(98, 1000 + i * 40, text[i:i + 1], lost=text[i:i + 1] == b"x")
		yz = "y\u2028z\u2028".encode()
		put(98, 3000, yz, lost=True)
		put(100, 3300, (1 << 31 | 98 << 24 | 300 << 10 | len(yz)).to_bytes(4, "big")
		    + bytes([98]) + yz + "red\u2028".encode())
	END
	python3 peer.py >p
	printf '%s\r\n' v=0 'o=- 0 0 IN IP4 127.0.0.1' s=- 't=0 0' \
		'm=text 0 RTP/AVP 100 98' 'a=rtpmap:98 t140/1000' \
		'a=rtpmap:100 red/1000' 'a=fmtp:100 98/98/98' >sdp
	[ "$(read_back --sdp sdp p)" = $'Grüß Gott\n😀 \xef\xbf\xbdy\nz\nred' ]
}

@test "--text-bare: once, and what is lost is marked" {
	vc-capture --virtual -t 3s --name Alice --text /dev/null --text-bare \
		--at '0s text one' --at '1s text two' --at '2s text three' >s
	vc-probe --json s | jq -e '.sources[0] | [.codec, .pt, .media.packets] ==
		["t140", 117, 3]'
	[ "$(read_back s | xargs)" = "one two three" ]
	# Before each goes a report.
	vc-impair drop=4 <s >lossy
	[ "$(read_back lossy | xargs)" = $'one \xef\xbf\xbdthree' ]
}

# --- hostile octets ---

# hostile.md P6
@test "what is no text never reaches a terminal or a file" {
	printf '\xef\xbb\xbfbom\r\nred\e[31m\xc2\x9b1m \xff\xfe|\a\x7f|\xe2\x80\xae|ok\btoo\n' \
		>lines
	printf 'cut\xe2\x82' >>lines
	capture 3s --text lines test:
	vc-play --text - s >got
	cut -d' ' -f3- got >texts
	printf 'bom\nred[31m \xef\xbf\xbd\xef\xbf\xbd|||otoo\ncut\xef\xbf\xbd\n' |
		cmp - texts
	NO_COLOR=1 vc-play --ascii --fps 2 s >ascii
	run ! grep -q $'[\e\a]' ascii
	grep -qF 'cut' ascii
}

@test "damaged packets of text harm nobody" {
	lines 5 >lines
	capture 3s --text lines --video none silence:
	python3 - <<-'END'
		import random
		random.seed(1)
		data, at, out = bytearray(open("s", "rb").read()), 0, bytearray()
		while at < len(data):
		    n = int.from_bytes(data[at:at + 2], "big")
		    f, at = data[at:at + 2 + n], at + 2 + n
		    if n > 12 and f[2] >> 6 == 2 and f[3] & 127 == 116:
		        for i in range(14, len(f)):
		            if random.random() < .2:
		                f[i] = random.randrange(256)
		    out += f
		open("bad", "wb").write(out)
	END
	vc-play --text got bad
	run ! grep -q $'[\x01-\x09\x0b-\x1f]' got
	iconv -f UTF-8 -t UTF-16 got >/dev/null
}

# --- seen ---

# bright FILE X Y W H: how many pixels there are white.
bright()
{
	ffmpeg -nostdin -v error -i "$1" -frames:v 1 \
		-vf "format=gray,crop=$4:$5:$2:$3" -f rawvideo - |
		od -An -v -tu1 -w1 | awk '$1 > 200' | wc -l
}

# For 5 s after it came, at the bottom of its own tile and nowhere else.
@test "subtitles are in the pictures, for a few seconds" {
	rm -f ./*.png
	vc-capture --virtual -t 9s --people 2 "${small[@]}" --audio none \
		--at '2s text p2: Hello, this is a subtitle' color:blue >s
	vc-play --no-names --png '{n}.png' --every 1s --size 640x180 s
	# Two tiles beside each other, both 320x180.
	for n in 1 3 6 8; do
		[ "$(bright "000$n.png" 4 4 312 172)" -eq 0 ]
		[ "$(bright "000$n.png" 324 4 312 120)" -eq 0 ]
	done
	for n in 3 6; do
		[ "$(bright "000$n.png" 324 124 312 52)" -gt 60 ]
	done
	for n in 1 8; do
		[ "$(bright "000$n.png" 324 124 312 52)" -eq 0 ]
	done
	vc-play --no-names --no-subtitles --png '{n}.png' --every 3s s
	[ "$(bright 0001.png 0 0 1280 720)" -eq 0 ]
	# The film and the sheet have it, the bare picture does not.
	vc-play --no-names --y4m - --fps 1 --size 640x180 s | ffmpeg -nostdin \
		-v error -i - -vf "select='eq(n,4)'" -frames:v 1 film.png
	[ "$(bright film.png 324 124 312 52)" -gt 60 ]
	vc-play --only p2 --png 'one-{n}.png' --every 4s s
	[ "$(bright one-0001.png 0 0 160 90)" -eq 0 ]
	vc-play --sheet with.png --columns 12 s
	vc-play --no-subtitles --sheet without.png --columns 12 s
	run ! cmp -s with.png without.png
}

@test "on a terminal they are a line of the picture, wide letters too" {
	capture 4s --at '1s text Hello 世界' test:
	NO_COLOR=1 vc-play --ascii --fps 1 s >text
	# Frames of 24 lines at 0, 1, 2, 3 s: not in the first two.
	run ! grep -q 'Hello' <(head -n 48 text)
	[ "$(head -n 96 text | grep -c 'Hello 世界')" -eq 2 ]
	# On the last row of the picture, above the name.
	tail -n 24 text | sed -n '/Hello/{n;p}' | grep -q '^Alice'
	while IFS= read -r line; do
		[ "$(wc -L <<<"$line")" -eq 80 ]
	done <text
	NO_COLOR=1 vc-play --ascii --fps 1 --no-subtitles s >text
	run ! grep -q 'Hello' text
	# Signs of several letters are these letters.
	capture 1s --at $'0s text a\xe2\x80\x8db' test:
	NO_COLOR=1 vc-play --ascii --fps 2 s | grep -qF -- '-ab-'
}

@test "who only writes has a tile" {
	printf 'Only text\n' | vc-capture --virtual -t 2s --name Tom --text - >s
	NO_COLOR=1 vc-play --ascii --fps 1 s >text
	grep -q 'Only text' text
	grep -q 'Tom' text
	run -4 vc-play --png x.png s
}

# --- through the others ---

@test "a recording keeps it" {
	capture 2s --text - test: <<<"kept"
	vc-record r.vcrtp a.webm <s
	[ "$(read_back r.vcrtp)" = kept ]
	[ "$(read_back a.webm)" = kept ]
}

@test "no text: exit 4 and no file; wrong usage: exit 2" {
	capture 1s test:
	run -4 --separate-stderr vc-play --text x.vtt s
	[[ $stderr == *"no text came: not written"* ]]
	[ ! -e x.vtt ]
	run -2 --separate-stderr vc-play --text a --wav a s
	run -2 --separate-stderr vc-play --text '{n}.txt' s
	run -2 --separate-stderr vc-capture --text rtp://:5004 test:
	[[ $stderr == *"--text rtp://:5004: a FIFO, a file or"* ]]
	run -2 vc-capture --virtual --pt video=117 --text /dev/null -o x test:
	run -1 --separate-stderr vc-capture --text missing -o x test:
	[[ $stderr == *"missing: open: No such file"* ]]
}

@test "pause holds it back" {
	capture 4s --text /dev/null --at '1s pause text' \
		--at '1500ms text later' --at '3s resume text' test:
	vc-play --text - s | grep -qE '^00:00:03\.[01][0-9]{2} Alice: later$'
}

# --- live ---

# Does $2, and again, until $1 has been received: of the first packets that are
# lost nobody knows.
until_read()
{
	until grep -qaF "$1" got; do
		"${@:2}"
		pause
	done
}

# Starts vc-recv behind a relay that loses packets as $1 says; $url leads there.
receive()
{
	mkfifo ready relay
	vc-recv --ready=ready rtp://127.0.0.1:0 >got 3>&- &
	recv=$!
	pids+=("$recv")
	read -r _ url <ready
	vc-impair --ready=relay "$1" udp://127.0.0.1:0 \
		"udp://${url#*://}" 3>&- &
	pids+=("$!")
	read -r _ url <relay
}

say() { echo "$1" >captions; }

@test "live: who writes into a FIFO is read behind a lossy way" {
	receive drop=every:3
	mkfifo captions stream
	vc-capture --name Alice --text captions --control ctl -o stream 3>&- &
	pids+=("$!")
	vc-send -i stream "$url" 3>&- &
	pids+=("$!")
	until_read begin say begin
	say "one writer"
	say "another writer"
	until_read "another writer" :
	vc-ctl ctl text "by command" >/dev/null
	until_read "by command" :
	kill -TERM "$recv"
	wait "$recv"
	read_back got >text
	[ "$(grep -vx begin text)" = $'one writer\nanother writer\nby command' ]
	# RED ends where packets are lost; what it won is in its place.
	vc-probe --packets=json got | jq -sce '[.[].event |
		select(.ev == "net")] | last | .won.red > 0 and .lost > 0'
	vc-probe --json got | jq -e '.sources[0] | [.codec, .media.lost] ==
		["t140", 0]'
}

@test "live: a socket that one writer leaves takes the next one" {
	mkfifo ready
	vc-capture --name Alice --text unix:cap,listen --ready=ready 3>&- >got &
	pid=$!
	pids+=("$pid")
	read -r _ <ready
	for word in one two; do
		python3 -c 'import socket, sys
c = socket.socket(socket.AF_UNIX)
c.connect("cap")
c.sendall(sys.argv[1].encode() + b"\n")' "$word"
	done
	until_read two :
	kill -TERM "$pid"
	ended
	[ "$(read_back got | xargs)" = "one two" ]
}
