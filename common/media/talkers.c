/* SPDX-License-Identifier: MIT */
#include "media/talkers.h"

#define SOUND 50    /* this loud, or louder: it begins */
#define NO_SOUND 54 /* less: it does not go on */
#define TALK_ON 45  /* as people are told */
#define TALK_OFF 52
#define ON_CALLS 3   /* 60 ms */
#define OFF_CALLS 30 /* 600 ms: a pause between words is none */
#define MARGIN 30    /* 3 dB */
#define FALL 2	     /* a call: 10 dB a second */
#define EXCESS 15
#define WINDOW 25	      /* calls: half a second */
#define SAID_LEAST 5	      /* in it: fewer tell nothing */
#define LAG INT64_C(40000000) /* then its sound has been heard whole */

static int score_of(uint8_t level)
{
	return level < 127 ? 10 * (127 - level) : 0;
}

bool vc_talk_is_active(const struct vc_talk *t, int64_t now)
{
	return t->has_sound && now <= t->until;
}

static void keep_on(struct vc_talk *t, uint8_t level, int64_t at)
{
	uint8_t least = vc_talk_is_active(t, at) ? NO_SOUND : SOUND;

	if (level > least)
		return;
	if (!t->has_sound || at + VC_TALK_HOLD > t->until)
		t->until = at + VC_TALK_HOLD;
	t->has_sound = true;
}

void vc_talk_announce(struct vc_talk *t, uint8_t level, int64_t at)
{
	keep_on(t, level, at);
	if (score_of(level) > t->score)
		t->score = score_of(level);
}

bool vc_talk_hear(struct vc_talk *t, uint8_t level, int64_t now)
{
	bool was_talking = t->is_talking;

	keep_on(t, level, now);
	t->score = t->score > FALL ? t->score - FALL : 0;
	if (score_of(level) > t->score)
		t->score = score_of(level);
	t->loud = level <= TALK_ON ? t->loud + 1 : 0;
	t->quiet = level >= TALK_OFF ? t->quiet + 1 : 0;
	if (t->loud >= ON_CALLS)
		t->is_talking = true;
	if (t->quiet >= OFF_CALLS)
		t->is_talking = false;
	return t->is_talking != was_talking;
}

void vc_talk_forget(struct vc_talk *t)
{
	t->has_sound = false;
	t->score = 0;
}

/* --- claims --- */

static void note(struct vc_claim *c, uint8_t level, int64_t at)
{
	unsigned int i;

	if (c->n == VC_CLAIMS) {
		c->first = (c->first + 1) % VC_CLAIMS;
		c->n--;
	}
	i = (c->first + c->n) % VC_CLAIMS;
	c->said[i].at = at;
	c->said[i].level = level;
	c->n++;
}

enum vc_sound vc_claim_packet(struct vc_claim *c, int level, int voice,
			      int64_t at, int64_t now)
{
	if (level >= 0)
		note(c, (uint8_t)level, at);
	if (c->is_doubted && now >= c->doubted_until)
		c->is_doubted = false;
	if (level >= 0 && !c->is_doubted)
		return level <= NO_SOUND ? VC_SOUND_CLAIMED : VC_SOUND_NONE;
	return voice ? VC_SOUND_UNKNOWN : VC_SOUND_NONE;
}

/* Those whose time has come, or that are nobody's any more. */
static void take_said(struct vc_claim *c, int64_t now)
{
	while (c->n && c->said[c->first].at + LAG <= now) {
		if (c->said[c->first].at + VC_TALK_HOLD > now) {
			if (!c->n_said ||
			    c->said[c->first].level < c->loudest_said)
				c->loudest_said = c->said[c->first].level;
			c->n_said++;
		}
		c->first = (c->first + 1) % VC_CLAIMS;
		c->n--;
	}
}

bool vc_claim_hear(struct vc_claim *c, uint8_t level, int64_t now)
{
	uint8_t loudest;
	bool is_wrong;

	take_said(c, now);
	if (!c->calls || level < c->loudest)
		c->loudest = level;
	c->calls++;
	if (c->calls < WINDOW)
		return true;
	loudest = c->has_before && c->loudest_before < c->loudest ?
			  c->loudest_before :
			  c->loudest;
	is_wrong = c->n_said >= SAID_LEAST && c->loudest_said <= NO_SOUND &&
		   loudest > c->loudest_said + EXCESS;
	c->loudest_before = c->loudest;
	c->has_before = true;
	c->calls = c->n_said = 0;
	if (is_wrong) {
		c->is_doubted = true;
		c->doubted_until = now + VC_CLAIM_DOUBT;
	}
	return !is_wrong;
}

/* --- the choice --- */

/* The first of the loudest who are active and not in. */
static struct vc_talker *loudest_out(struct vc_talker *v, size_t n)
{
	struct vc_talker *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (v[i].is_active && !v[i].is_in &&
		    (!best || v[i].score > best->score))
			best = &v[i];
	return best;
}

/* The last of the quietest who are in. */
static struct vc_talker *quietest_in(struct vc_talker *v, size_t n)
{
	struct vc_talker *least = NULL;

	for (size_t i = 0; i < n; i++)
		if (v[i].is_in && (!least || v[i].score <= least->score))
			least = &v[i];
	return least;
}

void vc_talkers_choose(struct vc_talker *v, size_t n, size_t max)
{
	struct vc_talker *out, *in;
	size_t n_in = 0;

	for (size_t i = 0; i < n; i++) {
		v[i].is_in = v[i].is_in && v[i].is_active;
		n_in += v[i].is_in;
	}
	for (; n_in > max; n_in--)
		quietest_in(v, n)->is_in = false;
	while ((out = loudest_out(v, n))) {
		in = n_in < max ? NULL : quietest_in(v, n);
		if (n_in >= max && (!in || out->score < in->score + MARGIN))
			return;
		if (in)
			in->is_in = false;
		else
			n_in++;
		out->is_in = true;
	}
}
