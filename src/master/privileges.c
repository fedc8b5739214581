/* SPDX-License-Identifier: MIT */
#include "master/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/number.h"

#define ENTRY_BYTES_MIN 1024
#define ENTRY_BYTES_MAX (1 << 20) /* a group with very many members */

/* --- looking up --- */

/* getpwnam(3) lists what a database may say of a name that it does not have. */
static int lookup_code(int error)
{
	switch (error) {
	case 0:
	case ENOENT:
	case ESRCH:
	case EBADF:
	case EPERM:
		return -ESRCH;
	default:
		return -error;
	}
}

/* -ERANGE: the entry needs more memory. */
static int use_user_entry(
	const char *name, uid_t uid, char *memory, size_t bytes, struct cor_privileges *ret)
{
	struct passwd entry, *found = NULL;
	int error = name ? getpwnam_r(name, &entry, memory, bytes, &found)
			 : getpwuid_r(uid, &entry, memory, bytes, &found);

	if (!found)
		return lookup_code(error);
	if (strlen(entry.pw_name) >= sizeof ret->name)
		return -ENAMETOOLONG;
	ret->uid = entry.pw_uid;
	ret->gid = entry.pw_gid;
	ret->has_group = true;
	memcpy(ret->name, entry.pw_name, strlen(entry.pw_name) + 1);
	return 0;
}

static int use_group_entry(const char *name, char *memory, size_t bytes, gid_t *ret)
{
	struct group entry, *found = NULL;
	int error = getgrnam_r(name, &entry, memory, bytes, &found);

	if (!found)
		return lookup_code(error);
	*ret = entry.gr_gid;
	return 0;
}

/* By name, or without one by number. */
static int user_entry(const char *name, uid_t uid, struct cor_privileges *ret)
{
	int rc = -ERANGE;

	for (size_t bytes = ENTRY_BYTES_MIN; rc == -ERANGE && bytes <= ENTRY_BYTES_MAX;
		bytes *= 4) {
		char *memory = malloc(bytes);
		rc = memory ? use_user_entry(name, uid, memory, bytes, ret) : -ENOMEM;
		free(memory);
	}
	return rc;
}

static int group_entry(const char *name, gid_t *ret)
{
	int rc = -ERANGE;

	for (size_t bytes = ENTRY_BYTES_MIN; rc == -ERANGE && bytes <= ENTRY_BYTES_MAX;
		bytes *= 4) {
		char *memory = malloc(bytes);
		rc = memory ? use_group_entry(name, memory, bytes, ret) : -ENOMEM;
		free(memory);
	}
	return rc;
}

/* The greatest number means "leave it" to the system. */
static bool is_number(const char *text, id_t *ret)
{
	uint64_t number;

	if (cor_number_parse_uint64(cor_str(text), &number) < 0 || number >= UINT32_MAX)
		return false;
	*ret = (id_t)number;
	return true;
}

static int find_user(const char *user, bool needs_group, struct cor_privileges *ret,
	struct cor_start_failure *ret_failure)
{
	id_t number;
	int rc = user_entry(user, 0, ret);

	if (rc == -ESRCH && is_number(user, &number)) {
		ret->uid = number;
		rc = user_entry(NULL, number, ret);
		if (rc == -ESRCH && needs_group)
			return cor_failure_set(ret_failure, rc,
				"user %s has no entry in the user database, so its group is not known: "
				"name one with --group",
				user);
		if (rc == -ESRCH)
			rc = 0;
	}
	ret->has_user = rc == 0;
	if (rc == -ESRCH)
		return cor_failure_set(ret_failure, rc,
			"there is no user '%s': create it, or change --user", user);
	if (rc < 0)
		return cor_failure_set(
			ret_failure, rc, "cannot look up user '%s': %s", user, cor_strerror(rc));
	return 0;
}

