/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>

#include "base/json.h"
#include "mixroom.h"

/* Frames of source 's' of participant 'who', by the statistics. */
static int64_t decoded(struct room *r, size_t who, size_t s)
{
	struct vc_json *j = vc_json_object();
	const struct vc_json *p;
	int64_t v = -1;

	vc_mixer_stats(r->m, j);
	p = vc_json_get(vc_json_get(j, "mix"), "participants");
	p = vc_json_at(vc_json_get(vc_json_at(p, who), "sources"), s);
	assert_true(vc_json_get_int(p, "frames", &v));
	vc_json_free(j);
	return v;
}

static void all_hear_all(void **state)
{
	struct out *audio, *video;
	struct room r;

	(void)state;
	open_room(&r, NULL, 1);
	for (uint32_t i = 0; i < 3; i++)
		join(&r, i, true, true);
	run(&r, 100);
	assert_int_equal(r.n, 2);
	audio = out_to(&r, VC_AUDIO, "");
	video = out_to(&r, VC_VIDEO, "");
	assert_int_equal(audio->packets, 100);
	assert_int_equal(audio->n_csrc, 3);
	assert_int_equal(video->n_csrc, 3);
	assert_int_equal(video->csrc[0], 200);
	/* The first pictures are due after 60 ms. */
	assert_in_range(video->frames, 48, 49);
	assert_int_equal(video->key_frames, 1);
	assert_true(audio->level < 30);
	assert_true(r.has_named[0] && r.has_named[1] && r.has_named[2]);
	assert_string_equal(r.talk, "alice+ bob+ carol+ ");
	vc_mixer_end(r.m, r.now);
	assert_int_equal(r.byes, 2);
	assert_true(audio->has_ended && video->has_ended);
	close_room(&r);
}

static void nobody_hears_himself(void **state)
{
	static const char *const names[] = { "alice", "bob", "carol" };
	struct room r;

	(void)state;
	open_room(&r, vc_policy_preset("symmetric"), 1);
	for (uint32_t i = 0; i < 3; i++)
		join(&r, i, i < 2, true);
	run(&r, 50);
	assert_int_equal(r.n, 4);
	for (uint32_t i = 0; i < 3; i++) {
		struct out *o = out_to(&r, VC_AUDIO, names[i]);

		assert_int_equal(o->packets, 50);
		assert_int_equal(o->n_csrc, i < 2 ? 1 : 2);
		for (unsigned int k = 0; k < o->n_csrc; k++)
			assert_int_not_equal(o->csrc[k], 100 + i);
	}
	/* Alone with himself: silence. */
	leave(&r, 1);
	run(&r, 50);
	assert_true(out_to(&r, VC_AUDIO, "bob")->has_ended);
	assert_int_equal(r.byes, 1);
	assert_int_equal(out_to(&r, VC_AUDIO, "alice")->level, 127);
	assert_int_equal(out_to(&r, VC_AUDIO, "alice")->n_csrc, 0);
	assert_true(out_to(&r, VC_AUDIO, "carol")->level < 30);
	close_room(&r);
}

/* He who comes back is a new source; a name that is learnt is no new one. */
static void outputs_follow_people(void **state)
{
	uint32_t before;
	struct room r;

	(void)state;
	open_room(&r, vc_policy_preset("symmetric"), 0);
	join(&r, 0, true, false);
	join(&r, 1, true, false);
	run(&r, 20);
	before = out_to(&r, VC_AUDIO, "alice")->ssrc;
	vc_mixer_who_set(r.m, r.people[0].who, "alicia", true, "Alicia", "a");
	run(&r, 1);
	assert_int_equal(out_to(&r, VC_AUDIO, "alicia")->ssrc, before);
	leave(&r, 0);
	feed_close(&r.people[0].audio);
	r.people[0].audio.pool = NULL;
	run(&r, 10);
	join(&r, 0, true, false);
	run(&r, 10);
	assert_int_not_equal(out_to(&r, VC_AUDIO, "alice")->ssrc, before);
	assert_int_equal(out_to(&r, VC_AUDIO, "bob")->packets, 41);
	close_room(&r);
}

