/* SPDX-License-Identifier: MIT */
/*
 * A WebM, Matroska, MP4, Ogg, WAV or IVF file (engine/filepump.h) as the RTP
 * stream of those who are in it: its octets in, packets of Opus, L16, G.711,
 * G.722, VP8, VP9, H.264, AV1 and text out, nothing transcoded
 * (engine/refit.h). A participant is a track of sound and one of pictures of
 * the same name (the first with the first, should several be called so). Time
 * is the file's, from 'epoch' on; what is written never goes back.
 */
#ifndef VC_ENGINE_WEBMSOURCE_H
#define VC_ENGINE_WEBMSOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "wire/sdp.h"

struct vc_rand;
struct vc_webmsource;

struct vc_webmsource_conf {
	const struct vc_rand *rand; /* for SSRCs and CNAMEs; borrowed */
	struct vc_pool *pool;	    /* borrowed */
	int64_t epoch;
	/* The description: once, before the first packet. Borrowed. */
	void (*desc)(void *ctx, const struct vc_sdp *sdp);
	/* Take a reference to keep it. 'now' never decreases. */
	void (*packet)(void *ctx, struct vc_packet *pkt, bool is_rtcp,
		       int64_t now);
	/* A track that is left out; 'codec' is foreign and cut. May be NULL. */
	void (*refused)(void *ctx, uint64_t number, const char *codec);
	void *ctx;
};

struct vc_webmsource_counts {
	uint64_t tracks; /* of those that are played */
	uint64_t blocks;
	uint64_t frames;
	uint64_t bad;	 /* elements or frames that are malformed */
	uint64_t strays; /* blocks of no track that is played */
};

/* NULL when out of memory. */
struct vc_webmsource *vc_webmsource_new(const struct vc_webmsource_conf *conf);
void vc_webmsource_free(struct vc_webmsource *s);

/*
 * The file's next octets, as they come. 0, -EBADMSG: cannot be read from here
 * on, -ENOTSUP: no track is of a kind that is played, -ENOMEM. Errors last.
 */
int vc_webmsource_put(struct vc_webmsource *s, const uint8_t *p, size_t len);

/* The end: BYE for all. True where the file may end here, false: it was cut. */
bool vc_webmsource_end(struct vc_webmsource *s);

const struct vc_webmsource_counts *vc_webmsource_counts(
	const struct vc_webmsource *s);

#endif
