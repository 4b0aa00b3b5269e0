/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/pacer.h"

#define T0 VC_VIRTUAL_EPOCH

/* Items are letters; those dropped are noted. */
struct dropped {
	char text[64];
	size_t n;
};

static void drop(void *ctx, void *item)
{
	struct dropped *d = ctx;

	d->text[d->n] = *(char *)item;
	d->n++;
}

static struct vc_pacer *start(struct dropped *d, int64_t max_wait,
			      bool holds_audio)
{
	const struct vc_pacer_conf conf = {
		.item_size = 1,
		.cap = 8,
		.max_wait = max_wait,
		.holds_audio = holds_audio,
		.drop = drop,
		.ctx = d,
	};

	memset(d, 0, sizeof(*d));
	return vc_pacer_new(&conf);
}

/* Letters: a sound, r sent again, others pictures of SSRC 1 (of 2 from u to
 * z), capital ones of a key frame. 1000 octets each. */
static void put(struct vc_pacer *p, const char *letters, int64_t now)
{
	for (; *letters; letters++) {
		char c = *letters;
		const struct vc_pacer_what what = {
			.class = c == 'a' ? VC_PACER_AUDIO :
				 c == 'r' ? VC_PACER_REPAIR :
					    VC_PACER_VIDEO,
			.ssrc = (c | 32) >= 'u' ? 2 : 1,
			.octets = 1000,
			.is_key = !(c & 32),
		};

		(void)vc_pacer_put(p, &what, &c, now);
	}
}

static const char *take(struct vc_pacer *p, int64_t now)
{
	static char text[64];
	uint8_t cluster;
	size_t n = 0;
	char *c;

	while ((c = vc_pacer_take(p, now, &cluster)))
		text[n++] = *c;
	text[n] = 0;
	return text;
}

static void sound_goes_first(void **state)
{
	struct dropped d;
	struct vc_pacer *p = start(&d, 0, false);

	(void)state;
	assert_true(vc_pacer_next(p, T0) == INT64_MAX);
	put(p, "bcrade", T0);
	assert_int_equal(vc_pacer_next(p, T0), T0);
	assert_string_equal(take(p, T0), "arbcde");
	/* 8 ms each; sound is not held, but counts */
	vc_pacer_rate(p, 1000000, 0, T0);
	put(p, "bcr", T0);
	assert_string_equal(take(p, T0), "r");
	put(p, "a", T0);
	assert_string_equal(take(p, T0), "a");
	assert_int_equal(vc_pacer_next(p, T0), T0 + 16 * VC_MS);
	assert_string_equal(take(p, T0 + 15 * VC_MS), "");
	assert_string_equal(take(p, T0 + 16 * VC_MS), "b");
	assert_string_equal(take(p, T0 + 24 * VC_MS), "c");
	assert_int_equal(d.n, 0);
	vc_pacer_free(p);
}

/* Sound that is more than the rate leaves nothing for pictures; when the rate
 * is a hundred times that again, they wait a hundredth. */
static void what_went_early_is_waited_for_at_a_higher_rate(void **state)
{
	struct dropped d;
	struct vc_pacer *p = start(&d, 0, false);

	(void)state;
	vc_pacer_rate(p, 10000, 0, T0);
	put(p, "aaaab", T0);
	assert_string_equal(take(p, T0), "aaaa");
	assert_int_equal(vc_pacer_next(p, T0), T0 + 3200 * VC_MS);
	vc_pacer_rate(p, 10000, 0, T0 + 100 * VC_MS);
	assert_int_equal(vc_pacer_next(p, T0), T0 + 3200 * VC_MS);
	vc_pacer_rate(p, 1000000, 0, T0 + 200 * VC_MS);
	assert_int_equal(vc_pacer_next(p, T0), T0 + 230 * VC_MS);
	vc_pacer_rate(p, 500000, 0, T0 + 210 * VC_MS);
	assert_int_equal(vc_pacer_next(p, T0), T0 + 230 * VC_MS);
	assert_string_equal(take(p, T0 + 230 * VC_MS), "b");
	vc_pacer_free(p);
}

/* As --pace=RATE has it. */
static void sound_may_be_held(void **state)
{
	struct dropped d;
	struct vc_pacer *p = start(&d, 0, true);

	(void)state;
	vc_pacer_rate(p, 1000000, 2000, T0);
	put(p, "bcaaa", T0);
	assert_string_equal(take(p, T0), "aaa");
	assert_string_equal(take(p, T0 + 7 * VC_MS), "");
	assert_string_equal(take(p, T0 + 8 * VC_MS), "b");
	vc_pacer_rate(p, 0, 0, T0 + 8 * VC_MS);
	assert_string_equal(take(p, T0 + 8 * VC_MS), "c");
	vc_pacer_free(p);
}

