/* SPDX-License-Identifier: MIT */
/* What a service says of itself by runtime/notify.h, heard by who has started it. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/listening.h"
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
	struct cor_notified said;

	assert_int_equal(cor_notified_hear(heard, &said), 0);
	assert_int_equal(said.pid, pid);
	assert_int_equal(said.is_ready, is_ready);
	assert_int_equal(said.kept, -1);
}

static void only_ready_is_ready(void **state)
{
	struct cor_notified said;

	(void)state;
	assert_int_equal(cor_notified_hear(heard, &said), -EAGAIN);
	assert_int_equal(cor_notify_status(&notify, "not READY=1 yet"), 1);
	assert_int_equal(cor_notify_main_pid(&notify, getpid()), 1);
	assert_int_equal(cor_notify_ready(&notify), 1);
	assert_int_equal(cor_notify_reloading(&notify), 1);
	expect(getpid(), false);
	expect(getpid(), false);
	expect(getpid(), true);
	expect(getpid(), false);
	assert_int_equal(cor_notified_hear(heard, &said), -EAGAIN);
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

/* The copy is of the same file, and no program that is started inherits it. */
static void a_descriptor_is_kept(void **state)
{
	struct stat given, kept;
	struct cor_notified said;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(cor_notify_keep(&notify, ends[0]), 1);
	assert_int_equal(cor_notified_hear(heard, &said), 0);
	assert_int_equal(said.pid, getpid());
	assert_false(said.is_ready);
	assert_true(said.kept >= 0 && said.kept != ends[0]);
	assert_int_equal(fcntl(said.kept, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fstat(ends[0], &given), 0);
	assert_int_equal(fstat(said.kept, &kept), 0);
	assert_int_equal(kept.st_ino, given.st_ino);
	close(said.kept);
	close(ends[0]);
	close(ends[1]);
}

static int count_open(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* As sd_pid_notify_with_fds(3) sends it. */
static void say_with(const char *text, int fd, size_t len)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	union {
		char bytes[CMSG_SPACE(8 * sizeof fd)];
		struct cmsghdr first;
	} control = { .first = { .cmsg_len = CMSG_LEN(len * sizeof fd),
			      .cmsg_level = SOL_SOCKET,
			      .cmsg_type = SCM_RIGHTS } };
	struct iovec piece = { (char *)(uintptr_t)text, strlen(text) };
	const struct msghdr message = {
		.msg_name = &address,
		.msg_namelen = sizeof address,
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(len * sizeof fd),
	};
	int sender = socket(AF_UNIX, SOCK_DGRAM, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	for (size_t i = 0; i < len; i++)
		memcpy(CMSG_DATA(&control.first) + i * sizeof fd, &fd, sizeof fd);
	assert_true(sender >= 0 && sendmsg(sender, &message, 0) >= 0);
	close(sender);
}

/* A service may keep what it wants with systemd: here only what cor_notify_keep() sends is kept. */
static void others_are_closed(void **state)
{
	static const char *const texts[] = { "FDSTORE=1\nFDNAME=kept",
		"FDSTOREREMOVE=1\nFDNAME=kept", "FDSTORE=1\nFDNAME=mine",
		"FDSTOREREMOVE=1\nFDNAME=mine", "FDSTORE=1", "READY=1" };
	struct cor_notified said;
	int before = count_open();

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		for (size_t len = 1; len <= 8; len++) {
			say_with(texts[i], heard, len);
			assert_int_equal(cor_notified_hear(heard, &said), 0);
			assert_int_equal(said.kept >= 0, i == 0 && len == 1);
			assert_int_equal(said.forgotten >= 0, i == 1 && len == 1);
			if (said.kept >= 0)
				close(said.kept);
			if (said.forgotten >= 0)
				close(said.forgotten);
			assert_int_equal(count_open(), before);
		}
	}
}

static ino_t inode_of(int fd)
{
	struct stat facts;

	assert_int_equal(fstat(fd, &facts), 0);
	return facts.st_ino;
}

static int expect_kept(const struct cor_listening_set *set)
{
	struct cor_notified said;

	assert_int_equal(cor_notified_hear(heard, &said), 0);
	assert_true(said.kept >= 0);
	assert_int_equal(inode_of(said.kept), inode_of(set->items[0].fd));
	assert_true(set->items[0].is_kept);
	return said.kept;
}

/* What one process binds the next one has, by its address: it neither closes nor loses its file. */
static void a_listener_is_kept(void **state)
{
	const char *address = "unix:kept.sock", *other = "unix:other.sock";
	struct cor_activation activation = { .keeper = &notify };
	struct cor_listening_options options = {
		.addresses = &address, .len = 1, .each = { .backlog = 8 }, .activation = &activation
	};
	struct cor_listening_set set;

	(void)state;
	unlink("kept.sock");
	assert_int_equal(cor_listening_open(&set, &options, NULL), 0);
	int kept = expect_kept(&set);
	ino_t inode = inode_of(kept);
	cor_listening_stop_queueing(&set);
	cor_listening_shut_down(&set);
	cor_listening_close(&set);
	assert_int_equal(access("kept.sock", F_OK), 0);

	assert_int_equal(cor_listening_open(&set, &options, NULL), -EADDRINUSE);
	assert_int_equal(cor_activation_add(&activation, kept, COR_NOTIFY_KEPT), 0);
	assert_int_equal(cor_listening_open(&set, &options, NULL), 0);
	close(expect_kept(&set));
	assert_int_equal(inode_of(set.items[0].fd), inode);
	cor_listening_close(&set);

	options.addresses = &other;
	assert_int_equal(cor_listening_open(&set, &options, NULL), 0);
	close(expect_kept(&set));
	assert_int_not_equal(inode_of(set.items[0].fd), inode);
	cor_listening_close(&set);
	cor_activation_free(&activation);
	close(kept);
	unlink("kept.sock");
	unlink("other.sock");
}

/* Who hears nothing keeps nothing: the socket is the process's own. */
static void a_listener_that_nobody_keeps_is_its_own(void **state)
{
	const char *address = "unix:own.sock";
	struct cor_activation activation = { .keeper = &notify };
	const struct cor_listening_options options = {
		.addresses = &address, .len = 1, .each = { .backlog = 8 }, .activation = &activation
	};
	struct cor_listening_set set;

	(void)state;
	unlink("own.sock");
	close(heard);
	heard = -1;
	assert_int_equal(cor_listening_open(&set, &options, NULL), 0);
	assert_false(set.items[0].is_kept);
	cor_listening_close(&set);
	assert_int_not_equal(access("own.sock", F_OK), 0);
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
		cmocka_unit_test_setup_teardown(a_descriptor_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(others_are_closed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_listener_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_listener_that_nobody_keeps_is_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_path_is_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
