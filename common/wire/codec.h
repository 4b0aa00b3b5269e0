/* SPDX-License-Identifier: MIT */
/* Names of payload formats, as a=rtpmap spells them (RFC 4855). */
#ifndef VC_WIRE_CODEC_H
#define VC_WIRE_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* A kind of media: an m-section's. */
enum vc_kind {
	VC_AUDIO,
	VC_VIDEO,
	VC_TEXT,
	VC_OTHER,
};

enum vc_codec {
	VC_CODEC_NONE, /* unknown to us */
	VC_CODEC_OPUS,
	VC_CODEC_PCMU,
	VC_CODEC_PCMA,
	VC_CODEC_G722,
	VC_CODEC_L16,
	VC_CODEC_VP8,
	VC_CODEC_VP9,
	VC_CODEC_H264,
	VC_CODEC_AV1,
	VC_CODEC_RED,
	VC_CODEC_RTX,
	VC_CODEC_TELEPHONE_EVENT,
	VC_CODEC_T140,
	VC_CODEC_ULPFEC,
	VC_CODEC_FLEXFEC,
	VC_CODEC_CN,
};

/* "audio", "video", "text", "application". */
const char *vc_kind_name(enum vc_kind kind);
/* The other way; VC_OTHER for any other word. */
enum vc_kind vc_kind_by_name(struct vc_str name);

/* Without regard to case; VC_CODEC_NONE for an unknown one. */
enum vc_codec vc_codec_by_name(struct vc_str name);

/* The canonical spelling ("opus", "VP8"); "none" for VC_CODEC_NONE. */
const char *vc_codec_name(enum vc_codec codec);

/* VC_OTHER for RED and RTX, which carry any kind, and for NONE. */
enum vc_kind vc_codec_kind(enum vc_codec codec);

/* What `--pt 97=opus` means where nothing more is said. */
uint32_t vc_codec_rate(enum vc_codec codec);
uint8_t vc_codec_channels(enum vc_codec codec);

#endif
