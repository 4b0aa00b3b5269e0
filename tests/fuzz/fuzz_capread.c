/* SPDX-License-Identifier: MIT */
/* The whole way of a capture file into a tool: reading, the recorded clock,
 * RTP and SIP found in it. */
#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tool/capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct user {
	struct vc_loop *loop;
	unsigned int ends;
};

static void on_msg(void *ctx, const struct vc_capture_msg *m)
{
	struct user *u = ctx;

	assert(!u->ends && m->udp.host && m->udp.peer);
	assert(m->udp.pkt->len <= VC_UDP_CAP);
	assert(m->udp.pkt->arrival >= 0 &&
	       m->udp.pkt->arrival <= vc_loop_now(u->loop));
	if (m->call)
		vc_sipcall_key(m->call, m->end);
}

static void on_end(void *ctx, int err)
{
	struct user *u = ctx;

	assert(err <= 0);
	u->ends++;
	vc_loop_stop(u->loop);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct vc_capture_ops ops = { .msg = on_msg,
						   .end = on_end };
	int fd = memfd_create("capture", MFD_CLOEXEC);
	struct user u = { .loop = vc_loop_new() };
	struct vc_pool *pool = vc_pool_new();
	struct vc_udp_io *io = vc_udp_io_new(pool);
	struct vc_capture *c;
	struct vc_place where;
	struct vc_capture_conf conf = { .loop = u.loop,
					.pool = pool,
					.io = io,
					.where = &where,
					.rebase = size & 1 };
	char text[32], why[256];

	snprintf(text, sizeof(text), "/proc/self/fd/%d", fd);
	if (write(fd, data, size) == (ssize_t)size &&
	    !vc_place_parse(&where, text, false, why, sizeof(why)) &&
	    !vc_capture_new(&c, &conf, &ops, &u, why, sizeof(why))) {
		vc_loop_run(u.loop);
		assert(u.ends == 1);
		vc_capture_free(c);
	}
	vc_udp_io_free(io);
	assert(!vc_pool_used(pool));
	vc_pool_free(pool);
	vc_loop_free(u.loop);
	close(fd);
	return 0;
}
