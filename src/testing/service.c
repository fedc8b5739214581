/* SPDX-License-Identifier: MIT */
#include "testing/service.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <coracle/cookie_jar.h>
#include <coracle/error.h>
#include <coracle/timestamp.h>

#include "testing/run.h"
#include "testing/service_call.h"
#include "testing/service_flight.h"
#include "testing/service_log.h"
#include "testing/service_operations.h"
#include "testing/service_settings.h"
#include "testing/service_time.h"

#define NOW         "2026-01-01T00:00:00Z"
#define PATIENCE_MS 600000
#define END_MS      INT64_C(3600000) /* a drain has limits of its own, which are shorter */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HELD_MS 2500
#else
#define HELD_MS 250
#endif

/* --- the end --- */

/* Where the test last asked for something: what is left at its end has no place of its own. */
COR_PRINTF(3, 4)
static void fail_late(const struct cor_test_service *service, const struct cor_test_flight *flight,
	const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (flight)
		cor_run_at(service->t->run, flight->file, flight->line);
	cor_run_fail(service->t, "%s", text);
}

static void tell_fiber(void *arg, const char *name, const char *waits_in)
{
	const struct cor_test_service *service = arg;

	fail_late(service, service->flights, "a fiber is left at the end of the test: %s%s%s", name,
		waits_in ? ", which waits in " : "", waits_in ? waits_in : "");
}

static void count_fiber(void *arg, const char *name, const char *waits_in)
{
	size_t *count = arg;

	(void)name, (void)waits_in;
	++*count;
}

static size_t count_fibers(const struct cor_test_service *service)
{
	size_t count = 0;

	cor_inside_calls.fibers(service->inside, count_fiber, &count);
	return count;
}

/* Those that were there before the first request may go on. A test that has failed left its own. */
static void check_fibers(struct cor_test_service *service)
{
	if (!service->has_ended && !cor_test_has_failed(service->t) &&
		count_fibers(service) > service->fibers)
		cor_inside_calls.fibers(service->inside, tell_fiber, service);
}

static void check_held(const struct cor_test_service *service)
{
	int32_t limit_ms = service->setup.held_ms ? service->setup.held_ms : HELD_MS;

	if (limit_ms < 0 || service->held_ns < (int64_t)limit_ms * COR_NS_PER_MS)
		return;
	fail_late(service, service->held_by,
		"the thread was held for %lld ms%s%s: meanwhile no other request runs. What computes "
		"or blocks for long belongs into an executor (.held_ms of cor_test_use() allows more)",
		(long long)(service->held_ns / COR_NS_PER_MS), service->held_by ? ", by " : "",
		service->held_by ? cor_test_flight_name(service->held_by) : "");
}

static bool has_loop_ended(void *arg)
{
	const struct cor_test_service *service = arg;

	return service->has_ended;
}

/* Returns whether its loop has ended, without which nothing can be freed. */
static bool drain(struct cor_test_service *service)
{
	const struct cor_test_goal goal = { has_loop_ended, service };

	if (!service->has_ended) {
		cor_inside_calls.drain(service->inside);
		int rc = cor_test_await(service, &goal, END_MS);
		if (rc == -EDEADLK || rc == -ETIMEDOUT)
			cor_inside_calls.fibers(service->inside, tell_fiber, service);
	}
	return service->has_ended;
}

static void free_service(struct cor_test_service *service)
{
	if (service->world && !service->inside)
		cor_world_destroy(service->world);
	cor_cookie_jar_destroy(service->jar);
	cor_script_destroy(service->script);
	if (service->log >= 0)
		close(service->log);
	free(service->log_text);
	cor_arena_finish(&service->arena);
	free(service);
}

static void stop(struct cor_test_service *service)
{
	cor_test_flights_end(service);
	cor_ignore(cor_test_let_happen(service, NULL));
	check_fibers(service);
	bool has_ended = drain(service);
	check_held(service);
	cor_test_callers_end(service);
	if (!has_ended)
		return;
	if (cor_inside_calls.close(service->inside) == 0)
		service->inside = NULL;
	else
		cor_run_fail(service->t, "a job of an executor has not ended");
}

/* A test says what others are asked: one that was not is no test of that. */
static void check_script(const struct cor_test_service *service)
{
	const struct cor_scripted *line;
	uint32_t left;

	if (cor_test_has_failed(service->t) || service->t->run->outcome->has_skipped)
		return;
	for (size_t i = 0; (line = cor_script_unused(service->script, i, &left)); i++)
		cor_run_fail(service->t,
			"the answer of cor_test_upstream() to %s%s%s%s%s was never asked for%s: make the "
			"call, or leave it out (.times = COR_SCRIPT_ALWAYS: as often as it is)",
			line->method ? line->method : "any request", line->path ? " " : "",
			line->path ? line->path : "", line->upstream ? " of " : "",
			line->upstream ? line->upstream : "",
			line->times > 1 && left < line->times ? " so often" : "");
}

static void end(void *arg)
{
	struct cor_test_service *service = arg;
	struct cor_test *t = service->t;

	if (service->process != getpid())
		return;
	if (service->inside)
		stop(service);
	check_script(service);
	const char *log = cor_test_log_read(service);
	if (log)
		cor_operations_note(t->run->outcome, log);
	if (cor_test_has_failed(t))
		cor_test_service_show_log(service);
	t->service = NULL;
	free_service(service);
}

/* --- the beginning --- */

static struct cor_test_service *make(struct cor_test *t)
{
	struct cor_test_service *service = calloc(1, sizeof *service);

