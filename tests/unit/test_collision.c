/* SPDX-License-Identifier: MIT */
/* Collisions and loops (RFC 3550 section 8.2), as the roster meets them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/roster.h"
#include "wire/rtp.h"

#define T0 VC_VIRTUAL_EPOCH

static const struct vc_origin net1 = { .host = 1, .peer = 11 };
static const struct vc_origin net2 = { .host = 2, .peer = 21 };

static struct vc_roster *new_roster(void)
{
	const struct vc_roster_conf conf = { 0 };
	struct vc_roster *r = vc_roster_new(&conf);

	assert_non_null(r);
	return r;
}

static int rtp(struct vc_roster *r, const struct vc_origin *o, uint32_t ssrc,
	       uint16_t seq, int64_t now)
{
	const struct vc_rtp h = { .ssrc = ssrc, .seq = seq };
	struct vc_source *src;

	return vc_roster_rtp(r, o, &h, NULL, now, &src, NULL);
}

static void sdes(struct vc_roster *r, const struct vc_origin *o, uint32_t ssrc,
		 const char *cname, const char *name)
{
	vc_roster_sdes(r, o, ssrc, vc_str_c(cname), vc_str_c(name), T0);
}

/* RFC 3550 8.2: the first time from an address we move, then it is a loop. */
static void own_packets_that_come_back_are_known(void **state)
{
	static const struct {
		uint64_t peer;
		int64_t after; /* seconds */
		bool is_rtcp;
		int err;
	} rows[] = {
		{ 21, 0, false, -ELOOP },      { 21, 1, false, -EALREADY },
		{ 22, 1, true, -ELOOP },       { 21, 50, true, -EALREADY },
		{ 21, 100, false, -EALREADY }, { 22, 100, true, -ELOOP },
		{ 21, 151, false, -ELOOP },    { 0, 151, false, -ELOOP },
	};
	struct vc_roster *r = new_roster();
	struct vc_origin o = { .host = 2 };
	unsigned int again = 0;

	(void)state;
	vc_roster_own(r, 5, true);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int64_t now = T0 + rows[i].after * VC_SEC;
		int err;

		o.peer = rows[i].peer;
		err = rows[i].is_rtcp ? vc_roster_check_own(r, &o, 5, now) :
					rtp(r, &o, 5, 0, now);
		assert_int_equal(err, rows[i].err);
		again += err == -EALREADY;
	}
	assert_int_equal(vc_roster_check_own(r, &o, 6, T0), 0);
	assert_int_equal(vc_roster_counts(r)->own, VC_COUNT(rows));
	assert_int_equal(vc_roster_counts(r)->loops, again);
	/* our new one comes back, too; 1000 forgers push it out */
	o.peer = 21;
	vc_roster_own(r, 5, false);
	vc_roster_own(r, 7, true);
	assert_int_equal(rtp(r, &o, 7, 0, T0 + 151 * VC_SEC), -EALREADY);
	for (uint64_t peer = 100; peer < 1100; peer++) {
		o.peer = peer;
		assert_int_equal(rtp(r, &o, 7, 0, T0 + 152 * VC_SEC), -ELOOP);
	}
	assert_int_equal(rtp(r, &o, 7, 0, T0 + 152 * VC_SEC), -EALREADY);
	vc_roster_free(r);
}

/* SDES about a source from another host: his own name, or another. */
static void names_from_elsewhere_are_counted(void **state)
{
	struct vc_roster *r = new_roster();
	const struct vc_roster_counts *c;

	(void)state;
	rtp(r, &net1, 1, 0, T0);
	sdes(r, &net2, 1, "x", NULL);
	sdes(r, &net1, 1, "x", NULL);
	sdes(r, &net2, 1, "x", NULL);
	sdes(r, &net2, 1, "y", NULL);
	sdes(r, &net2, 1, NULL, "x");
	c = vc_roster_counts(r);
	assert_int_equal(c->loops, 1);
	assert_int_equal(c->collisions, 1);
	assert_string_equal(vc_roster_find(r, 0, 1)->cname, "x");
	vc_roster_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_packets_that_come_back_are_known),
		cmocka_unit_test(names_from_elsewhere_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
