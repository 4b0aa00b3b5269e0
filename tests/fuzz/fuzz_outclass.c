/* SPDX-License-Identifier: MIT */
/* Classes of output: what is taken is what an encoder can be opened with. */
#include <assert.h>
#include <string.h>

#include "base/image.h"
#include "session/outclass.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_video(const struct vc_outclass *c)
{
	if (!c->has_video) {
		assert(!c->width && !c->height && !c->vbitrate_bps);
		return;
	}
	assert(vc_image_size_ok(c->width, c->height));
	assert(c->width >= 64 && c->height >= 64);
	assert(!(c->width & 1) && !(c->height & 1));
	assert(!c->vbitrate_bps || c->vbitrate_bps >= 6000);
	assert(!c->fps_num == !c->fps_den && c->fps_num >= 0);
}

static void check_audio(const struct vc_outclass *c)
{
	if (!c->has_audio) {
		assert(!c->acodec && !c->rate_hz && !c->abitrate_bps);
		return;
	}
	assert(vc_codec_kind(c->acodec) == VC_AUDIO);
	assert(c->channels <= 2 && c->rate_hz <= 48000);
	assert(!c->abitrate_bps || c->acodec == VC_CODEC_OPUS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_outclasses all = { .n = 0 };
	char why[VC_OUTCLASS_WHY] = "";
	struct vc_str text = vc_str_of((const char *)data, size);

	if (vc_outclasses_add(&all, text, why)) {
		assert(*why && strlen(why) < sizeof(why) && !all.n);
		return 0;
	}
	assert(all.n >= 1 && all.n <= VC_OUTCLASSES_MAX);
	for (size_t i = 0; i < all.n; i++) {
		const struct vc_outclass *c = &all.v[i];

		assert(vc_outclass_find(&all, vc_str_c(c->name)) == c);
		assert(c->has_video || c->has_audio);
		check_video(c);
		check_audio(c);
	}
	/* Nothing is there twice. */
	assert(vc_outclasses_add(&all, text, why));
	return 0;
}
