/* SPDX-License-Identifier: MIT */
/*
 * Names of those who are mixed, for whom CSRCs tell of them: all of them each
 * second, and as soon as somebody comes or is renamed. Where that takes many
 * packets it waits until the last ones are long enough ago, lest a crowd that
 * comes one by one is told from the beginning with each one.
 */
#include "base/time.h"
#include "engine/mixer_internal.h"
#include "engine/mixselect.h"
#include "wire/ntp.h"
#include "wire/rtcp.h"

#define CHUNKS_MAX 31
#define CHUNKS_OCTETS 1000
#define APART (200 * VC_MS) /* for each packet but the first */

static struct vc_mixer_out *any_out(struct vc_mixer *m)
{
	struct vc_mixer_who *who;
	struct mix_group *g;
	struct mix_video *v;

	for (g = m->groups; g; g = g->next)
		if (g->shared)
			return &g->shared->out;
	for (who = m->whos; who; who = who->next)
		if (who->mix)
			return &who->mix->out;
	for (v = m->views; v; v = v->next)
		if (v->has_begun)
			return &v->out;
	return vc_mix_select_any(m);
}

static void send_sdes(struct vc_mixer *m, const struct vc_sender *s,
		      const struct vc_sdes_chunk *chunks, unsigned int n,
		      int64_t now)
{
	const struct vc_rtcp_sr sr = {
		.ssrc = s->ssrc,
		.ntp = vc_ntp_from_ns(now),
		.rtp_ts = vc_sender_ts(s, now),
		.packets = (uint32_t)s->packets,
		.octets = (uint32_t)s->octets,
	};
	struct vc_packet *pkt = vc_packet_new(m->conf.pool, VC_PACKET_MAX / 2);
	struct vc_wr w;

	if (!pkt)
		return;
	w = vc_wr_over(pkt->data, pkt->cap);
	vc_rtcp_write_sr(&w, &sr, NULL, 0);
	vc_rtcp_write_sdes(&w, chunks, n);
	pkt->len = vc_wr_len(&w);
	pkt->arrival = now;
	if (!w.bad)
		m->conf.send(m->conf.ctx, pkt, true);
	vc_packet_unref(pkt);
}

static size_t chunk_octets(const struct vc_sdes_chunk *c)
{
	return 12 + c->cname.len + c->name.len;
}

void vc_mix_sdes(struct vc_mixer *m, int64_t now)
{
	struct vc_mixer_out *out = any_out(m);
	struct vc_sdes_chunk chunks[CHUNKS_MAX];
	const struct vc_mixer_source *s;
	unsigned int n = 1, packets = 0;
	size_t octets = 0;

	if (!out || now < m->next_sdes)
		return;
	m->next_sdes = now + VC_SENDER_INTERVAL;
	chunks[0] = (struct vc_sdes_chunk){
		.ssrc = out->tx.sender.ssrc,
		.cname = vc_str_c(out->tx.sender.cname),
		.name = vc_str_c(out->tx.sender.name),
	};
	for (struct vc_mixer_who *who = m->whos; who; who = who->next) {
		for (s = who->sources; s; s = s->next) {
			chunks[n] =
				(struct vc_sdes_chunk){ s->ssrc,
							vc_str_c(who->cname),
							vc_str_c(who->name) };
			octets += chunk_octets(&chunks[n]);
			n++;
			if (n < CHUNKS_MAX && octets < CHUNKS_OCTETS)
				continue;
			send_sdes(m, &out->tx.sender, chunks, n, now);
			packets++;
			n = 1;
			octets = 0;
		}
	}
	if (n > 1)
		send_sdes(m, &out->tx.sender, chunks, n, now);
	packets += n > 1;
	m->early_sdes = now + (packets > 1 ? packets - 1 : 0) * APART;
	if (m->early_sdes > m->next_sdes)
		m->early_sdes = m->next_sdes;
}
