/* SPDX-License-Identifier: MIT */
/*
 * zlib's streaming calls with gzip framing (window bits + 16). zlib writes a
 * zero date and no name by default, which is what we want. A reader that meets
 * the end of a member starts over at the next octet, if there is one.
 */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/gz.h"
#include "base/mem.h"

struct vc_gz {
	z_stream z;
	bool is_writer;
	bool is_at_end; /* of a member */
};

#define GZIP_ONLY (15 + 16)

struct vc_gz *vc_gz_new_reader(void)
{
	struct vc_gz *gz = vc_try_alloc(1, sizeof(*gz));

	if (gz && inflateInit2(&gz->z, GZIP_ONLY) != Z_OK) {
		free(gz);
		return NULL;
	}
	return gz;
}

struct vc_gz *vc_gz_new_writer(int level)
{
	struct vc_gz *gz = vc_try_alloc(1, sizeof(*gz));

	assert(level >= 1 && level <= 9);
	if (gz && deflateInit2(&gz->z, level, Z_DEFLATED, GZIP_ONLY, 8,
			       Z_DEFAULT_STRATEGY) != Z_OK) {
		free(gz);
		return NULL;
	}
	if (gz)
		gz->is_writer = true;
	return gz;
}

void vc_gz_free(struct vc_gz *gz)
{
	if (!gz)
		return;
	if (gz->is_writer)
		deflateEnd(&gz->z);
	else
		inflateEnd(&gz->z);
	free(gz);
}

static void lend(struct vc_gz *gz, const uint8_t *in, size_t in_len,
		 uint8_t *out, size_t out_len)
{
	/* zlib does not write there, whatever its type says. */
	gz->z.next_in = (Bytef *)(uintptr_t)in;
	gz->z.avail_in = in_len < UINT_MAX ? (uInt)in_len : UINT_MAX;
	gz->z.next_out = out;
	gz->z.avail_out = out_len < UINT_MAX ? (uInt)out_len : UINT_MAX;
}

static void take_back(struct vc_gz *gz, const uint8_t *in, size_t *in_len,
		      const uint8_t *out, size_t *out_len)
{
	*in_len = (size_t)(gz->z.next_in - in);
	*out_len = (size_t)(gz->z.next_out - out);
}

int vc_gz_read(struct vc_gz *gz, const uint8_t *in, size_t *in_len,
	       uint8_t *out, size_t *out_len)
{
	int rc = Z_OK;

	assert(!gz->is_writer);
	lend(gz, in, *in_len, out, *out_len);
	while (rc == Z_OK && (gz->z.avail_in || !gz->is_at_end)) {
		if (gz->is_at_end)
			inflateReset(&gz->z);
		gz->is_at_end = false;
		rc = inflate(&gz->z, Z_NO_FLUSH);
		if (rc == Z_STREAM_END) {
			gz->is_at_end = true;
			rc = Z_OK;
		} else if (rc == Z_OK &&
			   (!gz->z.avail_in || !gz->z.avail_out)) {
			break;
		}
	}
	take_back(gz, in, in_len, out, out_len);
	/* Z_BUF_ERROR: no octet in or no room out. Nothing is wrong. */
	if (rc != Z_OK && rc != Z_BUF_ERROR)
		return rc == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
	return gz->is_at_end;
}

int vc_gz_write(struct vc_gz *gz, const uint8_t *in, size_t *in_len,
		uint8_t *out, size_t *out_len, bool flush, bool finish)
{
	int rc, how = finish ? Z_FINISH : flush ? Z_SYNC_FLUSH : Z_NO_FLUSH;

	assert(gz->is_writer);
	lend(gz, in, *in_len, out, *out_len);
	rc = deflate(&gz->z, how);
	take_back(gz, in, in_len, out, out_len);
	if (rc != Z_OK && rc != Z_BUF_ERROR && rc != Z_STREAM_END)
		return -EBADMSG;
	return rc == Z_STREAM_END;
}
