/* SPDX-License-Identifier: MIT */
#include "app/cache_settings.h"
#include "app/setup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>

#include "app/addresses.h"
#include "app/command.h"
#include "app/confinement.h"
#include "app/processes.h"
#include "app/security.h"
#include "app/socket_access.h"
#include "app/trust.h"
#include "app/upstream_settings.h"
#include "base/buffer.h"
#include "base/compiler.h"
#include "base/shortage.h"
#include "master/channel.h"
#include "runtime/address.h"

#define TOO_LONG "the path is too long: Linux takes 107 bytes"

/*
 * An operator's text may hold anything. It must not forge a line, or steer a terminal with C1
 * controls or marks that turn the direction of text. As in the log, only ASCII is shown raw.
 */
static void append_plain(struct cor_buffer *buffer, const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || (unsigned char)*text >= 0x7f)
			cor_buffer_printf(buffer, "\\x%02x", (unsigned char)*text);
		else
			cor_buffer_byte(buffer, *text);
}

/* In one piece: other processes write lines to the same place. */
static void write_line(const struct cor_buffer *line)
{
	const char *data = line->data;
	size_t len = line->len;

	while (len != 0) {
		ssize_t n = write(STDERR_FILENO, data, len);
		if (n < 0 && errno != EINTR)
			break;
		data += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

/* Returns whether there is a master that hears it. */
static bool tell_master(const struct cor_setup *setup, const char *kind, const char *text)
{
	struct cor_buffer word = { 0 };

	if (setup->child.role == COR_CHILD_NONE || setup->child.channel < 0)
		return false;
	cor_buffer_printf(&word, "%s", kind);
	append_plain(&word, text);
	cor_buffer_byte(&word, '\0');
	bool is_said = cor_buffer_error(&word) == 0 &&
		       cor_channel_say(setup->child.channel, word.data) == 0;
	cor_buffer_finish(&word);
	return is_said;
}

void cor_setup_explain(const struct cor_setup *setup, const char *text)
{
	(void)tell_master(setup, COR_WORD_WHY, text);
}

static void print(const struct cor_setup *setup, const char *text)
{
	const char *name = setup->service->name ? setup->service->name : "coracle";
	struct cor_buffer line = { 0 };

	cor_buffer_printf(&line, "%s: ", name);
	append_plain(&line, text);
	cor_buffer_byte(&line, '\n');
	if (cor_buffer_error(&line) == 0)
		write_line(&line);
	else
		dprintf(STDERR_FILENO, "%s: %s\n", name, text);
	cor_buffer_finish(&line);
}

void cor_setup_say(const struct cor_setup *setup, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	int len = vasprintf(&text, format, args);
	va_end(args);
	if (!tell_master(setup, COR_WORD_WRONG, len < 0 ? format : text))
		print(setup, len < 0 ? format : text);
	if (len >= 0)
		free(text);
}

enum cor_exit cor_setup_refused(const struct cor_setup *setup, const char *what, int code)
{
	cor_setup_say(setup, "%s: %s", what, cor_shortage_text(code));
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

/* What a number of processes or threads may be besides a number. */
static const struct cor_config_word words[] = {
	{ "processes", "auto", "-1" },
	{ "processes", "none", "0" },
	{ "worker_max", "auto", "-1" },
	{ "worker_max", "none", "0" },
	{ "threads", "auto", "0" },
};

/* A worker's and the control process's was read and judged before they were started. */
static int read_sources(struct cor_setup *setup, int argc, char *const *argv)
{
	struct cor_config_input input = { argc, argv, environ, setup->runs_without };
	char path[32];
	char *const own[] = { "", "--config", path };

	if (setup->child.role == COR_CHILD_WORKER || setup->child.role == COR_CHILD_CONTROL) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", setup->child.config);
		input = (struct cor_config_input){ 3, own, NULL, false };
	}
	return cor_config_read(setup->config, &input);
}

/* The control process runs no code that would read the service's own, and is given none. */
static int make_own(struct cor_setup *setup, size_t member, struct cor_config_group *group)
{
	if (setup->child.role == COR_CHILD_CONTROL)
		return 0;
	group->settings = cor_arena_zalloc(&setup->arena, group->schema->size);
	setup->own[member] = group->settings;
	return group->settings ? 0 : -ENOMEM;
}

/* The outermost first. Services that have the same table have the same settings. */
static int add_own_groups(struct cor_setup *setup, struct cor_config_group *groups, size_t *len)
{
	const struct cor_composition *composition = &setup->composition;
	int rc = 0;

	for (size_t m = composition->members_len; m-- > 0 && rc == 0;) {
		const struct cor_service *service = composition->members[m];
		bool is_outermost = m == composition->members_len - 1;
		const void *shared = NULL;
		for (size_t i = 0; i < *len && !shared; i++)
			if (groups[i].schema == service->settings)
				shared = groups[i].settings;
		setup->own[m] = shared;
		if (!service->settings || shared)
			continue;
		struct cor_config_group *group = &groups[(*len)++];
		*group = (struct cor_config_group){
			.schema = service->settings,
			.heading = is_outermost ? "Service" : service->name,
			.service = service->name ? service->name : "a service",
			.defaults = is_outermost ? NULL : service->defaults,
		};
		rc = make_own(setup, m, group);
	}
	return rc;
}

static int read_config(struct cor_setup *setup, int argc, char *const *argv)
{
	const struct cor_service *service = setup->service;
	int rc = cor_compose(service, &setup->arena, NULL, &setup->composition);
	if (rc < 0)
		return rc;
	size_t members = setup->composition.members_len;
	struct cor_config_group *groups = cor_arena_zalloc(
		&setup->arena, (members + 5) * sizeof *groups);
	struct cor_config_options *options = cor_arena_zalloc(&setup->arena, sizeof *options);
	setup->own = cor_arena_zalloc(&setup->arena, members * sizeof *setup->own);
	if (!groups || !options || !setup->own)
		return -ENOMEM;
	if (add_own_groups(setup, groups, &options->groups_len) < 0)
		return -ENOMEM;
	groups[options->groups_len++] = (struct cor_config_group){
		.schema = &cor_server_settings_schema.schema,
		.settings = &setup->server,
		.heading = "Server",
	};
	groups[options->groups_len++] = (struct cor_config_group){
		.schema = &cor_master_settings_schema.schema,
		.settings = &setup->master,
		.heading = "Processes",
	};
	groups[options->groups_len++] = (struct cor_config_group){
		.schema = &cor_app_settings_schema.schema,
		.settings = &setup->app,
		.heading = "Program",
	};
	rc = cor_upstream_settings_offer(setup, &groups[options->groups_len]);
	if (rc < 0)
		return rc;
	options->groups_len += groups[options->groups_len].schema != NULL;
	rc = cor_cache_settings_offer(setup, &groups[options->groups_len]);
	if (rc < 0)
		return rc;
	options->groups_len += groups[options->groups_len].schema != NULL;
	options->name = service->name;
	options->title = service->title;
	options->version = service->version;
	options->usage = "ctl status|workers|reload|stop|log-level [--json] [OPTION ...]";
	options->defaults = service->defaults;
	options->groups = groups;
	options->words = words;
	options->words_len = sizeof words / sizeof words[0];
	rc = cor_cache_settings_words(setup, options);
	if (rc < 0)
		return rc;
	options->has_parts = setup->composition.len > 1;
	cor_commands_offer(options);
	rc = cor_config_create(options, &setup->arena, &setup->messages, &setup->config);
	return rc < 0 ? rc : read_sources(setup, argc, argv);
}

enum cor_exit cor_setup_refuse(
	const struct cor_setup *setup, const char *key, const char *value, const char *why)
{
	const char *from;
	enum cor_config_source source = cor_config_origin(setup->config, key, &from);

	bool is_named = source == COR_SOURCE_FLAG || source == COR_SOURCE_ENVIRONMENT;
	cor_setup_say(setup, "%s: %s%s%s%s%s", from, is_named ? "" : key, is_named ? "" : ": ",
		value ? value : "", value ? ": " : "", why);
	return source == COR_SOURCE_FLAG ? COR_EXIT_USAGE : COR_EXIT_CONFIG;
}

static bool is_same(const struct cor_address *a, const struct cor_address *b)
{
	return a->bytes == b->bytes && memcmp(&a->any, &b->any, a->bytes) == 0;
}

/* Each may ask for a free port. */
static bool is_given_before(const struct cor_setup *setup, size_t index)
{
	struct cor_address mine, other;

	for (size_t i = 0; i < index; i++)
		if (strcmp(setup->addresses.items[index], setup->addresses.items[i]) == 0 &&
			cor_activation_is_address(setup->addresses.items[i]))
			return true;
	if (cor_address_parse(setup->addresses.items[index], &mine) < 0 ||
		(mine.any.sa_family != AF_UNIX && cor_address_port(&mine) == 0))
		return false;
	for (size_t i = 0; i < index; i++)
		if (cor_address_parse(setup->addresses.items[i], &other) == 0 &&
			is_same(&mine, &other))
			return true;
	return false;
}

/* Why the service cannot listen on it; NULL: it may. */
static const char *address_fault(const struct cor_setup *setup, size_t index, bool *ret_local)
{
	struct cor_address address;
	int rc = cor_setup_address(setup, index, &address);

	if (rc == -EINVAL && cor_activation_is_address(setup->addresses.items[index]))
		return "names no socket: write systemd:NAME, or systemd:NAME:2 for the second of that name";
	if (rc == -ENAMETOOLONG)
		return TOO_LONG;
	if (rc < 0 && strncmp(setup->addresses.items[index], "localhost:", 10) == 0)
		return "is a name, which is not looked up: write 127.0.0.1 or [::1] for localhost";
	if (rc < 0)
		return "is not an address: write ADDRESS:PORT, [IPV6]:PORT, unix:PATH or systemd:NAME";
	if (is_given_before(setup, index))
		return "is given twice: remove one";
	*ret_local = cor_address_is_local(&address);
	return NULL;
}

static void add_addresses(
	struct cor_setup *setup, const char *const *items, size_t len, enum cor_spoken spoken)
{
	for (size_t i = 0; i < len; i++) {
		setup->spoken[setup->addresses.len] = spoken;
		setup->addresses.items[setup->addresses.len++] = items[i];
	}
}

/* Who asks for something else does not ask for the default of --http. */
static int gather_addresses(struct cor_setup *setup)
{
	struct cor_server_settings *server = &setup->server;
	size_t len = server->https.len + server->https_h1.len + server->h2c.len + server->uwsgi.len;

	if (len != 0 && cor_config_origin(setup->config, "http", NULL) == COR_SOURCE_DEFAULT)
		server->http.len = 0;
	len += server->http.len;
	setup->addresses.items = cor_arena_alloc(
		&setup->arena, (len + 1) * sizeof *setup->addresses.items);
	setup->spoken = cor_arena_alloc(&setup->arena, (len + 1) * sizeof *setup->spoken);
	if (!setup->addresses.items || !setup->spoken)
		return -ENOMEM;
	add_addresses(setup, server->http.items, server->http.len, COR_SPOKEN_HTTP);
	add_addresses(setup, server->https.items, server->https.len, COR_SPOKEN_HTTPS);
	add_addresses(setup, server->https_h1.items, server->https_h1.len, COR_SPOKEN_HTTPS_H1);
	add_addresses(setup, server->h2c.items, server->h2c.len, COR_SPOKEN_H2C);
	add_addresses(setup, server->uwsgi.items, server->uwsgi.len, COR_SPOKEN_UWSGI);
	return 0;
}

/* The rows only say that an address is text. */
static enum cor_exit check_addresses(struct cor_setup *setup)
{
	enum cor_exit status = COR_EXIT_OK;

	if (gather_addresses(setup) < 0)
		return cor_setup_refused(setup, "reading the configuration", -ENOMEM);
	if (setup->addresses.len == 0)
		return cor_setup_refuse(setup, "http", "[]",
			"it would listen nowhere: give an address, or one with --https, --h2c or --uwsgi");
	if (setup->server.h2c.len != 0 && setup->server.requests.http2_streams == 0)
		status = cor_setup_refuse(setup, "h2c", setup->server.h2c.items[0],
			"speaks HTTP/2, which --http2-streams 0 switches off");
	setup->local = true;
	for (size_t i = 0; i < setup->addresses.len; i++) {
		bool local = true;
		const char *fault = address_fault(setup, i, &local);
		if (fault)
			status = cor_setup_refuse(setup, cor_spoken_name(setup->spoken[i]),
				setup->addresses.items[i], fault);
		setup->local = setup->local && local;
	}
	return status;
}

static enum cor_exit check_access(struct cor_setup *setup)
{
	if (cor_socket_access(&setup->server, &setup->listen, &setup->unix_group) == 0)
		return COR_EXIT_OK;
	return cor_setup_refuse(setup, "unix_group", setup->server.unix_group,
		"there is no group of that name on this machine");
}

/* `is_counted`: the number of processes is known. */
static enum cor_exit check_control(const struct cor_setup *setup, bool is_counted)
{
	const char *control = setup->master.control;
	struct cor_address address;

	if (!control)
		return COR_EXIT_OK;
	if (is_counted && setup->processes == 0)
		return cor_setup_refuse(setup, "control", control,
			"the control process needs a master: set processes to 1, or more");
	int rc = cor_address_parse(control, &address);
	if (rc == -ENAMETOOLONG)
		return cor_setup_refuse(setup, "control", control, TOO_LONG);
	if (rc < 0)
		return cor_setup_refuse(setup, "control", control,
			"is not an address: write ADDRESS:PORT, [IPV6]:PORT or unix:PATH");
	return COR_EXIT_OK;
}

static enum cor_exit first_of(enum cor_exit a, enum cor_exit b)
{
	return a != COR_EXIT_OK ? a : b;
}

struct cor_development cor_setup_development(void)
{
	/* The environment changes only before there are threads. */
	const char *folder = getenv(COR_DEVELOPMENT_FOLDER); /* NOLINT(concurrency-mt-unsafe) */
	bool stands_in = getenv(COR_DEVELOPMENT_STAND_IN);   /* NOLINT(concurrency-mt-unsafe) */

	return (struct cor_development){ folder, stands_in };
}

bool cor_setup_has_prepare(const struct cor_setup *setup)
{
	const struct cor_composition *composition = &setup->composition;
	size_t m = 0;

	while (m < composition->members_len && !composition->members[m]->prepare)
		m++;
	return m < composition->members_len;
}

enum cor_exit cor_setup_read(
	struct cor_setup *setup, const struct cor_service *service, int argc, char *const *argv)
{
	setup->service = service;
	cor_arena_init(&setup->arena, NULL, 0, 0);
	enum cor_exit status = judge(setup, read_config(setup, argc, argv));
	if (!setup->config)
		return status;
	const struct cor_config_command *command = cor_config_command(setup->config);
	if (command && command->stands_alone)
		return status;
	if (status == COR_EXIT_OK)
		status = cor_processes_count(setup);
	bool is_counted = status == COR_EXIT_OK;
	if (setup->child.role != COR_CHILD_CONTROL) /* it has none of them */
		status = first_of(status, check_addresses(setup));
	if (setup->child.role != COR_CHILD_CONTROL && setup->child.role != COR_CHILD_WORKER)
		status = first_of(status, cor_security_check(setup));
	if (setup->child.role != COR_CHILD_CONTROL)
		status = first_of(status, cor_trust_check(setup));
	if (setup->child.role != COR_CHILD_CONTROL)
		status = first_of(status, cor_upstream_settings_check(setup));
	status = first_of(status, cor_cache_settings_apply(setup));
	status = first_of(status, check_control(setup, is_counted));
	status = first_of(status, check_access(setup));
	return first_of(status, cor_confinement_check(setup));
}

enum cor_exit cor_setup_find_control(
	struct cor_setup *setup, int argc, char *const *argv, const char **ret)
{
	cor_arena_init(&setup->arena, NULL, 0, 0);
	setup->runs_without = true;
	int rc = read_config(setup, argc, argv);
	*ret = setup->master.control;
	if (*ret && setup->messages.flags_errors == 0)
		return COR_EXIT_OK;
	if (rc < 0)
		return judge(setup, rc);
	cor_setup_say(setup, "--control is needed: say where the control process listens, as the "
			     "service was told");
	return COR_EXIT_USAGE;
}

void cor_setup_finish(struct cor_setup *setup)
{
	cor_config_destroy(setup->config);
	cor_arena_finish(&setup->arena);
	cor_activation_free(&setup->activation);
	cor_legacy_release(&setup->legacy);
}
