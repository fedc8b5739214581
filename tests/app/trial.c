/* SPDX-License-Identifier: MIT */
/* A small service that shows what cor_main() does with a service. */
#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct cor_field trial_settings_fields[] = {
	COR_FIELD(struct trial_settings, greeting, .fallback = "\"Hello\"", .max_length = 20,
		.doc = "How to begin"),
	COR_FIELD(struct trial_settings, password, .access = COR_WRITE_ONLY,
		.presence = COR_OPTIONAL, .doc = "Never shown"),
	COR_FIELD(
		struct trial_settings, start_fails, .fallback = "false", .doc = "Refuse to start"),
	COR_FIELD(struct trial_settings, background_fails, .fallback = "false",
		.doc = "Let the background hook fail"),
	COR_FIELD(struct trial_settings, prepare_fails, .fallback = "false",
		.doc = "Refuse to prepare"),
	COR_FIELD(struct trial_settings, prepare_says, .fallback = "false",
		.doc = "Log where it prepares"),
	COR_FIELD(struct trial_settings, threads_fail, .fallback = "false",
		.doc = "Let the second thread fail"),
	COR_FIELD(struct trial_settings, prepare_ms, .fallback = "0",
		.doc = "How long it takes to prepare"),
	COR_FIELD(struct trial_settings, start_ms, .fallback = "0",
		.doc = "How long it takes to start"),
	COR_FIELD(struct trial_settings, stop_ms, .fallback = "0",
		.doc = "How long it takes to stop"),
	COR_ARRAY(struct trial_settings, lucky_numbers, .fallback = "[]",
		.doc = "Numbers that bring luck"),
};
COR_SCHEMA(trial_settings_schema, trial_settings_fields);

struct greeting {
	const char *text;
	const char *state;
	const char *thread;
};
static const struct cor_field greeting_fields[] = {
	COR_FIELD(struct greeting, text, .max_length = 1000),
	COR_FIELD(struct greeting, state),
	COR_FIELD(struct greeting, thread),
};
COR_DECLARE_SCHEMA(greeting_schema, struct greeting);
COR_SCHEMA(greeting_schema, greeting_fields);

struct guest {
	const char *name;
	const char *token;
};
static const struct cor_field guest_fields[] = {
	COR_FIELD(struct guest, name, .fallback = "\"you\""),
	COR_FIELD(struct guest, token, .presence = COR_OPTIONAL),
};
COR_DECLARE_SCHEMA(guest_schema, struct guest);
COR_SCHEMA(guest_schema, guest_fields);

/* What it counts itself. */
enum trial_guest { GUEST_KNOWN, GUEST_NAMELESS };
static const char *const guest_names[] = {
	[GUEST_KNOWN] = "known",
	[GUEST_NAMELESS] = "name\"less",
};
static const struct cor_counter greetings = COR_COUNTER("trial_greetings",
	.doc = "Guests who were greeted.", .labels = { COR_LABEL("guest", guest_names) });
static const struct cor_gauge open_doors = COR_GAUGE("trial_doors", .doc = "Doors that are open.");
static const struct cor_histogram stays = COR_HISTOGRAM("trial_stay_seconds",
	.doc = "How long guests stay: a millisecond for each letter.", COR_BUCKETS(2, 3, 500),
	.divisor = 1000);

static int greet(struct cor_ctx *ctx, const struct guest *guest, struct greeting *out)
{
	const struct trial_settings *settings = cor_settings(ctx, trial_settings_schema);

	cor_log_info(ctx, "greeting %s", guest->name);
	cor_counter_add(
		ctx, &greetings, strcmp(guest->name, "you") == 0 ? GUEST_NAMELESS : GUEST_KNOWN, 1);
	cor_histogram_observe(ctx, &stays, 0, (int64_t)strlen(guest->name));
	out->text = cor_printf(ctx, "%s, %s!", settings->greeting, guest->name);
	out->state = cor_state(ctx);
	out->thread = cor_thread_state(ctx);
	return out->text ? 0 : -ENOMEM;
}
COR_OPERATION(greet_operation, greet, guest_schema, greeting_schema);

static const struct cor_field delay_fields[] = { COR_FIELD(
	struct delay, ms, .from = COR_FROM_PATH) };
COR_SCHEMA(delay_schema, delay_fields);

static int wait_a_while(struct cor_ctx *ctx, const struct delay *delay, struct cor_str *out)
{
	cor_log_info(ctx, "waiting");
	*out = COR_STR("waited");
	return cor_sleep_ms(delay->ms);
}
COR_OPERATION(wait_operation, wait_a_while, delay_schema, COR_TEXT, .timeout_ms = 600000);

