/* SPDX-License-Identifier: MIT */
#include "config/option.h"

#include "json/reader.h"
#include "json/writer.h"
#include "schema/describe.h"
#include "schema/encode.h"

/* A member of an encoded struct; "null" if it was left out. */
static struct cor_str member_of(struct cor_arena *arena, struct cor_str object, const char *key)
{
	struct cor_json_reader reader;
	struct cor_str name, raw;

	cor_json_reader_init(&reader, object, arena, 0);
	if (cor_json_enter_object(&reader) < 0)
		return COR_STR("null");
	while (cor_json_next_member(&reader, &name) > 0 && cor_json_skip(&reader, &raw) == 0)
		if (cor_str_equal(name, cor_str(key)))
			return raw;
	return COR_STR("null");
}

static const char *origin(const struct cor_option *option)
{
	enum cor_config_source source = cor_option_source(option);

	if (option->is_missing)
		return "missing";
	if (source == COR_SOURCE_DEFAULT)
		return "default";
	return source == COR_SOURCE_SERVICE ? "service" : option->given[source].from;
}

enum cor_config_source cor_config_origin(
	const struct cor_config *config, const char *key, const char **ret_from)
{
	const struct cor_option *option = cor_option_by_key(config, cor_str(key));

	if (ret_from)
		*ret_from = option ? origin(option) : "default";
	return option ? cor_option_source(option) : COR_SOURCE_DEFAULT;
}

static void append_value(const struct cor_config *config, const struct cor_option *option,
	struct cor_str json, struct cor_buffer *buffer)
{
	const char *word = cor_option_word_for(config, option, json);

	if (word)
		cor_json_write_string(buffer, cor_str(word));
	else
		cor_buffer_append_str(buffer, json);
}

/* What is given, of a group whose struct is not filled, as another of its options is missing. */
static struct cor_str given_value(const struct cor_option *option)
{
	enum cor_config_source source = cor_option_source(option);

	if (option->given[source].json.data)
		return option->given[source].json;
	return cor_str(option->field->fallback ? option->field->fallback : "null");
}

static bool lacks_any(const struct cor_config *config, const struct cor_config_group *group)
{
	size_t i = 0;

	while (i < config->len && !(config->table[i].group == group && config->table[i].is_missing))
		i++;
	return i < config->len;
}

/* Whether each who starts the service has to give it. */
static bool is_required(const struct cor_option *option)
{
	return cor_row_is_required(option->field) && !option->given[COR_SOURCE_SERVICE].json.data;
}

static void print_option(const struct cor_config *config, const struct cor_option *option,
	struct cor_str object, struct cor_buffer *buffer)
{
	struct cor_str value = object.len ? member_of(config->arena, object, option->key)
					  : given_value(option);

	if (option->is_secret && !cor_str_equal(value, COR_STR("null")))
		value = COR_STR("\"***\"");
	cor_buffer_literal(buffer, "  ");
	cor_json_write_string(buffer, cor_str(option->key));
	cor_buffer_literal(buffer, ": {\"value\": ");
	append_value(config, option, value, buffer);
	cor_buffer_literal(buffer, ", \"from\": ");
	cor_json_write_string(buffer, cor_str(origin(option)));
	if (is_required(option))
		cor_buffer_literal(buffer, ", \"required\": true");
	if (option->is_secret)
		cor_buffer_literal(buffer, ", \"secret\": true");
	cor_buffer_byte(buffer, '}');
}

void cor_config_print(const struct cor_config *config, struct cor_buffer *buffer)
{
	struct cor_buffer object = { 0 };
	const struct cor_config_group *group = NULL;
	const char *separator = "{\n";

	for (size_t i = 0; i < config->len; i++) {
		const struct cor_option *option = &config->table[i];
		if (!cor_option_may(option, COR_SOURCE_FILE))
			continue;
		if (option->group != group) {
			group = option->group;
			cor_buffer_clear(&object, SIZE_MAX);
			int rc = lacks_any(config, group)
					 ? 0
					 : cor_encode_append(config->codec, group->schema,
						   COR_USE_WHOLE, group->settings, &object, NULL);
			if (rc < 0)
				cor_buffer_fail(buffer, rc);
		}
		cor_buffer_append_str(buffer, cor_str(separator));
		print_option(config, option, (struct cor_str){ object.data, object.len }, buffer);
		separator = ",\n";
	}
	cor_buffer_append_str(buffer, cor_str(separator[0] == '{' ? "{}\n" : "\n}\n"));
	cor_buffer_finish(&object);
}

void cor_config_save(
	const struct cor_config *config, enum cor_config_save what, struct cor_buffer *buffer)
{
	const char *separator = "{";

	for (size_t i = 0; i < config->len; i++) {
		const struct cor_option *option = &config->table[i];
		enum cor_config_source source = cor_option_source(option);
		if (source < COR_SOURCE_FILE || !cor_option_may(option, COR_SOURCE_FILE) ||
			(what == COR_SAVE_WITHOUT_SERVICES && option->group->service))
			continue;
		cor_buffer_append_str(buffer, cor_str(separator));
		cor_json_write_string(buffer, cor_str(option->key));
		cor_buffer_byte(buffer, ':');
		append_value(config, option, option->given[source].json, buffer);
		separator = ",";
	}
	cor_buffer_append_str(buffer, cor_str(separator[0] == '{' ? "{}" : "}"));
}
