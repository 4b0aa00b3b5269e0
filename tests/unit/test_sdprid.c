/* SPDX-License-Identifier: MIT */
/* a=rid and a=simulcast: what is taken, left out, written and joined. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/sdp.h"

static struct vc_sdp sdp, other; /* large; each test fills them */

#define HEAD                                                  \
	"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" \
	"m=video 0 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"

static int parse(struct vc_sdp *out, const char *lines)
{
	/* Slices point into the text. */
	static char texts[2][65536];
	char *text = texts[out == &sdp];
	int n = snprintf(text, sizeof(texts[0]), "%s%s", HEAD, lines);

	return vc_sdp_parse(out, text, (size_t)n);
}

/* The lines of 'in' that are of layers. */
static const char *written(const struct vc_sdp *in)
{
	static char text[16384], lines[16384];
	int n = vc_sdp_write(in, text, sizeof(text) - 1);
	char *save, *line;

	assert_true(n > 0);
	text[n] = '\0';
	lines[0] = '\0';
	for (line = strtok_r(text, "\r\n", &save); line;
	     line = strtok_r(NULL, "\r\n", &save)) {
		if (strncmp(line, "a=rid:", 6) &&
		    strncmp(line, "a=simulcast:", 12))
			continue;
		strcat(lines, line);
		strcat(lines, "\n");
	}
	return lines;
}

static const struct {
	const char *in, *out;
} rows[] = {
	{ "a=rid:1 send\r\n", "a=rid:1 send\n" },
	{ "a=rid:hi send max-width=1280;max-height=720;max-br=1500000\r\n"
	  "a=rid:lo send pt=96;max-width=320\r\n"
	  "a=simulcast:send hi;lo\r\n",
	  "a=rid:hi send max-width=1280;max-height=720;max-br=1500000\n"
	  "a=rid:lo send pt=96;max-width=320\n"
	  "a=simulcast:send hi;lo\n" },
	/* Before the lines that it names; the order is its own. */
	{ "a=simulcast:recv a;~b,c send 1\r\n"
	  "a=rid:c recv\r\na=rid:b recv\r\na=rid:a recv\r\na=rid:1 send\r\n",
	  "a=rid:a recv\na=rid:b recv\na=rid:c recv\na=rid:1 send\n"
	  "a=simulcast:send 1 recv a;~b,c\n" },
	/* One name in both directions is two layers. */
	{ "a=rid:1 send\r\na=rid:1 recv\r\na=simulcast:send 1 recv 1\r\n",
	  "a=rid:1 send\na=rid:1 recv\na=simulcast:send 1 recv 1\n" },
	/* What has no a=rid is not there (RFC 8853). */
	{ "a=simulcast:send 1;2\r\na=rid:2 send\r\n",
	  "a=rid:2 send\na=simulcast:send 2\n" },
	{ "a=simulcast:send 1\r\n", "" },
	{ "a=simulcast:send 1,2;3\r\na=rid:2 send\r\na=rid:3 send\r\n",
	  "a=rid:2 send\na=rid:3 send\na=simulcast:send 2;3\n" },
	/* Of two the first. */
	{ "a=rid:1 send max-fps=5\r\na=rid:1 send max-fps=30\r\n",
	  "a=rid:1 send max-fps=5\n" },
	{ "a=rid:1 send\r\na=rid:2 send\r\n"
	  "a=simulcast:send 2;1;2\r\na=simulcast:send 1\r\n",
	  "a=rid:1 send\na=rid:2 send\na=simulcast:send 2;1\n" },
	/* Malformed: left out, and the rest stands. */
	{ "a=rid:\r\na=rid:1\r\na=rid:1 sendrecv\r\na=rid:a.b send\r\n"
	  "a=rid:12345678901234567 send\r\na=rid:1;2 send\r\n"
	  "a=rid:\xff send\r\na=rid:1234567890123456 send\r\n",
	  "a=rid:1234567890123456 send\n" },
	{ "a=rid:1 send\r\na=simulcast:\r\na=simulcast:send\r\n"
	  "a=simulcast:send ;\r\na=simulcast:send 1;\r\n"
	  "a=simulcast:send 1,,1\r\na=simulcast:send ~\r\n"
	  "a=simulcast:send ~~1\r\na=simulcast:send 1 send 1\r\n"
	  "a=simulcast:send 1 recv\r\na=simulcast:send 1 recv 1 x\r\n"
	  "a=simulcast:send rid=1\r\na=simulcast: 1\r\n",
	  "a=rid:1 send\n" },
};

static void lines_are_read_and_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		assert_int_equal(parse(&sdp, rows[i].in), 0);
		assert_string_equal(written(&sdp), rows[i].out);
	}
}

static void before_all_sections_they_mean_nothing(void **state)
{
	static const char text[] = "v=0\na=rid:1 send\na=simulcast:send 1";

	(void)state;
	assert_int_equal(vc_sdp_parse(&sdp, text, sizeof(text) - 1), 0);
	assert_int_equal(sdp.n_media, 0);
}

