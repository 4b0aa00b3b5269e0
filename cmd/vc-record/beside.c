/* SPDX-License-Identifier: MIT */
#include "beside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/outfile.h"
#include "output.h"
#include "wire/sealed.h"

struct beside beside_of(const struct output *o, const char *path,
			const char *suffix)
{
	return (struct beside){
		.dir = o->dir,
		.path = path,
		.suffix = suffix,
		.mode = o->conf->mode,
		.group = o->conf->group,
		.key = o->conf->seal_key,
	};
}

int beside_open(const struct beside *b, struct vc_outfile **out)
{
	size_t cap =
		strlen(b->path) + strlen(b->suffix) + sizeof(VC_SEALED_SUFFIX);
	char *name = vc_try_alloc(1, cap);
	struct vc_outfile *file;
	int err = -ENOMEM;

	if (name) {
		snprintf(name, cap, "%s%s%s", b->path, b->suffix,
			 b->key ? VC_SEALED_SUFFIX : "");
		err = vc_outfile_open_in(b->dir, name, &file);
	}
	free(name);
	if (err)
		return err;
	err = vc_outfile_give(file, b->mode, b->group);
	if (!err && b->key)
		err = vc_outfile_seal(file, b->key, b->is_patched);
	if (err) {
		vc_outfile_abandon(file);
		return err;
	}
	*out = file;
	return 0;
}
