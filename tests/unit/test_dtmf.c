/* SPDX-License-Identifier: MIT */
/* Telephone events in packets, sent and received over time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/dtmf.h"

#define RATE 8000

static void packets_are_read_and_written(void **state)
{
	/* P5: a volume of 200 is E and 8 of R and volume. */
	static const struct {
		uint8_t p[5];
		size_t len;
		int err;
		struct vc_dtmf d;
	} rows[] = {
		{ { 0 }, 0, -EBADMSG, { 0 } },
		{ { 1, 2, 3 }, 3, -EBADMSG, { 0 } },
		{ { 1, 2, 3, 4, 5 }, 5, -EBADMSG, { 0 } },
		{ { 0, 0, 0, 0 }, 4, 0, { 0, false, 0, 0 } },
		{ { 11, 0x8a, 3, 0x20 }, 4, 0, { 11, true, 10, 800 } },
		{ { 255, 0x3f, 0xff, 0xff }, 4, 0, { 255, false, 63, 65535 } },
		{ { 5, 200, 0, 1 }, 4, 0, { 5, true, 8, 1 } },
		{ { 5, 0x40, 0, 1 }, 4, 0, { 5, false, 0, 1 } },
	};
	uint8_t out[VC_DTMF_LEN];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_dtmf d;
		int err = vc_dtmf_parse(&d, rows[i].p, rows[i].len);

		assert_int_equal(err, rows[i].err);
		if (err)
			continue;
		assert_int_equal(d.event, rows[i].d.event);
		assert_int_equal(d.end, rows[i].d.end);
		assert_int_equal(d.volume, rows[i].d.volume);
		assert_int_equal(d.duration, rows[i].d.duration);
		vc_dtmf_write(out, &d);
		assert_int_equal(out[1] | (rows[i].p[1] & 0x40), rows[i].p[1]);
		out[1] = rows[i].p[1];
		assert_memory_equal(out, rows[i].p, 4);
	}
	vc_dtmf_write(out, &(struct vc_dtmf){ .volume = 200 });
	assert_int_equal(out[1], 63);
}

static void digits_have_events(void **state)
{
	(void)state;
	for (int i = 0; i < 16; i++)
		assert_int_equal(vc_dtmf_event(vc_dtmf_digit((uint8_t)i)), i);
	assert_int_equal(vc_dtmf_event('d'), 15);
	assert_int_equal(vc_dtmf_event('e'), -1);
	assert_int_equal(vc_dtmf_event(0), -1);
	assert_int_equal(vc_dtmf_digit(16), 0);
	assert_int_equal(vc_dtmf_digit(255), 0);
}

/* What is sent when, and to whom it is heard. */
static void digits_follow_each_other(void **state)
{
	struct vc_dtmf_packet pkt;
	struct vc_dtmf_heard heard[2];
	struct vc_dtmftx tx;
	struct vc_dtmfrx rx;
	struct vc_dtmf d;
	int64_t now, start = 0;
	unsigned int last = 0, n_packets = 0, ends = 0, n_heard = 0;

	(void)state;
	assert_int_equal(vc_dtmftx_init(&tx, RATE, 0, 10), 0);
	vc_dtmfrx_init(&rx, RATE);
	assert_true(vc_dtmftx_next(&tx) == INT64_MAX);
	assert_int_equal(vc_dtmftx_dial(&tx, "1#1", 5 * VC_SEC), 0);
	while ((now = vc_dtmftx_next(&tx)) != INT64_MAX) {
		assert_false(vc_dtmftx_get(&tx, now - 1, &pkt));
		assert_true(vc_dtmftx_get(&tx, now, &pkt));
		assert_int_equal(vc_dtmf_parse(&d, pkt.payload, VC_DTMF_LEN),
				 0);
		assert_int_equal(pkt.marker, n_packets == 0);
		if (pkt.marker) {
			assert_true(n_heard ? now - start >= 200 * VC_MS :
					      now == 5 * VC_SEC);
			start = now;
		}
		assert_true(pkt.start == start);
		assert_true(d.duration > last || d.end);
		assert_int_equal(d.volume, 10);
		last = d.duration;
		n_packets++;
		ends += d.end;
		n_heard += vc_dtmfrx_put(&rx, &d,
					 (uint32_t)(start / 125000) - 50000,
					 now, heard);
		if (ends == 1) {
			assert_true(heard[0].length == 100 * VC_MS);
			assert_int_equal(heard[0].event, n_heard == 2 ? 11 : 1);
			assert_int_equal(last, 800);
		}
		if (ends < 3)
			continue;
		assert_int_equal(n_packets, 8); /* 0, 20, ... 80; 3 ends */
		assert_false(vc_dtmftx_is_busy(&tx));
		n_packets = last = ends = 0;
	}
	assert_int_equal(n_heard, 3);
}

