/* SPDX-License-Identifier: MIT */
/* What engine/outfile.c and engine/outseal.c (encryption) share. */
#ifndef VC_ENGINE_OUTFILE_INTERNAL_H
#define VC_ENGINE_OUTFILE_INTERNAL_H

#include "engine/outfile.h"
#include "engine/overlay.h"

#define VC_OUTFILE_ROOM 65536

struct vc_infile;
struct vc_sealer;

struct vc_outfile {
	int fd;
	int dir;    /* -1: a borrowed descriptor */
	char *part; /* names in 'dir' */
	char *name;
	int err;
	uint64_t flushed; /* octets that left the buffer */
	size_t n;
	struct vc_sealer *sealer; /* of 'fd'; NULL: in clear, without the next */
	bool is_journal;	  /* 'fd' is one */
	bool is_sealed;		  /* its last chunk is written */
	struct vc_overlay patches; /* of the journal */
	char *anew;		   /* what it is written to, anew; NULL: not */
	int anew_fd;
	struct vc_sealer *anew_sealer;
	struct vc_infile *back; /* what was written, read back */
	uint64_t back_at;
	uint8_t room[VC_OUTFILE_ROOM];
};

/* --- outseal.c; all but the last as vc_outfile_write() --- */

/* 'len' octets leave the buffer. */
int vc_outseal_drain(struct vc_outfile *o, const uint8_t *p, size_t len);

/* They go over what left it. */
int vc_outseal_patch(struct vc_outfile *o, uint64_t at, const uint8_t *p,
		     size_t len);

ssize_t vc_outseal_read(struct vc_outfile *o, uint64_t at, void *p, size_t len);

/* Gives the new file the name, before the journal goes. */
int vc_outseal_publish(struct vc_outfile *o);

/* What was not published goes, but for the .part. */
void vc_outseal_clear(struct vc_outfile *o);

#endif