static void old_pictures_go_up_to_a_key_frame(void **state)
{
	struct dropped d;
	struct vc_pacer *p = start(&d, 100 * VC_MS, false);
	uint32_t ssrc;

	(void)state;
	vc_pacer_rate(p, 1000, 0, T0);
	put(p, "b", T0);
	assert_string_equal(take(p, T0), "b");
	put(p, "cdu", T0);
	put(p, "Ee", T0 + 50 * VC_MS);
	put(p, "f", T0 + 101 * VC_MS);
	assert_memory_equal(d.text, "cdu", 3);
	assert_int_equal(d.n, 3);
	/* SSRC 1 goes on with its key frame, 2 has to wait for one */
	assert_true(vc_pacer_wants_key(p, &ssrc, T0 + VC_SEC));
	assert_int_equal(ssrc, 2);
	assert_false(vc_pacer_wants_key(p, &ssrc, T0 + 2 * VC_SEC - 1));
	assert_true(vc_pacer_wants_key(p, &ssrc, T0 + 2 * VC_SEC));
	put(p, "vVw", T0 + 102 * VC_MS);
	assert_int_equal(d.text[3], 'v');
	assert_int_equal(d.n, 4);
	assert_false(vc_pacer_wants_key(p, &ssrc, T0 + 9 * VC_SEC));
	assert_int_equal(vc_pacer_stats(p).n, 5);
	assert_int_equal(vc_pacer_stats(p).dropped, 4);
	vc_pacer_rate(p, 0, 0, T0 + 102 * VC_MS);
	assert_string_equal(take(p, T0 + 102 * VC_MS), "EefVw");
	assert_int_equal(vc_pacer_stats(p).waited, 52 * VC_MS);
	vc_pacer_free(p);
}

static void a_full_ring_drops_its_oldest(void **state)
{
	struct dropped d;
	struct vc_pacer *p = start(&d, 0, false);
	uint32_t ssrc;

	(void)state;
	vc_pacer_rate(p, 1000, 0, T0);
	put(p, "aaaaaaaaaa", T0);
	assert_string_equal(d.text, "aa");
	put(p, "bcdefg", T0);
	put(p, "hijkl", T0);
	/* a key frame is not there: everything has to go */
	assert_string_equal(d.text, "aabcdefghijkl");
	assert_true(vc_pacer_wants_key(p, &ssrc, T0));
	put(p, "M", T0);
	assert_int_equal(vc_pacer_stats(p).n, 9);
	vc_pacer_drop(p, 1u << VC_PACER_VIDEO);
	assert_int_equal(vc_pacer_stats(p).n, 8);
	vc_pacer_free(p);
	assert_int_equal(d.n, 2 + 11 + 1 + 8);
}

static void a_probe_has_its_own_rate(void **state)
{
	const struct vc_bwe_cluster c = {
		.id = 5,
		.bps = 8000000,
		.octets = 4000,
	};
	struct dropped d;
	struct vc_pacer *p = start(&d, 0, false);
	uint8_t id;

	(void)state;
	vc_pacer_rate(p, 8000, 0, T0);
	put(p, "bcd", T0);
	assert_string_equal(take(p, T0), "b");
	vc_pacer_probe(p, &c);
	assert_int_equal(vc_pacer_next(p, T0), T0);
	assert_non_null(vc_pacer_take(p, T0, &id));
	assert_int_equal(id, 5);
	assert_int_equal(vc_pacer_padding(p, T0, &id), 0);
	assert_int_equal(vc_pacer_next(p, T0), T0 + VC_MS);
	assert_null(vc_pacer_take(p, T0, &id));
	assert_non_null(vc_pacer_take(p, T0 + VC_MS, &id));
	/* nothing waits: padding, until it is complete */
	assert_int_equal(vc_pacer_next(p, T0 + VC_MS), T0 + 2 * VC_MS);
	assert_int_equal(vc_pacer_padding(p, T0 + VC_MS, &id), 0);
	for (int i = 2; i < 4; i++) {
		assert_true(vc_pacer_padding(p, T0 + i * VC_MS, &id) > 0);
		assert_int_equal(id, 5);
		vc_pacer_padded(p, 1000, T0 + i * VC_MS);
	}
	assert_int_equal(vc_pacer_padding(p, T0 + VC_SEC, &id), 0);
	assert_true(vc_pacer_next(p, T0 + 4 * VC_MS) == INT64_MAX);
	/* what it sent counts afterwards */
	put(p, "e", T0 + 4 * VC_MS);
	assert_int_equal(vc_pacer_next(p, T0 + 4 * VC_MS), T0 + 5 * VC_SEC);
	vc_pacer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_goes_first),
		cmocka_unit_test(sound_may_be_held),
		cmocka_unit_test(
			what_went_early_is_waited_for_at_a_higher_rate),
		cmocka_unit_test(old_pictures_go_up_to_a_key_frame),
		cmocka_unit_test(a_full_ring_drops_its_oldest),
		cmocka_unit_test(a_probe_has_its_own_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
