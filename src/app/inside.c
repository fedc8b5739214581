/* SPDX-License-Identifier: MIT */
#include "app/inside.h"

#include "runtime/mutex.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <coracle/error.h>

#include "app/attend.h"
#include "app/background.h"
#include "app/caches.h"
#include "app/hooks.h"
#include "app/program.h"
#include "app/shared.h"
#include "app/inside_document.h"
#include "control/control.h"
#include "control/figures.h"
#include "runtime/run_delay.h"
#include "schema/pattern.h"
#include "server/server.h"

struct cor_inside {
	struct cor_inside_options options;
	struct cor_thread_seams seams;
	struct cor_setup setup;
	struct cor_program program;
	struct cor_share share;
	struct cor_server *server;
	struct cor_scheduler *scheduler;
	struct cor_run_delay run_delay;
	int64_t delayed_ns;
	bool has_thread_started;
};

/* --- start --- */

static bool is_far(const struct cor_cache *cache)
{
	return cache->store == &cor_file_store || cache->store == &cor_memcached_store;
}

/* Nothing of one test is there in the next, and no server is asked. */
static void replace_stores(struct cor_setup *setup)
{
	const struct cor_cache *const *all = setup->composition.whole->caches;

	for (size_t i = 0; setup->caches && all[i]; i++) {
		struct cor_cache *cache = &setup->caches[i];
		if (!is_far(cache))
			continue;
		cache->store = &cor_memory_store;
		cache->at = NULL;
		cache->memcached = NULL;
		cache->near_ttl_ms = 0;
		cache->near_bytes = 0;
	}
}

static enum cor_exit make_program(struct cor_inside *inside)
{
	struct cor_program *program = &inside->program;
	const struct cor_setup *setup = &inside->setup;
	enum cor_exit status = cor_program_check_tables(setup);

	if (status == COR_EXIT_OK)
		status = cor_program_open(program, setup);
	if (status == COR_EXIT_OK)
		status = cor_program_prepare_processes(program);
	if (status == COR_EXIT_OK)
		status = cor_program_try_uploads(setup);
	if (status == COR_EXIT_OK)
		status = cor_program_try_files(program);
	if (status == COR_EXIT_OK)
		status = cor_program_try_caches(program);
	if (status == COR_EXIT_OK)
		status = cor_program_prepare(program);
	return status == COR_EXIT_OK ? cor_program_start(program) : status;
}

static int make_server(struct cor_inside *inside)
{
	struct cor_program *program = &inside->program;
	const struct cor_listening_options where = {
		.addresses = &inside->options.address,
		.len = 1,
		.each.backlog = (int)inside->setup.server.backlog,
		.transport = inside->options.seams->transport,
	};
	struct cor_counts *counts = NULL;
	int rc = cor_shared_counts(&program->segment, 0, &counts);

	if (rc == 0)
		rc = cor_listening_open(&program->listening, &where, NULL);
	if (rc < 0)
		return rc;
	inside->share = cor_server_whole_share(&inside->setup.server, counts);
	inside->share.stacks = program->stacks;
	const struct cor_server_options options = {
		.settings = &inside->setup.server,
		.handlers = program->handlers,
		.listening = &program->listening,
		.share = &inside->share,
		.seams = inside->options.seams,
	};
	rc = cor_server_create(&options, &inside->server);
	return rc == 0 ? cor_server_open(inside->server) : rc;
}

static int serve(struct cor_inside *inside)
{
	int rc = make_server(inside);

	if (rc < 0)
		return rc;
	inside->scheduler = cor_server_loop(inside->server, 0)->scheduler;
	rc = cor_program_start_thread(&inside->program, 0);
	if (rc < 0)
		return rc;
	inside->has_thread_started = true;
	return cor_background_start(&inside->program, inside->server);
}

static int start(struct cor_inside *inside)
{
	const struct cor_inside_options *options = &inside->options;
	struct cor_setup *setup = &inside->setup;

	setup->inside = options;
	enum cor_exit status = cor_setup_read(
		setup, options->service, options->argc, options->argv);
	if (status == COR_EXIT_OK && cor_config_command(setup->config)) {
		cor_setup_say(setup, "a command such as --help is none of a test's settings");
		status = COR_EXIT_USAGE;
	}
	if (status == COR_EXIT_OK && !options->keeps_stores)
		replace_stores(setup);
	if (status == COR_EXIT_OK)
		status = make_program(inside);
	return status == COR_EXIT_OK ? serve(inside) : -COR_EPROBLEM;
}

/* --- the end --- */

static void close_server(struct cor_inside *inside)
{
	if (inside->server)
		cor_ignore(cor_server_wait(inside->server));
	if (inside->has_thread_started)
		cor_program_stop_thread(&inside->program, 0);
	cor_server_destroy(inside->server);
}

