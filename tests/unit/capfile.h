/* SPDX-License-Identifier: MIT */
/* Capture files, written octet by octet, and one who takes what is given of
 * them; for the tests of tool/capture.h. */
#ifndef VC_TESTS_CAPFILE_H
#define VC_TESTS_CAPFILE_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/time.h"
#include "tool/capture.h"

#define T0 (1700000000 * VC_SEC)
#define PCAP_HEADER 24
#define RECORD 64 /* with add_rtp() */

/* --- files, written here --- */

struct file {
	uint8_t p[65536];
	struct vc_wr w;
};

static inline void begin_pcap(struct file *f)
{
	f->w = vc_wr_over(f->p, sizeof(f->p));
	vc_wr_u32(&f->w, 0xa1b23c4d);
	vc_wr_u32(&f->w, 0x00020004);
	vc_wr_u64(&f->w, 0);
	vc_wr_u32(&f->w, 65535);
	vc_wr_u32(&f->w, 101);
}

/* A datagram from 10.0.0.FROM to 10.0.0.TO; 'cut' octets were not captured. */
static inline void add_cut(struct file *f, int64_t t, unsigned int from,
			   uint16_t from_port, unsigned int to,
			   uint16_t to_port, const void *p, size_t len,
			   size_t cut)
{
	size_t total = 28 + len;

	vc_wr_u32(&f->w, (uint32_t)(t / VC_SEC));
	vc_wr_u32(&f->w, (uint32_t)(t % VC_SEC));
	vc_wr_u32(&f->w, (uint32_t)(total - cut));
	vc_wr_u32(&f->w, (uint32_t)total);
	vc_wr_u16(&f->w, 0x45b8);
	vc_wr_u16(&f->w, (uint16_t)total);
	vc_wr_u32(&f->w, 0);
	vc_wr_u32(&f->w, 0x40110000);
	vc_wr_u32(&f->w, 0x0a000000 + from);
	vc_wr_u32(&f->w, 0x0a000000 + to);
	vc_wr_u16(&f->w, from_port);
	vc_wr_u16(&f->w, to_port);
	vc_wr_u16(&f->w, (uint16_t)(8 + len));
	vc_wr_u16(&f->w, 0);
	vc_wr_bytes(&f->w, p, len - cut);
}

static inline void add(struct file *f, int64_t t, unsigned int from,
		       uint16_t from_port, unsigned int to, uint16_t to_port,
		       const void *p, size_t len)
{
	add_cut(f, t, from, from_port, to, to_port, p, len, 0);
}

static inline void rtp_octets(uint8_t p[static 20], uint32_t ssrc, uint16_t seq)
{
	memset(p, 0xaa, 20);
	p[0] = 0x80;
	p[1] = 111;
	vc_put_u16(p + 2, seq);
	vc_put_u32(p + 4, seq * 960u);
	vc_put_u32(p + 8, ssrc);
}

static inline void add_rtp(struct file *f, int64_t t, unsigned int from,
			   unsigned int to, uint16_t seq)
{
	uint8_t p[20];

	rtp_octets(p, from, seq);
	add(f, t, from, 5004, to, 6000, p, sizeof(p));
}

/* --- what is given --- */

struct seen {
	struct vc_loop *loop;
	struct vc_pool *pool;
	unsigned int starts;
	int64_t start;
	unsigned int n;
	uint16_t seq[4][64]; /* by SSRC, of RTP */
	unsigned int n_of[4];
	unsigned int n_rtcp;
	unsigned int n_cut;
	int64_t last; /* arrival */
	unsigned int ticks;
	struct vc_timer tick;
	unsigned int ends;
	int err;
	char sdp[1024];
	char key[VC_SIPCALL_TEXT];
	char call[VC_SIPCALL_TEXT];
	struct vc_capture *c;
	unsigned int stop_at;
	const struct file *feed; /* goes into a pipe, packet by packet */
	int feed_fd;
	size_t fed;
};

static inline void tick(void *ctx, int64_t now)
{
	struct seen *s = ctx;

	s->ticks++;
	vc_timer_arm(s->loop, &s->tick, now + 50 * VC_MS);
}

static inline void on_start(void *ctx, int64_t now)
{
	struct seen *s = ctx;

	s->starts++;
	s->start = now;
	s->tick = (struct vc_timer){ .fn = tick, .ctx = s };
	vc_timer_arm(s->loop, &s->tick, now + 50 * VC_MS);
}

static inline void on_desc(void *ctx, const char *sdp, size_t len)
{
	struct seen *s = ctx;

	assert_int_equal(s->n, 0);
	snprintf(s->sdp, sizeof(s->sdp), "%.*s", (int)len, sdp);
}

static inline bool wants_6000(void *ctx, const struct sockaddr_storage *from,
			      const struct sockaddr_storage *to)
{
	(void)ctx;
	return vc_udp_port(to) == 6000 && vc_udp_port(from) == 5004;
}