/* One sends nothing for a while, then pictures of another size. */
static void a_stall_holds_up_nobody(void **state)
{
	struct vc_mixer_source *s;
	struct out *video;
	struct room r;

	(void)state;
	open_room(&r, NULL, 1);
	join(&r, 0, true, true);
	join(&r, 1, true, true);
	run(&r, 50);
	video = out_to(&r, VC_VIDEO, "");
	s = r.people[1].shows;
	r.people[1].shows = NULL;
	run(&r, 100);
	assert_in_range(video->frames, 73, 74);
	assert_int_equal(video->n_csrc, 2); /* his last picture is seen */
	r.people[1].shows = s;
	for (int i = 0; i < 5; i++) {
		int64_t t = r.now + i * 40 * VC_MS;

		feed_video(&r.people[1].video, 96 + 32 * i, 160, 100, false, t,
			   t, 0);
	}
	r.people[1].shows = NULL;
	run(&r, 50);
	assert_in_range(video->frames, 98, 99);
	assert_int_equal(decoded(&r, 1, 1), 25 + 5);
	r.people[1].shows = s;
	close_room(&r);
}

static void what_is_held_is_played(void **state)
{
	struct room r;
	int ticks = 0;

	(void)state;
	open_room(&r, NULL, 1);
	join(&r, 0, true, true);
	run(&r, 20);
	assert_true(vc_mixer_held(r.m));
	vc_mixer_source_end(r.people[0].hears);
	vc_mixer_source_end(r.people[0].shows);
	r.people[0].audio.put = r.people[0].video.put = NULL;
	r.people[0].hears = r.people[0].shows = NULL;
	for (; vc_mixer_held(r.m) && ticks < 100; ticks++)
		run(&r, 1);
	assert_in_range(ticks, 3, 6);
	close_room(&r);
}

static void key_frames_come_once_a_second(void **state)
{
	struct out *video;
	struct room r;

	(void)state;
	open_room(&r, NULL, 0);
	join(&r, 0, false, true);
	run(&r, 60);
	video = out_to(&r, VC_VIDEO, "");
	assert_int_equal(video->key_frames, 1);
	for (int i = 0; i < 100; i++) {
		vc_mixer_keyframe(r.m, 0);
		run(&r, 1);
	}
	assert_in_range(video->key_frames, 3, 4);
	assert_int_equal(vc_mixer_keyframe(r.m, video->ssrc), 0);
	assert_int_equal(vc_mixer_keyframe(r.m, 12345), -ENOENT);
	assert_int_equal(vc_mixer_bitrate(r.m, 0, 100000), 0);
	assert_int_equal(vc_mixer_bitrate(r.m, 12345, 100000), -ENOENT);
	close_room(&r);
}

/* What follows a lost frame is of no use: the sender is told. */
static void a_key_frame_is_asked_for(void **state)
{
	struct room r;

	(void)state;
	open_room(&r, NULL, 1);
	join(&r, 0, false, true);
	run(&r, 20);
	assert_int_equal(r.keys_asked, 0);
	feed_video(&r.people[0].video, 160, 96, 50, false, r.now, r.now,
		   ~UINT64_C(0));
	run(&r, 20);
	assert_true(r.keys_asked > 0);
	close_room(&r);
}

/* "alice bob" of a list of what vc_mixer_tell() says of person 'i'. */
static const char *told(struct room *r, size_t i, const char *list,
			char out[static 64])
{
	struct vc_json *j = vc_json_object();
	const struct vc_json *ids;

	vc_mixer_tell(r->m, r->people[i].who, true, j);
	ids = vc_json_get(j, list);
	out[0] = 0;
	for (size_t k = 0; k < vc_json_len(ids); k++)
		snprintf(out + strlen(out), 64 - strlen(out), "%s%s",
			 k ? " " : "", vc_json_str_at(ids, k));
	vc_json_free(j);
	return out;
}

