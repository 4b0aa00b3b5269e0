/* SPDX-License-Identifier: MIT */
/*
 * A recording read back: its octets in, its tracks and access units out,
 * through the same table that recordings are written by (engine/container.h).
 * So what is read can be written again, decoded, or only counted. WebM and
 * Matroska, Ogg, WAV and IVF (engine/filepump.h).
 *
 * Units are in the order and at the times of the file, and in the form that
 * they have in RTP (engine/refit.h); a track is declared with its first unit. A
 * picture's duration is what the file says, else how long the one before it
 * lasted; of sound it is how long the packet sounds. A unit of text is the
 * plain text of a cue.
 */
#ifndef VC_ENGINE_UNITFILE_H
#define VC_ENGINE_UNITFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vc_container_ops;
struct vc_unitfile;

struct vc_unitfile_conf {
	const struct vc_container_ops *ops; /* 'rename' is not used */
	void *container;
	/* A track that is left out; 'codec' is foreign and cut. May be NULL. */
	void (*refused)(void *ctx, uint64_t number, const char *codec);
	void *ctx;
};

struct vc_unitfile_counts {
	uint64_t units;
	uint64_t bad;	 /* elements or frames that are malformed */
	uint64_t strays; /* blocks of no track that is read */
	int64_t said;	 /* ns: what the file says it lasts; 0: nothing */
	bool has_index;
};

/* NULL when out of memory. */
struct vc_unitfile *vc_unitfile_new(const struct vc_unitfile_conf *conf);
void vc_unitfile_free(struct vc_unitfile *f);

/*
 * The file's next octets. 0, -EBADMSG: cannot be read from here on, -ENOMEM, or
 * what the container returned. Errors last.
 */
int vc_unitfile_put(struct vc_unitfile *f, const uint8_t *p, size_t len);

/* No more come. As above. */
int vc_unitfile_end(struct vc_unitfile *f);

/* May the file end here, or has it been cut? */
bool vc_unitfile_is_whole(const struct vc_unitfile *f);

const struct vc_unitfile_counts *vc_unitfile_counts(const struct vc_unitfile *f);

#endif
