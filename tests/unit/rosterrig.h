/* SPDX-License-Identifier: MIT */
/* A roster whose callbacks note what they are told, for its unit tests. */
#ifndef VC_UNIT_ROSTERRIG_H
#define VC_UNIT_ROSTERRIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/time.h"
#include "session/roster.h"
#include "wire/ntp.h"
#include "wire/rtp.h"

#define T0 VC_VIRTUAL_EPOCH

/* Notes what the callbacks are told, a word each. */
static char heard[4096];

static inline void note(const char *what, const char *id, const char *rest)
{
	size_t len = strlen(heard);

	snprintf(heard + len, sizeof(heard) - len, "%s%s:%s%s", len ? " " : "",
		 what, id, rest);
}

static inline void on_begin(void *ctx, struct vc_source *src,
			    const struct vc_rtp *rtp)
{
	(void)ctx;
	assert_int_equal(rtp->ssrc, src->ssrc);
	src->rate_hz = 48000;
	note("+", src->who->id, "");
}

static inline void on_change(void *ctx, struct vc_source *src,
			     struct vc_participant *was)
{
	(void)ctx;
	note(was->id, src->who->id, "");
}

static inline void on_end(void *ctx, struct vc_source *src, enum vc_leave why)
{
	(void)ctx;
	note("-", src->who->id,
	     why == VC_LEAVE_BYE ? "/bye" :
	     why == VC_LEAVE_EOF ? "/eof" :
				   "");
}

static inline void on_who_end(void *ctx, struct vc_participant *who)
{
	(void)ctx;
	assert_int_equal(who->n_sources, 0);
	note("gone", who->id, "");
}

static inline struct vc_roster *new_roster(unsigned int max,
					   unsigned int probation)
{
	const struct vc_roster_conf conf = {
		.max_sources = max,
		.probation = probation,
		.timeout = 10 * VC_SEC,
		.begin = on_begin,
		.change = on_change,
		.end = on_end,
		.who_end = on_who_end,
	};
	struct vc_roster *r = vc_roster_new(&conf);

	assert_non_null(r);
	heard[0] = '\0';
	return r;
}

static inline int rtp(struct vc_roster *r, const struct vc_origin *o,
		      uint32_t ssrc, uint16_t seq, int64_t now)
{
	const struct vc_rtp h = { .ssrc = ssrc, .seq = seq };
	struct vc_source *src;
	int err = vc_roster_rtp(r, o, &h, NULL, now, &src, NULL);

	assert_int_equal(!err, src != NULL);
	return err;
}

static inline void sdes(struct vc_roster *r, const struct vc_origin *o,
			uint32_t ssrc, const char *cname, const char *name)
{
	vc_roster_sdes(r, o, ssrc, vc_str_c(cname), vc_str_c(name), T0);
}

static inline const char *id_of(struct vc_roster *r, uint32_t ssrc)
{
	return vc_roster_find(r, 0, ssrc)->who->id;
}

static const struct vc_origin on_pipe;
static const struct vc_origin net1 = { .host = 1, .peer = 11, .addr = "h1" };
static const struct vc_origin net1b = { .host = 1, .peer = 12, .addr = "h1" };
static const struct vc_origin net2 = { .host = 2, .peer = 21, .addr = "h2" };

#endif
