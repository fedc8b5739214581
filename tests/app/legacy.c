/* SPDX-License-Identifier: MIT */
/* A service that hands what may go wrong to processes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <coracle/coracle.h>

static int connect_process(struct cor_ctx *ctx, void **ret_state)
{
	cor_log_info(ctx, "process made");
	*ret_state = cor_printf(ctx, "connection of %d", (int)getpid());
	return *ret_state ? 0 : -ENOMEM;
}

static void disconnect_process(struct cor_ctx *ctx, void *state)
{
	cor_log_info(ctx, "%s closed", (const char *)state);
}

static const struct cor_executor old_code = {
	.name = "old_code",
	.kind = COR_PROCESSES,
	.size = 2,
	.job_timeout_ms = 300,
	.start = connect_process,
	.stop = disconnect_process,
};

static const struct cor_executor boxed = {
	.name = "boxed",
	.kind = COR_PROCESSES,
	.size = 1,
	.job_timeout_ms = 300,
	.jobs_per_process = 5,
	.isolation = COR_SANDBOX,
	.start = connect_process,
	.stop = disconnect_process,
};

struct deed {
	const char *how;
};
static const struct cor_field deed_fields[] = {
	COR_FIELD(struct deed, how, .from = COR_FROM_PATH),
};
COR_LOCAL_SCHEMA(deed_schema, struct deed, deed_fields);

struct seen {
	int32_t pid;
	int32_t nursery;
	const char *thread_state;
	const char *request_id;
};
static const struct cor_field seen_fields[] = {
	COR_FIELD(struct seen, pid),
	COR_FIELD(struct seen, nursery),
	COR_FIELD(struct seen, thread_state),
	COR_FIELD(struct seen, request_id),
};
COR_LOCAL_SCHEMA(seen_schema, struct seen, seen_fields);

/* What travels: no pointers. */
struct call {
	char how[16];
	int32_t pid;
	int32_t nursery;
	char thread_state[40];
	char request_id[40];
};

static void spin(void)
{
	for (volatile bool ever = true; ever;)
		;
}

static void nap(struct cor_ctx *ctx)
{
	const struct timespec time = { 0, 200000000 };

	nanosleep(&time, NULL);
	cor_log_info(ctx, "has slept");
}

static void copy(char *to, size_t bytes, const char *from)
{
	size_t len = strnlen(from, bytes - 1);

	memcpy(to, from, len);
	to[len] = '\0';
}

static int act(struct cor_ctx *ctx, struct call *call)
{
	cor_log_info(ctx, "asked to %s", call->how);
	if (strcmp(call->how, "crash") == 0)
		raise(SIGSEGV);
	if (strcmp(call->how, "exit") == 0)
		_exit(0);
	if (strcmp(call->how, "hang") == 0)
		spin();
	if (strcmp(call->how, "nap") == 0)
		nap(ctx);
	if (strcmp(call->how, "open") == 0)
		(void)open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	if (strcmp(call->how, "shout") == 0)
		fprintf(stderr, "process shouts\n");
	if (strcmp(call->how, "whisper") == 0)
		cor_log_debug(ctx, "process whispers");
	if (strcmp(call->how, "refuse") == 0)
		return cor_problem(ctx, 409, 0, "process %s refuses", "politely");
	call->pid = getpid();
	call->nursery = getppid();
	copy(call->thread_state, sizeof call->thread_state, cor_thread_state(ctx));
	copy(call->request_id, sizeof call->request_id, cor_request_id(ctx));
	return cor_state(ctx) ? -EINVAL : 0; /* it is another process's */
}

static int do_on(struct cor_ctx *ctx, const struct cor_executor *executor, const struct deed *in,
	struct seen *out)
{
	struct call call = { 0 };

	copy(call.how, sizeof call.how, in->how);
	int rc = cor_offload(ctx, executor, act, &call);
	if (rc < 0)
		return rc;
	out->pid = call.pid;
	out->nursery = call.nursery;
	out->thread_state = cor_strdup(ctx, call.thread_state);
	out->request_id = cor_strdup(ctx, call.request_id);
	return out->thread_state && out->request_id ? 0 : -ENOMEM;
}

static int do_deed(struct cor_ctx *ctx, const struct deed *in, struct seen *out)
{
	return do_on(ctx, &old_code, in, out);
}
COR_OPERATION(deed_operation, do_deed, deed_schema, seen_schema, .summary = "Do it elsewhere",
	.problems = { 409, 502, 504 });
static const struct cor_resource deed_resource = { .path = "/deeds/{how}", .get = &deed_operation };

static int do_in_box(struct cor_ctx *ctx, const struct deed *in, struct seen *out)
{
	return do_on(ctx, &boxed, in, out);
}
COR_OPERATION(box_operation, do_in_box, deed_schema, seen_schema, .summary = "Do it in a sandbox",
	.problems = { 409, 502, 504 });
static const struct cor_resource box_resource = { .path = "/boxed/{how}", .get = &box_operation };

static int make_state(struct cor_ctx *ctx, void **state)
{
	*state = cor_strdup(ctx, "made at start");
	return *state ? 0 : -ENOMEM;
}

static const struct cor_service legacy = {
	.name = "legacy",
	.version = "1.0.0",
	.resources = COR_RESOURCES(&deed_resource, &box_resource),
	.executors = COR_EXECUTORS(&old_code, &boxed),
	.start = make_state,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &legacy);
}
