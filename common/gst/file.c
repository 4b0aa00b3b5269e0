/* SPDX-License-Identifier: MIT */
/*
 * A run of decode.c at a time; a rewind throws it away and starts another,
 * which works for every container, also those that cannot seek. The eventfds
 * outlive the runs.
 *
 * Sound comes from the decoder in pieces of any length. They are laid on a
 * line of samples that is counted from the beginning of the run: what is
 * missing before a piece becomes silence, what overlaps is dropped, and small
 * disagreement between time stamps and samples is left alone. Frames are
 * cut from that line in 'frame', so that one that is not yet full survives
 * -EAGAIN.
 */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "gst/check.h"
#include "gst/decode.h"
#include "gst/file.h"
#include "gst/init.h"

#define OPEN_TIMEOUT (5 * VC_SEC)
#define PIPE_TIMEOUT (60 * VC_SEC)
/* Some demuxers wait for ever for what a file that was cut short lacks. */
#define CUT_TIMEOUT VC_SEC
#define STALL_TIMEOUT_MS 10000
/* In samples: what time stamps may be off, and what silence may fill. */
#define SLACK (VC_GST_RATE_HZ / 25)
#define SILENCE_MAX (10 * VC_GST_RATE_HZ)

struct vc_gst_file {
	struct vc_gst_file_config config;
	char *path; /* NULL: a pipe */
	struct vc_decode *run;
	int fd[VC_DECODE_N];
	bool has[VC_DECODE_N];
	bool is_cut; /* shorter than its container says */
	int64_t duration;
	int64_t base;	   /* time stamp of the beginning of this run */
	int64_t video_end; /* of what was given out in this run */
	bool has_given;
	/* Sound, in samples a channel from the beginning of the run. */
	int64_t pos;	  /* given out or in 'frame' */
	size_t frame_len; /* asked for last */
	size_t n_frame;
	size_t n_silence; /* due before the piece */
	const int16_t *piece;
	size_t n_piece;
	int64_t piece_pos;
	bool is_placed;
	int16_t *frame;
	char text[VC_GST_TEXT_CAP];
	char note[VC_GST_TEXT_CAP];
};

static int64_t samples_to_ns(int64_t n)
{
	return n / VC_GST_RATE_HZ * VC_SEC +
	       n % VC_GST_RATE_HZ * VC_SEC / VC_GST_RATE_HZ;
}

static int64_t ns_to_samples(int64_t t)
{
	int64_t rest = t % VC_SEC * VC_GST_RATE_HZ + VC_SEC / 2;

	return t / VC_SEC * VC_GST_RATE_HZ + rest / VC_SEC;
}

static int64_t frame_ns(const struct vc_gst_file_config *c)
{
	return VC_SEC * c->fps_den / c->fps_num;
}

static int start(struct vc_gst_file *f)
{
	return vc_decode_new(&f->run, f->path, &f->config, f->fd, f->text);
}

static int64_t open_timeout(const struct vc_gst_file *f)
{
	return f->is_cut ? CUT_TIMEOUT : f->path ? OPEN_TIMEOUT : PIPE_TIMEOUT;
}

/* No frame will come: says why, the best reason first. */
static int explain(struct vc_gst_file *f, int err)
{
	char why[VC_GST_TEXT_CAP];

	vc_decode_note(f->run, why);
	if (why[0]) {
		vc_gst_say(f->text, "%s", why);
		return -EOPNOTSUPP;
	}
	vc_decode_text(f->run, why);
	if (err == -ETIMEDOUT)
		vc_gst_say(why, "nothing could be decoded within %d s",
			   (int)(open_timeout(f) / VC_SEC));
	if (f->is_cut && err != -EOPNOTSUPP) {
		vc_gst_say(f->text, "the file is cut short%s%s",
			   err == -EBADMSG ? ": " : "",
			   err == -EBADMSG ? why : "");
		return -EBADMSG;
	}
	if (!err) {
		bool has = f->has[VC_DECODE_VIDEO] || f->has[VC_DECODE_AUDIO];

		vc_gst_say(f->text, "no %s in it",
			   has ? "frames" : "sound or pictures");
		return has ? -EBADMSG : -ENODATA;
	}
	vc_gst_say(f->text, "%s", why);
	return err;
}

static int settle(struct vc_gst_file *f)
{
	int err = vc_decode_settle(f->run, open_timeout(f));

	f->has[VC_DECODE_VIDEO] = vc_decode_has(f->run, VC_DECODE_VIDEO);
	f->has[VC_DECODE_AUDIO] = vc_decode_has(f->run, VC_DECODE_AUDIO);
	if (!vc_decode_has_begun(f->run))
		return explain(f, err);
	/* An error now is one of the streams': the caller gets to it. */
	vc_decode_note(f->run, f->note);
	f->duration = vc_decode_duration(f->run);
	return 0;
}

