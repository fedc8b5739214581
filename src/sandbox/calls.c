/* SPDX-License-Identifier: MIT */
/* What --sandbox refuses: seccomp(2). */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/syscall.h>

#include "sandbox/call_filter.h"
#include "sandbox/calls.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

#define REFUSED COR_CALL_REFUSE(EPERM)

#define OPEN_TREE_ATTR 467 /* newer than many headers */
#define NAME_SPACES                                                                                \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
		CLONE_NEWPID | CLONE_NEWNET)

static const uint32_t refused[] = {
	/* programs */
	SYS_execve,
	SYS_execveat,
	/* other processes */
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_pidfd_getfd,
	SYS_pidfd_send_signal,
#if defined(__GLIBC__)
	SYS_tkill, /* the number of a thread tells not whose it is; musl signals its own so */
#endif
	/* mounts */
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_move_mount,
	SYS_open_tree,
	SYS_fsopen,
	SYS_fsconfig,
	SYS_fsmount,
	SYS_fspick,
	SYS_mount_setattr,
	OPEN_TREE_ATTR,
	/* the kernel itself */
	SYS_kexec_load,
	SYS_kexec_file_load,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_bpf,
	SYS_perf_event_open,
	/* name spaces and keys */
	SYS_setns,
	SYS_unshare,
	SYS_keyctl,
	SYS_add_key,
	SYS_request_key,
};

/* A signal may also come later: by a file that has something to read, or when CPU time is up. */
static const struct cor_call_condition conditions[] = {
	{ SYS_kill, 0, { COR_CALL_OURSELVES, COR_CALL_OURSELVES }, true, REFUSED },
	{ SYS_tgkill, 0, { COR_CALL_OURSELVES, COR_CALL_OURSELVES }, true, REFUSED },
	{ SYS_rt_sigqueueinfo, 0, { COR_CALL_OURSELVES, COR_CALL_OURSELVES }, true, REFUSED },
	{ SYS_rt_tgsigqueueinfo, 0, { COR_CALL_OURSELVES, COR_CALL_OURSELVES }, true, REFUSED },
	{ SYS_prlimit64, 0, { COR_CALL_OURSELVES, 0 }, true, REFUSED },
	{ SYS_fcntl, 1, { F_SETOWN, F_SETOWN_EX }, false, REFUSED },
	{ SYS_ioctl, 1, { FIOSETOWN, SIOCSPGRP }, false, REFUSED },
};

/* The low half of its flags, as both architectures are little-endian. */
static const struct sock_filter clones[] = {
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, COR_CALL_REFUSE(ENOSYS)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NAME_SPACES, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, REFUSED),
};

int cor_sandbox_calls(struct cor_start_failure *ret_failure)
{
	struct cor_call_filter filter = { .len = 0 };

	cor_call_filter_begin(&filter, REFUSED);
	cor_call_filter_judge(&filter, refused, LENGTH(refused), REFUSED);
	cor_call_filter_look(&filter, conditions, LENGTH(conditions));
	cor_call_filter_append(&filter, clones, LENGTH(clones));
	return cor_call_filter_install(&filter, SECCOMP_RET_ALLOW, ret_failure);
}
