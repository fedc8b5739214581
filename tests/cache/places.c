/* SPDX-License-Identifier: MIT */
/* A service that uses a cache wherever its code may run: in each hook, and in jobs. */
#include <errno.h>
#include <unistd.h>

#include <stdlib.h>

#include <coracle/coracle.h>

struct note {
	const char *text;
};
static const struct cor_field note_fields[] = {
	COR_FIELD(struct note, text),
};
COR_LOCAL_SCHEMA(note_schema, struct note, note_fields);

/* A busy machine is no failure of the cache. */
static const struct cor_memcached patient = { .connect_ms = 20000, .timeout_ms = 20000 };
static struct cor_cache notes = {
	.name = "notes", .store = &cor_memory_store, .ttl_ms = 60 * 1000
};

/* --- all that a cache can do --- */

static int make_note(struct cor_ctx *ctx, const void *arg, void *ret)
{
	struct note *note = ret;

	note->text = cor_printf(ctx, "made in %s", (const char *)arg);
	return note->text ? 0 : -ENOMEM;
}

/* What is kept by one call is found by the next; a miss is one. */
static int try_calls(struct cor_ctx *ctx, const char *where, struct note *note)
{
	static _Atomic int64_t calls;
	int64_t own = ++calls << 32 | getpid(); /* nobody else's, at this time */
	uint64_t number;
	int rc = cor_cache_load(ctx, &notes, note_schema, note, make_note, where,
		COR_KEY("{}/load/{}", where, own));

	if (rc == 0)
		rc = cor_cache_get(
			ctx, &notes, note_schema, note, COR_KEY("{}/load/{}", where, own));
	if (rc == 0)
		rc = cor_cache_put(
			ctx, &notes, note_schema, note, COR_KEY("{}/put/{}", where, own));
	if (rc == 0)
		rc = cor_cache_get(
			ctx, &notes, note_schema, note, COR_KEY("{}/put/{}", where, own));
	if (rc == 0)
		rc = cor_cache_add(ctx, &notes, COR_KEY("{}/add/{}", where, own), 1, 1000, &number);
	if (rc == 0)
		rc = cor_cache_delete(ctx, &notes, COR_KEY("{}/put/{}", where, own));
	if (rc == 0)
		rc = cor_cache_delete(ctx, &notes, COR_KEY("{}/put/{}", where, own)) == -ENOENT
			     ? 0
			     : -EIO;
	if (rc == 0)
		rc = cor_cache_forget_tag(ctx, &notes, COR_KEY("{}/{}", where, own));
	return rc;
}

static int use(struct cor_ctx *ctx, const char *where)
{
	struct note note = { 0 };
	int rc = try_calls(ctx, where, &note);

	cor_log_info(ctx, "%s: %s", where, rc == 0 ? note.text : cor_strerror(rc));
	return rc;
}

/* --- hooks --- */

static int prepare(struct cor_ctx *ctx)
{
	return use(ctx, "prepare");
}

static int start(struct cor_ctx *ctx, void **ret_state)
{
	(void)ret_state;
	return use(ctx, "start");
}

static int start_thread(struct cor_ctx *ctx, void *state, void **ret_thread_state)
{
	(void)state, (void)ret_thread_state;
	return use(ctx, "start_thread");
}

static int background(struct cor_ctx *ctx, void *state)
{
	(void)state;
	return use(ctx, "background");
}

static void stop_thread(struct cor_ctx *ctx, void *thread_state)
{
	(void)thread_state;
	cor_ignore(use(ctx, "stop_thread"));
}

static void stop(struct cor_ctx *ctx, void *state)
{
	(void)state;
	cor_ignore(use(ctx, "stop"));
}

/* --- executors --- */

static int start_worker(struct cor_ctx *ctx, void **ret_state)
{
	(void)ret_state;
	return use(ctx, "executor_start");
}

static void stop_worker(struct cor_ctx *ctx, void *state)
{
	(void)state;
	cor_ignore(use(ctx, "executor_stop"));
}

static const struct cor_executor threads = {
	.name = "threads", .size = 8, .start = start_worker, .stop = stop_worker
};
static const struct cor_executor apart = { .name = "apart", .kind = COR_PROCESSES, .size = 2 };

struct job {
	const char *where;
};

static int do_job(struct cor_ctx *ctx, struct job *job)
{
	return use(ctx, job->where);
}

static int offload(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	struct job job = { "job" };

	(void)in, (void)out;
	return cor_offload(ctx, &threads, do_job, &job);
}
COR_OPERATION(offload_operation, offload, COR_NONE, COR_NONE);
static const struct cor_resource offload_resource = { .path = "/offload",
	.post = &offload_operation };

static int handle(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	return use(ctx, "handler");
}
COR_OPERATION(handle_operation, handle, COR_NONE, COR_NONE);
COR_OPERATION(handle_on_thread_operation, handle, COR_NONE, COR_NONE, .executor = &threads);
COR_OPERATION(handle_apart_operation, handle, COR_NONE, COR_NONE, .executor = &apart);
static const struct cor_resource handle_resource = { .path = "/fiber", .post = &handle_operation };
static const struct cor_resource handle_on_thread_resource = { .path = "/thread",
	.post = &handle_on_thread_operation };
static const struct cor_resource handle_apart_resource = { .path = "/process",
	.post = &handle_apart_operation };

/* --- one makes it for all: whoever asks on a thread, and in a fiber --- */

struct slow {
	int64_t number;
	int64_t ms;
};
static const struct cor_field slow_fields[] = {
	COR_FIELD(struct slow, number, .from = COR_FROM_PATH),
	COR_FIELD(struct slow, ms, .from = COR_FROM_QUERY),
};
COR_LOCAL_SCHEMA(slow_schema, struct slow, slow_fields);

static int make_slowly(struct cor_ctx *ctx, const struct slow *in, struct note *out)
{
	int rc = cor_sleep_ms(in->ms);

	if (rc < 0)
		return rc;
	cor_log_info(ctx, "made %lld", (long long)in->number);
	out->text = cor_printf(ctx, "number %lld", (long long)in->number);
	return out->text ? 0 : -ENOMEM;
}
COR_CACHED(get_slow, make_slowly, &notes, slow_schema, note_schema);
COR_OPERATION(slow_operation, get_slow, slow_schema, note_schema);
COR_OPERATION(slow_on_thread_operation, get_slow, slow_schema, note_schema, .executor = &threads);
static const struct cor_resource slow_resource = { .path = "/fiber/{number}",
	.get = &slow_operation };
static const struct cor_resource slow_on_thread_resource = { .path = "/thread/{number}",
	.get = &slow_on_thread_operation };

static const struct cor_service places = {
	.name = "places",
	.version = "1.0.0",
	.resources = COR_RESOURCES(&offload_resource, &handle_resource, &handle_on_thread_resource,
		&handle_apart_resource, &slow_resource, &slow_on_thread_resource),
	.executors = COR_EXECUTORS(&threads, &apart),
	.caches = COR_CACHES(&notes),
	.prepare = prepare,
	.start = start,
	.start_thread = start_thread,
	.background = background,
	.stop_thread = stop_thread,
	.stop = stop,
};

int main(int argc, char **argv)
{
	if (getenv("IS_PATIENT")) {
		notes.store = &cor_memcached_store; /* --cache-notes-store says where */
		notes.at = "127.0.0.1";
		notes.memcached = &patient;
	}
	return cor_main(argc, argv, &places);
}
