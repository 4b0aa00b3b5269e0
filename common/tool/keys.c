/* SPDX-License-Identifier: MIT */
/*
 * Keys in an array that is mapped for itself, so that locking it and leaving
 * it out of dumps touches nothing else. It is mapped for the most there may be:
 * pages that are not written are not there. Locking may be refused (the limit
 * is small on some systems), which is no reason not to run.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/str.h"
#include "net/srtpin.h"
#include "tool/keys.h"
#include "tool/place.h"
#include "tool/tool.h"

#define TEXT_MAX (4u << 20)

struct vc_keys {
	size_t n;
	struct vc_keyline *a; /* of VC_KEYS_MAX */
	int was_dumpable;
};

#define MAPPED (VC_KEYS_MAX * sizeof(struct vc_keyline))

int vc_keys_new(struct vc_keys **out)
{
	struct vc_keys *keys = vc_try_alloc(1, sizeof(*keys));
	void *p;

	if (!keys)
		return -ENOMEM;
	p = mmap(NULL, MAPPED, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) {
		free(keys);
		return -ENOMEM;
	}
	(void)mlock2(p, MAPPED, MLOCK_ONFAULT);
	(void)madvise(p, MAPPED, MADV_DONTDUMP);
	keys->was_dumpable = prctl(PR_GET_DUMPABLE);
	(void)prctl(PR_SET_DUMPABLE, 0);
	keys->a = p;
	*out = keys;
	return 0;
}

void vc_keys_free(struct vc_keys *keys)
{
	if (!keys)
		return;
	explicit_bzero(keys->a, keys->n * sizeof(*keys->a));
	munmap(keys->a, MAPPED);
	/* Leak checkers look at the process when all is over. */
	if (keys->was_dumpable == 1)
		(void)prctl(PR_SET_DUMPABLE, 1);
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

static const char *add_text(struct vc_keys *keys, struct vc_str text)
{
	struct vc_keyline k;
	const char *why = NULL;
	int err = vc_keyline_parse(&k, text, &why);

	if (!err)
		err = vc_keys_add(keys, &k);
	explicit_bzero(&k, sizeof(k));
	if (err == -EEXIST)
		return "this key is there already (one line without 'in' and "
		       "'out' is for both directions)";
	return err == -E2BIG ? "too many keys" : why;
}

/* What is wrong with line '*n', or NULL. */
static const char *add_lines(struct vc_keys *keys, struct vc_str rest,
			     unsigned int *n)
{
	const char *why = NULL;

	for (*n = 0; rest.len && !why; ++*n) {
		struct vc_str line = vc_str_cut(&rest, '\n');

		while (line.len && strchr(" \t\r", line.p[line.len - 1]))
			line.len--;
		while (line.len && (line.p[0] == ' ' || line.p[0] == '\t'))
			line = vc_str_of(line.p + 1, line.len - 1);
		if (line.len && line.p[0] != '#')
			why = add_text(keys, line);
	}
	return why;
}

static void check_mode(struct vc_tool *t, const struct vc_place *p)
{
	struct stat st;
	int err;

	if (p->kind == VC_PLACE_PATH)
		err = stat(p->path, &st);
	else if (p->kind == VC_PLACE_FD)
		err = fstat(p->fd, &st);
	else
		return;
	if (!err && S_ISREG(st.st_mode) && (st.st_mode & 077))
		vc_tool_warn(t, "%s: others may use it (mode %04o): chmod 600",
			     p->text, (unsigned int)(st.st_mode & 07777));
}

static int read_place(struct vc_keys *keys, struct vc_tool *t,
		      const char *place)
{
	char why[256], *text;
	const char *wrong;
	struct vc_place p;
	unsigned int n;
	size_t len;
	int err;

	if (vc_place_parse(&p, place, false, why, sizeof(why)))
		vc_tool_usage(t, "--key-file %s: %s", p.text, why);
	err = vc_place_slurp(&p, TEXT_MAX, &text, &len);
	if (err) {
		vc_tool_fail(t, VC_EXIT_FAIL, "%s: read keys: %s", p.text,
			     strerror(-err));
		return err;
	}
	check_mode(t, &p);
	wrong = add_lines(keys, vc_str_of(text, len), &n);
	explicit_bzero(text, len);
	free(text);
	if (wrong) {
		explicit_bzero(keys->a, keys->n * sizeof(*keys->a));
		vc_tool_usage(t, "%s:%u: %s", p.text, n, wrong);
	}
	return 0;
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
