/* SPDX-License-Identifier: MIT */
/*
 * Payloads are appended to one buffer, which grows as frames do and is kept.
 * Each descriptor is checked against what a frame looks like (it begins once,
 * with partition 0; one picture id), then the frame header against the limits,
 * before anybody gets the frame: a decoder allocates what a header claims.
 *
 * Picture ids tell lost frames from packets that were only padding: ids in a
 * row mean that nothing is missing, whatever happened to sequence numbers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/jbuf.h"
#include "session/vp8pack.h"
#include "wire/vp8.h"

#define SIDE_MAX 4096
#define FIRST_CAP 65536

struct vc_vp8asm {
	struct vc_vp8asm_conf conf;
	uint8_t *buf;
	size_t cap;
	size_t len;
	int err; /* of the frame that is being put together */
	bool needs_key;
	unsigned int width;
	unsigned int height;
	int picture_id; /* of this frame, -1: none */
	bool long_id;
	int last_id; /* of the frame before it, -1: not known */
	struct vc_vp8asm_counts counts;
};

struct vc_vp8asm *vc_vp8asm_new(const struct vc_vp8asm_conf *conf)
{
	struct vc_vp8asm *va = vc_try_alloc(1, sizeof(*va));

	if (!va)
		return NULL;
	if (conf)
		va->conf = *conf;
	if (!va->conf.max_octets)
		va->conf.max_octets = VC_VP8_FRAME_MAX;
	if (!va->conf.max_width)
		va->conf.max_width = SIDE_MAX;
	if (!va->conf.max_height)
		va->conf.max_height = SIDE_MAX;
	va->needs_key = true;
	va->picture_id = -1;
	va->last_id = -1;
	return va;
}

void vc_vp8asm_free(struct vc_vp8asm *va)
{
	if (!va)
		return;
	free(va->buf);
	free(va);
}

void vc_vp8asm_lost(struct vc_vp8asm *va)
{
	va->needs_key = true;
	va->last_id = -1;
}

bool vc_vp8asm_needs_key(const struct vc_vp8asm *va)
{
	return va->needs_key;
}

const struct vc_vp8asm_counts *vc_vp8asm_counts(const struct vc_vp8asm *va)
{
	return &va->counts;
}

void vc_vp8asm_begin(struct vc_vp8asm *va)
{
	va->len = 0;
	va->err = 0;
	va->picture_id = -1;
}

static int reserve(struct vc_vp8asm *va, size_t len)
{
	size_t cap = va->cap ? va->cap : FIRST_CAP;
	uint8_t *buf;

	if (len > va->conf.max_octets)
		return -EFBIG;
	if (len <= va->cap)
		return 0;
	while (cap < len)
		cap *= 2;
	buf = vc_try_alloc(1, cap);
	if (!buf)
		return -ENOMEM;
	if (va->len)
		memcpy(buf, va->buf, va->len);
	free(va->buf);
	va->buf = buf;
	va->cap = cap;
	return 0;
}

static int append(struct vc_vp8asm *va, const struct vc_vp8_desc *d)
{
	bool is_first = vc_vp8_desc_is_first(d);
	int err;

	if (is_first != !va->len)
		return -EBADMSG;
	if (!is_first && d->picture_id != va->picture_id)
		return -EBADMSG;
	err = reserve(va, va->len + d->payload_len);
	if (err)
		return err;
	va->picture_id = d->picture_id;
	va->long_id = d->long_id;
	memcpy(va->buf + va->len, d->payload, d->payload_len);
	va->len += d->payload_len;
	return 0;
}

int vc_vp8asm_add(struct vc_vp8asm *va, const uint8_t *payload, size_t len)
{
	struct vc_vp8_desc d;

	if (va->err || !len)
		return va->err;
	if (vc_vp8_desc_parse(&d, payload, len))
		va->err = -EBADMSG;
	else if (d.payload_len)
		va->err = append(va, &d);
	return va->err;
}

static int check_header(struct vc_vp8asm *va, struct vc_vp8_frame *h)
{
	if (vc_vp8_frame_parse(h, va->buf, va->len, va->len))
		return -EBADMSG;
	if (!h->key)
		return va->needs_key ? -EAGAIN : 0;
	if (h->width > va->conf.max_width || h->height > va->conf.max_height)
		return -EFBIG;
	va->width = h->width;
	va->height = h->height;
	return 0;
}

/* Are frames missing between the last one and this? */
static bool is_skipping(const struct vc_vp8asm *va)
{
	int mask = va->long_id ? 0x7fff : 0x7f;

	if (va->picture_id < 0 || va->last_id < 0)
		return false;
	return ((va->last_id + 1) & mask) != (va->picture_id & mask);
}

static int fail(struct vc_vp8asm *va, int err)
{
	if (err == -EAGAIN)
		va->counts.waiting++;
	else if (err == -EFBIG)
		va->counts.refused++;
	else if (err == -EBADMSG)
		va->counts.malformed++;
	vc_vp8asm_lost(va);
	return err;
}

int vc_vp8asm_end(struct vc_vp8asm *va, struct vc_vp8frame *out)
{
	struct vc_vp8_frame header;
	int err = va->err;

	if (!err && !va->len)
		return -ENODATA;
	if (!err)
		err = check_header(va, &header);
	if (err)
		return fail(va, err);
	*out = (struct vc_vp8frame){
		.data = va->buf,
		.len = va->len,
		.is_key = header.key,
		.width = va->width,
		.height = va->height,
		.has_picture_id = va->picture_id >= 0,
		.picture_id = (uint16_t)(va->picture_id & 0x7fff),
		.skipped = is_skipping(va),
	};
	va->needs_key = false;
	va->last_id = va->picture_id;
	va->counts.frames++;
	va->counts.keys += header.key;
	return 0;
}

int vc_vp8asm_frame(struct vc_vp8asm *va, const struct vc_jbuf *jb,
		    const struct vc_jbuf_frame *f, struct vc_vp8frame *out)
{
	const struct vc_jbuf_item *it;

	vc_vp8asm_begin(va);
	for (size_t i = 0; i < f->n; i++) {
		it = vc_jbuf_at(jb, i);
		(void)vc_vp8asm_add(va, it->rtp.payload, it->rtp.payload_len);
	}
	return vc_vp8asm_end(va, out);
}
