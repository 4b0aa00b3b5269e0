/* SPDX-License-Identifier: MIT */
#include "tool/caprtsp.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wire/sdp.h"

#define ANSWER "RTSP/1.0 200"
#define TYPE "application/sdp"

static bool is_host(const struct vc_netaddr *a, const struct vc_netaddr *b)
{
	return a->is_ip6 == b->is_ip6 && !memcmp(a->ip, b->ip, sizeof(a->ip));
}

const struct vc_caprtsp *vc_caprtsp_find(const struct vc_caprtsp *all,
					 const struct vc_netaddr *src,
					 const struct vc_netaddr *dst)
{
	for (unsigned int i = 0; i < VC_CAPRTSP_MAX; i++) {
		if (all[i].stamp && is_host(&all[i].server, src) &&
		    is_host(&all[i].client, dst))
			return &all[i];
	}
	return NULL;
}

/* Theirs, or a free one, or the oldest; '*newest' is the last stamp. */
static struct vc_caprtsp *place_of(struct vc_caprtsp *all,
				   const struct vc_netpkt *net,
				   uint64_t *newest)
{
	struct vc_caprtsp *at = &all[0];

	*newest = 0;
	for (unsigned int i = 0; i < VC_CAPRTSP_MAX; i++) {
		if (all[i].stamp > *newest)
			*newest = all[i].stamp;
		if (all[i].stamp < at->stamp)
			at = &all[i];
	}
	for (unsigned int i = 0; i < VC_CAPRTSP_MAX; i++) {
		if (all[i].stamp && is_host(&all[i].server, &net->src) &&
		    is_host(&all[i].client, &net->dst))
			return &all[i];
	}
	return at;
}

static void learn(struct vc_capcall *to, const struct vc_sdp *sdp)
{
	memset(to, 0, sizeof(*to));
	to->is_rtsp = true;
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		const struct vc_sdp_media *m = &sdp->media[i];

		for (unsigned int k = 0; k < m->n_fmt; k++) {
			const struct vc_sdp_fmt *f = &m->fmt[k];

			if (to->n_formats == VC_SIPCALL_FORMATS)
				return;
			to->kinds[to->n_formats] = m->kind;
			to->formats[to->n_formats] = (struct vc_sipformat){
				.pt = f->pt,
				.codec = vc_codec_by_name(f->codec),
				.rate_hz = f->rate,
				.channels = (uint8_t)f->channels,
			};
			to->n_formats++;
		}
	}
}

bool vc_caprtsp_take(struct vc_caprtsp *all, const struct vc_netpkt *net)
{
	const char *p = (const char *)net->payload, *body;
	struct vc_caprtsp *at;
	struct vc_sdp *sdp;
	uint64_t newest;
	bool is_good;

	if (net->caplen < sizeof(ANSWER) ||
	    memcmp(p, ANSWER, sizeof(ANSWER) - 1))
		return false;
	body = memmem(p, net->caplen, "\r\n\r\n", 4);
	if (!body || !memmem(p, (size_t)(body - p), TYPE, sizeof(TYPE) - 1))
		return false;
	body += 4;
	sdp = vc_try_alloc(1, sizeof(*sdp));
	is_good = sdp &&
		  !vc_sdp_parse(sdp, body, net->caplen - (size_t)(body - p));
	if (is_good) {
		at = place_of(all, net, &newest);
		at->stamp = newest + 1;
		at->server = net->src;
		at->client = net->dst;
		learn(&at->told, sdp);
	}
	free(sdp);
	return is_good;
}
