/* SPDX-License-Identifier: MIT */
/* SIP messages, and the calls they make. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/sipcalls.h"
#include "wire/sip.h"

#define INVITE "INVITE sip:bob@example.com SIP/2.0\r\n"
#define HEADERS                                                    \
	"Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\n"            \
	"From: \"A, <lice>\" <sip:alice@example.com>;tag=a1\r\n"   \
	"To: <sip:bob:secret@example.com:5060;user=phone?x=y>\r\n" \
	"Call-ID: 1@10.0.0.1\r\nCSeq: 7 INVITE\r\n"
#define MESSAGE INVITE HEADERS "\r\n"

static const struct {
	const char *text;
	int err;
} messages[] = {
	{ MESSAGE, 0 },
	{ INVITE HEADERS "Content-Length: 3\r\n\r\nabc", 0 },
	{ INVITE HEADERS "Content-Length: 3\r\n\r\nabcd", 0 },
	{ INVITE HEADERS "Content-Length: 3\r\n\r\nab", -EBADMSG },
	{ INVITE HEADERS "Content-Length: -1\r\n\r\n", -EBADMSG },
	{ INVITE HEADERS "Content-Length: 99999999999\r\n\r\n", -EBADMSG },
	{ INVITE HEADERS "l: 0\r\nContent-Length: 0\r\n\r\n", -EBADMSG },
	{ "SIP/2.0 200 OK\r\n" HEADERS "\r\n", 0 },
	{ "SIP/2.0 180 \r\n" HEADERS "\r\n", 0 },
	{ "SIP/2.0 099 OK\r\n" HEADERS "\r\n", -EBADMSG },
	{ "SIP/2.0 700 OK\r\n" HEADERS "\r\n", -EBADMSG },
	{ "SIP/2.0 20 OK\r\n" HEADERS "\r\n", -EBADMSG },
	{ "SIP/3.0 200 OK\r\n" HEADERS "\r\n", -EBADMSG },
	{ "INVITE sip:bob@example.com\r\n" HEADERS "\r\n", -EBADMSG },
	{ "INVITE  SIP/2.0\r\n" HEADERS "\r\n", -EBADMSG },
	{ "GET / HTTP/1.1\r\n" HEADERS "\r\n", -EBADMSG },
	{ "BYE sip:bob@example.com SIP/2.0\r\n" HEADERS "\r\n", -EBADMSG },
	{ INVITE HEADERS, -EBADMSG }, /* no empty line */
	{ INVITE HEADERS "no colon\r\n\r\n", -EBADMSG },
	{ INVITE HEADERS "a b: c\r\n\r\n", -EBADMSG },
	{ INVITE HEADERS "From: <sip:x@y>\r\n\r\n", -EBADMSG }, /* twice */
	{ INVITE HEADERS "Subject: folded\r\n over\r\n\tlines\r\n\r\n", 0 },
	{ INVITE "f: sip:a@b;tag=1\nt: sip:c@d\ni: 1\nCSeq: 1 INVITE\n\n", 0 },
	{ INVITE "f: sip:a@b\nt: sip:c@d\ni: 1\n\n", -EBADMSG },
	{ INVITE "f: sip:a@b\nt: sip:c@d\nCSeq: 1 INVITE\n\n", -EBADMSG },
	{ INVITE "f: sip:a@b\nt: sip:c@d\ni:\nCSeq: 1 INVITE\n\n", -EBADMSG },
	{ INVITE "f:\nt: sip:c@d\ni: 1\nCSeq: 1 INVITE\n\n", -EBADMSG },
	{ INVITE "f: \"a\nt: sip:c@d\ni: 1\nCSeq: 1 INVITE\n\n", -EBADMSG },
	{ INVITE "f: \"a\\\nt: sip:c@d\ni: 1\nCSeq: 1 INVITE\n\n", -EBADMSG },
	{ INVITE "f: <sip:a@b\nt: sip:c@d\ni: 1\nCSeq: 1 INVITE\n\n",
	  -EBADMSG },
	{ "", -EBADMSG },
	{ "\r\n\r\n", -EBADMSG },
};

