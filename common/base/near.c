/* SPDX-License-Identifier: MIT */
/* Edit distance (Damerau, Levenshtein), three rows of the table at a time. */
#include "base/near.h"

#include <string.h>

#define MAX 63

static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned int vc_near_distance(const char *a, const char *b)
{
	unsigned int row[3][MAX + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > MAX || lb > MAX)
		return 99;
	for (size_t j = 0; j <= lb; j++)
		row[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned int *now = row[i % 3];
		const unsigned int *up = row[(i + 2) % 3];
		const unsigned int *upper = row[(i + 1) % 3];

		now[0] = (unsigned int)i;
		for (size_t j = 1; j <= lb; j++) {
			now[j] = least(up[j] + 1, now[j - 1] + 1,
				       up[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && upper[j - 2] + 1 < now[j])
				now[j] = upper[j - 2] + 1;
		}
	}
	return row[la % 3][lb];
}

bool vc_near_is(const char *word, const char *known)
{
	size_t len = strlen(known);

	return vc_near_distance(word, known) <= (len < 4 ? 1 : len / 3);
}

void vc_near_try(struct vc_near *n, const char *known)
{
	unsigned int d = vc_near_distance(n->word, known);

	if (!vc_near_is(n->word, known) || (n->best && d >= n->distance))
		return;
	n->best = known;
	n->distance = d;
}
