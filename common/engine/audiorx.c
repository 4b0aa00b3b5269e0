/* SPDX-License-Identifier: MIT */
/*
 * Decoded sound waits in 'pcm'; when it runs out the next packet is decoded,
 * or what is missing is made up. 'next_ts' is the RTP time at the end of
 * 'pcm', so the sound at its head is due at vc_playout_due(next_ts) less its
 * length. Each pull compares that with the time it is played at: up to DEAD
 * nothing is done, beyond it a piece is cut out or played twice; far off
 * the chain stops ('is_playing' is false) and begins again at the next packet,
 * when that is due. It begins so at the start too, and after a pause.
 *
 * After a break of the source's time what is held is played as it lies.
 *
 * When whole packets keep coming after their turn (the way became longer, and
 * the window of session/playout.h has not seen it yet), LATE_RUN of them make
 * 'shift': all is due that much later. It goes back as soon as packets are
 * early by more than the latency.
 */
#include "engine/audiorx_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/time.h"
#include "engine/stretch.h"
#include "wire/ntp.h"

#define PACKETS 512
#define OCTETS (1u << 20)
#define GAP_MAX VC_AUDIODEC_GAP_MAX
#define DEAD (10 * VC_MS)
#define FAR_LATE (40 * VC_MS)
#define FAR_EARLY (120 * VC_MS)
#define NEVER (3 * VC_SEC) /* due later than latency and this: at once */
#define CONCEAL_MAX 4800   /* samples in a row: 100 ms */
#define CONCEAL_STEP 480   /* 10 ms */
#define LATE 120	   /* samples: a packet that lost more came late */
#define LATE_RUN 8
#define SLACK_WINDOW (2 * VC_SEC)

struct vc_audiorx *vc_audiorx_new(enum vc_codec codec, uint32_t rate_hz,
				  struct vc_playout_source *play, int *err)
{
	struct vc_audiorx *a = vc_try_alloc(1, sizeof(*a));

	*err = -ENOMEM;
	if (!a)
		return NULL;
	a->rate_hz = rate_hz;
	a->play = play;
	a->slack = INT64_MAX;
	a->slack_since = VC_TIME_NONE;
	a->noise_pt = -1;
	a->jb = vc_jbuf_new(PACKETS, OCTETS);
	vc_pcmq_init(&a->q, 1);
	if (a->jb)
		a->dec = vc_audiodec_new(codec, rate_hz, err);
	if (a->dec)
		return a;
	vc_audiorx_free(a);
	return NULL;
}

void vc_audiorx_free(struct vc_audiorx *a)
{
	if (!a)
		return;
	vc_jbuf_free(a->jb);
	vc_audiodec_free(a->dec);
	vc_pcmq_clear(&a->q);
	free(a);
}

void vc_audiorx_set_channels(struct vc_audiorx *a, unsigned int channels)
{
	vc_audiodec_set_channels(a->dec, channels);
}

void vc_audiorx_set_stereo(struct vc_audiorx *a)
{
	vc_pcmq_init(&a->q, 2);
	vc_audiodec_set_stereo(a->dec);
}

bool vc_audiorx_is_stereo(const struct vc_audiorx *a)
{
	return vc_audiodec_is_stereo(a->dec);
}

/* --- time --- */

/* 48 kHz samples in units of RTP time, and back. */
static uint32_t to_ts(const struct vc_audiorx *a, size_t n)
{
	return (uint32_t)(n * a->rate_hz / VC_AUDIORX_RATE);
}

static int64_t from_ts(const struct vc_audiorx *a, int32_t units)
{
	return (int64_t)units * VC_AUDIORX_RATE / a->rate_hz;
}

static int64_t latency(const struct vc_audiorx *a)
{
	return a->play->home ? a->play->home->latency : 0;
}

/* The window has seen what 'shift' stands for: so much less of that. */
static void follow_line(struct vc_audiorx *a)
{
	uint32_t ts = a->play->map.last_ts;
	int64_t now_due = vc_playout_due(a->play, ts);
	int64_t moved = now_due - a->line_due -
			vc_rtp_to_ns(vc_ts_diff(a->line_ts, ts), a->rate_hz);

	if (a->has_line && a->shift && moved > 0)
		a->shift = a->shift > moved ? a->shift - moved : 0;
	a->has_line = true;
	a->line_ts = ts;
	a->line_due = now_due;
}

