/* SPDX-License-Identifier: MIT */
/*
 * The filter is a straight line of comparisons, built from tables; the kernel
 * remembers which calls it allows whatever their arguments, so that its length
 * costs nothing (Linux 5.11). Arguments are looked at where a call is harmless
 * with some of them only. On 64-bit machines flags and domains are in the
 * lower half of an argument, and the kernel ignores the upper one for these.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>

#include "base/mem.h"
#include "tool/sandbox.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#else
#define ARCH 0 /* not known: no filter */
#endif

/* Big-endian machines are not known. */
#define ARG(n) ((uint32_t)offsetof(struct seccomp_data, args[n]))
#define DENY (SECCOMP_RET_ERRNO | EPERM)
#define WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND)

/* No tool makes these, and no library of ours: it is an intruder. */
static const int hostile[] = {
	SYS_execve,
	SYS_execveat,
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_bpf,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_setns,
	SYS_unshare,
	SYS_userfaultfd,
	SYS_perf_event_open,
	SYS_setuid,
	SYS_setgid,
	SYS_reboot,
};

/* glibc takes the older call when it is told that there is none. */
static const int unknown[] = { SYS_clone3, SYS_openat2 };

static const int harmless[] = {
	/* descriptors */
	SYS_read,
	SYS_write,
	SYS_readv,
	SYS_writev,
	SYS_pread64,
	SYS_pwrite64,
	SYS_preadv,
	SYS_pwritev,
	SYS_lseek,
	SYS_close,
	SYS_fcntl,
	SYS_dup,
	SYS_dup3,
	SYS_fsync,
	SYS_fdatasync,
	SYS_ftruncate,
	SYS_fallocate,
	SYS_fadvise64,
	SYS_pipe2,
	SYS_eventfd2,
	SYS_signalfd4,
	/* waiting */
	SYS_ppoll,
	SYS_pselect6,
	SYS_epoll_pwait,
	SYS_epoll_pwait2,
	SYS_epoll_ctl,
	SYS_epoll_create1,
	SYS_timerfd_create,
	SYS_timerfd_settime,
	SYS_timerfd_gettime,
	SYS_nanosleep,
	SYS_clock_nanosleep,
	SYS_clock_gettime,
	SYS_clock_getres,
	SYS_gettimeofday,
	SYS_futex,
	SYS_sched_yield,
	SYS_restart_syscall,
	/* looking; Landlock says which names can be made and removed */
	SYS_fstat,
	SYS_newfstatat,
	SYS_statx,
	SYS_fstatfs,
	SYS_statfs,
	SYS_faccessat,
	SYS_faccessat2,
	SYS_readlinkat,
	SYS_getcwd,
	SYS_getdents64,
	SYS_unlinkat,
	SYS_mkdirat,
	SYS_fchmod,
	/* sockets that are there, or that socket() below gives */
	SYS_accept,
	SYS_accept4,
	SYS_bind,
	SYS_listen,
	SYS_connect,
	SYS_getsockname,
	SYS_getpeername,
	SYS_getsockopt,
	SYS_setsockopt,
	SYS_shutdown,
	SYS_sendto,
	SYS_recvfrom,
	SYS_sendmsg,
	SYS_recvmsg,
	SYS_sendmmsg,
	SYS_recvmmsg,
	/* memory */
	SYS_brk,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	/* oneself */
	SYS_getpid,
	SYS_gettid,
	SYS_getppid,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_getpgid,
	SYS_getrusage,
	SYS_times,
	SYS_prlimit64,
	SYS_sysinfo,
	SYS_uname,
	SYS_getrandom,
	SYS_umask,
	SYS_sched_getaffinity,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_sigaltstack,
	SYS_tgkill,
	SYS_exit,
	SYS_exit_group,
	SYS_set_robust_list,
#ifdef SYS_rseq
	SYS_rseq,
#endif
#ifdef SYS_open /* machines that have the older calls too */
	SYS_dup2,
	SYS_poll,
	SYS_select,
	SYS_epoll_wait,
	SYS_stat,
	SYS_lstat,
	SYS_access,
	SYS_readlink,
	SYS_unlink,
	SYS_mkdir,
	SYS_time,
	SYS_getpgrp,
	SYS_arch_prctl,
#endif
};

