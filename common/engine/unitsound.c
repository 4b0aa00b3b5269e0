/* SPDX-License-Identifier: MIT */
/*
 * A container (engine/container.h) that decodes what is written to it. Small
 * pieces of the file go in, so that no more than a few packets come of one; who
 * packs so much into one that it does not fit is not played on.
 */
#include "engine/unitsound.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/audiodec.h"
#include "engine/container.h"
#include "engine/unitfile.h"

#define RATE VC_AUDIODEC_RATE
#define HELD (4 * RATE)
#define HOLE_LEAST (RATE / 50)
#define HOLE_MAX RATE

struct vc_unitsound {
	struct vc_unitfile *file;
	struct vc_audiodec *dec; /* NULL: no track has begun */
	size_t skip;		 /* samples that the encoder put before all */
	bool has_time;
	int64_t next; /* when what follows without a hole begins, ns */
	size_t n;     /* samples a channel */
	int16_t held[2 * (HELD + VC_AUDIODEC_MAX)];
};

/* --- the container --- */

static int add(void *c, const struct vc_track_info *info, unsigned int *track)
{
	struct vc_unitsound *u = c;
	int err;

	if (info->kind != VC_TRACK_AUDIO || u->dec)
		return -ENOTSUP;
	u->dec = vc_audiodec_new(vc_codec_by_name(vc_str_c(info->codec)),
				 info->rate_hz, &err);
	if (!u->dec)
		return err;
	vc_audiodec_set_channels(u->dec, info->channels);
	vc_audiodec_set_stereo(u->dec);
	u->skip = (size_t)(info->delay < VC_SEC ? info->delay * RATE / VC_SEC :
						  0);
	*track = 0;
	return 0;
}

static int64_t samples_ns(int64_t n)
{
	return n * VC_SEC / RATE;
}

static void fill_hole(struct vc_unitsound *u, int64_t time)
{
	int64_t hole = u->has_time ? time - u->next : 0;
	size_t n;

	if (hole >= samples_ns(HOLE_LEAST)) {
		n = hole > samples_ns(HOLE_MAX) ?
			    HOLE_MAX :
			    (size_t)(hole * RATE / VC_SEC);
		memset(u->held + 2 * u->n, 0, 2 * n * sizeof(*u->held));
		u->n += n;
		u->next = time;
	}
	if (!u->has_time)
		u->next = time;
	u->has_time = true;
}

static int write_unit(void *c, const struct vc_container_unit *unit)
{
	struct vc_unitsound *u = c;
	size_t skip;
	int n;

	if (u->n + HOLE_MAX > HELD)
		return -ENOBUFS;
	fill_hole(u, unit->time);
	n = vc_audiodec_decode(u->dec, unit->data, unit->len,
			       u->held + 2 * u->n);
	if (n <= 0)
		return n == -ENOMEM ? n : 0; /* what is malformed is a hole */
	u->next += samples_ns(n);
	skip = u->skip < (size_t)n ? u->skip : (size_t)n;
	u->skip -= skip;
	memmove(u->held + 2 * u->n, u->held + 2 * (u->n + skip),
		2 * ((size_t)n - skip) * sizeof(*u->held));
	u->n += (size_t)n - skip;
	return 0;
}

static int nothing(void *c)
{
	(void)c;
	return 0;
}

static const struct vc_container_ops ops = {
	.name = "sound",
	.add = add,
	.write = write_unit,
	.flush = nothing,
	.finish = nothing,
};

/* --- the file --- */

struct vc_unitsound *vc_unitsound_new(void)
{
	struct vc_unitsound *u = vc_try_alloc(1, sizeof(*u));
	const struct vc_unitfile_conf conf = { .ops = &ops, .container = u };

	if (u)
		u->file = vc_unitfile_new(&conf);
	if (u && u->file)
		return u;
	free(u);
	return NULL;
}

void vc_unitsound_free(struct vc_unitsound *u)
{
	if (!u)
		return;
	vc_unitfile_free(u->file);
	vc_audiodec_free(u->dec);
	free(u);
}

bool vc_unitsound_knows(const uint8_t *p, size_t len)
{
	return len >= 4 && !memcmp(p, "\x1a\x45\xdf\xa3", 4);
}

int vc_unitsound_put(struct vc_unitsound *u, const uint8_t *p, size_t len)
{
	return vc_unitfile_put(u->file, p, len);
}

bool vc_unitsound_has_begun(const struct vc_unitsound *u)
{
	return u->dec;
}

size_t vc_unitsound_take(struct vc_unitsound *u, int16_t *pcm, size_t n)
{
	n = n < u->n ? n : u->n;
	memcpy(pcm, u->held, 2 * n * sizeof(*pcm));
	u->n -= n;
	memmove(u->held, u->held + 2 * n, 2 * u->n * sizeof(*pcm));
	return n;
}
