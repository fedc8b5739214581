/* SPDX-License-Identifier: MIT */
/**
 * Settings from defaults, file, environment and flags, by field tables.
 *
 * Each row of a table is one option. Its key names it everywhere: `idle_timeout_ms` is the flag
 * --idle-timeout-ms, the variable BOOKSHOP_IDLE_TIMEOUT_MS of the service `bookshop`, and the
 * member "idle_timeout_ms" of the file. A later source in enum cor_config_source beats an earlier
 * one; an array is replaced as a whole. Every value is validated, even one that is beaten.
 *
 * Life: create (checks the tables) -> read -> the structs are filled; then help and print at any
 * time. All memory is the arena's. Nothing here yields; files are read with blocking calls. One
 * thread.
 */
#ifndef CORACLE_CONFIG_CONFIG_H
#define CORACLE_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/arena.h>
#include <coracle/schema.h>

#include "base/buffer.h"

struct cor_config;

/** Where a value comes from, weakest first. */
enum cor_config_source {
	COR_SOURCE_DEFAULT = 0, /* the row's .fallback, or zero */
	COR_SOURCE_SERVICE,     /* struct cor_service .defaults */
	COR_SOURCE_FILE,
	COR_SOURCE_ENVIRONMENT,
	COR_SOURCE_FLAG,
	COR_SOURCES,
};

/** A table, the struct that it fills, and its heading in --help. */
struct cor_config_group {
	const struct cor_schema *schema;
	void *settings; /* of the schema's type; NULL: values are neither wanted nor missed */
	const char *heading;
	const char *service;  /* whose own settings they are; NULL: every service has them */
	const char *defaults; /* of the table's rows alone: as those of the options, which win */
};

/** What the command line may ask for instead of serving: a flag without a value. */
struct cor_config_command {
	const char *key;   /* "print_config" is the flag --print-config */
	const char *doc;   /* for --help */
	bool stands_alone; /* nothing else is read, and nothing that is wrong reported */
	bool runs_without; /* required settings: it is no error that nobody gives them */
	int (*run)(const void *caller); /* the caller's: nothing here calls it */
};
#define COR_CONFIG_COMMANDS_MAX 16

/**
 * A word in place of a number of things, of which there is one at least: "auto" for threads,
 * "forever" for a time. The number that the struct holds then cannot be given as a number.
 */
struct cor_config_word {
	const char *key; /* of the row */
	const char *word;
	const char *json; /* of the number: 0 or less, or the largest */
};

struct cor_config_options {
	const char *name;     /* of the service: the prefix of its variables */
	const char *title;    /* for people; NULL: the name */
	const char *version;  /* NULL: none */
	const char *usage;    /* another way to call the program, behind its name; NULL: none */
	const char *defaults; /* JSON object in the form of the file; NULL: none */
	const struct cor_config_group *groups;
	size_t groups_len;
	/** At most COR_CONFIG_COMMANDS_MAX; --config is always there. */
	const struct cor_config_command *commands;
	size_t commands_len;
	const struct cor_config_word *words;
	size_t words_len;
	/** Commands are about a part of the program, if --mounted-at says so. False: it is none. */
	bool has_parts;
};

/** What cor_config_save() leaves out. */
enum cor_config_save { COR_SAVE_ALL, COR_SAVE_WITHOUT_SERVICES };

struct cor_config_input {
	int argc; /* argv[0] is the program */
	char *const *argv;
	char *const *environment; /* as environ */
	bool runs_without;        /* as of a command, whatever the command line asks for */
};

/** A message for the operator. */
struct cor_config_message {
	struct cor_config_message *next;
	/** COR_SOURCE_DEFAULT: the tables are wrong, or a value is missing. */
	enum cor_config_source source;
	bool is_warning;
	/** "--threads 0: must be at least 1": what, why, and what to do. No line feed. */
	const char *text;
};

struct cor_config_messages {
	struct cor_config_message *first;
	struct cor_config_message *last;
	size_t errors;       /* even those whose text found no memory */
	size_t flags_errors; /* how many of them are about flags */
};

/**
 * Make the options of all groups. Borrows `options`, what it points to, and `messages`, which the
 * caller zeroes and which receives the messages of this function and of cor_config_read(). Returns
 * 0, -ENOMEM, or -COR_ETABLE: two rows share a name, a key cannot be a flag, or a table contradicts
 * itself.
 */
int cor_config_create(const struct cor_config_options *options, struct cor_arena *arena,
	struct cor_config_messages *messages, struct cor_config **ret) COR_CHECKED;

/** Free what is not the arena's; NULL is allowed. The structs keep their values. */
void cor_config_destroy(struct cor_config *config);

/**
 * Read the sources and fill the structs of all groups; strings in them belong to the arena. With a
 * command that stands alone, nothing else is read and the structs are not filled. Returns 0,
 * -ENOMEM, or -COR_EINVALID: the messages report everything that is wrong, and the structs are not
 * to be used.
 */
int cor_config_read(struct cor_config *config, const struct cor_config_input *input) COR_CHECKED;

/** The command on the command line: of several the last row; NULL if none. After read. */
const struct cor_config_command *cor_config_command(const struct cor_config *config);

/** What --mounted-at says; NULL: it was not given. After read. */
const char *cor_config_mounted_at(const struct cor_config *config);

/**
 * Where a setting's value comes from, for messages about what no table can judge; after read.
 * *ret_from, unless NULL, is its name there: "--http", "BOOKSHOP_HTTP", "shop.json", "default".
 * COR_SOURCE_DEFAULT for an unknown key.
 */
enum cor_config_source cor_config_origin(
	const struct cor_config *config, const char *key, const char **ret_from);

/** Append the text of --help. Errors go into the buffer. */
void cor_config_help(const struct cor_config *config, struct cor_buffer *buffer);

/**
 * Append the effective settings as one JSON object, a line each: "threads": {"value": 4, "from":
 * "--threads"}. A secret, a row that is COR_WRITE_ONLY or nests one that is, prints as "***", and
 * has "secret": true; what a service does not start without has "required": true, and the source
 * "missing" where nobody gives it. After a read that succeeded. Errors go into the buffer.
 */
void cor_config_print(const struct cor_config *config, struct cor_buffer *buffer);

/**
 * Append what the sources above the service's own give, as one JSON object in the form of the file:
 * read by the same program, it makes the same settings, but for those that are left out: the own
 * ones of services. With secrets. After a read that succeeded. Errors go into the buffer.
 */
void cor_config_save(
	const struct cor_config *config, enum cor_config_save what, struct cor_buffer *buffer);

/** What the names of the service's variables begin with: "BOOKSHOP_". */
const char *cor_config_prefix(const struct cor_config *config);

#endif
