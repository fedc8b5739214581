/* SPDX-License-Identifier: MIT */
#include "master/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <coracle/error.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* Landlock cannot reach threads that are there already, and what looks confined must be. */
static bool has_threads(void)
{
	struct stat tasks;

	return stat("/proc/self/task", &tasks) == 0 &&
	       tasks.st_nlink > 3; /* ".", ".." and itself */
}

/* Without it only root may confine itself: a setuid program would be deceived. */
static int begin(const char *what, struct cor_failure *ret_failure)
{
	if (has_threads())
		return cor_failure_set(ret_failure, -EBUSY,
			"cannot confine %s of a process that has threads: nothing may start one before",
			what);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		int rc = -errno;
		return cor_failure_set(
			ret_failure, rc, "cannot renounce new privileges: %s", cor_strerror(rc));
	}
	return 0;
}

/* --- files: landlock(7); the constants of its header are not in every system's --- */

enum {
	LANDLOCK_CREATE_RULESET = 444, /* system calls: the same on all architectures */
	LANDLOCK_ADD_RULE = 445,
	LANDLOCK_RESTRICT_SELF = 446,
	ASK_VERSION = 1,
	RULE_PATH_BENEATH = 1,
};

enum {
	EXECUTE = 1 << 0,
	WRITE_FILE = 1 << 1,
	READ_FILE = 1 << 2,
	READ_DIR = 1 << 3,
	ALL_OF_1 = (1 << 13) - 1,
	MAKE_CHAR = 1 << 6,
	MAKE_BLOCK = 1 << 11,
	REFER = 1 << 13,     /* from version 2 on: rename and link from folder to folder */
	TRUNCATE = 1 << 14,  /* 3 */
	IOCTL_DEV = 1 << 15, /* 5 */
	OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV,
	READ = READ_FILE | READ_DIR,
	READ_WRITE = (ALL_OF_1 & ~(EXECUTE | MAKE_CHAR | MAKE_BLOCK)) | REFER | TRUNCATE |
		     IOCTL_DEV,
};

struct ruleset {
	uint64_t handled; /* what is refused unless a rule allows it */
};

struct rule {
	uint64_t allowed;
	int32_t parent_fd;
} __attribute__((packed));

static const struct {
	const char *path;
	uint64_t access;
} needed[] = {
	{ "/etc", READ },
	{ "/run/systemd/resolve", READ },
	{ "/run/resolvconf", READ },
	{ "/run/NetworkManager", READ },
	{ "/usr/share/ca-certificates", READ },
	{ "/usr/local/share/ca-certificates", READ },
	{ "/usr/share/pki", READ },
	{ "/usr/share/zoneinfo", READ },
	{ "/usr/lib", READ },
	{ "/usr/lib64", READ },
	{ "/usr/local/lib", READ },
	{ "/lib", READ },
	{ "/lib64", READ },
	{ "/proc/self", READ },
	{ "/proc/sys", READ },
	{ "/sys/fs/cgroup", READ },
	{ "/sys/devices/system/cpu", READ },
	{ "/dev/null", READ_FILE | WRITE_FILE | TRUNCATE },
	{ "/dev/zero", READ_FILE },
	{ "/dev/random", READ_FILE },
	{ "/dev/urandom", READ_FILE },
};

static uint64_t handled_by(int version)
{
	uint64_t handled = ALL_OF_1;

	if (version >= 2)
		handled |= REFER;
	if (version >= 3)
		handled |= TRUNCATE;
	if (version >= 5)
		handled |= IOCTL_DEV;
	return handled;
}

/* A right that only a folder has, or that the version does not know, makes a rule invalid. */
static int allow(int ruleset, const char *path, uint64_t access)
{
	struct stat file;
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int rc = fstat(fd, &file) < 0 ? -errno : 0;
	if (rc == 0) {
		const struct rule rule = {
			.allowed = S_ISDIR(file.st_mode) ? access : access & OF_FILES,
			.parent_fd = fd,
		};
		if (syscall(LANDLOCK_ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0) < 0)
			rc = -errno;
	}
	close(fd);
	return rc;
}

