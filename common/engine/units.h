/* SPDX-License-Identifier: MIT */
/*
 * RTP packets of one source -> access units in order of decoding, nothing
 * decoded: what a recording is made of. Packets may come out of order and
 * twice; a hole is waited for as long as 'wait' says, from the arrival of the
 * packet behind it. What never came is a gap: sound goes on behind it, pictures
 * with the next frame that refers to nothing in it (session/frameasm.h). Of
 * text a unit is what a packet adds to it, as session/t140.h says: 'lost' is
 * what no copy made good, and U+FFFD stands for it. Told the time, bounded in
 * memory.
 */
#ifndef VC_ENGINE_UNITS_H
#define VC_ENGINE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/timeline.h"
#include "wire/codec.h"

#define VC_UNITS_WAIT INT64_C(200000000)

struct vc_packet;
struct vc_rtp;
struct vc_units;

struct vc_units_counts {
	uint64_t units;
	uint64_t gaps; /* holes that were given up */
	uint64_t lost; /* packets that were missing in them */
	uint64_t duplicates;
	uint64_t late;	   /* behind what was given out already */
	uint64_t overflow; /* held, and dropped to make room */
	uint64_t malformed;
	uint64_t refused; /* frames over a limit of size */
	uint64_t waiting; /* frames dropped: no key frame before them */
	uint64_t resyncs; /* jumps that were followed */
};

/*
 * Opus, G.711, G.722, L16, text (T.140), and video that vc_frameasm_can() do.
 */
bool vc_units_can(enum vc_codec codec);

/* NULL and '*err': -ENOTSUP for another codec, -ENOMEM. */
struct vc_units *vc_units_new(enum vc_codec codec, int64_t wait, int *err);
/* Of L16; 1 at first. */
void vc_units_set_channels(struct vc_units *u, unsigned int channels);
/* Of text: packets of this type are RED around it (RFC 4103). */
void vc_units_set_red(struct vc_units *u, uint8_t pt);
/* As vc_frameasm_set_fmtp(). */
void vc_units_set_fmtp(struct vc_units *u, struct vc_str fmtp);
/* The id of the extension that says how pictures are to be turned; 0: none. */
void vc_units_set_orientation(struct vc_units *u, uint8_t id);
void vc_units_free(struct vc_units *u);

/*
 * Takes a reference. 'is_media' false: a packet of another format among the
 * source's (telephone-event, FEC): it has its place and gives no unit.
 */
void vc_units_put(struct vc_units *u, struct vc_packet *pkt,
		  const struct vc_rtp *rtp, bool is_media);

/* No more packets come: nothing is waited for. */
void vc_units_end(struct vc_units *u);

/* True: '*out' is the next unit at 'now', borrowed until the next call. */
bool vc_units_next(struct vc_units *u, int64_t now,
		   struct vc_timeline_unit *out);

/* Pictures cannot go on without a key frame: ask the sender for one. */
bool vc_units_wants_key(const struct vc_units *u);

void vc_units_counts(const struct vc_units *u, struct vc_units_counts *out);
void vc_units_add_counts(struct vc_units_counts *sum, const struct vc_units *u);

#endif
