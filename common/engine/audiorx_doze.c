/* SPDX-License-Identifier: MIT */
/*
 * A chain that nobody listens to: packets come and go, the last few are held
 * for the decoder, which they bring to where it would be if it had followed.
 */
#include "engine/audiorx_internal.h"

#define WARM (80 * VC_MS)

/* Takes what is next; its place may be behind a hole. */
static void drop(struct vc_audiorx *a)
{
	a->counts.lost += vc_jbuf_skip(a->jb, vc_jbuf_hole(a->jb));
	vc_packet_unref(vc_jbuf_pop(a->jb));
	a->counts.unheard++;
}

void vc_audiorx_doze(struct vc_audiorx *a, int64_t now)
{
	const struct vc_jbuf_item *it;

	if (!a->is_dozing)
		stop(a);
	a->is_dozing = true;
	while (vc_jbuf_peek(a->jb, &it) != VC_JBUF_EMPTY &&
	       (is_old(a, it) || due(a, it->rtp.ts) < now - WARM))
		drop(a);
}

/* Decodes what was due before 'now', to nobody's ears. */
void vc_audiorx_warm_up(struct vc_audiorx *a, int64_t now)
{
	const struct vc_jbuf_item *it;
	int n;

	a->is_dozing = false;
	while (vc_jbuf_peek(a->jb, &it) != VC_JBUF_EMPTY) {
		n = samples_of(a, &it->rtp);
		if (n > 0 && due(a, it->rtp.ts) + samples_ns((size_t)n) > now)
			return;
		if (n > 0)
			(void)decode_packet(a, &it->rtp, vc_pcmq_end(&a->q));
		drop(a);
	}
}
