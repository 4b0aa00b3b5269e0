/* SPDX-License-Identifier: MIT */
/*
 * A file of media or captured packets where a stream is read: its octets become
 * the frames of a vc stream on the recorded clock. Media (engine/filepump.h)
 * begins at the virtual epoch, captures (tool/capin.h) when they were taken.
 * Used by tool/input.c, as gzip is.
 */
#ifndef VC_TOOL_MEDIAIN_H
#define VC_TOOL_MEDIAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/filekind.h"

struct vc_mediain;
struct vc_tool;

/* As many octets as tell the kind, and whether it is one of those. */
#define VC_MEDIAIN_HEAD 12
bool vc_mediain_can(enum vc_filekind kind);

struct vc_mediain_conf {
	struct vc_tool *tool;
	enum vc_filekind kind;
	/*
	 * 'nth' tells the inputs of a tool apart; 'text' is the input's name,
	 * for what is said. Both for --seed: equal files are equal streams.
	 */
	unsigned int nth;
	const char *text;
	/* Of captures: --sdp and --pt; NULL: our default payload types. */
	const char *sdp;
	size_t sdp_len;
};

/* NULL: no memory. */
struct vc_mediain *vc_mediain_new(const struct vc_mediain_conf *conf);
void vc_mediain_free(struct vc_mediain *m);

/* The next octets of the file; len 0: its end. */
void vc_mediain_put(struct vc_mediain *m, const uint8_t *p, size_t len);

/* Takes up to 'cap' octets of the stream. 0: none are here. */
size_t vc_mediain_take(struct vc_mediain *m, uint8_t *out, size_t cap);
bool vc_mediain_is_empty(const struct vc_mediain *m);

/* Once all has been taken: 0, -EILSEQ: the file cannot be read on, -ENOTSUP:
 * nothing in it is played, -ENOMEM. */
int vc_mediain_error(const struct vc_mediain *m);
/* The end was told, and the file is not complete. */
bool vc_mediain_is_cut(const struct vc_mediain *m);

#endif
