/* SPDX-License-Identifier: MIT */
#include "app/hooks.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>

#include <coracle/error.h>

#include "app/confinement.h"
#include "app/topics.h"
#include "service/dispatcher.h"
#include "topic/topics.h"

#define FAILURE_BYTES 1024

/* Of cor_invalid() its first text. */
static const char *detail_of(const struct cor_problem *problem)
{
	if (problem->violations && problem->violations->first)
		return problem->violations->first->detail;
	return problem->detail ? problem->detail : "";
}

static void log_failure(
	const struct cor_program *program, const char *hook, struct cor_ctx *ctx, int rc)
{
	const struct cor_problem *problem = cor_ctx_settle(ctx, rc);
	bool has_cause = problem->cause != 0 && problem->cause != -COR_EPROBLEM &&
			 !problem->violations;
	const char *detail = detail_of(problem);
	char text[FAILURE_BYTES];

	snprintf(text, sizeof text, "the %s hook of %s failed%s%s%s%s", hook,
		program->setup->service->name, detail[0] ? ": " : "", detail, has_cause ? ": " : "",
		has_cause ? cor_strerror(problem->cause) : "");
	cor_logger_log(cor_program_logger(program), COR_LOG_ERROR, NULL, "%s", text);
	cor_setup_explain(program->setup, text);
}

static void begin_ctx(struct cor_program *program)
{
	program->environment = *cor_dispatcher_environment(program->dispatchers[0]);
	program->environment.logger = cor_program_logger(program);
	program->environment.tally = program->tally;
	cor_ctx_init(&program->ctx, &program->environment, NULL, 0, 0);
}

enum cor_exit cor_program_prepare(struct cor_program *program)
{
	const struct cor_service *service = program->setup->service;

	if (!service->prepare)
		return COR_EXIT_OK;
	begin_ctx(program);
	int rc = service->prepare(&program->ctx);
	if (rc != 0)
		log_failure(program, "prepare", &program->ctx, rc);
	cor_ctx_finish(&program->ctx);
	return rc == 0 ? COR_EXIT_OK : COR_EXIT_SOFTWARE;
}

/* --- executors --- */

/* What other processes share with this one is none of a job's business. */
static int begin_process(void *arg, struct cor_environment *ret, void **ret_own)
{
	struct cor_program *program = arg;
	struct cor_logger *logger;

	cor_segment_detach(&program->segment);
	int rc = cor_logger_create_like(cor_program_logger(program), "pool", &logger);
	if (rc < 0)
		return rc;
	program->workplace.options.logger = logger;
	if (cor_confinement_follow(program->setup, logger) != COR_EXIT_OK)
		return -EPERM;
	return cor_workplace_begin(&program->workplace, ret, ret_own);
}

enum cor_exit cor_program_prepare_processes(struct cor_program *program)
{
	const struct cor_setup *setup = program->setup;

	program->workplace = (struct cor_workplace){
		.options = {
			.service = setup->service,
			.settings = setup->own,
			.logger = cor_program_logger(program),
			.answer_checks = cor_app_answer_checks(&setup->app),
			.uploads = &setup->app.uploads,
		},
		.shared = &program->environment,
	};
	int rc = cor_workplace_prepare(&program->workplace, begin_process, program);
	return rc < 0 ? cor_setup_refused(setup, "the processes of its executors", rc)
		      : COR_EXIT_OK;
}

static int show_pools(struct cor_program *program)
{
	const struct cor_service *service = program->setup->service;

	cor_executor_metrics_init(&program->executor_metrics, service->executors);
	const struct cor_tally_options options = {
		.metrics = program->executor_metrics.list,
		.ledger = program->ledger,
		.slot = program->setup->child.slot,
		.thread = COR_LEDGER_OTHERS,
	};
	int rc = cor_tally_create(&options, &program->executor_tally);
	if (rc == 0)
		cor_executor_metrics_connect(
			&program->executor_metrics, program->executor_tally, program->pools);
	return rc;
}

static int open_pools(struct cor_program *program)
{
	int rc = cor_workplace_open(&program->workplace, &program->pools);
	if (rc == 0 && program->pools)
		rc = show_pools(program);
	program->environment.pools = program->pools;
	for (size_t i = 0; i < program->threads; i++)
		cor_dispatcher_environment(program->dispatchers[i])->pools = program->pools;
	return rc;
}

