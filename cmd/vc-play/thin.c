/* SPDX-License-Identifier: MIT */
/*
 * --layers: what is played is what would be left if somebody on the way had
 * taken the upper layers out. A command holds for packets from its time on.
 */
#include <errno.h>

#include "base/json.h"
#include "play.h"
#include "tool/control.h"

void thin_begin(const struct play *p, struct stream *s)
{
	vc_svc_init(&s->svc, p->layers);
}

bool thin_pass(const struct play *p, struct stream *s, struct vc_rtp *rtp)
{
	return !p->is_thinned || vc_svc_pass(&s->svc, s->codec, rtp);
}

static int run_layers(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct play *p = ctx;

	if (argc != 2 || vc_svc_parse(&p->layers, argv[1]))
		return vc_refuse(reply, -EINVAL, "as L1T3");
	for (struct stream *s = p->streams; s; s = s->next)
		vc_svc_want(&s->svc, p->layers);
	return 0;
}

static const struct vc_command commands[] = {
	{ "layers", "LxTy", "decode these layers of pictures", run_layers },
	{ 0 },
};

void thin_commands(struct play *p)
{
	if (p->is_thinned)
		vc_control_add(p->tool, commands, p);
}
