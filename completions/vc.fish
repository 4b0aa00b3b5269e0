# SPDX-License-Identifier: MIT
#
# Completion of the vc tools in fish. Options come from the tool itself
# (--dump-options: long name, key or -, argument or -), when this is loaded.

function __vc_complete --argument-names tool
	command -q $tool; or return
	complete -c $tool -e
	$tool --dump-options 2>/dev/null </dev/null | while read -l -d \t long key arg
		set -l spec -c $tool
		test "$long" != -; and set spec $spec -l $long
		test "$key" != -; and set spec $spec -s $key
		if test "$arg" != -
			set spec $spec -r
			# "off|every:T|RATE|a,b,c": off, every: and a list.
			if string match -qr '[|]|^[a-z]+$' -- $arg
				set -l words (string split '|' -- $arg |
					string replace -r '^([a-z-]+:).*' '$1' |
					string match -rv '[A-Z]' |
					string split ',')
				if string match -qr '(^|[|])[a-z]+,' -- $arg
					set words "(__fish_append , $words)"
				end
				set spec $spec -f -a "$words"
			end
		end
		complete $spec
	end
end

for tool in vc-capture vc-send vc-recv vc-mix vc-record vc-probe vc-play vc-ctl \
	vc-impair
	__vc_complete $tool
end
