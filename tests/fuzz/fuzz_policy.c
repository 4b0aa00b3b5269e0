/* SPDX-License-Identifier: MIT */
/* Policy files: what is taken has rows, and gives everybody an answer. */
#include <assert.h>
#include <string.h>

#include "session/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void visit(void *ctx, const char *word, bool is_role)
{
	assert(*word && !strpbrk(word, "*?,"));
	*(size_t *)ctx += is_role;
}

static void ask(const struct vc_policy *p)
{
	struct vc_policy_who who[2] = { { "ann", "", true },
					{ "bob", "", false } };
	const struct vc_policy_row *row;

	for (size_t i = 0; i < 2; i++)
		who[i].role = vc_policy_role(p, who[i].id, who[i].is_vouched);
	row = vc_policy_row(p, &who[0]);
	assert(!row || row->line);
	assert(!vc_policy_hears(p, row, &who[0], &who[0]));
	assert(vc_policy_hears(p, row, &who[0], &who[1]) ==
	       (row && vc_policy_has(p, row->hears, &who[1])));
	assert(vc_policy_sees(p, row, &who[0], &who[0]) ==
	       (row && row->sees_self));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_columns_error err;
	struct vc_policy *p =
		vc_policy_parse(vc_str_of((const char *)data, size), &err);
	size_t roles = 0;

	if (!p) {
		assert(*err.why);
		return 0;
	}
	ask(p);
	vc_policy_words(p, visit, &roles);
	if (!vc_policy_give(p, "bob=host"))
		ask(p);
	vc_policy_free(p);
	return 0;
}
