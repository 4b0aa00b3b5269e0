/* SPDX-License-Identifier: MIT */
/* WAV files of 16-bit PCM. */
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

struct vc_wav {
	uint32_t rate_hz;
	uint16_t channels;
	uint32_t data_len; /* octets; VC_WAV_UNKNOWN: to the end of the file */
	size_t data_at;	   /* where they begin */
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

#endif
