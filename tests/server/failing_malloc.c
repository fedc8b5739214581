/* SPDX-License-Identifier: MIT */
/*
 * A library to preload: allocation number CORACLE_FAIL_AT of the process fails, and so do those
 * after it, CORACLE_FAIL_COUNT in all (default: 1); all others succeed. The file CORACLE_FAIL_MARK
 * exists once it has failed.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Atomic long calls;
static long fail_at = -1;
static long fail_count = 1;
static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void *(*real_aligned_alloc)(size_t, size_t);
static void (*real_free)(void *);

/* dlsym itself may allocate before it has found anything. */
static char early[4096];
static _Atomic size_t early_used;

static void *early_alloc(size_t size)
{
	size_t at = atomic_fetch_add(&early_used, (size + 15) & ~(size_t)15);

	return at + size <= sizeof early ? early + at : NULL;
}

static int is_early(const void *memory)
{
	return (const char *)memory >= early && (const char *)memory < early + sizeof early;
}

static void find(void)
{
	const char *at = getenv("CORACLE_FAIL_AT");
	const char *count = getenv("CORACLE_FAIL_COUNT");

	*(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&real_aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
	*(void **)&real_free = dlsym(RTLD_NEXT, "free");
	*(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
	if (at)
		fail_at = strtol(at, NULL, 10);
	if (count)
		fail_count = strtol(count, NULL, 10);
}

/* What dlsym allocates during its search comes from here. */
static int finding(void)
{
	static _Thread_local int busy;

	if (real_malloc)
		return 0;
	if (!busy) {
		busy = 1;
		find();
		busy = 0;
		return 0;
	}
	return 1;
}

static void leave_mark(void)
{
	const char *path = getenv("CORACLE_FAIL_MARK");
	int fd = path ? open(path, O_WRONLY | O_CREAT, 0600) : -1;

	if (fd >= 0)
		close(fd);
}

static int fails(void)
{
	long call = atomic_fetch_add(&calls, 1);

	if (fail_at < 0 || call < fail_at || call - fail_at >= fail_count)
		return 0;
	if (call == fail_at)
		leave_mark();
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	if (finding())
		return early_alloc(size);
	return fails() ? NULL : real_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	if (finding())
		return early_alloc(n * size); /* static memory is zero */
	return fails() ? NULL : real_calloc(n, size);
}

void *realloc(void *memory, size_t size)
{
	if (is_early(memory)) {
		void *moved = malloc(size);
		if (moved)
			memcpy(moved, memory, size); /* early is larger than the request */
		return moved;
	}
	if (finding())
		return NULL;
	return fails() ? NULL : real_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	if (finding())
		return NULL;
	return fails() ? NULL : real_aligned_alloc(alignment, size);
}

void free(void *memory)
{
	if (!is_early(memory) && !finding())
		real_free(memory);
}
