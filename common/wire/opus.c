/* SPDX-License-Identifier: MIT */
/*
 * The first octet (TOC) gives the coding and the duration of each frame and
 * how frames are packed: one (0), two equal (1), two (2) or any number (3).
 * For 2 and 3 the lengths are walked, so that a packet which a decoder would
 * refuse is known here. R1 to R7 are the rules of RFC 6716 section 3.4.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "wire/opus.h"

#define FRAME_MAX 1275 /* R2 */
#define HEAD_MARK "OpusHead"
#define HEAD_MARK_LEN 8

/* Samples at 48 kHz. */
#define CELT_SHORTEST 28 /* config: full band, 2.5 ms */
#define CELT_LONGEST 31

static unsigned int frame_samples(uint8_t config)
{
	static const uint16_t silk[] = { 480, 960, 1920, 2880 };

	if (config < 12)
		return silk[config & 3];
	if (config < 16)
		return config & 1 ? 960 : 480;
	return 120u << (config & 3);
}

static enum vc_opus_mode mode_of(uint8_t config)
{
	if (config < 12)
		return VC_OPUS_SILK;
	return config < 16 ? VC_OPUS_HYBRID : VC_OPUS_CELT;
}

/* A frame's length, one or two octets (section 3.2.1). */
static size_t read_len(struct vc_rd *r)
{
	size_t n = vc_rd_u8(r);

	return n < 252 ? n : n + (size_t)4 * vc_rd_u8(r);
}

/* Code 3's padding length: 255 means 254 and go on. */
static size_t read_pad_len(struct vc_rd *r)
{
	size_t sum = 0;
	uint8_t n;

	do {
		n = vc_rd_u8(r);
		sum += n == 255 ? 254 : n;
	} while (n == 255);
	return sum;
}

/* 'left' octets in 'n' equal frames. */
static bool equal_fits(size_t left, unsigned int n)
{
	return left % n == 0 && left / n <= FRAME_MAX;
}

/* Lengths of all frames but the last, which takes the rest. */
static bool lengths_fit(struct vc_rd *r, unsigned int n, size_t pad)
{
	size_t sum = pad;

	for (unsigned int i = 1; i < n; i++)
		sum += read_len(r);
	return !r->bad && sum <= vc_rd_left(r) &&
	       vc_rd_left(r) - sum <= FRAME_MAX;
}

static bool check_code3(struct vc_opus *o, struct vc_rd *r)
{
	uint8_t count = vc_rd_u8(r);
	size_t pad = count & 0x40 ? read_pad_len(r) : 0;

	o->n_frames = count & 0x3f;
	if (r->bad || !o->n_frames || o->n_frames > VC_OPUS_FRAMES_MAX ||
	    o->n_frames * o->frame_samples > VC_OPUS_SAMPLES_MAX) /* R5 */
		return false;
	if (count & 0x80)
		return lengths_fit(r, o->n_frames, pad); /* R7 */
	return pad <= vc_rd_left(r) &&
	       equal_fits(vc_rd_left(r) - pad, o->n_frames); /* R6 */
}

int vc_opus_parse(struct vc_opus *o, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	uint8_t toc = vc_rd_u8(&r);
	struct vc_opus v = { .config = toc >> 3, .n_frames = 1 };
	bool fits;

	if (r.bad) /* R1 */
		return -EBADMSG;
	v.mode = mode_of(v.config);
	v.channels = toc & 4 ? 2 : 1;
	v.frame_samples = frame_samples(v.config);
	switch (toc & 3) {
	case 0:
		fits = equal_fits(vc_rd_left(&r), 1);
		break;
	case 1:
		v.n_frames = 2;
		fits = equal_fits(vc_rd_left(&r), 2); /* R3 */
		break;
	case 2:
		v.n_frames = 2;
		fits = lengths_fit(&r, 2, 0); /* R4 */
		break;
	default:
		fits = check_code3(&v, &r);
		break;
	}
	if (!fits)
		return -EBADMSG;
	v.samples = v.n_frames * v.frame_samples;
	v.is_dtx = len <= 2;
	*o = v;
	return 0;
}

int vc_opus_samples(const uint8_t *p, size_t len)
{
	struct vc_opus o;

	/* One frame, as nearly always: every packet comes by here. */
	if (len && (p[0] & 3) == 0)
		return len - 1 <= FRAME_MAX ? (int)frame_samples(p[0] >> 3) :
					      -EBADMSG;
	return vc_opus_parse(&o, p, len) ?: (int)o.samples;
}

