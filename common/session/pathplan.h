/* SPDX-License-Identifier: MIT */
/*
 * What goes when, as real media does: datagrams of speech every 20 ms, or of
 * frames of pictures, some of them large, each cut into datagrams that follow
 * one another closely; or as a trace has it.
 */
#ifndef VC_SESSION_PATHPLAN_H
#define VC_SESSION_PATHPLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rand.h"

enum vc_path_profile {
	VC_PATH_VOICE,	/* Opus at 32 kbit/s */
	VC_PATH_SD,	/* 0.8 Mbit/s, 30 frames/s, a key frame every 3 s */
	VC_PATH_HD,	/* 2.5 Mbit/s, likewise */
	VC_PATH_SCREEN, /* 15 frames/s, most of them small, 30 kB every 2 s */
	VC_PATH_PROFILES,
	VC_PATH_TRACE = VC_PATH_PROFILES,
};

const char *vc_path_profile_name(enum vc_path_profile profile);

/* A datagram: when, ns from the beginning, and its octets in UDP. */
struct vc_path_item {
	int64_t at;
	uint32_t octets;
	bool marker; /* the last one of a frame */
};

#define VC_PATH_ITEM_MIN 32
#define VC_PATH_ITEM_MAX 1400

struct vc_pathplan {
	enum vc_path_profile profile;
	struct vc_rand rand;
	const struct vc_path_item *trace; /* borrowed */
	size_t n_trace;
	uint64_t frame; /* of the trace: the item */
	int64_t at;
	uint32_t left; /* octets of the frame at hand */
};

void vc_pathplan_init(struct vc_pathplan *p, enum vc_path_profile profile,
		      const struct vc_rand *rand);
/* Of a trace: 'n' items, the times never go back. */
void vc_pathplan_trace(struct vc_pathplan *p, const struct vc_path_item *items,
		       size_t n);

/* The next one. False: the trace is over; profiles go on for ever. */
bool vc_pathplan_next(struct vc_pathplan *p, struct vc_path_item *out);

#endif
