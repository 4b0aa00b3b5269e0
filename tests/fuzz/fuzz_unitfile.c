/* SPDX-License-Identifier: MIT */
/*
 * A recording (WebM, MP4, Ogg, WAV, IVF) read back: at once, and an octet at a
 * time, which must be the same; units lie within what was put.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/container.h"
#include "engine/unitfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	uint64_t tracks, units, octets, hash;
	int64_t times;
	int is_whole;
	int err;
};

static int add(void *c, const struct vc_track_info *info, unsigned int *track)
{
	struct sum *s = c;

	if (!info->codec || strlen(info->name) >= VC_TRACK_NAME_CAP)
		abort();
	*track = (unsigned int)s->tracks;
	s->tracks++;
	return 0;
}

static int write_unit(void *c, const struct vc_container_unit *u)
{
	struct sum *s = c;

	if (u->track >= s->tracks || u->time < 0 || u->duration < 0 || !u->len)
		abort();
	s->units++;
	s->octets += u->len;
	s->times = (int64_t)((uint64_t)s->times * 31 + (uint64_t)u->time +
			     (uint64_t)u->duration);
	for (size_t i = 0; i < u->len; i++)
		s->hash = (s->hash ^ u->data[i]) * 1099511628211u;
	return 0;
}

static const struct vc_container_ops ops = {
	.name = "fuzz",
	.add = add,
	.write = write_unit,
};

static struct sum read_all(const uint8_t *data, size_t size, size_t piece)
{
	struct sum sum;
	const struct vc_unitfile_conf conf = { .ops = &ops, .container = &sum };
	struct vc_unitfile *f = vc_unitfile_new(&conf);

	memset(&sum, 0, sizeof(sum));
	for (size_t at = 0; f && !sum.err && at < size; at += piece)
		sum.err = vc_unitfile_put(
			f, data + at, size - at < piece ? size - at : piece);
	if (f && !sum.err)
		sum.err = vc_unitfile_end(f);
	if (f)
		sum.is_whole = vc_unitfile_is_whole(f);
	vc_unitfile_free(f);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sum a = read_all(data, size, size ? size : 1), b;

	if (size < 4096) {
		b = read_all(data, size, 1);
		if (memcmp(&a, &b, sizeof(a)))
			abort();
	}
	return 0;
}
