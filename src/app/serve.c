/* SPDX-License-Identifier: MIT */
#include "app/serve.h"

#include <errno.h>
#include <unistd.h>

#include <coracle/error.h>

#include "app/addresses.h"
#include "app/background.h"
#include "app/certificates.h"
#include "app/checkup.h"
#include "app/heartbeat.h"
#include "app/held.h"
#include "app/hooks.h"
#include "app/shared.h"
#include "app/watchdog.h"
#include "app/witness.h"
#include "master/bulletin.h"
#include "master/channel.h"
#include "master/load.h"
#include "server/server.h"

/* --- serving --- */

static enum cor_exit wait_for_end(struct cor_program *program, struct cor_server *server,
	struct cor_signals *signals, struct cor_listening_set *listening)
{
	cor_signals_serve(signals, server, listening);
	int rc = cor_server_wait(server);
	cor_signals_serve(signals, NULL, NULL);
	if (rc < 0) {
		cor_logger_log(cor_program_logger(program), COR_LOG_ERROR, NULL,
			"a thread of the server ended: %s", cor_strerror(rc));
		return COR_EXIT_SYSTEM;
	}
	bool cut = cor_server_was_cut(server);
	bool is_child = program->setup->child.role != COR_CHILD_NONE; /* the master says more */
	cor_logger_log(cor_program_logger(program), is_child ? COR_LOG_DEBUG : COR_LOG_INFO, NULL,
		"stopped%s", cut ? "; requests in progress were cut" : "");
	return cut ? COR_EXIT_CUT : COR_EXIT_OK;
}

/* --- of a worker --- */

/* Words that nobody hears any more are not missed. */
static void tell_master(const struct cor_program *program, const char *word)
{
	int channel = program->setup->child.channel;

	if (channel >= 0)
		cor_ignore(cor_channel_say(channel, word));
}

static void emptied(void *arg)
{
	tell_master(arg, COR_WORD_EMPTIED);
}

/* What a worker shares with the others. */
struct part {
	struct cor_siblings siblings;
	struct cor_share share;
	struct cor_load *load; /* NULL: nobody asks how busy it is */
};

static int find_load(struct cor_program *program, struct part *part)
{
	struct cor_load *loads;
	int rc = cor_loads_find(&program->segment, &loads);

	if (rc == 0)
		part->load = &loads[program->setup->child.slot];
	return rc;
}

static int take_part(struct cor_program *program, struct part *part)
{
	const struct cor_setup *setup = program->setup;
	struct cor_counts *counts = NULL;

	*part = (struct part){ .siblings = { .self = setup->child.slot,
				       .generation = setup->child.generation,
				       .inbox = -1 } };
	int rc = cor_shared_counts(&program->segment, setup->child.slot, &counts);
	if (rc == 0)
		rc = cor_shared_siblings(&program->segment, &part->siblings.table);
	if (rc == 0 && setup->processes_max != 0)
		rc = find_load(program, part);
	if (rc == 0)
		rc = cor_siblings_open(&part->siblings);
	if (rc < 0)
		return rc;
	part->share = cor_server_whole_share(&setup->server, counts);
	part->share.siblings = &part->siblings;
	part->share.stacks = program->stacks;
	return 0;
}

/* --- serving --- */

/* A worker counts when it serves, and knows what its readiness checks say. */
static void is_known(struct cor_program *program)
{
	if (program->setup->child.role == COR_CHILD_WORKER)
		tell_master(program, COR_WORD_READY);
}

static void announce(struct cor_program *program, const struct cor_listening_set *listening)
{
	const struct cor_notify *notify = &program->setup->notify;

	if (listening->is_adopted)
		return; /* the master does */
	cor_addresses_announce(program->setup, cor_program_logger(program), listening);
	cor_ignore(cor_notify_status(notify, "one process, without a master"));
	int rc = cor_notify_main_pid(notify, getpid());
	if (rc >= 0)
		rc = cor_notify_ready(notify);
	cor_bulletin_check(cor_program_logger(program), "that the service is ready", rc);
}

/* Threads that look at those that serve. */
struct watchers {
	struct cor_watchdog watchdog;
	struct cor_held held;
};

