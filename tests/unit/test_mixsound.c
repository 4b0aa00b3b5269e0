/* SPDX-License-Identifier: MIT */
/*
 * What is heard of a mix, measured behind the encoders: levels, clicks, what
 * becomes of too much, and when it is heard.
 */
#include "base/mem.h"
#include "soundroom.h"

#define SECOND 48000

/* --- levels --- */

/* A noise of its own for each voice, of the band up to about 6 kHz. */
static double noise(const struct voice *v, uint64_t i)
{
	double sum = 0;

	for (uint64_t k = 0; k < 8; k++) {
		uint64_t x = (i + k) * 2654435761u ^
			     (uint64_t)v->hz * UINT64_C(0x9e3779b97f4a7c15);

		x ^= x >> 31;
		x *= UINT64_C(0xbf58476d1ce4e5b9);
		x ^= x >> 29;
		x *= UINT64_C(0x94d049bb133111eb);
		sum += (double)(int32_t)(uint32_t)(x >> 32) / 2147483648.0;
	}
	return v->amp * sum / 8;
}

/* Of all voices but 'minus', as numbers are added. */
static double sum_rms(struct room *r, size_t minus, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double x = 0;

		for (size_t k = 0; k < r->n_voices; k++)
			if (k != minus)
				x += voice_sample(&r->voices[k], i + SECOND);
		sum += x * x;
	}
	return sqrt(sum / (double)n);
}

static const double tones[] = { 300, 1100, 2750 };
static const double peaks[] = { 9000, 3000, 6000 };

static void tones_are_added(uint32_t bitrate_bps, bool is_opus, double within)
{
	static const char *const names[] = { "ann", "bob", "carl" };
	struct ear *all, *bob;
	struct room r;

	room_open(&r, "* * *\n", bitrate_bps, VOICES);
	for (size_t i = 0; i < 3; i++)
		room_voice(&r, names[i], tones[i], peaks[i], is_opus);
	room_voice(&r, "hall", 0, 0, false);
	all = room_ear(&r, "hall");
	bob = room_ear(&r, "bob");
	room_run(&r, 150);
	for (size_t i = 0; i < 3; i++) {
		double got =
			db(heard_peak(all, 2 * SECOND, tones[i]) / peaks[i]);

		assert_near(got, 0, within);
		got = db(heard_peak(bob, 2 * SECOND, tones[i]) / peaks[i]);
		if (i == 1)
			assert_below(got, -40);
		else
			assert_near(got, 0, within);
	}
	room_close(&r);
}

static void tones_keep_their_levels(void **state)
{
	(void)state;
	tones_are_added(128000, false, 0.5);
	tones_are_added(128000, true, 0.5);
	/* So much of a tone is left at this rate by Opus alone. */
	tones_are_added(32000, true, 1);
}

/* Not their powers: what is alike has twice the amplitude, or none. */
static void amplitudes_are_added(void **state)
{
	struct voice *v;
	struct ear *e;
	struct room r;

	(void)state;
	for (int sign = -1; sign <= 1; sign += 2) {
		room_open(&r, "* * *\n", 128000, VOICES);
		room_voice(&r, "ann", 500, 5000, false);
		v = room_voice(&r, "bob", 500, 5000, false);
		v->sample = sign < 0 ? 48 : 0; /* half a period */
		room_voice(&r, "hall", 0, 0, false);
		e = room_ear(&r, "hall");
		room_run(&r, 100);
		if (sign < 0)
			assert_below(heard_rms(e, SECOND), 50);
		else
			assert_near(db(heard_peak(e, SECOND, 500) / 10000), 0,
				    0.5);
		room_close(&r);
	}
}

static void noise_keeps_its_level(void **state)
{
	static const char *const names[] = { "ann", "bob", "carl", "dora" };
	struct ear *all, *ann;
	struct room r;

	(void)state;
	room_open(&r, "* * *\n", 128000, VOICES);
	for (size_t i = 0; i < 4; i++) {
		struct voice *v = room_voice(&r, names[i], 1 + (double)i,
					     8000 + 3000 * (double)i, false);

		v->wave = noise;
	}
	room_voice(&r, "hall", 0, 0, false);
	all = room_ear(&r, "hall");
	ann = room_ear(&r, "ann");
	room_run(&r, 150);
	assert_near(db(heard_rms(all, 2 * SECOND) /
		       sum_rms(&r, SIZE_MAX, 2 * SECOND)),
		    0, 0.5);
	assert_near(db(heard_rms(ann, 2 * SECOND) / sum_rms(&r, 0, 2 * SECOND)),
		    0, 0.5);
	room_close(&r);
}

/* --- too much --- */

static double square(const struct voice *v, uint64_t i)
{
	return i * 2 * (uint64_t)v->hz / SECOND % 2 ? -v->amp : v->amp;
}

