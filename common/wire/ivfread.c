/* SPDX-License-Identifier: MIT */
/*
 * The header's length is written over now and then: frames that are later than
 * that are of a file whose writer died, and where frames are missing up to it
 * the file was cut. How long the last one lasts nobody says.
 */
#include "wire/ivfread.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "wire/av1.h"
#include "wire/webm.h"

#define DELIMITER "\x12\0" /* an OBU of its own */
#define DELIMITER_LEN 2
#define LAST_MAX (2 * VC_SEC) /* so long the last frame may be */
#define SECONDS_MAX ((uint64_t)VC_WEBMREAD_TIME_MAX / VC_SEC)

static struct vc_str codec_of(const char *fourcc)
{
	static const char *const rows[][2] = {
		{ "VP80", "V_VP8" },
		{ "VP90", "V_VP9" },
		{ "AV01", "V_AV1" },
		{ "H264", "V_MPEG4/ISO/AVC" },
	};

	for (size_t i = 0; i < VC_COUNT(rows); i++)
		if (!strcmp(fourcc, rows[i][0]))
			return vc_str_c(rows[i][1]);
	return vc_str_c("IVF of another codec");
}

static int take_head(struct vc_ivfread *r, const uint8_t *buf, size_t len,
		     struct vc_webmread_item *out)
{
	size_t size = 0;
	int err = vc_ivf_parse(&r->ivf, &size, buf, len);

	if (err == -EAGAIN) {
		out->size = size > len ? size : VC_IVF_HEADER;
		return 0;
	}
	if (err)
		return err;
	r->has_head = true;
	r->is_av1 = !strcmp(r->ivf.fourcc, "AV01");
	out->kind = VC_WEBMREAD_TRACK;
	out->size = size;
	out->track = (struct vc_webmread_track){
		.number = 1,
		.type = VC_WEBM_VIDEO,
		.codec = codec_of(r->ivf.fourcc),
		.width = r->ivf.width,
		.height = r->ivf.height,
	};
	return 1;
}

/* -1: later than there is. */
static int64_t time_of(const struct vc_ivf *ivf, uint64_t ticks)
{
	uint64_t most = SECONDS_MAX * ivf->rate / ivf->scale, n;

	if (ticks > most)
		return -1;
	n = ticks * ivf->scale;
	return (int64_t)(n / ivf->rate * VC_SEC +
			 n % ivf->rate * VC_SEC / ivf->rate);
}

/* Nothing says so, but for the sequence header in front of it. */
static bool is_av1_key(const uint8_t *p, size_t len)
{
	return len && (p[0] >> 3 & 15) == VC_AV1_SEQUENCE;
}

int vc_ivfread_next(struct vc_ivfread *r, const uint8_t *buf, size_t len,
		    struct vc_webmread_item *out)
{
	struct vc_webmread_block *b = &out->block;
	struct vc_ivf_frame f;
	int err;

	if (!r->has_head)
		return take_head(r, buf, len, out);
	err = vc_ivf_frame_parse(&f, buf, len);
	out->size = VC_IVF_FRAME_HEADER;
	if (err == -EAGAIN)
		return 0;
	if (err)
		return err;
	out->size += f.len;
	if (len < out->size)
		return 0;
	b->track = 1;
	b->time = time_of(&r->ivf, f.ticks);
	b->is_key = false;
	b->duration = -1;
	b->data = buf + VC_IVF_FRAME_HEADER;
	b->n = 1;
	b->size[0] = f.len;
	if (r->is_av1 && f.len >= DELIMITER_LEN &&
	    !memcmp(b->data, DELIMITER, DELIMITER_LEN)) {
		b->data += DELIMITER_LEN;
		b->size[0] -= DELIMITER_LEN;
	}
	if (r->is_av1)
		b->is_key = is_av1_key(b->data, b->size[0]);
	r->frames++;
	r->ticks = f.ticks;
	out->kind = b->time < 0 ? VC_WEBMREAD_BAD : VC_WEBMREAD_BLOCK;
	return 1;
}

static bool counts_frames(const struct vc_ivfread *r)
{
	return !r->ivf.length || r->ivf.length == r->frames;
}

int64_t vc_ivfread_duration(const struct vc_ivfread *r)
{
	int64_t t = r->has_head && !counts_frames(r) ?
			    time_of(&r->ivf, r->ivf.length) :
			    0;

	return t > 0 ? t : 0;
}

bool vc_ivfread_is_whole(const struct vc_ivfread *r)
{
	int64_t end = vc_ivfread_duration(r);

	if (!r->has_head || !end)
		return r->has_head;
	return r->ticks < r->ivf.length &&
	       end - time_of(&r->ivf, r->ticks) <= LAST_MAX;
}
