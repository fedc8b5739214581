/* SPDX-License-Identifier: MIT */
#include "app/caches.h"
#include "app/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>

#include "app/addresses.h"
#include "app/cookie_keys.h"
#include "app/inside.h"
#include "app/role.h"
#include "app/shared.h"
#include "app/witness.h"
#include "client/upstream_limit.h"
#include "executor/nursery.h"
#include "files/server.h"
#include "openapi/docs.h"
#include "outbound/plain.h"
#include "script/script.h"
#include "service/dispatcher.h"
#include "service/form.h"
#include "service/operation.h"
#include "service/metrics.h"
#include "service/timings.h"
#include "upload/file.h"

struct cor_logger *cor_program_logger(const struct cor_program *program)
{
	return program->loggers[program->threads];
}

/* --- the log --- */

static enum cor_log_format log_format(const struct cor_setup *setup)
{
	if (setup->app.log_format == COR_APP_LOG_AUTO && setup->inside)
		return COR_LOG_TEXT;
	if (setup->app.log_format == COR_APP_LOG_AUTO)
		return isatty(STDERR_FILENO) ? COR_LOG_TEXT : COR_LOG_JSON;
	return setup->app.log_format == COR_APP_LOG_JSON ? COR_LOG_JSON : COR_LOG_TEXT;
}

int cor_setup_make_logger(const struct cor_setup *setup, bool is_shared, struct cor_logger **ret)
{
	const struct cor_logger_options options = {
		.fd = setup->inside ? setup->inside->log : STDERR_FILENO,
		.clock = setup->inside ? setup->inside->seams->clock : NULL,
		.format = log_format(setup),
		.level = setup->app.log_level,
		.access = setup->app.access_log ? COR_LOG_ACCESS_ON : COR_LOG_ACCESS_OFF,
		.process = cor_role_of(setup),
		.is_shared = is_shared,
	};

	return cor_logger_create(&options, ret);
}

/* The last is the program's own, and the hooks'. */
static int make_loggers(struct cor_program *program)
{
	int rc = 0;

	program->loggers = calloc(program->threads + 1, sizeof(struct cor_logger *));
	if (!program->loggers)
		return -ENOMEM;
	for (size_t i = 0; rc == 0 && i <= program->threads; i++)
		rc = cor_setup_make_logger(
			program->setup, i == program->threads, &program->loggers[i]);
	return rc;
}

/* --- what answers --- */

static void say_contradictions(const struct cor_setup *setup, const struct cor_violations *why)
{
	const char *name = setup->service->name;

	for (const struct cor_violation *at = why->first; at; at = at->next) {
		/* each line begins with the service's name anyway */
		bool has_place = at->where[0] && !(name && strcmp(at->where, name) == 0);
		cor_setup_say(setup, "%s%s%s", has_place ? at->where : "", has_place ? ": " : "",
			at->detail);
	}
}

static enum cor_exit make_dispatcher(const struct cor_setup *setup,
	const struct cor_dispatcher_options *options, struct cor_dispatcher **ret)
{
	struct cor_violations why = { 0 };
	struct cor_arena scratch;
	enum cor_exit status = COR_EXIT_OK;

	cor_arena_init(&scratch, NULL, 0, 0);
	int rc = cor_dispatcher_create(options, &scratch, &why, ret);
	if (rc == -COR_ETABLE) {
		say_contradictions(setup, &why);
		status = COR_EXIT_CONFIG;
	} else if (rc < 0) {
		status = cor_setup_refused(setup, "making the service ready", rc);
	}
	cor_arena_finish(&scratch);
	return status;
}

/* Before anything else is made of them: the document needs tables that are right. */
enum cor_exit cor_program_check_tables(const struct cor_setup *setup)
{
	const struct cor_dispatcher_options options = {
		.service = setup->service,
		.reserved = setup->app.docs == COR_DOCS_OFF ? NULL : cor_docs_paths,
		.reserved_for = "the documentation: choose another, or start with --docs off",
	};
	struct cor_dispatcher *trial = NULL;
	enum cor_exit status = make_dispatcher(setup, &options, &trial);

	cor_dispatcher_destroy(trial);
	return status;
}

