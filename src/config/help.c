/* SPDX-License-Identifier: MIT */
/*
 * --help: each option with its type, what it does, its default, its limits and its variable, from
 * its row alone.
 */
#include "config/option.h"

#include <stdio.h>
#include <string.h>

#include "json/reader.h"
#include "json/writer.h"
#include "schema/bounds.h"
#include "schema/describe.h"
#include "schema/kind.h"

#define TEXT_COLUMN    32
#define LINE_COLUMNS   96
#define CHOICE_COLUMNS 28 /* a longer list of names goes into the text */

/* --- text in a column --- */

struct column {
	struct cor_buffer *buffer;
	size_t at; /* column of the cursor */
};

static void indent(struct column *column)
{
	for (; column->at < TEXT_COLUMN; column->at++)
		cor_buffer_byte(column->buffer, ' ');
}

static void break_line(struct column *column)
{
	cor_buffer_byte(column->buffer, '\n');
	column->at = 0;
}

static void put_word(struct column *column, const char *word, size_t len)
{
	if (column->at + 1 + len > LINE_COLUMNS && column->at > TEXT_COLUMN)
		break_line(column);
	if (column->at > TEXT_COLUMN) {
		cor_buffer_byte(column->buffer, ' ');
		column->at++;
	}
	indent(column);
	cor_buffer_append(column->buffer, word, len);
	column->at += len;
}

static void put_words(struct column *column, struct cor_str text)
{
	size_t at = 0;

	while (text.data && at < text.len) {
		size_t len = 0;
		while (at + len < text.len && text.data[at + len] != ' ' &&
			text.data[at + len] != '\n')
			len++;
		if (len != 0)
			put_word(column, text.data + at, len);
		at += len + 1;
	}
}

/* --- the form of a value --- */

static size_t names_columns(const struct cor_field *field)
{
	size_t columns = 0;

	for (uint32_t i = 0; i < field->type.names_len; i++)
		columns += strlen(field->type.names[i].name) + (i != 0);
	return columns;
}

static void put_names(
	const struct cor_field *field, const char *separator, struct cor_buffer *buffer)
{
	for (uint32_t i = 0; i < field->type.names_len; i++)
		cor_buffer_printf(buffer, "%s%s", i ? separator : "", field->type.names[i].name);
}

static bool is_command(const struct cor_option *option)
{
	return !cor_option_may(option, COR_SOURCE_FILE);
}

static void put_words_of(
	const struct cor_config *config, const struct cor_option *option, struct cor_buffer *buffer)
{
	const struct cor_config_options *options = config->options;

	for (size_t i = 0; i < options->words_len; i++)
		if (strcmp(options->words[i].key, option->key) == 0)
			cor_buffer_printf(buffer, "|%s", options->words[i].word);
}

static void put_value_word(
	const struct cor_config *config, const struct cor_option *option, struct cor_buffer *buffer)
{
	enum cor_kind kind = cor_option_kind(option);

	if (is_command(option) && kind == COR_KIND_BOOL)
		return;
	cor_buffer_byte(buffer, ' ');
	if (strcmp(option->key, "config") == 0 && is_command(option))
		cor_buffer_literal(buffer, "FILE");
	else if (kind == COR_KIND_ENUM && names_columns(option->field) <= CHOICE_COLUMNS)
		put_names(option->field, "|", buffer);
	else
		cor_buffer_append_str(buffer, cor_str(cor_kind_facts(kind)->word));
	put_words_of(config, option, buffer);
	if (cor_option_is_array(option))
		cor_buffer_literal(buffer, " ...");
}

/* --- facts about an option, after its text --- */

/* A JSON value as the operator would write it. */
static void put_plain(
	const struct cor_config *config, struct cor_json_reader *reader, struct cor_buffer *buffer)
{
	struct cor_str text;

	if (cor_json_peek(reader) == COR_JSON_STRING) {
		if (cor_json_read_string(reader, &text) == 0)
			cor_buffer_append_str(buffer, text.len ? text : COR_STR("\"\""));
	} else if (cor_json_peek(reader) == COR_JSON_ARRAY) {
		const char *separator = "";
		if (cor_json_enter_array(reader) < 0)
			return;
		while (cor_json_next_item(reader) > 0) {
			cor_buffer_append_str(buffer, cor_str(separator));
			put_plain(config, reader, buffer);
			separator = ", ";
		}
		if (separator[0] == '\0')
			cor_buffer_literal(buffer, "none");
	} else if (cor_json_skip(reader, &text) == 0) {
		cor_buffer_append_str(buffer, text);
	}
}

