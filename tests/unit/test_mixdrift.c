/* SPDX-License-Identifier: MIT */
/*
 * Two hours with a sender whose clock is off by 500 ppm. His sound says what
 * time it is: a tone, for clicks, on a slow triangle, by which each moment that
 * is heard is found in what was sent. Then minutes of three such senders through
 * a whole mixer.
 */
#include "base/mem.h"
#include "engine/audiorx.h"
#include "wire/ntp.h"
#include "soundroom.h"

#define HOURS_2 (2 * 3600 * 50) /* ticks */
#define PERIOD (1u << 18)	/* samples of the triangle: 5.5 s */
#define TONE 100		/* samples of a period of the tone */

/* A sender whose clock is fast by 'ppm'; his picture goes by the same. */
struct drifter {
	int ppm;
	struct vc_playout home;
	struct vc_playout_source play;
	struct vc_playout_source picture;
	struct vc_pool *pool;
	struct vc_audiorx *a;
	struct vc_rand rand;
	int16_t tone[TONE];
	uint64_t sent; /* packets */
	int last;      /* sample heard */
};

static int triangle(uint64_t i)
{
	int x = (int)(i % PERIOD / (PERIOD / 32768));

	return x < 16384 ? x - 8192 : 24575 - x;
}

/* When, by the listener's clock, the sender's clock has moved on by 'own'. */
static int64_t true_time(const struct drifter *d, int64_t own)
{
	return T0 + own - own * d->ppm / 1000000;
}

static void drifter_open(struct drifter *d, int ppm, int64_t latency)
{
	int err;

	*d = (struct drifter){ .ppm = ppm, .pool = vc_pool_new() };
	vc_rand_init(&d->rand, 1, "test", "drift");
	vc_playout_init(&d->home, latency);
	vc_playout_source_init(&d->play, 48000);
	vc_playout_source_init(&d->picture, 90000);
	vc_playout_join(&d->home, &d->play, 7);
	vc_playout_join(&d->home, &d->picture, 7);
	d->a = vc_audiorx_new(VC_CODEC_L16, 48000, &d->play, &err);
	assert_non_null(d->a);
	for (int i = 0; i < TONE; i++)
		d->tone[i] = (int16_t)lrint(3000 * sin(2 * M_PI * i / TONE));
}

static void drifter_close(struct drifter *d)
{
	vc_audiorx_free(d->a);
	vc_playout_leave(&d->play);
	vc_playout_leave(&d->picture);
	assert_int_equal(vc_pool_used(d->pool), 0);
	vc_pool_free(d->pool);
}

/* RTP times wrap after half an hour. */
static uint32_t sound_ts(uint64_t sample)
{
	return (uint32_t)sample - 1800u * 48000;
}

static uint32_t picture_ts(int64_t own)
{
	return (uint32_t)(own / VC_MS * 90) - 1800u * 90000;
}

static void send_packet(struct drifter *d, int64_t own, int64_t arrival)
{
	struct vc_packet *pkt = vc_packet_new(d->pool, 2 * N);
	struct vc_rtp rtp = { .seq = (uint16_t)d->sent,
			      .ts = sound_ts(d->sent * N) };

	assert_non_null(pkt);
	for (uint64_t i = 0; i < N; i++)
		vc_put_u16(pkt->data + 2 * i,
			   (uint16_t)(triangle(d->sent * N + i) +
				      d->tone[(d->sent * N + i) % TONE]));
	pkt->len = 2 * N;
	pkt->arrival = arrival;
	rtp.payload = pkt->data;
	rtp.payload_len = pkt->len;
	if (d->sent % 250 == 0) {
		uint64_t ntp = vc_ntp_from_ns(T0 + own);

		vc_playout_sr(&d->play, ntp, rtp.ts, arrival);
		vc_playout_sr(&d->picture, ntp, picture_ts(own), arrival);
	}
	vc_playout_packet(&d->play, rtp.ts, arrival);
	if (d->sent % 2 == 0)
		vc_playout_packet(&d->picture, picture_ts(own), arrival);
	vc_audiorx_put(d->a, pkt, &rtp);
	vc_packet_unref(pkt);
	d->sent++;
}

/* All that has arrived before 'now': after 20 ms, and up to 4 of jitter. */
static void send_until(struct drifter *d, int64_t now)
{
	for (;;) {
		int64_t own = (int64_t)d->sent * FRAME;
		int64_t arrival =
			true_time(d, own + FRAME) +
			(int64_t)(vc_rand_u64(&d->rand, "j", d->sent) %
				  (4 * VC_MS));

		if (arrival > now)
			return;
		send_packet(d, own, arrival);
	}
}

