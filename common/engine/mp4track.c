/* SPDX-License-Identifier: MIT */
#include "engine/mp4track.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/mp4index.h"
#include "wire/avcc.h"
#include "wire/codec.h"
#include "wire/h264.h"
#include "wire/ntp.h"
#include "wire/opus.h"

#define ENTRY_MAX 4096
#define OPUS_PREROLL 3840 /* samples, 80 ms: RFC 7845 section 4.6 */

struct vc_mp4track {
	bool is_video;
	char name[VC_TRACK_NAME_CAP];
	uint32_t scale;
	unsigned int width, height;
	struct vc_orientation orientation;
	unsigned int skip;

	struct vc_mp4buf entries;
	uint32_t n_entries;
	size_t last_entry; /* octets of the newest one */
	uint32_t entry;	   /* that samples now are of, from 1 */
	uint32_t former;   /* before the newest one */

	/* Pending. */
	struct vc_mp4buf data;
	struct vc_mp4_sample *samples;
	uint32_t n, cap;
	uint64_t run_time;

	bool has_begun;
	uint64_t first, last; /* ticks */
	uint32_t lasts;	      /* the last one */
	unsigned int roll;
	struct vc_mp4index index;
};

static uint64_t ticks_of(const struct vc_mp4track *t, int64_t ns)
{
	return (uint64_t)vc_rtp_from_ns(ns, t->scale);
}

/* --- entries --- */

/* Width and height as its first SPS says; 0: it has none. */
static void note_size(const uint8_t *p, size_t len, unsigned int *width,
		      unsigned int *height)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_h264_sps sps;
	const uint8_t *nal;
	size_t n;

	while (vc_h264_annexb_next(&r, &nal, &n)) {
		if (!n || vc_h264_type(nal[0]) != VC_H264_SPS ||
		    vc_h264_sps_parse(&sps, nal, n))
			continue;
		*width = sps.width;
		*height = sps.height;
		return;
	}
}

/* The entry of a key frame; 0: it has no parameter sets that are sound. */
static size_t make_entry(const struct vc_mp4track *t, uint8_t *room,
			 const uint8_t *p, size_t len)
{
	unsigned int width = t->width, height = t->height;
	uint8_t avcc[ENTRY_MAX - 128];
	struct vc_wr c = vc_wr_over(avcc, sizeof(avcc));
	struct vc_wr w = vc_wr_over(room, ENTRY_MAX);

	if (vc_avcc_write(&c, p, len))
		return 0;
	note_size(p, len, &width, &height);
	vc_mp4_avc1(&w, width, height, avcc, vc_wr_len(&c));
	return w.bad ? 0 : vc_wr_len(&w);
}

/* The number of the one like this; 0: there is none. */
static uint32_t find_entry(const struct vc_mp4track *t, const uint8_t *p,
			   size_t len)
{
	uint32_t number = 1;

	for (size_t at = 0; at < t->entries.len; number++) {
		size_t n = vc_get_u32(t->entries.p + at);

		if (n == len && !memcmp(t->entries.p + at, p, len))
			return number;
		at += n;
	}
	return 0;
}

static int append_entry(struct vc_mp4track *t, const uint8_t *p, size_t len)
{
	uint8_t *room = vc_mp4buf_room(&t->entries, len);

	if (!room)
		return -ENOMEM;
	memcpy(room, p, len);
	t->n_entries++;
	t->last_entry = len;
	t->former = t->entry;
	t->entry = t->n_entries;
	return 0;
}

int vc_mp4track_look(struct vc_mp4track *t, const uint8_t *p, size_t len)
{
	uint8_t room[ENTRY_MAX];
	size_t n = make_entry(t, room, p, len);
	uint32_t number = n ? find_entry(t, room, n) : t->entry;

	if (number && number != t->entry && !t->n)
		t->entry = number;
	return number == t->entry ? 0 : -EAGAIN;
}

int vc_mp4track_add_entry(struct vc_mp4track *t, const uint8_t *p, size_t len)
{
	uint8_t room[ENTRY_MAX];

	return append_entry(t, room, make_entry(t, room, p, len));
}

