/* SPDX-License-Identifier: MIT */
/*
 * Payload types come from the description. What it does not have is sent as
 * our default, which vc-recv takes without any.
 */
#include "link/fecopt.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "session/fecenc.h"
#include "session/redaudio.h"
#include "wire/defaults.h"
#include "wire/rtpext.h"
#include "wire/sdp.h"

#define DEFAULT_FLEX 118
#define DEFAULT_RED 63

/* --- options --- */

error_t vc_fec_opt(struct argp_state *state, const char *arg,
		   struct vc_fec_opts *o)
{
	size_t len = strlen(arg);
	char digits[4] = "";
	uint64_t n;

	o->has_fec = true;
	o->percent = 0;
	if (!strcmp(arg, "auto"))
		return 0;
	if (len >= 2 && len <= sizeof(digits) && arg[len - 1] == '%')
		memcpy(digits, arg, len - 1);
	if (vc_num_u64(digits, 1, VC_FECENC_PERCENT_MAX, &n))
		argp_error(state, "--fec: auto, or 1%% to %d%%",
			   VC_FECENC_PERCENT_MAX);
	o->percent = (unsigned int)n;
	return 0;
}

error_t vc_red_opt(struct argp_state *state, const char *arg,
		   struct vc_fec_opts *o)
{
	uint64_t n;

	if (vc_num_u64(arg, 1, VC_REDTX_BLOCKS_MAX, &n))
		argp_error(state, "--red: 1 to %d", VC_REDTX_BLOCKS_MAX);
	o->red = (unsigned int)n;
	return 0;
}

/* --- formats --- */

static int pt_of(const struct vc_sdp_media *m, enum vc_codec codec)
{
	const struct vc_sdp_fmt *f = vc_sdp_find_codec(m, codec);

	return f ? f->pt : -1;
}

/* What is written when a packet leaves, later than its parity is made. */
static uint16_t volatile_ids(const struct vc_sdp_media *m)
{
	static const char *const uris[] = { VC_EXT_URI_ABS_SEND_TIME,
					    VC_EXT_URI_TWCC };
	uint16_t ids = 0;

	for (size_t i = 0; i < VC_COUNT(uris); i++) {
		uint8_t id = vc_sdp_find_ext(m, uris[i]);

		if (id && id < 15)
			ids = (uint16_t)(ids | 1u << id);
	}
	return ids;
}

uint16_t vc_fec_volatile_ids(const struct vc_sdp *sdp)
{
	uint16_t ids = 0;

	for (unsigned int i = 0; i < sdp->n_media; i++) {
		if (sdp->media[i].kind == VC_VIDEO)
			ids |= volatile_ids(&sdp->media[i]);
	}
	return ids;
}

/* RED whose blocks are of 'pt'; -1: none. */
static int red_of(const struct vc_sdp_media *m, int pt)
{
	char want[8];
	size_t len = (size_t)snprintf(want, sizeof(want), "%d/", pt);

	for (unsigned int i = 0; i < m->n_fmt; i++) {
		const struct vc_sdp_fmt *f = &m->fmt[i];

		if (vc_codec_by_name(f->codec) == VC_CODEC_RED &&
		    f->fmtp.len > len && !memcmp(f->fmtp.p, want, len))
			return f->pt;
	}
	return -1;
}

static void learn_section(struct vc_fec_formats *f,
			  const struct vc_sdp_media *m)
{
	if (m->kind == VC_VIDEO && f->flex < 0)
		f->flex = pt_of(m, VC_CODEC_FLEXFEC);
	if (m->kind == VC_VIDEO && (f->ulp < 0 || f->ulp_red < 0)) {
		f->ulp = pt_of(m, VC_CODEC_ULPFEC);
		f->ulp_red = pt_of(m, VC_CODEC_RED);
	}
	if (m->kind == VC_AUDIO && f->opus < 0) {
		f->opus = pt_of(m, VC_CODEC_OPUS);
		f->red = red_of(m, f->opus);
	}
}

void vc_fec_formats(struct vc_fec_formats *f, const struct vc_sdp *sdp)
{
	*f = (struct vc_fec_formats){ .flex = -1,
				      .ulp = -1,
				      .ulp_red = -1,
				      .opus = -1,
				      .red = -1 };
	for (unsigned int i = 0; i < sdp->n_media; i++)
		learn_section(f, &sdp->media[i]);
	f->volatile_ids = vc_fec_volatile_ids(sdp);
	if (f->flex < 0 && (f->ulp < 0 || f->ulp_red < 0) &&
	    !vc_sdp_find_pt(sdp, DEFAULT_FLEX, NULL, NULL)) {
		f->flex = DEFAULT_FLEX;
		f->adds_flex = true;
	}
	if (f->red < 0 && f->opus >= 0 &&
	    !vc_sdp_find_pt(sdp, DEFAULT_RED, NULL, NULL)) {
		f->red = DEFAULT_RED;
		f->adds_red = true;
		snprintf(f->red_fmtp, sizeof(f->red_fmtp), "%d/%d", f->opus,
			 f->opus);
	}
}

static void add_fmt(struct vc_sdp *sdp, enum vc_kind kind, uint8_t pt,
		    const char *fmtp)
{
	const struct vc_default_fmt *def = vc_default_find(pt);

	for (unsigned int i = 0; i < sdp->n_media; i++) {
		struct vc_sdp_media *m = &sdp->media[i];

		if (m->kind != kind || m->n_fmt == VC_SDP_FMT_MAX)
			continue;
		m->fmt[m->n_fmt] = (struct vc_sdp_fmt){
			.pt = pt,
			.codec = vc_str_c(def->codec),
			.rate = def->rate,
			.channels = def->channels,
			.fmtp = vc_str_c(fmtp),
		};
		m->n_fmt++;
		return;
	}
}

void vc_fec_describe(const struct vc_fec_formats *f, bool fec, bool red,
		     struct vc_sdp *sdp)
{
	if (f->adds_flex && fec)
		add_fmt(sdp, VC_VIDEO, DEFAULT_FLEX,
			vc_default_find(DEFAULT_FLEX)->fmtp);
	if (f->adds_red && red)
		add_fmt(sdp, VC_AUDIO, DEFAULT_RED, f->red_fmtp);
}
