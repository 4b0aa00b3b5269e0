/* SPDX-License-Identifier: MIT */
/*
 * Which layers of a stream (session/svc.h) are enough for a place: how large the
 * spatial ones are, its key frames say (VP9, RFC 9628); how many pictures a
 * second the temporal ones have is counted.
 */
#ifndef VC_SESSION_SVCMETER_H
#define VC_SESSION_SVCMETER_H

#include <stdbool.h>
#include <stdint.h>

#include "session/svc.h"
#include "wire/codec.h"
#include "wire/rtp.h"

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
};

/* A packet of the source, at 'arrival'. */
void vc_svcmeter_packet(struct vc_svcmeter *m, enum vc_codec codec,
			const struct vc_rtp *rtp, int64_t arrival);

/*
 * The layers for a place of 'width' x 'height', as vc_layers_pick() would take
 * them of as many sources, and 'fps_num' / 'fps_den' pictures a second, the
 * most that are not more (a tenth is no matter); num 0: all. What is not known
 * yet is wanted whole.
 */
struct vc_svc_top vc_svcmeter_top(const struct vc_svcmeter *m,
				  unsigned int width, unsigned int height,
				  int fps_num, int fps_den);

#endif
