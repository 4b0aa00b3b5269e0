/* SPDX-License-Identifier: MIT */
/*
 * How much of what came is there to repair: by payload types within a source,
 * and of the whole stream, where RTX and FEC have sources of their own.
 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "passive.h"
#include "probe.h"
#include "record.h"
#include "wire/codec.h"

#define SEARCHED 1024 /* in a crowd nobody is looked for */

enum repair {
	REPAIR_RTX,
	REPAIR_FEC,
	REPAIR_RED,
	REPAIRS,
};

static const char *const names[] = { "rtx", "fec", "red" };

struct sums {
	uint64_t packets[REPAIRS], octets[REPAIRS];
	uint64_t all_packets, all_octets;
};

/* REPAIRS: none of them. */
static enum repair repair_of(int codec)
{
	switch (codec) {
	case VC_CODEC_RTX:
		return REPAIR_RTX;
	case VC_CODEC_ULPFEC:
	case VC_CODEC_FLEXFEC:
		return REPAIR_FEC;
	case VC_CODEC_RED:
		return REPAIR_RED;
	default:
		return REPAIRS;
	}
}

static void add_up(struct sums *s, const struct passive *x)
{
	for (unsigned int i = 0; x && i < x->n_pts; i++) {
		enum repair r = repair_of(x->pt[i].codec);

		s->all_packets += x->pt[i].packets;
		s->all_octets += x->pt[i].octets;
		if (r == REPAIRS)
			continue;
		s->packets[r] += x->pt[i].packets;
		s->octets[r] += x->pt[i].octets;
	}
}

static struct vc_json *json_of(const struct sums *s)
{
	struct vc_json *o = vc_json_object();
	char key[32];

	for (unsigned int i = 0; i < VC_COUNT(names); i++) {
		vc_json_set_real(o, names[i],
				 share((int64_t)s->packets[i],
				       (int64_t)s->all_packets),
				 6);
		vc_strlcpy(key, names[i], sizeof(key));
		vc_strlcpy(key + strlen(key), "_octets",
			   sizeof(key) - strlen(key));
		vc_json_set_real(o, key,
				 share((int64_t)s->octets[i],
				       (int64_t)s->all_octets),
				 6);
	}
	return o;
}

/* "...;apt=96;...": the payload type that this one repeats; -1: not said. */
static int apt_of(const struct probe *p, const struct meter *m)
{
	const struct vc_sdp *sdp = vc_in_sdp(p->in);
	const struct vc_sdp_media *media;
	const struct vc_sdp_fmt *fmt;
	struct vc_str rest;
	char text[8];
	uint64_t pt;

	if (!sdp || m->pt < 0 ||
	    !vc_sdp_find_pt(sdp, (uint8_t)m->pt, &media, &fmt))
		return -1;
	rest = fmt->fmtp;
	while (rest.len) {
		struct vc_str each = vc_str_cut(&rest, ';');

		while (each.len && each.p[0] == ' ') {
			each.p++;
			each.len--;
		}
		if (!vc_str_starts(each, "apt="))
			continue;
		vc_str_cut(&each, '=');
		if (vc_str_copy(text, sizeof(text), each) < sizeof(text) &&
		    !vc_num_u64(text, 0, 127, &pt))
			return (int)pt;
	}
	return -1;
}

static bool may_repair(const struct meter *m, const struct meter *what, int apt)
{
	if (what == m || repair_of(what->codec) != REPAIRS ||
	    (apt >= 0 ? what->pt != apt : what->kind != VC_VIDEO))
		return false;
	return !m->cname[0] || !strcmp(m->cname, what->cname);
}

/* The one source that it can be of; NULL: none, or several. */
static const struct meter *repaired(const struct probe *p,
				    const struct meter *m)
{
	int apt;
	const struct meter *found = NULL;

	if (p->n_meters > SEARCHED)
		return NULL;
	apt = repair_of(m->codec) == REPAIR_RTX ? apt_of(p, m) : -1;
	for (const struct meter *o = p->first; o; o = o->next) {
		if (!may_repair(m, o, apt))
			continue;
		if (found)
			return NULL;
		found = o;
	}
	return found;
}

void record_repair(struct vc_json *o, const struct probe *p,
		   const struct meter *m)
{
	bool is_own = repair_of(m->codec) != REPAIRS;
	const struct meter *of = is_own ? repaired(p, m) : NULL;
	struct sums s = { 0 };

	add_up(&s, m->passive);
	vc_json_set(o, "repair", json_of(&s));
	record_set_count(o, "repairs", of ? of->ssrc : UNSAID);
}

struct vc_json *record_repair_total(const struct probe *p)
{
	struct sums s = { 0 };

	for (const struct meter *m = p->first; m; m = m->next)
		add_up(&s, m->passive);
	return json_of(&s);
}
