/* SPDX-License-Identifier: MIT */
/* One encoder, for who links libvpx anyway and no others. */
#include "codec/video_internal.h"

struct vc_videnc *vc_videnc_new_vp8(const struct vc_videnc_cfg *cfg, int *err)
{
	return vc_videnc_make(&vc_videnc_vp8, cfg, err);
}
