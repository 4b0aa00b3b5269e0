/* SPDX-License-Identifier: MIT */
/*
 * Replays a corpus: gives every file of the folders named to the fuzz target
 * this is linked with, in the order of their names, first whole and then cut
 * short at every length up to 64 octets and at ten more. Without libFuzzer, so
 * that `make check` does it with any compiler. A file is handed over in a
 * block of exactly its size, so that a read past its end is seen by sanitizers.
 * The answer is TAP: one test a file; one that crashes ends the program, with
 * its name on stderr already.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static uint8_t *read_file(const char *path, size_t *len_out)
{
	FILE *f = fopen(path, "rb");
	uint8_t *buf = NULL;
	long len;

	if (!f)
		return NULL;
	if (fseek(f, 0, SEEK_END) || (len = ftell(f)) < 0)
		goto done;
	rewind(f);
	buf = malloc((size_t)len + 1);
	if (buf && fread(buf, 1, (size_t)len, f) != (size_t)len) {
		free(buf);
		buf = NULL;
	}
	*len_out = (size_t)len;
done:
	fclose(f);
	return buf;
}

static void feed(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	memcpy(copy, data, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static void feed_cuts(const uint8_t *data, size_t len)
{
	feed(data, len);
	for (size_t n = 0; n < len && n < 64; n++)
		feed(data, n);
	for (size_t i = 1; i <= 10 && len > 64; i++)
		feed(data, len * i / 11);
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int replay(const char *dir, unsigned int *n)
{
	struct dirent **names;
	int count = scandir(dir, &names, visible, alphasort), bad = 0;

	if (count < 0) {
		fprintf(stderr, "replay: %s: %s\n", dir, strerror(errno));
		return 1;
	}
	for (int i = 0; i < count; i++) {
		char path[4096];
		uint8_t *data;
		size_t len = 0;

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		fprintf(stderr, "# %s\n", path);
		data = read_file(path, &len);
		if (data)
			feed_cuts(data, len);
		else
			bad = 1;
		++*n;
		printf("%s %u - %s\n", data ? "ok" : "not ok", *n,
		       names[i]->d_name);
		fflush(stdout);
		free(data);
		free(names[i]);
	}
	free(names);
	return bad;
}

int main(int argc, char **argv)
{
	unsigned int n = 0;
	int bad = 0;

	for (int i = 1; i < argc; i++)
		bad |= replay(argv[i], &n);
	if (!n)
		fprintf(stderr, "replay: no file to replay\n");
	printf("1..%u\n", n);
	return bad || !n;
}
