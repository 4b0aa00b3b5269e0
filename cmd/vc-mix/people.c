/* SPDX-License-Identifier: MIT */
/*
 * src->user is its vc_mixer_source, who->user the vc_mixer_who. Both are made
 * by the first packet that can be decoded, so nobody is shown who sends nothing
 * of use, and follow when the roster learns who somebody is.
 */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "base/time.h"
#include "mix.h"

#define AT_ONCE (200 * VC_MS)

/* Do both have the same kind of media, at the same time, by one input? */
static bool is_another(const struct vc_source *a, const struct vc_source *b)
{
	return a != b && a->who == b->who && a->input == b->input &&
	       a->kind == b->kind && a->user && !a->has_bye && a->cname[0] &&
	       strcmp(a->cname, b->cname) != 0 &&
	       a->last_arrival + AT_ONCE > b->last_arrival;
}

/* NAME=INPUT says of all who come by an input that they are one. */
static void warn_of_crowd(struct mix *mix, const struct vc_source *src)
{
	const struct vc_source *s = vc_roster_first(vc_in_roster(mix->in));
	char safe[VC_ESCAPE_CAP(VC_ROSTER_TEXT)];

	if (mix->warned_crowd || src->id_by != VC_ID_OPERATOR ||
	    !src->cname[0] || src->who->n_sources < 2)
		return;
	while (s && !is_another(s, src))
		s = s->next;
	if (!s)
		return;
	mix->warned_crowd = true;
	vc_escape(safe, sizeof(safe), src->who->id, strlen(src->who->id));
	vc_tool_warn(mix->tool,
		     "%s: several come by that input, and are one participant: "
		     "without '%s=' each is himself",
		     safe, safe);
}

/* What his tile says. A stranger's NAME never covers the operator's word. */
static void tell_name(struct mix *mix, struct vc_source *src)
{
	struct vc_participant *who = src->who;
	const char *name = who->id;

	if (who->id_by < VC_ID_OPERATOR && src->name[0])
		name = src->name;
	if (strcmp(vc_mixer_who_id(who->user), who->id) != 0)
		events_role_drop(mix, who->user);
	vc_mixer_who_set(mix->mixer, who->user, who->id, rules_vouch(mix, who),
			 name, src->cname);
	rulings_apply(mix, who->user);
	rulings_doubt(mix, who->user);
	warn_of_crowd(mix, src);
}

/*
 * Was he kicked, or somebody of that id before him? He who was is kept in the
 * mixer, without sources, lest he gets what strangers get.
 */
static bool is_kicked(struct mix *mix, struct vc_participant *who)
{
	struct vc_mixer_who *w = NULL;

	while (!who->user && mix->n_kicked &&
	       (w = vc_mixer_next_who(mix->mixer, w)))
		if (vc_mixer_off(w) & VC_MIXER_OUT &&
		    !strcmp(vc_mixer_who_id(w), who->id))
			who->user = w;
	return who->user && vc_mixer_off(who->user) & VC_MIXER_OUT;
}

static struct vc_mixer_who *who_of(struct mix *mix, struct vc_participant *who)
{
	if (!who->user)
		who->user = vc_mixer_who_new(mix->mixer);
	return who->user;
}

/* He is here no longer. */
static void drop(struct mix *mix, struct vc_participant *who)
{
	if (who->user && !(vc_mixer_off(who->user) & VC_MIXER_OUT)) {
		events_role_drop(mix, who->user);
		vc_mixer_who_free(mix->mixer, who->user,
				  vc_loop_now(mix->loop));
	}
	who->user = NULL;
}

static void drop_if_empty(struct mix *mix, struct vc_participant *who)
{
	if (who->user && vc_mixer_who_is_empty(who->user))
		drop(mix, who);
}