/* Holds its thread. */
static int compute(struct cor_ctx *ctx, const struct delay *delay, struct cor_str *out)
{
	int64_t end_ns = cor_monotonic_ns() + delay->ms * INT64_C(1000000);

	(void)ctx;
	while (cor_monotonic_ns() < end_ns)
		;
	*out = COR_STR("computed");
	return 0;
}
COR_OPERATION(compute_operation, compute, delay_schema, COR_TEXT, .timeout_ms = 600000);

/* Holds its thread, too, and no processor. */
static int hold(struct cor_ctx *ctx, const struct delay *delay, struct cor_str *out)
{
	struct timespec left = { delay->ms / 1000, delay->ms % 1000 * 1000000 };

	(void)ctx;
	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
	*out = COR_STR("held");
	return 0;
}
COR_OPERATION(hold_operation, hold, delay_schema, COR_TEXT);

static int lock(void *mutex)
{
	return cor_mutex_lock(mutex);
}

int wait_for_mutex(void)
{
	struct cor_mutex mutex = { 0 };
	struct cor_fiber *other;
	int rc = cor_fiber_start(NULL, lock, &mutex, NULL, &other);

	if (rc == 0)
		cor_fiber_join(other, &rc);
	return rc < 0 ? rc : cor_mutex_lock(&mutex);
}

static int get_stuck(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx;
	(void)in;
	(void)out;
	return wait_for_mutex();
}
COR_OPERATION(stuck_operation, get_stuck, COR_NONE, COR_NONE, .timeout_ms = 50);

static int fail(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in;
	(void)out;
	return cor_problem(ctx, 0, -EIO, "the disk\nis %s", "full");
}
COR_OPERATION(fail_operation, fail, COR_NONE, COR_NONE);

/* A fiber that ignores return codes: it goes on for ever. */
static int be_stubborn(void *arg)
{
	volatile bool always = true;

	(void)arg;
	while (always)
		cor_ignore(cor_sleep_ms(1));
	return 0;
}

static int start_stubborn(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx;
	(void)in;
	(void)out;
	return cor_fiber_start(NULL, be_stubborn, NULL, NULL, NULL);
}
COR_OPERATION(stubborn_operation, start_stubborn, COR_NONE, COR_NONE);

static int be_willing(void *arg)
{
	(void)arg;
	return cor_sleep_ms(COR_FOREVER);
}

/* Waits in a fiber of its own, until both are cancelled. */
static int work_in_background(struct cor_ctx *ctx, void *state)
{
	const struct trial_settings *settings = cor_settings(ctx, trial_settings_schema);
	struct cor_fiber *fiber;
	int result;

	cor_log_info(ctx, "background begins, state %s", (const char *)state);
	if (settings->background_fails)
		return cor_problem(ctx, 0, -EIO, "the boiler is cold");
	int rc = cor_fiber_start(NULL, be_willing, NULL, NULL, &fiber);
	if (rc < 0)
		return rc;
	cor_fiber_join(fiber, &result);
	cor_log_info(ctx, "background ends, %s", cor_errname(result));
	return result;
}

static const struct cor_resource stubborn = { .path = "/stubborn", .get = &stubborn_operation };
/* Returns what is not a code, or reports what is not an error. */
static int mistake(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in;
	(void)out;
	if (cor_request_query(ctx).len != 0)
		return cor_problem(ctx, 200, 0, "all is well");
	return ENOMEM;
}
COR_OPERATION(mistake_operation, mistake, COR_NONE, COR_NONE);

/* Writes as long as somebody reads. */
static int flood(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	static const char water[16384];
	int rc = cor_reply_start(reply, 0, NULL);

	(void)ctx, (void)in, (void)body;
	while (rc == 0)
		rc = cor_reply_write(reply, water, sizeof water);
	return rc;
}
COR_STREAM_OPERATION(flood_operation, flood, COR_NONE, .content_type = "application/octet-stream");

static int brew(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	int rc = cor_check_version(ctx, "1");

	(void)in, (void)out;
	return rc < 0 ? rc : cor_problem(ctx, 418, 0, "I am a teapot");
}
COR_OPERATION(brew_operation, brew, COR_NONE, COR_NONE);

struct hoard {
	cor_array(uint64_t) numbers;
};
static const struct cor_field hoard_fields[] = { COR_ARRAY(struct hoard, numbers) };
COR_LOCAL_SCHEMA(hoard_schema, struct hoard, hoard_fields);

