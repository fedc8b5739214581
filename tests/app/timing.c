/* SPDX-License-Identifier: MIT */
/* A service whose functions are timed: what waits, what computes, what fails, and a job. */
#include <coracle/coracle.h>

static const struct cor_executor threads = { .name = "threads", .size = 2 };

struct slept {
	uint32_t ms;
};
static const struct cor_field slept_fields[] = {
	COR_FIELD(struct slept, ms, .from = COR_FROM_PATH, .range = COR_MAX(2000)),
};
COR_LOCAL_SCHEMA(slept_schema, struct slept, slept_fields);

static int wait_outside(struct cor_ctx *ctx, uint32_t ms)
{
	cor_timed(ctx);

	return cor_sleep_ms(ms);
}

static int64_t sum_up(int64_t to)
{
	int64_t sum = 0;

	for (int64_t i = 0; i <= to; i++)
		sum += i;
	return sum;
}

static int sleep_for(struct cor_ctx *ctx, const struct slept *in, struct slept *out)
{
	cor_timed_as(ctx, "a part, of all");

	out->ms = in->ms;
	if (in->ms == 14 && cor_reply_header(ctx, "X-Response-Time", "mine") < 0)
		return -ENOMEM;
	for (int i = 0; i < 2; i++)
		if (cor_timed_call(ctx, sum_up, 10) != 55)
			return -EPROTO;
	return in->ms == 13 ? cor_problem(ctx, 409, 0, "never 13") : wait_outside(ctx, in->ms);
}
static const struct cor_field out_fields[] = { COR_FIELD(struct slept, ms) };
COR_LOCAL_SCHEMA(out_schema, struct slept, out_fields, .name = "out");
COR_OPERATION(sleep_operation, sleep_for, slept_schema, out_schema, .problems = { 409 });

static int in_job(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	cor_timed(ctx);

	(void)in, (void)out;
	return 0;
}
COR_OPERATION(job_operation, in_job, COR_NONE, COR_NONE, .executor = &threads);

static int stream(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	cor_timed(ctx);

	(void)in, (void)body;
	int rc = wait_outside(ctx, 1);
	if (rc == 0)
		rc = cor_reply_start(reply, 0, NULL);
	return rc < 0 ? rc : cor_reply_write(reply, "streamed", 8);
}
COR_STREAM_OPERATION(stream_operation, stream, COR_NONE, .content_type = "text/plain");

static const struct cor_resource sleeping = { .path = "/sleep/{ms}", .get = &sleep_operation };
static const struct cor_resource job = { .path = "/job", .post = &job_operation };
static const struct cor_resource streaming = { .path = "/stream", .get = &stream_operation };

static int start(struct cor_ctx *ctx, void **ret_state)
{
	cor_timed(ctx);

	*ret_state = NULL;
	return 0;
}

static const struct cor_service timing = {
	.name = "timing",
	.resources = COR_RESOURCES(&sleeping, &job, &streaming),
	.executors = COR_EXECUTORS(&threads),
	.start = start,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &timing);
}
