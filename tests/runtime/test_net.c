/* SPDX-License-Identifier: MIT */
/* Sockets in fibers and outside, and their addresses. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <coracle/net.h>

#include "loop.h"

static void address_is(const char *text, const char *host, uint16_t port, bool local)
{
	struct cor_address address;
	char printed[COR_ADDRESS_TEXT_BYTES];

	assert_int_equal(cor_address_parse(text, &address), 0);
	cor_address_print(&address, printed);
	assert_string_equal(printed, text);
	cor_address_print_host(&address, printed);
	assert_string_equal(printed, host);
	assert_int_equal(cor_address_port(&address), port);
	assert_int_equal(cor_address_is_local(&address), local);
}

static void test_addresses(void **state)
{
	static const char *const wrong[] = { "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
		"127.0.0.1:-1", "127.0.0.1:8 ", "localhost:80", "127.1:80", "::1:80", "[::1]",
		"[::1]80", "[::1", "[::g]:80",
		"unix:", "1111111111111111111111111111111111111111111111111111:1" };
	struct cor_address address;
	char path[200] = "unix:";

	(void)state;
	address_is("127.0.0.1:8080", "127.0.0.1", 8080, true);
	address_is("0.0.0.0:1", "0.0.0.0", 1, false);
	address_is("255.255.255.255:65535", "255.255.255.255", 65535, false);
	address_is("1.20.100.9:80", "1.20.100.9", 80, false);
	address_is("0.0.0.0:0", "0.0.0.0", 0, false);
	address_is("[::1]:65535", "::1", 65535, true);
	address_is("[2001:db8::7]:80", "2001:db8::7", 80, false);
	address_is("unix:/run/x.sock", "unix:/run/x.sock", 0, true);
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(cor_address_parse(wrong[i], &address), -EINVAL);
	memset(path + 5, 'x', 108);
	assert_int_equal(cor_address_parse(path, &address), -ENAMETOOLONG);
	path[5 + 107] = '\0';
	assert_int_equal(cor_address_parse(path, &address), 0);
}

struct server {
	const char *address;
	struct cor_socket *listener;
	char connect_to[64];
};

/* Echoes what each client sends until it ends. */
static int echo(void *arg)
{
	struct cor_socket *socket = arg;
	char buffer[4096];
	ssize_t got;

	while ((got = cor_socket_read(socket, buffer, sizeof buffer)) > 0)
		check(cor_socket_write(socket, buffer, (size_t)got) == 0);
	cor_socket_close(socket);
	return (int)got;
}

static int listen_and_echo(void *arg)
{
	struct server *server = arg;

	for (;;) {
		struct cor_socket *socket;
		int rc = cor_socket_accept(server->listener, &socket);
		if (rc < 0)
			return rc;
		check(cor_fiber_start(NULL, echo, socket, NULL, NULL) == 0);
	}
}

#define MESSAGE_BYTES 1000000

static int pump(void *arg)
{
	struct cor_socket *socket = arg;
	static const char data[MESSAGE_BYTES] = "begin";

	check(cor_socket_write(socket, data, sizeof data) == 0);
	return cor_socket_shutdown(socket);
}

static int talk(void *arg)
{
	struct server *server = arg;
	struct cor_socket *socket;
	struct cor_fiber *writer;
	char buffer[4096];
	size_t total = 0;
	ssize_t got;
	int result = -1;

	check(cor_socket_connect(server->connect_to, &socket) == 0);
	check(cor_fiber_start(NULL, pump, socket, NULL, &writer) == 0);
	while ((got = cor_socket_read(socket, buffer, sizeof buffer)) > 0) {
		if (total == 0)
			check(memcmp(buffer, "begin", 5) == 0);
		total += (size_t)got;
	}
	check(got == 0 && total == MESSAGE_BYTES);
	cor_fiber_join(writer, &result);
	check(result == 0);
	cor_socket_close(socket);
	return 0;
}

