/* SPDX-License-Identifier: MIT */
/*
 * Time goes in steps of a quarter of a millisecond; whatever is due in a step
 * happens at its end, in the order of the packets' way.
 */
#include "sim/bwesim.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/rand.h"
#include "base/time.h"
#include "session/bwe.h"
#include "session/pacer.h"
#include "session/twccrx.h"
#include "wire/rtcp.h"

#define STEP (250 * VC_US)
#define QUEUE 4096
#define UDP_IP 28
#define ETHERNET 14
#define PAYLOAD 1188 /* and 12 of RTP */
#define FRAME (VC_SEC / 30)
#define KEY_EVERY 300 /* frames */
#define KEY_TIMES 4
#define AUDIO (20 * VC_MS)
#define AUDIO_OCTETS 80
#define VIDEO_SSRC 1
#define AUDIO_SSRC 2
#define PACE_TIMES 3 / 2

struct packet {
	uint32_t ssrc;
	uint16_t seq;
	uint16_t tseq;
	uint32_t octets; /* with UDP and IP */
	bool is_ours;
	int64_t at; /* when it is due */
};

struct fifo {
	struct packet p[QUEUE];
	size_t head;
	size_t n;
};

struct feedback {
	uint8_t data[1400];
	size_t len;
	int64_t at;
};

struct bwesim {
	struct bwesim_conf conf;
	struct vc_rand rand;
	uint64_t draws;
	int64_t now;
	int64_t begin;

	struct vc_bwe *bwe;
	struct vc_pacer *pacer;
	int64_t next_frame;
	int64_t next_audio;
	unsigned int frames;
	double debt; /* octets that a key frame took beyond its share */
	uint16_t seq[3];

	struct fifo queue; /* of the bottleneck */
	size_t queued;	   /* octets */
	double tokens;
	int64_t next_cross;
	struct fifo flight; /* behind it */
	int64_t last_arrival;

	struct vc_twccrx *rx;
	struct feedback back[16];
	size_t back_head;
	size_t back_n;

	struct {
		uint64_t link, sent, packets, lost, n_waits;
		int64_t waits, wait_max;
		uint64_t target_min;
	} sum;
};

static double draw(struct bwesim *s)
{
	uint32_t v = vc_rand_u32(&s->rand, "bwe", s->draws);

	s->draws++;
	return (double)v / 4294967296.0;
}

static void push(struct fifo *f, const struct packet *p)
{
	assert(f->n < QUEUE);
	f->p[(f->head + f->n) % QUEUE] = *p;
	f->n++;
}

static struct packet *peek(struct fifo *f)
{
	return f->n ? &f->p[f->head] : NULL;
}

static struct packet pop(struct fifo *f)
{
	struct packet p = f->p[f->head];

	f->head = (f->head + 1) % QUEUE;
	f->n--;
	return p;
}

static void drop_item(void *ctx, void *item)
{
	(void)ctx;
	(void)item;
}

struct bwesim *bwesim_new(const struct bwesim_conf *conf)
{
	struct bwesim *s = vc_alloc(1, sizeof(*s));
	const struct vc_bwe_conf bc = {
		.start_bps = conf->start_bps,
		.min_bps = 50000,
		.max_bps = 20000000,
		.by_ssrc = conf->by_ssrc,
	};
	const struct vc_pacer_conf pc = {
		.item_size = sizeof(struct packet),
		.cap = 1024,
		.max_wait = 500 * VC_MS,
		.drop = drop_item,
	};

	s->conf = *conf;
	vc_rand_init(&s->rand, conf->seed, "sim", "bwe");
	s->now = VC_VIRTUAL_EPOCH;
	s->begin = s->now;
	s->bwe = vc_bwe_new(&bc, s->now);
	s->pacer = vc_pacer_new(&pc);
	s->rx = vc_twccrx_new(conf->by_ssrc);
	assert(s->bwe && s->pacer && s->rx);
	s->tokens = (double)conf->burst;
	s->next_frame = s->now;
	s->next_audio = s->now;
	s->next_cross = s->now;
	s->last_arrival = s->now;
	s->seq[VIDEO_SSRC] = 65000;
	return s;
}

void bwesim_free(struct bwesim *s)
{
	vc_bwe_free(s->bwe);
	vc_pacer_free(s->pacer);
	vc_twccrx_free(s->rx);
	free(s);
}

void bwesim_link(struct bwesim *s, uint64_t bps)
{
	s->conf.link_bps = bps;
}

void bwesim_source(struct bwesim *s, uint64_t bps)
{
	s->conf.source_bps = bps;
}

const struct vc_bwe *bwesim_bwe(const struct bwesim *s)
{
	return s->bwe;
}

/* --- the source --- */

