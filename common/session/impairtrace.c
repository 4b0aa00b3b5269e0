/* SPDX-License-Identifier: MIT */
/* See session/impairtrace.h. */
#include "session/impairtrace.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/time.h"

#define MS_MAX 1e9 /* eleven days */
/* Of less the turns could not be counted: 2^63 ns of them have 2^43 of these,
 * and a million lines each. */
#define PERIOD_MIN VC_MS

static size_t count_lines(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n + (len && text[len - 1] != '\n');
}

static int read_line(struct vc_str line, int64_t *ns)
{
	char number[32];
	double ms;

	if (!line.len ||
	    vc_str_copy(number, sizeof(number), line) >= sizeof(number) ||
	    vc_num_real(number, 0, MS_MAX, &ms))
		return -EBADMSG;
	*ns = (int64_t)(ms * (double)VC_MS + 0.5);
	return 0;
}

int vc_impair_trace_read(struct vc_impair_trace *trace, const char *text,
			 size_t len, bool are_opportunities, size_t *line)
{
	struct vc_str rest = vc_str_of(text, len);
	size_t n = count_lines(text, len);
	int64_t *v, last = 0;

	*line = 0;
	if (n > VC_IMPAIR_TRACE_MAX)
		return -EFBIG;
	v = n ? vc_try_alloc(n, sizeof(*v)) : NULL;
	if (n && !v)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct vc_str l = vc_str_line(&rest);

		*line = i + 1;
		if (read_line(l, &v[i]) || (are_opportunities && v[i] < last)) {
			free(v);
			return -EBADMSG;
		}
		last = v[i];
	}
	if (!n || (are_opportunities && last < PERIOD_MIN)) {
		free(v);
		return -EBADMSG;
	}
	*trace = (struct vc_impair_trace){ .v = v, .n = n };
	return 0;
}

int64_t vc_impair_trace_at(const struct vc_impair_trace *trace, uint64_t k)
{
	int64_t period = trace->v[trace->n - 1];

	return (int64_t)(k / trace->n) * period + trace->v[k % trace->n];
}

uint64_t vc_impair_trace_from(const struct vc_impair_trace *trace, uint64_t k,
			      int64_t t)
{
	int64_t period = trace->v[trace->n - 1];
	uint64_t whole = t > period ? (uint64_t)(t / period) - 1 : 0;
	uint64_t to;

	if (k < whole * trace->n)
		k = whole * trace->n;
	to = k + 2 * (uint64_t)trace->n;
	while (k < to) {
		uint64_t mid = k + (to - k) / 2;

		if (vc_impair_trace_at(trace, mid) < t)
			k = mid + 1;
		else
			to = mid;
	}
	return k;
}
