/* SPDX-License-Identifier: MIT */
/*
 * A binary BCH code over GF(128), made by x^7 + x^3 + 1: its generator has the
 * roots a^1 to a^14, which puts right seven errors. 15 of its 127 places are
 * left out. Cell i is the coefficient of x^(111 - i), data first.
 *
 * Decoding is the usual way: syndromes, Berlekamp and Massey for the error
 * locator, every place tried as its root. A locator that has not as many roots
 * as its degree is more than seven errors.
 */
#include <errno.h>
#include <string.h>

#include "base/rand.h"
#include "base/time.h"
#include "media/mark.h"

#define DATA_BITS 63
#define CHECK_BITS 49
#define ERRORS 7
#define ORDER 127
#define GENERATOR UINT64_C(0x2c98011d8b04d)

/* Begins the CRC, and so tells this format from others. */
#define CRC_START 0x5643

/* Bits of frame and time that change often are below the first 32 cells. */
#define FRAME_LOW 7
#define TIME_LOW 8

static const uint8_t power[] = {
	1,   2,	  4,   8,   16,	 32,  64,  9,	18,  36,  72,  25, 50,
	100, 65,  11,  22,  44,	 88,  57,  114, 109, 83,  47,  94, 53,
	106, 93,  51,  102, 69,	 3,   6,   12,	24,  48,  96,  73, 27,
	54,  108, 81,  43,  86,	 37,  74,  29,	58,  116, 97,  75, 31,
	62,  124, 113, 107, 95,	 55,  110, 85,	35,  70,  5,   10, 20,
	40,  80,  41,  82,  45,	 90,  61,  122, 125, 115, 111, 87, 39,
	78,  21,  42,  84,  33,	 66,  13,  26,	52,  104, 89,  59, 118,
	101, 67,  15,  30,  60,	 120, 121, 123, 127, 119, 103, 71, 7,
	14,  28,  56,  112, 105, 91,  63,  126, 117, 99,  79,  23, 46,
	92,  49,  98,  77,  19,	 38,  76,  17,	34,  68,
};

static const uint8_t logarithm[] = {
	0,   0,	  1,   31,  2,	 62, 32,  103, 3,   7,	 63, 15,  33,  84,  104,
	93,  4,	  124, 8,   121, 64, 79,  16,  115, 34,	 11, 85,  38,  105, 46,
	94,  51,  5,   82,  125, 60, 9,	  44,  122, 77,	 65, 67,  80,  42,  17,
	69,  116, 23,  35,  118, 12, 28,  86,  25,  39,	 57, 106, 19,  47,  89,
	95,  71,  52,  110, 6,	 14, 83,  92,  126, 30,	 61, 102, 10,  37,  45,
	50,  123, 120, 78,  114, 66, 41,  68,  22,  81,	 59, 43,  76,  18,  88,
	70,  109, 117, 27,  24,	 56, 36,  49,  119, 113, 13, 91,  29,  101, 87,
	108, 26,  55,  40,  21,	 58, 75,  107, 54,  20,	 74, 48,  112, 90,  100,
	96,  97,  72,  98,  53,	 73, 111, 99,
};

uint16_t vc_mark_id(const char *name)
{
	uint64_t h = vc_hash_str(name);

	return (uint16_t)(h ^ h >> 16 ^ h >> 32 ^ h >> 48);
}

struct vc_mark vc_mark_make(uint16_t id, uint64_t frame, int64_t now)
{
	/* To the nearest ms, also before 1970. */
	int64_t ms = (now + VC_MS / 2) / VC_MS;

	return (struct vc_mark){
		.id = id,
		.frame = (uint16_t)(frame % VC_MARK_FRAMES),
		.time_ms = (uint16_t)((uint64_t)ms % VC_MARK_TIMES),
	};
}

int64_t vc_mark_taken(const struct vc_mark *m, int64_t now)
{
	int64_t ms = now / VC_MS;
	int ago = (int)((uint64_t)(ms - m->time_ms) % VC_MARK_TIMES);

	if (ago > VC_MARK_TIMES - 5000)
		ago -= VC_MARK_TIMES;
	return (ms - ago) * VC_MS;
}

static unsigned int to_gray(unsigned int n)
{
	return n ^ n >> 1;
}

static unsigned int from_gray(unsigned int n)
{
	n ^= n >> 8;
	n ^= n >> 4;
	n ^= n >> 2;
	return n ^ n >> 1;
}

static uint64_t crc_of(uint64_t data, int bits)
{
	unsigned int crc = CRC_START;

	for (int i = bits - 1; i >= 0; i--) {
		unsigned int top = (crc >> 15 ^ (unsigned int)(data >> i)) & 1;

		crc = (crc << 1 & 0xffff) ^ (top ? 0x1021 : 0);
	}
	return crc;
}

static uint64_t data_of(const struct vc_mark *m)
{
	uint64_t frame = to_gray(m->frame), time = to_gray(m->time_ms);
	uint64_t data = m->id;

	data = data << (15 - FRAME_LOW) | frame >> FRAME_LOW;
	data = data << (16 - TIME_LOW) | time >> TIME_LOW;
	data = data << FRAME_LOW | (frame & ((1u << FRAME_LOW) - 1));
	data = data << TIME_LOW | (time & ((1u << TIME_LOW) - 1));
	return data << 16 | crc_of(data, DATA_BITS - 16);
}