/* Takes back of 'shift' what is not needed any longer. */
static void note_slack(struct vc_audiorx *a, const struct vc_jbuf_item *it)
{
	int64_t arrival = it->pkt->arrival;
	int64_t slack = due(a, it->rtp.ts) - arrival;

	if (a->slack_since == VC_TIME_NONE)
		a->slack_since = arrival;
	if (slack < a->slack)
		a->slack = slack;
	if (arrival - a->slack_since < SLACK_WINDOW)
		return;
	if (a->shift && a->slack > latency(a)) {
		a->shift -= a->slack - latency(a);
		if (a->shift < 0)
			a->shift = 0;
	}
	a->slack = INT64_MAX;
	a->slack_since = arrival;
}

/* --- in --- */

/* Its place was given up: it was due before what is played next. */
static void note_miss(struct vc_audiorx *a, const struct vc_packet *pkt,
		      const struct vc_rtp *rtp)
{
	int64_t by = from_ts(a, vc_ts_diff(rtp->ts, a->next_ts));

	by -= (int64_t)a->q.n;
	if (a->is_playing && !a->is_torn && by > 0 && by < VC_AUDIORX_RATE)
		vc_playout_missed(a->play, rtp->ts, samples_ns((size_t)by),
				  pkt->arrival);
}

void vc_audiorx_put(struct vc_audiorx *a, struct vc_packet *pkt,
		    const struct vc_rtp *rtp)
{
	a->is_ended = false;
	if (!rtp->payload_len)
		return;
	if (a->seen_resyncs != a->play->resyncs) {
		a->seen_resyncs = a->play->resyncs;
		a->is_torn = true;
		a->torn_at = pkt->arrival;
	}
	if (vc_jbuf_put(a->jb, pkt, rtp) == -ETIME) {
		a->counts.late++;
		note_miss(a, pkt, rtp);
	}
}

void vc_audiorx_put_noise(struct vc_audiorx *a, struct vc_packet *pkt,
			  const struct vc_rtp *rtp)
{
	a->noise_pt = rtp->pt;
	vc_audiorx_put(a, pkt, rtp);
}

bool vc_audiorx_is_noise(const struct vc_audiorx *a)
{
	return a->is_noise;
}

void vc_audiorx_end(struct vc_audiorx *a)
{
	a->is_ended = true;
}

bool vc_audiorx_held(const struct vc_audiorx *a)
{
	return !a->is_dozing && (a->q.n || vc_jbuf_packets(a->jb));
}

const struct vc_audiorx_counts *vc_audiorx_counts(const struct vc_audiorx *a)
{
	return &a->counts;
}

/* --- decoding: appends to 'pcm' --- */

static void append(struct vc_audiorx *a, size_t n, size_t skip)
{
	vc_pcmq_add(&a->q, n, skip);
	a->next_ts += to_ts(a, n - skip);
}

/* Decodes the packet; its first 'skip' samples are not wanted. */
static void decode(struct vc_audiorx *a, const struct vc_rtp *rtp, size_t skip)
{
	int n = decode_packet(a, rtp, vc_pcmq_end(&a->q));

	if (n < 0) {
		a->counts.malformed += n != -ENOMEM;
		return;
	}
	if (vc_audiodec_has_noise(a->dec))
		a->counts.noise += (uint64_t)n;
	else
		a->counts.frames++;
	a->concealed = 0;
	if (skip > (size_t)n)
		skip = (size_t)n;
	a->counts.skipped += skip;
	append(a, (size_t)n, skip);
}

/* Makes up 'n' samples, a multiple of 120; 'after' (or NULL) follows. */
static void conceal(struct vc_audiorx *a, size_t n, const struct vc_rtp *after)
{
	size_t copy = vc_audiodec_conceal(a->dec, after ? after->payload : NULL,
					  after ? after->payload_len : 0,
					  vc_pcmq_end(&a->q), n);

	a->counts.conceals += !a->concealed;
	a->concealed += (unsigned int)n;
	a->counts.concealed += n - copy;
	a->counts.fec += copy;
	append(a, n, 0);
}

/* So many more samples of noise, a multiple of 120. */
static void hiss(struct vc_audiorx *a, size_t n)
{
	vc_audiodec_more_noise(a->dec, vc_pcmq_end(&a->q), n);
	a->counts.noise += n;
	append(a, n, 0);
}

/* --- what comes next --- */

