/* SPDX-License-Identifier: MIT */
/*
 * Round numbers of the kind: a home's wireless at its edge, a phone's cell with
 * its deep queue, a copper line whose way up is narrow, a satellite far away.
 */
#include "session/impairpreset.h"

#include <stddef.h>

const struct vc_impair_preset vc_impair_presets[] = {
	{ "wifi",
	  "rate=20M:queue=100ms loss=1%:burst=3 delay=3ms "
	  "jitter=4ms:gamma:ordered",
	  "rate=40M:queue=100ms loss=1%:burst=3 delay=3ms "
	  "jitter=4ms:gamma:ordered" },
	{ "lte",
	  "rate=8M:queue=500ms loss=0.2%:burst=5 delay=25ms "
	  "jitter=8ms:gamma:ordered",
	  "rate=25M:queue=500ms loss=0.1%:burst=5 delay=20ms "
	  "jitter=5ms:gamma:ordered" },
	{ "dsl", "rate=1M:queue=300ms loss=0.05% delay=12ms jitter=1ms:ordered",
	  "rate=16M:queue=100ms loss=0.05% delay=12ms jitter=1ms:ordered" },
	{ "satellite",
	  "rate=3M:queue=400ms loss=0.5%:burst=4 delay=280ms "
	  "jitter=5ms:ordered",
	  "rate=25M:queue=400ms loss=0.5%:burst=4 delay=280ms "
	  "jitter=5ms:ordered" },
	{ NULL, NULL, NULL },
};
