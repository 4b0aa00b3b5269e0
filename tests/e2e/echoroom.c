/* SPDX-License-Identifier: MIT */
/*
 * echoroom far SECONDS >FAR.wav
 *	Somebody who speaks far away.
 * echoroom mic DELAY_MS <PLAYED.wav >MIC.wav
 *	What a microphone hears where that is played: so much later, with the
 *	echo of a room, and between 12 s and 16 s somebody else.
 * echoroom judge DELAY_MS PLAYED.wav <OUT.wav
 *	Prints "echo N.N near N.N": by how many dB the echo alone is down (8 s to
 *	11.8 s) and, while both speak, what comes out is above the near speech.
 *	Times of OUT.wav may be off by 100 ms.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "speech.h"
#include "wire/wav.h"

#define MAX (16u << 20)
#define RATE SPEECH_RATE

struct sound {
	size_t n;
	double *v;
};

static struct sound sound_new(size_t n)
{
	return (struct sound){ n, vc_alloc(n + 1, sizeof(double)) };
}

static struct sound load(FILE *f)
{
	uint8_t *p = vc_alloc(MAX, 1);
	size_t len = f ? fread(p, 1, MAX, f) : 0;
	struct vc_wav wav;
	struct sound s;

	if (vc_wav_parse(&wav, p, len) || wav.channels != 1 ||
	    wav.rate_hz != RATE) {
		fprintf(stderr, "echoroom: not mono at 48 kHz\n");
		exit(1);
	}
	s = sound_new((len - wav.data_at) / 2);
	for (size_t i = 0; i < s.n; i++) {
		const uint8_t *at = p + wav.data_at + 2 * i;

		s.v[i] = (int16_t)(at[0] | (unsigned int)at[1] << 8) / 32768.0;
	}
	free(p);
	return s;
}

static void save(struct sound s)
{
	uint8_t head[VC_WAV_HEADER];

	vc_wav_write(head, RATE, 1, 2 * s.n);
	fwrite(head, 1, sizeof(head), stdout);
	for (size_t i = 0; i < s.n; i++) {
		int16_t v = speech_sample(s.v[i]);

		putchar(v & 0xff);
		putchar((v >> 8) & 0xff);
	}
}

static struct sound far(double seconds)
{
	struct sound s = sound_new((size_t)(seconds * RATE));
	struct speech who;

	speech_init(&who, 1, 110);
	speech_read(&who, s.v, s.n);
	return s;
}

static struct sound echo_of(struct sound played, double delay_ms)
{
	struct room *room = vc_alloc(1, sizeof(*room));
	struct sound s = sound_new(played.n);

	room_init(room, 2, delay_ms, 120, 0.4);
	for (size_t i = 0; i < s.n; i++)
		s.v[i] = room_hear(room, played.v[i]);
	free(room);
	return s;
}

static struct sound near(size_t n)
{
	struct sound s = sound_new(n);
	size_t from = 12 * RATE, to = 16 * RATE;
	struct speech who;

	speech_init(&who, 8, 190);
	if (n > from)
		speech_read(&who, s.v + from, (n < to ? n : to) - from);
	return s;
}

static double level(struct sound s, double from, double to)
{
	double sum = 0;

	if (s.n < (size_t)(to * RATE)) {
		fprintf(stderr, "echoroom: too short\n");
		exit(1);
	}
	for (size_t i = (size_t)(from * RATE); i < (size_t)(to * RATE); i++)
		sum += s.v[i] * s.v[i];
	return 10 * log10(sum + 1e-12);
}

static void drop(struct sound s)
{
	free(s.v);
}

static void make_far(double seconds)
{
	struct sound s = far(seconds);

	save(s);
	drop(s);
}

static void make_mic(double delay_ms)
{
	struct sound played = load(stdin), heard = echo_of(played, delay_ms);
	struct sound who = near(heard.n);

	for (size_t i = 0; i < heard.n; i++)
		heard.v[i] += who.v[i];
	save(heard);
	drop(played);
	drop(heard);
	drop(who);
}

static void judge(double delay_ms, const char *path)
{
	FILE *f = fopen(path, "rbe");
	struct sound played = load(f), echo = echo_of(played, delay_ms);
	struct sound who = near(echo.n), out = load(stdin);

	printf("echo %.1f near %.1f\n",
	       level(echo, 8, 11.8) - level(out, 8, 11.8),
	       level(out, 12.2, 15.8) - level(who, 12.2, 15.8));
	if (f)
		fclose(f);
	drop(played);
	drop(echo);
	drop(who);
	drop(out);
}

int main(int argc, char **argv)
{
	double number = argc > 2 ? strtod(argv[2], NULL) : 0;

	if (argc == 3 && !strcmp(argv[1], "far")) {
		make_far(number);
	} else if (argc == 3 && !strcmp(argv[1], "mic")) {
		make_mic(number);
	} else if (argc == 4 && !strcmp(argv[1], "judge")) {
		judge(number, argv[3]);
	} else {
		fprintf(stderr, "echoroom: far, mic or judge\n");
		return 2;
	}
	return 0;
}