/* One more came after its turn. True when 'shift' moved it into the future. */
static bool is_shifted(struct vc_audiorx *a, const struct vc_jbuf_item *it)
{
	a->late_run++;
	if (a->late_run < LATE_RUN)
		return false;
	a->late_run = 0;
	a->shift += it->pkt->arrival + latency(a) - due(a, it->rtp.ts);
	if (a->shift < 0)
		a->shift = 0;
	a->slack = INT64_MAX;
	a->slack_since = VC_TIME_NONE;
	a->counts.resyncs++;
	stop(a);
	return true;
}

/*
 * Takes the next packet, of 'n' samples, whose place is at the end of 'pcm';
 * the time of 'skip' of them has passed.
 */
static void take(struct vc_audiorx *a, const struct vc_jbuf_item *it, int n,
		 size_t skip)
{
	a->is_torn = is_old(a, it);
	if (it->rtp.pt == a->noise_pt) {
		decode(a, &it->rtp, skip);
		vc_packet_unref(vc_jbuf_pop(a->jb));
		return;
	}
	if (!a->is_torn)
		note_slack(a, it);
	if (skip < LATE)
		a->late_run = 0;
	else if (is_shifted(a, it))
		return;
	else if (!a->is_torn)
		vc_playout_missed(a->play, it->rtp.ts, samples_ns(skip),
				  it->pkt->arrival);
	if (skip < (size_t)n)
		decode(a, &it->rtp, skip);
	else
		a->counts.late++;
	vc_packet_unref(vc_jbuf_pop(a->jb));
}

/* Not playing: begins when the next packet is due. Samples to wait, or 0. */
static size_t begin(struct vc_audiorx *a, const struct vc_jbuf_item *it, int n,
		    int64_t now)
{
	int64_t early = is_old(a, it) ? 0 : due(a, it->rtp.ts) - now;
	size_t wait = ns_samples(early);
	size_t skip = ns_samples(-early);

	if (wait && early < NEVER + latency(a))
		return wait;
	explain(a, vc_ts_diff(a->next_ts, it->rtp.ts), vc_jbuf_hole(a->jb));
	a->counts.lost += vc_jbuf_skip(a->jb, vc_jbuf_hole(a->jb));
	skip -= skip % 6;
	a->is_playing = skip < (size_t)n || it->rtp.pt == a->noise_pt;
	a->concealed = 0;
	a->next_ts = it->rtp.ts + to_ts(a, skip);
	take(a, it, n, skip);
	return 0;
}

/* Playing and 'it' is next held, maybe behind a hole. */
static void go_on(struct vc_audiorx *a, const struct vc_jbuf_item *it, int n)
{
	int64_t gap = from_ts(a, vc_ts_diff(a->next_ts, it->rtp.ts));
	uint64_t hole = vc_jbuf_hole(a->jb);

	explain(a, gap, hole);
	a->counts.lost += vc_jbuf_skip(a->jb, hole);
	if (vc_audiodec_has_noise(a->dec) && !it->resync && gap >= 120 &&
	    gap < VC_AUDIORX_RATE) {
		hiss(a, (size_t)(gap < CONCEAL_STEP ? gap - gap % 120 :
						      CONCEAL_STEP));
		return;
	}
	if (it->resync || gap > GAP_MAX || gap < -GAP_MAX) {
		a->counts.resyncs++;
		a->is_playing = false;
		a->q.is_fading_in = true;
	} else if (gap >= 120) {
		if (!hole) {
			a->counts.pauses += !a->concealed;
			a->counts.paused += (uint64_t)(gap - gap % 120);
		}
		conceal(a, (size_t)(gap - gap % 120), hole ? &it->rtp : NULL);
	} else {
		if (gap > 0)
			a->next_ts = it->rtp.ts;
		take(a, it, n, gap < 0 ? (size_t)-gap : 0);
	}
}

/*
 * Nothing is held. What is made up while the next packet is not due (latency
 * grew) takes no place of its own: it is the wait.
 */
static size_t make_up(struct vc_audiorx *a, int64_t now)
{
	bool has_noise = vc_audiodec_has_noise(a->dec);

	if (!a->is_playing || a->is_ended ||
	    (!has_noise && a->concealed >= CONCEAL_MAX)) {
		a->is_playing = false;
		a->q.is_fading_in = true;
		return SIZE_MAX;
	}
	if (has_noise) {
		hiss(a, CONCEAL_STEP);
	} else {
		conceal(a, CONCEAL_STEP, NULL);
		a->guessed += CONCEAL_STEP;
	}
	if (due(a, a->next_ts) - now >= DEAD + 10 * VC_MS)
		a->next_ts -= to_ts(a, CONCEAL_STEP);
	return 0;
}