static void put_default(
	const struct cor_config *config, const struct cor_option *option, struct cor_buffer *buffer)
{
	struct cor_str json = option->given[COR_SOURCE_SERVICE].json;
	struct cor_json_reader reader;

	if (!json.data)
		json = cor_str(option->field->fallback);
	if (json.data && option->is_secret) {
		cor_buffer_literal(buffer, "default ***; ");
	} else if (json.data && cor_option_word_for(config, option, json)) {
		cor_buffer_printf(
			buffer, "default %s; ", cor_option_word_for(config, option, json));
	} else if (json.data) {
		cor_buffer_literal(buffer, "default ");
		cor_json_reader_init(&reader, json, config->arena, 0);
		if (!cor_option_is_array(option) && cor_option_kind(option) == COR_KIND_BOOL)
			cor_buffer_append_str(buffer, cor_str(json.data[0] == 't' ? "on" : "off"));
		else
			put_plain(config, &reader, buffer);
		cor_buffer_literal(buffer, "; ");
	} else if (cor_row_is_required(option->field)) {
		cor_buffer_literal(buffer, "required; ");
	}
}

/* A number that a word stands for is left out. */
static void put_range(
	const struct cor_config *config, const struct cor_option *option, struct cor_buffer *buffer)
{
	const struct cor_range *range = &option->field->range;
	bool has_max = range->max.type != COR_BOUND_NONE;
	char min[COR_NUMBER_BYTES], max[COR_NUMBER_BYTES];

	cor_bound_print(&range->min, min);
	cor_bound_print(&range->max, max);
	bool has_min = range->min.type != COR_BOUND_NONE &&
		       !cor_option_word_for(config, option, cor_str(min));
	if (has_min && has_max && !range->min.exclusive && !range->max.exclusive) {
		cor_buffer_printf(buffer, "%s to %s; ", min, max);
		return;
	}
	if (has_min)
		cor_buffer_printf(
			buffer, "%s %s; ", range->min.exclusive ? "above" : "at least", min);
	if (has_max)
		cor_buffer_printf(
			buffer, "%s %s; ", range->max.exclusive ? "below" : "at most", max);
}

static void put_facts(
	const struct cor_config *config, const struct cor_option *option, struct cor_buffer *buffer)
{
	const struct cor_field *field = option->field;

	if (cor_option_kind(option) == COR_KIND_ENUM && names_columns(field) > CHOICE_COLUMNS) {
		cor_buffer_literal(buffer, "one of ");
		put_names(field, ", ", buffer);
		cor_buffer_literal(buffer, "; ");
	}
	put_default(config, option, buffer);
	put_range(config, option, buffer);
	if (cor_option_is_array(option))
		cor_buffer_literal(buffer, "repeatable; ");
	if (cor_option_may(option, COR_SOURCE_ENVIRONMENT))
		cor_buffer_append_str(buffer, cor_str(option->variable));
}

static void put_option(
	const struct cor_config *config, const struct cor_option *option, struct cor_buffer *buffer)
{
	struct column column = { .buffer = buffer };
	struct cor_buffer facts = { 0 };
	size_t before = buffer->len;

	cor_buffer_printf(buffer, "  --%s", option->flag);
	put_value_word(config, option, buffer);
	column.at = buffer->len - before;
	if (column.at > TEXT_COLUMN - 2)
		break_line(&column);
	if (option->field->doc)
		put_words(&column, cor_str(option->field->doc));
	put_facts(config, option, &facts);
	if (facts.len != 0) {
		if (option->field->doc)
			break_line(&column);
		put_words(&column, (struct cor_str){ facts.data, facts.len });
	}
	cor_buffer_byte(buffer, '\n');
	cor_buffer_finish(&facts);
}

void cor_config_help(const struct cor_config *config, struct cor_buffer *buffer)
{
	const struct cor_config_options *options = config->options;
	const char *title = options->title ? options->title : options->name;

	cor_buffer_printf(buffer, "Usage: %s [OPTION ...]\n", options->name);
	if (options->usage)
		cor_buffer_printf(buffer, "       %s %s\n", options->name, options->usage);
	cor_buffer_printf(buffer, "\n%s%s%s\n", title, options->version ? ", version " : "",
		options->version ? options->version : "");
	for (size_t g = 0; g < config->groups_len; g++) {
		if (config->groups[g].schema->len == 0)
			continue;
		cor_buffer_printf(buffer, "\n%s\n", config->groups[g].heading);
		for (size_t i = 0; i < config->len; i++)
			if (config->table[i].group == &config->groups[g])
				put_option(config, &config->table[i], buffer);
	}
	cor_buffer_printf(buffer,
		"\nFlags beat environment variables, those beat the file, and the file beats the defaults. --x alone\n"
		"turns an on|off option on, --no-x turns it off. A variable of a repeatable option holds its items\n"
		"between commas. %sNAME_FILE gives NAME the content of a file.\n",
		config->prefix);
}
