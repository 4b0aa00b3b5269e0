/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/defaults.h"
#include "wire/sdp.h"

#define TEXT(s) (s), sizeof(s) - 1

static struct vc_sdp sdp; /* large; each test fills it */

/* What GStreamer, ffmpeg and browsers write, in one. */
static const char full[] =
	"v=0\r\n"
	"o=- 42 1 IN IP6 ::1\r\n"
	"s=A session\r\n"
	"i=about\r\n"
	"c=IN IP4 224.2.1.1/127/3\r\n"
	"b=AS:800\r\n"
	"t=0 0\r\n"
	"a=tool:test\r\n"
	"a=recvonly\r\n"
	"a=x-vc-clock:virtual\r\n"
	"a=x-vc-control:/tmp/vc-0/a b\r\n"
	"a=unknown\r\n"
	"a=crypto:1 of no section\r\n"
	"a=fingerprint:sha-256 AA\r\n"
	"a=setup:actpass\r\n"
	"m=audio 5004/2 RTP/AVP 111 0 9 99\r\n"
	"i=voice\r\n"
	"a=mid:a0\r\n"
	"a=rtpmap:111 OPUS/48000/2\r\n"
	"a=fmtp:111 useinbandfec=1; Stereo = 1;flag\r\n"
	"a=rtpmap:0 PCMU/8000\r\n"
	"a=rtpmap:77 L16/44100\r\n"
	"a=ptime:20\r\n"
	"a=crypto:1 AEAD_AES_128_GCM inline:x\r\n"
	"a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:x\r\n"
	"a=rtcp:5555 IN IP4 10.0.0.1\r\n"
	"a=extmap:1/sendonly urn:ietf:params:rtp-hdrext:ssrc-audio-level "
	"vad=on\r\n"
	"a=extmap:4096 urn:x\r\n"
	"a=ssrc:4294967295 cname:x\r\n"
	"a=ssrc:4294967295 msid:y\r\n"
	"a=ssrc:0 cname:x\r\n"
	"a=ssrc-group:FID 0 4294967295\r\n"
	"a=ssrc-group:SIM 0 4294967295\r\n"
	"m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"
	"c=IN IP6 fe80::1%eth0/2\r\n"
	"a=sendrecv\r\n"
	"a=content:slides\r\n"
	"a=rtcp-mux\r\n"
	"a=rtcp-rsize\r\n"
	"a=rtpmap:96 VP8/90000\r\n"
	"a=rtpmap:97 rtx/90000\r\n"
	"a=fmtp:97 apt=96\r\n"
	"a=rtcp-fb:* transport-cc\r\n"
	"a=rtcp-fb:96 nack\r\n"
	"a=rtcp-fb:96 nack pli\r\n"
	"a=rtcp-fb:96 ccm fir\r\n"
	"a=rtcp-fb:96 goog-remb\r\n"
	"a=rtcp-fb:96 nack rpsi\r\n"
	"a=fingerprint:sha-256 00\r\n"
	"a=fingerprint:sha-512 01\r\n"
	"a=setup:passive\r\n"
	"m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"
	"a=rtpmap:0 junk";