static int hoard(struct cor_ctx *ctx, const struct hoard *in, struct cor_none *out)
{
	(void)in, (void)out;
	while (cor_alloc(ctx, 1000))
		;
	return -ENOMEM;
}
COR_OPERATION(hoard_operation, hoard, hoard_schema, COR_NONE);

static int spill(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in;
	return hoard(ctx, NULL, out);
}
COR_OPERATION(spill_operation, spill, COR_NONE, COR_NONE);

struct volume {
	uint32_t bytes;
};
static const struct cor_field volume_fields[] = { COR_FIELD(
	struct volume, bytes, .from = COR_FROM_PATH) };
COR_LOCAL_SCHEMA(volume_schema, struct volume, volume_fields);

/* Memory that nobody gives back. */
static int leak(struct cor_ctx *ctx, const struct volume *in, struct cor_none *out)
{
	static char *volatile kept;

	(void)ctx, (void)out;
	kept = malloc(in->bytes);
	if (!kept)
		return -ENOMEM;
	memset(kept, 1, in->bytes);
	return 0;
}
COR_OPERATION(leak_operation, leak, volume_schema, COR_NONE);

static int crash(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	cor_log_info(ctx, "before the crash");
	abort();
}
COR_OPERATION(crash_operation, crash, COR_NONE, COR_NONE);

struct process {
	int32_t pid;
};
static const struct cor_field process_fields[] = { COR_FIELD(struct process, pid) };
COR_LOCAL_SCHEMA(process_schema, struct process, process_fields);

static int get_process(struct cor_ctx *ctx, const struct cor_none *in, struct process *out)
{
	(void)ctx, (void)in;
	out->pid = (int32_t)getpid();
	return 0;
}
COR_OPERATION(process_operation, get_process, COR_NONE, process_schema);

/* What code in this process may do: "0", or the name of the error. */
struct attempt {
	const char *path;
};
static const struct cor_field attempt_fields[] = { COR_FIELD(struct attempt, path) };
COR_LOCAL_SCHEMA(attempt_schema, struct attempt, attempt_fields);

struct escape {
	const char *run;
	const char *read;
	const char *write;
};
static const struct cor_field escape_fields[] = {
	COR_FIELD(struct escape, run),
	COR_FIELD(struct escape, read),
	COR_FIELD(struct escape, write),
};
COR_LOCAL_SCHEMA(escape_schema, struct escape, escape_fields);

static const char *try_to_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	const char *result = fd < 0 ? cor_errname(-errno) : "0";

	if (fd >= 0)
		close(fd);
	return result;
}

static const char *try_to_run(void)
{
	char name[] = "true", *const argv[] = { name, NULL };
	pid_t pid;
	int rc = posix_spawn(&pid, "/bin/true", NULL, NULL, argv, argv + 1);

	if (rc == 0)
		waitpid(pid, NULL, 0);
	return rc == 0 ? "0" : cor_errname(-rc);
}

static int escape(struct cor_ctx *ctx, const struct attempt *in, struct escape *out)
{
	(void)ctx;
	out->run = try_to_run();
	out->read = try_to_open(in->path, O_RDONLY);
	out->write = try_to_open(in->path, O_WRONLY);
	return 0;
}
COR_OPERATION(escape_operation, escape, attempt_schema, escape_schema);

/* Forks, and lets the child go on as if it were the parent; says how that ended. */
struct offspring {
	int32_t status;
};
static const struct cor_field offspring_fields[] = { COR_FIELD(struct offspring, status) };
COR_LOCAL_SCHEMA(offspring_schema, struct offspring, offspring_fields);

static int multiply(struct cor_ctx *ctx, const struct cor_none *in, struct offspring *out)
{
	pid_t child = fork();
	int status = 0;

	(void)ctx, (void)in;
	if (child > 0)
		waitpid(child, &status, 0);
	out->status = child > 0 ? WEXITSTATUS(status) : -1;
	return 0;
}
COR_OPERATION(multiply_operation, multiply, COR_NONE, offspring_schema);
static const struct cor_resource multiplying = { .path = "/multiply", .get = &multiply_operation };

static const struct cor_resource escaping = { .path = "/escape", .get = &escape_operation };

struct thread {
	int32_t thread;
};
static const struct cor_field thread_fields[] = { COR_FIELD(struct thread, thread) };
COR_LOCAL_SCHEMA(thread_schema, struct thread, thread_fields);

static int get_thread(struct cor_ctx *ctx, const struct cor_none *in, struct thread *out)
{
	(void)ctx, (void)in;
	out->thread = (int32_t)gettid();
	return 0;
}
COR_OPERATION(get_thread_operation, get_thread, COR_NONE, thread_schema);

