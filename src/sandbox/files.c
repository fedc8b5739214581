/* SPDX-License-Identifier: MIT */
/* Landlock: landlock(7). The constants of its header are not in every system's. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <coracle/error.h>

#include "sandbox/begin.h"
#include "sandbox/files.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

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
	struct cor_start_failure *ret_failure)
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

static int restrict_to(int ruleset, struct cor_start_failure *ret_failure)
{
	int rc = cor_sandbox_begin("the files", ret_failure);

	if (rc < 0)
		return rc;
	if (syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0)
		return 0;
	rc = -errno; /* E2BIG: sixteen rulesets hold already */
	return cor_failure_set(
		ret_failure, rc, "the kernel refuses the rules for files: %s", cor_strerror(rc));
}

/* Returns its descriptor. */
static int make_ruleset(
	struct ruleset *ret, int *ret_version, struct cor_start_failure *ret_failure)
{
	long version = syscall(LANDLOCK_CREATE_RULESET, NULL, 0, ASK_VERSION);

	if (version < 1)
		return cor_failure_set(ret_failure, -EOPNOTSUPP,
			"this kernel cannot confine files: it needs Landlock (Linux 5.13), and "
			"'landlock' in its lsm= parameter");
	ret->handled = handled_by((int)version);
	*ret_version = (int)version;
	int ruleset = (int)syscall(LANDLOCK_CREATE_RULESET, ret, sizeof *ret, 0);
	if (ruleset < 0) {
		int rc = -errno;
		return cor_failure_set(ret_failure, rc,
			"the kernel refuses a set of rules for files: %s", cor_strerror(rc));
	}
	return ruleset;
}

int cor_sandbox_files(const char *const *paths, size_t len, bool sees_processes,
	struct cor_start_failure *ret_failure)
{
	struct ruleset rules = { 0 };
	int version = 0;
	int ruleset = make_ruleset(&rules, &version, ret_failure);

	if (ruleset < 0)
		return ruleset;
	if (sees_processes)
		cor_ignore(allow(ruleset, "/proc", READ & rules.handled));
	int rc = add_rules(ruleset, rules.handled, paths, len, ret_failure);
	if (rc == 0)
		rc = restrict_to(ruleset, ret_failure);
	close(ruleset);
	return rc < 0 ? rc : version;
}

int cor_sandbox_no_files(struct cor_start_failure *ret_failure)
{
	struct ruleset rules = { 0 };
	int version = 0;
	int ruleset = make_ruleset(&rules, &version, ret_failure);

	if (ruleset < 0)
		return ruleset;
	int rc = restrict_to(ruleset, ret_failure);
	close(ruleset);
	return rc < 0 ? rc : version;
}
