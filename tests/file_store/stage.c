/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int64_t monotonic_ns(const struct cor_clock *clock)
{
	return ((const struct stage *)clock)->mono_ns; /* its first member */
}

static int64_t realtime_ns(const struct cor_clock *clock)
{
	return ((const struct stage *)clock)->real_ns;
}

/* Whoever waits for another process lets it run; the time is up at once. */
static void sleep_until(const struct cor_clock *clock, int64_t due_ns)
{
	struct stage *stage = (struct stage *)(uintptr_t)clock;

	usleep(200);
	if (stage->mono_ns < due_ns)
		stage->mono_ns = due_ns;
}

void stage_reopen(struct stage *stage)
{
	const char *fault = "";

	cor_store_close(stage->store);
	stage->store = NULL;
	if (cor_store_open(&stage->cache, &stage->store, &fault) != 0)
		fail_msg("%s", fault);
}

int stage_open(void **state)
{
	struct stage *stage = calloc(1, sizeof *stage);
	const char *place = getenv("STAGE");
	const struct cor_seams seams = { .clock = &stage->clock };

	stage->clock = (struct cor_clock){ monotonic_ns, realtime_ns, sleep_until };
	stage->real_ns = 1767225600 * SECOND; /* 2026 */
	stage->mono_ns = 1000 * SECOND;
	cor_seams_enter(&stage->seams, &seams);
	snprintf(stage->at, sizeof stage->at, "%s/coracle-test-XXXXXX", place ? place : "/tmp");
	if (!mkdtemp(stage->at))
		return -1;
	snprintf(stage->files, sizeof stage->files, "%s/coracle-%u-pages", stage->at,
		(unsigned)geteuid());
	stage->cache = (struct cor_cache){
		.name = "pages", .store = &cor_file_store, .at = stage->at, .ttl_ms = 120 * 1000
	};
	cor_arena_init(&stage->arena, NULL, 0, 0);
	stage_reopen(stage);
	*state = stage;
	return 0;
}

int stage_close(void **state)
{
	struct stage *stage = *state;
	char command[128];

	cor_store_close(stage->store);
	cor_arena_finish(&stage->arena);
	cor_seams_leave(&stage->seams);
	snprintf(command, sizeof command, "rm -rf %s", stage->at);
	int rc = system(command);
	free(stage);
	return rc;
}

void stage_pass(struct stage *stage, int64_t ns)
{
	stage->real_ns += ns;
	stage->mono_ns += ns;
}

int stage_put(struct stage *stage, const char *key, const char *value)
{
	return stage_put_for(stage, key, value, 0);
}

int stage_put_for(struct stage *stage, const char *key, const char *value, int64_t ttl_ms)
{
	const struct cor_item item = { .value = cor_str(value), .ttl_ms = ttl_ms };

	return cor_store_put(stage->store, cor_str(key), &item, COR_PUT_ALWAYS);
}

bool stage_has(struct stage *stage, const char *key, const char *value)
{
	struct cor_item item = { 0 };
	int rc = cor_store_get(stage->store, cor_str(key), &stage->arena, &item);

	if (rc != 0 && rc != -ENOENT)
		fail_msg("getting %s has returned %d", key, rc);
	if (rc == -ENOENT)
		return value == NULL;
	return value && cor_str_equal(item.value, cor_str(value)) && item.ttl_ms > 0;
}

/* How many, and the path of the last. */
static size_t list(struct stage *stage, char path[static 512])
{
	DIR *directory = opendir(stage->files);
	const struct dirent *entry;
	size_t len = 0;

	while (directory && (entry = readdir(directory)) != NULL) {
		size_t end = strlen(entry->d_name);
		if (end != 36 || strcmp(entry->d_name + 32, ".cor") != 0)
			continue;
		snprintf(path, 512, "%s/%s", stage->files, entry->d_name);
		len++;
	}
	if (directory)
		closedir(directory);
	return len;
}

const char *stage_file(struct stage *stage)
{
	static char path[512];

	assert_int_equal(list(stage, path), 1);
	return path;
}

size_t stage_files(struct stage *stage)
{
	char path[512];

	return list(stage, path);
}

struct cor_store_figures stage_figures(struct stage *stage)
{
	struct cor_store_figures figures;

	cor_store_figures(stage->store, &figures);
	return figures;
}
