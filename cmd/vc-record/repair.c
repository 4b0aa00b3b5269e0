/* SPDX-License-Identifier: MIT */
/*
 * vc-record repair: the units of a recording that was cut short, written anew
 * as a whole file with its duration and index; of packets those that are whole,
 * as they were. The new one is complete, under
 * its name and on the disk before the old one goes.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "engine/outfile.h"
#include "engine/webmfile.h"
#include "format.h"
#include "reading.h"
#include "sidecar.h"
#include "tool/sandbox.h"
#include "verbs.h"
#include "wire/sealed.h"

const struct vc_tool_info repair_info = {
	.name = "vc-record repair",
	.sentence = "makes a whole file of a recording that was cut short",
	.args_doc = "FILE [NEW]",
	.io_doc =
		"FILE is WebM, Matroska, MP4, Ogg, WAV or IVF, or packets, such as "
		"the FILE.part that a crash left. Without NEW it becomes what it was to be: FILE "
		"without .part. The name is one line on stdout.",
	.examples = "vc-record repair meeting.webm.part\n"
		    "vc-record repair cut.webm whole.webm\n",
	.groups = VC_OPT_DECRYPT,
	.sandbox = VC_SANDBOX_ON,
	.options = overwrite_options,
	.parse = overwrite_parse,
};

/* FILE without ".part" into 'path'; false: it has none. */
static bool strip_part(char *path, size_t cap, const char *file)
{
	size_t len = strlen(file);

	if (len < 6 || strcmp(file + len - 5, ".part") || len - 5 >= cap)
		return false;
	memcpy(path, file, len - 5);
	path[len - 5] = '\0';
	return true;
}

static void choose_new(struct vc_tool *t, char *path, size_t cap)
{
	const struct vc_options *o = vc_tool_options(t);

	if (!o->args.n || o->args.n > 2)
		vc_tool_usage(t, "a FILE is due, and maybe a NEW one");
	if (o->args.n == 2)
		vc_strlcpy(path, o->args.v[1], cap);
	else if (!strip_part(path, cap, o->args.v[0]) &&
		 !access(o->args.v[0], F_OK))
		vc_tool_usage(t,
			      "%s: has no .part at its end: name the NEW file",
			      o->args.v[0]);
}

struct mending {
	struct vc_tool *tool;
	char path[4096];   /* of the new file */
	char beside[4128]; /* it is written there, the old .part is in the way */
	struct vc_outfile *out;
	struct writer writer;
	struct reading reading;
	bool overwrite;
	uint64_t packets;
	uint64_t bad; /* pieces between them */
};

/* What was encrypted stays so, with the same key, and is named so. */
static void check_key(const struct mending *m)
{
	bool is_named_so = m->path[format_plain_len(m->path)];

	if (is_named_so == (reading_key(&m->reading) != NULL))
		return;
	vc_tool_usage(m->tool,
		      "%s: %s, and so is NEW: its name %s " VC_SEALED_SUFFIX,
		      m->reading.text,
		      is_named_so ? "is not encrypted" : "is encrypted",
		      is_named_so ? "does not end in" : "ends in");
}

/* The pieces of a file of packets, octet for octet. */
static int take_piece(void *ctx, const struct packets_piece *piece)
{
	struct mending *m = ctx;

	if (piece->kind == PACKETS_BAD) {
		m->bad++;
		return 0;
	}
	m->packets += piece->kind == PACKETS_RTP;
	return tape_raw(m->writer.tape, piece->octets, piece->size);
}

/* What reads the old one, and writes it anew. */
static int connect(struct mending *m, const struct format *format)
{
	bool is_gzip = m->reading.kind == VC_FILEKIND_GZIP;
	int err;

	if (!reading_is_packets(&m->reading)) {
		err = writer_init(&m->writer, format, m->out, false, NULL);
		return err ? err :
			     reading_into(&m->reading, m->writer.ops,
					  m->writer.container);
	}
	m->writer.tape =
		tape_new(m->out, is_gzip ? TAPE_GZIP : TAPE_VCRTP, NULL);
	return m->writer.tape ? reading_packets(&m->reading, take_piece, m) :
				-ENOMEM;
}