/* Who is out gets nothing, not even what is for everybody. */
static void out_is_out(void **state)
{
	struct out *all;
	struct room r;
	char t[64];

	(void)state;
	open_room(&r, NULL, 0);
	for (uint32_t i = 0; i < 3; i++)
		join(&r, i, true, true);
	assert_string_equal(told(&r, 0, "hears", t), "alice bob carol");
	run(&r, 20);
	all = out_to(&r, VC_AUDIO, "");
	vc_mixer_set_off(r.m, r.people[1].who, VC_MIXER_OUT);
	assert_string_equal(told(&r, 0, "hears", t), "alice carol");
	assert_string_equal(told(&r, 0, "sees", t), "alice carol");
	assert_string_equal(told(&r, 1, "hears", t), "");
	assert_string_equal(told(&r, 1, "sees", t), "");
	run(&r, 20);
	assert_string_equal(all->to, "-bob");
	assert_int_equal(all->n_csrc, 2);
	assert_string_equal(out_to(&r, VC_VIDEO, "-bob")->to, "-bob");
	assert_int_equal(out_to(&r, VC_VIDEO, "-bob")->n_csrc, 2);
	vc_mixer_set_off(r.m, r.people[1].who, 0);
	run(&r, 20);
	assert_string_equal(all->to, "");
	assert_int_equal(all->n_csrc, 3);
	close_room(&r);
}

/* Who was left out of what is for all others, and left, is so no longer. */
static void who_left_is_not_named(void **state)
{
	struct out *others;
	struct room r;

	(void)state;
	open_room(&r, vc_policy_preset("panel"), 0);
	for (uint32_t i = 0; i < 3; i++)
		join(&r, i, true, false);
	vc_mixer_set_role(r.m, r.people[0].who, "speaker");
	vc_mixer_set_role(r.m, r.people[1].who, "speaker");
	run(&r, 20);
	others = out_to(&r, VC_AUDIO, "-alice bob");
	leave(&r, 1);
	run(&r, 20);
	assert_string_equal(others->to, "-alice");
	close_room(&r);
}

/* As soon as it is said, without a tick in between. */
#define CROWD 300

/* One a tick. With each of them all would be named: 2,000 packets and more. */
static void a_crowd_is_not_named_with_each_who_comes(void **state)
{
	static struct vc_playout_source play[CROWD];
	struct room r;
	int err;

	(void)state;
	open_room(&r, NULL, 0);
	join(&r, 0, true, false);
	for (uint32_t i = 0; i < CROWD; i++) {
		struct vc_mixer_who *who = vc_mixer_who_new(r.m);
		unsigned int before = r.rtcp;
		char id[32];

		snprintf(id, sizeof(id), "somebody-%u", i);
		vc_mixer_who_set(r.m, who, id, true, id, id);
		vc_playout_source_init(&play[i], 48000);
		assert_non_null(vc_mixer_source_new(r.m, who, 1000 + i,
						    VC_CODEC_OPUS, 48000,
						    &play[i], &err));
		run(&r, 1);
		if (i < 10)
			assert_true(r.rtcp > before);
	}
	assert_in_range(r.rtcp, CROWD / 50, 200);
	close_room(&r);
}

static void what_is_told_is_new(void **state)
{
	struct room r;
	char t[64];

	(void)state;
	open_room(&r, vc_policy_preset("lesson"), 0);
	for (uint32_t i = 0; i < 3; i++)
		join(&r, i, true, true);
	assert_string_equal(told(&r, 0, "hears", t), "");
	vc_mixer_set_role(r.m, r.people[1].who, "lecturer");
	assert_string_equal(told(&r, 0, "hears", t), "bob");
	assert_string_equal(told(&r, 0, "sees", t), "bob");
	assert_string_equal(told(&r, 1, "hears", t), "alice carol");
	vc_mixer_set_off(r.m, r.people[0].who, VC_MIXER_DEAF);
	assert_string_equal(told(&r, 0, "hears", t), "");
	assert_string_equal(told(&r, 0, "sees", t), "bob");
	vc_mixer_set_off(r.m, r.people[1].who,
			 VC_MIXER_MUTED | VC_MIXER_HIDDEN);
	assert_string_equal(told(&r, 2, "hears", t), "");
	assert_string_equal(told(&r, 2, "sees", t), "");
	close_room(&r);
}

static uint64_t digest(unsigned int threads)
{
	uint64_t hash;
	struct room r;

	open_room(&r, vc_policy_preset("symmetric"), threads);
	for (uint32_t i = 0; i < 3; i++)
		join(&r, i, true, true);
	run(&r, 40);
	leave(&r, 1);
	run(&r, 40);
	vc_mixer_end(r.m, r.now);
	hash = r.hash;
	close_room(&r);
	return hash;
}

static void threads_change_nothing(void **state)
{
	uint64_t hash = digest(0);

	(void)state;
	assert_true(digest(1) == hash);
	assert_true(digest(4) == hash);
}

