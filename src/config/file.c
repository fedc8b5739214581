/* SPDX-License-Identifier: MIT */
/* Settings as a JSON object: the file, and a service's .defaults. */
#include "config/option.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "config/read.h"
#include "json/reader.h"

#define FILE_BYTES_MAX (1024 * 1024)

struct settings_text {
	struct cor_config *config;
	enum cor_config_source source;
	const char *name;
	struct cor_json_reader reader;
	struct cor_str text;
	const struct cor_config_group *only; /* its rows are read, and no others; NULL: all are */
	bool has_begun;                      /* the object was entered */
};

static unsigned line_of(const struct settings_text *text, size_t offset)
{
	unsigned line = 1;

	for (size_t i = 0; i < offset && i < text->text.len; i++)
		line += text->text.data[i] == '\n';
	return line;
}

/* "shop.json:3"; .defaults are one line. */
static const char *place(const struct settings_text *text)
{
	if (text->source != COR_SOURCE_FILE)
		return text->name;
	return cor_config_text(
		text->config, "%s:%u", text->name, line_of(text, cor_json_offset(&text->reader)));
}

/* In characters, from 1: a byte that continues one (RFC 3629) does not count. */
static unsigned column_of(const struct settings_text *text, size_t offset)
{
	unsigned column = 1;

	for (size_t i = offset; i > 0 && text->text.data[i - 1] != '\n'; i--)
		column += (text->text.data[i - 1] & 0xc0) != 0x80;
	return column;
}

/* Whether a comma is the last thing before the offset. */
static bool follows_comma(const struct settings_text *text, size_t offset)
{
	while (offset > 0 && strchr(" \t\r\n", text->text.data[offset - 1]))
		offset--;
	return offset > 0 && text->text.data[offset - 1] == ',';
}

/* The usual slips in JSON written by hand, told by the byte where the reader stopped. */
static const char *explain(const struct settings_text *text, size_t offset)
{
	unsigned char byte = offset < text->text.len ? (unsigned char)text->text.data[offset] : 0;

	if (!text->has_begun)
		return "write one object, like {\"threads\": 2}";
	if (offset == text->text.len)
		return "the } at the end is missing";
	if ((byte == '}' || byte == ']') && follows_comma(text, offset))
		return cor_config_text(text->config,
			"nothing follows the comma before this %c: remove the comma", byte);
	if (byte == '/' || byte == '#')
		return "JSON has no comments: remove it";
	if (byte == '\'')
		return "use double quotes around text";
	if (byte <= 0x20 || byte >= 0x7f)
		return cor_config_text(text->config, "the byte 0x%02x is not allowed here", byte);
	return cor_config_text(text->config, "%c is not allowed here", byte);
}

static void refuse_syntax(const struct settings_text *text)
{
	size_t offset = cor_json_offset(&text->reader);
	const char *column = "";

	if (text->source == COR_SOURCE_FILE)
		column = cor_config_text(text->config, ":%u", column_of(text, offset));
	cor_config_error(text->config, text->source, "%s%s: is not JSON: %s", place(text), column,
		explain(text, offset));
}

static void refuse(const struct settings_text *text, const struct cor_option *option,
	const char *place, const char *key)
{
	const struct cor_option *meant = NULL;

	if (option) {
		cor_config_error(text->config, text->source,
			"%s: %s: works on the command line only: use --%s", place, key,
			option->flag);
		return;
	}
	meant = cor_option_nearest(text->config, key);
	cor_config_error(text->config, text->source, "%s: %s: is not a setting%s%s%s", place, key,
		meant ? "; did you mean " : "", meant ? meant->key : "", meant ? "?" : "");
}

static bool is_text(struct cor_str json)
{
	return json.len >= 2 && json.data[0] == '"';
}

/* Without its quotes. */
static struct cor_str inside(struct cor_str text)
{
	return (struct cor_str){ text.data + 1, text.len - 2 };
}

static int take_member(struct settings_text *text, struct cor_str name)
{
	struct cor_config *config = text->config;
	const char *at = place(text);
	const char *key = cor_config_text(config, "%.*s", (int)name.len, name.data);
	struct cor_option *option = cor_option_by_key(config, name);
	struct cor_str raw;

	int rc = cor_json_skip(&text->reader, &raw);
	if (rc < 0)
		return rc;
	if (text->only &&
		(!option || option->group != text->only || option->given[text->source].json.data))
		return 0;
	if (!option || !cor_option_may(option, text->source)) {
		refuse(text, option, at, key);
		return 0;
	}
	struct cor_option_given *given = &option->given[text->source];
	if (given->json.data)
		cor_config_error(
			config, text->source, "%s: %s: is given twice: remove one", at, key);
	const char *json = is_text(raw) ? cor_option_word(config, option, inside(raw)) : NULL;
	if (cor_option_word_for(config, option, raw))
		cor_config_error(config, text->source, "%s: %s: must be at least 1,%s", at, key,
			cor_option_words(config, option, " or "));
	*given = (struct cor_option_given){
		.json = json ? cor_str(json) : raw,
		.where = cor_config_text(config, "%s: %s", at, key),
		.from = text->name,
	};
	return 0;
}

static int read_members(struct settings_text *text)
{
	struct cor_str name;
	int rc = cor_json_enter_object(&text->reader);

	if (rc < 0)
		return rc;
	text->has_begun = true;
	while ((rc = cor_json_next_member(&text->reader, &name)) > 0) {
		rc = take_member(text, name);
		if (rc < 0)
			return rc;
	}
	return rc < 0 ? rc : cor_json_finish(&text->reader);
}

static void read_text(struct settings_text *text)
{
	cor_json_reader_init(&text->reader, text->text, text->config->arena, 0);
	int rc = read_members(text);
	if (rc == -ENOMEM)
		text->config->out_of_memory = true;
	else if (rc == -COR_ETOOLARGE)
		cor_config_error(
			text->config, text->source, "%s: is nested too deeply", place(text));
	else if (rc < 0)
		refuse_syntax(text);
}

void cor_settings_text_read(struct cor_config *config, enum cor_config_source source,
	struct cor_str content, const char *name)
{
	struct settings_text text = {
		.config = config, .source = source, .name = name, .text = content
	};

	read_text(&text);
}

void cor_settings_group_read(struct cor_config *config, const struct cor_config_group *group)
{
	struct settings_text text = {
		.config = config,
		.source = COR_SOURCE_SERVICE,
		.name = cor_config_text(config, "the .defaults of %s", group->service),
		.text = cor_str(group->defaults),
		.only = group,
	};

	read_text(&text);
}

/* "SHOP_CONFIG=/no/such": what named the file. */
static const char *named_by(const struct cor_config *config)
{
	const struct cor_option *option = cor_option_by_key(config, COR_STR("config"));

	return option->given[cor_option_source(option)].where;
}

void cor_settings_file_read(struct cor_config *config, const char *path)
{
	struct cor_str text;
	int rc = cor_config_slurp(config->arena, path, FILE_BYTES_MAX, &text);

	if (rc == -ENOMEM)
		config->out_of_memory = true;
	else if (rc < 0)
		cor_config_error(config, COR_SOURCE_FILE, "%s: %s", named_by(config),
			cor_config_slurp_fault(rc));
	else
		cor_settings_text_read(config, COR_SOURCE_FILE, text, path);
}