static void check_audio(const struct vc_sdp_media *m)
{
	struct vc_str v;

	assert_int_equal(m->kind, VC_AUDIO);
	assert_int_equal(m->port, 5004);
	assert_int_equal(m->rtcp_port, 5555);
	assert_true(m->is_rtp);
	assert_int_equal(m->dir, VC_SDP_RECVONLY);
	assert_true(vc_str_is(m->mid, "a0"));
	assert_false(m->rtcp_mux);
	assert_int_equal(m->keys.n_crypto, 2);
	assert_true(vc_str_is(m->keys.crypto[1], "2 AES_CM_128_HMAC_SHA1_80 "
						 "inline:x"));
	assert_int_equal(m->keys.n_fingerprint, 1);
	assert_true(vc_str_is(m->keys.fingerprint[0], "sha-256 AA"));
	assert_true(vc_str_is(m->keys.setup, "actpass"));
	assert_int_equal(m->ptime_ms, 20);
	assert_int_equal(m->n_fmt, 4);
	assert_true(vc_str_is(m->fmt[0].codec, "OPUS"));
	assert_int_equal(m->fmt[0].channels, 2);
	assert_true(vc_sdp_fmtp_get(m->fmt[0].fmtp, "stereo", &v));
	assert_true(vc_str_is(v, "1"));
	assert_true(vc_sdp_fmtp_get(m->fmt[0].fmtp, "flag", &v));
	assert_int_equal(v.len, 0);
	assert_false(vc_sdp_fmtp_get(m->fmt[0].fmtp, "useinband", &v));
	assert_true(vc_str_is(m->fmt[1].codec, "PCMU"));
	assert_true(vc_str_is(m->fmt[2].codec, "G722"));
	assert_int_equal(m->fmt[2].rate, 8000);
	assert_int_equal(m->fmt[3].codec.len, 0);
	assert_int_equal(m->fmt[3].rate, 0);
	assert_int_equal(m->n_ext, 1);
	assert_int_equal(vc_sdp_find_ext(m, "urn:ietf:params:rtp-hdrext:"
					    "ssrc-audio-level"),
			 1);
	assert_int_equal(vc_sdp_find_ext(m, "urn:x"), 0);
	assert_int_equal(m->n_ssrc, 2);
	assert_int_equal(m->ssrc[0], UINT32_MAX);
	assert_int_equal(m->n_fid, 1);
	assert_int_equal(m->fid[0].media, 0);
	assert_int_equal(m->fid[0].rtx, UINT32_MAX);
	assert_true(vc_sdp_conn(&sdp, m) == &sdp.conn);
	assert_ptr_equal(vc_sdp_find_codec(m, VC_CODEC_OPUS), &m->fmt[0]);
	assert_null(vc_sdp_find_codec(m, VC_CODEC_VP8));
}

static void check_video(const struct vc_sdp_media *m)
{
	assert_int_equal(m->kind, VC_VIDEO);
	assert_true(vc_str_is(m->content, "slides"));
	assert_int_equal(m->dir, VC_SDP_SENDRECV);
	assert_true(m->rtcp_mux);
	assert_true(m->rtcp_rsize);
	assert_int_equal(m->keys.n_crypto, 0);
	/* Its own in place of the session's. */
	assert_int_equal(m->keys.n_fingerprint, 2);
	assert_true(vc_str_is(m->keys.fingerprint[0], "sha-256 00"));
	assert_true(vc_str_is(m->keys.fingerprint[1], "sha-512 01"));
	assert_true(vc_str_is(m->keys.setup, "passive"));
	assert_true(m->conn.is_ip6);
	assert_true(vc_str_is(m->conn.host, "fe80::1%eth0"));
	assert_int_equal(m->conn.ttl, -1);
	assert_int_equal(m->fmt[0].fb, VC_FB_NACK | VC_FB_PLI | VC_FB_FIR |
					       VC_FB_REMB | VC_FB_TWCC);
	assert_int_equal(m->fmt[1].fb, VC_FB_TWCC);
	assert_true(vc_str_is(m->fmt[1].fmtp, "apt=96"));
	assert_ptr_equal(vc_sdp_conn(&sdp, m), &m->conn);
}

