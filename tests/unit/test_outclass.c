/* SPDX-License-Identifier: MIT */
/* What classes say, and how they are wrong. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/outclass.h"

#define VIDEO .has_video = true
#define AUDIO .has_audio = true

static void classes_are_read(void **state)
{
	static const struct {
		const char *text;
		struct vc_outclass c;
	} rows[] = {
		{ "low:640x360",
		  { .name = "low", VIDEO, .width = 640, .height = 360 } },
		{ "low:640x360@300k",
		  { .name = "low",
		    VIDEO,
		    .width = 640,
		    .height = 360,
		    .vbitrate_bps = 300000 } },
		{ "low:640x360/15",
		  { .name = "low",
		    VIDEO,
		    .width = 640,
		    .height = 360,
		    .fps_num = 15,
		    .fps_den = 1 } },
		{ "l.o-w_2:640x360@1.5M/30000/1001",
		  { .name = "l.o-w_2",
		    VIDEO,
		    .width = 640,
		    .height = 360,
		    .vbitrate_bps = 1500000,
		    .fps_num = 30000,
		    .fps_den = 1001 } },
		{ "a:64x4096@6k/0.1",
		  { .name = "a",
		    VIDEO,
		    .width = 64,
		    .height = 4096,
		    .vbitrate_bps = 6000,
		    .fps_num = 1,
		    .fps_den = 10 } },
		{ "a:4096x64@50M/240",
		  { .name = "a",
		    VIDEO,
		    .width = 4096,
		    .height = 64,
		    .vbitrate_bps = 50000000,
		    .fps_num = 240,
		    .fps_den = 1 } },
		{ "phone:pcmu",
		  { .name = "phone", AUDIO, .acodec = VC_CODEC_PCMU } },
		{ "phone:PCMA/8000/1",
		  { .name = "phone",
		    AUDIO,
		    .acodec = VC_CODEC_PCMA,
		    .rate_hz = 8000,
		    .channels = 1 } },
		{ "x:g722/8000",
		  { .name = "x",
		    AUDIO,
		    .acodec = VC_CODEC_G722,
		    .rate_hz = 8000 } },
		{ "x:l16/44100/2",
		  { .name = "x",
		    AUDIO,
		    .acodec = VC_CODEC_L16,
		    .rate_hz = 44100,
		    .channels = 2 } },
		{ "x:opus@6k",
		  { .name = "x",
		    AUDIO,
		    .acodec = VC_CODEC_OPUS,
		    .abitrate_bps = 6000 } },
		{ "hall:1280x720@1500k+opus/48000/2@96k",
		  { .name = "hall",
		    VIDEO,
		    .width = 1280,
		    .height = 720,
		    .vbitrate_bps = 1500000,
		    AUDIO,
		    .acodec = VC_CODEC_OPUS,
		    .rate_hz = 48000,
		    .channels = 2,
		    .abitrate_bps = 96000 } },
		{ "hall:opus+1280x720/25",
		  { .name = "hall",
		    VIDEO,
		    .width = 1280,
		    .height = 720,
		    .fps_num = 25,
		    .fps_den = 1,
		    AUDIO,
		    .acodec = VC_CODEC_OPUS } },
	};
	char why[VC_OUTCLASS_WHY];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_outclasses all = { .n = 0 };
		const struct vc_outclass *c = &all.v[0], *r = &rows[i].c;

		if (vc_outclasses_add(&all, vc_str_c(rows[i].text), why))
			fail_msg("%s: %s", rows[i].text, why);
		assert_int_equal(all.n, 1);
		assert_string_equal(c->name, r->name);
		assert_int_equal(c->has_video, r->has_video);
		assert_int_equal(c->width, r->width);
		assert_int_equal(c->height, r->height);
		assert_int_equal(c->vbitrate_bps, r->vbitrate_bps);
		assert_int_equal(c->fps_num, r->fps_num);
		assert_int_equal(c->fps_den, r->fps_den);
		assert_int_equal(c->has_audio, r->has_audio);
		assert_int_equal(c->acodec, r->acodec);
		assert_int_equal(c->rate_hz, r->rate_hz);
		assert_int_equal(c->channels, r->channels);
		assert_int_equal(c->abitrate_bps, r->abitrate_bps);
	}
}

#define NUMBERS "opus, pcmu, pcma, g722 or l16"

static void wrong_classes_say_why(void **state)
{
	static const struct {
		const char *text, *why; /* a part of it */
	} rows[] = {
		{ "", "NAME:ITEM" },
		{ "low", "NAME:ITEM" },
		{ "low:640x360,", "NAME:ITEM" },
		{ ",low:640x360", "NAME:ITEM" },
		{ ":640x360", "a name is" },
		{ "a b:640x360", "'a b': a name is" },
		{ "a=b:640x360", "a name is" },
		{ "0123456789012345678901234567890x:pcmu", "a name is" },
		{ "low:", "an item is missing" },
		{ "low:+pcmu", "an item is missing" },
		{ "low:pcmu+", "an item is missing" },
		{ "low:pcmu+g722", "'g722': a class has one codec" },
		{ "low:640x360+64x64", "'64x64': a class has one size" },
		{ "low:640", "WxH" },
		{ "low:640x", "WxH" },
		{ "low:640x360x3", "WxH" },
		{ "low:641x360", "even numbers" },
		{ "low:640x361", "even numbers" },
		{ "low:62x64", "from 64 to 4096" },
		{ "low:64x4098", "from 64 to 4096" },
		{ "low:99999999999999999999999999999999x64", "WxH" },
		{ "low:640x360@", "bit rate from 6k to 50M" },
		{ "low:640x360@300", "bit rate from 6k to 50M" },
		{ "low:640x360@5999", "bit rate from 6k to 50M" },
		{ "low:640x360@50000001", "bit rate from 6k to 50M" },
		{ "low:640x360@1M@1M", "bit rate from 6k to 50M" },
		{ "low:640x360/", "frames a second" },
		{ "low:640x360/0", "frames a second" },
		{ "low:640x360/0.09", "frames a second" },
		{ "low:640x360/241", "frames a second" },
		{ "low:640x360/15@300k", "frames a second" },
		{ "low:640x360/-1", "frames a second" },
		{ "low:h264", NUMBERS },
		{ "low:none", NUMBERS },
		{ "low:red", NUMBERS },
		{ "low:-1x3", NUMBERS },
		{ "low:/48000", NUMBERS },
		{ "low:opus/", "of HZ" },
		{ "low:opus/16000", "of HZ" },
		{ "low:g722/16000", "of HZ" },
		{ "low:l16/48001", "of HZ" },
		{ "low:l16/7999", "of HZ" },
		{ "low:opus/48000/", "1 channel" },
		{ "low:opus/48000/0", "1 channel" },
		{ "low:opus/48000/3", "1 channel" },
		{ "low:pcmu/8000/2", "1 channel" },
		{ "low:opus/48000/2/1", "1 channel" },
		{ "low:opus@", "bit rate from 6k to 510k" },
		{ "low:opus@511k", "bit rate from 6k to 510k" },
		{ "low:pcmu@64k", "only opus" },
		{ "low:pcmu,low:g722", "'low': there is a class" },
		{ "low:\x1b[2J", "'\\x1b[2J'" },
	};
	char why[VC_OUTCLASS_WHY];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_outclasses all = { .n = 0 };

		assert_int_equal(
			vc_outclasses_add(&all, vc_str_c("x:pcma"), why), 0);
		assert_int_equal(vc_outclasses_add(&all, vc_str_c(rows[i].text),
						   why),
				 -EINVAL);
		if (!strstr(why, rows[i].why))
			fail_msg("%s: %s", rows[i].text, why);
		assert_int_equal(all.n, 1);
	}
}

