/* SPDX-License-Identifier: MIT */
/*
 * A codec, what a container says of it, and a frame. What comes out is taken by
 * the packetiser as it is.
 *
 *   codec (1 octet) , length of the record (1) , record , frames: length (2)
 *   and octets
 */
#include <errno.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "engine/refit.h"
#include "session/framepack.h"
#include "wire/av1.h"
#include "wire/avcc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void cut(enum vc_codec codec, const struct vc_refit_frame *f)
{
	uint8_t payload[VC_FRAMEPACK_PACKET_MAX];
	const struct vc_framepack_conf conf = { .codec = codec,
						.max_payload = 1000,
						.is_key = f->is_key,
						.is_ref = true };
	struct vc_framepack pack;
	size_t sum = 0, n;
	bool marker;
	int err;

	if (!vc_framepack_can(codec))
		return;
	err = vc_framepack_init(&pack, &conf, f->p, f->len);
	if (err && codec == VC_CODEC_H264)
		abort();
	while ((n = vc_framepack_next(&pack, payload, &marker)))
		sum += n;
	if (!err && !sum)
		abort();
}

/* What is said of it in a container is read again. */
static void describe(enum vc_codec codec, const struct vc_refit_frame *f)
{
	uint8_t room[4096];
	struct vc_wr w = vc_wr_over(room, sizeof(room));
	struct vc_avcc a;
	int err = -ENOTSUP;

	if (codec == VC_CODEC_H264 && !vc_avcc_write(&w, f->p, f->len) &&
	    vc_avcc_parse(&a, room, vc_wr_len(&w)))
		abort();
	if (codec == VC_CODEC_AV1 && !vc_av1c_write(&w, f->p, f->len)) {
		vc_refit_free(vc_refit_new(codec, room, vc_wr_len(&w), &err));
		if (err && err != -ENOMEM)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum vc_codec codecs[] = { VC_CODEC_H264, VC_CODEC_AV1,
						VC_CODEC_OPUS, VC_CODEC_VP8,
						VC_CODEC_VP9,  VC_CODEC_PCMU };
	struct vc_rd r = vc_rd_over(data, size);
	enum vc_codec codec = codecs[vc_rd_u8(&r) % VC_COUNT(codecs)];
	size_t priv_len = vc_rd_u8(&r);
	const uint8_t *priv = vc_rd_bytes(&r, priv_len);
	char fmtp[VC_REFIT_FMTP];
	struct vc_refit *fit;
	int err;

	if (r.bad)
		return 0;
	fit = vc_refit_new(codec, priv, priv_len, &err);
	while (fit && vc_rd_left(&r)) {
		size_t len = vc_rd_u16(&r);
		struct vc_refit_frame f;
		const uint8_t *p;

		if (len > vc_rd_left(&r))
			len = vc_rd_left(&r);
		p = vc_rd_bytes(&r, len);
		if (!p || vc_refit(fit, p, len, len & 1, &f))
			continue;
		describe(codec, &f);
		cut(codec, &f);
	}
	if (fit)
		vc_refit_fmtp(fit, fmtp);
	vc_refit_free(fit);
	return 0;
}