static void a_description_is_understood(void **state)
{
	const struct vc_sdp_media *m;
	const struct vc_sdp_fmt *fmt;
	uint8_t pt;

	(void)state;
	assert_int_equal(vc_sdp_parse(&sdp, TEXT(full)), 0);
	assert_int_equal(sdp.bad_line, 0);
	assert_null(sdp.bad_why);
	assert_true(vc_str_is(sdp.name, "A session"));
	assert_true(vc_str_is(sdp.origin, "- 42 1 IN IP6 ::1"));
	assert_true(vc_str_is(sdp.clock, "virtual"));
	assert_true(vc_str_is(sdp.control, "/tmp/vc-0/a b"));
	assert_true(vc_str_is(sdp.tool, "test"));
	assert_true(vc_str_is(sdp.conn.host, "224.2.1.1"));
	assert_int_equal(sdp.conn.ttl, 127);
	assert_int_equal(sdp.n_media, 3);
	check_audio(&sdp.media[0]);
	check_video(&sdp.media[1]);
	assert_int_equal(sdp.media[2].kind, VC_OTHER);
	assert_false(sdp.media[2].is_rtp);
	assert_int_equal(sdp.media[2].n_fmt, 0);
	assert_true(vc_sdp_find_pt(&sdp, 97, &m, &fmt));
	assert_ptr_equal(m, &sdp.media[1]);
	assert_int_equal(fmt->pt, 97);
	assert_false(vc_sdp_find_pt(&sdp, 77, NULL, NULL));
	assert_int_equal(vc_sdp_check_pts(&sdp, &pt), 0);
}

