/* SPDX-License-Identifier: MIT */
/*
 * All frequencies are multiples of 25 Hz, so one table of a 25 Hz period at 48
 * kHz serves every oscillator: it is read at (index * frequency) modulo its
 * length. The table is made at the start by turning a pointer in steps
 * of 1/1920 of a circle, in 30-bit fixed point.
 *
 * The detector correlates blocks of 20 ms with the nine tones of the name
 * (pitch and four vowels) and joins five blocks under a bell-shaped window:
 * 100 ms, narrow enough for the grid, short enough for a syllable. A tone
 * stands out when it has a certain share of all the power there. Which tones
 * do is kept for each of the last 96 blocks, one phrase; a look tries all 96
 * offsets and counts the syllables whose three tones are there at the time.
 *
 * Chance: eight others occupy a third of the pitches and somewhat less of the
 * formants, so the three tones of a syllable are found by accident about once
 * in fifty. Measured over 800 absent names beside eight voices: best offsets
 * fit 0 to 3 syllables at 32 kbit/s, up to 5 at 16 kbit/s, 6 once in 30,000
 * looks with one packet in ten lost as well; voices that are there fit 8 or 9.
 */
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/rand.h"
#include "media/tone.h"

#define SLOT 7680 /* table steps: 160 ms */
#define PHRASE (SLOT * VC_TONE_SLOTS)
#define ATTACK 960
#define RELEASE 2400

/* cos and sin of a step, with 30 bits behind the point. */
#define STEP_COS INT64_C(1073736075)
#define STEP_SIN INT64_C(3513806)

#define WINDOW 5	/* blocks */
#define LOOK_BLOCKS 8	/* from one look to the next */
#define NEEDED 7	/* syllables of nine */
#define MIN_POWER 8.0	/* mean square: about -81 dBFS */
#define MIN_SHARE 0.002 /* of the power in the window: -27 dB */

/* Amplitudes of pitch and formants: -20 dBFS with accents and pauses. */
static const int amplitude[3] = { 5200, 4000, 3000 };

static void make_wave(int16_t wave[static VC_TONE_TABLE])
{
	const int64_t one = INT64_C(1) << 30;
	int64_t c = one, s = 0;

	for (int i = 0; i < VC_TONE_TABLE; i++) {
		int64_t turned = (c * STEP_COS - s * STEP_SIN) / one;

		wave[i] = (int16_t)(s * 32767 / one);
		s = (s * STEP_COS + c * STEP_SIN) / one;
		c = turned;
	}
}

static bool is_near(const struct vc_timbre *v, int n, int formant, int value)
{
	for (int i = 0; i < n; i++) {
		int distance = v->formant[i][formant] - value;

		if (distance > -2 && distance < 2)
			return true;
	}
	return false;
}

/* Vowels differ from each other by two steps of the grid or more. */
static void draw_vowels(struct vc_timbre *v, const struct vc_rand *r)
{
	uint64_t draw = 0;

	for (int i = 0; i < VC_TONE_VOWELS; i++) {
		int a, b;

		do {
			a = 36 + (int)(vc_rand_u32(r, "low", draw) % 36);
			b = 72 + (int)(vc_rand_u32(r, "high", draw) % 48);
			draw++;
		} while (is_near(v, i, 0, a) || is_near(v, i, 1, b));
		v->formant[i][0] = (uint8_t)a;
		v->formant[i][1] = (uint8_t)b;
	}
}

/* A pause ends the phrase, two part it; no vowel comes twice running. */
static void draw_phrase(struct vc_timbre *v, const struct vc_rand *r)
{
	int pause_a = 2 + (int)(vc_rand_u32(r, "pause", 0) % 3);
	int pause_b = 6 + (int)(vc_rand_u32(r, "pause", 1) % 3);
	int last = 0;

	for (int i = 0; i < VC_TONE_SLOTS; i++) {
		uint32_t n = vc_rand_u32(r, "syllable", (uint64_t)i);

		v->vowel[i] = -1;
		if (i == pause_a || i == pause_b || i == VC_TONE_SLOTS - 1)
			continue;
		last = (last + 1 + (int)(n % (VC_TONE_VOWELS - 1))) %
		       VC_TONE_VOWELS;
		v->vowel[i] = (int8_t)last;
		v->accent[i] = (uint8_t)(160 + (n >> 8) % 96);
	}
}

