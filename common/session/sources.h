/* SPDX-License-Identifier: MIT */
/* The table of admitted sources; the roster's own part. Owns them. */
#ifndef VC_SESSION_SOURCES_H
#define VC_SESSION_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/roster.h"

struct vc_candidate;

struct vc_sources {
	struct vc_source **by_ssrc; /* 'n_buckets' chains */
	struct vc_source **by_host; /* of those nobody vouches for */
	size_t n_buckets;	    /* a power of two */
	struct vc_source *first;    /* by admission */
	struct vc_source *last;
	unsigned int n;
};

/* 0 or -ENOMEM; clear it in both cases. */
int vc_sources_init(struct vc_sources *t, unsigned int max);
void vc_sources_clear(struct vc_sources *t);

/* What is said of a candidate that becomes one, not linked yet; or NULL.
 * 'is_untimed': it has no 'play'. */
struct vc_source *vc_source_new(const struct vc_origin *origin,
				const struct vc_candidate *c, bool is_untimed,
				int64_t now);
void vc_source_free(struct vc_source *src);

/* Takes a CNAME (0) or NAME (1) up to the first NUL, if there is any of it: true
 * when that is news. Out of memory it stays as it was. */
bool vc_source_text(struct vc_source *src, int which, struct vc_str s);

/* It sends from there. */
void vc_source_take_origin(struct vc_source *src,
			   const struct vc_origin *origin);

struct vc_source *vc_sources_find(const struct vc_sources *t, int input,
				  uint32_t ssrc);

/* How many of 'host' nobody vouches for. */
unsigned int vc_sources_unvouched(const struct vc_sources *t, uint64_t host);

void vc_sources_link(struct vc_sources *t, struct vc_source *src);
void vc_sources_vouch(struct vc_sources *t, struct vc_source *src);

/* It is another host's now. */
void vc_sources_rehost(struct vc_sources *t, struct vc_source *src,
		       uint64_t host);

/* May RTP of it come so, and RTCP that speaks of it? A key is one participant's
 * wherever he is, and another one is somebody else. */
bool vc_source_may_send(const struct vc_source *src,
			const struct vc_origin *origin);
bool vc_source_may_speak(const struct vc_source *src,
			 const struct vc_origin *origin);

/* Takes it out; it is the caller's to free. */
void vc_sources_unlink(struct vc_sources *t, struct vc_source *src);

/* The same into 'out'. */
bool vc_roster_text(char out[static VC_ROSTER_TEXT], struct vc_str s);

#endif
