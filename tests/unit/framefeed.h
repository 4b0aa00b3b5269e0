/* SPDX-License-Identifier: MIT */
/* For tests of frames in packets: all payloads of a frame, and back. */
#ifndef VC_TESTS_UNIT_FRAMEFEED_H
#define VC_TESTS_UNIT_FRAMEFEED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "session/frameasm.h"
#include "session/framepack.h"

#define CUT_MAX 300

struct cut {
	size_t n;
	size_t len[CUT_MAX];
	uint8_t p[CUT_MAX][1500];
};

/* Checks what holds for any format: lengths, and the marker on the last one. */
static inline void cut_frame(struct cut *c,
			     const struct vc_framepack_conf *conf,
			     const uint8_t *frame, size_t len)
{
	struct vc_framepack pk;
	bool marker = false, is_end = false;
	size_t n;

	c->n = 0;
	assert_int_equal(vc_framepack_init(&pk, conf, frame, len), 0);
	while ((n = vc_framepack_next(&pk, c->p[c->n], &marker))) {
		assert_true(n <= conf->max_payload && !is_end);
		c->len[c->n] = n;
		c->n++;
		is_end = marker;
		assert_true(c->n < CUT_MAX);
	}
	assert_true(is_end || (conf->layer && conf->layer->has_more));
}

/* The payloads but for those from 'lost' on, 'n_lost' of them. */
static inline int join_frame(struct vc_frameasm *fa, const struct cut *c,
			     size_t lost, size_t n_lost,
			     struct vc_video_frame *out)
{
	vc_frameasm_begin(fa);
	for (size_t i = 0; i < c->n; i++)
		if (i < lost || i >= lost + n_lost)
			(void)vc_frameasm_add(fa, c->p[i], c->len[i]);
	return vc_frameasm_end(fa, out);
}

/* There and back. */
static inline int through(struct vc_frameasm *fa,
			  const struct vc_framepack_conf *conf,
			  const uint8_t *frame, size_t len,
			  struct vc_video_frame *out)
{
	static struct cut c;

	cut_frame(&c, conf, frame, len);
	return join_frame(fa, &c, 0, 0, out);
}

/* Payloads as they are, up to the first that is NULL. */
static inline int join_payloads(struct vc_frameasm *fa, const char *const *p,
				const size_t *len, size_t n,
				struct vc_video_frame *out)
{
	vc_frameasm_begin(fa);
	for (size_t i = 0; i < n && p[i]; i++)
		(void)vc_frameasm_add(fa, (const uint8_t *)p[i], len[i]);
	return vc_frameasm_end(fa, out);
}

/* Octets that tell where they are, and are no start code. */
static inline void fill(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(1 + (i * 7 + i / 256) % 190);
}

#endif