static int make_docs_of(struct cor_program *program, size_t unit)
{
	const struct cor_document_access access = {
		.needs_certificate = cor_security_needs_certificate(program->setup),
		.unit = unit,
	};
	int rc = cor_docs_create(program->setup->service, &access, &program->docs[unit]);

	if (rc == 0)
		program->docs_resources[unit] = cor_docs_resources(program->docs[unit]);
	return rc;
}

static enum cor_exit make_docs(struct cor_program *program)
{
	const struct cor_setup *setup = program->setup;
	size_t units = setup->composition.len;
	int rc = 0;

	if (!cor_setup_wants_docs(setup))
		return COR_EXIT_OK;
	program->docs = calloc(units, sizeof(struct cor_docs *));
	program->docs_resources = calloc(units, sizeof(const struct cor_resource *const *));
	if (!program->docs || !program->docs_resources)
		rc = -ENOMEM;
	for (size_t i = 0; i < units && rc == 0; i++)
		rc = make_docs_of(program, i);
	if (rc == -COR_EINVALID) {
		cor_setup_say(setup, "a text in the service's tables is not UTF-8");
		return COR_EXIT_CONFIG;
	}
	return rc < 0 ? cor_setup_refused(setup, "writing the documentation", rc) : COR_EXIT_OK;
}

/* A service without figures is better than none. NULL: nobody reads them, or there is no room. */
static struct cor_block *find_block(const struct cor_program *program, size_t thread)
{
	struct cor_block *block = NULL;
	int rc = program->board ? cor_board_block(program->board, program->setup->child.slot,
					  (uint32_t)thread, &block)
				: 0;

	if (rc < 0)
		cor_logger_log(program->loggers[thread], COR_LOG_WARNING, NULL,
			"thread %zu counts nothing for /metrics, which has no room for more "
			"threads: lower --processes or --threads (%s)",
			thread, cor_strerror(rc));
	return block;
}

static enum cor_exit make_handler(struct cor_program *program, size_t thread)
{
	const struct cor_setup *setup = program->setup;
	struct cor_block *block = find_block(program, thread);

	if (block)
		program->stacks[thread] = &program->reports[block - program->board->blocks];
	const struct cor_dispatcher_options options = {
		.service = setup->service,
		.extra = program->docs_resources,
		.member_settings = setup->own,
		.opens_files = true,
		.logger = program->loggers[thread],
		.answer_checks = cor_app_answer_checks(&setup->app),
		.uploads = &setup->app.uploads,
		.board = block ? program->board : NULL,
		.block = block,
		.limits = program->limits,
		.cookie_keys = program->cookie_keys,
		.upstreams = program->upstreams.upstreams ? &program->upstreams : NULL,
		.caches = program->caches,
		.ledger = program->ledger,
		.timed = program->timed,
		.times_nothing = !setup->app.timed,
		.tells = { setup->app.server_timing, setup->app.response_time },
		.development = cor_setup_development(),
		.slot = setup->child.slot,
		.thread = (uint32_t)thread,
	};
	struct cor_dispatcher **dispatcher = &program->dispatchers[thread];
	enum cor_exit status = make_dispatcher(setup, &options, dispatcher);

	if (status == COR_EXIT_OK)
		program->handlers[thread] = cor_dispatcher_handler(*dispatcher);
	return status;
}

/* A call says on whose behalf it is: "shop/1.0.0". */
static void name_agent(struct cor_program *program)
{
	const struct cor_service *service = program->setup->service;
	const char *version = service->version ? service->version : "";

	snprintf(program->agent, sizeof program->agent, "%s%s%s", service->name,
		version[0] ? "/" : "", version);
	for (char *c = program->agent; *c; c++)
		if (*c <= ' ' || *c >= 0x7f)
			*c = '-';
}

static void list_upstreams(struct cor_program *program)
{
	const struct cor_setup *setup = program->setup;

	if (!setup->upstream_settings)
		return;
	name_agent(program);
	program->upstreams = (struct cor_upstreams_options){
		.upstreams = setup->composition.whole->upstreams,
		.settings = setup->upstream_settings,
		.agent = program->agent,
		.plain = &cor_plain_carrier,
		.breakers = program->breakers,
		.adaptive_limits = program->adaptive_limits,
		.instead = setup->inside ? cor_script_carrier(setup->inside->script) : NULL,
	};
}

static enum cor_exit make_handlers(struct cor_program *program)
{
	enum cor_exit status = COR_EXIT_OK;

