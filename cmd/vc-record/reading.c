/* SPDX-License-Identifier: MIT */
#include "reading.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "engine/filepump.h"
#include "engine/infile.h"
#include "proof.h"
#include "tool/sealkeys.h"
#include "tool/tool.h"
#include "wire/codec.h"

#define PIECE (256u << 10)

static void refused(void *ctx, uint64_t number, const char *codec)
{
	struct reading *r = ctx;
	bool is_ours = vc_codec_by_name(vc_str_c(codec)) != VC_CODEC_NONE;
	char text[256];

	vc_escape(text, sizeof(text), codec, strlen(codec));
	vc_tool_warn(r->tool, "%s: track %" PRIu64 ": %s %s: left out", r->text,
		     number, text,
		     is_ours ? "has no place in the new file (in .mkv it has)" :
			       "is not read");
}

int reading_failed(struct vc_tool *t, const char *text, int err)
{
	const char *why = vc_unseal_why(err);

	vc_tool_fail(t, VC_EXIT_FAIL, "%s: %s%s", text,
		     why ? "" : "read: ", why ? why : strerror(-err));
	vc_sealkeys_exit(t, err);
	return err;
}

static int open_octets(struct reading *r)
{
	struct vc_unseal_keys keys;
	int err = vc_sealkeys_of(r->tool, &keys);
	ssize_t n;

	if (err)
		return err;
	err = vc_infile_new(r->fd, &keys, NULL, &r->in);
	if (err)
		return reading_failed(r->tool, r->text, err);
	n = vc_infile_read(r->in, r->piece, PIECE);
	if (n < 0)
		return reading_failed(r->tool, r->text, (int)n);
	r->first = (size_t)n;
	r->kind = vc_filekind_of(r->piece, r->first);
	if (vc_filepump_can(r->kind) || packets_can(r->kind))
		return 0;
	vc_tool_fail(r->tool, VC_EXIT_FAIL, "%s: is %s: a recording is due",
		     r->text, vc_filekind_name(r->kind));
	return -ENOTSUP;
}

/* Never waits: a FIFO is no recording. */
static int open_file(struct reading *r)
{
	struct stat st;

	r->fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (r->fd < 0 || fstat(r->fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return S_ISREG(st.st_mode) ? 0 : -ESPIPE;
}

int reading_open(struct reading *r, struct vc_tool *t, const char *path)
{
	int err;

	*r = (struct reading){ .tool = t, .path = path, .fd = -1 };
	vc_escape(r->text, sizeof(r->text), path, strlen(path));
	err = open_file(r);
	if (err) {
		vc_tool_fail(t, VC_EXIT_FAIL, "%s: open: %s", r->text,
			     err == -ESPIPE ? "not a regular file" :
					      strerror(-err));
		return err;
	}
	r->piece = vc_try_alloc(1, PIECE);
	return r->piece ? open_octets(r) : -ENOMEM;
}

int reading_into(struct reading *r, const struct vc_container_ops *ops,
		 void *container)
{
	const struct vc_unitfile_conf conf = {
		.ops = ops,
		.container = container,
		.refused = refused,
		.ctx = r,
	};

	r->file = vc_unitfile_new(&conf);
	return r->file ? 0 : -ENOMEM;
}

int reading_packets(struct reading *r, packets_take *take, void *ctx)
{
	r->packets = packets_new(r->kind, take, ctx);
	return r->packets ? 0 : -ENOMEM;
}

const uint8_t *reading_key(const struct reading *r)
{
	return vc_infile_key(r->in);
}

/* A piece, and then the next one, until there is none. */
static void read_on(void *ctx, int64_t now)
{
	struct reading *r = ctx;
	ssize_t n = r->first ? (ssize_t)r->first :
			       vc_infile_read(r->in, r->piece, PIECE);

	r->first = 0;
	if (n > 0) {
		r->err = r->packets ?
				 packets_put(r->packets, r->piece, (size_t)n) :
				 vc_unitfile_put(r->file, r->piece, (size_t)n);
		r->octets += (uint64_t)n;
		if (r->proof)
			proof_add(r->proof, r->piece, (size_t)n);
		if (!r->err) {
			vc_timer_arm(vc_tool_loop(r->tool), &r->timer, now);
			return;
		}
	} else {
		r->err = n < 0	    ? (int)n :
			 r->packets ? 0 :
				      vc_unitfile_end(r->file);
	}
	r->is_done = true;
	vc_tool_stop(r->tool, "eof");
}

int reading_run(struct reading *r)
{
	struct vc_loop *loop = vc_tool_loop(r->tool);

	r->timer = (struct vc_timer){ .fn = read_on, .ctx = r };
	vc_timer_arm(loop, &r->timer, vc_loop_now(loop));
	vc_tool_run(r->tool);
	if (!r->is_done)
		return -EINTR;
	r->is_cut = vc_infile_is_cut(r->in) ||
		    !(r->packets ? packets_is_whole(r->packets) :
				   vc_unitfile_is_whole(r->file));
	if (!r->err || r->err == -EBADMSG)
		return 0;
	if (r->err == -ENOTSUP && r->kind == VC_FILEKIND_MP4) {
		vc_tool_fail(r->tool, VC_EXIT_FAIL,
			     "%s: is MP4 without fragments, which is not read: "
			     "`vc-capture --copy` makes a stream of it",
			     r->text);
		return r->err;
	}
	vc_tool_fail(r->tool, VC_EXIT_FAIL, "%s: read: %s", r->text,
		     strerror(-r->err));
	return r->err;
}

void reading_close(struct reading *r)
{
	vc_unitfile_free(r->file);
	packets_free(r->packets);
	vc_infile_free(r->in);
	free(r->piece);
	if (r->fd >= 0)
		close(r->fd);
}
