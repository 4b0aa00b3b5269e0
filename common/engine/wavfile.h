/* SPDX-License-Identifier: MIT */
/*
 * A WAV file or stream of one source's sound. PCMU, PCMA and L16 stay as they
 * are (L16 in the other order of octets), all else is decoded, at 48 kHz. Gaps
 * are silence, so that the file's time is the recording's; what drift makes of
 * up to 20 ms is left as it is. In a file the lengths in the header are right
 * whenever it is flushed, which it is once a second; over 4 GiB it is RF64.
 */
#ifndef VC_ENGINE_WAVFILE_H
#define VC_ENGINE_WAVFILE_H

#include "engine/container.h"

struct vc_outfile;
struct vc_wavfile;

/* Holds one track. 'c' is the struct vc_wavfile. */
extern const struct vc_container_ops vc_wavfile_ops;

/* Borrows 'out' until it is freed. NULL when out of memory. */
struct vc_wavfile *vc_wavfile_new(struct vc_outfile *out);

#endif