static unsigned int take(uint64_t *data, int bits)
{
	unsigned int v = (unsigned int)(*data & ((1u << bits) - 1));

	*data >>= bits;
	return v;
}

static int parse(struct vc_mark *m, uint64_t data)
{
	uint64_t crc = take(&data, 16);
	unsigned int frame, time;

	if (crc != crc_of(data, DATA_BITS - 16))
		return -EBADMSG;
	time = take(&data, TIME_LOW);
	frame = take(&data, FRAME_LOW);
	time |= take(&data, 16 - TIME_LOW) << TIME_LOW;
	frame |= take(&data, 15 - FRAME_LOW) << FRAME_LOW;
	m->frame = (uint16_t)from_gray(frame);
	m->time_ms = (uint16_t)from_gray(time);
	m->id = (uint16_t)data;
	return 0;
}

void vc_mark_encode(uint8_t cells[static VC_MARK_CELLS],
		    const struct vc_mark *m)
{
	const uint64_t mask = (UINT64_C(1) << CHECK_BITS) - 1;
	uint64_t data = data_of(m), check = 0;

	for (int i = 0; i < DATA_BITS; i++) {
		uint64_t bit = data >> (DATA_BITS - 1 - i) & 1;
		uint64_t top = check >> (CHECK_BITS - 1);

		cells[i] = (uint8_t)bit;
		check = check << 1 & mask;
		if (top ^ bit)
			check ^= GENERATOR & mask;
	}
	for (int i = 0; i < CHECK_BITS; i++)
		cells[DATA_BITS + i] =
			(uint8_t)(check >> (CHECK_BITS - 1 - i) & 1);
}

/* --- decoding --- */

static uint8_t multiply(uint8_t a, uint8_t b)
{
	if (!a || !b)
		return 0;
	return power[(logarithm[a] + logarithm[b]) % ORDER];
}

static uint8_t divide(uint8_t a, uint8_t b)
{
	if (!a)
		return 0;
	return power[(logarithm[a] + ORDER - logarithm[b]) % ORDER];
}

/* s[j] is the code word at a^j. True when all are zero: no error. */
static bool syndromes(uint8_t s[static 2 * ERRORS + 1], const uint8_t *cells)
{
	uint8_t any = 0;

	memset(s, 0, 2 * ERRORS + 1);
	for (int i = 0; i < VC_MARK_CELLS; i++) {
		int place = VC_MARK_CELLS - 1 - i;

		for (int j = 1; cells[i] && j <= 2 * ERRORS; j += 2)
			s[j] ^= power[j * place % ORDER];
	}
	for (int j = 2; j <= 2 * ERRORS; j += 2)
		s[j] = multiply(s[j / 2], s[j / 2]);
	for (int j = 1; j <= 2 * ERRORS; j++)
		any |= s[j];
	return !any;
}

/* The error locator of 's'; its degree. */
static int locator(uint8_t c[static 2 * ERRORS + 1],
		   const uint8_t s[static 2 * ERRORS + 1])
{
	uint8_t b[2 * ERRORS + 1] = { 1 }, old[2 * ERRORS + 1];
	uint8_t last = 1;
	int len = 0, shift = 1;

	memset(c, 0, 2 * ERRORS + 1);
	c[0] = 1;
	for (int n = 0; n < 2 * ERRORS; n++, shift++) {
		uint8_t d = s[n + 1], scale;

		for (int i = 1; i <= len; i++)
			d ^= multiply(c[i], s[n + 1 - i]);
		if (!d)
			continue;
		scale = divide(d, last);
		memcpy(old, c, sizeof(old));
		for (int i = shift; i <= 2 * ERRORS; i++)
			c[i] ^= multiply(scale, b[i - shift]);
		if (2 * len > n)
			continue;
		len = n + 1 - len;
		memcpy(b, old, sizeof(b));
		last = d;
		shift = 0;
	}
	return len;
}

/* Turns the cells the locator names. False: they are not as many as it says. */
static bool repair(uint8_t *cells, const uint8_t *c, int degree)
{
	int n = 0;

	for (int i = 0; i < VC_MARK_CELLS; i++) {
		int inverse = (ORDER - (VC_MARK_CELLS - 1 - i)) % ORDER;
		uint8_t sum = c[0];

		for (int k = 1; k <= degree; k++)
			sum ^= multiply(c[k], power[k * inverse % ORDER]);
		if (sum)
			continue;
		cells[i] ^= 1;
		n++;
	}
	return n == degree;
}

int vc_mark_decode(struct vc_mark *m, const uint8_t cells[static VC_MARK_CELLS])
{
	uint8_t s[2 * ERRORS + 1], c[2 * ERRORS + 1];
	uint8_t right[VC_MARK_CELLS];
	uint64_t data = 0;
	int n = 0;

	memcpy(right, cells, sizeof(right));
	if (!syndromes(s, right)) {
		n = locator(c, s);
		if (n > ERRORS || !repair(right, c, n))
			return -EBADMSG;
	}
	for (int i = 0; i < DATA_BITS; i++)
		data = data << 1 | right[i];
	return parse(m, data) ? -EBADMSG : n;
}
