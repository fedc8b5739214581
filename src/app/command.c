/* SPDX-License-Identifier: MIT */
#include "app/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>

#include "app/cache_settings.h"
#include "app/front.h"
#include "app/program.h"
#include "app/routes.h"
#include "app/setup.h"
#include "base/buffer.h"
#include "openapi/docs.h"

static int print_out(const struct cor_setup *setup, struct cor_buffer *buffer)
{
	enum cor_exit status = COR_EXIT_OK;
	int rc = cor_buffer_error(buffer);

	if (rc == 0 && buffer->len &&
		(fwrite(buffer->data, 1, buffer->len, stdout) != buffer->len ||
			fflush(stdout) != 0))
		rc = -errno;
	if (rc < 0)
		status = cor_setup_refused(setup, "cannot write to standard output", rc);
	cor_buffer_finish(buffer);
	return (int)status;
}

static int print_help(const void *caller)
{
	const struct cor_setup *setup = caller;
	struct cor_buffer buffer = { 0 };

	cor_config_help(setup->config, &buffer);
	return print_out(setup, &buffer);
}

static int print_config(const void *caller)
{
	const struct cor_setup *setup = caller;
	struct cor_buffer buffer = { 0 };

	cor_config_print(setup->config, &buffer);
	return print_out(setup, &buffer);
}

static int print_version(const void *caller)
{
	const struct cor_setup *setup = caller;
	const struct cor_service *service = setup->service;
	struct cor_buffer buffer = { 0 };

	cor_buffer_printf(&buffer, "%s %s (coracle %s)\n", service->name,
		service->version ? service->version : "without a version", cor_version());
	return print_out(setup, &buffer);
}

static int check(const void *caller)
{
	const struct cor_setup *setup = caller;
	struct cor_program program = { .changes_nothing = true };
	char warning[512];
	enum cor_exit status = cor_program_check_tables(setup);

	if (status == COR_EXIT_OK)
		status = cor_program_open(&program, setup);
	if (status == COR_EXIT_OK)
		status = cor_program_try_uploads(setup);
	cor_program_close(&program);
	if (status == COR_EXIT_OK && cor_cache_settings_warn(setup, warning, sizeof warning))
		cor_setup_say(setup, "warning: %s", warning);
	if (status == COR_EXIT_OK)
		cor_setup_say(setup, "the configuration and the service's tables are good");
	return (int)status;
}

/* The unit whose documents are meant; false: there is none. */
static bool find_unit(const struct cor_setup *setup, size_t *ret)
{
	const struct cor_composition *composition = &setup->composition;
	const char *where = cor_config_mounted_at(setup->config);
	size_t len = where ? strlen(where) : 0;

	for (size_t i = 0; where && i < composition->len; i++) {
		const struct cor_unit *unit = &composition->units[i];
		size_t host_len = unit->host ? strlen(unit->host) : 0;
		if (len < host_len || strncmp(where, unit->host ? unit->host : "", host_len) != 0 ||
			strcmp(where + host_len, unit->prefix) != 0)
			continue;
		*ret = i;
		return true;
	}
	return !where;
}

/* What is printed are the tables, so that no setting is read, and none need be given. */
static int print_document(const struct cor_setup *setup, enum cor_docs_document which)
{
	struct cor_document_access access = { 0 };
	struct cor_docs *docs = NULL;
	struct cor_buffer buffer = { 0 };
	enum cor_exit status = cor_program_check_tables(setup);

	if (status != COR_EXIT_OK)
		return (int)status;
	if (!find_unit(setup, &access.unit)) {
		cor_setup_say(setup, "--mounted-at %s: nothing is mounted there",
			cor_config_mounted_at(setup->config));
		return COR_EXIT_USAGE;
	}
	int rc = cor_docs_create(setup->service, &access, &docs);
	if (rc < 0)
		return (int)cor_setup_refused(setup, "writing the documentation", rc);
	cor_buffer_append_str(&buffer, cor_docs_document(docs, which));
	cor_buffer_byte(&buffer, '\n');
	cor_docs_destroy(docs);
	return print_out(setup, &buffer);
}

static int print_openapi(const void *caller)
{
	return print_document(caller, COR_DOCS_OPENAPI_3_1);
}

static int print_openapi_3_0(const void *caller)
{
	return print_document(caller, COR_DOCS_OPENAPI_3_0);
}

static int print_swagger(const void *caller)
{
	return print_document(caller, COR_DOCS_SWAGGER_2_0);
}

static int print_postman(const void *caller)
{
	return print_document(caller, COR_DOCS_POSTMAN_2_1);
}

/* As the documents: of the tables alone. */
static int print_routes(const void *caller)
{
	const struct cor_setup *setup = caller;
	struct cor_buffer buffer = { 0 };
	enum cor_exit status = cor_program_check_tables(setup);

	if (status != COR_EXIT_OK)
		return (int)status;
	cor_routes_write(setup, &buffer);
	return print_out(setup, &buffer);
}

static int print_nginx(const void *caller)
{
	const struct cor_setup *setup = caller;
	struct cor_buffer buffer = { 0 };
	enum cor_exit status = cor_front_write(setup, &buffer);

	if (status == COR_EXIT_OK)
		return print_out(setup, &buffer);
	cor_buffer_finish(&buffer);
	return (int)status;
}

/* In the order of --help. If several are given, the last one here runs. */
static const struct cor_config_command commands[] = {
	{ .key = "print_config",
		.doc = "Print the effective settings and where each comes from, and exit",
		.runs_without = true,
		.run = print_config },
	{ .key = "check",
		.doc = "Validate the configuration and the service's tables, and exit",
		.run = check },
	{ .key = "print_nginx",
		.doc = "Print a configuration of nginx for this service as it is, and exit",
		.runs_without = true,
		.run = print_nginx },
	{ .key = "print_openapi",
		.doc = "Print the OpenAPI 3.1 document of the service's tables, and exit",
		.stands_alone = true,
		.run = print_openapi },
	{ .key = "print_openapi_3_0",
		.doc = "Print it as OpenAPI 3.0, and exit",
		.stands_alone = true,
		.run = print_openapi_3_0 },
	{ .key = "print_swagger",
		.doc = "Print it as Swagger 2.0, and exit",
		.stands_alone = true,
		.run = print_swagger },
	{ .key = "print_postman",
		.doc = "Print it as a Postman collection, and exit",
		.stands_alone = true,
		.run = print_postman },
	{ .key = "print_routes",
		.doc = "Print what is served, each operation with its limits, as JSON, and exit",
		.stands_alone = true,
		.run = print_routes },
	{ .key = "version",
		.doc = "Print the version, and exit",
		.stands_alone = true,
		.run = print_version },
	{ .key = "help",
		.doc = "Print this text, and exit",
		.stands_alone = true,
		.run = print_help },
};

void cor_commands_offer(struct cor_config_options *options)
{
	options->commands = commands;
	options->commands_len = sizeof commands / sizeof commands[0];
}

bool cor_command_is_check(const struct cor_setup *setup)
{
	const struct cor_config_command *command = setup->config ? cor_config_command(setup->config)
								 : NULL;

	return command && command->run == check;
}