/* hostile.md D1. Line 0: accepted. */
#define A "v=0\nm=audio 1 RTP/AVP 96 97\n"
static const struct {
	const char *what;
	const char *text;
	size_t len;
	unsigned int bad_line;
} texts[] = {
	{ "shortest", TEXT("v=0"), 0 },
	{ "LF", TEXT("v=0\ns=x\n"), 0 },
	{ "no final line end", TEXT("v=0\r\ns=x"), 0 },
	{ "blank lines at the end", TEXT("v=0\r\n\r\n\n"), 0 },
	{ "blank line inside", TEXT("v=0\n\ns=x\n"), 2 },
	{ "CR", TEXT("v=0\rs=x\r"), 1 },
	{ "empty", TEXT(""), 1 },
	{ "NUL", TEXT("v=0\ns=a\0b\n"), 2 },
	{ "8-bit", TEXT("v=0\ns=\xe9\xff\x1b[2J\n"), 0 },
	{ "not v first", TEXT("s=x\nv=0\n"), 1 },
	{ "version 1", TEXT("v=1\n"), 1 },
	{ "v twice", TEXT("v=0\nv=0\n"), 2 },
	{ "s twice", TEXT("v=0\ns=a\ns=b\n"), 3 },
	{ "t twice", TEXT("v=0\nt=0 0\nt=1 1\n"), 0 },
	{ "unknown letter", TEXT("v=0\nx=1\n"), 2 },
	{ "capital", TEXT("v=0\nA=1\n"), 2 },
	{ "no equals", TEXT("v=0\nsession\n"), 2 },
	{ "s in a section", TEXT(A "s=x\n"), 3 },
	{ "short origin", TEXT("v=0\no=- 0 0 IN IP4\n"), 2 },
	{ "port 0", TEXT("v=0\nm=audio 0 RTP/AVP 0\n"), 0 },
	{ "port 65535", TEXT("v=0\nm=audio 65535 RTP/AVP 0\n"), 0 },
	{ "port 65536", TEXT("v=0\nm=audio 65536 RTP/AVP 0\n"), 2 },
	{ "port -1", TEXT("v=0\nm=audio -1 RTP/AVP 0\n"), 2 },
	{ "0 ports", TEXT("v=0\nm=audio 1/0 RTP/AVP 0\n"), 2 },
	{ "no format", TEXT("v=0\nm=audio 1 RTP/AVP\n"), 2 },
	{ "no proto", TEXT("v=0\nm=audio 1\n"), 2 },
	{ "payload type 128", TEXT("v=0\nm=audio 1 RTP/AVP 128\n"), 2 },
	{ "payload type 256", TEXT("v=0\nm=audio 1 RTP/AVP 256\n"), 2 },
	{ "payload type 2^32", TEXT("v=0\nm=audio 1 RTP/AVP 4294967296\n"), 2 },
	{ "payload type twice", TEXT("v=0\nm=audio 1 RTP/AVP 96 96\n"), 2 },
	{ "payload type *", TEXT("v=0\nm=audio 1 RTP/AVP *\n"), 2 },
	{ "other proto, *", TEXT("v=0\nm=audio 1 udp *\n"), 0 },
	{ "rtpmap", TEXT(A "a=rtpmap:96 x/1\n"), 0 },
	{ "rtpmap of 256", TEXT(A "a=rtpmap:256 x/1\n"), 3 },
	{ "rtpmap unlisted", TEXT(A "a=rtpmap:98 x/0\n"), 0 },
	{ "rtpmap in the session", TEXT("v=0\na=rtpmap:999 x\n"), 0 },
	{ "rtpmap twice", TEXT(A "a=rtpmap:96 x/1\na=rtpmap:96 y/1\n"), 4 },
	{ "rtpmap static twice",
	  TEXT("v=0\nm=audio 1 RTP/AVP 0\n"
	       "a=rtpmap:0 x/1\na=rtpmap:0 y/1\n"),
	  4 },
	{ "rate 0", TEXT(A "a=rtpmap:96 x/0\n"), 3 },
	{ "rate 10^9", TEXT(A "a=rtpmap:96 x/1000000000\n"), 0 },
	{ "rate 4*10^9", TEXT(A "a=rtpmap:96 x/4000000000\n"), 3 },
	{ "rate missing", TEXT(A "a=rtpmap:96 x\n"), 3 },
	{ "name missing", TEXT(A "a=rtpmap:96 /8000\n"), 3 },
	{ "channels 0", TEXT(A "a=rtpmap:96 x/1/0\n"), 3 },
	{ "channels 16", TEXT(A "a=rtpmap:96 x/1/16\n"), 0 },
	{ "channels 255", TEXT(A "a=rtpmap:96 x/1/255\n"), 3 },
	{ "fmtp twice", TEXT(A "a=fmtp:96 a=1\na=fmtp:96 b=1\n"), 4 },
	{ "fmtp of nothing", TEXT(A "a=fmtp:\n"), 3 },
	{ "ptime 0", TEXT(A "a=ptime:0\n"), 3 },
	{ "ptime 2.5", TEXT(A "a=ptime:2.5\n"), 0 },
	{ "ptime 0.0", TEXT(A "a=ptime:0.0\n"), 3 },
	{ "ptime 1000", TEXT(A "a=ptime:1000\n"), 0 },
	{ "ptime 10^9", TEXT(A "a=ptime:1000000000\n"), 3 },
	{ "ptime x", TEXT(A "a=ptime:x\n"), 3 },
	{ "c= TTL 255", TEXT("v=0\nc=IN IP4 224.0.0.1/255\n"), 0 },
	{ "c= TTL 999", TEXT("v=0\nc=IN IP4 224.0.0.1/999\n"), 2 },
	{ "c= no address", TEXT("v=0\nc=IN IP4 224.0.0.1/1/0\n"), 2 },
	{ "c= scope", TEXT("v=0\nc=IN IP6 fe80::1%lo\n"), 0 },
	{ "c= name", TEXT("v=0\nc=IN IP4 host.example.com\n"), 0 },
	{ "c= no host", TEXT("v=0\nc=IN IP4\n"), 2 },
	{ "c= strange host", TEXT("v=0\nc=IN IP4 a;b\n"), 2 },
	{ "c= ATM", TEXT("v=0\nc=ATM NSAP 1\n"), 2 },
	{ "c= twice", TEXT("v=0\nc=IN IP4 1.1.1.1\nc=IN IP4 2.2.2.2\n"), 0 },
	{ "mid empty", TEXT(A "a=mid:\n"), 3 },
	{ "mid twice", TEXT(A "a=mid:a\na=mid:b\n"), 4 },
	{ "mid of two", TEXT(A "a=mid:a\nm=video 1 RTP/AVP 98\na=mid:a\n"), 5 },
	{ "extmap 0", TEXT(A "a=extmap:0 urn:x\n"), 3 },
	{ "extmap 255", TEXT(A "a=extmap:255 urn:x\n"), 0 },
	{ "extmap 9999", TEXT(A "a=extmap:9999 urn:x\n"), 3 },
	{ "extmap twice", TEXT(A "a=extmap:1 urn:x\na=extmap:1 urn:y\n"), 4 },
	{ "extmap of nothing", TEXT(A "a=extmap:1\n"), 3 },
	{ "ssrc 2^32", TEXT(A "a=ssrc:4294967296 cname:x\n"), 3 },
	{ "rtcp 65536", TEXT(A "a=rtcp:65536\n"), 3 },
	{ "crypto of nothing", TEXT(A "a=crypto:\n"), 3 },
	{ "fingerprint of nothing", TEXT("v=0\na=fingerprint:\n"), 2 },
	{ "setup", TEXT(A "a=setup:holdconn\n"), 0 },
	{ "other setup", TEXT("v=0\na=setup:both\n"), 2 },
	{ "clock", TEXT("v=0\na=x-vc-clock:recorded\n"), 0 },
	{ "other clock", TEXT("v=0\na=x-vc-clock:lamport\n"), 2 },
};

