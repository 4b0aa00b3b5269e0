/* SPDX-License-Identifier: MIT */
/*
 * Two timers whose deadlines are counted from the stream's beginning, so that
 * nothing drifts. Where time went on without us (the process was stopped, a
 * recording has a hole) the ticks in between are left out.
 */
#include "tool/mixing.h"

#include "base/time.h"
#include "tool/in.h"

#define BEHIND (200 * VC_MS)

/* Before a tick: who said BYE is awaited no longer. */
static void end_those_who_said_bye(struct vc_mixing *m)
{
	struct vc_source *src = vc_roster_first(vc_in_roster(m->in));

	for (; src; src = src->next)
		if (src->has_bye && src->user)
			vc_mixer_source_end(src->user);
}

static int64_t audio_time(const struct vc_mixing *m, int64_t tick)
{
	return m->conf->epoch + (tick + 1) * VC_MIXER_TICK;
}

static void audio_due(void *ctx, int64_t now)
{
	struct vc_mixing *m = ctx;
	int64_t late = now - audio_time(m, m->audio_tick);
	int64_t next;

	end_those_who_said_bye(m);
	if (late > BEHIND) {
		m->audio_tick += late / VC_MIXER_TICK;
		m->skipped += (uint64_t)(late / VC_MIXER_TICK);
	}
	while (audio_time(m, m->audio_tick) <= now) {
		vc_mixer_audio(m->mixer, audio_time(m, m->audio_tick));
		m->audio_tick++;
	}
	next = audio_time(m, m->audio_tick);
	/* What comes until then is heard then. */
	if (!m->conf->video && m->conf->audio_way == VC_MIXER_MIX)
		vc_in_gather(m->in, next);
	vc_timer_arm(m->loop, &m->audio_timer, next);
}

/* Exact at any frame number: whole seconds apart from the rest. */
static int64_t video_time(const struct vc_mixing *m, int64_t frame)
{
	int64_t num = m->conf->fps_num, den = m->conf->fps_den;
	int64_t part = frame * den;

	return m->conf->epoch + part / num * VC_SEC + part % num * VC_SEC / num;
}

static void video_due(void *ctx, int64_t now)
{
	struct vc_mixing *m = ctx;
	int64_t frame = m->video_frame;
	int64_t period = video_time(m, 1) - video_time(m, 0);
	int64_t missed = (now - video_time(m, frame)) / period;
	bool is_live = !vc_loop_is_virtual(m->loop);
	int64_t deadline = INT64_MAX;
	int64_t begun = vc_mono_now();
	int64_t next;

	end_those_who_said_bye(m);
	if (missed > 0) {
		frame += missed;
		m->skipped += (uint64_t)missed;
	}
	if (is_live)
		deadline = begun + period / 2;
	vc_mixer_video(m->mixer, video_time(m, frame), frame, deadline);
	m->video_frame = frame + 1;
	next = video_time(m, frame + 1);
	/* At most half of the time goes to pictures: sound comes first. */
	if (is_live && next < now + 2 * (vc_mono_now() - begun))
		next = now + 2 * (vc_mono_now() - begun);
	vc_timer_arm(m->loop, &m->video_timer, next);
}

static void encoded(void *ctx, unsigned int events)
{
	struct vc_mixing *m = ctx;

	(void)events;
	vc_mixer_flush(m->mixer);
}

void vc_mixing_start(struct vc_mixing *m)
{
	m->audio_timer = (struct vc_timer){ .fn = audio_due, .ctx = m };
	m->video_timer = (struct vc_timer){ .fn = video_due, .ctx = m };
	m->encoded = (struct vc_watch){ .fn = encoded,
					.ctx = m,
					.fd = vc_mixer_fd(m->mixer) };
	/* On the virtual clock a tick sends all that it makes. */
	if (m->encoded.fd >= 0 && !vc_loop_is_virtual(m->loop))
		(void)vc_loop_watch(m->loop, &m->encoded, VC_READ);
	if (m->conf->audio)
		vc_timer_arm(m->loop, &m->audio_timer, audio_time(m, 0));
	if (m->conf->video)
		vc_timer_arm(m->loop, &m->video_timer, video_time(m, 0));
}

void vc_mixing_stop(struct vc_mixing *m)
{
	vc_timer_cancel(m->loop, &m->audio_timer);
	vc_timer_cancel(m->loop, &m->video_timer);
	if (m->encoded.events)
		(void)vc_loop_watch(m->loop, &m->encoded, 0);
}
