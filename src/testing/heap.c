/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "testing/heap.h"
#include "testing/sanitizer.h"

#if defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 33)
#define HAS_COUNT 1
#endif
#endif

#define TUNABLES "GLIBC_TUNABLES"
#define OLD      "CORACLE_TESTING_TUNABLES" /* what it was before, with an 'x' in front */
#define EXACT    "glibc.malloc.tcache_count=0"

#ifdef HAS_COUNT

/*
 * glibc counts small pieces that are freed as used, as long as a thread's cache has them. The cache
 * can be left out only when the program starts.
 */
bool cor_heap_is_counted(void)
{
	void *piece;
	size_t before = cor_heap_bytes();

	if (cor_has_asan() || cor_has_tsan())
		return false;
	piece = malloc(24);
	__asm__ volatile("" : : "r"(piece) : "memory");
	free(piece);
	return cor_heap_bytes() == before;
}

size_t cor_heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void put_back(const char *old)
{
	if (old[1] != '\0')
		setenv(TUNABLES, old + 1, 1);
	else
		unsetenv(TUNABLES);
	unsetenv(OLD);
}

void cor_heap_prepare(char **argv)
{
	const char *old = getenv(OLD);
	const char *now = getenv(TUNABLES);
	char *marked, *wanted;

	if (old) {
		put_back(old);
		return;
	}
	if (cor_has_asan() || cor_has_tsan() || cor_heap_is_counted())
		return;
	marked = malloc(strlen(now ? now : "") + 2);
	wanted = malloc(strlen(now ? now : "") + sizeof EXACT + 1);
	if (marked && wanted) {
		stpcpy(stpcpy(marked, "x"), now ? now : "");
		stpcpy(stpcpy(stpcpy(wanted, EXACT), now ? ":" : ""), now ? now : "");
		setenv(OLD, marked, 1);
		setenv(TUNABLES, wanted, 1);
		execv("/proc/self/exe", argv);
		put_back(marked);
	}
	free(marked);
	free(wanted);
}

#else

bool cor_heap_is_counted(void)
{
	return false;
}

size_t cor_heap_bytes(void)
{
	return 0;
}

void cor_heap_prepare(char **argv)
{
	(void)argv;
}

#endif
