#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What a host does by the control socket of vc-mix: who has the floor, who is shown
# the door, who is here. What everybody received is measured. On the virtual clock.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=120
load heard

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	for who in ann bob carl prof; do
		vc-capture --virtual -t 9200ms --size 320x180 --fps 15 \
			--vbitrate 200k --keyint 500ms --name "$who" --cname "$who" test: \
			>"$who.vcrtp" 3>&- &
	done
	wait
	marks_of ann bob carl prof >marks
}

setup()
{
	begin
	files=$BATS_FILE_TMPDIR
	for who in ann bob carl prof; do
		all+=("$who=$files/$who.vcrtp")
	done
}

mix()
{
	vc-mix --talkers 4 --size 1280x720 --fps 15 --vbitrate 800k \
		--keyint 500ms "$@" "${all[@]}"
}

# Sound only: for what is said, not seen.
talk()
{
	vc-mix --talkers 4 --video=off "$@" "${all[@]}"
}

events()
{
	vc-probe --packets=json "$1" |
		jq -c 'select(.event.ev == "'"$2"'") | .event | del(.ev, .t)' |
		uniq
}

@test "floor: who has it is a speaker, one at a time, and then as before" {
	mix --policy panel --role prof=host --at '2300ms floor bob' \
		--at '4600ms floor ann' --at '6900ms floor -' >mix.vcrtp
	run got_all mix.vcrtp 0s-2300ms
	assert_output "ann: prof prof
bob: prof prof
carl: prof prof
prof: - prof"
	run got_all mix.vcrtp 2400ms-4550ms
	assert_output "ann: bob,prof bob,prof
bob: prof bob,prof
carl: bob,prof bob,prof
prof: bob bob,prof"
	run got_all mix.vcrtp 4700ms-6850ms
	assert_output "ann: prof ann,prof
bob: ann,prof ann,prof
carl: ann,prof ann,prof
prof: ann ann,prof"
	run got_all mix.vcrtp 7s-9200ms
	assert_output "ann: prof prof
bob: prof prof
carl: prof prof
prof: - prof"
}

@test "floor: roles say so; the role command ends it; he who was speaker stays one" {
	talk --policy webinar --role prof=host --role bob=speaker \
		--at '1s floor ann' --at '2s role ann listener' \
		--at '2500ms floor bob' --at '3s floor -' >mix.vcrtp
	events mix.vcrtp role >roles
	run jq -r 'select(.id == "ann") | .role' roles
	assert_line --index 0 listener
	run bash -c "jq -r 'select(.id == \"ann\") | .role' roles | uniq"
	assert_output "listener
speaker
listener"
	run bash -c "jq -r 'select(.id == \"bob\") | .role' roles | uniq"
	assert_output speaker
}

@test "floor is refused where it means nothing, and the answer says why" {
	run talk --policy lesson --at '1s floor ann' -o mix.vcrtp
	assert_output --partial "this policy has no role speaker"
	run talk --at '1s floor ann' -o mix.vcrtp
	assert_output --partial "there is no --policy"
	run talk --policy panel --at '1s floor dora' -o mix.vcrtp
	assert_output --partial "nobody here is called that"
	run talk --policy panel --at '1s floor *' -o mix.vcrtp
	assert_output --partial "one only"
	run talk --policy panel --at '1s floor' -o mix.vcrtp
	assert_output --partial "floor WHO, or floor - for nobody"
	run vc-mix --video=off --policy panel --at '1s floor ann' \
		-o mix.vcrtp "$files/ann.vcrtp"
	assert_output --partial "nobody vouches that it is him"
}

@test "kick: he is neither heard nor seen and gets nothing, until he is let in" {
	mix --policy symmetric --at '2300ms kick b*' --at '4600ms unkick bob' \
		>mix.vcrtp
	run got bob mix.vcrtp --part 0s-2300ms
	assert_output "ann,carl,prof ann,bob,carl,prof"
	run got_all mix.vcrtp 2400ms-4550ms
	assert_output "ann: carl,prof ann,carl,prof
bob: - -
carl: ann,prof ann,carl,prof
prof: ann,carl ann,carl,prof"
	run got_all mix.vcrtp 4700ms-9s
	assert_output "ann: bob,carl,prof ann,bob,carl,prof
bob: ann,carl,prof ann,bob,carl,prof
carl: ann,bob,prof ann,bob,carl,prof
prof: ann,bob,carl ann,bob,carl,prof"
	run events mix.vcrtp kick
	assert_output '{"id":"bob","on":true}
{"id":"bob","on":false}'
}

@test "kick: without a policy, from the one mix; he who comes again stays out" {
	local in=(ann=ann.vcrtp bob=again.vcrtp)

	# Bob is here for five seconds, and comes again with other sources.
	for at in '0s 5s 1' '7s 5s 2'; do
		# shellcheck disable=SC2086 # three words
		set -- $at
		vc-capture --virtual --start "$1" -t "$2" --seed "$3" \
			--video none --cname bob --name bob test:
	done >again.vcrtp
	vc-capture --virtual -t 12s --video none --name ann --cname ann test: \
		>ann.vcrtp
	vc-mix --video=off "${in[@]}" >free.vcrtp
	vc-mix --video=off --at '2300ms kick bob' \
		--at '9600ms unkick bob' "${in[@]}" >mix.vcrtp
	for at in 0s-2300ms 2400ms-9600ms 9700ms-12s; do
		for who in ann bob; do
			got "$who" mix.vcrtp --part "$at"
		done
	done >parts
	run cat parts
	assert_output "ann,bob -
ann,bob -
ann -
- -
ann,bob -
ann,bob -"
	# The same without the command: he is heard when he is back.
	run got ann free.vcrtp --part 7200ms-9600ms
	assert_output "ann,bob -"
}