void vc_mp4track_drop_entry(struct vc_mp4track *t)
{
	t->entries.len -= t->last_entry;
	t->n_entries--;
	t->entry = t->former;
}

/* --- making and freeing --- */

static int set_sound(struct vc_mp4track *t, const struct vc_track_info *info)
{
	uint8_t room[ENTRY_MAX];
	struct vc_wr w = vc_wr_over(room, sizeof(room));

	t->scale = VC_MP4_SCALE;
	t->skip = (unsigned int)(info->delay * 48 / VC_MS);
	vc_mp4_opus(&w, info->channels, (uint16_t)t->skip);
	return append_entry(t, room, vc_wr_len(&w));
}

static int set_pictures(struct vc_mp4track *t, const struct vc_track_info *info)
{
	uint8_t room[ENTRY_MAX];
	size_t n;

	t->scale = VC_MP4_VIDEO_SCALE;
	t->width = info->width;
	t->height = info->height;
	t->orientation = info->orientation;
	note_size(info->first, info->first_len, &t->width, &t->height);
	n = make_entry(t, room, info->first, info->first_len);
	return n ? append_entry(t, room, n) : -ENOTSUP;
}

int vc_mp4track_new(const struct vc_track_info *info, struct vc_mp4track **out)
{
	enum vc_codec codec = vc_codec_by_name(vc_str_c(info->codec));
	struct vc_mp4track *t;
	int err;

	if (codec != VC_CODEC_OPUS && codec != VC_CODEC_H264)
		return -ENOTSUP;
	t = vc_try_alloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->is_video = codec == VC_CODEC_H264;
	vc_strlcpy(t->name, info->name, sizeof(t->name));
	err = t->is_video ? set_pictures(t, info) : set_sound(t, info);
	if (err) {
		vc_mp4track_free(t);
		return err;
	}
	*out = t;
	return 0;
}

void vc_mp4track_free(struct vc_mp4track *t)
{
	if (!t)
		return;
	vc_mp4buf_clear(&t->entries);
	vc_mp4buf_clear(&t->data);
	vc_mp4index_clear(&t->index);
	free(t->samples);
	free(t);
}

void vc_mp4track_rename(struct vc_mp4track *t, const char *name)
{
	vc_strlcpy(t->name, name, sizeof(t->name));
}

bool vc_mp4track_is_video(const struct vc_mp4track *t)
{
	return t->is_video;
}

/* --- samples --- */

bool vc_mp4track_goes_on(const struct vc_mp4track *t, int64_t time)
{
	return time >= 0 && (!t->has_begun || ticks_of(t, time) >= t->last);
}

/* Copies a unit as it stands in the file: '*len' octets. */
static int put_octets(struct vc_mp4track *t, const struct vc_container_unit *u,
		      size_t *len)
{
	struct vc_rd r = vc_rd_over(u->data, u->len);
	size_t was = t->data.len, n = u->len;
	const uint8_t *nal = u->data;
	uint8_t *p;

	while (!t->is_video || vc_h264_annexb_next(&r, &nal, &n)) {
		p = vc_mp4buf_room(&t->data,
				   n + (t->is_video ? VC_AVCC_SIZE_LEN : 0));
		if (!p)
			return -ENOMEM;
		if (t->is_video) {
			vc_put_u32(p, (uint32_t)n);
			p += VC_AVCC_SIZE_LEN;
		}
		if (n)
			memcpy(p, nal, n);
		if (!t->is_video)
			break;
	}
	*len = t->data.len - was;
	return 0;
}

static struct vc_mp4_sample *new_sample(struct vc_mp4track *t)
{
	uint32_t cap = t->cap ? 2 * t->cap : 64;
	struct vc_mp4_sample *grown;

	if (t->n == t->cap) {
		grown = realloc(t->samples, cap * sizeof(*grown));
		if (!grown)
			return NULL;
		t->samples = grown;
		t->cap = cap;
	}
	t->n++;
	return &t->samples[t->n - 1];
}

/* The one before it lasts until this. */
static int end_last(struct vc_mp4track *t, uint64_t ticks)
{
	uint64_t lasts = ticks - t->last;

	if (lasts > UINT32_MAX)
		return -EFBIG;
	if (t->n)
		t->samples[t->n - 1].duration = (uint32_t)lasts;
	return vc_mp4index_lasts(&t->index, (uint32_t)lasts);
}

