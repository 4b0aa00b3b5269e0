/* SPDX-License-Identifier: MIT */
/* The chain, fed with what is played up to the end of each frame. */
#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "farin.h"
#include "gst/webrtc.h"
#include "media/voice.h"
#include "tool/patient.h"
#include "tool/tool.h"
#include "voice.h"

struct voice {
	struct vc_voice *chain;
	struct vc_webrtc *webrtc; /* or NULL */
	struct vc_voice_dsp dsp;
	int err;	   /* its last */
	struct farin *far; /* or NULL */
};

bool voice_is_wanted(const struct voice_options *o)
{
	return o->aec || o->denoise || o->agc || o->highpass;
}

void voice_check(struct vc_tool *t, const struct voice_options *o)
{
	if (o->aec)
		vc_patient_check(t, "--aec", o->aec);
	if (o->dsp == DSP_WEBRTC && !voice_is_wanted(o))
		vc_tool_usage(t, "--dsp webrtc: with --aec, --denoise, --agc "
				 "or --highpass only");
}

static void run_webrtc(void *ctx, const int16_t *played, int16_t *heard)
{
	struct voice *v = ctx;
	int err = vc_webrtc_run(v->webrtc, played, heard);

	if (err)
		v->err = err;
}

static int open_webrtc(struct voice *v, struct vc_tool *t,
		       const struct voice_options *o)
{
	const struct vc_webrtc_config conf = {
		.echo = o->aec,
		.denoise = o->denoise,
		.agc = o->agc,
		.highpass = o->highpass,
	};
	char text[VC_GST_TEXT_CAP];
	int err = vc_webrtc_open(&v->webrtc, &conf, text);

	if (err)
		vc_tool_fail(t, VC_EXIT_FAIL, "--dsp webrtc: open: %s", text);
	v->dsp = (struct vc_voice_dsp){
		.run = run_webrtc,
		.ctx = v,
		.head = VC_WEBRTC_HEAD,
		.leeway = VC_WEBRTC_LEEWAY,
		.delay = vc_webrtc_delay(&conf),
	};
	return err;
}

struct voice *voice_open(struct vc_tool *t, const struct voice_options *o,
			 int *err)
{
	struct vc_voice_conf conf = {
		.echo = o->aec,
		.denoise = o->denoise,
		.agc = o->agc,
		.highpass = o->highpass,
	};
	struct voice *v;

	*err = 0;
	if (!voice_is_wanted(o))
		return NULL;
	v = vc_alloc(1, sizeof(*v));
	if (o->dsp == DSP_WEBRTC) {
		conf.dsp = &v->dsp;
		*err = open_webrtc(v, t, o);
	}
	if (!*err) {
		v->chain = vc_voice_new(&conf);
		if (!v->chain) {
			vc_tool_fail(t, VC_EXIT_FAIL, "--aec: out of memory");
			*err = -ENOMEM;
		}
	}
	if (!*err && o->aec) {
		v->far = farin_open(t, o->aec);
		*err = v->far ? 0 : -EIO;
	}
	if (!*err)
		return v;
	voice_close(v);
	return NULL;
}

void voice_close(struct voice *v)
{
	if (!v)
		return;
	farin_close(v->far);
	vc_voice_free(v->chain);
	vc_webrtc_close(v->webrtc);
	free(v);
}

static void hear_far(void *ctx, int64_t t, const int16_t *pcm, size_t n)
{
	struct voice *v = ctx;

	vc_voice_far(v->chain, t, pcm, n);
}

int voice_clean(struct voice *v, int64_t t, int16_t *pcm, size_t n)
{
	int64_t end = t + (int64_t)n * VC_SEC / VC_VOICE_RATE;

	if (v->far)
		farin_read(v->far, end, hear_far, v);
	vc_voice_near(v->chain, t, pcm, n);
	return v->err;
}

int64_t voice_delay(const struct voice *v)
{
	return v ? (int64_t)vc_voice_delay(v->chain) * VC_SEC / VC_VOICE_RATE :
		   0;
}

void voice_stats(const struct voice *v, struct vc_json *record)
{
	struct vc_voice_stats s;
	struct vc_json *j;

	if (!v || !v->far)
		return;
	vc_voice_stats(v->chain, &s);
	j = vc_json_object();
	vc_json_set_int(j, "packets", (int64_t)farin_counts(v->far)->packets);
	vc_json_set_int(j, "writers", (int64_t)farin_counts(v->far)->writers);
	vc_json_set_int(j, "refused", (int64_t)farin_counts(v->far)->refused);
	vc_json_set_int(j, "jumps", (int64_t)s.far_jumps);
	if (s.is_aligned) {
		vc_json_set_real(j, "delay_ms", s.delay_ms, 2);
		vc_json_set_real(j, "drift_ppm", s.drift_ppm, 1);
	}
	vc_json_set_real(j, "erle_db", s.erle_db, 1);
	vc_json_set_int(j, "resets", (int64_t)s.resets);
	vc_json_set(record, "echo", j);
}
