/* SPDX-License-Identifier: MIT */
/*
 * One input: its descriptor, its octets (gunzipped), the frame at its head.
 * Used by tool/in.c only.
 */
#ifndef VC_TOOL_INPUT_H
#define VC_TOOL_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "tool/place.h"
#include "tool/sealedin.h"
#include "wire/filekind.h"
#include "wire/frame.h"

/* What a merger holds for one input at most (vc-stream(7), Merging). */
#define VC_INPUT_HOLD (64u << 20)

struct vc_gz;
struct vc_mediain;
struct vc_tls;
struct vc_tls_door;
struct vc_tool;

struct vc_input {
	struct vc_place where;
	struct vc_watch watch; /* fd -1: closed, or nobody has connected */
	struct vc_watch accept_watch; /* listening; fd -1: not */
	struct vc_loop *loop;
	struct vc_tool *tool; /* whose it is; NULL: files are octets */
	const char *sdp;      /* of captures: --sdp, --pt; borrowed, or NULL */
	size_t sdp_len;
	bool keeps_captures;	  /* they are the owner's to read */
	struct vc_tls_door *door; /* listening on tls://, or NULL */
	struct vc_tls *tls;	  /* the connection's, or NULL */
	void (*ready)(void *ctx, struct vc_input *input); /* octets came */
	void *ctx;
	uint8_t *buf;
	size_t start;
	size_t end;
	size_t cap;
	bool is_fifo; /* FIFO or Unix socket: feedback may be used */
	bool is_regular;
	bool is_network; /* tcp and tls are not trusted */
	bool is_ended;	 /* no more octets come */
	int err;	 /* why they do not, if it is not the end of input */
	bool is_paused;
	bool is_gathered; /* vc_input_gather() */
	size_t waits;	  /* octets that wait in it before its writer does */
	bool is_sniffed;
	struct vc_gz *gz;
	bool gz_is_whole; /* at the end of a member: the end is no cut */
	unsigned int nth; /* of the tool's inputs */
	struct vc_mediain *media; /* of a file, which is read through, too */
	uint8_t *gz_in;		  /* or the media file's octets */
	size_t gz_start;
	size_t gz_len;
	struct vc_sealedin sealed; /* its keys are the owner's */
	uint64_t octets;
};

/*
 * Opens 'in->where'; 'ready' is called from the loop after octets came or the
 * end did. '*what' gets a line for --ready when listening, else "". 0 or
 * -errno (-ENOTTY: a terminal) and the reason in 'what'. Who comes to a
 * listening tls:// with a certificate gives where.name its name, if the
 * operator gave it none.
 */
int vc_input_open(struct vc_input *in, struct vc_loop *loop, char *what,
		  size_t cap);
void vc_input_close(struct vc_input *in);

/* Stops and resumes reading. */
void vc_input_pause(struct vc_input *in, bool is_paused);

/* What comes is read when vc_input_read() says so, and not before. */
void vc_input_gather(struct vc_input *in, bool is_gathered);
/* Reads what is there, as 'ready' tells. There is something, or the end. */
void vc_input_read(struct vc_input *in);

/*
 * The frame at the head: 1; 0: not all of it is here yet, or the input is at
 * its end (is_ended; vc_input_left() octets remain); -EBADMSG as
 * vc_frame_next(), with out->size set.
 */
int vc_input_head(struct vc_input *in, struct vc_frame *out);
void vc_input_pop(struct vc_input *in, size_t size);
size_t vc_input_left(const struct vc_input *in);

/* What the input is by its first octets, once is_sniffed. */
enum vc_filekind vc_input_kind(const struct vc_input *in);

/* It ended too early, as only an encrypted one tells. */
static inline bool vc_input_is_cut(const struct vc_input *in)
{
	return in->sealed.unseal && in->is_ended && !in->err &&
	       !vc_unseal_is_whole(in->sealed.unseal);
}

#endif
