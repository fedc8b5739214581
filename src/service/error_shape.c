/* SPDX-License-Identifier: MIT */
#include "service/error_shape.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/log.h>
#include <coracle/service.h>

#include "base/compiler.h"
#include "base/utf8.h"
#include "http/status.h"
#include "service/answer_check.h"

const struct cor_error_shape cor_marshmallow_errors = { .writer = &cor_marshmallow_writer };
const struct cor_error_shape cor_restx_errors = {
	.invalid_status = 400,
	.writer = &cor_restx_writer,
};

uint16_t cor_error_invalid_status(const struct cor_service *service)
{
	return service && service->errors && service->errors->invalid_status
		       ? service->errors->invalid_status
		       : 422;
}

struct cor_str cor_error_media_type(const struct cor_service *service)
{
	if (!service || !service->errors)
		return COR_PROBLEM_MEDIA_TYPE;
	if (service->errors->content_type)
		return cor_str(service->errors->content_type);
	return COR_STR("application/json");
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/*
 * What a client sent may stand in a text that it is told, a header's raw bytes among it. As in
 * problems, what is not UTF-8 becomes U+FFFD: what is filled with it has JSON. NULL: no memory.
 */
static const char *repair(struct cor_arena *arena, const char *text)
{
	size_t left = text ? strlen(text) : 0, len = 0;

	if (left == 0 || cor_utf8_valid((struct cor_str){ text, left }))
		return or_empty(text);
	char *out = cor_arena_alloc(arena, 3 * left + 1);
	for (const char *end = text + left; out && text < end;) {
		bool is_ascii = (unsigned char)*text < 0x80;
		unsigned bytes = is_ascii ? 1 : cor_utf8_sequence(text, end);
		memcpy(out + len, bytes ? text : "\xef\xbf\xbd", bytes ? bytes : 3);
		len += bytes ? bytes : 3;
		text += bytes ? bytes : 1;
	}
	if (out)
		out[len] = '\0';
	return out;
}

/* A list of its own: to add to it changes nothing. */
static const struct cor_violations *repair_list(
	struct cor_arena *arena, const struct cor_violations *found)
{
	struct cor_violations *list = cor_arena_zalloc(arena, sizeof *list);
	struct cor_violation **end = list ? &list->first : NULL;

	for (const struct cor_violation *v = found->first; v && end; v = v->next) {
		struct cor_violation *copy = cor_arena_alloc(arena, sizeof *copy);
		if (!copy)
			return NULL;
		*copy = *v;
		copy->where = repair(arena, v->where);
		copy->detail = repair(arena, v->detail);
		copy->next = NULL;
		if (!copy->where || !copy->detail)
			return NULL;
		list->last = *end = copy;
		end = &copy->next;
	}
	if (list)
		list->count = found->count;
	return list;
}

static int fill_and_encode(struct cor_exchange *x, const struct cor_error_shape *shape,
	const struct cor_error_answer *error, struct cor_buffer *buffer,
	struct cor_encode_fault *fault)
{
	const struct cor_environment *before = x->ctx.environment;
	void *value = cor_arena_zalloc(&x->ctx.arena, shape->schema->size);
	const struct cor_buffer aside = cor_buffer_set_aside(buffer);

	if (before->all) /* the service that declares it may be one around */
		x->ctx.environment = &before->all[before->errors_unit];
	int rc = value ? shape->fill(&x->ctx, error, value) : -ENOMEM;
	x->ctx.environment = before;
	cor_buffer_put_back(buffer, &aside);
	return rc != 0 ? rc : cor_answer_encode(&x->ctx, shape->schema, value, buffer, fault);
}

/*
 * What the function records itself, or one of a computed member, is for the log: the answer is that
 * of the problem that came before, whose list it may not add to.
 */
static int write_filled(struct cor_exchange *x, const struct cor_error_shape *shape,
	const struct cor_problem_text *problem, struct cor_buffer *buffer)
{
	struct cor_arena *arena = &x->ctx.arena;
	const struct cor_error_answer error = {
		.status = problem->status,
		.title = cor_status_reason(problem->status),
		.detail = repair(arena, problem->detail),
		.request_id = or_empty(problem->request_id),
		.violations = problem->violations ? repair_list(arena, problem->violations) : NULL,
	};
	const struct cor_problem before = x->ctx.problem;
	const int code = x->ctx.problem_code;
	const bool has_defect = x->ctx.has_defect;
	struct cor_encode_fault fault = { { 0 } };

	x->ctx.problem.violations = NULL;
	x->ctx.has_defect = false;
	bool is_short = !error.detail || (problem->violations && !error.violations);
	int rc = is_short ? -ENOMEM : fill_and_encode(x, shape, &error, buffer, &fault);
	const char *why = rc == -COR_EPROBLEM ? x->ctx.problem.detail : fault.text;
	if (rc != 0)
		cor_log_error(&x->ctx, ".errors of the service: %s: %s", cor_errname(rc),
			why && why[0] ? why : "the client gets a problem instead");
	x->ctx.problem = before;
	x->ctx.problem_code = code;
	x->ctx.has_defect = has_defect;
	return rc;
}

COR_COLD struct cor_str cor_error_write(
	struct cor_exchange *x, const struct cor_problem_text *problem, struct cor_buffer *buffer)
{
	const struct cor_service *service = cor_ctx_mounted(&x->ctx);
	const struct cor_error_shape *shape = service ? service->errors : NULL;
	size_t before = buffer->len;
	int rc = 0;

	if (shape && shape->writer)
		rc = shape->writer->write(buffer, &x->ctx.arena, problem);
	else if (shape)
		rc = write_filled(x, shape, problem, buffer);
	if (shape && rc == 0)
		return cor_error_media_type(service);
	buffer->len = before;
	cor_problem_write_json(buffer, problem);
	return COR_PROBLEM_MEDIA_TYPE;
}