/* The line to stream time begins anew with another clock rate. */
static void restart_line(struct vc_source *src, struct vc_packet *pkt,
			 const struct vc_rtp *rtp)
{
	enum vc_codec codec = (enum vc_codec)src->codec;
	uint32_t rate = codec == VC_CODEC_L16 ? src->format_hz :
						vc_codec_rate(codec);
	struct vc_playout *home = src->play->home;
	uint64_t clock = src->play->clock;

	if (!rate || rate == src->rate_hz)
		return;
	vc_playout_leave(src->play);
	vc_playout_source_init(src->play, rate);
	vc_playout_join(home, src->play, clock);
	vc_playout_packet(src->play, rtp->ts, pkt->arrival);
	src->rate_hz = rate;
}

static void complain(struct mix *mix, const struct vc_source *src, int err)
{
	enum vc_mixer_way way = src->kind == VC_AUDIO ? mix->conf.audio_way :
							mix->conf.video_way;

	if (err == -ENOMEM)
		vc_tool_warn_limited(mix->tool, &mix->warn_memory,
				     "source %08x: out of memory", src->ssrc);
	if (err != -ENOTSUP || mix->warned_codec[src->pt & 127] ||
	    src->codec == VC_CODEC_TELEPHONE_EVENT ||
	    src->codec == VC_CODEC_CN ||
	    (src->kind == VC_AUDIO && !mix->conf.audio) ||
	    (src->kind == VC_VIDEO && !mix->conf.video))
		return;
	mix->warned_codec[src->pt & 127] = true;
	vc_tool_warn(mix->tool, "source %08x: %s is not %s: dropped", src->ssrc,
		     vc_codec_name((enum vc_codec)src->codec),
		     way == VC_MIXER_SELECT ? "selected" : "mixed");
}

static bool is_decoded(const struct mix *mix, const struct vc_source *src)
{
	switch (src->codec) {
	case VC_CODEC_OPUS:
	case VC_CODEC_PCMU:
	case VC_CODEC_PCMA:
	case VC_CODEC_G722:
	case VC_CODEC_L16:
		return mix->conf.audio;
	case VC_CODEC_VP8:
	case VC_CODEC_VP9:
	case VC_CODEC_H264:
	case VC_CODEC_AV1:
		return mix->conf.video;
	}
	return false;
}

static bool is_slides(const struct mix *mix, const struct vc_source *src)
{
	const struct vc_sdp *sdp = vc_in_sdp(mix->in);
	const struct vc_sdp_media *media;
	const struct vc_sdp_fmt *fmt;

	return sdp && src->pt >= 0 &&
	       vc_sdp_find_pt(sdp, (uint8_t)src->pt, &media, &fmt) &&
	       vc_str_is(media->content, "slides");
}

/* What is to be done with its pictures. */
static void tell_kind(const struct mix *mix, const struct vc_source *src)
{
	vc_mixer_source_set_layer(src->user, src->rid[0] ? src->section : -1);
	vc_mixer_source_set_slides(src->user, is_slides(mix, src));
}

/* As many are here as the policy has room for. */
static bool is_full(struct mix *mix, const struct vc_source *src)
{
	struct vc_participant *who = vc_roster_first_who(vc_in_roster(mix->in));
	unsigned int limit = rules_limit(mix), n = 0;

	if (!limit || src->who->user)
		return false;
	for (; who; who = who->next)
		n += who->user && !is_kicked(mix, who);
	if (n >= limit && !mix->warned_limit) {
		char safe[VC_ESCAPE_CAP(VC_ROSTER_TEXT)];

		vc_escape(safe, sizeof(safe), src->who->id,
			  strlen(src->who->id));
		vc_tool_warn(mix->tool, "%s is refused: %u are here", safe,
			     limit);
	}
	mix->warned_limit |= n >= limit;
	return n >= limit;
}

static void drop_source(struct mix *mix, struct vc_source *src)
{
	if (src->user)
		vc_mixer_source_free(mix->mixer, src->user);
	src->user = NULL;
}

