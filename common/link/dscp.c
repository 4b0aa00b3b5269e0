/* SPDX-License-Identifier: MIT */
/* CSn is 8n, AFcd is 8c + 2d: two rules, and the names that follow none. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/str.h"
#include "link/dscp.h"

static const struct {
	const char *name;
	uint8_t value;
} names[] = {
	{ "EF", 46 }, { "VA", 44 }, { "LE", 1 }, { "BE", 0 }, { "DF", 0 },
};

static bool is_between(char c, char first, char last)
{
	return c >= first && c <= last;
}

static bool parse_class(struct vc_str s, uint8_t *v)
{
	char text[8];
	uint32_t n;

	if (vc_str_copy(text, sizeof(text), s) >= sizeof(text))
		return false;
	for (size_t i = 0; i < VC_COUNT(names); i++) {
		if (!strcasecmp(text, names[i].name)) {
			*v = names[i].value;
			return true;
		}
	}
	if (s.len == 3 && !strncasecmp(text, "CS", 2) &&
	    is_between(text[2], '0', '7')) {
		*v = (uint8_t)((text[2] - '0') * 8);
		return true;
	}
	if (s.len == 4 && !strncasecmp(text, "AF", 2) &&
	    is_between(text[2], '1', '4') && is_between(text[3], '1', '3')) {
		*v = (uint8_t)((text[2] - '0') * 8 + (text[3] - '0') * 2);
		return true;
	}
	if (!vc_str_u32(s, 63, &n))
		return false;
	*v = (uint8_t)n;
	return true;
}

/* KIND=CLASS. */
static bool parse_one(struct vc_dscp *d, struct vc_str s)
{
	struct vc_str kind = vc_str_cut(&s, '=');
	enum vc_kind k = vc_kind_by_name(kind);

	return k != VC_OTHER && parse_class(s, &d->of[k]);
}

int vc_dscp_parse(struct vc_dscp *d, const char *text)
{
	struct vc_str rest = vc_str_c(text);
	struct vc_dscp got = *d;
	uint8_t all;

	if (parse_class(rest, &all)) {
		memset(got.of, all, sizeof(got.of));
		*d = got;
		return 0;
	}
	do {
		if (!parse_one(&got, vc_str_cut(&rest, ',')))
			return -EINVAL;
	} while (rest.len);
	*d = got;
	return 0;
}

uint8_t vc_dscp_rtcp(const struct vc_dscp *d)
{
	uint8_t v = 0;

	for (size_t i = 0; !v && i < sizeof(d->of); i++)
		v = d->of[i];
	return v;
}
