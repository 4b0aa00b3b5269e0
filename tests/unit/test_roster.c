/* SPDX-License-Identifier: MIT */
#include "unit/rosterrig.h"

/* "Who is this?", strongest first. */
static void identity_is_the_strongest_word(void **state)
{
	static const struct {
		const char *key, *operator_name, *cname, *name, *id;
		enum vc_id_by by;
	} rows[] = {
		{ "k", "o", "c", "n", "k", VC_ID_KEY },
		{ NULL, "o", "c", "n", "o", VC_ID_OPERATOR },
		{ NULL, NULL, "c", "n", "c", VC_ID_CNAME },
		{ NULL, NULL, NULL, "n", "n", VC_ID_NAME },
		{ NULL, NULL, NULL, NULL, "ssrc:FFFFFFFF", VC_ID_NONE },
		/* words that are not for everybody */
		{ NULL, NULL, "alice", "n", "n", VC_ID_NAME },
		{ NULL, NULL, "alice", "alice", "ssrc:FFFFFFFF", VC_ID_NONE },
		{ NULL, NULL, "ssrc:00000000", NULL, "ssrc:FFFFFFFF",
		  VC_ID_NONE },
		{ NULL, "alice", "c", NULL, "alice", VC_ID_OPERATOR },
	};
	struct vc_roster *r;
	struct vc_source *src;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_origin o = { .operator_name = rows[i].operator_name,
				       .key_name = rows[i].key };

		r = new_roster(0, 0);
		assert_int_equal(vc_roster_reserve(r, "alice"), 0);
		sdes(r, &o, UINT32_MAX, rows[i].cname, rows[i].name);
		assert_int_equal(rtp(r, &o, UINT32_MAX, 0, T0), 0);
		src = vc_roster_find(r, 0, UINT32_MAX);
		assert_string_equal(src->who->id, rows[i].id);
		assert_int_equal(src->id_by, rows[i].by);
		vc_roster_free(r);
	}
}

static void a_stronger_right_takes_the_word(void **state)
{
	struct vc_origin strong = { .operator_name = "alice", .input = 0 };
	struct vc_roster *r = new_roster(0, 0);

	(void)state;
	sdes(r, &on_pipe, 1, NULL, "alice"); /* by NAME */
	rtp(r, &on_pipe, 1, 0, T0);
	sdes(r, &on_pipe, 2, "alice", NULL); /* by CNAME */
	rtp(r, &on_pipe, 2, 0, T0);
	assert_string_equal(id_of(r, 1), "ssrc:00000001");
	assert_string_equal(id_of(r, 2), "alice");
	rtp(r, &strong, 3, 0, T0);
	assert_string_equal(id_of(r, 3), "alice");
	assert_string_equal(id_of(r, 2), "ssrc:00000002");
	assert_int_equal(vc_roster_who(r, "alice")->n_sources, 1);
	vc_roster_end(r, vc_roster_find(r, 0, 3), VC_LEAVE_EOF);
	assert_null(vc_roster_who(r, "alice"));
	sdes(r, &on_pipe, 2, NULL, "bob");
	assert_string_equal(id_of(r, 2), "bob");
	assert_string_equal(heard,
			    "+:alice alice:ssrc:00000001 +:alice "
			    "alice:ssrc:00000002 +:alice -:alice/eof "
			    "gone:alice ssrc:00000002:bob gone:ssrc:00000002");
	vc_roster_free(r);
}

static void names_that_come_later_move_the_source(void **state)
{
	struct vc_roster *r = new_roster(0, 0);
	struct vc_participant *who;

	(void)state;
	rtp(r, &on_pipe, 1, 0, T0);
	rtp(r, &on_pipe, 2, 0, T0);
	sdes(r, &on_pipe, 1, "x", "Xaver");
	sdes(r, &on_pipe, 2, "x", "Xaver");
	sdes(r, &on_pipe, 2, "x", "Xaver"); /* no news: not told */
	who = vc_roster_who(r, "x");
	assert_int_equal(who->n_sources, 2);
	assert_ptr_equal(vc_roster_first_who(r), who);
	assert_null(who->next);
	assert_non_null(vc_roster_find(r, 0, 1)->play->home);
	assert_int_equal(vc_roster_find(r, 0, 1)->play->clock,
			 vc_roster_find(r, 0, 2)->play->clock);
	assert_string_equal(heard, "+:ssrc:00000001 +:ssrc:00000002 "
				   "ssrc:00000001:x gone:ssrc:00000001 "
				   "ssrc:00000002:x gone:ssrc:00000002");
	vc_roster_free(r);
}