/* The sample of his that belongs to time 't' of the listener. */
static int64_t sample_at(const struct drifter *d, int64_t t)
{
	return (t - T0) / (1000000 - d->ppm) * 48;
}

/* The sample, near 'about', that was sent for what is heard at pcm[0]. */
static int64_t place_of(const int16_t *pcm, int64_t about)
{
	int64_t best = about, most = INT64_MAX;
	int sum = 0;

	for (int i = 0; i < 9 * TONE; i++)
		sum += pcm[i];
	sum /= 9 * TONE;
	for (int64_t at = about - 9600; at < about + 9600; at += 8) {
		int off = abs(triangle((uint64_t)at + 9 * TONE / 2) - sum);

		if (off < most) {
			most = off;
			best = at;
		}
	}
	return best;
}

/*
 * How far what is heard is from its place, and from the picture of that time:
 * what playout leaves alone, and what a clock gains in its window of 10 s.
 */
static void judge(struct drifter *d, int64_t now, const int16_t *pcm)
{
	int64_t heard_at = now - FRAME;
	int64_t about = sample_at(d, heard_at - FRAME - d->home.latency);
	int64_t place = place_of(pcm, about);
	uint32_t picture = picture_ts(place * 1000000 / 48);
	int64_t due = vc_playout_due(&d->picture, picture);

	assert_in_range(about - place + 20 * 48, 0, 40 * 48);
	assert_in_range(due - heard_at + 20 * VC_MS, 0, 40 * VC_MS);
	assert_true(d->sent - vc_audiorx_counts(d->a)->frames <= 2);
	assert_in_range(d->home.latency, 20 * VC_MS, 25 * VC_MS);
}

/* Far from where the triangle turns, a value has one place. */
static bool can_judge(const struct drifter *d, int64_t now)
{
	return abs(triangle((uint64_t)sample_at(d, now))) < 7000;
}

static void two_hours(int ppm)
{
	/* The tone's steepest, the triangle's, and what a cross-fade adds. */
	const int step = 3000 * 63 / 1000 + 1 + 40;
	const struct vc_audiorx_counts *c;
	int16_t pcm[N];
	struct drifter d;
	int64_t now = T0;
	int next = 3000, looks = 0;

	drifter_open(&d, ppm, VC_PLAYOUT_AUTO);
	c = vc_audiorx_counts(d.a);
	for (int tick = 0; tick < HOURS_2; tick++) {
		now += FRAME;
		send_until(&d, now);
		vc_audiorx_pull(d.a, now - FRAME, pcm, N);
		for (int i = 0; i < N && tick > 10; i++) {
			if (abs(pcm[i] - d.last) > step)
				fail_msg("%d ppm, tick %d: from %d to %d", ppm,
					 tick, d.last, pcm[i]);
			d.last = pcm[i];
		}
		d.last = pcm[N - 1];
		if (tick >= next && can_judge(&d, now)) {
			judge(&d, now, pcm);
			next += 3000;
			looks++;
		}
	}
	assert_in_range(looks, 118, 120);
	/* 500 ppm of two hours, and nothing else was done to it. */
	assert_in_range(c->stretched, 171000, 174000);
	assert_int_equal(c->resyncs + c->late + c->concealed + c->lost, 0);
	assert_int_equal(c->skipped, ppm > 0 ? c->stretched : 0);
	drifter_close(&d);
}

static void nothing_drifts_in_two_hours(void **state)
{
	(void)state;
	two_hours(500);
	two_hours(-500);
}

/* Five minutes of three clocks in one mix: no clicks, and equal levels. */
static void a_mix_of_three_clocks(void **state)
{
	static const struct {
		const char *name;
		int ppm;
		double hz;
	} rows[] = {
		{ "ann", 500, 440 },
		{ "bob", -500, 317 },
		{ "carl", 0, 231 },
	};
	const double amp = 5000;
	struct ear *e;
	struct room r;

	(void)state;
	room_open(&r, NULL, 128000, VOICES);
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		room_voice(&r, rows[i].name, rows[i].hz, amp, false)->ppm =
			rows[i].ppm;
	e = room_ear(&r, "hall");
	for (int i = 0; i < 15; i++) {
		double step = 100;

		room_run(&r, 1000);
		for (size_t k = 0; k < VC_COUNT(rows); k++) {
			double hz = rows[k].hz * (1 + rows[k].ppm / 1e6);

			step += 1.2 * 2 * M_PI * hz * amp / FS;
			assert_near(db(heard_peak(e, 24000, hz) / amp), 0, 0.5);
		}
		assert_below(heard_step(e, e->n - (i ? 0 : 20 * N)), step);
		e->n = 0;
	}
	room_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_drifts_in_two_hours),
		cmocka_unit_test(a_mix_of_three_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
