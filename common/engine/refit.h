/* SPDX-License-Identifier: MIT */
/*
 * Frames as containers hold them, made into those that go into RTP packets
 * (session/framepack.h) without transcoding. Each is looked at by its codec's
 * parser. H.264 whose units have lengths becomes Annex B, and its key frames
 * have their parameter sets; OBUs of AV1 all say their size, and its key frames
 * have a sequence header. Of a subtitle its plain text is left, "\n" between
 * lines. All else stays as it is.
 */
#ifndef VC_ENGINE_REFIT_H
#define VC_ENGINE_REFIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/codec.h"

#define VC_REFIT_MAX (4u << 20) /* octets of a frame, as receivers take it */
#define VC_REFIT_FMTP 80	/* octets of vc_refit_fmtp() */

struct vc_refit;
struct vc_webmread_track;

struct vc_refit_frame {
	const uint8_t *p;
	size_t len;
	bool is_key;
	int64_t length; /* of sound, ns; 0: pictures and text */
};

/* What a track of Matroska or WebM holds; VC_CODEC_NONE: not for RTP here. */
enum vc_codec vc_refit_webm(const struct vc_webmread_track *t);
/* The same with L16, whose packets may be too large for that. */
enum vc_codec vc_refit_held(const struct vc_webmread_track *t);

/*
 * 'priv' is what the container says of the codec: avcC, av1C, OpusHead; NULL:
 * nothing. It is copied. NULL and '*err': -ENOTSUP (the codec, or its number of
 * channels), -EBADMSG ('priv'), -ENOMEM.
 */
struct vc_refit *vc_refit_new(enum vc_codec codec, const uint8_t *priv,
			      size_t len, int *err);
void vc_refit_free(struct vc_refit *r);

/* Text is spelled so: wire/webvtt.h, else as WebVTT. */
bool vc_refit_is_subrip(const struct vc_webmread_track *t);
void vc_refit_set_subrip(struct vc_refit *r, bool is_subrip);

/* What L16 has to be told: how many octets a second takes. */
void vc_refit_set_sound(struct vc_refit *r, uint32_t rate_hz,
			unsigned int channels);

/*
 * One frame; 'is_said': the container calls it a key frame. '*out' borrows from
 * 'p' or from 'r', until the next call. 0; -ENODATA: there is no frame in it;
 * -EBADMSG: malformed, or too large; -ENOMEM.
 */
int vc_refit(struct vc_refit *r, const uint8_t *p, size_t len, bool is_said,
	     struct vc_refit_frame *out);

/* Are frames shown in the order they come in, as far as is known by now? */
bool vc_refit_in_order(const struct vc_refit *r);

/* Its fmtp in a description (RFC 6184); "": the codec's default will do. */
void vc_refit_fmtp(const struct vc_refit *r, char out[static VC_REFIT_FMTP]);

#endif
