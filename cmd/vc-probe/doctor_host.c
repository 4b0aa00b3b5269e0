/* SPDX-License-Identifier: MIT */
/* What the rest of this machine can do: clock, limits, processor, devices. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "codec/audio.h"
#include "codec/video.h"
#include "doctor.h"

#define FILES 4096     /* that hundreds of sessions need */
#define PIPE (1 << 20) /* octets, as the tools ask for */
#define LOCKED (64 << 10)
#define LINES 64 /* of vc-capture --list-devices that are looked at */

static void clock_is_right(struct doctor_found *f)
{
	struct timex t = { 0 };
	int state = adjtimex(&t);

	f->ok = state >= 0 && state != TIME_ERROR && !(t.status & STA_UNSYNC);
	snprintf(f->found, sizeof(f->found),
		 f->ok ? "synchronised, at most %.1f ms wrong" :
			 "not synchronised: delays between machines mean "
			 "nothing",
		 (double)t.maxerror / 1e3);
	snprintf(f->mend, sizeof(f->mend), "timedatectl set-ntp true");
}

static void files(struct doctor_found *f)
{
	struct rlimit r = { 0 };

	getrlimit(RLIMIT_NOFILE, &r);
	f->ok = r.rlim_max >= FILES;
	snprintf(f->found, sizeof(f->found), "%llu open files at most",
		 (unsigned long long)r.rlim_max);
	snprintf(f->wants, sizeof(f->wants), "%d", FILES);
	snprintf(f->mend, sizeof(f->mend), "ulimit -n %d", FILES);
}

static void pipes(struct doctor_found *f)
{
	int fd[2], got;

	if (pipe2(fd, O_CLOEXEC)) {
		snprintf(f->found, sizeof(f->found), "%s", strerror(errno));
		return;
	}
	got = fcntl(fd[1], F_SETPIPE_SZ, PIPE);
	if (got < 0)
		got = fcntl(fd[1], F_GETPIPE_SZ);
	f->ok = got >= PIPE;
	snprintf(f->found, sizeof(f->found), "a pipe holds %d octets", got);
	snprintf(f->wants, sizeof(f->wants), "%d", PIPE);
	snprintf(f->mend, sizeof(f->mend),
		 "sysctl -w fs.pipe-max-size=%d fs.pipe-user-pages-soft=0",
		 PIPE);
	close(fd[0]);
	close(fd[1]);
}

static void locked_memory(struct doctor_found *f)
{
	void *p = mmap(NULL, LOCKED, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	f->ok = p != MAP_FAILED && !mlock(p, LOCKED);
	snprintf(f->found, sizeof(f->found), "64 KiB for keys %s",
		 f->ok ? "can be kept from being swapped" :
			 "cannot be locked: keys could be swapped");
	snprintf(f->mend, sizeof(f->mend), "ulimit -l 8192");
	if (p != MAP_FAILED)
		munmap(p, LOCKED);
}

/* Flags of x86, Features of ARM. */
static void aes(struct doctor_found *f)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[8192];

	while (file && !f->ok && fgets(line, sizeof(line), file)) {
		bool is_flags = !strncmp(line, "flags", 5) ||
				!strncmp(line, "Features", 8);

		for (char *w = strtok(line, " \t\n"); w && is_flags;
		     w = strtok(NULL, " \t\n"))
			f->ok |= !strcmp(w, "aes");
	}
	if (file)
		fclose(file);
	snprintf(f->found, sizeof(f->found), "the processor %s AES",
		 f->ok ? "has instructions for" : "says nothing of");
}

static void cores(struct doctor_found *f)
{
	struct rlimit r = { 0 };
	cpu_set_t set;
	int n = 0;

	CPU_ZERO(&set);
	if (!sched_getaffinity(0, sizeof(set), &set))
		n = CPU_COUNT(&set);
	getrlimit(RLIMIT_RTPRIO, &r);
	f->ok = n >= 2;
	snprintf(f->found, sizeof(f->found),
		 "%d processors for us, real-time priority up to %llu", n,
		 (unsigned long long)(r.rlim_max == RLIM_INFINITY ?
					      99 :
					      r.rlim_max));
	snprintf(f->wants, sizeof(f->wants), "2 processors");
}

static void runtime_dir(struct doctor_found *f)
{
	const char *path = getenv("XDG_RUNTIME_DIR");
	char safe[64];
	struct stat st;

	vc_escape(safe, sizeof(safe), path ? path : "",
		  path ? strlen(path) : 0);
	if (!path) {
		snprintf(f->found, sizeof(f->found),
			 "XDG_RUNTIME_DIR is not set");
	} else if (stat(path, &st) || !S_ISDIR(st.st_mode) ||
		   access(path, W_OK | X_OK)) {
		snprintf(f->found, sizeof(f->found), "%s: cannot be used",
			 safe);
	} else {
		f->ok = st.st_uid == geteuid();
		snprintf(f->found, sizeof(f->found), "%s%s", safe,
			 f->ok ? "" : ": is somebody else's");
	}
	snprintf(f->mend, sizeof(f->mend),
		 "mkdir -pm 700 /tmp/run-$(id -u) && export "
		 "XDG_RUNTIME_DIR=/tmp/run-$(id -u)");
}

static void namespaces(struct doctor_found *f)
{
	int status = 0, flags = CLONE_NEWNET;
	pid_t pid;

	if (geteuid())
		flags |= CLONE_NEWUSER;
	pid = fork();
	if (!pid)
		_exit(unshare(flags) ? errno : 0);
	f->ok = pid > 0 && waitpid(pid, &status, 0) == pid && !status;
	snprintf(f->found, sizeof(f->found), "a network of one's own: %s",
		 f->ok	 ? "made" :
		 pid < 0 ? "no process" :
			   strerror(WEXITSTATUS(status)));
	snprintf(f->mend, sizeof(f->mend),
		 "sysctl -w user.max_net_namespaces=1000 "
		 "kernel.unprivileged_userns_clone=1");
}

