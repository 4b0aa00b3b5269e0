/* SPDX-License-Identifier: MIT */
/*
 * The receive chain of one audio source: jitter buffer, decoder, playout.
 * Packets are put as they come; the reader pulls sound by stream time, at its
 * own frame grid, and gets what is due: decoded, concealed where a packet is
 * missing, silence where nothing was sent. Used by every tool that decodes.
 * Told the time, deterministic.
 */
#ifndef VC_ENGINE_AUDIORX_H
#define VC_ENGINE_AUDIORX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/playout.h"
#include "wire/codec.h"
#include "wire/rtp.h"

struct vc_audiorx;
struct vc_packet;

#define VC_AUDIORX_RATE 48000

struct vc_audiorx_counts {
	uint64_t frames;    /* packets decoded */
	uint64_t concealed; /* samples made up for lost packets */
	uint64_t conceals;  /* times that this, or FEC, began */
	/* Of both, what turned out to be a pause: nothing had been lost. */
	uint64_t paused, pauses;
	uint64_t fec;	/* samples of lost packets, from in-band FEC */
	uint64_t noise; /* samples of comfort noise that the sender asked for */
	uint64_t silent; /* samples of silence: nothing was sent */
	uint64_t late;
	uint64_t lost; /* packets never here when their turn came */
	uint64_t malformed;
	uint64_t unheard;   /* packets that nobody wanted to hear */
	uint64_t resyncs;   /* jumps that playout followed */
	uint64_t skipped;   /* samples dropped to catch up */
	uint64_t stretched; /* samples cut out or played twice, unheard */
	uint64_t cut;	    /* of these, cut out: played faster */
};

/*
 * 'play' is the source's line to stream time (src->play), borrowed; what is
 * due when is vc_playout_due()'s word, and it is told what came too late for
 * that here. Before the first pull it takes next to no memory. NULL and '*err'
 * (-ENOTSUP for a codec that is not decoded, -ENOMEM).
 */
struct vc_audiorx *vc_audiorx_new(enum vc_codec codec, uint32_t rate_hz,
				  struct vc_playout_source *play, int *err);
void vc_audiorx_free(struct vc_audiorx *a);

/* Of L16, by its description; 1 at first. The others are left as they are. */
void vc_audiorx_set_channels(struct vc_audiorx *a, unsigned int channels);

/*
 * Before the first packet: pull gives two interleaved channels, 'n' samples of
 * each; of what has one they are the same.
 */
void vc_audiorx_set_stereo(struct vc_audiorx *a);
/* Has sound of two channels been decoded? */
bool vc_audiorx_is_stereo(const struct vc_audiorx *a);

/* Takes a reference. Call vc_playout_packet() before (tool/in.h does). */
void vc_audiorx_put(struct vc_audiorx *a, struct vc_packet *pkt,
		    const struct vc_rtp *rtp);

/*
 * The same for a packet of comfort noise (RFC 3389), of the source's own sequence
 * numbers and clock: it is heard from its turn until that of the next sound.
 */
void vc_audiorx_put_noise(struct vc_audiorx *a, struct vc_packet *pkt,
			  const struct vc_rtp *rtp);
/* Was what was pulled last nothing but that? */
bool vc_audiorx_is_noise(const struct vc_audiorx *a);

/* The source said BYE or ended: what is held is played, nothing is awaited. */
void vc_audiorx_end(struct vc_audiorx *a);

/*
 * The 'n' samples at 48 kHz, mono unless two channels were asked for, that are due from 'now' on; calls go on where
 * the one before ended. True when any of it is sound that was sent (or
 * concealed); false: 'pcm' is all zeros, also for want of memory.
 */
bool vc_audiorx_pull(struct vc_audiorx *a, int64_t now, int16_t *pcm, size_t n);

/*
 * How much before its place (vc_playout_due()) what comes next would be played
 * at 'now'; negative: behind it. A few ms are left as they are; who measures
 * takes them off.
 */
int64_t vc_audiorx_early(const struct vc_audiorx *a, int64_t now);

/*
 * Nobody wants to hear it at 'now': nothing is decoded, and what was due is
 * dropped, but for a few packets by which the decoder finds its way again with
 * the next pull. Call it after each packet as long as that is so.
 */
void vc_audiorx_doze(struct vc_audiorx *a, int64_t now);

/* Is sound held that is not played yet? */
bool vc_audiorx_held(const struct vc_audiorx *a);

const struct vc_audiorx_counts *vc_audiorx_counts(const struct vc_audiorx *a);

#endif
