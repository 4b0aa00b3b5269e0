/* SPDX-License-Identifier: MIT */
/*
 * The octets of a WebM or Matroska file, as they come, cut into its items
 * (wire/webmread.h). What is not whole yet is kept, no more than one element
 * may be large.
 */
#ifndef VC_ENGINE_WEBMPUMP_H
#define VC_ENGINE_WEBMPUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/webmread.h"

/* Embedded, its own; zero it and set the first two. */
struct vc_webmpump {
	/* 0 or an error, which ends it. 'item' borrows; SKIP is not told. */
	int (*take)(void *ctx, const struct vc_webmread_item *item);
	void *ctx;

	struct vc_webmread read;
	struct vc_webmread_item item;
	uint8_t *buf;
	size_t len, cap;
	uint64_t skip; /* octets of the file that are stepped over */
	int err;
};

/*
 * The file's next octets. 0; -EBADMSG: it cannot be read from here on; -ENOMEM;
 * or what 'take' returned. Errors last.
 */
int vc_webmpump_put(struct vc_webmpump *w, const uint8_t *p, size_t len);

/* May the file end here, or has it been cut? */
bool vc_webmpump_is_whole(const struct vc_webmpump *w);

void vc_webmpump_clear(struct vc_webmpump *w);

#endif
