/* SPDX-License-Identifier: MIT */
/*
 * Who speaks by RTCP: the destination, a stranger, or somebody with an SSRC of
 * ours. A socket that is connected takes nothing but its peer's, and of a
 * group's members nobody is known; where a port takes all that comes, only what
 * comes from the destination's host is his, by any port, as RTCP may have one
 * of its own. With keys it is a key that says so.
 */
#include <errno.h>
#include <string.h>

#include "link/rtptx_internal.h"
#include "wire/rtcp.h"

bool vc_dest_may_speak(const struct vc_dest *d, const struct vc_port_msg *m)
{
	const char *name = d->where.name;

	if (m->is_authentic)
		return !m->key_name || !name[0] || !strcmp(m->key_name, name);
	return d->is_connected || vc_udp_is_multicast(&d->peer) ||
	       vc_udp_same(m->from, &d->peer, false) ||
	       vc_udp_same(m->from, &d->rtcp, false);
}

struct met {
	struct vc_dest *d;
	const struct vc_port_msg *m;
};

static bool is_own(void *ctx, uint32_t ssrc)
{
	const struct met *met = ctx;
	struct vc_rtptx *s = met->d->s;
	int err;

	if (!vc_group_find(met->d->group, ssrc))
		return false;
	err = vc_ownssrc_met(&s->own, met->m->peer, vc_loop_now(s->loop));
	s->collisions++;
	s->loops += err == -EALREADY;
	if (err == -ELOOP)
		vc_rtptx_collided(s, ssrc);
	return true;
}

bool vc_dest_is_collision(struct vc_dest *d, const struct vc_port_msg *m)
{
	struct met met = { .d = d, .m = m };

	/* Whoever receives by this port knows. */
	return !d->s->conf.own.tell &&
	       vc_rtcp_any_author(m->pkt->data, m->pkt->len, is_own, &met);
}
