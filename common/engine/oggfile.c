/* SPDX-License-Identifier: MIT */
/*
 * 'end' counts samples at 48 kHz of all packets so far, which is where the
 * granule position of a page comes from. The newest packet is kept back, so
 * that the last page has one and can say how much of it counts.
 */
#include "engine/oggfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/outfile.h"
#include "wire/codec.h"
#include "wire/ntp.h"
#include "wire/ogg.h"
#include "wire/opus.h"

#define RATE 48000
#define SERIAL 1
#define PAGE_SAMPLES (RATE / 2)
#define SLACK 960			/* samples that drift may reach */
#define GAP_MAX (INT64_C(86400) * RATE) /* that are filled */
#define TAGS_LEN 512
#define LEAD_UNITS 32
#define LEAD_OCTETS 1500
#define LEAD_MAX 3888 /* samples: 80 ms (RFC 7845, 4.6), and rounding */

struct vc_oggfile {
	struct vc_outfile *out;
	bool has_track;
	bool has_started;
	bool names_changed;
	char name[VC_TRACK_NAME_CAP];
	unsigned int channels;
	uint16_t pre_skip;
	int64_t shift; /* samples before the file's beginning: 'lead' */
	unsigned int n_lead;
	struct lead_unit {
		int64_t at; /* samples after the beginning, negative */
		size_t len;
		uint8_t data[LEAD_OCTETS];
	} lead[LEAD_UNITS];
	uint64_t tags_at;
	uint32_t number; /* of the next page */

	int64_t end;	  /* samples of all packets */
	int64_t last_end; /* where the newest really ends, by its time */
	int64_t cut;	  /* samples of gaps that were too long */
	uint8_t toc;	  /* of the newest */
	/* the page that is filled */
	int64_t page_begin, page_end;
	unsigned int n; /* segments */
	size_t len;
	uint8_t segments[VC_OGG_SEGMENTS];
	uint8_t body[VC_OGG_BODY_MAX];
	/* the packet that is kept back */
	size_t held_len; /* 0: none */
	int64_t held_samples;
	uint8_t held[VC_OGG_BODY_MAX];
	uint8_t room[VC_OGG_PAGE_MAX];
};

struct vc_oggfile *vc_oggfile_new(struct vc_outfile *out)
{
	struct vc_oggfile *f = vc_try_alloc(1, sizeof(*f));

	if (f)
		f->out = out;
	return f;
}

static void clear(void *c)
{
	free(c);
}

static int add(void *c, const struct vc_track_info *info, unsigned int *track)
{
	struct vc_oggfile *f = c;

	if (vc_codec_by_name(vc_str_c(info->codec)) != VC_CODEC_OPUS)
		return -ENOTSUP;
	if (f->has_track)
		return -EMLINK;
	f->has_track = true;
	f->channels = info->channels;
	f->pre_skip = (uint16_t)(info->delay * 48 / VC_MS);
	vc_strlcpy(f->name, info->name, sizeof(f->name));
	*track = 0;
	return 0;
}

static int rename_track(void *c, unsigned int track, const char *name)
{
	struct vc_oggfile *f = c;

	(void)track;
	vc_strlcpy(f->name, name, sizeof(f->name));
	f->names_changed = true;
	return 0;
}

/* --- pages --- */

/* Into 'room'; its length. */
static size_t make_page(struct vc_oggfile *f, const struct vc_ogg_page *page)
{
	struct vc_wr w = vc_wr_over(f->room, sizeof(f->room));

	vc_ogg_page_write(&w, page);
	return vc_wr_len(&w);
}

static int put_page(struct vc_oggfile *f, bool is_last)
{
	struct vc_ogg_page page = {
		.is_last = is_last,
		.granule = f->page_end,
		.serial = SERIAL,
		.number = f->number,
		.n = f->n,
		.segments = f->segments,
		.body = f->body,
		.len = f->len,
	};
	int err;

	if (is_last && f->last_end < page.granule &&
	    f->last_end > f->page_begin)
		page.granule = f->last_end;
	if (!f->n)
		return 0;
	err = vc_outfile_write(f->out, f->room, make_page(f, &page));
	f->number++;
	f->n = 0;
	f->len = 0;
	f->page_begin = f->page_end;
	return err;
}

/* A header: one packet on a page of its own. Returns its length. */
static size_t make_head(struct vc_oggfile *f, uint32_t number,
			const struct vc_wr *packet)
{
	struct vc_ogg_page page = {
		.is_first = !number,
		.serial = SERIAL,
		.number = number,
		.n = vc_ogg_segments(vc_wr_len(packet)),
		.segments = f->segments,
		.body = packet->start,
		.len = vc_wr_len(packet),
	};

	vc_ogg_lace(f->segments, page.len);
	return make_page(f, &page);
}

/* Always of one length, so that a name that is learnt later has its place. */
static size_t make_tags(struct vc_oggfile *f)
{
	uint8_t tags[TAGS_LEN];
	struct vc_wr w = vc_wr_over(tags, sizeof(tags));

	vc_ogg_tags_write(&w, "vc", f->name, sizeof(tags));
	return make_head(f, 1, &w);
}

static int start(struct vc_oggfile *f)
{
	uint8_t head[VC_OPUS_HEAD_LEN];
	struct vc_wr w = vc_wr_over(head, sizeof(head));
	int err;

	vc_opus_head_write(&w, f->channels, (uint16_t)(f->pre_skip + f->shift));
	err = vc_outfile_write(f->out, f->room, make_head(f, 0, &w));
	f->tags_at = vc_outfile_pos(f->out);
	if (!err)
		err = vc_outfile_write(f->out, f->room, make_tags(f));
	f->number = 2;
	f->has_started = !err;
	return err;
}

