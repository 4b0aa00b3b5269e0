/* SPDX-License-Identifier: MIT */
/* How rooms for tests (mixroom.h, soundroom.h) begin and end their mixer. */
#ifndef VC_TESTS_MIXBEGIN_H
#define VC_TESTS_MIXBEGIN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pool.h"
#include "base/rand.h"
#include "base/time.h"
#include "engine/mixer.h"
#include "session/policy.h"

/* What a mixer lives on. */
struct mixbase {
	struct vc_pool *pool;
	struct vc_rand rand;
	struct vc_policy *policy; /* or NULL */
};

static inline struct vc_policy *policy_of(const char *text)
{
	struct vc_columns_error err;
	struct vc_policy *p = vc_policy_parse(vc_str_c(text), &err);

	if (!p)
		fail_msg("line %u: %s", err.line, err.why);
	return p;
}

/* With sound in Opus at 'bitrate_bps'. 'policy': a text, or NULL. */
static inline struct vc_mixer *mixer_begin(struct mixbase *b,
					   struct vc_mixer_conf *conf,
					   uint32_t bitrate_bps,
					   const char *policy)
{
	struct vc_mixer *m;
	int err;

	b->pool = vc_pool_new();
	vc_rand_init(&b->rand, 1, "test", NULL);
	b->policy = policy ? policy_of(policy) : NULL;
	conf->cname = "mixer";
	conf->epoch = VC_VIRTUAL_EPOCH;
	conf->audio = true;
	conf->vcodec = VC_CODEC_VP8;
	conf->sound.enc.codec = VC_CODEC_OPUS;
	conf->sound.enc.channels = 1;
	conf->sound.enc.bitrate_bps = bitrate_bps;
	conf->sound.pt = 111;
	conf->pool = b->pool;
	conf->rand = &b->rand;
	conf->policy = b->policy;
	m = vc_mixer_new(conf, &err);
	assert_non_null(m);
	return m;
}

static inline void mixer_end(struct mixbase *b, struct vc_mixer *m)
{
	vc_mixer_free(m);
	vc_policy_free(b->policy);
	assert_int_equal(vc_pool_used(b->pool), 0);
	vc_pool_free(b->pool);
}

#endif