/* Nobody replaces a program without a master. */
static int start_watchdog(struct cor_program *program, struct cor_server *server,
	const struct part *part, struct cor_watchdog *watchdog)
{
	const struct cor_watchdog_options options = {
		.settings = &program->setup->master,
		.server = server,
		.threads = program->setup->server.threads,
		.load = part ? part->load : NULL,
		.siblings = part ? part->share.siblings : NULL,
		.logger = cor_program_logger(program),
		.channel = program->setup->child.channel,
	};

	return part ? cor_watchdog_start(watchdog, &options) : 0;
}

/* What runs next to the server. A server that was started must be ended, too. */
static int start_rest(struct cor_program *program, struct cor_server *server,
	const struct part *part, struct watchers *watchers)
{
	int rc = start_watchdog(program, server, part, &watchers->watchdog);

	if (rc == 0)
		rc = cor_held_start(&watchers->held, server, &program->setup->server,
			cor_program_logger(program));
	if (rc == 0)
		rc = cor_background_start(program, server);
	if (rc == 0)
		rc = cor_heartbeat_start(program, server);
	if (rc == 0)
		rc = cor_certificates_watch(program, server);
	if (rc == 0)
		rc = cor_witness_start(program, server);
	if (rc == 0)
		rc = cor_checkup_start(program, server, is_known);
	if (rc < 0) {
		cor_server_stop(server);
		cor_ignore(cor_server_wait(server));
	}
	return rc;
}

static enum cor_exit serve_at(struct cor_program *program, struct cor_signals *signals,
	struct cor_listening_set *listening, const struct part *part)
{
	const struct cor_server_options options = {
		.settings = &program->setup->server,
		.handlers = program->handlers,
		.listening = listening,
		.filters = program->security.source,
		.spoken = program->setup->spoken,
		.share = part ? &part->share : NULL,
		.on_emptied = emptied,
		.on_thread_start = cor_program_start_thread,
		.on_thread_stop = cor_program_stop_thread,
		.arg = program,
	};
	struct cor_server *server = NULL;
	struct watchers watchers = { 0 };
	enum cor_exit status;
	int rc = cor_server_create(&options, &server);

	if (rc == 0)
		rc = cor_server_start(server);
	if (rc == 0)
		rc = start_rest(program, server, part, &watchers);
	if (rc == 0) {
		announce(program, listening);
		status = wait_for_end(program, server, signals, listening);
	} else if (program->has_thread_failed) {
		status = COR_EXIT_SOFTWARE;
	} else {
		status = cor_addresses_explain(cor_program_logger(program), NULL, rc);
	}
	cor_witness_stop(program);
	cor_watchdog_stop(&watchers.watchdog);
	cor_held_stop(&watchers.held);
	cor_server_destroy(server);
	return status;
}

static int open_listening(
	const struct cor_setup *setup, struct cor_listening_set *listening, const char **ret_failed)
{
	const struct cor_child *child = &setup->child;
	struct cor_listening_options options = {
		.addresses = setup->addresses.items,
		.len = setup->addresses.len,
		.each = setup->listen,
		.activation = &setup->activation,
	};

	options.each.backlog = (int)setup->server.backlog;
	if (child->role == COR_CHILD_NONE)
		return cor_listening_open(listening, &options, ret_failed);
	if (child->listening_len != options.len)
		return -EPROTO;
	return cor_listening_adopt(listening, &options, child->listening);
}

enum cor_exit cor_program_listen(struct cor_program *program)
{
	const char *failed = NULL;

	if (program->listening.items)
		return COR_EXIT_OK;
	int rc = open_listening(program->setup, &program->listening, &failed);
	return rc < 0 ? cor_addresses_explain(cor_program_logger(program), failed, rc)
		      : COR_EXIT_OK;
}

static enum cor_exit listen_and_serve(
	struct cor_program *program, struct cor_signals *signals, const struct part *part)
{
	enum cor_exit status = cor_program_listen(program);

	if (status != COR_EXIT_OK)
		return status;
	status = serve_at(program, signals, &program->listening, part);
	cor_listening_close(&program->listening);
	return status;
}

enum cor_exit cor_program_serve(struct cor_program *program, struct cor_signals *signals)
{
	struct part part;

	if (program->setup->child.role != COR_CHILD_WORKER)
		return listen_and_serve(program, signals, NULL);
	int rc = take_part(program, &part);
	enum cor_exit status = rc == 0 ? listen_and_serve(program, signals, &part)
				       : cor_addresses_explain(
						 cor_program_logger(program), NULL, rc);
	cor_siblings_close(&part.siblings);
	return status;
}