static int find_group(
	const char *group, struct cor_privileges *ret, struct cor_start_failure *ret_failure)
{
	id_t number;
	int rc = group_entry(group, &ret->gid);

	if (rc == -ESRCH && is_number(group, &number)) {
		ret->gid = number;
		rc = 0;
	}
	ret->has_group = rc == 0;
	if (rc == -ESRCH)
		return cor_failure_set(ret_failure, rc,
			"there is no group '%s': create it, or change --group", group);
	if (rc < 0)
		return cor_failure_set(
			ret_failure, rc, "cannot look up group '%s': %s", group, cor_strerror(rc));
	return 0;
}

int cor_privileges_find(const char *user, const char *group, struct cor_privileges *ret,
	struct cor_start_failure *ret_failure)
{
	struct cor_privileges found = { 0 };
	int rc = user ? find_user(user, !group, &found, ret_failure) : 0;

	if (rc == 0 && group)
		rc = find_group(group, &found, ret_failure);
	if (rc == 0)
		*ret = found;
	return rc;
}

/* --- dropping --- */

static bool is_already(const struct cor_privileges *privileges)
{
	uid_t uid[3];
	gid_t gid[3];

	if (getresuid(&uid[0], &uid[1], &uid[2]) < 0 || getresgid(&gid[0], &gid[1], &gid[2]) < 0)
		return false;
	for (int i = 0; i < 3; i++)
		if ((privileges->has_user && uid[i] != privileges->uid) ||
			(privileges->has_group && gid[i] != privileges->gid))
			return false;
	return true;
}

static int change_groups(const struct cor_privileges *privileges)
{
	gid_t gid = privileges->gid;
	int rc = privileges->name[0] != '\0' ? initgroups(privileges->name, gid)
					     : setgroups(1, &gid);

	return rc < 0 || setresgid(gid, gid, gid) < 0 ? -errno : 0;
}

static int change_user(const struct cor_privileges *privileges)
{
	uid_t uid = privileges->uid;

	return setresuid(uid, uid, uid) < 0 ? -errno : 0;
}

/* Tries each way back. A process that did not ask to leave root has not left it. */
static bool can_regain(const struct cor_privileges *privileges)
{
	const uid_t same_user = (uid_t)-1;
	const gid_t same_group = (gid_t)-1;

	if (!privileges->has_user || privileges->uid == 0)
		return false;
	return setresuid(same_user, 0, same_user) == 0 || setresuid(0, same_user, same_user) == 0 ||
	       (privileges->gid != 0 && setresgid(same_group, 0, same_group) == 0) ||
	       setgroups(0, NULL) == 0;
}

static int become(const struct cor_privileges *privileges, struct cor_start_failure *ret_failure)
{
	int rc = privileges->has_group ? change_groups(privileges) : 0;

	if (rc < 0)
		return cor_failure_set(ret_failure, rc,
			"cannot change to group %lu: %s: start as root, or leave --user and --group out",
			(unsigned long)privileges->gid, cor_strerror(rc));
	rc = privileges->has_user ? change_user(privileges) : 0;
	if (rc == -EAGAIN)
		return cor_failure_set(ret_failure, rc,
			"user %lu has too many processes: raise its limit (ulimit -u)",
			(unsigned long)privileges->uid);
	if (rc < 0)
		return cor_failure_set(ret_failure, rc,
			"cannot change to user %lu: %s: start as root, or leave --user out",
			(unsigned long)privileges->uid, cor_strerror(rc));
	if (!is_already(privileges) || can_regain(privileges))
		return cor_failure_set(ret_failure, -EPERM,
			"user %lu can become root again: take CAP_SETUID, CAP_SETGID and the secure "
			"bits away from whatever starts this program",
			(unsigned long)privileges->uid);
	return 0;
}

/* A change of user makes the kernel hide the process from its own user: no core, no debugger. */
int cor_privileges_drop(
	const struct cor_privileges *privileges, struct cor_start_failure *ret_failure)
{
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	int rc = is_already(privileges) ? 0 : become(privileges, ret_failure);

	if (rc < 0)
		return rc;
	if (dumpable == 1)
		(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		rc = -errno;
		return cor_failure_set(
			ret_failure, rc, "cannot renounce new privileges: %s", cor_strerror(rc));
	}
	return 0;
}
