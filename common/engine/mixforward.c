/* SPDX-License-Identifier: MIT */
/*
 * Selected sources as they go out (session/forward.h): packets are sent on as
 * they come, or when they are due (mixdelay.c). An output that is to show
 * another source goes on with the one it has until the new one's key frame is
 * there; that is asked for, of each source at most once a second, whoever wants
 * it.
 *
 * The time of what goes out is when a mixer without delay would have played it,
 * or, where anything may be mixed, this mixer: so lips fit whatever is
 * selected and whatever is mixed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/mixselect.h"
#include "wire/defaults.h"
#include "wire/keystart.h"

#define KEY_LIMIT VC_SEC
#define GROWTH 64 /* of a packet: a CSRC, an id of two octets */

struct mix_forward *vc_mix_forward_new(struct vc_mixer *m, enum mix_slot slot,
				       const struct vc_mixer_source *lead)
{
	struct mix_forward *o = vc_try_alloc(1, sizeof(*o));
	struct mix_forward **at = &m->forwards;
	int pt = vc_default_pt(lead->codec, lead->is_slides);
	char purpose[32];
	uint64_t n = 1;

	if (!o)
		return NULL;
	if (pt < 0)
		pt = vc_default_pt(lead->codec, false);
	snprintf(purpose, sizeof(purpose), "select.%llu",
		 (unsigned long long)m->forwards_made);
	m->forwards_made++;
	o->slot = slot;
	o->out.kind = vc_codec_kind(lead->codec);
	vc_forward_init(&o->fw, m->conf.rand, purpose, lead->codec, (uint8_t)pt,
			lead->rate_hz);
	while (vc_mix_is_taken(m, o->fw.splice.sender.ssrc))
		vc_splice_init(&o->fw.splice, m->conf.rand, purpose, n++,
			       lead->rate_hz);
	o->fw.splice.codec = lead->codec;
	o->out.has_ssrc = true;
	while (*at)
		at = &(*at)->after;
	*at = o;
	return o;
}

void vc_mix_forward_free(struct mix_forward *o)
{
	while (o) {
		struct mix_forward *after = o->after;

		vc_forward_clear(&o->fw);
		vc_mix_set_free(&o->whos);
		vc_mix_set_free(&o->to);
		free(o);
		o = after;
	}
}

/* --- what is said of it --- */

/* Who is shown; where it is one for good, whose it is. */
static void set_name(struct vc_mixer *m, struct mix_forward *o)
{
	const struct vc_mixer_who *who = o->now ? o->now->who : NULL;
	const char *cname = o->fw.splice.sender.cname;

	if (!who && *cname)
		return;
	cname = who && o->is_fixed && *who->cname ? who->cname : m->conf.cname;
	vc_splice_name(&o->fw.splice, cname, who ? who->name : "");
}

void vc_mix_forward_address(struct vc_mixer *m, struct mix_forward *o,
			    int64_t now)
{
	if (!o->has_begun)
		return;
	if (o->now && o->now->who->is_renamed) {
		set_name(m, o);
		o->fw.splice.sender.last_report = VC_TIME_NONE;
	}
	o->out.tx.sender = o->fw.splice.sender;
	vc_mix_address(m, &o->out, &o->whos, &o->to, o->is_for_others, now);
}

static struct vc_srcline line_of(const struct vc_mixer *m,
				 const struct vc_mixer_source *s, uint32_t ts)
{
	bool is_undelayed = m->conf.audio_way == VC_MIXER_SELECT &&
			    m->conf.video_way == VC_MIXER_SELECT;
	int64_t t = is_undelayed ? vc_playout_time(s->play, ts) :
				   vc_playout_due(s->play, ts);

	return (struct vc_srcline){ .rate_hz = s->rate_hz,
				    .is_set = true,
				    .by_report = true,
				    .ts = ts,
				    .ns = t,
				    .arrival = t };
}

static void send_rtcp(struct vc_mixer *m, struct mix_forward *o, bool is_bye,
		      int64_t now)
{
	struct vc_packet *pkt = vc_packet_new(m->conf.pool, VC_SENDER_COMPOUND);
	struct vc_splice *s = &o->fw.splice;
	int len;

	if (!pkt)
		return;
	if (o->now) {
		const struct vc_srcline line = line_of(m, o->now, o->last_ts);

		vc_splice_line(s, &line);
	}
	len = is_bye ? vc_splice_bye(s, pkt->data, pkt->cap, now) :
		       vc_splice_report(s, pkt->data, pkt->cap, now, NULL);
	if (len > 0) {
		pkt->len = (size_t)len;
		pkt->arrival = now;
		m->conf.send(m->conf.ctx, pkt, true);
	}
	o->out.tx.sender = s->sender;
	vc_packet_unref(pkt);
}

void vc_mix_forward_report(struct vc_mixer *m, struct mix_forward *o,
			   int64_t now)
{
	if (o->now && now >= vc_sender_next_report(&o->fw.splice.sender))
		send_rtcp(m, o, false, now);
}

