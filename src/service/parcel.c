/* SPDX-License-Identifier: MIT */
#include "service/parcel.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "cookies/session.h"
#include "origin/proxy_header.h"
#include "runtime/forked.h"
#include "runtime/scheduler.h"
#include "schema/copy.h"
#include "security/admission.h"
#include "service/plan.h"

static const struct cor_field header_fields[] = {
	COR_FIELD(struct cor_parcel_header, name),
	COR_FIELD(struct cor_parcel_header, value),
};
COR_LOCAL_SCHEMA(header_schema, struct cor_parcel_header, header_fields);

/* What the process leaves in the room. */
struct answer {
	const void *out; /* NULL: the handler has failed */
	cor_array(struct cor_parcel_header) headers;
	uint32_t reply_status; /* of cor_respond(), cor_problem_with(), cor_reply_status_set() */
	bool adds_members;
	struct cor_str reply;
};
static const struct cor_field answer_fields[] = {
	COR_OBJECT_ARRAY(struct answer, headers, header_schema),
	COR_FIELD(struct answer, reply_status),
	COR_FIELD(struct answer, adds_members),
	COR_FIELD(struct answer, reply),
};
COR_LOCAL_SCHEMA(answer_schema, struct answer, answer_fields);

/* What stands first in the room. */
struct parcel {
	const struct cor_operation *operation;  /* as written: what views make of it is not there */
	const struct cor_response *of_resource; /* its .problems */
	enum cor_from default_from;
	void *in;
	struct cor_head head;
	bool of_trusted; /* as in struct cor_exchange */
	const char *bytes;
	const struct cor_head_field *fields;
	struct cor_route_parameters parameters;
	const char *peer;
	struct cor_caller caller;
	const struct cor_ctx_value *values;
	const struct cor_security_scheme *scheme; /* that has let the client in */
	const char *granted;
	struct answer answer;
};

/* --- there --- */

static size_t end_of(struct cor_span span, size_t end)
{
	size_t own = (size_t)span.at + span.len;

	return own > end ? own : end;
}

/* Up to the last one that a span of it needs. */
static size_t head_bytes(const struct cor_exchange *x)
{
	const struct cor_head *head = &x->head;
	size_t end = end_of(head->method_text, 0);

	end = end_of(head->path, end);
	end = end_of(head->query, end);
	end = end_of(head->authority, end);
	end = end_of(head->host, end);
	for (size_t i = 0; i < head->fields_len; i++)
		end = end_of(x->fields[i].value, end_of(x->fields[i].name, end));
	return end;
}

static int pack_input(
	const struct cor_parcel_call *call, struct cor_arena *room, struct parcel *parcel)
{
	const struct cor_schema *in = call->operation->in;

	parcel->in = cor_arena_alloc(room, in->size);
	return parcel->in ? cor_copy_struct(room, in, call->in, parcel->in) : -ENOMEM;
}

static bool pack_text(struct cor_arena *room, struct cor_str text, struct cor_str *ret)
{
	*ret = (struct cor_str){ cor_arena_copy(room, text.data ? text.data : "", text.len),
		text.len };
	return ret->data != NULL;
}

/* What may not be there. */
static bool pack_certificate(
	const struct cor_caller *caller, struct cor_arena *room, struct cor_caller *ret)
{
	if (!caller->subject || !caller->fingerprint)
		return true;
	ret->subject = cor_arena_strdup(room, caller->subject);
	ret->fingerprint = cor_arena_strdup(room, caller->fingerprint);
	return ret->subject && ret->fingerprint;
}

static bool pack_proxy(
	const struct cor_proxy_told *told, struct cor_arena *room, struct cor_caller *ret)
{
	if (!told)
		return true;
	struct cor_proxy_told *copy = cor_arena_alloc(room, cor_proxy_told_bytes(&told->header));
	if (copy)
		cor_proxy_told_init(copy, told->bytes, &told->header);
	ret->proxy = copy;
	return copy != NULL;
}

static bool pack_caller(
	const struct cor_caller *caller, struct cor_arena *room, struct cor_caller *ret)
{
	ret->client = cor_arena_strdup(room, caller->client ? caller->client : "");
	ret->scheme = cor_arena_strdup(room, caller->scheme ? caller->scheme : "http");
	return ret->client && ret->scheme && pack_text(room, caller->host, &ret->host) &&
	       pack_text(room, caller->prefix, &ret->prefix) &&
	       pack_certificate(caller, room, ret) && pack_proxy(caller->proxy, room, ret);
}

static int pack_head(
	const struct cor_parcel_call *call, struct cor_arena *room, struct parcel *parcel)
{
	const struct cor_exchange *x = call->x;
	size_t bytes = x->head.fields_len * sizeof x->fields[0];
	struct cor_head_field *fields = cor_arena_alloc(room, bytes);

	parcel->head = x->head;
	parcel->of_trusted = call->of_trusted;
	parcel->parameters = x->parameters;
	parcel->bytes = cor_arena_copy(room, x->bytes, head_bytes(x));
	parcel->fields = fields;
	parcel->peer = cor_arena_strdup(room, call->peer ? call->peer : "");
	if (!parcel->bytes || !fields || !parcel->peer ||
		!pack_caller(&call->caller, room, &parcel->caller))
		return -ENOMEM;
	if (bytes != 0)
		memcpy(fields, x->fields, bytes);
	return 0;
}