/* F5, C3: foreign text is copied as it is, up to a NUL and 255 octets. */
static void text_is_bounded(void **state)
{
	struct vc_roster *r = new_roster(0, 0);
	char text[300];

	(void)state;
	memset(text, 'a', sizeof(text));
	rtp(r, &on_pipe, 1, 0, T0);
	vc_roster_sdes(r, &on_pipe, 1, vc_str_of(text, 300),
		       vc_str_of("\x1b[2J\0hidden", 11), T0);
	assert_int_equal(strlen(vc_roster_find(r, 0, 1)->cname), 255);
	assert_string_equal(vc_roster_find(r, 0, 1)->name, "\x1b[2J");
	assert_int_equal(strlen(id_of(r, 1)), 255);
	vc_roster_sdes(r, &on_pipe, 1, vc_str_of("", 0), vc_str_of("\0x", 2),
		       T0);
	assert_string_equal(vc_roster_find(r, 0, 1)->name, "\x1b[2J");
	vc_roster_free(r);
}

/* What is said before the first RTP packet is known when it comes. */
static void announcements_are_kept_for_the_source(void **state)
{
	struct vc_roster *r = new_roster(0, 2);
	struct vc_source *src;

	(void)state;
	sdes(r, &net1, 1, "x", "Xaver");
	assert_null(vc_roster_sr(r, &net1, 1, vc_ntp_from_ns(T0), 0, T0));
	assert_int_equal(vc_roster_n(r), 0);
	/* RTCP vouches: no probation; RTP comes from another port */
	assert_int_equal(rtp(r, &net1b, 1, 65535, T0), 0);
	src = vc_roster_first(r);
	assert_string_equal(src->who->id, "x");
	assert_string_equal(src->name, "Xaver");
	assert_string_equal(src->addr, "h1");
	assert_true(src->play->map.has_sr);
	assert_int_equal(src->play->map.rate_hz, 48000);
	assert_ptr_equal(vc_roster_sr(r, &net1, 1, vc_ntp_from_ns(T0), 0, T0),
			 src);
	vc_roster_free(r);
}

static void probation_keeps_the_first_packet(void **state)
{
	struct vc_roster *r = new_roster(0, 2);
	struct vc_pool *pool = vc_pool_new();
	struct vc_packet *a = vc_packet_new(pool, 100);
	struct vc_packet *b = vc_packet_new(pool, 100), *held;
	struct vc_rtp h = { .ssrc = 1, .seq = 9 };
	struct vc_source *src;

	(void)state;
	assert_int_equal(vc_roster_rtp(r, &net1, &h, b, T0, &src, &held),
			 -EAGAIN);
	h.seq = 65535; /* another row: that one is forgotten */
	assert_int_equal(vc_roster_rtp(r, &net1, &h, a, T0, &src, &held),
			 -EAGAIN);
	assert_null(held);
	h.seq = 0;
	assert_int_equal(vc_roster_rtp(r, &net1, &h, b, T0, &src, &held), 0);
	assert_ptr_equal(held, a);
	vc_packet_unref(held);
	vc_packet_unref(a);
	vc_packet_unref(b);
	assert_int_equal(vc_pool_used(pool), 0);
	vc_roster_free(r);
	vc_pool_free(pool);
}

/* H9: 10^5 SSRCs with 2 packets each, from one host and from many. */
static void floods_are_bounded(void **state)
{
	struct vc_roster *r = new_roster(0, 2);
	struct vc_origin o = { .host = 9, .peer = 90 };
	const struct vc_roster_counts *c;

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		rtp(r, &o, i * 7919, 0, T0);
		rtp(r, &o, i * 7919, 1, T0);
	}
	assert_int_equal(vc_roster_n(r), VC_ROSTER_UNVOUCHED);
	for (uint32_t i = 0; i < 100000; i++) {
		o.host = 100 + i;
		rtp(r, &o, i * 7919 + 1, 0, T0);
		rtp(r, &o, i * 7919 + 1, 1, T0);
	}
	assert_int_equal(vc_roster_n(r), VC_ROSTER_MAX_SOURCES);
	c = vc_roster_counts(r);
	assert_int_equal(c->host_full, 100000 - VC_ROSTER_UNVOUCHED);
	assert_int_equal(c->full,
			 100000 + VC_ROSTER_UNVOUCHED - VC_ROSTER_MAX_SOURCES);
	assert_true(c->evicted > 190000 - VC_ROSTER_MAX_SOURCES);
	vc_roster_free(r);
}

