/* SPDX-License-Identifier: MIT */
/* Two keys, and octets to encrypt with them, in a folder (partdir.h). */
#ifndef VC_TEST_SEALRIG_H
#define VC_TEST_SEALRIG_H

#include "engine/unseal.h"
#include "partdir.h"

#define ROOM 400000

static uint8_t keys[2 * VC_SEALED_KEY];
static uint8_t room[ROOM], file[ROOM], other[ROOM];

static const struct vc_unseal_keys both = { .v = keys, .n = 2 };
static const struct vc_unseal_keys none;

/* For cmocka_run_group_tests(), with drop_dir(). */
static inline int make_keys(void **state)
{
	for (size_t i = 0; i < sizeof(keys); i++)
		keys[i] = (uint8_t)(i * 7 + 1);
	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = (uint8_t)(i * 31 + (i >> 8));
	return make_dir(state);
}

#endif
