/* SPDX-License-Identifier: MIT */
/*
 * A conference on simulated time where only sound counts: voices that send
 * waves of known shape (as L16, which changes no sample, or as Opus), and ears,
 * each of which decodes what is addressed to one person, as one stream, however
 * many outputs that comes from.
 */
#ifndef VC_TESTS_SOUNDROOM_H
#define VC_TESTS_SOUNDROOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/opus.h"
#include "mixbegin.h"
#include "wire/rtp.h"

#define T0 VC_VIRTUAL_EPOCH
#define FRAME (20 * VC_MS)
#define N VC_MIXER_SAMPLES
#define FS 48000.0
#define VOICES 20
#define EARS 20
#define ROUTES 64
#define HEARD_MAX (30 * 48000) /* what an ear remembers */

struct voice {
	char name[16];
	struct vc_playout home;
	struct vc_playout_source play;
	struct vc_mixer_who *who;    /* NULL: is not here */
	struct vc_mixer_source *src; /* NULL: sends nothing */
	/* A sample of it; NULL: a sine of 'hz' and peak 'amp'. */
	double (*wave)(const struct voice *v, uint64_t i);
	double hz, amp;
	double level; /* follows 'amp' within milliseconds, to make no step */
	int ppm;      /* his clock is fast by so much */
	int64_t next; /* arrival of his next packet */
	struct vc_opus_enc *opus; /* NULL: L16 */
	uint64_t sample;
	uint16_t seq;
	bool is_lost; /* the next one, on the way */
};

struct ear {
	char name[16];
	struct vc_opus_dec *dec;
	int16_t *pcm;
	size_t n;
	unsigned int got; /* packets of this tick */
};

/* Whom an output is for, as it was said last. */
struct route {
	uint32_t ssrc;
	bool is_for_others;
	size_t n;
	char ids[VOICES + EARS][16];
};

struct room {
	struct mixbase base;
	struct vc_mixer *m;
	int64_t latency;
	struct voice voices[VOICES];
	size_t n_voices;
	struct ear ears[EARS];
	size_t n_ears;
	struct route routes[ROUTES];
	size_t n_routes;
	int64_t now;
};

/* --- what comes out --- */

static inline struct route *find_route(struct room *r, uint32_t ssrc)
{
	for (size_t i = 0; i < r->n_routes; i++)
		if (r->routes[i].ssrc == ssrc)
			return &r->routes[i];
	return NULL;
}

static inline struct route *route_of(struct room *r, uint32_t ssrc)
{
	if (find_route(r, ssrc))
		return find_route(r, ssrc);
	assert_true(r->n_routes < ROUTES);
	r->routes[r->n_routes].ssrc = ssrc;
	return &r->routes[r->n_routes++];
}

static inline void on_begin(void *ctx, const struct vc_mixer_out *out,
			    int64_t now)
{
	struct route *rt = route_of(ctx, out->tx.sender.ssrc);

	(void)now;
	rt->is_for_others = out->is_for_others;
	rt->n = out->n_whos;
	assert_true(rt->n <= VOICES + EARS);
	for (size_t i = 0; i < rt->n; i++)
		snprintf(rt->ids[i], sizeof(rt->ids[i]), "%s",
			 vc_mixer_who_id(out->whos[i]));
}

static inline bool is_routed(const struct route *rt, const char *name)
{
	for (size_t i = 0; i < rt->n; i++)
		if (!strcmp(rt->ids[i], name))
			return !rt->is_for_others;
	return rt->is_for_others;
}

static inline void on_send(void *ctx, struct vc_packet *pkt, bool is_rtcp)
{
	struct room *r = ctx;
	struct vc_rtp rtp;

	if (is_rtcp)
		return;
	assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
	assert_non_null(find_route(r, rtp.ssrc)); /* it was told of before */
	for (size_t i = 0; i < r->n_ears; i++) {
		struct ear *e = &r->ears[i];

		if (!is_routed(find_route(r, rtp.ssrc), e->name))
			continue;
		e->got++;
		assert_true(e->n + N <= HEARD_MAX);
		assert_int_equal(vc_opus_decode(e->dec, rtp.payload,
						rtp.payload_len, e->pcm + e->n,
						N),
				 N);
		e->n += N;
	}
}

