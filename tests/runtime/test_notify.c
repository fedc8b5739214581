/* SPDX-License-Identifier: MIT */
/* What a service manager hears, on the test's socket. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/notify.h"
#include "runtime/seams.h"

static char path[128]; /* absolute, as the protocol requires */
static int manager = -1;
static struct cor_notify notify;

static void listen_on(const struct sockaddr_un *address, size_t path_bytes)
{
	socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path_bytes);

	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(manager >= 0);
	assert_int_equal(bind(manager, (const struct sockaddr *)address, bytes), 0);
}

static int set_up(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char folder[64];

	(void)state;
	if (!getcwd(folder, sizeof folder))
		memcpy(folder, "/tmp", 5); /* a deep tree: no such path fits into an address */
	snprintf(path, sizeof path, "%s/notify-%d.sock", folder, (int)getpid());
	unlink(path);
	memcpy(address.sun_path, path, strlen(path));
	listen_on(&address, strlen(path) + 1);
	setenv("NOTIFY_SOCKET", path, 1);
	return cor_notify_open(&notify);
}

static int tear_down(void **state)
{
	(void)state;
	close(manager);
	unlink(path);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return 0;
}

static void expect_heard(const char *text)
{
	char heard[2048] = { 0 };

	assert_true(recv(manager, heard, sizeof heard - 1, 0) > 0);
	assert_string_equal(heard, text);
}

static void test_states(void **state)
{
	(void)state;
	assert_int_equal(cor_notify_ready(&notify), 1);
	expect_heard("READY=1");
	assert_int_equal(cor_notify_stopping(&notify), 1);
	expect_heard("STOPPING=1");
	assert_int_equal(cor_notify_watchdog(&notify), 1);
	expect_heard("WATCHDOG=1");
	assert_int_equal(cor_notify_main_pid(&notify, 4194304), 1);
	expect_heard("MAINPID=4194304");
}

static int64_t fixed_ns(const struct cor_clock *clock)
{
	(void)clock;
	return 12345678901;
}

static void test_reloading(void **state)
{
	static const struct cor_clock clock = { .monotonic_ns = fixed_ns, .realtime_ns = fixed_ns };
	static const struct cor_seams seams = { .clock = &clock };
	struct cor_thread_seams own;

	(void)state;
	cor_seams_enter(&own, &seams);
	int rc = cor_notify_reloading(&notify);
	cor_seams_leave(&own);
	assert_int_equal(rc, 1);
	expect_heard("RELOADING=1\nMONOTONIC_USEC=12345678");
}

static void test_status(void **state)
{
	char longest[COR_NOTIFY_STATUS_BYTES + 2], heard[sizeof longest + 8];

	(void)state;
	assert_int_equal(cor_notify_status(&notify, "4 workers, 0 restarts"), 1);
	expect_heard("STATUS=4 workers, 0 restarts");
	assert_int_equal(cor_notify_status(&notify, ""), 1);
	expect_heard("STATUS=");
	assert_int_equal(cor_notify_status(&notify, "a\nMAINPID=1\r\n"), 1);
	expect_heard("STATUS=a MAINPID=1  ");
	memset(longest, 'x', sizeof longest);
	longest[COR_NOTIFY_STATUS_BYTES] = '\0';
	snprintf(heard, sizeof heard, "STATUS=%s", longest);
	assert_int_equal(cor_notify_status(&notify, longest), 1);
	expect_heard(heard);
	longest[COR_NOTIFY_STATUS_BYTES] = 'x';
	longest[COR_NOTIFY_STATUS_BYTES + 1] = '\0';
	assert_int_equal(cor_notify_status(&notify, longest), -EMSGSIZE);
	assert_int_equal(recv(manager, heard, sizeof heard, 0), -1);
}

static void test_abstract(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char name[64];

	(void)state;
	snprintf(name, sizeof name, "@coracle/notify-%d", (int)getpid());
	memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
	close(manager);
	listen_on(&address, strlen(name));
	setenv("NOTIFY_SOCKET", name, 1);
	assert_int_equal(cor_notify_open(&notify), 0);
	assert_int_equal(cor_notify_ready(&notify), 1);
	expect_heard("READY=1");
}

static void expect_silent(const char *name, int code)
{
	if (name)
		setenv("NOTIFY_SOCKET", name, 1);
	else
		unsetenv("NOTIFY_SOCKET");
	assert_int_equal(cor_notify_open(&notify), code);
	assert_int_equal(cor_notify_ready(&notify), 0);
	assert_int_equal(cor_notify_status(&notify, "text"), 0);
}

static void test_nobody(void **state)
{
	char longest[256] = "/";

	(void)state;
	expect_silent(NULL, 0);
	expect_silent("", 0);
	expect_silent("vsock:2:1234", 0);
	expect_silent("relative.sock", -EINVAL);
	expect_silent("/", -EINVAL);
	expect_silent("@", -EINVAL);
	memset(longest + 1, 'x', sizeof longest - 2);
	expect_silent(longest, -ENAMETOOLONG);
}

/* Failures are reported, and leak no descriptor. */
static void test_failures(void **state)
{
	int before = dup(manager), rc;

	(void)state;
	close(before);
	for (int i = 0; i < 10000 && (rc = cor_notify_watchdog(&notify)) == 1; i++)
		;
	assert_int_equal(rc, -EAGAIN);
	close(manager);
	assert_int_equal(cor_notify_ready(&notify), -ECONNREFUSED);
	unlink(path);
	assert_int_equal(cor_notify_ready(&notify), -ENOENT);
	manager = dup(STDIN_FILENO);
	int after = dup(manager);
	close(after);
	assert_int_equal(after, before);
}

static void expect_watchdog(const char *usec, const char *pid, uint32_t ms)
{
	if (usec)
		setenv("WATCHDOG_USEC", usec, 1);
	else
		unsetenv("WATCHDOG_USEC");
	if (pid)
		setenv("WATCHDOG_PID", pid, 1);
	else
		unsetenv("WATCHDOG_PID");
	assert_int_equal(cor_notify_watchdog_ms(), ms);
}

static void test_watchdog(void **state)
{
	char own[32], other[32];

	(void)state;
	snprintf(own, sizeof own, "%d", (int)getpid());
	snprintf(other, sizeof other, "%d", (int)getppid());
	expect_watchdog(NULL, NULL, 0);
	expect_watchdog(NULL, own, 0);
	expect_watchdog("30000000", NULL, 30000);
	expect_watchdog("30000000", own, 30000);
	expect_watchdog("30000000", other, 0);
	expect_watchdog("30000000", "", 0);
	expect_watchdog("30000000", "-1", 0);
	expect_watchdog("1999", own, 1);
	expect_watchdog("1", own, 1);
	expect_watchdog("0", own, 0);
	expect_watchdog("", own, 0);
	expect_watchdog("-1", own, 0);
	expect_watchdog("30s", own, 0);
	expect_watchdog("18446744073709551615", own, UINT32_MAX);
	expect_watchdog("18446744073709551616", own, 0);
}

#define NOTIFY_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NOTIFY_TEST(test_states),
		NOTIFY_TEST(test_reloading),
		NOTIFY_TEST(test_status),
		NOTIFY_TEST(test_abstract),
		NOTIFY_TEST(test_nobody),
		NOTIFY_TEST(test_failures),
		NOTIFY_TEST(test_watchdog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
