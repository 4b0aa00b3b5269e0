/* SPDX-License-Identifier: MIT */
/* Live input that is read when there is a use for it, before that use. */
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
#include "tool/in.h"
#include "tool/tool.h"
#include "wire/rtcp.h"

#define SSRC 7u
#define TICK (60 * VC_MS)

static const struct vc_tool_info info = {
	.name = "test_gather",
	.sentence = "Reads a stream.",
	.args_doc = "[INPUT...]",
	.io_doc = "Reads streams.",
	.examples = "test_gather\n",
	.groups = VC_OPT_READ | VC_OPT_TIME | VC_OPT_SEED | VC_OPT_SELECT |
		  VC_OPT_BATCH,
};

/* w: a packet is written; p: one is read; t: a tick. */
struct rig {
	struct vc_loop *loop;
	struct vc_in *in;
	int fd; /* writes to 'in' */
	uint16_t seq;
	struct vc_timer writes[2];
	struct vc_timer tick;
	char log[32];
};

static void note(struct rig *r, char what)
{
	size_t n = strlen(r->log);

	assert_true(n + 1 < sizeof(r->log));
	r->log[n] = what;
}

static void put_frame(struct rig *r, const void *p, size_t len)
{
	uint8_t head[2];

	vc_put_u16(head, (uint16_t)len);
	assert_int_equal(write(r->fd, head, 2), 2);
	assert_int_equal(write(r->fd, p, len), (ssize_t)len);
}

static void put_time(struct rig *r, int64_t now)
{
	uint8_t t[10] = { 'T', 0 };

	vc_put_u64(t + 2, (uint64_t)now);
	put_frame(r, t, sizeof(t));
}

static void put_name(struct rig *r)
{
	uint8_t p[128];
	struct vc_wr w = vc_wr_over(p, sizeof(p));
	const struct vc_sdes_chunk chunk = { .ssrc = SSRC,
					     .cname = vc_str_c("who") };

	vc_rtcp_write_rr(&w, SSRC, NULL, 0);
	vc_rtcp_write_sdes(&w, &chunk, 1);
	put_frame(r, p, vc_wr_len(&w));
}

static void write_due(void *ctx, int64_t now)
{
	struct rig *r = ctx;
	const struct vc_rtp rtp = { .ssrc = SSRC,
				    .seq = r->seq,
				    .ts = r->seq * 960u };
	uint8_t p[100] = { 0 };
	struct vc_wr w = vc_wr_over(p, sizeof(p));

	note(r, 'w');
	r->seq++;
	vc_rtp_write(&w, &rtp);
	put_time(r, now);
	put_frame(r, p, sizeof(p));
}

static void tick_due(void *ctx, int64_t now)
{
	struct rig *r = ctx;

	note(r, 't');
	if (r->fd < 0)
		return;
	close(r->fd);
	r->fd = -1;
	vc_in_gather(r->in, now + TICK);
	vc_timer_arm(r->loop, &r->tick, now + TICK);
}

static void begin_due(void *ctx, int64_t now)
{
	struct rig *r = ctx;

	r->tick.fn = tick_due;
	vc_in_gather(r->in, now + TICK);
	for (int i = 0; i < 2; i++) {
		r->writes[i] = (struct vc_timer){ .fn = write_due, .ctx = r };
		vc_timer_arm(r->loop, &r->writes[i], now + (i + 1) * TICK / 3);
	}
	vc_timer_arm(r->loop, &r->tick, now + TICK);
}

static void on_start(void *ctx, int64_t now)
{
	struct rig *r = ctx;

	put_time(r, now);
	put_name(r);
	r->tick = (struct vc_timer){ .fn = begin_due, .ctx = r };
	vc_timer_arm(r->loop, &r->tick, now + TICK);
}

static void on_rtp(void *ctx, struct vc_source *src, struct vc_packet *pkt,
		   const struct vc_rtp *rtp)
{
	(void)src;
	(void)pkt;
	(void)rtp;
	note(ctx, 'p');
}

static void run(struct rig *r, bool is_off)
{
	static const struct vc_in_ops ops = { .start = on_start,
					      .rtp = on_rtp };
	static const struct vc_in_conf conf = { 0 };
	static const char sdp[] = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\n"
				  "t=0 0\r\na=x-vc-clock:live\r\n"
				  "m=audio 0 RTP/AVP 0\r\n"
				  "a=rtpmap:0 PCMU/8000\r\n";
	char arg0[] = "test_gather", place[16], off[] = "--batch=0";
	char *argv[] = { arg0, place, off, NULL };
	int fd[2], out = dup(STDOUT_FILENO);
	struct vc_tool *t = vc_tool_new(&info);

	assert_int_equal(pipe(fd), 0);
	snprintf(place, sizeof(place), "fd:%d", fd[0]);
	vc_tool_parse(t, is_off ? 3 : 2, argv, NULL);
	*r = (struct rig){ .loop = vc_tool_loop(t), .fd = fd[1] };
	r->in = vc_in_new(t, &vc_tool_options(t)->args, &conf, &ops, r);
	put_frame(r, sdp, sizeof(sdp) - 1);
	assert_int_equal(vc_in_open(r->in), 0);
	vc_tool_run(t);
	vc_timer_cancel(r->loop, &r->tick);
	vc_in_free(r->in);
	vc_tool_end(t);
	/* It has closed stdout. */
	dup2(out, STDOUT_FILENO);
	close(out);
}

/* However late timers are: they run in their order. */
static void test_gathered(void **state)
{
	struct rig r;

	(void)state;
	run(&r, false);
	assert_string_equal(r.log, "wwppt");
}

/* Each is read when it comes, unless we are very late. */
static void test_off(void **state)
{
	struct rig r;

	(void)state;
	for (int i = 0; i < 100; i++) {
		run(&r, true);
		if (!strcmp(r.log, "wpwpt"))
			return;
	}
	fail();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gathered),
		cmocka_unit_test(test_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
