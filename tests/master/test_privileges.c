/* SPDX-License-Identifier: MIT */
/* A process that becomes another user, and tries to become root again. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "child.h"
#include "master/privileges.h"

#define NO_USER  64998 /* ids without an entry, among the 65,536 that a container may have */
#define NO_GROUP 64999

static struct cor_start_failure failure;

static struct cor_privileges find(const char *user, const char *group)
{
	struct cor_privileges privileges;

	if (cor_privileges_find(user, group, &privileges, &failure) != 0) {
		fprintf(stderr, "%s\n", failure.text);
		abort();
	}
	return privileges;
}

static void expect_not_found(const char *user, const char *group, const char *why)
{
	struct cor_privileges untouched = { .uid = 42 };

	assert_int_equal(cor_privileges_find(user, group, &untouched, &failure), -ESRCH);
	assert_string_equal(failure.text, why);
	assert_int_equal(untouched.uid, 42);
}

static void test_find(void **state)
{
	const struct passwd *root = getpwuid(0);

	(void)state;
	assert_non_null(root);
	struct cor_privileges found = find(NULL, NULL);
	assert_false(found.has_user || found.has_group);
	found = find(root->pw_name, NULL);
	assert_true(found.has_user && found.has_group);
	assert_int_equal(found.uid, 0);
	assert_int_equal(found.gid, root->pw_gid);
	assert_string_equal(found.name, root->pw_name);
	found = find("0", "64999");
	assert_string_equal(found.name, root->pw_name);
	assert_int_equal(found.gid, NO_GROUP);
	found = find("64998", "64999");
	assert_true(found.has_user && found.has_group);
	assert_int_equal(found.uid, NO_USER);
	assert_string_equal(found.name, "");
	found = find(NULL, "0");
	assert_false(found.has_user);
	assert_true(found.has_group);
}

static void test_not_found(void **state)
{
	(void)state;
	expect_not_found("no such user", NULL,
		"there is no user 'no such user': create it, or change --user");
	expect_not_found("0", "no such group",
		"there is no group 'no such group': create it, or change --group");
	expect_not_found("64998", NULL,
		"user 64998 has no entry in the user database, so its group is not known: "
		"name one with --group");
	expect_not_found("", NULL, "there is no user '': create it, or change --user");
	expect_not_found("-1", NULL, "there is no user '-1': create it, or change --user");
	expect_not_found(
		"4294967295", NULL, "there is no user '4294967295': create it, or change --user");
	expect_not_found(
		NULL, "4294967296", "there is no group '4294967296': create it, or change --group");
}

/* --- in a child --- */

static void expect_dropped(const struct cor_privileges *privileges)
{
	if (cor_privileges_drop(privileges, &failure) == 0)
		return;
	fprintf(stderr, "%s\n", failure.text);
	_exit(1);
}

static void expect_no_way_back(void)
{
	EXPECT(setuid(0) < 0);
	EXPECT(seteuid(0) < 0);
	EXPECT(setreuid(0, 0) < 0);
	EXPECT(setresuid(0, 0, 0) < 0);
	EXPECT(setgid(0) < 0);
	EXPECT(setegid(0) < 0);
	EXPECT(setgroups(0, NULL) < 0);
	EXPECT(open("/proc/self/mem", O_RDWR | O_CLOEXEC) >= 0); /* dumpable: it is its own */
	EXPECT(access("/etc/shadow", R_OK) < 0);
	EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	EXPECT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1);
}

static void expect_ids(uid_t uid, gid_t gid)
{
	uid_t uids[3];
	gid_t gids[3];

	EXPECT(getresuid(&uids[0], &uids[1], &uids[2]) == 0);
	EXPECT(getresgid(&gids[0], &gids[1], &gids[2]) == 0);
	for (int i = 0; i < 3; i++)
		EXPECT(uids[i] == uid && gids[i] == gid);
}

static void become_named(void)
{
	struct cor_privileges nobody = find("nobody", NULL);

	expect_dropped(&nobody);
	expect_ids(nobody.uid, nobody.gid);
	gid_t groups[64];
	int count = getgroups(64, groups);
	EXPECT(count >= 0);
	for (int i = 0; i < count; i++)
		EXPECT(groups[i] != 0);
	expect_no_way_back();
	expect_dropped(&nobody); /* it is that user already */
	expect_dropped(&(struct cor_privileges){ 0 });
}

static void become_number(void)
{
	const struct cor_privileges number = find("64998", "64999");
	gid_t only = 0;

	EXPECT(setgroups(2, (const gid_t[]){ 0, 1 }) == 0);
	expect_dropped(&number);
	expect_ids(NO_USER, NO_GROUP);
	EXPECT(getgroups(1, &only) == 1 && only == NO_GROUP);
	expect_no_way_back();
}

static void change_group_only(void)
{
	const struct cor_privileges group = find(NULL, "64999");

	expect_dropped(&group);
	expect_ids(0, NO_GROUP);
}

static void refuse_without_root(void)
{
	const struct cor_privileges number = find("64998", "64999");
	const struct cor_privileges other = find("64997", "64997");
	const struct cor_privileges user = { .has_user = true, .uid = 64997 };

	expect_dropped(&number);
	EXPECT(cor_privileges_drop(&other, &failure) == -EPERM);
	EXPECT(strcmp(failure.text,
		       "cannot change to group 64997: Operation not permitted: start as "
		       "root, or leave --user and --group out") == 0);
	EXPECT(cor_privileges_drop(&user, &failure) == -EPERM);
	EXPECT(strcmp(failure.text,
		       "cannot change to user 64997: Operation not permitted: start as "
		       "root, or leave --user out") == 0);
	expect_ids(NO_USER, NO_GROUP);
}

/* The capabilities outlive the change of user, and so does the way back. */
static void refuse_what_can_be_regained(void)
{
	const struct cor_privileges number = find("64998", "64999");
	const unsigned long no_setuid_fixup = 1 << 2;

	if (prctl(PR_SET_SECUREBITS, no_setuid_fixup, 0, 0, 0) < 0)
		return; /* a container without CAP_SETPCAP */
	EXPECT(cor_privileges_drop(&number, &failure) == -EPERM);
	EXPECT(strncmp(failure.text, "user 64998 can become root again:", 33) == 0);
}

static void keep_not_dumpable(void)
{
	const struct cor_privileges number = find("64998", "64999");

	EXPECT(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
	expect_dropped(&number);
	EXPECT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1);
}

static void keep_all(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	expect_dropped(&(struct cor_privileges){ 0 });
	expect_ids(uid, gid);
	EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
}

static void test_root(void **state)
{
	static void (*const runs[])(void) = { become_named, become_number, change_group_only,
		refuse_without_root, refuse_what_can_be_regained, keep_not_dumpable };

	(void)state;
	if (geteuid() != 0) {
		print_message("# left out: only root can change its user\n");
		return;
	}
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++)
		in_child(runs[i]);
}

static void test_anybody(void **state)
{
	(void)state;
	in_child(keep_all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_not_found),
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_anybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
