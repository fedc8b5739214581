/* SPDX-License-Identifier: MIT */
#include "app/checkup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "app/shared.h"
#include "base/utf8.h"
#include "client/reach.h"
#include "server/server.h"
#include "service/composition.h"
#include "service/dispatcher.h"

#define TIMEOUT_MS 1000
#define PERIOD_MS  5000

_Static_assert(COR_READINESS_MAX == COR_VERDICTS_MAX, "a verdict for each");
_Static_assert(COR_READINESS_NAME_BYTES == COR_VERDICT_NAME_BYTES, "room for its name");

/** One check of one worker. */
struct cor_checkup {
	struct cor_program *program;
	const struct cor_readiness *readiness; /* NULL: it is of that upstream */
	const struct cor_upstream *upstream;
	const struct cor_environment *environment; /* of the service that has it */
	struct cor_verdict_row *row;
	uint32_t at;
	struct cor_verdict verdict; /* as it is written there */
	size_t *unknown;            /* checks that have not ended yet: of the one thread */
	void (*on_known)(struct cor_program *program);
};

static void publish(const struct cor_checkup *checkup)
{
	cor_verdict_write(checkup->row, checkup->at, &checkup->verdict);
}

static void pass(struct cor_checkup *checkup)
{
	struct cor_verdict *verdict = &checkup->verdict;

	if (verdict->failures != 0)
		cor_logger_log(checkup->program->loggers[0], COR_LOG_INFO, NULL,
			"readiness check %s passes again, after %" PRIu64 " failures",
			verdict->name, verdict->failures);
	verdict->failures = 0;
	verdict->error[0] = '\0';
}

/* It is shown in a line of UTF-8, whatever the service has written, and may have been cut. */
static void tidy(char *text)
{
	size_t len = strlen(text);

	for (int cut = 0; cut < 3 && len != 0 && !cor_utf8_valid(cor_str(text)); cut++)
		text[--len] = '\0';
	bool is_utf8 = cor_utf8_valid(cor_str(text));
	for (unsigned char *at = (unsigned char *)text; *at; at++)
		if (*at < 0x20 || *at == 0x7f || (*at >= 0x80 && !is_utf8))
			*at = '?';
}

/* The text of the problem, and what caused it. */
static void explain(struct cor_verdict *verdict, const struct cor_problem *problem)
{
	const char *detail = problem->detail ? problem->detail : "";
	bool has_cause = problem->cause != 0 && problem->cause != -COR_EPROBLEM;

	if (problem->violations && problem->violations->first)
		detail = problem->violations->first->detail;
	snprintf(verdict->error, sizeof verdict->error, "%s%s%s", detail,
		has_cause && detail[0] ? ": " : "", has_cause ? cor_strerror(problem->cause) : "");
	tidy(verdict->error);
}

static void fail(struct cor_checkup *checkup, struct cor_ctx *ctx, int rc)
{
	struct cor_verdict *verdict = &checkup->verdict;

	if (rc == -ETIMEDOUT)
		snprintf(verdict->error, sizeof verdict->error, "it takes more than %" PRIu32 " ms",
			verdict->timeout_ms);
	else
		explain(verdict, cor_ctx_settle(ctx, rc));
	if (verdict->failures++ == 0)
		cor_logger_log(checkup->program->loggers[0], COR_LOG_WARNING, NULL,
			"readiness check %s fails: %s", verdict->name, verdict->error);
}

/* A run that the end of the service has cancelled says nothing. */
static void judge(struct cor_checkup *checkup, struct cor_ctx *ctx, int rc)
{
	struct cor_verdict *verdict = &checkup->verdict;

	if (rc == -ECANCELED && cor_scope_error() == -ECANCELED)
		return;
	if (rc == 0)
		pass(checkup);
	else
		fail(checkup, ctx, rc);
	bool is_first = verdict->ended_ns == 0;
	verdict->ended_ns = cor_monotonic_ns();
	verdict->took_ns = verdict->ended_ns - verdict->began_ns;
	verdict->began_ns = 0;
	publish(checkup);
	if (is_first && --*checkup->unknown == 0)
		checkup->on_known(checkup->program);
}

static void run_once(struct cor_checkup *checkup)
{
	struct cor_scope scope;
	struct cor_ctx ctx;

	checkup->verdict.began_ns = cor_monotonic_ns();
	publish(checkup);
	cor_ctx_init(&ctx, checkup->environment, NULL, 0, 0);
	cor_scope_enter(&scope, checkup->verdict.timeout_ms);
	int rc = checkup->readiness ? checkup->readiness->check(&ctx, cor_state(&ctx))
				    : cor_upstream_reach(&ctx, checkup->upstream);
	cor_scope_leave(&scope);
	judge(checkup, &ctx, rc);
	cor_ctx_await(&ctx);
	cor_ctx_finish(&ctx);
}

