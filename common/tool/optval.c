/* SPDX-License-Identifier: MIT */
/*
 * Values of options. A bad one ends the program with a line that quotes the
 * option as the user wrote it, the text, and what was wanted.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/near.h"
#include "base/num.h"
#include "base/str.h"
#include "codec/video.h"
#include "tool/internal.h"
#include "tool/select.h"

void vc_words_add(struct vc_words *w, const char *word)
{
	/* Grown at 1, 2, 4, 8...: whenever n is a power of two, or none. */
	if (!(w->n & (w->n - 1))) {
		const char **v = vc_alloc(w->n ? 2 * w->n : 1, sizeof(*v));

		if (w->n)
			memcpy(v, w->v, w->n * sizeof(*v));
		free(w->v);
		w->v = v;
	}
	w->v[w->n] = word;
	w->n++;
}

/*
 * The option as the user wrote it, "--dur" or "-t": it is the word before
 * 'arg', or what stands before 'arg' in the same word.
 */
void vc_opt_bad(const struct argp_state *state, const char *arg,
		const char *why)
{
	const char *word = state->next > 0 ? state->argv[state->next - 1] : "";
	struct vc_str option = vc_str_c(word);
	char text[256];

	if (word == arg && state->next > 1)
		option = vc_str_c(state->argv[state->next - 2]);
	else if (arg > word && arg <= word + strlen(word))
		option = vc_str_of(word, (size_t)(arg - word));
	if (option.len && option.p[option.len - 1] == '=')
		option.len--;
	vc_escape(text, sizeof(text), arg, strlen(arg));
	argp_error(state, "%.*s %s: %s", VC_STR_ARGS(option), text, why);
}

int vc_opt_int(struct argp_state *state, const char *arg, int64_t min,
	       int64_t max, int64_t *v)
{
	int err = vc_num_i64(arg, min, max, v);
	char why[80];

	if (!err)
		return 0;
	if (err == -ERANGE)
		snprintf(why, sizeof(why), "not in %lld to %lld",
			 (long long)min, (long long)max);
	vc_opt_bad(state, arg, err == -ERANGE ? why : "not a whole number");
	return 0;
}

int vc_opt_time(struct argp_state *state, const char *arg, int64_t *ns)
{
	int err = vc_num_time(arg, ns);
	char why[128];

	if (!err)
		return 0;
	if (err == -EDOM)
		snprintf(why, sizeof(why), "%.40ss or %.40sms?", arg, arg);
	vc_opt_bad(state, arg,
		   err == -EDOM	  ? why :
		   err == -ERANGE ? "too long" :
				    "not a time, as 200ms 10s 1h30m");
	return 0;
}

int vc_opt_rate(struct argp_state *state, const char *arg, uint64_t *bps)
{
	int err = vc_num_rate(arg, bps);
	char why[128];

	if (!err)
		return 0;
	if (err == -EDOM)
		snprintf(why, sizeof(why), "%.40sk or %gk?", arg,
			 strtod(arg, NULL) / 1000);
	vc_opt_bad(state, arg,
		   err == -EDOM	  ? why :
		   err == -ERANGE ? "out of range" :
				    "not a bit rate, as 64000 800k 1.5M");
	return 0;
}

int vc_opt_bitrate(struct argp_state *state, const char *arg, uint64_t *bps)
{
	int err = vc_num_rate(arg, bps);

	if (err == -ERANGE ||
	    (!err && (*bps < VC_BITRATE_MIN || *bps > VC_BITRATE_MAX)))
		vc_opt_bad(state, arg, "not 6k to 50M");
	return vc_opt_rate(state, arg, bps);
}

int vc_opt_percent(struct argp_state *state, const char *arg, uint64_t *v)
{
	size_t len = strlen(arg);
	char digits[4] = "";

	if (len > 1 && len <= sizeof(digits) && arg[len - 1] == '%')
		memcpy(digits, arg, len - 1);
	if (!digits[0])
		vc_opt_bad(state, arg, "not a percentage, as 10%");
	else if (vc_num_u64(digits, 1, 100, v))
		vc_opt_bad(state, arg, "not 1% to 100%");
	return 0;
}