/* Neither kind of flood pushes out a candidate of the other kind. */
static void candidates_survive_the_other_flood(void **state)
{
	struct vc_roster *r = new_roster(0, 2);

	(void)state;
	sdes(r, &net1, 1, "x", NULL);
	for (uint32_t i = 0; i < 1000; i++)
		rtp(r, &net2, 1000 + i, 0, T0);
	assert_int_equal(rtp(r, &net1, 1, 5, T0), 0);
	rtp(r, &net1, 2, 5, T0);
	for (uint32_t i = 0; i < 1000; i++)
		sdes(r, &net2, 9000 + i, "y", NULL);
	assert_int_equal(rtp(r, &net1, 2, 6, T0), 0);
	vc_roster_free(r);
}

/* H9: a big conference has thousands of SSRCs of its own. */
static void all_of_ours_are_known(void **state)
{
	struct vc_roster *r = new_roster(0, 0);
	const uint32_t n = 5000, step = 0x10001;

	(void)state;
	for (uint32_t i = 0; i < n; i++)
		vc_roster_own(r, i * step, true);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(rtp(r, &net1, i * step, 0, T0),
				 i ? -EALREADY : -ELOOP);
	for (uint32_t i = 0; i < n; i += 3)
		vc_roster_own(r, i * step, false);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(vc_roster_check_own(r, &net1, i * step, T0),
				 i % 3 ? -EALREADY : 0);
	/* One is not there twice, and going twice does not matter. */
	vc_roster_own(r, 1 * step, true);
	vc_roster_own(r, 1 * step, false);
	vc_roster_own(r, 1 * step, false);
	assert_int_equal(vc_roster_check_own(r, &net1, 1 * step, T0), 0);
	vc_roster_free(r);
}

/* H7, H9: whose packet is taken, once (1) is here from net1. */
static void others_do_not_get_in(void **state)
{
	struct vc_origin moved = net2;
	struct vc_origin back;
	struct vc_roster *r = new_roster(0, 0);

	(void)state;
	vc_roster_own(r, 0, true);
	vc_roster_own(r, UINT32_MAX, true);
	assert_int_equal(rtp(r, &net1, 1, 0, T0), 0);
	assert_int_equal(rtp(r, &net2, 1, 1, T0), -EADDRINUSE);
	assert_int_equal(rtp(r, &net1b, 1, 1, T0), -EADDRINUSE);
	assert_int_equal(rtp(r, &net1, 1, 1, T0), 0);
	assert_int_equal(vc_roster_find(r, 0, 1)->collisions, 2);
	assert_int_equal(rtp(r, &net2, 0, 0, T0), -ELOOP);
	assert_int_equal(rtp(r, &net1b, UINT32_MAX, 0, T0), -ELOOP);
	vc_roster_own(r, 0, false);
	assert_int_equal(rtp(r, &net2, 0, 0, T0), 0);
	/* RTCP: from its host, from any port */
	sdes(r, &net2, 1, "evil", NULL);
	assert_string_equal(id_of(r, 1), "ssrc:00000001");
	assert_null(vc_roster_bye(r, &net2, 1, T0));
	assert_non_null(vc_roster_bye(r, &net1b, 1, T0));
	/* authenticated: it moved */
	moved.authenticated = true;
	assert_int_equal(rtp(r, &moved, 1, 2, T0), 0);
	assert_int_equal(rtp(r, &net2, 1, 3, T0), 0);
	assert_int_equal(rtp(r, &net1, 1, 4, T0), -EADDRINUSE);
	/* or the operator believes it: the host it left has room again */
	back = net1;
	back.may_move = true;
	assert_int_equal(rtp(r, &back, 1, 5, T0), 0);
	assert_int_equal(rtp(r, &moved, 1, 6, T0), 0);
	vc_roster_free(r);
}