static void messages_are_taken_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(messages); i++) {
		size_t len = strlen(messages[i].text);
		char *copy = malloc(len + 1);
		struct vc_sip sip;
		int err;

		memcpy(copy, messages[i].text, len);
		err = vc_sip_parse(&sip, copy, len);
		if (err != messages[i].err)
			fail_msg("row %zu: %d", i, err);
		free(copy);
	}
}

static void messages_cut_at_every_octet(void **state)
{
	(void)state;
	for (size_t n = 0; n < strlen(MESSAGE); n++) {
		char *copy = malloc(n + 1);
		struct vc_sip sip;

		memcpy(copy, MESSAGE, n);
		assert_int_equal(vc_sip_parse(&sip, copy, n), -EBADMSG);
		free(copy);
	}
}

static void nul_is_refused(void **state)
{
	char text[] = MESSAGE;
	struct vc_sip sip;

	(void)state;
	strstr(text, "branch")[0] = '\0';
	assert_int_equal(vc_sip_parse(&sip, text, sizeof(text) - 1), -EBADMSG);
}

static void parties_and_bodies(void **state)
{
	static const char text[] = INVITE HEADERS
		"c: application/sdp;charset=utf-8\r\nl: 4\r\n\r\nbody";
	struct vc_sip sip;

	(void)state;
	assert_int_equal(vc_sip_parse(&sip, text, sizeof(text) - 1), 0);
	assert_true(vc_str_is(sip.method, "INVITE"));
	assert_int_equal(sip.cseq, 7);
	assert_true(vc_str_is(sip.call_id, "1@10.0.0.1"));
	assert_true(vc_str_is(sip.from.user, "alice"));
	assert_true(vc_str_is(sip.from.tag, "a1"));
	assert_true(vc_str_is(sip.to.user, "bob"));
	assert_true(vc_str_is(sip.to.host, "example.com:5060"));
	assert_int_equal(sip.to.tag.len, 0);
	assert_true(vc_str_is(sip.content_type, "application/sdp"));
	assert_true(vc_str_is(sip.body, "body"));
}

static void limits(void **state)
{
	size_t cap = 200000;
	char *text = malloc(cap);
	struct vc_sip sip;
	int n;

	(void)state;
	n = snprintf(text, cap, "%s%s", INVITE, HEADERS);
	for (int i = 0; i < VC_SIP_LINES_MAX; i++)
		n += snprintf(text + n, cap - (size_t)n, "X: y\r\n");
	n += snprintf(text + n, cap - (size_t)n, "\r\n");
	assert_int_equal(vc_sip_parse(&sip, text, (size_t)n), -E2BIG);
	n = snprintf(text, cap, "%s%sX: %0*d\r\n\r\n", INVITE, HEADERS,
		     VC_SIP_LINE_MAX + 1, 0);
	assert_int_equal(vc_sip_parse(&sip, text, (size_t)n), -EBADMSG);
	n = snprintf(text, cap, "%s%0*d", MESSAGE, VC_SIP_TEXT_MAX, 0);
	assert_int_equal(vc_sip_parse(&sip, text, (size_t)n), -E2BIG);
	free(text);
}

