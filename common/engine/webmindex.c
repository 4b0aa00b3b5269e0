/* SPDX-License-Identifier: MIT */
#include "engine/webmindex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/outfile.h"

int vc_webmindex_add(struct vc_webmindex *x, const struct vc_webm_cue *cue)
{
	size_t cap = x->cap ? 2 * x->cap : 64;
	struct vc_webm_cue *grown;

	if (x->n == x->cap) {
		grown = vc_try_alloc(cap, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		if (x->n)
			memcpy(grown, x->cues, x->n * sizeof(*grown));
		free(x->cues);
		x->cues = grown;
		x->cap = cap;
	}
	x->cues[x->n] = *cue;
	x->n++;
	return 0;
}

int vc_webmindex_write(const struct vc_webmindex *x, struct vc_outfile *out)
{
	size_t cap = vc_webm_cues_cap(x->n);
	uint8_t *room = vc_try_alloc(1, cap);
	struct vc_wr w;
	int err;

	if (!room)
		return -ENOMEM;
	w = vc_wr_over(room, cap);
	vc_webm_cues(&w, x->cues, x->n);
	err = w.bad ? -EFBIG : vc_outfile_write(out, room, vc_wr_len(&w));
	free(room);
	return err;
}

void vc_webmindex_clear(struct vc_webmindex *x)
{
	free(x->cues);
	*x = (struct vc_webmindex){ 0 };
}