/* An octet that is no text ends no number early. */
static void nul_is_no_end(void **state)
{
	static const char size[] = "a:640x360\0x", rate[] = "a:opus@6k\0x",
			  name[] = "a\0b:pcmu";
	struct vc_outclasses all = { .n = 0 };
	char why[VC_OUTCLASS_WHY];

	(void)state;
	assert_int_equal(
		vc_outclasses_add(&all, vc_str_of(size, sizeof(size) - 1), why),
		-EINVAL);
	assert_int_equal(
		vc_outclasses_add(&all, vc_str_of(rate, sizeof(rate) - 1), why),
		-EINVAL);
	assert_int_equal(
		vc_outclasses_add(&all, vc_str_of(name, sizeof(name) - 1), why),
		-EINVAL);
	assert_int_equal(all.n, 0);
}

static void they_are_found_by_name_and_counted(void **state)
{
	struct vc_outclasses all = { .n = 0 };
	char why[VC_OUTCLASS_WHY], text[32];

	(void)state;
	assert_null(vc_outclass_find(&all, vc_str_c("c0")));
	for (int i = 0; i < VC_OUTCLASSES_MAX; i += 2) {
		snprintf(text, sizeof(text), "c%d:pcmu,c%d:g722", i, i + 1);
		assert_int_equal(vc_outclasses_add(&all, vc_str_c(text), why),
				 0);
	}
	assert_int_equal(all.n, VC_OUTCLASSES_MAX);
	assert_ptr_equal(vc_outclass_find(&all, vc_str_c("c7")), &all.v[7]);
	assert_null(vc_outclass_find(&all, vc_str_c("c")));
	assert_null(vc_outclass_find(&all, vc_str_c("C7")));
	assert_null(vc_outclass_find(&all, vc_str_c("c77")));
	assert_int_equal(vc_outclasses_add(&all, vc_str_c("more:pcmu"), why),
			 -EINVAL);
	assert_non_null(strstr(why, "more than 32"));
	assert_int_equal(all.n, VC_OUTCLASSES_MAX);
}

static void a_rate_divides_the_clocks_or_not(void **state)
{
	static const struct {
		int num, den, clock_num, clock_den;
		unsigned int every;
	} rows[] = {
		{ 0, 0, 30, 1, 1 },
		{ 30, 1, 30, 1, 1 },
		{ 15, 1, 30, 1, 2 },
		{ 1, 10, 30, 1, 300 },
		{ 25, 1, 30, 1, 0 },
		{ 60, 1, 30, 1, 0 },
		{ 15, 1, 30000, 1001, 0 },
		{ 15000, 1001, 30000, 1001, 2 },
		{ 30000, 1001, 60, 1, 0 },
		{ 5, 2, 5, 1, 2 },
		{ 1, 1, 1000000000, 1, 1000000000 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_outclass c = { .fps_num = rows[i].num,
					       .fps_den = rows[i].den };

		assert_int_equal(vc_outclass_every(&c, rows[i].clock_num,
						   rows[i].clock_den),
				 rows[i].every);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_are_read),
		cmocka_unit_test(wrong_classes_say_why),
		cmocka_unit_test(nul_is_no_end),
		cmocka_unit_test(they_are_found_by_name_and_counted),
		cmocka_unit_test(a_rate_divides_the_clocks_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
