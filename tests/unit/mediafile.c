/* SPDX-License-Identifier: MIT */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "unit/mediafile.h"

extern char **environ;

static char dir[] = "/tmp/vc-test-media-XXXXXX";

static int run(const char *const argv[])
{
	pid_t pid;
	int status = -1;

	if (posix_spawnp(&pid, argv[0], NULL, NULL,
			 (char *const *)(uintptr_t)argv, environ))
		return -1;
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return status ? -1 : 0;
}

int mediafile_dir_make(void)
{
	return mkdtemp(dir) ? 0 : -1;
}

int mediafile_dir_drop(void)
{
	const char *const argv[] = { "rm", "-r", dir, NULL };

	return run(argv);
}

const char *mediafile_at(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

int mediafile_put(const char *name, const void *p, size_t len)
{
	FILE *o = fopen(mediafile_at(name), "we");

	if (!o)
		return -1;
	size_t n = fwrite(p, 1, len, o);

	return fclose(o) || n != len ? -1 : 0;
}

int mediafile_put_head(const char *name, const char *of, size_t len)
{
	FILE *in = fopen(mediafile_at(of), "re");
	struct stat st;

	if (!in || fstat(fileno(in), &st))
		return -1;
	if (!len)
		len = (size_t)st.st_size / 2;
	uint8_t *p = vc_alloc(1, len);
	size_t n = fread(p, 1, len, in);
	int err = n == len ? mediafile_put(name, p, len) : -1;

	fclose(in);
	free(p);
	return err;
}

int16_t mediafile_sample(int i)
{
	return (int16_t)(i * 7919 % 20011 - 10000);
}

static void put_le(uint8_t *p, uint32_t v, int n)
{
	for (int i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

int mediafile_put_wav(const char *name, uint32_t claimed)
{
	static const uint8_t head[MEDIAFILE_WAV_HEAD] =
		"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\xbb\0\0"
		"\0\x77\1\0\2\0\x10\0data";
	static uint8_t p[MEDIAFILE_WAV_HEAD + 2 * MEDIAFILE_SAMPLES];

	memcpy(p, head, sizeof(head));
	put_le(p + 4, claimed + MEDIAFILE_WAV_HEAD - 8, 4);
	put_le(p + 40, claimed, 4);
	for (int i = 0; i < MEDIAFILE_SAMPLES; i++)
		put_le(p + MEDIAFILE_WAV_HEAD + 2 * (size_t)i,
		       (uint16_t)mediafile_sample(i), 2);
	return mediafile_put(name, p, sizeof(p));
}

int mediafile_put_webm(const char *name)
{
	const char *const argv[] = {
		"ffmpeg",
		"-nostdin",
		"-v",
		"error",
		"-f",
		"lavfi",
		"-i",
		"testsrc2=size=320x240:rate=25:duration=2",
		"-itsoffset",
		"0.5",
		"-f",
		"lavfi",
		"-i",
		"sine=frequency=440:sample_rate=48000:duration=1.5",
		"-c:v",
		"libvpx",
		"-c:a",
		"libopus",
		mediafile_at(name),
		NULL,
	};

	return run(argv);
}
