/* SPDX-License-Identifier: MIT */
/*
 * Units are written in Annex B as they come. Of each that is whole the
 * beginning is looked at: parameter sets are remembered by their id, slices say
 * which sets they need, and by these how large the picture is. A key frame is
 * an IDR picture; one that comes without its sets gets them from memory, one
 * whose sets never came is of no use.
 *
 * A picture begins with macroblock 0 (arbitrary slice order belongs to profiles
 * nobody sends), which tells a beginning from what is left after a loss.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/frameasm_internal.h"
#include "wire/h264.h"
#include "wire/sdp.h"

#define CODE 4 /* octets of a start code */
#define SET_MAX 2048

/* A parameter set that is remembered. */
struct set {
	uint8_t *p; /* NULL: none */
	uint16_t len;
	uint16_t cap;
	bool is_here; /* in the frame that is put together */
};

struct h264 {
	struct set sps[VC_H264_SPS_MAX];
	struct set pps[VC_H264_PPS_MAX];
	struct vc_h264_sps size[VC_H264_SPS_MAX]; /* of 'sps' */
	uint8_t sps_of[VC_H264_PPS_MAX];
	bool is_open; /* a unit in fragments is not at its end */
	size_t start; /* of it, in the frame */
	size_t front; /* where sets may be put in: after a delimiter */
	bool has_slice;
	bool has_idr;
	bool is_unknown; /* a slice needs a set that never came */
	bool lacks;	 /* one that is not in this frame */
	uint8_t sps_id;
};

static void *open_state(void)
{
	return vc_try_alloc(1, sizeof(struct h264));
}

static void close_state(void *state)
{
	struct h264 *h = state;

	for (size_t i = 0; i < VC_COUNT(h->sps); i++)
		free(h->sps[i].p);
	for (size_t i = 0; i < VC_COUNT(h->pps); i++)
		free(h->pps[i].p);
	free(h);
}

static void begin(struct vc_frameasm *fa)
{
	struct h264 *h = fa->state;

	for (size_t i = 0; i < VC_COUNT(h->sps); i++)
		h->sps[i].is_here = false;
	for (size_t i = 0; i < VC_COUNT(h->pps); i++)
		h->pps[i].is_here = false;
	h->is_open = false;
	h->front = 0;
	h->has_slice = false;
	h->has_idr = false;
	h->is_unknown = false;
	h->lacks = false;
}

static int remember(struct set *set, const uint8_t *nal, size_t len)
{
	uint8_t *p;

	if (len > SET_MAX)
		return -EBADMSG;
	if (len > set->cap) {
		p = vc_try_alloc(1, len);
		if (!p)
			return -ENOMEM;
		free(set->p);
		set->p = p;
		set->cap = (uint16_t)len;
	}
	memcpy(set->p, nal, len);
	set->len = (uint16_t)len;
	set->is_here = true;
	return 0;
}

static int take_sps(struct h264 *h, const uint8_t *nal, size_t len)
{
	struct vc_h264_sps sps;

	if (vc_h264_sps_parse(&sps, nal, len))
		return -EBADMSG;
	h->size[sps.id] = sps;
	return remember(&h->sps[sps.id], nal, len);
}

static int take_pps(struct h264 *h, const uint8_t *nal, size_t len)
{
	struct vc_h264_pps pps;

	if (vc_h264_pps_parse(&pps, nal, len))
		return -EBADMSG;
	h->sps_of[pps.id] = pps.sps_id;
	return remember(&h->pps[pps.id], nal, len);
}

static int take_slice(struct h264 *h, const uint8_t *nal, size_t len)
{
	struct vc_h264_slice s;

	if (vc_h264_slice_parse(&s, nal, len))
		return -EBADMSG;
	if (!h->has_slice && !s.is_first)
		return -EBADMSG; /* its beginning is not there */
	if (!h->pps[s.pps_id].p || !h->sps[h->sps_of[s.pps_id]].p) {
		h->is_unknown = true;
	} else {
		/* All of a picture, and so all of a size. */
		if (h->has_slice && !h->is_unknown &&
		    h->sps_id != h->sps_of[s.pps_id])
			return -EBADMSG;
		h->sps_id = h->sps_of[s.pps_id];
		h->lacks |= !h->pps[s.pps_id].is_here ||
			    !h->sps[h->sps_id].is_here;
	}
	h->has_idr |= !h->has_slice && vc_h264_type(nal[0]) == VC_H264_IDR;
	h->has_slice = true;
	return 0;
}

static void fmtp(void *state, struct vc_str text)
{
	uint8_t nal[SET_MAX];
	struct vc_str list;
	int n;

	if (!vc_sdp_fmtp_get(text, "sprop-parameter-sets", &list))
		return;
	while ((n = vc_h264_sprop_next(&list, nal, sizeof(nal)))) {
		if (n > 0 && vc_h264_type(nal[0]) == VC_H264_SPS)
			(void)take_sps(state, nal, (size_t)n);
		else if (n > 0)
			(void)take_pps(state, nal, (size_t)n);
	}
}

