/* SPDX-License-Identifier: MIT */
/*
 * What describes a bad network: rules, acts, traces. What is taken makes a
 * sound network, which gives back all that it keeps.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "session/impairacts.h"
#include "session/impairrules.h"
#include "session/impairtrace.h"

#define PACKETS 64
#define RULES_MAX 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void drive(const struct vc_impair_plan *plan,
		  const struct vc_impair_acts *acts)
{
	static const struct vc_impair_what what = {
		.is = VC_IMPAIR_RTP | VC_IMPAIR_AUDIO,
		.source = 1,
	};
	struct vc_pool *pool = vc_pool_new();
	struct vc_impair_conf conf;
	struct vc_rand rand;
	struct vc_impair *im;
	struct vc_packet *pkt;

	vc_rand_init(&rand, 1, "fuzz", NULL);
	vc_impair_conf_init(&conf);
	im = vc_impair_new(&conf, &rand, 0, VC_VIRTUAL_EPOCH);
	assert(pool && im);
	if (plan)
		vc_impair_follow(im, plan, VC_VIRTUAL_EPOCH);
	if (acts)
		vc_impair_replay(im, acts);
	for (int64_t i = 0; i < PACKETS; i++) {
		int64_t t = VC_VIRTUAL_EPOCH + i * 100 * VC_MS;

		pkt = vc_packet_new(pool, 100);
		memset(pkt->data, 0, 100);
		pkt->len = 100;
		vc_impair_put(im, pkt, &what, 0, t);
		vc_packet_unref(pkt);
		while ((pkt = vc_impair_get(im, t, NULL, NULL)))
			vc_packet_unref(pkt);
		assert(vc_impair_next(im) > t);
	}
	assert(vc_impair_counts(im)->packets <= PACKETS);
	vc_impair_free(im);
	assert(!vc_pool_used(pool));
	vc_pool_free(pool);
}

static void rules(const uint8_t *data, size_t size)
{
	static const struct vc_impair_words how = { 0 };
	struct vc_impair_plan *plan = calloc(1, sizeof(*plan));
	char text[RULES_MAX + 1], why[VC_IMPAIR_WHY] = "";

	assert(plan);
	size = size < RULES_MAX ? size : RULES_MAX;
	memcpy(text, data, size);
	text[size] = '\0';
	if (vc_impair_rules(plan, text, &how, why))
		assert(*why && !plan->n);
	else
		drive(plan, NULL);
	free(plan);
}

static void acts(const uint8_t *data, size_t size)
{
	struct vc_impair_acts a[2];
	size_t line;

	if (vc_impair_acts_read(a, (const char *)data, size, &line)) {
		assert(line && !a[0].v && !a[1].v);
		return;
	}
	for (size_t i = 0; i < a[0].n; i++) {
		char out[VC_IMPAIR_ACT_TEXT];
		size_t len = vc_impair_act_write(out, 0, &a[0].v[i]);

		assert(len < sizeof(out) && out[len - 1] == '\n');
		assert(vc_impair_acts_of(&a[0], a[0].v[i].stream,
					 a[0].v[i].number));
	}
	drive(NULL, &a[0]);
	vc_impair_acts_free(a);
}

static void trace(const uint8_t *data, size_t size, bool are_opportunities)
{
	struct vc_impair_trace t;
	size_t line;

	if (vc_impair_trace_read(&t, (const char *)data, size,
				 are_opportunities, &line))
		return;
	assert(t.n && line == t.n);
	if (are_opportunities)
		assert(vc_impair_trace_at(&t, vc_impair_trace_from(&t, 0,
								   VC_SEC)) >=
		       VC_SEC);
	free(t.v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	switch (data[0]) {
	case 'r':
		rules(data + 1, size - 1);
		break;
	case 'a':
		acts(data + 1, size - 1);
		break;
	case 'd':
		trace(data + 1, size - 1, false);
		break;
	case 'o':
		trace(data + 1, size - 1, true);
		break;
	}
	return 0;
}