int vc_mp4track_put(struct vc_mp4track *t, const struct vc_container_unit *u)
{
	uint64_t ticks = ticks_of(t, u->time);
	struct vc_mp4_sample *s;
	size_t len;
	int err = t->has_begun ? end_last(t, ticks) : 0;

	if (!err)
		err = put_octets(t, u, &len);
	s = err ? NULL : new_sample(t);
	if (!s)
		return err ? err : -ENOMEM;
	t->lasts = (uint32_t)(ticks_of(t, u->time + u->duration) - ticks);
	if (t->n == 1)
		t->run_time = ticks;
	if (!t->has_begun) {
		t->first = ticks;
		if (!t->is_video && t->lasts)
			t->roll = (OPUS_PREROLL + t->lasts - 1) / t->lasts;
	}
	t->has_begun = true;
	t->last = ticks;
	*s = (struct vc_mp4_sample){ t->lasts, (uint32_t)len, u->is_key };
	return vc_mp4index_sample(&t->index, s->size, u->is_key);
}

void vc_mp4track_run(const struct vc_mp4track *t, uint32_t id,
		     struct vc_mp4_run *run)
{
	*run = (struct vc_mp4_run){
		.track = id,
		.entry = t->entry,
		.time = t->run_time,
		.is_video = t->is_video,
		.samples = t->samples,
		.n = t->n,
		.octets = t->data.len,
	};
}

const uint8_t *vc_mp4track_data(const struct vc_mp4track *t)
{
	return t->data.p;
}

int vc_mp4track_placed(struct vc_mp4track *t, uint64_t moof, uint64_t data,
		       unsigned int traf)
{
	uint64_t time = t->run_time;
	uint32_t i = 0;

	if (!t->n)
		return 0;
	while (i < t->n && !t->samples[i].is_key) {
		time += t->samples[i].duration;
		i++;
	}
	if (i < t->n && i < UINT16_MAX &&
	    vc_mp4index_point(&t->index, time, moof, traf, i + 1))
		return -ENOMEM;
	return vc_mp4index_chunk(&t->index, data, t->n, t->entry);
}

void vc_mp4track_next(struct vc_mp4track *t)
{
	t->data.len = 0;
	t->n = 0;
}

/* --- the end --- */

int vc_mp4track_finish(struct vc_mp4track *t)
{
	return t->has_begun ? vc_mp4index_lasts(&t->index, t->lasts) : 0;
}

uint64_t vc_mp4track_end(const struct vc_mp4track *t)
{
	uint64_t end = t->has_begun ? t->last + t->lasts : 0;

	/* What is cut off at the beginning is missing at the end. */
	end -= end < t->skip ? end : t->skip;
	return vc_mp4_rescale(end, t->scale);
}

void vc_mp4track_describe(const struct vc_mp4track *t, uint32_t id,
			  bool has_tables, struct vc_mp4_track *out)
{
	*out = (struct vc_mp4_track){
		.id = id,
		.is_video = t->is_video,
		.name = t->name,
		.scale = t->scale,
		.width = t->width,
		.height = t->height,
		.orientation = t->orientation,
		.entries = { t->entries.p, t->entries.len, t->n_entries },
		.skip = t->skip,
	};
	if (!has_tables || !t->has_begun)
		return;
	out->first = t->first;
	out->duration = t->last - t->first + t->lasts;
	out->roll = t->roll;
	vc_mp4index_tables(&t->index, out);
}

size_t vc_mp4track_cap(const struct vc_mp4track *t, bool has_tables)
{
	const struct vc_mp4index *x = &t->index;
	size_t cap = VC_MP4_TRACK_CAP + 2 * strlen(t->name) + t->entries.len;

	if (has_tables)
		cap += x->times.len + x->keys.len + x->chunks.len +
		       x->sizes.len + x->places.len;
	return cap;
}

struct vc_mp4_table vc_mp4track_points(const struct vc_mp4track *t)
{
	return vc_mp4index_points(&t->index);
}