/* A unit is whole, from 'at' to the end of the frame. */
static int look_at(struct vc_frameasm *fa, size_t at)
{
	const uint8_t *nal = fa->frame.p + at + CODE;
	struct h264 *h = fa->state;
	size_t len;

	/* None ends with zeros: they would belong to the next start code. */
	while (!fa->frame.p[fa->frame.len - 1])
		fa->frame.len--;
	len = fa->frame.len - at - CODE;
	/* What a decoder would find in it has not been looked at. */
	if (vc_h264_has_code(nal, len))
		return -EBADMSG;
	switch (vc_h264_type(nal[0])) {
	case VC_H264_AUD:
		if (!at)
			h->front = fa->frame.len;
		return 0;
	case VC_H264_SPS:
		return take_sps(h, nal, len);
	case VC_H264_PPS:
		return take_pps(h, nal, len);
	case VC_H264_SLICE:
	case VC_H264_PART_A:
	case VC_H264_IDR:
		return take_slice(h, nal, len);
	default:
		return 0;
	}
}

static int append(struct vc_frameasm *fa, const uint8_t *p, size_t len)
{
	return vc_framebuf_add(&fa->frame, p, len, fa->conf.max_octets);
}

static int append_code(struct vc_frameasm *fa)
{
	static const uint8_t code[CODE] = { 0, 0, 0, 1 };

	return append(fa, code, CODE);
}

static int add_unit(struct vc_frameasm *fa, const uint8_t *nal, size_t len)
{
	size_t at = fa->frame.len;
	int err = append_code(fa);

	if (!err)
		err = append(fa, nal, len);
	return err ? err : look_at(fa, at);
}

static int add_fragment(struct vc_frameasm *fa,
			const struct vc_h264_payload *in)
{
	struct h264 *h = fa->state;
	int err = 0;

	if (in->start == h->is_open)
		return -EBADMSG;
	if (in->start) {
		h->start = fa->frame.len;
		h->is_open = true;
		err = append_code(fa);
		if (!err)
			err = append(fa, &in->head, 1);
	} else if ((fa->frame.p[h->start + CODE] & 0x1f) !=
		   vc_h264_type(in->head)) {
		return -EBADMSG;
	}
	if (!err)
		err = append(fa, in->p, in->len);
	if (err || !in->end)
		return err;
	h->is_open = false;
	return look_at(fa, h->start);
}

static int add(struct vc_frameasm *fa, const uint8_t *p, size_t len)
{
	struct h264 *h = fa->state;
	struct vc_h264_payload in;
	struct vc_rd r;
	int err = 0;

	if (vc_h264_payload_parse(&in, p, len))
		return -EBADMSG;
	if (in.kind == VC_H264_FU_A)
		return add_fragment(fa, &in);
	if (h->is_open)
		return -EBADMSG;
	if (in.kind != VC_H264_STAP_A)
		return add_unit(fa, in.p, in.len);
	r = vc_rd_over(in.p, in.len);
	while (!err && vc_h264_stap_next(&r, &p, &len))
		err = add_unit(fa, p, len);
	return err;
}

/* A set with its start code, written at 'p'. Returns its length. */
static size_t put_set(uint8_t *p, const struct set *set)
{
	memcpy(p, "\0\0\0\1", CODE);
	memcpy(p + CODE, set->p, set->len);
	return CODE + set->len;
}

/* The sequence's sets, all of them, to the front of the frame. */
static int insert_sets(struct vc_frameasm *fa)
{
	struct h264 *h = fa->state;
	const struct set *sps = &h->sps[h->sps_id];
	size_t n = CODE + sps->len;
	uint8_t *p;
	int err;

	for (size_t i = 0; i < VC_H264_PPS_MAX; i++)
		if (h->pps[i].p && h->sps_of[i] == h->sps_id)
			n += CODE + h->pps[i].len;
	err = vc_framebuf_reserve(&fa->frame, n, fa->conf.max_octets);
	if (err)
		return err;
	p = fa->frame.p + h->front;
	memmove(p + n, p, fa->frame.len - h->front);
	fa->frame.len += n;
	p += put_set(p, sps);
	for (size_t i = 0; i < VC_H264_PPS_MAX; i++)
		if (h->pps[i].p && h->sps_of[i] == h->sps_id)
			p += put_set(p, &h->pps[i]);
	return 0;
}

/* What a decoder allocates is whole macroblocks, before anything is cropped. */
static bool is_too_large(const struct vc_frameasm *fa,
			 const struct vc_h264_sps *s)
{
	return s->coded_width > fa->conf.max_width + 15 ||
	       s->coded_height > fa->conf.max_height + 31;
}

static int end(struct vc_frameasm *fa, struct vc_frameasm_found *found)
{
	struct h264 *h = fa->state;
	const struct vc_h264_sps *sps = &h->size[h->sps_id];

	if (h->is_open)
		return -EBADMSG;
	if (!h->has_slice)
		return -ENODATA;
	found->is_key = h->has_idr;
	if (h->is_unknown)
		return fa->conf.may_lack_sets ? 0 : -EAGAIN;
	if (is_too_large(fa, sps))
		return -EFBIG;
	found->width = sps->width;
	found->height = sps->height;
	return h->has_idr && h->lacks ? insert_sets(fa) : 0;
}

const struct vc_frameasm_ops vc_frameasm_h264 = {
	.open = open_state,
	.close = close_state,
	.begin = begin,
	.fmtp = fmtp,
	.add = add,
	.end = end,
};
