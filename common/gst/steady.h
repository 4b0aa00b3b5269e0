/* SPDX-License-Identifier: MIT */
/*
 * Private to this folder: one line of times for the samples of a device. A
 * piece that comes late because somebody was slow is no reason to move the
 * line: what all pieces of a second agree on is.
 */
#ifndef VC_GST_STEADY_H
#define VC_GST_STEADY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vc_steady {
	bool has_begun;
	int64_t anchor; /* when sample 0 was, ns */
	int64_t taken;	/* samples that came in since */
	/* The least that pieces were behind the line in this span. */
	int64_t least;
	int64_t span; /* samples of it */
};

/*
 * 'n' samples a channel come, the first of them captured at 't': how many of
 * them are to be left out, the first ones.
 */
size_t vc_steady_put(struct vc_steady *s, int64_t t, size_t n);

/* When the 'i'-th sample of those that came in was captured. */
int64_t vc_steady_time(const struct vc_steady *s, int64_t i);

#endif
