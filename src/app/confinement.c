/* SPDX-License-Identifier: MIT */
#include "app/confinement.h"

#include <errno.h>
#include <stdio.h>

#include "sandbox/calls.h"
#include "sandbox/files.h"
#include "observe/logger.h"

/* --- judging --- */

/* The command line is right, and the machine has no such user: so the configuration is wrong. */
static enum cor_exit refuse_user(const struct cor_setup *setup, const char *why)
{
	const char *from;

	(void)cor_config_origin(setup->config, setup->master.user ? "user" : "group", &from);
	cor_setup_say(setup, "%s: %s", from, why);
	return COR_EXIT_CONFIG;
}

enum cor_exit cor_confinement_check(struct cor_setup *setup)
{
	const struct cor_master_settings *master = &setup->master;
	struct cor_start_failure failure;

	if (master->sandbox_paths.len != 0 && !master->sandbox)
		return cor_setup_refuse(setup, "sandbox_paths", master->sandbox_paths.items[0],
			"does nothing without a sandbox: add --sandbox on");
	if (cor_privileges_find(master->user, master->group, &setup->privileges, &failure) < 0)
		return refuse_user(setup, failure.text);
	return COR_EXIT_OK;
}

static bool wants_drop(const struct cor_setup *setup)
{
	return setup->privileges.has_user || setup->privileges.has_group;
}

bool cor_confinement_is_wanted(const struct cor_setup *setup)
{
	return wants_drop(setup) || setup->master.sandbox;
}

/* --- entering --- */

static enum cor_exit fail(struct cor_logger *logger, const struct cor_start_failure *failure)
{
	cor_logger_log(logger, COR_LOG_ERROR, NULL, "%s", failure->text);
	return COR_EXIT_SYSTEM;
}

/* What happened to the files, in words; -EOPNOTSUPP: the words say why nothing did. */
static int confine_files(const struct cor_setup *setup, struct cor_start_failure *ret)
{
	const struct cor_master_settings *master = &setup->master;
	bool sees_processes = setup->child.role == COR_CHILD_CONTROL; /* it tells their memory */

	if (master->sandbox_paths.len == 0) {
		snprintf(ret->text, sizeof ret->text,
			"files are not confined: name those that are needed with --sandbox-paths");
		return 0;
	}
	int rc = cor_sandbox_files(
		master->sandbox_paths.items, master->sandbox_paths.len, sees_processes, ret);
	if (rc < 0)
		return rc;
	snprintf(ret->text, sizeof ret->text, "files are confined by Landlock version %d", rc);
	return 0;
}

/* All workers are alike: one says it. */
static enum cor_log_level level_of(const struct cor_setup *setup, bool is_whole)
{
	if (setup->child.role == COR_CHILD_CONTROL ||
		(setup->child.role == COR_CHILD_WORKER && setup->child.slot != 0))
		return COR_LOG_DEBUG;
	return is_whole ? COR_LOG_INFO : COR_LOG_WARNING;
}

static enum cor_exit enter_sandbox(
	const struct cor_setup *setup, struct cor_logger *logger, bool is_told)
{
	struct cor_start_failure of_files, of_calls;
	int files = confine_files(setup, &of_files);

	if (files < 0 && files != -EOPNOTSUPP)
		return fail(logger, &of_files);
	int calls = cor_sandbox_calls(&of_calls);
	if (calls < 0 && calls != -EOPNOTSUPP)
		return fail(logger, &of_calls);
	if (is_told)
		cor_logger_log(logger, level_of(setup, files == 0 && calls == 0), NULL,
			"sandbox: %s; %s",
			calls == 0 ? "no program can be executed" : of_calls.text, of_files.text);
	return COR_EXIT_OK;
}

enum cor_exit cor_confinement_drop(const struct cor_setup *setup, struct cor_logger *logger)
{
	struct cor_start_failure failure;

	if (wants_drop(setup) && cor_privileges_drop(&setup->privileges, &failure) < 0)
		return fail(logger, &failure);
	return COR_EXIT_OK;
}

enum cor_exit cor_confinement_enter(const struct cor_setup *setup, struct cor_logger *logger)
{
	return setup->master.sandbox ? enter_sandbox(setup, logger, true) : COR_EXIT_OK;
}

enum cor_exit cor_confinement_follow(const struct cor_setup *setup, struct cor_logger *logger)
{
	return setup->master.sandbox ? enter_sandbox(setup, logger, false) : COR_EXIT_OK;
}