static void other_datagrams_do_not_look_like_it(void **state)
{
	static const struct {
		const char *text;
		bool looks;
	} rows[] = {
		{ MESSAGE, true },
		{ "SIP/2.0 200 OK\r\n", true },
		{ "INVITE sip:bob@example.com SIP/2.0", false },
		{ "NOTIFY * HTTP/1.1\r\n", false }, /* SSDP */
		{ "\r\n\r\n", false },		    /* a keep-alive */
		{ "", false },
		{ "\x80\x60\0\1", false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_sip_looks((const uint8_t *)rows[i].text,
					      strlen(rows[i].text)),
				 rows[i].looks);
}

/* --- calls --- */

struct talk {
	const char *first; /* the first line */
	const char *from, *from_tag, *to, *to_tag;
	const char *cseq;
	const char *sdp; /* "" or from the c= line on */
};

static int say_id(struct vc_sipcalls *calls, const char *id,
		  const struct talk *t)
{
	char text[4096], sdp[2048] = "";

	if (t->sdp[0])
		snprintf(sdp, sizeof(sdp),
			 "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\n%s", t->sdp);
	snprintf(text, sizeof(text),
		 "%s\r\nFrom: <sip:%s@example.com>;tag=%s\r\n"
		 "To: <sip:%s@example.com>%s%s\r\nCall-ID: %s\r\nCSeq: %s\r\n"
		 "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n"
		 "%s",
		 t->first, t->from, t->from_tag, t->to,
		 t->to_tag[0] ? ";tag=" : "", t->to_tag, id, t->cseq,
		 strlen(sdp), sdp);
	return vc_sipcalls_take(calls, text, strlen(text));
}

static void say(struct vc_sipcalls *calls, const char *id, const struct talk *t)
{
	assert_int_equal(say_id(calls, id, t), 0);
}

#define KEY_A1 "1 AES_CM_128_HMAC_SHA1_80 inline:AAAA"
#define KEY_A2 "2 AES_CM_128_HMAC_SHA1_32 inline:aaaa"
#define KEY_B "2 AES_CM_128_HMAC_SHA1_32 inline:BBBB"
#define KEY_B2 "1 AES_CM_128_HMAC_SHA1_80 inline:bbbb"

static const struct talk offer = {
	"INVITE sip:bob@example.com SIP/2.0",
	"alice",
	"a",
	"bob",
	"",
	"1 INVITE",
	"c=IN IP4 10.0.0.1\r\nt=0 0\r\n"
	"m=audio 5004 RTP/SAVP 0 111\r\na=rtpmap:111 opus/48000/2\r\n"
	"a=fmtp:111 useinbandfec=1\r\n"
	"a=crypto:" KEY_A1 "\r\na=crypto:" KEY_A2 "\r\n"
	"m=video 5008 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\na=rtcp:6001\r\n"
};

static const struct talk answer = {
	"SIP/2.0 200 OK",
	"alice",
	"a",
	"bob",
	"b",
	"1 INVITE",
	"c=IN IP4 10.0.0.2\r\nt=0 0\r\n"
	"m=audio 7004 RTP/SAVP 111\r\na=rtpmap:111 opus/48000/2\r\n"
	"a=crypto:" KEY_B "\r\n"
	"m=video 0 RTP/AVP 96\r\n"
};

/* Bob moves, and has another key. */
static const struct talk again = {
	"INVITE sip:alice@example.com SIP/2.0",
	"bob",
	"b",
	"alice",
	"a",
	"1 INVITE",
	"c=IN IP4 10.0.0.3\r\nt=0 0\r\n"
	"m=audio 7004 RTP/SAVP 111\r\na=rtpmap:111 opus/48000/2\r\n"
	"a=crypto:" KEY_B2 "\r\nm=video 0 RTP/AVP 96\r\n"
};

static const struct talk again_answer = {
	"SIP/2.0 200 OK",
	"bob",
	"b",
	"alice",
	"a",
	"1 INVITE",
	"c=IN IP4 10.0.0.1\r\nt=0 0\r\n"
	"m=audio 5004 RTP/SAVP 111\r\na=rtpmap:111 opus/48000/2\r\n"
	"a=crypto:" KEY_A1 "\r\nm=video 0 RTP/AVP 96\r\n"
};

static const struct talk bye = {
	"BYE sip:bob@example.com SIP/2.0", "alice", "a", "bob", "b", "2 BYE", ""
};

static struct vc_netaddr at(uint8_t host, uint16_t port)
{
	return (struct vc_netaddr){ .ip = { 10, 0, 0, host }, .port = port };
}

/* Who receives there, and by which key he is sent to. */
static void expect(const struct vc_sipcalls *calls, uint8_t host, uint16_t port,
		   bool is_callee, enum vc_kind kind, const char *key)
{
	struct vc_netaddr dst = at(host, port);
	const struct vc_sipcall *call;
	const struct vc_sipend *end;
	const char *got;

	if (!vc_sipcalls_find(calls, &dst, &call, &end))
		fail_msg("nobody at %u:%u", host, port);
	assert_int_equal(end->is_callee, is_callee);
	assert_int_equal(end->kind, kind);
	got = vc_sipcall_key(call, end);
	if (!key)
		assert_null(got);
	else
		assert_string_equal(got ? got : "none", key);
}

static void a_call_from_offer_to_bye(void **state)
{
	struct vc_sipcalls *calls = vc_sipcalls_new();
	const struct vc_sipcall *call;
	const struct vc_sipend *end;
	struct vc_netaddr dst = at(1, 5004);

	(void)state;
	say(calls, "x", &offer);
	expect(calls, 1, 5004, false, VC_AUDIO, NULL);
	expect(calls, 1, 5005, false, VC_AUDIO, NULL);
	expect(calls, 1, 5008, false, VC_VIDEO, NULL);
	expect(calls, 1, 6001, false, VC_VIDEO, NULL); /* a=rtcp */
	assert_true(vc_sipcalls_find(calls, &dst, &call, &end));
	assert_false(call->is_answered);
	assert_int_equal(end->n_formats, 2);
	assert_int_equal(end->formats[0].codec, VC_CODEC_PCMU);
	assert_int_equal(end->formats[1].pt, 111);
	assert_int_equal(end->formats[1].codec, VC_CODEC_OPUS);
	assert_int_equal(end->formats[1].rate_hz, 48000);
	assert_false(vc_sipend_fmtp(end, &end->formats[0]).len);
	assert_true(vc_str_is(vc_sipend_fmtp(end, &end->formats[1]),
			      "useinbandfec=1"));
	say(calls, "x", &answer);
	/* What comes to Alice has Bob's key; what comes to Bob the one of
	 * Alice's two that he chose. */
	expect(calls, 1, 5004, false, VC_AUDIO, KEY_B);
	expect(calls, 2, 7004, true, VC_AUDIO, KEY_A2);
	assert_true(vc_sipcalls_find(calls, &dst, &call, &end));
	assert_true(call->is_answered);
	assert_true(vc_sipcall_matches(call, "x"));
	assert_true(vc_sipcall_matches(call, "ali*"));
	assert_true(vc_sipcall_matches(call, "bob"));
	assert_false(vc_sipcall_matches(call, "carol"));
	say(calls, "x", &again);
	say(calls, "x", &again_answer);
	expect(calls, 3, 7004, true, VC_AUDIO, KEY_A1);
	expect(calls, 1, 5004, false, VC_AUDIO, KEY_B2);
	expect(calls, 2, 7004, true, VC_AUDIO, KEY_A1); /* still on its way */
	say(calls, "x", &bye);
	assert_true(vc_sipcalls_find(calls, &dst, &call, &end));
	assert_true(call->is_over);
	vc_sipcalls_free(calls);
}

static void parameters_without_room_are_none(void **state)
{
	char text[VC_SIPCALL_FMTP + 1];
	struct vc_sdp_media m = { .kind = VC_AUDIO, .n_fmt = 4 };
	struct vc_sipend end = { 0 };
	const size_t lens[] = { 600, 500, 424, 1 }, kept[] = { 600, 0, 424, 0 };

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < 4; i++)
		m.fmt[i].fmtp = vc_str_of(text, lens[i]);
	vc_sipend_formats(&end, &m);
	assert_int_equal(end.n_formats, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(vc_sipend_fmtp(&end, &end.formats[i]).len,
				 kept[i]);
}

static void later_calls_use_ports_again(void **state)
{
	struct vc_sipcalls *calls = vc_sipcalls_new();
	const struct vc_sipcall *call;
	const struct vc_sipend *end;
	struct vc_netaddr dst = at(1, 5004);

	(void)state;
	say(calls, "x", &offer);
	say(calls, "y", &offer);
	assert_true(vc_sipcalls_find(calls, &dst, &call, &end));
	assert_string_equal(call->id, "y");
	say(calls, "x", &answer);
	assert_true(vc_sipcalls_find(calls, &dst, &call, &end));
	assert_string_equal(call->id, "x");
	vc_sipcalls_free(calls);
}

/* Hold, a name for an address, no RTP, and messages that make no call. */
static void what_gives_no_address(void **state)
{
	static const struct talk rows[] = {
		{ "INVITE sip:b@x SIP/2.0", "a", "a", "b", "", "1 INVITE",
		  "c=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0\r\n" },
		{ "INVITE sip:b@x SIP/2.0", "a", "a", "b", "", "1 INVITE",
		  "c=IN IP4 host.example\r\nt=0 0\r\n"
		  "m=audio 5004 RTP/AVP 0\r\n" },
		{ "INVITE sip:b@x SIP/2.0", "a", "a", "b", "", "1 INVITE",
		  "c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=image 5004 udptl t38\r\n" },
		{ "OPTIONS sip:b@x SIP/2.0", "a", "a", "b", "", "1 OPTIONS",
		  "c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0\r\n" },
		{ "UPDATE sip:b@x SIP/2.0", "a", "a", "b", "", "1 UPDATE",
		  "c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_sipcalls *calls = vc_sipcalls_new();
		struct vc_netaddr dst = at(1, 5004);
		const struct vc_sipcall *call;
		const struct vc_sipend *end;

		say(calls, "x", &rows[i]);
		if (vc_sipcalls_find(calls, &dst, &call, &end))
			fail_msg("row %zu", i);
		vc_sipcalls_free(calls);
	}
}

static void calls_and_ends_have_caps(void **state)
{
	struct vc_sipcalls *calls = vc_sipcalls_new();
	const struct vc_sipcall *call;
	const struct vc_sipend *end;
	struct talk t = offer;
	char id[300], sdp[256];
	struct vc_netaddr dst;

	(void)state;
	t.sdp = sdp;
	for (unsigned int i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "%u", i);
		snprintf(sdp, sizeof(sdp),
			 "c=IN IP4 10.0.0.1\r\nt=0 0\r\n"
			 "m=audio %u RTP/AVP 0\r\n",
			 10000 + 2 * i);
		say(calls, id, &t);
	}
	for (uint16_t i = 0; i < 1000; i++) {
		dst = at(1, (uint16_t)(10000 + 2 * i));
		assert_int_equal(vc_sipcalls_find(calls, &dst, &call, &end),
				 i >= 1000 - VC_SIPCALLS_MAX);
	}
	for (unsigned int i = 0; i < 100; i++) {
		snprintf(sdp, sizeof(sdp),
			 "c=IN IP4 10.0.0.9\r\nt=0 0\r\n"
			 "m=audio %u RTP/AVP 0\r\n",
			 20000 + 2 * i);
		say(calls, "999", &t);
	}
	for (uint16_t i = 0; i < 100; i++) {
		dst = at(9, (uint16_t)(20000 + 2 * i));
		assert_int_equal(vc_sipcalls_find(calls, &dst, &call, &end),
				 i >= 100 - VC_SIPCALL_ENDS);
	}
	memset(id, 'x', sizeof(id));
	id[VC_SIPCALL_TEXT] = '\0';
	assert_int_equal(say_id(calls, id, &offer), -E2BIG);
	vc_sipcalls_free(calls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_taken_or_refused),
		cmocka_unit_test(messages_cut_at_every_octet),
		cmocka_unit_test(nul_is_refused),
		cmocka_unit_test(parties_and_bodies),
		cmocka_unit_test(limits),
		cmocka_unit_test(other_datagrams_do_not_look_like_it),
		cmocka_unit_test(a_call_from_offer_to_bye),
		cmocka_unit_test(parameters_without_room_are_none),
		cmocka_unit_test(later_calls_use_ports_again),
		cmocka_unit_test(what_gives_no_address),
		cmocka_unit_test(calls_and_ends_have_caps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
