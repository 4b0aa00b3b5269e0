/* SPDX-License-Identifier: MIT */
/*
 * What vc-probe --pass is without a probe: a stream is read as every tool reads
 * it (frames, clock, roster, headers), and written on, octet for octet. What
 * the probe costs beyond is its measuring.
 */
#include "base/mem.h"
#include "tool/in.h"
#include "tool/out.h"
#include "tool/tool.h"

static const struct vc_tool_info info = {
	.name = "barepass",
	.sentence = "passes a vc stream on",
	.args_doc = "[INPUT]",
	.io_doc = "Reads INPUT (default stdin) and writes it to stdout.",
	.examples = "barepass <a.vcrtp >b.vcrtp\n",
	.groups = VC_OPT_READ | VC_OPT_TIME | VC_OPT_SELECT | VC_OPT_SOURCES,
	.sandbox = VC_SANDBOX_ON,
};

static void on_raw(void *ctx, const uint8_t *frame, size_t len,
		   enum vc_frame_type type)
{
	(void)type;
	vc_out_raw(*(struct vc_out **)ctx, frame, len);
}

/* `net` events are parsed where somebody wants events. */
static void on_event(void *ctx, const struct vc_json *event, const char *text,
		     size_t len)
{
	(void)ctx;
	(void)event;
	(void)text;
	(void)len;
}

int main(int argc, char **argv)
{
	static const struct vc_in_ops ops = { .event = on_event,
					      .raw = on_raw };
	static const struct vc_in_conf conf = { .with_names = true };
	static const struct vc_words no_places = { 0 };
	struct vc_tool *t = vc_tool_new(&info);
	struct vc_out *out = NULL;
	struct vc_in *in;

	vc_tool_parse(t, argc, argv, NULL);
	in = vc_in_new(t, &vc_tool_options(t)->args, &conf, &ops, &out);
	if (!vc_in_open(in)) {
		out = vc_out_new_places(t, &no_places, NULL, NULL);
		if (out && !vc_tool_start(t))
			vc_tool_run(t);
	}
	vc_out_free(out);
	vc_in_free(in);
	return vc_tool_end(t);
}