/* What the terminal and sockets are asked. */
static const uint32_t ioctls[] = { TCGETS,   TIOCGWINSZ, TIOCGPGRP,
				   FIONREAD, TIOCOUTQ,	 SIOCGIFINDEX };

/* A tool may make sockets of the first one, three or all. */
static const uint32_t domains[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };

struct program {
	struct sock_filter f[400];
	unsigned short n;
};

static void add(struct program *p, uint16_t code, uint32_t k, uint8_t yes,
		uint8_t no)
{
	p->f[p->n++] = (struct sock_filter){ code, yes, no, k };
}

static void load(struct program *p, uint32_t offset)
{
	add(p, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

static void give(struct program *p, uint32_t action)
{
	add(p, BPF_RET | BPF_K, action, 0, 0);
}

static void each(struct program *p, const int *calls, size_t n, uint32_t action)
{
	for (size_t i = 0; i < n; i++) {
		add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i], 0, 1);
		give(p, action);
	}
}

/* Allowed where argument 'arg' is one of the list. */
static void one_of(struct program *p, int call, int arg, const uint32_t *list,
		   size_t n)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0,
	    (uint8_t)(2 * n + 2));
	load(p, ARG(arg));
	for (size_t i = 0; i < n; i++) {
		add(p, BPF_JMP | BPF_JEQ | BPF_K, list[i], 0, 1);
		give(p, SECCOMP_RET_ALLOW);
	}
	give(p, DENY);
}

/* Allowed where argument 'arg' has none of these bits; or, 'inverse', some. */
static void bits(struct program *p, int call, int arg, uint32_t mask,
		 bool inverse)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 4);
	load(p, ARG(arg));
	add(p, BPF_JMP | BPF_JSET | BPF_K, mask, inverse, !inverse);
	give(p, DENY);
	give(p, SECCOMP_RET_ALLOW);
}

static void add_files(struct program *p, bool writes)
{
	uint32_t mask = writes ? 0 : WRITES;

	bits(p, SYS_openat, 2, mask, false);
#ifdef SYS_open
	bits(p, SYS_open, 1, mask, false);
#endif
	if (!writes)
		return;
	each(p, (const int[]){ SYS_renameat2, SYS_fchown }, 2,
	     SECCOMP_RET_ALLOW);
#ifdef SYS_renameat
	each(p, (const int[]){ SYS_renameat }, 1, SECCOMP_RET_ALLOW);
#endif
#ifdef SYS_rename
	each(p, (const int[]){ SYS_rename }, 1, SECCOMP_RET_ALLOW);
#endif
}

static void build(struct program *p, const struct vc_seccomp_needs *needs)
{
	/* Looking names up loads libraries. */
	uint32_t exec = needs->internet ? 0 : PROT_EXEC;

	load(p, offsetof(struct seccomp_data, arch));
	add(p, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	give(p, SECCOMP_RET_KILL_PROCESS);
	load(p, offsetof(struct seccomp_data, nr));
	each(p, hostile, VC_COUNT(hostile), SECCOMP_RET_KILL_PROCESS);
	each(p, unknown, VC_COUNT(unknown), SECCOMP_RET_ERRNO | ENOSYS);
	each(p, harmless, VC_COUNT(harmless), SECCOMP_RET_ALLOW);
	add_files(p, needs->writes);
	bits(p, SYS_mmap, 2, exec, false);
	bits(p, SYS_mprotect, 2, exec, false);
	if (needs->threads)
		bits(p, SYS_clone, 0, CLONE_THREAD, true);
	one_of(p, SYS_ioctl, 1, ioctls, VC_COUNT(ioctls));
	one_of(p, SYS_socket, 0, domains,
	       needs->internet ? VC_COUNT(domains) :
	       needs->udp      ? 3 :
				 1);
	give(p, DENY);
}

int vc_seccomp_enter(const struct vc_seccomp_needs *needs)
{
	struct program p = { .n = 0 };
	struct sock_fprog prog = { .filter = p.f };

	_Static_assert(2 * (VC_COUNT(hostile) + VC_COUNT(unknown) +
			    VC_COUNT(harmless)) +
				       80 <
			       VC_COUNT(p.f),
		       "room");
	if (!ARCH)
		return -EOPNOTSUPP;
	build(&p, needs);
	prog.len = p.n;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		    SECCOMP_FILTER_FLAG_TSYNC, &prog))
		return -errno;
	return 0;
}