/* --- packets --- */

/* The one that was kept back goes into the page. */
static int place_held(struct vc_oggfile *f)
{
	unsigned int n = vc_ogg_segments(f->held_len);
	int err = 0;

	if (!f->held_len)
		return 0;
	if (f->n + n > VC_OGG_SEGMENTS ||
	    f->page_end - f->page_begin >= PAGE_SAMPLES) {
		err = put_page(f, false);
		if (!err)
			err = vc_outfile_flush(f->out);
	}
	vc_ogg_lace(f->segments + f->n, f->held_len);
	memcpy(f->body + f->len, f->held, f->held_len);
	f->n += n;
	f->len += f->held_len;
	f->page_end += f->held_samples;
	f->held_len = 0;
	return err;
}

static int put_packet(struct vc_oggfile *f, const uint8_t *p, size_t len,
		      int64_t samples)
{
	int err = place_held(f);

	memcpy(f->held, p, len);
	f->held_len = len;
	f->held_samples = samples;
	f->end += samples;
	return err;
}

/*
 * Packets of frames that have no octets, in the mode of the packet before. Also
 * one frame is said in two octets: so they are told from a sender's DTX.
 */
static int fill(struct vc_oggfile *f, int64_t gap)
{
	uint8_t packet[2];
	int64_t n;
	int err = 0;

	while (!err && vc_opus_silence(f->toc, gap, packet, &n)) {
		packet[0] |= 3;
		err = put_packet(f, packet, sizeof(packet), n);
		gap -= n;
	}
	return err;
}

/* A packet whose place is 'at'. */
static int put_at(struct vc_oggfile *f, int64_t at, const uint8_t *p,
		  size_t len)
{
	int samples = vc_opus_samples(p, len);
	int64_t gap = at - f->end;
	int err = 0;

	if (gap >= (samples < SLACK ? samples : SLACK))
		err = fill(f, gap);
	if (!err)
		err = put_packet(f, p, len, samples);
	f->toc = p[0];
	return err;
}

/* With what comes before the beginning, for decoders to get ready. */
static int begin(struct vc_oggfile *f, const struct vc_container_unit *u)
{
	int err;

	f->shift = f->n_lead ? -f->lead[0].at : 0;
	f->toc = f->n_lead ? f->lead[0].data[0] : u->data[0];
	err = start(f);
	for (unsigned int i = 0; !err && i < f->n_lead; i++)
		err = put_at(f, f->lead[i].at + f->shift, f->lead[i].data,
			     f->lead[i].len);
	return err;
}

static int write_unit(void *c, const struct vc_container_unit *u)
{
	struct vc_oggfile *f = c;
	int samples = vc_opus_samples(u->data, u->len);
	int64_t at, gap;
	int err = 0;

	if (samples <= 0 || vc_ogg_segments(u->len) > VC_OGG_SEGMENTS)
		return 1;
	if (!f->has_started)
		err = begin(f, u);
	at = vc_rtp_from_ns(u->time, RATE) + f->shift - f->cut;
	gap = at - f->end;
	if (err || gap <= -samples)
		return err ? err : 1;
	if (gap > GAP_MAX) {
		f->cut += gap;
		at -= gap;
	}
	err = put_at(f, at, u->data, u->len);
	f->last_end = at + vc_rtp_from_ns(u->duration, RATE);
	return err;
}

static int lead(void *c, const struct vc_container_unit *u)
{
	struct vc_oggfile *f = c;
	int64_t at = vc_rtp_from_ns(u->time, RATE);
	struct lead_unit *l = &f->lead[f->n_lead];

	if (f->has_started || f->n_lead == LEAD_UNITS || at >= 0 ||
	    at < -LEAD_MAX || u->len > LEAD_OCTETS ||
	    vc_opus_samples(u->data, u->len) <= 0)
		return 0;
	l->at = at;
	l->len = u->len;
	memcpy(l->data, u->data, u->len);
	f->n_lead++;
	return 1;
}

/* Of it only what is heard of the time before it counts. */
static int trail(void *c, const struct vc_container_unit *u)
{
	struct vc_oggfile *f = c;
	int64_t at = vc_rtp_from_ns(u->time, RATE) + f->shift - f->cut;
	int samples = vc_opus_samples(u->data, u->len), err;

	if (!f->has_started || samples <= 0 || f->pre_skip >= samples ||
	    vc_ogg_segments(u->len) > VC_OGG_SEGMENTS ||
	    at - f->end >= samples || at - f->end <= -samples)
		return 0;
	err = put_packet(f, u->data, u->len, samples);
	f->last_end = at + f->pre_skip;
	return err ? err : 1;
}

static int flush(void *c)
{
	struct vc_oggfile *f = c;
	int err = put_page(f, false);

	return err ? err : vc_outfile_flush(f->out);
}

static int finish(void *c)
{
	struct vc_oggfile *f = c;
	int err;

	if (!f->has_started)
		return -ENODATA;
	err = place_held(f);
	if (!err)
		err = put_page(f, true);
	if (!err && f->names_changed && vc_outfile_can_patch(f->out)) {
		size_t len = make_tags(f);

		err = vc_outfile_patch(f->out, f->tags_at, f->room, len);
	}
	return err ? err : vc_outfile_flush(f->out);
}

const struct vc_container_ops vc_oggfile_ops = {
	.name = "ogg",
	.add = add,
	.rename = rename_track,
	.write = write_unit,
	.lead = lead,
	.trail = trail,
	.flush = flush,
	.finish = finish,
	.free = clear,
};
