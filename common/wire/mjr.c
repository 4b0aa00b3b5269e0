/* SPDX-License-Identifier: MIT */
/* Frames have marks, but who loses them has lost the file: a mark may as well
 * stand in a packet. */
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "base/time.h"
#include "wire/frame.h"
#include "wire/mjr.h"

#define MARK_LEN 8
#define HEADER (MARK_LEN + 2) /* of the file, and of frames */
#define OLD_MARK "MEETECHO"
#define MARK "MEET"

static int begin(struct vc_mjr *m, const uint8_t *p, size_t len,
		 struct vc_piece *out)
{
	const uint8_t *info = p + HEADER;
	int version = 0;

	out->size = HEADER;
	if (len < out->size)
		return 0;
	if (!memcmp(p, OLD_MARK, MARK_LEN) || !memcmp(p, "MJR00001", MARK_LEN))
		version = 1;
	else if (!memcmp(p, "MJR00002", MARK_LEN))
		version = 2;
	else
		return memcmp(p, "MJR", 3) ? -EBADMSG : -EPROTONOSUPPORT;
	out->caplen = out->len = vc_get_u16(p + MARK_LEN);
	out->size += out->caplen;
	if (len < out->size)
		return 0;
	if (!memcmp(p, OLD_MARK, MARK_LEN) &&
	    (out->caplen != 5 ||
	     (memcmp(info, "audio", 5) && memcmp(info, "video", 5))))
		return -EBADMSG;
	m->version = version;
	out->kind = VC_PIECE_INFO;
	out->data = info;
	return 1;
}

int vc_mjr_next(struct vc_mjr *m, const uint8_t *buf, size_t len,
		struct vc_piece *out)
{
	int64_t ms;

	*out = (struct vc_piece){ .kind = VC_PIECE_SKIP, .time = VC_TIME_NONE };
	if (!m->version)
		return begin(m, buf, len, out);
	out->size = HEADER;
	if (len < out->size)
		return 0;
	if (m->version == 1 ? memcmp(buf, OLD_MARK, MARK_LEN) :
			      memcmp(buf, MARK, 4))
		return -EBADMSG;
	out->caplen = out->len = vc_get_u16(buf + MARK_LEN);
	out->size += out->caplen;
	if (len < out->size)
		return 0;
	out->kind = VC_PIECE_PACKET;
	out->data = buf + HEADER;
	if (m->version == 1)
		return 1;
	ms = vc_ts_extend(&m->offset, vc_get_u32(buf + 4));
	if (ms < 0 || ms > VC_FRAME_TIME_MAX / 2 / VC_MS)
		out->kind = VC_PIECE_BAD;
	else
		out->time = ms * VC_MS;
	return 1;
}
