/* SPDX-License-Identifier: MIT */
#include "keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "contents.h"
#include "sidecar.h"
#include "volume.h"

struct kept {
	struct kept *next;
	int64_t end;
	uint64_t octets;
	char path[];
};

void keep_add(struct keep *k, const char *path, int64_t end, uint64_t octets)
{
	size_t cap = strlen(path) + 1;
	struct kept *f = vc_try_alloc(1, sizeof(*f) + cap);

	if (!f)
		return; /* it stays */
	f->end = end;
	f->octets = octets;
	memcpy(f->path, path, cap);
	if (!k->first)
		k->last = &k->first;
	*k->last = f;
	k->last = &f->next;
	k->octets += octets;
}

static void drop_first(struct keep *k)
{
	struct kept *f = k->first;

	k->octets -= f->octets;
	k->first = f->next;
	free(f);
}

static void remove_files(int dir, const char *path, const char *end)
{
	static const char *const suffixes[] = { "", SIDECAR_SUFFIX,
						MANIFEST_SUFFIX,
						CONTENTS_SUFFIX };
	size_t cap = strlen(path) + sizeof(SIDECAR_SUFFIX) + strlen(end) + 1;
	char *name = vc_try_alloc(1, cap);

	for (size_t i = 0; name && i < VC_COUNT(suffixes); i++) {
		snprintf(name, cap, "%s%s%s", path, suffixes[i], end);
		/* Somebody may have moved it away. */
		(void)unlinkat(dir, name, 0);
	}
	free(name);
}

void keep_run(struct keep *k, int dir, int64_t since, uint64_t most)
{
	while (k->first && (k->first->end < since ||
			    (most && k->octets > most && k->first->next))) {
		remove_files(dir, k->first->path, k->suffix);
		k->removed++;
		drop_first(k);
	}
}

void keep_clear(struct keep *k)
{
	while (k->first)
		drop_first(k);
}