static void put(struct bwesim *s, enum vc_pacer_class class, uint32_t ssrc,
		size_t payload, bool is_key)
{
	struct packet p = {
		.ssrc = ssrc,
		.seq = s->seq[ssrc],
		.octets = (uint32_t)(payload + 12 + UDP_IP),
		.is_ours = true,
	};
	const struct vc_pacer_what what = {
		.class = class,
		.ssrc = ssrc,
		.octets = p.octets,
		.is_key = is_key,
	};

	s->seq[ssrc]++;
	(void)vc_pacer_put(s->pacer, &what, &p, s->now);
}

static double video_bps(const struct bwesim *s)
{
	double bps = (double)vc_bwe_target(s->bwe);
	double packets;

	bps -= (AUDIO_OCTETS + 12 + UDP_IP) * 8 * 50;
	packets = bps / 8 / (PAYLOAD + 12 + UDP_IP);
	if (packets < 30)
		packets = 30;
	bps -= packets * (12 + UDP_IP) * 8;
	if (s->conf.source_bps && bps > (double)s->conf.source_bps)
		bps = (double)s->conf.source_bps;
	return bps > 20000 ? bps : 20000;
}

static void make_frame(struct bwesim *s)
{
	bool is_key = s->frames % KEY_EVERY == 0;
	double share = video_bps(s) / 8 / 30;
	double size = share * (0.6 + 0.8 * draw(s)), pay = share * 0.3;
	uint32_t ssrc;
	size_t left;

	if (is_key) {
		size = share * KEY_TIMES;
		s->debt += size - share;
	} else {
		pay = pay < s->debt ? pay : s->debt;
		s->debt -= pay;
		size -= pay;
	}
	s->frames++;
	for (left = (size_t)size + 1; left; is_key = false) {
		size_t n = (left + PAYLOAD - 1) / PAYLOAD;
		size_t len = (left + n - 1) / n;

		put(s, VC_PACER_VIDEO, VIDEO_SSRC, len, is_key);
		left -= len;
	}
	if (vc_pacer_wants_key(s->pacer, &ssrc, s->now))
		s->frames = 0;
}

static void make_media(struct bwesim *s)
{
	if (s->now >= s->next_audio) {
		put(s, VC_PACER_AUDIO, AUDIO_SSRC, AUDIO_OCTETS, false);
		s->next_audio += AUDIO;
	}
	if (s->now >= s->next_frame) {
		make_frame(s);
		s->next_frame += FRAME;
	}
}

/* --- the bottleneck --- */

/* Its queue takes what fills 'limit' at the rate it had at first. */
static bool has_room(const struct bwesim *s, size_t octets)
{
	uint64_t bps = s->conf.link_bps ? s->conf.link_bps : 100000;
	size_t cap =
		(size_t)(bps / 8 * (uint64_t)s->conf.limit / (uint64_t)VC_SEC) +
		s->conf.burst;

	return s->queued + octets <= cap && s->queue.n < QUEUE - 1;
}

static void enqueue(struct bwesim *s, struct packet *p)
{
	size_t octets = p->octets + ETHERNET;

	if (p->is_ours) {
		s->sum.packets++;
		s->sum.sent += octets;
	}
	if (!has_room(s, octets) || draw(s) < s->conf.loss) {
		s->sum.lost += p->is_ours;
		return;
	}
	p->at = s->now;
	s->queued += octets;
	push(&s->queue, p);
}

static void make_cross(struct bwesim *s)
{
	struct packet p = { .octets = 1000 };

	while (s->conf.cross_bps && s->now >= s->next_cross) {
		enqueue(s, &p);
		s->next_cross += (int64_t)(p.octets * 8 * (uint64_t)VC_SEC /
					   s->conf.cross_bps);
	}
}

static void leave(struct bwesim *s, struct packet p)
{
	int64_t wait = s->now - p.at;

	if (!p.is_ours)
		return;
	s->sum.link += p.octets + ETHERNET;
	s->sum.waits += wait;
	s->sum.n_waits++;
	s->sum.wait_max = wait > s->sum.wait_max ? wait : s->sum.wait_max;
	p.at = s->now + s->conf.rtt / 2 +
	       (int64_t)(draw(s) * (double)s->conf.jitter);
	/* It does not reorder. */
	if (p.at < s->last_arrival)
		p.at = s->last_arrival;
	s->last_arrival = p.at;
	push(&s->flight, &p);
}

static void run_link(struct bwesim *s)
{
	struct packet *p;

	s->tokens +=
		(double)s->conf.link_bps / 8 * (double)STEP / (double)VC_SEC;
	while ((p = peek(&s->queue)) &&
	       s->tokens >= (double)(p->octets + ETHERNET)) {
		s->tokens -= (double)(p->octets + ETHERNET);
		s->queued -= p->octets + ETHERNET;
		leave(s, pop(&s->queue));
	}
	if (s->tokens > (double)s->conf.burst)
		s->tokens = (double)s->conf.burst;
}

