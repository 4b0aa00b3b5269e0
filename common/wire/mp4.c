/* SPDX-License-Identifier: MIT */
/*
 * A box's size is written when the box ends. Full boxes of times have version
 * 1: at 90 kHz a day does not fit into 32 bits.
 *
 * A track that begins late has an empty edit before it where sample tables
 * count from 0; in fragments its times say so themselves. What an Opus decoder
 * gives before the first sample (pre-skip) is cut off by the edit, so that the
 * rest is where it belongs.
 */
#include "wire/mp4.h"

#include <string.h>

#include "wire/opus.h"

#define TYPE(text) VC_MP4_TYPE((text)[0], (text)[1], (text)[2], (text)[3])

#define KEY_FLAGS 0x02000000u	/* depends on none */
#define OTHER_FLAGS 0x01010000u /* depends on others, is no sync sample */

/* --- boxes --- */

static size_t begin(struct vc_wr *w, const char *type)
{
	size_t at = vc_wr_len(w);

	vc_wr_u32(w, 0);
	vc_wr_u32(w, TYPE(type));
	return at;
}

static size_t begin_full(struct vc_wr *w, const char *type, uint8_t version,
			 uint32_t flags)
{
	size_t at = begin(w, type);

	vc_wr_u8(w, version);
	vc_wr_u24(w, flags);
	return at;
}

static void end(struct vc_wr *w, size_t at)
{
	if (!w->bad)
		vc_put_u32(w->start + at, (uint32_t)(vc_wr_len(w) - at));
}

static void zeros(struct vc_wr *w, size_t n)
{
	uint8_t *p = vc_wr_room(w, n);

	if (p)
		memset(p, 0, n);
}

void vc_mp4_ftyp(struct vc_wr *w)
{
	size_t at = begin(w, "ftyp");

	vc_wr_bytes(w, "isom", 4);
	vc_wr_u32(w, 0x200);
	vc_wr_bytes(w, "isomiso6avc1mp41", 16);
	end(w, at);
}

void vc_mp4_free(struct vc_wr *w, size_t len)
{
	size_t at;

	if (!len)
		return;
	at = begin(w, "free");
	zeros(w, len - VC_MP4_BOX_LEN);
	end(w, at);
}

void vc_mp4_big_mdat(struct vc_wr *w, uint64_t size)
{
	vc_wr_u32(w, 1);
	vc_wr_u32(w, TYPE("mdat"));
	vc_wr_u64(w, size);
}

/* --- sample entries --- */

static size_t begin_entry(struct vc_wr *w, const char *type)
{
	size_t at = begin(w, type);

	zeros(w, 6);
	vc_wr_u16(w, 1); /* the data is in this file */
	return at;
}

void vc_mp4_avc1(struct vc_wr *w, unsigned int width, unsigned int height,
		 const uint8_t *avcc, size_t len)
{
	size_t at = begin_entry(w, "avc1"), in;

	zeros(w, 16);
	vc_wr_u16(w, (uint16_t)width);
	vc_wr_u16(w, (uint16_t)height);
	vc_wr_u32(w, 0x00480000); /* 72 dpi */
	vc_wr_u32(w, 0x00480000);
	zeros(w, 4);
	vc_wr_u16(w, 1); /* picture a sample */
	zeros(w, 32);
	vc_wr_u16(w, 0x18);
	vc_wr_u16(w, 0xffff);
	in = begin(w, "avcC");
	vc_wr_bytes(w, avcc, len);
	end(w, in);
	end(w, at);
}

void vc_mp4_opus(struct vc_wr *w, unsigned int channels, uint16_t pre_skip)
{
	size_t at = begin_entry(w, "Opus"), in;

	zeros(w, 8);
	vc_wr_u16(w, (uint16_t)channels);
	vc_wr_u16(w, 16);
	zeros(w, 4);
	vc_wr_u32(w, UINT32_C(48000) << 16);
	in = begin(w, "dOps");
	vc_wr_u8(w, 0);
	vc_wr_u8(w, (uint8_t)channels);
	vc_wr_u16(w, pre_skip);
	vc_wr_u32(w, 48000);
	vc_wr_u16(w, 0); /* gain */
	vc_wr_u8(w, 0);	 /* mapping family */
	end(w, in);
	end(w, at);
}

