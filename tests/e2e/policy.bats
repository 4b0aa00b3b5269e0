#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Who hears and sees whom: what everybody received is measured, by the tones that
# are in it and by the marks of the pictures. On the virtual clock.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=$((120 * ${VC_SLOW:-1}))
load heard

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	people ann bob carl prof -t 4s --fps 15 --vbitrate 200k --keyint 500ms
}

setup()
{
	begin
	with_people ann bob carl prof
}

mix()
{
	vc-mix --talkers 4 --size 640x360 --fps 15 --vbitrate 400k \
		--keyint 500ms "$@" \
		"${all[@]}"
}

@test "symmetric: all hear the others and see all, in one picture" {
	mix --policy symmetric --stats=stats >mix.vcrtp
	run got_all mix.vcrtp
	assert_output "ann: bob,carl,prof ann,bob,carl,prof
bob: ann,carl,prof ann,bob,carl,prof
carl: ann,bob,prof ann,bob,carl,prof
prof: ann,bob,carl ann,bob,carl,prof"
	run jq -sc 'map(.mix | [.mixes, .views]) | max' stats
	assert_output '[4,1]'
}

@test "lesson: students have the lecturer, in one mix and one picture" {
	mix --policy lesson --role prof=lecturer --stats=stats >mix.vcrtp
	run got_all mix.vcrtp
	assert_output "ann: prof prof
bob: prof prof
carl: prof prof
prof: ann,bob,carl ann,bob,carl"
	run jq -sc 'map(.mix | [.mixes, .views]) | max' stats
	assert_output '[2,2]'
}

@test "broadcast: who is not heard or seen is not decoded" {
	mix --policy broadcast --role prof=speaker --stats=stats >mix.vcrtp
	run got_all mix.vcrtp
	assert_output "ann: prof prof
bob: prof prof
carl: prof prof
prof: - -"
	run jq -sc 'map(.mix.participants // [] |
		select(length == 4)) | last | map({ (.id):
		[.heard, .seen, (.sources | map(.frames) | add > 10)] }) | add' \
		stats
	assert_output '{"ann":[false,false,false],"bob":[false,false,false],"carl":[false,false,false],"prof":[true,true,true]}'
}

@test "panel: a host gives the floor to a listener, and takes it" {
	mix --size 1280x720 --policy panel --role prof=host --role bob=speaker \
		--at '2s role ann speaker' --at '2s role bob' \
		--at '2s role bob listener' >mix.vcrtp
	run got_all mix.vcrtp 0s-1900ms
	assert_output "ann: bob,prof bob,prof
bob: prof bob,prof
carl: bob,prof bob,prof
prof: bob bob,prof"
	run got_all mix.vcrtp 2100ms-9s
	assert_output "ann: prof ann,prof
bob: ann,prof ann,prof
carl: ann,prof ann,prof
prof: ann ann,prof"
	run jq -c 'select(.event.ev == "role" and .event.id == "ann") |
		.event.role' < <(vc-probe --packets=json mix.vcrtp | uniq)
	assert_output --regexp '^"listener".*"speaker"'
}

@test "who has left has no role any longer" {
	local in=("ann=$files/ann.vcrtp" bob=short.vcrtp)

	vc-capture --virtual -t 1s --video none --name bob --cname bob test: \
		>short.vcrtp
	vc-mix --video=off --policy lesson --role ann=lecturer "${in[@]}" \
		>mix.vcrtp
	# Roles are repeated each second, for those who join late.
	run jq -sc 'map(select(.event.ev == "role") | .event.id) |
		group_by(.) | map({ (first): length }) | add |
		[.ann >= 4, .bob > 0, .bob < .ann]' \
		<(vc-probe --packets=json mix.vcrtp)
	assert_output '[true,true,true]'
}

@test "mute, vmute and deaf, and back" {
	mix --policy symmetric --at '0s mute bob' --at '0s vmute prof' \
		--at '0s deaf carl' --at '2s unmute *' --at '2s vunmute prof' \
		--at '2s undeaf c*' >mix.vcrtp
	run got_all mix.vcrtp 0s-1900ms
	assert_output "ann: carl,prof ann,bob,carl
bob: ann,carl,prof ann,bob,carl
carl: - ann,bob,carl
prof: ann,carl ann,bob,carl"
	run got_all mix.vcrtp 2100ms-9s
	assert_output "ann: bob,carl,prof ann,bob,carl,prof
bob: ann,carl,prof ann,bob,carl,prof
carl: ann,bob,prof ann,bob,carl,prof
prof: ann,bob,carl ann,bob,carl,prof"
}

