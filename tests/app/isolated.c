/* SPDX-License-Identifier: MIT */
/* A service whose handlers run in processes, well and badly. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/coracle.h>

static const struct cor_executor apart = {
	.name = "apart",
	.kind = COR_PROCESSES,
	.size = 2,
	.call_bytes = 8192,
	.job_timeout_ms = 2000,
};
/* It may take as long as it likes. */
static const struct cor_executor patient = { .name = "patient", .kind = COR_PROCESSES, .size = 1 };

/* POST /orders/{number}?tag=a&tag=b: what goes in comes out, and what a request has besides. */

struct line {
	const char *sku;
	cor_opt(int32_t) count;
};
static const struct cor_field line_fields[] = {
	COR_FIELD(struct line, sku),
	COR_OPT_FIELD(struct line, count),
};
COR_LOCAL_SCHEMA(line_schema, struct line, line_fields);

struct order {
	int64_t number;
	cor_array(const char *) tags;
	struct cor_str note;
	cor_array(struct line) lines;
	struct line *gift;
	struct cor_json extra;
};
static const struct cor_field order_fields[] = {
	COR_FIELD(struct order, number, .from = COR_FROM_PATH),
	COR_ARRAY(
		struct order, tags, .key = "tag", .from = COR_FROM_QUERY, .presence = COR_OPTIONAL),
	COR_FIELD(struct order, note),
	COR_OBJECT_ARRAY(struct order, lines, line_schema),
	COR_OBJECT(struct order, gift, line_schema, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_FIELD(struct order, extra, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(order_schema, struct order, order_fields);

struct taken {
	struct order order;
	int32_t pid;
	const char *method, *path, *query, *host, *header, *peer, *request_id, *unit;
	bool has_time;
};
static const struct cor_field taken_fields[] = {
	COR_EMBED(struct taken, order, order_schema),
	COR_FIELD(struct taken, pid),
	COR_FIELD(struct taken, method),
	COR_FIELD(struct taken, path),
	COR_FIELD(struct taken, query),
	COR_FIELD(struct taken, host),
	COR_FIELD(struct taken, header),
	COR_FIELD(struct taken, peer),
	COR_FIELD(struct taken, request_id),
	COR_FIELD(struct taken, unit),
	COR_FIELD(struct taken, has_time),
};
COR_LOCAL_SCHEMA(taken_schema, struct taken, taken_fields);

struct settings {
	const char *unit;
};
static const struct cor_field settings_fields[] = {
	COR_FIELD(struct settings, unit, .fallback = "\"EUR\"", .doc = "The currency"),
};
COR_LOCAL_SCHEMA(settings_schema, struct settings, settings_fields);

static const char *text_of(struct cor_ctx *ctx, struct cor_str text)
{
	return cor_printf(ctx, "%.*s", (int)text.len, text.data);
}

static int take_order(struct cor_ctx *ctx, const struct order *in, struct taken *out)
{
	const struct settings *settings = cor_settings(ctx, settings_schema);

	out->order = *in;
	out->pid = getpid();
	out->method = text_of(ctx, cor_request_method(ctx));
	out->path = text_of(ctx, cor_request_path(ctx));
	out->query = text_of(ctx, cor_request_query(ctx));
	out->host = text_of(ctx, cor_request_host(ctx));
	out->header = text_of(ctx, cor_request_header(ctx, "X-Several"));
	out->peer = cor_request_peer(ctx);
	out->request_id = cor_request_id(ctx);
	out->unit = settings->unit;
	out->has_time = cor_remaining_ms(ctx) > 0;
	cor_log_info(ctx, "order %d taken", (int)in->number);
	if (cor_reply_header(ctx, "X-Taken", "yes") < 0 ||
		cor_reply_header(ctx, "X-Layer", "handler") < 0 ||
		cor_reply_header(ctx, "ETag", "\"handler\"") < 0)
		return -ENOMEM;
	return 0;
}
COR_OPERATION(take_order_operation, take_order, order_schema, taken_schema, .executor = &apart,
	.summary = "Take an order", .status = 201);
static const struct cor_resource order_resource = { .path = "/orders/{number}",
	.post = &take_order_operation };

/* GET /deeds/{how} */

struct deed {
	const char *how;
	uint32_t bytes;
};
static const struct cor_field deed_fields[] = {
	COR_FIELD(struct deed, how, .from = COR_FROM_PATH),
	COR_FIELD(struct deed, bytes, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(deed_schema, struct deed, deed_fields);

struct done {
	int32_t pid;
	cor_array(const char *) texts;
};
static const struct cor_field done_fields[] = {
	COR_FIELD(struct done, pid),
	COR_ARRAY(struct done, texts, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(done_schema, struct done, done_fields);

static void spin(void)
{
	for (volatile bool ever = true; ever;)
		;
}

static int refuse_much(struct cor_ctx *ctx)
{
	for (int i = 0; i < 3; i++) {
		int rc = cor_invalid(ctx, "path", "how", "reason %d", i);
		if (i == 2)
			return rc;
	}
	return 0;
}

static int answer_much(struct cor_ctx *ctx, uint32_t bytes, struct done *out)
{
	char *text = cor_alloc(ctx, bytes + 1);

	out->texts.items = cor_alloc(ctx, sizeof *out->texts.items);
	if (!text || !out->texts.items)
		return -ENOMEM;
	memset(text, 'x', bytes);
	out->texts.items[0] = text;
	out->texts.len = 1;
	return 0;
}

/* All that lies before the input, until there is nothing to be overwritten. */
static void scribble(const struct deed *in)
{
	for (volatile char *at = (char *)(uintptr_t)in;; at--)
		*at = (char)0xa5;
}

/* As a program does that could not be executed, and forgot _exit(). The child is first. */
static int fork_and_both_come_back(struct cor_ctx *ctx, struct done *out)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		out->pid = 1;
		return cor_problem(ctx, 409, 0, "the child answers");
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 70 ? 0 : -EINVAL;
}

struct clash {
	int32_t pid;
	const char *until;
};
static const struct cor_field clash_fields[] = {
	COR_FIELD(struct clash, pid, .range = COR_MIN(1)),
	COR_FIELD(struct clash, until, .key = "X-Until", .to = COR_TO_HEADER),
};
COR_LOCAL_SCHEMA(clash_schema, struct clash, clash_fields);

static int clash(struct cor_ctx *ctx, int32_t pid)
{
	return cor_respond(ctx, 423, clash_schema, (&(struct clash){ pid, "noon" }));
}

static int do_deed(struct cor_ctx *ctx, const struct deed *in, struct done *out)
{
	out->pid = getpid();
	if (strcmp(in->how, "crash") == 0)
		raise(SIGSEGV);
	if (strcmp(in->how, "exit") == 0)
		_exit(0);
	if (strcmp(in->how, "hang") == 0)
		spin();
	if (strcmp(in->how, "fork") == 0)
		return fork_and_both_come_back(ctx, out);
	if (strcmp(in->how, "scribble") == 0)
		scribble(in);
	if (strcmp(in->how, "refuse") == 0)
		return refuse_much(ctx);
	if (strcmp(in->how, "miss") == 0)
		return cor_reply_header(ctx, "X-Reason", "none there") < 0
			       ? -ENOMEM
			       : cor_problem(ctx, 404, -ENOENT, "no such deed");
	if (strcmp(in->how, "clash") == 0)
		return clash(ctx, out->pid);
	if (strcmp(in->how, "wrong clash") == 0)
		return clash(ctx, 0);
	if (strcmp(in->how, "made") == 0)
		return cor_reply_status_set(ctx, 201);
	if (strcmp(in->how, "later") == 0)
		return cor_respond(ctx, 202, COR_NONE, &(struct cor_none){ 0 });
	if (strcmp(in->how, "undeclared") == 0)
		return cor_respond(ctx, 410, clash_schema, (&(struct clash){ 1, "noon" }));
	if (strcmp(in->how, "count") == 0)
		return 7;
	if (strcmp(in->how, "much") == 0)
		return answer_much(ctx, in->bytes, out);
	return 0;
}
COR_OPERATION(deed_operation, do_deed, deed_schema, done_schema, .executor = &apart,
	.summary = "Do it", .problems = { 502, 504 }, .also = { 201 },
	.responses = COR_RESPONSES({ .status = 202, .doc = "Later" },
		{ .status = 423, .doc = "Somebody does it", .schema = COR_ANSWERS(clash_schema) }));
static const struct cor_resource deed_resource = { .path = "/deeds/{how}", .get = &deed_operation };

COR_OPERATION(patient_operation, do_deed, deed_schema, done_schema, .executor = &patient,
	.timeout_ms = 200, .summary = "Do it within the request's own time");
static const struct cor_resource patient_resource = { .path = "/patient/{how}",
	.get = &patient_operation };

/* PUT /text: bodies that are no JSON */

static int turn_text(struct cor_ctx *ctx, const struct cor_str *in, struct cor_str *out)
{
	char *text = cor_alloc(ctx, in->len + 1);

	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < in->len; i++)
		text[i] = in->data[in->len - 1 - i];
	*out = (struct cor_str){ text, in->len };
	return 0;
}
COR_OPERATION(turn_operation, turn_text, COR_TEXT, COR_TEXT, .executor = &apart,
	.summary = "Turn it round");
static const struct cor_resource text_resource = { .path = "/text", .put = &turn_operation };

/* DELETE /text: neither input nor output */

static int forget(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	return cor_reply_header(ctx, "X-Forgotten", "yes");
}
COR_OPERATION(
	forget_operation, forget, COR_NONE, COR_NONE, .executor = &apart, .summary = "Forget it");
static const struct cor_resource none_resource = { .path = "/none", .delete = &forget_operation };

/* Headers of a middleware meet those of the handler. */
static int mark(struct cor_ctx *ctx, struct cor_next *next)
{
	if (cor_reply_header(ctx, "X-Layer", "middleware") < 0 ||
		cor_reply_header(ctx, "ETag", "\"middleware\"") < 0)
		return -ENOMEM;
	return cor_next(next);
}
static const struct cor_middleware marks = { .name = "marks", .around = mark };

static const struct cor_service isolated = {
	.name = "isolated",
	.version = "1.0.0",
	.settings = COR_SETTINGS(settings_schema),
	.middleware = COR_MIDDLEWARE(&marks),
	.resources = COR_RESOURCES(
		&order_resource, &deed_resource, &patient_resource, &text_resource, &none_resource),
	.executors = COR_EXECUTORS(&apart, &patient),
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &isolated);
}
