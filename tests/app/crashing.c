/* SPDX-License-Identifier: MIT */
/* A service whose jobs crash on threads of an executor, which ends all of it. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <coracle/coracle.h>

static const struct cor_executor disk = { .name = "disk", .size = 1 };
static const struct cor_executor apart = { .name = "apart", .size = 1, .kind = COR_PROCESSES };

struct crash {
	char how[16];
};

struct request {
	const char *how;
};
static const struct cor_field request_fields[] = {
	COR_FIELD(struct request, how, .from = COR_FROM_PATH, .max_length = 15),
};
COR_LOCAL_SCHEMA(request_schema, struct request, request_fields);

static volatile int *volatile nowhere = (volatile int *)0x40;

static int deepen(volatile char *above)
{
	volatile char room[4096];

	room[0] = *above;
	return *above == 1 ? 1 : deepen(room) + room[0];
}

static int wait_for_two(struct cor_ctx *ctx, int *argument)
{
	(void)ctx;
	return *argument;
}

static int forget_group(struct cor_ctx *ctx)
{
	static int argument;
	struct cor_group group;

	cor_group_begin(&group, ctx, COR_ALL);
	cor_group_start(&group, wait_for_two, &argument);
	return 0;
}

static int crash(struct cor_ctx *ctx, struct crash *call)
{
	volatile char top = 0;

	cor_log_info(ctx, "about to %s", call->how);
	if (strcmp(call->how, "segv") == 0)
		*nowhere = 1;
	if (strcmp(call->how, "abort") == 0)
		abort();
	if (strcmp(call->how, "overflow") == 0)
		return deepen(&top);
	return strcmp(call->how, "forget") == 0 ? forget_group(ctx) : 0;
}

static struct crash call_of(const struct request *in)
{
	struct crash call = { 0 };

	memcpy(call.how, in->how, strlen(in->how));
	return call;
}

/* GET /offload/{how} */

static int offload(struct cor_ctx *ctx, const struct request *in, struct cor_none *out)
{
	struct crash call = call_of(in);

	(void)out;
	return cor_offload(ctx, &disk, crash, &call);
}
COR_OPERATION(get_offloaded, offload, request_schema, COR_NONE);
static const struct cor_resource offloaded = { .path = "/offload/{how}", .get = &get_offloaded };

/* GET /here/{how}, /disk/{how} and /apart/{how}: the handler itself */

static int handle(struct cor_ctx *ctx, const struct request *in, struct cor_none *out)
{
	struct crash call = call_of(in);

	(void)out;
	return crash(ctx, &call);
}
COR_OPERATION(get_here, handle, request_schema, COR_NONE);
static const struct cor_resource here = { .path = "/here/{how}", .get = &get_here };
COR_OPERATION(get_on_disk, handle, request_schema, COR_NONE, .executor = &disk);
static const struct cor_resource on_disk = { .path = "/disk/{how}", .get = &get_on_disk };
COR_OPERATION(get_apart, handle, request_schema, COR_NONE, .executor = &apart);
static const struct cor_resource in_process = { .path = "/apart/{how}", .get = &get_apart };

/* GET /submit/{how}: nobody waits for it */

static int submit(struct cor_ctx *ctx, const struct request *in, struct cor_none *out)
{
	struct crash call = call_of(in);

	(void)out;
	return cor_pool_submit(cor_pool_of(ctx, &disk), crash, &call, NULL);
}
COR_OPERATION(get_submitted, submit, request_schema, COR_NONE);
static const struct cor_resource submitted = { .path = "/submit/{how}", .get = &get_submitted };

static const struct cor_service crashing = {
	.name = "crashing",
	.version = "1.0.0",
	.resources = COR_RESOURCES(&offloaded, &here, &on_disk, &in_process, &submitted),
	.executors = COR_EXECUTORS(&disk, &apart),
};

int main(int argc, char **argv)
{
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	return cor_main(argc, argv, &crashing);
}