/* Sixteen of full scale, 'step' Hz apart. */
static struct ear *sixteen(struct room *r, double hz, double step,
			   double (*wave)(const struct voice *, uint64_t))
{
	char name[16];

	room_open(r, "* * *\n", 128000, VOICES);
	for (int i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "v%d", i);
		room_voice(r, name, hz + step * i, 32767, false)->wave = wave;
	}
	room_voice(r, "hall", 0, 0, false);
	return room_ear(r, "hall");
}

/* As one, only loud: what clipping or wrapping adds is not there. */
static void sixteen_sines_are_one(void **state)
{
	struct room r;
	struct ear *e = sixteen(&r, 400, 0, NULL);
	double peak;

	(void)state;
	room_run(&r, 150);
	peak = heard_peak(e, 2 * SECOND, 400);
	assert_near(db(peak / 32767), 0, 1);
	for (int k = 2; k <= 9; k++)
		assert_below(db(heard_peak(e, 2 * SECOND, 400 * k) / peak),
			     -40);
	assert_below(heard_step(e, 2 * SECOND),
		     1.1 * 2 * M_PI * 400 * 32767 / FS);
	room_close(&r);
}

/* The sum beats 25 times a second: what the gain does to it stays small. */
static void sixteen_tones_stay_apart(void **state)
{
	double power = 0, all;
	struct room r;
	struct ear *e = sixteen(&r, 400, 75, NULL);

	(void)state;
	room_run(&r, 150);
	for (int i = 0; i < 16; i++) {
		double peak = heard_peak(e, 2 * SECOND, 400 + 75 * i);

		assert_near(db(peak * 16 / 32767), 0, 4);
		power += peak * peak / 2;
	}
	all = heard_rms(e, 2 * SECOND);
	assert_below(10 * log10(fabs(all * all - power) / power), -25);
	room_close(&r);
}

/* Odd harmonics only, and each as far below the first as it was. */
static void sixteen_squares_are_square(void **state)
{
	struct room r;
	struct ear *e = sixteen(&r, 500, 0, square);
	double peak;

	(void)state;
	room_run(&r, 150);
	peak = heard_peak(e, 2 * SECOND, 500);
	/* Where an encoder's edges overshoot a decoder clips. */
	assert_near(db(peak / (32767 * 4 / M_PI)), -1.5, 1.5);
	for (int k = 2; k <= 8; k++) {
		double got = db(heard_peak(e, 2 * SECOND, 500 * k) / peak);

		if (k % 2)
			assert_near(got, db(1.0 / k), 1.5);
		else
			assert_below(got, -35);
	}
	room_close(&r);
}

/* --- clicks --- */

/* Ticks begin at all places of their periods. */
static void four_come(struct room *r, const char *policy, unsigned int talkers,
		      bool is_opus)
{
	room_open(r, policy, 128000, talkers);
	room_voice(r, "ann", 213, 8000, is_opus);
	room_voice(r, "bob", 317, 7000, is_opus);
	room_voice(r, "carl", 171, 6000, is_opus);
	room_voice(r, "hall", 0, 0, false);
	for (size_t i = 0; i < r->n_voices; i++)
		room_ear(r, r->voices[i].name);
	room_run(r, 50);
}

/* No step larger than the waves', nor than what an encoder adds. */
static void nobody_heard_a_click(struct room *r, int deaf)
{
	double bound = 100;

	for (size_t i = 0; i < r->n_voices; i++)
		bound += 1.2 * 2 * M_PI * r->voices[i].hz * r->voices[i].amp /
			 FS;
	for (size_t i = 0; i < r->n_ears; i++) {
		const struct ear *e = &r->ears[i];

		if ((int)i == deaf)
			continue;
		assert_below(heard_step(e, e->n - 20 * N), bound);
	}
}

static void mute(struct room *r, bool is_on)
{
	vc_mixer_set_off(r->m, r->voices[1].who, is_on ? VC_MIXER_MUTED : 0);
}

/* Who is kicked says nothing before; who leaves has said BYE. */
static void kick(struct room *r, bool is_on)
{
	if (is_on)
		voice_go(r, &r->voices[1]);
	else
		voice_come(r, &r->voices[1]);
}

static void leave(struct room *r, bool is_on)
{
	struct voice *v = &r->voices[1];
	struct vc_mixer_source *src = v->src;

	if (!is_on) {
		voice_come(r, v);
		return;
	}
	vc_mixer_source_end(v->src);
	v->src = NULL;
	room_run(r, 10);
	v->src = src;
	voice_go(r, v);
}

static void role(struct room *r, bool is_on)
{
	assert_int_equal(vc_mixer_set_role(r->m, r->voices[1].who,
					   is_on ? "listener" : NULL),
			 0);
}

