/* SPDX-License-Identifier: MIT */
/*
 * Four parts, each of use without the others: no_new_privs (no set-user-ID
 * program gives anything), limits, Landlock (which folders), seccomp (which
 * system calls). Landlock's rules are cut to what the kernel knows.
 *
 * A build with sanitizers or coverage has the first two only: these open files
 * of their own at exit, and the leak checker traces its own process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/landlock.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "tool/internal.h"
#include "tool/sandbox.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
	defined(VC_COVERAGE)
#define IS_WATCHED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define IS_WATCHED true
#endif
#endif
#ifndef IS_WATCHED
#define IS_WATCHED false
#endif

/* Newer than some kernels' headers; the numbers are the kernel's interface. */
#define FS_REFER (UINT64_C(1) << 13)	 /* ABI 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14)	 /* ABI 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15) /* ABI 5 */
#define NET_BIND_TCP (UINT64_C(1) << 0)	 /* ABI 4 */
#define NET_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_SIGNAL (UINT64_C(1) << 1) /* ABI 6 */

#define FS_ABI_1 ((UINT64_C(1) << 13) - 1)
#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_WRITE                                                        \
	(FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE |                      \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 FS_REFER | FS_TRUNCATE)

struct ruleset {
	uint64_t fs, net, scoped;
};

struct allowed {
	char *folder;
	enum vc_allow what;
	struct allowed *next;
};

struct vc_sandbox {
	struct allowed *allowed;
	unsigned int needs; /* beside the tool's */
	bool no_new_privs, limits, landlock, seccomp;
};

static struct vc_sandbox *get(struct vc_tool *t)
{
	if (!t->sandbox)
		t->sandbox = vc_alloc(1, sizeof(*t->sandbox));
	return t->sandbox;
}

void vc_sandbox_need(struct vc_tool *t, unsigned int flags)
{
	get(t)->needs |= flags;
}

static unsigned int flags_of(struct vc_tool *t)
{
	return t->info->sandbox | get(t)->needs;
}

void vc_sandbox_allow(struct vc_tool *t, const char *path, enum vc_allow what)
{
	struct allowed *a = vc_alloc(1, sizeof(*a));
	struct vc_sandbox *s = get(t);
	char *brace, *slash;

	a->folder = vc_strdup(path);
	a->what = what;
	a->next = s->allowed;
	s->allowed = a;
	brace = strchr(a->folder, '{');
	if (brace)
		*brace = '\0';
	slash = strrchr(a->folder, '/');
	if (slash)
		slash[slash == a->folder] = '\0';
	else
		vc_strlcpy(a->folder, ".", strlen(path) + 1);
}

/* --- Landlock --- */

static struct ruleset handled(int abi)
{
	struct ruleset r = { .fs = FS_ABI_1 };

	if (abi >= 2)
		r.fs |= FS_REFER;
	if (abi >= 3)
		r.fs |= FS_TRUNCATE;
	if (abi >= 4)
		r.net = NET_BIND_TCP | NET_CONNECT_TCP;
	if (abi >= 5)
		r.fs |= FS_IOCTL_DEV;
	if (abi >= 6)
		r.scoped = SCOPE_SIGNAL;
	return r;
}

static int add_rule(int fd, const struct ruleset *r, const char *path,
		    uint64_t access)
{
	struct landlock_path_beneath_attr attr = {
		.allowed_access = access & r->fs,
	};
	int err = 0;

	attr.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (attr.parent_fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH,
		    &attr, 0))
		err = -errno;
	close(attr.parent_fd);
	return err;
}

static uint64_t access_of(enum vc_allow what)
{
	switch (what) {
	case VC_ALLOW_READ:
		return FS_READ;
	case VC_ALLOW_REMOVE:
		return LANDLOCK_ACCESS_FS_REMOVE_FILE;
	case VC_ALLOW_SOCKET:
		return LANDLOCK_ACCESS_FS_MAKE_SOCK |
		       LANDLOCK_ACCESS_FS_REMOVE_FILE;
	case VC_ALLOW_WRITE:
		return FS_WRITE;
	}
	return 0;
}

