/* SPDX-License-Identifier: MIT */
/* Through one buffer of the compressor's output. */
#include <stdlib.h>
#include <sys/uio.h>

#include "base/gz.h"
#include "base/io.h"
#include "base/mem.h"
#include "tool/gzout.h"

#define LEVEL 6

struct vc_gzout {
	struct vc_gz *gz;
	uint8_t buf[65536];
};

struct vc_gzout *vc_gzout_new(void)
{
	struct vc_gzout *z = vc_try_alloc(1, sizeof(*z));

	if (!z)
		return NULL;
	z->gz = vc_gz_new_writer(LEVEL);
	if (z->gz)
		return z;
	free(z);
	return NULL;
}

void vc_gzout_free(struct vc_gzout *z)
{
	if (z)
		vc_gz_free(z->gz);
	free(z);
}

/* One call of the compressor: 0 go on, 1 the trailer is out, or -errno. */
static int step(struct vc_gzout *z, int fd, const uint8_t *p, size_t *len,
		bool finish)
{
	size_t out = sizeof(z->buf);
	int ret = vc_gz_write(z->gz, p, len, z->buf, &out, false, finish);
	int err = ret < 0 ? ret : vc_write_all(fd, z->buf, out);

	return err ? err : ret;
}

int vc_gzout_write(struct vc_gzout *z, int fd, const struct iovec *iov, int n)
{
	for (int i = 0; i < n; i++) {
		const uint8_t *p = iov[i].iov_base;
		size_t left = iov[i].iov_len;

		while (left) {
			size_t used = left;
			int ret = step(z, fd, p, &used, false);

			if (ret < 0)
				return ret;
			p += used;
			left -= used;
		}
	}
	return 0;
}

int vc_gzout_finish(struct vc_gzout *z, int fd)
{
	int ret;

	do {
		size_t none = 0;

		ret = step(z, fd, NULL, &none, true);
	} while (ret == 0);
	return ret < 0 ? ret : 0;
}
