/* SPDX-License-Identifier: MIT */
/**
 * Bytes that a connection has received and not worked off: it has them only while there are some.
 */
#ifndef CORACLE_CONNECTION_INPUT_H
#define CORACLE_CONNECTION_INPUT_H

#include <stddef.h>

#include <coracle/api.h>

struct cor_connection;

struct cor_input {
	size_t at;  /* the first that counts */
	size_t len; /* how many count */
	size_t capacity;
	char bytes[];
};

/** Keep `len` bytes (which may lie in the input itself) for later. Returns 0 or -ENOMEM. */
int cor_connection_keep(
	struct cor_connection *connection, const char *data, size_t len) COR_CHECKED;

/**
 * Room for `bytes` more behind what the input holds; makes an input where there is none. NULL
 * without memory.
 */
char *cor_connection_room(struct cor_connection *connection, size_t bytes);

void cor_connection_drop_input(struct cor_connection *connection);

#endif