static int open_server(struct server *server)
{
	int rc = cor_socket_listen(server->address, 16, &server->listener);

	if (rc < 0)
		return rc;
	if (strncmp(server->address, "unix:", 5) == 0)
		snprintf(server->connect_to, sizeof server->connect_to, "%s", server->address);
	else
		snprintf(server->connect_to, sizeof server->connect_to, "%.*s:%u",
			(int)(strrchr(server->address, ':') - server->address), server->address,
			cor_socket_port(server->listener));
	return 0;
}

static int serve_and_talk(void *arg)
{
	struct server *server = arg;
	struct cor_fiber *acceptor;
	struct cor_fiber *clients[5];
	int result = 0;

	int rc = open_server(server);
	if (rc == -EADDRNOTAVAIL || rc == -EAFNOSUPPORT)
		return 0; /* a machine without IPv6 */
	check(rc == 0);
	check(cor_fiber_start(NULL, listen_and_echo, server, NULL, &acceptor) == 0);
	for (size_t i = 0; i < COUNT(clients); i++)
		check(cor_fiber_start(NULL, talk, server, NULL, &clients[i]) == 0);
	for (size_t i = 0; i < COUNT(clients); i++) {
		cor_fiber_join(clients[i], &result);
		if (result != 0)
			return result;
	}
	cor_fiber_cancel(acceptor);
	cor_fiber_join(acceptor, &result);
	check(result == -ECANCELED);
	cor_socket_close(server->listener);
	return 0;
}

static char directory[] = "/tmp/coracle-net-XXXXXX";
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

static void test_echo(void **state)
{
	struct server server = { .address = *state };

	if (strcmp(server.address, "unix:") == 0)
		server.address = unix_address;
	int rc = run(serve_and_talk, &server);
	assert_int_equal(rc, 0);
}

static void *client_thread(void *arg)
{
	struct server *server = arg;
	struct cor_socket *socket;
	char buffer[6] = "";
	size_t len = 0;

	if (cor_socket_connect(server->connect_to, &socket) < 0)
		return NULL;
	bool right = cor_socket_write(socket, "hello", 5) == 0;
	while (right && len < 5) {
		ssize_t got = cor_socket_read(socket, buffer + len, 5 - len);
		right = got > 0;
		len += right ? (size_t)got : 0;
	}
	right = right && memcmp(buffer, "hello", 5) == 0 && cor_socket_shutdown(socket) == 0 &&
		cor_socket_read(socket, buffer, sizeof buffer) == 0;
	cor_socket_close(socket);
	return right ? arg : NULL;
}

static int accept_one(void *arg)
{
	struct server *server = arg;
	struct cor_socket *socket;

	check(cor_socket_accept(server->listener, &socket) == 0);
	return echo(socket);
}

static void test_threads_block(void **state)
{
	struct server server = { .address = "127.0.0.1:0" };
	pthread_t client;
	void *right;

	(void)state;
	for (int in_fiber = 0; in_fiber < 2; in_fiber++) {
		assert_int_equal(open_server(&server), 0);
		assert_int_equal(pthread_create(&client, NULL, client_thread, &server), 0);
		assert_int_equal(in_fiber ? run(accept_one, &server) : accept_one(&server), 0);
		assert_int_equal(pthread_join(client, &right), 0);
		assert_non_null(right);
		cor_socket_close(server.listener);
	}
}