/* --- the receiver --- */

static int64_t their_clock(const struct bwesim *s, int64_t t)
{
	return t + s->conf.clock +
	       (int64_t)((double)(t - s->begin) * s->conf.skew_ppm / 1e6);
}

static void send_feedback(struct bwesim *s, int64_t theirs)
{
	struct feedback *f = &s->back[(s->back_head + s->back_n) % 16];
	struct vc_wr w = vc_wr_over(f->data, sizeof(f->data));

	if (s->back_n == 16 || !vc_twccrx_write(s->rx, &w, 99, theirs))
		return;
	f->len = vc_wr_len(&w);
	f->at = s->now + s->conf.rtt / 2;
	if (draw(s) >= s->conf.feedback_loss)
		s->back_n++;
}

static void run_receiver(struct bwesim *s)
{
	int64_t theirs = their_clock(s, s->now);
	struct packet *p;

	while ((p = peek(&s->flight)) && p->at <= s->now) {
		struct packet q = pop(&s->flight);

		vc_twccrx_packet(s->rx, q.ssrc,
				 s->conf.by_ssrc ? q.seq : q.tseq, q.octets,
				 their_clock(s, q.at));
	}
	if (theirs >= vc_twccrx_next(s->rx))
		send_feedback(s, theirs);
}

/* --- the sender --- */

static void read_feedback(struct bwesim *s, const struct feedback *f)
{
	struct vc_rd rd = vc_rd_over(f->data, f->len);
	struct vc_rtcp pkt;
	struct vc_rtcp_fb fb;

	assert(!vc_rtcp_check_reduced(f->data, f->len));
	while (vc_rtcp_next(&rd, &pkt)) {
		if (!vc_rtcp_parse_fb(&fb, &pkt))
			assert(!vc_bwe_feedback(s->bwe, &fb, s->now));
	}
}

static void send_packet(struct bwesim *s, struct packet *p, uint8_t cluster)
{
	p->tseq = vc_bwe_sent(s->bwe, p->ssrc, p->seq, p->octets, cluster,
			      s->now);
	enqueue(s, p);
}

static void run_pacer(struct bwesim *s)
{
	struct packet *item, pad = { .ssrc = VIDEO_SSRC, .is_ours = true };
	struct vc_bwe_cluster cluster;
	uint8_t id;
	size_t n;

	if (vc_bwe_probe(s->bwe, &cluster))
		vc_pacer_probe(s->pacer, &cluster);
	vc_pacer_rate(s->pacer, vc_bwe_target(s->bwe) * PACE_TIMES, 0, s->now);
	while ((item = vc_pacer_take(s->pacer, s->now, &id)))
		send_packet(s, item, id);
	while ((n = vc_pacer_padding(s->pacer, s->now, &id))) {
		pad.octets = (uint32_t)n;
		pad.seq = s->seq[VIDEO_SSRC];
		s->seq[VIDEO_SSRC]++;
		vc_pacer_padded(s->pacer, n, s->now);
		send_packet(s, &pad, id);
	}
}

static void run_sender(struct bwesim *s)
{
	while (s->back_n && s->back[s->back_head].at <= s->now) {
		read_feedback(s, &s->back[s->back_head]);
		s->back_head = (s->back_head + 1) % 16;
		s->back_n--;
	}
	if (s->now >= vc_bwe_next(s->bwe))
		vc_bwe_due(s->bwe, s->now);
	make_media(s);
	run_pacer(s);
	if (vc_bwe_target(s->bwe) < s->sum.target_min)
		s->sum.target_min = vc_bwe_target(s->bwe);
}

struct bwesim_span bwesim_run(struct bwesim *s, int64_t span)
{
	double secs = (double)span / (double)VC_SEC;
	int64_t end = s->now + span;

	memset(&s->sum, 0, sizeof(s->sum));
	s->sum.target_min = UINT64_MAX;
	while (s->now < end) {
		s->now += STEP;
		run_sender(s);
		make_cross(s);
		run_link(s);
		run_receiver(s);
	}
	return (struct bwesim_span){
		.link_bps = (double)s->sum.link * 8 / secs,
		.sent_bps = (double)s->sum.sent * 8 / secs,
		.loss = s->sum.packets ?
				(double)s->sum.lost / (double)s->sum.packets :
				0,
		.queue = s->sum.n_waits ?
				 s->sum.waits / (int64_t)s->sum.n_waits :
				 0,
		.queue_max = s->sum.wait_max,
		.target = vc_bwe_target(s->bwe),
		.target_min = s->sum.target_min,
	};
}
