/* SPDX-License-Identifier: MIT */
/* A line of the control socket cut into words, and a rule of --expect. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "tool/expect.h"
#include "tool/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct vc_metric metrics[] = { { "a.b", "share", "" },
						    { "c[NAME]", "ms", "" },
						    { "d", "", "" } };
	char *line = calloc(size + 1, 1), *argv[8], why[64];
	struct vc_json *results = vc_json_array();
	struct vc_expect e;

	if (line && size)
		memcpy(line, data, size);
	if (line && !vc_expect_parse(&e, line, metrics, 3, why, sizeof(why)))
		vc_expect_judge(&e, results, results);
	for (int i = line ? vc_control_words(line, argv, 8) : 0; i > 0; i--) {
		if (argv[i - 1] < line || strlen(argv[i - 1]) > size)
			abort();
	}
	vc_json_free(results);
	free(line);
	return 0;
}