/* The next packet goes into the pipe when the one before was given. */
static inline void feed_next(struct seen *s)
{
	size_t left = vc_wr_len(&s->feed->w) - s->fed;

	if (!left) {
		close(s->feed_fd);
		return;
	}
	assert_true(left >= RECORD);
	assert_int_equal(write(s->feed_fd, s->feed->p + s->fed, RECORD),
			 RECORD);
	s->fed += RECORD;
}

static inline void on_msg(void *ctx, const struct vc_capture_msg *m)
{
	struct seen *s = ctx;
	const struct vc_packet *pkt = m->udp.pkt;

	assert_int_equal(s->ends, 0);
	assert_true(m->udp.host && m->udp.peer);
	assert_true(pkt->arrival <= vc_loop_now(s->loop) + VC_SEC);
	s->n++;
	s->last = pkt->arrival;
	s->n_cut += m->udp.is_cut;
	assert_true(m->udp.is_cut || m->len == pkt->len);
	if (s->starts) {
		assert_true(pkt->arrival <= vc_loop_now(s->loop));
		assert_int_equal(m->udp.dscp, m->udp.ttl < 0 ? -1 : 46);
	}
	if (pkt->data[1] == 111 && pkt->len >= 12) {
		uint32_t ssrc = vc_get_u32(pkt->data + 8) & 3;

		if (s->n_of[ssrc] < 64)
			s->seq[ssrc][s->n_of[ssrc]] = vc_get_u16(pkt->data + 2);
		s->n_of[ssrc]++;
	} else {
		s->n_rtcp++;
	}
	if (m->call) {
		const char *key = vc_sipcall_key(m->call, m->end);

		snprintf(s->call, sizeof(s->call), "%s", m->call->id);
		snprintf(s->key, sizeof(s->key), "%s", key ? key : "none");
	}
	if (s->feed)
		feed_next(s);
	if (s->stop_at == s->n)
		vc_capture_stop(s->c);
}

static inline void on_end(void *ctx, int err)
{
	struct seen *s = ctx;

	s->ends++;
	s->err = err;
	vc_loop_stop(s->loop);
}

static __attribute__((unused)) const struct vc_capture_ops found_ops = {
	.start = on_start, .desc = on_desc, .msg = on_msg, .end = on_end
};
static __attribute__((unused)) const struct vc_capture_ops wanted_ops = {
	.start = on_start, .wants = wants_6000, .msg = on_msg, .end = on_end
};

struct run {
	struct seen seen;
	struct vc_capture_counts counts;
	enum vc_filekind kind;
	bool is_virtual;
	int64_t end; /* the loop's last time */
};

/* Reads 'text' (a PLACE) to its end. */
static inline void run_place(struct run *r, const char *text,
			     const struct vc_capture_ops *ops, bool live,
			     bool rebase)
{
	struct seen *s = &r->seen;
	struct vc_place where;
	struct vc_capture_conf conf = { .where = &where,
					.live = live,
					.rebase = rebase };
	struct vc_udp_io *io;
	char why[256];

	s->loop = conf.loop = vc_loop_new();
	s->pool = conf.pool = vc_pool_new();
	conf.io = io = vc_udp_io_new(s->pool);
	assert_int_equal(vc_place_parse(&where, text, false, why, sizeof(why)),
			 0);
	assert_int_equal(vc_capture_new(&s->c, &conf, ops, s, why, sizeof(why)),
			 0);
	vc_loop_run(s->loop);
	assert_int_equal(s->ends, 1);
	r->counts = vc_capture_counts(s->c);
	r->kind = vc_capture_kind(s->c);
	r->is_virtual = vc_loop_is_virtual(s->loop);
	r->end = vc_loop_now(s->loop);
	vc_timer_cancel(s->loop, &s->tick);
	vc_capture_free(s->c);
	vc_udp_io_free(io);
	assert_int_equal(vc_pool_used(s->pool), 0);
	vc_pool_free(s->pool);
	vc_loop_free(s->loop);
}

static inline int temp_file(const void *p, size_t len, char *path, size_t cap)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, len), len);
	snprintf(path, cap, "/proc/self/fd/%d", fd);
	return fd;
}

static inline void run_octets(struct run *r, const void *p, size_t len,
			      const char *scheme,
			      const struct vc_capture_ops *ops)
{
	char path[64], place[80];
	int fd = temp_file(p, len, path, sizeof(path));

	*r = (struct run){ 0 };
	snprintf(place, sizeof(place), "%s%s", scheme, path);
	run_place(r, place, ops, false, false);
	close(fd);
}

static inline void run_file(struct run *r, const struct file *f,
			    const char *scheme,
			    const struct vc_capture_ops *ops)
{
	run_octets(r, f->p, vc_wr_len(&f->w), scheme, ops);
}

#endif
