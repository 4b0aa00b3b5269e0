/* SPDX-License-Identifier: MIT */
/*
 * Where a source goes on in another file: decoders are heard late, and need
 * some sound before they are right. So of sound the new file gets the packets
 * before its beginning, and the old one what follows its end, where the format
 * has a place for that ('lead' and 'trail' of its container). All: 0 or -errno.
 */
#ifndef VC_RECORD_BORDER_H
#define VC_RECORD_BORDER_H

#include "output.h"

/* A unit that is written into the lane's file. */
int border_note(struct output *o, struct lane *lane,
		const struct vc_container_unit *u);

/* The lane's file, which it leaves, gets what it lacks of 'u', the next one. */
int border_trail(struct output *o, struct lane *lane,
		 const struct vc_container_unit *u);

/* The lane's file, which is new, gets what was before 'u'. */
int border_lead(struct lane *lane, const struct vc_container_unit *u);

#endif
