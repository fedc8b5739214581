/* SPDX-License-Identifier: MIT */
/* What a document becomes in a dialect. */
#ifndef CORACLE_TESTS_DIALECT_DIALECTS_H
#define CORACLE_TESTS_DIALECT_DIALECTS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "dialect/dialect.h"

/* The document in a dialect, with a NUL; the caller finishes the buffer. */
static inline void in_dialect(
	enum cor_dialect dialect, const char *document, struct cor_buffer *buffer)
{
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_dialect_write(dialect, cor_str(document), &arena, buffer), 0);
	cor_buffer_byte(buffer, '\0');
	cor_arena_finish(&arena);
}

static inline void assert_part(const struct cor_buffer *text, const char *part)
{
	if (!strstr(text->data, part))
		fail_msg("missing: %s\nin: %s", part, text->data);
}

static inline void assert_no_part(const struct cor_buffer *text, const char *part)
{
	if (strstr(text->data, part))
		fail_msg("there: %s\nin: %s", part, text->data);
}

#endif
