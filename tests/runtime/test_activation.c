/* SPDX-License-Identifier: MIT */
/*
 * Listening sockets from a service manager. Each case is a child process, since the protocol fixes
 * the numbers of its descriptors.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/activation.h"

#define FIRST 3
#define HIGH  100 /* sockets are made there, out of the way */

static void expect(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "in the child: %s\n", what);
	_exit(1);
}
#define EXPECT(condition) expect((condition), #condition)

/* Run it in its own process, which exits with 1 at an unmet expectation. */
static void in_child(void (*run)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		run();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* --- what a manager does --- */

/* Move the descriptor to `number`, inheritable, as a manager leaves it. */
static void place(int fd, int number)
{
	EXPECT(fd >= 0);
	EXPECT(dup2(fd, number) == number);
	if (fd != number)
		close(fd);
}

static int high(int fd)
{
	int moved = fcntl(fd, F_DUPFD, HIGH);

	close(fd);
	return moved;
}

static int inet_socket(int type, bool listens)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = high(socket(AF_INET, type, 0));

	EXPECT(bind(fd, (const struct sockaddr *)&address, sizeof address) == 0);
	EXPECT(!listens || listen(fd, 1) == 0);
	return fd;
}

static int unix_listener(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = high(socket(AF_UNIX, SOCK_STREAM, 0));

	memcpy(address.sun_path, path, strlen(path));
	unlink(path);
	EXPECT(bind(fd, (const struct sockaddr *)&address, sizeof address) == 0);
	EXPECT(listen(fd, 1) == 0);
	return fd;
}

static void tell(const char *count, const char *names)
{
	char pid[32];

	snprintf(pid, sizeof pid, "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", count, 1);
	if (names)
		setenv("LISTEN_FDNAMES", names, 1);
	else
		unsetenv("LISTEN_FDNAMES");
}

static void expect_taken(struct cor_activation *ret, int code, int fd)
{
	int blamed;

	EXPECT(cor_activation_take(ret, &blamed) == code);
	EXPECT(blamed == fd);
	EXPECT(!getenv("LISTEN_PID") && !getenv("LISTEN_FDS") && !getenv("LISTEN_FDNAMES"));
	EXPECT(code == 0 || (ret->len == 0 && !ret->items && !ret->names));
	EXPECT(code == 0 || strstr(cor_activation_remedy(code), "cannot be used") == NULL);
}

static void expect_refused(int code, int fd)
{
	struct cor_activation activation;

	expect_taken(&activation, code, fd);
}

/* --- what is taken --- */

static void take_all(void)
{
	struct cor_activation activation;
	char path[64];

	snprintf(path, sizeof path, "activation-%d.sock", (int)getpid());
	place(inet_socket(SOCK_STREAM, true), FIRST);
	place(unix_listener(path), FIRST + 1);
	place(inet_socket(SOCK_STREAM, true), FIRST + 2);
	tell("3", "web:control:web");
	expect_taken(&activation, 0, -1);
	unlink(path);
	EXPECT(activation.len == 3);
	const struct cor_activated *items = activation.items;
	for (int i = 0; i < 3; i++) {
		EXPECT(items[i].fd == FIRST + i);
		EXPECT(fcntl(items[i].fd, F_GETFD) == FD_CLOEXEC);
		EXPECT(fcntl(items[i].fd, F_GETFL) & O_NONBLOCK);
	}
	EXPECT(strncmp(items[0].address, "127.0.0.1:", 10) == 0);
	EXPECT(strncmp(items[1].address, "unix:activation-", 16) == 0);
	static const char *const wrong[] = { "systemd:", "systemd::2",
		"systemd:web:", "systemd:web:1", "systemd:web:2x" };
	const struct cor_activated *found = NULL;

	EXPECT(cor_activation_resolve(&activation, "systemd:web", &found) == 0 &&
		found == &items[0]);
	EXPECT(cor_activation_resolve(&activation, "systemd:web:2", &found) == 0 &&
		found == &items[2]);
	EXPECT(cor_activation_resolve(&activation, "systemd:control", &found) == 0 &&
		found == &items[1]);
	EXPECT(cor_activation_resolve(&activation, "systemd:web:3", &found) == -ENXIO);
	EXPECT(cor_activation_resolve(&activation, "systemd:we", &found) == -ENXIO);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		EXPECT(cor_activation_resolve(&activation, wrong[i], &found) == -EINVAL);
	cor_activation_free(&activation);
	EXPECT(fcntl(FIRST, F_GETFD) == FD_CLOEXEC);
	expect_taken(&activation, 0, -1); /* once only */
	EXPECT(activation.len == 0);
	cor_activation_free(&activation);
}