static int64_t counted(const struct room *r, const char *what)
{
	struct vc_json *j = vc_json_object();
	int64_t v = -1;

	vc_mixer_stats(r->m, j);
	assert_true(vc_json_get_int(vc_json_get(j, "mix"), what, &v));
	vc_json_free(j);
	return v;
}

/* With a deadline nobody waits for an encoder; what it makes goes out later. */
static void a_late_picture_holds_up_nothing(void **state)
{
	struct pollfd p = { .events = POLLIN };
	int64_t number = 1000, rests;
	unsigned int frames;
	struct out *video;
	struct room r;

	(void)state;
	open_room(&r, NULL, 2);
	join(&r, 0, false, true);
	run(&r, 20);
	video = out_to(&r, VC_VIDEO, "");
	frames = video->frames;
	p.fd = vc_mixer_fd(r.m);
	for (int i = 0; i < 20; i++) {
		r.now += 2 * FRAME;
		vc_mixer_video(r.m, r.now, number++, 0);
		while (video->frames == frames) {
			assert_int_equal(poll(&p, 1, 10000), 1);
			vc_mixer_flush(r.m);
		}
		frames++;
		assert_int_equal(video->frames, frames);
	}
	assert_int_equal(counted(&r, "late_pictures"), 0);
	rests = counted(&r, "rests");
	/* As fast as can be: each is sent or left out, and told of. */
	for (int i = 0; i < 200; i++) {
		r.now += 2 * FRAME;
		vc_mixer_video(r.m, r.now, number++, 0);
	}
	vc_mixer_end(r.m, r.now);
	assert_int_equal(video->frames + counted(&r, "late_pictures") +
				 counted(&r, "rests") - rests,
			 frames + 200);
	assert_true(video->has_ended);
	close_room(&r);
}

/* Initials do not move: few pictures, but key frames when they are due. */
static void a_picture_at_rest_is_encoded_less(void **state)
{
	struct out *video;
	unsigned int frames, keys;
	struct room r;

	(void)state;
	open_room(&r, NULL, 1);
	join(&r, 0, true, false);
	run(&r, 100);
	video = out_to(&r, VC_VIDEO, "");
	frames = video->frames;
	run(&r, 100);
	assert_in_range(video->frames - frames, 16, 18);
	keys = video->key_frames;
	vc_mixer_keyframe(r.m, 0);
	run(&r, 3);
	assert_int_equal(video->key_frames, keys + 1);
	/* It moves: all of them again, from the first one on. */
	join(&r, 1, false, true);
	run(&r, 20);
	frames = video->frames;
	run(&r, 50);
	assert_in_range(video->frames - frames, 24, 26);
	close_room(&r);
}

static void statistics_tell(void **state)
{
	struct vc_json *j = vc_json_object();
	const struct vc_json *mix, *who;
	struct room r;
	int64_t v;

	(void)state;
	open_room(&r, NULL, 1);
	join(&r, 0, true, true);
	run(&r, 20);
	vc_mixer_stats(r.m, j);
	mix = vc_json_get(j, "mix");
	assert_true(vc_json_get_int(mix, "audio_frames", &v));
	assert_int_equal(v, 20);
	who = vc_json_at(vc_json_get(mix, "participants"), 0);
	assert_string_equal(vc_json_get_str(who, "id"), "alice");
	assert_int_equal(vc_json_len(vc_json_get(who, "sources")), 2);
	vc_json_free(j);
	close_room(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_hear_all),
		cmocka_unit_test(nobody_hears_himself),
		cmocka_unit_test(outputs_follow_people),
		cmocka_unit_test(a_stall_holds_up_nobody),
		cmocka_unit_test(what_is_held_is_played),
		cmocka_unit_test(key_frames_come_once_a_second),
		cmocka_unit_test(a_key_frame_is_asked_for),
		cmocka_unit_test(out_is_out),
		cmocka_unit_test(who_left_is_not_named),
		cmocka_unit_test(a_crowd_is_not_named_with_each_who_comes),
		cmocka_unit_test(what_is_told_is_new),
		cmocka_unit_test(threads_change_nothing),
		cmocka_unit_test(a_late_picture_holds_up_nothing),
		cmocka_unit_test(a_picture_at_rest_is_encoded_less),
		cmocka_unit_test(statistics_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
