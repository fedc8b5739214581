/* SPDX-License-Identifier: MIT */
#include "server/server.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <coracle/error.h>

#include "http1/http1.h"
#include "http2/http2.h"
#include "runtime/cap.h"
#include "runtime/filter.h"
#include "server/admission.h"
#include "server/contention.h"
#include "server/trust.h"
#include "uwsgi1/uwsgi1.h"

#define CHOICES 2

struct server_thread {
	struct cor_loop loop;
	struct cor_http1 http1;
	struct cor_http2 http2;   /* if it is spoken at all */
	struct cor_uwsgi1 uwsgi1; /* if it is spoken at a socket */
	struct cor_filter_choice choices[CHOICES + 1];
	struct cor_admission admission;
	struct cor_contention contention;
	struct cor_task drain;
	struct cor_task stop;
	struct cor_task end;
	struct cor_server *server;
	pthread_t thread;
	_Atomic bool reachable; /* for drain and stop, which come from another thread than wait */
	bool has_thread;        /* not joined yet */
	int result;
};

struct cor_server {
	struct cor_server_options options;
	struct cor_loop_group group;
	struct cor_share share;
	struct cor_trust trust;
	struct cor_group_memory memory;
	struct cor_counts *counts; /* of the share, unless that came from outside */
	struct server_thread *threads;
	struct cor_loop **loops;
	_Atomic enum cor_drain_mode mode;
	_Atomic uint32_t draining; /* loops that have begun to */
	/* Threads run their loops when all of them are there, and ready. */
	pthread_mutex_t gate;
	pthread_cond_t gate_moves;
	enum { GATE_SHUT = 0, GATE_OPEN, GATE_GIVEN_UP } gate_is;
	uint32_t at_gate;
	int fault;           /* of the first that could not get ready */
	uint64_t cut_before; /* by those who had the slots earlier */
};

/* --- what it may use --- */

struct cor_share cor_server_whole_share(
	const struct cor_server_settings *settings, struct cor_counts *counts)
{
	struct rlimit files;
	uint64_t max = settings->connections_max;

	if (max == 0 && getrlimit(RLIMIT_NOFILE, &files) == 0)
		max = files.rlim_cur / 10 * 9;
	return (struct cor_share){
		.connections_max = max < 1            ? 1
				   : max > UINT32_MAX ? UINT32_MAX
						      : (uint32_t)max,
		.connections_per_peer = settings->connections_per_peer,
		.fibers_max = cor_stack_cap(),
		.unsent_max_bytes = settings->unsent_limit_bytes,
		.counts = counts,
	};
}

/* --- the end --- */

static void end_here(struct cor_task *task)
{
	cor_loop_end(&cor_container_of(task, struct server_thread, end)->loop);
}

/*
 * All end together: what runs besides the requests on one thread may be what the requests of
 * another wait for.
 */
static void drained(struct cor_loop_group *group)
{
	struct cor_server *server = cor_container_of(group, struct cor_server, group);

	for (uint32_t i = 0; i < group->loops_len; i++)
		cor_scheduler_post(group->loops[i]->scheduler, &server->threads[i].end);
}

/*
 * Nobody accepts any more. Who still knocks is refused, rather than kept waiting until the sockets
 * are closed.
 */
static void emptied(struct cor_loop_group *group)
{
	struct cor_server *server = cor_container_of(group, struct cor_server, group);

	if (atomic_load(&server->mode) == COR_DRAIN_CLOSE)
		cor_listening_shut_down(server->options.listening);
	if (server->options.on_emptied)
		server->options.on_emptied(server->options.arg);
}

/* One that does not turn runs what was posted to it when it is destroyed: too late to drain. */
static bool turns(const struct server_thread *thread)
{
	return !atomic_load(&thread->loop.failed);
}

static void drain_here(struct cor_task *task)
{
	struct server_thread *thread = cor_container_of(task, struct server_thread, drain);

	atomic_fetch_add(&thread->server->draining, 1);
	if (turns(thread))
		cor_loop_drain(&thread->loop, atomic_load(&thread->server->mode));
}

static void stop_here(struct cor_task *task)
{
	struct server_thread *thread = cor_container_of(task, struct server_thread, stop);

	if (!turns(thread))
		return;
	cor_loop_drain(&thread->loop, atomic_load(&thread->server->mode));
	cor_loop_cut(&thread->loop);
}