/* What is needed and not there is needed by nobody. */
static int add_rules(int ruleset, uint64_t handled, const char *const *paths, size_t len,
	struct cor_failure *ret_failure)
{
	for (size_t i = 0; i < LENGTH(needed); i++) {
		int rc = allow(ruleset, needed[i].path, needed[i].access & handled);
		if (rc < 0 && rc != -ENOENT && rc != -ENOTDIR && rc != -EACCES)
			return cor_failure_set(ret_failure, rc, "cannot allow %s: %s",
				needed[i].path, cor_strerror(rc));
	}
	for (size_t i = 0; i < len; i++) {
		int rc = allow(ruleset, paths[i], READ_WRITE & handled);
		if (rc < 0)
			return cor_failure_set(ret_failure, rc,
				"cannot allow %s: %s: create it, or take it off the list", paths[i],
				cor_strerror(rc));
	}
	return 0;
}

static int confine_files(int ruleset, uint64_t handled, const char *const *paths, size_t len,
	struct cor_failure *ret_failure)
{
	int rc = add_rules(ruleset, handled, paths, len, ret_failure);

	if (rc < 0)
		return rc;
	rc = begin("the files", ret_failure);
	if (rc < 0)
		return rc;
	if (syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0)
		return 0;
	rc = -errno; /* E2BIG: sixteen rulesets hold already */
	return cor_failure_set(
		ret_failure, rc, "the kernel refuses the rules for files: %s", cor_strerror(rc));
}

int cor_sandbox_files(
	const char *const *paths, size_t len, bool sees_processes, struct cor_failure *ret_failure)
{
	long version = syscall(LANDLOCK_CREATE_RULESET, NULL, 0, ASK_VERSION);

	if (version < 1)
		return cor_failure_set(ret_failure, -EOPNOTSUPP,
			"this kernel cannot confine files: it needs Landlock (Linux 5.13), and "
			"'landlock' in its lsm= parameter");
	const struct ruleset rules = { .handled = handled_by((int)version) };
	int ruleset = (int)syscall(LANDLOCK_CREATE_RULESET, &rules, sizeof rules, 0);
	if (ruleset < 0) {
		int rc = -errno;
		return cor_failure_set(ret_failure, rc,
			"the kernel refuses a set of rules for files: %s", cor_strerror(rc));
	}
	if (sees_processes)
		cor_ignore(allow(ruleset, "/proc", READ & rules.handled));
	int rc = confine_files(ruleset, rules.handled, paths, len, ret_failure);
	close(ruleset);
	return rc < 0 ? rc : (int)version;
}

/* --- system calls: seccomp(2) --- */

#if defined(__x86_64__)
#define ARCHITECTURE  AUDIT_ARCH_X86_64
#define FIRST_FOREIGN 0x40000000u /* x32: the same architecture, other numbers */
#elif defined(__aarch64__)
#define ARCHITECTURE  AUDIT_ARCH_AARCH64
#define FIRST_FOREIGN 0x80000000u
#endif

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

#define OURSELVES UINT32_MAX /* stands for the process's own number */

/*
 * Calls that depend on one of their arguments, of which only the low half counts: whom they
 * concern, or what is asked. A signal may also come later: by a file that has something to read, or
 * when CPU time is used up.
 */
static const struct condition {
	uint32_t call;
	uint32_t argument; /* from 0 */
	uint32_t values[2];
	bool is_allowed; /* with these values, and else refused; false: the reverse */
} conditions[] = {
	{ SYS_kill, 0, { OURSELVES, OURSELVES }, true },
	{ SYS_tgkill, 0, { OURSELVES, OURSELVES }, true },
	{ SYS_rt_sigqueueinfo, 0, { OURSELVES, OURSELVES }, true },
	{ SYS_rt_tgsigqueueinfo, 0, { OURSELVES, OURSELVES }, true },
	{ SYS_prlimit64, 0, { OURSELVES, 0 }, true },
	{ SYS_fcntl, 1, { F_SETOWN, F_SETOWN_EX }, false },
	{ SYS_ioctl, 1, { FIOSETOWN, SIOCSPGRP }, false },
};