/* --- opening --- */

/* 'policy': a text, or NULL; of 'talkers' as in struct vc_mixer_conf. */
static inline void room_open(struct room *r, const char *policy,
			     uint32_t bitrate_bps, unsigned int talkers)
{
	struct vc_mixer_conf conf = {
		.talkers = talkers,
		.send = on_send,
		.begin = on_begin,
		.ctx = r,
	};

	memset(r, 0, sizeof(*r));
	r->now = T0;
	r->latency = 40 * VC_MS;
	r->m = mixer_begin(&r->base, &conf, bitrate_bps, policy);
}

static inline void room_close(struct room *r)
{
	mixer_end(&r->base, r->m);
	for (size_t i = 0; i < r->n_voices; i++)
		vc_opus_enc_free(r->voices[i].opus);
	for (size_t i = 0; i < r->n_ears; i++) {
		vc_opus_dec_free(r->ears[i].dec);
		free(r->ears[i].pcm);
	}
}

/* Somebody who is here, and can hear. */
static inline struct ear *room_ear(struct room *r, const char *name)
{
	struct ear *e = &r->ears[r->n_ears++];
	int err;

	assert_true(r->n_ears <= EARS);
	snprintf(e->name, sizeof(e->name), "%s", name);
	e->pcm = calloc(HEARD_MAX, sizeof(*e->pcm));
	e->dec = vc_opus_dec_new(48000, 1, &err);
	assert_true(e->pcm && e->dec);
	return e;
}

static inline void voice_source(struct room *r, struct voice *v,
				int64_t latency)
{
	int err;

	vc_playout_init(&v->home, latency);
	vc_playout_source_init(&v->play, 48000);
	vc_playout_join(&v->home, &v->play, 0);
	v->src = vc_mixer_source_new(r->m, v->who,
				     100 + (uint32_t)(v - r->voices),
				     v->opus ? VC_CODEC_OPUS : VC_CODEC_L16,
				     48000, &v->play, &err);
	assert_non_null(v->src);
}

static inline void voice_come(struct room *r, struct voice *v)
{
	v->who = vc_mixer_who_new(r->m);
	assert_non_null(v->who);
	v->next = r->now + FRAME;
	vc_mixer_who_set(r->m, v->who, v->name, true, v->name, v->name);
	if (v->amp > 0)
		voice_source(r, v, r->latency);
}

/* 'amp' 0: he only listens. He is here at once. */
static inline struct voice *room_voice(struct room *r, const char *name,
				       double hz, double amp, bool is_opus)
{
	static const struct vc_opus_enc_cfg conf = {
		.rate_hz = 48000,
		.channels = 1,
		.bitrate_bps = 128000,
		.complexity = 5,
		.ptime_ms = 20,
	};
	struct voice *v = &r->voices[r->n_voices++];
	int err;

	assert_true(r->n_voices <= VOICES);
	snprintf(v->name, sizeof(v->name), "%s", name);
	v->hz = hz;
	v->amp = v->level = amp;
	if (is_opus)
		v->opus = vc_opus_enc_new(&conf, &err);
	voice_come(r, v);
	return v;
}

static inline void voice_go(struct room *r, struct voice *v)
{
	if (v->src)
		vc_mixer_source_free(r->m, v->src);
	vc_mixer_who_free(r->m, v->who, r->now);
	v->who = NULL;
	v->src = NULL;
}

/* --- time goes on --- */

static inline int16_t voice_sample(const struct voice *v, uint64_t i)
{
	if (v->wave)
		return (int16_t)lrint(v->wave(v, i));
	return (int16_t)lrint(v->level *
			      sin(2 * M_PI * v->hz * (double)i / FS));
}

static inline void voice_follow(struct voice *v)
{
	const double step = 20;

	if (fabs(v->amp - v->level) <= step)
		v->level = v->amp;
	else
		v->level += v->amp > v->level ? step : -step;
}

