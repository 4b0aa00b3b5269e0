/* SPDX-License-Identifier: MIT */
/* Known values of ITU-T G.711 Tables 1a to 2b, scaled to 16 bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/g711.h"

/* Octet and quantized value: the ends of segments, both signs. */
static const struct {
	uint8_t octet;
	int16_t value;
} ulaw[] = {
	{ 0xff, 0 },	 { 0xfe, 8 },	 { 0xf0, 120 },	 { 0xef, 132 },
	{ 0xe0, 372 },	 { 0xdf, 396 },	 { 0xd0, 876 },	 { 0xcf, 924 },
	{ 0xc0, 1884 },	 { 0xb0, 3900 }, { 0xa0, 7932 }, { 0x90, 15996 },
	{ 0x8f, 16764 }, { 0x80, 32124 }, { 0x7f, 0 },	 { 0x7e, -8 },
	{ 0x6f, -132 },	 { 0x00, -32124 },
}, alaw[] = {
	{ 0xd5, 8 },	 { 0xd4, 24 },	 { 0xda, 248 },	 { 0xc5, 264 },
	{ 0xca, 504 },	 { 0xf5, 528 },	 { 0xe5, 1056 }, { 0x95, 2112 },
	{ 0x85, 4224 },	 { 0xb5, 8448 }, { 0xa5, 16896 }, { 0xaa, 32256 },
	{ 0x55, -8 },	 { 0x54, -24 },	 { 0x45, -264 }, { 0x2a, -32256 },
};

static void test_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(ulaw); i++)
		assert_int_equal(vc_g711_from_ulaw(ulaw[i].octet),
				 ulaw[i].value);
	for (size_t i = 0; i < VC_COUNT(alaw); i++)
		assert_int_equal(vc_g711_from_alaw(alaw[i].octet),
				 alaw[i].value);
}

static void test_octets_return(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++) {
		uint8_t o = (uint8_t)i;

		assert_int_equal(vc_g711_alaw(vc_g711_from_alaw(o)), o);
		assert_int_equal(vc_g711_ulaw(vc_g711_from_ulaw(o)),
				 o == 0x7f ? 0xff : o);
	}
}

/* The samples that one octet stands for. */
struct range {
	int min, max, n;
};

static void note(struct range *r, int s)
{
	r->min = r->n && r->min < s ? r->min : s;
	r->max = r->n && r->max > s ? r->max : s;
	r->n++;
}

/*
 * A quantized value is the middle between two decision values, which are
 * those of G.711 if it is so for every octet. Mu-law has half an interval at
 * zero and clips in the outermost ones.
 */
static void test_decision_values(void **state)
{
	static struct range u[256], a[256];

	(void)state;
	for (int s = -32768; s <= 32767; s++) {
		note(&u[vc_g711_ulaw((int16_t)s)], s);
		note(&a[vc_g711_alaw((int16_t)s)], s);
	}
	for (int i = 0; i < 256; i++) {
		uint8_t o = (uint8_t)i;

		assert_int_equal(a[i].n, a[i].max - a[i].min + 1);
		assert_int_equal(u[i].n, u[i].max - u[i].min + 1);
		assert_int_equal(a[i].min + a[i].max + 1,
				 2 * vc_g711_from_alaw(o));
		if ((o & 0x7f) != 0x7f && (o & 0x7f) != 0)
			assert_int_equal(u[i].min + u[i].max + 1,
					 2 * vc_g711_from_ulaw(o));
	}
	assert_int_equal(u[0xff].max, 3);
	assert_int_equal(u[0x7f].min, -4);
	assert_int_equal(u[0x80].min, 31612);
}

static void test_edges(void **state)
{
	(void)state;
	assert_int_equal(vc_g711_ulaw(0), 0xff);
	assert_int_equal(vc_g711_ulaw(-1), 0x7f);
	assert_int_equal(vc_g711_ulaw(32767), 0x80);
	assert_int_equal(vc_g711_ulaw(-32768), 0x00);
	assert_int_equal(vc_g711_alaw(0), 0xd5);
	assert_int_equal(vc_g711_alaw(-1), 0x55);
	assert_int_equal(vc_g711_alaw(32767), 0xaa);
	assert_int_equal(vc_g711_alaw(-32768), 0x2a);
}

static void test_blocks(void **state)
{
	const int16_t pcm[4] = { 0, 1000, -1000, 32767 };
	uint8_t out[4];
	int16_t back[4];

	(void)state;
	vc_pcmu_encode(pcm, 4, out);
	vc_pcmu_decode(out, 4, back);
	for (int i = 0; i < 4; i++)
		assert_int_equal(back[i],
				 vc_g711_from_ulaw(vc_g711_ulaw(pcm[i])));
	vc_pcma_encode(pcm, 4, out);
	vc_pcma_decode(out, 4, back);
	for (int i = 0; i < 4; i++)
		assert_int_equal(back[i],
				 vc_g711_from_alaw(vc_g711_alaw(pcm[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_octets_return),
		cmocka_unit_test(test_decision_values),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
