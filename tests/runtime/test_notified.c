/* SPDX-License-Identifier: MIT */
/* What a service says of itself by runtime/notify.h, heard by who has started it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/notified.h"
#include "runtime/notify.h"

static char path[64];
static int heard = -1;
static struct cor_notify notify;

static int set_up(void **state)
{
	(void)state;
	snprintf(path, sizeof path, "/tmp/notified-%d.sock", (int)getpid());
	unlink(path);
	heard = cor_notified_open(path);
	setenv("NOTIFY_SOCKET", path, 1);
	return heard < 0 ? -1 : cor_notify_open(&notify);
}

static int tear_down(void **state)
{
	(void)state;
	close(heard);
	unlink(path);
	return unsetenv("NOTIFY_SOCKET");
}

static void expect(pid_t pid, bool is_ready)
{
	pid_t sender = 0;
	bool says_ready = !is_ready;

	assert_int_equal(cor_notified_hear(heard, &sender, &says_ready), 0);
	assert_int_equal(sender, pid);
	assert_int_equal(says_ready, is_ready);
}

static void only_ready_is_ready(void **state)
{
	pid_t pid = 0;
	bool is_ready = false;

	(void)state;
	assert_int_equal(cor_notified_hear(heard, &pid, &is_ready), -EAGAIN);
	assert_int_equal(cor_notify_status(&notify, "not READY=1 yet"), 1);
	assert_int_equal(cor_notify_main_pid(&notify, getpid()), 1);
	assert_int_equal(cor_notify_ready(&notify), 1);
	assert_int_equal(cor_notify_reloading(&notify), 1);
	expect(getpid(), false);
	expect(getpid(), false);
	expect(getpid(), true);
	expect(getpid(), false);
	assert_int_equal(cor_notified_hear(heard, &pid, &is_ready), -EAGAIN);
}

/* Whatever it says: the kernel knows. */
static void the_sender_is_known(void **state)
{
	int status;

	(void)state;
	pid_t child = fork();
	if (child == 0)
		_exit(cor_notify_ready(&notify) == 1 ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	expect(child, true);
}

static void a_path_is_refused(void **state)
{
	char longer[200];

	(void)state;
	memset(longer, 'a', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	assert_int_equal(cor_notified_open(longer), -ENAMETOOLONG);
	assert_int_equal(cor_notified_open("/nowhere/at/all"), -ENOENT);
	assert_int_equal(cor_notified_open(path), -EADDRINUSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_ready_is_ready, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_sender_is_known, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_path_is_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