static void what_cannot_be_dialled_is_refused(void **state)
{
	char many[VC_DTMF_QUEUE + 2];
	struct vc_dtmftx tx;

	(void)state;
	assert_int_equal(vc_dtmftx_init(&tx, RATE, 39 * VC_MS, 10), -EINVAL);
	assert_int_equal(vc_dtmftx_init(&tx, RATE, 9 * VC_SEC, 10), -EINVAL);
	assert_int_equal(vc_dtmftx_init(&tx, 48000, 2 * VC_SEC, 10), -EINVAL);
	assert_int_equal(vc_dtmftx_init(&tx, 48000, VC_SEC, 10), 0);
	assert_int_equal(vc_dtmftx_dial(&tx, "12 3", 0), -EINVAL);
	assert_true(vc_dtmftx_next(&tx) == INT64_MAX);
	memset(many, '5', sizeof(many));
	many[VC_DTMF_QUEUE + 1] = 0;
	assert_int_equal(vc_dtmftx_dial(&tx, many, 0), -ENOSPC);
	many[VC_DTMF_QUEUE] = 0;
	assert_int_equal(vc_dtmftx_dial(&tx, many, 0), 0);
	assert_int_equal(vc_dtmftx_dial(&tx, "1", 0), -ENOSPC);
}

/* P5: each event once, whatever comes; a step is 100 ms. */
struct in {
	int step;
	uint32_t ts;
	uint8_t event;
	bool end;
	uint16_t duration;
};

static void events_are_heard_once(void **state)
{
	static const struct {
		const char *what;
		struct in in[8];
		const char *heard; /* event:ms, forced with a '!' */
	} rows[] = {
		{ "one",
		  { { 0, 100, 1, false, 160 }, { 1, 100, 1, true, 800 } },
		  "1:100 " },
		{ "its end thrice",
		  { { 0, 100, 1, false, 160 },
		    { 1, 100, 1, true, 800 },
		    { 2, 100, 1, true, 800 },
		    { 3, 100, 1, true, 800 } },
		  "1:100 " },
		{ "the end only", { { 0, 100, 1, true, 800 } }, "1:100 " },
		{ "no end, then another",
		  { { 0, 100, 1, false, 160 },
		    { 1, 100, 1, false, 960 },
		    { 9, 9000, 1, true, 800 } },
		  "1:120! 1:100 " },
		{ "no end at all", { { 0, 100, 1, false, 160 } }, "1:20! " },
		{ "an end after 3 s",
		  { { 0, 100, 1, false, 160 }, { 31, 100, 1, true, 800 } },
		  "1:20! " },
		{ "late packets",
		  { { 0, 100, 1, true, 800 },
		    { 5, 4100, 2, false, 160 },
		    { 6, 100, 1, false, 480 },
		    { 7, 4100, 2, true, 800 } },
		  "1:100 2:100 " },
		{ "across the wrap",
		  { { 0, UINT32_MAX - 99, 1, false, 160 },
		    { 1, UINT32_MAX - 99, 1, true, 800 },
		    { 2, 5000, 2, true, 800 },
		    { 3, UINT32_MAX - 99, 1, true, 800 } },
		  "1:100 2:100 " },
		{ "time began anew",
		  { { 0, 500000, 1, true, 800 }, { 5, 100, 2, true, 800 } },
		  "1:100 2:100 " },
		{ "duration 0xffff",
		  { { 0, 100, 1, false, 0xffff }, { 1, 100, 1, true, 0xffff } },
		  "1:8191 " },
		{ "two segments",
		  { { 0, 100, 1, false, 0xffff },
		    { 1, 65635, 1, false, 160 },
		    { 2, 65635, 1, true, 800 },
		    { 3, 100, 1, true, 0xffff } },
		  "1:8291 " },
		{ "durations that fall",
		  { { 0, 100, 1, false, 480 }, { 1, 100, 1, true, 160 } },
		  "1:60 " },
		{ "events above 15",
		  { { 0, 100, 16, true, 800 }, { 1, 9000, 255, true, 800 } },
		  "16:100 255:100 " },
		{ "two events at one time",
		  { { 0, 100, 1, false, 160 },
		    { 1, 100, 2, true, 800 },
		    { 2, 100, 1, true, 800 } },
		  "1:100 " },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		char got[128] = "";
		struct vc_dtmfrx rx;

		vc_dtmfrx_init(&rx, RATE);
		for (size_t k = 0; k <= 8; k++) {
			bool is_end = k == 8 || !rows[i].in[k].ts;
			const struct in *in = &rows[i].in[is_end ? 0 : k];
			const struct vc_dtmf d = { in->event, in->end, 10,
						   in->duration };
			struct vc_dtmf_heard heard[3];
			int64_t now = is_end ? vc_dtmfrx_next(&rx) :
					       in->step * 100 * VC_MS;
			size_t n = vc_dtmfrx_expire(&rx, now, heard);

			if (!is_end)
				n += vc_dtmfrx_put(&rx, &d, in->ts, now,
						   heard + n);
			for (size_t j = 0; j < n; j++)
				sprintf(got + strlen(got), "%d:%d%s ",
					heard[j].event,
					(int)(heard[j].length / VC_MS),
					heard[j].is_forced ? "!" : "");
			if (is_end)
				break;
		}
		if (strcmp(got, rows[i].heard) != 0)
			fail_msg("%s: %s", rows[i].what, got);
		assert_true(vc_dtmfrx_next(&rx) == INT64_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_are_read_and_written),
		cmocka_unit_test(digits_have_events),
		cmocka_unit_test(digits_follow_each_other),
		cmocka_unit_test(what_cannot_be_dialled_is_refused),
		cmocka_unit_test(events_are_heard_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
