/* SPDX-License-Identifier: MIT */
/*
 * AV1 gets the temporal delimiters that RTP leaves out. The header of IVF is
 * written over when the file is flushed: its length is then right whenever it
 * is read.
 */
#include "engine/picfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/outfile.h"
#include "wire/codec.h"
#include "wire/ivf.h"
#include "wire/ntp.h"

#define DELIMITER "\x12\0" /* an OBU of its own */
#define DELIMITER_LEN 2

struct vc_picfile {
	struct vc_outfile *out;
	bool is_annexb;
	bool has_track;
	bool has_started;
	bool is_av1;
	struct vc_ivf head;
	int64_t flush_at;
};

struct vc_picfile *vc_picfile_new(bool is_annexb, struct vc_outfile *out)
{
	struct vc_picfile *f = vc_try_alloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->out = out;
	f->is_annexb = is_annexb;
	f->flush_at = VC_SEC;
	return f;
}

static void clear(void *c)
{
	free(c);
}

static const char *fourcc_of(enum vc_codec codec)
{
	switch (codec) {
	case VC_CODEC_VP8:
		return "VP80";
	case VC_CODEC_VP9:
		return "VP90";
	case VC_CODEC_AV1:
		return "AV01";
	default:
		return NULL;
	}
}

static int add(void *c, const struct vc_track_info *info, unsigned int *track)
{
	struct vc_picfile *f = c;
	enum vc_codec codec = vc_codec_by_name(vc_str_c(info->codec));
	const char *fourcc = fourcc_of(codec);

	if (f->is_annexb ? codec != VC_CODEC_H264 : !fourcc)
		return -ENOTSUP;
	if (f->has_track)
		return -EMLINK;
	f->has_track = true;
	f->is_av1 = codec == VC_CODEC_AV1;
	f->head = (struct vc_ivf){
		.width = (uint16_t)info->width,
		.height = (uint16_t)info->height,
		.rate = VC_IVF_RATE,
		.scale = 1,
	};
	if (fourcc)
		vc_strlcpy(f->head.fourcc, fourcc, sizeof(f->head.fourcc));
	*track = 0;
	return 0;
}

static int put_head(struct vc_picfile *f)
{
	uint8_t head[VC_IVF_HEADER];

	if (f->is_annexb)
		return 0;
	vc_ivf_write(head, &f->head);
	if (!f->has_started)
		return vc_outfile_write(f->out, head, sizeof(head));
	if (!vc_outfile_can_patch(f->out))
		return 0;
	return vc_outfile_patch(f->out, 0, head, sizeof(head));
}

static int flush(void *c)
{
	struct vc_picfile *f = c;
	int err = f->has_started ? put_head(f) : 0;

	return err ? err : vc_outfile_flush(f->out);
}

static int put_frame_head(struct vc_picfile *f,
			  const struct vc_container_unit *u)
{
	const struct vc_ivf_frame frame = {
		.len = (uint32_t)(u->len + (f->is_av1 ? DELIMITER_LEN : 0)),
		.ticks = (uint64_t)vc_rtp_from_ns(u->time, VC_IVF_RATE),
	};
	uint8_t head[VC_IVF_FRAME_HEADER];
	int err;

	if (f->is_annexb)
		return 0;
	vc_ivf_frame_write(head, &frame);
	err = vc_outfile_write(f->out, head, sizeof(head));
	if (!err && f->is_av1)
		err = vc_outfile_write(f->out, DELIMITER, DELIMITER_LEN);
	return err;
}

static int write_unit(void *c, const struct vc_container_unit *u)
{
	struct vc_picfile *f = c;
	int64_t end = vc_rtp_from_ns(u->time + u->duration, VC_IVF_RATE);
	int err = f->has_started ? 0 : put_head(f);

	if (!err)
		err = put_frame_head(f, u);
	if (!err)
		err = vc_outfile_write(f->out, u->data, u->len);
	if (err)
		return err;
	f->has_started = true;
	f->head.length = end > UINT32_MAX ? 0 : (uint32_t)end;
	if (u->time < f->flush_at)
		return 0;
	f->flush_at = u->time + VC_SEC;
	return flush(f);
}

static int finish(void *c)
{
	struct vc_picfile *f = c;

	return f->has_started ? flush(f) : -ENODATA;
}

const struct vc_container_ops vc_picfile_ops = {
	.name = "pictures",
	.add = add,
	.write = write_unit,
	.flush = flush,
	.finish = finish,
	.free = clear,
};