@test "a file, with an output for one who sends nothing" {
	cat >room.policy <<-'END'
		default-role student
		role  prof      lecturer
		recorder        *               role:lecturer
		role:lecturer   role:student    -               layout=grid
		role:student    role:lecturer   role:lecturer,self
	END
	mix --policy ./room.policy --out recorder >mix.vcrtp
	run got_all mix.vcrtp
	assert_output "ann: prof ann,prof
bob: prof bob,prof
carl: prof carl,prof
prof: ann,bob,carl -"
	run got recorder mix.vcrtp
	assert_output "ann,bob,carl,prof prof"
}

@test "--out is for who sends nothing: no name of another, nor of an input" {
	run -2 mix --policy symmetric --out ann
	assert_output --partial "--out ann: ann=INPUT sends, and has an output"
	run -2 mix --policy symmetric --out rec --out rec
	assert_output --partial "--out rec: there is one of that name"
	run -2 mix --out $'re\tc=low'
	assert_output --partial '--out re\x09c=low: NAME[=CLASS]: NAME is UTF-8 without control characters'
	run -2 mix --out-class low:320x180 --out rec --out rec=low
	assert_output --partial "--out rec=low: there is one of that name"
}

# The stream $2, whose source $3 a key says to be $1.
vouched()
{
	PYTHONPATH=$BATS_TEST_DIRNAME python3 - "$@" <<-'PYTHON'
		import json, sys
		import vcframes
		who, path, ssrc = sys.argv[1:]
		event = {"ev": "source", "ssrc": int(ssrc), "id": who,
		         "id_by": "key"}
		for now, p in vcframes.timed(open(path, "rb").read()):
		    sys.stdout.buffer.write(vcframes.frame(p))
		    if now and event:
		        event["t"] = now // 1000
		        sys.stdout.buffer.write(vcframes.frame(
		            json.dumps(event).encode()))
		        event = None
	PYTHON
}

@test "who turns out to be an --out has that output, and no second one" {
	vc-capture --virtual -t 2s --video none --ssrc audio=7 --name zed \
		--cname zed test: >zed.vcrtp
	vouched rec zed.vcrtp 7 >rec.vcrtp
	vc-mix --video=off --policy symmetric --out rec --stats stats \
		"ann=$files/ann.vcrtp" rec.vcrtp >mix.vcrtp
	run jq -sc 'map(.mix.participants // [] | map(.id)) | unique | last' \
		stats
	assert_output '["rec","ann"]'
	run jq -sc 'map(select(.event.ev == "route").event |
		[.ssrc, .to]) | unique | map(last[]) | sort' \
		<(vc-probe --packets=json mix.vcrtp)
	assert_output '["ann","rec"]'
	# He hears ann, and not himself, also when he sends no longer.
	for part in 0s-2s 2s-9s; do
		vc-probe --as rec --part "$part" --heard ann,zed --json \
			mix.vcrtp >got.json || :
		run jq -c '.sources[].heard | map_values(. > 0.3)' got.json
		assert_output '{"ann":true,"zed":false}'
	done
}