static void there_is_a_limit(void **state)
{
	char lines[2048] = "", one[64], list[1024] = "a=simulcast:send ";

	(void)state;
	for (int i = 0; i <= VC_SDP_RID_MAX; i++) {
		if (i == VC_SDP_RID_MAX)
			assert_int_equal(parse(&sdp, lines), 0);
		snprintf(one, sizeof(one), "a=rid:%d send\r\n", i);
		strcat(lines, one);
		snprintf(one, sizeof(one), "%s%d", i ? ";" : "", i);
		strcat(list, one);
	}
	assert_int_equal(parse(&sdp, lines), -E2BIG);
	assert_string_equal(sdp.bad_why, "too many layers");
	assert_int_equal(parse(&sdp, list), -E2BIG);
	/* One name over and over is one layer. */
	strcpy(list, "a=simulcast:send 1");
	for (int i = 0; i < 450; i++)
		strcat(list, i & 1 ? ";1" : ",1");
	strcat(list, "\r\na=rid:1 send\r\n");
	assert_int_equal(parse(&sdp, list), 0);
	assert_string_equal(written(&sdp),
			    "a=rid:1 send\na=simulcast:send 1\n");
}

static void what_ends_a_line_is_not_written(void **state)
{
	char buf[1024];

	(void)state;
	assert_int_equal(parse(&sdp, ""), 0);
	vc_sdp_add_rid(&sdp.media[0], vc_str_c("1"), vc_str_c("a\nb"));
	assert_int_equal(vc_sdp_write(&sdp, buf, sizeof(buf)), -EINVAL);
	sdp.media[0].rid[0].params = vc_str_c("");
	sdp.media[0].rid[0].id = vc_str_c("1\r");
	assert_int_equal(vc_sdp_write(&sdp, buf, sizeof(buf)), -EINVAL);
}

static void descriptions_are_joined(void **state)
{
	(void)state;
	assert_int_equal(parse(&sdp, "a=rid:2 send max-width=640\r\n"
				     "a=rid:1 send max-width=320\r\n"
				     "a=simulcast:send 2;1\r\n"),
			 0);
	assert_int_equal(parse(&other, "a=rid:h send pt=96\r\n"
				       "a=rid:1 send max-width=160\r\n"
				       "a=rid:2 send max-width=640\r\n"
				       "a=simulcast:send h,1;2\r\n"),
			 0);
	vc_sdp_join_rids(&sdp.media[0], &other.media[0], false);
	assert_string_equal(written(&sdp), "a=rid:2 send max-width=640\n"
					   "a=rid:1 send\n"
					   "a=rid:h send pt=96\n"
					   "a=simulcast:send 2;1;h\n");
	/* Again it changes nothing; payload types may have changed. */
	vc_sdp_join_rids(&sdp.media[0], &other.media[0], false);
	assert_int_equal(sdp.media[0].n_rid, 3);
	assert_int_equal(parse(&sdp, ""), 0);
	vc_sdp_join_rids(&sdp.media[0], &other.media[0], true);
	assert_int_equal(sdp.media[0].rid[0].params.len, 0);
	assert_int_equal(sdp.media[0].rid[1].params.len, 13);
}

/* What does not fit any more is left out. */
static void joining_has_a_limit(void **state)
{
	static char ids[2][VC_SDP_RID_MAX][8];

	(void)state;
	assert_int_equal(parse(&sdp, ""), 0);
	assert_int_equal(parse(&other, ""), 0);
	for (int i = 0; i < VC_SDP_RID_MAX; i++) {
		snprintf(ids[0][i], sizeof(ids[0][i]), "a%d", i);
		snprintf(ids[1][i], sizeof(ids[1][i]), "b%d", i);
		if (i < 10)
			vc_sdp_add_rid(&sdp.media[0], vc_str_c(ids[0][i]),
				       vc_str_c(NULL));
		vc_sdp_add_rid(&other.media[0], vc_str_c(ids[1][i]),
			       vc_str_c(NULL));
	}
	vc_sdp_add_rid(&other.media[0], vc_str_c("b3"), vc_str_c("x"));
	assert_int_equal(other.media[0].n_rid, VC_SDP_RID_MAX);
	vc_sdp_join_rids(&sdp.media[0], &other.media[0], false);
	assert_int_equal(sdp.media[0].n_rid, VC_SDP_RID_MAX);
	assert_non_null(strstr(written(&sdp), ";a9;b0;"));
}

static void the_other_end_turns_them(void **state)
{
	(void)state;
	assert_int_equal(parse(&sdp, "a=rid:1 send\r\na=rid:2 recv\r\n"
				     "a=simulcast:send 1 recv 2\r\n"),
			 0);
	vc_sdp_turn_rids(&sdp.media[0]);
	assert_string_equal(written(&sdp), "a=rid:1 recv\na=rid:2 send\n"
					   "a=simulcast:send 2 recv 1\n");
	vc_sdp_keep_sent_rids(&sdp.media[0]);
	assert_string_equal(written(&sdp),
			    "a=rid:2 send\na=simulcast:send 2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_read_and_written),
		cmocka_unit_test(before_all_sections_they_mean_nothing),
		cmocka_unit_test(there_is_a_limit),
		cmocka_unit_test(what_ends_a_line_is_not_written),
		cmocka_unit_test(descriptions_are_joined),
		cmocka_unit_test(joining_has_a_limit),
		cmocka_unit_test(the_other_end_turns_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
