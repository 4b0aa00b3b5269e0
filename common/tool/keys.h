/* SPDX-License-Identifier: MIT */
/*
 * The SRTP keys of a run: lines of wire/keyline.h from the places of
 * --key-file ('#' begins a comment, empty lines are fine). They lie in memory
 * that is not swapped, the process is not dumped while there are any (so they
 * are freed after all that was made of them), and they are zeroised; what was
 * read from is zeroised at once. Nothing that is printed quotes a key.
 */
#ifndef VC_TOOL_KEYS_H
#define VC_TOOL_KEYS_H

#include <stddef.h>

#include "wire/keyline.h"

#define VC_KEYS_MAX 4096

struct vc_keys;
struct vc_srtp_in;
struct vc_tool;

/*
 * Reads all places of --key-file; NULL keys where there are none. A line that
 * is wrong is wrong usage (exit 2, with place and line), and so is a master key
 * that is given twice, for one direction or for 'in' and 'out'. A place that
 * cannot be read: says so, sets exit 1, -errno.
 */
int vc_keys_read(struct vc_keys **out, struct vc_tool *t);
/* Keys that come otherwise (a=crypto). -EEXIST, -E2BIG, -ENOMEM. */
int vc_keys_new(struct vc_keys **out);
int vc_keys_add(struct vc_keys *keys, const struct vc_keyline *line);
/* NULL is fine, here and below. */
void vc_keys_free(struct vc_keys *keys);

size_t vc_keys_n(const struct vc_keys *keys);
const struct vc_keyline *vc_keys_at(const struct vc_keys *keys, size_t i);

/* The first key to send to 'name' with: his own, else everybody's, else
 * NULL. "" is nobody's name. */
const struct vc_keyline *vc_keys_out(const struct vc_keys *keys,
				     const char *name);
/* Puts all 'in' keys into a keyring. 0 or -errno. */
int vc_keys_fill(const struct vc_keys *keys, struct vc_srtp_in *in);

/*
 * --new-key[=SUITE]: prints a new key line on stdout and ends the process,
 * with 0, or with 2 for a suite that is none. NULL: AEAD_AES_128_GCM.
 */
void vc_keys_print_new(struct vc_tool *t, const char *suite)
	__attribute__((noreturn));

#endif
