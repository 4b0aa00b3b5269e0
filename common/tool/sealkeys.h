/* SPDX-License-Identifier: MIT */
/*
 * Keys of encrypted recordings: lines "vcenc:BASE64" (wire/sealed.h) of the
 * places of --encrypt-key-file, of which the first encrypts, and of
 * --decrypt-key-file, of which any may fit. Kept as tool/secret.h has it.
 */
#ifndef VC_TOOL_SEALKEYS_H
#define VC_TOOL_SEALKEYS_H

#include <stddef.h>
#include <stdint.h>

#include "engine/unseal.h"
#include "tool/tool.h"

#define VC_SEALKEYS_MAX 1024

struct vc_sealkeys;

/*
 * 'option' as it is written. A place that holds none is wrong usage. Errors as
 * vc_secret_lines().
 */
int vc_sealkeys_read(struct vc_sealkeys **out, struct vc_tool *t,
		     const char *option, const struct vc_words *places);
/* NULL is fine. */
void vc_sealkeys_free(struct vc_sealkeys *keys);

/* The first. */
const uint8_t *vc_sealkeys_first(const struct vc_sealkeys *keys);

/*
 * Those of --decrypt-key-file: read once, the tool's. Before it starts. Without
 * the option there are none. 0, or as above.
 */
int vc_sealkeys_of(struct vc_tool *t, struct vc_unseal_keys *out);
/* A key is missing, or none fits: the exit code for that. */
void vc_sealkeys_exit(struct vc_tool *t, int err);
/* Used by vc_tool_end(). */
void vc_sealkeys_end(struct vc_tool *t);

/* Prints a new one on stdout. 0, or after saying why -errno. */
int vc_sealkeys_print_new(struct vc_tool *t);

#endif
