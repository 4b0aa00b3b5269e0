/* SPDX-License-Identifier: MIT */
/* The whole way of a stream into a tool: octets of a file, the first of which
 * says whether there are two of it; frames, merging, the roster, the virtual clock. */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tool/in.h"
#include "tool/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct vc_tool_info info = {
	.name = "fuzz_in",
	.sentence = "Reads a stream.",
	.args_doc = "[INPUT...]",
	.io_doc = "Reads streams.",
	.examples = "fuzz_in\n",
	.groups = VC_OPT_READ | VC_OPT_TIME | VC_OPT_SEED | VC_OPT_SELECT,
};

static void on_rtp(void *ctx, struct vc_source *src, struct vc_packet *pkt,
		   const struct vc_rtp *rtp)
{
	(void)ctx;
	assert(src->ssrc == rtp->ssrc && pkt->len <= VC_FRAME_RTP_MAX);
	assert(rtp->payload + rtp->payload_len <= pkt->data + pkt->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct vc_in_ops ops = { .rtp = on_rtp };
	static const struct vc_in_conf conf = { .with_names = true };
	char arg0[] = "fuzz_in", quiet[] = "-q", pt[] = "--pt=96=VP8";
	char one[32], two[40], *argv[] = { arg0, quiet, pt, one, two, NULL };
	struct vc_tool *t;
	struct vc_in *in;
	int fd = memfd_create("in", MFD_CLOEXEC), out = dup(STDOUT_FILENO);

	if (!len || write(fd, data + 1, len - 1) != (ssize_t)(len - 1)) {
		close(fd);
		close(out);
		return 0;
	}
	/* By its name, each opening reads from the beginning. */
	snprintf(one, sizeof(one), "/proc/self/fd/%d", fd);
	snprintf(two, sizeof(two), "bob=%s", one);
	t = vc_tool_new(&info);
	vc_tool_parse(t, data[0] & 1 ? 5 : 4, argv, NULL);
	in = vc_in_new(t, &vc_tool_options(t)->args, &conf, &ops, NULL);
	if (!vc_in_open(in))
		vc_tool_run(t);
	vc_in_free(in);
	close(fd);
	vc_tool_end(t);
	/* It has closed stdout. */
	dup2(out, STDOUT_FILENO);
	close(out);
	return 0;
}