/* --- moov --- */

static void put_fixed(struct vc_wr *w, int64_t v)
{
	vc_wr_u32(w, (uint32_t)(v * 0x10000));
}

/*
 * Where the point (x, y) of a picture of 'width' x 'height' is seen: at
 * (ax + cy + e, bx + dy + f). Who flips it takes width - x for x.
 */
static void put_matrix(struct vc_wr *w, const struct vc_orientation *o,
		       int64_t width, int64_t height)
{
	static const int cosines[] = { 1, 0, -1, 0 }, sines[] = { 0, 1, 0, -1 };
	const int c = cosines[o->turn / 90 % 4], s = sines[o->turn / 90 % 4];
	const int x = o->is_flipped ? -1 : 1;
	int64_t right = (c < 0 ? width : 0) + (s > 0 ? height : 0);
	int64_t down = (s < 0 ? width : 0) + (c < 0 ? height : 0);

	if (o->is_flipped) {
		right += c * width;
		down += s * width;
	}
	put_fixed(w, x * c);
	put_fixed(w, x * s);
	zeros(w, 4);
	put_fixed(w, -s);
	put_fixed(w, c);
	zeros(w, 4);
	put_fixed(w, right);
	put_fixed(w, down);
	vc_wr_u32(w, 0x40000000);
}

static void put_mvhd(struct vc_wr *w, uint64_t duration, uint32_t next)
{
	const struct vc_orientation upright = { 0 };
	size_t at = begin_full(w, "mvhd", 1, 0);

	zeros(w, 16); /* made and changed: not said */
	vc_wr_u32(w, VC_MP4_SCALE);
	vc_wr_u64(w, duration);
	vc_wr_u32(w, 0x10000); /* rate */
	vc_wr_u16(w, 0x100);   /* volume */
	zeros(w, 10);
	put_matrix(w, &upright, 0, 0);
	zeros(w, 24);
	vc_wr_u32(w, next);
	end(w, at);
}

/* In ticks of the file, from its beginning. */
static uint64_t track_end(const struct vc_mp4_track *t)
{
	uint64_t heard = t->duration > t->skip ? t->duration - t->skip : 0;

	return t->sizes.n ? vc_mp4_rescale(t->first + heard, t->scale) : 0;
}

static void put_tkhd(struct vc_wr *w, const struct vc_mp4_track *t)
{
	size_t at = begin_full(w, "tkhd", 1, t->is_off ? 2 : 3);

	zeros(w, 16);
	vc_wr_u32(w, t->id);
	zeros(w, 4);
	vc_wr_u64(w, track_end(t));
	zeros(w, 10);
	vc_wr_u16(w,
		  t->is_video ? 1 : 2); /* each kind is a group to choose of */
	vc_wr_u16(w, t->is_video ? 0 : 0x100);
	zeros(w, 2);
	put_matrix(w, &t->orientation, t->width, t->height);
	vc_wr_u32(w, (uint32_t)t->width << 16);
	vc_wr_u32(w, (uint32_t)t->height << 16);
	end(w, at);
}

static void put_edit(struct vc_wr *w, uint64_t duration, int64_t from)
{
	vc_wr_u64(w, duration);
	vc_wr_u64(w, (uint64_t)from);
	vc_wr_u32(w, 0x10000);
}

static void put_edits(struct vc_wr *w, const struct vc_mp4_track *t)
{
	uint64_t late = t->sizes.n ? vc_mp4_rescale(t->first, t->scale) : 0;
	size_t at, in;

	if (!t->skip && !t->sizes.n)
		return;
	at = begin(w, "edts");
	in = begin_full(w, "elst", 1, 0);
	vc_wr_u32(w, late ? 2 : 1);
	if (late)
		put_edit(w, late, -1);
	put_edit(w, track_end(t) - late, t->skip);
	end(w, in);
	end(w, at);
}