static const struct cor_resource threaded = { .path = "/thread", .get = &get_thread_operation };
const struct cor_resource process_resource = { .path = "/process", .get = &process_operation };
const struct cor_resource crashing_resource = { .path = "/crash", .get = &crash_operation };
static const struct cor_resource leaking = { .path = "/leak/{bytes}", .get = &leak_operation };
static const struct cor_resource flooding = { .path = "/flood", .get = &flood_operation };
static const struct cor_resource brewing = { .path = "/brew", .get = &brew_operation };
static const struct cor_resource hoarding = {
	.path = "/hoard", .post = &hoard_operation, .get = &spill_operation
};
const struct cor_resource hello_resource = { .path = "/hello", .get = &greet_operation };
const struct cor_resource astray_resource = { .path = "/hello/{nobody}", .get = &greet_operation };
const struct cor_resource own_docs_resource = { .path = "/docs", .get = &greet_operation };
const struct cor_resource waiting_resource = { .path = "/wait/{ms}", .get = &wait_operation };
static const struct cor_resource computing = { .path = "/compute/{ms}", .get = &compute_operation };
static const struct cor_resource holding = { .path = "/hold/{ms}", .get = &hold_operation };
static const struct cor_resource stuck = { .path = "/stuck", .get = &stuck_operation };
static const struct cor_resource failing = { .path = "/fail", .get = &fail_operation };
static const struct cor_resource mistaken = { .path = "/mistake", .get = &mistake_operation };

int trial_start(struct cor_ctx *ctx, void **ret_state)
{
	const struct trial_settings *settings = cor_settings(ctx, trial_settings_schema);

	const char *mark = getenv("MARK"); /* a file: while it is there, no start succeeds */

	if (settings->start_fails || (mark && access(mark, F_OK) == 0))
		return cor_problem(ctx, 0, -ENOENT, "the shelf is missing");
	cor_log_info(ctx, "start hook");
	if (cor_sleep_ms(settings->start_ms) < 0)
		return -EINTR;
	cor_gauge_set(ctx, &open_doors, 0, 7);
	*ret_state = cor_strdup(ctx, "made at start");
	return *ret_state ? 0 : -ENOMEM;
}

static int prepare(struct cor_ctx *ctx)
{
	const struct trial_settings *settings = cor_settings(ctx, trial_settings_schema);

	if (settings->prepare_fails)
		return cor_problem(ctx, 0, -EROFS, "the database is locked");
	if (settings->prepare_says)
		cor_log_info(ctx, "prepare hook of %d", (int)getpid());
	return cor_sleep_ms(settings->prepare_ms) < 0 ? -EINTR : 0;
}

int trial_start_thread(struct cor_ctx *ctx, void *state, void **ret_thread_state)
{
	const struct trial_settings *settings = cor_settings(ctx, trial_settings_schema);
	static _Atomic int count;

	int number = ++count;
	if (settings->threads_fail && number == 2)
		return cor_problem(ctx, 0, -EMFILE, "no connection for thread 2");
	*ret_thread_state = cor_printf(ctx, "thread %d, state %s", number, (const char *)state);
	return *ret_thread_state ? 0 : -ENOMEM;
}

static void stop_thread(struct cor_ctx *ctx, void *thread_state)
{
	cor_log_info(ctx, "stop of %s", (const char *)thread_state);
}

static void stop(struct cor_ctx *ctx, void *state)
{
	const struct trial_settings *settings = cor_settings(ctx, trial_settings_schema);

	cor_log_info(ctx, "stop hook, state %s", (const char *)state);
	cor_ignore(cor_sleep_ms(settings->stop_ms));
}

static const struct cor_service trial = {
	.name = "trial",
	.version = "1.2.3",
	.title = "A trial",
	.resources = COR_RESOURCES(&hello_resource, &waiting_resource, &stuck, &failing, &stubborn,
		&mistaken, &flooding, &brewing, &hoarding, &computing, &holding, &process_resource,
		&escaping, &crashing_resource, &multiplying, &leaking, &threaded),
	.metrics = COR_METRICS(&greetings.metric, &open_doors.metric, &stays.metric),
	.settings = COR_SETTINGS(trial_settings_schema),
	.defaults = "{\"drain_timeout_ms\": 20000}",
	.prepare = prepare,
	.start = trial_start,
	.start_thread = trial_start_thread,
	.stop_thread = stop_thread,
	.background = work_in_background,
	.stop = stop,
};

int main(int argc, char **argv)
{
	const char *which = getenv("SERVICE");
	const struct cor_service *other = which ? other_trial(which) : NULL;

	return cor_main(argc, argv, other ? other : &trial);
}
