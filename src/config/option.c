/* SPDX-License-Identifier: MIT */
#include "config/option.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "schema/bind.h"
#include "schema/describe.h"

#define FLAG_ONLY (1u << COR_SOURCE_FLAG)
#define ANYWHERE                                                                                   \
	(1u << COR_SOURCE_SERVICE | 1u << COR_SOURCE_FILE | 1u << COR_SOURCE_ENVIRONMENT |         \
		FLAG_ONLY)

/* The file cannot set the command's own rows: they are what finds it. */
static unsigned sources_of(
	const struct cor_config *config, const struct cor_config_group *group, const char *key)
{
	if (group->schema != &config->command_schema)
		return ANYWHERE;
	return strcmp(key, "config") == 0 ? FLAG_ONLY | 1u << COR_SOURCE_ENVIRONMENT : FLAG_ONLY;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) != 0 || c == '_';
}

/* A plain word in a shell, in JSON and in --help. */
static bool is_usable(const char *key)
{
	if (!isalpha((unsigned char)key[0]))
		return false;
	for (const char *at = key; *at; at++)
		if (!is_word(*at) && *at != '-')
			return false;
	return true;
}

static const char *spell_flag(struct cor_config *config, const char *key)
{
	char *flag = cor_arena_strdup(config->arena, key);

	for (char *at = flag; at && *at; at++)
		if (*at == '_')
			*at = '-';
	return flag;
}

static const char *spell_variable(struct cor_config *config, const char *prefix, const char *name)
{
	char *variable = cor_arena_printf(config->arena, "%s%s", prefix, name);

	for (char *at = variable; at && *at; at++) {
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at & ~0x20);
		else if (!is_word(*at))
			*at = '_';
	}
	return variable;
}

static void name_row(const struct cor_option *option, struct cor_config *config, const char *fault,
	const char *remedy)
{
	cor_config_error(config, COR_SOURCE_DEFAULT, "%s, row %s: %s: %s",
		option->group->schema->symbol, option->field->member, fault, remedy);
}

static bool has_secret_row(const struct cor_schema *schema)
{
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows))
		if (field->access == COR_WRITE_ONLY)
			return true;
	return false;
}

/* An option is shown as a whole or not at all, so one secret in what it nests makes it one. */
static int find_secret(struct cor_config *config, const struct cor_field *field, bool *ret)
{
	const struct cor_schema_form root = { .schema = field->type.schema, .use = COR_USE_WHOLE };
	struct cor_schema_names reached = { 0 };

	*ret = field->access == COR_WRITE_ONLY;
	if (*ret || !field->type.schema)
		return 0;
	int rc = cor_schema_names_collect(&root, 1, config->arena, &reached);
	for (size_t i = 0; rc == 0 && i < reached.len; i++)
		*ret |= has_secret_row(reached.forms[i].schema);
	return rc;
}

static int make_option(struct cor_config *config, const struct cor_config_group *group,
	const struct cor_field *field)
{
	struct cor_option *option = &config->table[config->len++];

	option->field = field;
	option->group = group;
	option->key = cor_row_key(field);
	option->flag = spell_flag(config, option->key);
	option->variable = spell_variable(config, config->prefix, option->key);
	option->sources = sources_of(config, group, option->key);
	if (!option->flag || !option->variable)
		return -ENOMEM;
	if (!is_usable(option->key))
		name_row(option, config, "its name cannot be a flag",
			"use letters, digits and _ in .key");
	return find_secret(config, field, &option->is_secret);
}

static int make_options(struct cor_config *config, const struct cor_config_group *group)
{
	struct cor_rows rows;
	int rc = 0;

	for (const struct cor_field *row = cor_rows_first(&rows, group->schema); rc == 0 && row;
		row = cor_rows_next(&rows)) {
		const struct cor_field *field = cor_rows_keep(&rows, row, config->arena);
		rc = field ? make_option(config, group, field) : -ENOMEM;
	}
	return rc;
}

/* Of two rows the later one is to be renamed, but of two groups the first: it is the service's. */
static void report_conflict(
	struct cor_config *config, const struct cor_option *first, const struct cor_option *second)
{
	bool same_group = first->group == second->group;
	const struct cor_option *mine = same_group ? second : first;
	const struct cor_option *other = same_group ? first : second;

	const char *fault = NULL;

	if (same_group)
		fault = cor_config_text(config, "--%s is already an option", other->flag);
	else if (mine->group->service && other->group->service)
		fault = cor_config_text(config,
			"--%s is an option of %s and of %s, which are mounted together",
			other->flag, mine->group->service, other->group->service);
	else
		fault = cor_config_text(config, "--%s is an option of every service", other->flag);
	name_row(mine, config, fault, "give the row another .key");
}

/* Variables are the coarsest spelling: names that differ there differ everywhere. */
static void check_conflicts(struct cor_config *config)
{
	for (size_t i = 0; i < config->len; i++) {
		const struct cor_option *mine = &config->table[i];
		for (size_t j = 0; j < i; j++) {
			const struct cor_option *other = &config->table[j];
			if (strcmp(mine->variable, other->variable) == 0)
				report_conflict(config, other, mine);
		}
	}
}

static bool is_negation_of(const struct cor_option *option, const struct cor_option *other)
{
	return cor_option_kind(other) == COR_KIND_BOOL && !cor_option_is_array(other) &&
	       strncmp(option->flag, "no-", 3) == 0 && strcmp(option->flag + 3, other->flag) == 0;
}