static int run(void *arg)
{
	struct cor_checkup *checkup = arg;
	int rc = 0;

	while (rc == 0) {
		run_once(checkup);
		rc = cor_sleep_ms(checkup->verdict.period_ms);
	}
	return rc;
}

/* --- the start --- */

static struct cor_verdict first_verdict(const struct cor_checkup *checkup)
{
	const struct cor_readiness *readiness = checkup->readiness;
	const struct cor_upstream *upstream = checkup->upstream;
	struct cor_verdict verdict = { .timeout_ms = TIMEOUT_MS, .period_ms = PERIOD_MS };

	if (!readiness) {
		verdict.timeout_ms = cor_upstream_reach_ms(upstream);
		verdict.is_required = upstream->readiness == COR_UPSTREAM_REQUIRED;
		snprintf(verdict.name, sizeof verdict.name, "upstream %s", upstream->name);
		return verdict;
	}
	if (readiness->timeout_ms != 0)
		verdict.timeout_ms = readiness->timeout_ms;
	if (readiness->period_ms != 0)
		verdict.period_ms = readiness->period_ms;
	verdict.is_required = readiness->need == COR_READINESS_REQUIRED;
	snprintf(verdict.name, sizeof verdict.name, "%s", readiness->name);
	return verdict;
}

/* Whose state and settings it has. */
static const struct cor_environment *environment_of(
	const struct cor_program *program, size_t list, const void *item)
{
	return cor_dispatcher_member(program->dispatchers[0],
		cor_composition_owner(&program->setup->composition, list, item));
}

/* The service's own, and those of its upstreams. Returns how many; they are at most that many by
   the checks of the service. */
static size_t list_checkups(const struct cor_program *program, struct cor_checkup *checkups)
{
	const struct cor_service *whole = program->setup->composition.whole;
	size_t len = 0;

	for (const struct cor_readiness *const *at = whole->readiness; at && *at; at++)
		checkups[len++] = (struct cor_checkup){ .readiness = *at,
			.environment = environment_of(
				program, offsetof(struct cor_service, readiness), *at) };
	for (const struct cor_upstream *const *at = whole->upstreams; at && *at; at++)
		if ((*at)->readiness != COR_UPSTREAM_UNCHECKED)
			checkups[len++] = (struct cor_checkup){ .upstream = *at,
				.environment = environment_of(
					program, offsetof(struct cor_service, upstreams), *at) };
	return len;
}

/* Even one without checks says so: it is ready then. */
static int make_checkups(
	struct cor_program *program, size_t *ret_len, void (*on_known)(struct cor_program *program))
{
	const struct cor_setup *setup = program->setup;
	struct cor_verdict verdicts[COR_VERDICTS_MAX];
	struct cor_verdict_table *table;
	int rc = cor_shared_verdicts(&program->segment, &table);

	if (rc < 0)
		return rc;
	struct cor_verdict_row *row = &table->rows[setup->child.slot];
	program->checkups = calloc(COR_VERDICTS_MAX, sizeof *program->checkups);
	if (!program->checkups)
		return -ENOMEM;
	size_t len = list_checkups(program, program->checkups);
	for (uint32_t i = 0; i < len; i++) {
		struct cor_checkup *checkup = &program->checkups[i];
		verdicts[i] = checkup->verdict = first_verdict(checkup);
		checkup->program = program;
		checkup->row = row;
		checkup->at = i;
		checkup->unknown = &program->checkups_unknown;
		checkup->on_known = on_known;
	}
	program->checkups_unknown = *ret_len = len;
	cor_verdicts_begin(row, getpid(), verdicts, (uint32_t)len);
	return 0;
}

int cor_checkup_start(struct cor_program *program, struct cor_server *server,
	void (*on_known)(struct cor_program *program))
{
	size_t len = 0;
	int rc = program->roster ? make_checkups(program, &len, on_known) : 0;

	for (size_t i = 0; rc == 0 && i < len; i++) {
		struct cor_checkup *checkup = &program->checkups[i];
		const struct cor_fiber_options options = { .name = checkup->verdict.name };
		rc = cor_fiber_start(
			cor_server_loop(server, 0)->scheduler, run, checkup, &options, NULL);
	}
	if (rc == 0 && len == 0)
		on_known(program);
	return rc;
}
