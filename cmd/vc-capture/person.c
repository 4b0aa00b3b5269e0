/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "capture.h"

struct medium *person_medium(struct person *p, size_t i)
{
	struct medium *first[] = { &p->mic.m, &p->camera.m, &p->slides.m,
				   &p->text.m };
	size_t n = VC_COUNT(first);
	struct medium *m = i < n ? first[i] : &p->layers[i - n].m;

	return m->who ? m : NULL;
}

bool capture_next(struct capture *c, size_t *i, struct medium **m)
{
	while (*i < c->n_people * MEDIA) {
		*m = person_medium(&c->people[*i / MEDIA], *i % MEDIA);
		++*i;
		if (*m)
			return true;
	}
	return false;
}

bool person_is(struct person *p, const char *who)
{
	uint64_t ssrc;

	if (!who || !strcmp(who, p->name) || !strcmp(who, p->cname))
		return true;
	if (vc_num_u64(who, 0, UINT32_MAX, &ssrc))
		return false;
	for (size_t i = 0; i < MEDIA; i++) {
		struct medium *m = person_medium(p, i);

		if (m && m->tx.sender.ssrc == ssrc)
			return true;
	}
	return false;
}
