/* SPDX-License-Identifier: MIT */
#include "sandbox/compute.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/call_filter.h"
#include "sandbox/files.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static const uint32_t allowed[] = {
	/* waiting for the next job and computing come first */
	SYS_futex,
	SYS_brk,
	SYS_munmap,
	SYS_mremap,
	SYS_mprotect,
	SYS_madvise,
	SYS_membarrier,
	SYS_clock_gettime,
	SYS_clock_getres,
	SYS_gettimeofday,
	SYS_nanosleep,
	SYS_clock_nanosleep,
	SYS_ppoll,
	SYS_pselect6,
	SYS_restart_syscall,
	SYS_sched_yield,
	SYS_getrandom,
	/* threads of its own: see below for clone */
	SYS_set_robust_list,
	SYS_set_tid_address,
	SYS_rseq,
	SYS_sched_getaffinity,
	SYS_getcpu,
	/* its own signals */
	SYS_rt_sigprocmask,
	SYS_rt_sigpending,
	SYS_rt_sigreturn,
	SYS_sigaltstack,
	SYS_timer_settime,
	/* who and how it is */
	SYS_getpid,
	SYS_gettid,
	SYS_getppid,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_getrusage,
	SYS_times,
	SYS_sysinfo,
	SYS_uname,
	SYS_fstat,
	/* the end */
	SYS_close,
	SYS_exit,
	SYS_exit_group,
#if defined(__x86_64__)
	SYS_time,
	SYS_poll,
	SYS_select,
#endif
};

/* Libraries ask, and go on without an answer. */
static const uint32_t refused[] = {
	SYS_ioctl,
	SYS_fcntl,
	SYS_lseek,
	SYS_newfstatat,
	SYS_statx,
	SYS_faccessat,
	SYS_readlinkat,
	SYS_prctl,
	SYS_prlimit64,
	SYS_sched_setaffinity,
#if defined(__x86_64__)
	SYS_stat,
	SYS_lstat,
	SYS_access,
	SYS_readlink,
	SYS_getrlimit,
	SYS_arch_prctl,
#endif
};

#define NO_FILE 0xffffffffU /* of a mapping: -1 */

static const struct cor_call_condition conditions[] = {
	{ SYS_mmap, 4, { NO_FILE, NO_FILE }, true, SECCOMP_RET_TRAP },
	{ SYS_write, 0, { STDOUT_FILENO, STDERR_FILENO }, true, SECCOMP_RET_TRAP },
	{ SYS_writev, 0, { STDOUT_FILENO, STDERR_FILENO }, true, SECCOMP_RET_TRAP },
	{ SYS_sendto, 0, { STDERR_FILENO, STDERR_FILENO }, true, SECCOMP_RET_TRAP },
	{ SYS_kill, 0, { COR_CALL_OURSELVES, COR_CALL_OURSELVES }, true, SECCOMP_RET_TRAP },
	{ SYS_tgkill, 0, { COR_CALL_OURSELVES, COR_CALL_OURSELVES }, true, SECCOMP_RET_TRAP },
	{ SYS_rt_sigaction, 0, { SIGSYS, SIGSYS }, false, COR_CALL_REFUSE(EPERM) },
};

/* A thread, and not a process. The flags of clone3 cannot be looked at. */
static const struct sock_filter clones[] = {
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, COR_CALL_REFUSE(ENOSYS)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
};

int cor_sandbox_compute(int readable_fd, struct cor_start_failure *ret_failure)
{
	const struct cor_call_condition reading = { SYS_pread64, 0,
		{ (uint32_t)readable_fd, (uint32_t)readable_fd }, true, SECCOMP_RET_TRAP };
	struct cor_call_filter filter = { .len = 0 };
	int rc = cor_sandbox_no_files(ret_failure);

	if (rc < 0 && rc != -EOPNOTSUPP)
		return rc;
	cor_call_filter_begin(&filter, SECCOMP_RET_KILL_PROCESS);
	cor_call_filter_judge(&filter, allowed, LENGTH(allowed), SECCOMP_RET_ALLOW);
	cor_call_filter_judge(&filter, refused, LENGTH(refused), COR_CALL_REFUSE(EPERM));
	cor_call_filter_look(&filter, conditions, LENGTH(conditions));
	if (readable_fd >= 0)
		cor_call_filter_look(&filter, &reading, 1);
	cor_call_filter_append(&filter, clones, LENGTH(clones));
	return cor_call_filter_install(&filter, SECCOMP_RET_TRAP, ret_failure);
}

int cor_sandbox_can_compute(struct cor_start_failure *ret_failure)
{
	const uint32_t action = SECCOMP_RET_TRAP;

	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
		return 0;
	return cor_call_filter_fail(-EOPNOTSUPP, ret_failure);
}
