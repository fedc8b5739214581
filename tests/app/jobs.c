/* SPDX-License-Identifier: MIT */
/* A service whose handlers block: on executors, as they should. */
#include <errno.h>
#include <stdatomic.h>
#include <time.h>

#include <coracle/coracle.h>

static void block(uint32_t ms)
{
	const struct timespec time = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&time, NULL);
}

static int connect_thread(struct cor_ctx *ctx, void **ret_state)
{
	static _Atomic int count;

	cor_log_info(ctx, "thread made");
	*ret_state = cor_printf(ctx, "connection %d", ++count);
	return *ret_state ? 0 : -ENOMEM;
}

static void disconnect_thread(struct cor_ctx *ctx, void *state)
{
	cor_log_info(ctx, "%s closed", (const char *)state);
}

static const struct cor_executor blocking = {
	.name = "blocking",
	.size = 2,
	.start = connect_thread,
	.stop = disconnect_thread,
};
static const struct cor_executor narrow = {
	.name = "narrow", .size = 1, .queue = 1, .when_full = COR_FULL_REFUSE
};

struct duration {
	uint32_t ms;
};
static const struct cor_field duration_fields[] = {
	COR_FIELD(struct duration, ms, .from = COR_FROM_PATH),
};
COR_LOCAL_SCHEMA(duration_schema, struct duration, duration_fields);

struct seen {
	const char *state;
	const char *thread_state;
	const char *request_id;
	const char *peer;
	const char *where;
};
static const struct cor_field seen_fields[] = {
	COR_FIELD(struct seen, state, .presence = COR_OPTIONAL),
	COR_FIELD(struct seen, thread_state, .presence = COR_OPTIONAL),
	COR_FIELD(struct seen, request_id, .presence = COR_OPTIONAL),
	COR_FIELD(struct seen, peer, .presence = COR_OPTIONAL),
	COR_FIELD(struct seen, where, .to = COR_TO_HEADER, .key = "X-Where",
		.presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(seen_schema, struct seen, seen_fields);

static void look(struct cor_ctx *ctx, struct seen *seen)
{
	seen->state = cor_state(ctx);
	seen->thread_state = cor_thread_state(ctx);
	seen->request_id = cor_strdup(ctx, cor_request_id(ctx));
	seen->peer = cor_request_peer(ctx);
}

/* GET /offload/{ms} */

struct nap {
	uint32_t ms;
	struct seen seen;
};

static int take_nap(struct cor_ctx *ctx, struct nap *nap)
{
	cor_log_debug(ctx, "a nap of %u ms", (unsigned)nap->ms);
	block(nap->ms);
	look(ctx, &nap->seen);
	nap->seen.where = "offload";
	cor_log_info(ctx, "woke up");
	if (nap->ms == 13)
		return cor_problem(ctx, 409, -EIO, "unlucky");
	return nap->seen.request_id ? 0 : -ENOMEM;
}

static int offload(struct cor_ctx *ctx, const struct duration *in, struct seen *out)
{
	struct nap nap = { .ms = in->ms };
	int rc = cor_offload(ctx, &blocking, take_nap, &nap);

	*out = nap.seen;
	return rc;
}
COR_OPERATION(offload_operation, offload, duration_schema, seen_schema, .summary = "Offload a nap");
static const struct cor_resource offload_resource = { .path = "/offload/{ms}",
	.get = &offload_operation };

/* GET /apart/{ms}: the handler itself */

static int apart(struct cor_ctx *ctx, const struct duration *in, struct seen *out)
{
	cor_log_debug(ctx, "a nap of %u ms", (unsigned)in->ms);
	block(in->ms);
	look(ctx, out);
	out->where = "executor";
	if (cor_reply_header(ctx, "X-By-Hand", "yes") < 0)
		return -ENOMEM;
	cor_log_info(ctx, "woke up");
	if (in->ms == 13)
		return cor_problem(ctx, 409, 0, "unlucky");
	return 0;
}
COR_OPERATION(apart_operation, apart, duration_schema, seen_schema, .executor = &blocking,
	.summary = "Nap on an executor", .problems = { 409 });
static const struct cor_resource apart_resource = { .path = "/apart/{ms}",
	.get = &apart_operation };

/* GET /narrow/{ms} */

static int nap_narrowly(struct cor_ctx *ctx, const struct duration *in, struct cor_none *out)
{
	(void)ctx, (void)out;
	block(in->ms);
	return 0;
}
COR_OPERATION(narrow_operation, nap_narrowly, duration_schema, COR_NONE, .executor = &narrow,
	.timeout_ms = 20000, .summary = "Nap where there is little room");
static const struct cor_resource narrow_resource = { .path = "/narrow/{ms}",
	.get = &narrow_operation };

/* GET /lame/{ms}: on an executor that cannot start */

static int fail_to_connect(struct cor_ctx *ctx, void **ret_state)
{
	(void)ret_state;
	return cor_problem(ctx, 503, -ECONNREFUSED, "no database at db:5432");
}

static const struct cor_executor lame = { .name = "lame", .start = fail_to_connect };
COR_OPERATION(lame_operation, nap_narrowly, duration_schema, COR_NONE, .executor = &lame,
	.summary = "Nap where nobody can");
static const struct cor_resource lame_resource = { .path = "/lame/{ms}", .get = &lame_operation };

/* GET /behind/{ms}: nobody waits for it */

static int nap_behind(struct cor_ctx *ctx, const struct duration *in, struct cor_none *out)
{
	struct nap nap = { .ms = in->ms };

	(void)out;
	return cor_pool_submit(cor_pool_of(ctx, &blocking), take_nap, &nap, NULL);
}
COR_OPERATION(behind_operation, nap_behind, duration_schema, COR_NONE,
	.summary = "Nap when the answer is out");
static const struct cor_resource behind_resource = { .path = "/behind/{ms}",
	.get = &behind_operation };

/* GET /fallback/{ms}: without the job, if that takes too long */

static int fall_back(struct cor_ctx *ctx, const struct duration *in, struct seen *out)
{
	struct nap nap = { .ms = in->ms };
	struct cor_scope scope;

	cor_scope_enter(&scope, 10);
	int rc = cor_offload(ctx, &blocking, take_nap, &nap);
	cor_scope_leave(&scope);
	out->where = rc == -ETIMEDOUT ? "fallback" : "offload";
	return 0;
}
COR_OPERATION(fallback_operation, fall_back, duration_schema, seen_schema,
	.summary = "Nap, but not for long");
static const struct cor_resource fallback_resource = { .path = "/fallback/{ms}",
	.get = &fallback_operation };

/* --- the service --- */

static int warm_up(struct cor_ctx *ctx, void **state)
{
	struct nap nap = { 0 };

	*state = cor_strdup(ctx, "made at start");
	return *state ? cor_offload(ctx, &blocking, take_nap, &nap) : -ENOMEM;
}

static void cool_down(struct cor_ctx *ctx, void *state)
{
	struct nap nap = { 0 };

	cor_log_info(ctx, "stop hook: %s", (const char *)state);
	cor_log_info(
		ctx, "too late: %s", cor_strerror(cor_offload(ctx, &blocking, take_nap, &nap)));
}

static const struct cor_service jobs = {
	.name = "jobs",
	.version = "1.0.0",
	.resources = COR_RESOURCES(&offload_resource, &apart_resource, &narrow_resource,
		&lame_resource, &behind_resource, &fallback_resource),
	.executors = COR_EXECUTORS(&blocking, &narrow, &lame),
	.start = warm_up,
	.stop = cool_down,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &jobs);
}
