/* SPDX-License-Identifier: MIT */
/* What lips.c found, judged and printed. */
#include "lips.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/time.h"

#define BOUND (40 * VC_MS)

static double ms(int64_t ns)
{
	return (double)ns / 1e6;
}

static int64_t worst(const struct lips_pair *p)
{
	return llabs(p->least) > llabs(p->most) ? p->least : p->most;
}

bool lips_is_guessed(const struct lips *l)
{
	for (size_t i = 0; i < l->n_pairs; i++)
		if (!l->pairs[i].is_guessed)
			return false;
	return true;
}

bool lips_judge(const struct lips *l, char *text, size_t cap)
{
	const struct lips_pair *bad = NULL;
	size_t n = 0;

	for (size_t i = 0; i < l->n_pairs; i++) {
		const struct lips_pair *p = &l->pairs[i];

		n += p->n;
		/* What was not guessed counts first. */
		if (!bad || bad->is_guessed > p->is_guessed ||
		    (bad->is_guessed == p->is_guessed &&
		     llabs(worst(p)) > llabs(worst(bad))))
			bad = p;
	}
	snprintf(text, cap, "%zu places, %.1f ms at most, %s at %.3f s", n,
		 fabs(ms(worst(bad))), bad->name, ms(bad->worst_at) / 1e3);
	return llabs(worst(bad)) <= BOUND;
}

void lips_print(const struct lips *l)
{
	for (size_t i = 0; i < l->n_pairs; i++) {
		const struct lips_pair *p = &l->pairs[i];

		printf("%7stracks %" PRId64 " and %" PRId64
		       ": pictures after their sound by %.1f ms at the start, "
		       "%.1f in the middle, %.1f at the end; changes by %.1f%s\n",
		       "", p->sound, p->pictures, ms(p->start), ms(p->middle),
		       ms(p->end), ms(p->most - p->least),
		       p->is_guessed ? "; guessed" : "");
	}
}

struct vc_json *lips_json(const struct lips *l)
{
	struct vc_json *all = vc_json_array();

	for (size_t i = 0; i < l->n_pairs; i++) {
		const struct lips_pair *p = &l->pairs[i];
		struct vc_json *j = vc_json_object();

		vc_json_set_str(j, "name", p->name);
		vc_json_set_int(j, "sound", p->sound);
		vc_json_set_int(j, "pictures", p->pictures);
		vc_json_set_int(j, "places", (int64_t)p->n);
		vc_json_set_real(j, "start_ms", ms(p->start), 3);
		vc_json_set_real(j, "middle_ms", ms(p->middle), 3);
		vc_json_set_real(j, "end_ms", ms(p->end), 3);
		vc_json_set_real(j, "worst_ms", ms(worst(p)), 3);
		vc_json_set_real(j, "change_ms", ms(p->most - p->least), 3);
		vc_json_set_bool(j, "guessed", p->is_guessed);
		vc_json_add(all, j);
	}
	return all;
}