/* --- the beginning --- */

static int allocate(struct cor_server *server, uint32_t threads)
{
	server->threads = calloc(threads, sizeof *server->threads);
	server->loops = calloc(threads, sizeof(struct cor_loop *));
	if (!server->options.share)
		server->counts = aligned_alloc(
			_Alignof(struct cor_counts), threads * sizeof *server->counts);
	if (!server->threads || !server->loops || (!server->options.share && !server->counts))
		return -ENOMEM;
	for (uint32_t i = 0; server->counts && i < threads; i++)
		server->counts[i] = (struct cor_counts){ 0 };
	return 0;
}

static uint64_t count_cut(const struct cor_server *server)
{
	struct cor_counts sum = { 0 };

	cor_server_counts(server, &sum);
	return sum.cut;
}

int cor_server_create(const struct cor_server_options *options, struct cor_server **ret)
{
	const struct cor_server_settings *settings = options->settings;
	struct cor_server *server = calloc(1, sizeof *server);

	if (!server)
		return -ENOMEM;
	server->options = *options;
	server->gate = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	server->gate_moves = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
	int rc = allocate(server, settings->threads);
	if (rc == 0)
		rc = cor_trust_open(settings, &server->trust);
	if (rc < 0) {
		cor_server_destroy(server);
		return rc;
	}
	server->share = options->share ? *options->share
				       : cor_server_whole_share(settings, server->counts);
	server->group = (struct cor_loop_group){
		.share = &server->share,
		.trust = settings->trusted_proxies.len != 0 ? &server->trust : NULL,
		.loops = server->loops,
		.on_emptied = emptied,
		.on_drained = drained,
	};
	cor_loops_init(&server->group, settings->threads);
	server->cut_before = count_cut(server);
	*ret = server;
	return 0;
}

/* With 0 nobody counts. */
static void count_long_runs(struct server_thread *thread, uint32_t least_ms)
{
	struct cor_long_run *run = &thread->loop.scheduler->long_run;

	run->arg = &thread->http1;
	run->count = cor_http1_count_long_run;
	if (least_ms != 0)
		run->least_ns = (int64_t)least_ms * COR_NS_PER_MS;
}

/*
 * What a client of --https may choose by ALPN, the preferred first. One that names none speaks the
 * listener's own protocol, HTTP/1.1.
 */
static void offer_choices(struct server_thread *thread)
{
	struct cor_filter_choice *choice = thread->choices;

	if (thread->http1.http2)
		*choice++ = (struct cor_filter_choice){ "h2", &thread->http2.protocol };
	*choice = (struct cor_filter_choice){ "http/1.1", &thread->http1.protocol };
}

/* Where it is spoken, clients of HTTP/1 may begin with it. */
static int init_http2(struct server_thread *thread)
{
	struct cor_serving *serving = &thread->http1.serving;
	int rc = serving->settings->http2_streams == 0 ? 0
						       : cor_http2_init(&thread->http2, serving);

	if (thread->http2.callbacks)
		thread->http1.http2 = &thread->http2.protocol;
	return rc;
}

static struct cor_listener_options listener_of(
	struct server_thread *thread, const struct cor_server_options *options, size_t index)
{
	enum cor_spoken spoken = options->spoken    ? options->spoken[index]
				 : options->filters ? COR_SPOKEN_HTTPS
						    : COR_SPOKEN_HTTP;
	struct cor_listener_options listener = {
		.fd = options->listening->items[index].fd,
		.protocol = &thread->http1.protocol,
		.has_proxy_header = cor_trust_has_header(
			options->settings, options->listening->items[index].address),
	};

	if (cor_spoken_is_tls(spoken)) {
		listener.filters = options->filters;
		listener.choices = thread->choices;
		if (spoken == COR_SPOKEN_HTTPS_H1 && thread->http1.http2)
			listener.choices++;
		listener.place = options->listening->items[index].address;
	}
	if (spoken == COR_SPOKEN_H2C)
		listener.protocol = &thread->http2.protocol;
	if (spoken != COR_SPOKEN_UWSGI)
		return listener;
	if (!thread->http1.serving.twin)
		cor_uwsgi1_init(&thread->uwsgi1, &thread->http1);
	listener.protocol = &thread->uwsgi1.http1.protocol;
	return listener;
}

