/* SPDX-License-Identifier: MIT */
/*
 * --compose: between the inputs and what records them. Whatever comes is mixed
 * (tool/mixing.h) into one picture and one sound, and these two are recorded as
 * if they had come, with a description and a roster of their own.
 */
#ifndef VC_RECORD_COMPOSE_H
#define VC_RECORD_COMPOSE_H

#include <stdint.h>

struct compose;
struct recorder;
struct vc_in;
struct vc_in_ops;
struct vc_roster;
struct vc_sdp;
struct vc_tool;

/*
 * By the layout that --compose names, and the shared options; a wrong one is a
 * usage error. What is made goes to 'ops', with 'rec'.
 */
struct compose *compose_new(struct recorder *rec, const struct vc_in_ops *ops);

/* The inputs, which it reads. Freed before it is. */
struct vc_in *compose_in(struct compose *c);

/* Before vc_tool_end(), and after the last record of statistics is due. */
void compose_free(struct compose *c);

/* What is made: its description and sources. */
const struct vc_sdp *compose_sdp(const struct compose *c);
struct vc_roster *compose_roster(const struct compose *c);

/* A key frame of it would help. */
void compose_ask_key(struct compose *c, uint32_t ssrc);

/* Without --compose: warns of options that are for it. */
void compose_doubt(struct vc_tool *t);

#endif
