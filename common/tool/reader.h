/* SPDX-License-Identifier: MIT */
/*
 * One reader of a stream that a tool writes: its descriptor and its queue
 * (vc-stream(7), Slow readers). Used by tool/out.c only.
 */
#ifndef VC_TOOL_READER_H
#define VC_TOOL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "net/loop.h"

struct vc_reader;
struct vc_tls;

/* What a frame is to a reader that cannot follow. */
enum vc_item_kind {
	VC_ITEM_KEEP,  /* description, event, RTCP: never dropped */
	VC_ITEM_STATE, /* a repeated state: left out while it is blocked */
	VC_ITEM_TIME,  /* a T frame alone */
	VC_ITEM_AUDIO,
	VC_ITEM_VIDEO, /* dropped up to the next key frame */
};

struct vc_item {
	enum vc_item_kind kind;
	struct vc_packet *pkt; /* the payload; a reference is taken */
	uint8_t *text;	       /* or this one, which is taken over (malloc) */
	size_t len;
	bool is_raw;	 /* 'text' has its length field; T frames apart */
	bool is_plain;	 /* RTP or RTCP: goes to --plain readers */
	bool is_key;	 /* a video frame that stands alone begins here */
	int64_t time;	 /* stream time; VC_TIME_NONE: no T before it */
	int64_t arrival; /* T of kind 1, or VC_TIME_NONE */
	uint32_t ssrc;
	uint16_t seq;

	/* the queue's own */
	int64_t queued_at;   /* the loop's time */
	int64_t time_before; /* the reader's last T before this item */
	size_t head_len;     /* octets of head[], 0: not built yet */
	uint8_t head[28];
};

struct vc_reader_conf {
	struct vc_loop *loop;
	int fd;		    /* taken over */
	struct vc_tls *tls; /* over 'fd', or NULL; taken over */
	bool is_socket;
	bool may_drop;	 /* live: drops rather than waits */
	bool is_regular; /* a file: writes never wait */
	bool plain;
	bool gzip;
	/* Writes a gap of what was dropped into this reader: event text. */
	char *(*gap)(void *ctx, uint32_t ssrc, int64_t from, int64_t to,
		     uint16_t seq_from, uint16_t seq_to);
	/* It ended; err is -EPIPE and the like, 0 never. Not freed yet. */
	void (*dead)(void *ctx, struct vc_reader *r, int err);
	void *ctx;
};

/* NULL when out of memory (the descriptor is closed). */
struct vc_reader *vc_reader_new(const struct vc_reader_conf *conf);

/* Closes; what is queued is lost. See vc_reader_finish(). */
void vc_reader_free(struct vc_reader *r);

/* Queues a copy of '*item'; its 'text' must be this reader's own. */
void vc_reader_put(struct vc_reader *r, const struct vc_item *item);

/* Writes what goes without waiting (or, not dropping: all of it). */
void vc_reader_flush(struct vc_reader *r);
/* It was full a moment ago: no use to flush. The loop tells when there is room;
 * from time to time flush anyway, for what has become too old. */
bool vc_reader_rests(const struct vc_reader *r);

/* Writes the rest, waiting at most 'timeout' ns of real time; the trailer. */
int vc_reader_finish(struct vc_reader *r, int64_t timeout);

bool vc_reader_is_dead(const struct vc_reader *r);
/* Frames that were dropped, in all. */
uint64_t vc_reader_dropped(const struct vc_reader *r);
/* Octets written. */
uint64_t vc_reader_octets(const struct vc_reader *r);

#endif
