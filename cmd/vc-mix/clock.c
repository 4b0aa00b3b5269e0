/* SPDX-License-Identifier: MIT */
/*
 * Two timers whose deadlines are counted from the stream's beginning, so that
 * nothing drifts. Where time went on without us (the process was stopped, a
 * recording has a hole) the ticks in between are left out.
 */
#include "base/time.h"
#include "mix.h"

#define BEHIND (200 * VC_MS)

static int64_t audio_time(const struct mix *mix, int64_t tick)
{
	return mix->epoch + (tick + 1) * VC_MIXER_TICK;
}

static void audio_due(void *ctx, int64_t now)
{
	struct mix *mix = ctx;
	int64_t late = now - audio_time(mix, mix->audio_tick);
	int64_t next;

	people_tick(mix);
	if (late > BEHIND) {
		mix->audio_tick += late / VC_MIXER_TICK;
		mix->skipped += (uint64_t)(late / VC_MIXER_TICK);
	}
	while (audio_time(mix, mix->audio_tick) <= now) {
		vc_mixer_audio(mix->mixer, audio_time(mix, mix->audio_tick));
		mix->audio_tick++;
	}
	next = audio_time(mix, mix->audio_tick);
	/* What comes until then is heard then. */
	if (!mix->conf.video && mix->conf.audio_way == VC_MIXER_MIX)
		vc_in_gather(mix->in, next);
	vc_timer_arm(mix->loop, &mix->audio_timer, next);
}

/* Exact at any frame number: whole seconds apart from the rest. */
static int64_t video_time(const struct mix *mix, int64_t frame)
{
	int64_t num = mix->conf.fps_num, den = mix->conf.fps_den;
	int64_t part = frame * den;

	return mix->epoch + part / num * VC_SEC + part % num * VC_SEC / num;
}

static void video_due(void *ctx, int64_t now)
{
	struct mix *mix = ctx;
	int64_t frame = mix->video_frame;
	int64_t period = video_time(mix, 1) - video_time(mix, 0);
	int64_t missed = (now - video_time(mix, frame)) / period;
	bool is_live = !vc_loop_is_virtual(mix->loop);
	int64_t deadline = INT64_MAX;
	int64_t begun = vc_mono_now();
	int64_t next;

	people_tick(mix);
	if (missed > 0) {
		frame += missed;
		mix->skipped += (uint64_t)missed;
	}
	if (is_live)
		deadline = begun + period / 2;
	vc_mixer_video(mix->mixer, video_time(mix, frame), frame, deadline);
	mix->video_frame = frame + 1;
	next = video_time(mix, frame + 1);
	/* At most half of the time goes to pictures: sound comes first. */
	if (is_live && next < now + 2 * (vc_mono_now() - begun))
		next = now + 2 * (vc_mono_now() - begun);
	vc_timer_arm(mix->loop, &mix->video_timer, next);
}

static void encoded(void *ctx, unsigned int events)
{
	struct mix *mix = ctx;

	(void)events;
	vc_mixer_flush(mix->mixer);
}

void clock_start(struct mix *mix)
{
	mix->audio_timer = (struct vc_timer){ .fn = audio_due, .ctx = mix };
	mix->video_timer = (struct vc_timer){ .fn = video_due, .ctx = mix };
	mix->encoded = (struct vc_watch){ .fn = encoded,
					  .ctx = mix,
					  .fd = vc_mixer_fd(mix->mixer) };
	/* On the virtual clock a tick sends all that it makes. */
	if (mix->encoded.fd >= 0 && !vc_loop_is_virtual(mix->loop))
		(void)vc_loop_watch(mix->loop, &mix->encoded, VC_READ);
	if (mix->conf.audio)
		vc_timer_arm(mix->loop, &mix->audio_timer, audio_time(mix, 0));
	if (mix->conf.video)
		vc_timer_arm(mix->loop, &mix->video_timer, video_time(mix, 0));
}

void clock_stop(struct mix *mix)
{
	vc_timer_cancel(mix->loop, &mix->audio_timer);
	vc_timer_cancel(mix->loop, &mix->video_timer);
	if (mix->encoded.events)
		(void)vc_loop_watch(mix->loop, &mix->encoded, 0);
}
