/* SPDX-License-Identifier: MIT */
/*
 * The text of a flag or a variable as JSON, so that one decoder validates the values of every
 * source. Only text that cannot be written as the JSON of the row's kind is refused here.
 */
#include "config/option.h"

#include <string.h>
#include <strings.h>

#include <coracle/error.h>
#include <coracle/json.h>

#include "base/trim.h"
#include "json/writer.h"
#include "schema/kind.h"

static bool is_one_of(struct cor_str text, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == text.len && strncasecmp(*words, text.data, text.len) == 0)
			return true;
	return false;
}

static const char *const yes_words[] = { "on", "true", "yes", "1", NULL };
static const char *const no_words[] = { "off", "false", "no", "0", NULL };

static bool is_number(struct cor_str text)
{
	bool begins = text.len != 0 &&
		      (text.data[0] == '-' || (text.data[0] >= '0' && text.data[0] <= '9'));
	bool ends = begins && text.data[text.len - 1] >= '0' && text.data[text.len - 1] <= '9';

	return ends && cor_json_check(text, 0, NULL) == 0;
}

static bool is_json_kind(enum cor_kind kind)
{
	return kind == COR_KIND_RAW || cor_kind_is_nested(kind);
}

static bool is_numeric(enum cor_kind kind)
{
	return cor_kind_is_number(kind) || cor_kind_is_decimal(kind);
}

static bool is_whole(enum cor_kind kind)
{
	enum cor_number number = cor_kind_facts(kind)->number;

	return number == COR_NUMBER_INTEGER || number == COR_NUMBER_NATURAL;
}

/* Append one value; NULL, or what is wrong with its form. */
static const char *append_value(struct cor_config *config, struct cor_buffer *buffer,
	enum cor_kind kind, struct cor_str text)
{
	size_t at;

	if (cor_kind_facts(kind)->family == COR_FAMILY_BOOL && !is_one_of(text, yes_words) &&
		!is_one_of(text, no_words))
		return "must be on or off";
	if (is_numeric(kind) && !is_number(text))
		return is_whole(kind) ? "must be an integer" : "must be a number";
	if (is_json_kind(kind) && cor_json_check(text, 0, &at) < 0)
		return cor_config_text(config, "must be JSON: wrong at byte %zu", at + 1);
	if (cor_kind_facts(kind)->family == COR_FAMILY_BOOL)
		cor_json_write_bool(buffer, is_one_of(text, yes_words));
	else if (is_json_kind(kind) || (is_numeric(kind) && !cor_kind_is_quoted(kind)))
		cor_buffer_append_str(buffer, text);
	else
		cor_json_write_string(buffer, text);
	return cor_buffer_error(buffer) == -COR_EINVALID ? "must be UTF-8" : NULL;
}

/* The next item of a list with commas; false at its end. */
static bool next_item(struct cor_str *list, struct cor_str *ret_item)
{
	if (!list->data)
		return false;
	const char *comma = memchr(list->data, ',', list->len);
	size_t len = comma ? (size_t)(comma - list->data) : list->len;

	*ret_item = cor_trim((struct cor_str){ list->data, len });
	*list = comma ? (struct cor_str){ comma + 1, list->len - len - 1 }
		      : (struct cor_str){ NULL, 0 };
	return true;
}

/*
 * "[::1]:8080": colons, and nothing but what an address is made of (RFC 3986 section 3.2.2; %25eth0
 * may follow it).
 */
static bool begins_with_address(struct cor_str text)
{
	const char *end = memchr(text.data, ']', text.len);

	if (!end || !memchr(text.data, ':', (size_t)(end - text.data)))
		return false;
	for (const char *at = text.data + 1; at < end; at++)
		if (strchr("\"', \t[{", *at))
			return false;
	return true;
}

/* An array written as JSON is taken as it is. An empty text is an empty array. */
static const char *append_list(struct cor_config *config, struct cor_buffer *buffer,
	enum cor_kind kind, struct cor_str text)
{
	const char *fault = NULL;
	struct cor_str item;
	bool more = false;

