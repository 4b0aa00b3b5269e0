/* SPDX-License-Identifier: MIT */
/*
 * What decoding a WebM file of VP8 and Opus costs at least: libvpx and libopus
 * on one thread, and a loop. The file is read before that.
 *
 *   baredecode FILE
 *
 * Prints the CPU seconds of the loop, and how many pictures and packets of
 * sound came out of it.
 */
#include <fcntl.h>
#include <opus/opus.h>
#include <stdio.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#include "bench/bench.h"
#include "engine/container.h"
#include "engine/unitfile.h"

#define TRACKS 16
#define SAMPLES 5760

struct unit {
	unsigned int track;
	size_t at, len;
};

struct film {
	uint8_t *octets;
	size_t len, cap;
	struct unit *units;
	size_t n, n_cap;
	unsigned int n_tracks;
	bool is_video[TRACKS];
	vpx_codec_ctx_t video[TRACKS];
	OpusDecoder *sound[TRACKS];
	uint64_t pictures, packets;
};

static int add(void *c, const struct vc_track_info *info, unsigned int *track)
{
	struct film *f = c;
	int err = 0;

	need(f->n_tracks < TRACKS, "more than 16 tracks");
	*track = f->n_tracks++;
	f->is_video[*track] = info->kind == VC_TRACK_VIDEO;
	if (f->is_video[*track])
		err = vpx_codec_dec_init(&f->video[*track], vpx_codec_vp8_dx(),
					 NULL, 0);
	else
		f->sound[*track] =
			opus_decoder_create(48000, (int)info->channels, &err);
	need(!err, "decoder");
	return 0;
}

static void *grown(void *p, size_t size)
{
	p = realloc(p, size);
	need(p, "memory");
	return p;
}

static int keep(void *c, const struct vc_container_unit *u)
{
	struct film *f = c;

	if (f->len + u->len > f->cap) {
		f->cap = 2 * f->cap + u->len + (1u << 20);
		f->octets = grown(f->octets, f->cap);
	}
	if (f->n == f->n_cap) {
		f->n_cap = 2 * f->n_cap + 1024;
		f->units = grown(f->units, f->n_cap * sizeof(*f->units));
	}
	memcpy(f->octets + f->len, u->data, u->len);
	f->units[f->n] = (struct unit){ u->track, f->len, u->len };
	f->n++;
	f->len += u->len;
	return 0;
}

static void read_film(struct film *f, const char *path)
{
	static const struct vc_container_ops ops = { .name = "bare",
						     .add = add,
						     .write = keep };
	const struct vc_unitfile_conf conf = { .ops = &ops, .container = f };
	struct vc_unitfile *file = vc_unitfile_new(&conf);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	static uint8_t piece[1 << 18];
	ssize_t n;

	need(fd >= 0, path);
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		need(!vc_unitfile_put(file, piece, (size_t)n), path);
	vc_unitfile_free(file);
	close(fd);
}

static void decode(struct film *f, const struct unit *u)
{
	const uint8_t *p = f->octets + u->at;
	static int16_t pcm[2 * SAMPLES];
	vpx_codec_iter_t it = NULL;
	vpx_codec_ctx_t *v = &f->video[u->track];

	if (!f->is_video[u->track]) {
		f->packets += opus_decode(f->sound[u->track], p,
					  (opus_int32)u->len, pcm, SAMPLES,
					  0) > 0;
		return;
	}
	need(!vpx_codec_decode(v, p, (unsigned int)u->len, NULL, 0), "decode");
	f->pictures += vpx_codec_get_frame(v, &it) != NULL;
}

int main(int argc, char **argv)
{
	static struct film f;
	int64_t begin;

	need(argc == 2, "usage");
	read_film(&f, argv[1]);
	begin = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	for (size_t i = 0; i < f.n; i++)
		decode(&f, &f.units[i]);
	printf("%.4f %llu %llu\n",
	       (double)(now_ns(CLOCK_PROCESS_CPUTIME_ID) - begin) / 1e9,
	       (unsigned long long)f.pictures, (unsigned long long)f.packets);
	return f.pictures + f.packets != f.n;
}
