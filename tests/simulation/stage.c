/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "observe/logger.h"
#include "service.h"
#include "service/dispatcher.h"
#include "tripwire.h"

#define STACKS 512

static void must(bool claim)
{
	if (!claim)
		abort();
}

static const struct cor_server_settings settings = {
	.backlog = 512,
	.connections_max = 1000,
	.unsent_limit_bytes = 1 << 20,
	.queue_target_ms = QUEUE_MS,
	.connection = {
		.requests_per_connection = 10000,
		.connection_age_s = 3600,
		.idle_timeout_ms = IDLE_MS,
		.handshake_timeout_ms = HEADER_MS,
		.write_timeout_ms = WRITE_MS,
		.drain_timeout_ms = DRAIN_MS,
	},
	.requests = {
		.header_timeout_ms = HEADER_MS,
		.body_timeout_ms = BODY_MS,
		.request_timeout_ms = REQUEST_MS,
		.request_line_bytes = 8192,
		.header_line_bytes = 8192,
		.header_block_bytes = 32768,
		.header_count = 100,
		.body_limit_bytes = 1 << 20,
		.request_memory_bytes = 1 << 20,
	},
};

/* The log is the only descriptor, and the test's own: a file in memory. */
static void open_log(struct stage *stage)
{
	stage->log = memfd_create("log", MFD_CLOEXEC);
	must(stage->log >= 0);
	const struct cor_logger_options options = {
		.fd = stage->log,
		.format = COR_LOG_JSON,
		.level = COR_LOG_INFO,
		.access = COR_LOG_ACCESS_ON,
		.clock = stage->seams.clock,
	};
	for (uint32_t i = 0; i < stage->settings.threads; i++)
		must(cor_logger_create(&options, &stage->loggers[i]) == 0);
}

static void open_service(struct stage *stage, uint32_t loop)
{
	const struct cor_dispatcher_options options = {
		.service = hello_service(),
		.extra = (const struct cor_resource *const *const[]){ slow_resources },
		.logger = stage->loggers[loop],
	};
	struct cor_arena scratch;
	struct cor_dispatcher **dispatcher = &stage->dispatchers[loop];

	cor_arena_init(&scratch, NULL, 0, 0);
	must(cor_dispatcher_create(&options, &scratch, NULL, dispatcher) == 0);
	cor_arena_finish(&scratch);
	stage->handlers[loop] = cor_dispatcher_handler(*dispatcher);
}

static uint64_t bytes_used;

static uint64_t memory_used(const struct cor_memory *memory)
{
	(void)memory;
	return bytes_used;
}

void stage_use_memory(struct stage *stage, uint64_t bytes)
{
	(void)stage;
	bytes_used = bytes;
}

static void open_server(struct stage *stage, const struct cor_filter_source *filters)
{
	static const char *const addresses[] = { STAGE_ADDRESS };
	const struct cor_listening_options where = {
		.addresses = addresses,
		.len = 1,
		.each.backlog = (int)settings.backlog,
		.transport = stage->seams.transport,
	};
	stage->share = (struct cor_share){
		.connections_max = settings.connections_max,
		.fibers_max = STACKS,
		.unsent_max_bytes = settings.unsent_limit_bytes,
		.counts = stage->counts,
	};
	const struct cor_server_options options = {
		.settings = &stage->settings,
		.handlers = stage->handlers,
		.listening = &stage->listening,
		.share = &stage->share,
		.seams = &stage->seams,
		.filters = filters,
		.memory = &stage->memory,
	};

	must(cor_listening_open(&stage->listening, &where, NULL) == 0);
	must(cor_server_create(&options, &stage->server) == 0);
	must(cor_server_open(stage->server) == 0);
	for (uint32_t i = 0; i < stage->settings.threads; i++)
		stage->cast.schedulers[i] = cor_server_loop(stage->server, i)->scheduler;
	stage->cast.len = stage->settings.threads;
}

void stage_open_with(struct stage *stage, uint32_t loops, const struct cor_filter_source *filters)
{
	*stage = (struct stage){ .world = cor_world_create(), .settings = settings };
	stage->settings.threads = loops;
	toil_world = stage->world;
	stage->memory = (struct cor_memory){ .used = memory_used, .limit_bytes = 1000 };
	bytes_used = 0;
	stage->seams = cor_world_seams(stage->world);
	open_log(stage);
	stage->descriptors = tripwire_descriptors();
	tripwire_arm();
	for (uint32_t i = 0; i < loops; i++)
		open_service(stage, i);
	open_server(stage, filters);
	tripwire_disarm();
}

void stage_open(struct stage *stage, uint32_t loops)
{
	stage_open_with(stage, loops, NULL);
}

void stage_run_until(struct stage *stage, int64_t at_ns)
{
	int rc = 0;

	tripwire_arm();
	if (!stage->ended)
		rc = cor_world_run_until(stage->world, &stage->cast, at_ns);
	tripwire_disarm();
	must(rc >= 0);
	stage->ended = rc == 0;
	if (stage->ended && at_ns > cor_world_now_ns(stage->world))
		cor_world_pass_ns(stage->world, at_ns - cor_world_now_ns(stage->world));
}

char *stage_log(struct stage *stage)
{
	off_t len = lseek(stage->log, 0, SEEK_END);
	char *text = malloc((size_t)len + 1);

	must(text && pread(stage->log, text, (size_t)len, 0) == len);
	text[len] = '\0';
	return text;
}

static void close_service(struct stage *stage)
{
	tripwire_arm();
	must(cor_server_wait(stage->server) == 0);
	cor_server_destroy(stage->server);
	cor_listening_close(&stage->listening);
	for (uint32_t i = 0; i < stage->settings.threads; i++) {
		cor_dispatcher_destroy(stage->dispatchers[i]);
		cor_logger_destroy(stage->loggers[i]);
	}
	tripwire_disarm();
}

void stage_close(struct stage *stage)
{
	if (!stage->ended)
		cor_server_drain(stage->server, COR_DRAIN_CLOSE);
	stage_run_until(stage, cor_world_now_ns(stage->world) + 2 * DRAIN_MS * INT64_C(1000000));
	must(stage->ended);
	must(tripwire_descriptors() == stage->descriptors);
	close_service(stage);
	close(stage->log);
	cor_world_destroy(stage->world);
}
