/* SPDX-License-Identifier: MIT */
/*
 * The first octet of a payload looks like that of a NAL unit: F NRI(2) type(5).
 * Types 1 to 23 are a unit as it is; a STAP-A (24) is units, each after its
 * length; a FU-A (28) has an octet S E R type(5) and a part of one.
 */
#include "wire/h264.h"

#include <errno.h>

#define FORBIDDEN 0x80
#define NRI 0x60
#define FU_S 0x80
#define FU_E 0x40

/* A unit that may stand alone. */
static bool is_unit(const uint8_t *p, size_t len)
{
	unsigned int type = len ? vc_h264_type(p[0]) : 0;

	return type >= 1 && type <= VC_H264_LAST && !(p[0] & FORBIDDEN);
}

bool vc_h264_stap_next(struct vc_rd *r, const uint8_t **nal, size_t *len)
{
	if (!vc_rd_left(r))
		return false;
	*len = vc_rd_u16(r);
	*nal = vc_rd_bytes(r, *len);
	return *nal;
}

static int check_stap(const struct vc_h264_payload *h)
{
	struct vc_rd r = vc_rd_over(h->p, h->len);
	const uint8_t *nal;
	size_t len;

	while (vc_h264_stap_next(&r, &nal, &len))
		if (!is_unit(nal, len))
			r.bad = true;
	return r.bad || !h->len ? -EBADMSG : 0;
}

static int read_fu(struct vc_h264_payload *h, uint8_t indicator,
		   struct vc_rd *r)
{
	uint8_t octet = vc_rd_u8(r);

	h->start = octet & FU_S;
	h->end = octet & FU_E;
	h->head = (uint8_t)((indicator & NRI) | vc_h264_type(octet));
	h->p = r->p;
	h->len = vc_rd_left(r);
	return r->bad || (h->start && h->end) || !is_unit(&h->head, 1) ?
		       -EBADMSG :
		       0;
}

int vc_h264_payload_parse(struct vc_h264_payload *h, const uint8_t *p,
			  size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	uint8_t first = vc_rd_u8(&r);
	struct vc_h264_payload v = { .kind = vc_h264_type(first) };
	int err = 0;

	if (r.bad || first & FORBIDDEN)
		return -EBADMSG;
	v.p = r.p;
	v.len = vc_rd_left(&r);
	if (v.kind == VC_H264_STAP_A) {
		err = check_stap(&v);
	} else if (v.kind == VC_H264_FU_A) {
		err = read_fu(&v, first, &r);
	} else if (is_unit(p, len)) {
		v.p = p;
		v.len = len;
	} else {
		err = -EBADMSG;
	}
	if (!err)
		*h = v;
	return err;
}

/* A unit, maybe only its beginning. */
static bool begins_key(uint8_t head, const uint8_t *p, size_t len)
{
	/* The first bit of a slice says that it begins with macroblock 0. */
	return vc_h264_type(head) == VC_H264_SPS ||
	       (vc_h264_type(head) == VC_H264_IDR && len && p[0] & 0x80);
}

bool vc_h264_is_key_start(const uint8_t *payload, size_t len)
{
	struct vc_h264_payload h;
	const uint8_t *nal;
	struct vc_rd r;
	size_t n;

	if (vc_h264_payload_parse(&h, payload, len))
		return false;
	if (h.kind == VC_H264_FU_A)
		return h.start && begins_key(h.head, h.p, h.len);
	if (h.kind != VC_H264_STAP_A)
		return begins_key(h.p[0], h.p + 1, h.len - 1);
	r = vc_rd_over(h.p, h.len);
	while (vc_h264_stap_next(&r, &nal, &n))
		if (begins_key(nal[0], nal + 1, n - 1))
			return true;
	return false;
}

/* The next 00 00 01 at or after 'p'; NULL: none. */
static const uint8_t *find_code(const uint8_t *p, const uint8_t *end)
{
	while ((size_t)(end - p) >= 3) {
		const uint8_t *one = memchr(p + 2, 1, (size_t)(end - p) - 2);

		if (!one)
			return NULL;
		if (!one[-1] && !one[-2])
			return one - 2;
		p = one - 1;
	}
	return NULL;
}

bool vc_h264_annexb_next(struct vc_rd *r, const uint8_t **nal, size_t *len)
{
	const uint8_t *start, *end;

	while (!r->bad && r->p) {
		start = find_code(r->p, r->end);
		if (!start)
			return false;
		start += 3;
		end = find_code(start, r->end);
		r->p = end ? end : r->end;
		end = r->p;
		while (end > start && !end[-1])
			end--;
		*nal = start;
		*len = (size_t)(end - start);
		if (*len)
			return true;
	}
	return false;
}

bool vc_h264_has_code(const uint8_t *nal, size_t len)
{
	return find_code(nal, nal + len);
}