void vc_mix_forward_end(struct vc_mixer *m, struct mix_forward *o, int64_t now)
{
	if (!o->has_begun)
		return;
	send_rtcp(m, o, true, now);
	if (m->conf.end)
		m->conf.end(m->conf.ctx, &o->out, now);
	o->has_begun = false;
	o->now = NULL;
}

void vc_mix_forward_leave(struct vc_mixer *m, struct mix_forward *o,
			  int64_t now)
{
	if (o->now) {
		const struct vc_srcline line = line_of(m, o->now, o->last_ts);

		vc_splice_line(&o->fw.splice, &line);
	}
	o->now = NULL;
	o->to.n = 0;
	o->is_for_others = false;
	vc_mix_forward_address(m, o, now);
	o->after = m->leaving;
	m->leaving = o;
}

void vc_mix_forward_end_left(struct vc_mixer *m, int64_t now)
{
	for (struct mix_forward *o = m->leaving; o; o = o->after)
		vc_mix_forward_end(m, o, now);
	vc_mix_forward_free(m->leaving);
	m->leaving = NULL;
}

/* --- key frames --- */

static void ask(struct vc_mixer *m, struct vc_mixer_source *s, int64_t now)
{
	if (!s->wants_key || (s->has_asked && now - s->asked < KEY_LIMIT))
		return;
	s->wants_key = false;
	s->has_asked = true;
	s->asked = now;
	m->keys_asked++;
	if (m->conf.keyframe)
		m->conf.keyframe(m->conf.ctx, s->ssrc);
}

/* --- which source --- */

static bool are_layers(const struct vc_mixer_source *a,
		       const struct vc_mixer_source *b)
{
	return a == b ||
	       (a->group >= 0 && a->group == b->group && a->codec == b->codec);
}

static struct vc_svc_place place_of(const struct vc_mixer *m,
				    const struct mix_forward *o)
{
	const struct vc_outclass *class = o->class;

	if (!class)
		return (struct vc_svc_place){
			.width = (unsigned int)m->conf.width,
			.height = (unsigned int)m->conf.height,
		};
	return (struct vc_svc_place){ .width = (unsigned int)class->width,
				      .height = (unsigned int)class->height,
				      .fps_num = class->fps_num,
				      .fps_den = class->fps_den,
				      .bps = class->vbitrate_bps };
}

/* Layers within what it shows. */
static void want_layers(const struct vc_mixer *m, struct mix_forward *o)
{
	const struct vc_svc_place place = place_of(m, o);

	vc_forward_want(&o->fw,
			vc_svcmeter_top(&o->now->meter, &place, o->fw.svc.top));
}

#define WHOLE ((struct vc_svc_top){ VC_SVC_TOP, VC_SVC_TOP })

static uint64_t whole_bps(const struct vc_mixer_source *s)
{
	return vc_svcmeter_bps(&s->meter, WHOLE);
}

/*
 * Of the layers of which 'lead' is one, the one that suits, of those that do not
 * take too many bits; if all do, the one with the fewest. What has not been
 * measured yet has none.
 */
static struct vc_mixer_source *layer_of(const struct vc_mixer *m,
					const struct mix_forward *o)
{
	const struct vc_svc_place place = place_of(m, o);
	struct vc_mixer_source *all[VC_LAYERS_MAX], *least = o->lead;
	struct vc_layer *layers[VC_LAYERS_MAX];
	size_t n = 0;

	if (o->lead->group < 0)
		return o->lead;
	for (struct vc_mixer_source *s = o->lead->who->sources;
	     s && n < VC_LAYERS_MAX; s = s->next) {
		if (!are_layers(o->lead, s))
			continue;
		if (whole_bps(s) < whole_bps(least))
			least = s;
		if (vc_svcmeter_is_over(whole_bps(s), place.bps, s == o->now))
			continue;
		s->layer.is_over = s->is_ended;
		layers[n] = &s->layer;
		all[n] = s;
		n++;
	}
	if (!n)
		return least;
	return all[vc_layers_pick(layers, n, place.width, place.height)];
}

void vc_mix_forward_settle(struct vc_mixer *m, struct mix_forward *o,
			   int64_t now)
{
	struct vc_mixer_source *s = o->lead ? layer_of(m, o) : NULL;

	if (s == o->now)
		s = NULL;
	if (s != o->next) {
		vc_forward_clear(&o->fw);
		o->next = s;
		o->since = now;
	}
	if (vc_stage_is_heard(o->slot))
		return;
	if (o->next) {
		o->next->wants_key = true;
		ask(m, o->next, now);
	}
	if (o->now) {
		want_layers(m, o);
		o->now->wants_key |= vc_forward_wants_key(&o->fw) ||
				     o->is_awaited;
		ask(m, o->now, now);
	}
}

void vc_mix_forward_cut(struct mix_forward *o)
{
	o->now = NULL;
	o->fw.is_mid = false;
}

/* --- packets --- */

static void send(struct vc_mixer *m, struct mix_forward *o, enum vc_codec codec,
		 struct vc_packet *pkt, const struct vc_rtp *rtp, int64_t now)
{
	size_t more = pkt->len + GROWTH;
	size_t room = more < VC_PACKET_MAX ? more : VC_PACKET_MAX;
	struct vc_packet *out = vc_packet_new(m->conf.pool, room);
	struct vc_wr w;

