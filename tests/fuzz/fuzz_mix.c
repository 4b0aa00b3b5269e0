/* SPDX-License-Identifier: MIT */
/*
 * The whole of vc-mix: a stream of strangers in, what it makes of it out, which
 * must be a stream. The first octet chooses the policy, the second what is done
 * with it meanwhile; the rest is read once or, as two inputs, twice.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "wire/frame.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int mix_main(int argc, char **argv);

#define main mix_main
#include "../../cmd/vc-mix/main.c"
#undef main

/* A tick is dear under sanitizers: little of everything, and not for long. */
static const char *const always[] = {
	"vc-mix",	"-q",	    "--no-sandbox",   "--threads=1",
	"--size=64x64", "--fps=10", "--vbitrate=50k", "-t800ms",
};

static const char *const policies[][3] = {
	{ "--policy=symmetric" },
	{ "--policy=lesson", "--role=*=student", "--trust-names" },
	{ "--policy=panel", "--role=al*=host", "--role=bob=speaker" },
	{ "--policy=broadcast", "--role=bob=speaker" },
	{ "--layout=speaker", "--latency=60ms" },
	{ "--policy=symmetric", "--layout=side-by-side", "--video=off" },
	{ "--policy=symmetric", "--out=hall", "--out=phone" },
	{ "--audio=off", "--max-sources=3" },
	{ "--policy=webinar", "--role=bob=host", "--trust-names" },
	{ "--layout=presenter", "--stereo", "--talkers=1" },
	{ "--layout=pip", "--acodec=pcmu", "--ptime=40ms" },
	{ "--policy=symmetric", "--out-class=low:64x64@30k/5+pcmu",
	  "--out=hall=low" },
	{ "--layout=stage", "--acodec=g722", "--labels=off" },
	{ "--talkers=2", "--vcodec=h264", "--bgcolor=102030" },
	{ "--policy=panel", "--trust-names", "--talkers=1" },
	{ "--acodec=l16", "--stereo", "--vcodec=vp9" },
};

static const char *const scripts[][3] = {
	{ NULL },
	{ "--at=100ms mute *", "--at=300ms unmute *", "--at=500ms deaf *" },
	{ "--at=100ms vmute *", "--at=300ms vunmute *", "--at=400ms reload" },
	{ "--at=100ms role bob host", "--at=300ms role bob",
	  "--at=300ms bitrate 10k" },
	{ "--at=100ms floor alice", "--at=200ms kick bob",
	  "--at=300ms floor -" },
	{ "--at=0s gain * 20", "--at=200ms layout single",
	  "--at=300ms pin bob" },
	{ "--at=200ms kick *", "--at=300ms keyframe", "--at=400ms list" },
	{ "--at=100ms layout side-by-side", "--at=200ms gain * -60",
	  "--at=300ms layout stage" },
};

#define ARGS (VC_COUNT(always) + 3 + 3 + 3)

struct line {
	char words[ARGS][40];
	char *argv[ARGS + 1];
	int n;
};

static void add(struct line *l, const char *const *words, size_t most)
{
	for (size_t i = 0; i < most && words[i]; i++) {
		assert((size_t)l->n < ARGS);
		l->argv[l->n] = l->words[l->n];
		vc_strlcpy(l->argv[l->n], words[i], sizeof(l->words[0]));
		l->n++;
	}
}

static bool has(const char *const *words, const char *text)
{
	for (size_t i = 0; i < 3 && words[i]; i++)
		if (strstr(words[i], text))
			return true;
	return false;
}

/* Commands that make no sense with the options end it at the start. */
static bool makes_sense(const char *const *policy, const char *const *script)
{
	if ((has(script, " role ") || has(script, " floor ")) &&
	    !has(policy, "--policy="))
		return false;
	if (has(policy, "--audio=off") && has(script, " gain "))
		return false;
	return !has(policy, "--video=off") ||
	       !(has(script, " layout ") || has(script, " vmute ") ||
		 has(script, " keyframe"));
}

/* What was written can be read again, by us too. */
static void judge(const uint8_t *p, size_t len)
{
	enum vc_frame_time kind;
	struct vc_frame f;
	struct vc_rtp rtp;
	int64_t now = 0, t;

	for (size_t at = 0; at < len; at += f.size) {
		assert(vc_frame_next(p + at, len - at, &f) == 1);
		assert(at || f.type == VC_FRAME_DESC);
		if (f.type == VC_FRAME_RTP)
			assert(!vc_rtp_parse(&rtp, f.payload, f.len));
		if (f.type == VC_FRAME_RTCP)
			assert(!vc_rtcp_check(f.payload, f.len));
		if (f.type != VC_FRAME_TIME)
			continue;
		assert(!vc_frame_time_parse(f.payload, f.len, &kind, &t));
		assert(kind != VC_TIME_STREAM || t >= now);
		if (kind == VC_TIME_STREAM)
			now = t;
	}
}

static void judge_file(int fd)
{
	struct stat st;
	uint8_t *p;

	assert(!fstat(fd, &st));
	p = malloc((size_t)st.st_size + 1);
	assert(p && pread(fd, p, (size_t)st.st_size, 0) == st.st_size);
	judge(p, (size_t)st.st_size);
	free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char out[40], one[32], two[40];
	const char *places[] = { out, one, two };
	const char *const *policy, *const *script;
	int in_fd, out_fd, stdout_fd;
	struct line l = { .n = 0 };

	if (len < 2)
		return 0;
	policy = policies[data[0] % 16];
	script = scripts[data[1] % 8];
	if (!makes_sense(policy, script))
		script = scripts[0];
	stdout_fd = dup(STDOUT_FILENO);
	in_fd = memfd_create("in", MFD_CLOEXEC);
	out_fd = memfd_create("out", MFD_CLOEXEC);
	assert(in_fd >= 0 && out_fd >= 0);
	assert(write(in_fd, data + 2, len - 2) == (ssize_t)(len - 2));
	/* By its name, each opening reads from the beginning. */
	snprintf(out, sizeof(out), "-o/proc/self/fd/%d", out_fd);
	snprintf(one, sizeof(one), "/proc/self/fd/%d", in_fd);
	snprintf(two, sizeof(two), "bob=%s", one);
	add(&l, always, VC_COUNT(always));
	add(&l, policy, 3);
	add(&l, script, 3);
	add(&l, places, data[0] & 0x80 ? 3 : 2);
	(void)mix_main(l.n, l.argv);
	/* It has closed stdout. */
	dup2(stdout_fd, STDOUT_FILENO);
	close(stdout_fd);
	judge_file(out_fd);
	close(in_fd);
	close(out_fd);
	return 0;
}
