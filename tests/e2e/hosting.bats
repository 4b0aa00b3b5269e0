#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What a host does by the control socket of vc-mix: who has the floor, who is shown
# the door, who is here. What everybody received is measured. On the virtual clock.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load heard

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	people ann bob carl prof -t 9200ms --fps 15 --vbitrate 200k --keyint 500ms
}

setup()
{
	begin
	with_people ann bob carl prof
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
	run -1 talk --policy lesson --at '1s floor ann' -o mix.vcrtp
	assert_output --partial "this policy has no role speaker"
	run -2 talk --at '1s floor ann' -o mix.vcrtp
	assert_output --partial "there is no --policy"
	run -1 talk --policy panel --at '1s floor dora' -o mix.vcrtp
	assert_output --partial "nobody here is called dora"
	run -1 talk --policy panel --at '1s floor *' -o mix.vcrtp
	assert_output --partial "one only: 4 are called *"
	run -2 talk --policy panel --at '1s floor' -o mix.vcrtp
	assert_output --partial "floor WHO|-"
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

@test "who was just let in again can be muted before he sends" {
	talk --policy symmetric --at '2300ms kick bob' \
		--at '4600ms unkick bob' --at '4600ms mute bob' \
		--at '4600ms gain bob -3' >mix.vcrtp 2>err
	assert_equal "$(cat err)" ""
	run got_all mix.vcrtp 4700ms-9s
	assert_output "ann: carl,prof -
bob: ann,carl,prof -
carl: ann,prof -
prof: ann,carl -"
	run talk --at '1s mute dora' -o mix.vcrtp
	assert_output --partial 'nobody here is called dora'
}

@test "play says whom it does not reach" {
	ffmpeg -v error -f lavfi -i sine=2000:r=48000:d=3 -c:a pcm_s16le \
		hint.wav
	talk --policy broadcast --role prof=speaker \
		--at '2s play hint.wav' --at '3s play hint.wav to prof' \
		--at '4s kick ann' --at '5s play hint.wav to a* b*' \
		--at '6s deaf bob' --at '7s play hint.wav' -o mix.vcrtp 2>err
	run cat err
	assert_output "vc-mix: play hint.wav: it does not reach 1 of 4: who hears nobody mixed has no mix
vc-mix: play hint.wav to prof: it does not reach 1 of 1: who hears nobody mixed has no mix
vc-mix: play hint.wav: it does not reach 2 of 3: who hears nobody mixed has no mix"
	run -0 talk --policy symmetric --out hall --at '0s play hint.wav' \
		--at '2s play hint.wav' -o mix.vcrtp
	assert_output ""
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

@test "what was said of somebody holds when he comes again, until it is taken back" {
	local in=(ann=ann.vcrtp bob=again.vcrtp) said lifted who row

	# Does $1 hear anything of the other, in part $3 of stream $2?
	hears()
	{
		vc-probe --as "$1" --part "$3" --json "$2" 2>/dev/null |
			jq '[.sources[].level_dbov // -127] | max > -60'
	}

	# He is gone two seconds after his BYE.
	for at in '0s 5s 1' '10s 4s 2'; do
		# shellcheck disable=SC2086 # three words
		set -- $at
		vc-capture --virtual --start "$1" -t "$2" --seed "$3" \
			--video none --cname bob --name bob test:
	done >again.vcrtp
	vc-capture --virtual -t 14s --video none --name ann --cname ann test: \
		>ann.vcrtp
	for row in 'mute bob|unmute b*|ann' 'gain bob -60|gain * 0|ann' \
		'deaf bob|undeaf bob|bob'; do
		IFS='|' read -r said lifted who <<<"$row"
		vc-mix --minus-one --video=off --at "2300ms $said" \
			"${in[@]}" >mix.vcrtp
		vc-mix --minus-one --video=off --at "2300ms $said" \
			--at "8s $lifted" "${in[@]}" >back.vcrtp
		for at in 0s-2300ms 2400ms-4900ms 10200ms-14s; do
			hears "$who" mix.vcrtp "$at"
		done >parts
		hears "$who" back.vcrtp 10200ms-14s >>parts
		run cat parts
		assert_output $'true\nfalse\nfalse\ntrue'
	done
	# Nothing is said of who is not here.
	run -1 vc-mix --video=off --at '8s mute bob' "${in[@]}" -o mix.vcrtp
	assert_output --partial "nobody here is called bob"
}

@test "what is remembered of people has an end: the oldest who is not here goes" {
	local role=() n

	role_of()
	{
		vc-probe --packets=json mix.vcrtp | jq -sr --arg who "$1" 'map(select(
			.event.ev == "role" and .event.id == $who))[0].event.role'
	}

	vc-capture --virtual --start 2s -t 1s --video none --name dora \
		--cname dora test: >dora.vcrtp
	for n in 4094 4095; do
		{
			printf '1s role %s speaker\n' ann dora
			seq -f '1s role x%g speaker' "$n"
		} >script
		vc-mix --video=off --policy panel --script=script \
			ann="$files/ann.vcrtp" dora=dora.vcrtp >mix.vcrtp
		role+=("$(role_of dora)")
	done
	assert_equal "${role[*]}" "speaker listener"
	run events mix.vcrtp role
	assert_line '{"id":"ann","role":"speaker"}'
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

@test "who calls himself like a pattern is meant alone by a backslash" {
	local in=("ann=$files/ann.vcrtp" star.vcrtp) way

	vc-capture --virtual -t 2s --video none --cname '*' test: >star.vcrtp
	echo '500ms kick \*' >kick.script
	for way in "--at=500ms kick \\*" '--at=500ms kick "\\*"' \
		--script=kick.script; do
		run -0 vc-mix --video=off "$way" -o mix.vcrtp "${in[@]}"
		refute_output
		run events mix.vcrtp kick
		assert_output '{"id":"*","on":true}'
	done
	vc-mix --video=off --at '500ms kick *' -o mix.vcrtp "${in[@]}"
	run events mix.vcrtp kick
	assert_line '{"id":"*","on":true}'
	assert_line '{"id":"ann","on":true}'
	run -1 vc-mix --video=off --policy panel --at '500ms floor *' \
		-o mix.vcrtp "${in[@]}"
	assert_output --partial "floor *: one only: 2 are called *"
}

@test "vc-ctl takes a backslash to the mixer" {
	mkfifo in
	vc-mix --video=off --control=ctl in >mix.vcrtp 3>&- &
	pid=$!
	pids+=("$pid")
	vc-capture --video none --cname '*' test: >in 3>&- &
	pids+=("$!")
	wait_for here ctl 1
	run -1 vc-ctl ctl kick '\\*'
	assert_output --partial 'nobody here is called'
	run -0 vc-ctl ctl kick '\*'
	kill "$pid"
	wait "$pid" || :
	run events mix.vcrtp kick
	assert_output '{"id":"*","on":true}'
}

@test "an id with a backslash: by options, files, commands and events" {
	local way

	vc-capture --virtual -t 2s --video none --cname 'a\b' test: >back.vcrtp
	vc-mix --policy-dump panel >panel
	(printf '%s\n' 'role a\\b host'; cat panel) >back
	printf '%s\n' '500ms role a\\\\b host' >script
	for way in './panel --role=a\\b=host' ./back './panel --script=script'; do
		# shellcheck disable=SC2086 # words
		vc-mix --video=off --trust-names --policy $way back.vcrtp \
			>one.vcrtp
		run events one.vcrtp role
		assert_line '{"id":"a\\b","role":"host"}'
	done
	# As another mixer says it.
	vc-mix --video=off --trust-names --policy panel one.vcrtp back.vcrtp \
		>mix.vcrtp
	run events mix.vcrtp role
	assert_line '{"id":"a\\b","role":"host"}'
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
	assert_output '{"id":"ann","name":"ann","role":"host","vouched":true,"muted":false,"hidden":false,"deaf":false,"kicked":false,"gain_db":0,"pinned":false,"floor":false,"talking":true,"hears":[],"sees":["ann"]}'
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
	wait_for told ctl list 'any(.participants[]; .id == "bob" and .talking)'
	run -0 vc-ctl ctl kick bob
	run jq -c '.participants[] | select(.id == "bob") | [.kicked, .talking]' \
		< <(vc-ctl ctl list)
	assert_output '[true,false]'
	run jq -c '.participants | sort_by(.id)[] |
		[.id, .kicked, .floor, .hears, .sees]' < <(vc-ctl ctl list)
	assert_output '["ann",false,false,[],["ann"]]
["bob",true,false,[],[]]
["hall",false,false,["ann"],["ann"]]'
	run -1 vc-ctl ctl floor bob
	assert_output --partial 'he was kicked'
	for again in 'kick bob' 'unkick ann' 'unmute ann' 'gain hall 0'; do
		# shellcheck disable=SC2086 # words
		run -0 vc-ctl ctl $again
		assert_output --partial 'that was done before'
	done
	run -0 vc-ctl ctl mute bob
	refute_output --partial before
	run -1 vc-ctl ctl kick
	assert_output --partial '"kick WHO"'
	run -1 vc-ctl ctl list ann bob
	assert_output --partial '"list [WHO]"'
	run -1 vc-ctl ctl list dora
	assert_output --partial 'nobody here is called dora'
	run jq -c '.here | sort' <<<"$output"
	assert_output '["ann","bob","hall"]'
	run -1 vc-ctl ctl keyframe 1
	assert_output --partial 'no picture has that SSRC'
	# From the next tick on.
	wait_for told ctl stats '.stats.mix.participants | map([.id, .heard]) |
		sort == [["ann", true], ["bob", false], ["hall", false]]'
}

@test "who is called otherwise than his tile says is pointed out" {
	local alone=()

	for who in Ann Bob; do
		vc-capture --virtual -t 2s --video none --name "$who" \
			--cname "p-$who" test: >"$who.vcrtp"
		alone+=("$who.vcrtp")
	done
	run -1 vc-mix --policy panel --video=off --at '1s mute Ann' \
		--at '1s floor An?' --at '1s role Bob speaker' "${alone[@]}" \
		-o mix.vcrtp
	assert_line --partial 'mute Ann: Ann is no id: say p-Ann, who calls himself Ann'
	assert_line --partial 'floor An?: An? is no id: say p-Ann'
	# He may come yet.
	assert_line --partial "role Bob speaker: Bob is nobody's id: p-Bob calls himself so"
	run -0 vc-mix --policy panel --video=off --role Bob=speaker \
		--trust-names "${alone[@]}" -o mix.vcrtp
	assert_line --partial 'Bob is what p-Bob calls himself: no role by it (Bob=INPUT, or --role p-Bob=ROLE --trust-names)'
	# What the operator calls him goes before.
	run -0 vc-mix --policy panel --video=off --role Bob=speaker \
		Bob=Bob.vcrtp ann=Ann.vcrtp -o mix.vcrtp
	assert_output ""
}

@test "several by an input that has a name are one, which is pointed out once" {
	local two=(A=two.vcrtp)

	for who in ann bob; do
		vc-capture --virtual -t 2s --size 160x90 --fps 5 --name "$who" \
			--cname "$who" test: >"$who.vcrtp"
	done
	vc-mix --video=select --audio=select --pick=all ann.vcrtp bob.vcrtp \
		>two.vcrtp
	run -0 vc-mix --video=off "${two[@]}" -o mix.vcrtp
	assert_output "vc-mix: A: several come by that input, and are one participant: without 'A=' each is himself"
	run -0 vc-mix --video=off two.vcrtp -o mix.vcrtp
	assert_output ""
	# His camera may have another CNAME, as may he when he comes again.
	vc-capture --virtual -t 2s --size 160x90 --fps 5 --audio none \
		--cname camera test: >camera.vcrtp
	vc-capture --virtual --start 3s -t 1s --video none --cname again test: \
		>again.vcrtp
	run -0 vc-mix --video=off "A=ann.vcrtp" A=camera.vcrtp A=again.vcrtp \
		-o mix.vcrtp
	assert_output ""
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
	refute_output --partial '"bitrate"'
}
