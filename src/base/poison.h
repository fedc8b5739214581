/* SPDX-License-Identifier: MIT */
/**
 * Memory that is reused, as that of requests is: keeping a pointer beyond its time must show.
 *
 * AddressSanitizer reports the access; a build with assertions finds COR_GONE_BYTE. A release
 * does nothing.
 */
#ifndef CORACLE_BASE_POISON_H
#define CORACLE_BASE_POISON_H

#include <stddef.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COR_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define COR_ASAN 1
#endif

#ifdef COR_ASAN
#include <sanitizer/asan_interface.h>
#endif

#define COR_GONE_BYTE 0xdd

#if defined(COR_ASAN) || !defined(NDEBUG)
#define COR_POISONS 1
#else
#define COR_POISONS 0
#endif

/** Nobody may use this memory until cor_unpoison(). Its content may be lost. */
static inline void cor_poison(void *memory, size_t bytes)
{
#if defined(COR_ASAN)
	ASAN_POISON_MEMORY_REGION(memory, bytes);
#elif !defined(NDEBUG)
	if (bytes != 0)
		memset(memory, COR_GONE_BYTE, bytes);
#else
	(void)memory;
	(void)bytes;
#endif
}

static inline void cor_unpoison(void *memory, size_t bytes)
{
#if defined(COR_ASAN)
	ASAN_UNPOISON_MEMORY_REGION(memory, bytes);
#else
	(void)memory;
	(void)bytes;
#endif
}

#endif
