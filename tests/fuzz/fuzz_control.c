/* SPDX-License-Identifier: MIT */
/* A line of the control socket cut into words, and a rule of --expect. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "tool/expect.h"
#include "tool/internal.h"
#include "tool/watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct vc_expect *e, struct vc_json *results)
{
	struct vc_rulewatch *w = vc_rulewatch_new(e, 1, VC_SEC, NULL, NULL);

	for (int64_t at = VC_SEC; w && at < 8 * VC_SEC; at += VC_SEC)
		vc_rulewatch_sample(w, results, at, VC_SEC, VC_SEC);
	if (w)
		vc_rulewatch_judge(w, 0, results);
	vc_expect_judge(e, results, results);
	vc_rulewatch_free(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct vc_metric metrics[] = { { "a.b", "share", "" },
						    { "c[NAME]", "ms", "" },
						    { "d", "", "" } };
	static const struct vc_trait traits[] = {
		{ "a.b", '<', VC_OVER_SHARE, "c[x]", "d", 0 },
		{ "d", '>', VC_OVER_RATE, NULL, NULL, 8 },
	};
	static const struct vc_alias aliases[] = { { "e", "a.b" } };
	static const struct vc_metrics all = {
		metrics, 3, traits, 2, aliases, 1
	};
	char *line = calloc(size + 1, 1), *argv[8], why[64];
	struct vc_json *results = vc_json_array();
	struct vc_expect e;

	if (line && size)
		memcpy(line, data, size);
	if (line && !vc_rule_parse(&e, line, &all, why, sizeof(why)) &&
	    !vc_expect_check_interval(&e, VC_SEC, why, sizeof(why)))
		judge(&e, results);
	for (int i = line ? vc_control_words(line, argv, 8) : 0; i > 0; i--) {
		if (argv[i - 1] < line || strlen(argv[i - 1]) > size)
			abort();
	}
	vc_json_free(results);
	free(line);
	return 0;
}
