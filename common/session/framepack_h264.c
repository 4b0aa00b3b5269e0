/* SPDX-License-Identifier: MIT */
/*
 * Units that fit together go into one STAP-A, one that is longer than a payload
 * into fragments of equal size, any other by itself; in packetization-mode 0
 * each by itself. The last payload of the access unit has the marker.
 */
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "session/framepack_internal.h"
#include "wire/h264.h"

#define FU_HEAD 2
#define STAP_LEN 2 /* octets of a length in an aggregate */
#define FORBIDDEN 0x80
#define NRI 0x60
#define FU_START 0x80
#define FU_END 0x40

static int init(struct vc_framepack *pk)
{
	struct vc_rd r = vc_rd_over(pk->p, pk->left);
	const uint8_t *nal;
	size_t len;

	pk->left = 0;
	while (vc_h264_annexb_next(&r, &nal, &len)) {
		unsigned int type = vc_h264_type(nal[0]);

		if (!type || type > VC_H264_LAST || nal[0] & FORBIDDEN)
			return -EBADMSG;
		if (len > pk->conf.max_payload && pk->conf.single_only)
			return -EMSGSIZE;
		pk->left += len;
	}
	return pk->left ? 0 : -EBADMSG;
}

static size_t next_fragment(struct vc_framepack *pk, uint8_t *out)
{
	size_t len = (pk->unit_left + pk->n - 1) / pk->n;

	out[0] = (uint8_t)((pk->head[0] & NRI) | VC_H264_FU_A);
	out[1] = (uint8_t)(vc_h264_type(pk->head[0]) |
			   (pk->unit_at ? 0 : FU_START) |
			   (pk->n == 1 ? FU_END : 0));
	memcpy(out + FU_HEAD, pk->unit, len);
	pk->unit += len;
	pk->unit_at += len;
	pk->unit_left -= len;
	pk->left -= len;
	pk->n--;
	return FU_HEAD + len;
}

static size_t begin_fragments(struct vc_framepack *pk, uint8_t *out,
			      const uint8_t *nal, size_t len)
{
	size_t room = pk->conf.max_payload - FU_HEAD;

	pk->head[0] = nal[0];
	pk->unit = nal + 1;
	pk->unit_left = len - 1;
	pk->unit_at = 0;
	pk->n = (pk->unit_left + room - 1) / room;
	pk->left--;
	return next_fragment(pk, out);
}

/* As many units as fit, from 'pk->p'. 0: fewer than two do. */
static size_t aggregate(struct vc_framepack *pk, uint8_t *out)
{
	struct vc_rd r = vc_rd_over(pk->p, (size_t)(pk->end - pk->p));
	struct vc_rd taken = r;
	size_t at = 1, n = 0, sum = 0, len;
	const uint8_t *nal;
	uint8_t nri = 0;

	while (vc_h264_annexb_next(&r, &nal, &len) &&
	       at + STAP_LEN + len <= pk->conf.max_payload) {
		vc_put_u16(out + at, (uint16_t)len);
		memcpy(out + at + STAP_LEN, nal, len);
		at += STAP_LEN + len;
		sum += len;
		n++;
		if ((nal[0] & NRI) > nri)
			nri = nal[0] & NRI;
		taken = r;
	}
	if (n < 2)
		return 0;
	out[0] = nri | VC_H264_STAP_A;
	pk->p = taken.p;
	pk->left -= sum;
	return at;
}

static size_t next_unit(struct vc_framepack *pk, uint8_t *out)
{
	struct vc_rd r = vc_rd_over(pk->p, (size_t)(pk->end - pk->p));
	const uint8_t *nal;
	size_t len;

	if (!vc_h264_annexb_next(&r, &nal, &len))
		return 0;
	pk->p = r.p;
	if (len > pk->conf.max_payload)
		return begin_fragments(pk, out, nal, len);
	memcpy(out, nal, len);
	pk->left -= len;
	return len;
}

static size_t next(struct vc_framepack *pk, uint8_t *out, bool *marker)
{
	size_t len = 0;

	if (pk->n)
		len = next_fragment(pk, out);
	else if (!pk->conf.single_only)
		len = aggregate(pk, out);
	if (!len)
		len = next_unit(pk, out);
	*marker = !pk->left;
	return len;
}

const struct vc_framepack_ops vc_framepack_h264 = { init, next };
