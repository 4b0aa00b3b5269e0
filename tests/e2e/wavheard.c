/* SPDX-License-Identifier: MIT */
/*
 * wavheard NAME... <FILE.wav
 *
 * Prints "seconds N.NNN", as the file's length says, not its header, then for
 * each name "NAME PERCENT": the share of time in which its voice is heard. Of
 * two channels both are heard.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "media/tone.h"
#include "wire/wav.h"

#define MAX (64u << 20)

static int16_t *read_samples(size_t *n)
{
	uint8_t *p = vc_alloc(MAX, 1);
	size_t len = fread(p, 1, MAX, stdin);
	struct vc_wav wav;
	size_t unit;
	int16_t *pcm;

	if (vc_wav_parse(&wav, p, len) || wav.channels > 2 ||
	    wav.rate_hz != 48000) {
		fprintf(stderr, "wavheard: not mono or stereo at 48 kHz\n");
		exit(1);
	}
	unit = 2 * (size_t)wav.channels;
	*n = (len - wav.data_at) / unit;
	if (wav.data_len != VC_WAV_UNKNOWN && wav.data_len != unit * *n) {
		fprintf(stderr, "wavheard: the header tells another length\n");
		exit(1);
	}
	pcm = vc_alloc(*n + 1, sizeof(*pcm));
	for (size_t i = 0; i < *n; i++) {
		const uint8_t *at = p + wav.data_at + unit * i;
		int sum = 0;

		for (int c = 0; c < wav.channels; c++)
			sum += (int16_t)(at[2 * c] | (unsigned int)at[2 * c + 1]
							     << 8);
		pcm[i] = (int16_t)(sum / wav.channels);
	}
	free(p);
	return pcm;
}

int main(int argc, char **argv)
{
	struct vc_heard *heard = vc_alloc(1, sizeof(*heard));
	size_t n;
	int16_t *pcm = read_samples(&n);

	printf("seconds %.3f\n", (double)n / 48000);
	for (int i = 1; i < argc; i++) {
		vc_heard_init(heard, argv[i], 48000);
		vc_heard_feed(heard, pcm, n);
		printf("%s %.0f\n", argv[i], 100 * vc_heard_share(heard));
	}
	free(pcm);
	free(heard);
	return 0;
}