static inline void voice_send(struct room *r, struct voice *v, int64_t arrival)
{
	struct vc_packet *pkt = vc_packet_new(r->base.pool, 2 * N + 12);
	struct vc_rtp rtp = { .pt = 97,
			      .seq = v->seq++,
			      .ts = (uint32_t)v->sample,
			      .ssrc = 100 };
	struct vc_wr w;
	int16_t pcm[N];
	int len = 2 * N;

	assert_non_null(pkt);
	for (int i = 0; i < N; i++) {
		pcm[i] = voice_sample(v, v->sample + (uint64_t)i);
		voice_follow(v);
	}
	v->sample += N;
	w = vc_wr_over(pkt->data, pkt->cap);
	assert_int_equal(vc_rtp_write(&w, &rtp), 0);
	if (v->opus)
		len = vc_opus_encode(v->opus, pcm, N, pkt->data + 12,
				     VC_OPUS_PACKET_MAX);
	for (int i = 0; !v->opus && i < N; i++)
		vc_put_u16(pkt->data + 12 + 2 * i, (uint16_t)pcm[i]);
	assert_true(len > 0);
	pkt->len = 12 + (size_t)len;
	pkt->arrival = arrival;
	if (v->src && !v->is_lost) {
		assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
		vc_playout_packet(&v->play, rtp.ts, arrival);
		vc_mixer_source_put(v->src, pkt, &rtp);
	}
	v->is_lost = false;
	vc_packet_unref(pkt);
}

/* One tick after which everybody has heard 20 ms, or silence. */
static inline void room_tick(struct room *r)
{
	r->now += FRAME;
	for (size_t i = 0; i < r->n_voices; i++) {
		struct voice *v = &r->voices[i];

		while (v->amp > 0 && v->who && v->next <= r->now) {
			voice_send(r, v, v->next);
			v->next += FRAME - FRAME * v->ppm / 1000000;
		}
	}
	vc_mixer_audio(r->m, r->now);
	for (size_t i = 0; i < r->n_ears; i++) {
		struct ear *e = &r->ears[i];

		assert_in_range(e->got, 0, 1);
		if (!e->got) {
			assert_true(e->n + N <= HEARD_MAX);
			e->n += N;
		}
		e->got = 0;
	}
}

static inline void room_run(struct room *r, int ticks)
{
	for (int i = 0; i < ticks; i++)
		room_tick(r);
}

/* --- what is measured, in the last 'n' samples that an ear has heard --- */

/* The peak of the sine of 'hz' in it, by a window whose side lobes are low. */
static inline double heard_peak(const struct ear *e, size_t n, double hz)
{
	const int16_t *pcm = e->pcm + e->n - n;
	double s = 0, c = 0, sum = 0;

	for (size_t i = 0; i < n; i++) {
		double x = 2 * M_PI * (double)i / (double)n;
		double w = 0.42 - 0.5 * cos(x) + 0.08 * cos(2 * x);
		double at = 2 * M_PI * hz * (double)i / FS;

		sum += w;
		s += w * pcm[i] * sin(at);
		c += w * pcm[i] * cos(at);
	}
	return 2 * sqrt(s * s + c * c) / sum;
}

static inline double heard_rms(const struct ear *e, size_t n)
{
	const int16_t *pcm = e->pcm + e->n - n;
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)pcm[i] * pcm[i];
	return sqrt(sum / (double)n);
}

/* The largest step from one sample to the next. */
static inline int heard_step(const struct ear *e, size_t n)
{
	const int16_t *pcm = e->pcm + e->n - n;
	int most = 0;

	for (size_t i = 1; i < n; i++)
		if (abs(pcm[i] - pcm[i - 1]) > most)
			most = abs(pcm[i] - pcm[i - 1]);
	return most;
}

static inline double db(double ratio)
{
	return 20 * log10(ratio > 1e-9 ? ratio : 1e-9);
}

static inline void assert_near(double got, double want, double within)
{
	if (!(fabs(got - want) <= within))
		fail_msg("%.2f instead of %.2f, more than %.2f off", got, want,
			 within);
}

static inline void assert_below(double got, double most)
{
	if (!(got < most))
		fail_msg("%.2f is not below %.2f", got, most);
}

#endif
