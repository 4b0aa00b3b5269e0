/* SPDX-License-Identifier: MIT */
/*
 * The first request goes at once, the next after a second, each later one after
 * twice the time of the one before. From the third on it is a FIR: two seconds
 * are enough for any answer to a PLI. Each FIR is a new command with a number
 * of its own, as a sender ignores repetitions of one he has carried out, and
 * the key frame that he sent may have been lost.
 */
#include "session/keyreq.h"

#include "base/time.h"
#include "wire/rtcp.h"

#define LEAST VC_SEC
#define MOST (8 * VC_SEC)
#define PLIS 2

void vc_keyreq_init(struct vc_keyreq *k, bool has_pli, bool has_fir)
{
	*k = (struct vc_keyreq){
		.has_pli = has_pli,
		.has_fir = has_fir,
		.last = VC_TIME_NONE,
	};
}

static int64_t not_before(const struct vc_keyreq *k, int64_t now)
{
	if (k->last == VC_TIME_NONE || now - k->last >= LEAST)
		return now;
	return k->last + LEAST;
}

void vc_keyreq_want(struct vc_keyreq *k, int64_t now)
{
	if (k->is_wanted)
		return;
	k->is_wanted = true;
	k->counts.wanted++;
	vc_keyreq_renew(k, now);
}

void vc_keyreq_renew(struct vc_keyreq *k, int64_t now)
{
	k->tries = 0;
	k->next = not_before(k, now);
}

void vc_keyreq_seen(struct vc_keyreq *k)
{
	k->counts.satisfied += k->is_wanted;
	k->is_wanted = false;
}

int64_t vc_keyreq_next(const struct vc_keyreq *k)
{
	return k->is_wanted && (k->has_pli || k->has_fir) ? k->next : INT64_MAX;
}

static void write_fir(struct vc_keyreq *k, struct vc_wr *w, uint32_t sender,
		      uint32_t media)
{
	const struct vc_rtcp_fir fir = { .ssrc = media, .seq = k->fir_seq };

	vc_rtcp_write_fir(w, sender, &fir, 1);
}

bool vc_keyreq_write(struct vc_keyreq *k, struct vc_wr *w, uint32_t sender,
		     uint32_t media, int64_t now)
{
	bool is_fir = k->has_fir && (!k->has_pli || k->tries >= PLIS);
	int64_t pause = LEAST;

	if (now < vc_keyreq_next(k))
		return false;
	if (is_fir)
		write_fir(k, w, sender, media);
	else
		vc_rtcp_write_pli(w, sender, media);
	if (w->bad)
		return false;
	k->counts.fir += is_fir;
	k->counts.pli += !is_fir;
	k->fir_seq = (uint8_t)(k->fir_seq + is_fir);
	for (unsigned int i = 0; i < k->tries && pause < MOST; i++)
		pause *= 2;
	k->tries++;
	k->last = now;
	k->next = now + pause;
	return true;
}
