/* SPDX-License-Identifier: MIT */
/* What is not given fits to what is. */
#include "link/bweopt.h"

#include "tool/tool.h"

#define MIN_BPS 50000
#define MAX_BPS 20000000
#define START_BPS 300000
#define MOST_BPS UINT64_C(10000000000)

static const char *const ways[] = { "off", "twcc", "rfc8888", NULL };
static const char *const rules[] = { "auto", "on", "off", NULL };

error_t vc_bwe_opt(int key, const char *arg, struct argp_state *state,
		   struct vc_bwe_opts *o)
{
	error_t err;
	int word = 0;

	switch (key) {
	case VC_KEY_BWE:
		err = vc_opt_word(state, arg, ways, &word);
		o->by = (enum vc_bwe_by)word;
		return err;
	case VC_KEY_BREAKER:
		err = vc_opt_word(state, arg, rules, &word);
		o->breaker = (enum vc_breaker_rule)word;
		return err;
	case VC_KEY_MIN_RATE:
		return vc_opt_rate(state, arg, &o->min_bps);
	case VC_KEY_MAX_RATE:
		return vc_opt_rate(state, arg, &o->max_bps);
	case VC_KEY_START_RATE:
		return vc_opt_rate(state, arg, &o->start_bps);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static uint64_t greater(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

bool vc_bwe_settle(struct vc_bwe_opts *o)
{
	uint64_t first = o->start_bps ? o->start_bps : o->max_bps;

	if (o->by == VC_BWE_OFF)
		return !o->min_bps && !o->max_bps && !o->start_bps;
	if (!o->min_bps)
		o->min_bps = first ? lesser(first, MIN_BPS) : MIN_BPS;
	if (!o->max_bps)
		o->max_bps = greater(MAX_BPS, greater(o->min_bps, first));
	if (o->max_bps < o->min_bps || o->max_bps > MOST_BPS)
		return false;
	if (!o->start_bps)
		o->start_bps =
			lesser(greater(START_BPS, o->min_bps), o->max_bps);
	return o->start_bps >= o->min_bps && o->start_bps <= o->max_bps;
}
