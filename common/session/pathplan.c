/* SPDX-License-Identifier: MIT */
#include "base/time.h"
#include "session/pathplan.h"

#define PACKET 1200
#define SPACING (500 * VC_US) /* of the datagrams of a frame */
#define SPEECH 120	      /* octets of 20 ms, with RTP and SRTP */
#define BIG_SCREEN 30000

static const struct shape {
	const char *name;
	int64_t interval;    /* of frames */
	uint32_t mean;	     /* octets of a frame */
	unsigned int key;    /* every so many frames is large */
	unsigned int larger; /* so many times */
} shapes[VC_PATH_PROFILES] = {
	[VC_PATH_VOICE] = { "voice", 20 * VC_MS, SPEECH, 0, 1 },
	[VC_PATH_SD] = { "sd", VC_SEC / 30, 3150, 90, 6 },
	[VC_PATH_HD] = { "hd", VC_SEC / 30, 9850, 90, 6 },
	[VC_PATH_SCREEN] = { "screen", VC_SEC / 15, 1000, 30, 30 },
};

const char *vc_path_profile_name(enum vc_path_profile profile)
{
	return profile < VC_PATH_PROFILES ? shapes[profile].name : "trace";
}

void vc_pathplan_init(struct vc_pathplan *p, enum vc_path_profile profile,
		      const struct vc_rand *rand)
{
	*p = (struct vc_pathplan){ .profile = profile, .rand = *rand };
}

void vc_pathplan_trace(struct vc_pathplan *p, const struct vc_path_item *items,
		       size_t n)
{
	*p = (struct vc_pathplan){ .profile = VC_PATH_TRACE,
				   .trace = items,
				   .n_trace = n };
}

/* Between a half and one and a half of the mean; a key frame more. */
static uint32_t frame_size(const struct vc_pathplan *p, const struct shape *s)
{
	uint32_t size;

	if (!s->key)
		return s->mean;
	if (p->frame % s->key == 0)
		return s->mean * s->larger;
	size = s->mean / 2 +
	       vc_rand_u32(&p->rand, "frame", p->frame) % (s->mean + 1);
	return size < SPEECH ? SPEECH : size;
}

static void next_frame(struct vc_pathplan *p)
{
	const struct shape *s = &shapes[p->profile];

	p->left = frame_size(p, s);
	p->at = (int64_t)p->frame * s->interval;
	p->frame++;
}

bool vc_pathplan_next(struct vc_pathplan *p, struct vc_path_item *out)
{
	if (p->profile == VC_PATH_TRACE) {
		if (p->frame >= p->n_trace)
			return false;
		*out = p->trace[p->frame];
		p->frame++;
		return true;
	}
	if (p->left)
		p->at += SPACING;
	else
		next_frame(p);
	/* In equal parts, as packetisers do it. */
	out->octets = p->left / ((p->left + PACKET - 1) / PACKET);
	out->at = p->at;
	p->left -= out->octets;
	out->marker = !p->left;
	return true;
}