static void join(struct mix *mix, struct vc_source *src, struct vc_packet *pkt,
		 const struct vc_rtp *rtp)
{
	struct vc_mixer_who *who;
	int err = -ENOMEM;

	if (is_kicked(mix, src->who) || is_full(mix, src))
		return;
	who = who_of(mix, src->who);
	drop_source(mix, src);
	restart_line(src, pkt, rtp);
	if (who)
		src->user = vc_mixer_source_new(mix->mixer, who, src->ssrc,
						(enum vc_codec)src->codec,
						src->rate_hz, src->play, &err);
	if (src->user) {
		vc_mixer_source_set_channels(src->user, src->channels);
		vc_mixer_source_set_fmtp(src->user, vc_in_fmtp(mix->in, src));
		tell_kind(mix, src);
	}
	if (src->user)
		tell_name(mix, src);
	else
		complain(mix, src, err);
	drop_if_empty(mix, src->who);
}

void people_rtp(void *ctx, struct vc_source *src, struct vc_packet *pkt,
		const struct vc_rtp *rtp)
{
	struct mix *mix = ctx;

	/* It is of the source's own clock, or not meant for it. */
	if (src->codec == VC_CODEC_CN && src->user &&
	    src->format_hz == src->rate_hz)
		vc_mixer_source_put_noise(src->user, pkt, rtp);
	if (!is_decoded(mix, src)) {
		complain(mix, src, -ENOTSUP);
		return;
	}
	if (!src->user ||
	    vc_mixer_source_codec(src->user) != (enum vc_codec)src->codec)
		join(mix, src, pkt, rtp);
	if (src->user)
		vc_mixer_source_put(src->user, pkt, rtp);
}

void people_tick(struct mix *mix)
{
	struct vc_source *src = vc_roster_first(vc_in_roster(mix->in));

	for (; src; src = src->next)
		if (src->has_bye && src->user)
			vc_mixer_source_end(src->user);
}

/* He may be known by a better name, or turn out to be somebody else. */
void people_change(void *ctx, struct vc_source *src, struct vc_participant *was)
{
	struct mix *mix = ctx;
	struct vc_mixer_who *who;

	if (!src->user)
		return;
	if (is_kicked(mix, src->who)) {
		drop_source(mix, src);
		drop_if_empty(mix, was);
		return;
	}
	tell_kind(mix, src);
	if (src->who != was && !src->who->user && was->user &&
	    was->n_sources == 0) {
		src->who->user = was->user;
		was->user = NULL;
	} else if (src->who != was) {
		who = who_of(mix, src->who);
		if (!who)
			return;
		vc_mixer_source_move(src->user, who);
		drop_if_empty(mix, was);
	}
	tell_name(mix, src);
}

void people_gone(void *ctx, struct vc_source *src, enum vc_leave why)
{
	struct mix *mix = ctx;

	if (!src->user)
		return;
	mix->why = why == VC_LEAVE_EOF ? "eof" : "bye";
	drop_source(mix, src);
	drop_if_empty(mix, src->who);
}

void people_who_gone(void *ctx, struct vc_participant *who)
{
	drop(ctx, who);
}

/* --- who is shown the door --- */

void people_kick(struct mix *mix, struct vc_mixer_who *who)
{
	struct vc_source *src = vc_roster_first(vc_in_roster(mix->in));

	for (; src; src = src->next)
		if (src->user && vc_mixer_source_who(src->user) == who)
			drop_source(mix, src);
	if (rulings_has_floor(mix, vc_mixer_who_id(who)))
		rulings_floor(mix, NULL);
	events_role_drop(mix, who);
	vc_mixer_set_off(mix->mixer, who, vc_mixer_off(who) | VC_MIXER_OUT);
	mix->n_kicked++;
	mix->why = "bye";
	events_kick(mix, who, true);
}

/* But for an output he comes in anew, with his next packet. */
void people_unkick(struct mix *mix, struct vc_mixer_who *who)
{
	struct vc_participant *p = vc_roster_first_who(vc_in_roster(mix->in));

	events_kick(mix, who, false);
	mix->n_kicked--;
	vc_mixer_set_off(mix->mixer, who, vc_mixer_off(who) & ~VC_MIXER_OUT);
	if (outs_has(mix->outs, vc_mixer_who_id(who)))
		return;
	for (; p; p = p->next)
		if (p->user == who)
			p->user = NULL;
	vc_mixer_who_free(mix->mixer, who, vc_loop_now(mix->loop));
}
