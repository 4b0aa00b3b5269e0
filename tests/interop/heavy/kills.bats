#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-record killed at 200 random moments (KILLS: so many, KILLS_SEED: others).

export BATS_TEST_TIMEOUT=$((1800 * ${VC_SLOW:-1}))

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "SIGKILL at 200 random moments: it opens, lacks a second at most, is mended" {
	vc-capture --virtual -t 8s --size 160x90 --fps 10 --vbitrate 100k \
		--keyint 2s --name al --cname al test: >al.vcrtp
	PYTHONPATH=$BATS_TEST_DIRNAME/../../e2e \
		python3 "$BATS_TEST_DIRNAME/kills.py" "${KILLS_SEED:-1}" \
		"${KILLS:-200}" al.vcrtp webm mkv ogg wav ivf >said
	cat said >&3
	grep -q "^${KILLS:-200} kills" said
}
