/* SPDX-License-Identifier: MIT */
/*
 * OBUs go out as elements without their size, at most three in a payload, whose
 * header says how many; the last one has no length, and what it has no room for
 * is in the next payload. Payloads are about equal in size. Temporal
 * delimiters, tile lists and padding stay behind.
 */
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "session/framepack_internal.h"
#include "wire/av1.h"

#define A_Z 0x80
#define A_Y 0x40
#define A_N 0x08
#define ELEMS_MAX 3
#define SPARE 4		/* octets for the lengths of two elements */
#define FRAGMENT_MIN 16 /* a smaller one is not begun */

/* The next OBU that goes out. False: there is none. */
static bool take_obu(struct vc_framepack *pk, struct vc_rd *r)
{
	struct vc_wr w = vc_wr_over(pk->head, sizeof(pk->head));
	struct vc_av1_obu o;

	do {
		if (!vc_av1_obu_next(r, &o))
			return false;
	} while (vc_av1_is_dropped(o.type));
	vc_av1_obu_head(&w, &o, false);
	pk->head_len = vc_wr_len(&w);
	pk->unit = o.p;
	pk->unit_left = pk->head_len + o.len;
	pk->unit_at = 0;
	return true;
}

static int init(struct vc_framepack *pk)
{
	struct vc_rd r = vc_rd_over(pk->p, pk->left);
	bool is_first = true;

	pk->left = 0;
	while (take_obu(pk, &r)) {
		if (is_first && pk->conf.is_key)
			pk->new_sequence = pk->head[0] >> 3 == VC_AV1_SEQUENCE;
		is_first = false;
		pk->left += pk->unit_left;
	}
	pk->unit_left = 0;
	return r.bad || !pk->left ? -EBADMSG : 0;
}

/* 'len' octets of the unit that is being cut, its head first. */
static void copy(struct vc_framepack *pk, struct vc_wr *w, size_t len)
{
	size_t of_head = 0;

	if (pk->unit_at < pk->head_len) {
		of_head = pk->head_len - pk->unit_at;
		if (of_head > len)
			of_head = len;
		vc_wr_bytes(w, pk->head + pk->unit_at, of_head);
	}
	vc_wr_bytes(w, pk->unit, len - of_head);
	pk->unit += len - of_head;
	pk->unit_at += len;
	pk->unit_left -= len;
	pk->left -= len;
}

/* How long the next payload may be at most. */
static size_t target(const struct vc_framepack *pk)
{
	size_t room = pk->conf.max_payload - 1 - SPARE;
	size_t n = (pk->left + room - 1) / room;

	return (pk->left + n - 1) / n + 1 + SPARE;
}

static bool has_unit(struct vc_framepack *pk)
{
	struct vc_rd r = vc_rd_over(pk->p, (size_t)(pk->end - pk->p));
	bool got = pk->unit_left || take_obu(pk, &r);

	if (r.p != pk->p)
		pk->p = r.p;
	return got;
}

/* Whether the unit is the last one in a payload that has 'room'. */
static bool is_last(const struct vc_framepack *pk, size_t room)
{
	size_t len = pk->unit_left + vc_av1_leb128_len((uint32_t)pk->unit_left);
	size_t rest = pk->left - pk->unit_left;

	if (rest > FRAGMENT_MIN)
		rest = FRAGMENT_MIN;
	return !rest || len + rest > room;
}

static size_t next(struct vc_framepack *pk, uint8_t *out, bool *marker)
{
	struct vc_wr w = vc_wr_over(out, target(pk));
	uint8_t *head = vc_wr_room(&w, 1);
	unsigned int n = 0;
	bool is_full = false;
	size_t room;

	*head = pk->unit_left ? A_Z : 0;
	if (pk->is_first && pk->new_sequence)
		*head |= A_N;
	while (n < ELEMS_MAX && !is_full && has_unit(pk)) {
		room = (size_t)(w.end - w.p);
		n++;
		is_full = n == ELEMS_MAX || is_last(pk, room);
		if (!is_full)
			vc_av1_leb128_write(&w, (uint32_t)pk->unit_left);
		copy(pk, &w, pk->unit_left < room ? pk->unit_left : room);
	}
	if (pk->unit_left)
		*head |= A_Y;
	*head |= (uint8_t)(n << 4);
	*marker = !pk->left;
	return vc_wr_len(&w);
}

const struct vc_framepack_ops vc_framepack_av1 = { init, next };
