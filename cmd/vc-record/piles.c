/* SPDX-License-Identifier: MIT */
/*
 * A pile is a source. It is on the file that its packets go into, which may be
 * that of others, too; a file ends when the last one has left it.
 */
#include "piles.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/str.h"
#include "recorder.h"
#include "session/roster.h"
#include "tape.h"
#include "tool/tool.h"
#include "wire/frame.h"
#include "wire/rtcp.h"

#define RTCP_CAP 1500
#define WAITING_MAX 64 /* piles of RTCP alone */

struct pile {
	struct pile *next;
	uint32_t ssrc;
	uint64_t serial;
	const struct vc_source *src; /* NULL: no packet came */
	struct volume *vol;	     /* NULL: none */
	int64_t kept_at;
	size_t kept; /* octets of RTCP that wait for the first packet */
	uint8_t rtcp[RTCP_CAP];
};

static struct pile *find(const struct output *o, uint32_t ssrc)
{
	struct pile *p = o->piles;

	while (p && p->ssrc != ssrc)
		p = p->next;
	return p;
}

/* NULL: there is no room. */
static struct pile *pile_of(struct output *o, uint32_t ssrc)
{
	struct pile *p = find(o, ssrc);

	if (p || o->n_piles == PILES_MAX)
		return p;
	p = vc_try_alloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->ssrc = ssrc;
	p->serial = ++o->n_serials;
	p->next = o->piles;
	o->piles = p;
	o->n_piles++;
	return p;
}

/* Nobody is on it any more: it is whole. */
static void leave(struct output *o, struct pile *p, const char *why)
{
	struct volume *v = p->vol;

	p->vol = NULL;
	if (!v)
		return;
	v->lanes--;
	if (v->lanes)
		return;
	files_end(o, v, why);
	files_work(o, true);
}

static uint64_t key_of(const struct output *o, const struct pile *p)
{
	return o->conf->by == TRACKS_PARTICIPANT ?
		       vc_hash_str(p->src->who->id) :
		       p->serial;
}

static struct volume *volume_of(const struct output *o, uint64_t key)
{
	struct volume *v = o->volumes;

	while (v && (v->key != key || v->why))
		v = v->next;
	return v;
}

static int open_volume(const struct recorder *rec, struct output *o,
		       const struct pile *p, const struct vc_packet *pkt,
		       const struct vc_rtp *rtp, struct volume **out)
{
	struct vc_track_info info;
	struct volume *v;
	int err;

	source_describe(rec, p->src, rtp, &info);
	err = files_open_next(o, &info, pkt->arrival, &v);
	if (err)
		return err;
	v->key = key_of(o, p);
	*out = v;
	return o->desc_len ? tape_frame(v->w.tape, o->desc, o->desc_len) : 0;
}

static int enter(const struct recorder *rec, struct output *o, struct pile *p,
		 const struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	struct volume *v = volume_of(o, key_of(o, p));
	int err = v ? 0 : open_volume(rec, o, p, pkt, rtp, &v);

	if (err)
		return err;
	v->lanes++;
	leave(o, p, "moved");
	p->vol = v;
	if (!p->kept)
		return 0;
	err = tape_time(v->w.tape, p->kept_at);
	if (!err)
		err = tape_frame(v->w.tape, p->rtcp, p->kept);
	p->kept = 0;
	return err;
}

void piles_rtp(const struct recorder *rec, struct output *o,
	       const struct vc_source *src, const struct vc_packet *pkt,
	       const struct vc_rtp *rtp)
{
	struct pile *p;
	int err = 0;

	if (o->has_ended || o->state != OUTPUT_RUNS)
		return;
	p = pile_of(o, src->ssrc);
	if (!p) {
		files_leave_out(o);
		return;
	}
	p->src = src;
	if (!p->vol || p->vol->key != key_of(o, p))
		err = enter(rec, o, p, pkt, rtp);
	if (err == -EMFILE) {
		files_leave_out(o);
		return;
	}
	if (!err)
		err = tape_packet(p->vol->w.tape, pkt);
	output_check(o, err);
}

/* Of those of RTCP alone the oldest goes: receivers send it too, and anybody. */
static void make_room(struct output *o)
{
	struct pile **oldest = NULL, *p;
	unsigned int n = 0;

	for (struct pile **at = &o->piles; *at; at = &(*at)->next) {
		if ((*at)->src)
			continue;
		oldest = at;
		n++;
	}
	if (n < WAITING_MAX)
		return;
	p = *oldest;
	*oldest = p->next;
	o->n_piles--;
	free(p);
}

void piles_rtcp(struct output *o, const struct vc_packet *pkt)
{
	struct pile *p;
	uint32_t ssrc;

	if (o->has_ended || pkt->len < 8)
		return;
	ssrc = vc_get_u32(pkt->data + 4);
	if (!find(o, ssrc))
		make_room(o);
	p = pile_of(o, ssrc);
	if (p && p->vol) {
		output_check(o, tape_packet(p->vol->w.tape, pkt));
		return;
	}
	if (!p || pkt->len > RTCP_CAP)
		return;
	memcpy(p->rtcp, pkt->data, pkt->len);
	p->kept = pkt->len;
	p->kept_at = pkt->arrival;
}

/* Of one that 'id' calls; NULL: all. */
static void put(struct output *o, const char *id, const void *frame, size_t len,
		bool is_raw)
{
	struct volume *next;

	for (struct volume *v = o->volumes; v && !o->has_ended; v = next) {
		bool is_his = !id;

		next = v->next;
		for (const struct pile *p = o->piles; p && !is_his; p = p->next)
			is_his = p->vol == v && p->src &&
				 !strcmp(p->src->who->id, id);
		if (v->why || !is_his)
			continue;
		output_check(o, is_raw ? tape_raw(v->w.tape, frame, len) :
					 tape_frame(v->w.tape, frame, len));
	}
}

void piles_event(struct output *o, const struct vc_json *event,
		 const char *text, size_t len)
{
	const struct pile *p;
	int64_t ssrc;

	if (!vc_json_get_int(event, "ssrc", &ssrc)) {
		put(o, vc_json_get_str(event, "id"), text, len, false);
		return;
	}
	p = ssrc >= 0 && ssrc <= UINT32_MAX ? find(o, (uint32_t)ssrc) : NULL;
	if (p && p->vol && !o->has_ended)
		output_check(o, tape_frame(p->vol->w.tape, text, len));
}

void piles_raw(struct output *o, const uint8_t *frame, size_t len)
{
	put(o, NULL, frame, len, true);
}

void piles_desc(struct output *o)
{
	put(o, NULL, o->desc, o->desc_len, false);
}

void piles_time(struct output *o, int64_t now)
{
	struct volume *next;

	for (struct volume *v = o->volumes; v && !o->has_ended; v = next) {
		next = v->next;
		if (!v->why)
			output_check(o, tape_time(v->w.tape, now));
	}
}

void piles_gone(struct output *o, const struct vc_source *src)
{
	struct pile **at = &o->piles, *p = find(o, src->ssrc);

	if (!p || p->src != src)
		return;
	if (!o->has_ended)
		leave(o, p, "left");
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	o->n_piles--;
	free(p);
}

void piles_end(struct output *o, const char *why)
{
	for (struct pile *p = o->piles; p; p = p->next)
		leave(o, p, why);
}

void piles_free(struct output *o)
{
	struct pile *p;

	while ((p = o->piles)) {
		o->piles = p->next;
		free(p);
	}
}
