/* SPDX-License-Identifier: MIT */
/*
 * vc-record decrypt: the plain octets of anything that was encrypted, what
 * lies beside recordings included. vc-record new-key: a key for that.
 */
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
#include "engine/infile.h"
#include "engine/outfile.h"
#include "format.h"
#include "reading.h"
#include "tool/place.h"
#include "tool/sandbox.h"
#include "tool/sealkeys.h"
#include "verbs.h"
#include "wire/sealed.h"

#define PIECE (256u << 10)

const struct vc_tool_info decrypt_info = {
	.name = "vc-record decrypt",
	.sentence = "gives what was encrypted with --encrypt-key-file in clear",
	.args_doc = "FILE [NEW]",
	.io_doc = "FILE is a recording or what lies beside one, or -. NEW is "
		  "- or a file, without it FILE without .vcenc; its name is "
		  "one line on stdout.",
	.examples =
		"vc-record decrypt --decrypt-key-file k a.webm.vcenc\n"
		"vc-record decrypt --decrypt-key-file k a.webm.vcenc - | "
		"ffplay -\n"
		"vc-record decrypt --decrypt-key-file k a.webm.json.vcenc - | "
		"jq .\n",
	.groups = VC_OPT_DECRYPT,
	.sandbox = VC_SANDBOX_ON,
	.options = overwrite_options,
	.parse = overwrite_parse,
};

const struct vc_tool_info new_key_info = {
	.name = "vc-record new-key",
	.sentence = "makes a key to encrypt recordings with",
	.args_doc = "",
	.io_doc = "The key is one line on stdout: nobody else should read it.",
	.examples = "(umask 077; vc-record new-key >k)\n"
		    "vc-record --encrypt-key-file k a.webm\n",
	.sandbox = VC_SANDBOX_ON,
};

struct opening {
	struct vc_tool *tool;
	bool overwrite;
	struct vc_place in;
	struct vc_place *new_place; /* as given, or made of 'in' */
	int fd;
	int out_fd; /* of a pipe */
	struct vc_infile *file;
	struct vc_outfile *out;
	uint8_t *piece;
	uint64_t octets;
	struct vc_timer timer;
	int err;
	bool is_done;
};

static void parse_place(struct opening *d, struct vc_place *p, const char *text)
{
	char why[256];

	if (vc_place_parse(p, text, false, why, sizeof(why)))
		vc_tool_usage(d->tool, "%s: %s", text, why);
	if (p->kind > VC_PLACE_PATH)
		vc_tool_usage(d->tool, "%s: a file, fd:N or - is due", p->text);
}

static void choose_new(struct opening *d)
{
	const struct vc_options *o = vc_tool_options(d->tool);
	const char *path;
	char *plain;
	size_t len;

	if (!o->args.n || o->args.n > 2)
		vc_tool_usage(d->tool, "a FILE is due, and maybe a NEW one");
	parse_place(d, &d->in, o->args.v[0]);
	if (o->args.n == 2) {
		parse_place(d, d->new_place, o->args.v[1]);
		return;
	}
	path = d->in.path;
	len = d->in.kind == VC_PLACE_PATH ? format_plain_len(path) : 0;
	if (!len || !path[len])
		vc_tool_usage(d->tool,
			      "%s: does not end in " VC_SEALED_SUFFIX
			      ": name the NEW file, or -",
			      d->in.text);
	plain = strndup(path, len);
	if (plain)
		parse_place(d, d->new_place, plain);
	free(plain);
}

static int open_old(struct opening *d)
{
	struct vc_unseal_keys keys;
	int err = vc_sealkeys_of(d->tool, &keys);

	if (err)
		return err;
	err = vc_place_open_read(&d->in, &d->fd);
	if (!err)
		err = vc_infile_new(d->fd, &keys, NULL, &d->file);
	if (err)
		return reading_failed(d->tool, d->in.text, err);
	if (vc_infile_key(d->file))
		return 0;
	vc_tool_fail(d->tool, VC_EXIT_FAIL, "%s: is not encrypted", d->in.text);
	return -EBADMSG;
}

