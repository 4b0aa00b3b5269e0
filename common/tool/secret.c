/* SPDX-License-Identifier: MIT */
/*
 * Mapped, so that locking it and leaving it out of dumps touches nothing else.
 */
#include "tool/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "tool/place.h"
#include "tool/tool.h"

#define TEXT_MAX (4u << 20)

int vc_secret_new(struct vc_secret *s, size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -ENOMEM;
	(void)mlock2(p, len, MLOCK_ONFAULT);
	(void)madvise(p, len, MADV_DONTDUMP);
	(void)prctl(PR_SET_DUMPABLE, 0);
	*s = (struct vc_secret){ .p = p, .len = len };
	return 0;
}

void vc_secret_clear(struct vc_secret *s, size_t used)
{
	explicit_bzero(s->p, used);
	munmap(s->p, s->len);
}

/* What is wrong with line '*n', or NULL. */
static const char *each(struct vc_str rest, unsigned int *n,
			const char *(*add)(void *ctx, struct vc_str line),
			void *ctx)
{
	const char *why = NULL;

	for (*n = 0; rest.len && !why; ++*n) {
		struct vc_str line = vc_str_trim(vc_str_cut(&rest, '\n'));

		if (line.len && line.p[0] != '#')
			why = add(ctx, line);
	}
	return why;
}

static void check_mode(struct vc_tool *t, const struct vc_place *p)
{
	struct stat st;
	int err;

	if (p->kind == VC_PLACE_PATH)
		err = stat(p->path, &st);
	else if (p->kind == VC_PLACE_FD)
		err = fstat(p->fd, &st);
	else
		return;
	if (!err && S_ISREG(st.st_mode) && (st.st_mode & 077))
		vc_tool_warn(t, "%s: others may use it (mode %04o): chmod 600",
			     p->text, (unsigned int)(st.st_mode & 07777));
}

int vc_secret_lines(struct vc_tool *t, const char *option, const char *place,
		    const char *(*add)(void *ctx, struct vc_str line),
		    void *ctx)
{
	char why[256], *text;
	const char *wrong;
	struct vc_place p;
	unsigned int n;
	size_t len;
	int err;

	if (vc_place_parse(&p, place, false, why, sizeof(why)))
		vc_tool_usage(t, "%s %s: %s", option, p.text, why);
	err = vc_place_slurp(&p, TEXT_MAX, &text, &len);
	if (err) {
		vc_tool_fail(t, VC_EXIT_FAIL, "%s: read keys: %s", p.text,
			     strerror(-err));
		return err;
	}
	check_mode(t, &p);
	wrong = each(vc_str_of(text, len), &n, add, ctx);
	explicit_bzero(text, len);
	free(text);
	if (wrong)
		vc_tool_usage(t, "%s:%u: %s", p.text, n, wrong);
	return 0;
}