/* GStreamer is vc-capture's, which is asked. */
static void plug_ins(struct doctor_found *f)
{
	char exe[4096], command[4400], line[512];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	size_t lines = 0;
	char *slash;
	FILE *p;

	exe[n > 0 ? n : 0] = '\0';
	slash = strrchr(exe, '/');
	snprintf(f->found, sizeof(f->found), "no vc-capture beside us");
	/* Its folder goes into single quotes of the shell. */
	if (!slash || strchr(exe, '\''))
		return;
	*slash = '\0';
	snprintf(command, sizeof(command),
		 "exec '%s/vc-capture' --list-devices 2>/dev/null </dev/null",
		 exe);
	p = popen(command, "re");
	while (p && lines < LINES && fgets(line, sizeof(line), p))
		lines += strchr(line, ':') != NULL;
	f->ok = p && !pclose(p);
	if (f->ok)
		snprintf(f->found, sizeof(f->found),
			 "GStreamer works; devices it knows: %zu", lines);
	else
		snprintf(f->found, sizeof(f->found),
			 "vc-capture --list-devices fails");
	snprintf(f->mend, sizeof(f->mend),
		 "apt-get install gstreamer1.0-plugins-base "
		 "gstreamer1.0-plugins-good");
}

/* What `vc-probe load` sends with. */
static void codecs(struct doctor_found *f)
{
	const struct vc_audenc_cfg sound = { .codec = VC_CODEC_OPUS,
					     .ptime_ms = 20,
					     .bitrate_bps = 32000 };
	const struct vc_videnc_cfg picture = { .codec = VC_CODEC_VP8,
					       .width = 320,
					       .height = 180,
					       .fps_num = 30,
					       .fps_den = 1,
					       .bitrate_bps = 300000 };
	int err;
	struct vc_audenc *opus = vc_audenc_new(&sound, &err);
	struct vc_videnc *vp8 = vc_videnc_new_vp8(&picture, &err);

	f->ok = opus && vp8;
	snprintf(f->found, sizeof(f->found), "encoders:%s%s",
		 opus ? " opus" : "", vp8 ? " VP8" : "");
	snprintf(f->wants, sizeof(f->wants), "opus VP8");
	vc_audenc_free(opus);
	vc_videnc_free(vp8);
}

/* A node of a device that can be opened; '*n' of them there are. */
static bool any_opens(const char *folder, const char *prefix, char last,
		      unsigned int *n)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	bool ok = false;

	while (d && (e = readdir(d))) {
		size_t len = strlen(e->d_name);
		int fd;

		if (strncmp(e->d_name, prefix, strlen(prefix)) ||
		    (last && e->d_name[len - 1] != last))
			continue;
		(*n)++;
		fd = openat(dirfd(d), e->d_name,
			    O_RDWR | O_NONBLOCK | O_CLOEXEC);
		ok |= fd >= 0 || errno == EBUSY;
		if (fd >= 0)
			close(fd);
	}
	if (d)
		closedir(d);
	return ok;
}

static void node(struct doctor_found *f, const char *folder, const char *prefix,
		 char last, const char *group)
{
	unsigned int n = 0;

	f->ok = any_opens(folder, prefix, last, &n);
	snprintf(f->found, sizeof(f->found), "%u nodes %s/%s*%s", n, folder,
		 prefix,
		 n ? f->ok ? ", one at least opens" : ", none opens" : "");
	if (n)
		snprintf(f->mend, sizeof(f->mend),
			 "usermod -aG %s \"$(id -un)\"", group);
}

static void camera(struct doctor_found *f)
{
	node(f, "/dev", "video", 0, "video");
}

static void microphone(struct doctor_found *f)
{
	node(f, "/dev/snd", "pcm", 'c', "audio");
}

static void speakers(struct doctor_found *f)
{
	node(f, "/dev/snd", "pcm", 'p', "audio");
}

static void screen(struct doctor_found *f)
{
	const char *x = getenv("DISPLAY"), *w = getenv("WAYLAND_DISPLAY");
	char safe[64];
	const char *name = w ? w : x;

	f->ok = name && *name;
	vc_escape(safe, sizeof(safe), name ? name : "",
		  name ? strlen(name) : 0);
	snprintf(f->found, sizeof(f->found), f->ok ? "%s is named" : "none%s",
		 safe);
}

const struct doctor_check doctor_host[] = {
	{ "clock", DOCTOR_LIVE, clock_is_right },
	{ "processors", DOCTOR_LIVE, cores },
	{ "codecs", DOCTOR_LIVE, codecs },
	{ "runtime-folder", DOCTOR_LIVE, runtime_dir },
	{ "locked-memory", DOCTOR_SECURE, locked_memory },
	{ "aes", DOCTOR_SECURE, aes },
	{ "files", DOCTOR_FAST, files },
	{ "pipes", DOCTOR_FAST, pipes },
	{ "camera", DOCTOR_DEVICES, camera },
	{ "microphone", DOCTOR_DEVICES, microphone },
	{ "speakers", DOCTOR_DEVICES, speakers },
	{ "screen", DOCTOR_DEVICES, screen },
	{ "plug-ins", DOCTOR_DEVICES, plug_ins },
	{ "namespaces", DOCTOR_TESTS, namespaces },
};
const size_t n_doctor_host = VC_COUNT(doctor_host);