/* Packets stay what they are. */
static void check_format(const struct mending *m, const struct format *format)
{
	const char *name = packets_format(m->reading.kind);

	if (!reading_is_packets(&m->reading)) {
		if (!format || !format_is_media(format))
			vc_tool_usage(m->tool,
				      "%s: .webm, .mkv, .mp4, .ogg, .wav or "
				      ".ivf is due",
				      m->path);
	} else if (!format || strcmp(format->name, name) != 0) {
		vc_tool_usage(m->tool, "%s: .%s is due, as %s is", m->path,
			      name, m->reading.text);
	}
}

static int open_new(struct mending *m)
{
	const struct format *format = format_of(m->path);
	struct stat st;
	int err;

	check_format(m, format);
	if (!m->overwrite && !lstat(m->path, &st)) {
		vc_tool_fail(m->tool, VC_EXIT_FAIL,
			     "%s: is there already: --overwrite replaces it",
			     m->path);
		return -EEXIST;
	}
	check_key(m);
	snprintf(m->beside, sizeof(m->beside), "%s.mended", m->path);
	vc_sandbox_allow(m->tool, m->path, VC_ALLOW_WRITE);
	err = vc_outfile_open(m->beside, &m->out);
	if (!err && reading_key(&m->reading))
		err = vc_outfile_seal(m->out, reading_key(&m->reading), true);
	if (!err)
		err = connect(m, format);
	if (err)
		vc_tool_fail(m->tool, VC_EXIT_FAIL, "%s.part: open: %s",
			     m->beside, strerror(-err));
	return err;
}

static int finish_new(struct mending *m)
{
	struct vc_outfile *out = m->out;
	int err = reading_is_packets(&m->reading) && !m->packets ?
			  -ENODATA :
			  writer_finish(&m->writer);

	if (err == -ENODATA) {
		vc_tool_fail(m->tool, VC_EXIT_NO_MEDIA,
			     "%s: holds nothing that can be saved",
			     m->reading.text);
		return err;
	}
	if (!err) {
		m->out = NULL;
		err = vc_outfile_finish(out);
	}
	if (!err && rename(m->beside, m->path))
		err = -errno;
	if (err)
		vc_tool_fail(m->tool, VC_EXIT_FAIL, "%s: write: %s", m->path,
			     strerror(-err));
	return err;
}

static void report(const struct mending *m)
{
	uint64_t bad = m->reading.file ?
			       vc_unitfile_counts(m->reading.file)->bad :
			       m->bad;

	if (m->reading.err)
		vc_tool_warn(m->tool,
			     "%s: cannot be read from octet %" PRIu64
			     " on: what follows is lost",
			     m->reading.text, m->reading.octets);
	if (bad)
		vc_tool_warn(m->tool, "%s: %" PRIu64 " broken pieces left out",
			     m->reading.text, bad);
	puts(m->path);
}

/* What happened until then lies beside the new one as it did beside the old. */
static void give_events(const struct mending *m)
{
	const char *suffix = m->path + format_plain_len(m->path);
	char old[4200], new[4160];

	snprintf(new, sizeof(new), "%.*s%s%s", (int)(suffix - m->path), m->path,
		 SIDECAR_SUFFIX, suffix);
	snprintf(old, sizeof(old), "%s.part", new);
	/* Never over what is there; none is fine. */
	(void)renameat2(AT_FDCWD, old, AT_FDCWD, new, RENAME_NOREPLACE);
}

static int mend(struct mending *m)
{
	const char *file = vc_tool_options(m->tool)->args.v[0];
	char old[4096];
	int err = reading_open(&m->reading, m->tool, file);

	if (!err)
		err = open_new(m);
	if (!err)
		err = vc_tool_start(m->tool);
	if (!err)
		err = reading_run(&m->reading);
	if (!err)
		err = finish_new(m);
	if (err)
		return err;
	report(m);
	if (!strip_part(old, sizeof(old), file) || strcmp(old, m->path) != 0)
		return 0;
	if (unlink(file))
		vc_tool_warn(m->tool, "%s: remove: %s", m->reading.text,
			     strerror(errno));
	give_events(m);
	return 0;
}

int repair_run(int argc, char **argv)
{
	struct mending m = { .tool = vc_tool_new(&repair_info) };

	m.reading.fd = -1;
	vc_tool_parse(m.tool, argc, argv, &m.overwrite);
	choose_new(m.tool, m.path, sizeof(m.path));
	mend(&m);
	reading_close(&m.reading);
	writer_clear(&m.writer);
	vc_outfile_abandon(m.out);
	return vc_tool_end(m.tool);
}