/*
 * What runs has as much time as requests had. The pools take nothing any more, but are there: the
 * stop hook may cancel what it has a future of, and learns that they are shut down.
 */
static void close_pools(struct cor_program *program)
{
	struct cor_scope scope;

	if (!program->pools)
		return;
	cor_scope_enter(&scope, program->setup->server.connection.drain_timeout_ms);
	const struct cor_executor *busy = cor_pools_end(program->pools);
	cor_scope_leave(&scope);
	program->has_jobs_left = busy != NULL;
	if (busy)
		cor_jobs_say_left(cor_program_logger(program), busy);
}

void cor_jobs_say_left(struct cor_logger *logger, const struct cor_executor *executor)
{
	cor_logger_log(logger, COR_LOG_ERROR, NULL,
		"jobs of executor %s have not ended within the drain timeout: exiting without the "
		"stop hook",
		executor->name);
}

const struct cor_executor *cor_program_busy(void *arg)
{
	const struct cor_program *program = arg;

	return program->pools ? cor_pools_busy(program->pools) : NULL;
}

static void end_ctx(struct cor_program *program)
{
	cor_ctx_await(&program->ctx);
	cor_pools_destroy(program->pools);
	program->pools = NULL;
	cor_program_drop_topics(program);
	cor_ctx_finish(&program->ctx);
}

/* --- start and stop --- */

static int start(struct cor_program *program, void **ret_state)
{
	const struct cor_service *service = program->setup->service;
	int rc = cor_program_open_topics(program);

	if (rc == 0)
		rc = open_pools(program);
	if (rc == 0 && service->start)
		rc = service->start(&program->ctx, ret_state);
	if (rc == 0)
		return 0;
	log_failure(program, "start", &program->ctx, rc);
	close_pools(program);
	if (!program->has_jobs_left)
		end_ctx(program);
	return rc;
}

enum cor_exit cor_program_start(struct cor_program *program)
{
	void *state = NULL;

	begin_ctx(program);
	if (start(program, &state) != 0)
		return COR_EXIT_SOFTWARE;
	cor_environment_set_state(&program->environment, state);
	for (size_t i = 0; i < program->threads; i++)
		cor_dispatcher_environment(program->dispatchers[i])->state = state;
	program->started = true;
	return COR_EXIT_OK;
}

static void flush_loggers(const struct cor_program *program)
{
	for (size_t i = 0; i < program->threads; i++)
		cor_logger_flush(program->loggers[i]);
}

void cor_program_end_jobs(struct cor_program *program)
{
	if (!program->started)
		return;
	flush_loggers(program);
	cor_topics_close(program->topics); /* jobs may wait for messages */
	close_pools(program);
}

void cor_program_stop(struct cor_program *program)
{
	const struct cor_service *service = program->setup->service;

	if (!program->started || program->has_jobs_left)
		return;
	if (service->stop)
		service->stop(&program->ctx, cor_state(&program->ctx));
	end_ctx(program);
	program->started = false;
}

/* --- of a thread --- */

int cor_program_start_thread(void *arg, uint32_t thread)
{
	struct cor_program *program = arg;
	const struct cor_service *service = program->setup->service;
	struct cor_environment *environment = cor_dispatcher_environment(
		program->dispatchers[thread]);
	struct cor_ctx *ctx = &program->thread_ctxs[thread];
	void *state = NULL;

	cor_ctx_init(ctx, environment, NULL, 0, 0);
	int rc = service->start_thread ? service->start_thread(ctx, cor_state(ctx), &state) : 0;
	if (rc != 0) {
		atomic_store(&program->has_thread_failed, true);
		log_failure(program, "start_thread", ctx, rc);
		cor_ctx_finish(ctx);
		return rc < 0 ? rc : -EINVAL;
	}
	environment->thread_state = state;
	return 0;
}

void cor_program_stop_thread(void *arg, uint32_t thread)
{
	struct cor_program *program = arg;
	const struct cor_service *service = program->setup->service;
	struct cor_ctx *ctx = &program->thread_ctxs[thread];

	cor_logger_flush(program->loggers[thread]);
	if (service->stop_thread)
		service->stop_thread(ctx, cor_thread_state(ctx));
	cor_ctx_finish(ctx);
}