#define RETURN(value)      BPF_STMT(BPF_RET | BPF_K, (value))
#define REFUSE(error)      RETURN(SECCOMP_RET_ERRNO | (error))
#define LOAD(member)       BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define SKIP_UNLESS(op, k) BPF_JUMP(BPF_JMP | (op) | BPF_K, (k), 0, 1)

static struct sock_filter compare(uint32_t value, unsigned char skipped)
{
	uint32_t k = value == OURSELVES ? (uint32_t)getpid() : value;

	return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, skipped, 0);
}

#define CONDITION_LENGTH 6

static void append_condition(struct sock_filter *code, const struct condition *condition)
{
	const struct sock_filter allow = RETURN(SECCOMP_RET_ALLOW), refuse = REFUSE(EPERM);
	uint32_t offset = offsetof(struct seccomp_data, args) +
			  condition->argument * (uint32_t)sizeof(uint64_t);

	code[0] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, condition->call, 0, 5);
	code[1] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset);
	code[2] = compare(condition->values[0], 2);
	code[3] = compare(condition->values[1], 1);
	code[4] = condition->is_allowed ? refuse : allow;
	code[5] = condition->is_allowed ? allow : refuse;
}

/*
 * Which call it is decides alone, but for clone and those with conditions: so the kernel remembers
 * what is always allowed and does not run the filter for it.
 */
static int install_filter(void)
{
	static const struct sock_filter head[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
		REFUSE(EPERM),
		LOAD(nr),
		SKIP_UNLESS(BPF_JGE, FIRST_FOREIGN),
		REFUSE(EPERM),
	};
	static const struct sock_filter tail[] = {
		SKIP_UNLESS(BPF_JEQ, SYS_clone3),
		REFUSE(ENOSYS),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
		LOAD(args[0]), /* the low half, as both architectures are little-endian */
		SKIP_UNLESS(BPF_JSET, NAME_SPACES),
		REFUSE(EPERM),
		RETURN(SECCOMP_RET_ALLOW),
	};
	struct sock_filter code[LENGTH(head) + 2 * LENGTH(refused) +
				CONDITION_LENGTH * LENGTH(conditions) + LENGTH(tail)];
	unsigned short len = 0;

	for (size_t i = 0; i < LENGTH(head); i++)
		code[len++] = head[i];
	for (size_t i = 0; i < LENGTH(refused); i++) {
		code[len++] = (struct sock_filter)SKIP_UNLESS(BPF_JEQ, refused[i]);
		code[len++] = (struct sock_filter)REFUSE(EPERM);
	}
	for (size_t i = 0; i < LENGTH(conditions); i++, len += CONDITION_LENGTH)
		append_condition(code + len, &conditions[i]);
	for (size_t i = 0; i < LENGTH(tail); i++)
		code[len++] = tail[i];
	const struct sock_fprog program = { .len = len, .filter = code };
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0 ? -errno : 0;
}

int cor_sandbox_calls(struct cor_failure *ret_failure)
{
	int rc = begin("the system calls", ret_failure);

	if (rc < 0)
		return rc;
	rc = install_filter();
	if (rc == -EINVAL || rc == -ENOSYS)
		return cor_failure_set(ret_failure, -EOPNOTSUPP,
			"this kernel cannot confine system calls: it needs CONFIG_SECCOMP_FILTER");
	if (rc < 0)
		return cor_failure_set(ret_failure, rc,
			"the kernel refuses the filter of system calls: %s", cor_strerror(rc));
	return 0;
}
