/* SPDX-License-Identifier: MIT */
#include "server/server.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <coracle/error.h>

#include "runtime/address.h"
#include "runtime/scheduler.h"
#include "runtime/socket_file.h"
#include "runtime/transport.h"

struct server_thread {
	struct cor_server_loop loop; /* first: on_drained gets it */
	struct cor_task drain;
	struct cor_task stop;
	struct cor_task end;
	struct cor_server *server;
	pthread_t thread;
	_Atomic bool running; /* not joined: drain and stop come from another thread than wait */
	int result;
};

struct cor_server {
	const struct cor_server_settings *settings;
	const struct cor_handler *const *handlers;
	struct server_thread *threads;
	int *fds;
	struct cor_socket_file *files; /* of those of fds that are unix sockets */
	size_t fds_len;
	_Atomic uint32_t started;   /* threads, from the first on */
	_Atomic uint32_t undrained; /* of them */
	_Atomic bool files_removed;
};

int cor_server_create(const struct cor_server_settings *settings,
	const struct cor_handler *const *handlers, struct cor_server **ret)
{
	struct cor_server *server = calloc(1, sizeof *server);

	if (!server)
		return -ENOMEM;
	server->settings = settings;
	server->handlers = handlers;
	server->threads = calloc(settings->threads, sizeof *server->threads);
	server->fds = calloc(settings->http.len, sizeof *server->fds);
	server->files = calloc(settings->http.len, sizeof *server->files);
	if (!server->threads || !server->fds || !server->files) {
		cor_server_destroy(server);
		return -ENOMEM;
	}
	*ret = server;
	return 0;
}

/* Accepted sockets inherit TCP_NODELAY from their listener: an answer behind another must not wait for its ACK. */
static int listen_at(const char *text, int backlog, struct cor_socket_file *ret_file)
{
	const struct cor_transport *transport = &cor_system_transport;
	struct cor_address address;

	int rc = cor_address_parse(text, &address);
	if (rc < 0)
		return rc;
	int fd = cor_transport_listen(
		transport, &address, &(struct cor_listen_options){ .backlog = backlog });
	if (fd >= 0)
		*ret_file = cor_socket_file_at(&address);
	if (fd >= 0 && address.any.sa_family != AF_UNIX)
		(void)transport->set_option(transport, fd, IPPROTO_TCP, TCP_NODELAY, 1);
	return fd;
}

static int bind_all(struct cor_server *server, const char **ret_address)
{
	const struct cor_server_settings *settings = server->settings;

	for (size_t i = 0; i < settings->http.len; i++) {
		int fd = listen_at(
			settings->http.items[i], (int)settings->backlog, &server->files[i]);
		if (fd < 0) {
			if (ret_address)
				*ret_address = settings->http.items[i];
			return fd;
		}
		server->fds[server->fds_len++] = fd;
	}
	return 0;
}

/* The share of a thread: 90% of the open files unless told, so that upstreams and logs have theirs. */
static uint32_t connections_max(const struct cor_server_settings *settings)
{
	struct rlimit files;
	uint64_t max = settings->connections_max;

	if (max == 0 && getrlimit(RLIMIT_NOFILE, &files) == 0)
		max = files.rlim_cur / 10 * 9;
	max = (max + settings->threads - 1) / settings->threads;
	return max < 1 ? 1 : max > UINT32_MAX ? UINT32_MAX : (uint32_t)max;
}

static void end_here(struct cor_task *task)
{
	struct server_thread *thread = (struct server_thread *)((char *)task -
								offsetof(
									struct server_thread, end));

	cor_loop_end(&thread->loop);
}

/*
 * A thread has drained. All of them end together, with the last: what runs beside the requests on one may be what the
 * requests of another wait for.
 */
static void drained(struct cor_server_loop *loop)
{
	struct cor_server *server = ((struct server_thread *)loop)->server;

	if (atomic_fetch_sub(&server->undrained, 1) != 1)
		return;
	for (uint32_t i = 0; i < server->started; i++)
		cor_scheduler_post(server->threads[i].loop.scheduler, &server->threads[i].end);
}

static void *run(void *arg)
{
	struct server_thread *thread = arg;

	thread->result = cor_loop_run(&thread->loop);
	if (!thread->loop.drained)
		drained(&thread->loop); /* the reactor failed: nobody waits for this one */
	return NULL;
}

static void drain_here(struct cor_task *task)
{
	struct server_thread *thread = (struct server_thread *)((char *)task -
								offsetof(struct server_thread,
									drain));

	cor_loop_drain(&thread->loop);
}

