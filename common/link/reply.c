/* SPDX-License-Identifier: MIT */
/* A participant's 'user' is his destination. */
#include "link/reply.h"

static void reach(void *ctx, struct vc_participant *who,
		  const struct vc_rtprx_way *way)
{
	struct vc_rtptx *tx = ctx;

	if (who->user) {
		vc_rtptx_move(who->user, way->rtp, way->rtcp, way->by_next,
			      way->trust);
		return;
	}
	who->user = vc_rtptx_add(tx, who->id, way->port, way->rtp, way->rtcp,
				 way->by_next, way->trust);
}

static void heard(void *ctx, struct vc_participant *who,
		  const struct vc_port *port,
		  const struct sockaddr_storage *from, size_t len)
{
	(void)ctx;
	(void)port;
	if (who->user)
		vc_rtptx_heard(who->user, from, len);
}

static void left(void *ctx, struct vc_participant *who)
{
	(void)ctx;
	if (who->user)
		vc_rtptx_remove(who->user);
	who->user = NULL;
}

static void collided(void *ctx, uint32_t ssrc)
{
	vc_rtptx_collided(ctx, ssrc);
}

struct vc_rtprx_back vc_reply_to(struct vc_rtptx *tx)
{
	return (struct vc_rtprx_back){ .reach = reach,
				       .heard = heard,
				       .left = left,
				       .collided = collided,
				       .ctx = tx };
}