/* One key, one participant: from the same address, too. */
static void a_key_is_not_taken_for_another(void **state)
{
	const struct vc_origin alice = { .host = net1.host,
					 .peer = net1.peer,
					 .key_name = "alice",
					 .authenticated = true };
	struct vc_origin bob = alice, all = alice, far = alice;
	struct vc_roster *r = new_roster(0, 0);

	(void)state;
	bob.key_name = "bob";
	all.key_name = NULL;
	far.peer = net2.peer;
	far.host = net2.host;
	assert_int_equal(rtp(r, &alice, 1, 0, T0), 0);
	assert_int_equal(rtp(r, &bob, 1, 1, T0), -EADDRINUSE);
	assert_int_equal(rtp(r, &all, 1, 1, T0), -EADDRINUSE);
	sdes(r, &bob, 1, "evil", NULL);
	assert_string_equal(vc_roster_find(r, 0, 1)->cname, "");
	assert_null(vc_roster_bye(r, &bob, 1, T0));
	assert_int_equal(rtp(r, &far, 1, 2, T0), 0);
	assert_string_equal(id_of(r, 1), "alice");
	assert_non_null(vc_roster_bye(r, &alice, 1, T0));
	vc_roster_free(r);
}

static void equal_ssrcs_on_two_inputs_are_two(void **state)
{
	struct vc_origin a = { .input = 0, .operator_name = "a" };
	struct vc_origin b = { .input = 1, .operator_name = "b" };
	struct vc_roster *r = new_roster(0, 0);

	(void)state;
	rtp(r, &a, 1, 0, T0);
	rtp(r, &b, 1, 0, T0);
	assert_int_equal(vc_roster_n(r), 2);
	vc_roster_end_all(r, 0, VC_LEAVE_EOF);
	assert_null(vc_roster_find(r, 0, 1));
	assert_string_equal(vc_roster_find(r, 1, 1)->who->id, "b");
	assert_string_equal(heard, "+:a +:b -:a/eof gone:a");
	vc_roster_free(r);
}

static void silence_ends_a_source(void **state)
{
	struct vc_roster *r = new_roster(0, 0);

	(void)state;
	assert_int_equal(vc_roster_tick(r, T0), INT64_MAX);
	rtp(r, &on_pipe, 1, 0, T0);
	rtp(r, &on_pipe, 2, 0, T0);
	rtp(r, &on_pipe, 2, 1, T0 + 3 * VC_SEC);
	assert_int_equal(vc_roster_tick(r, T0), T0 + 10 * VC_SEC);
	heard[0] = '\0';
	assert_int_equal(vc_roster_tick(r, T0 + 10 * VC_SEC), T0 + 13 * VC_SEC);
	assert_string_equal(heard, "-:ssrc:00000001 gone:ssrc:00000001");
	vc_roster_sr(r, &on_pipe, 2, 0, 0, T0 + 12 * VC_SEC);
	assert_int_equal(vc_roster_tick(r, T0 + 13 * VC_SEC), T0 + 22 * VC_SEC);
	vc_roster_free(r);
}

static void iteration_is_in_order_of_arrival(void **state)
{
	static const uint32_t ssrcs[] = { 900, 5, UINT32_MAX, 0, 17 };
	struct vc_roster *r = new_roster(0, 0);
	struct vc_source *src;
	size_t i = 0;

	(void)state;
	for (size_t k = 0; k < VC_COUNT(ssrcs); k++)
		rtp(r, &on_pipe, ssrcs[k], 0, T0);
	for (src = vc_roster_first(r); src; src = src->next, i++)
		assert_int_equal(src->ssrc, ssrcs[i]);
	assert_int_equal(i, VC_COUNT(ssrcs));
	vc_roster_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity_is_the_strongest_word),
		cmocka_unit_test(a_stronger_right_takes_the_word),
		cmocka_unit_test(names_that_come_later_move_the_source),
		cmocka_unit_test(text_is_bounded),
		cmocka_unit_test(announcements_are_kept_for_the_source),
		cmocka_unit_test(probation_keeps_the_first_packet),
		cmocka_unit_test(floods_are_bounded),
		cmocka_unit_test(candidates_survive_the_other_flood),
		cmocka_unit_test(all_of_ours_are_known),
		cmocka_unit_test(others_do_not_get_in),
		cmocka_unit_test(a_key_is_not_taken_for_another),
		cmocka_unit_test(equal_ssrcs_on_two_inputs_are_two),
		cmocka_unit_test(silence_ends_a_source),
		cmocka_unit_test(iteration_is_in_order_of_arrival),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