void vc_timbre_init(struct vc_timbre *voice, const char *name)
{
	struct vc_rand r;

	vc_rand_init(&r, 0, "voice", name);
	*voice = (struct vc_timbre){
		.pitch = (uint8_t)(12 + vc_rand_u32(&r, "pitch", 0) % 24),
	};
	draw_vowels(voice, &r);
	draw_phrase(voice, &r);
}

static uint32_t step_of(uint32_t rate_hz)
{
	assert(rate_hz == 8000 || rate_hz == 16000 || rate_hz == 24000 ||
	       rate_hz == 48000);
	return 48000 / rate_hz;
}

void vc_sine_init(struct vc_sine *sine, uint32_t hz)
{
	assert(hz % VC_TONE_GRID_HZ == 0 && hz < 24000);
	sine->step = hz / VC_TONE_GRID_HZ;
	sine->sample = 0;
	make_wave(sine->wave);
}

void vc_sine_read(struct vc_sine *sine, int16_t *pcm, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t at = sine->sample * sine->step % VC_TONE_TABLE;

		/* 0.14 of full scale. */
		pcm[i] = (int16_t)(sine->wave[at] * 9 / 64);
		sine->sample++;
	}
}

void vc_tone_init(struct vc_tone *tone, const char *name, uint32_t rate_hz)
{
	*tone = (struct vc_tone){ .step = step_of(rate_hz) };
	vc_timbre_init(&tone->voice, name);
	make_wave(tone->wave);
}

void vc_tone_seek(struct vc_tone *tone, uint64_t index)
{
	tone->sample = index;
}

/* A smooth rise from 0 to 32768 over 'length'. */
static int64_t rise(int64_t at, int64_t length)
{
	int64_t t = at * 32768 / length;

	return t * t * (3 * 32768 - 2 * t) >> 30;
}

/* Loudness within a slot, 0 to 32768. */
static int64_t envelope(int at)
{
	if (at < ATTACK)
		return rise(at, ATTACK);
	if (at >= SLOT - RELEASE)
		return rise(SLOT - at, RELEASE);
	return 32768;
}

static int16_t sample_at(const struct vc_tone *t, uint64_t index)
{
	const struct vc_timbre *v = &t->voice;
	int at = (int)(index % PHRASE);
	int slot = at / SLOT, phase = at % VC_TONE_TABLE;
	int vowel = v->vowel[slot];
	int64_t sum;

	if (vowel < 0)
		return 0;
	const uint8_t *formant = v->formant[vowel];

	sum = amplitude[0] * t->wave[phase * v->pitch % VC_TONE_TABLE];
	sum += amplitude[1] * t->wave[phase * formant[0] % VC_TONE_TABLE];
	sum += amplitude[2] * t->wave[phase * formant[1] % VC_TONE_TABLE];
	sum = sum / 32768 * v->accent[slot] / 255;
	return (int16_t)(sum * envelope(at % SLOT) / 32768);
}

void vc_tone_read(struct vc_tone *tone, int16_t *pcm, size_t n)
{
	for (size_t i = 0; i < n; i++)
		pcm[i] = sample_at(tone, (tone->sample + i) * tone->step);
	tone->sample += n;
}

/* Bin 0 is the pitch, 1 + 2 v and 2 + 2 v are the formants of vowel v. */
static int frequency(const struct vc_timbre *v, int bin)
{
	return bin ? v->formant[(bin - 1) / 2][(bin - 1) % 2] : v->pitch;
}

static uint16_t bins_of(int vowel)
{
	return (uint16_t)(1 | 3 << (1 + 2 * vowel));
}

void vc_heard_init(struct vc_heard *heard, const char *name, uint32_t rate_hz)
{
	*heard = (struct vc_heard){
		.step = step_of(rate_hz),
		.block = rate_hz * VC_HEARD_BLOCK_MS / 1000,
	};
	vc_timbre_init(&heard->voice, name);
	make_wave(heard->wave);
}

