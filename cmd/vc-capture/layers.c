/* SPDX-License-Identifier: MIT */
/* --layers, as far as codecs go. */
#include "codec/video.h"
#include "options.h"

void layers_check(struct vc_tool *t, const struct own *own)
{
	const struct vc_options *o = vc_tool_options(t);
	const struct vc_svc_top *top = &o->layers;
	enum vc_codec codec = own_vcodec(t);
	int spatial = top->sid + 1, temporal = top->tid + 1;
	int least = VC_VIDENC_BASE_MIN << top->sid;

	if (!vc_videnc_has_layers(codec, 1, temporal))
		vc_tool_usage(t,
			      "--layers L%dT%d: %s has no layers here; "
			      "--vcodec vp8 or vp9",
			      spatial, temporal, vc_codec_name(codec));
	if (!vc_videnc_has_layers(codec, spatial, temporal))
		vc_tool_usage(t,
			      "--layers L%dT%d: %s has no spatial layers; "
			      "L1T%d, or --vcodec vp9",
			      spatial, temporal, vc_codec_name(codec),
			      temporal);
	if (top->sid && own->simulcast.n)
		vc_tool_usage(t,
			      "--layers L%dT%d: --simulcast has sizes already; "
			      "L1T%d",
			      spatial, temporal, temporal);
	if (top->sid && o->width &&
	    (o->width < least || o->height < least ||
	     (o->width | o->height) & 1))
		vc_tool_usage(t,
			      "--size %dx%d: L%dT%d takes even sides of %d "
			      "and more",
			      o->width, o->height, spatial, temporal, least);
}
