/* SPDX-License-Identifier: MIT */
/*
 * A packet waits for its time; then the hole before it, if any, is given up,
 * and session/t140.h, which goes by sequence numbers, makes text of both.
 * Which type of text RED is around is said by the packet itself: descriptions
 * may be merged, and payloads are not rewritten.
 */
#include "engine/textrx.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/pool.h"
#include "session/jbuf.h"
#include "wire/red.h"

#define PACKETS 256
#define OCTETS (1u << 18)
#define TEXT_CAP (VC_T140_GROWTH * (VC_PACKET_MAX + 8))

struct vc_textrx {
	const struct vc_playout_source *play;
	struct vc_jbuf *jb;
	struct vc_t140rx rx;
	bool has_red;
	uint8_t red_pt;
	char text[TEXT_CAP];
};

struct vc_textrx *vc_textrx_new(const struct vc_playout_source *play)
{
	struct vc_textrx *t = vc_try_alloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->play = play;
	t->jb = vc_jbuf_new(PACKETS, OCTETS);
	vc_t140rx_init(&t->rx);
	if (t->jb)
		return t;
	free(t);
	return NULL;
}

void vc_textrx_free(struct vc_textrx *t)
{
	if (!t)
		return;
	vc_jbuf_free(t->jb);
	free(t);
}

void vc_textrx_put(struct vc_textrx *t, struct vc_packet *pkt,
		   const struct vc_rtp *rtp, bool is_red)
{
	if (is_red) {
		t->has_red = true;
		t->red_pt = rtp->pt;
	}
	if (vc_jbuf_put(t->jb, pkt, rtp) == -ETIME)
		t->rx.counts.late++;
}

static void take(struct vc_textrx *t, const struct vc_rtp *rtp,
		 struct vc_wr *out)
{
	struct vc_red red;

	if (!t->has_red || rtp->pt != t->red_pt)
		(void)vc_t140rx_put(&t->rx, rtp->seq, rtp->payload,
				    rtp->payload_len, out);
	else if (vc_red_parse(&red, rtp->payload, rtp->payload_len))
		t->rx.counts.malformed++;
	else
		(void)vc_t140rx_put_red(&t->rx, rtp->seq, rtp->payload,
					rtp->payload_len,
					red.blocks[red.n - 1].pt, out);
}

const char *vc_textrx_pull(struct vc_textrx *t, int64_t now, size_t *len)
{
	const struct vc_jbuf_item *it;

	while (vc_jbuf_peek(t->jb, &it) != VC_JBUF_EMPTY &&
	       vc_playout_due(t->play, it->rtp.ts) <= now) {
		struct vc_wr w = vc_wr_over(t->text, sizeof(t->text));

		(void)vc_jbuf_skip(t->jb, vc_jbuf_hole(t->jb));
		take(t, &it->rtp, &w);
		vc_packet_unref(vc_jbuf_pop(t->jb));
		*len = vc_wr_len(&w);
		if (!w.bad && *len)
			return t->text;
	}
	return NULL;
}

bool vc_textrx_held(const struct vc_textrx *t)
{
	return vc_jbuf_packets(t->jb) > 0;
}

const struct vc_t140rx_counts *vc_textrx_counts(const struct vc_textrx *t)
{
	return &t->rx.counts;
}
