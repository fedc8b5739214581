/* SPDX-License-Identifier: MIT */
#include "app/hooks.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <coracle/error.h>

#include "app/confinement.h"
#include "app/inside.h"
#include "app/topics.h"
#include "service/composition.h"
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
		ctx->environment->service->name, detail[0] ? ": " : "", detail,
		has_cause ? ": " : "", has_cause ? cor_strerror(problem->cause) : "");
	cor_logger_log(cor_program_logger(program), COR_LOG_ERROR, NULL, "%s", text);
	cor_setup_explain(program->setup, text);
}

/* --- what hooks have --- */

static const struct cor_composition *composition_of(const struct cor_program *program)
{
	return cor_dispatcher_composition(program->dispatchers[0]);
}

static int begin_ctxs(struct cor_program *program)
{
	const struct cor_composition *composition = composition_of(program);
	const struct cor_environment *like = cor_dispatcher_environment(program->dispatchers[0]);

	program->ctxs = calloc(composition->members_len, sizeof *program->ctxs);
	if (!program->ctxs)
		return -ENOMEM;
	for (size_t i = 0; i < composition->len; i++) {
		struct cor_environment *environment = &program->environments[i];
		*environment = like[i];
		environment->logger = cor_program_logger(program);
		environment->tally = program->tally;
		environment->calls = program->calls ? &program->calls->figures : NULL;
		environment->cache_tally = cor_cache_counter_tally(program->kept);
		environment->timings = program->timings;
		environment->all = like[i].all ? program->environments : NULL;
	}
	for (size_t m = 0; m < composition->members_len; m++)
		cor_ctx_init(&program->ctxs[m],
			&program->environments[cor_composition_unit(composition, m)], NULL, 0, 0);
	return 0;
}

static void finish_ctxs(struct cor_program *program)
{
	for (size_t m = 0; m < composition_of(program)->members_len; m++) {
		cor_ctx_await(&program->ctxs[m]);
		cor_ctx_finish(&program->ctxs[m]);
	}
	free(program->ctxs);
	program->ctxs = NULL;
}

enum cor_exit cor_program_prepare(struct cor_program *program)
{
	const struct cor_composition *composition = composition_of(program);
	int rc = 0;

	if (!cor_setup_has_prepare(program->setup))
		return COR_EXIT_OK;
	if (begin_ctxs(program) < 0)
		return cor_setup_refused(program->setup, "the prepare hook", -ENOMEM);
	for (size_t m = 0; m < composition->members_len && rc == 0; m++) {
		if (!composition->members[m]->prepare)
			continue;
		rc = composition->members[m]->prepare(&program->ctxs[m]);
		if (rc != 0)
			log_failure(program, "prepare", &program->ctxs[m], rc);
	}
	finish_ctxs(program);
	return rc == 0 ? COR_EXIT_OK : COR_EXIT_SOFTWARE;
}

/* --- executors --- */

/* What other processes share with this one is none of a job's business. */
static int begin_process(void *arg, struct cor_environment *ret, void **ret_own)
{
	struct cor_program *program = arg;
	struct cor_logger *logger;

	cor_segment_detach(&program->segment);
	program->workplace.options.caches = NULL;
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
			.member_settings = setup->own,
			.logger = cor_program_logger(program),
			.answer_checks = cor_app_answer_checks(&setup->app),
			.uploads = &setup->app.uploads,
			.cookie_keys = program->cookie_keys,
			.upstreams = program->upstreams.upstreams ? &program->upstreams : NULL,
			.caches = program->caches,
			.times_nothing = true, /* by itself: threads have the hooks' */
		},
		.composition = &setup->composition,
		.shared = program->environments,
	};
	int rc = cor_workplace_prepare(&program->workplace, begin_process, program);
	return rc < 0 ? cor_setup_refused(setup, "the processes of its executors", rc)
		      : COR_EXIT_OK;
}

