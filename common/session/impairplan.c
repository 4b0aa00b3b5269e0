/* SPDX-License-Identifier: MIT */
/* A rule's property is a run of fields of vc_impair_conf, copied as octets. */
#include "session/impairplan.h"

#include <errno.h>
#include <string.h>

#define FROM(field) offsetof(struct vc_impair_conf, field)
#define PAST(field) \
	(FROM(field) + sizeof(((struct vc_impair_conf *)NULL)->field))

static const struct {
	size_t from, past;
} fields[VC_IMPAIR_KEYS] = {
	[VC_IMPAIR_KEY_LOSS] = { FROM(loss), PAST(chain) },
	[VC_IMPAIR_KEY_DELAY] = { FROM(delay), PAST(delay) },
	[VC_IMPAIR_KEY_JITTER] = { FROM(jitter), PAST(keeps_order) },
	[VC_IMPAIR_KEY_REORDER] = { FROM(reorder_share), PAST(reorder_time) },
	[VC_IMPAIR_KEY_DUPLICATE] = { FROM(duplicate_share),
				      PAST(duplicate_share) },
	[VC_IMPAIR_KEY_CORRUPT] = { FROM(corrupt_share), PAST(corrupt_share) },
	[VC_IMPAIR_KEY_RATE] = { FROM(rate_bps), PAST(with_codel) },
	[VC_IMPAIR_KEY_OVERHEAD] = { FROM(overhead), PAST(overhead) },
	[VC_IMPAIR_KEY_MTU] = { FROM(mtu), PAST(mtu) },
	[VC_IMPAIR_KEY_SKEW] = { FROM(skew_ppb), PAST(skew_from) },
	[VC_IMPAIR_KEY_ONLY] = { FROM(only), PAST(only) },
};

bool vc_impair_adds_up(enum vc_impair_key key)
{
	return key == VC_IMPAIR_KEY_DROP || key == VC_IMPAIR_KEY_BLACKOUT ||
	       key == VC_IMPAIR_KEY_REBIND;
}

int vc_impair_plan_add(struct vc_impair_plan *plan,
		       const struct vc_impair_rule *rule)
{
	if (plan->n == VC_IMPAIR_RULES)
		return -E2BIG;
	plan->rules[plan->n] = *rule;
	plan->n++;
	return 0;
}

void vc_impair_plan_forget(struct vc_impair_plan *plan, enum vc_impair_key key)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++) {
		if (plan->rules[i].key == key)
			continue;
		if (n != i)
			plan->rules[n] = plan->rules[i];
		n++;
	}
	plan->n = n;
}

static void add_lost(struct vc_impair_conf *conf,
		     const struct vc_impair_conf *more)
{
	for (size_t i = 0; i < more->n_lost; i++) {
		if (conf->n_lost == VC_IMPAIR_RANGES)
			return;
		conf->lost[conf->n_lost] = more->lost[i];
		conf->n_lost++;
	}
}

static void add_dark(struct vc_impair_conf *conf,
		     const struct vc_impair_conf *more)
{
	for (size_t i = 0; i < more->n_dark; i++) {
		if (conf->n_dark == VC_IMPAIR_WINDOWS)
			return;
		conf->dark[conf->n_dark] = more->dark[i];
		conf->n_dark++;
	}
}

static void apply(struct vc_impair_conf *conf, const struct vc_impair_rule *r)
{
	size_t from = fields[r->key].from;

	if (r->key == VC_IMPAIR_KEY_DROP)
		add_lost(conf, &r->value);
	else if (r->key == VC_IMPAIR_KEY_BLACKOUT)
		add_dark(conf, &r->value);
	else
		memcpy((uint8_t *)conf + from,
		       (const uint8_t *)&r->value + from,
		       fields[r->key].past - from);
}

void vc_impair_plan_at(const struct vc_impair_plan *plan, int64_t t,
		       struct vc_impair_conf *conf, int64_t *until)
{
	vc_impair_conf_init(conf);
	*until = INT64_MAX;
	for (size_t i = 0; i < plan->n; i++) {
		const struct vc_impair_rule *r = &plan->rules[i];

		/* Knows its times itself, and the windows of all of them. */
		if (r->key == VC_IMPAIR_KEY_BLACKOUT) {
			apply(conf, r);
			continue;
		}
		if (r->from > t && r->from < *until)
			*until = r->from;
		if (r->to > t && r->to < *until)
			*until = r->to;
		if (r->from <= t && t < r->to)
			apply(conf, r);
	}
}
