/* SPDX-License-Identifier: MIT */
/*
 * Which sample of the mark a sample is follows from its stream time alone, so
 * nothing needs be remembered and jumps do no harm. The phase does not jump
 * where tones meet.
 *
 * Speech coders keep tones far better than anything that moves, at low rates:
 * 16 rises through the band in place of 16 tones, after Opus at 16 kbit/s,
 * were read right half the time, tones six times in seven.
 */
#include <assert.h>

#include "base/time.h"
#include "media/chirp_internal.h"

#define LEVEL 1850 /* of 32768 */
#define RAMP 240   /* samples at 48 kHz: 5 ms */
#define PLACES 61
#define PLACE 600 /* samples at 48 kHz */

/* cos and sin of 1/1024 of a circle, with 30 bits behind the point. */
#define STEP_COS INT64_C(1073721611)
#define STEP_SIN INT64_C(6588356)

/* What each data symbol adds to the check symbols: GF(16), x^4 + x + 1. */
static const uint16_t checks[4][16] = {
	{ 0x0000, 0xdb76, 0x95ec, 0x4e9a, 0x1afb, 0xc18d, 0x8f17, 0x5461,
	  0x27d5, 0xfca3, 0xb239, 0x694f, 0x3d2e, 0xe658, 0xa8c2, 0x73b4 },
	{ 0x0000, 0xbd67, 0x59ce, 0xe4a9, 0xa1bf, 0x1cd8, 0xf871, 0x4516,
	  0x725d, 0xcf3a, 0x2b93, 0x96f4, 0xd3e2, 0x6e85, 0x8a2c, 0x374b },
	{ 0x0000, 0x76db, 0xec95, 0x9a4e, 0xfb1a, 0x8dc1, 0x178f, 0x6154,
	  0xd527, 0xa3fc, 0x39b2, 0x4f69, 0x2e3d, 0x58e6, 0xc2a8, 0xb473 },
	{ 0x0000, 0x67bd, 0xce59, 0xa9e4, 0xbfa1, 0xd81c, 0x71f8, 0x1645,
	  0x5d72, 0x3acf, 0x932b, 0xf496, 0xe2d3, 0x856e, 0x2c8a, 0x4b37 },
};

/* So that no mark is a tone that stands still. */
const uint8_t chirp_offset[VC_CHIRP_SYMBOLS] = { 0, 7, 14, 5, 12, 3, 10, 1 };

uint32_t chirp_fall_phase(uint32_t at)
{
	/* 3640 Hz, and 640 Hz less in 2400 samples. */
	uint64_t high = CHIRP_LOW_HZ + CHIRP_BAND_HZ;
	uint64_t line = (high * at << 32) / VC_CHIRP_RATE;
	uint64_t bend = ((uint64_t)at * at << 32) / 360000;

	return (uint32_t)(line - bend);
}

uint32_t chirp_tone_phase(unsigned int tone, uint32_t at)
{
	uint64_t apart = CHIRP_BAND_HZ / CHIRP_TONES;
	uint64_t hz = CHIRP_LOW_HZ + apart / 2 + tone * apart;

	return (uint32_t)((hz * at << 32) / VC_CHIRP_RATE);
}

unsigned int chirp_check(unsigned int data)
{
	unsigned int check = 0;

	for (int i = 0; i < 4; i++)
		check ^= checks[i][data >> (12 - 4 * i) & 15];
	return check;
}

/* --- when --- */

static int32_t begins(uint8_t id, uint8_t second)
{
	uint32_t h = ((uint32_t)id << 8 | second) * UINT32_C(0x9e3779b1);

	h = (h ^ h >> 15) * UINT32_C(0x85ebca6b);
	h ^= h >> 13;
	return (int32_t)(h % PLACES) * PLACE;
}

int64_t vc_chirp_offset(uint8_t id, uint8_t second)
{
	return (int64_t)begins(id, second) * VC_SEC / VC_CHIRP_RATE;
}

int64_t vc_chirp_made(uint8_t id, uint8_t second, int64_t now)
{
	int64_t offset = vc_chirp_offset(id, second);
	int64_t latest = now + 10 * VC_SEC - offset;
	int64_t sec = latest / VC_SEC - (latest % VC_SEC < 0);
	int64_t back = (int64_t)((uint64_t)(sec - second) % 256);

	return (sec - back) * VC_SEC + offset;
}

/* --- writing --- */

void vc_chirp_init(struct vc_chirp *c, uint16_t id, uint32_t rate_hz)
{
	const int64_t one = INT64_C(1) << 30;
	int64_t x = one, y = 0;

	assert(rate_hz == 8000 || rate_hz == 16000 || rate_hz == 24000 ||
	       rate_hz == 48000);
	*c = (struct vc_chirp){ .id = (uint8_t)id, .step = 48000 / rate_hz };
	for (int i = 0; i < VC_CHIRP_TABLE; i++) {
		int64_t turned = (x * STEP_COS - y * STEP_SIN) / one;

		c->wave[i] = (int16_t)(y * 32767 / one);
		y = (y * STEP_COS + x * STEP_SIN) / one;
		x = turned;
	}
}

static void set_second(struct vc_chirp *c, int64_t second)
{
	unsigned int data = (unsigned int)c->id << 8 | (uint8_t)second;
	uint32_t all = data << 16 | chirp_check(data);
	uint32_t phase = chirp_fall_phase(CHIRP_FALL);

	if (c->is_set && c->second == second)
		return;
	c->is_set = true;
	c->second = second;
	c->begins = begins(c->id, (uint8_t)second);
	for (int i = 0; i < VC_CHIRP_SYMBOLS; i++) {
		unsigned int symbol = all >> (28 - 4 * i) & 15;

		c->tone[i] = (symbol + chirp_offset[i]) % CHIRP_TONES;
		c->phase[i] = phase;
		phase += chirp_tone_phase(c->tone[i], CHIRP_SYMBOL);
	}
}

static uint32_t phase_at(const struct vc_chirp *c, uint32_t at)
{
	uint32_t i;

	if (at < CHIRP_FALL)
		return chirp_fall_phase(at);
	i = (at - CHIRP_FALL) / CHIRP_SYMBOL;
	return c->phase[i] +
	       chirp_tone_phase(c->tone[i], (at - CHIRP_FALL) % CHIRP_SYMBOL);
}

/* The mark's sample 'at'. */
static int sample_at(const struct vc_chirp *c, uint32_t at)
{
	uint32_t edge = at < CHIRP_WHOLE / 2 ? at : CHIRP_WHOLE - 1 - at;
	int level = LEVEL;

	if (edge < RAMP)
		level = LEVEL * (int)edge / RAMP;
	return c->wave[phase_at(c, at) >> 22] * level / 32768;
}

void vc_chirp_add(struct vc_chirp *c, int16_t *pcm, size_t n, int64_t now)
{
	int64_t second = now / VC_SEC - (now % VC_SEC < 0);
	int64_t rest = now - second * VC_SEC;
	int64_t at = (rest * 48 + VC_MS / 2) / VC_MS;

	for (size_t i = 0; i < n; i++, at += c->step) {
		int64_t from;
		int sum;

		if (at >= VC_CHIRP_RATE) {
			at -= VC_CHIRP_RATE;
			second++;
		}
		set_second(c, second);
		from = at - c->begins;
		if (from < 0 || from >= CHIRP_WHOLE)
			continue;
		sum = pcm[i] + sample_at(c, (uint32_t)from);
		pcm[i] = (int16_t)(sum > 32767	? 32767 :
				   sum < -32768 ? -32768 :
						  sum);
	}
}
