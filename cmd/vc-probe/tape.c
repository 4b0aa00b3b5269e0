/* SPDX-License-Identifier: MIT */
/*
 * --visqol: the first LONGEST of a source's sound from where it begins, as a
 * WAV file, and in another the test sound that it was (refsound.h). ViSQOL is
 * made for pieces of some seconds, and what it takes grows with the square of
 * them.
 */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "judge.h"
#include "probe.h"
#include "record.h"
#include "refsound.h"
#include "wire/wav.h"

#define SUFFIX ".wav"
#define LONGEST ((size_t)60 * REFSOUND_RATE)

struct tape {
	struct pair pair;
	size_t n, sound; /* samples; the last that was sound ends there */
	bool is_full;
	double mos;
};

struct tape *tape_new(struct judge *j)
{
	struct tape *t = vc_try_alloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->mos = NAN;
	t->is_full = !judge_pair_open(&t->pair, j, SUFFIX);
	return t;
}

void tape_free(struct tape *t)
{
	if (!t)
		return;
	judge_pair_clear(&t->pair, SUFFIX);
	free(t);
}

static void write_head(FILE *f, size_t n)
{
	uint8_t head[VC_WAV_HEADER];

	vc_wav_write(head, REFSOUND_RATE, 1, n * sizeof(int16_t));
	fwrite(head, 1, sizeof(head), f);
}

static void write_pcm(FILE *f, const int16_t *pcm, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		fputc(pcm[i] & 0xff, f);
		fputc(pcm[i] >> 8 & 0xff, f);
	}
}

void tape_put(struct tape *t, const int16_t *pcm, size_t n, bool is_sound)
{
	if (!t || t->is_full || (!t->n && !is_sound))
		return;
	t->is_full = t->n + n > LONGEST ||
		     !judge_pair_room(&t->pair, 2 * n * sizeof(*pcm));
	if (t->is_full)
		return;
	if (!t->n)
		write_head(t->pair.deg, 0);
	write_pcm(t->pair.deg, pcm, n);
	t->n += n;
	if (is_sound)
		t->sound = t->n;
}

/* --- judging --- */

/* What was written, back; and what comes behind the sound is cut off. */
static bool read_back(struct tape *t, int16_t *pcm)
{
	FILE *f = t->pair.deg;
	int low, high;

	if (fseek(f, VC_WAV_HEADER, SEEK_SET))
		return false;
	for (size_t i = 0; i < t->sound; i++) {
		low = fgetc(f);
		high = fgetc(f);
		if (high == EOF)
			return false;
		pcm[i] = (int16_t)(uint16_t)(low | high << 8);
	}
	rewind(f);
	write_head(f, t->sound);
	return !fflush(f) &&
	       !ftruncate(fileno(f),
			  VC_WAV_HEADER + (off_t)(t->sound * sizeof(*pcm)));
}

/* The voice that it is of: his who sends it, by whatever he is called. */
static const char *voice_of(const struct meter *m, const int16_t *pcm,
			    size_t *at)
{
	const char *const names[] = { m->name, m->cname, m->id };

	for (size_t i = 0; i < VC_COUNT(names); i++) {
		if (names[i][0] &&
		    refsound_find(names[i], pcm, at) >= REFSOUND_LIKE)
			return names[i];
	}
	return NULL;
}

/* Both files, whole; or why not. */
static void prepare(struct tape *t, const struct meter *m, int16_t *pcm,
		    int16_t *ref)
{
	const char *name;
	size_t at;

	if (fflush(t->pair.deg) || ferror(t->pair.deg)) {
		judge_pair_fault(&t->pair, "its files: write failed");
		return;
	}
	if (!read_back(t, pcm)) {
		judge_pair_fault(&t->pair, "its files: read failed");
		return;
	}
	name = voice_of(m, pcm, &at);
	if (!name) {
		t->pair.why = "it is no test sound";
		return;
	}
	if (refsound_make(name, pcm, t->sound, at, ref)) {
		judge_pair_fault(&t->pair, "no memory");
		return;
	}
	write_head(t->pair.ref, t->sound);
	write_pcm(t->pair.ref, ref, t->sound);
}

static void regenerate(struct tape *t, const struct meter *m)
{
	int16_t *pcm;

	if (t->pair.why)
		return;
	if (t->sound < REFSOUND_LEAST) {
		t->pair.why = "less than 2 s of sound";
		return;
	}
	pcm = vc_try_alloc(2 * t->sound, sizeof(*pcm));
	if (pcm)
		prepare(t, m, pcm, pcm + t->sound);
	else
		judge_pair_fault(&t->pair, "no memory");
	free(pcm);
}

static void compare(struct tape *t, const struct meter *m)
{
	struct vc_json *out;

	regenerate(t, m);
	if (!judge_pair_end(&t->pair))
		return;
	out = judge_pair_run(&t->pair, m, SUFFIX);
	if (out && !vc_json_get_real(out, "moslqo", &t->mos)) {
		t->mos = NAN;
		t->pair.why = "the program gave no figure";
	}
	vc_json_free(out);
}

void tape_judge(struct tape *t, const struct meter *m)
{
	if (!t)
		return;
	t->is_full = true;
	compare(t, m);
	judge_pair_tell(&t->pair, m, SUFFIX);
}

struct vc_json *tape_record(const struct tape *t)
{
	struct vc_json *o;

	if (!t)
		return NULL;
	o = vc_json_object();
	vc_json_set_real(o, "mos", t->mos, 3);
	vc_json_set_real(o, "seconds", (double)t->sound / REFSOUND_RATE, 2);
	record_set_word(o, "why", t->pair.why ? t->pair.why : "");
	return o;
}