	list_upstreams(program);
	program->dispatchers = calloc(program->threads, sizeof(struct cor_dispatcher *));
	program->handlers = calloc(program->threads, sizeof(const struct cor_handler *));
	program->thread_ctxs = calloc(program->threads * program->setup->composition.members_len,
		sizeof *program->thread_ctxs);
	program->stacks = calloc(program->threads, sizeof(struct cor_stack_report *));
	program->environments = calloc(
		program->setup->composition.len, sizeof *program->environments);
	if (!program->environments || !program->stacks || !program->dispatchers ||
		!program->handlers || !program->thread_ctxs)
		return cor_setup_refused(program->setup, "making the service ready", -ENOMEM);
	for (size_t i = 0; status == COR_EXIT_OK && i < program->threads; i++)
		status = make_handler(program, i);
	return status;
}

static int attach(struct cor_program *program)
{
	const struct cor_child *child = &program->setup->child;
	int rc;

	if (program->setup->inside)
		rc = cor_shared_create(cor_caches_shared_bytes(program->setup), &program->segment);
	else if (child->role != COR_CHILD_WORKER)
		return 0;
	else
		rc = cor_segment_attach(child->segment, &program->segment);
	if (rc == 0)
		rc = cor_shared_roster(&program->segment, &program->roster);
	if (rc == 0)
		cor_log_level_follow(&program->roster->log_level);
	if (rc == 0)
		rc = cor_shared_board(&program->segment, &program->board);
	if (rc == 0)
		rc = cor_shared_stacks(&program->segment, &program->reports);
	if (rc == 0)
		rc = cor_shared_ledger(&program->segment, &program->ledger);
	if (rc == 0)
		rc = cor_shared_timed(&program->segment, &program->timed);
	if (rc < 0)
		return rc;
	cor_board_begin(program->board, child->slot);
	cor_ledger_begin(program->ledger, child->slot);
	return 0;
}

/* What the worker before had in progress in this slot is over. */
static int find_limits(struct cor_program *program)
{
	if (!cor_composition_has_limits(&program->setup->composition))
		return 0;
	if (!program->segment.base) {
		program->limits = program->own_limits = cor_limit_table_create();
		return program->limits ? 0 : -ENOMEM;
	}
	int rc = cor_shared_limits(&program->segment, &program->limits);
	if (rc == 0)
		cor_limit_table_begin(program->limits, program->setup->child.slot);
	return rc;
}

static int find_breakers(struct cor_program *program)
{
	const struct cor_upstream *const *at = program->setup->composition.whole->upstreams;

	while (at && *at && !(*at)->breaker)
		at++;
	if (!at || !*at)
		return 0;
	if (program->segment.base)
		return cor_shared_breakers(&program->segment, &program->breakers);
	program->breakers = program->own_breakers = cor_breaker_table_create();
	return program->breakers ? 0 : -ENOMEM;
}

static int find_adaptive_limits(struct cor_program *program)
{
	const struct cor_upstream *const *all = program->setup->composition.whole->upstreams;
	const struct cor_upstream_settings *said = program->setup->upstream_settings;
	size_t i = 0;

	while (all && all[i] && !cor_upstream_limit_of(all[i], said ? &said[i] : NULL).adapts)
		i++;
	if (!all || !all[i])
		return 0;
	if (program->segment.base)
		return cor_shared_adaptive_limits(&program->segment, &program->adaptive_limits);
	program->adaptive_limits = program->own_adaptive_limits = cor_adaptive_table_create();
	return program->adaptive_limits ? 0 : -ENOMEM;
}

/* Of the hooks' ctx, which any thread may use. */
static enum cor_exit make_tally(struct cor_program *program)
{
	const struct cor_tally_options options = {
		.metrics = program->setup->composition.whole->metrics,
		.ledger = program->ledger,
		.slot = program->setup->child.slot,
		.thread = COR_LEDGER_OTHERS,
	};
	const struct cor_upstreams_options *upstreams = &program->upstreams;
	int rc = cor_tally_create(&options, &program->tally);