static void take_unnamed(void)
{
	struct cor_activation activation;

	place(inet_socket(SOCK_STREAM, true), FIRST);
	tell("1", NULL);
	expect_taken(&activation, 0, -1);
	EXPECT(activation.len == 1);
	EXPECT(strcmp(activation.items[0].name, "unknown") == 0);
	cor_activation_free(&activation);
}

/* --- what is not for us --- */

static void take_nothing(void)
{
	struct cor_activation activation;
	char other[32];

	expect_taken(&activation, 0, -1);
	EXPECT(activation.len == 0);
	place(inet_socket(SOCK_STREAM, true), FIRST);
	tell("1", "web");
	snprintf(other, sizeof other, "%d", (int)getppid());
	setenv("LISTEN_PID", other, 1);
	expect_taken(&activation, 0, -1);
	EXPECT(activation.len == 0);
	tell("0", "");
	expect_taken(&activation, 0, -1);
	EXPECT(activation.len == 0);
	EXPECT(fcntl(FIRST, F_GETFD) == 0); /* left alone */
}

static void refuse_variables(void)
{
	static const char *const counts[] = { "", "x", "-1", "1.5", "2147483647",
		"99999999999999999999" };
	static const char *const names[] = { "", "a:b:c", "a", "a:b:" };

	place(inet_socket(SOCK_STREAM, true), FIRST);
	place(inet_socket(SOCK_STREAM, true), FIRST + 1);
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		tell(counts[i], NULL);
		expect_refused(-EINVAL, -1);
	}
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		tell("2", names[i]);
		expect_refused(-EINVAL, -1);
	}
	tell("1", NULL);
	setenv("LISTEN_PID", "me", 1);
	expect_refused(-EINVAL, -1);
}

static void refuse_descriptors(void)
{
	int pair[2];

	place(inet_socket(SOCK_STREAM, true), FIRST);
	close(FIRST + 1);
	tell("2", NULL);
	expect_refused(-EBADF, FIRST + 1);
	tell("2000000000", NULL);
	expect_refused(-EBADF, FIRST + 2000000000 - 1);
	place(open("/dev/null", O_RDWR), FIRST + 1);
	tell("2", NULL);
	expect_refused(-ENOTSOCK, FIRST + 1);
	place(inet_socket(SOCK_DGRAM, false), FIRST + 1);
	tell("2", NULL);
	expect_refused(-ESOCKTNOSUPPORT, FIRST + 1);
	place(inet_socket(SOCK_STREAM, false), FIRST + 1);
	tell("2", NULL);
	expect_refused(-ENOTCONN, FIRST + 1);
	EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	place(high(pair[0]), FIRST + 1);
	tell("2", NULL);
	expect_refused(-ENOTCONN, FIRST + 1);
}

static void test_taken(void **state)
{
	(void)state;
	in_child(take_all);
	in_child(take_unnamed);
}

static void test_not_ours(void **state)
{
	(void)state;
	in_child(take_nothing);
}

static void test_refused(void **state)
{
	(void)state;
	in_child(refuse_variables);
	in_child(refuse_descriptors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
