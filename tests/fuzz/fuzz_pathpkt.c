/* SPDX-License-Identifier: MIT */
/*
 * Probes and answers. What is taken is written again as it was; a probe goes to
 * those who answer, and an answer to who measures.
 */
#include <assert.h>
#include <string.h>

#include "base/time.h"
#include "session/pathmeter.h"
#include "session/reflect.h"
#include "wire/pathpkt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answer_it(const struct vc_path_probe *probe, size_t len)
{
	const struct vc_reflect_conf conf = { .max_sessions = 2,
					      .idle = VC_SEC };
	struct vc_path_probe hello = *probe;
	struct vc_reflect_in in = { .probe = &hello, .len = len };
	struct vc_reflect_out out;
	struct vc_reflect r;

	hello.type = VC_PATH_HELLO;
	assert(!vc_reflect_init(&r, &conf));
	if (!vc_reflect_take(&r, &in, 0, &out)) {
		hello = *probe;
		hello.token = out.answer.token;
		if (!vc_reflect_take(&r, &in, 1, &out) ||
		    vc_reflect_due(&r, INT64_MAX, &out))
			assert(out.len <= len);
	}
	vc_reflect_clear(&r);
}

static void measure_it(const struct vc_path_answer *a)
{
	const struct vc_pathmeter_in in = { .at = VC_SEC, .ttl = -1 };
	struct vc_pathmeter *m = vc_pathmeter_new();
	struct vc_path_result result;

	assert(m);
	for (uint32_t i = 0; i < 3; i++)
		vc_pathmeter_sent(m, i, 0, 0);
	vc_pathmeter_answer(m, a, &in);
	vc_pathmeter_answer(m, a, &in);
	vc_pathmeter_result(m, &result);
	vc_pathmeter_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[VC_PATH_ANSWER_LEN];
	struct vc_path_answer a;
	struct vc_path_probe q;

	if (!vc_path_probe_parse(&q, data, size)) {
		vc_path_probe_write(&q, again, VC_PATH_PROBE_LEN);
		assert(!memcmp(again, data, 7));
		assert(!memcmp(again + 8, data + 8, VC_PATH_PROBE_LEN - 8));
		answer_it(&q, size);
	}
	if (!vc_path_answer_parse(&a, data, size)) {
		vc_path_answer_write(&a, again, sizeof(again));
		assert(!memcmp(again, data, 9));
		assert(!memcmp(again + 12, data + 12, sizeof(again) - 14));
		measure_it(&a);
	}
	return 0;
}
