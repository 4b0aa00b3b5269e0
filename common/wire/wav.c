/* SPDX-License-Identifier: MIT */
/*
 * RIFF is little-endian chunks: four letters, a length, octets, and one more
 * where the length is odd. Reading walks them until the samples.
 */
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "wire/wav.h"

#define FORMAT_EXTENSIBLE 0xfffe
#define RATE_MAX 768000
#define CHANNELS_MAX 16

void vc_wav_write(uint8_t out[static VC_WAV_HEADER], uint32_t rate_hz,
		  uint16_t channels, uint64_t data_len)
{
	struct vc_wr w = vc_wr_over(out, VC_WAV_HEADER);
	bool known = data_len <= VC_WAV_UNKNOWN - (VC_WAV_HEADER - 8);

	vc_wr_bytes(&w, "RIFF", 4);
	vc_wr_le(&w,
		 known ? (uint32_t)data_len + VC_WAV_HEADER - 8 :
			 VC_WAV_UNKNOWN,
		 4);
	vc_wr_bytes(&w, "WAVEfmt ", 8);
	vc_wr_le(&w, 16, 4);
	vc_wr_le(&w, VC_WAV_PCM, 2);
	vc_wr_le(&w, channels, 2);
	vc_wr_le(&w, rate_hz, 4);
	vc_wr_le(&w, rate_hz * channels * 2, 4);
	vc_wr_le(&w, (uint16_t)(channels * 2), 2);
	vc_wr_le(&w, 16, 2);
	vc_wr_bytes(&w, "data", 4);
	vc_wr_le(&w, known ? (uint32_t)data_len : VC_WAV_UNKNOWN, 4);
}

/* The chunk "fmt ". */
static int parse_format(struct vc_wav *wav, struct vc_rd r)
{
	static const uint8_t guid_rest[14] = {
		0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71
	};
	uint16_t format = (uint16_t)vc_rd_le(&r, 2), block, bits, octets;

	wav->channels = (uint16_t)vc_rd_le(&r, 2);
	wav->rate_hz = (uint32_t)vc_rd_le(&r, 4);
	vc_rd_skip(&r, 4);
	block = (uint16_t)vc_rd_le(&r, 2);
	bits = (uint16_t)vc_rd_le(&r, 2);
	if (!r.bad && format == FORMAT_EXTENSIBLE) {
		const uint8_t *rest;

		vc_rd_skip(&r, 8);
		format = (uint16_t)vc_rd_le(&r, 2);
		rest = vc_rd_bytes(&r, sizeof(guid_rest));
		if (rest && memcmp(rest, guid_rest, sizeof(guid_rest)))
			format = 0;
	}
	if (r.bad)
		return -EBADMSG;
	if (format != VC_WAV_PCM && format != VC_WAV_ALAW &&
	    format != VC_WAV_ULAW)
		return -ENOTSUP;
	wav->format = (enum vc_wav_format)format;
	octets = format == VC_WAV_PCM ? 2 : 1;
	if (bits != 8 * octets || !wav->channels ||
	    wav->channels > CHANNELS_MAX || !wav->rate_hz ||
	    wav->rate_hz > RATE_MAX || block != octets * wav->channels)
		return -ENOTSUP;
	return 0;
}

/* The chunk "ds64", of which that of the samples is of interest. */
static void parse_lengths(struct vc_wav *wav, struct vc_rd r)
{
	uint64_t len;

	vc_rd_skip(&r, 8);
	len = vc_rd_le(&r, 8);
	if (!r.bad)
		wav->long_len = len;
}

/* Walks the chunks up to "data". */
static int parse_chunks(struct vc_wav *wav, struct vc_rd *r, bool is_long)
{
	bool has_format = false;

	for (;;) {
		const uint8_t *id = vc_rd_bytes(r, 4), *body;
		uint32_t n = (uint32_t)vc_rd_le(r, 4);
		int err;

		if (r->bad)
			return -EAGAIN;
		if (!memcmp(id, "data", 4)) {
			wav->data_len = n;
			if (n != VC_WAV_UNKNOWN || !is_long)
				wav->long_len = n;
			return has_format ? 0 : -EBADMSG;
		}
		body = vc_rd_bytes(r, n);
		vc_rd_skip(r, n & 1);
		if (r->bad)
			return -EAGAIN;
		if (is_long && !memcmp(id, "ds64", 4))
			parse_lengths(wav, vc_rd_over(body, n));
		if (memcmp(id, "fmt ", 4))
			continue;
		if (has_format)
			return -EBADMSG;
		err = parse_format(wav, vc_rd_over(body, n));
		if (err)
			return err;
		has_format = true;
	}
}

