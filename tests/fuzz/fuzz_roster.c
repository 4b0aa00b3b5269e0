/* SPDX-License-Identifier: MIT */
/*
 * The roster as strangers drive it. An operation is 6 octets: what, whose
 * origin, SSRC, seq, and two words of a small dictionary, so that identities
 * meet and displace each other.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/pool.h"
#include "base/time.h"
#include "session/roster.h"
#include "wire/rtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const words[] = { "",    "a",      "b", "op",
				     "key", "ssrc:1", "c", "d" };
static const struct vc_origin origins[] = {
	{ .input = 0 },
	{ .input = 1, .operator_name = "op" },
	{ .input = 0, .host = 1, .peer = 1, .addr = "1" },
	{ .input = 0, .host = 1, .peer = 2, .addr = "2" },
	{ .input = 0, .host = 2, .peer = 3, .addr = "3" },
	{ .input = 0,
	  .host = 2,
	  .peer = 4,
	  .key_name = "key",
	  .authenticated = true },
	{ .input = 2, .operator_name = "a" },
	{ .input = 2, .host = 3, .peer = 5 },
};

static void on_end(void *ctx, struct vc_source *src, enum vc_leave why)
{
	(void)why;
	assert(src->who->n_sources > 0);
	--*(unsigned int *)ctx;
}

static void on_begin(void *ctx, struct vc_source *src, const struct vc_rtp *rtp)
{
	src->rate_hz = rtp->seq * 1000u;
	++*(unsigned int *)ctx;
}

static void rtp(struct vc_roster *r, const struct vc_origin *o, uint32_t ssrc,
		uint16_t seq, struct vc_packet *pkt, int64_t now)
{
	const struct vc_rtp h = { .ssrc = ssrc, .seq = seq };
	struct vc_packet *held;
	struct vc_source *src;
	int err = vc_roster_rtp(r, o, &h, pkt, now, &src, &held);

	assert(!err == !!src);
	if (src)
		vc_playout_packet(src->play, seq * 10000u, now);
	vc_packet_unref(held);
}

/* Every source is in the participant it names, and nobody is without one. */
static void check(const struct vc_roster *r)
{
	const struct vc_participant *who;
	const struct vc_source *src;
	unsigned int n = 0, in = 0;

	for (src = vc_roster_first(r); src; src = src->next, n++) {
		assert(vc_roster_find(r, src->input, src->ssrc) == src);
		assert(vc_roster_who(r, src->who->id) == src->who);
		assert(src->play->home == &src->who->playout);
		assert(src->id_by <= src->who->id_by);
	}
	for (who = vc_roster_first_who(r); who; who = who->next) {
		assert(who->n_sources > 0);
		in += who->n_sources;
	}
	assert(n == in && n == vc_roster_n(r));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int n = 0;
	const struct vc_roster_conf conf = {
		.max_sources = 20,
		.probation = 2,
		.timeout = 3 * VC_SEC,
		.begin = on_begin,
		.end = on_end,
		.ctx = &n,
	};
	struct vc_rd r = vc_rd_over(data, size);
	struct vc_roster *roster = vc_roster_new(&conf);
	struct vc_pool *pool = vc_pool_new();
	struct vc_packet *pkt = vc_packet_new(pool, 100);
	int64_t now = VC_VIRTUAL_EPOCH;

	assert(roster && pkt);
	while (vc_rd_left(&r) >= 6) {
		const uint8_t *p = vc_rd_bytes(&r, 6);
		const struct vc_origin *o = &origins[p[1] % 8];

		switch (p[0] % 8) {
		case 0:
			vc_roster_sdes(roster, o, p[2],
				       vc_str_c(words[p[4] % 8]),
				       vc_str_c(words[p[5] % 8]), now);
			break;
		case 1:
			vc_roster_sr(roster, o, p[2], (uint64_t)p[3] << 40,
				     p[4] * 65536u, now);
			break;
		case 2:
			vc_roster_bye(roster, o, p[2], now);
			break;
		case 3:
			now += p[3] * 10 * VC_MS;
			assert(vc_roster_tick(roster, now) > now);
			break;
		case 4:
			if (p[3] == 0)
				vc_roster_end_all(roster, p[2], VC_LEAVE_EOF);
			break;
		default:
			rtp(roster, o, p[2], p[3], pkt, now);
			break;
		}
		assert(n == vc_roster_n(roster) && n <= 20);
		check(roster);
	}
	vc_roster_end_all(roster, -1, VC_LEAVE_EOF);
	assert(!vc_roster_first_who(roster) && n == 0);
	vc_roster_free(roster);
	vc_packet_unref(pkt);
	assert(vc_pool_used(pool) == 0);
	vc_pool_free(pool);
	return 0;
}
