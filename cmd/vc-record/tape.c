/* SPDX-License-Identifier: MIT */
/* Frames go straight, or through zlib, into the file. */
#include "tape.h"

#include <errno.h>
#include <stdlib.h>

#include "base/gz.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/capfile.h"
#include "engine/outfile.h"
#include "strip.h"
#include "wire/frame.h"
#include "wire/sdp.h"

#define GZIP_LEVEL 6
#define ROOM 32768

struct tape {
	struct vc_outfile *out;
	struct vc_gz *gz;	/* or NULL */
	struct vc_capfile *cap; /* or NULL */
	struct strip *strip;	/* or NULL */
	int64_t now;		/* the last T of kind 0 */
	uint8_t room[ROOM];
};

struct tape *tape_new(struct vc_outfile *out, enum tape_kind kind,
		      struct strip *strip)
{
	struct tape *tape = vc_try_alloc(1, sizeof(*tape));

	if (!tape)
		return NULL;
	tape->out = out;
	tape->strip = strip;
	tape->now = VC_TIME_NONE;
	if (kind == TAPE_GZIP)
		tape->gz = vc_gz_new_writer(GZIP_LEVEL);
	if (kind == TAPE_PCAPNG)
		tape->cap = vc_capfile_new(VC_CAPFILE_PCAPNG, out);
	if (kind == TAPE_RTPDUMP)
		tape->cap = vc_capfile_new(VC_CAPFILE_RTPDUMP, out);
	if (kind == TAPE_VCRTP || tape->gz || tape->cap)
		return tape;
	free(tape);
	return NULL;
}

void tape_free(struct tape *tape)
{
	if (!tape)
		return;
	vc_gz_free(tape->gz);
	vc_capfile_free(tape->cap);
	free(tape);
}

/* All of 'p' through zlib; flushing and finishing go on until all is out. */
static int squeeze(struct tape *tape, const uint8_t *p, size_t len, bool flush,
		   bool finish)
{
	size_t n_in, n_out;
	int got, err;

	do {
		n_in = len;
		n_out = sizeof(tape->room);
		got = vc_gz_write(tape->gz, p, &n_in, tape->room, &n_out, flush,
				  finish);
		if (got < 0)
			return got;
		err = vc_outfile_write(tape->out, tape->room, n_out);
		if (err)
			return err;
		p += n_in;
		len -= n_in;
	} while (got != 1 && (len || finish || n_out == sizeof(tape->room)));
	return 0;
}

static int write_octets(struct tape *tape, const void *p, size_t len)
{
	return tape->gz ? squeeze(tape, p, len, false, false) :
			  vc_outfile_write(tape->out, p, len);
}

int tape_raw(struct tape *tape, const uint8_t *frame, size_t len)
{
	if (tape->cap || tape->strip)
		return tape_frame(tape, frame + 2, len - 2);
	return write_octets(tape, frame, len);
}

int tape_frame(struct tape *tape, const void *payload, size_t len)
{
	const uint8_t *p = payload;
	uint8_t head[2];
	int err;

	if (tape->strip) {
		len = strip_frame(tape->strip, payload, len, &p);
		if (!len)
			return 0;
	}
	if (tape->cap)
		return vc_capfile_put(tape->cap, p, len);
	vc_frame_head(head, len);
	err = write_octets(tape, head, sizeof(head));
	return err ? err : write_octets(tape, p, len);
}

int tape_desc_write(char *text, size_t cap, const struct vc_sdp *sdp,
		    bool is_virtual)
{
	struct vc_sdp *copy = vc_try_alloc(1, sizeof(*copy));
	int len;

	if (!copy)
		return -ENOMEM;
	*copy = *sdp;
	copy->clock = vc_str_c(is_virtual ? "virtual" : "recorded");
	copy->control = vc_str_c("");
	len = vc_sdp_write(copy, text, cap);
	free(copy);
	return len;
}

static int put_time(struct tape *tape, enum vc_frame_time kind, int64_t t)
{
	uint8_t frame[VC_FRAME_TIME_SIZE];

	vc_frame_time_write(frame, kind, t);
	return tape_raw(tape, frame, sizeof(frame));
}

int tape_time(struct tape *tape, int64_t now)
{
	if (now <= tape->now)
		return 0;
	tape->now = now;
	return put_time(tape, VC_TIME_STREAM, now);
}

int tape_packet(struct tape *tape, const struct vc_packet *pkt)
{
	int err = tape_time(tape, pkt->arrival);

	if (!err && pkt->arrival < tape->now)
		err = put_time(tape, VC_TIME_ARRIVAL, pkt->arrival);
	return err ? err : tape_frame(tape, pkt->data, pkt->len);
}

int tape_flush(struct tape *tape)
{
	int err = 0;

	if (tape->gz)
		err = squeeze(tape, tape->room, 0, true, false);
	return err ? err : vc_outfile_flush(tape->out);
}

int tape_finish(struct tape *tape)
{
	return tape->gz ? squeeze(tape, tape->room, 0, false, true) : 0;
}
