/* SPDX-License-Identifier: MIT */
/*
 * One key through libsrtp2: known packets, every suite with and without MKI,
 * and what has the wrong length. The vector's master key and salt are those of
 * RFC 3711, B.3.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "srtprig.h"

/* Of one key; 'plain' ones are the library's own work. */
struct ends {
	struct vc_srtp_key key;
	struct vc_srtp_out *o, *plain_o;
	struct vc_srtp_in *in, *plain_in;
};

static struct ends gcm[2];

/* Sessions are made with the first packet: of SSRC 1, which then has them. */
static void begin_plain(struct ends *e, enum vc_srtp_suite suite)
{
	struct rig_pkt k = rig_rtp(1, 1, 100);
	struct vc_srtp_got got;

	e->key = rig_key(suite, 3);
	e->plain_o = rig_out(&e->key);
	e->plain_in = rig_in(&e->key, 1, 10);
	assert_int_equal(rig_seal(e->plain_o, &k), 0);
	assert_int_equal(rig_open(e->plain_in, &k, 0, &got), 0);
}

static int init(void **state)
{
	(void)state;
	if (vc_srtp_init_plain())
		return -1;
	begin_plain(&gcm[0], VC_AEAD_AES_128_GCM);
	begin_plain(&gcm[1], VC_AEAD_AES_256_GCM);
	return vc_srtp_init();
}

/* What one seals the other opens, and is the same octets. */
static void two_ways_to_compute_agree(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(gcm); i++) {
		struct ends *e = &gcm[i];

		e->o = rig_out(&e->key);
		e->in = rig_in(&e->key, 1, 10);
		for (uint16_t n = 0; n < 200; n++) {
			struct rig_pkt a =
				n % 4 ? rig_rtp(2, n, n * 7 % 1400u) :
					rig_rtcp(2);
			struct rig_pkt b = a;
			struct vc_srtp_got got;

			assert_int_equal(rig_seal(e->o, &a), 0);
			assert_int_equal(rig_seal(e->plain_o, &b), 0);
			assert_int_equal(a.len, b.len);
			assert_memory_equal(a.p, b.p, a.len);
			assert_int_equal(rig_open(e->plain_in, &a, n, &got), 0);
			/* Not authentic: nothing changes. */
			b.p[12] ^= 1;
			assert_int_equal(rig_open(e->in, &b, n * VC_SEC, &got),
					 -EACCES);
			b.p[12] ^= 1;
			assert_int_equal(rig_open(e->in, &b, n * VC_SEC, &got),
					 0);
		}
		vc_srtp_out_free(e->o);
		vc_srtp_out_free(e->plain_o);
		vc_srtp_in_free(e->in);
		vc_srtp_in_free(e->plain_in);
	}
}

static void may_be_begun_twice(void **state)
{
	(void)state;
	assert_int_equal(vc_srtp_init(), 0);
}

