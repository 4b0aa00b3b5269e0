/* SPDX-License-Identifier: MIT */
#include "echoes.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/time.h"
#include "net/udp.h"

#define PLACES (1u << 16)
#define AGAIN VC_SEC

struct echoes {
	struct {
		uint64_t hash; /* of octets, address and port; 0: none */
		int64_t at;
	} of[PLACES];
};

struct echoes *echoes_new(void)
{
	return vc_alloc(1, sizeof(struct echoes));
}

void echoes_free(struct echoes *e)
{
	free(e);
}

bool echoes_again(struct echoes *e, const struct vc_udp_msg *m, int64_t now)
{
	uint64_t h = m->peer;
	unsigned int i;
	bool is_same;

	for (size_t k = 0; k < m->pkt->len; k++)
		h = (h ^ m->pkt->data[k]) * UINT64_C(0x100000001b3);
	h ^= h >> 32;
	i = h % PLACES;
	is_same = h && e->of[i].hash == h && now - e->of[i].at < AGAIN;
	e->of[i].hash = h;
	e->of[i].at = now;
	return is_same;
}