/* A session's key is no schema: what it keeps is. */
static int pack_value(const struct cor_ctx *ctx, const struct cor_ctx_value *at,
	struct cor_arena *room, void **ret)
{
	int rc = cor_session_copy(ctx, at->schema, at->value, room, ret);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	*ret = cor_arena_alloc(room, at->schema->size);
	return *ret ? cor_copy_struct(room, at->schema, at->value, *ret) : -ENOMEM;
}

/* What middleware and the gate have handed on, in its order: the newest counts. */
static int pack_values(
	const struct cor_parcel_call *call, struct cor_arena *room, struct parcel *parcel)
{
	const struct cor_ctx_value **end = &parcel->values;

	for (const struct cor_ctx_value *at = call->values; at; at = at->next) {
		if (at->schema == &cor_admission_key)
			continue;
		struct cor_ctx_value *copy = cor_arena_zalloc(room, sizeof *copy);
		void *value;
		int rc = copy ? pack_value(&call->x->ctx, at, room, &value) : -ENOMEM;
		if (rc < 0)
			return rc;
		copy->schema = at->schema;
		copy->value = value;
		*end = copy;
		end = &copy->next;
	}
	return 0;
}

static int pack_admission(
	const struct cor_admission *admission, struct cor_arena *room, struct parcel *parcel)
{
	if (!admission)
		return 0;
	parcel->scheme = admission->scheme;
	parcel->granted = cor_arena_strdup(room, admission->granted ? admission->granted : "");
	return parcel->granted ? 0 : -ENOMEM;
}

static int pack(const void *arg, struct cor_arena *room)
{
	const struct cor_parcel_call *call = arg;
	struct parcel *parcel = cor_arena_zalloc(room, sizeof *parcel);

	if (!parcel)
		return -ENOMEM;
	parcel->operation = cor_operation_written(call->operation);
	const struct cor_action *action = cor_action_of(call->x);
	parcel->default_from = action->default_from;
	parcel->of_resource = action->inherited[0];
	int rc = pack_head(call, room, parcel);
	if (rc == 0)
		rc = pack_values(call, room, parcel);
	if (rc == 0)
		rc = pack_admission(call->admission, room, parcel);
	return rc < 0 ? rc : pack_input(call, room, parcel);
}

/* --- in the process --- */

struct inside {
	struct cor_exchange x;
	struct cor_action action; /* as far as hooks and handlers ask for it */
	const char *peer;
	struct cor_caller caller;
	struct cor_admission admission;
};

static const char *peer_of(struct cor_exchange *x)
{
	return cor_container_of(x, struct inside, x)->peer;
}

static int caller_of(struct cor_exchange *x, struct cor_caller *ret)
{
	*ret = cor_container_of(x, struct inside, x)->caller;
	return 0;
}

static const struct cor_exchange_ops ops = { .peer = peer_of, .caller = caller_of };

static int leave_headers(
	const struct cor_exchange *x, struct cor_arena *room, struct answer *answer)
{
	size_t len = 0;

	for (const struct cor_reply_field *field = x->fields_out; field; field = field->next)
		len++;
	struct cor_parcel_header *headers = cor_arena_alloc(room, len * sizeof *headers);
	if (!headers)
		return -ENOMEM;
	answer->headers.items = headers;
	for (const struct cor_reply_field *field = x->fields_out; field; field = field->next) {
		headers->name = cor_arena_copy(room, field->name.data, field->name.len);
		headers->value = cor_arena_copy(room, field->value.data, field->value.len);
		if (!headers->name || !headers->value)
			return -ENOMEM;
		headers++;
	}
	answer->headers.len = len;
	return 0;
}

static int leave_output(struct cor_arena *room, struct parcel *parcel, const void *out)
{
	const struct cor_schema *schema = parcel->operation->out;
	void *copy = cor_arena_alloc(room, schema->size);
	int rc = copy ? cor_copy_struct(room, schema, out, copy) : -ENOMEM;

	parcel->answer.out = copy;
	return rc;
}

/* What cor_respond() has written, if the handler has come to that. */
static int leave_reply(const struct cor_ctx *ctx, struct cor_arena *room, struct answer *answer)
{
	if (ctx->problem.status == 0 || !ctx->reply)
		return 0;
	answer->reply_status = ctx->problem.status;
	answer->adds_members = ctx->reply->is_members;
	return pack_text(room, ctx->reply->text, &answer->reply) ? 0 : -ENOMEM;
}

