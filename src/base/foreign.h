/* SPDX-License-Identifier: MIT */
/**
 * Memory that somebody else may write at any time, who is not trusted: a process that runs code
 * which may write anywhere.
 *
 * A value in it is read once, into memory of one's own, and judged there. What it points to counts
 * only if it lies in the same memory.
 */
#ifndef CORACLE_BASE_FOREIGN_H
#define CORACLE_BASE_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cor_foreign {
	const char *start;
	const char *end; /* behind its last byte */
};

/** Whether all of the bytes lie in it. */
static inline bool cor_foreign_has(
	const struct cor_foreign *foreign, const void *data, size_t bytes)
{
	uintptr_t at = (uintptr_t)data, start = (uintptr_t)foreign->start;
	uintptr_t end = (uintptr_t)foreign->end;

	return at >= start && at <= end && bytes <= end - at;
}

/** The length of the string there; false: it does not lie in the memory with its NUL. */
static inline bool cor_foreign_text(
	const struct cor_foreign *foreign, const char *text, size_t *ret_len)
{
	if (!cor_foreign_has(foreign, text, 1))
		return false;
	size_t room = (size_t)(foreign->end - text);
	*ret_len = strnlen(text, room);
	return *ret_len < room;
}

#endif