@test "a policy that changes while it runs; a wrong one changes nothing" {
	echo '* * *,self' >room.policy
	mkfifo in1 in2
	vc-mix --size 640x360 --fps 15 --policy room.policy --control=ctl \
		ann=in1 bob=in2 >mix.vcrtp 2>err 3>&- &
	pid=$!
	pids+=("$pid")
	# Live: the inputs stay open while the file changes.
	vc-capture --name ann --cname ann --size 320x180 --fps 15 test: \
		>in1 3>&- &
	pids+=("$!")
	vc-capture --name bob --cname bob --size 320x180 --fps 15 test: \
		>in2 3>&- &
	pids+=("$!")
	wait_for here ctl 2
	wait_for grep -a '"to":\["bob"\]' mix.vcrtp
	echo 'what' >room.policy
	run vc-ctl ctl reload
	assert_output --partial "line 1: 'what': a row is"
	kill -HUP "$pid"
	wait_for grep "read again: line 1" err
	run jq -c '.participants | map(.role)' < <(vc-ctl ctl list)
	cat err
	assert_output '["",""]'
	echo 'default-role silent
	* - -' >room.policy
	kill -HUP "$pid"
	wait_for told ctl list '.participants | map(.role) == ["silent", "silent"]'
	kill "$pid"
	wait "$pid"
	# With the policy ended whatever had begun.
	run jq -sc 'def of(e): map(.event | select(.ev == e).ssrc) | unique;
		of("source") as $begun | ($begun | length) > 0 and
		$begun == of("leave")' <(vc-probe --packets=json mix.vcrtp)
	assert_output true
}

@test "a reload that is refused forgets all that it read" {
	echo '* * *,self' >room.policy
	vc-mix --layout-dump grid >room.layout
	mkfifo in
	exec 5<>in
	vc-mix --policy ./room.policy --layout ./room.layout --control=ctl in \
		>/dev/null 2>err 3>&- 5>&- &
	pids+=("$!")
	wait_for vc-ctl ctl list
	vc-mix --layout-dump single >room.layout
	echo what >room.policy
	run -1 vc-ctl ctl reload
	assert_output --partial "line 1: 'what': a row is"
	# The layout was good, and is read again.
	echo moon >room.layout
	echo '* * *,self' >room.policy
	run -1 vc-ctl ctl reload
	assert_output --partial "line 1: 'moon': a region is"
	vc-mix --layout-dump single >room.layout
	run -0 vc-ctl ctl reload
	run -1 vc-ctl ctl reload all
	assert_output --partial "reload has no argument"
}

@test "what is said of words of the command line is safe for a terminal" {
	for option in role out layout policy vcodec check-policy out-class \
		layout-dump bgcolor; do
		run -2 vc-mix "--$option" $'\e[2J' --policy=lesson in
		assert_output --partial '\x1b[2J'
		refute_output --partial $'\e'
	done
}

@test "what is wrong with a policy is said, with its line" {
	printf '# a room\n* * *\nann\n' >bad.policy
	run -2 vc-mix --check-policy bad.policy
	assert_output --partial "bad.policy: line 3: 'ann': a row is WHO HEARS SEES"
	run -2 mix --policy bad.policy
	assert_output --partial "--policy bad.policy: line 3"
	run -2 mix --policy nothing
	assert_output --partial "no such preset: symmetric, panel, lesson, broadcast, webinar, call; a file has a '/' or a '.'"
	run -2 mix --policy ./none
	assert_output --partial "No such file"
	run -2 mix --policy lesson --role prof
	assert_output --partial "--role prof: WHO=ROLE"
	run -2 mix --role a=b
	assert_output --partial "--role is for --policy"
	run -2 mix --policy lesson --minus-one
	assert_output --partial "there is --policy lesson"
	echo '* * * layout=moon' >moon.policy
	run -2 mix --policy moon.policy
	assert_output --partial "line 1: layout=moon: no such layout: grid, speaker,"
	run -2 vc-mix --policy-dump nothing
	assert_output --partial "no such preset: symmetric, panel"
	printf 'rol prof lecturer\n* * *\n' >rol.policy
	run -2 mix --policy rol.policy
	assert_output --partial "line 1: 'rol': did you mean role?"
	head -c 70000 /dev/zero >big.policy
	run -2 mix --policy ./big.policy
	assert_output --partial "too large"
}

@test "who only says that he is the lecturer is none, unless that is believed" {
	local alone=("$files/ann.vcrtp" "$files/prof.vcrtp")

	vc-mix --video=off --policy lesson --role prof=lecturer "${alone[@]}" \
		>mix.vcrtp 2>err
	run cat err
	assert_output --partial "prof: only he says that this is his name"
	assert_equal "${#lines[@]}" 1
	assert_equal "$(got ann mix.vcrtp)" "- -"
	vc-mix --video=off --policy lesson --role prof=lecturer --trust-names \
		"${alone[@]}" >mix.vcrtp 2>err
	run cat err
	assert_output --partial "--trust-names: whoever says"
	assert_equal "$(got ann mix.vcrtp)" "prof -"
	# Nor does a command give it to him.
	run vc-mix --video=off --policy lesson --at '1s role prof lecturer' \
		"${alone[@]}" -o mix.vcrtp
	assert_output --partial "nobody vouches"
}

