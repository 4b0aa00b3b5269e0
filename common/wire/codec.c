/* SPDX-License-Identifier: MIT */
/* One table, indexed by enum vc_codec. */
#include "base/mem.h"
#include "wire/codec.h"

static const struct {
	const char *name;
	enum vc_kind kind;
	uint32_t rate;
	uint8_t channels;
} codecs[] = {
	[VC_CODEC_NONE] = { "none", VC_OTHER, 0, 1 },
	[VC_CODEC_OPUS] = { "opus", VC_AUDIO, 48000, 2 },
	[VC_CODEC_PCMU] = { "PCMU", VC_AUDIO, 8000, 1 },
	[VC_CODEC_PCMA] = { "PCMA", VC_AUDIO, 8000, 1 },
	/* Samples at 16 kHz, but its clock is 8 kHz (RFC 3551 4.5.2). */
	[VC_CODEC_G722] = { "G722", VC_AUDIO, 8000, 1 },
	[VC_CODEC_L16] = { "L16", VC_AUDIO, 48000, 1 },
	[VC_CODEC_VP8] = { "VP8", VC_VIDEO, 90000, 1 },
	[VC_CODEC_VP9] = { "VP9", VC_VIDEO, 90000, 1 },
	[VC_CODEC_H264] = { "H264", VC_VIDEO, 90000, 1 },
	[VC_CODEC_AV1] = { "AV1", VC_VIDEO, 90000, 1 },
	[VC_CODEC_RED] = { "red", VC_OTHER, 90000, 1 },
	[VC_CODEC_RTX] = { "rtx", VC_OTHER, 90000, 1 },
	[VC_CODEC_TELEPHONE_EVENT] = { "telephone-event", VC_AUDIO, 8000, 1 },
	[VC_CODEC_T140] = { "t140", VC_TEXT, 1000, 1 },
	[VC_CODEC_ULPFEC] = { "ulpfec", VC_VIDEO, 90000, 1 },
	[VC_CODEC_FLEXFEC] = { "flexfec-03", VC_VIDEO, 90000, 1 },
	[VC_CODEC_CN] = { "CN", VC_AUDIO, 8000, 1 },
};

static const char *const kinds[] = {
	[VC_AUDIO] = "audio",
	[VC_VIDEO] = "video",
	[VC_TEXT] = "text",
	[VC_OTHER] = "application",
};

const char *vc_kind_name(enum vc_kind kind)
{
	return kinds[kind];
}

enum vc_kind vc_kind_by_name(struct vc_str name)
{
	for (unsigned int i = 0; i < VC_COUNT(kinds); i++) {
		if (vc_str_is(name, kinds[i]))
			return (enum vc_kind)i;
	}
	return VC_OTHER;
}

enum vc_codec vc_codec_by_name(struct vc_str name)
{
	if (vc_str_is_nocase(name, "flexfec"))
		return VC_CODEC_FLEXFEC;
	for (unsigned int i = VC_CODEC_NONE + 1; i < VC_COUNT(codecs); i++) {
		if (vc_str_is_nocase(name, codecs[i].name))
			return (enum vc_codec)i;
	}
	return VC_CODEC_NONE;
}

const char *vc_codec_name(enum vc_codec codec)
{
	return codecs[codec].name;
}

enum vc_kind vc_codec_kind(enum vc_codec codec)
{
	return codecs[codec].kind;
}

uint32_t vc_codec_rate(enum vc_codec codec)
{
	return codecs[codec].rate;
}

uint8_t vc_codec_channels(enum vc_codec codec)
{
	return codecs[codec].channels;
}