static void put_mdhd(struct vc_wr *w, const struct vc_mp4_track *t)
{
	size_t at = begin_full(w, "mdhd", 1, 0);

	zeros(w, 16);
	vc_wr_u32(w, t->scale);
	vc_wr_u64(w, t->duration);
	vc_wr_u16(w, 0x55c4); /* "und" */
	vc_wr_u16(w, 0);
	end(w, at);
}

static void put_hdlr(struct vc_wr *w, const struct vc_mp4_track *t)
{
	size_t at = begin_full(w, "hdlr", 0, 0);

	zeros(w, 4);
	vc_wr_bytes(w, t->is_video ? "vide" : "soun", 4);
	zeros(w, 12);
	vc_wr_bytes(w, t->name, strlen(t->name) + 1);
	end(w, at);
}

static void put_table(struct vc_wr *w, const char *type,
		      const struct vc_mp4_table *t)
{
	size_t at = begin_full(w, type, 0, 0);

	if (!strcmp(type, "stsz"))
		vc_wr_u32(w, 0); /* not all the same */
	vc_wr_u32(w, t->n);
	vc_wr_bytes(w, t->p, t->len);
	end(w, at);
}

/* Where a decoder has to begin to be right at a sample. */
static void put_roll(struct vc_wr *w, const struct vc_mp4_track *t)
{
	size_t at = begin_full(w, "sgpd", 1, 0);

	vc_wr_bytes(w, "roll", 4);
	vc_wr_u32(w, 2);
	vc_wr_u32(w, 1);
	vc_wr_u16(w, (uint16_t)-t->roll);
	end(w, at);
	at = begin_full(w, "sbgp", 0, 0);
	vc_wr_bytes(w, "roll", 4);
	vc_wr_u32(w, 1);
	vc_wr_u32(w, t->sizes.n);
	vc_wr_u32(w, 1);
	end(w, at);
}

static void put_stbl(struct vc_wr *w, const struct vc_mp4_track *t)
{
	size_t at = begin(w, "stbl");

	put_table(w, "stsd", &t->entries);
	put_table(w, "stts", &t->times);
	if (t->keys.n)
		put_table(w, "stss", &t->keys);
	put_table(w, "stsc", &t->chunks);
	put_table(w, "stsz", &t->sizes);
	put_table(w, "co64", &t->places);
	if (t->roll)
		put_roll(w, t);
	end(w, at);
}

static void put_minf(struct vc_wr *w, const struct vc_mp4_track *t)
{
	size_t at = begin(w, "minf"), in, ref;

	in = begin_full(w, t->is_video ? "vmhd" : "smhd", 0, t->is_video);
	zeros(w, t->is_video ? 8 : 4);
	end(w, in);
	in = begin(w, "dinf");
	ref = begin_full(w, "dref", 0, 0);
	vc_wr_u32(w, 1);
	end(w, begin_full(w, "url ", 0, 1));
	end(w, ref);
	end(w, in);
	put_stbl(w, t);
	end(w, at);
}

static void put_trak(struct vc_wr *w, const struct vc_mp4_track *t)
{
	size_t at = begin(w, "trak"), in, name;

	put_tkhd(w, t);
	put_edits(w, t);
	in = begin(w, "mdia");
	put_mdhd(w, t);
	put_hdlr(w, t);
	put_minf(w, t);
	end(w, in);
	if (t->name[0]) {
		in = begin(w, "udta");
		name = begin(w, "name");
		vc_wr_bytes(w, t->name, strlen(t->name));
		end(w, name);
		end(w, in);
	}
	end(w, at);
}

static void put_mvex(struct vc_wr *w, const struct vc_mp4_track *tracks,
		     unsigned int n, uint64_t duration)
{
	size_t at = begin(w, "mvex"), in;

	if (duration) {
		in = begin_full(w, "mehd", 1, 0);
		vc_wr_u64(w, duration);
		end(w, in);
	}
	for (unsigned int i = 0; i < n; i++) {
		in = begin_full(w, "trex", 0, 0);
		vc_wr_u32(w, tracks[i].id);
		vc_wr_u32(w, 1);
		zeros(w, 8);
		vc_wr_u32(w, tracks[i].is_video ? OTHER_FLAGS : KEY_FLAGS);
		end(w, in);
	}
	end(w, at);
}

