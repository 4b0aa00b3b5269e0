/* SPDX-License-Identifier: MIT */
/*
 * Selected sound where sound may be mixed as well: a packet goes out in the tick
 * in which a mix would have it. So both have one clock, and where one ends the
 * other begins: nothing is missing then, nothing comes twice, and a receiver's
 * delay stays what it is.
 */
#include "base/time.h"
#include "engine/mixselect.h"
#include "wire/dtmf.h"

/* A second of the shortest packets there are; no more is kept of a source. */
#define PACKETS_MAX 400

int64_t vc_mix_due(const struct vc_mixer_source *s, const struct vc_packet *pkt,
		   uint32_t ts)
{
	int64_t due = vc_playout_due(s->play, ts);

	/* A line that is about to break tells nothing. */
	if (due < pkt->arrival - VC_SEC || due > pkt->arrival + VC_SEC)
		return pkt->arrival;
	return due;
}

/* The time of an event is that of its beginning: it goes out where it has got to,
 * and not before the sound that came before it. */
static int64_t due_of(const struct vc_mixer_source *s, enum vc_codec codec,
		      const struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	struct vc_dtmf event;
	int64_t due;

	if (codec != VC_CODEC_TELEPHONE_EVENT ||
	    vc_dtmf_parse(&event, rtp->payload, rtp->payload_len))
		return vc_mix_due(s, pkt, rtp->ts);
	due = vc_mix_due(s, pkt, rtp->ts + event.duration);
	return due < s->last_due ? s->last_due : due;
}

void vc_mix_delay(struct vc_mixer_source *s, enum vc_codec codec,
		  struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	if (s->n_delayed == PACKETS_MAX || !vc_delayq_room(&s->delayed, 1))
		return;
	s->n_delayed++;
	s->last_due = due_of(s, codec, pkt, rtp);
	vc_delayq_push(&s->delayed, &(const struct vc_waiting){
					    .due = s->last_due,
					    .order = s->delays++,
					    .pkt = vc_packet_ref(pkt),
					    .tag = codec,
				    });
}

/* Of one who said BYE the rest has been heard: now he is gone. */
static void release(struct vc_mixer *m, struct vc_mixer_source *s, int64_t now)
{
	while (s->n_delayed && vc_delayq_first(&s->delayed)->due < now) {
		struct vc_waiting w = vc_delayq_pop(&s->delayed);
		struct vc_rtp rtp;

		s->n_delayed--;
		m->is_stale |= s->is_ended && !s->n_delayed;
		if (!vc_rtp_parse(&rtp, w.pkt->data, w.pkt->len))
			vc_mix_forward_packet(m, s, (enum vc_codec)w.tag, w.pkt,
					      &rtp, now);
		vc_packet_unref(w.pkt);
	}
}

void vc_mix_delay_tick(struct vc_mixer *m, int64_t now)
{
	if (m->conf.audio_way != VC_MIXER_AUTO)
		return;
	for (struct vc_mixer_who *who = m->whos; who; who = who->next)
		for (struct vc_mixer_source *s = who->sources; s; s = s->next)
			release(m, s, now);
}
