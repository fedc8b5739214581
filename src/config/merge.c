/* SPDX-License-Identifier: MIT */
/*
 * From the sources to the struct. The values of a group are written as one JSON object, which the
 * decoder of the schemas validates and stores: once for each source, with its values in place of
 * stronger ones, so that a wrong value is reported even if another beats it, and then for the
 * struct itself.
 */
#include "config/option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "json/writer.h"
#include "schema/decode.h"

/* The source whose value the option has while `source` is validated. */
static enum cor_config_source chosen(const struct cor_option *option, enum cor_config_source source)
{
	return source < COR_SOURCES && option->given[source].json.data ? source
								       : cor_option_source(option);
}

static void write_group(const struct cor_config *config, const struct cor_config_group *group,
	enum cor_config_source source, struct cor_buffer *buffer)
{
	const char *separator = "{";

	for (size_t i = 0; i < config->len; i++) {
		const struct cor_option *option = &config->table[i];
		struct cor_str json = option->given[chosen(option, source)].json;
		if (option->group != group || !json.data)
			continue;
		cor_buffer_append_str(buffer, cor_str(separator));
		cor_json_write_string(buffer, cor_str(option->key));
		cor_buffer_byte(buffer, ':');
		cor_buffer_append_str(buffer, json);
		separator = ",";
	}
	cor_buffer_append_str(buffer, cor_str(separator[0] == '{' ? "{}" : "}"));
}

/* The option that a pointer such as "/http/1" leads into; *ret_rest is what follows its name. */
static struct cor_option *pointed_at(
	const struct cor_config *config, const char *pointer, const char **ret_rest)
{
	if (pointer[0] != '/')
		return NULL;
	size_t len = strcspn(pointer + 1, "/");
	*ret_rest = pointer + 1 + len;
	return cor_option_by_key(config, (struct cor_str){ pointer + 1, len });
}

/* The place inside the value: "", " item 2:" or " /name:". */
static const char *inside(
	struct cor_config *config, const struct cor_option *option, const char *rest)
{
	char *end;

	if (rest[0] == '\0')
		return "";
	unsigned long item = strtoul(rest + 1, &end, 10);
	if (cor_option_is_array(option) && end != rest + 1 && *end == '\0')
		return cor_config_text(config, " item %lu:", item + 1);
	return cor_config_text(config, " %s:", rest);
}

static void report_missing(struct cor_config *config, struct cor_option *option)
{
	const struct cor_config_command *command = cor_config_command(config);

	if (option->has_failed)
		return;
	option->is_missing = true;
	if (config->runs_without || (command && command->runs_without))
		return;
	if (option->is_secret)
		cor_config_error(config, COR_SOURCE_DEFAULT,
			"%s is required: give the path of a file with it as %s_FILE, or give it as %s, or as \"%s\" in the file",
			option->key, option->variable, option->variable, option->key);
	else
		cor_config_error(config, COR_SOURCE_DEFAULT,
			"%s is required: give it as --%s, as %s, or as \"%s\" in the file",
			option->key, option->flag, option->variable, option->key);
}

static void report(struct cor_config *config, const struct cor_violation *violation,
	enum cor_config_source source)
{
	const char *rest = "";
	struct cor_option *option = pointed_at(config, violation->where, &rest);

	if (!option) {
		if (source == COR_SOURCES)
			cor_config_error(config, COR_SOURCE_DEFAULT, "%s", violation->detail);
		return;
	}
	enum cor_config_source used = chosen(option, source);
	if (source == COR_SOURCES && used == COR_SOURCE_DEFAULT)
		report_missing(config, option);
	else if (used == source)
		cor_config_error(config, source, "%s:%s %s", option->given[source].where,
			inside(config, option, rest), violation->detail);
}

static void decode_source(struct cor_config *config, const struct cor_config_group *group,
	enum cor_config_source source, void *ret)
{
	const struct cor_decode_options options = { .use = COR_USE_WHOLE, .in = "settings" };
	struct cor_violations violations = { 0 };
	struct cor_buffer buffer = { 0 };

	write_group(config, group, source, &buffer);
	int rc = cor_buffer_error(&buffer);
	if (rc == 0)
		rc = cor_decode_text(config->codec, config->arena, group->schema, &options, ret,
			(struct cor_str){ buffer.data, buffer.len }, &violations);
	cor_buffer_finish(&buffer);
	if (rc == -ENOMEM)
		config->out_of_memory = true;
	for (const struct cor_violation *at = violations.first; at; at = at->next)
		report(config, at, source);
}

static bool gave_any(
	const struct cor_config *config, const struct cor_config_group *group, int source)
{
	for (size_t i = 0; i < config->len; i++)
		if (config->table[i].group == group && config->table[i].given[source].json.data)
			return true;
	return false;
}

void cor_config_merge(struct cor_config *config, const struct cor_config_group *group)
{
	void *trial = cor_arena_alloc(config->arena, group->schema->size);

	if (!trial) {
		config->out_of_memory = true;
		return;
	}
	for (int source = COR_SOURCE_SERVICE; source < COR_SOURCES; source++) {
		memset(trial, 0, group->schema->size);
		if (gave_any(config, group, source))
			decode_source(config, group, (enum cor_config_source)source, trial);
	}
	memset(group->settings, 0, group->schema->size);
	decode_source(config, group, COR_SOURCES, group->settings);
}
