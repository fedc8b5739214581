/* SPDX-License-Identifier: MIT */
#include "sandbox/call_names.h"

#include <stddef.h>
#include <sys/syscall.h>

#define ROW(name)                                                                                  \
	{                                                                                          \
		SYS_##name, #name                                                                  \
	}

static const struct {
	int number;
	const char *name;
} names[] = {
	/* clang-format off */
	ROW(socket), ROW(socketpair), ROW(connect), ROW(bind), ROW(listen), ROW(accept),
	ROW(accept4), ROW(sendto), ROW(sendmsg), ROW(sendmmsg), ROW(recvfrom), ROW(recvmsg),
	ROW(recvmmsg), ROW(shutdown), ROW(getsockname), ROW(getpeername), ROW(getsockopt),
	ROW(setsockopt), ROW(openat), ROW(openat2), ROW(read), ROW(readv), ROW(pread64),
	ROW(preadv), ROW(write), ROW(writev), ROW(pwrite64), ROW(pwritev), ROW(mmap),
	ROW(sendfile), ROW(copy_file_range), ROW(splice), ROW(dup), ROW(dup3), ROW(pipe2),
	ROW(fsync), ROW(fdatasync), ROW(ftruncate), ROW(truncate), ROW(fallocate), ROW(flock),
	ROW(getdents64), ROW(getcwd), ROW(chdir), ROW(fchdir), ROW(mkdirat), ROW(mknodat),
	ROW(unlinkat), ROW(renameat), ROW(renameat2), ROW(linkat), ROW(symlinkat), ROW(fchmod),
	ROW(fchmodat), ROW(fchown), ROW(fchownat), ROW(umask), ROW(utimensat), ROW(chroot),
	ROW(statfs), ROW(fstatfs), ROW(memfd_create), ROW(name_to_handle_at),
	ROW(open_by_handle_at), ROW(inotify_init1), ROW(fanotify_init), ROW(clone), ROW(clone3),
	ROW(execve), ROW(execveat), ROW(wait4), ROW(waitid), ROW(kill), ROW(tkill), ROW(tgkill),
	ROW(rt_sigqueueinfo), ROW(rt_tgsigqueueinfo), ROW(rt_sigsuspend), ROW(rt_sigtimedwait),
	ROW(pidfd_open), ROW(pidfd_getfd), ROW(pidfd_send_signal), ROW(ptrace),
	ROW(process_vm_readv), ROW(process_vm_writev), ROW(setpgid), ROW(setsid), ROW(setuid),
	ROW(setgid), ROW(setreuid), ROW(setregid), ROW(setresuid), ROW(setresgid),
	ROW(setgroups), ROW(setpriority), ROW(getpriority), ROW(sched_setscheduler),
	ROW(sched_setparam), ROW(seccomp), ROW(unshare), ROW(setns), ROW(personality),
	ROW(capset), ROW(epoll_create1), ROW(epoll_ctl), ROW(epoll_pwait), ROW(eventfd2),
	ROW(signalfd4), ROW(timerfd_create), ROW(timerfd_settime), ROW(timer_create),
	ROW(timer_delete), ROW(setitimer), ROW(getitimer), ROW(io_uring_setup),
	ROW(io_uring_enter), ROW(io_uring_register), ROW(bpf), ROW(perf_event_open),
	ROW(userfaultfd), ROW(keyctl), ROW(add_key), ROW(request_key), ROW(mount), ROW(umount2),
	ROW(pivot_root), ROW(mlock), ROW(mlockall), ROW(shmget), ROW(shmat), ROW(shmctl),
	ROW(semget), ROW(semop), ROW(msgget), ROW(msgsnd), ROW(msgrcv), ROW(mq_open),
	ROW(init_module), ROW(finit_module), ROW(kexec_load), ROW(reboot), ROW(sethostname),
	ROW(settimeofday), ROW(clock_settime), ROW(adjtimex), ROW(syslog), ROW(quotactl),
	ROW(swapon), ROW(swapoff), ROW(acct), ROW(landlock_create_ruleset),
	ROW(landlock_restrict_self),
#if defined(__x86_64__)
	ROW(open), ROW(creat), ROW(pipe), ROW(dup2), ROW(fork), ROW(vfork), ROW(alarm),
	ROW(pause), ROW(unlink), ROW(rename), ROW(mkdir), ROW(rmdir), ROW(link), ROW(symlink),
	ROW(chmod), ROW(chown), ROW(mknod), ROW(getdents), ROW(utime), ROW(epoll_create),
	ROW(epoll_wait), ROW(eventfd), ROW(signalfd), ROW(inotify_init), ROW(iopl), ROW(ioperm),
	ROW(modify_ldt),
#endif
	/* clang-format on */
};

const char *cor_call_name(int number)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}
