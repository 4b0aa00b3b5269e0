/* SPDX-License-Identifier: MIT */
/*
 * A crowd of loud newcomers, each with a word or two, shall not keep out who
 * has the word: who has spoken for a while stands above them as long as he
 * speaks, though he be softer. In his pauses (SPEAKS) he does not, so that the
 * first word of somebody new is heard in a room where others only pause; that
 * costs the old hand nothing, as he comes back with his own next sound.
 */
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
#define WINDOW 25		  /* calls: half a second */
#define SAID_LEAST 5		  /* in it: fewer tell nothing */
#define SPEAKS INT64_C(200000000) /* after his last sound */
#define KNOWN 2000  /* over those who have not spoken for VC_TALK_KNOWN */
#define PRESENCE 16 /* so long here is worth a moment of speech */
#define LEAD 150    /* ms */
#define MOST (2 * VC_TALK_OLD / VC_TALK_MS) /* calls that count */
#define STANDING 6			    /* 0.1 dB for 100 ms of speech */
#define LAG INT64_C(40000000) /* then its sound has been heard whole */

static int score_of(uint8_t level)
{
	return level < 127 ? 10 * (127 - level) : 0;
}

bool vc_talk_is_active(const struct vc_talk *t, int64_t now)
{
	return t->has_sound && now <= t->until;
}

bool vc_talk_is_speaking(const struct vc_talk *t, int64_t now)
{
	return t->has_sound && now <= t->until - VC_TALK_HOLD + SPEAKS;
}

int vc_talk_rank(const struct vc_talk *t, bool is_in, int64_t now)
{
	unsigned int ms = VC_TALK_MS * (t->spoken + t->here / PRESENCE);

	if (!is_in) /* people speak in turns: a little more is no more */
		ms = ms > LEAD ? (ms - LEAD) * 2 / 3 : 0;
	if (ms > VC_TALK_OLD)
		ms = VC_TALK_OLD;
	if (!vc_talk_is_speaking(t, now) || ms < VC_TALK_KNOWN)
		return t->score;
	return t->score + KNOWN + (int)(ms / 100) * STANDING;
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
	t->here += t->here < PRESENCE * MOST;
	t->spoken += level <= TALK_ON && t->spoken < MOST;
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
	t->spoken = t->here = 0;
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

/* The first of those with the highest rank who are active and not in. */
static struct vc_talker *best_out(struct vc_talker *v, size_t n)
{
	struct vc_talker *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (v[i].is_active && !v[i].is_in &&
		    (!best || v[i].rank > best->rank))
			best = &v[i];
	return best;
}

/* The last of those with the lowest who are in. */
static struct vc_talker *least_in(struct vc_talker *v, size_t n)
{
	struct vc_talker *least = NULL;

	for (size_t i = 0; i < n; i++)
		if (v[i].is_in && (!least || v[i].rank <= least->rank))
			least = &v[i];
	return least;
}

/* A place that is somebody's, and who is to have it. */
struct change {
	struct vc_talker *in;
	struct vc_talker *out;
};

/* As loud as he is, or with his standing? */
static int worth(const struct vc_talker *t, bool is_ranked)
{
	return is_ranked ? t->rank : t->score;
}

/*
 * Of those who are in and speak, or only pause, the least; and of those who are
 * not and speak the best.
 */
static bool find_change(struct vc_talker *v, size_t n, bool is_speaking,
			struct change *c)
{
	*c = (struct change){ 0 };
	for (size_t i = 0; i < n; i++) {
		int w = worth(&v[i], is_speaking);

		if (v[i].is_in && v[i].is_speaking == is_speaking &&
		    (!c->in || w <= worth(c->in, is_speaking)))
			c->in = &v[i];
		if (!v[i].is_in && v[i].is_speaking &&
		    (!c->out || w > worth(c->out, is_speaking)))
			c->out = &v[i];
	}
	return c->in && c->out &&
	       worth(c->out, is_speaking) >= worth(c->in, is_speaking) + MARGIN;
}

/*
 * Ends: who only pauses does not come back here, and among those who speak ranks
 * only rise.
 */
void vc_talkers_choose(struct vc_talker *v, size_t n, size_t max)
{
	struct vc_talker *t;
	struct change c;
	size_t n_in = 0;

	for (size_t i = 0; i < n; i++) {
		v[i].is_in = v[i].is_in && v[i].is_active;
		n_in += v[i].is_in;
	}
	for (; n_in > max; n_in--)
		least_in(v, n)->is_in = false;
	for (; n_in < max && (t = best_out(v, n)); n_in++)
		t->is_in = true;
	while (find_change(v, n, false, &c) || find_change(v, n, true, &c)) {
		c.in->is_in = false;
		c.out->is_in = true;
	}
}
