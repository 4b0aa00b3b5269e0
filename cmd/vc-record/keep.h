/* SPDX-License-Identifier: MIT */
/*
 * --keep: which of the files that this run finished are there still, oldest
 * first. Others are never removed. Zeros at first.
 */
#ifndef VC_RECORD_KEEP_H
#define VC_RECORD_KEEP_H

#include <stdint.h>

struct kept;

struct keep {
	const char *suffix; /* of their names, behind all others; set it */
	struct kept *first;
	struct kept **last;
	uint64_t octets;
	uint64_t removed;
};

/* 'path' is finished; its last unit ended at 'end'. */
void keep_add(struct keep *k, const char *path, int64_t end, uint64_t octets);

/*
 * Removes, with what lies beside them, those that ended before 'since', and the
 * oldest as long as all have more than 'most' octets (0: as many as there are);
 * for its size the newest is never removed.
 */
void keep_run(struct keep *k, int dir, int64_t since, uint64_t most);

void keep_clear(struct keep *k);

#endif