/* Whether the standard input is one that can be read only as it comes. */
static bool is_pipe(const char *path)
{
	struct stat st;

	return !strcmp(path, "-") && !fstat(0, &st) && !S_ISREG(st.st_mode);
}

static int open_with(struct vc_gst_file *f, const char *path)
{
	int err = 0;

	if (is_pipe(path)) {
		if (isatty(0)) {
			vc_gst_say(f->text, "it is a terminal");
			return -ENOTTY;
		}
	} else {
		f->path =
			vc_strdup(strcmp(path, "-") ? path : "/proc/self/fd/0");
		err = vc_gst_check(f->path, &f->is_cut, f->text);
	}
	if (err)
		return err;
	err = vc_gst_init();
	if (err) {
		vc_gst_say(f->text, "GStreamer does not start");
		return err;
	}
	for (int m = 0; m < VC_DECODE_N; m++) {
		f->fd[m] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (f->fd[m] < 0) {
			err = -errno;
			vc_gst_say(f->text, "%s", strerror(-err));
			return err;
		}
	}
	err = start(f);
	return err ? err : settle(f);
}

int vc_gst_file_open(struct vc_gst_file **out, const char *path,
		     const struct vc_gst_file_config *config,
		     char text[static VC_GST_TEXT_CAP])
{
	struct vc_gst_file *f = vc_alloc(1, sizeof(*f));

	f->config = *config;
	f->fd[VC_DECODE_VIDEO] = -1;
	f->fd[VC_DECODE_AUDIO] = -1;
	f->frame = vc_alloc(2 * VC_GST_RATE_HZ, sizeof(*f->frame));
	text[0] = '\0';
	*out = NULL;
	int err = open_with(f, path);

	if (err) {
		memcpy(text, f->text, sizeof(f->text));
		vc_gst_file_close(f);
		return err;
	}
	*out = f;
	return 0;
}

void vc_gst_file_close(struct vc_gst_file *f)
{
	if (!f)
		return;
	vc_decode_free(f->run);
	for (int m = 0; m < VC_DECODE_N; m++)
		if (f->fd[m] >= 0)
			close(f->fd[m]);
	free(f->frame);
	free(f->path);
	free(f);
}

/* What the run says of its end, in the words of the header. */
static int ended(struct vc_gst_file *f, int got)
{
	if (got == -EAGAIN)
		return got;
	if (got < 0) {
		vc_decode_text(f->run, f->text);
		return got == -EIO ? got : -EBADMSG;
	}
	if (!f->is_cut)
		return 0;
	vc_gst_say(f->text, "the file is cut short");
	return -EBADMSG;
}

int vc_gst_file_video(struct vc_gst_file *f, struct vc_image *out,
		      int64_t *pts_ns)
{
	int64_t pts;

	if (!f->has[VC_DECODE_VIDEO])
		return 0;
	int got = vc_decode_video(f->run, out, &pts);

	if (got != 1)
		return ended(f, got);
	f->has_given = true;
	f->video_end = pts + frame_ns(&f->config);
	*pts_ns = f->base + pts;
	return 1;
}

/* Decides what comes before the piece: silence, a jump, or less of it. */
static void place(struct vc_gst_file *f)
{
	int64_t ahead = f->piece_pos - f->pos;

	f->is_placed = true;
	if (ahead > SILENCE_MAX) {
		if (f->n_frame) { /* fill this frame, then look again */
			f->n_silence = f->frame_len - f->n_frame;
			f->is_placed = false;
			return;
		}
		int64_t jump =
			ahead / (int64_t)f->frame_len * (int64_t)f->frame_len;

		f->pos += jump;
		ahead -= jump;
	}
	if (ahead > SLACK || (ahead > 0 && !f->pos)) {
		f->n_silence = (size_t)ahead;
	} else if (ahead < -SLACK) {
		size_t n = f->n_piece;

		if (-ahead < (int64_t)n)
			n = (size_t)-ahead;
		f->piece += n * (size_t)f->config.channels;
		f->n_piece -= n;
	}
}

static int next_piece(struct vc_gst_file *f)
{
	int64_t pts;
	int got = vc_decode_audio(f->run, &f->piece, &f->n_piece, &pts);

	f->is_placed = false;
	if (got != 1) {
		f->n_piece = 0;
		return got;
	}
	f->piece_pos = pts < 0 ? f->pos : ns_to_samples(pts);
	return 1;
}

