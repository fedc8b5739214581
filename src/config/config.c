/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <coracle/error.h>

#include "config/option.h"

/* The second row is the pattern of each command's; the last is not always there. */
static const struct cor_field command_fields[] = {
	COR_FIELD(struct cor_command_settings, config, .presence = COR_OPTIONAL, .min_length = 1,
		.doc = "Read settings from this JSON file; its members are named like the flags, "
		       "with _ for -"),
	COR_FIELD(struct cor_command_settings, given[0], .presence = COR_OPTIONAL),
	COR_FIELD(struct cor_command_settings, mounted_at, .presence = COR_OPTIONAL,
		.min_length = 1,
		.doc = "Print the document of what is mounted there, such as /v1 or its host"),
};
COR_SCHEMA(cor_command_schema, command_fields);

static COR_PRINTF(4, 0) void add_message(struct cor_config *config, enum cor_config_source source,
	bool is_warning, const char *format, va_list args)
{
	struct cor_config_messages *messages = config->messages;
	struct cor_config_message *message = cor_arena_zalloc(config->arena, sizeof *message);
	const char *text = cor_arena_vprintf(config->arena, format, args);

	if (!is_warning) {
		messages->errors++;
		messages->flags_errors += source == COR_SOURCE_FLAG;
	}
	if (!message || !text) {
		config->out_of_memory = true;
		return;
	}
	message->source = source;
	message->is_warning = is_warning;
	message->text = text;
	if (messages->last)
		messages->last->next = message;
	else
		messages->first = message;
	messages->last = message;
}

void cor_config_error(
	struct cor_config *config, enum cor_config_source source, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_message(config, source, false, format, args);
	va_end(args);
}

void cor_config_warning(
	struct cor_config *config, enum cor_config_source source, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_message(config, source, true, format, args);
	va_end(args);
}

const char *cor_config_text(struct cor_config *config, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *text = cor_arena_vprintf(config->arena, format, args);
	va_end(args);
	if (!text)
		config->out_of_memory = true;
	return text ? text : "";
}

static int make_command_schema(struct cor_config *config)
{
	const struct cor_config_options *options = config->options;
	struct cor_field *fields = cor_arena_alloc(
		config->arena, (2 + options->commands_len) * sizeof *fields);

	assert(options->commands_len <= COR_CONFIG_COMMANDS_MAX);
	if (!fields)
		return -ENOMEM;
	fields[0] = command_fields[0];
	for (size_t i = 0; i < options->commands_len; i++) {
		fields[1 + i] = command_fields[1];
		fields[1 + i].offset = offsetof(struct cor_command_settings, given[i]);
		fields[1 + i].member = options->commands[i].key;
		fields[1 + i].doc = options->commands[i].doc;
	}
	config->command_schema = cor_command_schema.schema;
	config->command_schema.fields = fields;
	config->command_schema.len = 1 + options->commands_len;
	if (options->has_parts)
		fields[config->command_schema.len++] = command_fields[2];
	return 0;
}

static int make_groups(struct cor_config *config)
{
	const struct cor_config_options *options = config->options;

	if (make_command_schema(config) < 0)
		return -ENOMEM;
	config->groups_len = options->groups_len + 1;
	config->groups = cor_arena_alloc(
		config->arena, config->groups_len * sizeof *config->groups);
	if (!config->groups)
		return -ENOMEM;
	if (options->groups_len != 0)
		memcpy(config->groups, options->groups,
			options->groups_len * sizeof *config->groups);
	config->groups[options->groups_len] = (struct cor_config_group){
		.schema = &config->command_schema,
		.settings = &config->command,
		.heading = "Command",
	};
	return 0;
}

static int make_codec(struct cor_config *config)
{
	const struct cor_schema **schemas = cor_arena_alloc(
		config->arena, config->groups_len * sizeof(const struct cor_schema *));
	struct cor_violations why = { 0 };

	if (!schemas)
		return -ENOMEM;
	for (size_t i = 0; i < config->groups_len; i++)
		schemas[i] = config->groups[i].schema;
	int rc = cor_codec_create(schemas, config->groups_len, &config->codec, config->arena, &why);
	for (const struct cor_violation *at = why.first; at; at = at->next)
		cor_config_error(config, COR_SOURCE_DEFAULT, "%s: %s", at->where, at->detail);
	return rc;
}

static int make(struct cor_config *config)
{
	if (!config->options->name || config->options->name[0] == '\0') {
		cor_config_error(config, COR_SOURCE_DEFAULT,
			"the service has no name: set .name of its struct cor_service");
		return -COR_ETABLE;
	}
	int rc = make_groups(config);
	if (rc == 0)
		rc = make_codec(config);
	if (rc == 0)
		rc = cor_option_table_make(config);
	if (rc == 0 && config->options->defaults)
		cor_settings_text_read(config, COR_SOURCE_SERVICE,
			cor_str(config->options->defaults), "the service's .defaults");
	for (size_t i = 0; i < config->groups_len && rc == 0; i++)
		if (config->groups[i].defaults)
			cor_settings_group_read(config, &config->groups[i]);
	return rc == 0 && config->messages->errors != 0 ? -COR_ETABLE : rc;
}

int cor_config_create(const struct cor_config_options *options, struct cor_arena *arena,
	struct cor_config_messages *messages, struct cor_config **ret)
{
	struct cor_config *config = cor_arena_zalloc(arena, sizeof *config);

	if (!config)
		return -ENOMEM;
	config->options = options;
	config->arena = arena;
	config->messages = messages;
	int rc = make(config);
	if (rc == 0 && config->out_of_memory)
		rc = -ENOMEM;
	if (rc < 0) {
		cor_config_destroy(config);
		return rc;
	}
	*ret = config;
	return 0;
}

void cor_config_destroy(struct cor_config *config)
{
	if (!config)
		return;
	cor_codec_destroy(config->codec);
	config->codec = NULL;
}

/* The command's rows first: they say whether there is more to read, and where. */
static void read_command(struct cor_config *config, const struct cor_config_input *input)
{
	cor_flags_read(config, input->argc, input->argv);
	if (input->environment)
		cor_environment_read(config, input->environment);
	cor_config_merge(config, &config->groups[config->groups_len - 1]);
}

static void read_rest(struct cor_config *config)
{
	if (config->command.config && config->command.config[0] != '\0')
		cor_settings_file_read(config, config->command.config);
	for (size_t i = 0; i + 1 < config->groups_len; i++)
		if (config->groups[i].settings)
			cor_config_merge(config, &config->groups[i]);
}

static void forget_messages(struct cor_config *config)
{
	*config->messages = (struct cor_config_messages){ 0 };
}

int cor_config_read(struct cor_config *config, const struct cor_config_input *input)
{
	config->runs_without = input->runs_without;
	read_command(config, input);
	const struct cor_config_command *command = cor_config_command(config);
	if (command && command->stands_alone)
		forget_messages(config); /* help is given whatever else is wrong */
	else
		read_rest(config);
	if (config->out_of_memory)
		return -ENOMEM;
	return config->messages->errors == 0 ? 0 : -COR_EINVALID;
}

const char *cor_config_prefix(const struct cor_config *config)
{
	return config->prefix;
}

const char *cor_config_mounted_at(const struct cor_config *config)
{
	return config->command.mounted_at;
}

const struct cor_config_command *cor_config_command(const struct cor_config *config)
{
	for (size_t i = config->options->commands_len; i-- > 0;)
		if (config->command.given[i])
			return &config->options->commands[i];
	return NULL;
}
