/* SPDX-License-Identifier: MIT */
#include "tool/capformat.h"

#include "base/mem.h"
#include "session/roster.h"
#include "tool/capscan.h"
#include "tool/in.h"

#define UNKNOWN_HZ 90000 /* as vc_in_set_format() takes it */

/* RFC 3551, of those that our defaults do not have. */
static const struct {
	uint8_t pt;
	enum vc_kind kind;
	uint32_t rate_hz;
} static_types[] = {
	{ 3, VC_AUDIO, 8000 },	 { 4, VC_AUDIO, 8000 },
	{ 5, VC_AUDIO, 8000 },	 { 6, VC_AUDIO, 16000 },
	{ 7, VC_AUDIO, 8000 },	 { 10, VC_AUDIO, 44100 },
	{ 11, VC_AUDIO, 44100 }, { 12, VC_AUDIO, 8000 },
	{ 14, VC_AUDIO, 90000 }, { 15, VC_AUDIO, 8000 },
	{ 16, VC_AUDIO, 11025 }, { 17, VC_AUDIO, 22050 },
	{ 18, VC_AUDIO, 8000 },	 { 25, VC_VIDEO, 90000 },
	{ 26, VC_VIDEO, 90000 }, { 28, VC_VIDEO, 90000 },
	{ 31, VC_VIDEO, 90000 }, { 32, VC_VIDEO, 90000 },
	{ 33, VC_OTHER, 90000 }, { 34, VC_VIDEO, 90000 },
};

static void set_format(struct vc_source *src, enum vc_kind kind,
		       enum vc_codec codec, uint32_t rate_hz,
		       unsigned int channels)
{
	src->kind = (int)kind;
	src->codec = (int)codec;
	src->format_hz = rate_hz;
	src->channels = channels;
	if (!src->rate_hz)
		src->rate_hz = rate_hz;
}

static bool by_call(const struct vc_capcall *call, struct vc_source *src,
		    uint8_t pt)
{
	for (unsigned int i = 0; i < call->n_formats; i++) {
		const struct vc_sipformat *f = &call->formats[i];

		if (f->pt != pt)
			continue;
		/* Without an rtpmap there is no clock to divide by. */
		set_format(src, call->kinds[i], f->codec,
			   f->rate_hz ? f->rate_hz : UNKNOWN_HZ, f->channels);
		return true;
	}
	return false;
}

static void by_number(struct vc_source *src, uint8_t pt)
{
	for (size_t i = 0; i < VC_COUNT(static_types); i++) {
		if (static_types[i].pt == pt)
			set_format(src, static_types[i].kind, VC_CODEC_NONE,
				   static_types[i].rate_hz, 1);
	}
}

void vc_capformat_set(struct vc_source *src, const struct vc_capflow *flow,
		      const struct vc_sdp *sdp, bool is_operators, uint8_t pt)
{
	src->pt = pt;
	src->told = flow->told;
	src->is_by_call = !is_operators && flow->call &&
			  by_call(flow->call, src, pt);
	if (src->is_by_call)
		return;
	set_format(src, VC_OTHER, VC_CODEC_NONE, 0, 0);
	src->section = -1;
	if (sdp)
		vc_in_set_format(src, sdp, pt);
	if (src->section < 0)
		by_number(src, pt);
}
