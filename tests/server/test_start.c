/* SPDX-License-Identifier: MIT */
/* Threads that cannot be created, and a loop that fails: nobody waits for it or its clients. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/server.h"

#define PATIENCE_S 30 /* after which a hanging test is ended */
#define THREADS    4
#define CLIENTS    16
#define ADDRESS    "unix:start.sock"

/* --- a server --- */

static void serve(const struct cor_handler *self, struct cor_exchange *x)
{
	(void)self;
	x->broken = cor_exchange_respond(x, 200, COR_STR("text/plain"), COR_STR("hello")) < 0;
}

static const struct cor_route *route(const struct cor_handler *self, const struct cor_head *head,
	const char *bytes, struct cor_route_parameters *ret_parameters)
{
	static const struct cor_route only = { .name = "only" };

	(void)self;
	(void)head;
	(void)bytes;
	ret_parameters->len = 0;
	return &only;
}

static const struct cor_environment environment;
static const struct cor_handler handler = {
	.route = route, .serve = serve, .environment = &environment
};
static const struct cor_handler *const handlers[THREADS] = { &handler, &handler, &handler,
	&handler };

static const struct cor_server_settings settings = {
	.threads = THREADS,
	.backlog = 512,
	.connections_max = 1000,
	.unsent_limit_bytes = 1 << 20,
	.queue_target_ms = 100,
	.connection = {
		.requests_per_connection = 10000,
		.connection_age_s = 3600,
		.idle_timeout_ms = 60000,
		.write_timeout_ms = 60000,
		.drain_timeout_ms = 1000,
	},
	.requests = {
		.header_timeout_ms = 60000,
		.body_timeout_ms = 60000,
		.request_timeout_ms = 60000,
		.request_line_bytes = 8192,
		.header_line_bytes = 8192,
		.header_block_bytes = 32768,
		.header_count = 100,
		.body_limit_bytes = 1 << 20,
		.request_memory_bytes = 1 << 20,
	},
};

struct fixture {
	struct cor_listening_set listening;
	struct cor_server *server;
	int clients[CLIENTS];
};

static struct fixture fixture;

static void open_server(const struct cor_seams *seams)
{
	static const char *const addresses[] = { ADDRESS };
	const struct cor_listening_options where = {
		.addresses = addresses, .len = 1, .each.backlog = 512
	};
	const struct cor_server_options options = {
		.settings = &settings,
		.handlers = handlers,
		.listening = &fixture.listening,
		.seams = seams,
	};

	alarm(PATIENCE_S);
	assert_int_equal(cor_listening_open(&fixture.listening, &where, NULL), 0);
	assert_int_equal(cor_server_create(&options, &fixture.server), 0);
}

static void close_server(void)
{
	cor_server_destroy(fixture.server);
	cor_listening_close(&fixture.listening);
}

/* --- its clients --- */

static int connect_client(void)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "start.sock" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) < 0)
		abort();
	return fd;
}

static void connect_clients(void)
{
	for (int i = 0; i < CLIENTS; i++)
		fixture.clients[i] = connect_client();
}

/* Whether it gets an answer; false: its connection has ended. */
static bool is_answered(int fd)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	char text[1024];

	return send(fd, request, strlen(request), MSG_NOSIGNAL) > 0 &&
	       recv(fd, text, sizeof text, 0) > 0;
}

static void close_clients(void)
{
	for (int i = 0; i < CLIENTS; i++)
		close(fixture.clients[i]);
}

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static uint64_t open_connections(void)
{
	struct cor_counts sum = { 0 };

	cor_server_counts(fixture.server, &sum);
	return sum.connections;
}

/* --- threads that cannot be created --- */

static int threads_left = -1; /* -1: any number */

