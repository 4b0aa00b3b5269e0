/* SPDX-License-Identifier: MIT */
/* A file of a recording: itself, and those that lie beside it. */
#ifndef VC_RECORD_BESIDE_H
#define VC_RECORD_BESIDE_H

#include <stdbool.h>
#include <stdint.h>

struct vc_outfile;

/*
 * The recording's 'path' in the open directory, with 'suffix' behind it, and
 * ".vcenc" behind that if there is a 'key', with which it is encrypted then.
 * 0 or as vc_outfile_open().
 */
struct beside {
	int dir;
	const char *path;
	const char *suffix;
	int mode; /* as vc_outfile_give(), and the next */
	unsigned int group;
	const uint8_t *key; /* NULL: in clear */
	bool is_patched;    /* as vc_outfile_seal() */
};

struct output;

/* What is the same for all files of an output. */
struct beside beside_of(const struct output *o, const char *path,
			const char *suffix);

int beside_open(const struct beside *b, struct vc_outfile **out);

#endif
