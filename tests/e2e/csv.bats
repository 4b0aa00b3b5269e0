#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# vc-probe --csv says what --json does, to spreadsheets that carry nothing out.

# shellcheck disable=SC2154 # from run --separate-stderr
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((60 * ${VC_SLOW:-1}))
load ../common

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	vc-capture --virtual -t 4s --size 160x90 --name $'=1+1;"a",b' \
		--cname al test: >al.vcrtp
	vc-capture --virtual -t 4s --video=none --name @bBBBBö --cname=-bo \
		test: | LC_ALL=C sed $'s/BBBB/\x1b[2J/g' >bo.vcrtp
	vc-mix --video=off --minus-one al.vcrtp bo.vcrtp >mix.vcrtp
}

setup()
{
	begin
	cd "$BATS_FILE_TMPDIR" || return 1
}

# Compares the CSV $1 with the JSON lines $2, cell by cell.
same()
{
	python3 - "$@" <<-'END'
		import csv, json, re, sys
		raw = open(sys.argv[1], newline="").read()
		assert raw.count("\n") == raw.count("\r\n"), "ends of lines"
		rows = list(csv.DictReader(raw.splitlines()))
		records = [json.loads(line) for line in open(sys.argv[2])]
		want = [(r, s) for r in records for s in r["sources"]]
		assert len(rows) == len(want) > 0, (len(rows), len(want))
		cells = 0
		for row, (record, source) in zip(rows, want):
		    for name, cell in row.items():
		        at = record if name in ("t", "at_s") else source
		        for part in re.findall(r"[^.\[\]]+", name):
		            at = at.get(part) if at else None
		        if at is None:
		            assert cell == "", (name, cell)
		        elif isinstance(at, str):
		            assert cell.lstrip("'")[0:1] == at[0:1], (name, cell)
		            assert not cell or cell[0] not in "=+-@", cell
		            assert cell.isprintable(), cell
		        else:
		            assert float(cell) == at, (name, cell, at)
		            cells += 1
		assert cells > 10 * len(rows) / 2, cells
		print(list(rows[0])[0:6])
	END
}

@test "a row a source, a column a metric, the figures of the JSON report" {
	vc-probe --csv --heard al,bo mix.vcrtp >out.csv
	vc-probe --json --heard al,bo mix.vcrtp >out.json
	run same out.csv out.json
	assert_success
	assert_output "['id', 'who', 'ssrc', 'kind', 'rid', 'codec']"
	# Its columns are the list of metrics, names for NAME.
	head -1 out.csv | tr -d '\r"' | tr ',' '\n' | tail -n +7 >columns
	vc-probe --list-metrics | awk '$1 == "duration_s" { exit }
		$1 ~ /^heard/ { print "heard[al]"; print "heard[bo]"; next }
		$1 !~ /\[/ { print $1 }' >metrics
	diff columns metrics
}

@test "the same columns whatever there is" {
	vc-probe --csv al.vcrtp | head -1 >one
	vc-probe --csv bo.vcrtp | head -1 >two
	cmp one two
}

@test "what a spreadsheet would carry out is text, and quoted" {
	vc-probe --csv al.vcrtp | tail -1 >row
	grep -qF ",\"'=1+1;\"\"a\"\",b\"," row
	vc-probe --csv bo.vcrtp | tail -1 >row
	grep -qF "\"'-bo\",\"'@b\\x1b[2Jö\"," row
	run ! grep -q $'\x1b' row
}

@test "--interval: a row for each interval and source, and no other" {
	vc-probe --csv --interval 1s al.vcrtp >out.csv
	vc-probe --json --interval 1s al.vcrtp | head -n -1 >out.json
	run same out.csv out.json
	assert_success
	[ "$(wc -l <out.csv)" -eq 9 ]
}

@test "one report there is, and rules are judged beside it" {
	run -2 vc-probe --csv --json al.vcrtp
	assert_line --partial '--csv: not with --json'
	run -3 --separate-stderr vc-probe --csv -e 'video.fps>50' al.vcrtp
	assert_equal "$stderr" 'vc-probe: expected video.fps>50: failed: =1+1;"a",b video: 30 1/s'
}
