/* SPDX-License-Identifier: MIT */
/* Markers and time stamps that are right, and those that are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/rtpcheck.h"

struct row {
	const char *what;
	bool is_video, may_reorder;
	struct vc_rtpcheck_packet pkt[4];
	unsigned int marker_errors, ts_back, ts_steps, silent;
};

#define WRAP (0u - 160u)

static const struct row rows[] = {
	{ "talk, from a marker on",
	  .pkt = { { 65535, WRAP, true, .units = 160 },
		   { 0, 0, .units = 160 },
		   { 1, 160, .units = 160 } } },
	{ "a marker in the middle of talk",
	  .pkt = { { 1, 0, true, .units = 160 },
		   { 2, 160, true, .units = 160 } },
	  .marker_errors = 1 },
	{ "a spurt after 3 packets of silence",
	  .pkt = { { 1, 0, .units = 160 }, { 2, 640, true, .units = 160 } },
	  .silent = 480 },
	{ "comfort noise, then talk anywhere",
	  .pkt = { { 1, 0, .units = 160 },
		   { 2, 160, .is_silent = true },
		   { 3, 1000, true, .units = 160 } },
	  .silent = 840 },
	{ "overlap", .pkt = { { 1, 0, .units = 160 }, { 2, 80, .units = 160 } },
	  .ts_steps = 1 },
	{ "a step that is no whole number of packets",
	  .pkt = { { 1, 0, .units = 160 }, { 2, 200, .units = 160 } },
	  .ts_steps = 1, .silent = 40 },
	{ "back, and standing still",
	  .pkt = { { 1, 500, .units = 160 },
		   { 2, 300, .units = 160 },
		   { 3, 300, .units = 160 } },
	  .ts_back = 2 },
	{ "lost between: anything goes",
	  .pkt = { { 1, 500, .units = 160 }, { 3, 77, true, .units = 160 } } },
	{ "what a packet holds is learned",
	  .pkt = { { 1, 0 }, { 2, 160 }, { 3, 320 }, { 4, 400 } },
	  .ts_steps = 1 },
	{ "telephone events have their own",
	  .pkt = { { 1, 500, .units = 160 },
		   { 2, 660, true, .is_event = true },
		   { 3, 660, .is_event = true },
		   { 4, 820, .units = 160 } } },
	{ "frames of two packets and of one", .is_video = true,
	  .pkt = { { 1, 0 }, { 2, 0, true }, { 3, 3000, true } } },
	{ "a frame without an end", .is_video = true,
	  .pkt = { { 1, 0 }, { 2, 3000, true } }, .marker_errors = 1 },
	{ "a marker in the middle of a frame", .is_video = true,
	  .pkt = { { 1, 0, true }, { 2, 0, true } }, .marker_errors = 1 },
	{ "a frame from before", .is_video = true,
	  .pkt = { { 1, 6000, true }, { 2, 3000, true } }, .ts_back = 1 },
	{ "a frame that is shown before", .is_video = true, .may_reorder = true,
	  .pkt = { { 1, 6000, true }, { 2, 3000, true } } },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct row *r = &rows[i];
		struct vc_rtpcheck c = { .is_video = r->is_video,
					 .may_reorder = r->may_reorder };

		for (unsigned int k = 0; k < 4; k++) {
			const struct vc_rtpcheck_packet *p = &r->pkt[k];

			if (p->seq || p->ts || p->marker || p->units || !k)
				vc_rtpcheck_put(&c, p);
		}
		if (c.marker_errors != r->marker_errors ||
		    c.ts_back != r->ts_back || c.ts_steps != r->ts_steps ||
		    c.silent != r->silent)
			fail_msg("%s: %u %u %u %u", r->what,
				 (unsigned int)c.marker_errors,
				 (unsigned int)c.ts_back,
				 (unsigned int)c.ts_steps,
				 (unsigned int)c.silent);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