static void known_packets(void **state)
{
	static const struct {
		enum vc_srtp_suite suite;
		uint8_t master[46];
		uint8_t sealed[28];
		size_t len;
	} rows[] = {
		{ VC_AES_CM_128_HMAC_SHA1_80,
		  { 0xe1, 0xf9, 0x7a, 0x0d, 0x3e, 0x01, 0x8b, 0xe0, 0xd6, 0x4f,
		    0xa3, 0x2c, 0x06, 0xde, 0x41, 0x39, 0x0e, 0xc6, 0x75, 0xad,
		    0x49, 0x8a, 0xfe, 0xeb, 0xb6, 0x96, 0x0b, 0x3a, 0xab, 0xe6 },
		  { 0x4e, 0x55, 0xdc, 0x4c, 0xe7, 0x99, 0x78, 0xd8, 0x8c,
		    0xa4, 0xd2, 0x15, 0x94, 0x9d, 0x24, 0x02, 0xb7, 0x8d,
		    0x6a, 0xcc, 0x99, 0xea, 0x17, 0x9b, 0x8d, 0xbb },
		  26 },
		{ VC_AES_CM_128_HMAC_SHA1_32,
		  { 0xe1, 0xf9, 0x7a, 0x0d, 0x3e, 0x01, 0x8b, 0xe0, 0xd6, 0x4f,
		    0xa3, 0x2c, 0x06, 0xde, 0x41, 0x39, 0x0e, 0xc6, 0x75, 0xad,
		    0x49, 0x8a, 0xfe, 0xeb, 0xb6, 0x96, 0x0b, 0x3a, 0xab, 0xe6 },
		  { 0x4e, 0x55, 0xdc, 0x4c, 0xe7, 0x99, 0x78, 0xd8, 0x8c, 0xa4,
		    0xd2, 0x15, 0x94, 0x9d, 0x24, 0x02, 0xb7, 0x8d, 0x6a, 0xcc },
		  20 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_srtp_key key = { .suite = rows[i].suite,
					   .lifetime = VC_SRTP_LIFE_MAX };
		struct rig_pkt k = { .p = { 0x80, 0x0f, 0x12, 0x34, 0xde, 0xca,
					    0xfb, 0xad, 0xca, 0xfe, 0xba,
					    0xbe },
				     .len = 28 };
		struct vc_srtp_out *o;
		struct vc_srtp_in *in;
		struct vc_srtp_got got;

		memset(k.p + 12, 0xab, 16);
		memcpy(key.master, rows[i].master, sizeof(key.master));
		o = rig_out(&key);
		in = rig_in(&key, 1, 1);
		assert_int_equal(rig_seal(o, &k), 0);
		assert_int_equal(k.len, 12 + rows[i].len);
		assert_memory_equal(k.p + 12, rows[i].sealed, rows[i].len);
		assert_int_equal(
			vc_srtp_in_open(in, k.p, &k.len, 1, 2, 0, &got), 0);
		assert_int_equal(k.len, 28);
		for (size_t j = 12; j < 28; j++)
			assert_int_equal(k.p[j], 0xab);
		vc_srtp_out_free(o);
		vc_srtp_in_free(in);
	}
}

/* Each way there and back, the headers as they were. */
static void every_suite(void **state)
{
	static const uint8_t mkis[] = { 0, 1, 4, VC_SRTP_MKI_MAX };

	(void)state;
	for (int s = 0; s < VC_SRTP_SUITES * 4; s++) {
		struct vc_srtp_key key =
			rig_mki((enum vc_srtp_suite)(s / 4), 9, mkis[s % 4]);
		const struct vc_srtp_suite_info *suite =
			vc_srtp_suite(key.suite);
		struct rig_pkt rtp = rig_rtp(5, 100, 333), rtcp = rig_rtcp(5);
		struct rig_pkt a = rtp, b = rtcp;
		struct vc_srtp_out *o = rig_out(&key);
		struct vc_srtp_in *in = rig_in(&key, 1, 1);
		struct vc_srtp_got got;

		assert_int_equal(rig_seal(o, &a), 0);
		assert_int_equal(rig_seal(o, &b), 0);
		assert_int_equal(a.len - rtp.len, suite->rtp_tag + key.mki_len);
		assert_int_equal(b.len - rtcp.len,
				 suite->rtcp_tag + 4 + key.mki_len);
		assert_memory_equal(a.p, rtp.p, 12);
		assert_memory_not_equal(a.p + 12, rtp.p + 12, 333);
		assert_memory_not_equal(b.p + 8, rtcp.p + 8, 20);
		assert_int_equal(
			vc_srtp_in_open(in, b.p, &b.len, 1, 2, 0, &got), 0);
		assert_true(got.is_rtcp);
		assert_true(got.is_new);
		assert_int_equal(b.len, rtcp.len);
		assert_memory_equal(b.p, rtcp.p, rtcp.len);
		assert_int_equal(
			vc_srtp_in_open(in, a.p, &a.len, 1, 2, 0, &got), 0);
		assert_false(got.is_rtcp);
		assert_false(got.is_new);
		assert_int_equal(a.len, rtp.len);
		assert_memory_equal(a.p, rtp.p, rtp.len);
		vc_srtp_out_free(o);
		vc_srtp_in_free(in);
	}
}

/* Every length up to a whole packet, each exactly as long as it says. */
static void every_length(void **state)
{
	(void)state;
	for (int s = 0; s < VC_SRTP_SUITES; s++) {
		int64_t now = 0;
		struct vc_srtp_key key = rig_mki((enum vc_srtp_suite)s, 9, 4);
		struct vc_srtp_out *o = rig_out(&key);
		struct vc_srtp_in *in = rig_in(&key, 1, 1);
		struct rig_pkt k[2] = { rig_rtp(5, 1, 40), rig_rtcp(5) };
		struct vc_srtp_got got;

		k[0].p[0] = 0x93; /* three CSRCs and an extension */
		vc_put_u16(k[0].p + 26, 2);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(rig_seal(o, &k[i]), 0);
			for (size_t n = 0; n < k[i].len; n++) {
				uint8_t *p = vc_alloc(n, 1);
				size_t len = n;

				memcpy(p, k[i].p, n);
				assert_int_not_equal(
					vc_srtp_in_open(in, p, &len, 1, 2,
							now += VC_SEC, &got),
					0);
				free(p);
			}
		}
		assert_int_equal(vc_srtp_in_sources(in), 0);
		assert_int_equal(rig_open(in, &k[0], now, &got), 0);
		vc_srtp_out_free(o);
		vc_srtp_in_free(in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(may_be_begun_twice),
		cmocka_unit_test(two_ways_to_compute_agree),
		cmocka_unit_test(known_packets),
		cmocka_unit_test(every_suite),
		cmocka_unit_test(every_length),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}
