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
#include "session/keyreq.h"
#include "wire/rtcp.h"

#define T0 VC_VIRTUAL_EPOCH

/* Asks if it is due; notes the second and what was asked. */
static void ask(struct vc_keyreq *k, char *out, size_t cap, int64_t now)
{
	uint8_t buf[64];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	struct vc_rd rd;
	struct vc_rtcp pkt;
	struct vc_rtcp_fb fb;
	struct vc_rtcp_fir fir;
	size_t len = strlen(out);
	long long ms = (now - T0) / VC_MS;

	if (!vc_keyreq_write(k, &w, 1, 2, now)) {
		assert_int_equal(vc_wr_len(&w), 0);
		return;
	}
	rd = vc_rd_over(buf, vc_wr_len(&w));
	assert_true(vc_rtcp_next(&rd, &pkt));
	assert_int_equal(vc_rtcp_parse_fb(&fb, &pkt), 0);
	if (vc_rtcp_fir_at(&fb, 0, &fir)) {
		assert_int_equal(fir.ssrc, 2);
		snprintf(out + len, cap - len, " %lld:fir%u", ms, fir.seq);
		return;
	}
	assert_int_equal(fb.media, 2);
	snprintf(out + len, cap - len, " %lld:pli", ms);
}

/* hostile.md P1: whatever comes, one a second at most. */
static void requests_are_limited_and_back_off(void **state)
{
	static const struct {
		bool pli, fir;
		const char *asked; /* in 20 s without an answer, ms */
	} rows[] = {
		{ true, false, " 0:pli 1000:pli 3000:pli 7000:pli 15000:pli" },
		{ true, true,
		  " 0:pli 1000:pli 3000:fir0 7000:fir1 15000:fir2" },
		{ false, true,
		  " 0:fir0 1000:fir1 3000:fir2 7000:fir3 15000:fir4" },
		{ false, false, "" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		char asked[200] = "";
		struct vc_keyreq k;

		vc_keyreq_init(&k, rows[i].pli, rows[i].fir);
		ask(&k, asked, sizeof(asked), T0);
		assert_string_equal(asked, "");
		for (int ms = 0; ms < 20000; ms++) {
			vc_keyreq_want(&k, T0 + ms * VC_MS);
			ask(&k, asked, sizeof(asked), T0 + ms * VC_MS);
		}
		assert_string_equal(asked, rows[i].asked);
		assert_int_equal(k.counts.wanted, 1);
		vc_keyreq_seen(&k);
		assert_int_equal(vc_keyreq_next(&k), INT64_MAX);
		assert_int_equal(k.counts.satisfied, 1);
	}
}

/* The source answers each request 100 ms later and loses a frame each 300 ms:
 * one request a second. */
static void losses_do_not_make_a_storm(void **state)
{
	char asked[400] = "";
	int64_t answer = INT64_MAX;
	struct vc_keyreq k;

	(void)state;
	vc_keyreq_init(&k, true, true);
	for (int ms = 0; ms < 5000; ms++) {
		int64_t now = T0 + ms * VC_MS;
		uint64_t sent = k.counts.pli;

		if (ms % 300 == 0)
			vc_keyreq_want(&k, now);
		ask(&k, asked, sizeof(asked), now);
		if (k.counts.pli != sent)
			answer = now + 100 * VC_MS;
		if (now >= answer) {
			vc_keyreq_seen(&k);
			answer = INT64_MAX;
		}
	}
	assert_string_equal(asked,
			    " 0:pli 1000:pli 2000:pli 3000:pli 4000:pli");
	assert_int_equal(k.counts.satisfied, 5);
}

/* After a minute's silence one request goes as soon as media is back. */
static void a_return_asks_at_once(void **state)
{
	char asked[200] = "";
	struct vc_keyreq k;

	(void)state;
	vc_keyreq_init(&k, true, false);
	vc_keyreq_want(&k, T0);
	for (int s = 0; s < 20; s++)
		ask(&k, asked, sizeof(asked), T0 + s * VC_SEC);
	asked[0] = '\0';
	vc_keyreq_renew(&k, T0 + 15500 * VC_MS);
	ask(&k, asked, sizeof(asked), T0 + 15999 * VC_MS);
	ask(&k, asked, sizeof(asked), T0 + 16000 * VC_MS);
	vc_keyreq_renew(&k, T0 + 60 * VC_SEC);
	ask(&k, asked, sizeof(asked), T0 + 60 * VC_SEC);
	assert_string_equal(asked, " 16000:pli 60000:pli");
}

static void what_could_not_be_written_is_still_due(void **state)
{
	uint8_t buf[8];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	char asked[200] = "";
	struct vc_keyreq k;

	(void)state;
	vc_keyreq_init(&k, true, false);
	vc_keyreq_want(&k, T0);
	assert_false(vc_keyreq_write(&k, &w, 1, 2, T0));
	assert_true(w.bad);
	assert_int_equal(vc_keyreq_next(&k), T0);
	ask(&k, asked, sizeof(asked), T0 + VC_MS);
	assert_string_equal(asked, " 1:pli");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_limited_and_back_off),
		cmocka_unit_test(losses_do_not_make_a_storm),
		cmocka_unit_test(a_return_asks_at_once),
		cmocka_unit_test(what_could_not_be_written_is_still_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