/* The ruleset's descriptor or -errno. */
static int make_ruleset(struct vc_tool *t, int abi)
{
	/* The members that a kernel does not know may not be there. */
	static const size_t sizes[] = { 0, 8, 8, 8, 16, 16, 24 };
	struct ruleset r = handled(abi);
	int fd, err;

	if (flags_of(t) & VC_SANDBOX_INTERNET)
		r.net = 0;
	fd = (int)syscall(SYS_landlock_create_ruleset, &r,
			  sizes[abi < 6 ? abi : 6], 0);
	if (fd < 0)
		return -errno;
	/* For accept() when descriptors have run out. */
	err = add_rule(fd, &r, "/dev/null", LANDLOCK_ACCESS_FS_READ_FILE);
	if (!err && (flags_of(t) & (VC_SANDBOX_READ | VC_SANDBOX_INTERNET)))
		err = add_rule(fd, &r, "/", FS_READ);
	for (struct allowed *a = t->sandbox->allowed; a && !err; a = a->next)
		err = add_rule(fd, &r, a->folder, access_of(a->what));
	if (!err)
		return fd;
	close(fd);
	return err;
}

/* It is for this thread, and for those that it starts from now on. */
static bool is_alone(void)
{
	struct stat st;

	return stat("/proc/self/task", &st) || st.st_nlink <= 2 + 1;
}

static int enter_landlock(struct vc_tool *t)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);
	int fd, err = 0;

	if (abi <= 0)
		return -EOPNOTSUPP;
	if (!is_alone())
		return -EBUSY;
	fd = make_ruleset(t, (int)abi);
	if (fd < 0)
		return fd;
	if (syscall(SYS_landlock_restrict_self, fd, 0))
		err = -errno;
	close(fd);
	return err;
}

/* --- all of it --- */

static bool is_on(struct vc_tool *t, const char *part, int err)
{
	if (err)
		vc_tool_note(t, "sandbox: %s: %s", part, strerror(-err));
	return !err;
}

/* Keys are in memory, and a core would write them to a disk. */
static int enter_limits(struct vc_tool *t)
{
	static const struct rlimit none = { 0 };
	bool is_single = (flags_of(t) & VC_SANDBOX_ON) &&
			 !(flags_of(t) & VC_SANDBOX_THREADS);

	if (setrlimit(RLIMIT_CORE, &none) ||
	    (is_single && !IS_WATCHED && setrlimit(RLIMIT_NPROC, &none)))
		return -errno;
	return 0;
}

static bool writes(const struct vc_sandbox *s)
{
	for (const struct allowed *a = s->allowed; a; a = a->next) {
		if (a->what == VC_ALLOW_WRITE)
			return true;
	}
	return false;
}

void vc_sandbox_enter(struct vc_tool *t)
{
	struct vc_sandbox *s = get(t);
	unsigned int flags = flags_of(t);
	struct vc_seccomp_needs needs = {
		.writes = writes(s),
		.threads = flags & VC_SANDBOX_THREADS,
		.internet = flags & VC_SANDBOX_INTERNET,
		.udp = flags & VC_SANDBOX_UDP,
	};
	char path[128];

	if (t->opt.no_sandbox)
		return;
	/* The socket that is made when the clock turns out to be live. */
	if ((t->info->groups & VC_OPT_OUT) && (flags & VC_SANDBOX_ON) &&
	    !vc_private_path(t->info->name, path, sizeof(path)))
		vc_sandbox_allow(t, path, VC_ALLOW_SOCKET);
	s->limits = is_on(t, "limits", enter_limits(t));
	s->no_new_privs =
		is_on(t, "no_new_privs",
		      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0);
	if (!(flags & VC_SANDBOX_ON) || IS_WATCHED || !s->no_new_privs)
		return;
	s->landlock = is_on(t, "Landlock", enter_landlock(t));
	s->seccomp = is_on(t, "seccomp", vc_seccomp_enter(&needs));
}

struct vc_json *vc_sandbox_parts(const struct vc_tool *t)
{
	const struct vc_sandbox *s = t->sandbox;
	struct vc_json *parts = vc_json_array();

	if (s && s->no_new_privs)
		vc_json_add_str(parts, "no_new_privs");
	if (s && s->limits)
		vc_json_add_str(parts, "limits");
	if (s && s->landlock)
		vc_json_add_str(parts, "landlock");
	if (s && s->seccomp)
		vc_json_add_str(parts, "seccomp");
	return parts;
}

void vc_sandbox_free(struct vc_sandbox *s)
{
	if (!s)
		return;
	while (s->allowed) {
		struct allowed *a = s->allowed;

		s->allowed = a->next;
		free(a->folder);
		free(a);
	}
	free(s);
}