@test "a role that means nothing is doubted" {
	run -0 vc-mix --video=off --policy lesson --role prof=lecturr \
		--role 'p*=lecturr' "${all[@]}" -o mix.vcrtp
	assert_equal "${#lines[@]}" 2
	assert_line "vc-mix: no row is for role lecturr: did you mean lecturer?"
	assert_line --partial "vc-mix: nobody here is heard or seen, by his role"
	# Of another preset, or by a pattern, it may mean something.
	printf 'role ann cheif\nrole bob boss\n* * role:chief,role:b*\n' \
		>my.policy
	run -0 vc-mix --video=off --policy my.policy --role prof=speaker \
		--at '1s role carl chiief' "${all[@]}" -o mix.vcrtp
	assert_equal "${#lines[@]}" 2
	assert_line "vc-mix: no row is for role cheif: did you mean chief?"
	assert_line "vc-mix: role carl chiief: no row is for role chiief: did you mean chief?"
	run -0 vc-mix --check-policy my.policy
	assert_line "vc-mix: no row is for role cheif: did you mean chief?"
}

@test "where nobody has a role by which he is heard or seen that is said" {
	local name said="vc-mix: nobody here is heard or seen, by his role: --role WHO=ROLE, the role command; --check-policy is a table of it"

	for name in lesson panel broadcast webinar; do
		run -0 vc-mix --video=off --policy "$name" "${all[@]}" \
			-o mix.vcrtp
		assert_output "$said"
	done
	# One alone waits for another.
	run -0 vc-mix --video=off --policy lesson "${all[0]}" -o mix.vcrtp
	refute_output
	for name in 'lesson --role prof=lecturer' 'call --select name=ann --select name=bob' \
		symmetric 'broadcast --out hall --role hall=speaker'; do
		# shellcheck disable=SC2086 # words
		run -0 vc-mix --video=off --policy $name "${all[@]}" -o mix.vcrtp
		refute_output
	done
	run -0 vc-mix --video=off --policy panel --at '1s role ann speaker' \
		"${all[@]}" -o mix.vcrtp
	refute_output
}

@test "--layout is for the rows that have none; options that change nothing are named" {
	mix --audio=off --policy symmetric --layout single >one
	run -1 cmp -s one <(mix --audio=off --policy symmetric)
	cmp one <(mix --audio=off --policy symmetric --at '0s layout single')
	run -0 mix --policy webinar --layout grid --pick=all --trust-names \
		-o mix.vcrtp
	assert_line "vc-mix: --layout has no effect: each row of the policy has its own"
	assert_line "vc-mix: --pick has no effect: nothing is selected"
	run -0 mix --video=select --audio=off --labels=on --layout=grid \
		--bgcolor=000000 --threads=1 --vcodec=vp8 --stereo --agc \
		--ptime=20ms --trust-names -o mix.vcrtp
	for option in labels layout bgcolor threads vbitrate keyint vcodec; do
		assert_line "vc-mix: --$option has no effect: no picture is composed"
	done
	for option in talkers stereo agc ptime; do
		assert_line "vc-mix: --$option has no effect: no sound is mixed"
	done
	assert_line "vc-mix: --trust-names has no effect: there is no --policy"
	assert_equal "${#lines[@]}" 12
	run -0 mix --video=auto --audio=auto --labels=on --layout=grid --agc \
		--pick=all -o mix.vcrtp
	assert_output ""
}

