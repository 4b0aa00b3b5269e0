/* SPDX-License-Identifier: MIT */
/* Merging descriptions and SSRCs of several inputs (vc-stream(7), Merging). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/pool.h"
#include "tool/merge.h"
#include "wire/rtcp.h"
#include "wire/rtpext.h"

static const char opus_111[] =
	"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
	"m=audio 0 RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\n"
	"a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n";
static const char opus_96[] =
	"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
	"m=audio 0 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n"
	"a=extmap:5 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n";
static const char vp8_111[] =
	"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
	"m=video 0 RTP/AVP 111\r\na=rtpmap:111 VP8/90000\r\n";
static const char twice[] =
	"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
	"m=audio 0 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n"
	"m=video 0 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n";

struct fixture {
	struct vc_merge m;
	struct vc_rand rand;
	struct vc_pool *pool;
	struct vc_sdp bad;
};

static void setup(struct fixture *f, size_t n)
{
	vc_rand_init(&f->rand, 1, "test", "");
	vc_merge_init(&f->m, n, &f->rand);
	f->pool = vc_pool_new();
}

static void teardown(struct fixture *f)
{
	vc_merge_clear(&f->m);
	assert_int_equal(vc_pool_used(f->pool), 0);
	vc_pool_free(f->pool);
}

static int describe(struct fixture *f, size_t i, const char *text)
{
	return vc_merge_desc(&f->m, i, text, strlen(text), &f->bad);
}

static struct vc_packet *packet(struct fixture *f, uint8_t pt, uint32_t ssrc,
				uint8_t ext_id, struct vc_rtp *rtp)
{
	struct vc_packet *pkt = vc_packet_new(f->pool, 64);
	uint8_t ext[4];
	struct vc_wr e = vc_wr_over(ext, sizeof(ext));
	struct vc_wr w = vc_wr_over(pkt->data, 64);
	uint32_t csrc = ssrc + 1;

	*rtp = (struct vc_rtp){ .pt = pt, .ssrc = ssrc, .n_csrc = 1 };
	rtp->csrc[0] = csrc;
	if (ext_id) {
		vc_ext_write_audio_level(&e, ext_id, true, 30);
		rtp->has_ext = true;
		rtp->ext_profile = VC_RTP_EXT_ONE;
		rtp->ext = ext;
		rtp->ext_len = vc_wr_len(&e);
	}
	assert_int_equal(vc_rtp_write(&w, rtp), 0);
	vc_wr_u8(&w, 0xf8);
	pkt->len = vc_wr_len(&w);
	assert_int_equal(vc_rtp_parse(rtp, pkt->data, pkt->len), 0);
	return pkt;
}

/* One format under two numbers becomes one; its extension too. */
static void test_same_format(void **state)
{
	struct vc_audio_level level;
	struct fixture f;
	struct vc_packet *pkt;
	struct vc_rtp rtp;

	(void)state;
	setup(&f, 2);
	assert_int_equal(describe(&f, 0, opus_111), 0);
	assert_int_equal(describe(&f, 1, opus_96), 0);
	assert_int_equal(f.m.sdp.n_media, 1);
	assert_int_equal(f.m.sdp.media[0].n_fmt, 1);
	pkt = packet(&f, 96, 7, 5, &rtp);
	assert_int_equal(vc_merge_rtp(&f.m, 1, pkt, &rtp, NULL), 0);
	assert_int_equal(vc_rtp_get_pt(pkt->data), 111);
	assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
	assert_true(vc_ext_audio_level(&rtp, 1, &level));
	assert_int_equal(level.level, 30);
	vc_packet_unref(pkt);
	teardown(&f);
}

#define HEAD "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
#define OPUS(pt) "m=audio 0 RTP/AVP " pt "\r\na=rtpmap:" pt " opus/48000/2\r\n"
#define VP8(pt) "m=video 0 RTP/AVP " pt "\r\na=rtpmap:" pt " VP8/90000\r\n"
#define MAP(id, uri) "a=extmap:" id " " uri "\r\n"