static int fail_in_time(void *arg)
{
	struct server server = { .address = "127.0.0.1:0" };
	struct cor_socket *socket;
	struct cor_scope scope;
	char byte;

	(void)arg;
	check(open_server(&server) == 0);
	check(cor_socket_connect(server.connect_to, &socket) == 0);
	cor_scope_enter(&scope, 10);
	check(cor_socket_read(socket, &byte, 1) == -ETIMEDOUT);
	check(cor_socket_write(socket, "x", 1) == -ETIMEDOUT);
	struct cor_socket *other;
	check(cor_socket_connect(server.connect_to, &other) == -ETIMEDOUT);
	check(cor_socket_accept(server.listener, &other) == -ETIMEDOUT);
	cor_scope_leave(&scope);
	check(cor_socket_accept(server.listener, &other) == 0);
	cor_socket_close(other);
	check(cor_socket_read(socket, &byte, 1) == 0);
	cor_socket_close(socket);
	cor_socket_close(server.listener);
	check(cor_socket_connect(server.connect_to, &socket) == -ECONNREFUSED);
	check(cor_socket_connect("nowhere", &socket) == -EINVAL);
	cor_socket_close(NULL);
	return 0;
}

static void test_errors(void **state)
{
	(void)state;
	assert_int_equal(run(fail_in_time, NULL), 0);
	assert_int_equal(fail_in_time(NULL), 0);
}

static const struct cor_listen_options few = { .backlog = 8 };

/* Everything is sent before anything is read; a receive stops short at an urgent byte. */
static int send_with_urgent_byte(uint16_t port, const char *data, size_t bytes)
{
	char text[32];
	struct cor_address address;

	snprintf(text, sizeof text, "127.0.0.1:%u", port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || cor_address_parse(text, &address) < 0 ||
		connect(fd, &address.any, address.bytes) < 0 ||
		send(fd, data, bytes / 2, 0) != (ssize_t)bytes / 2 ||
		send(fd, "!", 1, MSG_OOB) != 1 ||
		send(fd, data, bytes / 2, 0) != (ssize_t)bytes / 2 || shutdown(fd, SHUT_WR) < 0)
		return -1;
	return fd;
}

static int read_past_urgent_byte(void *arg)
{
	static const char data[2000];
	struct cor_socket *listener, *socket;
	struct cor_scope scope;
	size_t total = 0;
	char buffer[300];
	ssize_t got;

	(void)arg;
	check(cor_socket_listen("127.0.0.1:0", 8, &listener) == 0);
	int client = send_with_urgent_byte(cor_socket_port(listener), data, sizeof data);
	check(client >= 0);
	cor_scope_enter(&scope, 5000);
	check(cor_socket_accept(listener, &socket) == 0);
	while ((got = cor_socket_read(socket, buffer, sizeof buffer)) > 0)
		total += (size_t)got;
	cor_scope_leave(&scope);
	close(client);
	cor_socket_close(socket);
	cor_socket_close(listener);
	check(got == 0 && total == sizeof data);
	return 0;
}

/* A short receive does not mean that nothing is left: only -EAGAIN does. */
static void test_short_receives(void **state)
{
	(void)state;
	assert_int_equal(run(read_past_urgent_byte, NULL), 0);
	assert_int_equal(read_past_urgent_byte(NULL), 0);
}

/*
 * A transport that moves few bytes at a time, like a bad network: the seam lets tests inject
 * faults.
 */
static ssize_t receive_little(
	const struct cor_transport *transport, int fd, void *ret, size_t bytes, bool *ret_more)
{
	return cor_system_transport.receive(
		transport, fd, ret, bytes < 1000 ? bytes : 1000, ret_more);
}

static ssize_t send_little(
	const struct cor_transport *transport, int fd, const void *data, size_t bytes)
{
	return cor_system_transport.send(transport, fd, data, bytes < 700 ? bytes : 700);
}

static void test_sockets_are_a_seam(void **state)
{
	struct cor_transport transport = cor_system_transport;
	struct server server = { .address = "127.0.0.1:0" };
	struct cor_scheduler *scheduler;
	struct cor_fiber *fiber;
	int result = -1;

	(void)state;
	transport.receive = receive_little;
	transport.send = send_little;
	assert_int_equal(cor_scheduler_create_with(
				 NULL, &(struct cor_seams){ .transport = &transport }, &scheduler),
		0);
	assert_int_equal(cor_fiber_start(scheduler, serve_and_talk, &server, NULL, &fiber), 0);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_fiber_join(fiber, &result);
	cor_scheduler_destroy(scheduler);
	assert_int_equal(result, 0);
}

