/* SPDX-License-Identifier: MIT */
/*
 * Each reader looks for the element, checks its length, and reads octets. A
 * longer element than it knows is taken where its standard says that more may
 * follow.
 */
#include <string.h>

#include "base/time.h"
#include "wire/ntp.h"
#include "wire/rtpext.h"

bool vc_ext_audio_level(const struct vc_rtp *rtp, uint8_t id,
			struct vc_audio_level *out)
{
	const uint8_t *p;
	size_t len;

	/* One octet; more than that may follow in later versions. */
	if (!vc_ext_find(rtp, id, &p, &len) || !len)
		return false;
	out->voice = p[0] & 0x80;
	out->level = p[0] & 0x7f;
	return true;
}

void vc_ext_write_audio_level(struct vc_wr *w, uint8_t id, bool voice,
			      uint8_t level)
{
	uint8_t v = level > 127 ? 127 : level;

	if (voice)
		v |= 0x80;
	vc_ext_write(w, id, &v, 1);
}

unsigned int vc_ext_csrc_levels(const struct vc_rtp *rtp, uint8_t id,
				uint8_t out[static VC_RTP_CSRC_MAX])
{
	const uint8_t *p;
	size_t len;

	if (!vc_ext_find(rtp, id, &p, &len))
		return 0;
	if (len > rtp->n_csrc)
		len = rtp->n_csrc;
	for (size_t i = 0; i < len; i++)
		out[i] = p[i] & 0x7f;
	return (unsigned int)len;
}

bool vc_ext_send_time(const struct vc_rtp *rtp, uint8_t id, uint32_t *out)
{
	const uint8_t *p;
	size_t len;

	if (!vc_ext_find(rtp, id, &p, &len) || len != 3)
		return false;
	*out = (uint32_t)p[0] << 16 | vc_get_u16(p + 1);
	return true;
}

void vc_ext_set_send_time(uint8_t p[static 3], int64_t ns)
{
	uint32_t v = (uint32_t)(vc_ntp_from_ns(ns) >> 14);

	p[0] = (uint8_t)(v >> 16);
	vc_put_u16(p + 1, (uint16_t)v);
}

int64_t vc_ext_send_time_diff(uint32_t a, uint32_t b)
{
	int64_t d = (b - a) & 0xffffff;

	if (d >= 1 << 23)
		d -= 1 << 24;
	return d * VC_SEC / (1 << 18);
}

bool vc_ext_twcc(const struct vc_rtp *rtp, uint8_t id, uint16_t *out)
{
	const uint8_t *p;
	size_t len;

	if (!vc_ext_find(rtp, id, &p, &len) || (len != 2 && len != 4))
		return false;
	*out = vc_get_u16(p);
	return true;
}

void vc_ext_set_twcc(uint8_t p[static 2], uint16_t seq)
{
	vc_put_u16(p, seq);
}

/* Signed seconds in 32.32 bits, and back. */
static int64_t q32_to_ns(uint64_t v)
{
	int64_t s = (int32_t)(uint32_t)(v >> 32);

	return s * VC_SEC + (int64_t)(((v & UINT32_MAX) * 1000000000u) >> 32);
}

static uint64_t q32_from_ns(int64_t ns)
{
	int64_t s = ns / VC_SEC, part = ns % VC_SEC;

	if (part < 0) {
		s--;
		part += VC_SEC;
	}
	/* Rounded up, since the way back rounds down. */
	return ((uint64_t)(uint32_t)s << 32) |
	       ((((uint64_t)part << 32) + 999999999u) / 1000000000u);
}

bool vc_ext_capture_time(const struct vc_rtp *rtp, uint8_t id,
			 struct vc_capture_time *out)
{
	const uint8_t *p;
	size_t len;

	if (!vc_ext_find(rtp, id, &p, &len) || (len != 8 && len != 16))
		return false;
	*out = (struct vc_capture_time){ .ntp = vc_get_u64(p) };
	if (len == 16) {
		out->has_offset = true;
		out->offset_ns = q32_to_ns(vc_get_u64(p + 8));
	}
	return true;
}

size_t vc_ext_set_capture_time(uint8_t p[static 16],
			       const struct vc_capture_time *t)
{
	vc_put_u64(p, t->ntp);
	if (!t->has_offset)
		return 8;
	vc_put_u64(p + 8, q32_from_ns(t->offset_ns));
	return 16;
}

/* RFC 8866 section 9, token-char. */
static bool is_token_char(uint8_t c)
{
	return c > 0x20 && c < 0x7f && !strchr("\"(),/:;<=>?@[\\]", c);
}

bool vc_ext_token(const struct vc_rtp *rtp, uint8_t id, struct vc_str *out)
{
	const uint8_t *p;
	size_t len;

	if (!vc_ext_find(rtp, id, &p, &len) || !len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_token_char(p[i]))
			return false;
	*out = (struct vc_str){ .p = (const char *)p, .len = len };
	return true;
}

bool vc_ext_orientation(const struct vc_rtp *rtp, uint8_t id,
			struct vc_orientation *out)
{
	const uint8_t *p;
	size_t len;

	if (!vc_ext_find(rtp, id, &p, &len) || len != 1)
		return false;
	*out = (struct vc_orientation){
		.is_back = p[0] & 8,
		.is_flipped = p[0] & 4,
		.turn = (p[0] & 3) * 90u,
	};
	return true;
}

uint8_t vc_ext_orientation_octet(const struct vc_orientation *o)
{
	return (uint8_t)((o->is_back ? 8 : 0) | (o->is_flipped ? 4 : 0) |
			 (o->turn / 90 & 3));
}
