#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the objects of a layer may call. wire is pure: no allocation, no I/O, no
# clock. session, media, codec and engine are told the time and roll no dice.
# common prints nothing and never exits, but for common/tool and common/link.
# And no writable variable has file scope, but for those in the list below.
set -u
cd "$(dirname "$0")/../.." || exit 1

clock='clock_gettime|clock|time|gettimeofday|timespec_get|nanosleep|usleep|sleep'
clock+='|clock_nanosleep|localtime.*|ftime'
dice='rand|random|rand_r|srand|srandom|drand48|getrandom|getentropy|arc4random.*'
memory='malloc|calloc|realloc|reallocarray|free|aligned_alloc|posix_memalign'
memory+='|strdup|strndup|asprintf|vasprintf|vc_alloc|vc_try_alloc|vc_strdup'
io='open|openat|creat|read|write|readv|writev|pread|pwrite|close|socket|send.*'
io+='|recv.*|fopen.*|fread|fwrite|fclose|getenv|secure_getenv|ioctl|mmap.*'
talk='printf|puts|putchar|fprintf|vfprintf|vprintf|fputs|fputc|perror|warn.*'
talk+='|err|errx|verr.*|error|__printf_chk|__fprintf_chk|__vfprintf_chk|dprintf'
leave='exit|_exit|_Exit|quick_exit|err|errx'

# Objects that are meant to do what the rest may not, and why.
allowed()
{
	case $1 in
	# Start-up memory cannot fail: says so and exits.
	common/base/mem.o) echo "$leave|$talk" ;;
	# Draws the seed of a live run.
	common/base/rand.o) echo "getrandom|getentropy" ;;
	# The log and the command line are where a tool talks.
	common/base/log.o | common/base/opt*.o) echo "$talk|$leave" ;;
	common/base/exit*.o | common/base/die.o) echo "$talk|$leave" ;;
	common/tool/* | common/link/*) echo "$talk|$leave" ;;
	*) echo - ;;
	esac
}

forbidden()
{
	local all="$talk|$leave|$dice"

	case $1 in
	common/wire/*) echo "$all|$clock|$memory|$io" ;;
	common/session/*) echo "$all|$clock|$io" ;;
	common/media/*) echo "$all|$clock" ;;
	common/codec/* | common/engine/* | common/base/*) echo "$all|$clock" ;;
	cmd/*) echo "$dice" ;;
	*) echo "$all" ;;
	esac
}

# Variables that have to be written: what holds them, and which.
writable='^(common/base/log\.o|common/gst/.*\.o) '

wrong=0 seen=0
while read -r object; do
	seen=$((seen + 1))
	name=${object#"$VC_BUILD/obj/"}
	[ -e "${name%.o}.c" ] || continue
	bad=$(nm -u "$object" | sed -E 's/^ *U //; s/@.*//' |
		grep -xE "$(forbidden "$name")" |
		grep -vxE "$(allowed "$name")" | sort -u | tr '\n' ' ')
	if [ -n "$bad" ]; then
		echo "${name%.o}.c calls: $bad"
		wrong=1
	fi
	bad=$(objdump -t "$object" | grep -E ' O \.(data|bss)' |
		grep -vE ' \.data\.rel\.ro' | awk '{ print $NF }' |
		grep -vE '^(__gcov|llvm|\.|__asan|__odr)' | sort -u |
		sed "s,^,$name ," | grep -vE "$writable" | awk '{ print $2 }' |
		tr '\n' ' ')
	if [ -n "$bad" ]; then
		echo "${name%.o}.c keeps variables: $bad"
		wrong=1
	fi
done < <(find "$VC_BUILD/obj/common" "$VC_BUILD/obj/cmd" -name '*.o' 2>/dev/null |
	sort)
if [ "$seen" -eq 0 ]; then
	echo "no object in $VC_BUILD/obj: nothing was looked at"
	wrong=1
fi
exit "$wrong"