	if (!service)
		return NULL;
	service->t = t;
	service->process = getpid();
	cor_arena_init(&service->arena, NULL, 0, 0);
	service->log = memfd_create("log", MFD_CLOEXEC);
	if (service->log < 0 || cor_script_create(&service->script) < 0 ||
		cor_cookie_jar_create(&service->jar) < 0) {
		free_service(service);
		return NULL;
	}
	return service;
}

struct cor_test_service *cor_test_service_said(struct cor_test *t)
{
	if (t->service && t->service->process == getpid())
		return t->service;
	if (!t->suite->service) {
		cor_run_fail(t, "the suite has no .service");
		cor_test_end(t);
	}
	if (t->service) {
		cor_run_fail(t, "the service runs in a `before`, which is another process: use it "
				"in before_each, or in the test");
		cor_test_end(t);
	}
	t->service = make(t);
	if (!t->service) {
		cor_run_fail(t, "no memory for the service of the test");
		cor_test_end(t);
	}
	cor_test_defer(t, end, t->service);
	return t->service;
}

static int make_world(struct cor_test_service *service)
{
	const struct cor_clock *real = cor_inside_calls.system_clock;
	const char *now = service->setup.now ? service->setup.now : NOW;
	struct timespec begin;

	if (cor_timestamp_parse(cor_str(now), &begin) < 0)
		return -EINVAL;
	service->world = cor_world_create();
	/* A deadline of a job is over by the real clock no sooner than by the test's. */
	cor_world_begin_at(service->world, real->monotonic_ns(real),
		(int64_t)begin.tv_sec * COR_NS_PER_S + begin.tv_nsec);
	cor_world_seed(service->world, service->setup.seed ? service->setup.seed : 1);
	service->seams = cor_world_seams(service->world);
	service->began_ns = cor_world_now_ns(service->world);
	cor_world_set_outside(service->world,
		&(struct cor_world_outside){ cor_test_works_outside, service, real });
	return 0;
}

static int start(struct cor_test_service *service)
{
	char **argv;
	int argc = cor_test_settings_split(service, &argv);

	if (argc < 0)
		return argc;
	const struct cor_inside_options options = {
		.service = service->t->suite->service,
		.argc = argc,
		.argv = argv,
		.seams = &service->seams,
		.address = COR_TEST_ADDRESS,
		.log = service->log,
		.script = service->script,
		.state = service->setup.state,
		.keeps_stores = service->setup.stores == COR_TEST_STORES_DECLARED,
	};
	int rc = cor_inside_calls.open(&options, &service->inside);
	if (rc == 0)
		rc = cor_test_let_happen(service, NULL);
	if (rc == 0)
		service->fibers = count_fibers(service);
	return rc;
}

/* Its last words say why, in the log or on standard error. */
static void tell_refusal(struct cor_test_service *service)
{
	const char *words = cor_test_log_last(service);

	cor_run_fail(service->t, "the service does not start: %s",
		words[0] ? words : "what it says is below");
}

struct cor_test_service *cor_test_service_of(struct cor_test *t)
{
	struct cor_test_service *service = cor_test_service_said(t);

	if (service->inside)
		return service;
	int rc = cor_inside_calls.interface == COR_INSIDE_INTERFACE ? 0 : -EPROTONOSUPPORT;
	if (rc == 0)
		rc = make_world(service);
	if (rc == 0)
		rc = start(service);
	if (rc == 0)
		return service;
	if (rc == -COR_EPROBLEM)
		tell_refusal(service);
	else if (rc == -EPROTONOSUPPORT)
		cor_run_fail(t, "libcoracle and libcoracle-testing are of different versions");
	else if (rc == -EINVAL)
		cor_run_fail(t, ".now is no time: write \"" NOW "\"");
	else
		cor_run_fail(t, "the service does not start: %s", cor_strerror(rc));
	cor_test_end(t);
}

struct cor_test_service *cor_test_service_at(struct cor_test *t, const char *file, int line)
{
	cor_run_at(t->run, file, line);
	return cor_test_service_of(t);
}

/* --- what tests say --- */

void cor_test_use(struct cor_test *t, const struct cor_test_setup *setup)
{
	struct cor_test_service *service = cor_test_service_said(t);

	if (service->inside) {
		cor_run_fail(t, "the service runs already: cor_test_use() comes before its first "
				"use, or in a before_each");
		cor_test_end(t);
	}
	service->setup = *setup;
}

int64_t cor_test_patience_ms(const struct cor_test_service *service)
{
	return service->setup.patience_ms ? service->setup.patience_ms : PATIENCE_MS;
}

void cor_test_upstream(struct cor_test *t, const struct cor_scripted *line)
{
	if (cor_script_add(cor_test_service_said(t)->script, line) < 0) {
		cor_run_fail(t, "no memory for a line of the script");
		cor_test_end(t);
	}
}

struct cor_script *cor_test_script(struct cor_test *t)
{
	return cor_test_service_said(t)->script;
}

struct cor_ctx *cor_test_ctx(struct cor_test *t)
{
	return cor_inside_calls.ctx(cor_test_service_of(t)->inside);
}

/* --- time --- */

/* The loop does not end, nor fail, while a test runs. */
static void must_happen(struct cor_test *t, int rc)
{
	if (rc == 0)
		return;
	cor_run_fail(t, "the service has ended: %s", cor_strerror(rc));
	cor_test_end(t);
}

void cor_test_pass_ms(struct cor_test *t, int64_t ms)
{
	must_happen(t, cor_test_let_pass(cor_test_service_of(t), ms));
}

void cor_test_settle(struct cor_test *t)
{
	must_happen(t, cor_test_let_happen(cor_test_service_of(t), NULL));
}

int64_t cor_test_elapsed_ms(struct cor_test *t)
{
	const struct cor_test_service *service = cor_test_service_of(t);

	return (cor_world_now_ns(service->world) - service->began_ns) / COR_NS_PER_MS;
}
