/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <math.h>
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *cor_cli_value(const struct cor_cli *cli, const char *option)
{
	for (size_t i = 0; i < COR_CLI_OPTIONS_MAX && cli->verb->options[i].name; i++) {
		if (strcmp(cli->verb->options[i].name, option) == 0)
			return cli->values[i];
	}
	assert(!"the verb's table has no such option");
	return NULL;
}

static int read_given(const struct cor_cli *cli, const char *option, bool is_whole, double least,
	double most, double *ret)
{
	const char *text = cor_cli_value(cli, option);
	char *end;

	if (!text)
		return COR_CLI_OK;
	*ret = strtod(text, &end);
	if (end == text || *end || !(*ret >= least && *ret <= most) ||
		(is_whole && *ret != floor(*ret)))
		return cor_cli_fail(cli, COR_CLI_USAGE, "%s %s: it takes a %snumber from %g to %g",
			option, text, is_whole ? "whole " : "", least, most);
	return COR_CLI_OK;
}

int cor_cli_read_number(
	const struct cor_cli *cli, const char *option, double least, double most, double *ret)
{
	return read_given(cli, option, false, least, most, ret);
}

int cor_cli_read_count(
	const struct cor_cli *cli, const char *option, double least, double most, double *ret)
{
	return read_given(cli, option, true, least, most, ret);
}

const char *cor_cli_nth(const struct cor_cli *cli, const char *option, size_t nth)
{
	for (size_t i = 0; i < cli->given_len; i++)
		if (strcmp(cli->given[i].option->name, option) == 0 && nth-- == 0)
			return cli->given[i].value;
	return NULL;
}

bool cor_cli_has(const struct cor_cli *cli, const char *option)
{
	return cor_cli_value(cli, option) != NULL;
}

static void *need(void *memory)
{
	if (!memory) {
		fputs("coracle: there is no memory left\n", stderr);
		exit(COR_CLI_SOFTWARE);
	}
	return memory;
}

char *cor_cli_text(const struct cor_cli *cli, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = cor_arena_vprintf(cli->arena, format, args);
	va_end(args);
	return need(text);
}

void *cor_cli_alloc(const struct cor_cli *cli, size_t bytes)
{
	return memset(need(cor_arena_alloc(cli->arena, bytes)), 0, bytes);
}

struct cor_str cor_cli_take(const struct cor_cli *cli, struct cor_buffer *buffer)
{
	struct cor_str text = { NULL, buffer->len };

	if (cor_buffer_error(buffer))
		need(NULL);
	text.data = need(cor_arena_copy(cli->arena, buffer->data ? buffer->data : "", buffer->len));
	cor_buffer_finish(buffer);
	return text;
}

COR_PRINTF(3, 0)
static void say(const struct cor_cli *cli, const char *mark, const char *format, va_list args)
{
	fprintf(stderr, "%scoracle:%s %s", cli->has_colour ? mark : "",
		cli->has_colour ? "\033[0m" : "", cli->verb ? cli->verb->name : "");
	fputs(cli->verb ? ": " : "", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void cor_cli_say(const struct cor_cli *cli, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(cli, "\033[1m", format, args);
	va_end(args);
}

int cor_cli_fail(const struct cor_cli *cli, enum cor_cli_exit status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(cli, "\033[1;31m", format, args);
	va_end(args);
	return (int)status;
}

int cor_cli_print(const struct cor_cli *cli, struct cor_buffer *buffer)
{
	struct cor_str text = cor_cli_take(cli, buffer);

	if (fwrite(text.data, 1, text.len, stdout) != text.len || fflush(stdout) != 0)
		return cor_cli_fail(cli, COR_CLI_OUTPUT, "standard output: %s", strerror(errno));
	return COR_CLI_OK;
}

const char *cor_cli_path(const struct cor_cli *cli, const char *path)
{
	if (path[0] == '/' || strcmp(cli->folder, ".") == 0)
		return path;
	return cor_cli_text(cli, "%s/%s", cli->folder, path);
}

bool cor_cli_wants_colour(int fd)
{
	const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (refused && refused[0])
		return false;
	return isatty(fd) && terminal && strcmp(terminal, "dumb") != 0;
}
