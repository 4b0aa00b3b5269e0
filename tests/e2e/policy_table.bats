#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What vc-mix says of a policy before anybody is here: the table of --check-policy.

bats_require_minimum_version 1.5.0
load ../common

setup()
{
	begin
	presets=(symmetric panel lesson broadcast webinar call)
}

# Does $1 hear and see $2, by the table in $output? By the names of its columns,
# which may have a blank.
cell()
{
	python3 - "$@" "$output" <<-'PYTHON'
		import re, sys
		rows = [re.split("  +", line) for line in sys.argv[3].splitlines()]
		at = rows[0].index(sys.argv[2])
		print(next(r[at] for r in rows if r[0] == sys.argv[1]))
	PYTHON
}

@test "a table of it needs no media" {
	run -0 vc-mix --check-policy lesson --role prof=lecturer
	assert_line --regexp '^prof +lecturer +4 +-- +hs +hs'
	assert_equal "$(cell '(student)' prof)" hs
	assert_equal "$(cell '(student)' '(lecturer)')" hs
	assert_equal "$(cell '(lecturer)' '(student)')" hs
	run -0 vc-mix --check-policy call
	assert_line --regexp '^\(anybody\) +- +6 +-- +hs +select=all$'
	assert_line --regexp '^\(another\) +- +6 +hs +-- +select=all$'
	refute_line --regexp ' $'
	run -0 vc-mix --check-policy symmetric
	refute_line --regexp ' $'
	run -0 vc-mix --check-policy lesson --role prof=lecturer --as ann
	assert_equal "${#lines[@]}" 2
	assert_line --regexp '^ann +student +5 +-- +hs +hs +hs +-- +-- '
	for name in "${presets[@]}"; do
		vc-mix --policy-dump "$name" >"$name.policy"
		diff <(vc-mix --check-policy "$name") \
			<(vc-mix --check-policy "./$name.policy")
	done
}

@test "the table says whether two of a role hear and see each other" {
	local row

	for row in 'symmetric|x|hs' 'panel|speaker|hs' 'panel|host|hs' \
		'panel|listener|--' 'lesson|student|--' 'lesson|lecturer|hs' \
		'broadcast|speaker|--'; do
		IFS='|' read -r policy role both <<<"$row"
		run -0 --separate-stderr vc-mix --check-policy "$policy" \
			--role "*=$role"
		assert_equal "$role $(cell "($role)" "(another $role)")" \
			"$role $both"
		assert_equal "$role $(cell "(another $role)" "($role)")" \
			"$role $both"
	done
	run -0 --separate-stderr vc-mix --check-policy symmetric --role '*=x'
	assert_equal "$output" "\
who          role  line  (x)  (another x)
(x)          x        3  -s   hs
(another x)  x        3  hs   -s"
}