	if (rc == 0 && upstreams->upstreams)
		rc = cor_upstream_counter_create(
			upstreams->upstreams, upstreams->settings, &options, &program->calls);
	if (rc == 0 && program->caches)
		rc = cor_cache_counter_create(
			program->setup->composition.whole->caches, &options, &program->kept);
	if (rc == 0)
		rc = cor_timings_create(&(struct cor_timings_options){ .ledger = program->timed,
						.slot = options.slot,
						.thread = COR_LEDGER_OTHERS,
						.is_off = !program->setup->app.timed },
			&program->timings);
	if (rc == 0 && program->kept) {
		cor_cache_counter_watch(program->kept, program->caches);
		/* Who does not answer in time is told with what it has said last. */
		cor_cache_counter_measure(program->kept, program->caches);
	}
	return rc < 0 ? cor_setup_refused(program->setup, "making the service's metrics ready", rc)
		      : COR_EXIT_OK;
}

enum cor_exit cor_program_try_uploads(const struct cor_setup *setup)
{
	const char *folder = setup->app.uploads.folder;
	char why[512];

	size_t unit = 0;
	while (unit < setup->composition.len &&
		!cor_service_takes_files(setup->composition.units[unit].written))
		unit++;
	if (unit == setup->composition.len)
		return COR_EXIT_OK;
	int fd = cor_file_without_name(folder);
	if (fd >= 0) {
		close(fd);
		return COR_EXIT_OK;
	}
	snprintf(why, sizeof why,
		"files of forms cannot be made there (%s): name a folder where the service may write; with --sandbox-paths it is one of them",
		cor_strerror(fd));
	return cor_setup_refuse(setup, "upload_folder", folder, why);
}

enum cor_exit cor_program_try_files(const struct cor_program *program)
{
	const struct cor_file_server *denied = NULL;
	enum cor_exit status = COR_EXIT_OK;

	while ((denied = cor_dispatcher_denied_files(program->dispatchers[0], denied))) {
		cor_setup_say(program->setup,
			"%s: files in %s may not be read: let the user that serves do it; with --sandbox-paths it is one of them",
			denied->files->path, denied->where);
		status = COR_EXIT_CONFIG;
	}
	return status;
}

enum cor_exit cor_program_open(struct cor_program *program, const struct cor_setup *setup)
{
	program->setup = setup;
	program->threads = setup->server.threads;
	int rc = make_loggers(program);
	if (rc < 0)
		return cor_setup_refused(setup, "making the log", rc);
	rc = attach(program);
	if (rc == 0)
		rc = find_limits(program);
	if (rc == 0)
		rc = find_breakers(program);
	if (rc == 0)
		rc = find_adaptive_limits(program);
	if (rc < 0)
		return cor_setup_refused(setup, "attaching the shared memory", rc);
	enum cor_exit status = make_docs(program);
	if (status == COR_EXIT_OK)
		status = cor_program_make_cookie_keys(program);
	if (status == COR_EXIT_OK)
		status = cor_program_open_caches(program);
	if (status == COR_EXIT_OK)
		status = make_handlers(program);
	if (status == COR_EXIT_OK)
		status = make_tally(program);
	return status;
}

void cor_program_close(struct cor_program *program)
{
	if (program->listening.items)
		cor_listening_close(&program->listening);
	cor_security_close(&program->security, program->setup);
	cor_upstreams_drop(&program->upstreams); /* of hooks, on this thread */
	for (size_t i = 0; program->dispatchers && i < program->threads; i++)
		cor_dispatcher_destroy(program->dispatchers[i]);
	cor_nursery_close(program->workplace.nursery);
	cor_tally_destroy(program->tally);
	cor_upstream_counter_destroy(program->calls);
	cor_program_drop_caches(program);
	cor_cache_counter_destroy(program->kept);
	cor_timings_destroy(program->timings);
	cor_tally_destroy(program->executor_tally);
	cor_tally_destroy(program->topic_tally);
	for (size_t i = 0; program->docs && i < program->setup->composition.len; i++)
		cor_docs_destroy(program->docs[i]);
	free(program->docs);
	free(program->docs_resources);
	for (size_t i = 0; program->loggers && i <= program->threads; i++)
		cor_logger_destroy(program->loggers[i]);
	cor_log_level_follow(NULL);
	cor_segment_detach(&program->segment);
	cor_witness_destroy(program->witness);
	free(program->own_limits);
	free(program->own_breakers);
	free(program->own_adaptive_limits);
	cor_program_drop_cookie_keys(program);
	free(program->checkups);
	free(program->ctxs);
	free(program->environments);
	free(program->thread_ctxs);
	free(program->stacks);
	free(program->handlers);
	free(program->dispatchers);
	free(program->loggers);
}