static int knock(const struct cor_address *address)
{
	int fd = cor_system_transport.open(&cor_system_transport, address->any.sa_family);
	int rc = cor_system_transport.connect(&cor_system_transport, fd, address);

	if (rc == 0 || rc == -EINPROGRESS)
		return fd;
	cor_system_transport.close(&cor_system_transport, fd);
	return rc;
}

static int wait_for(int fd, short events)
{
	struct pollfd poller = { .fd = fd, .events = events };

	return poll(&poller, 1, 10000);
}

/* How a connection attempt ended; closes the descriptor. */
static int outcome(int fd)
{
	if (fd < 0)
		return fd;
	assert_int_equal(wait_for(fd, POLLOUT), 1);
	int rc = cor_system_transport.take_error(&cor_system_transport, fd);
	cor_system_transport.close(&cor_system_transport, fd);
	return rc;
}

/* A listener that stops loses nobody from its queue, and lets nobody else in. */
static void test_queue_ends(void **state)
{
	const struct cor_transport *transport = &cor_system_transport;
	const char *text = *state;
	struct cor_address address;

	assert_int_equal(cor_address_parse(text ? text : unix_address, &address), 0);
	int listener = cor_transport_listen(transport, &address, &few, NULL);
	assert_true(listener >= 0);
	assert_int_equal(transport->local_address(transport, listener, &address), 0);
	int early = knock(&address);
	assert_int_equal(wait_for(early, POLLOUT), 1);
	assert_int_equal(transport->stop_queueing(transport, listener), 0);
	int late = knock(&address);
	int accepted = transport->accept(transport, listener, NULL);
	assert_true(accepted >= 0);
	assert_true(transport->accept(transport, listener, NULL) < 0);
	(void)transport->shutdown(transport, listener, SHUT_RD);
	/* TCP ignored the latecomer, which tries again after a second. */
	assert_int_equal(outcome(late), -ECONNREFUSED);
	assert_int_equal(outcome(knock(&address)), -ECONNREFUSED);
	transport->close(transport, early);
	transport->close(transport, accepted);
	transport->close(transport, listener);
	if (!text)
		assert_int_equal(unlink(address.local.sun_path), 0);
}

static void test_abort(void **state)
{
	bool more;
	const struct cor_transport *transport = &cor_system_transport;
	struct cor_address address;
	char byte;

	(void)state;
	assert_int_equal(cor_address_parse("127.0.0.1:0", &address), 0);
	int listener = cor_transport_listen(transport, &address, &few, NULL);
	assert_int_equal(transport->local_address(transport, listener, &address), 0);
	int client = knock(&address);
	assert_int_equal(wait_for(listener, POLLIN), 1);
	int accepted = transport->accept(transport, listener, NULL);
	assert_int_equal(transport->send(transport, accepted, "x", 1), 1);
	transport->abort(transport, accepted);
	assert_int_equal(wait_for(client, POLLRDHUP), 1);
	ssize_t got;
	while ((got = transport->receive(transport, client, &byte, 1, &more)) == 1)
		;
	assert_int_equal(got, -ECONNRESET);
	transport->close(transport, client);
	transport->close(transport, listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test_prestate(test_echo, "127.0.0.1:0"),
		cmocka_unit_test_prestate(test_echo, "[::1]:0"),
		cmocka_unit_test_prestate(test_echo, "unix:"),
		cmocka_unit_test(test_threads_block),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_short_receives),
		cmocka_unit_test(test_sockets_are_a_seam),
		cmocka_unit_test_prestate(test_queue_ends, "127.0.0.1:0"),
		cmocka_unit_test_prestate(test_queue_ends, "[::1]:0"),
		cmocka_unit_test(test_queue_ends),
		cmocka_unit_test(test_abort),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
