/* SPDX-License-Identifier: MIT */
/*
 * A mixer borrows its decoders' pictures. When a frame spoils somebody's, his
 * tile stays as it was drawn until it would be old; slides stay.
 */
#include "mixroom.h"

#include "codec/video.h"
#include "engine/mixer_internal.h"

#define BRIGHT 200
#define NOISE_MAX 40

static int centre_of(const struct room *r)
{
	const struct vc_image *im = vc_compose_canvas(r->m->views->compose);

	return im->y[im->height / 2 * im->stride_y + im->width / 2];
}

static bool is_shown(const struct room *r)
{
	return abs(centre_of(r) - BRIGHT) < 8;
}

/* The mixer's turns alone. */
static void pass(struct room *r, int64_t time)
{
	for (int64_t end = r->now + time; r->now < end;) {
		r->now += 2 * FRAME;
		vc_mixer_audio(r->m, r->now - FRAME);
		vc_mixer_audio(r->m, r->now);
		vc_mixer_video(r->m, r->now, (r->now - T0) / (2 * FRAME),
			       INT64_MAX);
	}
}

static bool is_gone(const struct room *r)
{
	uint64_t generation;

	return !vc_videorx_image(r->people[0].shows->video, &generation) &&
	       generation;
}

/* Key frames of noise, until one spoils the picture before it. */
static void spoil(struct room *r)
{
	uint8_t p[600] = { 0x10, 2, 0, 0x9d, 1, 0x2a, 0xa0, 0, 0x60, 0 };
	struct feed *f = &r->people[0].video;

	for (uint32_t k = 0; k < NOISE_MAX && !is_gone(r); k++) {
		for (uint32_t i = 10; i < sizeof(p); i++)
			p[i] = (uint8_t)((i + k) * 2654435761u >> 24);
		feed_video(f, 160, 96, BRIGHT, true, r->now, r->now, 0);
		pass(r, 4 * FRAME);
		assert_true(is_shown(r));
		f->arrival = r->now;
		vc_tx_video(&f->tx, r->now, r->now, p, sizeof(p), true);
		pass(r, 4 * FRAME);
	}
	assert_true(is_gone(r));
}

static void open_alone(struct room *r, bool is_slides)
{
	open_room(r, NULL, 1);
	join(r, 0, false, true);
	vc_mixer_source_set_slides(r->people[0].shows, is_slides);
	for (int i = 0; i < 25; i++) {
		feed_video(&r->people[0].video, 160, 96, BRIGHT, false, r->now,
			   r->now, 0);
		pass(r, 2 * FRAME);
	}
	assert_true(is_shown(r));
}

static void a_tile_outlives_its_picture(void **state)
{
	struct room r;

	(void)state;
	open_alone(&r, false);
	spoil(&r);
	assert_true(is_shown(&r));
	pass(&r, 4 * VC_SEC);
	assert_true(is_shown(&r));
	pass(&r, 2 * VC_SEC);
	assert_false(is_shown(&r));
	assert_true(r.people[0].shows->is_old);
	/* And there again with the next. */
	feed_video(&r.people[0].video, 160, 96, BRIGHT, true, r.now, r.now, 0);
	pass(&r, 4 * FRAME);
	assert_true(is_shown(&r));
	assert_false(is_gone(&r));
	close_room(&r);
}

/* A frame that is not to be shown: its sender means what was there to stay. */
static void slides_outlive_what_is_hidden(void **state)
{
	struct feed *f;
	struct room r;
	const uint8_t *p;
	uint8_t hidden[65536];
	bool is_key;
	size_t len;

	(void)state;
	open_alone(&r, true);
	f = &r.people[0].video;
	assert_int_equal(vc_videnc_encode(f->vpx, &f->image, f->frame, false,
					  &p, &len, &is_key),
			 0);
	assert_true(!is_key && len <= sizeof(hidden));
	memcpy(hidden, p, len);
	hidden[0] &= 0xef; /* show_frame, RFC 6386 9.1 */
	f->arrival = r.now;
	vc_tx_video(&f->tx, r.now, r.now, hidden, len, false);
	pass(&r, 10 * FRAME);
	assert_true(is_gone(&r));
	pass(&r, 10 * VC_SEC);
	assert_true(is_shown(&r));
	assert_false(r.people[0].shows->is_old);
	close_room(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tile_outlives_its_picture),
		cmocka_unit_test(slides_outlive_what_is_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