static int open_new(struct opening *d)
{
	const struct vc_place *p = d->new_place;
	struct stat st;
	int err;

	if (p->kind != VC_PLACE_PATH) {
		err = vc_place_open_write(d->tool, p, &d->out_fd);
		if (!err)
			err = vc_outfile_wrap(d->out_fd, &d->out);
	} else if (!d->overwrite && !lstat(p->path, &st)) {
		vc_tool_fail(d->tool, VC_EXIT_FAIL,
			     "%s: is there already: --overwrite replaces it",
			     p->text);
		return -EEXIST;
	} else {
		vc_sandbox_allow(d->tool, p->path, VC_ALLOW_WRITE);
		err = vc_outfile_open(p->path, &d->out);
	}
	if (err)
		vc_tool_fail(d->tool, VC_EXIT_FAIL, "%s%s: open: %s", p->text,
			     p->kind == VC_PLACE_PATH ? ".part" : "",
			     strerror(-err));
	return err;
}

/* A piece, and then the next one, until there is none. */
static void read_on(void *ctx, int64_t now)
{
	struct opening *d = ctx;
	ssize_t n = vc_infile_read(d->file, d->piece, PIECE);

	if (n > 0)
		d->err = vc_outfile_write(d->out, d->piece, (size_t)n);
	if (n > 0 && !d->err) {
		d->octets += (uint64_t)n;
		vc_timer_arm(vc_tool_loop(d->tool), &d->timer, now);
		return;
	}
	d->is_done = n <= 0;
	if (n < 0)
		d->err = reading_failed(d->tool, d->in.text, (int)n);
	else if (d->err)
		vc_tool_fail(d->tool, VC_EXIT_FAIL, "%s: write: %s",
			     d->new_place->text, strerror(-d->err));
	else if (vc_infile_is_cut(d->file))
		d->err = -ENODATA;
	vc_tool_stop(d->tool, d->err ? "error" : "eof");
}

/* What came before something went wrong is kept, and not called whole. */
static void end(struct opening *d)
{
	bool is_file = d->new_place->kind == VC_PLACE_PATH;
	struct vc_outfile *out = d->out;
	bool is_whole = d->is_done && !d->err;
	int err;

	if (d->err == -ENODATA)
		vc_tool_fail(d->tool, VC_EXIT_FAIL,
			     "%s: truncated, or still being written",
			     d->in.text);
	d->out = NULL;
	err = is_whole ? vc_outfile_finish(out) : vc_outfile_close(out);
	if (err && err != -EPIPE)
		vc_tool_fail(d->tool, VC_EXIT_FAIL, "%s: write: %s",
			     d->new_place->text, strerror(-err));
	if (!is_whole && is_file)
		vc_tool_fail(d->tool, VC_EXIT_FAIL,
			     "%s.part: has the first %" PRIu64 " octets",
			     d->new_place->text, d->octets);
	else if (!err && is_file)
		puts(d->new_place->path);
}

static void open_up(struct opening *d)
{
	struct vc_loop *loop = vc_tool_loop(d->tool);
	int err = open_old(d);

	if (!err)
		err = open_new(d);
	if (!err)
		err = vc_tool_start(d->tool);
	if (err)
		return;
	d->timer = (struct vc_timer){ .fn = read_on, .ctx = d };
	vc_timer_arm(loop, &d->timer, vc_loop_now(loop));
	vc_tool_run(d->tool);
	end(d);
}

int decrypt_run(int argc, char **argv)
{
	struct opening *d = vc_alloc(1, sizeof(*d));
	int code;

	d->tool = vc_tool_new(&decrypt_info);
	d->fd = d->out_fd = -1;
	d->new_place = vc_alloc(1, sizeof(*d->new_place));
	d->piece = vc_alloc(1, PIECE);
	vc_tool_parse(d->tool, argc, argv, &d->overwrite);
	choose_new(d);
	open_up(d);
	vc_outfile_abandon(d->out);
	vc_infile_free(d->file);
	if (d->fd >= 0)
		close(d->fd);
	if (d->out_fd >= 0)
		close(d->out_fd);
	code = vc_tool_end(d->tool);
	free(d->new_place);
	free(d->piece);
	free(d);
	return code;
}

int new_key_run(int argc, char **argv)
{
	struct vc_tool *t = vc_tool_new(&new_key_info);

	vc_tool_parse(t, argc, argv, NULL);
	if (vc_tool_options(t)->args.n)
		vc_tool_usage(t, "it goes to stdout");
	if (!vc_tool_start(t))
		(void)vc_sealkeys_print_new(t);
	return vc_tool_end(t);
}