/* Moves samples (silence when 'src' is NULL) into the frame: how many. */
static size_t move(struct vc_gst_file *f, const int16_t *src, size_t n)
{
	size_t ch = (size_t)f->config.channels;
	size_t room = f->frame_len - f->n_frame;
	int16_t *to = f->frame + f->n_frame * ch;

	if (n > room)
		n = room;
	if (src)
		memcpy(to, src, n * ch * sizeof(*to));
	else
		memset(to, 0, n * ch * sizeof(*to));
	f->n_frame += n;
	f->pos += (int64_t)n;
	return n;
}

static int fill(struct vc_gst_file *f)
{
	while (f->n_frame < f->frame_len) {
		if (f->n_silence) {
			f->n_silence -= move(f, NULL, f->n_silence);
		} else if (f->n_piece && !f->is_placed) {
			place(f);
		} else if (f->n_piece) {
			size_t n = move(f, f->piece, f->n_piece);

			f->piece += n * (size_t)f->config.channels;
			f->n_piece -= n;
		} else {
			int got = next_piece(f);

			if (got == -EAGAIN || (got != 1 && !f->n_frame))
				return ended(f, got);
			if (got != 1)
				f->n_silence = f->frame_len - f->n_frame;
		}
	}
	return 1;
}

int vc_gst_file_audio(struct vc_gst_file *f, int16_t *pcm, size_t n,
		      int64_t *pts_ns)
{
	assert(n > 0 && n <= VC_GST_RATE_HZ);
	if (!f->has[VC_DECODE_AUDIO])
		return 0;
	f->frame_len = n;
	int got = fill(f);

	if (got != 1)
		return got;
	memcpy(pcm, f->frame, n * (size_t)f->config.channels * sizeof(*pcm));
	*pts_ns = f->base + samples_to_ns(f->pos - (int64_t)f->n_frame);
	f->n_frame = 0;
	f->has_given = true;
	return 1;
}

/* 0 when a call is worth repeating. */
static int wait_for(struct vc_gst_file *f, enum vc_decode_medium medium)
{
	struct pollfd p = { .fd = f->fd[medium], .events = POLLIN };
	int n;

	do {
		n = poll(&p, 1, STALL_TIMEOUT_MS);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		return 0;
	vc_gst_say(f->text, "the decoder gave nothing for 10 s");
	return -ETIMEDOUT;
}

int vc_gst_file_video_wait(struct vc_gst_file *f, struct vc_image *out,
			   int64_t *pts_ns)
{
	for (;;) {
		int got = vc_gst_file_video(f, out, pts_ns);

		if (got != -EAGAIN)
			return got;
		got = wait_for(f, VC_DECODE_VIDEO);
		if (got)
			return got;
	}
}

int vc_gst_file_audio_wait(struct vc_gst_file *f, int16_t *pcm, size_t n,
			   int64_t *pts_ns)
{
	for (;;) {
		int got = vc_gst_file_audio(f, pcm, n, pts_ns);

		if (got != -EAGAIN)
			return got;
		got = wait_for(f, VC_DECODE_AUDIO);
		if (got)
			return got;
	}
}

int vc_gst_file_rewind(struct vc_gst_file *f)
{
	int64_t end = f->video_end;

	f->text[0] = '\0';
	if (!f->path)
		return -ESPIPE;
	if (!f->has_given)
		return -ENODATA;
	if (f->has[VC_DECODE_AUDIO] && f->frame_len) {
		int64_t step = (int64_t)f->frame_len;
		int64_t n = ns_to_samples(end);

		if (n < f->pos)
			n = f->pos;
		end = samples_to_ns((n + step - 1) / step * step);
	}
	vc_decode_free(f->run);
	f->run = NULL;
	f->base += end;
	f->video_end = 0;
	f->has_given = false;
	f->pos = 0;
	f->n_frame = 0;
	f->n_silence = 0;
	f->n_piece = 0;
	int err = start(f);

	if (err) {
		f->has[VC_DECODE_VIDEO] = false;
		f->has[VC_DECODE_AUDIO] = false;
	}
	return err;
}

bool vc_gst_file_has_video(const struct vc_gst_file *f)
{
	return f->has[VC_DECODE_VIDEO];
}

bool vc_gst_file_has_audio(const struct vc_gst_file *f)
{
	return f->has[VC_DECODE_AUDIO];
}

int64_t vc_gst_file_duration(const struct vc_gst_file *f)
{
	return f->duration;
}

int vc_gst_file_video_fd(const struct vc_gst_file *f)
{
	return f->fd[VC_DECODE_VIDEO];
}

int vc_gst_file_audio_fd(const struct vc_gst_file *f)
{
	return f->fd[VC_DECODE_AUDIO];
}

const char *vc_gst_file_text(const struct vc_gst_file *f)
{
	return f->text;
}

const char *vc_gst_file_note(const struct vc_gst_file *f)
{
	return f->note;
}