/* The first input is audio 111 with level 1, video 96 with MID 4. */
static const char first[] = HEAD OPUS("111") MAP("1", VC_EXT_URI_AUDIO_LEVEL)
	VP8("96") MAP("4", VC_EXT_URI_MID);

/* Packets of the second: what becomes of their block. */
static const struct {
	const char *what;
	const char *sdp;
	uint8_t pt;
	uint16_t profile;
	const char *before;
	const char *after;
	size_t len;
} remaps[] = {
	{ "renumbered", HEAD OPUS("111") MAP("5", VC_EXT_URI_AUDIO_LEVEL), 111,
	  0xbede, "\x50\x1e\0\0", "\x10\x1e\0\0", 4 },
	{ "two-byte form", HEAD OPUS("111") MAP("5", VC_EXT_URI_AUDIO_LEVEL),
	  111, 0x1000, "\5\1\x1e\0", "\1\1\x1e\0", 4 },
	{ "swapped",
	  HEAD OPUS("111") MAP("4", VC_EXT_URI_AUDIO_LEVEL)
		  MAP("1", VC_EXT_URI_MID),
	  111, 0xbede, "\x40\x1e\x10\x30", "\x10\x1e\x40\x30", 4 },
	{ "clash: another URI under 4",
	  HEAD VP8("96") MAP("4", VC_EXT_URI_ORIENTATION), 96, 0xbede,
	  "\x40\1\0\0", "\x20\1\0\0", 4 },
	{ "an id means another thing in each section",
	  HEAD OPUS("111") MAP("4", VC_EXT_URI_AUDIO_LEVEL) VP8("96")
		  MAP("4", VC_EXT_URI_MID),
	  111, 0xbede, "\x40\x1e\0\0", "\x10\x1e\0\0", 4 },
	{ "not described, would be a level", HEAD OPUS("111"), 111, 0xbede,
	  "\x10\x1e\x90\7", "\0\0\x90\7", 4 },
	{ "the same, two-byte", HEAD OPUS("111"), 111, 0x1000,
	  "\1\1\x1e\x20\1\7\0\0", "\0\0\0\x20\1\7\0\0", 8 },
	{ "over 14 keeps its number", HEAD OPUS("111") MAP("200", "urn:x"), 111,
	  0x1000, "\xc8\1\7\0", "\xc8\1\7\0", 4 },
	{ "over 14 and known",
	  HEAD OPUS("111") MAP("200", VC_EXT_URI_AUDIO_LEVEL), 111, 0x1000,
	  "\xc8\1\7\0", "\1\1\7\0", 4 },
	{ "unknown profile", HEAD OPUS("111"), 111, 0xbedf, "\x10\x1e\0\0",
	  "\x10\x1e\0\0", 4 },
};

static void test_extensions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(remaps) / sizeof(*remaps); i++) {
		struct vc_rtp rtp = { .pt = remaps[i].pt,
				      .has_ext = true,
				      .ext_profile = remaps[i].profile,
				      .ext = (const uint8_t *)remaps[i].before,
				      .ext_len = remaps[i].len };
		struct fixture f;
		struct vc_packet *pkt;
		struct vc_wr w;

		setup(&f, 2);
		assert_int_equal(describe(&f, 0, first), 0);
		assert_int_equal(describe(&f, 1, remaps[i].sdp), 0);
		pkt = vc_packet_new(f.pool, 64);
		w = vc_wr_over(pkt->data, 64);
		assert_int_equal(vc_rtp_write(&w, &rtp), 0);
		pkt->len = vc_wr_len(&w);
		assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
		assert_int_equal(vc_merge_rtp(&f.m, 1, pkt, &rtp, NULL), 0);
		if (memcmp(rtp.ext, remaps[i].after, remaps[i].len))
			fail_msg("%s", remaps[i].what);
		/* What the first input described still means the same. */
		assert_int_equal(f.m.sdp.media[0].ext[0].id, 1);
		assert_int_equal(f.m.sdp.media[1].ext[0].id, 4);
		vc_packet_unref(pkt);
		teardown(&f);
	}
}

