/* SPDX-License-Identifier: MIT */
/* Sources lie in a table by a hash of their SSRC; none ever leaves it. */
#include "session/impairkind.h"

#include "wire/keystart.h"

#define FULL (VC_IMPAIR_SOURCES / 4 * 3)

static struct vc_impair_source *source_of(struct vc_impair_kinds *k,
					  uint32_t ssrc, enum vc_kind kind)
{
	size_t i = ssrc * UINT32_C(2654435761) >> 24;
	struct vc_impair_source *s = &k->sources[i];

	while (s->is_used && s->ssrc != ssrc) {
		i = (i + 1) % VC_IMPAIR_SOURCES;
		s = &k->sources[i];
	}
	if (s->is_used)
		return s;
	if (k->n == FULL) {
		k->too_many++;
		return NULL;
	}
	k->n++;
	k->ordinals[kind]++;
	*s = (struct vc_impair_source){
		.is_used = true,
		.ssrc = ssrc,
		.ordinal = k->ordinals[kind],
	};
	return s;
}

void vc_impair_kind_rtp(struct vc_impair_kinds *k, enum vc_kind kind,
			enum vc_codec codec, const struct vc_rtp *rtp,
			struct vc_impair_what *what)
{
	static const unsigned int bits[] = {
		[VC_AUDIO] = VC_IMPAIR_AUDIO,
		[VC_VIDEO] = VC_IMPAIR_VIDEO,
		[VC_TEXT] = VC_IMPAIR_TEXT,
		[VC_OTHER] = 0,
	};
	struct vc_impair_source *s = source_of(k, rtp->ssrc, kind);

	*what = (struct vc_impair_what){ .is = VC_IMPAIR_RTP | bits[kind] };
	if (!s)
		return;
	s->n++;
	what->source = s->ordinal;
	what->number = s->n;
	if (kind != VC_VIDEO)
		return;
	if ((!s->is_key || s->ts != rtp->ts) &&
	    vc_keystart(codec, rtp->payload, rtp->payload_len)) {
		k->n_keys++;
		s->key = k->n_keys;
		s->ts = rtp->ts;
		s->is_key = true;
	}
	if (!s->is_key || s->ts != rtp->ts)
		return;
	what->is |= VC_IMPAIR_KEY;
	what->key = s->key;
}

void vc_impair_kind_rtcp(struct vc_impair_kinds *k, struct vc_impair_what *what)
{
	k->n_rtcp++;
	*what = (struct vc_impair_what){
		.is = VC_IMPAIR_RTCP,
		.source = 1,
		.number = k->n_rtcp,
	};
}
