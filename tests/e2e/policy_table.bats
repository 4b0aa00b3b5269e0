#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What vc-mix says of a policy before anybody is here: the table of --check-policy,
# and rows that nobody has.

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

# The row of the recorder is behind that of those who have no role of their own.
shadowed()
{
	cat <<-'END'
		default-role student
		role  prof           lecturer
		# who                hears           sees                with
		role:lecturer        *               *                   layout=grid
		role:student         role:lecturer   role:lecturer       layout=presenter
		recorder             *               role:lecturer       layout=presenter
	END
}

@test "a row that nobody has is warned of, with its line" {
	local said="vc-mix: my.policy: line 6: nobody has this row: recorder is student, and has that of line 5"

	shadowed >my.policy
	run -0 --separate-stderr vc-mix --check-policy my.policy
	# shellcheck disable=SC2154 # bats sets it
	assert_equal "$stderr" "$said"
	assert_line --regexp '^recorder +student +5 '
	# What he is by the command line is another matter.
	run -0 --separate-stderr vc-mix --check-policy my.policy \
		--role recorder=tape
	assert_line --regexp '^recorder +tape +6 '
	refute_regex "$stderr" line
	# For all whom a row is for, not for some of them.
	sed -i 's/^recorder /recorder,role:guest /' my.policy
	run -0 vc-mix --check-policy my.policy
	refute_line --partial "nobody has"
	printf '* * *\nann - -\n' >all.policy
	run -0 vc-mix --check-policy all.policy
	assert_line "vc-mix: all.policy: line 2: nobody has this row: line 1 goes before it"
	for name in "${presets[@]}"; do
		run -0 vc-mix --check-policy "$name" --role ann=host
		refute_output --partial "nobody has"
	done
}

@test "a row that nobody has is warned of at the start and when it is read again" {
	vc-capture --virtual -t 2s --video none test: >sound.vcrtp
	shadowed >my.policy
	run -0 vc-mix --policy my.policy prof=sound.vcrtp -o mix.vcrtp
	assert_output "vc-mix: my.policy: line 6: nobody has this row: recorder is student, and has that of line 5"
	run -0 vc-mix --policy my.policy --at '1s reload' prof=sound.vcrtp \
		-o mix.vcrtp
	assert_equal "${#lines[@]}" 2
	assert_equal "${lines[0]}" "${lines[1]}"
}