/* One-byte elements of a seventeenth URI have no number: they are padding. */
static void test_more_extensions_than_numbers(void **state)
{
	char many[2048] = HEAD OPUS("111"), more[2048] = HEAD VP8("96");
	struct vc_rtp rtp = { .pt = 96,
			      .has_ext = true,
			      .ext_profile = VC_RTP_EXT_ONE,
			      .ext = (const uint8_t *)"\x10\1\0\0",
			      .ext_len = 4 };
	struct vc_packet *pkt;
	struct fixture f;
	struct vc_wr w;

	(void)state;
	for (int id = 1; id < 15; id++)
		snprintf(many + strlen(many), 64, "a=extmap:%d urn:a:%d\r\n",
			 id, id);
	strcat(more, MAP("1", "urn:b"));
	setup(&f, 2);
	assert_int_equal(describe(&f, 0, many), 0);
	assert_int_equal(describe(&f, 1, more), 0);
	assert_int_equal(f.m.sdp.media[1].ext[0].id, 16);
	pkt = vc_packet_new(f.pool, 64);
	w = vc_wr_over(pkt->data, 64);
	assert_int_equal(vc_rtp_write(&w, &rtp), 0);
	pkt->len = vc_wr_len(&w);
	assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
	assert_int_equal(vc_merge_rtp(&f.m, 1, pkt, &rtp, NULL), 0);
	assert_memory_equal(rtp.ext, "\0\0\0\0", 4);
	vc_packet_unref(pkt);
	teardown(&f);
}

/* Two formats under one number: the later one gets another. */
static void test_clash(void **state)
{
	struct fixture f;
	struct vc_packet *pkt;
	struct vc_rtp rtp;

	(void)state;
	setup(&f, 2);
	assert_int_equal(describe(&f, 0, opus_111), 0);
	assert_int_equal(describe(&f, 1, vp8_111), 0);
	assert_int_equal(f.m.sdp.n_media, 2);
	pkt = packet(&f, 111, 7, 0, &rtp);
	assert_int_equal(vc_merge_rtp(&f.m, 1, pkt, &rtp, NULL), 0);
	assert_int_not_equal(rtp.pt, 111);
	assert_int_equal(rtp.pt, f.m.sdp.media[1].fmt[0].pt);
	vc_packet_unref(pkt);
	/* And a number that was used never changes its meaning. */
	assert_int_equal(describe(&f, 0, opus_96), 0);
	assert_int_equal(f.m.maps[0].pt[96], 111);
	teardown(&f);
}

#define FMT(pt, map, fmtp) \
	"a=rtpmap:" pt " " map "\r\na=fmtp:" pt " " fmtp "\r\n"

/* What is taken already, and then formats that speak of formats: 'fmtp' of
 * the one under 'pt' becomes 'want'. */
static const struct {
	const char *what;
	const char *taken;
	const char *sdp;
	uint8_t pt;
	const char *want;
} named[] = {
	{ "nothing moves", HEAD VP8("96"),
	  HEAD "m=video 0 RTP/AVP 96 97\r\na=rtpmap:96 VP8/90000\r\n" FMT(
		  "97", "rtx/90000", "apt=96;rtx-time=500"),
	  97, "apt=96;rtx-time=500" },
	{ "its format has another number there", HEAD VP8("98"),
	  HEAD "m=video 0 RTP/AVP 96 97\r\na=rtpmap:96 VP8/90000\r\n" FMT(
		  "97", "rtx/90000", "7; aPt=96"),
	  97, "7; aPt=98" },
	{ "its format clashes, and comes after it", HEAD OPUS("96"),
	  HEAD "m=video 0 RTP/AVP 99 96\r\n" FMT(
		  "99", "rtx/90000", "apt=96") "a=rtpmap:96 VP8/90000\r\n",
	  99, "apt=97" },
	{ "one digit becomes three", HEAD OPUS("111"),
	  HEAD "m=audio 0 RTP/AVP 0 63\r\na=rtpmap:0 opus/48000/2\r\n" FMT(
		  "63", "red/48000/2", "0/0/0"),
	  63, "111/111/111" },
	{ "not described", HEAD VP8("96"),
	  HEAD "m=video 0 RTP/AVP 97\r\n" FMT("97", "rtx/90000", "apt=7"), 97,
	  "apt=7" },
	{ "no numbers at all", HEAD VP8("96"),
	  HEAD "m=video 0 RTP/AVP 97\r\n" FMT("97", "rtx/90000", ";apt=;x"), 97,
	  ";apt=;x" },
};