void vc_mp4_moov(struct vc_wr *w, const struct vc_mp4_track *tracks,
		 unsigned int n, uint64_t duration, bool has_fragments)
{
	size_t at = begin(w, "moov");

	put_mvhd(w, duration, n + 1);
	for (unsigned int i = 0; i < n; i++)
		put_trak(w, &tracks[i]);
	if (has_fragments)
		put_mvex(w, tracks, n, duration);
	end(w, at);
}

/* --- fragments --- */

/* '*offset': where its data offset stands. */
static void put_traf(struct vc_wr *w, const struct vc_mp4_run *run,
		     size_t *offset)
{
	size_t at = begin(w, "traf"), in;

	in = begin_full(w, "tfhd", 0, 0x020002); /* counted from the moof */
	vc_wr_u32(w, run->track);
	vc_wr_u32(w, run->entry);
	end(w, in);
	in = begin_full(w, "tfdt", 1, 0);
	vc_wr_u64(w, run->time);
	end(w, in);
	in = begin_full(w, "trun", 0, run->is_video ? 0x701 : 0x301);
	vc_wr_u32(w, run->n);
	*offset = vc_wr_len(w);
	vc_wr_u32(w, 0);
	for (uint32_t i = 0; i < run->n; i++) {
		const struct vc_mp4_sample *s = &run->samples[i];

		vc_wr_u32(w, s->duration);
		vc_wr_u32(w, s->size);
		if (run->is_video)
			vc_wr_u32(w, s->is_key ? KEY_FLAGS : OTHER_FLAGS);
	}
	end(w, in);
	end(w, at);
}

void vc_mp4_moof(struct vc_wr *w, uint32_t serial,
		 const struct vc_mp4_run *runs, unsigned int n, size_t *data)
{
	size_t at = begin(w, "moof"), in = begin_full(w, "mfhd", 0, 0);
	uint64_t octets = 0;
	size_t head = 0;

	/* Twice: what comes behind it has to be known in it. */
	vc_wr_u32(w, serial);
	end(w, in);
	for (unsigned int i = 0; i < n; i++)
		if (runs[i].n)
			head += VC_MP4_TRAF_LEN +
				runs[i].n * (runs[i].is_video ? 12 : 8);
	*data = vc_wr_len(w) - at + head + VC_MP4_BOX_LEN;
	for (unsigned int i = 0; i < n; i++) {
		size_t offset;

		if (!runs[i].n)
			continue;
		put_traf(w, &runs[i], &offset);
		if (!w->bad)
			vc_put_u32(w->start + offset,
				   (uint32_t)(*data + octets));
		octets += runs[i].octets;
	}
	end(w, at);
	vc_wr_u32(w, (uint32_t)(octets + VC_MP4_BOX_LEN));
	vc_wr_u32(w, TYPE("mdat"));
}

/* --- the index --- */

void vc_mp4_point(struct vc_wr *w, uint64_t time, uint64_t moof,
		  unsigned int traf, unsigned int sample)
{
	vc_wr_u64(w, time);
	vc_wr_u64(w, moof);
	vc_wr_u8(w, (uint8_t)traf);
	vc_wr_u8(w, 1);
	vc_wr_u16(w, (uint16_t)sample);
}

void vc_mp4_mfra(struct vc_wr *w, const struct vc_mp4_table *points,
		 unsigned int n)
{
	size_t at = begin(w, "mfra"), in;

	for (unsigned int i = 0; i < n; i++) {
		if (!points[i].n)
			continue;
		in = begin_full(w, "tfra", 1, 0);
		vc_wr_u32(w, i + 1);
		vc_wr_u32(w, 1); /* numbers of 1, 1 and 2 octets */
		vc_wr_u32(w, points[i].n);
		vc_wr_bytes(w, points[i].p, points[i].len);
		end(w, in);
	}
	in = begin_full(w, "mfro", 0, 0);
	vc_wr_u32(w, (uint32_t)(vc_wr_len(w) + 4 - at));
	end(w, in);
	end(w, at);
}
