/* SPDX-License-Identifier: MIT */
#include "connection/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connection/connection.h"

void cor_connection_drop_input(struct cor_connection *c)
{
	free(c->input);
	c->input = NULL;
}

/* Room for `bytes` behind `len` that stay. */
static struct cor_input *grow(struct cor_connection *c, size_t len, size_t bytes)
{
	size_t capacity = len + bytes > COR_INPUT_FIRST_BYTES ? (len + bytes) * 2
							      : COR_INPUT_FIRST_BYTES;
	struct cor_input *input = realloc(c->input, sizeof *input + capacity);

	if (!input)
		return NULL;
	if (!c->input)
		input->at = input->len = 0;
	input->capacity = capacity;
	c->input = input;
	return input;
}

char *cor_connection_room(struct cor_connection *c, size_t bytes)
{
	struct cor_input *input = c->input;

	if (input && input->at != 0 && input->capacity - input->at - input->len < bytes) {
		memmove(input->bytes, input->bytes + input->at, input->len);
		input->at = 0;
	}
	size_t len = input ? input->len : 0;
	if (!input || input->capacity - input->at - len < bytes)
		input = grow(c, len, bytes);
	return input ? input->bytes + input->at + input->len : NULL;
}

int cor_connection_keep(struct cor_connection *c, const char *data, size_t len)
{
	struct cor_input *input = c->input;

	if (len == 0) {
		cor_connection_drop_input(c);
		return 0;
	}
	if (input && data >= input->bytes && data <= input->bytes + input->capacity) {
		input->at = (size_t)(data - input->bytes);
		input->len = len;
		return 0;
	}
	cor_connection_drop_input(c);
	char *room = cor_connection_room(c, len);
	if (!room)
		return -ENOMEM;
	memcpy(room, data, len);
	c->input->len = len;
	return 0;
}