static void test_formats_of_formats(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++) {
		const struct vc_sdp_fmt *fmt;
		struct fixture f;
		uint8_t pt;

		setup(&f, 2);
		assert_int_equal(describe(&f, 0, named[i].taken), 0);
		/* Twice: the second time it brings nothing new. */
		for (int k = 0; k < 2; k++) {
			assert_int_equal(describe(&f, 1, named[i].sdp), 0);
			pt = f.m.maps[1].pt[named[i].pt];
			assert_true(vc_sdp_find_pt(&f.m.sdp, pt, NULL, &fmt));
			if (!vc_str_is(fmt->fmtp, named[i].want))
				fail_msg("%s: %.*s", named[i].what,
					 VC_STR_ARGS(fmt->fmtp));
		}
		assert_non_null(f.m.maps[1].last);
		teardown(&f);
	}
}

static void test_undescribed(void **state)
{
	struct fixture f;
	struct vc_packet *pkt;
	struct vc_rtp rtp;

	(void)state;
	setup(&f, 1);
	assert_int_equal(describe(&f, 0, twice), -EEXIST);
	assert_int_equal(describe(&f, 0, opus_111), 0);
	pkt = packet(&f, 97, 7, 0, &rtp);
	assert_int_equal(vc_merge_rtp(&f.m, 0, pkt, &rtp, NULL), -ENOENT);
	vc_packet_unref(pkt);
	teardown(&f);
}

/* Equal SSRCs: the later input's is remapped, everywhere it is named. */
static void test_ssrc(void **state)
{
	struct fixture f;
	struct vc_packet *a, *b, *c;
	struct vc_rtp rtp;
	struct vc_rtcp_sr sr = { .ssrc = 7 };
	struct vc_rtcp r;
	struct vc_rd rd;
	struct vc_wr w;
	uint32_t to;

	(void)state;
	setup(&f, 2);
	describe(&f, 0, opus_111);
	describe(&f, 1, opus_111);
	a = packet(&f, 111, 7, 0, &rtp);
	assert_int_equal(vc_merge_rtp(&f.m, 0, a, &rtp, NULL), 0);
	assert_int_equal(rtp.ssrc, 7);
	b = packet(&f, 111, 7, 0, &rtp);
	assert_int_equal(vc_merge_rtp(&f.m, 1, b, &rtp, NULL), 0);
	to = vc_rtp_get_ssrc(b->data);
	assert_int_not_equal(to, 7);
	assert_int_equal(rtp.ssrc, to);
	/* The CSRC 7 of input 1 is that same source. */
	c = packet(&f, 111, 6, 0, &rtp);
	assert_int_equal(vc_merge_rtp(&f.m, 1, c, &rtp, NULL), 0);
	assert_int_equal(rtp.ssrc, 6);
	assert_int_equal(vc_get_u32(c->data + 12), to);
	w = vc_wr_over(c->data, 64);
	vc_rtcp_write_sr(&w, &sr, NULL, 0);
	c->len = vc_wr_len(&w);
	vc_merge_rtcp(&f.m, 1, c);
	rd = vc_rd_over(c->data, c->len);
	assert_true(vc_rtcp_next(&rd, &r));
	assert_int_equal(vc_rtcp_parse_sr(&sr, &r), 0);
	assert_int_equal(sr.ssrc, to);
	assert_int_equal(vc_merge_back(&f.m, 1, to)->from, 7);
	vc_packet_unref(a);
	vc_packet_unref(b);
	vc_packet_unref(c);
	teardown(&f);
}

static bool is_seven(void *ctx, uint32_t ssrc)
{
	(void)ctx;
	return ssrc == 7;
}

