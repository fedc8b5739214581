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

/* Of a line: both are NULL if it is a comment, or empty. Returns false if it is neither. */
static bool read_line(const struct cor_cli *cli, const char *from, const char *end,
	const char **ret_name, const char **ret_value)
{
	struct cor_str line = trimmed(from, end);
	const char *equals = line.len ? memchr(line.data, '=', line.len) : NULL;

	*ret_name = *ret_value = NULL;
	if (line.len == 0 || line.data[0] == '#')
		return true;
	if (line.len > 7 && memcmp(line.data, "export ", 7) == 0)
		line = trimmed(line.data + 7, end);
	if (!equals || !is_name((struct cor_str){ line.data, (size_t)(equals - line.data) }))
		return false;
	struct cor_str value = { equals + 1, (size_t)(line.data + line.len - equals - 1) };
	if (value.len > 1 && (value.data[0] == '"' || value.data[0] == '\'') &&
		value.data[value.len - 1] == value.data[0]) {
		value.data++;
		value.len -= 2;
	}
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
				"%s:%d: is not NAME=value, nor a comment (#)", path, line);
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
