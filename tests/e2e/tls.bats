#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Streams over tls://: who is believed, who is not, and what comes through.

# shellcheck disable=SC2154 # bats sets stderr
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load ../common

# A certificate $1 for subject $2, signed by $3 ("": by itself), with the
# options that follow.
certificate()
{
	local name=$1 subject=$2 ca=$3

	shift 3
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$name.key" -out "$name.csr" -subj "$subject" 2>/dev/null
	if [ -n "$ca" ]; then
		openssl x509 -req -in "$name.csr" -CA "$ca.pem" \
			-CAkey "$ca.key" -CAcreateserial -out "$name.pem" \
			-extfile <(printf '%s\n' "$@") -days 2 2>/dev/null
	else
		openssl x509 -req -in "$name.csr" -signkey "$name.key" \
			-out "$name.pem" -extfile <(printf '%s\n' "$@") \
			-days 2 2>/dev/null
	fi
}

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	export CERTS=$PWD
	certificate ca /CN=ca '' 'basicConstraints=critical,CA:TRUE'
	certificate other /CN=other '' 'basicConstraints=critical,CA:TRUE'
	certificate here /CN=here ca \
		'subjectAltName=IP:127.0.0.1,DNS:localhost'
	certificate there /CN=there ca 'subjectAltName=DNS:there.example'
	certificate alice '/CN=Alice of Wonderland' ca
	certificate stranger /CN=chair other
	# openssl x509 makes none that has expired; openssl ca does.
	mkdir db
	touch db/index
	printf '%s\n' '[ca]' 'default_ca=d' '[d]' 'database=db/index' \
		'serial=db/serial' 'new_certs_dir=db' 'default_md=sha256' \
		'policy=p' 'x509_extensions=x' '[p]' 'commonName=supplied' \
		'[x]' 'subjectAltName=IP:127.0.0.1' >db/conf
	openssl ca -batch -config db/conf -rand_serial -in here.csr \
		-cert ca.pem -keyfile ca.key -startdate 20200101000000Z \
		-enddate 20200102000000Z -out old.pem -notext 2>/dev/null
	cp here.key old.key
	vc-capture --virtual -t 1s --name alice test: >alice.vcrtp
}

setup()
{
	begin
	mkfifo ready
}

# own NAME: the options for that certificate; trust NAME: for that authority.
own()
{
	echo "--tls-cert=$CERTS/$1.pem --tls-key=$CERTS/$1.key"
}

trust()
{
	echo "--tls-ca=$CERTS/$1.pem"
}