/* Of one input alone, what comes with an SSRC of the reader's own. */
static void test_own_ssrc(void **state)
{
	struct fixture f;
	struct vc_packet *pkt;
	struct vc_rtp rtp;
	struct vc_rtcp_sr sr = { .ssrc = 7 };
	struct vc_wr w;
	uint32_t to;

	(void)state;
	setup(&f, 1);
	f.m.is_own = is_seven;
	describe(&f, 0, opus_111);
	pkt = packet(&f, 111, 7, 0, &rtp);
	assert_int_equal(vc_merge_rtp(&f.m, 0, pkt, &rtp, NULL), 0);
	to = vc_rtp_get_ssrc(pkt->data);
	assert_int_not_equal(to, 7);
	assert_int_equal(rtp.ssrc, to);
	w = vc_wr_over(pkt->data, 64);
	vc_rtcp_write_sr(&w, &sr, NULL, 0);
	pkt->len = vc_wr_len(&w);
	vc_merge_rtcp(&f.m, 0, pkt);
	assert_int_equal(vc_get_u32(pkt->data + 4), to);
	assert_int_equal(vc_merge_back(&f.m, 0, to)->from, 7);
	assert_null(vc_merge_back(&f.m, 0, 7));
	vc_packet_unref(pkt);
	teardown(&f);
}

/* A flood of SSRCs is bounded. */
static void test_flood(void **state)
{
	struct fixture f;
	size_t n = 0;

	(void)state;
	setup(&f, 1);
	for (uint32_t ssrc = 0; ssrc < 3 * VC_MERGE_SSRCS; ssrc++)
		n += vc_merge_ssrc(&f.m, 0, ssrc) != NULL;
	assert_int_equal(n, VC_MERGE_SSRCS);
	assert_non_null(vc_merge_ssrc(&f.m, 0, 0));
	vc_merge_forget(&f.m, 0);
	assert_non_null(vc_merge_ssrc(&f.m, 0, UINT32_MAX));
	teardown(&f);
}

/* Sections have the layers of all who send them. */
static void layers_are_joined(void **state)
{
	static const char one[] =
		"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
		"m=video 0 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"
		"a=rid:2 send max-width=640\r\na=rid:1 send max-width=320\r\n"
		"a=simulcast:send 2;1\r\n";
	static const char two[] =
		"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
		"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
		"a=rid:h send pt=96;max-width=1280\r\n"
		"a=rid:1 send max-width=160\r\na=simulcast:send h;1\r\n";
	const struct vc_sdp_media *m;
	struct fixture f;

	(void)state;
	setup(&f, 2);
	assert_int_equal(describe(&f, 0, one), 0);
	m = &f.m.sdp.media[0];
	assert_int_equal(m->n_rid, 2);
	assert_true(vc_str_is(m->rid[0].params, "max-width=640"));
	assert_int_equal(describe(&f, 1, two), 0);
	m = &f.m.sdp.media[0];
	assert_int_equal(m->n_fmt, 2);
	assert_int_equal(m->n_rid, 3);
	assert_true(vc_str_is(m->rid[0].params, "max-width=640"));
	assert_int_equal(m->rid[1].params.len, 0);
	/* Its payload type has another number. */
	assert_true(vc_str_is(m->rid[2].id, "h"));
	assert_int_equal(m->rid[2].params.len, 0);
	assert_true(m->rid[0].rank < m->rid[1].rank);
	assert_true(m->rid[1].rank < m->rid[2].rank);
	/* The same again brings nothing new. */
	assert_int_equal(describe(&f, 0, one), 0);
	assert_int_equal(f.m.sdp.media[0].n_rid, 3);
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers_are_joined),
		cmocka_unit_test(test_same_format),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_more_extensions_than_numbers),
		cmocka_unit_test(test_clash),
		cmocka_unit_test(test_formats_of_formats),
		cmocka_unit_test(test_undescribed),
		cmocka_unit_test(test_ssrc),
		cmocka_unit_test(test_own_ssrc),
		cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