static int leave_answer(struct cor_exchange *x, struct cor_arena *room, struct parcel *parcel,
	const void *out, int result)
{
	int rc = leave_headers(x, room, &parcel->answer);

	if (result == 0)
		parcel->answer.reply_status = x->status;
	if (rc == 0 && result == -COR_EPROBLEM)
		rc = leave_reply(&x->ctx, room, &parcel->answer);
	return rc == 0 && result == 0 ? leave_output(room, parcel, out) : rc;
}

/* Returns what the handler has returned, or the failure of its answer. */
static int leave(struct cor_exchange *x, struct cor_arena *room, struct parcel *parcel,
	const void *out, int result)
{
	int rc = leave_answer(x, room, parcel, out, result);

	if (rc == 0)
		return result;
	parcel->answer = (struct answer){ 0 };
	if (rc == -ENOMEM)
		return cor_ctx_fail(&x->ctx, 500, -COR_ETOOLARGE,
			"the answer needs more than what the request has left of the .call_bytes "
			"of its executor: raise them");
	return cor_ctx_fail(&x->ctx, 500, rc,
		"the output has a text or an array without memory, or is nested too deep");
}

static void open_parcel(struct inside *inside, const struct parcel *parcel)
{
	struct cor_exchange *x = &inside->x;

	inside->peer = parcel->peer;
	inside->caller = parcel->caller;
	inside->action.operation = parcel->operation;
	inside->action.default_from = parcel->default_from;
	inside->action.inherited[0] = parcel->of_resource;
	/* the parent may have made them of several lists, which are not there */
	const struct cor_service *service = cor_ctx_mounted(&x->ctx);
	inside->action.inherited[1] = service ? service->problems : NULL;
	x->route = &inside->action.route;
	x->ops = &ops;
	x->head = parcel->head;
	x->of_trusted = parcel->of_trusted;
	x->bytes = parcel->bytes;
	x->fields = parcel->fields;
	x->parameters = parcel->parameters;
	x->ctx.values = parcel->values;
	inside->admission = (struct cor_admission){
		.scheme = parcel->scheme,
		.granted = parcel->granted,
		.state = COR_ADMISSION_OVER,
	};
}

/* The ctx of the job moves into the exchange of the handler, and back. */
static int run(struct cor_ctx *ctx, void *packed, struct cor_arena *room)
{
	struct parcel *parcel = packed;
	struct inside inside = { .x.ctx = *ctx };
	struct cor_ctx *own = &inside.x.ctx;

	open_parcel(&inside, parcel);
	own->request = &inside.x;
	cor_this_thread.duty.operation = parcel->operation->handler;
	void *out = cor_alloc(own, parcel->operation->out->size);
	int rc = out ? cor_admission_keep(own, &inside.admission) : -ENOMEM;
	if (rc == 0)
		rc = parcel->operation->call(own, parcel->in, out);
	cor_forked_check();
	rc = leave(&inside.x, room, parcel, out, rc);
	*ctx = *own;
	ctx->request = NULL;
	ctx->values = NULL;
	return rc;
}

/* --- and back --- */

/* NULL: the handler has failed. */
static int unpack_output(const struct cor_schema *schema, const struct answer *answer,
	const struct cor_foreign *room, struct cor_arena *arena, void **ret)
{
	if (!answer->out)
		return 0;
	*ret = cor_arena_alloc(arena, schema->size);
	return *ret ? cor_copy_foreign(arena, room, schema, answer->out, *ret) : -ENOMEM;
}

/* Both texts are required: a process has written there if one is missing. */
static bool has_whole_headers(const struct answer *answer)
{
	for (size_t i = 0; i < answer->headers.len; i++)
		if (!answer->headers.items[i].name || !answer->headers.items[i].value)
			return false;
	return true;
}

static int unpack(
	void *arg, const void *packed, const struct cor_foreign *room, struct cor_arena *arena)
{
	const struct parcel *parcel = packed;
	struct cor_parcel_call *call = arg;
	struct answer answer;
	void *out = NULL;
	int rc = cor_copy_foreign(arena, room, &answer_schema.schema, &parcel->answer, &answer);

	if (rc == 0 && !has_whole_headers(&answer))
		rc = -COR_EINVALID;
	/* of the whole: what a view leaves out may be seen by hooks and computed members */
	if (rc == 0)
		rc = unpack_output(
			cor_operation_written(call->operation)->out, &answer, room, arena, &out);
	if (rc < 0)
		return rc;
	call->out = out;
	call->headers = answer.headers.items;
	call->headers_len = answer.headers.len;
	call->reply_status = answer.reply_status;
	call->adds_members = answer.adds_members;
	call->reply = answer.reply;
	return 0;
}

int cor_parcel_job(struct cor_ctx *ctx, struct cor_parcel_call *call)
{
	(void)call;
	return cor_ctx_fail(ctx, 500, -EINVAL, "the handler is for processes only");
}

const struct cor_marshaller cor_parcel_marshaller = {
	.fn = (cor_call *)(void (*)(void))cor_parcel_job,
	.pack = pack,
	.run = run,
	.unpack = unpack,
};