/* He hears others than before, and so do those who are in a group with him. */
static void reload(struct room *r, bool is_on)
{
	static const char text[] = "ann bob *\nbob carl *\n* ann *\n";
	struct vc_policy *old = r->base.policy;

	r->base.policy = policy_of(is_on ? text : "* * *\n");
	vc_mixer_set_policy(r->m, r->base.policy);
	vc_policy_free(old);
}

static void lose(struct room *r, bool is_on)
{
	(void)is_on;
	r->voices[1].is_lost = true;
}

static void lose_many(struct room *r, bool is_on)
{
	for (int i = 0; is_on && i < 10; i++) {
		r->voices[1].is_lost = true;
		room_tick(r);
	}
}

#define PANEL                           \
	"default-role speaker\n"        \
	"role hall listener\n"          \
	"role:speaker role:speaker *\n" \
	"role:listener role:speaker *\n"

#define LESSON                   \
	"default-role student\n" \
	"role ann lecturer\n"    \
	"role:lecturer * *\n"    \
	"role:student role:lecturer *\n"

static void lecture(struct room *r, bool is_on)
{
	for (size_t i = 1; i < 4; i += 2)
		assert_int_equal(vc_mixer_set_role(r->m, r->voices[i].who,
						   is_on ? "lecturer" : NULL),
				 0);
}

/* Another one of three is the loudest, and one is not heard. */
static void swell(struct room *r, bool is_on)
{
	r->voices[1].amp = is_on ? 1000 : 7000;
	r->voices[2].amp = is_on ? 6000 : 1000;
}

static void no_clicks(void **state)
{
	static const struct {
		const char *name, *policy;
		void (*turn)(struct room *, bool);
		unsigned int talkers;
		int deaf; /* voice that is not there all the time, or -1 */
	} rows[] = {
		{ "mute", "* * *\n", mute, 4, -1 },
		{ "mute of one for all", NULL, mute, 4, -1 },
		{ "kick", "* * *\n", kick, 4, 1 },
		{ "leave", "* * *\n", leave, 4, 1 },
		{ "role", PANEL, role, 4, -1 },
		{ "loss", "* * *\n", lose, 4, -1 },
		{ "reload", "* * *\n", reload, 4, -1 },
		{ "role with another group", LESSON, lecture, 4, -1 },
		{ "few are heard", "* * *\n", swell, 2, -1 },
		{ "losses", "* * *\n", lose_many, 4, -1 },
	};
	struct room r;

	(void)state;
	for (size_t i = 0; i < 2 * VC_COUNT(rows); i++) {
		print_message("%s%s\n", rows[i / 2].name,
			      i % 2 ? ", as Opus" : "");
		four_come(&r, rows[i / 2].policy, rows[i / 2].talkers, i % 2);
		for (int k = 0; k < 10; k++) {
			rows[i / 2].turn(&r, k % 2 == 0);
			room_run(&r, 20 + k);
		}
		nobody_heard_a_click(&r, rows[i / 2].deaf);
		room_close(&r);
	}
}

/* --- when --- */

/* A burst in silence, from sample 48,000 on. */
static double burst(const struct voice *v, uint64_t i)
{
	return i < SECOND || i > SECOND + 480 ?
		       0 :
		       v->amp * sin(2 * M_PI * 2000 * (double)i / FS);
}

/*
 * From the packet in that has the burst to the packet out that has it: what the
 * jitter buffer is asked for, a frame, and the 6.5 ms that Opus looks ahead.
 */
static void latency_is_a_frame_more(void **state)
{
	const int64_t ahead = 6500 * VC_US;
	struct voice *v;
	struct room r;
	struct ear *e;
	int64_t in, out;
	size_t at;

	(void)state;
	for (int64_t latency = 20 * VC_MS; latency <= 100 * VC_MS;
	     latency += 40 * VC_MS) {
		/* Wherever in a tick they come. */
		for (int64_t off = 0; off < FRAME; off += 3 * VC_MS) {
			room_open(&r, NULL, 128000, VOICES);
			r.latency = latency;
			v = room_voice(&r, "ann", 0, 20000, false);
			v->wave = burst;
			v->next += off;
			e = room_ear(&r, "hall");
			room_run(&r, 75);
			for (at = 0; at < e->n && abs(e->pcm[at]) < 3000;)
				at++;
			assert_true(at < e->n);
			in = off + (SECOND / N + 1) * FRAME;
			out = ((int64_t)(at / N) + 1) * FRAME;
			assert_in_range(out - in - latency, 0, FRAME + ahead);
			room_close(&r);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sixteen_sines_are_one),
		cmocka_unit_test(sixteen_tones_stay_apart),
		cmocka_unit_test(sixteen_squares_are_square),
		cmocka_unit_test(no_clicks),
		cmocka_unit_test(latency_is_a_frame_more),
		cmocka_unit_test(tones_keep_their_levels),
		cmocka_unit_test(amplitudes_are_added),
		cmocka_unit_test(noise_keeps_its_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
