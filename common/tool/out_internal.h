/* SPDX-License-Identifier: MIT */
/* What tool/out.c (writing) and tool/out_place.c (places, readers) share. */
#ifndef VC_TOOL_OUT_INTERNAL_H
#define VC_TOOL_OUT_INTERNAL_H

#include "net/loop.h"
#include "tool/out.h"
#include "tool/outstate.h"
#include "tool/place.h"
#include "tool/reader.h"

#define VC_OUT_PLACES 16
#define VC_OUT_READERS 16 /* of one listening place */

struct vc_out_place {
	struct vc_out *out;
	struct vc_place where;
	struct vc_watch accept_watch; /* listening */
	struct vc_tls_door *door;     /* on tls://, or NULL */
	struct vc_reader *readers[VC_OUT_READERS];
	size_t n;
};

struct vc_out {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_out_place places[VC_OUT_PLACES];
	size_t n_places;
	void (*keyframe)(void *ctx);
	void *ctx;
	struct vc_hook hook;
	struct vc_timer time_timer;
	struct vc_timer state_timer;
	struct vc_timer key_timer;
	char *desc;
	size_t desc_len;
	enum vc_kind kind_of[128];
	enum vc_codec codec_of[128];
	struct vc_outstates states;
	int64_t last_time; /* of the last thing written */
	bool is_dead;
	uint64_t packets;
	uint64_t dropped; /* by readers that are gone */
	uint64_t octets;
	uint64_t reader_count;
};

/* Opens one -o place, the next of o->places. 0 or -errno; 'why' is empty or has
 * the reason. */
int vc_out_open(struct vc_out *o, const char *text, char *why, size_t cap);
/* Writes out what is queued, until that time of vc_mono_now(), and closes. */
void vc_out_close(struct vc_out *o, struct vc_out_place *p, int64_t until);
/* Queues a copy of 'text' for one reader. */
void vc_out_put_text(struct vc_reader *r, enum vc_item_kind kind,
		     const char *text, size_t len, int64_t now);

#endif