# A listening vc-probe with these options, its port in $port.
probe_listens()
{
	timeout 30 vc-probe --json --ready=ready "$@" \
		tls://127.0.0.1:0,listen >report 2>err &
	probe=$!
	pids+=("$probe")
	read -r _ where <ready
	port=${where##*:}
}


# shellcheck disable=SC2046 # words
@test "a stream goes through, whichever side listens" {
	# The reader listens.
	vc-mix "$CERTS/alice.vcrtp" >wanted
	timeout 20 vc-mix $(own here) --ready=ready tls://127.0.0.1:0,listen \
		>got 2>err &
	pid=$!
	pids+=("$pid")
	read -r _ where <ready
	[[ $where == tls://127.0.0.1:* ]]
	vc-capture --virtual -t 1s --name alice $(trust ca) -o "$where" test:
	wait "$pid"
	cmp got wanted
	[ ! -s err ]
	# The writer listens, and is live.
	vc-capture $(own here) --ready=ready --name alice \
		-o tls://127.0.0.1:0,listen test: 3>&- &
	pid=$!
	pids+=("$pid")
	read -r _ where <ready
	run -0 timeout 20 vc-probe $(trust ca) -t 1s --json \
		--expect 'audio.loss<1%' "tls://localhost:${where##*:}"
	kill -INT "$pid"
	wait "$pid"
}

# shellcheck disable=SC2046 # words
@test "wrong certificates are refused, with the reason, exit 5" {
	local cert ca host want

	while read -r cert ca host want; do
		vc-capture $(own "$cert") --ready=ready --video=none \
			-o tls://127.0.0.1:0,listen test: 2>err 3>&- &
		pid=$!
		pids+=("$pid")
		read -r _ where <ready
		run -5 --separate-stderr timeout 20 vc-probe $(trust "$ca") \
			"tls://$host:${where##*:}"
		assert_regex "$stderr" "open: TLS: .*$want"
		# It goes on, and serves the next one; --insecure says so.
		run -0 --separate-stderr timeout 20 vc-probe --insecure -t 100ms \
			--stats=stats "$where"
		assert_regex "$stderr" 'CERTIFICATES ARE NOT VERIFIED'
		[ "$(jq -s 'last.tls.insecure' stats)" = true ]
		kill "$pid"
		wait "$pid"
		grep -q 'TLS refused' err
	done <<-'ROWS'
		old ca 127.0.0.1 certificate has expired
		there ca 127.0.0.1 IP address mismatch
		there ca localhost [Hh]ostname mismatch
		here other 127.0.0.1 unable to get local issuer certificate
		ca other 127.0.0.1 self-signed certificate
	ROWS
}

# shellcheck disable=SC2046 # words
@test "a listener with --tls-ca demands certificates and takes names from them" {
	timeout 30 vc-probe $(own here) $(trust ca) --packets=json \
		--ready=ready --stats=stats tls://127.0.0.1:0,listen \
		>packets 2>err &
	pid=$!
	pids+=("$pid")
	read -r _ where <ready
	# None at all, and one of another authority.
	run -5 timeout 20 vc-capture $(trust ca) -t 5s -o "$where" test:
	assert_line 'vc-capture: output: write: Key was rejected by service'
	run -5 timeout 20 vc-capture $(trust ca) $(own stranger) -t 5s \
		-o "$where" test:
	timeout 20 vc-capture --virtual -t 1s --name chair $(trust ca) \
		$(own alice) -o "$where" test:
	wait "$pid"
	[ "$(jq -s 'last.tls.failed' stats)" -eq 2 ]
	grep -q '^vc-probe: 127.0.0.1:[0-9]*: TLS refused: peer did not return' err
	run -0 jq -s '[.[] | select(.type == "rtp")] | length > 10' packets
	assert_output true
	# By the input's word, whatever the stream says.
	timeout 30 vc-probe $(own here) $(trust ca) --json --ready=ready \
		tls://127.0.0.1:0,listen >report 2>err &
	pid=$!
	pids+=("$pid")
	read -r _ where <ready
	timeout 20 vc-capture --virtual -t 1s --name chair $(trust ca) \
		$(own alice) -o "$where" test:
	wait "$pid"
	run -0 jq -r '[.sources[] | .id] | unique[]' report
	assert_output 'Alice of Wonderland'
}

# shellcheck disable=SC2046 # words
@test "old versions, garbage and silence neither end nor block a listener" {
	probe_listens $(own here) --stats=stats
	for version in -tls1 -tls1_1; do
		run ! openssl s_client $version -cipher ALL:@SECLEVEL=0 \
			-connect "127.0.0.1:$port" </dev/null
	done
	for _ in $(seq 20); do
		head -c 1000 /dev/urandom >"/dev/tcp/127.0.0.1/$port"
	done
	# More who say nothing than there is room for.
	silent=()
	for _ in $(seq 20); do
		exec {fd}<>"/dev/tcp/127.0.0.1/$port"
		silent+=("$fd")
	done
	timeout 20 vc-capture --virtual -t 1s $(trust ca) \
		-o "tls://127.0.0.1:$port" test:
	wait "$probe"
	for fd in "${silent[@]}"; do
		exec {fd}>&-
	done
	run -0 jq '[.sources[].packets] | add > 50' report
	assert_output true
	[ "$(jq -s 'last.tls.failed' stats)" -ge 22 ]
	# One line a second at most.
	[ "$(wc -l <err)" -le 20 ]
}

# shellcheck disable=SC2046 # words
@test "an end without close_notify is a cut, whatever the frames say" {
	cat >cut.py <<-'PYTHON'
		import socket, ssl, sys
		c = ssl.create_default_context(cafile=sys.argv[2])
		s = c.wrap_socket(socket.create_connection(("127.0.0.1",
		    int(sys.argv[1]))), server_hostname="127.0.0.1")
		s.sendall(sys.stdin.buffer.read())
		if sys.argv[3] == "close":
		    s.unwrap()
		s.close()
	PYTHON
	probe_listens $(own here)
	python3 cut.py "$port" "$CERTS/ca.pem" cut <"$CERTS/alice.vcrtp"
	code=0
	wait "$probe" || code=$?
	[ "$code" -eq 1 ]
	run -0 cat err
	assert_output --partial 'read: truncated: the TLS connection was cut'
	run -0 jq '[.sources[].packets] | add > 50' report
	assert_output true
	probe_listens $(own here)
	python3 cut.py "$port" "$CERTS/ca.pem" close <"$CERTS/alice.vcrtp"
	wait "$probe"
	[ ! -s err ]
}

@test "what is missing or does not fit is said at start" {
	run -2 vc-probe tls://:0,listen
	assert_line --partial 'tls://...,listen needs --tls-cert FILE'
	run -2 vc-probe --insecure --tls-ca="$CERTS/ca.pem" tls://localhost:1
	run -2 vc-probe --tls-key="$CERTS/here.key" tls://localhost:1
	run -1 vc-probe --tls-cert=none tls://:0,listen
	assert_line --partial 'none: certificate: No such file or directory'
	run -1 vc-probe --tls-cert="$CERTS/here.pem" \
		--tls-key="$CERTS/alice.key" tls://:0,listen
	assert_line --partial 'private key: key values mismatch'
	cp "$CERTS/here.key" open.key
	chmod 644 open.key
	run -1 vc-probe --tls-cert="$CERTS/here.pem" --tls-key=open.key \
		tls://localhost:1
	assert_line 'vc-probe: open.key: a private key that others may read: chmod 600 it'
}