	text = cor_trim(text);
	if (text.len != 0 && text.data[0] == '[' && !begins_with_address(text)) {
		cor_buffer_append_str(buffer, text);
		return cor_json_check(text, 0, NULL) == 0
			       ? NULL
			       : "begins as a JSON array, but is not JSON: mind the quotes and the ] at the end";
	}
	if (text.len == 0)
		text.data = NULL;
	cor_buffer_byte(buffer, '[');
	while (!fault && next_item(&text, &item)) {
		if (more)
			cor_buffer_byte(buffer, ',');
		more = true;
		fault = append_value(config, buffer, kind, item);
	}
	cor_buffer_byte(buffer, ']');
	return fault;
}

/* One more item after those that the source gave before. */
static const char *append_item(struct cor_config *config, struct cor_buffer *buffer,
	enum cor_kind kind, struct cor_str text, struct cor_str before)
{
	const char *fault = NULL;

	if (!before.data)
		before = COR_STR("[]");
	cor_buffer_append(buffer, before.data, before.len - 1);
	if (text.len != 0 && before.len > 2)
		cor_buffer_byte(buffer, ',');
	if (text.len != 0)
		fault = append_value(config, buffer, kind, text);
	cor_buffer_byte(buffer, ']');
	return fault;
}

/* Of a row that can be null the word is null, not text: that text can only stand in the file. */
static const char *append_scalar(struct cor_config *config, struct cor_buffer *buffer,
	const struct cor_option *option, struct cor_str text)
{
	if ((option->field->presence & COR_NULLABLE) && cor_str_equal(text, COR_STR("null"))) {
		cor_json_write_null(buffer);
		return NULL;
	}
	const char *json = cor_option_word(config, option, text);
	if (json) {
		cor_buffer_append_str(buffer, cor_str(json));
		return NULL;
	}
	const char *words = cor_option_words(config, option, " or ");
	const char *fault = append_value(config, buffer, cor_option_kind(option), text);
	if (!fault && cor_option_word_for(config, option, text))
		fault = "must be at least 1,";
	return fault ? cor_config_text(config, "%s%s", fault, words) : NULL;
}

static void keep(struct cor_config *config, struct cor_option_given *given,
	const struct cor_buffer *buffer, const char *from, const char *where)
{
	char *copy = NULL;

	if (cor_buffer_error(buffer) == 0)
		copy = cor_arena_copy(config->arena, buffer->data, buffer->len);
	if (!copy) {
		config->out_of_memory = true;
		return;
	}
	given->json = (struct cor_str){ copy, buffer->len };
	given->from = from;
	given->where = where;
}

/* What the operator wrote, but not the value of a secret. */
static const char *place(struct cor_config *config, const struct cor_option *option,
	enum cor_config_source source, const char *from, struct cor_str text)
{
	if (option->is_secret || text.len > 100)
		return from;
	return cor_config_text(config, "%s%s%.*s", from, source == COR_SOURCE_FLAG ? " " : "=",
		(int)text.len, text.data);
}

static void give(struct cor_config *config, struct cor_option *option,
	enum cor_config_source source, struct cor_str text, struct cor_option_given origin)
{
	struct cor_option_given *given = &option->given[source];
	enum cor_kind kind = cor_option_kind(option);
	struct cor_buffer buffer = { 0 };
	const char *fault;

	if (!cor_option_is_array(option))
		fault = append_scalar(config, &buffer, option, text);
	else if (source == COR_SOURCE_ENVIRONMENT)
		fault = append_list(config, &buffer, kind, text);
	else
		fault = append_item(config, &buffer, kind, text, given->json);
	option->has_failed |= fault != NULL;
	if (fault)
		cor_config_error(config, source, "%s: %s", origin.where, fault);
	else
		keep(config, given, &buffer, origin.from, origin.where);
	cor_buffer_finish(&buffer);
}

void cor_option_give(struct cor_config *config, struct cor_option *option,
	enum cor_config_source source, struct cor_str text, const char *from)
{
	const struct cor_option_given origin = {
		.from = from,
		.where = place(config, option, source, from, text),
	};

	give(config, option, source, text, origin);
}

void cor_option_give_from_file(struct cor_config *config, struct cor_option *option,
	struct cor_str text, const char *variable, const char *path)
{
	const struct cor_option_given origin = {
		.from = variable,
		.where = cor_config_text(config, "%s=%s", variable, path),
	};

	give(config, option, COR_SOURCE_ENVIRONMENT, text, origin);
}
