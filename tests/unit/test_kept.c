/* SPDX-License-Identifier: MIT */
/* What a stream may send again of what is kept once for its source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/time.h"
#include "link/rtptx_repair.h"

#define T0 VC_VIRTUAL_EPOCH
#define SPACING (5 * VC_MS)
#define LEN 100

/* A stream of one destination, and who sends into it. */
struct rig {
	struct vc_pool *pool;
	struct vc_rtptx s;
	struct stream st;
	struct txsrc tx;
	int64_t now;
	uint16_t off; /* numbers out - in */
};

static void begin(struct rig *r)
{
	const struct vc_srcline line = { .rate_hz = 8000 };
	struct vc_rand rand;

	memset(r, 0, sizeof(*r));
	vc_rand_init(&rand, 1, "test", NULL);
	r->pool = vc_pool_new();
	r->now = T0;
	r->st.tx = &r->s;
	r->st.kind = VC_AUDIO;
	vc_splice_init(&r->st.splice, &rand, "a", 0, 8000);
	vc_splice_source(&r->st.splice, &line, false);
	vc_txkept_heard(&r->s);
	vc_txkept_begin(&r->st);
}

static void end(struct rig *r)
{
	vc_txkept_end(&r->st);
	vc_history_unref(r->tx.history);
	assert_int_equal(r->s.history_budget.used, 0);
	assert_int_equal(vc_pool_used(r->pool), 0);
	vc_pool_free(r->pool);
}

/* The source sends 'seq', which others get, and the stream if it is for it. */
static void put(struct rig *r, uint16_t seq, bool is_for_it)
{
	const struct vc_rtp in = { .seq = seq, .ts = 80u * seq, .ssrc = 7 };
	struct vc_packet *pkt = vc_packet_new(r->pool, LEN);
	struct vc_rtp out;

	memset(pkt->data, 0, LEN);
	pkt->data[0] = 0x80;
	pkt->len = LEN;
	memcpy(pkt->data + VC_RTP_HEADER, &seq, sizeof(seq));
	r->now += SPACING;
	if (is_for_it) {
		assert_true(vc_splice_map(&r->st.splice, &in, r->now, &out));
		r->off = (uint16_t)(out.seq - seq);
		vc_txkept_sent(&r->st, &r->tx, &in, &out);
	} else {
		vc_txkept_away(&r->st);
	}
	vc_txkept_source(&r->s, &r->tx, pkt, &in, r->now);
	vc_packet_unref(pkt);
}

/* Would the stream send again what its source sent as 'seq'? */
static bool has(const struct rig *r, uint16_t seq)
{
	struct txkept k;

	if (!vc_txkept_find(&r->st, (uint16_t)(seq + r->off), r->now, &k))
		return false;
	assert_int_equal(k.len, LEN);
	assert_memory_equal(k.data + VC_RTP_HEADER, &seq, sizeof(seq));
	return true;
}

/* For a whole turn of the numbers and more, with no change in between. */
static void what_was_sent_of_late_is_there_however_long_it_goes_on(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
	for (uint32_t n = 0; n < 150000; n++) {
		const uint16_t seq = (uint16_t)(60000 + n);

		put(&r, seq, true);
		assert_true(has(&r, seq));
		assert_int_equal(has(&r, (uint16_t)(seq - 100)), n >= 100);
		assert_false(has(&r, (uint16_t)(seq + 1)));
	}
	end(&r);
}

/* Puts one after the other until a time, the first one 'seq'; the next. */
static uint16_t put_until(struct rig *r, uint16_t seq, int64_t until)
{
	while (r->now + SPACING < until)
		put(r, seq++, true);
	return seq;
}

/* Until somebody does, however many went meanwhile. */
static void for_who_never_reports_nothing_is_kept(void **state)
{
	static const uint16_t more[] = { 0, 1, 10000, 33000, 40000, 65000 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(more); i++) {
		struct rig r;
		uint16_t seq;

		begin(&r);
		r.s.keeps_until = 0;
		vc_txkept_greet(&r.s, T0);
		seq = put_until(&r, 100, T0 + 15 * VC_SEC);
		assert_true(has(&r, (uint16_t)(seq - 1)));
		seq = put_until(&r, seq, T0 + 16 * VC_SEC);
		assert_false(has(&r, (uint16_t)(seq - 1)));
		seq = put_until(&r, seq, T0 + 20 * VC_SEC);
		/* Another one comes, who might. */
		vc_txkept_greet(&r.s, r.now);
		seq = put_until(&r, seq, T0 + 34 * VC_SEC);
		assert_true(has(&r, (uint16_t)(seq - 1)));
		seq = put_until(&r, seq, T0 + 40 * VC_SEC);
		assert_false(has(&r, (uint16_t)(seq - 1)));
		for (uint16_t k = 0; k < more[i]; k++) {
			r.now -= SPACING;
			put(&r, seq++, true);
		}
		vc_txkept_heard(&r.s);
		seq = put_until(&r, seq, T0 + 42 * VC_SEC);
		assert_true(has(&r, (uint16_t)(seq - 1)));
		assert_true(has(&r, (uint16_t)(seq - 100)));
		end(&r);
	}
}

/* The number at '*p', which is then behind it. '*is_for_it': "+", else "-". */
static uint16_t next(const char **p, bool *is_for_it)
{
	char *end;
	uint16_t seq = (uint16_t)strtoul(*p, &end, 10);

	*is_for_it = *end == '+';
	*p = end + 1;
	return seq;
}

/*
 * What was left out at the edges of a part, in whatever order it came, after
 * 'before' numbers in a row.
 */
static void check_edges(const char *text, uint32_t before)
{
	struct rig r;
	const char *p = text;
	bool is_for_it;
	uint16_t first = next(&p, &is_for_it);

	begin(&r);
	for (uint32_t n = before; n > 0; n--)
		put(&r, (uint16_t)(first - n), true);
	for (p = text; *p;) {
		uint16_t seq = next(&p, &is_for_it);

		put(&r, seq, is_for_it);
	}
	for (p = text; *p;) {
		uint16_t seq = next(&p, &is_for_it);

		assert_int_equal(has(&r, seq), is_for_it);
	}
	end(&r);
}

static void what_was_left_out_is_not_to_be_had(void **state)
{
	static const char *const rows[] = {
		"10+ 11- 12- 13+",
		"10+ 12+ 11- 13- 14+",	 /* was overtaken by what was for it */
		"10+ 11- 13- 12+ 14+",	 /* and has overtaken it */
		"9- 11- 10+ 12+",	 /* which is the very first */
		"65535+ 1+ 0- 4- 3+ 5+", /* over the wrap */
		"1+ 2- 3+ 5- 4+ 6+",
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		check_edges(rows[i], 0);
		check_edges(rows[i], 39000);
		check_edges(rows[i], 78000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_was_sent_of_late_is_there_however_long_it_goes_on),
		cmocka_unit_test(for_who_never_reports_nothing_is_kept),
		cmocka_unit_test(what_was_left_out_is_not_to_be_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
