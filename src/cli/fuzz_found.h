/* SPDX-License-Identifier: MIT */
/** What `coracle fuzz` makes of an input that has shown something: a request, smaller, and kept. */
#ifndef CORACLE_CLI_FUZZ_FOUND_H
#define CORACLE_CLI_FUZZ_FOUND_H

#include <coracle/json_write.h>

#include "cli/fuzz.h"

struct cor_fuzz_found {
	const char *title; /* NULL: a new service does not show it */
	const char *request, *curl;
	const char *stack; /* lines of the service's own code; "": there are none */
	const char *file;  /* where it is kept, from the project's folder */
	bool is_known;     /* it was kept already */
	uint32_t tries;    /* to make it smaller */
	uint32_t times;    /* that it was found */
};

/** Make it smaller and keep it as a test. Returns COR_CLI_OK, or what failed. */
int cor_fuzz_keep(const struct cor_fuzz *fuzz, const char *input, struct cor_fuzz_found *ret);

/** For people, and as the members of an object. */
void cor_fuzz_write_found(
	const struct cor_fuzz *fuzz, const struct cor_fuzz_found *found, struct cor_buffer *buffer);
void cor_fuzz_write_found_json(const struct cor_cli *cli, const struct cor_fuzz_found *found,
	struct cor_json_writer *writer);

#endif
