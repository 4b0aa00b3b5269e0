/* SPDX-License-Identifier: MIT */
#include "gst/steady.h"

#include "base/time.h"
#include "gst/file.h"

#define SLACK (40 * VC_MS)
#define GAP VC_SEC /* so far behind the line is wrong without a question */
#define SPAN VC_GST_RATE_HZ

static int64_t to_ns(int64_t samples)
{
	return samples / VC_GST_RATE_HZ * VC_SEC +
	       samples % VC_GST_RATE_HZ * VC_SEC / VC_GST_RATE_HZ;
}

int64_t vc_steady_time(const struct vc_steady *s, int64_t i)
{
	return s->anchor + to_ns(i);
}

/* The line is behind by 'off' at least. */
static void jump(struct vc_steady *s, int64_t off)
{
	s->anchor += off;
	s->span = 0;
}

static void look(struct vc_steady *s, int64_t off, size_t n)
{
	if (off > GAP) {
		jump(s, off);
		return;
	}
	if (!s->span || off < s->least)
		s->least = off;
	s->span += (int64_t)n;
	if (s->span < SPAN)
		return;
	if (s->least > SLACK)
		jump(s, s->least);
	s->span = 0;
}

size_t vc_steady_put(struct vc_steady *s, int64_t t, size_t n)
{
	int64_t off, left_out = 0;

	if (!s->has_begun) {
		s->has_begun = true;
		s->anchor = t;
	}
	off = t - vc_steady_time(s, s->taken);
	if (off < -SLACK) {
		left_out = -off / VC_MS * (VC_GST_RATE_HZ / 1000);
		if (left_out > (int64_t)n)
			left_out = (int64_t)n;
	} else {
		look(s, off, n);
	}
	s->taken += (int64_t)n - left_out;
	return (size_t)left_out;
}