@test "what a class or a row says that changes nothing is named" {
	local both=(--out-class ph:160x90+pcmu --out phone=ph)

	printf 'ann * * layout=grid\nbob * * select=all\n* * *\n' >my.policy
	run -0 vc-mix --video=off --policy my.policy "${both[@]}" "${all[@]}" \
		-o mix.vcrtp
	assert_output "vc-mix: --out-class ph: its picture has no effect: there are no pictures
vc-mix: my.policy: line 1: layout= has no effect: no picture is composed
vc-mix: my.policy: line 2: select= has no effect: nothing is selected"
	run -0 vc-mix --audio=select --video=select "${both[@]}" "${all[@]}" \
		-o mix.vcrtp
	assert_output "vc-mix: --out-class ph: its sound has no effect: no sound is mixed
vc-mix: --out-class ph: its picture has no effect: what is selected goes to all, as there is no --policy"
	run -0 vc-mix --audio=mix --video=select --policy symmetric \
		"${both[@]}" "${all[@]}" -o mix.vcrtp
	assert_output ""
	run -0 vc-mix --size 320x180 "${both[@]}" --policy webinar \
		--role ann=host "${all[@]}" -o mix.vcrtp
	assert_output ""
}

@test "commands that would change nothing are refused" {
	for command in 'pin ann' keyframe 'vmute ann' 'vunmute ann'; do
		run -2 vc-mix --video=off --at "1s $command" "${all[@]}"
		assert_output --partial "there are no pictures here"
	done
	# Where all are picked nobody is in front.
	for how in '--policy call' '--video=select --pick=all' \
		'--policy symmetric --video=select --pick=all --audio=select'; do
		for command in 'pin ann' 'pin -'; do
			# shellcheck disable=SC2086 # words
			run -2 vc-mix $how --at "1s $command" "${all[@]}"
			assert_output --partial "$command': all pictures are picked here"
		done
	done
	# Who sends nothing has neither a picture nor a voice.
	for command in pin floor; do
		run -2 vc-mix --policy panel --out rec --at "1s $command rec" \
			"${all[@]}"
		assert_output --partial "rec is an --out, and sends nothing"
		run -1 mix --policy panel --out rec --at "1s $command r?c" \
			-o mix.vcrtp
		assert_output --partial "rec is an --out, and sends nothing"
	done
	echo '* * *,self select=speaker' >front.policy
	run -0 mix --policy ./front.policy --video=select --audio=select \
		--pick=all --at '1s pin ann' -o mix.vcrtp
	for video in off select; do
		run -2 vc-mix --video=$video --at '1s bitrate 300k' "${all[@]}"
		assert_output --partial "no picture is composed here"
	done
	run -0 vc-mix --video=select --at '1s pin ann' --at '1s keyframe' \
		-o mix.vcrtp "${all[@]}"
	refute_output --partial keyframe
	# There might be pictures, but nobody has any.
	vc-capture --virtual -t 2s --video none test: >sound.vcrtp
	run vc-mix --video=select --at '1s keyframe' -o mix.vcrtp sound.vcrtp
	assert_output --partial "there is no picture yet"
}

@test "a limit: who comes too late is not taken" {
	printf 'limit 2\n* * *,self\n' >two.policy
	mix --policy two.policy --stats stats >mix.vcrtp 2>err
	run cat err
	assert_output "vc-mix: carl is refused: 2 are here
vc-mix: prof is refused: 2 are here"
	run jq .refused <(tail -n 1 stats)
	assert_output 2
	run got ann mix.vcrtp
	assert_output "bob ann,bob"
	# Nor does he get what is for everybody.
	run got carl mix.vcrtp
	assert_output "- -"
}

@test "a limit: who waits is let in when there is a place, which is said" {
	run -1 mix --policy call --video=off --stats stats \
		--at '500ms kick prof' --at '1s kick ann' -o mix.vcrtp
	assert_line "vc-mix: carl is refused: 2 are here"
	assert_line "vc-mix: prof is refused: 2 are here"
	assert_line "vc-mix: kick prof: prof is refused: there is no place"
	assert_line "vc-mix: carl is let in"
	refute_line "vc-mix: prof is let in"
	assert_equal "$(jq .refused <(tail -n 1 stats))" 2
	run got_all mix.vcrtp 2s-4s
	assert_output "ann: - -
bob: carl -
carl: bob -
prof: - -"
	# After a BYE it takes a little longer.
	vc-capture --virtual -t 1s --video none --name zed --cname zed test: \
		>zed.vcrtp
	run -0 vc-mix --policy call --video=off -o mix.vcrtp zed=zed.vcrtp \
		"${all[1]}" "${all[2]}"
	assert_output "vc-mix: carl is refused: 2 are here
vc-mix: carl is let in"
}