/* Jobs take real time, whatever the clock of the test says. */
static void end_jobs(struct cor_inside *inside)
{
	cor_seams_leave(&inside->seams);
	cor_program_end_jobs(&inside->program);
	cor_seams_enter(&inside->seams, inside->options.seams);
}

static int close_inside(struct cor_inside *inside)
{
	close_server(inside);
	end_jobs(inside);
	if (inside->program.has_jobs_left) {
		cor_seams_leave(&inside->seams);
		return -EBUSY;
	}
	cor_program_stop(&inside->program);
	cor_program_close(&inside->program);
	cor_setup_finish(&inside->setup);
	cor_seams_leave(&inside->seams);
	cor_run_delay_finish(&inside->run_delay);
	free(inside);
	return 0;
}

static int open_inside(const struct cor_inside_options *options, struct cor_inside **ret)
{
	struct cor_inside *inside = calloc(1, sizeof *inside);

	if (!inside)
		return -ENOMEM;
	inside->options = *options;
	inside->setup = (struct cor_setup){ .child = {
						    .channel = -1, .config = -1, .segment = -1 } };
	cor_run_delay_init(&inside->run_delay);
	cor_seams_enter(&inside->seams, options->seams);
	int rc = start(inside);
	if (rc == 0)
		*ret = inside;
	else
		cor_ignore(close_inside(inside));
	return rc;
}

/* --- while it serves --- */

static struct cor_ctx *ctx_of(struct cor_inside *inside)
{
	size_t outermost = inside->setup.composition.members_len - 1;

	return &inside->program.ctxs[outermost];
}

static int turn(struct cor_inside *inside)
{
	return cor_scheduler_turn(inside->scheduler, COR_TURN_WAIT);
}

static bool has_posts(const struct cor_inside *inside)
{
	return atomic_load(&inside->scheduler->inbox) != NULL;
}

static bool is_busy(const struct cor_inside *inside)
{
	return inside->program.pools && cor_pools_work(inside->program.pools);
}

static void tell_fibers(const struct cor_inside *inside,
	void (*tell)(void *arg, const char *name, const char *waits_in), void *arg)
{
	for (const struct cor_fiber *fiber = inside->scheduler->all; fiber; fiber = fiber->all_next)
		if (fiber->state != COR_FIBER_IDLE && fiber->state != COR_FIBER_ENDED)
			tell(arg, fiber->name ? fiber->name : "(no name)", fiber->waits_in);
}

static int print_figures(struct cor_control *control, char **ret)
{
	const struct cor_ctx_options options = { .service = &control->service, .state = control };
	struct cor_buffer buffer = { 0 };
	struct cor_ctx *ctx;
	int rc = cor_ctx_create(&options, &ctx);

	if (rc < 0)
		return rc;
	rc = cor_control_print(ctx, &buffer);
	cor_ctx_destroy(ctx);
	cor_buffer_byte(&buffer, '\0');
	if (rc == 0)
		rc = cor_buffer_error(&buffer);
	if (rc < 0)
		cor_buffer_finish(&buffer);
	else
		*ret = buffer.data;
	return rc;
}

static int figures(struct cor_inside *inside, char **ret)
{
	const struct cor_setup *setup = &inside->setup;
	struct cor_control control = {
		.of = setup->service,
		.composition = &setup->composition,
		.upstream_settings = setup->upstream_settings,
		.caches = setup->caches,
		.channel = -1,
	};
	int rc = cor_attend_look(&inside->program.segment, &control);

	if (rc < 0)
		return rc;
	cor_control_init(&control);
	return print_figures(&control, ret);
}

static void drain(struct cor_inside *inside)
{
	cor_server_drain(inside->server, COR_DRAIN_CLOSE);
}

static int64_t run_delay_ns(struct cor_inside *inside)
{
	int64_t more_ns = cor_run_delay_since(&inside->run_delay, gettid());

	inside->delayed_ns += more_ns > 0 ? more_ns : 0;
	return inside->delayed_ns;
}

static void begin_request(struct cor_ctx *ctx)
{
	ctx->request_id[0] = '\0';
}

const struct cor_inside_calls cor_inside_calls = {
	.interface = COR_INSIDE_INTERFACE,
	.open = open_inside,
	.ctx = ctx_of,
	.begin_request = begin_request,
	.turn = turn,
	.has_posts = has_posts,
	.is_busy = is_busy,
	.fibers = tell_fibers,
	.figures = figures,
	.drain = drain,
	.close = close_inside,
	.trace_mutexes = cor_mutex_set_trace,
	.document = cor_inside_document,
	.patterns_create = cor_pattern_room_create,
	.patterns_destroy = cor_pattern_room_destroy,
	.pattern_compile = cor_pattern_compile,
	.pattern_match = cor_pattern_match,
	.system_clock = &cor_system_clock,
	.run_delay_ns = run_delay_ns,
};
