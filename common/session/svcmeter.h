/* SPDX-License-Identifier: MIT */
/*
 * Which layers of a stream (session/svc.h) are enough for a place: how large the
 * spatial ones are, its key frames say (VP9, RFC 9628); how many pictures a
 * second the temporal ones have, and how many bits all take, is counted.
 */
#ifndef VC_SESSION_SVCMETER_H
#define VC_SESSION_SVCMETER_H

#include <stdbool.h>
#include <stdint.h>

#include "session/svc.h"
#include "wire/codec.h"
#include "wire/rtp.h"

#define VC_SVCMETER_IDS 4 /* all above count as the last */

/* Begin with zeros. */
struct vc_svcmeter {
	unsigned int n_sizes;
	unsigned int width[VC_SVC_TOP + 1];
	unsigned int height[VC_SVC_TOP + 1];
	bool has_begun;
	uint32_t ts; /* of the newest picture */
	int64_t since;
	unsigned int count[VC_SVC_TOP + 1]; /* of each temporal layer, since */
	bool has_rates;
	unsigned int mhz[VC_SVC_TOP + 1]; /* pictures in 1,000 s, likewise */
	/* Of payloads, by sid and tid; of other codecs all are of the first. */
	bool is_counting;
	int64_t counts_from;
	uint32_t octets[VC_SVCMETER_IDS][VC_SVCMETER_IDS];
	bool has_bps;
	uint32_t bps[VC_SVCMETER_IDS][VC_SVCMETER_IDS];
};

/* Where it is to be shown. */
struct vc_svc_place {
	unsigned int width;
	unsigned int height;
	int fps_num; /* the most pictures a second; 0: any */
	int fps_den;
	uint32_t bps; /* the most bits a second; 0: any */
};

/* A packet of the source, at 'arrival'. */
void vc_svcmeter_packet(struct vc_svcmeter *m, enum vc_codec codec,
			const struct vc_rtp *rtp, int64_t arrival);

/*
 * The layers for a place: spatial ones as vc_layers_pick() would take them of as
 * many sources; temporal ones that do not give more pictures (a tenth is no
 * matter); and of these such that do not take more bits: first fewer temporal
 * ones, then a smaller picture; the base is taken anyhow. What is not known yet
 * is wanted whole. 'now': what is taken so far, which may have a quarter too many
 * before it is given up.
 */
struct vc_svc_top vc_svcmeter_top(const struct vc_svcmeter *m,
				  const struct vc_svc_place *place,
				  struct vc_svc_top now);

/* Bits a second of the layers up to 'top', about the last seconds; 0: not known. */
uint64_t vc_svcmeter_bps(const struct vc_svcmeter *m, struct vc_svc_top top);

/* Are so many too many for a place? 'is_now': it has them so far. */
bool vc_svcmeter_is_over(uint64_t bps, uint32_t limit, bool is_now);

#endif
