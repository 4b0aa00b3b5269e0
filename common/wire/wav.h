/* SPDX-License-Identifier: MIT */
/*
 * WAV files: 16-bit PCM, and G.711 as it is; longer than 4 GiB: RF64 (EBU
 * 3306).
 */
#ifndef VC_WIRE_WAV_H
#define VC_WIRE_WAV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_WAV_HEADER 44
/* Where the two sizes stand, for patching once the length is known. */
#define VC_WAV_RIFF_SIZE_AT 4
#define VC_WAV_DATA_SIZE_AT 40

#define VC_WAV_UNKNOWN UINT32_MAX

/* Of a header that has room for more (and for what G.711 needs). */
#define VC_WAV_LONG_HEADER 94

enum vc_wav_format {
	VC_WAV_PCM = 1,
	VC_WAV_ALAW = 6,
	VC_WAV_ULAW = 7,
};

struct vc_wav {
	enum vc_wav_format format;
	uint32_t rate_hz;
	uint16_t channels;
	uint32_t data_len; /* octets; VC_WAV_UNKNOWN: to the end of the file */
	size_t data_at;	   /* where they begin */
	uint64_t long_len; /* the same of RF64, where data_len is UNKNOWN */
};

/*
 * Writes a header for 'data_len' octets of samples; VC_WAV_UNKNOWN where that
 * is not known (a pipe): both sizes are then 0xFFFFFFFF. Longer than
 * UINT32_MAX - 36 is written as unknown.
 */
void vc_wav_write(uint8_t out[static VC_WAV_HEADER], uint32_t rate_hz,
		  uint16_t channels, uint64_t data_len);

/*
 * Reads the headers up to the samples. 0; -EAGAIN: the octets end before the
 * samples begin; -EBADMSG: no WAV; -ENOTSUP: one, but not of 16-bit PCM with
 * 1 to 16 channels at 1 to 768,000 Hz. Sizes are not believed beyond that.
 */
int vc_wav_parse(struct vc_wav *wav, const uint8_t *p, size_t len);

/*
 * The same with G.711: 8 bits, 1 to 16 channels.
 */
int vc_wav_parse_any(struct vc_wav *wav, const uint8_t *p, size_t len);

/*
 * A header of VC_WAV_LONG_HEADER octets, whatever 'long_len' is (data_len and
 * data_at are not looked at); UINT64_MAX: unknown.
 */
void vc_wav_write_long(uint8_t out[static VC_WAV_LONG_HEADER],
		       const struct vc_wav *wav);

#endif
