/* SPDX-License-Identifier: MIT */
/*
 * A recording that is read from its beginning to its end, a piece at a time
 * and with the loop in between, so that Ctrl-C is heard.
 */
#ifndef VC_RECORD_READING_H
#define VC_RECORD_READING_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/unitfile.h"
#include "net/loop.h"
#include "packets.h"
#include "wire/filekind.h"

struct proof;
struct vc_infile;
struct vc_tool;

struct reading {
	struct vc_tool *tool;
	const char *path; /* as it was given */
	char text[512];	  /* the same, for people */
	int fd;
	struct vc_infile *in; /* the same, decrypted if it is encrypted */
	enum vc_filekind kind;
	uint64_t octets; /* plain ones, read so far */
	uint8_t *piece;
	size_t first; /* octets of the first piece, which is here already */
	struct vc_unitfile *file; /* of media; or */
	struct packets *packets;
	struct proof *proof; /* gets the octets, too; NULL: none */
	struct vc_timer timer;
	int err; /* -EBADMSG: cannot be read from 'octets' on */
	bool is_cut;
	bool is_done; /* all of it was read */
};

/*
 * Opens it: a regular file of a kind that is read. Else says why and returns
 * -errno.
 */
int reading_open(struct reading *r, struct vc_tool *t, const char *path);

/* Says why a file cannot be read, also for want of a key. Returns 'err'. */
int reading_failed(struct vc_tool *t, const char *text, int err);

/* Are packets in it? Else media. */
static inline bool reading_is_packets(const struct reading *r)
{
	return packets_can(r->kind);
}

/* What is read is for that one. 0 or -ENOMEM. */
int reading_packets(struct reading *r, packets_take *take, void *ctx);
int reading_into(struct reading *r, const struct vc_container_ops *ops,
		 void *container);

/* Is it encrypted, and in which key? NULL: it is not. */
const uint8_t *reading_key(const struct reading *r);

/* Reads all. 0, or -errno after saying why; what is cut is no error. */
int reading_run(struct reading *r);

void reading_close(struct reading *r);

#endif
