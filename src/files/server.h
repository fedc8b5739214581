/* SPDX-License-Identifier: MIT */
/**
 * One cor_files of a service, opened. One for each thread.
 */
#ifndef CORACLE_FILES_SERVER_H
#define CORACLE_FILES_SERVER_H

#include <coracle/arena.h>
#include <coracle/files.h>

struct cor_file_server {
	const struct cor_files *files;
	int folder;                     /* -1: they are embedded, or it is not open */
	const char *where;              /* that is, without .subfolder, while it is open */
	size_t segments;                /* of its path */
	const char *index;              /* "": none */
	struct cor_file_memory *memory; /* NULL: they are embedded, or it is not open */
};

/**
 * The folder that the service's settings (NULL: it has none) or .folder names, without .subfolder.
 * NULL: none does.
 */
const char *cor_files_folder(const struct cor_files *files, const void *settings);

/** Begin it; its folder is not open. */
void cor_file_server_init(struct cor_file_server *server, const struct cor_files *files);

/**
 * Open the folder at `path`, which outlives it, unless the files are embedded, and look at what it
 * must have. Blocks for the disk. Returns 0, -ENOMEM, or -COR_ETABLE: *ret_why (in the arena) says
 * what the operator can do.
 */
int cor_file_server_open(struct cor_file_server *server, const char *path, struct cor_arena *arena,
	const char **ret_why) COR_CHECKED;

/** Close what is open. */
void cor_file_server_close(struct cor_file_server *server);

#endif
