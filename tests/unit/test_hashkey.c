/* SPDX-License-Identifier: MIT */
/* Chains stay short, however keys are chosen that do not know the secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hashkey.h"

#define BITS 11
#define BUCKETS (1u << BITS)
#define LONGEST \
	256 /* of BUCKETS keys; where all fall together there are BUCKETS */
#define SECRETS 8 /* of which one may be unlucky */

static unsigned int longest(const uint32_t *buckets)
{
	static unsigned int seen[BUCKETS];
	unsigned int most = 0;

	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < BUCKETS; i++) {
		assert_true(buckets[i] < BUCKETS);
		seen[buckets[i]]++;
		most = seen[buckets[i]] > most ? seen[buckets[i]] : most;
	}
	return most;
}

/* Steps that only high bits, low ones, or what was folded once can tell. */
static void chains_of_numbers_are_short(void **state)
{
	static const uint64_t steps[] = {
		1,
		3,
		BUCKETS,
		1 << 16,
		0x80100200u,
		UINT64_C(1) << 32,
		UINT64_C(1) << 50,
		UINT64_C(0x9e3779b97f4a7c15),
	};
	uint32_t buckets[BUCKETS];
	struct vc_hashkey key;

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		unsigned int bad = 0;

		for (int s = 0; s < SECRETS; s++) {
			assert_int_equal(vc_hashkey_init(&key), 0);
			for (uint64_t k = 0; k < BUCKETS; k++)
				buckets[k] = vc_hashkey_u64(&key, k * steps[i],
							    BITS);
			bad += longest(buckets) > LONGEST;
		}
		assert_true(bad <= 1);
	}
}

static void chains_of_words_are_short(void **state)
{
	uint32_t buckets[BUCKETS];
	struct vc_hashkey key;

	(void)state;
	for (size_t at = 0; at < VC_HASHKEY_WORDS; at++) {
		unsigned int bad = 0;

		for (int s = 0; s < SECRETS; s++) {
			assert_int_equal(vc_hashkey_init(&key), 0);
			for (uint32_t k = 0; k < BUCKETS; k++) {
				uint32_t v[VC_HASHKEY_WORDS] = { 0 };

				v[at] = k << 16;
				v[(at + 1) % VC_HASHKEY_WORDS] = ~k;
				buckets[k] = vc_hashkey_words(
					&key, v, VC_HASHKEY_WORDS, BITS);
			}
			bad += longest(buckets) > LONGEST;
		}
		assert_true(bad <= 1);
	}
}

static void every_run_has_its_own(void **state)
{
	struct vc_hashkey a, b;
	unsigned int same = 0;

	(void)state;
	assert_int_equal(vc_hashkey_init(&a), 0);
	assert_int_equal(vc_hashkey_init(&b), 0);
	assert_true(a.odd & 1);
	for (uint64_t k = 1; k <= 1000; k++)
		same += vc_hashkey_u64(&a, k, 32) == vc_hashkey_u64(&b, k, 32);
	assert_true(same < 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chains_of_numbers_are_short),
		cmocka_unit_test(chains_of_words_are_short),
		cmocka_unit_test(every_run_has_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
