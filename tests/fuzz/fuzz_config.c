/* SPDX-License-Identifier: MIT */
/*
 * Settings: lines that begin with "--" are flags, others variables, and what follows the first
 * "---" line stands for the file. There is a row of every kind. Whatever the input, the reading
 * ends, and what was read can be printed as JSON.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include <coracle/json.h>

#include "config/config.h"

#define LINES_MAX 32

enum flower { ROSE, TULIP };
static const struct cor_enum_name flower_names[] = { { "rose", ROSE }, { "tulip", TULIP } };

struct settings {
	bool lit;
	int32_t i32;
	uint64_t u64;
	double real;
	const char *text;
	char chars[8];
	struct timespec time;
	struct cor_uuid uuid;
	struct cor_json raw;
	enum flower flower;
	cor_array(const char *) texts;
	cor_array(int32_t) numbers;
	cor_opt(int64_t) opt;
	const char *password;
};

#define SETTING(...)            SETTING_OF(__VA_ARGS__, .presence = COR_OPTIONAL)
#define SETTING_OF(member, ...) COR_FIELD(struct settings, member, __VA_ARGS__)

static const struct cor_field settings_fields[] = {
	SETTING(lit),
	SETTING(i32, .range = COR_BETWEEN(-5, 99)),
	SETTING(u64),
	SETTING(real),
	SETTING(text, .pattern = "^[a-z]*$"),
	SETTING(chars),
	SETTING(time),
	SETTING(uuid),
	SETTING(raw, .fallback = "{}"),
	COR_ENUM(struct settings, flower, flower_names, .presence = COR_OPTIONAL),
	COR_ARRAY(struct settings, texts, .presence = COR_OPTIONAL, .max_items = 3),
	COR_ARRAY(struct settings, numbers, .presence = COR_OPTIONAL),
	COR_OPT_FIELD(struct settings, opt),
	SETTING(password, .access = COR_WRITE_ONLY),
};
COR_DECLARE_SCHEMA(settings_schema, struct settings);
COR_SCHEMA(settings_schema, settings_fields);

struct input {
	char *flags[LINES_MAX + 2];
	char *variables[LINES_MAX + 1];
	size_t flags_len, variables_len;
	const char *file;
};

/* Nothing here may open what the input names. */
static bool opens_a_file(const char *line)
{
	return strstr(line, "config") || strstr(line, "CONFIG") || strstr(line, "_FILE=");
}

static void add_line(struct input *input, char *line)
{
	if (opens_a_file(line))
		return;
	if (strncmp(line, "--", 2) == 0 && input->flags_len <= LINES_MAX)
		input->flags[input->flags_len++] = line;
	else if (input->variables_len < LINES_MAX)
		input->variables[input->variables_len++] = line;
}

static void split(struct input *input, char *text)
{
	char *next;

	static char name[] = "shop";

	input->flags[input->flags_len++] = name;
	for (char *line = text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (strcmp(line, "---") == 0) {
			input->file = next;
			return;
		}
		add_line(input, line);
	}
}

static void check_print(const struct cor_config *config)
{
	struct cor_buffer buffer = { 0 };

	cor_config_print(config, &buffer);
	if (cor_buffer_error(&buffer) < 0 ||
		cor_json_check((struct cor_str){ buffer.data, buffer.len }, 0, NULL) < 0)
		abort();
	cor_buffer_finish(&buffer);
}

static void read_input(struct input *input)
{
	static struct settings settings;
	const struct cor_config_group group = { &settings_schema.schema, &settings, "Service" };
	static const struct cor_config_command help = { .key = "help", .stands_alone = true };
	const struct cor_config_options options = {
		.name = "shop",
		.defaults = input->file,
		.groups = &group,
		.groups_len = 1,
		.commands = &help,
		.commands_len = 1,
	};
	const struct cor_config_input sources = { (int)input->flags_len, input->flags,
		input->variables };
	struct cor_config_messages messages = { 0 };
	struct cor_config *config = NULL;
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	int rc = cor_config_create(&options, &arena, &messages, &config);
	if (rc == 0)
		rc = cor_config_read(config, &sources);
	if ((rc < 0) != (messages.errors != 0))
		abort();
	if (rc == 0 && !cor_config_command(config))
		check_print(config);
	cor_config_destroy(config);
	cor_arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { 0 };
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	if (size != 0)
		memcpy(text, data, size);
	text[size] = '\0';
	split(&input, text);
	read_input(&input);
	free(text);
	return 0;
}
