/* SPDX-License-Identifier: MIT */
/* The words before the colon, and how each is opened. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/time.h"
#include "source.h"

const struct source_scheme source_schemes[] = {
	{ "test", true, true, false, false, source_open_test },
	{ "color", true, false, false, true, source_open_color },
	{ "tone", false, true, false, false, source_open_tone },
	{ "silence", false, true, false, false, source_open_silence },
	{ "file", true, true, false, true, source_open_file },
	{ "raw", true, true, false, true, source_open_raw },
	{ "speech", false, true, false, true, source_open_speech },
	{ "v4l2", true, false, true, false, source_open_v4l2 },
	{ "alsa", false, true, true, false, source_open_alsa },
	{ "pulse", false, true, true, false, source_open_pulse },
	{ "screen", true, false, true, false, source_open_screen },
	{ "pipewire", true, true, true, false, source_open_pipewire },
	{ NULL, false, false, false, false, NULL },
};

static struct vc_str word_of(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+-");

	return vc_str_of(text, text[n] == ':' ? n : 0);
}

static const struct source_scheme *by_name(struct vc_str name)
{
	const struct source_scheme *s = source_schemes;

	while (s->name && !vc_str_is(name, s->name))
		s++;
	return s->name ? s : NULL;
}

const struct source_scheme *source_scheme(const char *text)
{
	struct vc_str word = word_of(text);

	if (!word.len || !access(text, F_OK))
		return by_name(vc_str_c("file"));
	return by_name(word);
}

int source_said(const char *text)
{
	size_t len = strlen(text);

	return (int)len - (len && text[len - 1] == ':');
}

int source_open(struct source **out, const char *text, struct source_config *c,
		char error[static SOURCE_TEXT])
{
	const struct source_scheme *s = source_scheme(text);
	size_t n = s ? strlen(s->name) : 0;
	int err;

	error[0] = '\0';
	if (!s)
		return -EINVAL;
	c->text = text;
	if (access(text, F_OK) && !strncmp(text, s->name, n) && text[n] == ':')
		c->text = text + n + 1;
	err = s->open(out, c, error);
	if (!err)
		(*out)->users = 1;
	return err;
}

void source_drop(struct source *s)
{
	if (s && !--s->users)
		s->ops->close(s);
}

int64_t source_frame_time(const struct source_config *c, int64_t frame)
{
	return frame * VC_SEC * c->fps_den / c->fps_num;
}

bool source_go_on(const struct source_config *c, int64_t pts, int64_t *frame,
		  int64_t *sample)
{
	int64_t next_frame = pts / VC_MS * c->fps_num / c->fps_den / 1000;
	int64_t next_sample = pts / VC_MS * (SOURCE_RATE / 1000);

	if (next_frame > *frame)
		*frame = next_frame;
	if (next_sample <= *sample)
		return false;
	*sample = next_sample;
	return true;
}

void source_spread(int16_t *pcm, size_t n, int channels)
{
	if (channels < 2)
		return;
	for (size_t i = n; i-- > 0;)
		pcm[2 * i] = pcm[2 * i + 1] = pcm[i];
}
