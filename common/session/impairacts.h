/* SPDX-License-Identifier: MIT */
/*
 * What a bad network did, as text, so that it can be done again. After the line
 * "vc-impair-acts 1" each line is an act; empty ones and such that begin with #
 * say nothing:
 *
 *	WAY NUMBER FATE [DELAY] [copy] [after=NUMBER.RANK] [bit=N]
 *
 * WAY is up or down (of a filter up). NUMBER is the packet's among all of that
 * way, from 1 on; or KIND.SOURCE.NUMBER, as audio.2.17: the 17th packet of the
 * second source of sound (rtcp.1.N: of RTCP). FATE is "pass", with a DELAY in
 * ns since it came, or why it was lost, as "loss". A copy came out besides;
 * 'after' is of packets that come out at the same time as another one, right
 * behind it; 'bit' was flipped.
 *
 * "up NUMBER rebind" is of no packet: the NUMBER-th one that went out, and all
 * after it, did so from other ports.
 */
#ifndef VC_SESSION_IMPAIRACTS_H
#define VC_SESSION_IMPAIRACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/impair.h"

#define VC_IMPAIR_ACTS_MAX 4000000
#define VC_IMPAIR_ACTS_HEAD "vc-impair-acts 1\n"
#define VC_IMPAIR_ACT_TEXT 160 /* room for a line */

enum { VC_IMPAIR_UP, VC_IMPAIR_DOWN };

/* Of one way, by stream and number. */
struct vc_impair_acts {
	struct vc_impair_act *v;
	size_t n;
};

/* A line, ended by a newline. Its length. */
size_t vc_impair_act_write(char out[static VC_IMPAIR_ACT_TEXT], int way,
			   const struct vc_impair_act *act);

/*
 * Reads a whole text, acts[way]. 0; -EBADMSG with the number of the wrong line,
 * -EFBIG or -ENOMEM. Free it.
 */
int vc_impair_acts_read(struct vc_impair_acts acts[static 2], const char *text,
			size_t len, size_t *line);
void vc_impair_acts_free(struct vc_impair_acts acts[static 2]);

/* The first act of a packet, of which others follow, or NULL. */
const struct vc_impair_act *vc_impair_acts_of(const struct vc_impair_acts *acts,
					      uint64_t stream, uint64_t number);

#endif
