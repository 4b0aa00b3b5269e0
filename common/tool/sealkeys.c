/* SPDX-License-Identifier: MIT */
#include "tool/sealkeys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "tool/internal.h"
#include "tool/secret.h"
#include "wire/sealed.h"

struct vc_sealkeys {
	struct vc_secret room;
	size_t n;
};

static uint8_t *key_at(const struct vc_sealkeys *keys, size_t i)
{
	return (uint8_t *)keys->room.p + i * VC_SEALED_KEY;
}

static const char *add(void *ctx, struct vc_str line)
{
	struct vc_sealkeys *keys = ctx;
	const char *why;

	if (keys->n == VC_SEALKEYS_MAX)
		return "too many keys";
	if (vc_sealed_key_parse(key_at(keys, keys->n), line, &why))
		return why;
	keys->n++;
	return NULL;
}

int vc_sealkeys_read(struct vc_sealkeys **out, struct vc_tool *t,
		     const char *option, const struct vc_words *places)
{
	struct vc_sealkeys *keys = vc_alloc(1, sizeof(*keys));
	int err = vc_secret_new(&keys->room,
				(size_t)VC_SEALKEYS_MAX * VC_SEALED_KEY);

	if (err) {
		vc_tool_fail(t, VC_EXIT_FAIL, "%s: %s", option, strerror(-err));
		free(keys);
		return err;
	}
	for (size_t i = 0; i < places->n && !err; i++)
		err = vc_secret_lines(t, option, places->v[i], add, keys);
	if (!err && !keys->n)
		vc_tool_usage(t,
			      "%s %s: holds no key: `vc-record new-key` "
			      "makes one",
			      option, places->v[0]);
	if (err) {
		vc_sealkeys_free(keys);
		return err;
	}
	*out = keys;
	return 0;
}

void vc_sealkeys_free(struct vc_sealkeys *keys)
{
	if (!keys)
		return;
	vc_secret_clear(&keys->room, keys->n * VC_SEALED_KEY);
	free(keys);
}

const uint8_t *vc_sealkeys_first(const struct vc_sealkeys *keys)
{
	return key_at(keys, 0);
}

int vc_sealkeys_of(struct vc_tool *t, struct vc_unseal_keys *out)
{
	const struct vc_words *places = &t->opt.decrypt_key_file;
	int err = 0;

	*out = (struct vc_unseal_keys){ 0 };
	if (places->n && !t->sealkeys)
		err = vc_sealkeys_read(&t->sealkeys, t, "--decrypt-key-file",
				       places);
	if (err || !t->sealkeys)
		return err;
	out->v = key_at(t->sealkeys, 0);
	out->n = t->sealkeys->n;
	return 0;
}

void vc_sealkeys_exit(struct vc_tool *t, int err)
{
	if (err == -ENOKEY || err == -EKEYREJECTED)
		vc_tool_set_exit(t, VC_EXIT_AUTH);
}

void vc_sealkeys_end(struct vc_tool *t)
{
	vc_sealkeys_free(t->sealkeys);
	t->sealkeys = NULL;
}

int vc_sealkeys_print_new(struct vc_tool *t)
{
	uint8_t key[VC_SEALED_KEY];
	char text[VC_SEALED_KEY_TEXT];
	int err = vc_rand_secret(key, sizeof(key));

	if (!err) {
		vc_sealed_key_write(key, text);
		if (puts(text) < 0 || fflush(stdout))
			err = -errno;
	}
	explicit_bzero(key, sizeof(key));
	explicit_bzero(text, sizeof(text));
	if (err)
		vc_tool_fail(t, VC_EXIT_FAIL, "stdout: write: %s",
			     strerror(-err));
	return err;
}