@test "kick: the floor falls free, and an output of --out comes back as it was" {
	mix --policy panel --role prof=host --out hall --at '1s floor ann' \
		--at '2300ms kick ann' --at '2300ms kick hall' --at '5s unkick *' \
		>mix.vcrtp
	run got hall mix.vcrtp --part 2400ms-4900ms
	assert_output "- -"
	run got bob mix.vcrtp --part 2400ms-4900ms
	assert_output "prof prof"
	run got hall mix.vcrtp --part 5200ms-
	assert_output "prof prof"
	run events mix.vcrtp role
	assert_line '{"id":"ann","role":"speaker"}'
	run bash -c "vc-probe --packets=json mix.vcrtp | jq -r 'select(
		.event.ev == \"role\" and .event.id == \"ann\").event.role' |
		tail -n 1"
	assert_output listener
}

@test "a limit has room again for those who were kicked" {
	printf 'limit 2\n* * *,self\n' >two.policy
	talk --policy two.policy --at '2300ms kick ann' >mix.vcrtp 2>err
	run got bob mix.vcrtp --part 0s-2300ms
	assert_output "ann -"
	run got bob mix.vcrtp --part 5200ms-
	assert_output "carl -"
}

@test "roles of a pattern, and by events; a command is stronger" {
	talk --policy panel --at '2300ms role * speaker' --at '5s role *' \
		>mix.vcrtp
	run got ann mix.vcrtp --part 2400ms-4900ms
	assert_output "bob,carl,prof -"
	run got ann mix.vcrtp --part 5200ms-
	assert_output "- -"

	# As another mixer would say it.
	talk --policy panel --role bob=speaker >one.vcrtp
	vc-mix --video=off --policy panel --at '4s role bob listener' \
		one.vcrtp "${all[@]}" >mix.vcrtp
	run got ann mix.vcrtp --part 0s-2300ms
	assert_output "bob -"
	run got ann mix.vcrtp --part 5200ms-
	assert_output "- -"
	run events mix.vcrtp role
	assert_line '{"id":"bob","role":"speaker"}'
}

@test "list: who is here, and whom he hears and sees" {
	mkfifo ann bob
	vc-mix --size 320x180 --fps 5 --policy panel --role ann=host \
		--control=ctl --out hall ann=ann bob=bob >mix.vcrtp 3>&- &
	pids+=("$!")
	for who in ann bob; do
		vc-capture --name "$who" --cname "$who" --size 160x90 --fps 5 test: \
			>"$who" 3>&- &
		pids+=("$!")
	done
	# By one look, as who talks has pauses.
	wait_for told ctl list '.participants | length == 3 and
		any(.id == "ann" and .talking)'
	run jq -c '.participants[] | select(.id == "ann")' told
	assert_output '{"id":"ann","role":"host","vouched":true,"muted":false,"hidden":false,"deaf":false,"kicked":false,"gain_db":0,"pinned":false,"floor":false,"talking":true,"hears":[],"sees":["ann"]}'
	run -0 vc-ctl ctl list ann
	run jq -c '.participants | map(.id)' <<<"$output"
	assert_output '["ann"]'
	run -0 vc-ctl ctl floor bob
	# Who came first is another matter.
	run jq -c '.participants | sort_by(.id)[] |
		[.id, .role, .floor, (.hears, .sees | sort)]' \
		< <(vc-ctl ctl list)
	assert_output '["ann","host",false,["bob"],["ann","bob"]]
["bob","speaker",true,["ann"],["ann","bob"]]
["hall","listener",false,["ann","bob"],["ann","bob"]]'
	run -0 vc-ctl ctl kick bob
	run jq -c '.participants | sort_by(.id)[] |
		[.id, .kicked, .floor, .hears, .sees]' < <(vc-ctl ctl list)
	assert_output '["ann",false,false,[],["ann"]]
["bob",true,false,[],[]]
["hall",false,false,["ann"],["ann"]]'
	run -1 vc-ctl ctl floor bob
	assert_output --partial 'he was kicked'
	run -1 vc-ctl ctl kick bob
	assert_output --partial 'nobody here is called that'
	run -1 vc-ctl ctl unkick ann
	assert_output --partial 'nobody of that name was kicked'
	run -1 vc-ctl ctl kick
	assert_output --partial 'whom?'
	run -1 vc-ctl ctl list dora
	assert_output --partial 'nobody here is called that'
	run -1 vc-ctl ctl keyframe 1
	assert_output --partial 'no picture has that SSRC'
	# From the next tick on.
	wait_for told ctl stats '.stats.mix.participants | map([.id, .heard]) |
		sort == [["ann", true], ["bob", false], ["hall", false]]'
}

@test "list: of many who they are, of few whom they hear and see" {
	local outs=()

	for i in {1..101}; do
		outs+=(--out "hall$i")
	done
	vc-capture --name ann --cname ann --video none test: 3>&- |
		vc-mix --video=off --policy lesson "${outs[@]}" --control=ctl \
			ann=- >/dev/null 3>&- &
	pids+=("$!")
	wait_for told ctl list 'any(.participants[]; .id == "ann")'
	run -0 vc-ctl ctl list ann
	run jq -c '.participants | map(.id)' <<<"$output"
	assert_output '["ann"]'
	run -0 vc-ctl ctl list
	run jq -c '.participants | [length, any(.hears)]' <<<"$output"
	assert_output '[102,false]'
	run -0 vc-ctl ctl list 'hall1*'
	run jq -c '.participants | [length, all(.hears)]' <<<"$output"
	assert_output '[13,true]'
	run -1 vc-ctl ctl bitrate 100k 1
	assert_output --partial "no output has that SSRC"
}
