/* SPDX-License-Identifier: MIT */
/* Keys in one array, of the most there may be (tool/secret.h). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/str.h"
#include "net/srtpin.h"
#include "tool/keys.h"
#include "tool/secret.h"
#include "tool/tool.h"

struct vc_keys {
	size_t n;
	struct vc_secret room;
	struct vc_keyline *a; /* of VC_KEYS_MAX */
};

int vc_keys_new(struct vc_keys **out)
{
	struct vc_keys *keys = vc_try_alloc(1, sizeof(*keys));
	int err = keys ? vc_secret_new(&keys->room,
				       VC_KEYS_MAX * sizeof(*keys->a)) :
			 -ENOMEM;

	if (err) {
		free(keys);
		return err;
	}
	keys->a = keys->room.p;
	*out = keys;
	return 0;
}

void vc_keys_free(struct vc_keys *keys)
{
	if (!keys)
		return;
	vc_secret_clear(&keys->room, keys->n * sizeof(*keys->a));
	free(keys);
}

size_t vc_keys_n(const struct vc_keys *keys)
{
	return keys ? keys->n : 0;
}

const struct vc_keyline *vc_keys_at(const struct vc_keys *keys, size_t i)
{
	return &keys->a[i];
}

/* One master key is on one line: in both directions only where that line
 * says both. */
int vc_keys_add(struct vc_keys *keys, const struct vc_keyline *line)
{
	for (size_t i = 0; i < keys->n; i++) {
		if (vc_srtp_same_master(&keys->a[i].key, &line->key))
			return -EEXIST;
	}
	if (keys->n == VC_KEYS_MAX)
		return -E2BIG;
	keys->a[keys->n++] = *line;
	return 0;
}

const struct vc_keyline *vc_keys_out(const struct vc_keys *keys,
				     const char *name)
{
	const struct vc_keyline *found = NULL;

	for (size_t i = 0; i < vc_keys_n(keys); i++) {
		const struct vc_keyline *k = &keys->a[i];

		if (!k->out)
			continue;
		if (name[0] && !strcmp(k->name, name))
			return k;
		if (!k->name[0] && !found)
			found = k;
	}
	return found;
}

int vc_keys_fill(const struct vc_keys *keys, struct vc_srtp_in *in)
{
	unsigned int index;
	int err = 0;

	for (size_t i = 0; i < vc_keys_n(keys) && !err; i++) {
		const struct vc_keyline *k = &keys->a[i];

		if (k->in)
			err = vc_srtp_in_add(in, &k->key, k->name, &index);
	}
	return err;
}

/* --- reading --- */

static const char *add_text(void *ctx, struct vc_str text)
{
	struct vc_keyline k;
	const char *why = NULL;
	int err = vc_keyline_parse(&k, text, &why);

	if (!err)
		err = vc_keys_add(ctx, &k);
	explicit_bzero(&k, sizeof(k));
	if (err == -EEXIST)
		return "this key is there already (one line without 'in' and "
		       "'out' is for both directions)";
	return err == -E2BIG ? "too many keys" : why;
}

/* One without a key would be none at all: what is to be sealed went in clear.
 * A key that was given instead of its place is told nobody. */
static int read_place(struct vc_keys *keys, struct vc_tool *t,
		      const char *place)
{
	const size_t had = keys->n;
	char safe[160];
	int err;

	if (strstr(place, "inline:"))
		vc_tool_usage(t, "--key-file: a key, where the place of one is "
				 "wanted: who lists processes has seen it");
	err = vc_secret_lines(t, "--key-file", place, add_text, keys);
	if (err || keys->n > had)
		return err;
	vc_escape(safe, sizeof(safe), place, strlen(place));
	vc_tool_usage(t, "--key-file %s: there is no key in it", safe);
}

int vc_keys_read(struct vc_keys **out, struct vc_tool *t)
{
	const struct vc_words *places = &vc_tool_options(t)->key_file;
	struct vc_keys *keys = NULL;
	int err = 0;

	if (places->n)
		err = vc_keys_new(&keys);
	for (size_t i = 0; i < places->n && !err; i++)
		err = read_place(keys, t, places->v[i]);
	if (err) {
		vc_keys_free(keys);
		keys = NULL;
	}
	*out = keys;
	return err;
}

/* --- new ones --- */

void vc_keys_print_new(struct vc_tool *t, const char *suite)
{
	struct vc_keyline k = { .in = true, .out = true };
	char text[VC_KEYLINE_CAP], safe[160];
	int n = suite ? vc_srtp_suite_by_name(vc_str_c(suite)) :
			VC_AEAD_AES_128_GCM;
	bool is_out;

	if (n < 0) {
		vc_escape(safe, sizeof(safe), suite, strlen(suite));
		vc_tool_usage(t, "--new-key %s: no such suite", safe);
	}
	k.key.suite = (enum vc_srtp_suite)n;
	k.key.lifetime = VC_SRTP_LIFE_MAX;
	is_out = !vc_rand_secret(k.key.master, vc_srtp_master_len(&k.key)) &&
		 vc_keyline_write(&k, text, sizeof(text)) > 0 &&
		 puts(text) >= 0 && !fflush(stdout);
	explicit_bzero(&k, sizeof(k));
	explicit_bzero(text, sizeof(text));
	if (!is_out)
		vc_tool_fail(t, VC_EXIT_FAIL, "stdout: write: %s",
			     strerror(errno));
	exit(is_out ? VC_EXIT_OK : VC_EXIT_FAIL);
}
