/* SPDX-License-Identifier: MIT */
#include "app/setup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <coracle/error.h>

#include "app/command.h"
#include "runtime/address.h"

void cor_setup_say(const struct cor_setup *setup, const char *format, ...)
{
	const char *name = setup->service->name ? setup->service->name : "coracle";
	va_list args;

	va_start(args, format);
	fprintf(stderr, "%s: ", name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

enum cor_exit cor_setup_refused(const struct cor_setup *setup, const char *what, int code)
{
	cor_setup_say(setup, "%s: %s", what, cor_strerror(code));
	return COR_EXIT_SYSTEM;
}

static void say_messages(const struct cor_setup *setup)
{
	const struct cor_config_message *at = setup->messages.first;

	for (; at; at = at->next)
		cor_setup_say(setup, "%s%s", at->is_warning ? "warning: " : "", at->text);
	if (setup->messages.flags_errors != 0)
		cor_setup_say(setup, "`%s --help` lists the options", setup->service->name);
}

/* The exit status that the messages amount to. */
static enum cor_exit judge(const struct cor_setup *setup, int rc)
{
	say_messages(setup);
	if (rc == 0)
		return COR_EXIT_OK;
	if (rc == -ENOMEM)
		return cor_setup_refused(setup, "reading the configuration", rc);
	return setup->messages.flags_errors != 0 ? COR_EXIT_USAGE : COR_EXIT_CONFIG;
}

static int read_config(struct cor_setup *setup, int argc, char *const *argv)
{
	const struct cor_service *service = setup->service;
	struct cor_config_group *groups = cor_arena_zalloc(&setup->arena, 3 * sizeof *groups);
	struct cor_config_options *options = cor_arena_zalloc(&setup->arena, sizeof *options);
	const struct cor_config_input input = { argc, argv, environ };

	if (!groups || !options)
		return -ENOMEM;
	if (service->settings) {
		setup->own = cor_arena_zalloc(&setup->arena, service->settings->size);
		if (!setup->own)
			return -ENOMEM;
		groups[options->groups_len++] = (struct cor_config_group){ service->settings,
			setup->own, "Service" };
	}
	groups[options->groups_len++] = (struct cor_config_group){
		&cor_server_settings_schema.schema, &setup->server, "Server"
	};
	groups[options->groups_len++] = (struct cor_config_group){ &cor_app_settings_schema.schema,
		&setup->app, "Program" };
	options->name = service->name;
	options->title = service->title;
	options->version = service->version;
	options->defaults = service->defaults;
	options->groups = groups;
	cor_commands_offer(options);
	int rc = cor_config_create(options, &setup->arena, &setup->messages, &setup->config);
	return rc < 0 ? rc : cor_config_read(setup->config, &input);
}

static enum cor_exit refuse_address(const struct cor_setup *setup, const char *text, int rc)
{
	const char *from;
	enum cor_config_source source = cor_config_origin(setup->config, "http", &from);

	cor_setup_say(setup, "%s: %s: %s", from, text,
		rc == -ENAMETOOLONG
			? "the path is too long: Linux takes 107 bytes"
			: "is not an address: write ADDRESS:PORT, [IPV6]:PORT or unix:PATH");
	return source == COR_SOURCE_FLAG ? COR_EXIT_USAGE : COR_EXIT_CONFIG;
}

/* The rows only say that an address is text. */
static enum cor_exit check_addresses(struct cor_setup *setup)
{
	enum cor_exit status = COR_EXIT_OK;
	struct cor_address address;

	setup->local = true;
	for (size_t i = 0; i < setup->server.http.len; i++) {
		const char *text = setup->server.http.items[i];
		int rc = cor_address_parse(text, &address);
		if (rc < 0)
			status = refuse_address(setup, text, rc);
		else
			setup->local = setup->local && cor_address_is_local(&address);
	}
	return status;
}

enum cor_exit cor_setup_read(
	struct cor_setup *setup, const struct cor_service *service, int argc, char *const *argv)
{
	setup->service = service;
	cor_arena_init(&setup->arena, NULL, 0, 0);
	enum cor_exit status = judge(setup, read_config(setup, argc, argv));
	if (status != COR_EXIT_OK)
		return status;
	const struct cor_config_command *command = cor_config_command(setup->config);
	if (command && command->stands_alone)
		return COR_EXIT_OK;
	return check_addresses(setup);
}

void cor_setup_finish(struct cor_setup *setup)
{
	cor_config_destroy(setup->config);
	cor_arena_finish(&setup->arena);
}
