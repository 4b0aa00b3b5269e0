/* SPDX-License-Identifier: MIT */
/* Both are lists: of numbers, or of KEY=VALUE of which one is a number. */
#include <stdio.h>
#include <string.h>

#include "tool/fmtp.h"

static bool is_rtx(const struct vc_sdp_fmt *fmt)
{
	return vc_str_is_nocase(fmt->codec, "rtx");
}

bool vc_fmtp_names_pts(const struct vc_sdp_fmt *fmt)
{
	return fmt->fmtp.len &&
	       (is_rtx(fmt) || vc_str_is_nocase(fmt->codec, "red"));
}

/* A number has an octet or more, and a separator before it: three at most. */
size_t vc_fmtp_room(size_t len)
{
	return 2 * len + 1;
}

static char *put(char *out, struct vc_str s)
{
	memcpy(out, s.p, s.len);
	return out + s.len;
}

static char *put_pt(char *out, struct vc_str s, const uint8_t *map)
{
	char text[8];
	uint32_t pt;

	if (!vc_str_u32(s, 127, &pt) || map[pt] == VC_FMTP_NO_PT)
		return put(out, s);
	snprintf(text, sizeof(text), "%u", map[pt]);
	return put(out, vc_str_c(text));
}

/* Where its number begins, if it is a parameter that has one. */
static size_t key_len(struct vc_str item)
{
	size_t blanks = 0;

	while (blanks < item.len && item.p[blanks] == ' ')
		blanks++;
	if (item.len < blanks + 4 ||
	    !vc_str_is_nocase(vc_str_of(item.p + blanks, 4), "apt="))
		return 0;
	return blanks + 4;
}

struct vc_str vc_fmtp_renumber(const struct vc_sdp_fmt *fmt,
			       const uint8_t map[static 128], char **out)
{
	const bool is_apt = is_rtx(fmt);
	const char sep = is_apt ? ';' : '/';
	struct vc_str rest = fmt->fmtp;
	char *begin = *out, *p = begin;

	while (rest.len) {
		bool is_first = rest.p == fmt->fmtp.p;
		struct vc_str item = vc_str_cut(&rest, sep);
		size_t key = is_apt ? key_len(item) : 0;

		if (!is_first)
			*p++ = sep;
		p = put(p, vc_str_of(item.p, key));
		item = vc_str_of(item.p + key, item.len - key);
		p = key || !is_apt ? put_pt(p, item, map) : put(p, item);
	}
	*out = p;
	return vc_str_of(begin, (size_t)(p - begin));
}