/*
 * Appends something to 'pcm', or returns how many samples of silence to play
 * first.
 */
static size_t fill(struct vc_audiorx *a, int64_t now)
{
	const struct vc_jbuf_item *it;
	enum vc_jbuf_state state = vc_jbuf_peek(a->jb, &it);
	int n;

	if (state == VC_JBUF_EMPTY)
		return make_up(a, now);
	n = samples_of(a, &it->rtp);
	if (n <= 0) {
		a->counts.malformed++;
		a->counts.lost += vc_jbuf_skip(a->jb, vc_jbuf_hole(a->jb));
		vc_packet_unref(vc_jbuf_pop(a->jb));
		return 0;
	}
	if (!a->is_playing)
		return begin(a, it, n, now);
	go_on(a, it, n);
	return 0;
}

/* --- out --- */

/* Decodes ahead what is here and follows without a hole. */
static void read_ahead(struct vc_audiorx *a, size_t room)
{
	const struct vc_jbuf_item *it;
	int n;

	while (a->q.n < room && vc_jbuf_peek(a->jb, &it) == VC_JBUF_READY &&
	       it->rtp.ts == a->next_ts && !it->resync) {
		n = samples_of(a, &it->rtp);
		if (n <= 0)
			return;
		take(a, it, n, 0);
	}
}

/* Keeps the line: cuts, repeats or stops. 'now' is of the sample at the head. */
static size_t keep_time(struct vc_audiorx *a, int64_t now)
{
	int64_t early = due(a, a->next_ts) - samples_ns(a->q.n) - now;
	size_t max = ns_samples(early < 0 ? -early : early);

	if (early <= DEAD && early >= -DEAD)
		return 0;
	if (early < -FAR_LATE) {
		a->counts.skipped += a->q.n;
		a->counts.resyncs++;
		stop(a);
		return 0;
	}
	if (early > FAR_EARLY && early < NEVER + latency(a)) {
		a->counts.resyncs += !a->q.is_fading_in;
		a->q.is_fading_in = true;
		return ns_samples(early);
	}
	read_ahead(a, VC_STRETCH_ROOM);
	if (early < 0) {
		max = vc_pcmq_cut(&a->q, max);
		a->counts.skipped += max;
		a->counts.cut += max;
	} else {
		max = vc_pcmq_repeat(&a->q, max);
	}
	a->counts.stretched += max;
	return 0;
}

int64_t vc_audiorx_early(const struct vc_audiorx *a, int64_t now)
{
	/* What begins does so in its place. */
	if (!a->is_playing || a->is_torn || !a->play->has_transit)
		return 0;
	return vc_playout_due(a->play, a->next_ts) - samples_ns(a->q.n) - now;
}

bool vc_audiorx_pull(struct vc_audiorx *a, int64_t now, int16_t *pcm, size_t n)
{
	bool is_sound = false;
	bool was_noise = vc_audiodec_has_noise(a->dec);
	uint64_t frames = a->counts.frames;
	size_t done = 0, wait = 0, ch = a->q.channels;

	a->is_noise = false;
	if (vc_pcmq_open(&a->q)) {
		memset(pcm, 0, n * ch * sizeof(*pcm));
		return false;
	}
	if (a->play->has_transit)
		follow_line(a);
	if (a->is_dozing)
		vc_audiorx_warm_up(a, now);
	if (a->is_playing && !a->is_torn)
		wait = keep_time(a, now);
	while (done < n) {
		if (!wait && !a->q.n)
			wait = fill(a, now + samples_ns(done));
		if (wait) {
			wait = wait < n - done ? wait : n - done;
			is_sound |=
				vc_pcmq_silence(&a->q, pcm + done * ch, wait);
			a->counts.silent += wait;
			done += wait;
			wait = 0;
		} else if (a->q.n) {
			done += vc_pcmq_take(&a->q, pcm + done * ch, n - done);
			is_sound = true;
		}
	}
	a->is_noise = is_sound && was_noise && a->counts.frames == frames;
	return is_sound;
}