	if (!out)
		return;
	w = vc_wr_over(out->data, out->cap);
	if (!vc_forward_write_as(&o->fw, &w, codec, rtp, pkt->arrival,
				 &m->conf.exts)) {
		vc_packet_unref(out);
		return;
	}
	o->last_ts = rtp->ts;
	if (!o->has_begun) {
		o->has_begun = true;
		vc_mix_forward_address(m, o, now);
	}
	vc_mix_forward_report(m, o, now);
	out->len = vc_wr_len(&w);
	out->arrival = now;
	m->conf.send(m->conf.ctx, out, false);
	vc_splice_sent(&o->fw.splice, rtp->payload_len);
	vc_packet_unref(out);
}

/* 'codec': what is held of sound and text is the packet that came. */
static void change(struct vc_mixer *m, struct mix_forward *o,
		   enum vc_codec codec, int64_t now)
{
	struct vc_packet *pkt;
	struct vc_srcline line;
	struct vc_rtp rtp;
	bool is_first = true;

	if (o->now) {
		line = line_of(m, o->now, o->last_ts);
		vc_splice_line(&o->fw.splice, &line);
	}
	if (o->has_begun) {
		o->switches++;
		if (now - o->since > o->longest)
			o->longest = now - o->since;
	}
	o->now = o->next;
	o->next = NULL;
	want_layers(m, o);
	set_name(m, o);
	o->fw.splice.sender.last_report = VC_TIME_NONE;
	/* Who comes to it is there before its key frame. */
	vc_mix_forward_arrives(m, o, now);
	vc_mix_select_address(m, now);
	/* Of those who were to come nobody is there any more. */
	if (!o->now)
		vc_forward_clear(&o->fw);
	while ((pkt = vc_forward_unhold(&o->fw))) {
		if (!vc_rtp_parse(&rtp, pkt->data, pkt->len)) {
			line = line_of(m, o->now, rtp.ts);
			if (is_first)
				vc_forward_source(&o->fw, &line);
			is_first = false;
			send(m, o, codec, pkt, &rtp, now);
		}
		vc_packet_unref(pkt);
	}
}

/* Can somebody begin with it? */
static bool is_start(const struct mix_forward *o, const struct vc_rtp *rtp)
{
	return !vc_keystart_knows(o->fw.codec) ||
	       vc_keystart(o->fw.codec, rtp->payload, rtp->payload_len);
}

static void take(struct vc_mixer *m, struct mix_forward *o,
		 struct vc_mixer_source *s, enum vc_codec codec,
		 struct vc_packet *pkt, const struct vc_rtp *rtp, int64_t now)
{
	bool is_ready = false;

	if (s == o->next)
		vc_forward_hold(&o->fw, pkt, rtp);
	else
		is_ready = o->next && vc_forward_is_ready(&o->fw, rtp, now);
	if (s == o->now && !o->next && o->is_awaited && is_start(o, rtp)) {
		vc_mix_forward_arrives(m, o, now);
		vc_mix_select_address(m, now);
	}
	if (s == o->now && !is_ready)
		send(m, o, codec, pkt, rtp, now);
	if (!o->next || (!is_ready && !vc_forward_is_ready(&o->fw, NULL, now)))
		return;
	change(m, o, codec, now);
}

void vc_mix_forward_packet(struct vc_mixer *m, struct vc_mixer_source *s,
			   enum vc_codec codec, struct vc_packet *pkt,
			   const struct vc_rtp *rtp, int64_t now)
{
	bool is_noise = codec == VC_CODEC_CN;

	for (struct mix_forward *o = m->forwards; o; o = o->after)
		if (is_noise && o->now == s)
			send(m, o, codec, pkt, rtp, now);
		else if (!is_noise && (o->now == s || o->next == s))
			take(m, o, s, codec, pkt, rtp, now);
}

static enum mix_slot slot_of(const struct vc_mixer_source *s)
{
	if (s->kind == VC_TEXT)
		return MIX_TEXT;
	return s->kind == VC_AUDIO ? MIX_SOUND : MIX_PICTURE;
}

void vc_mix_select_packet(struct vc_mixer *m, struct vc_mixer_source *s,
			  enum vc_codec codec, struct vc_packet *pkt,
			  const struct vc_rtp *rtp)
{
	if (!vc_stage_is_made(m, slot_of(s)))
		return;
	if (s->kind == VC_VIDEO)
		vc_svcmeter_packet(&s->meter, s->codec, rtp, pkt->arrival);
	vc_mix_resolve(m, pkt->arrival);
	if (s->kind == VC_AUDIO && codec != VC_CODEC_CN)
		vc_mix_gauge(m, s, codec, rtp, pkt->arrival);
	if (s->kind == VC_AUDIO && m->conf.audio_way == VC_MIXER_AUTO)
		vc_mix_delay(s, codec, pkt, rtp);
	else
		vc_mix_forward_packet(m, s, codec, pkt, rtp, pkt->arrival);
}
