/* SPDX-License-Identifier: MIT */
#include "trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void make_file(char path[64], const void *data, size_t bytes)
{
	snprintf(path, 64, "/tmp/coracle-config-XXXXXX");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, bytes), bytes);
	close(fd);
}

const struct cor_config_command trial_commands[2] = {
	{ .key = "check", .doc = "Check everything, and exit" },
	{ .key = "help", .doc = "Print this text, and exit", .stands_alone = true },
};

void trial_read(struct trial *trial)
{
	char *argv[ARGUMENTS_MAX + 4] = { "shop" };
	char flag[80];
	int argc = 1;

	cor_arena_init(&trial->arena, NULL, 0, trial->memory_bytes);
	if (!trial->options.name)
		trial->options.name = "shop";
	trial->options.commands = trial_commands;
	trial->options.commands_len = 2;
	if (trial->file) {
		make_file(trial->path, trial->file, strlen(trial->file));
		snprintf(flag, sizeof flag, "--config=%s", trial->path);
		argv[argc++] = flag;
	}
	for (size_t i = 0; trial->arguments[i]; i++)
		argv[argc++] = (char *)(uintptr_t)trial->arguments[i];
	const struct cor_config_input input = { argc, argv,
		(char *const *)(uintptr_t)trial->environment };
	trial->rc = cor_config_create(
		&trial->options, &trial->arena, &trial->messages, &trial->config);
	if (trial->rc == 0)
		trial->rc = cor_config_read(trial->config, &input);
	if (trial->file)
		unlink(trial->path);
}

void trial_finish(struct trial *trial)
{
	cor_config_destroy(trial->config);
	cor_arena_finish(&trial->arena);
	trial->config = NULL;
	trial->messages = (struct cor_config_messages){ 0 };
}

/* The expected text with the file's path in place of PATH. */
static void expand(const struct trial *trial, const char *text, char *out, size_t bytes)
{
	const char *mark = strstr(text, "PATH");

	if (mark)
		snprintf(out, bytes, "%.*s%s%s", (int)(mark - text), text, trial->path, mark + 4);
	else
		snprintf(out, bytes, "%s", text);
}

void assert_reported(const struct trial *trial, const char *text)
{
	char expected[512];
	const struct cor_config_message *first = trial->messages.first;

	expand(trial, text, expected, sizeof expected);
	assert_non_null(first);
	size_t len = strlen(expected);
	if (len > 3 && strcmp(expected + len - 3, "...") == 0) {
		char begin[512];
		snprintf(begin, sizeof begin, "%.*s", (int)len - 3, first->text);
		expected[len - 3] = '\0';
		assert_string_equal(begin, expected);
	} else {
		assert_string_equal(first->text, expected);
	}
	if (first->next)
		fail_msg("also reported: %s", first->next->text);
}

void assert_setting(const struct trial *trial, const char *key, const char *value, const char *from)
{
	struct cor_buffer buffer = { 0 };
	char line[512];

	if (trial->rc != 0)
		fail_msg("%s: %s", cor_errname(trial->rc),
			trial->messages.first ? trial->messages.first->text
					      : "nothing was reported");
	cor_config_print(trial->config, &buffer);
	cor_buffer_byte(&buffer, '\0');
	assert_int_equal(cor_buffer_error(&buffer), 0);
	snprintf(line, sizeof line, "  \"%s\": {\"value\": %s, \"from\": \"%s\"", key, value, from);
	if (!strstr(buffer.data, line))
		fail_msg("no line %s in\n%s", line, buffer.data);
	cor_buffer_finish(&buffer);
}