size_t vc_opus_silence(uint8_t toc, int64_t samples, uint8_t out[static 2],
		       int64_t *n)
{
	uint8_t config = toc >> 3;
	int64_t frame, count;

	if (frame_samples(config) > samples)
		config = CELT_LONGEST;
	while (config >= CELT_SHORTEST && frame_samples(config) > samples)
		config--;
	frame = frame_samples(config);
	count = samples / frame;
	*n = 0;
	if (count < 1)
		return 0;
	if (count > VC_OPUS_SAMPLES_MAX / frame)
		count = VC_OPUS_SAMPLES_MAX / frame;
	*n = count * frame;
	out[0] = (uint8_t)(config << 3 | (toc & 4) | (count > 1 ? 3 : 0));
	out[1] = (uint8_t)count;
	return count > 1 ? 2 : 1;
}

/* Steps to the first frame, behind what counts and measures; its length. */
static size_t find_frame(struct vc_rd *r)
{
	uint8_t code = vc_rd_u8(r) & 3, count;
	size_t pad = 0, first;

	if (code == 2)
		return read_len(r);
	if (code != 3)
		return vc_rd_left(r) / (code + 1u);
	count = vc_rd_u8(r);
	if (count & 0x40)
		pad = read_pad_len(r);
	if (!(count & 0x80) || (count & 0x3f) == 1)
		return (vc_rd_left(r) - pad) / (count & 0x3f);
	first = read_len(r);
	for (unsigned int i = 2; i < (count & 0x3f); i++)
		(void)read_len(r);
	return first;
}

/* The first octet of the first frame, if that is SILK; or -1. */
static int silk_flags(struct vc_opus *o, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);

	if (vc_opus_parse(o, p, len) || o->mode == VC_OPUS_CELT || o->is_dtx ||
	    !find_frame(&r))
		return -1;
	return vc_rd_u8(&r);
}

/*
 * The range coder's first bits, of even odds, are plain (4.2.3): for each
 * channel a VAD flag for each 20 ms, then whether there is LBRR.
 */
int vc_opus_voice(const uint8_t *p, size_t len)
{
	struct vc_opus o;
	int flags = silk_flags(&o, p, len);

	return flags < 0 ? -1 : flags >> 7;
}

unsigned int vc_opus_fec(const uint8_t *p, size_t len)
{
	struct vc_opus o;
	int flags = silk_flags(&o, p, len);
	unsigned int n;

	if (flags < 0)
		return 0;
	n = o.frame_samples > 960 ? o.frame_samples / 960 : 1;
	if (flags >> (7 - n) & 1)
		return o.frame_samples;
	return o.channels == 2 && flags >> (6 - 2 * n) & 1 ? o.frame_samples :
							     0;
}

void vc_opus_head_write(struct vc_wr *w, unsigned int channels,
			uint16_t pre_skip)
{
	assert(channels == 1 || channels == 2);
	vc_wr_bytes(w, HEAD_MARK, HEAD_MARK_LEN);
	vc_wr_u8(w, 1); /* version */
	vc_wr_u8(w, (uint8_t)channels);
	/* Little-endian from here: pre-skip, input rate, gain. */
	vc_wr_u8(w, (uint8_t)pre_skip);
	vc_wr_u8(w, (uint8_t)(pre_skip >> 8));
	vc_wr_bytes(w, "\x80\xbb\x00\x00", 4); /* 48000 */
	vc_wr_bytes(w, "\x00\x00", 2);
	vc_wr_u8(w, 0); /* mapping family */
}

int vc_opus_head_parse(struct vc_opus_head *head, const uint8_t *p, size_t len)
{
	if (len < VC_OPUS_HEAD_LEN || memcmp(p, HEAD_MARK, HEAD_MARK_LEN))
		return -EBADMSG;
	if (p[8] > 15 || p[VC_OPUS_HEAD_LEN - 1] || !p[9] || p[9] > 2)
		return -ENOTSUP;
	head->channels = p[9];
	head->pre_skip = (uint16_t)(p[10] | p[11] << 8);
	head->gain = (int16_t)(p[16] | p[17] << 8);
	return 0;
}

int vc_opus_dops_parse(struct vc_opus_head *head, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	uint8_t version = vc_rd_u8(&r), channels = vc_rd_u8(&r), family;
	uint16_t skip = vc_rd_u16(&r), gain;

	vc_rd_skip(&r, 4); /* the rate before encoding */
	gain = vc_rd_u16(&r);
	family = vc_rd_u8(&r);
	if (r.bad)
		return -EBADMSG;
	if (version || family || !channels || channels > 2)
		return -ENOTSUP;
	head->channels = channels;
	head->pre_skip = skip;
	head->gain = (int16_t)gain;
	return 0;
}