static void stop_here(struct cor_task *task)
{
	struct server_thread *thread = (struct server_thread *)((char *)task -
								offsetof(struct server_thread,
									stop));

	cor_loop_drain(&thread->loop);
	cor_loop_cut(&thread->loop);
}

static int start_thread(
	struct cor_server *server, struct server_thread *thread, const struct cor_handler *handler)
{
	int rc = cor_loop_init(&thread->loop, server->settings, handler, server->fds,
		server->fds_len, connections_max(server->settings), drained);

	if (rc < 0)
		return rc;
	thread->drain.run = drain_here;
	thread->stop.run = stop_here;
	thread->end.run = end_here;
	thread->server = server;
	atomic_fetch_add(&server->undrained, 1);
	rc = -pthread_create(&thread->thread, NULL, run, thread);
	if (rc < 0) {
		atomic_fetch_sub(&server->undrained, 1);
		return rc;
	}
	thread->running = true;
	atomic_fetch_add(&server->started, 1);
	return 0;
}

int cor_server_start(struct cor_server *server, const char **ret_address)
{
	if (ret_address)
		*ret_address = NULL;
	int rc = bind_all(server, ret_address);
	for (uint32_t i = 0; i < server->settings->threads && rc == 0; i++)
		rc = start_thread(server, &server->threads[i], server->handlers[i]);
	if (rc < 0) {
		cor_server_stop(server);
		cor_ignore(cor_server_wait(server));
	}
	return rc;
}

uint16_t cor_server_port(const struct cor_server *server, size_t index)
{
	const struct cor_transport *transport = &cor_system_transport;
	struct cor_address address;

	if (index >= server->fds_len ||
		transport->local_address(transport, server->fds[index], &address) < 0)
		return 0;
	return cor_address_port(&address);
}

/* Once, and before it stops listening: as soon as nobody answers there, another server may take the path over. */
static void remove_files(struct cor_server *server)
{
	struct cor_address address;

	if (atomic_exchange(&server->files_removed, true))
		return;
	for (size_t i = 0; i < server->fds_len; i++)
		if (cor_address_parse(server->settings->http.items[i], &address) == 0)
			cor_socket_file_remove(&server->files[i], &address);
}

struct cor_scheduler *cor_server_scheduler(const struct cor_server *server, uint32_t thread)
{
	return server->threads[thread].loop.scheduler;
}

void cor_server_drain(struct cor_server *server)
{
	remove_files(server);
	for (uint32_t i = 0; i < server->settings->threads; i++)
		if (server->threads[i].running)
			cor_scheduler_post(
				server->threads[i].loop.scheduler, &server->threads[i].drain);
}

void cor_server_stop(struct cor_server *server)
{
	remove_files(server);
	for (uint32_t i = 0; i < server->settings->threads; i++)
		if (server->threads[i].running)
			cor_scheduler_post(
				server->threads[i].loop.scheduler, &server->threads[i].stop);
}

int cor_server_wait(struct cor_server *server)
{
	int rc = 0;

	for (uint32_t i = 0; i < server->settings->threads; i++) {
		struct server_thread *thread = &server->threads[i];
		if (!thread->running)
			continue;
		pthread_join(thread->thread, NULL);
		thread->running = false;
		if (rc == 0)
			rc = thread->result;
	}
	return rc;
}

static void add_counts(struct cor_server_counts *sum, const struct cor_server_counts *part)
{
	sum->connections += part->connections;
	sum->requests += part->requests;
	sum->refused += part->refused;
	sum->bytes_received += part->bytes_received;
	sum->bytes_sent += part->bytes_sent;
	for (size_t i = 0; i < sizeof sum->by_class / sizeof sum->by_class[0]; i++)
		sum->by_class[i] += part->by_class[i];
}

struct cor_server_counts cor_server_counts(const struct cor_server *server)
{
	struct cor_server_counts sum = { 0 };

	for (uint32_t i = 0; i < server->settings->threads; i++)
		add_counts(&sum, &server->threads[i].loop.counts);
	return sum;
}

void cor_server_destroy(struct cor_server *server)
{
	if (!server)
		return;
	for (uint32_t i = 0; server->threads && i < server->settings->threads; i++)
		cor_loop_finish(&server->threads[i].loop);
	remove_files(server);
	for (size_t i = 0; i < server->fds_len; i++)
		cor_system_transport.close(&cor_system_transport, server->fds[i]);
	free(server->fds);
	free(server->files);
	free(server->threads);
	free(server);
}
