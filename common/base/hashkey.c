/* SPDX-License-Identifier: MIT */
/* See base/hashkey.h. */
#include "base/hashkey.h"

#include "base/rand.h"

int vc_hashkey_init(struct vc_hashkey *key)
{
	int err = vc_rand_secret(key, sizeof(*key));

	key->odd |= 1;
	return err;
}