/* Adds samples of one block: 'pcm' does not run past its end. */
static void correlate(struct vc_heard *h, struct vc_heard_block *b,
		      const int16_t *pcm, size_t n)
{
	for (size_t i = 0; i < n; i++)
		b->power += pcm[i] * pcm[i];
	for (int bin = 0; bin < VC_HEARD_BINS; bin++) {
		uint32_t f = (uint32_t)frequency(&h->voice, bin) * h->step;
		uint32_t at = f * (h->phase % VC_TONE_TABLE) % VC_TONE_TABLE;
		int64_t re = 0, im = 0;

		f %= VC_TONE_TABLE;
		for (size_t i = 0; i < n; i++) {
			uint32_t quarter = at + VC_TONE_TABLE / 4;

			if (quarter >= VC_TONE_TABLE)
				quarter -= VC_TONE_TABLE;
			re += pcm[i] * h->wave[quarter];
			im += pcm[i] * h->wave[at];
			at += f;
			if (at >= VC_TONE_TABLE)
				at -= VC_TONE_TABLE;
		}
		b->re[bin] += re;
		b->im[bin] += im;
	}
}

/* Which bins stand out in the window that ends with the current block? */
static uint16_t stand_out(const struct vc_heard *h)
{
	static const int weight[WINDOW] = { 1, 3, 4, 3, 1 };
	const double scale = 1 / (32767.0 * 12 * h->block);
	double power = 0, re[VC_HEARD_BINS] = { 0 }, im[VC_HEARD_BINS] = { 0 };
	uint16_t found = 0;

	for (unsigned int i = 0; i < WINDOW; i++) {
		const struct vc_heard_block *b =
			&h->last[(h->blocks + 1 + i) % WINDOW];

		power += (double)b->power * weight[i] / (12.0 * h->block);
		for (int bin = 0; bin < VC_HEARD_BINS; bin++) {
			re[bin] += (double)b->re[bin] * weight[i] * scale;
			im[bin] += (double)b->im[bin] * weight[i] * scale;
		}
	}
	for (int bin = 0; bin < VC_HEARD_BINS; bin++) {
		double tone = 2 * (re[bin] * re[bin] + im[bin] * im[bin]);

		if (power > MIN_POWER && tone > MIN_SHARE * power)
			found |= (uint16_t)(1 << bin);
	}
	return found;
}

/* The most syllables of the phrase that fit at any one offset. */
static int best_fit(const struct vc_heard *h)
{
	const int per_slot = VC_HEARD_BLOCKS / VC_TONE_SLOTS;
	int best = 0;

	for (int offset = 0; offset < VC_HEARD_BLOCKS; offset++) {
		int fit = 0;

		for (int slot = 0; slot < VC_TONE_SLOTS; slot++) {
			int at = (offset + slot * per_slot) % VC_HEARD_BLOCKS;
			int vowel = h->voice.vowel[slot];

			if (vowel >= 0 && !(bins_of(vowel) & ~h->found[at]))
				fit++;
		}
		best = fit > best ? fit : best;
	}
	return best;
}

static void end_block(struct vc_heard *h)
{
	h->found[h->blocks % VC_HEARD_BLOCKS] = stand_out(h);
	h->blocks++;
	h->fill = 0;
	h->last[h->blocks % WINDOW] = (struct vc_heard_block){ 0 };
	if (h->blocks < VC_HEARD_BLOCKS || h->blocks % LOOK_BLOCKS)
		return;
	h->looks++;
	if (best_fit(h) >= NEEDED)
		h->hits++;
}

void vc_heard_feed(struct vc_heard *heard, const int16_t *pcm, size_t n)
{
	while (n) {
		size_t part = heard->block - heard->fill;

		part = n < part ? n : part;
		correlate(heard, &heard->last[heard->blocks % WINDOW], pcm,
			  part);
		heard->fill += (uint32_t)part;
		heard->phase = (heard->phase + (uint32_t)part) % VC_TONE_TABLE;
		pcm += part;
		n -= part;
		if (heard->fill == heard->block)
			end_block(heard);
	}
}

double vc_heard_share(const struct vc_heard *heard)
{
	return heard->looks ? (double)heard->hits / (double)heard->looks : 0;
}

uint64_t vc_heard_looks(const struct vc_heard *heard)
{
	return heard->looks;
}