static int make_thread(
	pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *arg)
{
	int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	*(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
	return real(thread, attributes, run, arg);
}

/* In place of the system's. Running threads have time to accept and hand over before it fails. */
int pthread_create(
	pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *arg)
{
	if (threads_left < 0 || threads_left-- > 0)
		return make_thread(thread, attributes, run, arg);
	connect_clients();
	for (int i = 0; i < 300 && open_connections() < CLIENTS / 2; i++)
		nap();
	return EAGAIN;
}

static int count_descriptors(void)
{
	int first = dup(0);

	close(first);
	return first;
}

static void test_a_thread_that_cannot_be_created(void **state)
{
	int before = count_descriptors();

	(void)state;
	for (int made = 0; made < THREADS; made++) {
		open_server(NULL);
		threads_left = made;
		assert_int_equal(cor_server_start(fixture.server), -EAGAIN);
		threads_left = -1;
		assert_int_equal(cor_server_wait(fixture.server), 0);
		close_server();
		for (int i = 0; i < CLIENTS; i++)
			assert_false(is_answered(fixture.clients[i]));
		close_clients();
		assert_int_equal(count_descriptors(), before);
	}
}

/* --- a loop that fails --- */

static _Atomic int broken_poll = -1;

static int open_poll(const struct cor_poller *poller)
{
	(void)poller;
	return cor_system_poller.open(&cor_system_poller);
}

static int control(
	const struct cor_poller *poller, int poll, int operation, int fd, struct epoll_event *event)
{
	(void)poller;
	return cor_system_poller.control(&cor_system_poller, poll, operation, fd, event);
}

static int wait_or_fail(const struct cor_poller *poller, int poll, struct epoll_event *events,
	int max, const struct cor_poll_until *until)
{
	(void)poller;
	int count = cor_system_poller.wait(&cor_system_poller, poll, events, max, until);
	return poll == atomic_load(&broken_poll) ? -EBADF : count;
}

static void close_poll(const struct cor_poller *poller, int poll)
{
	(void)poller;
	cor_system_poller.close(&cor_system_poller, poll);
}

static const struct cor_poller poller = {
	.open = open_poll, .control = control, .wait = wait_or_fail, .close = close_poll
};

static void test_a_loop_that_fails(void **state)
{
	int before = count_descriptors();
	int answered = 0;

	(void)state;
	open_server(&(const struct cor_seams){ .poller = &poller });
	assert_int_equal(cor_server_start(fixture.server), 0);
	connect_clients();
	for (int i = 0; i < CLIENTS; i++)
		assert_true(is_answered(fixture.clients[i]));
	struct cor_loop *loop = cor_server_loop(fixture.server, 1);
	uint32_t lost = atomic_load(&loop->connections_len);
	assert_in_range(lost, 1, CLIENTS / 2);
	atomic_store(&broken_poll, loop->scheduler->reactor.poll);
	atomic_store(&loop->scheduler->sleeping, 1);
	cor_scheduler_awake(loop->scheduler);
	while (atomic_load(&loop->connections_len) != 0)
		nap();
	for (int i = 0; i < CLIENTS; i++)
		answered += is_answered(fixture.clients[i]);
	assert_int_equal(answered, CLIENTS - lost);
	for (int i = 0; i < CLIENTS; i++) {
		int fd = connect_client();
		assert_true(is_answered(fd));
		close(fd);
	}
	cor_server_drain(fixture.server, COR_DRAIN_CLOSE);
	assert_int_equal(cor_server_wait(fixture.server), -EBADF);
	close_server();
	close_clients();
	atomic_store(&broken_poll, -1);
	assert_int_equal(count_descriptors(), before);
}

/* --- clients that cannot be accepted --- */

#define REFUSALS 8

static _Atomic int accepts;

/* Fails as with a security module, before the client leaves the queue. */
static int accept_late(const struct cor_transport *transport, int fd, struct cor_address *ret_peer)
{
	(void)transport;
	if (atomic_fetch_add(&accepts, 1) < REFUSALS)
		return -EPERM;
	return cor_system_transport.accept(&cor_system_transport, fd, ret_peer);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Each thread tries, and pauses; it does not spin. */
static void test_clients_that_cannot_be_accepted(void **state)
{
	struct cor_transport late = cor_system_transport;
	int64_t began_ms = now_ms();

	(void)state;
	late.accept = accept_late;
	open_server(&(const struct cor_seams){ .transport = &late });
	assert_int_equal(cor_server_start(fixture.server), 0);
	int fd = connect_client();
	assert_true(is_answered(fd));
	assert_true(now_ms() - began_ms >= (REFUSALS / THREADS - 1) * 100);
	cor_server_drain(fixture.server, COR_DRAIN_CLOSE);
	assert_int_equal(cor_server_wait(fixture.server), 0);
	close_server();
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_thread_that_cannot_be_created),
		cmocka_unit_test(test_a_loop_that_fails),
		cmocka_unit_test(test_clients_that_cannot_be_accepted),
	};
	char folder[] = "/tmp/coracle-start-XXXXXX";

	if (!mkdtemp(folder) || chdir(folder) < 0)
		return 1;
	int failed = cmocka_run_group_tests_name("server/start", tests, NULL, NULL);
	return chdir("/") < 0 || rmdir(folder) < 0 ? 1 : failed;
}