static int init_loop(struct cor_server *server, uint32_t index)
{
	const struct cor_server_options *options = &server->options;
	struct server_thread *thread = &server->threads[index];
	size_t len = options->listening->len;
	struct cor_listener_options *listeners = calloc(len ? len : 1, sizeof *listeners);

	if (!listeners)
		return -ENOMEM;
	cor_http1_init(&thread->http1, &thread->loop, &options->settings->requests,
		options->handlers[index]);
	int rc = init_http2(thread);
	if (rc < 0) {
		free(listeners);
		return rc;
	}
	offer_choices(thread);
	for (size_t i = 0; i < len; i++)
		listeners[i] = listener_of(thread, options, i);
	const struct cor_loop_options of_loop = {
		.settings = &options->settings->connection,
		.group = &server->group,
		.index = index,
		.logger = options->handlers[index]->environment->logger,
		.seams = options->seams,
		.listeners = listeners,
		.listeners_len = len,
	};
	rc = cor_loop_init(&thread->loop, &of_loop);
	free(listeners);
	if (rc < 0)
		return rc;
	cor_admission_init(
		&thread->admission, &thread->http1.serving, options->settings, options->memory);
	count_long_runs(thread, options->settings->held_ms);
	cor_contention_watch(&thread->contention, &thread->loop, options->settings->held_ms);
	return 0;
}

/* What `rc` says of this thread is told. Returns whether it may run. */
static bool wait_at_gate(struct cor_server *server, int rc)
{
	pthread_mutex_lock(&server->gate);
	server->at_gate++;
	if (server->fault == 0)
		server->fault = rc;
	pthread_cond_broadcast(&server->gate_moves);
	while (server->gate_is == GATE_SHUT)
		pthread_cond_wait(&server->gate_moves, &server->gate);
	bool may_run = server->gate_is == GATE_OPEN;
	pthread_mutex_unlock(&server->gate);
	return may_run;
}

static void *run(void *arg)
{
	struct server_thread *thread = arg;
	struct cor_server *server = thread->server;

	const struct cor_server_options *options = &server->options;
	uint32_t index = (uint32_t)(thread - server->threads);

	int rc = options->on_thread_start ? options->on_thread_start(options->arg, index) : 0;
	if (wait_at_gate(server, rc))
		thread->result = cor_loop_run(&thread->loop);
	if (rc == 0 && options->on_thread_stop)
		options->on_thread_stop(options->arg, index);
	return NULL;
}

static int init_thread(struct cor_server *server, uint32_t index)
{
	struct server_thread *thread = &server->threads[index];
	int rc = init_loop(server, index);

	if (rc < 0)
		return rc;
	thread->drain.run = drain_here;
	thread->stop.run = stop_here;
	thread->end.run = end_here;
	thread->server = server;
	thread->reachable = true;
	server->loops[index] = &thread->loop;
	return 0;
}

int cor_server_open(struct cor_server *server)
{
	int rc = 0;

	for (uint32_t i = 0; i < server->group.loops_len && rc == 0; i++)
		rc = init_thread(server, i);
	return rc;
}

static int create_threads(struct cor_server *server)
{
	int rc = 0;

	for (uint32_t i = 0; i < server->group.loops_len && rc == 0; i++) {
		struct server_thread *thread = &server->threads[i];
		rc = -pthread_create(&thread->thread, NULL, run, thread);
		thread->has_thread = rc == 0;
	}
	return rc;
}

static void give_up_threads(struct cor_server *server)
{
	cor_ignore(cor_server_wait(server));
	for (uint32_t i = 0; i < server->group.loops_len; i++) {
		server->threads[i].reachable = false;
		atomic_store(&server->threads[i].loop.failed, true);
	}
}

/* When all threads have come to it, unless one was not made (`rc`), or could not get ready. */
static int open_gate(struct cor_server *server, int rc)
{
	pthread_mutex_lock(&server->gate);
	while (rc == 0 && server->at_gate < server->group.loops_len)
		pthread_cond_wait(&server->gate_moves, &server->gate);
	if (rc == 0)
		rc = server->fault;
	server->gate_is = rc == 0 ? GATE_OPEN : GATE_GIVEN_UP;
	pthread_cond_broadcast(&server->gate_moves);
	pthread_mutex_unlock(&server->gate);
	return rc;
}