static int show_pools(struct cor_program *program)
{
	cor_executor_metrics_init(
		&program->executor_metrics, program->setup->composition.whole->executors);
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
	for (size_t i = 0; i < composition_of(program)->len; i++)
		program->environments[i].pools = program->pools;
	for (size_t i = 0; i < program->threads; i++)
		cor_dispatcher_set_pools(program->dispatchers[i], program->pools);
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

static void end_ctxs(struct cor_program *program)
{
	for (size_t m = 0; m < composition_of(program)->members_len; m++)
		cor_ctx_await(&program->ctxs[m]);
	cor_pools_destroy(program->pools);
	program->pools = NULL;
	cor_program_drop_topics(program);
	finish_ctxs(program);
}

/* --- start and stop --- */

static void set_state(struct cor_program *program, size_t member, void *state)
{
	const struct cor_composition *composition = composition_of(program);

	for (size_t i = 0; i < composition->len; i++)
		if (cor_unit_declarer(&composition->units[i], offsetof(struct cor_service, start))
				->member == member)
			cor_environment_set_state(&program->environments[i], state);
	for (size_t i = 0; i < program->threads; i++)
		cor_dispatcher_set_state(program->dispatchers[i], member, state);
}

/* Of the outermost, in place of what its start hook makes. */
static bool has_given_state(const struct cor_program *program, size_t member)
{
	return program->setup->inside && program->setup->inside->state &&
	       member == composition_of(program)->members_len - 1;
}

/* Those inside are there before what is around them. */
static int start_members(struct cor_program *program)
{
	const struct cor_composition *composition = composition_of(program);

	for (size_t m = 0; m < composition->members_len; m++) {
		const struct cor_service *service = composition->members[m];
		void *state = has_given_state(program, m) ? program->setup->inside->state : NULL;
		int rc = service->start && !state ? service->start(&program->ctxs[m], &state) : 0;
		if (rc != 0) {
			log_failure(program, "start", &program->ctxs[m], rc);
			return rc;
		}
		set_state(program, m, state);
		program->members_started++;
	}
	return 0;
}

static void stop_members(struct cor_program *program)
{
	const struct cor_composition *composition = composition_of(program);

	while (program->members_started > 0) {
		size_t m = --program->members_started;
		struct cor_ctx *ctx = &program->ctxs[m];
		if (composition->members[m]->stop && !has_given_state(program, m))
			composition->members[m]->stop(ctx, cor_state(ctx));
		set_state(program, m, NULL); /* nor is it for those inside, which stop later */
	}
}

static int start(struct cor_program *program)
{
	int rc = cor_program_open_topics(program);

	if (rc == 0)
		rc = open_pools(program);
	if (rc != 0)
		log_failure(program, "start", program->ctxs, rc);
	else
		rc = start_members(program);
	if (rc == 0)
		return 0;
	close_pools(program);
	if (program->has_jobs_left)
		return rc;
	stop_members(program);
	end_ctxs(program);
	return rc;
}

enum cor_exit cor_program_start(struct cor_program *program)
{
	if (begin_ctxs(program) < 0)
		return cor_setup_refused(program->setup, "the start hook", -ENOMEM);
	if (start(program) != 0)
		return COR_EXIT_SOFTWARE;
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
	if (!program->started || program->has_jobs_left)
		return;
	stop_members(program);
	end_ctxs(program);
	program->started = false;
}

/* --- of a thread --- */

static struct cor_ctx *thread_ctx(struct cor_program *program, uint32_t thread, size_t member)
{
	return &program->thread_ctxs[thread * composition_of(program)->members_len + member];
}

/* The first `len` members, the last of them first. */
static void stop_thread_of(struct cor_program *program, uint32_t thread, size_t len)
{
	const struct cor_composition *composition = composition_of(program);

	while (len-- > 0) {
		struct cor_ctx *ctx = thread_ctx(program, thread, len);
		if (composition->members[len]->stop_thread)
			composition->members[len]->stop_thread(ctx, cor_thread_state(ctx));
		cor_dispatcher_set_thread_state(program->dispatchers[thread], len, NULL);
		cor_ctx_await(ctx);
		cor_ctx_finish(ctx);
	}
}

static int start_member_thread(struct cor_program *program, uint32_t thread, size_t member)
{
	struct cor_dispatcher *dispatcher = program->dispatchers[thread];
	const struct cor_service *service = composition_of(program)->members[member];
	struct cor_ctx *ctx = thread_ctx(program, thread, member);
	void *state = NULL;

	cor_ctx_init(ctx, cor_dispatcher_member(dispatcher, member), NULL, 0, 0);
	int rc = service->start_thread ? service->start_thread(ctx, cor_state(ctx), &state) : 0;
	if (rc != 0) {
		atomic_store(&program->has_thread_failed, true);
		log_failure(program, "start_thread", ctx, rc);
		cor_ctx_await(ctx);
		cor_ctx_finish(ctx);
		return rc < 0 ? rc : -EINVAL;
	}
	cor_dispatcher_set_thread_state(dispatcher, member, state);
	return 0;
}

int cor_program_start_thread(void *arg, uint32_t thread)
{
	struct cor_program *program = arg;
	size_t len = composition_of(program)->members_len;

	for (size_t m = 0; m < len; m++) {
		int rc = start_member_thread(program, thread, m);
		if (rc < 0) {
			stop_thread_of(program, thread, m);
			return rc;
		}
	}
	return 0;
}

void cor_program_stop_thread(void *arg, uint32_t thread)
{
	struct cor_program *program = arg;

	cor_logger_flush(program->loggers[thread]);
	stop_thread_of(program, thread, composition_of(program)->members_len);
	cor_upstreams_drop(&program->upstreams);
}
