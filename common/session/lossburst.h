/* SPDX-License-Identifier: MIT */
/*
 * Whether a receiver loses packets one by one or in rows, by what it asks for
 * again (RFC 4585 NACK): the mean length of the rows, of late. At random that
 * is 1 / (1 - loss), so 1.25 at 20 %.
 */
#ifndef VC_SESSION_LOSSBURST_H
#define VC_SESSION_LOSSBURST_H

#include <stdbool.h>
#include <stdint.h>

/* Start with zeros. */
struct vc_lossburst {
	bool has_last;
	uint16_t last;
	unsigned int lost; /* recent ones weigh most */
	unsigned int rows;
	bool is_bursty;
};

/* One that is asked for, in the order of the NACK. */
void vc_lossburst_put(struct vc_lossburst *b, uint16_t seq);
/* Rows of two and more, as a mean: then losses are bursts until it falls below
 * one and a half. */
bool vc_lossburst_is(const struct vc_lossburst *b);

#endif