static void each_line_is_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(texts); i++) {
		int err = vc_sdp_parse(&sdp, texts[i].text, texts[i].len);

		if (err != (texts[i].bad_line ? -EBADMSG : 0) ||
		    sdp.bad_line != texts[i].bad_line)
			fail_msg("%s: %d, line %u", texts[i].what, err,
				 sdp.bad_line);
		assert_int_equal(!!sdp.bad_why, !!err);
	}
}

static char big[2 * VC_SDP_TEXT_MAX];

/* Repeats 'unit' 'n' times after 'head'; %d in it counts. */
static size_t repeat(const char *head, const char *unit, unsigned int n)
{
	size_t len = (size_t)snprintf(big, sizeof(big), "%s", head);
	size_t unit_len = strlen(unit);

	for (unsigned int i = 0; i < n; i++) {
		const char *mark = strchr(unit, '#');

		if (!mark) {
			memcpy(big + len, unit, unit_len);
			len += unit_len;
			continue;
		}
		len += (size_t)snprintf(big + len, sizeof(big) - len,
					"%.*s%u%s", (int)(mark - unit), unit,
					i + 1, mark + 1);
	}
	return len;
}

static void limits_are_kept(void **state)
{
	static const struct {
		const char *what, *head, *unit;
		unsigned int n, bad_line;
	} rows[] = {
		{ "16 sections", "v=0\n", "m=audio 1 RTP/AVP 0\n", 16, 0 },
		{ "1000 sections", "v=0\n", "m=audio 1 RTP/AVP 0\n", 1000, 18 },
		{ "500 lines", "v=0\n", "a=x\n", 499, 0 },
		{ "501 lines", "v=0\n", "a=x\n", 500, 501 },
		{ "line of 1024", "v=0\na=", "x", 1022, 0 },
		{ "line of 1025", "v=0\na=", "x", 1023, 2 },
		{ "fmtp of 60 kB", A "a=fmtp:96 ", "x", 60000, 3 },
		{ "64 kB", "v=0\na=", "x", VC_SDP_TEXT_MAX - 6, 2 },
		{ "more", "v=0\na=", "x", VC_SDP_TEXT_MAX - 5, 1 },
		{ "48 formats", "v=0\nm=audio 1 RTP/AVP", " #", 48, 0 },
		{ "49 formats", "v=0\nm=audio 1 RTP/AVP", " #", 49, 2 },
		{ "16 extensions", A, "a=extmap:# x\n", 16, 0 },
		{ "17 extensions", A, "a=extmap:# x\n", 17, 19 },
		{ "16 SSRCs", A, "a=ssrc:#\n", 16, 0 },
		{ "17 SSRCs", A, "a=ssrc:#\n", 17, 19 },
		{ "8 groups", A, "a=ssrc-group:FID 99 #\n", 8, 0 },
		{ "9 groups", A, "a=ssrc-group:FID 99 #\n", 9, 11 },
		{ "8 keys", A, "a=crypto:#\n", 8, 0 },
		{ "9 keys", A, "a=crypto:#\n", 9, 11 },
		{ "9 fingerprints", "v=0\n", "a=fingerprint:#\n", 9, 10 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		size_t len = repeat(rows[i].head, rows[i].unit, rows[i].n);
		int err = vc_sdp_parse(&sdp, big, len);

		if (err != (rows[i].bad_line ? -E2BIG : 0) ||
		    sdp.bad_line != rows[i].bad_line)
			fail_msg("%s: %d, line %u", rows[i].what, err,
				 sdp.bad_line);
	}
}

static void equal_payload_types_are_seen(void **state)
{
	uint8_t pt = 0;

	(void)state;
	assert_int_equal(vc_sdp_parse(&sdp, TEXT("v=0\n"
						 "m=audio 1 RTP/AVP 0 96\n"
						 "m=video 1 RTP/AVP 96\n")),
			 0);
	assert_int_equal(vc_sdp_check_pts(&sdp, &pt), -EEXIST);
	assert_int_equal(pt, 96);
}

static void keys_are_written_when_asked_for(void **state)
{
	static char text[4096];
	size_t n;

	(void)state;
	assert_int_equal(vc_sdp_parse(&sdp, TEXT(full)), 0);
	n = (size_t)vc_sdp_write(&sdp, text, sizeof(text));
	assert_null(memmem(text, n, TEXT("a=crypto")));
	assert_null(memmem(text, n, TEXT("a=fingerprint")));
	n = (size_t)vc_sdp_write_keys(&sdp, text, sizeof(text));
	assert_non_null(memmem(text, n, TEXT("a=crypto:2 AES_CM_128_HMAC")));
	assert_non_null(memmem(text, n, TEXT("512 01\r\na=setup:passive\r")));
}

static void what_is_written_is_written_again(void **state)
{
	static char one[4096], two[4096];
	int n, m;

	(void)state;
	assert_int_equal(vc_sdp_parse(&sdp, TEXT(full)), 0);
	n = vc_sdp_write(&sdp, one, sizeof(one));
	assert_true(n > 0);
	assert_null(memmem(one, (size_t)n, TEXT("a=ssrc")));
	assert_null(memmem(one, (size_t)n, TEXT("application")));
	assert_non_null(memmem(one, (size_t)n,
			       TEXT("a=x-vc-control:/tmp/vc-0/a b\r\n")));
	assert_non_null(
		memmem(one, (size_t)n, TEXT("a=rtcp-fb:96 nack pli\r\n")));
	assert_int_equal(vc_sdp_parse(&sdp, one, (size_t)n), 0);
	assert_int_equal(sdp.media[0].dir, VC_SDP_RECVONLY);
	m = vc_sdp_write(&sdp, two, sizeof(two));
	assert_int_equal(m, n);
	assert_memory_equal(one, two, (size_t)n);
	for (int cap = 0; cap < n; cap++)
		assert_int_equal(vc_sdp_write(&sdp, two, (size_t)cap), -ENOSPC);
	assert_int_equal(vc_sdp_write(&sdp, two, (size_t)n), n);
}

static void nothing_foreign_adds_a_line(void **state)
{
	static const char *const bad[] = { "a\nb", "a\rb", "\n" };
	char buf[4096];

	(void)state;
	vc_default_sdp(&sdp);
	for (size_t i = 0; i < VC_COUNT(bad); i++) {
		sdp.name = vc_str_c(bad[i]);
		assert_int_equal(vc_sdp_write(&sdp, buf, sizeof(buf)), -EINVAL);
		sdp.name = vc_str_c(NULL);
		sdp.media[0].fmt[0].fmtp = vc_str_c(bad[i]);
		assert_int_equal(vc_sdp_write(&sdp, buf, sizeof(buf)), -EINVAL);
		sdp.media[0].fmt[0].fmtp = vc_str_c(NULL);
	}
	sdp.control = vc_str_of("a\0b", 3);
	assert_int_equal(vc_sdp_write(&sdp, buf, sizeof(buf)), -EINVAL);
}

static void defaults_describe_themselves(void **state)
{
	static char text[8192];
	const struct vc_sdp_media *m;
	const struct vc_sdp_fmt *fmt;
	uint8_t pt;
	int n;

	(void)state;
	vc_default_sdp(&sdp);
	assert_int_equal(sdp.n_media, 4);
	assert_int_equal(vc_sdp_check_pts(&sdp, &pt), 0);
	n = vc_sdp_write(&sdp, text, sizeof(text));
	assert_true(n > 0);
	assert_int_equal(vc_sdp_parse(&sdp, text, (size_t)n), 0);
	for (size_t i = 0; i < vc_default_n_fmts; i++) {
		const struct vc_default_fmt *def = &vc_default_fmts[i];

		assert_true(vc_sdp_find_pt(&sdp, def->pt, &m, &fmt));
		assert_true(vc_str_is(fmt->codec, def->codec));
		assert_int_not_equal(vc_codec_by_name(fmt->codec),
				     VC_CODEC_NONE);
		assert_int_equal(fmt->rate, def->rate);
		assert_int_equal(fmt->channels, def->channels);
		assert_int_equal(m->kind, def->kind);
		assert_true(vc_str_eq(m->content, vc_str_c(def->content)));
	}
	assert_true(vc_sdp_find_pt(&sdp, 104, &m, NULL));
	assert_true(vc_str_is(m->mid, "slides"));
	assert_int_equal(vc_sdp_find_ext(m, vc_default_exts[0].uri), 0);
	assert_int_equal(vc_sdp_find_ext(&sdp.media[0], vc_default_exts[0].uri),
			 1);
}

static void defaults_are_added_one_by_one(void **state)
{
	(void)state;
	memset(&sdp, 0, sizeof(sdp));
	assert_int_equal(vc_default_add(&sdp, VC_PT_OPUS), 0);
	assert_int_equal(vc_default_add(&sdp, VC_PT_OPUS), -EEXIST);
	assert_int_equal(vc_default_add(&sdp, 1), -ENOENT);
	assert_int_equal(vc_default_add(&sdp, VC_PT_VP8), 0);
	assert_int_equal(vc_default_add(&sdp, 0), 0);
	assert_int_equal(sdp.n_media, 2);
	assert_int_equal(sdp.media[0].n_fmt, 2);
	assert_int_equal(sdp.media[1].fmt[0].fb,
			 VC_FB_NACK | VC_FB_PLI | VC_FB_FIR);
}

static void codecs_have_names(void **state)
{
	(void)state;
	for (enum vc_codec c = VC_CODEC_OPUS; c <= VC_CODEC_CN; c++)
		assert_int_equal(vc_codec_by_name(vc_str_c(vc_codec_name(c))),
				 c);
	assert_int_equal(vc_codec_by_name(vc_str_c("none")), VC_CODEC_NONE);
	assert_int_equal(vc_codec_by_name(vc_str_c("h264")), VC_CODEC_H264);
	assert_int_equal(vc_codec_by_name(vc_str_c("")), VC_CODEC_NONE);
	assert_int_equal(vc_codec_rate(VC_CODEC_G722), 8000);
	assert_int_equal(vc_codec_channels(VC_CODEC_OPUS), 2);
	assert_int_equal(vc_codec_kind(VC_CODEC_T140), VC_TEXT);
	for (enum vc_kind k = VC_AUDIO; k <= VC_OTHER; k++)
		assert_int_equal(vc_kind_by_name(vc_str_c(vc_kind_name(k))), k);
	assert_int_equal(vc_kind_by_name(vc_str_c("message")), VC_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_description_is_understood),
		cmocka_unit_test(each_line_is_checked),
		cmocka_unit_test(limits_are_kept),
		cmocka_unit_test(equal_payload_types_are_seen),
		cmocka_unit_test(keys_are_written_when_asked_for),
		cmocka_unit_test(what_is_written_is_written_again),
		cmocka_unit_test(nothing_foreign_adds_a_line),
		cmocka_unit_test(defaults_describe_themselves),
		cmocka_unit_test(defaults_are_added_one_by_one),
		cmocka_unit_test(codecs_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