/* All loops and threads are there before one accepts: loops hand each other clients. */
int cor_server_start(struct cor_server *server)
{
	if (!server->options.memory &&
		cor_group_memory_open(&server->memory, &cor_cgroup_system) == 0)
		server->options.memory = &server->memory.memory;
	int rc = cor_server_open(server);
	if (rc < 0)
		return rc;
	rc = open_gate(server, create_threads(server));
	if (rc < 0)
		give_up_threads(server);
	else if (server->share.siblings)
		cor_siblings_join(server->share.siblings);
	return rc;
}

uint32_t cor_server_threads(const struct cor_server *server)
{
	return server->group.loops_len;
}

struct cor_loop *cor_server_loop(const struct cor_server *server, uint32_t thread)
{
	return server->loops[thread];
}

/* --- from outside --- */

/* Files go first: as soon as nobody answers there, another server may take the path over. */
static void close_door(struct cor_server *server, enum cor_drain_mode mode)
{
	atomic_store(&server->mode, mode);
	if (mode != COR_DRAIN_CLOSE)
		return;
	cor_listening_unlink(server->options.listening);
	cor_listening_stop_queueing(server->options.listening);
}

void cor_server_drain(struct cor_server *server, enum cor_drain_mode mode)
{
	close_door(server, mode);
	for (uint32_t i = 0; i < server->group.loops_len; i++)
		if (server->threads[i].reachable)
			cor_scheduler_post(
				server->threads[i].loop.scheduler, &server->threads[i].drain);
}

void cor_server_stop(struct cor_server *server)
{
	for (uint32_t i = 0; i < server->group.loops_len; i++)
		if (server->threads[i].reachable)
			cor_scheduler_post(
				server->threads[i].loop.scheduler, &server->threads[i].stop);
}

int cor_server_wait(struct cor_server *server)
{
	int rc = 0;

	for (uint32_t i = 0; i < server->group.loops_len; i++) {
		struct server_thread *thread = &server->threads[i];
		if (!thread->has_thread)
			continue;
		pthread_join(thread->thread, NULL);
		thread->has_thread = false;
		thread->reachable = false;
		if (rc == 0)
			rc = thread->result;
	}
	return rc;
}

void cor_server_counts(const struct cor_server *server, struct cor_counts *sum)
{
	for (uint32_t i = 0; i < server->group.loops_len; i++)
		cor_counts_add(sum, &server->share.counts[i]);
}

void cor_server_answers(const struct cor_server *server, uint64_t by_class[6])
{
	struct cor_request_total total = { 0 };

	for (uint32_t i = 0; i < server->group.loops_len; i++) {
		const struct cor_http1 *http1 = &server->threads[i].http1;
		for (uint32_t row = 0; row < http1->serving.figures_len; row++)
			cor_request_total_add(&total, &http1->serving.figures[row]);
	}
	for (size_t i = 0; i < 6; i++)
		by_class[i] += total.by_class[i];
}

bool cor_server_is_draining(const struct cor_server *server)
{
	return atomic_load(&server->draining) >= server->group.loops_len;
}

bool cor_server_has_drained(const struct cor_server *server)
{
	return cor_loops_has_drained(&server->group);
}

bool cor_server_was_cut(const struct cor_server *server)
{
	return count_cut(server) != server->cut_before;
}

static void finish_thread(struct server_thread *thread)
{
	cor_loop_finish(&thread->loop);
	cor_uwsgi1_finish(&thread->uwsgi1);
	cor_http2_finish(&thread->http2);
}

void cor_server_destroy(struct cor_server *server)
{
	if (!server)
		return;
	for (uint32_t i = 0; server->threads && i < server->options.settings->threads; i++)
		finish_thread(&server->threads[i]);
	cor_group_memory_close(&server->memory);
	if (server->group.loops)
		cor_loops_finish(&server->group);
	pthread_mutex_destroy(&server->gate);
	pthread_cond_destroy(&server->gate_moves);
	cor_trust_close(&server->trust);
	free(server->counts);
	free(server->loops);
	free(server->threads);
	free(server);
}
