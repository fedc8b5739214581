/* SPDX-License-Identifier: MIT */
/* The files of unix sockets: whose they are, who may connect, and two that start with one. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <coracle/net.h>

#include "loop.h"

static const struct cor_listen_options few = { .backlog = 8 };

static char directory[] = "/tmp/coracle-socket-file-XXXXXX";
static char unix_address[64];

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(unix_address, sizeof unix_address, "unix:%s/socket", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

static void *listen_and_die(void *arg)
{
	struct cor_address address;

	(void)arg;
	if (cor_address_parse(unix_address, &address) < 0)
		return NULL;
	/* Closed without removing the file, as when a process is killed. */
	int fd = cor_transport_listen(&cor_system_transport, &address, &few, NULL);
	if (fd < 0)
		return NULL;
	cor_system_transport.close(&cor_system_transport, fd);
	return arg;
}

static void test_unix_files(void **state)
{
	struct cor_socket *first;
	struct cor_socket *second;
	struct stat file;
	const char *path = unix_address + 5;

	(void)state;
	assert_non_null(listen_and_die(directory));
	assert_int_equal(lstat(path, &file), 0);
	assert_int_equal(cor_socket_listen(unix_address, 1, &first), 0);
	assert_int_equal(cor_socket_listen(unix_address, 1, &second), -EADDRINUSE);
	assert_int_equal(cor_socket_port(first), 0);
	cor_socket_close(first);
	assert_int_equal(lstat(path, &file), -1);

	/* Nobody may remove a file that is not a socket. */
	FILE *plain = fopen(path, "w");
	assert_non_null(plain);
	fclose(plain);
	assert_int_equal(cor_socket_listen(unix_address, 1, &first), -ENOTSOCK);
	assert_int_equal(lstat(path, &file), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/nowhere", path), 0);
	assert_int_equal(cor_socket_listen(unix_address, 1, &first), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(cor_socket_listen(unix_address, 1, &first), -EISDIR);
	assert_int_equal(rmdir(path), 0);

	/* A file that has replaced ours stays. */
	assert_int_equal(cor_socket_listen(unix_address, 1, &first), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(cor_socket_listen(unix_address, 1, &second), 0);
	cor_socket_close(first);
	assert_int_equal(lstat(path, &file), 0);
	cor_socket_close(second);
	assert_int_equal(lstat(path, &file), -1);
}

/*
 * Another user's program, such as nginx, may connect as mode and group allow, whatever the umask.
 */
static void test_mode_and_group(void **state)
{
	const gid_t group = getegid(), foreign = 4711;
	const struct cor_transport *transport = &cor_system_transport;
	struct cor_listen_options options = {
		.backlog = 8, .unix_mode = 0660, .unix_group = &group
	};
	struct cor_address address;
	struct stat file;
	const char *path = unix_address + 5;

	(void)state;
	assert_int_equal(cor_address_parse(unix_address, &address), 0);
	mode_t before = umask(0077);
	int fd = cor_transport_listen(transport, &address, &options, NULL);
	assert_true(fd >= 0);
	assert_int_equal(lstat(path, &file), 0);
	assert_int_equal(file.st_mode & 07777, 0660);
	assert_int_equal(file.st_gid, group);
	transport->close(transport, fd);
	options.unix_mode = 0; /* as the umask says */
	fd = cor_transport_listen(transport, &address, &options, NULL);
	assert_int_equal(lstat(path, &file), 0);
	assert_int_equal(file.st_mode & 07777, 0700);
	transport->close(transport, fd);
	umask(before);
	assert_int_equal(unlink(path), 0);
	options.unix_group = &foreign;
	fd = cor_transport_listen(transport, &address, &options, NULL);
	if (geteuid() == 0) {
		assert_int_equal(lstat(path, &file), 0);
		assert_int_equal(file.st_gid, foreign);
		transport->close(transport, fd);
		assert_int_equal(unlink(path), 0);
	} else {
		assert_int_equal(fd, -EPERM);
		assert_int_equal(lstat(path, &file), -1); /* nothing is left */
	}
}

/* --- two that start with one file --- */

static int knock(const struct cor_address *address)
{
	const struct cor_transport *transport = &cor_system_transport;
	int fd = transport->open(transport, address->any.sa_family);
	int rc = transport->connect(transport, fd, address);

	transport->close(transport, fd);
	return rc;
}

static atomic_bool is_bound;

/* Gives the other one time to arrive. */
static int listen_slowly(const struct cor_transport *transport, int fd, int backlog)
{
	(void)transport;
	atomic_store(&is_bound, true);
	nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	return cor_system_transport.listen(&cor_system_transport, fd, backlog);
}

static int refuse_to_listen(const struct cor_transport *transport, int fd, int backlog)
{
	(void)transport;
	(void)fd;
	(void)backlog;
	return -EADDRINUSE;
}

struct start {
	struct cor_address address;
	struct cor_socket_file file;
	int fd;
};

static void *start_slowly(void *arg)
{
	struct start *start = arg;
	struct cor_transport slow = cor_system_transport;

	slow.listen = listen_slowly;
	start->fd = cor_transport_listen(&slow, &start->address, &few, &start->file);
	return NULL;
}

static void test_two_that_start_with_one_file(void **state)
{
	const struct cor_transport *transport = &cor_system_transport;
	struct start first = { .fd = -1 }, second;
	pthread_t thread;

	(void)state;
	assert_int_equal(cor_address_parse(unix_address, &first.address), 0);
	second = first;
	assert_int_equal(pthread_create(&thread, NULL, start_slowly, &first), 0);
	while (!atomic_load(&is_bound))
		sched_yield();
	second.fd = cor_transport_listen(transport, &second.address, &few, &second.file);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(second.fd, -EADDRINUSE);
	assert_int_equal(second.file.inode, 0);
	assert_true(first.fd >= 0 && first.file.inode != 0);
	assert_int_equal(knock(&first.address), 0);
	cor_socket_file_remove(&first.file, &first.address);
	assert_int_equal(access(first.address.local.sun_path, F_OK), -1);
	transport->close(transport, first.fd);
}

/* Anybody may lock a folder, but nobody may keep a server from starting. */
static void test_a_folder_that_stays_locked(void **state)
{
	struct start start = { .fd = -1 };
	int lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(cor_address_parse(unix_address, &start.address), 0);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	start.fd = cor_transport_listen(&cor_system_transport, &start.address, &few, &start.file);
	assert_true(start.fd >= 0 && start.file.inode != 0);
	cor_socket_file_remove(&start.file, &start.address);
	close(start.fd);
	close(lock);
}

static void test_a_start_that_fails_leaves_no_file(void **state)
{
	struct start start = { .fd = -1 };
	struct cor_transport unwilling = cor_system_transport;

	(void)state;
	unwilling.listen = refuse_to_listen;
	assert_int_equal(cor_address_parse(unix_address, &start.address), 0);
	start.fd = cor_transport_listen(&unwilling, &start.address, &few, &start.file);
	assert_int_equal(start.fd, -EADDRINUSE);
	assert_int_equal(access(start.address.local.sun_path, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unix_files),
		cmocka_unit_test(test_mode_and_group),
		cmocka_unit_test(test_two_that_start_with_one_file),
		cmocka_unit_test(test_a_folder_that_stays_locked),
		cmocka_unit_test(test_a_start_that_fails_leaves_no_file),
	};

	return cmocka_run_group_tests_name(
		"runtime/socket_file", tests, make_directory, remove_directory);
}
