/* SPDX-License-Identifier: MIT */
/*
 * Who a source is: participants by id, and the words that are reserved to
 * operator and keys (vc-stream(7), "Who is this?"); the roster's own part.
 */
#ifndef VC_SESSION_IDENTITY_H
#define VC_SESSION_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/roster.h"

struct vc_identity {
	struct vc_participant **by_id; /* 'n_buckets' chains */
	size_t n_buckets;	       /* a power of two */
	struct vc_participant *first;
	struct vc_participant *last;
	char **words; /* reserved */
	size_t n_words;
	size_t cap_words;
	int64_t latency;
};

/* 0 or -ENOMEM. */
int vc_identity_init(struct vc_identity *id, size_t n_buckets, int64_t latency);
void vc_identity_clear(struct vc_identity *id);

int vc_identity_reserve(struct vc_identity *id, const char *word);

struct vc_participant *vc_identity_find(const struct vc_identity *id,
					const char *word);

/*
 * Sets src->who and src->id_by from the words of 'src', moving its count of
 * sources. '*displaces' when the participant was there by a weaker right: its
 * other weaker sources must be placed again. 0, or -ENOMEM and 'src' is where
 * it was.
 */
int vc_identity_place(struct vc_identity *id, struct vc_source *src,
		      bool *displaces);

/* Frees a participant that has no source. */
void vc_identity_drop(struct vc_identity *id, struct vc_participant *who);

#endif
