/* SPDX-License-Identifier: MIT */
#include "sidecar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "beside.h"
#include "engine/outfile.h"
#include "net/digest.h"

struct sidecar {
	struct vc_outfile *out;
	struct vc_digest *sum; /* may be NULL */
	uint64_t lines;
};

int sidecar_open(const struct output *o, const char *path, struct sidecar **out)
{
	const struct beside where = beside_of(o, path, SIDECAR_SUFFIX);
	struct sidecar *s = vc_try_alloc(1, sizeof(*s));
	int err = s ? beside_open(&where, &s->out) : -ENOMEM;

	if (err) {
		free(s);
		return err;
	}
	s->sum = vc_digest_new_sha256();
	*out = s;
	return 0;
}

struct vc_json *sidecar_event(const char *name)
{
	struct vc_json *j = vc_json_object();

	vc_json_set_str(j, "ev", name);
	return j;
}

static void put(struct sidecar *s, const char *text)
{
	/* It sticks. */
	(void)vc_outfile_write(s->out, text, strlen(text));
	if (s->sum)
		vc_digest_add(s->sum, text, strlen(text));
}

void sidecar_put(struct sidecar *s, const struct vc_json *event)
{
	char *text = s ? vc_json_text(event) : NULL;

	if (!text)
		return;
	put(s, text);
	put(s, "\n");
	s->lines++;
	free(text);
}

void sidecar_flush(struct sidecar *s)
{
	if (s)
		(void)vc_outfile_flush(s->out);
}

void sidecar_describe(struct sidecar *s, struct vc_json *j)
{
	char text[VC_DIGEST_TEXT];

	vc_json_set_int(j, "octets", (int64_t)vc_outfile_pos(s->out));
	vc_json_set_int(j, "lines", (int64_t)s->lines);
	if (!s->sum)
		return;
	vc_digest_take(s->sum, text);
	vc_json_set_str(j, "sha256", text);
}

static void release(struct sidecar *s)
{
	vc_digest_free(s->sum);
	free(s);
}

int sidecar_finish(struct sidecar *s)
{
	int err = vc_outfile_finish(s->out);

	release(s);
	return err;
}

void sidecar_close(struct sidecar *s)
{
	if (!s)
		return;
	(void)vc_outfile_close(s->out);
	release(s);
}

void sidecar_abandon(struct sidecar *s)
{
	if (!s)
		return;
	vc_outfile_abandon(s->out);
	release(s);
}