int vc_opt_word(struct argp_state *state, const char *arg,
		const char *const *words, int *v)
{
	struct vc_near near = { .word = arg };
	char why[512] = "not one of ";
	size_t len;

	for (int i = 0; words[i]; i++) {
		if (!strcmp(words[i], arg)) {
			*v = i;
			return 0;
		}
		vc_near_try(&near, words[i]);
		len = strlen(why);
		snprintf(why + len, sizeof(why) - len, "%s%s", i ? "|" : "",
			 words[i]);
	}
	if (near.best) {
		len = strlen(why);
		snprintf(why + len, sizeof(why) - len, "; did you mean %s?",
			 near.best);
	}
	vc_opt_bad(state, arg, why);
	return 0;
}

int vc_opt_dims(struct argp_state *state, const char *arg, int *width,
		int *height)
{
	int err = vc_num_dims(arg, width, height);

	if (err)
		vc_opt_bad(state, arg,
			   err == -ERANGE ? "each 1 to 16384" :
					    "not a size, as 640x360");
	return 0;
}

int vc_opt_fps(struct argp_state *state, const char *arg, int *num, int *den)
{
	int err = vc_num_fps(arg, num, den);

	if (err)
		vc_opt_bad(state, arg,
			   err == -ERANGE ?
				   "more than 0, at most 1000" :
				   "not a rate, as 30 29.97 30000/1001");
	return 0;
}

int vc_opt_layers(struct argp_state *state, const char *arg,
		  struct vc_svc_top *top)
{
	if (vc_svc_parse(top, arg) || top->sid >= VC_VIDENC_LAYERS_MAX ||
	    top->tid >= VC_VIDENC_LAYERS_MAX)
		vc_opt_bad(state, arg,
			   "L1T1 to L3T3, spatial and temporal layers");
	return 0;
}

int vc_opt_text(struct argp_state *state, const char *arg, const char **v)
{
	size_t len = strlen(arg);

	if (len < 1 || len > 255)
		vc_opt_bad(state, arg, "1 to 255 octets");
	if (!vc_utf8_valid(arg, len))
		vc_opt_bad(state, arg, "not UTF-8");
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)arg[i] < ' ' || arg[i] == 0x7f)
			vc_opt_bad(state, arg, "has a control character");
	}
	*v = arg;
	return 0;
}

int vc_opt_tag(struct argp_state *state, const char *arg, const char **v)
{
	size_t len = strspn(arg, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
				 "abcdefghijklmnopqrstuvwxyz");

	if (len < 1 || len > 64 || arg[len] || arg[0] == '.')
		vc_opt_bad(state, arg, "1 to 64 of A-Z a-z 0-9 . _ -");
	*v = arg;
	return 0;
}

int vc_opt_stop_on(struct argp_state *state, const char *arg,
		   struct vc_words *w)
{
	static const char *const words[] = { "bye", "empty:T", "eof",
					     "first-frame", NULL };
	const char *colon = strchr(arg, ':');
	int64_t ns;
	int i;

	if (colon && !strncmp(arg, "empty:", 6)) {
		int err = vc_num_time(colon + 1, &ns);

		if (err)
			vc_opt_bad(state, arg,
				   "after the colon goes a time, as 10s");
	} else {
		vc_opt_word(state, arg, words, &i);
	}
	vc_words_add(w, arg);
	return 0;
}

int vc_opt_select(struct argp_state *state, const char *arg, struct vc_words *w)
{
	if (!vc_select_is_valid(arg))
		vc_opt_bad(state, arg,
			   "KEY=GLOB, KEY one of "
			   "kind|name|cname|ssrc|pt|addr|rid");
	vc_words_add(w, arg);
	return 0;
}

int vc_opt_at(struct argp_state *state, const char *arg, struct vc_words *w)
{
	size_t len = strcspn(arg, " \t");
	char time[64];
	int64_t ns;

	vc_str_copy(time, sizeof(time), vc_str_of(arg, len));
	if (len >= sizeof(time) || vc_num_time(time, &ns) ||
	    !arg[len + strspn(arg + len, " \t")])
		vc_opt_bad(state, arg, "not 'TIME COMMAND', as '10s keyframe'");
	vc_words_add(w, arg);
	return 0;
}
