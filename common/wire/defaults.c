/* SPDX-License-Identifier: MIT */
/* The tables, in the order in which a description lists them. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "wire/defaults.h"
#include "wire/rtpext.h"

#define FB_VIDEO (VC_FB_NACK | VC_FB_PLI | VC_FB_FIR)
#define H264_FMTP                                         \
	"level-asymmetry-allowed=1;packetization-mode=1;" \
	"profile-level-id=42e01f"

const struct vc_default_fmt vc_default_fmts[] = {
	{ 111, "opus", 48000, 2, VC_AUDIO, NULL, "minptime=10;useinbandfec=1",
	  0 },
	{ 63, "red", 48000, 2, VC_AUDIO, NULL, "111/111", 0 },
	{ 0, "PCMU", 8000, 1, VC_AUDIO, NULL, NULL, 0 },
	{ 8, "PCMA", 8000, 1, VC_AUDIO, NULL, NULL, 0 },
	{ 9, "G722", 8000, 1, VC_AUDIO, NULL, NULL, 0 },
	{ 13, "CN", 8000, 1, VC_AUDIO, NULL, NULL, 0 },
	{ 101, "telephone-event", 8000, 1, VC_AUDIO, NULL, "0-15", 0 },
	{ 110, "telephone-event", 48000, 1, VC_AUDIO, NULL, "0-15", 0 },
	{ 96, "VP8", 90000, 1, VC_VIDEO, NULL, NULL, FB_VIDEO },
	{ 97, "rtx", 90000, 1, VC_VIDEO, NULL, "apt=96", 0 },
	{ 98, "VP9", 90000, 1, VC_VIDEO, NULL, "profile-id=0", FB_VIDEO },
	{ 99, "rtx", 90000, 1, VC_VIDEO, NULL, "apt=98", 0 },
	{ 102, "H264", 90000, 1, VC_VIDEO, NULL, H264_FMTP, FB_VIDEO },
	{ 103, "rtx", 90000, 1, VC_VIDEO, NULL, "apt=102", 0 },
	{ 45, "AV1", 90000, 1, VC_VIDEO, NULL, NULL, FB_VIDEO },
	{ 46, "rtx", 90000, 1, VC_VIDEO, NULL, "apt=45", 0 },
	{ 118, "flexfec-03", 90000, 1, VC_VIDEO, NULL, "repair-window=10000000",
	  0 },
	{ 119, "ulpfec", 90000, 1, VC_VIDEO, NULL, NULL, 0 },
	{ 120, "red", 90000, 1, VC_VIDEO, NULL, NULL, 0 },
	{ 104, "VP8", 90000, 1, VC_VIDEO, "slides", NULL, FB_VIDEO },
	{ 105, "rtx", 90000, 1, VC_VIDEO, "slides", "apt=104", 0 },
	{ 106, "VP9", 90000, 1, VC_VIDEO, "slides", "profile-id=0", FB_VIDEO },
	{ 107, "rtx", 90000, 1, VC_VIDEO, "slides", "apt=106", 0 },
	{ 117, "t140", 1000, 1, VC_TEXT, NULL, NULL, 0 },
	{ 116, "red", 1000, 1, VC_TEXT, NULL, "117/117/117", 0 },
};
const size_t vc_default_n_fmts = VC_COUNT(vc_default_fmts);

const struct vc_default_ext vc_default_exts[] = {
	{ VC_EXT_AUDIO_LEVEL, VC_EXT_URI_AUDIO_LEVEL, true, false },
	{ VC_EXT_ABS_SEND_TIME, VC_EXT_URI_ABS_SEND_TIME, true, true },
	{ VC_EXT_TWCC, VC_EXT_URI_TWCC, true, true },
	{ VC_EXT_MID, VC_EXT_URI_MID, true, true },
	{ VC_EXT_ABS_CAPTURE_TIME, VC_EXT_URI_ABS_CAPTURE_TIME, true, true },
	{ VC_EXT_RID, VC_EXT_URI_RID, false, true },
	{ VC_EXT_REPAIRED_RID, VC_EXT_URI_REPAIRED_RID, false, true },
	{ VC_EXT_ORIENTATION, VC_EXT_URI_ORIENTATION, false, true },
	{ VC_EXT_CSRC_LEVELS, VC_EXT_URI_CSRC_LEVELS, true, false },
};
const size_t vc_default_n_exts = VC_COUNT(vc_default_exts);

int vc_default_pt(enum vc_codec codec, bool is_slides)
{
	struct vc_str name = vc_str_c(vc_codec_name(codec));

	for (size_t i = 0; i < VC_COUNT(vc_default_fmts); i++) {
		const struct vc_default_fmt *f = &vc_default_fmts[i];

		if (!f->content == !is_slides &&
		    vc_str_is_nocase(name, f->codec))
			return f->pt;
	}
	return -1;
}

int vc_default_pt_of(enum vc_codec codec, enum vc_kind kind, uint32_t rate_hz)
{
	struct vc_str name = vc_str_c(vc_codec_name(codec));

	for (size_t i = 0; i < VC_COUNT(vc_default_fmts); i++) {
		const struct vc_default_fmt *f = &vc_default_fmts[i];

		if (f->kind == kind && f->rate == rate_hz &&
		    vc_str_is_nocase(name, f->codec))
			return f->pt;
	}
	return -1;
}

const struct vc_default_fmt *vc_default_find(uint8_t pt)
{
	for (size_t i = 0; i < VC_COUNT(vc_default_fmts); i++) {
		if (vc_default_fmts[i].pt == pt)
			return &vc_default_fmts[i];
	}
	return NULL;
}

static void add_exts(struct vc_sdp_media *m)
{
	for (size_t i = 0; i < VC_COUNT(vc_default_exts); i++) {
		const struct vc_default_ext *e = &vc_default_exts[i];

		if (!(m->kind == VC_AUDIO && e->audio) &&
		    !(m->kind == VC_VIDEO && e->video))
			continue;
		m->ext[m->n_ext] =
			(struct vc_sdp_extmap){ .id = e->id,
						.uri = vc_str_c(e->uri) };
		m->n_ext++;
	}
}

/* The section of 'def', made where it is not there; NULL: full. */
static struct vc_sdp_media *section_of(struct vc_sdp *sdp,
				       const struct vc_default_fmt *def)
{
	struct vc_sdp_media *m;

	for (unsigned int i = 0; i < sdp->n_media; i++) {
		m = &sdp->media[i];
		if (m->kind == def->kind &&
		    vc_str_eq(m->content, vc_str_c(def->content)))
			return m;
	}
	if (sdp->n_media == VC_SDP_MEDIA_MAX)
		return NULL;
	m = &sdp->media[sdp->n_media];
	*m = (struct vc_sdp_media){
		.kind = def->kind,
		.proto = vc_str_c("RTP/AVP"),
		.is_rtp = true,
		.mid = vc_str_c(def->content ? def->content :
					       vc_kind_name(def->kind)),
		.content = vc_str_c(def->content),
		.rtcp_mux = true,
	};
	add_exts(m);
	sdp->n_media++;
	return m;
}

int vc_default_add(struct vc_sdp *sdp, uint8_t pt)
{
	const struct vc_default_fmt *def = vc_default_find(pt);

	return def ? vc_default_add_fmt(sdp, def) : -ENOENT;
}

int vc_default_add_fmt(struct vc_sdp *sdp, const struct vc_default_fmt *def)
{
	struct vc_sdp_media *m;

	if (vc_sdp_find_pt(sdp, def->pt, NULL, NULL))
		return -EEXIST;
	m = section_of(sdp, def);
	if (!m || m->n_fmt == VC_SDP_FMT_MAX)
		return -E2BIG;
	m->fmt[m->n_fmt] = (struct vc_sdp_fmt){
		.pt = def->pt,
		.codec = vc_str_c(def->codec),
		.rate = def->rate,
		.channels = def->channels,
		.fmtp = vc_str_c(def->fmtp),
		.fb = def->fb,
	};
	m->n_fmt++;
	return 0;
}

void vc_default_sdp(struct vc_sdp *sdp)
{
	memset(sdp, 0, sizeof(*sdp));
	for (size_t i = 0; i < VC_COUNT(vc_default_fmts); i++)
		(void)vc_default_add(sdp, vc_default_fmts[i].pt);
}
