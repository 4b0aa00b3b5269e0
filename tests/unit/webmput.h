/* SPDX-License-Identifier: MIT */
/* Units into a WebM file. */
#ifndef VC_TEST_WEBMPUT_H
#define VC_TEST_WEBMPUT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/time.h"
#include "engine/webmfile.h"

static const struct vc_track_info sound = {
	.kind = VC_TRACK_AUDIO,
	.codec = "opus",
	.name = "Ann",
	.rate_hz = 48000,
	.channels = 1,
	.delay = 6500000,
};

static inline void put(struct vc_webmfile *f, unsigned int track, int64_t ms,
		       bool is_key, bool is_last)
{
	static const uint8_t octets[10] = { 1, 2, 3 };
	const struct vc_container_unit u = {
		.track = track,
		.time = ms * VC_MS,
		.duration = 20 * VC_MS,
		.is_key = is_key,
		.is_last = is_last,
		.data = octets,
		.len = sizeof(octets),
	};

	assert_int_equal(vc_webmfile_ops.write(f, &u), 0);
}

#endif
