/* SPDX-License-Identifier: MIT */
#include "config/option.h"

#include <string.h>

struct argument {
	char *const *argv;
	int argc;
	int at; /* of the flag itself; moves on when the next argument is its value */
};

static const char *const bool_words[] = { "on", "off", "true", "false", "yes", "no", "1", "0",
	NULL };

static bool is_bool_word(const char *text)
{
	for (const char *const *word = bool_words; *word; word++)
		if (strcmp(*word, text) == 0)
			return true;
	return false;
}

static bool is_switch(const struct cor_option *option)
{
	return !cor_option_is_array(option) && cor_option_kind(option) == COR_KIND_BOOL;
}

/* The argument after a flag, if it can be its value. */
static const char *next_value(struct argument *argument, bool of_switch)
{
	if (argument->at + 1 >= argument->argc)
		return NULL;
	const char *next = argument->argv[argument->at + 1];
	if (of_switch ? !is_bool_word(next) : strncmp(next, "--", 2) == 0)
		return NULL;
	argument->at++;
	return next;
}

static void give(struct cor_config *config, struct cor_option *option, const char *value)
{
	const char *from = cor_config_text(config, "--%s", option->flag);

	cor_option_give(config, option, COR_SOURCE_FLAG, cor_str(value), from);
}

static void take(struct cor_config *config, struct cor_option *option, struct argument *argument,
	const char *value)
{
	if (!value)
		value = next_value(argument, is_switch(option));
	if (!value && is_switch(option))
		value = "on";
	if (value)
		give(config, option, value);
	else
		cor_config_error(config, COR_SOURCE_FLAG,
			"--%s: needs a value: --%s VALUE, or --%s=VALUE if it begins with --",
			option->flag, option->flag, option->flag);
}

/* The secret option whose value is glued to its flag: --passwordhunter2. */
static const struct cor_option *secret_within(const struct cor_config *config, struct cor_str name)
{
	for (size_t i = 0; i < config->len; i++) {
		const struct cor_option *option = &config->table[i];
		size_t len = strlen(option->flag);
		if (option->is_secret && name.len > len &&
			memcmp(name.data, option->flag, len) == 0)
			return option;
	}
	return NULL;
}

static void refuse(struct cor_config *config, struct cor_str name)
{
	char *key = cor_arena_copy(config->arena, name.data, name.len);
	const struct cor_option *meant = NULL;
	const struct cor_option *secret = secret_within(config, name);

	if (secret) {
		cor_config_error(config, COR_SOURCE_FLAG,
			"--%s...: is not an option: write --%s=VALUE", secret->flag, secret->flag);
		return;
	}
	for (char *at = key; at && *at; at++)
		if (*at == '-')
			*at = '_';
	if (key)
		meant = cor_option_nearest(config, key);
	cor_config_error(config, COR_SOURCE_FLAG, "--%.*s: is not an option%s%s%s", (int)name.len,
		name.data, meant ? "; did you mean --" : "", meant ? meant->flag : "",
		meant ? "?" : "");
}

/* --no-x, of a switch --x. */
static bool take_negation(struct cor_config *config, struct cor_str name, const char *value)
{
	if (name.len <= 3 || memcmp(name.data, "no-", 3) != 0)
		return false;
	struct cor_option *option = cor_option_by_flag(
		config, (struct cor_str){ name.data + 3, name.len - 3 });
	if (!option || !is_switch(option))
		return false;
	if (value)
		cor_config_error(config, COR_SOURCE_FLAG,
			"--no-%s=%s: takes no value: write --%s %s", option->flag, value,
			option->flag, value);
	else
		give(config, option, "off");
	return true;
}

/* What follows an unknown flag was meant as its value: one slip, one message. */
static void pass_over_value(struct argument *argument)
{
	if (argument->at + 1 < argument->argc && argument->argv[argument->at + 1][0] != '-')
		argument->at++;
}

/* The secret option whose flag that argument is. */
static const struct cor_option *secret_at(
	const struct cor_config *config, const struct argument *argument, int at)
{
	if (at < 1 || strncmp(argument->argv[at], "--", 2) != 0)
		return NULL;
	const char *text = argument->argv[at] + 2;
	const struct cor_option *option = cor_option_by_flag(
		config, (struct cor_str){ text, strcspn(text, "=") });
	return option && option->is_secret ? option : NULL;
}

/*
 * An argument that is out of place may be the secret itself, and is not repeated: behind
 * `--password=`, `--password --` or, as a pass phrase without quotes, `--password correct horse`.
 */
static bool refuse_secret(struct cor_config *config, const struct argument *argument, bool is_long)
{
	char *const *argv = argument->argv;
	int at = argument->at - 1;

	while (at > 0 &&
		(strcmp(argv[at], "--") == 0 || (!is_long && strncmp(argv[at], "--", 2) != 0)))
		at--;
	const struct cor_option *secret = secret_at(config, argument, at);
	if (secret)
		cor_config_error(config, COR_SOURCE_FLAG,
			"what follows --%s is not an option: write --%s=VALUE", secret->flag,
			secret->flag);
	return secret != NULL;
}

static void read_long(struct cor_config *config, struct argument *argument, const char *text)
{
	const char *equals = strchr(text, '=');
	struct cor_str name = { text, equals ? (size_t)(equals - text) : strlen(text) };
	const char *value = equals ? equals + 1 : NULL;
	struct cor_option *option = cor_option_by_flag(config, name);

	if (option) {
		take(config, option, argument, value);
	} else if (!take_negation(config, name, value) && !refuse_secret(config, argument, true)) {
		refuse(config, name);
		if (!value)
			pass_over_value(argument);
	}
}

/* An option without its dashes, -password or password=hunter2: only its name is shown. */
static bool refuse_undashed(struct cor_config *config, struct argument *argument, const char *text)
{
	const char *begin = text + (text[0] == '-');
	struct cor_str name = { begin, strcspn(begin, "=") };
	const struct cor_option *option = cor_option_by_flag(config, name);

	if (!option)
		return false;
	cor_config_error(config, COR_SOURCE_FLAG, "%.*s: is not an option: write --%s%s",
		(int)(begin + name.len - text), text, option->flag,
		is_switch(option) ? "" : "=VALUE");
	if (begin[name.len] == '\0')
		pass_over_value(argument);
	return true;
}

/* -phunter2 is how other programs take a password; what stands further back may be a value. */
static void refuse_stray(struct cor_config *config, struct argument *argument, const char *text)
{
	static const char advice[] = "is not an option: options begin with --";

	if (refuse_secret(config, argument, false) || refuse_undashed(config, argument, text))
		return;
	if (text[0] == '-' && strlen(text) > 2)
		cor_config_error(config, COR_SOURCE_FLAG, "%.2s...: %s", text, advice);
	else if (text[0] == '-' || argument->at == 1)
		cor_config_error(
			config, COR_SOURCE_FLAG, "%.*s: %s", (int)strcspn(text, "="), text, advice);
	else
		cor_config_error(config, COR_SOURCE_FLAG, "argument %d %s", argument->at, advice);
}

void cor_flags_read(struct cor_config *config, int argc, char *const *argv)
{
	struct argument argument = { .argv = argv, .argc = argc };

	for (argument.at = 1; argument.at < argc; argument.at++) {
		const char *text = argv[argument.at];
		if (strcmp(text, "-h") == 0)
			read_long(config, &argument, "help");
		else if (strncmp(text, "--", 2) == 0 && text[2] != '\0')
			read_long(config, &argument, text + 2);
		else
			refuse_stray(config, &argument, text);
	}
}
