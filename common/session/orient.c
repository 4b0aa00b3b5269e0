/* SPDX-License-Identifier: MIT */
#include "session/orient.h"

void vc_orient_frame(struct vc_orient *o, const struct vc_jbuf *jb,
		     const struct vc_jbuf_frame *f, bool is_key)
{
	const struct vc_rtp *last = f->n ? &vc_jbuf_at(jb, f->n - 1)->rtp :
					   NULL;

	if (o->id && last && vc_ext_orientation(last, o->id, &o->now))
		return;
	if (is_key || !o->id)
		o->now = (struct vc_orientation){ 0 };
}