static void check_negations(struct cor_config *config)
{
	for (size_t i = 0; i < config->len; i++)
		for (size_t j = 0; j < config->len; j++)
			if (is_negation_of(&config->table[i], &config->table[j]))
				name_row(&config->table[i], config,
					cor_config_text(config, "--%s turns --%s off",
						config->table[i].flag, config->table[j].flag),
					"give the row another .key");
}

static int index_keys(struct cor_config *config)
{
	struct cor_str *keys = cor_arena_alloc(config->arena, (config->len + 1) * sizeof *keys);

	if (!keys)
		return -ENOMEM;
	for (size_t i = 0; i < config->len; i++)
		keys[i] = cor_str(config->table[i].key);
	return cor_key_index_build(&config->keys, config->arena, keys, (uint32_t)config->len);
}

int cor_option_table_make(struct cor_config *config)
{
	size_t len = 0;
	int rc = 0;

	for (size_t i = 0; i < config->groups_len; i++)
		len += cor_rows_count(config->groups[i].schema);
	config->prefix = spell_variable(config, config->options->name, "_");
	config->table = cor_arena_zalloc(config->arena, len * sizeof *config->table);
	if (!config->table || !config->prefix)
		return -ENOMEM;
	for (size_t i = 0; rc == 0 && i < config->groups_len; i++)
		rc = make_options(config, &config->groups[i]);
	if (rc == 0)
		rc = index_keys(config);
	if (rc < 0)
		return rc;
	check_conflicts(config);
	check_negations(config);
	return config->messages->errors == 0 ? 0 : -COR_ETABLE;
}

struct cor_option *cor_option_by_key(const struct cor_config *config, struct cor_str key)
{
	int at = cor_key_index_find(&config->keys, key);

	return at < 0 ? NULL : &config->table[at];
}

struct cor_option *cor_option_by_flag(const struct cor_config *config, struct cor_str flag)
{
	for (size_t i = 0; i < config->len; i++)
		if (cor_str_equal(cor_str(config->table[i].flag), flag))
			return &config->table[i];
	return NULL;
}

struct cor_option *cor_option_by_variable(const struct cor_config *config, struct cor_str variable)
{
	for (size_t i = 0; i < config->len; i++)
		if (cor_str_equal(cor_str(config->table[i].variable), variable))
			return &config->table[i];
	return NULL;
}

/* weather_url, of upstream_weather_url; NULL: none has such an end, or several do. */
static const struct cor_option *ends_so(const struct cor_config *config, const char *key)
{
	const struct cor_option *found = NULL;
	size_t len = strlen(key);

	for (size_t i = 0; len > 2 && i < config->len; i++) {
		const char *other = config->table[i].key;
		size_t other_len = strlen(other);
		if (other_len < len + 2 || other[other_len - len - 1] != '_' ||
			strcmp(other + other_len - len, key) != 0)
			continue;
		if (found)
			return NULL;
		found = &config->table[i];
	}
	return found;
}

const struct cor_option *cor_option_nearest(const struct cor_config *config, const char *key)
{
	int at = cor_key_index_nearest(&config->keys, cor_str(key));

	return at < 0 ? ends_so(config, key) : &config->table[at];
}

/* A cor_dict is given as JSON, as objects are. */
enum cor_kind cor_option_kind(const struct cor_option *option)
{
	if (option->field->shape == COR_SHAPE_DICT)
		return COR_KIND_RAW;
	return option->field->type.kind;
}

bool cor_option_is_array(const struct cor_option *option)
{
	return option->field->shape == COR_SHAPE_ARRAY || cor_row_is_set(option->field);
}

bool cor_option_may(const struct cor_option *option, enum cor_config_source source)
{
	return (option->sources & 1u << source) != 0;
}

enum cor_config_source cor_option_source(const struct cor_option *option)
{
	for (int source = COR_SOURCE_FLAG; source > COR_SOURCE_DEFAULT; source--)
		if (option->given[source].json.data)
			return (enum cor_config_source)source;
	return COR_SOURCE_DEFAULT;
}

const char *cor_option_word(
	const struct cor_config *config, const struct cor_option *option, struct cor_str word)
{
	const struct cor_config_options *options = config->options;

	for (size_t i = 0; i < options->words_len; i++)
		if (strcmp(options->words[i].key, option->key) == 0 &&
			cor_str_equal(word, cor_str(options->words[i].word)))
			return options->words[i].json;
	return NULL;
}

const char *cor_option_word_for(
	const struct cor_config *config, const struct cor_option *option, struct cor_str json)
{
	const struct cor_config_options *options = config->options;

	for (size_t i = 0; i < options->words_len; i++)
		if (strcmp(options->words[i].key, option->key) == 0 &&
			cor_str_equal(json, cor_str(options->words[i].json)))
			return options->words[i].word;
	return NULL;
}

const char *cor_option_words(
	struct cor_config *config, const struct cor_option *option, const char *separator)
{
	const struct cor_config_options *options = config->options;
	const char *words = "";

	for (size_t i = 0; i < options->words_len; i++)
		if (strcmp(options->words[i].key, option->key) == 0)
			words = cor_config_text(
				config, "%s%s%s", words, separator, options->words[i].word);
	return words;
}
