/* SPDX-License-Identifier: MIT */
/*
 * Where the units of a source were put, told to the sidecar now and then: so
 * anybody can hold the times in a file against what the source's clock said
 * (lips.h).
 */
#ifndef VC_RECORD_PLACES_H
#define VC_RECORD_PLACES_H

#include <stdint.h>

struct lane;
struct output;
struct vc_container_unit;

/* 'u' was given to its file, which may have dropped it. */
void places_tell(struct lane *lane, const struct vc_container_unit *u);

/* The lane leaves its file, and its source goes on: how its clock ran so far. */
void places_leave(const struct output *o, const struct lane *lane);

#endif