int vc_wav_parse_any(struct vc_wav *wav, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_wav v = { .rate_hz = 0 };
	size_t seen = len < 4 ? len : 4;
	bool is_long = len && seen > 1 && p[1] == 'F';
	int err;

	if (len && memcmp(p, is_long ? "RF64" : "RIFF", seen))
		return -EBADMSG;
	vc_rd_skip(&r, 8);
	if (len >= 12 && memcmp(p + 8, "WAVE", 4))
		return -EBADMSG;
	vc_rd_skip(&r, 4);
	if (r.bad)
		return -EAGAIN;
	err = parse_chunks(&v, &r, is_long);
	if (err)
		return err;
	v.data_at = (size_t)(r.p - p);
	*wav = v;
	return 0;
}

int vc_wav_parse(struct vc_wav *wav, const uint8_t *p, size_t len)
{
	struct vc_wav v;
	int err = vc_wav_parse_any(&v, p, len);

	if (!err && v.format != VC_WAV_PCM)
		err = -ENOTSUP;
	if (!err)
		*wav = v;
	return err;
}

/* How long it all is, where 32 bits do not hold that; else as much room. */
static void write_lengths(struct vc_wr *w, bool is_long, uint64_t len,
			  uint64_t samples)
{
	vc_wr_bytes(w, is_long ? "ds64" : "JUNK", 4);
	vc_wr_le(w, 28, 4);
	vc_wr_le(w, is_long ? len + VC_WAV_LONG_HEADER - 8 : 0, 8);
	vc_wr_le(w, is_long ? len : 0, 8);
	vc_wr_le(w, is_long ? samples : 0, 8);
	vc_wr_le(w, 0, 4);
}

void vc_wav_write_long(uint8_t out[static VC_WAV_LONG_HEADER],
		       const struct vc_wav *wav)
{
	struct vc_wr w = vc_wr_over(out, VC_WAV_LONG_HEADER);
	uint16_t octets = wav->format == VC_WAV_PCM ? 2 : 1;
	uint16_t block = (uint16_t)(octets * wav->channels);
	uint64_t len = wav->long_len, samples = len / block;
	bool is_known = len != UINT64_MAX;
	bool is_short = is_known && len < VC_WAV_UNKNOWN - VC_WAV_LONG_HEADER;
	bool is_long = is_known && !is_short;

	vc_wr_bytes(&w, is_long ? "RF64" : "RIFF", 4);
	/* With the octet that makes an odd length even. */
	vc_wr_le(&w,
		 is_short ?
			 (uint32_t)(len + (len & 1)) + VC_WAV_LONG_HEADER - 8 :
			 VC_WAV_UNKNOWN,
		 4);
	vc_wr_bytes(&w, "WAVE", 4);
	write_lengths(&w, is_long, len, samples);
	vc_wr_bytes(&w, "fmt ", 4);
	vc_wr_le(&w, 18, 4);
	vc_wr_le(&w, (uint16_t)wav->format, 2);
	vc_wr_le(&w, wav->channels, 2);
	vc_wr_le(&w, wav->rate_hz, 4);
	vc_wr_le(&w, wav->rate_hz * block, 4);
	vc_wr_le(&w, block, 2);
	vc_wr_le(&w, (uint16_t)(8 * octets), 2);
	vc_wr_le(&w, 0, 2);
	vc_wr_bytes(&w, "fact", 4);
	vc_wr_le(&w, 4, 4);
	vc_wr_le(&w, is_short ? (uint32_t)samples : VC_WAV_UNKNOWN, 4);
	vc_wr_bytes(&w, "data", 4);
	vc_wr_le(&w, is_short ? (uint32_t)len : VC_WAV_UNKNOWN, 4);
}
