/* SPDX-License-Identifier: MIT */
#include "file_store/offload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/executor.h>

#include "runtime/seams.h"

static const struct cor_executor reading = { .name = "file_store_get", .size = 4 };
static const struct cor_executor writing = { .name = "file_store_put", .size = 4 };

/* A call that the pool does, with copies of all that it needs. */
struct job {
	_Atomic int owners; /* the caller, and the pool */
	struct cor_file_store *store;
	struct cor_file_call call;
	struct cor_arena arena;
};

int cor_file_pools_create(struct cor_file_store *store)
{
	int rc = cor_pool_create(&reading, &store->readers);

	if (rc == 0)
		rc = cor_pool_create(&writing, &store->writers);
	if (rc < 0)
		cor_file_pools_destroy(store);
	return rc;
}

void cor_file_pools_destroy(struct cor_file_store *store)
{
	cor_pool_destroy(store->readers);
	cor_pool_destroy(store->writers);
}

/* --- jobs --- */

static struct cor_str copied(struct cor_arena *arena, struct cor_str text, bool *ok)
{
	char *copy = text.len != 0 ? cor_arena_copy(arena, text.data, text.len) : NULL;

	*ok = *ok && (copy || text.len == 0);
	return (struct cor_str){ copy, text.len };
}

static void drop(struct job *job, int owners)
{
	if (atomic_fetch_sub(&job->owners, owners) != owners)
		return;
	cor_arena_finish(&job->arena);
	free(job);
}

static struct job *job_of(struct cor_file_store *store, const struct cor_file_call *call)
{
	struct job *job = malloc(sizeof *job);
	bool ok = true;

	if (!job)
		return NULL;
	atomic_init(&job->owners, 2);
	job->store = store;
	job->call = *call;
	cor_arena_init(&job->arena, NULL, 0, 0);
	job->call.arena = &job->arena;
	job->call.key = copied(&job->arena, call->key, &ok);
	job->call.item.value = copied(&job->arena, call->item.value, &ok);
	if (call->name) {
		job->call.name = cor_arena_strdup(&job->arena, call->name);
		ok = ok && job->call.name;
	}
	if (ok)
		return job;
	drop(job, 2);
	return NULL;
}

static int run(struct cor_ctx *ctx, void *arg)
{
	struct job *job = *(struct job **)arg;
	int rc = job->call.act(job->store, &job->call);

	(void)ctx;
	drop(job, 1);
	return rc;
}

/* What has come out is the caller's: in its arena. */
static int take_result(const struct job *job, struct cor_file_call *call)
{
	size_t names = job->call.len * COR_ENTRY_NAME_BYTES;
	bool ok = true;

	call->number = job->call.number;
	if (!call->arena)
		return 0;
	call->item = job->call.item;
	call->item.value = copied(call->arena, job->call.item.value, &ok);
	call->found = copied(call->arena, job->call.found, &ok);
	call->len = job->call.len;
	call->names = names != 0 ? cor_arena_copy(call->arena, job->call.names, names) : NULL;
	return ok && (call->names || names == 0) ? 0 : -ENOMEM;
}

static int offload(struct cor_file_store *store, struct cor_file_call *call)
{
	struct cor_future *future = NULL;
	struct job *job;

	call->began_ns = cor_monotonic_ns();
	job = job_of(store, call);
	if (!job)
		return -ENOMEM;
	int rc = cor_pool_submit_call(
		call->only_reads ? store->readers : store->writers, run, &job, sizeof job, &future);
	if (rc < 0) {
		drop(job, 2);
		return rc;
	}
	rc = cor_future_wait(future);
	call->has_waited = true;
	bool never_ran = rc < 0 && cor_future_cancel(future);
	if (rc == 0)
		rc = cor_future_result(future);
	int taken = rc == 0 ? take_result(job, call) : 0;
	cor_future_drop(future);
	drop(job, never_ran ? 2 : 1);
	return rc < 0 ? rc : taken < 0 ? taken : rc;
}

/* --- here or there --- */

static int do_here(struct cor_file_store *store, struct cor_file_call *call)
{
	struct cor_arena scratch;
	int rc;

	if (call->arena)
		return call->act(store, call);
	cor_arena_init(&scratch, NULL, 0, 0);
	call->arena = &scratch;
	rc = call->act(store, call);
	call->arena = NULL;
	cor_arena_finish(&scratch);
	return rc;
}

/* What is in the memory of the system is read without another thread. */
static int do_in_fiber(struct cor_file_store *store, struct cor_file_call *call)
{
	int rc = -EAGAIN;

	if (call->at_once)
		rc = call->act(store, call);
	call->at_once = false;
	return rc == -EAGAIN ? offload(store, call) : rc;
}

int cor_file_do(struct cor_file_store *store, struct cor_file_call *call)
{
	call->clock = cor_clock_here();
	if (cor_fiber_current())
		return do_in_fiber(store, call);
	call->at_once = false;
	return do_here(store, call);
}
