/* SPDX-License-Identifier: MIT */
#include "cli/environment_file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"

static struct cor_str trimmed(const char *from, const char *end)
{
	while (from < end && isspace((unsigned char)*from))
		from++;
	while (end > from && isspace((unsigned char)end[-1]))
		end--;
	return (struct cor_str){ from, (size_t)(end - from) };
}

static bool is_name(struct cor_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (!isalnum((unsigned char)name.data[i]) && name.data[i] != '_')
			return false;
	}
	return name.len && !isdigit((unsigned char)name.data[0]);
}

static bool is_quoted(struct cor_str text)
{
	return text.len && (text.data[0] == '"' || text.data[0] == '\'');
}

static bool is_comment(struct cor_str text)
{
	return text.len == 0 || text.data[0] == '#';
}

/* Between quotes all is as it stands. Returns false if what follows them is no comment. */
static bool unquote(struct cor_str *value)
{
	const char *from = value->data + 1, *end = value->data + value->len;
	const char *close = memchr(from, value->data[0], value->len - 1);

	if (!close || !is_comment(trimmed(close + 1, end)))
		return false;
	*value = (struct cor_str){ from, (size_t)(close - from) };
	return true;
}

/* A # with a blank before it begins one: SHOP_COLOR=#fff has none. */
static struct cor_str without_comment(const char *from, struct cor_str value)
{
	for (const char *at = value.data; at < value.data + value.len; at++) {
		if (*at == '#' && at > from && isspace((unsigned char)at[-1]))
			return trimmed(value.data, at);
	}
	return value;
}

/* Of a line: both are NULL if it is a comment, or empty. Returns false if it is neither. */
static bool read_line(const struct cor_cli *cli, const char *from, const char *end,
	const char **ret_name, const char **ret_value)
{
	struct cor_str line = trimmed(from, end);

	*ret_name = *ret_value = NULL;
	if (is_comment(line))
		return true;
	if (line.len > 7 && memcmp(line.data, "export", 6) == 0 &&
		isspace((unsigned char)line.data[6]))
		line = trimmed(line.data + 7, end);
	const char *equals = memchr(line.data, '=', line.len);
	if (!equals || !is_name((struct cor_str){ line.data, (size_t)(equals - line.data) }))
		return false;
	struct cor_str value = trimmed(equals + 1, line.data + line.len);
	if (!is_quoted(value))
		value = without_comment(equals + 1, value);
	else if (!unquote(&value))
		return false;
	*ret_name = cor_cli_text(cli, "%.*s", (int)(equals - line.data), line.data);
	*ret_value = cor_cli_text(cli, "%.*s", (int)value.len, value.data);
	return true;
}

int cor_cli_read_environment(const struct cor_cli *cli)
{
	const char *path = cor_cli_path(cli, ".env");
	const char *name, *value;
	struct cor_str text;

	if (!cor_cli_exists(path))
		return COR_CLI_OK;
	int rc = cor_cli_read_file(cli, path, &text);
	if (rc != COR_CLI_OK)
		return rc;
	const char *at = text.data, *all = text.data + text.len;
	for (int line = 1; at < all; line++) {
		const char *end = memchr(at, '\n', (size_t)(all - at));
		if (!end)
			end = all;
		if (!read_line(cli, at, end, &name, &value))
			return cor_cli_fail(cli, COR_CLI_DATA,
				"%s:%d: is not NAME=value, nor a comment (#); behind a quoted value only a comment may stand",
				path, line);
		if (name)
			setenv(name, value, 0);
		at = end + 1;
	}
	return COR_CLI_OK;
}

int cor_cli_read_test_environment(const struct cor_cli *cli, const char *prefix)
{
	static const char *const own[] = { "CONTROL", "HTTPS", "HTTPS_H1", "H2C", "UWSGI",
		"LOG_LEVEL", "LOG_FORMAT", "ACCESS_LOG" };
	const char *left_out[sizeof own / sizeof own[0]];
	size_t len = 0;

	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
		const char *name = cor_cli_text(cli, "%s_%s", prefix, own[i]);
		if (!getenv(name)) /* what the user's shell has is meant */
			left_out[len++] = name;
	}
	int rc = cor_cli_read_environment(cli);
	while (len > 0)
		unsetenv(left_out[--len]);
	return rc;
}

const char *cor_cli_environment_value(const struct cor_cli *cli, const char *name)
{
	const char *path = cor_cli_path(cli, ".env");
	const char *found = getenv(name), *key, *value;
	struct cor_str text = { "", 0 };

	if (found || !cor_cli_exists(path) || cor_cli_read_file(cli, path, &text) != COR_CLI_OK)
		return found;
	for (const char *at = text.data; *at; at += *at == '\n') {
		const char *end = at + strcspn(at, "\n");
		if (read_line(cli, at, end, &key, &value) && key && strcmp(key, name) == 0)
			found = found ? found : value;
		at = end;
	}
	return found;
}
