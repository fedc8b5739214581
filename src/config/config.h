/* SPDX-License-Identifier: MIT */
/**
 * Settings from defaults, file, environment and flags, by field tables.
 *
 * Each row of a table is one option. Its key names it everywhere: `idle_timeout_ms` is the flag
 * --idle-timeout-ms, the variable BOOKSHOP_IDLE_TIMEOUT_MS of the service `bookshop`, and the
 * member "idle_timeout_ms" of the file. What comes later in enum cor_config_source beats what comes
 * before; an array is replaced as a whole. Everything given is validated, also what is beaten.
 *
 * Life: create (looks at the tables) -> read -> the structs are filled; help and print at any time
 * after that. All memory is the arena's. Nothing here yields; files are read with plain blocking
 * calls. One thread.
 */
#ifndef CORACLE_CONFIG_CONFIG_H
#define CORACLE_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/arena.h>
#include <coracle/schema.h>

#include "base/buffer.h"

struct cor_config;

/** Where a value comes from, the weakest first. */
enum cor_config_source {
	COR_SOURCE_DEFAULT = 0, /* .fallback of the row, or zero */
	COR_SOURCE_SERVICE,     /* struct cor_service .defaults */
	COR_SOURCE_FILE,
	COR_SOURCE_ENVIRONMENT,
	COR_SOURCE_FLAG,
	COR_SOURCES,
};

/** A table, the struct that it fills, and its heading in --help. */
struct cor_config_group {
	const struct cor_schema *schema;
	void *settings; /* of the schema's type */
	const char *heading;
};

/** Something that the command line may ask for instead of serving: a flag without a value. */
struct cor_config_command {
	const char *key;   /* "print_config" is the flag --print-config */
	const char *doc;   /* for --help */
	bool stands_alone; /* nothing else is read, and nothing that is wrong reported */
	int (*run)(const void *caller); /* the caller's: nothing here calls it */
};
#define COR_CONFIG_COMMANDS_MAX 16

struct cor_config_options {
	const char *name;     /* of the service: the prefix of its variables */
	const char *title;    /* for people; NULL: the name */
	const char *version;  /* NULL: none */
	const char *defaults; /* JSON object in the form of the file; NULL: none */
	const struct cor_config_group *groups;
	size_t groups_len;
	const struct cor_config_command
		*commands; /* beside --config; at most COR_CONFIG_COMMANDS_MAX */
	size_t commands_len;
};

struct cor_config_input {
	int argc; /* argv[0] is the program */
	char *const *argv;
	char *const *environment; /* as environ */
};

/** Something to tell the operator. */
struct cor_config_message {
	struct cor_config_message *next;
	enum cor_config_source
		source; /* DEFAULT: of no input, but of the tables, or a value that is missing */
	bool is_warning;
	const char *
		text; /* "--threads 0: must be at least 1": what, why, and what to do. No line feed */
};

struct cor_config_messages {
	struct cor_config_message *first;
	struct cor_config_message *last;
	size_t errors;       /* counted even when there was no memory for the text */
	size_t flags_errors; /* those of them that are wrong use of the command line */
};

/**
 * Make the options of all groups (borrowed, with all they point to). `messages` is zeroed by the
 * caller, is borrowed too, and gets what this and cor_config_read() have to say. Returns 0,
 * -ENOMEM, or -COR_ETABLE: two rows have one name, a key cannot be a flag, a table contradicts
 * itself.
 */
int cor_config_create(const struct cor_config_options *options, struct cor_arena *arena,
	struct cor_config_messages *messages, struct cor_config **ret) COR_CHECKED;

/** Free what is not the arena's. NULL is allowed. The structs keep their values. */
void cor_config_destroy(struct cor_config *config);

/**
 * Read the sources and fill the structs of all groups. With a command that stands alone nothing
 * else is read, and the structs are not filled. Strings in them belong to the arena. Returns 0,
 * -ENOMEM, or -COR_EINVALID: the messages say what is wrong, all of it, and the structs hold
 * nothing of use.
 */
int cor_config_read(struct cor_config *config, const struct cor_config_input *input) COR_CHECKED;

/** The command that was asked for; the last row of several; NULL: none. After read. */
const struct cor_config_command *cor_config_command(const struct cor_config *config);

/**
 * Where a setting's value comes from; *ret_from (may be NULL) is its name there: "--http",
 * "BOOKSHOP_HTTP", "shop.json", "default". For what no table can judge. COR_SOURCE_DEFAULT for a
 * key that is none; after read.
 */
enum cor_config_source cor_config_origin(
	const struct cor_config *config, const char *key, const char **ret_from);

/** Append the text of --help. Errors go into the buffer. */
void cor_config_help(const struct cor_config *config, struct cor_buffer *buffer);

/**
 * Append the effective settings, a line each, as one JSON object: "threads": {"value": 4, "from":
 * "--threads"}. Values of WRITE_ONLY rows, which are secrets, are "***". After a read that
 * succeeded. Errors go into the buffer.
 */
void cor_config_print(const struct cor_config *config, struct cor_buffer *buffer);

#endif
