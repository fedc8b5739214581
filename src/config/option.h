/* SPDX-License-Identifier: MIT */
/**
 * The table of options behind a struct cor_config. Private to the config folder.
 */
#ifndef CORACLE_CONFIG_OPTION_H
#define CORACLE_CONFIG_OPTION_H

#include <stdint.h>

#include "config/config.h"
#include "schema/names.h"

/** What a source gives for an option. */
struct cor_option_given {
	struct cor_str json; /* the value as JSON text; data NULL: none */
	const char *where;   /* begins a message: "--threads 0", "shop.json:3: threads" */
	const char *from;    /* "--threads", "BOOKSHOP_THREADS", "shop.json" */
};

struct cor_option {
	const struct cor_field *field;
	const struct cor_config_group *group;
	const char *key;      /* in the file */
	const char *flag;     /* without the dashes in front */
	const char *variable; /* with the prefix */
	unsigned sources;     /* bits 1 << enum cor_config_source that may set it */
	bool has_failed;      /* a source gave it and was refused: it is not missing as well */
	bool is_secret;       /* its row, or one that it nests, is COR_WRITE_ONLY: never shown */
	bool is_missing; /* it is required, and nobody gives it: its group's struct is not filled */
	struct cor_option_given given[COR_SOURCES];
};

/** What the command line asks for, filled by rows like everything else. */
struct cor_command_settings {
	const char *config;
	const char *mounted_at;
	bool given[COR_CONFIG_COMMANDS_MAX]; /* by the options' commands */
};
COR_DECLARE_SCHEMA(cor_command_schema, struct cor_command_settings);

struct cor_config {
	const struct cor_config_options *options;
	struct cor_arena *arena;
	struct cor_config_messages *messages;
	struct cor_codec *codec;
	const char *prefix; /* "BOOKSHOP_" */
	struct cor_option *table;
	size_t len;
	struct cor_key_index keys;       /* option by key, and the nearest to a misspelt one */
	struct cor_config_group *groups; /* those of the options, then the command's */
	size_t groups_len;
	struct cor_schema command_schema;
	struct cor_command_settings command;
	bool runs_without; /* of the input */
	bool out_of_memory;
};

/** Make the table, and report names that conflict. Returns 0, -ENOMEM or -COR_ETABLE. */
int cor_option_table_make(struct cor_config *config) COR_CHECKED;

/** The option with that key, flag or variable; NULL if there is none. */
struct cor_option *cor_option_by_key(const struct cor_config *config, struct cor_str key);
struct cor_option *cor_option_by_flag(const struct cor_config *config, struct cor_str flag);
struct cor_option *cor_option_by_variable(const struct cor_config *config, struct cor_str variable);

/**
 * The option whose key is nearest to a misspelt one, or the only one that ends with it behind a _;
 * NULL if there is none.
 */
const struct cor_option *cor_option_nearest(const struct cor_config *config, const char *key);

/** The kind of the option's value, or of its items if it is an array. */
enum cor_kind cor_option_kind(const struct cor_option *option);
bool cor_option_is_array(const struct cor_option *option);
bool cor_option_may(const struct cor_option *option, enum cor_config_source source);

/** The strongest source with a value; COR_SOURCE_DEFAULT if none has one. */
enum cor_config_source cor_option_source(const struct cor_option *option);

/** The JSON that a word stands for, for this option; NULL: it is not a word of the option's. */
const char *cor_option_word(
	const struct cor_config *config, const struct cor_option *option, struct cor_str word);

/** The word for a value of this option; NULL: there is none. */
const char *cor_option_word_for(
	const struct cor_config *config, const struct cor_option *option, struct cor_str json);

/** All words of the option, each behind the separator; "" if it has none. */
const char *cor_option_words(
	struct cor_config *config, const struct cor_option *option, const char *separator);

/** Report an error, or something that is only odd. */
void cor_config_error(struct cor_config *config, enum cor_config_source source, const char *format,
	...) COR_PRINTF(3, 4);
void cor_config_warning(struct cor_config *config, enum cor_config_source source,
	const char *format, ...) COR_PRINTF(3, 4);

/** Formatted text in the arena; "" if there is no memory, and config->out_of_memory is set. */
const char *cor_config_text(struct cor_config *config, const char *format, ...) COR_PRINTF(2, 3);

/**
 * Give an option the text of a flag or a variable, `from` being its name there. Of an array a flag
 * is one more item, a variable all items, between commas or as a JSON array; no text is no item.
 * "null" is null where the row is COR_NULLABLE.
 */
void cor_option_give(struct cor_config *config, struct cor_option *option,
	enum cor_config_source source, struct cor_str text, const char *from);

/** The same for the text of a file that a variable names: messages show its path, not the text. */
void cor_option_give_from_file(struct cor_config *config, struct cor_option *option,
	struct cor_str text, const char *variable, const char *path);

/** Read one source each. Errors become messages. */
void cor_flags_read(struct cor_config *config, int argc, char *const *argv);
void cor_environment_read(struct cor_config *config, char *const *environment);
void cor_settings_file_read(struct cor_config *config, const char *path);
void cor_settings_text_read(struct cor_config *config, enum cor_config_source source,
	struct cor_str content, const char *name);

/** The same for the defaults of a group, where nothing else has given a value before. */
void cor_settings_group_read(struct cor_config *config, const struct cor_config_group *group);

/** merge.c: validate what the sources give for a group, and fill its struct. */
void cor_config_merge(struct cor_config *config, const struct cor_config_group *group);

#endif
