#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Includes point one way, are rooted at common/, and a third-party header is
# included by one .c file only, in the folder where that library belongs.
set -u
cd "$(dirname "$0")/../.." || exit 1

# Which layers each may include; its own is understood.
declare -A below=(
	[base]=""
	[wire]="base"
	[session]="base wire"
	[media]="base wire"
	[net]="base wire"
	[codec]="base wire"
	[gst]="base wire"
	[engine]="base wire session media codec"
	[tool]="base wire session media net codec gst engine"
	[link]="base wire session media net codec gst engine tool"
)

# Third-party headers: pattern, folder, and 1 if one file alone may include it
# ('*': the whole folder, as GStreamer's headers hang together). Or a file that
# is the only one in another folder.
third_party="
jansson.h common/base 1
zlib.h common/base 1
opus*.h common/codec 1
opus/* common/codec 1
vpx/* common/codec 1
wels/* common/codec 1
aom/* common/codec 1
dav1d/* common/codec 1
libyuv.h common/media 1
libyuv/* common/media 1
speex/* common/media 1
pango/* common/media 1
cairo*.h common/media 1
cairo/* common/media 1
gst/* common/gst *
X11/Xlib.h common/gst 1
glib*.h common/gst *
gio/* common/gst *
xcb/* common/gst 1
srtp2/* common/net 1
openssl/* common/base/aead.c *
openssl/* common/net *
pcap/* common/net 1
pcap.h common/net 1
immintrin.h common/media 1
microhttpd.h common/net 1
"

# What belongs to the C library and the kernel may be included anywhere.
system="
assert.h ctype.h dirent.h dlfcn.h endian.h errno.h fcntl.h fnmatch.h float.h
ftw.h getopt.h glob.h grp.h ifaddrs.h inttypes.h libgen.h limits.h locale.h math.h
netdb.h poll.h pthread.h pwd.h sched.h setjmp.h signal.h spawn.h stdalign.h
stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h stdnoreturn.h
string.h strings.h sysexits.h syslog.h termios.h threads.h time.h uchar.h
unistd.h wchar.h argp.h stdio_ext.h arpa/* linux/* net/* netinet/* sys/*
"

wrong=0
say()
{
	echo "$@"
	wrong=1
}

# True if $1 matches one of the patterns that follow.
matches()
{
	local what=$1 pattern

	shift
	for pattern; do
		# shellcheck disable=SC2053 # it is a pattern
		[[ $what == $pattern ]] && return 0
	done
	return 1
}

ours()
{
	local file=$1 line=$2 inc=$3 from=$4 to

	if [ ! -e "common/$inc" ]; then
		[ "$from" = cmd ] && [ -e "$(dirname "$file")/$inc" ] && return
		say "$file:$line: \"$inc\" is neither rooted at common/ nor" \
			"there"
		return
	fi
	to=${inc%%/*}
	[ "$from" = cmd ] || [ "$from" = "$to" ] && return
	[[ " ${below[$from]} " == *" $to "* ]] ||
		say "$file:$line: $from may not include $to ($inc)"
}

declare -A user
foreign()
{
	local file=$1 line=$2 inc=$3 pattern folder many

	while read -r pattern folder many; do
		# shellcheck disable=SC2053 # it is a pattern
		[[ -n $pattern && $inc == $pattern ]] || continue
		[ "$file" != "$folder" ] || return 0
		[[ $folder != *.c ]] || continue
		if [ "$(dirname "$file")" != "$folder" ]; then
			say "$file:$line: <$inc> belongs to $folder"
		elif [[ $file == *.h ]]; then
			say "$file:$line: <$inc> belongs into a .c file"
		elif [ "$many" = 1 ]; then
			[ -z "${user[$inc]-}" ] ||
				say "$file:$line: <$inc> is included by" \
					"${user[$inc]} already"
			user[$inc]=$file
		fi
		return
	done <<<"$third_party"
	say "$file:$line: <$inc>: not in the table of tests/lint/layers.sh"
}

read -r -d '' -a system_list <<<"$system"
seen=0
while IFS=: read -r file line inc; do
	seen=$((seen + 1))
	from=${file%%/*}
	if [ "$from" = common ]; then
		from=${file#common/}
		from=${from%%/*}
		[ -n "${below[$from]+there}" ] || {
			say "$file: no layer '$from' in tests/lint/layers.sh"
			continue
		}
	fi
	case $inc in
	\"*)
		inc=${inc#\"}
		ours "$file" "$line" "${inc%\"*}" "$from"
		;;
	*)
		inc=${inc#<}
		inc=${inc%>*}
		matches "$inc" "${system_list[@]}" ||
			foreign "$file" "$line" "$inc"
		;;
	esac
done < <(grep -rnoE --include='*.[ch]' '^#[[:space:]]*include[[:space:]]*["<].*' \
	common cmd | sed -E 's/#[[:space:]]*include[[:space:]]*//' | sort)

[ "$seen" -gt 0 ] || say "no include found: nothing was looked at"
exit "$wrong"
