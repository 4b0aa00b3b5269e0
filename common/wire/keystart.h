/* SPDX-License-Identifier: MIT */
/* Where pictures can begin, whatever the codec. */
#ifndef VC_WIRE_KEYSTART_H
#define VC_WIRE_KEYSTART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/codec.h"

/* Is there a parser for it? Else nothing below can be told. */
bool vc_keystart_knows(enum vc_codec codec);

/*
 * Is the payload the first of a key frame (with H.264 also its parameter
 * sets)? False for what is malformed, and for a codec without a parser.
 */
bool vc_keystart(enum vc_codec codec, const uint8_t *payload, size_t len);

/*
 * The size of the pictures that begin with this payload, where it begins a key
 * frame and says so: with H.264 a payload with the parameter set.
 */
bool vc_keystart_size(enum vc_codec codec, const uint8_t *payload, size_t len,
		      unsigned int *width, unsigned int *height);

#endif