@test "a limit: a flood of names is counted, not said" {
	local who in=()

	vc-capture --virtual -t 200ms --video none test: >short.vcrtp
	for who in {1..70}; do
		in+=("x$who=short.vcrtp")
	done
	run -0 vc-mix --policy call --video=off --stats stats -o mix.vcrtp \
		"${in[@]}"
	assert_equal "${#lines[@]}" 64
	assert_line --index 63 \
		"vc-mix: x66 is refused: 2 are here; of others it is not said"
	assert_equal "$(jq .refused <(tail -n 1 stats))" 68
}

@test "a limit: who is nobody here gets nothing, not even of who waits alone" {
	local way

	# Bob comes when Ann has waited for two seconds.
	vc-capture --virtual --start 2s -t 2s --size 320x180 --fps 15 \
		--keyint 500ms --name bob --cname bob test: >bob.vcrtp
	all=("${all[0]}" bob=bob.vcrtp)
	printf 'limit 2\n* * *,self\n' >two.policy
	for way in call ./two.policy; do
		mix --policy "$way" --out hall >mix.vcrtp
		# An --out has what the policy gives him, all the time.
		run got_all mix.vcrtp 0s-1900ms hall zed
		assert_output "hall: ann ann
zed: - -"
		run got_all mix.vcrtp 2s-4s hall ann zed
		assert_output --regexp "^hall: ann,bob ann,bob
ann: bob (ann,)?bob
zed: - -$"
		run jq -c 'select(.event.ev == "route" and
			.event.to == "*")' <(vc-probe --packets=json mix.vcrtp)
		refute_output
	done
}

@test "who talks is in front" {
	local in=() who

	for who in ann bob carl; do
		vc-capture --virtual -t 6s --size 320x180 --fps 15 \
			--keyint 500ms --name "$who" --cname "$who" test: \
			>"$who.vcrtp"
		in+=("$who=$who.vcrtp")
	done
	vc-mix --size 640x360 --fps 15 --vbitrate 1M --keyint 500ms --layout single \
		--at '0s mute bob' --at '0s mute carl' --at '2s mute ann' \
		--at '2s unmute carl' --at '3500ms unmute bob' \
		"${in[@]}" >mix.vcrtp
	# Ann, until Carl talks and she does not; Bob talks beside him.
	for at in 0.9s-1.9s 2.5s-3.5s 4.5s-5.5s; do
		vc-probe --part "$at" --marks --json mix.vcrtp |
			jq -r '.sources[] | select(.kind == "video") |
			.marks.ids[] | select(.read > 3) | .id'
	done >front
	for who in ann carl carl; do
		sed -n "s/\t$who\$//p" "$files/marks"
	done >expected
	run diff expected front
	assert_success
}

# Whom $1 sees in part $2 of mix.vcrtp, in more than a picture or two.
in_front()
{
	vc-probe --as "$1" --part "$2" --marks --json mix.vcrtp | jq -r \
		--rawfile marks "$files/marks" '($marks | split("\n") |
		map(split("\t") | select(length == 2) | { (.[0]): .[1] }) |
		add) as $names | [.sources[] | select(.kind == "video") |
		.marks.ids[] | select(.read > 2) | $names[.id]] | join(",")'
}

@test "who is not heard by those who see him does not come in front for them" {
	local way

	cat >room.policy <<-'END'
		role prof      lecturer
		role:lecturer  ann   *
		hall           -     carl,ann
		*              prof  *
	END
	for way in compose select; do
		# Ann talks all the time; Prof for a second in the middle.
		mix --video="$way" --layout single --policy ./room.policy \
			--out hall --at '0s mute bob' --at '0s mute carl' \
			--at '0s mute prof' --at '1s unmute prof' \
			--at '2s mute prof' >mix.vcrtp
		# Bob hears Prof only: he is in front, then and ever after.
		assert_equal "$way $(in_front bob 1200ms-2s)" "$way prof"
		assert_equal "$way $(in_front bob 3s-4s)" "$way prof"
		# Prof hears Ann, the hall nobody: it goes by who is heard.
		assert_equal "$way $(in_front prof 3s-4s)" "$way ann"
		assert_equal "$way $(in_front hall 3s-4s)" "$way ann"
	done
}
