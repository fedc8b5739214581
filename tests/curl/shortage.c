/* SPDX-License-Identifier: MIT */
/*
 * Preloaded: no memory for what grows beyond 60,000 bytes, as the line of a head does in curl, nor
 * for twice the longest line.
 */
#include <errno.h>
#include <stddef.h>

#define GROWN_MAX 60000
#define MADE_MAX  200000

void *__libc_malloc(size_t size);
void *__libc_realloc(void *old, size_t size);
void *malloc(size_t size);
void *realloc(void *old, size_t size);

void *malloc(size_t size)
{
	if (size <= MADE_MAX)
		return __libc_malloc(size);
	errno = ENOMEM;
	return NULL;
}

void *realloc(void *old, size_t size)
{
	if (size <= GROWN_MAX)
		return __libc_realloc(old, size);
	errno = ENOMEM;
	return NULL;
}
