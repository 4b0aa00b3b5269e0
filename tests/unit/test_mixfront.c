/* SPDX-License-Identifier: MIT */
/*
 * Who comes to the front of what is selected: his key frame is asked for with
 * the word that he talks, the one before goes on until it is there, and it is
 * the first that is seen of him. And who has the bright frame of a picture.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "mixroom.h"

#define TICK_MS 20
#define ALICE 0
#define BOB 1
#define CAROL 2

/* What is sent in a tick: who speaks, and whether bob's picture is a key. */
static void step(struct room *r, size_t speaker, bool is_bobs_key)
{
	bool has_picture = (r->now - T0) / FRAME % 2 == 0;

	r->now += FRAME;
	feed_audio(&r->people[speaker].audio, r->now - FRAME, r->now, false);
	for (size_t i = ALICE; i <= BOB && has_picture; i++)
		feed_video(&r->people[i].video, 160, 96, 100,
			   i == BOB && is_bobs_key, r->now, r->now, 0);
	vc_mixer_audio(r->m, r->now);
}

static bool is_seen(const struct room *r, const struct out *o, size_t who)
{
	return o->csrc[0] == r->people[who].video.tx.sender.ssrc;
}

static struct out *video_of(struct room *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->outs[i].kind == VC_VIDEO)
			return &r->outs[i];
	fail_msg("nothing is seen");
	return NULL;
}

static int64_t longest_ms(const struct room *r)
{
	struct vc_json *j = vc_json_object();
	const struct vc_json *list, *one;
	int64_t ms = -1;

	vc_mixer_stats(r->m, j);
	list = vc_json_get(vc_json_get(j, "mix"), "selected");
	for (size_t i = 0; (one = vc_json_at(list, i)); i++)
		if (!strcmp(vc_json_get_str(one, "kind"), "video"))
			assert_true(vc_json_get_int(one, "longest_ms", &ms));
	vc_json_free(j);
	return ms;
}

/* Alice talks, then bob; his key frame takes 'delay' ticks from when he is
 * asked. The ticks from then on until he is seen. */
static int ticks_until_seen(struct room *r, int delay)
{
	struct out *video;
	unsigned int asked, frames;
	int since = -1, seen = -1;

	open_room_as(r, VC_MIXER_SELECT, NULL, 0);
	join(r, ALICE, true, true);
	join(r, BOB, true, true);
	for (int i = 0; i < 100; i++)
		step(r, ALICE, false);
	video = video_of(r);
	assert_true(is_seen(r, video, ALICE));
	asked = r->keys_asked;
	for (int i = 0; seen < 0; i++) {
		bool is_due = since >= 0 && i - since >= delay;

		assert_true(i < 500);
		frames = video->frames;
		step(r, BOB, is_due);
		/* A picture every other tick; of both at the change. */
		if ((r->now - T0) / FRAME % 2 == 1)
			assert_in_range(video->frames, frames + 1, frames + 2);
		if (since < 0 && strstr(r->talk, "bob+")) {
			since = i;
			assert_int_equal(r->keys_asked, asked + 1);
			assert_int_equal(r->key_of, 200 + BOB);
		}
		if (is_seen(r, video, BOB))
			seen = i;
		else
			assert_true(is_seen(r, video, ALICE));
		/* Again each second, and no more. */
		if (since >= 0 && seen < 0)
			assert_int_equal(r->keys_asked,
					 asked + 1 +
						 (unsigned int)(i - since) /
							 (1000 / TICK_MS));
	}
	/* He begins with that key frame. */
	assert_int_equal(video->key_frames, 2);
	return seen - since;
}

static void the_front_waits_for_its_key_frame_only(void **state)
{
	static const int delays[] = { 1, 5, 20, 60, 120 };

	(void)state;
	for (size_t i = 0; i < sizeof(delays) / sizeof(*delays); i++) {
		struct room r;
		int ticks = ticks_until_seen(&r, delays[i]);

		/* There is a picture every other tick. */
		assert_in_range(ticks, delays[i], delays[i] + 1);
		assert_in_range(longest_ms(&r), ticks * TICK_MS,
				ticks * TICK_MS + TICK_MS);
		close_room(&r);
	}
}

/* What bob sees of alice, who talks or has no sound. Carol always hears her. */
static uint64_t picture(const char *policy, bool talks)
{
	struct room r;
	uint64_t hash;

	open_room(&r, policy, 0);
	join(&r, ALICE, talks, true);
	join(&r, BOB, false, false);
	join(&r, CAROL, false, false);
	run(&r, 50);
	assert_int_equal(!!strstr(r.talk, "alice+"), talks);
	hash = out_to(&r, VC_VIDEO, "bob")->hash;
	close_room(&r);
	return hash;
}

static void who_is_not_heard_has_no_bright_frame(void **state)
{
	static const char heard[] = "carol alice -\nbob alice alice\n",
			  unheard[] = "carol alice -\nbob carol alice\n",
			  all_deaf[] = "carol alice -\nbob - alice\n";

	(void)state;
	assert_true(picture(heard, true) != picture(heard, false));
	assert_true(picture(unheard, true) == picture(unheard, false));
	/* Who hears nobody sees it as others hear it. */
	assert_true(picture(all_deaf, true) == picture(heard, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_front_waits_for_its_key_frame_only),
		cmocka_unit_test(who_is_not_heard_has_no_bright_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
