/* SPDX-License-Identifier: MIT */
/*
 * --aec, --denoise, --agc, --highpass: what sound goes through before it is
 * encoded (media/voice.h; --dsp: by whom), and where it hears of what is played
 * (farin.h).
 */
#ifndef VC_CAPTURE_VOICE_H
#define VC_CAPTURE_VOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vc_json;
struct vc_tool;
struct voice;

enum dsp { DSP_SPEEX, DSP_WEBRTC };

struct voice_options {
	const char *aec; /* PLACE or NULL */
	bool denoise, agc, highpass;
	int dsp; /* enum dsp */
};

bool voice_is_wanted(const struct voice_options *o);

/* Before anything is opened: ends with a usage error. */
void voice_check(struct vc_tool *t, const struct voice_options *o);

/*
 * Once the clock is known. NULL: nothing of it is wanted; '*err' is then 0, or
 * -errno after saying so.
 */
struct voice *voice_open(struct vc_tool *t, const struct voice_options *o,
			 int *err);

/* 'n' samples that were captured from 't' on; cleaned in place. 0 or -EIO. */
int voice_clean(struct voice *v, int64_t t, int16_t *pcm, size_t n);

/* What comes out was captured that much (ns) earlier. NULL: 0. */
int64_t voice_delay(const struct voice *v);

/* NULL is fine, twice. */
void voice_stats(const struct voice *v, struct vc_json *record);
void voice_close(struct voice *v);

#endif
