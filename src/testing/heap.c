/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "runtime/annotate.h"
#include "testing/heap.h"
#include "testing/sanitizer.h"

#if defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 33)
#define HAS_COUNT 1
#endif
#endif

#define TUNABLES          "GLIBC_TUNABLES"
#define OLD               "CORACLE_TESTING_TUNABLES" /* what it was before, with an 'x' in front */
#define COMMAND_BYTES_MAX ((size_t)256 * 1024)
#define EXACT             "glibc.malloc.tcache_count=0"

#ifdef HAS_COUNT

/*
 * glibc counts small pieces that are freed as used, as long as a thread's cache has them. The cache
 * can be left out only when the program starts. What main() has freed before may be in it: such a
 * piece is used all the time.
 */
bool cor_heap_is_counted(void)
{
	void *piece;
	size_t before = cor_heap_bytes();

	if (cor_has_asan() || cor_has_tsan())
		return false;
	piece = malloc(24);
	__asm__ volatile("" : : "r"(piece) : "memory");
	size_t meanwhile = cor_heap_bytes();
	free(piece);
	return meanwhile > before && cor_heap_bytes() == before;
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

/* As the system has it: main may have given us another one. The caller frees both. */
static char **read_command_line(char **ret_text)
{
	FILE *in = fopen("/proc/self/cmdline", "re");
	char *text = in ? calloc(1, COMMAND_BYTES_MAX) : NULL;
	size_t len = text ? fread(text, 1, COMMAND_BYTES_MAX - 1, in) : 0;
	char **argv = len > 0 ? calloc(len + 1, sizeof *argv) : NULL;
	size_t count = 0;

	for (size_t at = 0; argv && at < len; at += strlen(text + at) + 1)
		argv[count++] = text + at;
	if (in)
		fclose(in);
	*ret_text = text;
	return argv;
}

/* Returns if it cannot be done. */
static void start_again(const char *tunables, const char *old)
{
	char *text = NULL;
	char **argv = read_command_line(&text);

	setenv(OLD, old, 1);
	setenv(TUNABLES, tunables, 1);
	if (argv)
		execv("/proc/self/exe", argv);
	put_back(old);
	free(argv);
	free(text);
}

void cor_heap_prepare(void)
{
	const char *old = getenv(OLD);
	const char *now = getenv(TUNABLES);
	char *marked, *wanted;

	if (old) {
		put_back(old);
		return;
	}
	if (cor_has_asan() || cor_has_tsan() || RUNNING_ON_VALGRIND || cor_heap_is_counted())
		return;
	marked = malloc(strlen(now ? now : "") + 2);
	wanted = malloc(strlen(now ? now : "") + sizeof EXACT + 1);
	if (marked && wanted) {
		stpcpy(stpcpy(marked, "x"), now ? now : "");
		stpcpy(stpcpy(stpcpy(wanted, EXACT), now ? ":" : ""), now ? now : "");
		start_again(wanted, marked);
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

void cor_heap_prepare(void)
{
}

#endif
