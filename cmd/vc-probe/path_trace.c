/* SPDX-License-Identifier: MIT */
/* --trace: lines of a time and octets, as "1.5s 1200". */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/columns.h"
#include "base/mem.h"
#include "base/num.h"
#include "path.h"

#define TEXT_MAX (8u << 20)
#define ITEMS_MAX (1u << 18)

static int parse_line(struct vc_columns *c, struct vc_path_item *item,
		      int64_t before)
{
	char word[64];
	uint64_t octets;

	if (c->n != 2)
		return vc_columns_wrong(c, "a time and octets, as 20ms 160",
					vc_str_of("", 0));
	if (vc_str_copy(word, sizeof(word), c->col[0]) >= sizeof(word) ||
	    vc_num_time(word, &item->at))
		return vc_columns_wrong(c, "not a time, as 20ms", c->col[0]);
	if (item->at < before)
		return vc_columns_wrong(c, "before the one above it",
					c->col[0]);
	if (vc_str_copy(word, sizeof(word), c->col[1]) >= sizeof(word) ||
	    vc_num_u64(word, VC_PATH_ITEM_MIN, VC_PATH_ITEM_MAX, &octets))
		return vc_columns_wrong(c, "not octets, 32 to 1400", c->col[1]);
	item->octets = (uint32_t)octets;
	return 0;
}

static int parse(struct path *p, struct vc_str text,
		 struct vc_columns_error *err)
{
	struct vc_columns c;
	int got = vc_columns_begin(&c, text, TEXT_MAX, err);

	while (!got && (got = vc_columns_next(&c)) > 0) {
		int64_t before = p->n_trace ? p->trace[p->n_trace - 1].at : 0;

		if (p->n_trace == ITEMS_MAX)
			return vc_columns_wrong(&c, "too many lines", c.col[0]);
		got = parse_line(&c, &p->trace[p->n_trace], before);
		if (!got)
			p->n_trace++;
	}
	return got;
}

int path_trace_read(struct path *p, const char *text)
{
	struct vc_columns_error wrong = { 0 };
	char why[VC_COLUMNS_SAID], *all = NULL;
	struct vc_place place;
	size_t len = 0;
	int err;

	if (vc_place_parse(&place, text, false, why, sizeof(why)))
		vc_tool_usage(p->tool, "--trace %s: %s", place.text, why);
	err = vc_place_slurp(&place, TEXT_MAX, &all, &len);
	p->trace = vc_try_alloc(ITEMS_MAX, sizeof(*p->trace));
	if (!err && !p->trace)
		err = -ENOMEM;
	if (err) {
		vc_tool_fail(p->tool, VC_EXIT_FAIL, "%s: read: %s", place.text,
			     strerror(-err));
	} else if (parse(p, vc_str_of(all, len), &wrong)) {
		vc_columns_say(&wrong, why);
		vc_tool_usage(p->tool, "--trace %s: %s", place.text, why);
	} else if (!p->n_trace) {
		vc_tool_usage(p->tool, "--trace %s: nothing in it", place.text);
	}
	free(all);
	return err;
}
